//! Owns the documents that are not yet in a segment: a forward index, inverted when it is full.
//!
//! Each text becomes a row of tokens (see `vocabulary`), appended to those before: one sequential
//! write a token and no state per word. [`Buffer::write`] sorts them by form with one counting
//! sort; what a term has is merged from its forms.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use crate::analysis::Analyzer;
use crate::bits::Bits;
use crate::columns::{ColumnWriter, Value};
use crate::container::{ContainerWriter, FileKind, Identity};
use crate::dictionary::{FormInfo, FormShare};
use crate::error::{Error, Result};
use crate::manifest::{SegmentEntry, segment_name};
use crate::postings::PostingList;
use crate::schema::{FieldKind, Schema};
use crate::segment::{STORED, column_sections, write_lengths, write_meta};
use crate::storage::Storage;
use crate::stored::StoredWriter;
use crate::text_writer::TextWriter;
use crate::vocabulary::{Rows, STAYS, Vocabulary};

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
    slots: Rows<8>,
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
            vocabulary: Vocabulary::new(usize::MAX),
            stored: StoredWriter::default(),
            keys: HashMap::new(),
            key_bytes: 0,
            deleted: Vec::new(),
            documents: 0,
            overlong: 0,
            slots: Rows::new(0),
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
        let tokens = self.texts.iter().map(|text| text.tokens.len());
        let (all, most) = (tokens.clone().sum::<usize>(), tokens.max().unwrap_or_default());
        let columns = self.columns.iter().flatten().map(ColumnWriter::size_bytes);
        // 4 bytes a token here, and 8 for the sort of the largest field.
        all * 4
            + most * 8
            + self.documents as usize * 16
            + columns.sum::<usize>()
            + self.stored.size_bytes()
            + self.vocabulary.size_bytes()
            + self.key_bytes
    }

    /// Appends a document; one of the same key in here is deleted.
    ///
    /// # Errors
    /// `Argument` when a field is not what the schema says, `Limit` when it holds too many words;
    /// nothing is added then.
    pub fn add(&mut self, document: &Document<'_>) -> Result<()> {
        self.check(document)?;
        self.add_texts(document)?;
        self.delete(document.key);
        let number = self.documents;
        self.keys.insert(document.key.into(), number);
        self.key_bytes += document.key.len() + 40;
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

    /// Appends the tokens of all texts, or of none.
    fn add_texts(&mut self, document: &Document<'_>) -> Result<()> {
        let mut refused = None;
        let mut overlong = 0;
        for text in &mut self.texts {
            let start = text.tokens.len();
            for (field, written) in document.texts {
                if *field == text.field {
                    let analyzer = self.analyzer.as_ref();
                    let left_out = self.vocabulary.add_text(analyzer, written, &mut text.tokens);
                    overlong += u64::from(left_out);
                }
            }
            let tokens = &text.tokens[start..];
            let staying = tokens.iter().filter(|&token| token & STAYS != 0).count();
            let length = tokens.len() - staying;
            if length > slot::MAX_POSITIONS as usize {
                let limit = u64::from(slot::MAX_POSITIONS);
                let what = "words of a text field of one document";
                refused = Some(Error::Limit { what, limit, found: length as u64 });
            }
            text.lengths.push(length as u32);
            text.ends.push(text.tokens.len());
        }
        if self.vocabulary.most_forms() > slot::MAX_FORMS {
            let (limit, found) = (slot::MAX_FORMS.into(), self.vocabulary.most_forms().into());
            refused = Some(Error::Limit { what: "spellings of one term", limit, found });
        }
        if let Some(error) = refused {
            self.remove_last_texts();
            return Err(error);
        }
        self.overlong += overlong;
        Ok(())
    }

    fn remove_last_texts(&mut self) {
        for text in &mut self.texts {
            text.lengths.pop();
            text.ends.pop();
            text.tokens.truncate(text.ends.last().copied().unwrap_or_default());
        }
    }

    /// Tells whether it must be written before more is added, whatever memory there is.
    pub fn is_full(&self) -> bool {
        self.documents >= slot::MAX_DOCUMENTS || self.has_too_many_forms()
    }

    /// Tells whether its words must be forgotten: a document that brings as many forms of one term
    /// again would be refused.
    pub fn has_too_many_forms(&self) -> bool {
        self.vocabulary.most_forms() > slot::MAX_FORMS / 2
    }

    fn check(&self, document: &Document<'_>) -> Result<()> {
        let refuse = |field: usize, problem: &str| {
            let name = self.schema.fields().get(field).map_or("?", |field| field.name.as_str());
            Err(Error::Argument(format!("field {name} (number {field}) {problem}")))
        };
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

    /// Forgets the documents.
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
        self.vocabulary = Vocabulary::new(usize::MAX);
        self.slots = Rows::new(0);
    }

    /// Gives how much memory the words take, in bytes.
    pub fn vocabulary_bytes(&self) -> usize {
        self.vocabulary.size_bytes()
    }

    fn write_text(&mut self, file: &mut ContainerWriter, at: usize) -> Result<()> {
        let (text, vocabulary) = (&self.texts[at], &self.vocabulary);
        write_lengths(file, text.field, &text.lengths)?;
        let inverted = Inverted::new(text, vocabulary, &mut self.slots);
        let mut writer = TextWriter::begin(file, text.field, &text.lengths)?;
        let mut infos = vec![FormInfo::default(); vocabulary.form_count()];
        let (mut list, mut tallies) = (PostingList::default(), Vec::new());
        for (forms, slots) in inverted.terms() {
            group_slots(slots, forms.len(), &mut list, &mut tallies);
            let term = writer.add_term(file, vocabulary.term_of_form(forms[0]), &list)?;
            for ((ordinal, &form), tally) in (0..).zip(forms).zip(&tallies) {
                let Tally { documents, occurrences, .. } = *tally;
                let share = FormShare { ordinal, documents, occurrences };
                let shared = (forms.len() > 1).then_some(share);
                infos[form as usize] = FormInfo { term, shared };
            }
        }
        let mut forms = inverted.forms;
        sort_by_key(&mut forms, |form| vocabulary.form_key(form));
        for form in forms {
            writer.add_form(vocabulary.form_key(form), &infos[form as usize]);
        }
        writer.finish(file)
    }
}

