//! Owns the reading of plans: from the values of searchlib.query.plan to the core's.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString, PyTuple, PyType};
use searchlib_core::analysis::Analyzer;
use searchlib_core::analysis::italian::ItalianAnalyzer;
use searchlib_core::columns::Value;
use searchlib_core::search::{FormSet, Plan, RefinedField, RefinedWord, Refinement, Wanted};
use searchlib_core::segment::{Words, form_key};
use searchlib_core::snapshot::HeldForms;

use crate::errors;
use crate::fields::{Field, Fields, Kind};

/// As deep as combinations may be nested; the core allows fewer.
const MAX_DEPTH: usize = 200;

/// The classes of searchlib.query.plan.
struct Classes {
    term: Py<PyType>,
    form: Py<PyType>,
    phrase: Py<PyType>,
    any_form: Py<PyType>,
    value: Py<PyType>,
    range: Py<PyType>,
    all: Py<PyType>,
    none: Py<PyType>,
    combination: Py<PyType>,
}

fn classes(py: Python<'_>) -> PyResult<&'static Classes> {
    static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();
    CLASSES.get_or_try_init(py, || {
        let module = py.import("searchlib.query.plan")?;
        let class = |name: &str| -> PyResult<Py<PyType>> {
            Ok(module.getattr(name)?.cast_into::<PyType>()?.unbind())
        };
        Ok(Classes {
            term: class("Term")?,
            form: class("Form")?,
            phrase: class("Phrase")?,
            any_form: class("AnyForm")?,
            value: class("Value")?,
            range: class("Range")?,
            all: class("AllDocuments")?,
            none: class("NoDocuments")?,
            combination: class("Combination")?,
        })
    })
}

/// What the last patterns stand for: the forms that Python was given, and what a snapshot knows of
/// them. Who asks for the same tuple again need not have its forms looked up.
#[derive(Default)]
pub struct Expanded(Mutex<VecDeque<(Py<PyTuple>, Arc<HeldForms>)>>);

impl Expanded {
    /// A query has few patterns, in each of some fields.
    const MOST: usize = 16;

    /// Keeps what is known of some forms.
    pub fn keep(&self, forms: &Bound<'_, PyTuple>, held: HeldForms) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(Self::MOST - 1);
        kept.push_front((forms.clone().unbind(), Arc::new(held)));
    }

    fn find(&self, forms: &Bound<'_, PyAny>) -> Option<Arc<HeldForms>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(known, _)| known.is(forms)).map(|(_, held)| held.clone())
    }
}

/// Gives the plan of the core for a plan of searchlib.query.plan.
pub fn read(plan: &Bound<'_, PyAny>, fields: &Fields, expanded: &Expanded) -> PyResult<Plan> {
    read_within(plan, &Reading { fields, expanded }, 0)
}

/// What plans are read with.
struct Reading<'a> {
    fields: &'a Fields,
    expanded: &'a Expanded,
}

fn read_within(plan: &Bound<'_, PyAny>, reading: &Reading<'_>, depth: usize) -> PyResult<Plan> {
    let py = plan.py();
    let known = classes(py)?;
    let class = plan.get_type();
    if class.is(&known.combination) {
        return read_combination(plan, reading, depth);
    }
    if class.is(&known.none) {
        return Ok(Plan::None);
    }
    let boost: f64 = plan.getattr(intern!(py, "boost"))?.extract()?;
    if class.is(&known.all) {
        return Ok(Plan::All { boost });
    }
    let name = plan.getattr(intern!(py, "field"))?;
    let field = reading.fields.searched(py, name.cast::<PyString>()?.to_str()?)?;
    if class.is(&known.value) || class.is(&known.range) {
        return read_values(plan, field, boost, class.is(&known.range));
    }
    let boost = boost * field.weight;
    if class.is(&known.term) {
        return read_word(field, Words::Terms, &plan.getattr(intern!(py, "term"))?, boost);
    }
    if class.is(&known.form) {
        return read_word(field, Words::Forms, &plan.getattr(intern!(py, "form"))?, boost);
    }
    if class.is(&known.phrase) {
        return read_phrase(plan, field, boost);
    }
    if class.is(&known.any_form) {
        let forms = plan.getattr(intern!(py, "forms"))?;
        let forms = match reading.expanded.find(&forms) {
            Some(held) if held.field() == field.number => FormSet::Held(held),
            _ => {
                let keys = forms.try_iter()?.map(|form| key_of(Words::Forms, &form?));
                FormSet::Keys(keys.collect::<PyResult<_>>()?)
            }
        };
        return Ok(Plan::AnyForm { field: field.number, forms, boost });
    }
    let problem = format!("a {} is not for an engine: expand it first", class.name()?);
    Err(PyTypeError::new_err(problem))
}

