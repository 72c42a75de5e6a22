//! Owns the segment: an immutable run of documents in one file.
//!
//! Sections by kind (those of a field carry its number, others 0); each part owns its grammar:
//!
//! ```text
//!  1 meta              documents:u32 positions:u64*        positions of each text field, in order
//!  2 stored blocks     see `stored`                        3 stored index
//! 10 lengths           u8* | u16* | u32*                   positions of the field in each document
//! 11 terms: keys       see `dictionary`                   12 terms: top
//! 13 forms: keys                                          14 forms: top
//! 15 postings          of each term, each followed by its positions; see `postings`
//! 20 values            see `columns`       21 borders 22 ordinals 23 starts 24 documents
//! ```
//!
//! The key of a form is its folded spelling, followed by U+0000 and the form itself where that
//! differs: patterns are matched on folded spellings, in order. A form has no postings but a part of
//! those of its term.

#![deny(clippy::indexing_slicing)]

use std::sync::Arc;

use crate::bits::Bits;
use crate::bytes::Reader;
use crate::columns::{Column, ColumnSections, ColumnType, read_key};
use crate::container::{Container, ContainerWriter, FileKind, Identity, Section, SectionKey};
use crate::dictionary::{Dictionary, DictionarySections, WordInfo};
use crate::error::{Error, Result};
use crate::manifest::{SegmentEntry, deletes_name, segment_name};
use crate::postings::Postings;
use crate::ranking::Saturation;
use crate::schema::Schema;
use crate::storage::Storage;
use crate::stored::{Stored, StoredSections};

/// Which of the two dictionaries of a text field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Words {
    /// Index terms.
    Terms,
    /// Surface forms.
    Forms,
}

/// As many documents as a segment may have, so that numbers have room above them.
pub const MAX_DOCUMENTS: u32 = 1 << 31;

pub(crate) const META: SectionKey = SectionKey { kind: 1, field: 0 };
pub(crate) const STORED: StoredSections = StoredSections {
    blocks: SectionKey { kind: 2, field: 0 },
    index: SectionKey { kind: 3, field: 0 },
};

pub(crate) fn lengths_section(field: usize) -> SectionKey {
    section(10, field)
}

pub(crate) fn postings_section(field: usize) -> SectionKey {
    section(15, field)
}

pub(crate) fn dictionary_sections(field: usize, words: Words) -> DictionarySections {
    let kind = match words {
        Words::Terms => 11,
        Words::Forms => 13,
    };
    DictionarySections { keys: section(kind, field), top: section(kind + 1, field) }
}

pub(crate) fn column_sections(field: usize) -> ColumnSections {
    ColumnSections {
        values: section(20, field),
        borders: section(21, field),
        ordinals: section(22, field),
        starts: section(23, field),
        documents: section(24, field),
    }
}

fn section(kind: u16, field: usize) -> SectionKey {
    SectionKey { kind, field: field as u16 }
}

/// Gives the key of a form in its dictionary.
pub fn form_key(folded: &str, form: &str) -> Vec<u8> {
    let mut key = folded.as_bytes().to_vec();
    if folded != form {
        key.push(0);
        key.extend_from_slice(form.as_bytes());
    }
    key
}

/// Tells whether a key is that of a form.
pub fn is_key_of(key: &[u8], form: &str) -> bool {
    let before = key.strip_suffix(form.as_bytes());
    before.is_some_and(|before| before.is_empty() || before.last() == Some(&0))
}

/// Gives the folded spelling and the form that a key stands for.
pub fn spellings_of_key(key: &[u8]) -> Option<(&str, &str)> {
    let key = std::str::from_utf8(key).ok()?;
    Some(key.split_once('\0').unwrap_or((key, key)))
}

/// Writes the section of lengths.
pub(crate) fn write_lengths(
    file: &mut ContainerWriter,
    field: usize,
    lengths: &[u32],
) -> Result<()> {
    let width = match lengths.iter().max().copied().unwrap_or_default() {
        0..0x100 => 1,
        0x100..0x1_0000 => 2,
        _ => 4,
    };
    file.begin(lengths_section(field))?;
    for length in lengths {
        file.write(length.to_le_bytes().split_at(width).0)?;
    }
    Ok(())
}

