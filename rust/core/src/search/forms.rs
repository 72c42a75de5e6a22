//! Owns unions of forms: documents that hold any of several, found span by span.
//!
//! A form has no postings but a part of its term's: so the list of a term is read once for all its
//! forms that are wanted, and where these are all that it has, without looking at which stands where.

use crate::bits::Bits;
use crate::dictionary::{Among, Dictionary, WordInfo};
use crate::error::{Error, Result};
use crate::kernels::Kernels;
use crate::postings::{Block, Ordinals, Postings};
use crate::segment::{Segment, Words};

use super::cursor::{END, SPAN, Span};
use super::node::Binding;
use super::plan::FormSet;
use super::tally;

/// Lists that together have fewer documents than one in so many are read at once: which ranges
/// they leave out is worth knowing.
const SPARSE: u64 = 32;

/// The documents of a segment that hold any of some forms.
pub struct Forms<'a> {
    segment: &'a Segment,
    field: usize,
    kernels: Kernels,
    /// How many documents the lists of the terms have together.
    listed: u64,
    /// The terms that have blocks not read, in the order of their first documents; and others.
    unread: Vec<Part<'a>>,
    /// How many others.
    ended: usize,
    /// The documents of the blocks read.
    set: Bits,
    block: Box<Block>,
}

/// The wanted forms of one term.
struct Part<'a> {
    info: WordInfo,
    postings: Postings<'a>,
    /// Whether each form is wanted, by its ordinal; nothing where all of them are.
    wanted: Vec<bool>,
    /// No document lies before this one.
    first: u32,
    /// Which blocks were read, of several.
    read: Bits,
    /// How many were not.
    left: usize,
}

impl<'a> Forms<'a> {
    /// Gives the documents of some forms; of fewer where time is up.
    pub fn open(field: usize, forms: &FormSet, to: &Binding<'a>) -> Result<Self> {
        let (segment, kernels) = (to.segment, to.kernels);
        let unread = parts(field, forms, to)?;
        let listed = unread.iter().map(|part| u64::from(part.info.listed_documents())).sum();
        let set = Bits::new(segment.documents());
        let block = Box::default();
        let mut forms = Self { segment, field, kernels, listed, unread, ended: 0, set, block };
        if listed * SPARSE <= u64::from(segment.documents()) {
            forms.read(Span { start: 0, end: segment.documents() })?;
        }
        Ok(forms)
    }

    /// Tells whether no document holds any of the forms.
    pub fn is_empty(&self) -> bool {
        self.listed == 0
    }

    /// Gives how many documents hold any of the forms at most.
    pub fn most_documents(&self) -> u64 {
        self.listed
    }

    /// Tells whether no document is left to be found.
    pub fn is_whole(&self) -> bool {
        self.unread.is_empty()
    }

    /// Gives the documents found so far.
    pub fn set(&self) -> &Bits {
        &self.set
    }

    /// Gives the first document that is not below this one, or [`END`].
    pub fn next(&mut self, from: u32) -> Result<u32> {
        let mut start = from;
        while start < self.segment.documents() {
            let end = start.saturating_add(SPAN as u32);
            self.read(Span { start, end })?;
            if let Some(found) = self.set.next(start).filter(|&found| found < end) {
                return Ok(found);
            }
            start = end;
        }
        Ok(END)
    }

    /// Finds the documents of a span, among others.
    pub fn read(&mut self, span: Span) -> Result<()> {
        let Self { segment, field, kernels, unread, ended, set, block, .. } = self;
        for part in unread.iter_mut().take_while(|part| part.first < span.end) {
            if part.left > 0 {
                part.read(segment, *field, *kernels, span, block, set)?;
                *ended += usize::from(part.left == 0);
            }
        }
        // Moving what is left takes time, too.
        if *ended * 2 > unread.len() {
            unread.retain(|part| part.left > 0);
            *ended = 0;
        }
        Ok(())
    }
}

/// Gives the terms of the forms, in the order of their first documents; of fewer forms where time
/// is up.
fn parts<'a>(field: usize, forms: &FormSet, to: &Binding<'a>) -> Result<Vec<Part<'a>>> {
    let dictionary = to.segment.dictionary(field, Words::Forms)?;
    let infos = match forms {
        FormSet::Keys(keys) => find(&dictionary, keys, to)?,
        FormSet::Held(held) => match held.of(to.snapshot, field, to.at) {
            Some(entries) => dictionary.locate(entries.to_vec())?,
            None => return Err(Error::Argument("forms are of another snapshot".to_owned())),
        },
    };
    let of_terms = infos.chunk_by(|one, other| one.postings.start == other.postings.start);
    let parts = of_terms.map(|forms| Part::open(field, forms, dictionary.len(), to.segment));
    let mut parts: Vec<Part<'_>> = parts.collect::<Result<_>>()?;
    parts.sort_by_key(|part| part.first);
    Ok(parts)
}

