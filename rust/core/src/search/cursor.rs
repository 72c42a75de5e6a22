//! Owns the cursor: a place in the postings of one word in one segment.

use crate::dictionary::WordInfo;
use crate::error::Result;
use crate::kernels::Kernels;
use crate::packing::BLOCK;
use crate::postings::{Block, Ordinals, Postings, RANGE, Run, keep_form};
use crate::ranking::{Saturation, bound, points, share_of_highest, share_of_impact};
use crate::segment::{Lengths, Segment};
use crate::snapshot::Snapshot;

use super::NEVER;
use super::candidates::{Candidates, Probe};
use super::node::Binding;
use super::places::PlaceFinder;
use super::tally;
use super::window::{FEW, Window};

/// No document: higher than every number.
pub const END: u32 = u32::MAX;

/// So many documents are looked up in a block one by one; more by way of a table.
const FEW_LOOKUPS: usize = 12;

/// How many documents one call of [`Cursor::frequencies_of`] may span.
pub const SPAN: usize = 4096;

/// Documents from `start` to before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub start: u32,
    /// The one after the last.
    pub end: u32,
}

impl Span {
    /// All documents.
    pub const ALL: Self = Self { start: 0, end: u32::MAX };
}

/// Where a term stands in a document.
#[derive(Clone, Copy)]
pub struct Places<'a> {
    /// The positions of its block, and which of the term's forms stand there.
    run: &'a [u8],
    /// How many these are.
    total: u32,
    start: u32,
    count: u32,
}

impl Places<'_> {
    /// Gives how often it does.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Calls `take` with each position and, where a form is asked for, whether it stands there;
    /// gives nothing where the bytes are malformed.
    pub fn for_each(&self, ordinal: Option<u32>, mut take: impl FnMut(u32, bool)) -> Option<()> {
        let (start, end) = (self.start as usize, self.start as usize + self.count as usize);
        let run = Run::open(self.run).filter(|run| run.has(end))?;
        let ordinals = match ordinal {
            Some(_) => Some(Ordinals::open(self.run, self.total as usize)?),
            None => None,
        };
        for at in start..end {
            let is_form = match &ordinals {
                Some(ordinals) => Some(ordinals.get(at)?) == ordinal,
                None => false,
            };
            take(run.get(at)?, is_form);
        }
        Some(())
    }
}

/// A word in a segment and what a document scores by it.
pub struct Cursor<'a> {
    segment: &'a Segment,
    field: usize,
    info: WordInfo,
    postings: Postings<'a>,
    lengths: Lengths<'a>,
    weight: f32,
    saturation: Saturation,
    drift: f32,
    kernels: Kernels,
    has_bounds: bool,
    block: Box<Block>,
    /// The number of the decoded block, `usize::MAX` if none is.
    decoded: usize,
    has_frequencies: bool,
    /// Whether the decoded block is of the word, not of all forms of its term.
    is_own: bool,
    index: usize,
    /// How many positions lie before those of each document of the decoded block.
    starts: Box<[u32; BLOCK]>,
    has_starts: bool,
    /// Which forms stand in a block, once that was asked for.
    ordinals: Option<Ordinals<'a>>,
    /// The indices of the positions in the run, of a form that shares its term with others.
    chosen: Vec<u32>,
    /// For each document of a span its index in the block, from 1; all 0 between calls.
    table: Vec<u16>,
    frequencies: Vec<u32>,
}

impl<'a> Cursor<'a> {
    /// Gives a cursor before the first document of a word.
    pub fn open(field: usize, info: &WordInfo, weight: f32, to: &Binding<'a>) -> Result<Self> {
        let (segment, saturation) = (to.segment, to.snapshot.saturation(field));
        Ok(Self {
            segment,
            field,
            postings: segment.postings(field, info)?,
            info: info.clone(),
            lengths: segment.lengths(field)?,
            weight,
            saturation,
            drift: saturation.drift(&segment.saturation(field)),
            kernels: to.kernels,
            has_bounds: to.has_bounds,
            block: Box::default(),
            decoded: usize::MAX,
            has_frequencies: false,
            is_own: false,
            index: 0,
            starts: Box::new([0; BLOCK]),
            has_starts: false,
            ordinals: None,
            chosen: Vec::new(),
            table: Vec::new(),
            frequencies: Vec::new(),
        })
    }

