//! Owns the threads of a writer: documents go to them in batches, segments come back in order.
//!
//! A *draft* is a segment to be. Its batches are analysed by whichever thread is free, all with one
//! vocabulary, and put together in their order; the thread that puts the last one of a closed draft
//! writes the segment, with others to help it, while the threads of the writer rest: so there is one
//! draft in memory, and the words are not copied. So segments hold the same documents in the same order however many threads
//! there are. What goes wrong in a thread is given to whoever asks next.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use crate::analysis::Analyzer;
use crate::buffer::{Document, Part, SegmentFile, Target};
use crate::columns::Value;
use crate::error::{Error, Result};
use crate::inversion::{MAX_DOCUMENTS, Workspace};
use crate::keys::Keys;
use crate::manifest::SegmentEntry;
use crate::pipeline::Finished;
use crate::schema::Schema;
use crate::storage::Storage;
use crate::vocabulary::{SharedVocabulary, Tokeniser, lock as lock_words};

/// Large enough that threads seldom meet, small enough that the last batch is soon done.
const BATCH_BYTES: usize = 256 * 1024;

/// What all threads of a writer work for.
pub struct Context {
    /// Where segments go.
    pub storage: Arc<dyn Storage>,
    /// The fields.
    pub schema: Arc<Schema>,
    /// What finds words.
    pub analyzer: Arc<dyn Analyzer>,
    /// The identity of the index.
    pub index: u128,
    /// How many threads there are.
    pub threads: usize,
    /// How much memory each may take for the chunks it remembers, in bytes.
    pub chunk_bytes: usize,
}

impl Context {
    /// Begins the file of a new segment.
    pub fn begin_file(&self) -> Result<SegmentFile> {
        let Self { storage, schema, index, .. } = self;
        let (storage, id) = (storage.as_ref(), storage.unique());
        SegmentFile::begin(&Target { storage, schema, index: *index, id })
    }
}

/// Documents that follow each other, without their keys.
#[derive(Default)]
struct Batch {
    text: String,
    stored: Vec<u8>,
    /// The field of each text, and where it ends.
    texts: Vec<(usize, usize)>,
    values: Vec<(usize, Value)>,
    /// Where the texts, the values and the stored bytes of each document end.
    documents: Vec<(usize, usize, usize)>,
}

impl Batch {
    fn add(&mut self, document: &Document<'_>) {
        for (field, text) in document.texts {
            self.text.push_str(text);
            self.texts.push((*field, self.text.len()));
        }
        self.values.extend_from_slice(document.values);
        self.stored.extend_from_slice(document.stored);
        self.documents.push((self.texts.len(), self.values.len(), self.stored.len()));
    }

    fn size_bytes(&self) -> usize {
        let rows = self.texts.len() + self.documents.len() + 2 * self.values.len();
        self.text.len() + self.stored.len() + 24 * rows
    }

    fn clear(&mut self) {
        self.text.clear();
        self.stored.clear();
        self.texts.clear();
        self.values.clear();
        self.documents.clear();
    }

    fn analyse(&self, part: &mut Part, tokeniser: &mut Tokeniser) {
        let (mut first_text, mut first_value, mut first_stored, mut at) = (0, 0, 0, 0);
        let mut texts = Vec::new();
        for &(last_text, last_value, last_stored) in &self.documents {
            texts.clear();
            for &(field, end) in &self.texts[first_text..last_text] {
                texts.push((field, &self.text[at..end]));
                at = end;
            }
            let values = &self.values[first_value..last_value];
            let stored = &self.stored[first_stored..last_stored];
            part.add(tokeniser, &Document { key: "", texts: &texts, values, stored });
            (first_text, first_value, first_stored) = (last_text, last_value, last_stored);
        }
    }
}

/// A segment to be.
struct Draft {
    number: u64,
    vocabulary: SharedVocabulary,
    /// How much memory its documents and the words take.
    size_bytes: AtomicUsize,
    is_crowded: AtomicBool,
    progress: Mutex<Progress>,
}

