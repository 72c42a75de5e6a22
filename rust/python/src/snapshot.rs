//! Owns the snapshot as Python sees it: searches and look-ups in one commit.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::exceptions::PyIndexError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use searchlib_core::edits::Near;
use searchlib_core::error::Result;
use searchlib_core::manifest::segment_name;
use searchlib_core::schema::FieldKind;
use searchlib_core::search::{self, Found, Hit, Plan, Request, SortKey, Wanted};
use searchlib_core::segment::{Words, form_key};
use searchlib_core::snapshot::{self as core, Expansion};

use crate::errors;
use crate::index::Place;
use crate::plan::{self, Expanded, folded};
use crate::record;

/// The index as of one commit.
#[pyclass(frozen, module = "searchlib._native")]
pub struct Snapshot {
    place: Arc<Place>,
    /// Nothing once it is closed; a call under way keeps the files open until it ends.
    held: Mutex<Option<Arc<core::Snapshot>>>,
    /// What the last patterns stand for.
    expanded: Expanded,
}

impl Snapshot {
    /// Gives a snapshot of the core to Python.
    pub fn new(place: Arc<Place>, snapshot: core::Snapshot) -> Self {
        let held = Mutex::new(Some(Arc::new(snapshot)));
        Self { place, held, expanded: Expanded::default() }
    }

    /// Gives the snapshot of the core; ClosedError once this one is closed.
    pub fn held(&self, py: Python<'_>) -> PyResult<Arc<core::Snapshot>> {
        // It is held only for as long as copying the pointer takes.
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.clone().ok_or_else(|| errors::closed(py, "snapshot", "it was closed"))
    }

    fn numbered(&self, py: Python<'_>, number: i64) -> PyResult<(Arc<core::Snapshot>, u32)> {
        let held = self.held(py)?;
        match u32::try_from(number).ok().filter(|&number| number < held.documents()) {
            Some(number) => Ok((held, number)),
            None => {
                let last = i64::from(held.documents()) - 1;
                let problem = format!("document numbers go from 0 to {last}, got {number}");
                Err(PyIndexError::new_err(problem))
            }
        }
    }
}

/// A page: total if counted, hits of number, score and key, facets, whether it is partial.
type Page<'py> = (Option<u64>, Bound<'py, PyList>, Bound<'py, PyDict>, bool);

/// A leaf's score: points and, for words and phrases, idf, the number of documents, how many
/// of them hold each word, frequency, length, average length, tf.
type Leaf = (f64, Option<(f64, u64, Vec<u64>, u32, u32, f64, f64)>);

#[pymethods]
impl Snapshot {
    /// The number of the commit.
    #[getter]
    fn generation(&self, py: Python<'_>) -> PyResult<u64> {
        Ok(self.held(py)?.generation())
    }

    /// How many live documents there are.
    #[getter]
    fn documents(&self, py: Python<'_>) -> PyResult<u32> {
        let held = self.held(py)?;
        Ok(held.documents() - held.deleted())
    }

