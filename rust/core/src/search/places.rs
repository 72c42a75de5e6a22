//! Owns where a word stands: which of some documents hold it, how often, and at which positions.
//!
//! Documents are looked up first, each block being decoded once; a [`Place`] says where the
//! positions of each are, so that only those of documents that still matter are read later.

use std::ops::Range;

use crate::container::Section;
use crate::dictionary::WordInfo;
use crate::error::Result;
use crate::kernels::Kernels;
use crate::packing::BLOCK;
use crate::postings::{Block, Ordinals, Postings, Run};
use crate::segment::Segment;

use super::cursor::Span;

/// Up to so many beginnings, and so many pairs of these and positions, are compared several at a
/// time; beyond, both are read in order.
const MOST_STARTS: usize = 64;
const MOST_PAIRS: usize = 1024;

/// Where the positions of a term in a document are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    block: u32,
    /// How many positions of the block lie before.
    start: u32,
    /// How many there are, those of all forms.
    listed: u32,
}

/// Those of some documents that hold a word, side by side.
#[derive(Default)]
pub struct Found {
    /// Which of the documents each is.
    pub indices: Vec<u32>,
    /// How often each holds the word.
    pub frequencies: Vec<u32>,
    /// Where its positions are.
    pub places: Vec<Place>,
}

impl Found {
    /// Forgets them and keeps the memory.
    pub fn clear(&mut self) {
        self.indices.clear();
        self.frequencies.clear();
        self.places.clear();
    }
}

/// The positions of a block.
#[derive(Clone, Copy)]
struct Opened<'a> {
    block: u32,
    run: Run<'a>,
    /// Which form stands at each of them, where that matters.
    ordinals: Option<Ordinals<'a>>,
}

/// The places of one word in one segment.
pub struct PlaceFinder<'a> {
    segment: &'a Segment,
    field: usize,
    info: WordInfo,
    postings: Postings<'a>,
    /// What the positions are a part of.
    section: Section<'a>,
    kernels: Kernels,
    /// The decoded block; its documents from `length` on are higher than any.
    block: Box<Block>,
    /// The number of the decoded block, `usize::MAX` if none is.
    decoded: usize,
    /// How many positions lie before those of each document of the block.
    starts: Box<[u32; BLOCK]>,
    has_frequencies: bool,
    indices: Vec<u32>,
    /// The positions that were read last.
    opened: Option<Opened<'a>>,
}

impl<'a> PlaceFinder<'a> {
    /// Gives the places of a word, which has these postings.
    pub fn new(
        segment: &'a Segment,
        field: usize,
        info: WordInfo,
        postings: Postings<'a>,
        kernels: Kernels,
    ) -> Result<Self> {
        Ok(Self {
            segment,
            field,
            info,
            postings,
            section: segment.all_postings(field)?,
            kernels,
            block: Box::default(),
            decoded: usize::MAX,
            starts: Box::new([0; BLOCK]),
            has_frequencies: false,
            indices: Vec::new(),
            opened: None,
        })
    }

    /// Appends the documents of a block that lie in a span and hold the word, and what there is
    /// to say of them.
    pub fn read(
        &mut self,
        block: usize,
        span: Span,
        documents: &mut Vec<u32>,
        out: &mut Found,
    ) -> Result<()> {
        self.load(block)?;
        self.load_frequencies()?;
        let all = self.block.documents();
        let start = all.partition_point(|&document| document < span.start);
        let stop = all.partition_point(|&document| document < span.end).max(start);
        let Some(ordinals) = self.ordinals()? else {
            documents.extend_from_slice(all.get(start..stop).unwrap_or_default());
            let frequencies = self.block.frequencies.get(start..stop).unwrap_or_default();
            out.frequencies.extend_from_slice(frequencies);
            out.places.extend((start..stop).map(|index| self.place(index)));
            return Ok(());
        };
        for index in start..stop {
            let frequency = self.own_frequency(index, &ordinals)?;
            if frequency > 0 {
                documents.extend(self.block.documents.get(index));
                out.frequencies.push(frequency);
                out.places.push(self.place(index));
            }
        }
        Ok(())
    }

