//! Owns inversion: from the words of each document to the documents of each word.
//!
//! Tokens are sorted by term with one counting sort. What follows needs no merging: a term's forms
//! come in the order of its places.

use std::cmp::Reverse;

use crate::buffer::TextPart;
use crate::container::ContainerWriter;
use crate::dictionary::{FormInfo, FormShare};
use crate::error::Result;
use crate::postings::PostingList;
use crate::text_writer::TextWriter;
use crate::vocabulary::{Rows, STAYS, Vocabulary};

pub use slot::{MAX_DOCUMENTS, MAX_TEXT_BYTES};

/// Writes the words of a text field; `slots` is memory that is used again.
pub fn write_words(
    file: &mut ContainerWriter,
    field: usize,
    (texts, lengths): (&[&TextPart], &[u32]),
    vocabulary: &Vocabulary,
    slots: &mut Rows<8>,
) -> Result<()> {
    let inverted = Inverted::new(texts, vocabulary, slots);
    let mut writer = TextWriter::begin(file, field, lengths)?;
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

/// A place of a word: its document, its position there, and which of its term's forms it is, in
/// one number.
mod slot {
    /// As many documents as a segment may have that is made of texts.
    pub const MAX_DOCUMENTS: u32 = 1 << 22;

    /// As many bytes as a text may have, and so positions.
    pub const MAX_TEXT_BYTES: usize = 1 << 26;

    #[inline]
    pub fn of(document: u32, position: u32, ordinal: u32) -> u64 {
        u64::from(document) << 42 | u64::from(position) << 16 | u64::from(ordinal)
    }

    #[inline]
    pub fn parts(slot: u64) -> (u32, u32, u32) {
        ((slot >> 42) as u32, (slot >> 16) as u32 & 0x3ff_ffff, slot as u32 & 0xffff)
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
    fn new(texts: &[&TextPart], vocabulary: &Vocabulary, slots: &'a mut Rows<8>) -> Self {
        let counts = count_forms(texts, vocabulary.form_count());
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
            // Some more, so that the next segment, of about the same size, finds room; memory that is
            // not touched costs nothing.
            *slots = Rows::new(sum as usize + sum as usize / 8);
        }
        scatter(texts, &places, &mut next, slots.get_mut());
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
fn count_forms(texts: &[&TextPart], forms: usize) -> Vec<u32> {
    let mut counts = vec![0; forms + 1];
    for &token in texts.iter().flat_map(|text| &text.tokens) {
        // All gaps fall behind the forms.
        counts[((token & FORM) as usize).min(forms)] += 1;
    }
    counts.truncate(forms);
    counts
}

/// Gives the forms that occur, by term in order, and the commonest of a term first.
fn forms_by_term(counts: &[u32], vocabulary: &Vocabulary) -> Vec<u32> {
    let used = (0..counts.len() as u32).filter(|&form| counts[form as usize] > 0);
    // Of each term one form is sorted; the others of the term are put beside it.
    let mut next_of_term = vec![u32::MAX; vocabulary.term_count()];
    let mut next = vec![u32::MAX; counts.len()];
    let mut first_forms = Vec::new();
    for form in used {
        let of_term = &mut next_of_term[vocabulary.term_of(form) as usize];
        if *of_term == u32::MAX {
            first_forms.push(form);
        } else {
            next[form as usize] = *of_term;
        }
        *of_term = form;
    }
    sort_by_key(&mut first_forms, |form| vocabulary.term_of_form(form));
    let mut forms = Vec::new();
    for first in first_forms {
        let start = forms.len();
        let last = next_of_term[vocabulary.term_of(first) as usize];
        let linked = |form: &u32| Some(next[*form as usize]).filter(|&next| next != u32::MAX);
        forms.extend(std::iter::successors(Some(last), linked));
        if forms.len() - start > 1 {
            let rank = |form: u32| (Reverse(counts[form as usize]), vocabulary.form_key(form));
            forms[start..].sort_unstable_by(|&a, &b| rank(a).cmp(&rank(b)));
        }
    }
    forms
}

fn scatter(texts: &[&TextPart], places: &[Place], next: &mut [u32], slots: &mut [[u8; 8]]) {
    let mut document = 0;
    for text in texts {
        let mut start = 0;
        for &end in &text.ends {
            let mut position = 0_u32;
            for &token in &text.tokens[start..end] {
                if let Some(place) = places.get((token & FORM) as usize) {
                    let at = &mut next[place.term as usize];
                    let slot = slot::of(document, position, place.ordinal);
                    slots[*at as usize] = slot.to_le_bytes();
                    *at += 1;
                }
                position += u32::from(token & STAYS == 0);
            }
            start = end;
            document += 1;
        }
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
pub fn sort_by_key<'a>(numbers: &mut Vec<u32>, key: impl Fn(u32) -> &'a [u8]) {
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