/// Writes the section of facts.
pub(crate) fn write_meta(
    file: &mut ContainerWriter,
    documents: u32,
    positions: &[u64],
) -> Result<()> {
    file.begin(META)?;
    file.write(&documents.to_le_bytes())?;
    positions.iter().try_for_each(|count| file.write(&count.to_le_bytes()))
}

/// The lengths of a field in documents.
#[derive(Clone, Copy)]
pub enum Lengths<'a> {
    /// All below 2^8.
    Narrow(&'a [u8]),
    /// All below 2^16.
    Middle(&'a [[u8; 2]]),
    /// Any.
    Wide(&'a [[u8; 4]]),
}

impl Lengths<'_> {
    /// Gives the length of the field in a document.
    #[inline]
    pub fn get(&self, document: u32) -> u32 {
        let at = document as usize;
        match self {
            Self::Narrow(lengths) => lengths.get(at).copied().map(u32::from),
            Self::Middle(lengths) => lengths.get(at).map(|it| u32::from(u16::from_le_bytes(*it))),
            Self::Wide(lengths) => lengths.get(at).map(|it| u32::from_le_bytes(*it)),
        }
        .unwrap_or_default()
    }
}

/// A segment, opened.
pub struct Segment {
    container: Container,
    documents: u32,
    /// Positions of each field, 0 for those that are no text.
    positions: Vec<u64>,
    id: u128,
}

impl Segment {
    /// Opens a segment that a manifest names.
    pub fn open(
        storage: &dyn Storage,
        schema: &Schema,
        index: u128,
        entry: &SegmentEntry,
    ) -> Result<Self> {
        let name = segment_name(entry.id);
        let identity = Identity { kind: FileKind::Segment, index, file: entry.id };
        let container = Container::open(storage.read(&name)?, &name, identity)?;
        if container.seal() != entry.seal {
            let problem = "its length or checksum is not what the manifest says".to_owned();
            return Err(Error::Corrupt { file: name, offset: 0, problem });
        }
        let mut reader = Reader::new(container.section(META)?);
        let damaged = || container.damaged(META, 0, "the facts of the segment are malformed");
        let documents =
            reader.u32().filter(|&count| count == entry.documents).ok_or_else(damaged)?;
        let mut positions = vec![0; schema.fields().len()];
        for field in schema.texts() {
            if let Some(slot) = positions.get_mut(field) {
                *slot = reader.u64().ok_or_else(damaged)?;
            }
        }
        Ok(Self { container, documents, positions, id: entry.id })
    }

    /// Gives how many documents there are, deleted ones too.
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// Gives the identity of the file.
    pub fn id(&self) -> u128 {
        self.id
    }

    /// Gives the length of the file in bytes.
    pub fn size_bytes(&self) -> u64 {
        self.container.size_bytes()
    }

    /// Gives how many positions a text field has in all documents.
    pub fn positions(&self, field: usize) -> u64 {
        self.positions.get(field).copied().unwrap_or_default()
    }

    /// Gives the saturation at which the impacts of a field were computed.
    pub fn saturation(&self, field: usize) -> Saturation {
        Saturation::new(u64::from(self.documents), self.positions(field))
    }

    /// Gives the lengths of a text field.
    pub fn lengths(&self, field: usize) -> Result<Lengths<'_>> {
        let key = lengths_section(field);
        let bytes = self.container.section(key)?;
        let count = self.documents as usize;
        match bytes.len().checked_div(count).unwrap_or(1) {
            _ if !bytes.len().is_multiple_of(count.max(1)) => {}
            1 => return Ok(Lengths::Narrow(bytes)),
            2 => return Ok(Lengths::Middle(bytes.as_chunks().0)),
            4 => return Ok(Lengths::Wide(bytes.as_chunks().0)),
            _ => {}
        }
        Err(self.container.damaged(key, 0, "the lengths do not fit the documents"))
    }

    /// Gives a dictionary of a text field.
    pub fn dictionary(&self, field: usize, words: Words) -> Result<Dictionary<'_>> {
        let terms = dictionary_sections(field, Words::Terms);
        match words {
            Words::Terms => Dictionary::of_terms(&self.container, terms),
            Words::Forms => {
                Dictionary::of_forms(&self.container, dictionary_sections(field, words), terms)
            }
        }
    }

    /// Gives the postings of a word, those of a form being those of its term.
    pub fn postings(&self, field: usize, info: &WordInfo) -> Result<Postings<'_>> {
        let key = postings_section(field);
        let bytes = self.container.slice(key, info.postings.clone())?;
        Postings::open(bytes, info.listed_documents(), self.documents)
            .ok_or_else(|| self.malformed_postings(field, info))
    }

    /// Gives the postings and positions of all words of a field.
    pub fn all_postings(&self, field: usize) -> Result<Section<'_>> {
        self.container.find(postings_section(field))
    }

    /// Gives the encoded positions of a word within a part of them.
    pub fn positions_of(
        &self,
        field: usize,
        info: &WordInfo,
        part: std::ops::Range<u64>,
    ) -> Result<&[u8]> {
        let start = info.positions.start.saturating_add(part.start);
        let end = info.positions.start.saturating_add(part.end).min(info.positions.end);
        self.container.slice(postings_section(field), start..end)
    }

    /// Gives the error for postings that do not decode.
    pub fn malformed_postings(&self, field: usize, info: &WordInfo) -> Error {
        let key = postings_section(field);
        self.container.damaged(key, info.postings.start, "the postings of a word are malformed")
    }

    /// Gives a column.
    pub fn column(&self, field: usize, of: ColumnType) -> Result<Column<'_>> {
        Column::open(&self.container, column_sections(field), of, self.documents)
    }

    /// Gives the key of a document from the column of keys.
    pub fn key_of(&self, field: usize, document: u32) -> Result<Option<String>> {
        read_key(&self.container, &column_sections(field), self.documents, document)
    }

    /// Gives the stored documents.
    pub fn stored(&self) -> Result<Stored<'_>> {
        Stored::open(&self.container, STORED, self.documents)
    }

    /// Gives the offsets of the blocks of the file that are damaged.
    pub fn verify(&self) -> Vec<u64> {
        self.container.verify()
    }
}

