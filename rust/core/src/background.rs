//! Owns the merge that runs beside a writer.
//!
//! It reads segments as they were when it began. What is deleted meanwhile is carried over when the
//! writer takes the merged segment in the place of its sources.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};

use crate::bits::Bits;
use crate::buffer::Target;
use crate::error::{Error, Result};
use crate::manifest::SegmentEntry;
use crate::merge::{Source, merge};
use crate::schema::Schema;
use crate::segment::Segment;
use crate::storage::Storage;

/// Segments that follow each other, and what is deleted of each.
pub type Sources = Vec<(Arc<Segment>, Bits)>;

/// A merge in a thread of its own; it ends when it is dropped.
pub struct Background {
    /// The identity of the merged segment.
    pub id: u128,
    sources: Arc<Sources>,
    should_stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<Option<SegmentEntry>>>>,
}

impl Background {
    /// Starts a merge.
    ///
    /// # Errors
    /// `Io` when the system refuses a thread.
    pub fn start(
        storage: Arc<dyn Storage>,
        schema: Arc<Schema>,
        index: u128,
        sources: Sources,
    ) -> Result<Self> {
        let (id, sources) = (storage.unique(), Arc::new(sources));
        let should_stop = Arc::new(AtomicBool::new(false));
        let (read, stop) = (sources.clone(), should_stop.clone());
        let work = move || {
            let target = Target { storage: storage.as_ref(), schema: &schema, index, id };
            merge(&target, &as_sources(&read), &stop)
        };
        let thread = Builder::new().name("searchlib merge".to_owned()).spawn(work);
        let thread = Some(thread.map_err(|error| failed("start", error))?);
        Ok(Self { id, sources, should_stop, thread })
    }

    /// Gives the identities of the segments that it merges.
    pub fn source_ids(&self) -> impl Iterator<Item = u128> {
        self.sources.iter().map(|(segment, _)| segment.id())
    }

    /// Tells whether it has ended, well or not.
    pub fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits for the end; gives the merged segment, if it was not told to stop.
    pub fn finish(mut self) -> Result<Option<SegmentEntry>> {
        let Some(thread) = self.thread.take() else { return Ok(None) };
        thread.join().unwrap_or_else(|_| Err(failed("go on in", io::Error::other("it panicked"))))
    }

    /// Gives which documents of the merged segment are deleted, of those that are now deleted of
    /// its sources.
    pub fn carry_over(&self, deleted: &[&Bits]) -> Bits {
        let live =
            |(segment, deleted): &(Arc<Segment>, Bits)| segment.documents() - deleted.count();
        let mut carried = Bits::new(self.sources.iter().map(live).sum());
        let mut number = 0;
        for ((segment, before), now) in self.sources.iter().zip(deleted) {
            for document in (0..segment.documents()).filter(|&it| !before.contains(it)) {
                if now.contains(document) {
                    carried.insert(number);
                }
                number += 1;
            }
        }
        carried
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.should_stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // Nobody wants its result.
            let _ = thread.join();
        }
    }
}

/// Gives sources as a merge takes them.
pub fn as_sources(sources: &Sources) -> Vec<Source<'_>> {
    sources.iter().map(|(segment, deleted)| Source { segment, deleted }).collect()
}

fn failed(operation: &'static str, source: io::Error) -> Error {
    Error::Io { operation, file: "a thread that merges segments".to_owned(), source }
}