    /// Puts those of these documents, which ascend, that hold the word into `out`; `is_wanted` tells
    /// of a block whether it matters to those at some indices.
    pub fn locate(
        &mut self,
        documents: &[u32],
        is_wanted: impl Fn(usize, Range<usize>) -> bool,
        out: &mut Found,
    ) -> Result<()> {
        out.clear();
        let is_ahead = |first: u32| {
            self.decoded != usize::MAX && self.postings.first_possible(self.decoded) <= first
        };
        let mut block =
            if documents.first().is_some_and(|&it| is_ahead(it)) { self.decoded } else { 0 };
        let mut at = 0;
        while let Some(&document) = documents.get(at) {
            block = self.postings.block_of(document, block);
            if block >= self.postings.block_count() {
                break;
            }
            let last = self.postings.last_document(block);
            let rest = documents.get(at..).unwrap_or_default();
            let count = rest.iter().take_while(|&&document| document <= last).count().max(1);
            if is_wanted(block, at..at + count) {
                self.load(block)?;
                self.look_up(rest.get(..count).unwrap_or_default(), at, out)?;
            }
            at += count;
        }
        Ok(())
    }

    /// Puts the positions at a place into `out`, ascending.
    pub fn positions(&mut self, place: Place, out: &mut Vec<u32>) -> Result<()> {
        let Opened { run, ordinals, .. } = *self.open(place.block)?;
        let (start, listed) = (place.start as usize, place.listed as usize);
        run.get_all(start, listed, out).ok_or_else(|| self.malformed())?;
        if let (Some(ordinals), Some(among)) = (ordinals, self.info.among) {
            let mut index = start;
            out.retain(|_| {
                index += 1;
                ordinals.get(index - 1) == Some(among.ordinal)
            });
        }
        Ok(())
    }

    /// Reads a byte of the positions at each place: they are wanted next, and come from memory all
    /// at once instead of one after the other.
    pub fn touch(&mut self, places: &[Place]) -> Result<()> {
        let mut sum = 0_u8;
        for place in places {
            sum ^= self.open(place.block)?.run.touch(place.start as usize);
        }
        std::hint::black_box(sum);
        Ok(())
    }

    /// Gives the only position at a place, if there is but one.
    #[inline]
    pub fn only_position(&mut self, place: Place) -> Result<Option<u32>> {
        if place.listed != 1 {
            return Ok(None);
        }
        let position = self.open(place.block)?.run.get(place.start as usize);
        position.map(Some).ok_or_else(|| self.malformed())
    }

    /// Keeps of some beginnings those from which the word stands at a distance.
    #[inline]
    pub fn keep_followed(
        &mut self,
        place: Place,
        starts: &[u32],
        distance: u32,
        out: &mut Vec<u32>,
    ) -> Result<()> {
        let (start, count) = (place.start as usize, place.listed as usize);
        let are_few = starts.len() <= MOST_STARTS && starts.len() * count <= MOST_PAIRS;
        if self.info.among.is_some() || !are_few {
            let mut positions = std::mem::take(&mut self.indices);
            self.positions(place, &mut positions)?;
            keep_common(starts, &positions, distance, out);
            self.indices = positions;
            return Ok(());
        }
        let followed = self.open(place.block)?.run.followed(start, count, starts, distance);
        let mut left = followed.ok_or_else(|| self.malformed())?;
        while left != 0 {
            out.push(starts[left.trailing_zeros() as usize]);
            left &= left - 1;
        }
        Ok(())
    }

    fn load(&mut self, block: usize) -> Result<()> {
        if self.decoded == block {
            return Ok(());
        }
        self.decoded = usize::MAX;
        let decoded = self.postings.decode_documents(self.kernels, block, &mut self.block);
        decoded.ok_or_else(|| self.malformed())?;
        let length = self.block.length;
        self.block.documents.iter_mut().skip(length).for_each(|document| *document = u32::MAX);
        self.decoded = block;
        self.has_frequencies = false;
        Ok(())
    }

    fn load_frequencies(&mut self) -> Result<()> {
        if self.has_frequencies {
            return Ok(());
        }
        let decoded = self.postings.decode_frequencies(self.kernels, self.decoded, &mut self.block);
        decoded.ok_or_else(|| self.malformed())?;
        self.kernels.sum_before(&self.block.frequencies, &mut self.starts);
        self.has_frequencies = true;
        Ok(())
    }

    /// Looks documents up in the decoded block, of which the first has an index.
    fn look_up(&mut self, documents: &[u32], first: usize, out: &mut Found) -> Result<()> {
        let mut slots = std::mem::take(&mut self.indices);
        slots.resize(documents.len(), 0);
        if self.kernels.find(&self.block.documents, documents, &mut slots) {
            self.load_frequencies()?;
            match self.ordinals()? {
                Some(ordinals) => self.push_own(&slots, first, &ordinals, out)?,
                None => self.push_found(&slots, first, out),
            }
        }
        self.indices = slots;
        Ok(())
    }

