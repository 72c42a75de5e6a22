//! Owns inversion: from the words of each document to the documents of each word.
//!
//! Tokens are sorted by term in two steps, each within the cache. The terms, in order, are cut into
//! *spans*. First the tokens of each page of 65536 are sorted by span, in place: a token becomes its
//! place in the page and the number of its form in the span, 16 bits each. Then the places of one
//! span after the other are sorted by term. What follows needs no merging: a term's forms come in
//! the order of its places.

use std::cmp::Reverse;
use std::ops::Range;

use crate::buffer::TextPart;
use crate::container::ContainerWriter;
use crate::dictionary::{FormInfo, FormShare};
use crate::error::Result;
use crate::text_writer::TextWriter;
use crate::vocabulary::{STAYS, Vocabulary};
use pages::{PAGE, Pages};

pub use slot::{MAX_DOCUMENTS, MAX_TEXT_BYTES};

mod pages;

/// As many places as a span has, if it has several terms: 8 MB of slots.
const SPAN_PLACES: usize = 1 << 20;

/// Writes the words of a text field, and leaves its tokens in disorder; `slots` is memory that is
/// used again.
pub fn write_words(
    file: &mut ContainerWriter,
    field: usize,
    text: &mut TextPart,
    vocabulary: &Vocabulary,
    slots: &mut Vec<u64>,
) -> Result<()> {
    let TextPart { tokens, ends, lengths } = text;
    let counts = count_forms(tokens, vocabulary.form_count());
    let mut forms = forms_by_term(&counts, vocabulary);
    let spans = cut(&forms, &counts, vocabulary);
    let pages = Pages::sort(tokens, ends, &homes(&forms, &spans, counts.len()), spans.len());
    let mut inversion = Inversion {
        vocabulary,
        counts: &counts,
        writer: TextWriter::begin(file, field, lengths)?,
        infos: vec![FormInfo::default(); counts.len()],
        tallies: Vec::new(),
    };
    for (number, span) in spans.into_iter().enumerate() {
        inversion.write_span(file, &pages, number, &forms[span], slots)?;
    }
    let Inversion { mut writer, infos, .. } = inversion;
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

/// A text field in the course of being written.
struct Inversion<'a> {
    vocabulary: &'a Vocabulary,
    /// How often each form occurs.
    counts: &'a [u32],
    writer: TextWriter<'a>,
    /// What the dictionary is to say of each form.
    infos: Vec<FormInfo>,
    tallies: Vec<Tally>,
}

impl Inversion<'_> {
    fn write_span(
        &mut self,
        file: &mut ContainerWriter,
        pages: &Pages<'_>,
        number: usize,
        forms: &[u32],
        slots: &mut Vec<u64>,
    ) -> Result<()> {
        let vocabulary = self.vocabulary;
        let terms = || forms.chunk_by(|a, b| vocabulary.term_of(*a) == vocabulary.term_of(*b));
        if terms().nth(1).is_none() {
            // All is in order as it is, and may be too much to be held.
            self.begin_term(forms);
            pages.for_each_place(number, |document, position, ordinal| {
                self.add_place(document, position, ordinal);
            });
            return self.end_term(file, forms);
        }
        let (mut places, mut next, mut sum) = (Vec::with_capacity(forms.len()), Vec::new(), 0);
        for (term, forms) in (0_u32..).zip(terms()) {
            places.extend((0..forms.len() as u32).map(|ordinal| (term, ordinal)));
            next.push(sum);
            sum += places_of(forms, self.counts);
        }
        slots.resize(slots.len().max(sum), 0);
        pages.for_each_place(number, |document, position, form| {
            let (term, ordinal) = places[form as usize];
            let at: &mut usize = &mut next[term as usize];
            slots[*at] = slot::of(document, position, ordinal);
            *at += 1;
        });
        let (ends, mut start) = (next, 0);
        for (forms, end) in terms().zip(ends) {
            self.begin_term(forms);
            for &slot in &slots[start..end] {
                let (document, position, ordinal) = slot::parts(slot);
                self.add_place(document, position, ordinal);
            }
            self.end_term(file, forms)?;
            start = end;
        }
        Ok(())
    }

    fn begin_term(&mut self, forms: &[u32]) {
        self.writer.begin_term(places_of(forms, self.counts), forms.len() > 1);
        self.tallies.clear();
        if forms.len() > 1 {
            self.tallies.resize(forms.len(), Tally::default());
        }
    }

    #[inline(always)]
    fn add_place(&mut self, document: u32, position: u32, ordinal: u32) {
        self.writer.add_place(document, position, ordinal);
        if let Some(tally) = self.tallies.get_mut(ordinal as usize) {
            tally.add(document);
        }
    }

    fn end_term(&mut self, file: &mut ContainerWriter, forms: &[u32]) -> Result<()> {
        let term = self.writer.end_term(file, self.vocabulary.term_of_form(forms[0]))?;
        self.infos[forms[0] as usize].term = term;
        for ((ordinal, &form), tally) in (0..).zip(forms).zip(&self.tallies) {
            let Tally { documents, occurrences, .. } = *tally;
            let shared = Some(FormShare { ordinal, documents, occurrences });
            self.infos[form as usize] = FormInfo { term, shared };
        }
        Ok(())
    }
}

fn places_of(forms: &[u32], counts: &[u32]) -> usize {
    forms.iter().map(|&form| counts[form as usize] as usize).sum()
}

/// Cuts terms into spans: ranges of the forms.
fn cut(forms: &[u32], counts: &[u32], vocabulary: &Vocabulary) -> Vec<Range<usize>> {
    // The more places there are, the larger the spans, so that pages have parts worth reading.
    let all: usize = places_of(forms, counts);
    let most = SPAN_PLACES.max(all / PAGE * 64);
    let mut spans: Vec<Range<usize>> = Vec::new();
    let (mut start, mut end, mut places) = (0, 0, 0);
    for term in forms.chunk_by(|a, b| vocabulary.term_of(*a) == vocabulary.term_of(*b)) {
        let own = places_of(term, counts);
        if end > start && (places + own > most || end + term.len() - start > PAGE) {
            spans.push(start..end);
            (start, places) = (end, 0);
        }
        end += term.len();
        places += own;
    }
    if end > start {
        spans.push(start..end);
    }
    spans
}

/// Gives for each form its span and its number there, in 16 bits each, and behind them a span that
/// is none.
fn homes(forms: &[u32], spans: &[Range<usize>], count: usize) -> Vec<u32> {
    let none = (spans.len() as u32) << 16;
    let mut homes = vec![none; count + 1];
    for (span, range) in (0..).zip(spans) {
        for (number, &form) in (0..).zip(&forms[range.clone()]) {
            homes[form as usize] = span << 16 | number;
        }
    }
    homes
}

/// The bits of a token that number its form.
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

/// How often a form occurs, and in how many documents.
#[derive(Clone, Copy, Default)]
struct Tally {
    documents: u32,
    occurrences: u64,
    /// The last document counted, plus 1.
    last: u32,
}

impl Tally {
    #[inline(always)]
    fn add(&mut self, document: u32) {
        self.documents += u32::from(self.last != document + 1);
        self.occurrences += 1;
        self.last = document + 1;
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
