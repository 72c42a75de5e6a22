//! Owns the record: the values of a document that are given back, as bytes.
//!
//! ```text
//! record  = present:u8* value*             a bit for each field of the schema but the key, from
//!                                          the lowest of the first byte on; the values of those
//! value   = text:text                      text
//!         | keyword:text                   keyword of one value
//!         | count:varint keyword:text*     keyword of several values
//!         | zigzag:varint                  integer
//!         | number:f64                     number, as the bits of a double
//!         | days:varint                    date; 1 is the first of January of the year 1
//!         | flag:u8                        boolean: 0 or 1
//!         | json:text                      stored: JSON
//! ```
//!
//! The key is in its column, and texts that are not kept are nowhere.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};
use searchlib_core::bytes::{Reader, put_text, put_varint};

use crate::fields::{Field, Fields, Kind};

/// Collects the record of a document; fields come in the order of the schema.
pub struct RecordWriter {
    bytes: Vec<u8>,
}

impl RecordWriter {
    /// Gives an empty record for so many fields.
    pub fn new(fields: usize, capacity: usize) -> Self {
        let mut bytes = Vec::with_capacity(fields.div_ceil(8) + capacity);
        bytes.resize(fields.div_ceil(8), 0);
        Self { bytes }
    }

    fn mark(&mut self, field: usize) {
        if let Some(byte) = self.bytes.get_mut(field / 8) {
            *byte |= 1 << (field % 8);
        }
    }

    /// Appends a text, a keyword or JSON.
    pub fn put_text(&mut self, field: usize, text: &str) {
        self.mark(field);
        // At once, not by doubling until it fits; 16 is more than the length takes.
        self.bytes.reserve(text.len() + 16);
        put_text(&mut self.bytes, text);
    }

    /// Appends several keywords.
    pub fn put_texts<'a>(&mut self, field: usize, texts: impl ExactSizeIterator<Item = &'a str>) {
        self.mark(field);
        put_varint(&mut self.bytes, texts.len() as u64);
        texts.for_each(|text| put_text(&mut self.bytes, text));
    }

    /// Appends a whole number.
    pub fn put_integer(&mut self, field: usize, number: i64) {
        self.mark(field);
        put_varint(&mut self.bytes, (number << 1 ^ number >> 63) as u64);
    }

    /// Appends a number.
    pub fn put_number(&mut self, field: usize, number: f64) {
        self.mark(field);
        self.bytes.extend_from_slice(&number.to_bits().to_le_bytes());
    }

    /// Appends the number of a day.
    pub fn put_date(&mut self, field: usize, days: i64) {
        self.mark(field);
        put_varint(&mut self.bytes, days as u64);
    }

    /// Appends a truth value.
    pub fn put_boolean(&mut self, field: usize, flag: bool) {
        self.mark(field);
        self.bytes.push(u8::from(flag));
    }

    /// Gives the bytes.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Gives the values of a record with the key, in the order of the schema; nothing where the bytes
/// are no record.
pub fn read<'py>(
    py: Python<'py>,
    fields: &Fields,
    key: &str,
    bytes: &[u8],
) -> PyResult<Option<Bound<'py, PyDict>>> {
    let values = PyDict::new(py);
    let mut reader = Reader::new(bytes);
    let Some(present) = reader.take(fields.fields.len().div_ceil(8)) else { return Ok(None) };
    for (at, field) in fields.fields.iter().enumerate() {
        let is_present = present.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1);
        if field.kind == Kind::Key {
            values.set_item(&field.name, key)?;
        } else if is_present {
            let Some(value) = read_value(py, field, &mut reader)? else { return Ok(None) };
            values.set_item(&field.name, value)?;
        }
    }
    Ok((reader.remaining() == 0).then_some(values))
}

fn read_value<'py>(
    py: Python<'py>,
    field: &Field,
    reader: &mut Reader<'_>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let text = |text: &str| PyString::new(py, text).into_any();
    Ok(match field.kind {
        Kind::Keyword if field.is_multiple => {
            let Some(count) = reader.count() else { return Ok(None) };
            let texts = (0..count).map(|_| reader.text()).collect::<Option<Vec<_>>>();
            let Some(texts) = texts else { return Ok(None) };
            Some(PyTuple::new(py, texts)?.into_any())
        }
        Kind::Key | Kind::Text | Kind::Keyword => reader.text().map(text),
        Kind::Integer => match reader.varint() {
            Some(zigzag) => {
                let number = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
                Some(number.into_pyobject(py)?.into_any())
            }
            None => None,
        },
        Kind::Number => match reader.u64() {
            Some(bits) => Some(f64::from_bits(bits).into_pyobject(py)?.into_any()),
            None => None,
        },
        Kind::Date => match reader.varint() {
            Some(days) if (1..=LAST_DAY).contains(&days) => Some(date_of(py, days as i64)?),
            _ => None,
        },
        Kind::Boolean => match reader.u8() {
            Some(flag @ (0 | 1)) => Some((flag == 1).into_pyobject(py)?.to_owned().into_any()),
            _ => None,
        },
        Kind::Stored => match reader.text() {
            Some(json) => from_json(py, json)?,
            None => None,
        },
    })
}

/// The number of the last of December of the year 9999.
const LAST_DAY: u64 = 3_652_059;

/// Gives the date of a number of days.
pub fn date_of(py: Python<'_>, days: i64) -> PyResult<Bound<'_, PyAny>> {
    static FROM_ORDINAL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let from_ordinal = FROM_ORDINAL.get_or_try_init(py, || {
        py.import("datetime")?.getattr("date")?.getattr("fromordinal").map(Bound::unbind)
    })?;
    from_ordinal.bind(py).call1((days,))
}

fn from_json<'py>(py: Python<'py>, json: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    match LOADS.import(py, "json", "loads")?.call1((json,)) {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_instance(py, ERROR.import(py, "json", "JSONDecodeError")?) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
