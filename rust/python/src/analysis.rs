//! Owns analysis and highlighting as Python sees them: equal to `searchlib.analysis` and
//! `searchlib.highlight`, in code points.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use searchlib_core::analysis::italian::{self, ItalianAnalyzer};
use searchlib_core::analysis::{self as core, Analyzer};
use searchlib_core::highlight::{self, Asked, Leaf, Reader, Words};

use crate::errors;

/// The analysis without corrections, whose memory all who use it share.
static PLAIN: LazyLock<Analysis> = LazyLock::new(|| Analysis::of(Arc::new(ItalianAnalyzer)));

/// Longer texts are read detached from the interpreter.
const MAX_ATTACHED_BYTES: usize = 1 << 16;

/// Form, term, position, positions, start, end.
type Token = (String, String, u32, u32, u32, u32);

/// Start, end, number of the leaf.
type Mark = (usize, usize, usize);

/// The Italian analysis with some corrections.
#[pyclass(frozen, module = "searchlib._native")]
#[derive(Clone)]
pub struct Analysis {
    analyzer: Arc<dyn Analyzer>,
    reader: Arc<Reader>,
}

impl Analysis {
    fn of(analyzer: Arc<dyn Analyzer>) -> Self {
        let reader = Arc::new(Reader::new(analyzer.clone()));
        Self { analyzer, reader }
    }

    /// Gives the analysis whose terms are changed by the two maps of searchlib's Corrections.
    pub fn corrected(protected: HashMap<String, String>, merged: HashMap<String, String>) -> Self {
        if protected.is_empty() && merged.is_empty() {
            return PLAIN.clone();
        }
        Self::of(Arc::new(ItalianAnalyzer.with_corrections(protected, merged)))
    }

    /// Gives the analyser of the core.
    pub fn analyzer(&self) -> Arc<dyn Analyzer> {
        self.analyzer.clone()
    }
}

#[pymethods]
impl Analysis {
    /// Makes the analysis whose terms are changed by the two maps of searchlib's Corrections.
    #[new]
    #[pyo3(signature = (protected = HashMap::new(), merged = HashMap::new()))]
    fn new(protected: HashMap<String, String>, merged: HashMap<String, String>) -> Self {
        Self::corrected(protected, merged)
    }

    /// Gives the tokens of a text: (form, term, position, positions, start, end).
    fn analyze(&self, text: &Bound<'_, PyString>) -> PyResult<Vec<Token>> {
        let (py, text) = (text.py(), read(text)?);
        guarded(py, &text, || {
            let mut tokens = Vec::new();
            self.reader.tokens(&text, |form, term, it| {
                let (form, term) = (form.to_owned(), term.to_owned());
                tokens.push((form, term, it.position, it.positions, it.start, it.end));
            });
            tokens
        })
    }

    /// Gives the tokens of a chunk, as analyze(), its positions, and how many words are too long.
    fn analyze_chunk(&self, chunk: &Bound<'_, PyString>) -> PyResult<(Vec<Token>, u32, u32)> {
        let (py, chunk) = (chunk.py(), read(chunk)?);
        guarded(py, &chunk, || {
            let (mut words, mut term) = (core::Words::default(), String::new());
            self.analyzer.analyze(&chunk, &mut words);
            let tokens = words.iter().map(|it| {
                self.analyzer.term(it.form, &mut term);
                (it.form.to_owned(), term.clone(), it.position, it.positions, it.start, it.end)
            });
            (tokens.collect(), words.positions(), words.overlong())
        })
    }

    /// Gives the index term of a form.
    fn term(&self, form: &Bound<'_, PyString>) -> PyResult<String> {
        let (py, form) = (form.py(), read(form)?);
        guarded(py, &form, || {
            let mut term = String::new();
            self.analyzer.term(&form, &mut term);
            term
        })
    }
}

/// Gives the tokens of a text without corrections; see Analysis.analyze.
#[pyfunction]
pub fn analyze(text: &Bound<'_, PyString>) -> PyResult<Vec<Token>> {
    PLAIN.analyze(text)
}

/// Gives the analysis of a chunk without corrections; see Analysis.analyze_chunk.
#[pyfunction]
pub fn analyze_chunk(chunk: &Bound<'_, PyString>) -> PyResult<(Vec<Token>, u32, u32)> {
    PLAIN.analyze_chunk(chunk)
}

/// Gives the index term of a form, without corrections.
#[pyfunction]
pub fn term_of(form: &Bound<'_, PyString>) -> PyResult<String> {
    PLAIN.term(form)
}

