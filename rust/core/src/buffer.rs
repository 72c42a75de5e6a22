//! Owns the documents that are not yet in a segment: a forward index, inverted when it is full.
//!
//! Each text becomes a row of tokens (see `vocabulary`), appended to those before: one sequential
//! write a token and no state per word. [`Buffer::write`] sorts them by form with one counting
//! sort; what a term has is merged from its forms.

use std::collections::HashMap;
use std::sync::Arc;

use crate::analysis::Analyzer;
use crate::bits::Bits;
use crate::columns::{ColumnWriter, Value};
use crate::container::{ContainerWriter, FileKind, Identity};
use crate::error::{Error, Result};
use crate::manifest::{SegmentEntry, segment_name};
use crate::postings::PostingList;
use crate::schema::{FieldKind, Schema};
use crate::segment::{MAX_DOCUMENTS, STORED, Words, column_sections, write_lengths, write_meta};
use crate::storage::Storage;
use crate::stored::StoredWriter;
use crate::text_writer::TextWriter;
use crate::vocabulary::{GAP, STAYS, Vocabulary};

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

#[derive(Default)]
struct TextBuffer {
    field: usize,
    tokens: Vec<u32>,
    /// Where the tokens of each document end.
    ends: Vec<usize>,
    lengths: Vec<u32>,
}

/// Documents on their way into a segment, numbered from 0 in the order of addition.
pub struct Buffer {
    schema: Arc<Schema>,
    analyzer: Arc<dyn Analyzer>,
    vocabulary: Vocabulary,
    texts: Vec<TextBuffer>,
    columns: Vec<Option<ColumnWriter>>,
    stored: StoredWriter,
    keys: HashMap<Box<str>, u32>,
    key_bytes: usize,
    deleted: Vec<u32>,
    documents: u32,
    overlong: u64,
    slots: Vec<u64>,
}

impl Buffer {
    /// Gives an empty buffer.
    pub fn new(schema: Arc<Schema>, analyzer: Arc<dyn Analyzer>) -> Self {
        let texts = schema.texts().map(|field| TextBuffer { field, ..TextBuffer::default() });
        let is_column = |kind| matches!(kind, FieldKind::Column(_));
        let columns = schema.fields().iter();
        Self {
            texts: texts.collect(),
            columns: columns.map(|it| is_column(it.kind).then(ColumnWriter::default)).collect(),
            schema,
            analyzer,
            vocabulary: Vocabulary::default(),
            stored: StoredWriter::default(),
            keys: HashMap::new(),
            key_bytes: 0,
            deleted: Vec::new(),
            documents: 0,
            overlong: 0,
            slots: Vec::new(),
        }
    }

    /// Gives how many documents there are, deleted ones too.
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// Gives how many words were left out as too long since the last `write` or `clear`.
    pub fn overlong(&self) -> u64 {
        self.overlong
    }

    /// Gives how much memory it takes, in bytes, with what writing it will.
    pub fn size_bytes(&self) -> usize {
        let tokens: usize = self.texts.iter().map(|text| text.tokens.len()).sum();
        let columns = self.columns.iter().flatten().map(ColumnWriter::size_bytes);
        // 4 bytes a token here; 8 for the sort of the largest field, and 4 for its postings.
        tokens * 16
            + self.documents as usize * 16
            + columns.sum::<usize>()
            + self.stored.size_bytes()
            + self.vocabulary.size_bytes()
            + self.key_bytes
    }

    /// Appends a document; one of the same key in here is deleted.
    ///
    /// # Errors
    /// `Argument` when a field is not what the schema says; nothing is added then.
    pub fn add(&mut self, document: &Document<'_>) -> Result<()> {
        self.check(document)?;
        self.delete(document.key);
        let number = self.documents;
        self.keys.insert(document.key.into(), number);
        self.key_bytes += document.key.len() + 40;
        for text in &mut self.texts {
            let start = text.tokens.len();
            for (field, written) in document.texts {
                if *field == text.field {
                    let analyzer = self.analyzer.as_ref();
                    let left_out = self.vocabulary.add_text(analyzer, written, &mut text.tokens);
                    self.overlong += u64::from(left_out);
                }
            }
            let staying = text.tokens[start..].iter().filter(|&token| token & STAYS != 0).count();
            text.lengths.push((text.tokens.len() - start - staying) as u32);
            text.ends.push(text.tokens.len());
        }
        let key = (self.schema.key(), Value::Text(document.key.to_owned()));
        for (field, value) in document.values.iter().chain([&key]) {
            if let Some(column) = &mut self.columns[*field] {
                column.add(number, value.clone());
            }
        }
        self.stored.add(document.stored);
        self.documents += 1;
        Ok(())
    }

