//! Owns the writer as Python sees it.

use std::mem::forget;
use std::process;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyList;
use searchlib_core::error::Result;
use searchlib_core::index;

use crate::document::{Document, DocumentReader};
use crate::errors;
use crate::index::Place;
use crate::snapshot::Snapshot;

/// As many bytes of text are read before they are added: an interrupt waits no longer than that.
const BATCH_BYTES: usize = 1 << 20;

/// As many documents are read before they are added.
const BATCH_DOCUMENTS: usize = 512;

/// The one writer of an index; its caller takes care that one thread at a time uses it.
#[pyclass(module = "searchlib._native")]
pub struct Writer {
    place: Arc<Place>,
    reader: DocumentReader,
    /// Nothing once it is closed.
    writer: Option<index::Writer>,
    process: u32,
}

impl Writer {
    /// Gives a writer of the core to Python.
    pub fn new(place: Arc<Place>, reader: DocumentReader, writer: index::Writer) -> Self {
        Self { place, reader, writer: Some(writer), process: process::id() }
    }

    fn working<T: Send>(
        &mut self,
        py: Python<'_>,
        work: impl FnOnce(&mut index::Writer) -> Result<T> + Send,
    ) -> PyResult<T> {
        let Some(writer) = &mut self.writer else {
            return Err(errors::closed(py, "writer", "it was closed"));
        };
        errors::detached(py, &self.place.folder, || work(writer))
    }

    fn add_batch(&mut self, py: Python<'_>, batch: &[Document]) -> PyResult<()> {
        self.working(py, |writer| {
            batch.iter().try_for_each(|document| document.with(|document| writer.add(document)))
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // In a forked child the writer is the parent's: its threads are not here.
        if self.process != process::id() {
            forget(self.writer.take());
        }
    }
}

#[pymethods]
impl Writer {
    /// Adds the documents of a list from `start` on, until one does not plainly fit the schema;
    /// gives the number of that one, or of the end.
    fn add_fitting(
        &mut self,
        py: Python<'_>,
        documents: &Bound<'_, PyList>,
        start: usize,
    ) -> PyResult<usize> {
        let (mut at, mut batch, mut bytes) = (start, Vec::new(), 0);
        while at < documents.len() {
            let Some(document) = self.reader.read(&self.place.fields, &documents.get_item(at)?)?
            else {
                break;
            };
            bytes += document.text_bytes();
            batch.push(document);
            at += 1;
            if bytes >= BATCH_BYTES || batch.len() >= BATCH_DOCUMENTS {
                self.add_batch(py, &batch)?;
                py.check_signals()?;
                batch.clear();
                bytes = 0;
            }
        }
        self.add_batch(py, &batch)?;
        Ok(at)
    }

    /// Deletes by key; tells whether there was one.
    fn delete(&mut self, py: Python<'_>, key: &str) -> PyResult<bool> {
        self.working(py, |writer| writer.delete(key))
    }

    /// Gives the index with what is not committed yet.
    fn view(&mut self, py: Python<'_>) -> PyResult<Snapshot> {
        let view = self.working(py, index::Writer::view)?;
        Ok(Snapshot::new(self.place.clone(), view))
    }

    /// Deletes documents by their numbers in the view given last; gives how many there were.
    fn delete_numbers(
        &mut self,
        py: Python<'_>,
        view: &Snapshot,
        numbers: Vec<u32>,
    ) -> PyResult<u64> {
        let view = view.held(py)?;
        self.working(py, |writer| writer.delete_documents(&view, &numbers))
    }

    /// Makes everything durable and visible: generation, added, deleted, overlong tokens.
    fn commit(&mut self, py: Python<'_>) -> PyResult<(u64, u64, u64, u64)> {
        self.working(py, index::Writer::commit).map(in_order)
    }

    /// Commits, merged into one segment.
    fn optimize(&mut self, py: Python<'_>) -> PyResult<(u64, u64, u64, u64)> {
        self.working(py, index::Writer::optimize).map(in_order)
    }

    /// Forgets everything since the last commit.
    fn rollback(&mut self, py: Python<'_>) -> PyResult<()> {
        self.working(py, index::Writer::rollback)
    }

    /// Releases the memory and the files; what was not committed is forgotten.
    fn close(&mut self, py: Python<'_>) {
        let writer = self.writer.take();
        if self.process == process::id() {
            py.detach(|| writer.map(index::Writer::close));
        } else {
            forget(writer);
        }
    }
}

fn in_order(report: index::CommitReport) -> (u64, u64, u64, u64) {
    (report.generation, report.added, report.deleted, report.overlong_tokens)
}