/// What of a draft is done.
struct Progress {
    /// The documents of the first batches, and the file where they are stored.
    part: Part,
    file: Option<SegmentFile>,
    /// How many batches these are.
    put: usize,
    /// Those that were analysed before one that comes before them.
    early: BTreeMap<usize, Part>,
    /// How many batches there are by now.
    batches: usize,
    /// The keys of all documents, once the draft is closed.
    keys: Option<Arc<Keys>>,
}

impl Progress {
    fn new(part: Part) -> Self {
        let (file, put, early, batches, keys) = Default::default();
        Self { part, file, put, early, batches, keys }
    }

    /// Moves to memory that is there already: that of the draft before, once it is written.
    fn move_to(&mut self, mut part: Part) {
        part.append(&mut self.part);
        self.part = part;
    }

    /// Puts what a batch gave where it belongs, and leaves a part without documents in its place.
    fn put(&mut self, context: &Context, batch: usize, part: &mut Part) -> Result<()> {
        if batch != self.put {
            self.early.insert(batch, std::mem::replace(part, Part::new(&context.schema)));
            return Ok(());
        }
        self.append(context, part)?;
        part.clear();
        while let Some(mut next) = self.early.remove(&self.put) {
            self.append(context, &mut next)?;
        }
        Ok(())
    }

    fn append(&mut self, context: &Context, part: &mut Part) -> Result<()> {
        let mut file = self.file.take().map_or_else(|| context.begin_file(), Ok)?;
        file.take_stored(part, true)?;
        self.file = Some(file);
        self.part.append(part);
        self.put += 1;
        Ok(())
    }

    fn size_bytes(&self, threads: usize) -> usize {
        let early = self.early.values().map(|part| part.size_bytes(0)).sum::<usize>();
        self.part.size_bytes(threads)
            + early
            + self.file.as_ref().map_or(0, SegmentFile::size_bytes)
    }

    /// Gives what is to be written, once all is there.
    fn take_whole(&mut self, context: &Context) -> Option<Whole> {
        let keys = self.keys.take_if(|_| self.put == self.batches)?;
        let part = std::mem::replace(&mut self.part, Part::new(&context.schema));
        Some(Whole { part, file: self.file.take()?, keys })
    }
}

/// The documents of a segment that is to be written.
struct Whole {
    part: Part,
    file: SegmentFile,
    keys: Arc<Keys>,
}

enum Job {
    Analyse(Arc<Draft>, usize, Batch),
    Write(Arc<Draft>),
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    running: usize,
    /// Whether a segment is being written, for which there is a thread in the place of each.
    is_writing: bool,
    /// Segments by the numbers of their drafts, and how many words each leaves out.
    written: BTreeMap<u64, (SegmentEntry, u64)>,
    /// Memory of what is done, for the next: fresh pages would have to be cleared.
    spare: Spare,
    failure: Option<Error>,
    is_closed: bool,
}

/// Memory that is used again.
#[derive(Default)]
struct Spare {
    batches: Vec<Batch>,
    part: Option<Part>,
    workspaces: Vec<Workspace>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Waits until something holds or a thread failed; the failure is given once.
    fn wait(&self, holds: impl Fn(&State) -> bool) -> Result<MutexGuard<'_, State>> {
        let mut state = lock(&self.state);
        while state.failure.is_none() && !holds(&state) {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        match state.failure.take() {
            Some(failure) => Err(failure),
            None => Ok(state),
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut lock(&self.state));
        self.changed.notify_all();
    }

    fn next_job(&self) -> Option<Job> {
        let mut state = lock(&self.state);
        loop {
            if state.is_closed {
                return None;
            }
            if !state.is_writing
                && let Some(job) = state.jobs.pop_front()
            {
                state.running += 1;
                self.changed.notify_all();
                return Some(job);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Tells those who wait that a thread died.
struct Alarm<'a>(&'a Shared);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let error = failed("go on in", io::Error::other("it panicked"));
            self.0.change(|state| state.failure = Some(error));
        }
    }
}

fn failed(operation: &'static str, source: io::Error) -> Error {
    Error::Io { operation, file: "a thread of the writer".to_owned(), source }
}

/// The threads of a writer, the draft that is filled and those that are not yet written.
pub struct Workers {
    context: Arc<Context>,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    draft: Arc<Draft>,
    batch: Batch,
    keys: Keys,
    /// Drafts that are closed, and the keys deleted since.
    closed: VecDeque<(u64, Arc<Keys>, HashSet<String>)>,
}