/// Gives the text normalised and without accents: what patterns are matched on.
#[pyfunction]
pub fn fold(text: &Bound<'_, PyString>) -> PyResult<String> {
    let (py, text) = (text.py(), read(text)?);
    guarded(py, &text, || italian::fold(&text))
}

/// Tells whether a form is a stop word.
#[pyfunction]
pub fn is_stop_word(form: &Bound<'_, PyString>) -> PyResult<bool> {
    let (py, form) = (form.py(), read(form)?);
    guarded(py, &form, || italian::is_stop_word(&form))
}

/// Finds what of texts answers some leaves of a query.
///
/// A leaf is ("term", weight, terms), ("form", weight, forms), any of which it marks, or ("phrase",
/// weight, words with their positions, slop, whether they are forms).
#[pyclass(frozen, module = "searchlib._native")]
pub struct Highlighter {
    core: highlight::Highlighter,
}

#[pymethods]
impl Highlighter {
    /// Makes the highlighter of some leaves, in texts of an analysis, the plain one without it.
    ///
    /// Of a question `asked` tells whether it wants a date, and the numbers that it names.
    #[new]
    #[pyo3(signature = (leaves, asked = None, analysis = None))]
    fn new(
        leaves: Vec<Bound<'_, PyTuple>>,
        asked: Option<(bool, Vec<String>)>,
        analysis: Option<&Analysis>,
    ) -> PyResult<Self> {
        let reader = analysis.unwrap_or(&PLAIN).reader.clone();
        let leaves = leaves.iter().map(leaf).collect::<PyResult<_>>()?;
        let asked = asked.map(|(wants_date, numbers)| Asked { wants_date, numbers });
        Ok(Self { core: highlight::Highlighter::new(reader, leaves, asked) })
    }

    /// Gives the marks of a whole text: (start, end, number of the leaf), without overlaps.
    fn marks(&self, text: &Bound<'_, PyString>) -> PyResult<Vec<Mark>> {
        let (py, text) = (text.py(), read(text)?);
        guarded(py, &text, || self.core.marks(&text).iter().map(mark).collect())
    }

    /// Gives the best passage of at most so many characters: start, end, whether there is text
    /// before it and after it, and its marks, whose places count from its start.
    fn passage(
        &self,
        text: &Bound<'_, PyString>,
        max_chars: usize,
    ) -> PyResult<(usize, usize, bool, bool, Vec<Mark>)> {
        let (py, text) = (text.py(), read(text)?);
        guarded(py, &text, || {
            let found = self.core.passage(&text, max_chars);
            let (start, end) = (found.place.start, found.place.end);
            let marks = found.marks.iter().map(mark).collect();
            (start, end, found.truncated_start, found.truncated_end, marks)
        })
    }
}

fn mark(span: &highlight::Span) -> Mark {
    (span.start, span.end, span.leaf)
}

fn leaf(tuple: &Bound<'_, PyTuple>) -> PyResult<Leaf> {
    let kind: String = tuple.get_item(0)?.extract()?;
    let weight = tuple.get_item(1)?.extract()?;
    let words = tuple.get_item(2)?;
    let is_exact = match kind.as_str() {
        "term" => false,
        "form" => true,
        "phrase" => {
            let (words, slop) = (words.extract()?, tuple.get_item(3)?.extract()?);
            let is_exact = tuple.get_item(4)?.extract()?;
            return Ok(Leaf { words: Words::Phrase { words, slop }, is_exact, weight });
        }
        _ => return Err(PyValueError::new_err(format!("no kind of leaf: {kind:?}"))),
    };
    Ok(Leaf { words: Words::Any(words.extract()?), is_exact, weight })
}

/// Does what concerns a text, detached from the interpreter where it is long.
fn guarded<T: Send>(py: Python<'_>, text: &str, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    let work = || Ok(work());
    match text.len() > MAX_ATTACHED_BYTES {
        true => errors::detached(py, Path::new(""), work),
        false => errors::attached(py, Path::new(""), work),
    }
}

/// Gives the text, with U+FFFD for each lone surrogate: the two are no part of any word.
fn read<'a>(text: &'a Bound<'_, PyString>) -> PyResult<Cow<'a, str>> {
    if let Ok(text) = text.to_str() {
        return Ok(Cow::Borrowed(text));
    }
    let encoded = text.call_method1("encode", ("utf-8", "surrogatepass"))?;
    let mut bytes = encoded.cast::<PyBytes>()?.as_bytes().to_vec();
    for at in 0..bytes.len().saturating_sub(2) {
        // No other character begins so; U+FFFD has three bytes as well.
        if bytes[at] == 0xed && bytes[at + 1] >= 0xa0 {
            bytes[at..at + 3].copy_from_slice("\u{fffd}".as_bytes());
        }
    }
    Ok(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))
}