fn read_combination(
    plan: &Bound<'_, PyAny>,
    reading: &Reading<'_>,
    depth: usize,
) -> PyResult<Plan> {
    let py = plan.py();
    if depth > MAX_DEPTH {
        let expected = format!("a plan nested at most {MAX_DEPTH} deep");
        return Err(errors::argument(py, "plan", &expected, "a deeper one"));
    }
    let clauses = |name: &Bound<'_, PyString>| -> PyResult<Vec<Plan>> {
        let clauses = plan.getattr(name)?.cast_into::<PyTuple>()?;
        clauses.iter().map(|clause| read_within(&clause, reading, depth + 1)).collect()
    };
    Ok(Plan::Combination {
        required: clauses(intern!(py, "required"))?,
        optional: clauses(intern!(py, "optional"))?,
        excluded: clauses(intern!(py, "excluded"))?,
    })
}

/// Gives the refinement of the core for one of searchlib.query.plan.
pub fn read_refinement(refinement: &Bound<'_, PyAny>, fields: &Fields) -> PyResult<Refinement> {
    let py = refinement.py();
    let read = refinement.getattr(intern!(py, "fields"))?.try_iter()?;
    let read = read.map(|field| read_refined_field(&field?, fields));
    Ok(Refinement {
        fields: read.collect::<PyResult<_>>()?,
        depth: refinement.getattr(intern!(py, "depth"))?.extract()?,
        kin: refinement.getattr(intern!(py, "kin"))?.extract()?,
        k1: refinement.getattr(intern!(py, "k1"))?.extract()?,
        b: refinement.getattr(intern!(py, "b"))?.extract()?,
        near: refinement.getattr(intern!(py, "near"))?.extract()?,
        width: refinement.getattr(intern!(py, "width"))?.extract()?,
        exact_grade: refinement.getattr(intern!(py, "exact_grade"))?.extract()?,
        kin_grade: refinement.getattr(intern!(py, "kin_grade"))?.extract()?,
    })
}

fn read_refined_field(refined: &Bound<'_, PyAny>, fields: &Fields) -> PyResult<RefinedField> {
    let py = refined.py();
    let name = refined.getattr(intern!(py, "field"))?;
    let field = fields.searched(py, name.cast::<PyString>()?.to_str()?)?;
    let words = refined.getattr(intern!(py, "words"))?.try_iter()?;
    let words = words.map(|word| -> PyResult<RefinedWord> {
        let word = word?;
        let form = word.getattr(intern!(py, "form"))?;
        let kin = word.getattr(intern!(py, "kin"))?;
        let kin = kin.cast::<PyTuple>()?.iter().map(|term| key_of(Words::Terms, &term));
        Ok(RefinedWord {
            term: key_of(Words::Terms, &word.getattr(intern!(py, "term"))?)?,
            form: if form.is_none() { None } else { Some(key_of(Words::Forms, &form)?) },
            kin: kin.collect::<PyResult<_>>()?,
            weight: word.getattr(intern!(py, "weight"))?.extract()?,
        })
    });
    let words = words.collect::<PyResult<_>>()?;
    Ok(RefinedField { field: field.number, words })
}

/// Gives the spelling of a form that patterns are matched on.
pub fn folded(form: &str) -> String {
    let mut folded = String::new();
    ItalianAnalyzer.fold(form, &mut folded);
    folded
}

fn key_of(words: Words, word: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let word = word.cast::<PyString>()?.to_str()?;
    Ok(match words {
        Words::Terms => word.as_bytes().to_vec(),
        Words::Forms => form_key(&folded(word), word),
    })
}

fn read_word(field: &Field, words: Words, word: &Bound<'_, PyAny>, boost: f64) -> PyResult<Plan> {
    let wanted = Wanted { field: field.number, words, key: key_of(words, word)? };
    Ok(Plan::Word { wanted, boost })
}