impl Workers {
    /// Starts threads.
    ///
    /// # Errors
    /// `Io` when the system refuses one; none is left running then.
    pub fn start(context: Context) -> Result<Self> {
        let (context, shared) = (Arc::new(context), Arc::new(Shared::default()));
        let draft = new_draft(Part::new(&context.schema), 0, SharedVocabulary::default());
        let mut workers = Self {
            context,
            shared,
            threads: Vec::new(),
            draft,
            batch: Batch::default(),
            keys: Keys::default(),
            closed: VecDeque::new(),
        };
        for _ in 0..workers.context.threads {
            let (context, shared) = (workers.context.clone(), workers.shared.clone());
            let thread = Builder::new().name("searchlib writer".to_owned());
            let started = thread.spawn(move || work(&context, &shared));
            workers.threads.push(started.map_err(|error| failed("start", error))?);
        }
        Ok(workers)
    }

    /// Tells whether the draft takes so much memory, with what writing it will, or has as many
    /// documents or spellings as a segment may.
    pub fn is_full(&self, most_bytes: usize) -> bool {
        self.draft.size_bytes.load(Ordering::Relaxed) + self.keys.size_bytes() > most_bytes
            || self.keys.len() >= MAX_DOCUMENTS as usize
            || self.draft.is_crowded.load(Ordering::Relaxed)
    }

    /// Adds a document that was checked; one of its key in the draft is deleted.
    pub fn add(&mut self, document: &Document<'_>) -> Result<()> {
        self.keys.add(document.key);
        self.batch.add(document);
        if self.batch.size_bytes() >= BATCH_BYTES { self.submit() } else { Ok(()) }
    }

    /// Deletes the document of a key, from whatever is not yet a segment of the writer's; tells
    /// whether there was one.
    pub fn delete(&mut self, key: &str) -> bool {
        let mut found = self.keys.delete(key);
        for (_, keys, deleted) in &mut self.closed {
            found |= keys.has_live(key) && deleted.insert(key.to_owned());
        }
        found
    }

    fn submit(&mut self) -> Result<()> {
        if self.batch.documents.is_empty() {
            return Ok(());
        }
        let most = 2 * self.threads.len();
        let mut state = self.shared.wait(|state| state.jobs.len() < most)?;
        let mut progress = lock(&self.draft.progress);
        let next = state.spare.batches.pop().unwrap_or_default();
        let batch = std::mem::replace(&mut self.batch, next);
        state.jobs.push_back(Job::Analyse(self.draft.clone(), progress.batches, batch));
        progress.batches += 1;
        drop((progress, state));
        self.shared.changed.notify_all();
        Ok(())
    }

    /// Ends the draft, if it has documents, and begins the next. Its words are new if the old ones
    /// take more than so many bytes.
    pub fn close(&mut self, most_vocabulary_bytes: usize) -> Result<()> {
        if self.keys.len() == 0 {
            return Ok(());
        }
        self.submit()?;
        let keys = Arc::new(std::mem::take(&mut self.keys));
        let number = self.draft.number;
        self.closed.push_back((number, keys.clone(), HashSet::new()));
        let mut vocabulary = self.draft.vocabulary.clone();
        let is_outgrown = {
            let words = lock_words(&vocabulary);
            words.cost_bytes() > most_vocabulary_bytes || words.is_crowded()
        };
        if is_outgrown {
            vocabulary = SharedVocabulary::default();
        }
        let next = self.new_draft(number + 1, vocabulary);
        let draft = std::mem::replace(&mut self.draft, next);
        let mut progress = lock(&draft.progress);
        progress.keys = Some(keys);
        let is_whole = progress.put == progress.batches;
        drop(progress);
        if is_whole {
            self.shared.change(|state| state.jobs.push_back(Job::Write(draft)));
        }
        Ok(())
    }

