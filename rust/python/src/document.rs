//! Owns the reading of documents: from what a caller gives straight to what the core takes.
//!
//! Only what plainly fits the schema is read; of all else the caller is told, so that
//! searchlib.schema says what is wrong with it, or mends it.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};
use searchlib_core::buffer;
use searchlib_core::columns::Value;

use crate::errors::is_ordinary;
use crate::fields::{Field, Fields, Kind};
use crate::record::RecordWriter;
use crate::texts::Text;

/// The limits of searchlib.schema, in bytes of UTF-8.
#[derive(Clone, Copy)]
pub struct Limits {
    pub key: usize,
    pub keyword: usize,
    pub document: usize,
}

/// A document that fits the schema.
pub struct Document {
    key: PyBackedStr,
    texts: Vec<(usize, Text)>,
    values: Vec<(usize, Value)>,
    stored: Vec<u8>,
}

impl Document {
    /// Gives how many bytes its texts have.
    pub fn text_bytes(&self) -> usize {
        self.texts.iter().map(|(_, text)| text.len()).sum()
    }

    /// Calls `take` with the document as the core takes it.
    pub fn with<T>(&self, take: impl FnOnce(&buffer::Document<'_>) -> T) -> T {
        let texts: Vec<(usize, &str)> =
            self.texts.iter().map(|(field, text)| (*field, &**text)).collect();
        let Self { key, values, stored, .. } = self;
        take(&buffer::Document { key, texts: &texts, values, stored })
    }
}

/// Reads documents of one schema.
pub struct DocumentReader {
    limits: Limits,
    /// The class whose instances are documents, if there is one.
    class: Option<Py<PyType>>,
    /// `encode` of a JSON encoder.
    to_json: Py<PyAny>,
}

/// What a field does not take.
struct Unfit;

type Fit<T> = Result<T, Unfit>;

impl DocumentReader {
    /// Gives a reader; instances of `class` are documents as well as dicts.
    pub fn new(py: Python<'_>, limits: Limits, class: Option<Py<PyType>>) -> PyResult<Self> {
        let options = PyDict::new(py);
        options.set_item("ensure_ascii", false)?;
        options.set_item("allow_nan", false)?;
        options.set_item("separators", (",", ":"))?;
        let encoder = py.import("json")?.getattr("JSONEncoder")?.call((), Some(&options))?;
        Ok(Self { limits, class, to_json: encoder.getattr("encode")?.unbind() })
    }

    /// Gives the document, or nothing where it does not plainly fit.
    ///
    /// # Errors
    /// An interrupt.
    pub fn read(&self, fields: &Fields, given: &Bound<'_, PyAny>) -> PyResult<Option<Document>> {
        match self.read_or_fail(fields, given) {
            Err(error) if is_ordinary(given.py(), &error) => Ok(None),
            read => read,
        }
    }

    fn read_or_fail(
        &self,
        fields: &Fields,
        given: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Document>> {
        let py = given.py();
        let mapping = given.cast_exact::<PyDict>().ok();
        let is_instance =
            self.class.as_ref().is_some_and(|class| given.get_type().is(class.bind(py)));
        if mapping.is_none() && !is_instance {
            return Ok(None);
        }
        let mut reading = Reading::new(self, fields);
        let mut known = 0;
        for (at, field) in fields.fields.iter().enumerate() {
            let value = match mapping {
                Some(mapping) => mapping.get_item(&field.name)?,
                None => Some(given.getattr(&field.name)?),
            };
            known += usize::from(value.is_some());
            let value = value.filter(|value| !value.is_none());
            let value = value.or_else(|| field.default.as_ref().map(|it| it.bind(py).clone()));
            match value {
                Some(value) => {
                    if reading.take(at, field, &value)?.is_err() {
                        return Ok(None);
                    }
                }
                None if field.is_optional => {}
                None => return Ok(None),
            }
        }
        // A mapping with fields that the schema does not know is refused.
        if mapping.is_some_and(|mapping| mapping.len() != known) {
            return Ok(None);
        }
        Ok(reading.finish())
    }
}

/// A document in the course of being read.
struct Reading<'a> {
    reader: &'a DocumentReader,
    key: Option<PyBackedStr>,
    texts: Vec<(usize, Text)>,
    values: Vec<(usize, Value)>,
    record: RecordWriter,
}

impl<'a> Reading<'a> {
    fn new(reader: &'a DocumentReader, fields: &Fields) -> Self {
        let record = RecordWriter::new(fields.fields.len(), 1024);
        Self { reader, key: None, texts: Vec::new(), values: Vec::new(), record }
    }