fn read_phrase(plan: &Bound<'_, PyAny>, field: &Field, boost: f64) -> PyResult<Plan> {
    let py = plan.py();
    let is_exact: bool = plan.getattr(intern!(py, "exact"))?.extract()?;
    let words = if is_exact { Words::Forms } else { Words::Terms };
    let mut keys = Vec::new();
    for pair in plan.getattr(intern!(py, "words"))?.try_iter()? {
        let (position, word): (u32, Bound<'_, PyAny>) = pair?.extract()?;
        keys.push((position, key_of(words, &word)?));
    }
    let slop: u64 = plan.getattr(intern!(py, "slop"))?.extract()?;
    let slop = u32::try_from(slop).unwrap_or(u32::MAX);
    Ok(Plan::Phrase { field: field.number, words, keys, slop, boost })
}

fn read_values(
    plan: &Bound<'_, PyAny>,
    field: &Field,
    boost: f64,
    is_range: bool,
) -> PyResult<Plan> {
    let py = plan.py();
    if field.kind == Kind::Text {
        return Err(errors::argument(py, "field", "a field of values", "a text"));
    }
    let bound = |name: &Bound<'_, PyString>, with: bool, side| -> PyResult<Option<Bounded>> {
        let value = plan.getattr(name)?;
        if value.is_none() { Ok(None) } else { bounded(field, &value, with, side).map(Some) }
    };
    let (low, high) = if is_range {
        let with_low = plan.getattr(intern!(py, "includes_low"))?.extract()?;
        let with_high = plan.getattr(intern!(py, "includes_high"))?.extract()?;
        let low = bound(intern!(py, "low"), with_low, Side::Low)?;
        (low, bound(intern!(py, "high"), with_high, Side::High)?)
    } else {
        let name = intern!(py, "value");
        (bound(name, true, Side::Low)?, bound(name, true, Side::High)?)
    };
    Ok(match (low, high) {
        (Some(Bounded::Beyond), _) | (_, Some(Bounded::Beyond)) => Plan::None,
        (low, high) => {
            let bound = |bound| match bound {
                Some(Bounded::At(value, with)) => Some((value, with)),
                _ => None,
            };
            Plan::Range { field: field.number, low: bound(low), high: bound(high), boost }
        }
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Low,
    High,
}

/// A bound of a range in a column.
enum Bounded {
    /// The value, and whether it is within.
    At(Value, bool),
    /// Every value is on the right side of it.
    Open,
    /// No value is.
    Beyond,
}

fn bounded(field: &Field, value: &Bound<'_, PyAny>, with: bool, side: Side) -> PyResult<Bounded> {
    let py = value.py();
    let is_number = value.is_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>();
    let is_boolean = value.is_instance_of::<PyBool>();
    Ok(match field.kind {
        Kind::Key | Kind::Keyword if value.is_instance_of::<PyString>() => {
            Bounded::At(Value::Text(value.extract()?), with)
        }
        Kind::Boolean if is_boolean => {
            let flag: bool = value.extract()?;
            Bounded::At(Value::Integer(i64::from(flag)), with)
        }
        Kind::Date if !is_number && !value.is_instance_of::<PyString>() => {
            let days = value.call_method0(intern!(py, "toordinal"))?.extract()?;
            Bounded::At(Value::Integer(days), with)
        }
        Kind::Integer if is_number => whole(value, with, side)?,
        Kind::Number if is_number => match value.extract::<f64>() {
            Ok(number) => Bounded::At(Value::Number(number), with),
            // An int beyond every double.
            Err(_) => beyond(value.gt(0)?, side),
        },
        _ => {
            let found = value.repr()?.to_string();
            return Err(errors::argument(py, "value", "a value of the field's kind", &found));
        }
    })
}

/// Gives the bound for what is above or below every value.
fn beyond(is_above: bool, side: Side) -> Bounded {
    if is_above == (side == Side::Low) { Bounded::Beyond } else { Bounded::Open }
}

/// Gives the bound of a column of whole numbers: of a fraction the next one within.
fn whole(value: &Bound<'_, PyAny>, with: bool, side: Side) -> PyResult<Bounded> {
    if value.is_instance_of::<PyInt>() {
        return Ok(match value.extract::<i64>() {
            Ok(number) => Bounded::At(Value::Integer(number), with),
            Err(_) => beyond(value.gt(0)?, side),
        });
    }
    let number: f64 = value.extract()?;
    let nearest = if side == Side::Low { number.ceil() } else { number.floor() };
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if number.is_nan() {
        return Ok(Bounded::Beyond);
    }
    if !(-LIMIT..LIMIT).contains(&nearest) {
        return Ok(beyond(nearest > 0.0, side));
    }
    Ok(Bounded::At(Value::Integer(nearest as i64), with || nearest != number))
}
