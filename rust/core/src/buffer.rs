//! Owns the documents that are not yet in a segment, as a forward index.
//!
//! Each text becomes a row of tokens (see `vocabulary`), appended to those before: one sequential
//! write a token and no state per word. A *part* is a run of documents; the documents of one or
//! several become a segment by [`write_segment`].

use crate::columns::{ColumnWriter, Value};
use crate::container::{ContainerWriter, FileKind, Identity};
use crate::error::{Error, Result};
use crate::inversion::{MAX_DOCUMENTS, MAX_TEXT_BYTES, write_words};
use crate::keys::Keys;
use crate::manifest::{SegmentEntry, segment_name};
use crate::schema::{FieldKind, Schema};
use crate::segment::{STORED, column_sections, write_lengths, write_meta};
use crate::storage::Storage;
use crate::stored::{StoredWriter, write_stored};
use crate::vocabulary::{Rows, STAYS, Tokeniser, Vocabulary};

/// A document as the binding gives it; fields by their numbers in the schema.
#[derive(Clone, Debug, Default)]
pub struct Document<'a> {
    /// What names it.
    pub key: &'a str,
    /// Its texts.
    pub texts: &'a [(usize, &'a str)],
    /// The values of its columns but the key, several ones of a field in a row.
    pub values: &'a [(usize, Value)],
    /// What is given back with a hit.
    pub stored: &'a [u8],
}

impl Document<'_> {
    /// Refuses a document that a schema does not allow.
    ///
    /// # Errors
    /// `Argument` when a field is not what the schema says, `Limit` when a text is too long.
    pub fn check(&self, schema: &Schema) -> Result<()> {
        let refuse = |field: usize, problem: &str| {
            let name = schema.fields().get(field).map_or("?", |field| field.name.as_str());
            Err(Error::Argument(format!("field {name} (number {field}) {problem}")))
        };
        for (field, text) in self.texts {
            if schema.fields().get(*field).map(|it| it.kind) != Some(FieldKind::Text) {
                return refuse(*field, "is no text");
            }
            let same = self.texts.iter().filter(|(other, _)| other == field);
            let found = same.map(|(_, text)| text.len()).sum::<usize>();
            if text.len() > MAX_TEXT_BYTES || found > MAX_TEXT_BYTES {
                let (limit, found) = (MAX_TEXT_BYTES as u64, found as u64);
                let what = "bytes of a text field of one document";
                return Err(Error::Limit { what, limit, found });
            }
        }
        for (at, (field, value)) in self.values.iter().enumerate() {
            let Some(FieldKind::Column(of)) = schema.fields().get(*field).map(|it| it.kind) else {
                return refuse(*field, "is no column");
            };
            if *field == schema.key() || !value.fits(of.kind) {
                return refuse(*field, "does not hold values of this kind");
            }
            if !of.multiple && self.values[..at].iter().any(|(before, _)| before == field) {
                return refuse(*field, "holds one value");
            }
        }
        Ok(())
    }
}

/// The tokens of one field.
#[derive(Default)]
pub struct TextPart {
    /// See `vocabulary`.
    pub tokens: Vec<u32>,
    /// Where the tokens of each document end.
    pub ends: Vec<usize>,
    lengths: Vec<u32>,
}

/// A run of documents, numbered from 0.
pub struct Part {
    fields: Vec<usize>,
    texts: Vec<TextPart>,
    columns: Vec<Option<ColumnWriter>>,
    stored: StoredWriter,
    documents: u32,
    overlong: u64,
}

impl Part {
    /// Gives a part without documents.
    pub fn new(schema: &Schema) -> Self {
        let is_column = |kind| matches!(kind, FieldKind::Column(_));
        let columns = schema.fields().iter();
        let fields: Vec<usize> = schema.texts().collect();
        Self {
            texts: fields.iter().map(|_| TextPart::default()).collect(),
            fields,
            columns: columns.map(|it| is_column(it.kind).then(ColumnWriter::default)).collect(),
            stored: StoredWriter::default(),
            documents: 0,
            overlong: 0,
        }
    }

    /// Gives how many documents there are.
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// Gives how many words were left out, as too long or as one spelling too many of a term.
    pub fn overlong(&self) -> u64 {
        self.overlong
    }

    /// Tells whether it must be written before more is added, whatever memory there is.
    pub fn is_full(&self) -> bool {
        self.documents >= MAX_DOCUMENTS
    }

