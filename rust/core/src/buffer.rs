//! Owns the documents that are not yet in a segment, as a forward index.
//!
//! Each text becomes a row of tokens (see `vocabulary`), appended to those before: one sequential
//! write a token and no state per word. A *part* is a run of documents, all of those of a segment to
//! be or some. What is only stored goes into the file of the segment as it comes: [`SegmentFile`].

use crate::columns::{ColumnWriter, Value};
use crate::container::{ContainerWriter, FileKind, Identity};
use crate::error::{Error, Result};
use crate::inversion::{self, MAX_DOCUMENTS, MAX_TEXT_BYTES, Workspace, write_words};
use crate::keys::Keys;
use crate::manifest::{SegmentEntry, segment_name};
use crate::schema::{FieldKind, Schema};
use crate::segment::{STORED, column_sections, write_lengths, write_meta};
use crate::storage::Storage;
use crate::stored::{StoredSection, StoredWriter};
use crate::vocabulary::{STAYS, Tokeniser, Vocabulary};

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
    /// How many positions each document has.
    pub lengths: Vec<u32>,
}

impl TextPart {
    /// Appends the documents of another.
    fn append(&mut self, other: &Self) {
        let base = self.tokens.len();
        self.tokens.extend_from_slice(&other.tokens);
        self.ends.extend(other.ends.iter().map(|end| base + end));
        self.lengths.extend_from_slice(&other.lengths);
    }

    fn clear(&mut self) {
        self.tokens.clear();
        self.ends.clear();
        self.lengths.clear();
    }

    fn size_bytes(&self) -> usize {
        4 * (self.tokens.len() + self.lengths.len()) + size_of::<usize>() * self.ends.len()
    }
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

    /// Tells whether it is time to write what is stored.
    pub fn has_stored(&self) -> bool {
        self.stored.block_bytes() >= STORED_BYTES
    }

    /// Tells whether it must be written before more is added, whatever memory there is.
    pub fn is_full(&self) -> bool {
        self.documents >= MAX_DOCUMENTS
    }

    /// Gives how much memory it takes, with what writing it on so many threads will, in bytes.
    pub fn size_bytes(&self, threads: usize) -> usize {
        let columns = self.columns.iter().flatten().map(ColumnWriter::size_bytes);
        let texts = self.texts.iter().map(TextPart::size_bytes);
        let longest = self.texts.iter().map(|text| text.tokens.len()).max().unwrap_or_default();
        texts.sum::<usize>()
            + columns.sum::<usize>()
            + self.stored.size_bytes()
            + inversion::writing_bytes(longest, threads)
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

    /// Appends the documents of another but what is stored of them.
    pub fn append(&mut self, other: &mut Self) {
        for (text, of_other) in self.texts.iter_mut().zip(&other.texts) {
            text.append(of_other);
        }
        for (column, of_other) in self.columns.iter_mut().zip(&mut other.columns) {
            if let (Some(column), Some(of_other)) = (column, of_other) {
                column.append(of_other, self.documents);
            }
        }
        self.documents += other.documents;
        self.overlong += other.overlong;
    }

    /// Forgets the documents and keeps the memory.
    pub fn clear(&mut self) {
        self.texts.iter_mut().for_each(TextPart::clear);
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

/// So much of what is stored waits at most before it is written, in bytes.
const STORED_BYTES: usize = 64 * 1024;

/// The file of a segment to be: what is stored goes into it as it comes, all else at the end.
pub struct SegmentFile {
    id: u128,
    file: ContainerWriter,
    stored: StoredSection,
}

impl SegmentFile {
    /// Begins the file.
    pub fn begin(target: &Target<'_>) -> Result<Self> {
        let mut file = target.create()?;
        let stored = StoredSection::begin(&mut file, &STORED)?;
        Ok(Self { id: target.id, file, stored })
    }

    /// Gives how much memory it takes, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.stored.size_bytes()
    }

    /// Writes what is stored of a part; all of it, or what fills blocks.
    pub fn take_stored(&mut self, part: &mut Part, all: bool) -> Result<()> {
        if all {
            part.stored.flush();
        }
        self.stored.take(&mut self.file, &mut part.stored)
    }

    /// Writes the documents of a part that was given piece by piece, on a thread for each workspace;
    /// gives what the manifest is to say. The part is then only good to be cleared.
    pub fn finish(
        mut self,
        schema: &Schema,
        part: &mut Part,
        keys: &Keys,
        vocabulary: &Vocabulary,
        workspaces: &mut [Workspace],
    ) -> Result<SegmentEntry> {
        self.take_stored(part, true)?;
        let Self { id, mut file, stored } = self;
        stored.finish(&mut file)?;
        let documents = part.documents;
        let total = |text: &TextPart| text.lengths.iter().map(|&length| u64::from(length)).sum();
        write_meta(&mut file, documents, &part.texts.iter().map(total).collect::<Vec<u64>>())?;
        for (&field, text) in part.fields.iter().zip(&mut part.texts) {
            write_lengths(&mut file, field, &text.lengths)?;
            write_words(&mut file, field, text, vocabulary, workspaces)?;
        }
        for (field, of) in schema.columns() {
            if field == schema.key() {
                keys.write_column(&mut file, &column_sections(field))?;
            } else if let Some(column) = &mut part.columns[field] {
                column.finish(&mut file, &column_sections(field), of, documents)?;
            }
        }
        Ok(SegmentEntry { id, seal: file.finish()?, documents, deletes: None })
    }
}
