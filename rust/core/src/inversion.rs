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
use crate::parallel::each;
use crate::text_writer::{EncodedTerm, TermEncoder, TextWriter};
use crate::vocabulary::{STAYS, Vocabulary};
use pages::{PAGE, Pages};

pub use slot::{MAX_DOCUMENTS, MAX_TEXT_BYTES};

mod pages;

/// As many places as a span has, if it has several terms: 4 MB of slots.
const SPAN_PLACES: usize = 1 << 19;

/// Spans that one thread encodes between two writes, for several threads: more wait less for the
/// slowest, and hold more.
const SPANS_A_THREAD: usize = 2;

/// Gives how much memory it takes to write so many tokens on so many threads, in bytes: for each the
/// slots of a span, 8 bytes a place, and spans that are encoded, 3 bytes a place; besides what a term
/// has more than a span, of which one thread is at work.
pub fn writing_bytes(tokens: usize, threads: usize) -> usize {
    threads * (8 + 3 * SPANS_A_THREAD) * tokens.min(SPAN_PLACES) + tokens / 4
}

/// What a thread needs to work: memory that is used again.
#[derive(Default)]
pub struct Workspace {
    slots: Vec<u64>,
}

/// Writes the words of a text field, on a thread for each workspace, and leaves its tokens in
/// disorder.
pub fn write_words(
    file: &mut ContainerWriter,
    field: usize,
    text: &mut TextPart,
    vocabulary: &Vocabulary,
    workspaces: &mut [Workspace],
) -> Result<()> {
    let TextPart { tokens, ends, lengths } = text;
    let counts = count_forms(tokens, vocabulary.form_count(), workspaces);
    let mut forms = forms_by_term(&counts, vocabulary);
    let spans = cut(&forms, &counts, vocabulary);
    let homes = homes(&forms, &spans, counts.len());
    let pages = Pages::sort(tokens, ends, &homes, spans.len(), workspaces);
    let mut writer = TextWriter::begin(file, field)?;
    let mut infos = vec![FormInfo::default(); counts.len()];
    let inversion = Inversion { vocabulary, counts: &counts, pages: &pages, lengths };
    let numbered: Vec<(usize, &[u32])> =
        spans.into_iter().map(|span| &forms[span]).enumerate().collect();
    let at_once = if workspaces.len() > 1 { SPANS_A_THREAD * workspaces.len() } else { 1 };
    for spans in numbered.chunks(at_once) {
        let encode = |workspace: &mut Workspace, (number, forms)| {
            inversion.encode(number, forms, &mut workspace.slots)
        };
        for ((_, forms), encoded) in spans.iter().zip(each(workspaces, spans.to_vec(), encode)) {
            let encoded = encoded?;
            file.write(&encoded.bytes)?;
            encoded.enter(forms, vocabulary, &mut writer, &mut infos);
        }
    }
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

/// A text field whose spans are to be encoded.
struct Inversion<'a> {
    vocabulary: &'a Vocabulary,
    /// How often each form occurs.
    counts: &'a [u32],
    pages: &'a Pages<'a>,
    lengths: &'a [u32],
}

impl Inversion<'_> {
    /// Encodes the terms of a span.
    fn encode(&self, number: usize, forms: &[u32], slots: &mut Vec<u64>) -> Result<EncodedSpan> {
        let mut span = SpanEncoder::new(self, forms);
        let mut terms = self.vocabulary.terms_of(forms);
        if let (Some(forms), None) = (terms.next(), terms.next()) {
            // All is in order as it is, and may be too much to be held.
            span.begin(forms);
            self.pages.for_each_place(number, |document, position, ordinal| {
                span.add(document, position, ordinal);
            });
            return span.end().map(|()| span.encoded);
        }
        let mut start = 0;
        for (forms, end) in self.vocabulary.terms_of(forms).zip(self.sort(number, forms, slots)) {
            span.begin(forms);
            for &slot in &slots[start..end] {
                let (document, position, ordinal) = slot::parts(slot);
                span.add(document, position, ordinal);
            }
            span.end()?;
            start = end;
        }
        Ok(span.encoded)
    }

    /// Sorts the places of a span by term; gives where those of each end.
    fn sort(&self, number: usize, forms: &[u32], slots: &mut Vec<u64>) -> Vec<usize> {
        let (mut places, mut next, mut sum) = (Vec::with_capacity(forms.len()), Vec::new(), 0);
        for (term, forms) in (0_u32..).zip(self.vocabulary.terms_of(forms)) {
            places.extend((0..forms.len() as u32).map(|ordinal| (term, ordinal)));
            next.push(sum);
            sum += places_of(forms, self.counts);
        }
        slots.resize(slots.len().max(sum), 0);
        self.pages.for_each_place(number, |document, position, form| {
            let (term, ordinal) = places[form as usize];
            let at: &mut usize = &mut next[term as usize];
            slots[*at] = slot::of(document, position, ordinal);
            *at += 1;
        });
        next
    }
}

