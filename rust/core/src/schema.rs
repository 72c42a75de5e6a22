//! Owns the fields of an index as the engine sees them.

use crate::bytes::{Reader, put_text, put_varint};
use crate::columns::{ColumnKind, ColumnType};
use crate::error::{Error, Result};

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Prose that is searched by words.
    Text,
    /// Values that are filtered by.
    Column(ColumnType),
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
}

/// The fields of an index; exactly one is the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    fields: Vec<Field>,
    key: usize,
}

/// As many fields as a section's key can number, with room to spare.
pub const MAX_FIELDS: usize = 10_000;

impl Schema {
    /// Gives the schema of these fields.
    ///
    /// # Errors
    /// `Argument` unless exactly one field is the key and all names differ; `Limit` when there
    /// are too many.
    pub fn new(fields: Vec<Field>) -> Result<Self> {
        if fields.len() > MAX_FIELDS {
            let found = fields.len() as u64;
            return Err(Error::Limit { what: "fields", limit: MAX_FIELDS as u64, found });
        }
        let is_key = |field: &Field| matches!(field.kind, FieldKind::Column(of) if of.kind == ColumnKind::Key);
        let mut keys = fields.iter().enumerate().filter(|(_, field)| is_key(field));
        let (Some((key, _)), None) = (keys.next(), keys.next()) else {
            return Err(Error::Argument("a schema needs exactly one key".to_owned()));
        };
        let mut names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        names.sort_unstable();
        if let Some(name) = names
            .windows(2)
            .find_map(|pair| (pair.first() == pair.last()).then_some(pair.first()).flatten())
        {
            return Err(Error::Argument(format!("two fields have the name {name}")));
        }
        Ok(Self { fields, key })
    }

    /// Gives the fields, in the order given.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Gives the number of the key field.
    pub fn key(&self) -> usize {
        self.key
    }

    /// Gives the number of a field by its name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// Gives the numbers of the text fields.
    pub fn texts(&self) -> impl Iterator<Item = usize> + '_ {
        let texts = self.fields.iter().enumerate();
        texts.filter(|(_, field)| field.kind == FieldKind::Text).map(|(number, _)| number)
    }

    /// Gives the numbers of the columns and their types.
    pub fn columns(&self) -> impl Iterator<Item = (usize, ColumnType)> + '_ {
        self.fields.iter().enumerate().filter_map(|(number, field)| match field.kind {
            FieldKind::Column(of) => Some((number, of)),
            FieldKind::Text => None,
        })
    }

    /// Appends the schema as [`Self::read`] reads it:
    /// `count:varint (name:text kind:u8 multiple:u8)*`, kind 0 for texts.
    pub fn write(&self, out: &mut Vec<u8>) {
        put_varint(out, self.fields.len() as u64);
        for field in &self.fields {
            put_text(out, &field.name);
            match field.kind {
                FieldKind::Text => out.extend_from_slice(&[0, 0]),
                FieldKind::Column(of) => {
                    out.extend_from_slice(&[of.kind as u8, u8::from(of.multiple)])
                }
            }
        }
    }

    /// Reads a schema.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let count = reader.count()?;
        let fields = (0..count).map(|_| read_field(reader)).collect::<Option<Vec<_>>>()?;
        Self::new(fields).ok()
    }
}

fn read_field(reader: &mut Reader<'_>) -> Option<Field> {
    let name = reader.text()?.to_owned();
    let kind = reader.u8()?;
    let multiple = reader.u8()? == 1;
    let of = |kind| Some(FieldKind::Column(ColumnType { kind, multiple }));
    let kind = match kind {
        0 => Some(FieldKind::Text),
        1 => of(ColumnKind::Integer),
        2 => of(ColumnKind::Number),
        3 => of(ColumnKind::Text),
        4 => of(ColumnKind::Key),
        _ => None,
    }?;
    Some(Field { name, kind })
}