/// A place of a word: its document, its position there, and which of its term's forms it is, in
/// one number.
mod slot {
    /// As many documents as a buffer may have.
    pub const MAX_DOCUMENTS: u32 = 1 << 24;

    /// As many positions as a text may have.
    pub const MAX_POSITIONS: u32 = 1 << 24;

    /// As many forms as a term may have in a buffer.
    pub const MAX_FORMS: u32 = 1 << 16;

    #[inline]
    pub fn of(document: u32, position: u32, ordinal: u32) -> u64 {
        u64::from(document) << 40 | u64::from(position) << 16 | u64::from(ordinal)
    }

    #[inline]
    pub fn parts(slot: u64) -> (u32, u32, u32) {
        ((slot >> 40) as u32, (slot >> 16) as u32 & 0xff_ffff, slot as u32 & 0xffff)
    }
}

/// The tokens of a text field, by term.
struct Inverted<'a> {
    /// Those that occur: those of a term together, the commonest first; terms in order.
    forms: Vec<u32>,
    /// Where the forms and the slots of each term end.
    ends: Vec<(u32, u32)>,
    slots: &'a [[u8; 8]],
}

impl<'a> Inverted<'a> {
    /// Sorts tokens by term into `slots`, with one counting sort.
    fn new(text: &TextBuffer, vocabulary: &Vocabulary, slots: &'a mut Rows<8>) -> Self {
        let counts = count_forms(&text.tokens, vocabulary.form_count());
        let forms = forms_by_term(&counts, vocabulary);
        let mut places = vec![Place::default(); counts.len()];
        let (mut ends, mut next) = (Vec::new(), Vec::new());
        let (mut start, mut sum) = (0, 0);
        for forms in forms.chunk_by(|a, b| vocabulary.term_of(*a) == vocabulary.term_of(*b)) {
            for (ordinal, &form) in (0..).zip(forms) {
                places[form as usize] = Place { term: next.len() as u32, ordinal };
            }
            next.push(sum);
            start += forms.len() as u32;
            sum += forms.iter().map(|&form| counts[form as usize]).sum::<u32>();
            ends.push((start, sum));
        }
        if slots.len() < sum as usize {
            *slots = Rows::new(sum as usize);
        }
        scatter(text, &places, &mut next, slots.get_mut());
        Self { forms, ends, slots: slots.get() }
    }

