//! Owns the fields of an index: what the core knows of them, and what only Python does.

use std::collections::HashMap;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;
use searchlib_core::columns::{ColumnKind, ColumnType, Value};
use searchlib_core::schema::{self, FieldKind, Schema};

use crate::errors;

/// The kinds of searchlib.schema.Kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Key,
    Text,
    Keyword,
    Integer,
    Number,
    Date,
    Boolean,
    Stored,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "key" => Self::Key,
            "text" => Self::Text,
            "keyword" => Self::Keyword,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "date" => Self::Date,
            "boolean" => Self::Boolean,
            "stored" => Self::Stored,
            _ => return None,
        })
    }

    /// Gives what the core makes of it: nothing of what is only kept.
    fn in_core(self, multiple: bool) -> Option<FieldKind> {
        let kind = match self {
            Self::Stored => return None,
            Self::Text => return Some(FieldKind::Text),
            Self::Key => ColumnKind::Key,
            Self::Keyword => ColumnKind::Text,
            Self::Number => ColumnKind::Number,
            Self::Integer | Self::Date | Self::Boolean => ColumnKind::Integer,
        };
        Some(FieldKind::Column(ColumnType { kind, multiple }))
    }
}

/// A field, in the order of the schema.
pub struct Field {
    pub name: Py<PyString>,
    pub kind: Kind,
    pub is_multiple: bool,
    pub is_optional: bool,
    pub is_kept: bool,
    pub weight: f64,
    pub default: Option<Py<PyAny>>,
    /// Its number in the core, which does not know fields that are only kept.
    pub number: usize,
}

/// All fields of an index.
pub struct Fields {
    pub fields: Vec<Field>,
    pub schema: Schema,
    by_name: HashMap<String, usize>,
}

impl Fields {
    /// Reads a searchlib.Schema.
    pub fn read(schema: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = schema.py();
        let (mut fields, mut in_core) = (Vec::new(), Vec::new());
        let mut by_name = HashMap::new();
        for item in schema.call_method0(intern!(py, "items"))?.try_iter()? {
            let (name, described): (Bound<'_, PyString>, Bound<'_, PyAny>) = item?.extract()?;
            let kind: String = described.getattr("kind")?.getattr("value")?.extract()?;
            let kind = Kind::of(&kind)
                .ok_or_else(|| errors::argument(py, "schema", "a known kind of field", &kind))?;
            let is_multiple = described.getattr("multiple")?.extract()?;
            let default = described.getattr("default")?;
            by_name.insert(name.to_str()?.to_owned(), fields.len());
            fields.push(Field {
                name: name.clone().unbind(),
                kind,
                is_multiple,
                is_optional: described.getattr("optional")?.extract()?,
                is_kept: described.getattr("stored")?.extract()?,
                weight: described.getattr("weight")?.extract()?,
                default: (!default.is_none()).then(|| default.unbind()),
                number: in_core.len(),
            });
            if let Some(kind) = kind.in_core(is_multiple) {
                in_core.push(schema::Field { name: name.to_str()?.to_owned(), kind });
            }
        }
        let schema = Schema::new(in_core)
            .map_err(|error| errors::argument(py, "schema", "a schema", &error.to_string()))?;
        Ok(Self { fields, schema, by_name })
    }

    /// Gives the field of a name that the core knows.
    pub fn searched(&self, py: Python<'_>, name: &str) -> PyResult<&Field> {
        let field = self.by_name.get(name).and_then(|&at| self.fields.get(at));
        field
            .filter(|field| field.kind != Kind::Stored)
            .ok_or_else(|| errors::argument(py, "field", "a field that is searched", name))
    }
}

impl Field {
    /// Gives a value of a column as Python has it.
    pub fn to_python<'py>(&self, py: Python<'py>, value: Value) -> PyResult<Bound<'py, PyAny>> {
        match (value, self.kind) {
            (Value::Integer(days), Kind::Date) => crate::record::date_of(py, days),
            (Value::Integer(flag), Kind::Boolean) => {
                Ok((flag != 0).into_pyobject(py)?.to_owned().into_any())
            }
            (Value::Integer(number), _) => Ok(number.into_pyobject(py)?.into_any()),
            (Value::Number(number), _) => Ok(number.into_pyobject(py)?.into_any()),
            (Value::Text(text), _) => Ok(text.into_pyobject(py)?.into_any()),
        }
    }
}
