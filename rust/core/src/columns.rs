//! Owns the values that are filtered, sorted and counted by: one column a field.
//!
//! ```text
//! values    = i64* | f64-bits* | bytes      the distinct values, ascending; texts back to back
//! borders   = u32*                          texts only: where each begins, and where the last ends
//! ordinals  = u8* | u16* | u32*             each document's value, from 1; 0: none; the narrowest
//!                                           that holds the number of values
//! starts    = u32*                          multiple values only: where each document's begin in
//!                                           ordinals, and where the last's end
//! documents = u32*                          keys only: the last document of each value
//! ```

#![deny(clippy::indexing_slicing)]

use std::cmp::Ordering;
use std::ops::Range;

use crate::bits::Bits;
use crate::bytes::u32_at;
use crate::container::{Container, ContainerWriter, SectionKey};
use crate::error::{Error, Result};

/// A value of a document; dates are whole numbers of days, booleans 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// A number that is finite.
    Number(f64),
    /// A text.
    Text(String),
}

impl Value {
    /// Compares two values of one kind.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            // −0 and 0 are one value: see `add`.
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    /// Tells whether a column of a kind may hold it; numbers must be finite.
    pub fn fits(&self, kind: ColumnKind) -> bool {
        match self {
            Self::Integer(_) => kind == ColumnKind::Integer,
            Self::Number(number) => kind == ColumnKind::Number && number.is_finite(),
            Self::Text(_) => matches!(kind, ColumnKind::Text | ColumnKind::Key),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Integer(_) => 0,
            Self::Number(_) => 1,
            Self::Text(_) => 2,
        }
    }
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ColumnKind {
    /// Whole numbers of 64 bits.
    Integer = 1,
    /// Finite floating-point numbers.
    Number = 2,
    /// Texts.
    Text = 3,
    /// Texts that no two live documents share.
    Key = 4,
}

/// The kind of a column and whether a document may hold several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnType {
    /// What the values are.
    pub kind: ColumnKind,
    /// Whether a document may hold several.
    pub multiple: bool,
}

/// Where a column is.
#[derive(Clone, Copy, Debug)]
pub struct ColumnSections {
    /// The distinct values.
    pub values: SectionKey,
    /// Borders of texts.
    pub borders: SectionKey,
    /// The values of documents.
    pub ordinals: SectionKey,
    /// Borders of documents.
    pub starts: SectionKey,
    /// The documents of keys.
    pub documents: SectionKey,
}

/// Collects the values of a column.
#[derive(Default)]
pub struct ColumnWriter {
    values: Vec<(Value, u32)>,
    text_bytes: usize,
}

impl ColumnWriter {
    /// Adds a value of a document; documents come in order.
    pub fn add(&mut self, document: u32, value: Value) {
        let value = match value {
            Value::Number(number) => Value::Number(number + 0.0),
            other => other,
        };
        if let Value::Text(text) = &value {
            self.text_bytes += text.len();
        }
        self.values.push((value, document));
    }

    /// Takes the values of another, whose document 0 has a number here.
    pub fn append(&mut self, other: &mut Self, base: u32) {
        self.values
            .extend(other.values.drain(..).map(|(value, document)| (value, base + document)));
        self.text_bytes += std::mem::take(&mut other.text_bytes);
    }