    /// Waits until at most so many closed drafts are not written; gives those that are, in order.
    pub fn take_written(&mut self, most_left: usize) -> Result<Vec<Finished>> {
        let mut finished = Vec::new();
        while let Some(&(number, _, _)) = self.closed.front() {
            let must_wait = self.closed.len() > most_left;
            let is_written = |state: &State| state.written.contains_key(&number);
            let written =
                self.shared.wait(|state| !must_wait || is_written(state))?.written.remove(&number);
            let Some((entry, overlong)) = written else { break };
            if let Some((_, keys, deleted)) = self.closed.pop_front() {
                finished.push(Finished { entry, keys, deleted, overlong });
            }
        }
        Ok(finished)
    }

    /// Forgets all documents, once no thread works on any; their files may remain.
    pub fn forget(&mut self) -> Result<()> {
        self.shared.change(|state| state.jobs.clear());
        let mut state = self.shared.wait(|state| state.running == 0)?;
        // What ran may have left a whole draft to be written.
        state.jobs.clear();
        state.written.clear();
        drop(state);
        self.closed.clear();
        self.batch = Batch::default();
        self.keys = Keys::default();
        let vocabulary = self.draft.vocabulary.clone();
        self.draft = self.new_draft(self.draft.number + 1, vocabulary);
        Ok(())
    }

    fn new_draft(&self, number: u64, vocabulary: SharedVocabulary) -> Arc<Draft> {
        new_draft(Part::new(&self.context.schema), number, vocabulary)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.shared.change(|state| state.is_closed = true);
        for thread in self.threads.drain(..) {
            // One that died has told so.
            let _ = thread.join();
        }
    }
}

fn new_draft(part: Part, number: u64, vocabulary: SharedVocabulary) -> Arc<Draft> {
    let (size_bytes, is_crowded) = Default::default();
    let progress = Mutex::new(Progress::new(part));
    Arc::new(Draft { number, vocabulary, size_bytes, is_crowded, progress })
}

fn work(context: &Context, shared: &Shared) {
    let _alarm = Alarm(shared);
    let mut tokeniser = Tokeniser::new(context.analyzer.clone(), context.chunk_bytes);
    let mut part = Part::new(&context.schema);
    while let Some(job) = shared.next_job() {
        let (Job::Analyse(draft, ..) | Job::Write(draft)) = &job;
        let draft = draft.clone();
        let put = match job {
            Job::Analyse(_, number, mut batch) => {
                tokeniser.use_vocabulary(&draft.vocabulary);
                batch.analyse(&mut part, &mut tokeniser);
                batch.clear();
                shared.change(|state| state.spare.batches.push(batch));
                let spare = lock(&shared.state).spare.part.take();
                let mut progress = lock(&draft.progress);
                if let Some(spare) = spare {
                    progress.move_to(spare);
                }
                let put = progress.put(context, number, &mut part);
                let words = lock_words(&draft.vocabulary);
                let size_bytes = progress.size_bytes(context.threads) + words.cost_bytes();
                draft.size_bytes.store(size_bytes, Ordering::Relaxed);
                draft.is_crowded.store(words.is_crowded(), Ordering::Relaxed);
                put
            }
            Job::Write(_) => Ok(()),
        };
        let result = put.and_then(|()| {
            let whole = lock(&draft.progress).take_whole(context);
            whole.map(|whole| write(context, shared, &draft, whole)).transpose()
        });
        shared.change(|state| {
            state.running -= 1;
            match result {
                Ok(written) => state.written.extend(written.map(|it| (draft.number, it))),
                Err(error) => state.failure = Some(error),
            }
        });
    }
}

fn write(
    context: &Context,
    shared: &Shared,
    draft: &Draft,
    whole: Whole,
) -> Result<(SegmentEntry, u64)> {
    let Whole { mut part, file, keys } = whole;
    let overlong = part.overlong();
    let mut workspaces = Vec::new();
    shared.change(|state| {
        state.is_writing = true;
        workspaces = std::mem::take(&mut state.spare.workspaces);
    });
    workspaces.resize_with(context.threads, Workspace::default);
    let vocabulary = lock_words(&draft.vocabulary);
    let written = file.finish(&context.schema, &mut part, &keys, &vocabulary, &mut workspaces);
    drop(vocabulary);
    part.clear();
    shared.change(|state| {
        state.is_writing = false;
        state.spare.workspaces = workspaces;
        state.spare.part = Some(part);
    });
    let entry = written?;
    Ok((entry, overlong))
}