/// The terms of a span, encoded.
#[derive(Default)]
struct EncodedSpan {
    bytes: Vec<u8>,
    terms: Vec<EncodedTerm>,
    /// Of the forms of terms that have several.
    tallies: Vec<Tally>,
}

impl EncodedSpan {
    /// Enters the terms in the dictionary of terms, and the forms in what is known of forms.
    fn enter(
        &self,
        forms: &[u32],
        vocabulary: &Vocabulary,
        writer: &mut TextWriter,
        infos: &mut [FormInfo],
    ) {
        let mut tallies = self.tallies.iter();
        for (forms, encoded) in vocabulary.terms_of(forms).zip(&self.terms) {
            let term = writer.add_term(vocabulary.term_of_form(forms[0]), encoded);
            for (ordinal, &form) in (0..).zip(forms) {
                let tally = if forms.len() > 1 { tallies.next() } else { None };
                let share = |&Tally { documents, occurrences, .. }: &Tally| FormShare {
                    ordinal,
                    documents,
                    occurrences,
                };
                infos[form as usize] = FormInfo { term, shared: tally.map(share) };
            }
        }
    }
}

/// A span in the course of being encoded.
struct SpanEncoder<'a> {
    counts: &'a [u32],
    encoder: TermEncoder<'a>,
    encoded: EncodedSpan,
    /// Where the tallies of the current term begin.
    first_tally: usize,
}

impl<'a> SpanEncoder<'a> {
    fn new(inversion: &Inversion<'a>, forms: &[u32]) -> Self {
        let encoder = TermEncoder::new(inversion.lengths);
        // Some three bytes a place, so that memory is not asked for often.
        let bytes = Vec::with_capacity(3 * places_of(forms, inversion.counts));
        let encoded = EncodedSpan { bytes, ..EncodedSpan::default() };
        Self { counts: inversion.counts, encoder, encoded, first_tally: 0 }
    }

    fn begin(&mut self, forms: &[u32]) {
        self.encoder.begin(places_of(forms, self.counts), forms.len() > 1);
        let tallies = &mut self.encoded.tallies;
        self.first_tally = tallies.len();
        if forms.len() > 1 {
            tallies.resize(tallies.len() + forms.len(), Tally::default());
        }
    }

    #[inline(always)]
    fn add(&mut self, document: u32, position: u32, ordinal: u32) {
        self.encoder.add(document, position, ordinal);
        if let Some(tally) = self.encoded.tallies.get_mut(self.first_tally + ordinal as usize) {
            tally.add(document);
        }
    }

    fn end(&mut self) -> Result<()> {
        self.encoded.terms.push(self.encoder.finish(&mut self.encoded.bytes)?);
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
    for term in vocabulary.terms_of(forms) {
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
fn count_forms(tokens: &[u32], forms: usize, workspaces: &mut [Workspace]) -> Vec<u32> {
    let parts = tokens.chunks(tokens.len().div_ceil(workspaces.len()).max(PAGE)).collect();
    let counts = each(workspaces, parts, |_, tokens: &[u32]| {
        let mut counts = vec![0_u32; forms + 1];
        for &token in tokens {
            // All gaps fall behind the forms.
            counts[((token & FORM) as usize).min(forms)] += 1;
        }
        counts
    });
    let sum = |mut sums: Vec<u32>, counts: Vec<u32>| {
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        sums
    };
    let mut counts = counts.into_iter().reduce(sum).unwrap_or_default();
    counts.resize(forms, 0);
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