    /// Gives how much memory it holds, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.text_bytes + self.values.len() * size_of::<(Value, u32)>()
    }

    /// Forgets the values.
    pub fn clear(&mut self) {
        self.values.clear();
        self.text_bytes = 0;
    }

    /// Writes the column of so many documents, and forgets the values.
    pub fn finish(
        &mut self,
        file: &mut ContainerWriter,
        sections: &ColumnSections,
        of: ColumnType,
        documents: u32,
    ) -> Result<()> {
        let mut order: Vec<u32> = (0..self.values.len() as u32).collect();
        let value = |at: u32| self.values.get(at as usize);
        order.sort_by(|&a, &b| match (value(a), value(b)) {
            (Some(a), Some(b)) => a.0.compare(&b.0),
            _ => Ordering::Equal,
        });
        let mut ordinals = vec![0_u32; self.values.len()];
        let mut distinct: Vec<&Value> = Vec::new();
        let mut holders: Vec<u32> = Vec::new();
        for at in order {
            let Some((value, document)) = value(at) else { continue };
            if distinct.last().is_none_or(|last| last.compare(value).is_ne()) {
                distinct.push(value);
                holders.push(*document);
            }
            // Of several documents of one key the last is the one that may be live.
            if let Some(holder) = holders.last_mut() {
                *holder = *document;
            }
            if let Some(ordinal) = ordinals.get_mut(at as usize) {
                *ordinal = distinct.len() as u32;
            }
        }
        write_values(file, sections, &distinct)?;
        let pairs = self.values.iter().map(|(_, document)| *document).zip(ordinals);
        if of.multiple {
            write_multiple(file, sections, pairs, documents, distinct.len())?;
        } else {
            let mut single = vec![0; documents as usize];
            for (document, ordinal) in pairs {
                if let Some(slot) = single.get_mut(document as usize) {
                    *slot = ordinal;
                }
            }
            file.begin(sections.ordinals)?;
            write_narrow(file, &single, width_for(distinct.len()))?;
        }
        if of.kind == ColumnKind::Key {
            file.begin(sections.documents)?;
            write_narrow(file, &holders, 4)?;
        }
        self.clear();
        Ok(())
    }
}

pub(crate) fn width_for(values: usize) -> usize {
    match values {
        0..0x100 => 1,
        0x100..0x1_0000 => 2,
        _ => 4,
    }
}

fn write_values(
    file: &mut ContainerWriter,
    sections: &ColumnSections,
    values: &[&Value],
) -> Result<()> {
    file.begin(sections.values)?;
    let mut borders = vec![0_u32];
    for value in values {
        match value {
            Value::Integer(number) => file.write(&number.to_le_bytes())?,
            Value::Number(number) => file.write(&number.to_bits().to_le_bytes())?,
            Value::Text(text) => {
                file.write(text.as_bytes())?;
                let end = file.position();
                borders.push(u32::try_from(end).map_err(|_| Error::Limit {
                    what: "bytes of distinct values of a field in a segment",
                    limit: u64::from(u32::MAX),
                    found: end,
                })?);
            }
        }
    }
    file.begin(sections.borders)?;
    write_narrow(file, &borders, 4)
}

fn write_multiple(
    file: &mut ContainerWriter,
    sections: &ColumnSections,
    pairs: impl Iterator<Item = (u32, u32)>,
    documents: u32,
    values: usize,
) -> Result<()> {
    let mut pairs: Vec<(u32, u32)> = pairs.collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut starts = vec![0_u32; documents as usize + 1];
    for (document, _) in &pairs {
        if let Some(slot) = starts.get_mut(*document as usize + 1) {
            *slot += 1;
        }
    }
    let mut sum = 0;
    for slot in &mut starts {
        sum += *slot;
        *slot = sum;
    }
    let ordinals: Vec<u32> = pairs.iter().map(|(_, ordinal)| *ordinal).collect();
    file.begin(sections.ordinals)?;
    write_narrow(file, &ordinals, width_for(values))?;
    file.begin(sections.starts)?;
    write_narrow(file, &starts, 4)
}

pub(crate) fn write_narrow(
    file: &mut ContainerWriter,
    numbers: &[u32],
    width: usize,
) -> Result<()> {
    for number in numbers {
        file.write(number.to_le_bytes().split_at(width).0)?;
    }
    Ok(())
}