    fn check(&self, document: &Document<'_>) -> Result<()> {
        let refuse = |field: usize, problem: &str| {
            let name = self.schema.fields().get(field).map_or("?", |field| field.name.as_str());
            Err(Error::Argument(format!("field {name} (number {field}) {problem}")))
        };
        if self.documents >= MAX_DOCUMENTS {
            let (limit, found) = (u64::from(MAX_DOCUMENTS), u64::from(self.documents) + 1);
            return Err(Error::Limit { what: "documents of a segment", limit, found });
        }
        for (field, _) in document.texts {
            if self.schema.fields().get(*field).map(|it| it.kind) != Some(FieldKind::Text) {
                return refuse(*field, "is no text");
            }
        }
        for (at, (field, value)) in document.values.iter().enumerate() {
            let Some(FieldKind::Column(of)) = self.schema.fields().get(*field).map(|it| it.kind)
            else {
                return refuse(*field, "is no column");
            };
            if *field == self.schema.key() || !value.fits(of.kind) {
                return refuse(*field, "does not hold values of this kind");
            }
            if !of.multiple && document.values[..at].iter().any(|(before, _)| before == field) {
                return refuse(*field, "holds one value");
            }
        }
        Ok(())
    }

    /// Deletes the document of a key; tells whether there was one.
    pub fn delete(&mut self, key: &str) -> bool {
        let found = self.keys.remove(key);
        self.deleted.extend(found);
        found.is_some()
    }

    /// Gives the keys of the documents that are not deleted, in any order.
    pub fn keys(&self) -> Vec<Box<str>> {
        self.keys.keys().cloned().collect()
    }

    /// Writes the documents as a segment and forgets them; gives what the manifest is to say,
    /// and which documents are deleted, or nothing where there are no documents.
    pub fn write(
        &mut self,
        storage: &dyn Storage,
        index: u128,
    ) -> Result<Option<(SegmentEntry, Bits)>> {
        if self.documents == 0 {
            return Ok(None);
        }
        let id = storage.unique();
        let output = storage.create(&segment_name(id))?;
        let mut file =
            ContainerWriter::new(output, Identity { kind: FileKind::Segment, index, file: id })?;
        let totals: Vec<u64> = self
            .texts
            .iter()
            .map(|text| text.lengths.iter().map(|&length| u64::from(length)).sum())
            .collect();
        write_meta(&mut file, self.documents, &totals)?;
        for at in 0..self.texts.len() {
            self.write_text(&mut file, at)?;
        }
        let documents = self.documents;
        for (field, of) in self.schema.columns() {
            if let Some(column) = &mut self.columns[field] {
                column.finish(&mut file, &column_sections(field), of, documents)?;
            }
        }
        self.stored.finish(&mut file, &STORED)?;
        let seal = file.finish()?;
        let mut deleted = Bits::new(documents);
        for &document in &self.deleted {
            deleted.insert(document);
        }
        self.clear();
        Ok(Some((SegmentEntry { id, seal, documents, deletes: None }, deleted)))
    }

    /// Forgets the documents, and the words too where they have become many.
    pub fn clear(&mut self) {
        for text in &mut self.texts {
            text.tokens.clear();
            text.ends.clear();
            text.lengths.clear();
        }
        self.columns.iter_mut().flatten().for_each(ColumnWriter::clear);
        self.stored.clear();
        self.keys.clear();
        self.key_bytes = 0;
        self.deleted.clear();
        self.documents = 0;
        self.overlong = 0;
    }

    /// Forgets the words; to be called where the buffer is empty.
    pub fn forget_words(&mut self) {
        debug_assert_eq!(self.documents, 0);
        self.vocabulary = Vocabulary::default();
        self.slots = Vec::new();
    }

    /// Gives how much memory the words take, in bytes.
    pub fn vocabulary_bytes(&self) -> usize {
        self.vocabulary.size_bytes()
    }