    /// Gives a cursor of a word without weight.
    pub fn unscored(
        snapshot: &'a Snapshot,
        segment: &'a Segment,
        field: usize,
        info: &WordInfo,
    ) -> Result<Self> {
        let (scored, kernels, has_bounds, clock) = (false, Kernels::default(), false, &NEVER);
        let to = Binding { snapshot, at: 0, segment, scored, kernels, has_bounds, clock };
        Self::open(field, info, 0.0, &to)
    }

    /// Goes before the first document of another word of the field.
    pub fn turn_to(&mut self, info: &WordInfo) -> Result<()> {
        self.postings = self.segment.postings(self.field, info)?;
        self.info = info.clone();
        (self.decoded, self.index) = (usize::MAX, 0);
        Ok(())
    }

    /// Gives what finds the places of the word.
    pub fn place_finder(&self) -> Result<PlaceFinder<'a>> {
        PlaceFinder::new(self.segment, self.field, self.info.clone(), self.postings, self.kernels)
    }

    /// Gives how many documents hold the word.
    pub fn documents(&self) -> u32 {
        self.info.documents
    }

    /// Gives the postings.
    pub fn postings(&self) -> &Postings<'a> {
        &self.postings
    }

    /// Gives the weight of the word.
    pub fn weight(&self) -> f32 {
        self.weight
    }

    /// Decodes the documents of a block; of a form there may be none.
    pub fn load(&mut self, block: usize) -> Result<()> {
        self.load_listed(block)?;
        self.keep_own()
    }

    /// Decodes the documents of a block; of a form those of its term.
    fn load_listed(&mut self, block: usize) -> Result<()> {
        if self.decoded == block {
            return Ok(());
        }
        self.decoded = usize::MAX;
        let decoded = self.postings.decode_documents(self.kernels, block, &mut self.block);
        decoded.ok_or_else(|| self.malformed())?;
        tally::add(self.block.length);
        self.decoded = block;
        self.index = 0;
        self.has_frequencies = false;
        self.has_starts = false;
        self.ordinals = None;
        self.is_own = self.info.among.is_none();
        Ok(())
    }

    /// Leaves in the decoded block, if there is one, the documents of the word.
    fn keep_own(&mut self) -> Result<()> {
        let Some(among) = self.info.among else { return Ok(()) };
        if self.is_own || self.decoded == usize::MAX {
            return Ok(());
        }
        self.load_frequencies()?;
        (self.is_own, self.has_starts, self.index) = (true, false, 0);
        let count = self.block.frequencies().iter().map(|&frequency| frequency as usize).sum();
        let bytes = self.run_bytes(self.decoded)?;
        let kept = Ordinals::open(bytes, count)
            .and_then(|it| keep_form(&it, among.ordinal, &mut self.block, &mut self.chosen));
        kept.ok_or_else(|| self.malformed())
    }

    /// Decodes the frequencies of the decoded block.
    pub fn load_frequencies(&mut self) -> Result<()> {
        if !self.has_frequencies {
            let decoded =
                self.postings.decode_frequencies(self.kernels, self.decoded, &mut self.block);
            decoded.ok_or_else(|| self.malformed())?;
            self.has_frequencies = true;
        }
        Ok(())
    }

    /// Gives the first block that may hold a document of this number or a higher one.
    pub fn block_of(&self, document: u32) -> usize {
        let is_ahead =
            self.decoded != usize::MAX && self.postings.first_possible(self.decoded) <= document;
        self.postings.block_of(document, if is_ahead { self.decoded } else { 0 })
    }

    /// Goes to the first document that is not below this one; gives it, or [`END`].
    pub fn seek(&mut self, document: u32) -> Result<u32> {
        self.keep_own()?;
        // The tail says nothing of its last document but what it holds, and neither does any block
        // of what a form has there.
        let is_within = self.decoded != usize::MAX
            && self.postings.first_possible(self.decoded) <= document
            && self.block.documents().last().is_some_and(|&last| document <= last);
        if !is_within && !self.load_from(document)? {
            return Ok(END);
        }
        let found = self.lower_bound(document);
        self.index = found;
        Ok(self.block.documents().get(found).copied().unwrap_or(END))
    }

    /// Decodes the first block but the decoded one with a document that is not below this one;
    /// tells whether there is one.
    fn load_from(&mut self, document: u32) -> Result<bool> {
        let mut block = self.block_of(document);
        if block == self.decoded {
            block += 1;
        }
        while block < self.postings.block_count() {
            self.load(block)?;
            if self.block.documents().last().is_some_and(|&last| document <= last) {
                return Ok(true);
            }
            block += 1;
        }
        Ok(false)
    }

    /// Gives the frequency of the word in the document that was sought last.
    pub fn frequency(&mut self) -> Result<u32> {
        self.load_frequencies()?;
        Ok(self.block.frequencies().get(self.index).copied().unwrap_or_default())
    }

    /// Gives the index in the block of the first document that is not below this one.
    #[inline]
    fn lower_bound(&self, document: u32) -> usize {
        let documents = self.block.documents();
        let rest = documents.get(self.index..).unwrap_or_default();
        // Seeks go forward; one that goes back begins anew.
        let start =
            if rest.first().is_some_and(|&first| first <= document) { self.index } else { 0 };
        // Most seeks lead to one of the next documents.
        let (mut low, mut step) = (start, 1);
        while documents.get(low + step).is_some_and(|&other| other < document) {
            low += step;
            step *= 2;
        }
        let rest = documents.get(low..documents.len().min(low + step + 1)).unwrap_or_default();
        low + rest.partition_point(|&other| other < document)
    }

    /// Gives the score of a document with this frequency at a weight.
    #[inline(always)]
    pub fn points_of(&self, document: u32, frequency: u32, weight: f32) -> u32 {
        points(weight, self.saturation.share(frequency, self.lengths.get(document)))
    }

    /// Puts the scores of documents with these frequencies at a weight into `out`.
    #[inline]
    pub fn score(&self, documents: &[u32], frequencies: &[u32], weight: f32, out: &mut [u32]) {
        let (lengths, saturation) = (self.lengths, self.saturation);
        self.kernels.score(documents, frequencies, lengths, weight, saturation, out);
    }

    /// Gives where a term stands in the document at an index of the decoded block.
    pub fn places_at(&mut self, at: usize) -> Result<Places<'a>> {
        self.load_frequencies()?;
        self.find_starts();
        let last = self.block.length.saturating_sub(1);
        let total = self.starts[last].wrapping_add(self.block.frequencies[last]);
        let run = self.run_bytes(self.decoded)?;
        Ok(Places { run, total, start: self.starts[at], count: self.block.frequencies[at] })
    }

    /// Counts the positions before those of each document of the decoded block.
    fn find_starts(&mut self) {
        if !self.has_starts {
            self.kernels.sum_before(&self.block.frequencies, &mut self.starts);
            self.has_starts = true;
        }
    }

    fn run_bytes(&self, block: usize) -> Result<&'a [u8]> {
        let length = self.info.positions.end - self.info.positions.start;
        let part = self.postings.run(block, length).ok_or_else(|| self.malformed())?;
        self.segment.positions_of(self.field, &self.info, part)
    }

    /// Adds the documents of the word to a window, with their scores if `scored`; tells whether
    /// some were left unmarked, having a score.
    pub fn fill(&mut self, window: &mut Window, scored: bool) -> Result<bool> {
        let span = Span { start: window.base(), end: window.end() };
        let mut left_unmarked = false;
        let mut block = self.block_of(span.start);
        while let Some((start, stop)) = self.within(block, span)? {
            if scored {
                let (mut points, has_scores) = ([0_u32; BLOCK], self.weight > 0.0);
                let (documents, points) = self.scored(start, stop, self.weight, &mut points)?;
                let pairs = documents.iter().zip(points);
                if has_scores && documents.len() >= FEW {
                    pairs.for_each(|(&document, &points)| window.add_points(document, points));
                    left_unmarked = true;
                } else {
                    pairs.for_each(|(&document, &points)| window.add(document, points));
                }
            } else {
                window.mark_all(self.block.documents().get(start..stop).unwrap_or_default());
            }
            block += 1;
        }
        Ok(left_unmarked)
    }

    /// Decodes a block, if one of its documents may lie in a span, and gives from which index to
    /// before which they do.
    pub fn within(&mut self, block: usize, span: Span) -> Result<Option<(usize, usize)>> {
        if !self.is_possible(block, span) {
            return Ok(None);
        }
        self.load(block)?;
        let documents = self.block.documents();
        let start = documents.partition_point(|&document| document < span.start);
        let stop = documents.partition_point(|&document| document < span.end);
        Ok(Some((start, stop.max(start))))
    }

    /// Tells whether a block may hold documents of a span that does not end before it.
    pub fn is_possible(&self, block: usize, span: Span) -> bool {
        block < self.postings.block_count() && self.postings.first_possible(block) < span.end
    }

    /// Gives the decoded block.
    pub fn block(&self) -> &Block {
        &self.block
    }

    /// Puts the scores of a part of the decoded block at two weights into two rows.
    pub fn score_at_two(
        &mut self,
        (start, stop): (usize, usize),
        weights: (f32, f32),
        points: &mut [u32; BLOCK],
        others: &mut [u32; BLOCK],
    ) -> Result<()> {
        self.load_frequencies()?;
        let documents = self.block.documents().get(start..stop).unwrap_or_default();
        let frequencies = self.block.frequencies().get(start..stop).unwrap_or_default();
        let (lengths, saturation, count) = (self.lengths, self.saturation, documents.len());
        let (points, others) = (&mut points[..count], &mut others[..count]);
        let kernels = self.kernels;
        kernels.score_at_two(documents, frequencies, lengths, weights, saturation, points, others);
        Ok(())
    }

    /// Gives the share of a weight that the document at an index of the decoded block earns.
    #[inline]
    pub fn share_at(&mut self, at: usize) -> Result<f32> {
        self.load_frequencies()?;
        let (document, frequency) = (self.block.documents[at], self.block.frequencies[at]);
        Ok(self.saturation.share(frequency, self.lengths.get(document)))
    }

    /// Gives how often the document at an index of the decoded block, which is of a term, holds a
    /// form of it.
    #[inline]
    pub fn count_form(&mut self, ordinal: u32, at: usize) -> Result<u32> {
        let ordinals = match self.ordinals {
            Some(ordinals) => ordinals,
            None => self.open_ordinals()?,
        };
        let start = self.starts.get(at).copied().unwrap_or_default() as usize;
        let length = self.block.frequencies().get(at).copied().unwrap_or_default() as usize;
        ordinals.count(start, length, ordinal).ok_or_else(|| self.malformed())
    }

    fn open_ordinals(&mut self) -> Result<Ordinals<'a>> {
        self.load_frequencies()?;
        self.find_starts();
        let frequencies = self.block.frequencies().iter();
        let count = frequencies.map(|&frequency| frequency as usize).sum();
        let ordinals = Ordinals::open(self.run_bytes(self.decoded)?, count);
        let ordinals = ordinals.ok_or_else(|| self.malformed())?;
        self.ordinals = Some(ordinals);
        Ok(ordinals)
    }

    /// Gives the documents of a part of the decoded block with their scores at a weight.
    fn scored<'b>(
        &'b mut self,
        start: usize,
        stop: usize,
        weight: f32,
        points: &'b mut [u32; BLOCK],
    ) -> Result<(&'b [u32], &'b [u32])> {
        self.load_frequencies()?;
        let stop = stop.min(self.block.length);
        let documents = self.block.documents().get(start..stop).unwrap_or_default();
        let frequencies = self.block.frequencies().get(start..stop).unwrap_or_default();
        self.score(documents, frequencies, weight, points);
        Ok((documents, points.get(..documents.len()).unwrap_or_default()))
    }

    /// Calls `take` with the documents of a span and their scores at a weight, a block at a time;
    /// blocks all of whose scores are below `least` are left out.
    pub fn for_each_block(
        &mut self,
        span: Span,
        weight: f32,
        least: u32,
        mut take: impl FnMut(&[u32], &[u32], &[u32]),
    ) -> Result<()> {
        let mut block = self.block_of(span.start);
        let mut points = [0_u32; BLOCK];
        while self.is_possible(block, span) {
            if self.bound_of(block, weight) >= least
                && let Some((start, stop)) = self.within(block, span)?
            {
                self.scored(start, stop, weight, &mut points)?;
                let block = &self.block;
                let documents = block.documents().get(start..stop).unwrap_or_default();
                let frequencies = block.frequencies().get(start..stop).unwrap_or_default();
                take(documents, frequencies, points.get(..stop - start).unwrap_or_default());
            }
            block += 1;
        }
        Ok(())
    }

    /// Appends the documents of a span that score at least so much.
    pub fn gather(&mut self, span: Span, least: u32, out: &mut Candidates) -> Result<()> {
        let kernels = self.kernels;
        self.for_each_block(span, self.weight, least, |documents, _, points| {
            let start = out.len();
            out.documents.extend_from_slice(documents);
            out.points.extend_from_slice(points);
            let own = (out.documents.get_mut(start..), out.points.get_mut(start..));
            if least > 0
                && let (Some(documents), Some(points)) = own
            {
                let kept = start + kernels.keep(documents, points, least);
                out.documents.truncate(kept);
                out.points.truncate(kept);
            }
        })
    }

    /// Appends the documents of a block that score at least so much.
    pub fn gather_block(&mut self, block: usize, least: u32, out: &mut Candidates) -> Result<()> {
        self.load(block)?;
        let mut points = [0; BLOCK];
        let (documents, points) = self.scored(0, BLOCK, self.weight, &mut points)?;
        out.documents.extend_from_slice(documents);
        out.points.extend_from_slice(points);
        let kept = self.kernels.keep(&mut out.documents, &mut out.points, least);
        out.documents.truncate(kept);
        out.points.truncate(kept);
        Ok(())
    }

    /// Adds the scores of the documents that hold the word, and marks them; those that would have
    /// less than `least` even so may be left out.
    pub fn probe(&mut self, asked: &mut Probe<'_>, least: u32) -> Result<()> {
        let mut frequencies = std::mem::take(&mut self.frequencies);
        let points = &*asked.points;
        let is_needed = |at: usize, bound: u32| points[at].saturating_add(bound) >= least;
        self.frequencies_of(asked.documents, self.weight, is_needed, &mut frequencies)?;
        for (at, (&document, &frequency)) in asked.documents.iter().zip(&frequencies).enumerate() {
            if frequency > 0 {
                asked.hit(at, self.points_of(document, frequency, self.weight));
            }
        }
        self.frequencies = frequencies;
        Ok(())
    }

    /// Gives what runs the loops.
    pub fn kernels(&self) -> Kernels {
        self.kernels
    }

    /// Gives what no score in a block exceeds at a weight.
    #[inline]
    pub fn bound_of(&self, block: usize, weight: f32) -> u32 {
        if !self.has_bounds {
            return u32::MAX;
        }
        bound(weight, share_of_impact(self.postings.impact(block)), self.drift)
    }

    /// Puts how often each of these documents holds the word into `out`: 0 if it does not, or if
    /// `is_needed` tells of it that scores up to a bound do not matter. They ascend.
    pub fn frequencies_of(
        &mut self,
        documents: &[u32],
        weight: f32,
        is_needed: impl Fn(usize, u32) -> bool,
        out: &mut Vec<u32>,
    ) -> Result<()> {
        out.clear();
        out.resize(documents.len(), 0);
        self.visit(documents, weight, is_needed, |cursor, at, documents| {
            let end = at + documents.len();
            cursor.look_up(documents, out.get_mut(at..end).unwrap_or_default())
        })
    }

    /// Calls `take` with those of these documents that one block may hold, which is decoded, and
    /// the index of the first, block by block; those of which `is_needed` tells that scores up to a
    /// bound do not matter may be left out. They ascend.
    pub fn visit(
        &mut self,
        documents: &[u32],
        weight: f32,
        is_needed: impl Fn(usize, u32) -> bool,
        mut take: impl FnMut(&mut Self, usize, &[u32]) -> Result<()>,
    ) -> Result<()> {
        let mut at = 0;
        let mut block = documents.first().map_or(0, |&first| self.block_of(first));
        while let Some(&document) = documents.get(at) {
            block = self.postings.block_of(document, block);
            if block >= self.postings.block_count() {
                break;
            }
            let last = self.postings.last_document(block);
            let rest = documents.get(at..).unwrap_or_default();
            let count = rest.iter().take_while(|&&document| document <= last).count().max(1);
            let is_wanted = block == self.decoded || {
                let bound = self.bound_of(block, weight);
                (at..at + count).any(|at| is_needed(at, bound))
            };
            if is_wanted {
                self.load_listed(block)?;
                take(self, at, rest.get(..count).unwrap_or_default())?;
            }
            at += count;
        }
        Ok(())
    }

    /// Puts the frequencies of documents of the decoded block into `out`.
    fn look_up(&mut self, documents: &[u32], out: &mut [u32]) -> Result<()> {
        if !self.find(documents, out) {
            return Ok(());
        }
        self.load_frequencies()?;
        match self.info.among {
            Some(among) if !self.is_own => {
                for slot in out.iter_mut().filter(|slot| **slot > 0) {
                    *slot = self.count_form(among.ordinal, *slot as usize - 1)?;
                }
                Ok(())
            }
            _ => {
                let frequencies = self.block.frequencies();
                for slot in out.iter_mut().filter(|slot| **slot > 0) {
                    *slot = frequencies.get(*slot as usize - 1).copied().unwrap_or_default();
                }
                Ok(())
            }
        }
    }

    /// Puts the index of each document in the decoded block, from 1, into `out`, which is all 0;
    /// tells whether there is any.
    pub fn find(&mut self, documents: &[u32], out: &mut [u32]) -> bool {
        if documents.len() <= FEW_LOOKUPS {
            self.index_each(documents, out)
        } else if self.block.length <= FEW_LOOKUPS {
            self.place_each(documents, out)
        } else {
            self.index_all(documents, out)
        }
    }

    fn index_each(&mut self, documents: &[u32], out: &mut [u32]) -> bool {
        let mut is_found = false;
        for (&document, slot) in documents.iter().zip(out) {
            self.index = self.lower_bound(document);
            if self.block.documents().get(self.index) == Some(&document) {
                *slot = self.index as u32 + 1;
                is_found = true;
            }
        }
        is_found
    }

    /// The same from the documents of the block, which are few.
    fn place_each(&self, documents: &[u32], out: &mut [u32]) -> bool {
        let (mut first, mut is_found) = (0, false);
        for (index, own) in (1..).zip(self.block.documents()) {
            let rest = documents.get(first..).unwrap_or_default();
            first += rest.partition_point(|document| document < own);
            if documents.get(first) == Some(own) {
                out[first] = index;
                is_found = true;
            }
        }
        is_found
    }

    /// The same by way of a table of the documents that lie between the first and the last.
    fn index_all(&mut self, documents: &[u32], out: &mut [u32]) -> bool {
        let (Some(&first), Some(&last)) = (documents.first(), documents.last()) else {
            return false;
        };
        if last - first >= SPAN as u32 {
            return self.index_each(documents, out);
        }
        let own = self.block.documents();
        let start = own.partition_point(|&document| document < first);
        let stop = own.partition_point(|&document| document <= last);
        let own = own.get(start..stop).unwrap_or_default();
        self.table.resize(SPAN, 0);
        let Some(table) = self.table.first_chunk_mut::<SPAN>() else { return false };
        let place = |document: u32| document.wrapping_sub(first) as usize % SPAN;
        for (index, &document) in (start as u16..).zip(own) {
            table[place(document)] = index + 1;
        }
        let mut found = 0;
        for (&document, slot) in documents.iter().zip(out) {
            *slot = u32::from(table[place(document)]);
            found |= *slot;
        }
        own.iter().for_each(|&document| table[place(document)] = 0);
        found > 0
    }

    /// Gives what no score in each range of documents exceeds at a weight: 0 where no document of
    /// the range holds the word.
    pub fn bounds(&mut self, weight: f32) -> Result<Vec<u32>> {
        let mut bounds = vec![0; (self.segment.documents() as usize).div_ceil(RANGE)];
        let codes = self.postings.ranges();
        if !codes.is_empty() {
            let most = weight * 1.000_001;
            let per_code = share_of_highest(1) * self.drift * most;
            self.kernels.add_ranges(codes, per_code, most, &mut bounds);
        } else {
            let all = Span { start: 0, end: self.segment.documents() };
            self.for_each_block(all, weight, 0, |documents, _, points| {
                for (&document, &points) in documents.iter().zip(points) {
                    if let Some(bound) = bounds.get_mut(document as usize / RANGE) {
                        // A match of no weight is a match.
                        *bound = points.max(*bound).max(1);
                    }
                }
            })?;
        }
        Ok(bounds)
    }

    fn malformed(&self) -> crate::error::Error {
        self.segment.malformed_postings(self.field, &self.info)
    }
}
