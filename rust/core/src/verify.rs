//! Owns the check of a whole index: every byte, every list, every border.

use crate::columns::{ColumnKind, ColumnType};
use crate::dictionary::{Entries, FormShare, WordInfo};
use crate::error::{Error, Result};
use crate::manifest::{Manifest, SegmentEntry, segment_name};
use crate::postings::{Block, PostingList, decode_all};
use crate::schema::Schema;
use crate::segment::{LiveSegment, Segment, Words};
use crate::storage::Storage;

/// Something that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file's name within the index; `.` where there is no commit at all.
    pub file: String,
    /// The byte where it shows, where it is not the whole file.
    pub offset: Option<u64>,
    /// What is wrong.
    pub problem: String,
}

/// Gives the faults of the newest commit.
///
/// # Errors
/// `Io` when the system refuses to read a file, so that whether it is sound is not known.
pub fn verify(storage: &dyn Storage) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let manifest = match Manifest::newest(storage) {
        Ok(manifest) => manifest,
        Err(error) => {
            faults.push(fault_of(error)?);
            return Ok(faults);
        }
    };
    for entry in &manifest.segments {
        if let Err(error) = check_segment(storage, &manifest, entry, &mut faults) {
            faults.push(fault_of(error)?);
        }
    }
    Ok(faults)
}

/// Gives the fault that an error tells of; errors of the system stay errors.
fn fault_of(error: Error) -> Result<Fault> {
    let problem = error.to_string();
    match error {
        Error::Corrupt { file, offset, problem } => {
            Ok(Fault { file, offset: Some(offset), problem })
        }
        Error::NotAnIndex => Ok(Fault { file: ".".to_owned(), offset: None, problem }),
        Error::FormatTooNew { file, .. } => Ok(Fault { file, offset: None, problem }),
        Error::Io { ref file, .. } if error.is_missing_file() => {
            let (file, problem) = (file.clone(), "the file is missing".to_owned());
            Ok(Fault { file, offset: None, problem })
        }
        error => Err(error),
    }
}

fn check_segment(
    storage: &dyn Storage,
    manifest: &Manifest,
    entry: &SegmentEntry,
    faults: &mut Vec<Fault>,
) -> Result<()> {
    let Manifest { schema, index, .. } = manifest;
    let segment = Segment::open(storage, schema, *index, entry)?;
    let damaged = segment.verify();
    let is_sound = damaged.is_empty();
    faults.extend(damaged.into_iter().map(|offset| Fault {
        file: segment_name(entry.id),
        offset: Some(offset),
        problem: "the checksum of 64 KiB from here on does not match".to_owned(),
    }));
    if is_sound {
        check_structure(&segment, schema)?;
    }
    LiveSegment::open(storage, schema, *index, *entry).map(|_| ())
}

fn check_structure(segment: &Segment, schema: &Schema) -> Result<()> {
    for field in schema.texts() {
        check_text(segment, field)?;
    }
    for (field, of) in schema.columns() {
        check_column(segment, field, of)?;
    }
    segment.stored()?.for_each(|_, _| ())
}

fn check_text(segment: &Segment, field: usize) -> Result<()> {
    let lengths = segment.lengths(field)?;
    let sum: u64 = (0..segment.documents()).map(|it| u64::from(lengths.get(it))).sum();
    if sum != segment.positions(field) {
        return Err(damaged(segment, field, "its lengths do not add up"));
    }
    let terms = segment.dictionary(field, Words::Terms)?;
    let mut shares: Vec<Vec<Option<FormShare>>> = vec![Vec::new(); terms.len() as usize];
    for_each_word(segment, field, Words::Forms, &mut |entries| {
        let form = entries.form();
        match shares.get_mut(form.term as usize) {
            Some(shares) => shares.push(form.shared),
            None => return Err(damaged(segment, field, "a form has a term that is not there")),
        }
        Ok(())
    })?;
    let mut shares = shares.into_iter();
    for_each_word(segment, field, Words::Terms, &mut |entries| {
        check_term(segment, field, entries.info(), &shares.next().unwrap_or_default())
    })
}