/// Gives the key of a document from a column of so many documents. Of all keys no more is read, and
/// so checked, than that takes: the first hits of an index need not wait for the others.
pub fn read_key(
    container: &Container,
    sections: &ColumnSections,
    documents: u32,
    document: u32,
) -> Result<Option<String>> {
    let damaged = |problem| container.damaged(sections.ordinals, 0, problem);
    let count = (container.length(sections.borders)? / 4).saturating_sub(1);
    let width = width_for(count as usize) as u64;
    if container.length(sections.ordinals)? != u64::from(documents) * width {
        return Err(damaged("a column does not fit its documents"));
    }
    let number = |section, at: u64, width: u64| -> Result<u64> {
        let start = at.saturating_mul(width);
        let bytes = container.slice(section, start..start.saturating_add(width))?;
        Ok(bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    };
    let Some(at) = number(sections.ordinals, u64::from(document), width)?.checked_sub(1) else {
        return Ok(None);
    };
    let (start, end) = (number(sections.borders, at, 4)?, number(sections.borders, at + 1, 4)?);
    let key = String::from_utf8(container.slice(sections.values, start..end)?.to_vec());
    key.map(Some).map_err(|_| container.damaged(sections.values, start, "a value is malformed"))
}

/// Reads a column.
pub struct Column<'a> {
    container: &'a Container,
    sections: ColumnSections,
    of: ColumnType,
    values: &'a [u8],
    borders: &'a [u8],
    ordinals: &'a [u8],
    starts: &'a [u8],
    holders: &'a [u8],
    width: usize,
    count: usize,
}

impl<'a> Column<'a> {
    /// Opens the column of so many documents, checking that its parts fit together.
    pub fn open(
        container: &'a Container,
        sections: ColumnSections,
        of: ColumnType,
        documents: u32,
    ) -> Result<Self> {
        let damaged = |problem| container.damaged(sections.ordinals, 0, problem);
        let values = container.section(sections.values)?;
        let borders = container.section(sections.borders)?;
        let is_text = matches!(of.kind, ColumnKind::Text | ColumnKind::Key);
        let count = if is_text { (borders.len() / 4).saturating_sub(1) } else { values.len() / 8 };
        let width = width_for(count);
        let ordinals = container.section(sections.ordinals)?;
        let starts = if of.multiple { container.section(sections.starts)? } else { &[] };
        let rows =
            if of.multiple { (starts.len() / 4).saturating_sub(1) } else { ordinals.len() / width };
        if rows != documents as usize {
            return Err(damaged("a column does not fit its documents"));
        }
        let is_key = of.kind == ColumnKind::Key;
        let holders = if is_key { container.section(sections.documents)? } else { &[] };
        if is_key && holders.len() != count * 4 {
            return Err(damaged("a column does not fit its keys"));
        }
        Ok(Self {
            container,
            sections,
            of,
            values,
            borders,
            ordinals,
            starts,
            holders,
            width,
            count,
        })
    }

    /// Gives how many distinct values there are.
    pub fn value_count(&self) -> usize {
        self.count
    }

    /// Gives the value of an ordinal, from 1.
    pub fn value(&self, ordinal: u32) -> Result<Value> {
        let index = (ordinal as usize).wrapping_sub(1);
        let found = match self.of.kind {
            ColumnKind::Integer => self.word(index).map(|word| Value::Integer(word as i64)),
            ColumnKind::Number => self.word(index).map(|word| Value::Number(f64::from_bits(word))),
            _ => self
                .bytes_of(index)
                .and_then(|bytes| std::str::from_utf8(bytes).ok())
                .map(|text| Value::Text(text.to_owned())),
        };
        found.ok_or_else(|| self.container.damaged(self.sections.values, 0, "a value is malformed"))
    }

    fn word(&self, index: usize) -> Option<u64> {
        crate::bytes::u64_at(self.values, index)
    }