    fn finish(self) -> Option<Document> {
        let Self { reader, key, texts, values, record } = self;
        let document = Document { key: key?, texts, values, stored: record.finish() };
        (document.text_bytes() <= reader.limits.document).then_some(document)
    }

    /// Takes the value of a field, which has the number `at` in the schema.
    fn take(&mut self, at: usize, field: &Field, value: &Bound<'_, PyAny>) -> PyResult<Fit<()>> {
        match field.kind {
            Kind::Key => {
                let key = text_of(value)?;
                if key.is_empty() || key.len() > self.reader.limits.key {
                    return Ok(Err(Unfit));
                }
                self.key = Some(key);
            }
            Kind::Text => {
                let text = Text::of(value)?;
                if field.is_kept {
                    self.record.put_text(at, &text);
                }
                self.texts.push((field.number, text));
            }
            Kind::Keyword if field.is_multiple => return self.take_keywords(at, field, value),
            Kind::Keyword => {
                let keyword = text_of(value)?;
                if keyword.len() > self.reader.limits.keyword {
                    return Ok(Err(Unfit));
                }
                self.record.put_text(at, &keyword);
                self.values.push((field.number, Value::Text(keyword.to_string())));
            }
            Kind::Stored => {
                let encoded = self.reader.to_json.bind(value.py()).call1((value,))?;
                self.record.put_text(at, encoded.cast::<PyString>()?.to_str()?);
            }
            _ => return self.take_number(at, field, value),
        }
        Ok(Ok(()))
    }

    fn take_keywords(
        &mut self,
        at: usize,
        field: &Field,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<Fit<()>> {
        let given: Vec<Bound<'_, PyAny>> = if let Ok(list) = value.cast::<PyList>() {
            list.iter().collect()
        } else if let Ok(tuple) = value.cast::<PyTuple>() {
            tuple.iter().collect()
        } else {
            vec![value.clone()]
        };
        let mut keywords: Vec<PyBackedStr> = Vec::with_capacity(given.len());
        for keyword in &given {
            let keyword = text_of(keyword)?;
            if keyword.len() > self.reader.limits.keyword {
                return Ok(Err(Unfit));
            }
            if !keywords.iter().any(|before| **before == *keyword) {
                keywords.push(keyword);
            }
        }
        self.record.put_texts(at, keywords.iter().map(|keyword| &**keyword));
        let values = keywords.iter().map(|keyword| Value::Text(keyword.to_string()));
        self.values.extend(values.map(|value| (field.number, value)));
        Ok(Ok(()))
    }

    fn take_number(
        &mut self,
        at: usize,
        field: &Field,
        value: &Bound<'_, PyAny>,
    ) -> PyResult<Fit<()>> {
        let is_boolean = value.is_instance_of::<PyBool>();
        let value = match field.kind {
            Kind::Boolean if is_boolean => {
                let flag: bool = value.extract()?;
                self.record.put_boolean(at, flag);
                Value::Integer(i64::from(flag))
            }
            Kind::Integer if !is_boolean && value.is_instance_of::<PyInt>() => {
                let number: i64 = value.extract()?;
                self.record.put_integer(at, number);
                Value::Integer(number)
            }
            Kind::Number
                if !is_boolean
                    && (value.is_instance_of::<PyFloat>() || value.is_instance_of::<PyInt>()) =>
            {
                let number: f64 = value.extract()?;
                if !number.is_finite() {
                    return Ok(Err(Unfit));
                }
                self.record.put_number(at, number);
                Value::Number(number)
            }
            Kind::Date => {
                let Some(days) = days_of(value)? else { return Ok(Err(Unfit)) };
                self.record.put_date(at, days);
                Value::Integer(days)
            }
            _ => return Ok(Err(Unfit)),
        };
        self.values.push((field.number, value));
        Ok(Ok(()))
    }
}

fn text_of(value: &Bound<'_, PyAny>) -> PyResult<PyBackedStr> {
    PyBackedStr::try_from(value.cast::<PyString>()?.clone())
}

/// Gives the number of a day, from a date or a text such as 2022-09-06.
fn days_of(value: &Bound<'_, PyAny>) -> PyResult<Option<i64>> {
    static DATE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let py = value.py();
    let class = DATE.import(py, "datetime", "date")?;
    let ordinal = intern!(py, "toordinal");
    if value.get_type().is(class) {
        return value.call_method0(ordinal)?.extract().map(Some);
    }
    let Ok(text) = value.cast::<PyString>() else { return Ok(None) };
    let is_plain = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    let written = text.to_str()?;
    if written.len() != 10 || !written.bytes().enumerate().all(is_plain) {
        return Ok(None);
    }
    let date = class.call_method1(intern!(py, "fromisoformat"), (text,))?;
    date.call_method0(ordinal)?.extract().map(Some)
}