    /// Gives how much memory it takes, in bytes, with what writing it will.
    pub fn size_bytes(&self) -> usize {
        let tokens = self.texts.iter().map(|text| text.tokens.len());
        let (all, most) = (tokens.clone().sum::<usize>(), tokens.max().unwrap_or_default());
        let columns = self.columns.iter().flatten().map(ColumnWriter::size_bytes);
        // 4 bytes a token here, and 8 for the sort of the largest field.
        all * 4
            + most * 8
            + self.documents as usize * 16
            + columns.sum::<usize>()
            + self.stored.size_bytes()
    }

    /// Appends a document that was checked; its key is kept elsewhere.
    pub fn add(&mut self, tokeniser: &mut Tokeniser, document: &Document<'_>) {
        for (text, field) in self.texts.iter_mut().zip(&self.fields) {
            let start = text.tokens.len();
            for (_, written) in document.texts.iter().filter(|(of, _)| of == field) {
                self.overlong += u64::from(tokeniser.add_text(written, &mut text.tokens));
            }
            let tokens = &text.tokens[start..];
            let staying = tokens.iter().filter(|&token| token & STAYS != 0).count();
            text.lengths.push((tokens.len() - staying) as u32);
            text.ends.push(text.tokens.len());
        }
        for (field, value) in document.values {
            if let Some(column) = &mut self.columns[*field] {
                column.add(self.documents, value.clone());
            }
        }
        self.stored.add(document.stored);
        self.documents += 1;
    }

    /// Forgets the documents and keeps the memory.
    pub fn clear(&mut self) {
        for text in &mut self.texts {
            text.tokens.clear();
            text.ends.clear();
            text.lengths.clear();
        }
        self.columns.iter_mut().flatten().for_each(ColumnWriter::clear);
        self.stored.clear();
        self.documents = 0;
        self.overlong = 0;
    }
}

/// What a segment is written for, and where.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// Where it goes.
    pub storage: &'a dyn Storage,
    /// The fields.
    pub schema: &'a Schema,
    /// The identity of the index.
    pub index: u128,
    /// The identity of the segment.
    pub id: u128,
}

impl Target<'_> {
    /// Creates the file.
    pub fn create(&self) -> Result<ContainerWriter> {
        let output = self.storage.create(&segment_name(self.id))?;
        let identity = Identity { kind: FileKind::Segment, index: self.index, file: self.id };
        ContainerWriter::new(output, identity)
    }
}

/// Writes documents as a segment; gives what the manifest is to say. Columns are empty afterwards.
pub fn write_segment(
    target: &Target<'_>,
    parts: &mut [Part],
    keys: &Keys,
    vocabulary: &Vocabulary,
    slots: &mut Rows<8>,
) -> Result<SegmentEntry> {
    let mut file = target.create()?;
    let documents = parts.iter().map(|part| part.documents).sum();
    let fields: Vec<usize> = target.schema.texts().collect();
    let lengths: Vec<Vec<u32>> = (0..fields.len())
        .map(|at| parts.iter().flat_map(|part| &part.texts[at].lengths).copied().collect())
        .collect();
    let total = |lengths: &Vec<u32>| lengths.iter().map(|&length| u64::from(length)).sum();
    write_meta(&mut file, documents, &lengths.iter().map(total).collect::<Vec<u64>>())?;
    for (at, (&field, lengths)) in fields.iter().zip(&lengths).enumerate() {
        write_lengths(&mut file, field, lengths)?;
        let texts: Vec<&TextPart> = parts.iter().map(|part| &part.texts[at]).collect();
        write_words(&mut file, field, (&texts, lengths), vocabulary, slots)?;
    }
    for (field, of) in target.schema.columns() {
        if field == target.schema.key() {
            keys.write_column(&mut file, &column_sections(field))?;
            continue;
        }
        let mut column = ColumnWriter::default();
        let mut base = 0;
        for part in &mut *parts {
            if let Some(own) = &mut part.columns[field] {
                column.append(own, base);
            }
            base += part.documents;
        }
        column.finish(&mut file, &column_sections(field), of, documents)?;
    }
    write_stored(&mut file, &STORED, parts.iter_mut().map(|part| &mut part.stored))?;
    Ok(SegmentEntry { id: target.id, seal: file.finish()?, documents, deletes: None })
}