    /// Appends the documents that were found: whether each is follows no pattern, so that all are
    /// written, each over one that is not.
    fn push_found(&self, slots: &[u32], first: usize, out: &mut Found) {
        let (start, most) = (out.indices.len(), out.indices.len() + slots.len());
        out.indices.resize(most, 0);
        out.frequencies.resize(most, 0);
        out.places.resize(most, Place::default());
        let mut count = start;
        for (index, &slot) in (first as u32..).zip(slots) {
            let place = self.place(slot.wrapping_sub(1) as usize % BLOCK);
            out.indices[count] = index;
            out.frequencies[count] = place.listed;
            out.places[count] = place;
            count += usize::from(slot > 0);
        }
        out.indices.truncate(count);
        out.frequencies.truncate(count);
        out.places.truncate(count);
    }

    /// The same of a form, which not all documents of its term hold.
    fn push_own(
        &self,
        slots: &[u32],
        first: usize,
        ordinals: &Ordinals<'_>,
        out: &mut Found,
    ) -> Result<()> {
        for (index, &slot) in (first as u32..).zip(slots) {
            let Some(slot) = (slot as usize).checked_sub(1) else { continue };
            let frequency = self.own_frequency(slot, ordinals)?;
            if frequency > 0 {
                out.indices.push(index);
                out.frequencies.push(frequency);
                out.places.push(self.place(slot));
            }
        }
        Ok(())
    }

    #[inline]
    fn place(&self, index: usize) -> Place {
        Place {
            block: self.decoded as u32,
            start: self.starts.get(index).copied().unwrap_or_default(),
            listed: self.block.frequencies.get(index).copied().unwrap_or_default(),
        }
    }

    /// Gives how often the document at an index of the block holds the form.
    fn own_frequency(&self, index: usize, ordinals: &Ordinals<'_>) -> Result<u32> {
        let Place { start, listed, .. } = self.place(index);
        let Some(among) = self.info.among else { return Ok(listed) };
        let count = ordinals.count(start as usize, listed as usize, among.ordinal);
        count.ok_or_else(|| self.malformed())
    }

    /// Gives which form stands at each position of the decoded block, if that matters.
    fn ordinals(&self) -> Result<Option<Ordinals<'a>>> {
        if self.info.among.is_none() {
            return Ok(None);
        }
        let count = self.block.frequencies().iter().map(|&frequency| frequency as usize).sum();
        let ordinals = Ordinals::open(self.run_bytes(self.decoded)?, count);
        ordinals.map(Some).ok_or_else(|| self.malformed())
    }

    #[inline]
    fn open(&mut self, block: u32) -> Result<&Opened<'a>> {
        if self.opened.as_ref().is_none_or(|opened| opened.block != block) {
            self.opened = Some(self.open_anew(block)?);
        }
        self.opened.as_ref().ok_or_else(|| self.malformed())
    }

    #[inline(never)]
    fn open_anew(&mut self, block: u32) -> Result<Opened<'a>> {
        let run = Run::open(self.run_bytes(block as usize)?).ok_or_else(|| self.malformed())?;
        if self.info.among.is_none() {
            return Ok(Opened { block, run, ordinals: None });
        }
        self.load(block as usize)?;
        self.load_frequencies()?;
        Ok(Opened { block, run, ordinals: self.ordinals()? })
    }

    fn run_bytes(&self, block: usize) -> Result<&'a [u8]> {
        let Range { start, end } = self.info.positions;
        let part = self.postings.run(block, end - start).ok_or_else(|| self.malformed())?;
        let part = start.saturating_add(part.start)..start.saturating_add(part.end).min(end);
        self.section.slice(part)
    }

    fn malformed(&self) -> crate::error::Error {
        self.segment.malformed_postings(self.field, &self.info)
    }
}

/// Appends the beginnings from which a position has this distance; both ascend.
fn keep_common(starts: &[u32], positions: &[u32], distance: u32, out: &mut Vec<u32>) {
    let mut rest = positions;
    for &start in starts {
        let wanted = start.saturating_add(distance);
        while let Some((&first, after)) = rest.split_first()
            && first < wanted
        {
            rest = after;
        }
        if rest.first() == Some(&wanted) {
            out.push(start);
        }
    }
}
