//! Owns the index and its one writer: additions, deletions, commits, merges.
//!
//! A writer holds the lock, a buffer of documents and the segments as they will be. What it writes
//! becomes visible with the manifest of a commit, and not before; a failed write leaves the last
//! commit as it is, and the writer refuses all further work. Until a commit no segment holds both
//! documents of the last one and new ones: what a commit changed is counted by that.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::analysis::Analyzer;
use crate::background::{Background, Sources, as_sources};
use crate::bits::Bits;
use crate::buffer::{Document, Target};
use crate::columns::Value;
use crate::error::{Error, Result};
use crate::manifest::{Manifest, SegmentEntry};
use crate::merge::merge;
use crate::pipeline::{Finished, Pipeline};
use crate::schema::{FieldKind, Schema};
use crate::segment::{LiveSegment, write_deletes};
use crate::snapshot::Snapshot;
use crate::storage::{Lock, Storage};
use crate::workers::Context;

/// As many neighbours of one size are merged. More make commits cheaper and searches dearer.
const MERGED_SEGMENTS: usize = 8;

/// Below this share of live documents a segment is written anew.
const LEAST_LIVE_SHARE: f64 = 0.5;

/// More threads than this are a mistake.
const MAX_THREADS: usize = 256;

/// What a writer may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriterOptions {
    /// How much memory documents may take that are not yet in a segment, in bytes.
    pub memory_bytes: usize,
    /// How many threads analyse and write documents, from 1, which is the caller's own.
    pub threads: usize,
    /// Merges of more bytes run beside a writer of several threads; others within a commit.
    pub inline_merge_bytes: u64,
}

impl Default for WriterOptions {
    fn default() -> Self {
        // What is merged within a commit takes less time than the commit itself.
        Self { memory_bytes: 256 << 20, threads: 1, inline_merge_bytes: 8 << 20 }
    }
}

/// So many bytes of memory, and one thread.
impl From<usize> for WriterOptions {
    fn from(memory_bytes: usize) -> Self {
        Self { memory_bytes, ..Self::default() }
    }
}

/// What a commit made durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CommitReport {
    /// The number of the commit.
    pub generation: u64,
    /// Documents put in since the last commit that are there now.
    pub added: u64,
    /// Documents of the last commit that are gone without a replacement.
    pub deleted: u64,
    /// Words left out because they are too long.
    pub overlong_tokens: u64,
}

/// Makes an empty index in a storage that has none.
pub fn create(storage: &dyn Storage, schema: Schema, settings: Vec<u8>) -> Result<()> {
    let _lock = storage.lock(&holder())?;
    match Manifest::newest(storage) {
        Err(Error::NotAnIndex) => {}
        Ok(_) => return Err(Error::AlreadyAnIndex),
        Err(error) => return Err(error),
    }
    let index = storage.unique();
    Manifest { index, generation: 0, settings, schema, segments: Vec::new() }.write(storage)
}

fn holder() -> String {
    format!("process {}", std::process::id())
}

struct Working {
    live: LiveSegment,
    deleted: Bits,
    is_changed: bool,
    /// Whether it was there at the last commit; `live.deleted` is what was deleted then.
    is_committed: bool,
}

impl Working {
    fn new(live: LiveSegment) -> Self {
        let documents = live.entry.documents;
        let deleted =
            live.deleted.as_ref().map_or_else(|| Bits::new(documents), |it| it.as_ref().clone());
        Self { live, deleted, is_changed: false, is_committed: true }
    }

    fn live_documents(&self) -> u32 {
        self.live.entry.documents - self.deleted.count()
    }

    fn as_live(&self) -> LiveSegment {
        let deleted = (self.deleted.count() > 0).then(|| Arc::new(self.deleted.clone()));
        LiveSegment { deleted, ..self.live.clone() }
    }
}