fn for_each_word(
    segment: &Segment,
    field: usize,
    words: Words,
    check: &mut dyn FnMut(&Entries<'_>) -> Result<()>,
) -> Result<()> {
    let mut entries = segment.dictionary(field, words)?.iter()?;
    let mut before: Option<Vec<u8>> = None;
    while let Some(key) = entries.next()? {
        if before.as_deref().is_some_and(|before| before >= key) {
            return Err(damaged(segment, field, "its words are not sorted"));
        }
        before = Some(key.to_vec());
        check(&entries)?;
    }
    Ok(())
}

fn check_term(
    segment: &Segment,
    field: usize,
    info: &WordInfo,
    forms: &[Option<FormShare>],
) -> Result<()> {
    let malformed = || segment.malformed_postings(field, info);
    let postings = segment.postings(field, info)?;
    let positions = segment.positions_of(field, info, 0..u64::MAX)?;
    let lengths = segment.lengths(field)?;
    let (mut list, mut block) = (PostingList::default(), Block::default());
    let is_shared = forms.len() > 1;
    decode_all(&postings, positions, is_shared, &mut block, &mut list).ok_or_else(malformed)?;
    let occurrences: u64 = list.frequencies.iter().map(|&it| u64::from(it)).sum();
    let is_whole =
        list.documents.len() as u64 == u64::from(info.documents) && occurrences == info.occurrences;
    if !is_whole || forms.is_empty() || !list.documents.is_sorted_by(|a, b| a < b) {
        return Err(malformed());
    }
    let mut counted = vec![FormShare::default(); forms.len()];
    let mut rest = (list.positions.as_slice(), list.ordinals.as_slice());
    for (&document, &frequency) in list.documents.iter().zip(&list.frequencies) {
        let own = rest.0.split_at_checked(frequency as usize);
        let (own, others) = own.ok_or_else(malformed)?;
        let is_within = own.last().is_some_and(|&last| last < lengths.get(document));
        if document >= segment.documents() || !is_within || !own.is_sorted() {
            return Err(malformed());
        }
        let end = if is_shared { frequency as usize } else { 0 };
        let (ordinals, other_ordinals) = rest.1.split_at_checked(end).ok_or_else(malformed)?;
        for (ordinal, count) in (0..).zip(&mut counted) {
            let occurrences = ordinals.iter().filter(|&&it| it == ordinal).count() as u64;
            count.ordinal = ordinal;
            count.occurrences += occurrences;
            count.documents += u32::from(occurrences > 0);
        }
        rest = (others, other_ordinals);
    }
    let is_as_said = match forms {
        [None] => true,
        forms => counted.iter().all(|count| forms.contains(&Some(*count))),
    };
    if is_as_said { Ok(()) } else { Err(malformed()) }
}

fn check_column(segment: &Segment, field: usize, of: ColumnType) -> Result<()> {
    let column = segment.column(field, of)?;
    let count = column.value_count() as u32;
    for ordinal in 1..=count {
        let value = column.value(ordinal)?;
        if ordinal > 1 && column.value(ordinal - 1)?.compare(&value).is_ge() {
            return Err(damaged(segment, field, "its values do not ascend"));
        }
    }
    for document in 0..segment.documents() {
        let mut ordinals = column.ordinals_of(document).peekable();
        if of.kind == ColumnKind::Key && ordinals.peek().is_none() {
            return Err(damaged(segment, field, "a document has no key"));
        }
        if ordinals.any(|ordinal| ordinal > count) {
            return Err(damaged(segment, field, "a document has a value that is not there"));
        }
    }
    Ok(())
}

fn damaged(segment: &Segment, field: usize, problem: &str) -> Error {
    let file = segment_name(segment.id());
    Error::Corrupt { file, offset: 0, problem: format!("field number {field}: {problem}") }
}