    /// Gives the forms and the slots of each term.
    fn terms(&self) -> impl Iterator<Item = (&[u32], &[[u8; 8]])> {
        let mut start = (0, 0);
        self.ends.iter().map(move |&(forms, slots)| {
            let (first_form, first_slot) = std::mem::replace(&mut start, (forms, slots));
            let forms = &self.forms[first_form as usize..forms as usize];
            (forms, &self.slots[first_slot as usize..slots as usize])
        })
    }
}

/// Where the slots of a form go.
#[derive(Clone, Copy, Default)]
struct Place {
    term: u32,
    ordinal: u32,
}

const FORM: u32 = !STAYS;

/// Gives how often each form occurs.
fn count_forms(tokens: &[u32], forms: usize) -> Vec<u32> {
    let mut counts = vec![0; forms + 1];
    for &token in tokens {
        // All gaps fall behind the forms.
        counts[((token & FORM) as usize).min(forms)] += 1;
    }
    counts.truncate(forms);
    counts
}

/// Gives the forms that occur, by term in order, and the commonest of a term first.
fn forms_by_term(counts: &[u32], vocabulary: &Vocabulary) -> Vec<u32> {
    let used = (0..counts.len() as u32).filter(|&form| counts[form as usize] > 0);
    let mut forms: Vec<u32> = used.collect();
    sort_by_key(&mut forms, |form| vocabulary.term_of_form(form));
    for of_term in forms.chunk_by_mut(|a, b| vocabulary.term_of(*a) == vocabulary.term_of(*b)) {
        let rank = |form: u32| (Reverse(counts[form as usize]), vocabulary.form_key(form));
        of_term.sort_unstable_by(|&a, &b| rank(a).cmp(&rank(b)));
    }
    forms
}

fn scatter(text: &TextBuffer, places: &[Place], next: &mut [u32], slots: &mut [[u8; 8]]) {
    let mut start = 0;
    for (document, &end) in (0..).zip(&text.ends) {
        let mut position = 0_u32;
        for &token in &text.tokens[start..end] {
            if let Some(place) = places.get((token & FORM) as usize) {
                let at = &mut next[place.term as usize];
                slots[*at as usize] = slot::of(document, position, place.ordinal).to_le_bytes();
                *at += 1;
            }
            position += u32::from(token & STAYS == 0);
        }
        start = end;
    }
}

/// How often a form occurs, and in how many documents.
#[derive(Clone, Copy, Default)]
struct Tally {
    documents: u32,
    occurrences: u64,
    /// The last document counted, plus 1.
    last: u32,
}

/// Counts the slots of each document and of each form.
fn group_slots(slots: &[[u8; 8]], forms: usize, list: &mut PostingList, tallies: &mut Vec<Tally>) {
    list.clear();
    tallies.clear();
    tallies.resize(forms, Tally::default());
    let mut last = None;
    for &slot in slots {
        let (document, position, ordinal) = slot::parts(u64::from_le_bytes(slot));
        if last == Some(document) {
            if let Some(frequency) = list.frequencies.last_mut() {
                *frequency += 1;
            }
        } else {
            list.documents.push(document);
            list.frequencies.push(1);
            last = Some(document);
        }
        list.positions.push(position);
        if forms > 1 {
            list.ordinals.push(ordinal);
            let tally = &mut tallies[ordinal as usize];
            tally.documents += u32::from(tally.last != document + 1);
            tally.occurrences += 1;
            tally.last = document + 1;
        }
    }
}

/// Sorts numbers by their keys; which of several of one key comes first is not said.
fn sort_by_key<'a>(numbers: &mut Vec<u32>, key: impl Fn(u32) -> &'a [u8]) {
    let prefix = |bytes: &[u8]| {
        let mut first = [0; 16];
        first.iter_mut().zip(bytes).for_each(|(byte, of_key)| *byte = *of_key);
        u128::from_be_bytes(first)
    };
    let pairs = numbers.iter().map(|&number| (prefix(key(number)), number));
    let mut pairs: Vec<(u128, u32)> = pairs.collect();
    pairs.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| key(a.1).cmp(key(b.1))));
    numbers.clear();
    numbers.extend(pairs.into_iter().map(|(_, number)| number));
}