/// The one writer of an index.
pub struct Writer {
    storage: Arc<dyn Storage>,
    schema: Arc<Schema>,
    manifest: Manifest,
    pipeline: Pipeline,
    segments: Vec<Working>,
    /// Larger merges run beside the writer.
    inline_merge_bytes: u64,
    background: Option<Background>,
    overlong_tokens: u64,
    is_poisoned: bool,
    _lock: Box<dyn Lock>,
}

impl Writer {
    /// Opens the writer; a number for options is that of bytes of memory.
    ///
    /// Files that no commit names, left by a writer that died, are removed.
    ///
    /// # Errors
    /// `Locked` while another writer is open.
    pub fn open(
        storage: Arc<dyn Storage>,
        analyzer: Arc<dyn Analyzer>,
        options: impl Into<WriterOptions>,
    ) -> Result<Self> {
        let options = options.into();
        if !(1..=MAX_THREADS).contains(&options.threads) {
            let problem =
                format!("a writer has 1 to {MAX_THREADS} threads, not {}", options.threads);
            return Err(Error::Argument(problem));
        }
        let lock = storage.lock(&holder())?;
        // Only now: another writer may have committed until it gave the lock up.
        let manifest = Manifest::newest(storage.as_ref())?;
        manifest.remove_others(storage.as_ref(), None)?;
        let schema = Arc::new(manifest.schema.clone());
        let segments = open_segments(storage.as_ref(), &manifest)?;
        let context = Context {
            storage: storage.clone(),
            schema: schema.clone(),
            analyzer,
            index: manifest.index,
            threads: options.threads,
            chunk_bytes: 0,
        };
        Ok(Self {
            pipeline: Pipeline::new(context, options.memory_bytes)?,
            storage,
            schema,
            manifest,
            segments,
            inline_merge_bytes: match options.threads {
                1 => u64::MAX,
                _ => options.inline_merge_bytes,
            },
            background: None,
            overlong_tokens: 0,
            is_poisoned: false,
            _lock: lock,
        })
    }

    /// Gives the identity of the index.
    pub fn index(&self) -> u128 {
        self.manifest.index
    }

    /// Adds a document; one of the same key is replaced.
    pub fn add(&mut self, document: &Document<'_>) -> Result<()> {
        self.check()?;
        document.check(&self.schema)?;
        self.guarded(|writer| {
            writer.pipeline.add(document)?;
            if writer.pipeline.is_full() {
                let finished = writer.pipeline.rotate()?;
                writer.take(finished)?;
            }
            Ok(())
        })
    }

    /// Deletes the document of a key, not yet committed ones too; tells whether there was one.
    pub fn delete(&mut self, key: &str) -> Result<bool> {
        self.check()?;
        let in_buffer = self.pipeline.delete(key);
        let in_segments = self.delete_from_segments(key)?;
        Ok(in_buffer || in_segments)
    }

    /// Deletes the documents that `find` gives for a snapshot of all that was added; gives how
    /// many they were.
    pub fn delete_matching(
        &mut self,
        find: impl FnOnce(&Snapshot) -> Result<Vec<u32>>,
    ) -> Result<u64> {
        let view = self.view()?;
        let found = find(&view)?;
        self.delete_documents(&view, &found)
    }

    /// Gives the index with all that was added and deleted since the last commit.
    pub fn view(&mut self) -> Result<Snapshot> {
        self.check()?;
        self.guarded(Self::flush)?;
        let lives = self.segments.iter().map(Working::as_live).collect();
        Snapshot::new(&self.manifest, self.schema.clone(), lives)
    }

