//! Owns the index in a folder: making, opening, comparing, checking it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyType;
use searchlib_core::analysis::Analyzer;
use searchlib_core::analysis::italian::ItalianAnalyzer;
use searchlib_core::index::{self, WriterOptions};
use searchlib_core::manifest::Manifest;
use searchlib_core::snapshot as core;
use searchlib_core::storage::FileStorage;
use searchlib_core::verify;

use crate::document::{DocumentReader, Limits};
use crate::errors;
use crate::fields::Fields;
use crate::snapshot::Snapshot;
use crate::writer::Writer;

/// What all handles of an index share.
pub struct Place {
    pub folder: PathBuf,
    pub fields: Fields,
    /// The identity of the index, which another one in its place does not have.
    pub index: u128,
}

impl Place {
    /// Gives the files; writers are kept apart by the lock of searchlib.engines.lock.
    pub fn storage(&self) -> FileStorage {
        FileStorage::without_lock(&self.folder)
    }
}

/// Makes an empty index of a searchlib.Schema in a folder that has none.
#[pyfunction]
pub fn create(py: Python<'_>, folder: PathBuf, schema: &Bound<'_, PyAny>) -> PyResult<()> {
    let fields = Fields::read(schema)?;
    errors::detached(py, &folder, || {
        index::create(&FileStorage::without_lock(&folder), fields.schema.clone(), Vec::new())
    })
}

/// The index in a folder.
#[pyclass(frozen, module = "searchlib._native")]
pub struct Index {
    place: Arc<Place>,
}

#[pymethods]
impl Index {
    /// Opens what create() made.
    #[new]
    fn new(py: Python<'_>, folder: PathBuf, schema: &Bound<'_, PyAny>) -> PyResult<Self> {
        let fields = Fields::read(schema)?;
        let storage = FileStorage::without_lock(&folder);
        let manifest = errors::detached(py, &folder, || Manifest::newest(&storage))?;
        if manifest.schema != fields.schema {
            let problem = "its fields are not those of index.json";
            return Err(errors::corrupt(py, &folder, None, problem));
        }
        let place = Place { folder, fields, index: manifest.index };
        Ok(Self { place: Arc::new(place) })
    }

    /// Gives the newest commit; ClosedError where another index took this one's place.
    fn snapshot(&self, py: Python<'_>) -> PyResult<Snapshot> {
        let place = &self.place;
        let snapshot =
            errors::detached(py, &place.folder, || core::Snapshot::open(&place.storage()))?;
        if snapshot.index() != place.index {
            return Err(errors::closed(py, "index", "the index was replaced by another"));
        }
        Ok(Snapshot::new(place.clone(), snapshot))
    }

    /// Tells whether a snapshot is of the newest commit.
    fn is_newest(&self, py: Python<'_>, snapshot: &Snapshot) -> PyResult<bool> {
        let held = snapshot.held(py)?;
        errors::detached(py, &self.place.folder, || held.is_newest(&self.place.storage()))
    }

    /// Gives the writer; its caller holds the lock. The corrections of the analysis are the terms
    /// of protected forms, and the replacements of terms.
    #[pyo3(signature = (*, memory_bytes, threads, corrections, limits, document_class))]
    fn writer(
        &self,
        py: Python<'_>,
        memory_bytes: usize,
        threads: usize,
        corrections: (HashMap<String, String>, HashMap<String, String>),
        limits: (usize, usize, usize),
        document_class: Option<Py<PyType>>,
    ) -> PyResult<Writer> {
        let place = &self.place;
        let (key, keyword, document) = limits;
        let limits = Limits { key, keyword, document };
        let reader = DocumentReader::new(py, limits, document_class)?;
        let writer = errors::detached(py, &place.folder, || {
            let (protected, merged) = corrections;
            let analyzer: Arc<dyn Analyzer> = if protected.is_empty() && merged.is_empty() {
                Arc::new(ItalianAnalyzer)
            } else {
                Arc::new(ItalianAnalyzer.with_corrections(protected, merged))
            };
            let storage = Arc::new(place.storage());
            index::Writer::open(
                storage,
                analyzer,
                WriterOptions { memory_bytes, threads, ..WriterOptions::default() },
            )
        })?;
        if writer.index() != place.index {
            return Err(errors::closed(py, "index", "the index was replaced by another"));
        }
        Ok(Writer::new(place.clone(), reader, writer))
    }

    /// Gives the faults of the newest commit: file, byte or None, problem.
    fn verify(&self, py: Python<'_>) -> PyResult<Vec<(String, Option<u64>, String)>> {
        let place = &self.place;
        let faults = errors::detached(py, &place.folder, || verify::verify(&place.storage()))?;
        Ok(faults.into_iter().map(|fault| (fault.file, fault.offset, fault.problem)).collect())
    }
}