    fn bytes_of(&self, index: usize) -> Option<&'a [u8]> {
        let start = u32_at(self.borders, index)? as usize;
        let end = u32_at(self.borders, index.checked_add(1)?)? as usize;
        self.values.get(start..end)
    }

    fn compare_at(&self, index: usize, wanted: &Value) -> Ordering {
        match wanted {
            Value::Integer(number) => {
                self.word(index).map_or(Ordering::Equal, |word| (word as i64).cmp(number))
            }
            Value::Number(number) => self
                .word(index)
                .map_or(Ordering::Equal, |word| f64::from_bits(word).total_cmp(&(number + 0.0))),
            Value::Text(text) => {
                self.bytes_of(index).map_or(Ordering::Equal, |bytes| bytes.cmp(text.as_bytes()))
            }
        }
    }

    /// Gives the ordinals of the values within bounds; each bound says whether it is included.
    pub fn ordinals_between(
        &self,
        low: Option<(&Value, bool)>,
        high: Option<(&Value, bool)>,
    ) -> Range<u32> {
        let first_where = |is_below: &dyn Fn(Ordering) -> bool, wanted: &Value| {
            let (mut low, mut high) = (0, self.count);
            while low < high {
                let middle = low.midpoint(high);
                if is_below(self.compare_at(middle, wanted)) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            low as u32 + 1
        };
        let start = low.map_or(1, |(value, included)| {
            first_where(if included { &Ordering::is_lt } else { &Ordering::is_le }, value)
        });
        let end = high.map_or(self.count as u32 + 1, |(value, included)| {
            first_where(if included { &Ordering::is_le } else { &Ordering::is_lt }, value)
        });
        start..end.max(start)
    }

    /// Gives the ordinals of a document's values.
    pub fn ordinals_of(&self, document: u32) -> impl Iterator<Item = u32> + '_ {
        let slots = if self.of.multiple {
            let start = u32_at(self.starts, document as usize).unwrap_or_default();
            let end = u32_at(self.starts, document as usize + 1).unwrap_or_default();
            start as usize..end as usize
        } else {
            document as usize..document as usize + 1
        };
        slots.map_while(|slot| self.ordinal(slot)).filter(|&ordinal| ordinal > 0)
    }

    #[inline]
    fn ordinal(&self, slot: usize) -> Option<u32> {
        match self.width {
            1 => self.ordinals.get(slot).map(|&byte| u32::from(byte)),
            2 => {
                let pair = self.ordinals.as_chunks::<2>().0.get(slot)?;
                Some(u32::from(u16::from_le_bytes(*pair)))
            }
            _ => u32_at(self.ordinals, slot),
        }
    }

    /// Adds the documents with a value of these ordinals to a set.
    pub fn select(&self, wanted: Range<u32>, documents: u32, out: &mut Bits) {
        if wanted.is_empty() {
            return;
        }
        if self.of.kind == ColumnKind::Key && wanted.len() == 1 {
            if let Some(document) = u32_at(self.holders, wanted.start as usize - 1) {
                out.insert(document);
            }
            return;
        }
        for document in 0..documents {
            if self.ordinals_of(document).any(|ordinal| wanted.contains(&ordinal)) {
                out.insert(document);
            }
        }
    }

    /// Calls `take` with each of these keys that the column has, and its document; they ascend.
    pub fn find_keys<'k>(
        &self,
        keys: impl Iterator<Item = &'k [u8]>,
        mut take: impl FnMut(&'k [u8], u32) -> Result<()>,
    ) -> Result<()> {
        let is_below = |at: usize, key: &[u8]| self.bytes_of(at).is_some_and(|own| own < key);
        let mut low = 0;
        for key in keys {
            // Most of the next key's place is near: two sorted rows are walked together.
            let mut step = 1;
            while is_below(low + step, key) {
                low += step;
                step *= 2;
            }
            let mut high = self.count.min(low + step + 1);
            while low < high {
                let middle = low.midpoint(high);
                if is_below(middle, key) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            if self.bytes_of(low) == Some(key)
                && let Some(document) = u32_at(self.holders, low)
            {
                take(key, document)?;
            }
        }
        Ok(())
    }

    /// Gives the document of a key.
    pub fn find_key(&self, key: &str) -> Option<u32> {
        let value = Value::Text(key.to_owned());
        let found = self.ordinals_between(Some((&value, true)), Some((&value, true)));
        if found.is_empty() { None } else { u32_at(self.holders, found.start as usize - 1) }
    }
}