/// Gives what is known of keys, in the order of their terms.
fn find(dictionary: &Dictionary<'_>, keys: &[Vec<u8>], to: &Binding<'_>) -> Result<Vec<WordInfo>> {
    let mut infos = Vec::new();
    for key in keys {
        if to.clock.is_over() {
            break;
        }
        infos.extend(dictionary.find(key)?);
    }
    let ordinal = |info: &WordInfo| info.among.map(|among| among.ordinal);
    infos.sort_unstable_by_key(|info| (info.postings.start, ordinal(info)));
    infos.dedup_by_key(|info| (info.postings.start, ordinal(info)));
    Ok(infos)
}

impl<'a> Part<'a> {
    /// Opens the postings of a term for distinct forms of it, at least one; the segment has `most`.
    fn open(field: usize, forms: &[WordInfo], most: u64, segment: &'a Segment) -> Result<Self> {
        let info = forms.first().cloned().unwrap_or_default();
        let postings = segment.postings(field, &info)?;
        let occurrences =
            forms.iter().fold(0_u64, |sum, form| sum.saturating_add(form.occurrences));
        let among = |among: Among| (occurrences < among.term_occurrences).then_some(among.ordinal);
        let ordinals = forms.iter().filter_map(|form| form.among.and_then(among));
        let mut wanted = Vec::new();
        for ordinal in ordinals {
            if u64::from(ordinal) >= most {
                return Err(segment.malformed_postings(field, &info));
            }
            wanted.resize(wanted.len().max(ordinal as usize + 1), false);
            wanted[ordinal as usize] = true;
        }
        let left = postings.block_count();
        let first = postings.first_of_tail().unwrap_or_default();
        let read = if left > 1 { Bits::new(left as u32) } else { Bits::default() };
        Ok(Self { info, postings, wanted, first, read, left })
    }

    /// Adds the documents of the blocks that may hold some of a span and were not read.
    fn read(
        &mut self,
        segment: &Segment,
        field: usize,
        kernels: Kernels,
        span: Span,
        block: &mut Block,
        set: &mut Bits,
    ) -> Result<()> {
        let first = self.postings.block_of(span.start, 0);
        for at in first..self.postings.block_count() {
            if self.postings.first_possible(at) >= span.end {
                break;
            }
            // What has a single block is dropped once that was read.
            if self.postings.block_count() == 1 || self.read.insert(at as u32) {
                let read = self.add(segment, field, kernels, at, block, set)?;
                read.ok_or_else(|| segment.malformed_postings(field, &self.info))?;
                self.left -= 1;
            }
        }
        Ok(())
    }

    /// Adds the documents of a block; nothing if it is malformed.
    fn add(
        &self,
        segment: &Segment,
        field: usize,
        kernels: Kernels,
        at: usize,
        block: &mut Block,
        set: &mut Bits,
    ) -> Result<Option<()>> {
        if self.postings.decode_documents(kernels, at, block).is_none() {
            return Ok(None);
        }
        tally::add(block.length);
        if self.wanted.is_empty() {
            block.documents().iter().for_each(|&document| {
                set.insert(document);
            });
            return Ok(Some(()));
        }
        if self.postings.decode_frequencies(kernels, at, block).is_none() {
            return Ok(None);
        }
        let length = self.info.positions.end - self.info.positions.start;
        let Some(range) = self.postings.run(at, length) else { return Ok(None) };
        let bytes = segment.positions_of(field, &self.info, range)?;
        let count = block.frequencies().iter().map(|&frequency| frequency as usize).sum();
        let ordinals = Ordinals::open(bytes, count);
        Ok(ordinals.and_then(|ordinals| self.add_wanted(&ordinals, block, set)))
    }

    fn add_wanted(&self, ordinals: &Ordinals<'_>, block: &Block, set: &mut Bits) -> Option<()> {
        let mut end = 0;
        for (&document, &frequency) in block.documents().iter().zip(block.frequencies()) {
            let start = end;
            end += frequency as usize;
            for index in start..end {
                if self.wanted.get(ordinals.get(index)? as usize) == Some(&true) {
                    set.insert(document);
                    break;
                }
            }
        }
        Some(())
    }
}
