//! Owns the way of documents into segments: in the writer's own thread, or in others.

use std::collections::HashSet;
use std::sync::Arc;

use crate::buffer::{Document, Part, SegmentFile};
use crate::error::Result;
use crate::inversion::Workspace;
use crate::keys::Keys;
use crate::manifest::SegmentEntry;
use crate::vocabulary::{SharedVocabulary, Tokeniser, lock};
use crate::workers::{Context, Workers};

/// The words of a writer are forgotten at a flush when they, with what writing them takes, are more
/// than this share of the budget: a vocabulary that leaves no room for documents makes small
/// segments.
const VOCABULARY_SHARE: usize = 2;

/// What the memory of chunks takes of the budget at most, over all threads.
const CHUNK_SHARE: usize = 4;

/// A segment that was written, not yet one of the writer's.
pub struct Finished {
    /// What the manifest is to say.
    pub entry: SegmentEntry,
    /// The keys of its documents.
    pub keys: Arc<Keys>,
    /// Keys deleted since these were taken.
    pub deleted: HashSet<String>,
    /// How many words were left out.
    pub overlong: u64,
}

/// What documents go through.
pub struct Pipeline {
    budget_bytes: usize,
    kind: Kind,
}

enum Kind {
    Inline(Box<Inline>),
    Threads(Box<Workers>),
}

/// The documents of one thread, the caller's.
struct Inline {
    context: Context,
    tokeniser: Tokeniser,
    part: Part,
    /// The file of the part, once it is begun.
    file: Option<SegmentFile>,
    keys: Keys,
    workspace: Workspace,
}

impl Pipeline {
    /// Gives a pipeline; one of a single thread has the caller's.
    pub fn new(mut context: Context, budget_bytes: usize) -> Result<Self> {
        context.chunk_bytes = budget_bytes / CHUNK_SHARE / context.threads;
        let kind = if context.threads > 1 {
            Kind::Threads(Box::new(Workers::start(context)?))
        } else {
            Kind::Inline(Box::new(Inline {
                tokeniser: Tokeniser::new(context.analyzer.clone(), context.chunk_bytes),
                part: Part::new(&context.schema),
                file: None,
                keys: Keys::default(),
                workspace: Workspace::default(),
                context,
            }))
        };
        Ok(Self { budget_bytes, kind })
    }

    /// Adds a document that was checked.
    pub fn add(&mut self, document: &Document<'_>) -> Result<()> {
        match &mut self.kind {
            Kind::Inline(inline) => inline.add(document),
            Kind::Threads(workers) => workers.add(document),
        }
    }

    /// Deletes the document of a key; tells whether there was one.
    pub fn delete(&mut self, key: &str) -> bool {
        match &mut self.kind {
            Kind::Inline(inline) => inline.keys.delete(key),
            Kind::Threads(workers) => workers.delete(key),
        }
    }

    /// Tells whether documents are to be written before more are added.
    pub fn is_full(&self) -> bool {
        match &self.kind {
            Kind::Inline(inline) => inline.is_full(self.budget_bytes),
            Kind::Threads(workers) => {
                workers.is_full(self.budget_bytes - self.budget_bytes / CHUNK_SHARE)
            }
        }
    }

    /// Begins a new segment; gives those that are written, in order. Others may be under way.
    pub fn rotate(&mut self) -> Result<Vec<Finished>> {
        self.close()?;
        match &mut self.kind {
            Kind::Inline(inline) => inline.write(self.budget_bytes / VOCABULARY_SHARE),
            Kind::Threads(workers) => workers.take_written(1),
        }
    }

    /// Writes all documents; gives the segments not given before, in order.
    pub fn flush(&mut self) -> Result<Vec<Finished>> {
        self.close()?;
        match &mut self.kind {
            Kind::Inline(inline) => inline.write(self.budget_bytes / VOCABULARY_SHARE),
            Kind::Threads(workers) => workers.take_written(0),
        }
    }

    fn close(&mut self) -> Result<()> {
        match &mut self.kind {
            Kind::Inline(_) => Ok(()),
            Kind::Threads(workers) => workers.close(self.budget_bytes / VOCABULARY_SHARE),
        }
    }

    /// Forgets all documents.
    pub fn forget(&mut self) -> Result<()> {
        match &mut self.kind {
            Kind::Inline(inline) => {
                inline.part.clear();
                inline.file = None;
                inline.keys = Keys::default();
                Ok(())
            }
            Kind::Threads(workers) => workers.forget(),
        }
    }
}

impl Inline {
    fn add(&mut self, document: &Document<'_>) -> Result<()> {
        self.keys.add(document.key);
        self.part.add(&mut self.tokeniser, document);
        if self.part.has_stored() {
            let mut file = self.take_file()?;
            file.take_stored(&mut self.part, false)?;
            self.file = Some(file);
        }
        Ok(())
    }

    /// Gives the file of the part, begun now if it was not.
    fn take_file(&mut self) -> Result<SegmentFile> {
        self.file.take().map_or_else(|| self.context.begin_file(), Ok)
    }

    fn is_full(&self, budget_bytes: usize) -> bool {
        let words = lock(self.tokeniser.vocabulary());
        let stored = self.file.as_ref().map_or(0, SegmentFile::size_bytes);
        let size = self.part.size_bytes(1) + stored + self.keys.size_bytes();
        self.part.is_full()
            || words.is_crowded()
            || size + words.cost_bytes() + self.tokeniser.size_bytes() > budget_bytes
    }

    fn write(&mut self, most_vocabulary_bytes: usize) -> Result<Vec<Finished>> {
        let mut finished = Vec::new();
        if self.keys.len() > 0 {
            let file = self.take_file()?;
            let words = lock(self.tokeniser.vocabulary());
            let (part, schema) = (&mut self.part, &self.context.schema);
            let workspaces = std::slice::from_mut(&mut self.workspace);
            let entry = file.finish(schema, part, &self.keys, &words, workspaces)?;
            drop(words);
            let (keys, deleted) = (Arc::new(std::mem::take(&mut self.keys)), HashSet::new());
            finished.push(Finished { entry, keys, deleted, overlong: self.part.overlong() });
        }
        self.part.clear();
        let words = lock(self.tokeniser.vocabulary());
        let is_outgrown = words.cost_bytes() > most_vocabulary_bytes || words.is_crowded();
        drop(words);
        if is_outgrown {
            self.tokeniser.use_vocabulary(&SharedVocabulary::default());
        }
        Ok(finished)
    }
}