    /// Deletes documents by their numbers in the newest view; gives how many there were.
    ///
    /// # Errors
    /// `Argument` when segments came or went since the view.
    pub fn delete_documents(&mut self, view: &Snapshot, documents: &[u32]) -> Result<u64> {
        self.check()?;
        let of_view = view.segments().iter().map(|live| live.entry.id);
        if !of_view.eq(self.segments.iter().map(|segment| segment.live.entry.id)) {
            return Err(Error::Argument("the view is not the newest one".to_owned()));
        }
        let mut count = 0;
        for &document in documents {
            let Some((at, document)) = view.locate(document) else { continue };
            let segment = &mut self.segments[at];
            if segment.deleted.insert(document) {
                segment.is_changed = true;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Makes everything since the last commit durable and visible, whole or not at all.
    pub fn commit(&mut self) -> Result<CommitReport> {
        self.check()?;
        self.guarded(|writer| {
            writer.check_place()?;
            writer.flush()?;
            let report = writer.report()?;
            if !writer.has_changes() {
                return Ok(report);
            }
            writer.take_background()?;
            writer.merge_neighbours()?;
            let report = writer.publish(report)?;
            writer.start_background()?;
            Ok(report)
        })
    }

    /// Commits, then merges into one segment without deleted documents.
    pub fn optimize(&mut self) -> Result<CommitReport> {
        self.check()?;
        self.guarded(|writer| {
            writer.check_place()?;
            writer.flush()?;
            let report = writer.report()?;
            writer.background = None;
            if writer.segments.len() > 1 || writer.segments.iter().any(|it| it.deleted.count() > 0)
            {
                writer.merge_range(0, writer.segments.len())?;
            }
            writer.publish(report)
        })
    }

    /// Forgets everything since the last commit.
    pub fn rollback(&mut self) -> Result<()> {
        self.check()?;
        self.guarded(|writer| {
            writer.check_place()?;
            writer.pipeline.forget()?;
            writer.overlong_tokens = 0;
            writer.segments = open_segments(writer.storage.as_ref(), &writer.manifest)?;
            writer.remove_others()
        })
    }

    /// Closes the writer and removes what it wrote and did not commit, as far as it can be; the
    /// next writer removes the rest.
    pub fn close(self) {
        let Self { storage, manifest, pipeline, background, _lock: lock, .. } = self;
        // The threads first: they write files.
        drop((pipeline, background));
        if manifest.is_newest(storage.as_ref()).is_ok_and(|is_newest| is_newest) {
            let _ = manifest.remove_others(storage.as_ref(), None);
        }
        drop(lock);
    }

    /// Makes sure that the storage still holds the commit that this writer made or found: its
    /// lock does not keep whoever removes files from putting another index there.
    fn check_place(&self) -> Result<()> {
        if self.manifest.is_newest(self.storage.as_ref())? { Ok(()) } else { Err(Error::Replaced) }
    }

    fn check(&self) -> Result<()> {
        if self.is_poisoned { Err(Error::Poisoned) } else { Ok(()) }
    }

    /// Does some work; if it fails, the writer does no more.
    fn guarded<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let result = work(self);
        self.is_poisoned = result.is_err();
        result
    }

    fn key_column(&self) -> Option<(usize, crate::columns::ColumnType)> {
        let field = self.schema.key();
        match self.schema.fields().get(field)?.kind {
            FieldKind::Column(of) => Some((field, of)),
            FieldKind::Text => None,
        }
    }

    fn delete_from_segments(&mut self, key: &str) -> Result<bool> {
        let Some((field, of)) = self.key_column() else { return Ok(false) };
        let mut was_there = false;
        for segment in &mut self.segments {
            let column = segment.live.segment.column(field, of)?;
            if let Some(document) = column.find_key(key)
                && segment.deleted.insert(document)
            {
                segment.is_changed = true;
                was_there = true;
            }
        }
        Ok(was_there)
    }

    /// Writes the documents that are in no segment yet.
    fn flush(&mut self) -> Result<()> {
        let finished = self.pipeline.flush()?;
        self.take(finished)
    }

    /// Takes segments that were written; the documents they replace are deleted only now, all at
    /// once and in the order of their keys.
    fn take(&mut self, finished: Vec<Finished>) -> Result<()> {
        let Some((field, of)) = self.key_column() else { return Ok(()) };
        for Finished { entry, keys, deleted: later, overlong } in finished {
            let live = keys.live();
            for segment in &mut self.segments {
                let column = segment.live.segment.column(field, of)?;
                column.find_keys(live.iter().copied(), |_, document| {
                    segment.is_changed |= segment.deleted.insert(document);
                    Ok(())
                })?;
            }
            let mut deleted = keys.deleted();
            for number in later.iter().filter_map(|key| keys.find(key)) {
                deleted.insert(number as u32);
            }
            self.overlong_tokens += overlong;
            let is_changed = deleted.count() > 0;
            let live = self.open_segment(entry)?;
            self.segments.push(Working { live, deleted, is_changed, is_committed: false });
        }
        Ok(())
    }

    fn open_segment(&self, entry: SegmentEntry) -> Result<LiveSegment> {
        LiveSegment::open(self.storage.as_ref(), &self.schema, self.manifest.index, entry)
    }

    /// Merges neighbours here and now, as far as that is not for the background.
    fn merge_neighbours(&mut self) -> Result<()> {
        let mut from = self.first_free();
        while let Some((start, end)) = self.find_mergeable(from) {
            let sizes = self.segments[start..end].iter().map(|it| it.live.segment.size_bytes());
            if sizes.sum::<u64>() > self.inline_merge_bytes {
                from = end;
            } else {
                self.merge_range(start, end)?;
            }
        }
        Ok(())
    }

    /// Gives the first segment after those that are being merged in the background.
    fn first_free(&self) -> usize {
        let last = self.background.as_ref().and_then(|background| background.source_ids().last());
        let at = self.segments.iter().position(|it| Some(it.live.entry.id) == last);
        at.map_or(0, |at| at + 1)
    }

    /// Starts the merge that is due, if none runs; all is committed.
    fn start_background(&mut self) -> Result<()> {
        if self.background.is_some() {
            return Ok(());
        }
        let Some((start, end)) = self.find_mergeable(0) else { return Ok(()) };
        let (storage, schema) = (self.storage.clone(), self.schema.clone());
        let sources = self.sources(start, end);
        self.background = Some(Background::start(storage, schema, self.manifest.index, sources)?);
        Ok(())
    }

    /// Puts what the background merged in the place of its sources, if it is ready.
    fn take_background(&mut self) -> Result<()> {
        let Some(background) = self.background.take_if(|it| it.is_finished()) else {
            return Ok(());
        };
        let first = background.source_ids().next();
        let count = background.source_ids().count();
        let start = self.segments.iter().position(|it| Some(it.live.entry.id) == first);
        let Some(start) = start else { return Ok(()) };
        let range = start..start + count;
        let now: Vec<&Bits> = self.segments[range.clone()].iter().map(|it| &it.deleted).collect();
        let deleted = background.carry_over(&now);
        let Some(entry) = background.finish()? else { return Ok(()) };
        let live = self.open_segment(entry)?;
        let is_changed = deleted.count() > 0;
        self.segments.splice(range, [Working { live, deleted, is_changed, is_committed: true }]);
        Ok(())
    }

    fn sources(&self, start: usize, end: usize) -> Sources {
        let range = &self.segments[start..end];
        range.iter().map(|it| (it.live.segment.clone(), it.deleted.clone())).collect()
    }

    /// Gives neighbours that are many and of one size, or one that is mostly deleted.
    fn find_mergeable(&self, from: usize) -> Option<(usize, usize)> {
        let is_sparse = |segment: &Working| {
            f64::from(segment.live_documents())
                < f64::from(segment.live.entry.documents) * LEAST_LIVE_SHARE
        };
        if let Some(at) = self.segments[from..].iter().position(is_sparse) {
            return Some((from + at, from + at + 1));
        }
        let tier = |segment: &Working| segment.live_documents().max(1).ilog(MERGED_SEGMENTS as u32);
        let tiers: Vec<u32> = self.segments.iter().map(tier).collect();
        (from..tiers.len()).find_map(|start| {
            let run = tiers[start..].iter().take_while(|&&other| other <= tiers[start]).count();
            (run >= MERGED_SEGMENTS).then_some((start, start + run))
        })
    }

    fn merge_range(&mut self, start: usize, end: usize) -> Result<()> {
        let range = &self.segments[start..end];
        if range.iter().all(|segment| segment.live_documents() == 0) {
            self.segments.drain(start..end);
            return Ok(());
        }
        let sources = self.sources(start, end);
        let (storage, id) = (self.storage.as_ref(), self.storage.unique());
        let target = Target { storage, schema: &self.schema, index: self.manifest.index, id };
        let never = AtomicBool::new(false);
        let Some(entry) = merge(&target, &as_sources(&sources), &never)? else { return Ok(()) };
        let merged = Working::new(self.open_segment(entry)?);
        self.segments.splice(start..end, [merged]);
        Ok(())
    }

    /// Counts what the buffered documents and the deletions change; the buffer is flushed.
    fn report(&self) -> Result<CommitReport> {
        let (old, new): (Vec<_>, Vec<_>) =
            self.segments.iter().partition(|segment| segment.is_committed);
        let added = new.iter().map(|segment| u64::from(segment.live_documents())).sum();
        let mut deleted = 0;
        let Some((field, of)) = self.key_column() else { return Ok(CommitReport::default()) };
        for segment in old {
            let column = segment.live.segment.column(field, of)?;
            let was_live = |document: &u32| !segment.live.is_deleted(*document);
            for document in segment.deleted.iter().filter(was_live) {
                let Some(ordinal) = column.ordinals_of(document).next() else { continue };
                let Value::Text(key) = column.value(ordinal)? else { continue };
                let mut is_replaced = false;
                for other in &new {
                    let found = other.live.segment.column(field, of)?.find_key(&key);
                    is_replaced |= found.is_some_and(|found| !other.deleted.contains(found));
                }
                deleted += u64::from(!is_replaced);
            }
        }
        let overlong_tokens = self.overlong_tokens;
        Ok(CommitReport { generation: self.manifest.generation, added, deleted, overlong_tokens })
    }

    /// Tells whether the segments are others than those of the last commit; a merge in the
    /// background waits for the next commit that changes something.
    fn has_changes(&self) -> bool {
        let entries = self.segments.iter().map(|segment| &segment.live.entry);
        !entries.eq(&self.manifest.segments) || self.segments.iter().any(|it| it.is_changed)
    }

    fn remove_others(&self) -> Result<()> {
        let being_written = self.background.as_ref().map(|background| background.id);
        self.manifest.remove_others(self.storage.as_ref(), being_written)
    }

    fn publish(&mut self, report: CommitReport) -> Result<CommitReport> {
        for segment in &mut self.segments {
            if segment.is_changed {
                let written =
                    write_deletes(self.storage.as_ref(), self.manifest.index, &segment.deleted)?;
                segment.live.entry.deletes = Some(written);
                segment.live.deleted = Some(Arc::new(segment.deleted.clone()));
                segment.is_changed = false;
            }
        }
        self.overlong_tokens = 0;
        let segments: Vec<_> = self.segments.iter().map(|segment| segment.live.entry).collect();
        if segments == self.manifest.segments {
            return Ok(report);
        }
        let generation = self.manifest.generation + 1;
        let manifest = Manifest { generation, segments, ..self.manifest.clone() };
        self.storage.sync_folder()?;
        manifest.write(self.storage.as_ref())?;
        self.manifest = manifest;
        self.segments.iter_mut().for_each(|segment| segment.is_committed = true);
        // The commit stands whether or not the files of the one before can be removed now: the
        // next writer removes them.
        let _ = self.remove_others();
        Ok(CommitReport { generation, ..report })
    }
}

fn open_segments(storage: &dyn Storage, manifest: &Manifest) -> Result<Vec<Working>> {
    let open = |&entry| LiveSegment::open(storage, &manifest.schema, manifest.index, entry);
    manifest.segments.iter().map(open).map(|live| live.map(Working::new)).collect()
}