    /// Gives a page of hits.
    #[pyo3(signature = (plan, *, limit, offset, filter, sort, facets, deadline_s, refinement))]
    #[allow(clippy::too_many_arguments)]
    fn search<'py>(
        &self,
        py: Python<'py>,
        plan: &Bound<'py, PyAny>,
        limit: usize,
        offset: usize,
        filter: Option<Bound<'py, PyAny>>,
        sort: Vec<(String, bool)>,
        facets: Vec<String>,
        deadline_s: Option<f64>,
        refinement: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Page<'py>> {
        let (held, place) = (self.held(py)?, &self.place);
        let plan = plan::read(plan, &place.fields, &self.expanded)?;
        let refinement = refinement.map(|it| plan::read_refinement(&it, &place.fields));
        let refinement = refinement.transpose()?;
        let filter = filter.map(|it| plan::read(&it, &place.fields, &self.expanded)).transpose()?;
        let key = |(name, descending): &(String, bool)| -> PyResult<SortKey> {
            let field = place.fields.searched(py, name)?.number;
            Ok(SortKey { field, descending: *descending })
        };
        let sort = sort.iter().map(key).collect::<PyResult<Vec<_>>>()?;
        let counted = facets.iter().map(|name| place.fields.searched(py, name));
        let counted = counted.collect::<PyResult<Vec<_>>>()?;
        let numbers: Vec<usize> = counted.iter().map(|field| field.number).collect();
        // No page has more documents than there are: whoever asks for all need not count them.
        let documents = held.documents() as usize;
        let request = Request {
            limit: limit.min(documents),
            offset: offset.min(documents),
            filter: filter.as_ref(),
            sort: &sort,
            facets: &numbers,
            deadline: deadline_s.map(|seconds| {
                Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
            }),
            counts: !facets.is_empty(),
            ..Request::default()
        };
        let found = errors::detached(py, &place.folder, || match &refinement {
            Some(refinement) => search::search_refined(&held, &plan, &request, refinement),
            None => search::search(&held, &plan, &request),
        })?;
        let Found { total, hits, facets: counts, partial } = found;
        // Of a search cut short it is known that there are these.
        let total = total.or(partial.then_some(hits.len() as u64));
        let hits = errors::attached(py, &place.folder, || {
            let hit = |hit: Hit| Ok((hit.document, hit.score, held.key_of(hit.document)?));
            hits.into_iter().map(hit).collect::<Result<Vec<_>>>()
        })?;
        let hits = PyList::new(py, hits)?;
        let counted_values = PyDict::new(py);
        for ((name, field), mut counts) in facets.iter().zip(counted).zip(counts) {
            // They come in the order of the values, which a stable sort keeps among equals.
            counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            let values = PyDict::new(py);
            for (value, count) in counts {
                values.set_item(field.to_python(py, value)?, count)?;
            }
            counted_values.set_item(name, values)?;
        }
        Ok((total, hits, counted_values, partial))
    }

    /// Gives what each field of a refinement adds to a document's score, by kin and by nearness.
    fn refine(
        &self,
        py: Python<'_>,
        refinement: &Bound<'_, PyAny>,
        number: i64,
    ) -> PyResult<Vec<(f64, f64)>> {
        let (held, number) = self.numbered(py, number)?;
        let refinement = plan::read_refinement(refinement, &self.place.fields)?;
        let found = errors::detached(py, &self.place.folder, || {
            search::refine(&held, &refinement, number)
        })?;
        Ok(found.into_iter().map(|evidence| (evidence.kin, evidence.near)).collect())
    }

    /// Gives the terms of a field that begin as a term does, the likest first.
    #[pyo3(signature = (field, term, *, limit))]
    fn kin(&self, py: Python<'_>, field: &str, term: &str, limit: usize) -> PyResult<Vec<String>> {
        let held = self.held(py)?;
        let field = self.place.fields.searched(py, field)?.number;
        errors::attached(py, &self.place.folder, || search::kin(&held, field, term, limit))
    }

    /// Gives the number of matching documents.
    fn count(&self, py: Python<'_>, plan: &Bound<'_, PyAny>) -> PyResult<u64> {
        let held = self.held(py)?;
        let plan = plan::read(plan, &self.place.fields, &self.expanded)?;
        errors::detached(py, &self.place.folder, || search::count(&held, &plan))
    }

    /// Gives the numbers of all matching documents, ascending.
    fn matching(&self, py: Python<'_>, plan: &Bound<'_, PyAny>) -> PyResult<Vec<u32>> {
        let held = self.held(py)?;
        let plan = plan::read(plan, &self.place.fields, &self.expanded)?;
        errors::detached(py, &self.place.folder, || search::matching(&held, &plan))
    }

    /// Gives for each leaf of a plan, excluded ones too, what it adds to a document's score.
    fn leaf_scores(
        &self,
        py: Python<'_>,
        plan: &Bound<'_, PyAny>,
        number: i64,
    ) -> PyResult<Vec<Option<Leaf>>> {
        let (held, number) = self.numbered(py, number)?;
        let plan = plan::read(plan, &self.place.fields, &self.expanded)?;
        let leaves =
            errors::detached(py, &self.place.folder, || search::explain(&held, &plan, number))?;
        let leaf = |leaf: search::LeafScore| {
            let facts = leaf.facts.map(|it| {
                (
                    it.idf,
                    it.documents,
                    it.holding,
                    it.frequency,
                    it.length,
                    it.average_length,
                    it.share,
                )
            });
            (leaf.score, facts)
        };
        Ok(leaves.into_iter().map(|it| it.map(leaf)).collect())
    }

    /// Gives the forms that a searchlib.query.plan.Pattern accepts, and whether those are all.
    #[pyo3(signature = (pattern, *, limit, should_stop))]
    fn expand<'py>(
        &self,
        py: Python<'py>,
        pattern: &Bound<'py, PyAny>,
        limit: usize,
        should_stop: &Bound<'py, PyAny>,
    ) -> PyResult<(Bound<'py, PyTuple>, bool)> {
        let held = self.held(py)?;
        let name: String = pattern.getattr(intern!(py, "field"))?.extract()?;
        let field = self.place.fields.searched(py, &name)?.number;
        let kind: String = pattern.getattr(intern!(py, "kind"))?.extract()?;
        let literal: String = pattern.getattr(intern!(py, "literal"))?.extract()?;
        let edits: usize = pattern.getattr(intern!(py, "edits"))?.extract()?;
        let typed: String = pattern.getattr(intern!(py, "pattern"))?.extract()?;
        let accepts = pattern.getattr(intern!(py, "accepts"))?;
        let is_prefix = kind == "prefix";
        let mut near = (kind == "fuzzy" && edits > 0).then(|| Near::new(&typed, edits));
        let mut failed = None;
        let mut seen = 0_usize;
        let mut ask = |folded: &str, form: &str| -> PyResult<ControlFlow<(), bool>> {
            seen += 1;
            if seen % ENTRIES_BETWEEN_LOOKS == 1 && should_stop.call0()?.is_truthy()? {
                return Ok(ControlFlow::Break(()));
            }
            let is_near = near.as_mut().is_none_or(|near| near.accepts(folded));
            // What begins with the letters of a prefix needs no further question.
            let is_accepted = is_prefix || is_near && accepts.call1((form,))?.is_truthy()?;
            Ok(ControlFlow::Continue(is_accepted))
        };
        let mut accepted = |folded: &str, form: &str| {
            ask(folded, form).unwrap_or_else(|error| {
                failed = Some(error);
                ControlFlow::Break(())
            })
        };
        let prefix = folded(&literal);
        let expanded = errors::attached(py, &self.place.folder, || {
            held.expand(field, &prefix, limit, &mut accepted)
        });
        if let Some(error) = failed {
            return Err(error);
        }
        let Expansion { forms, is_whole, held } = expanded?;
        let forms = PyTuple::new(py, forms)?;
        self.expanded.keep(&forms, held);
        Ok((forms, is_whole))
    }

    /// Gives the number of live documents whose field holds a form.
    fn form_frequency(&self, py: Python<'_>, field: &str, form: &str) -> PyResult<u64> {
        let held = self.held(py)?;
        let field = self.place.fields.searched(py, field)?.number;
        let key = form_key(&folded(form), form);
        errors::detached(py, &self.place.folder, || {
            if held.deleted() == 0 {
                return held.frequency(field, Words::Forms, &key);
            }
            let wanted = Wanted { field, words: Words::Forms, key };
            search::count(&held, &Plan::Word { wanted, boost: 1.0 })
        })
    }

    /// Gives the number of documents with a term, deleted ones not yet merged away too.
    fn term_frequency(&self, py: Python<'_>, field: &str, term: &str) -> PyResult<u64> {
        let held = self.held(py)?;
        let field = self.place.fields.searched(py, field)?.number;
        errors::attached(py, &self.place.folder, || {
            held.frequency(field, Words::Terms, term.as_bytes())
        })
    }

    /// Gives the live document with a key, or None.
    fn number_of(&self, py: Python<'_>, key: &str) -> PyResult<Option<u32>> {
        let held = self.held(py)?;
        errors::attached(py, &self.place.folder, || held.number_of(key))
    }

    /// Gives the key of a document.
    fn key_of(&self, py: Python<'_>, number: i64) -> PyResult<String> {
        let (held, number) = self.numbered(py, number)?;
        errors::attached(py, &self.place.folder, || held.key_of(number))
    }

    /// Gives the stored values of a document.
    fn stored<'py>(&self, py: Python<'py>, number: i64) -> PyResult<Bound<'py, PyDict>> {
        let (held, number) = self.numbered(py, number)?;
        let (key, bytes) = errors::attached(py, &self.place.folder, || {
            Ok((held.key_of(number)?, held.stored(number)?))
        })?;
        record::read(py, &self.place.fields, &key, &bytes)?.ok_or_else(|| {
            let segment = held.locate(number).and_then(|(at, _)| held.segments().get(at));
            let name = segment.map(|live| segment_name(live.entry.id)).unwrap_or_default();
            let problem = format!("the values of document {number} are malformed");
            errors::corrupt(py, &self.place.folder.join(name), None, &problem)
        })
    }

    /// Gives the sizes: live and deleted documents, segments, bytes, and for each text field
    /// its terms, forms and tokens.
    #[allow(clippy::type_complexity)]
    fn statistics(
        &self,
        py: Python<'_>,
    ) -> PyResult<(u32, u32, usize, u64, Vec<(String, u64, u64, u64)>)> {
        let held = self.held(py)?;
        let fields = errors::detached(py, &self.place.folder, || {
            let schema = held.schema();
            let texts = schema.fields().iter().enumerate();
            let texts = texts.filter(|(_, field)| field.kind == FieldKind::Text);
            let sizes = texts.map(|(number, field)| {
                let terms = held.word_count(number, Words::Terms)?;
                let forms = held.word_count(number, Words::Forms)?;
                Ok((field.name.clone(), terms, forms, held.positions(number)))
            });
            sizes.collect::<Result<Vec<_>>>()
        })?;
        let deleted = held.deleted();
        let live = held.documents() - deleted;
        Ok((live, deleted, held.segments().len(), held.size_bytes(), fields))
    }

    /// Releases the files.
    fn close(&self) {
        drop(self.held.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Words compared between two looks at the clock: a few milliseconds.
const ENTRIES_BETWEEN_LOOKS: usize = 1024;