    fn write_text(&mut self, file: &mut ContainerWriter, at: usize) -> Result<()> {
        let text = &self.texts[at];
        write_lengths(file, text.field, &text.lengths)?;
        let ends = invert(text, self.vocabulary.form_count(), &mut self.slots);
        let of_form = |form: u32| {
            let start = if form == 0 { 0 } else { ends[form as usize - 1] };
            &self.slots[start..ends[form as usize]]
        };
        let used = (0..ends.len() as u32).filter(|&form| !of_form(form).is_empty());
        let mut by_term: Vec<(u32, u32)> =
            used.map(|form| (self.vocabulary.term_of(form), form)).collect();
        let forms =
            sorted(by_term.iter().map(|&(_, form)| form), |form| self.vocabulary.form_key(form));
        by_term.sort_unstable();
        let groups: Vec<&[(u32, u32)]> = by_term.chunk_by(|a, b| a.0 == b.0).collect();
        let terms =
            sorted(0..groups.len() as u32, |at| self.vocabulary.term(groups[at as usize][0].0));
        let mut writer = TextWriter::new(&text.lengths);
        let mut list = PostingList::default();
        let mut shared = HashMap::new();
        let (mut merged, mut spare) = (Vec::new(), Vec::new());
        for at in terms {
            let group = groups[at as usize];
            let slots = match group {
                [(_, form)] => of_form(*form),
                _ => {
                    merge(group.iter().map(|&(_, form)| of_form(form)), &mut merged, &mut spare);
                    &merged
                }
            };
            group_slots(slots, &mut list);
            let info = writer.add(Words::Terms, self.vocabulary.term(group[0].0), &list)?;
            if let [(_, form)] = group {
                shared.insert(*form, info);
            }
        }
        for form in forms {
            let key = self.vocabulary.form_key(form);
            if let Some(info) = shared.get(&form) {
                writer.add_alias(Words::Forms, key, info);
            } else {
                group_slots(of_form(form), &mut list);
                writer.add(Words::Forms, key, &list)?;
            }
        }
        writer.finish(file, text.field)
    }
}

/// Sorts the tokens by form into `slots` (document and position in one number); gives where the
/// slots of each form end.
fn invert(text: &TextBuffer, forms: usize, slots: &mut Vec<u64>) -> Vec<usize> {
    const FORM: u32 = !STAYS;
    let mut next = vec![0_usize; forms + 1];
    for &token in &text.tokens {
        // All gaps fall on the slot after those of the forms.
        next[((token & FORM) as usize).min(forms)] += 1;
    }
    let mut sum = 0;
    for slot in &mut next {
        sum += std::mem::replace(slot, sum);
    }
    if slots.len() < sum {
        slots.resize(sum, 0);
    }
    let mut start = 0;
    for (document, &end) in text.ends.iter().enumerate() {
        let mut position = 0_u32;
        for &token in &text.tokens[start..end] {
            let form = ((token & FORM) as usize).min(forms);
            slots[next[form]] = (document as u64) << 32 | u64::from(position);
            next[form] += 1;
            position += u32::from(token & STAYS == 0);
        }
        start = end;
    }
    debug_assert!(forms < GAP as usize);
    next.truncate(forms);
    next
}

/// Gives the numbers in the order of their keys.
fn sorted<'a>(numbers: impl Iterator<Item = u32>, key: impl Fn(u32) -> &'a [u8]) -> Vec<u32> {
    let prefix = |bytes: &[u8]| {
        let mut first = [0; 8];
        first.iter_mut().zip(bytes).for_each(|(byte, of_key)| *byte = *of_key);
        u64::from_be_bytes(first)
    };
    let mut pairs: Vec<(u64, u32)> = numbers.map(|number| (prefix(key(number)), number)).collect();
    pairs.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| key(a.1).cmp(key(b.1))));
    pairs.into_iter().map(|(_, number)| number).collect()
}

/// Merges sorted lists into `out`.
fn merge<'a>(lists: impl Iterator<Item = &'a [u64]>, out: &mut Vec<u64>, spare: &mut Vec<u64>) {
    let mut lists: Vec<&[u64]> = lists.collect();
    lists.sort_unstable_by_key(|list| list.len());
    out.clear();
    for list in lists {
        // The shortest first, so that most are moved few times.
        std::mem::swap(out, spare);
        merge_two(spare, list, out);
    }
}

fn merge_two(a: &[u64], b: &[u64], out: &mut Vec<u64>) {
    out.clear();
    out.reserve(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        let takes_a = a[i] <= b[j];
        out.push(if takes_a { a[i] } else { b[j] });
        i += usize::from(takes_a);
        j += usize::from(!takes_a);
    }
    out.extend_from_slice(&a[i..]);
    out.extend_from_slice(&b[j..]);
}

/// Counts the slots of each document.
fn group_slots(slots: &[u64], list: &mut PostingList) {
    list.clear();
    let mut last = None;
    for &slot in slots {
        let document = (slot >> 32) as u32;
        if last == Some(document) {
            if let Some(frequency) = list.frequencies.last_mut() {
                *frequency += 1;
            }
        } else {
            list.documents.push(document);
            list.frequencies.push(1);
            last = Some(document);
        }
        list.positions.push(slot as u32);
    }
}