/// A segment of a commit: its documents, but for those that are deleted.
#[derive(Clone)]
pub struct LiveSegment {
    /// What the manifest says.
    pub entry: SegmentEntry,
    /// The documents.
    pub segment: Arc<Segment>,
    /// Those that are deleted, if any.
    pub deleted: Option<Arc<Bits>>,
}

impl LiveSegment {
    /// Opens a segment and its deleted documents.
    pub fn open(
        storage: &dyn Storage,
        schema: &Schema,
        index: u128,
        entry: SegmentEntry,
    ) -> Result<Self> {
        let segment = Arc::new(Segment::open(storage, schema, index, &entry)?);
        let deleted = read_deletes(storage, index, &entry)?.map(Arc::new);
        Ok(Self { entry, segment, deleted })
    }

    /// Tells whether a document is deleted.
    #[inline]
    pub fn is_deleted(&self, document: u32) -> bool {
        self.deleted.as_ref().is_some_and(|deleted| deleted.contains(document))
    }
}

const DELETED: SectionKey = SectionKey { kind: 30, field: 0 };

/// Writes the deleted documents of a segment; gives what the manifest is to say of the file.
pub fn write_deletes(
    storage: &dyn Storage,
    index: u128,
    deleted: &Bits,
) -> Result<crate::manifest::DeletesEntry> {
    let id = storage.unique();
    let output = storage.create(&deletes_name(id))?;
    let mut file =
        ContainerWriter::new(output, Identity { kind: FileKind::Deletes, index, file: id })?;
    file.begin(DELETED)?;
    file.write(&deleted.to_bytes())?;
    let seal = file.finish()?;
    Ok(crate::manifest::DeletesEntry { id, seal, count: deleted.count() })
}

fn read_deletes(storage: &dyn Storage, index: u128, entry: &SegmentEntry) -> Result<Option<Bits>> {
    let Some(deletes) = entry.deletes else { return Ok(None) };
    let name = deletes_name(deletes.id);
    let identity = Identity { kind: FileKind::Deletes, index, file: deletes.id };
    let container = Container::open(storage.read(&name)?, &name, identity)?;
    let bits = Bits::from_bytes(container.section(DELETED)?);
    let fits = container.length(DELETED)? == u64::from(entry.documents.div_ceil(64)) * 8;
    if container.seal() != deletes.seal || !fits || bits.count() != deletes.count {
        return Err(container.damaged(
            DELETED,
            0,
            "not the deleted documents that the manifest names",
        ));
    }
    Ok(Some(bits))
}
