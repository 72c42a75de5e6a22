//! Owns the postings of a word: the documents that hold it, how often, and where.
//!
//! ```text
//! postings  = directory ranges block* tail?       as many blocks as documents / 256, then the rest
//! directory = last_document:u32* end:u32* positions_end:u32* impact:u16*
//! ranges    = highest:u8*                         of frequent words, for each 256 documents
//! block     = gap_width:u8 frequency_width:u8 gaps frequencies      packed, see `packing`
//! tail      = impact:u16 (gap·2+again:varint (frequency−2:varint)?)*
//! positions = run*                                                  one for each block and the tail
//! run       = width:u8 position* (ordinal* width:u8)?               packed one after the other
//! ```
//!
//! A gap counts the documents left out since the one before; frequencies are packed less one.
//! `end` counts from the end of the ranges, `positions_end` from the start of the word's
//! positions. Positions are those within the document, not differences: the positions of one
//! document are found without reading those before it. Where a term has several forms, the run ends
//! with the *ordinal* of the form that stands at each position: postings of forms are those of their
//! term, less what other forms stand for.
//!
//! An *impact* bounds the share `tf / (tf + K)` over a block in units of 1/65535, rounded up, with
//! `K` at the average length of the segment ([`crate::ranking::Saturation`]). A word is *frequent*
//! if [`has_ranges`] says so; it also has for each range of 256 documents of the segment the
//! highest share in units of 1/255, rounded up: 0 where no document of the range holds the word.

#![deny(clippy::indexing_slicing)]

mod encoding;
mod runs;

use std::ops::Range;

use crate::bytes::{Reader, u32_at};
use crate::kernels::Kernels;
use crate::packing::{BLOCK, packed_bytes};
pub use encoding::Encoder;
pub use runs::{Ordinals, Run};

const DIRECTORY_BYTES: usize = 14;

/// How many documents a range has.
pub const RANGE: usize = 256;

/// A word with fewer documents is decoded faster than its ranges are read.
const FEWEST_WITH_RANGES: u32 = 1024;

/// As many documents of a segment per document of a word leave its ranges mostly empty: a byte for
/// two documents is what a word pays for ranges at most.
const SPARSEST_WITH_RANGES: u32 = 128;

/// Tells whether a word that so many documents hold, of `limit` in the segment, has ranges.
pub fn has_ranges(documents: u32, limit: u32) -> bool {
    documents >= FEWEST_WITH_RANGES && documents >= limit / SPARSEST_WITH_RANGES
}

/// The postings of one word, as they are before and after they are encoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostingList {
    /// Ascending.
    pub documents: Vec<u32>,
    /// For each document how often it holds the word, at least once.
    pub frequencies: Vec<u32>,
    /// For each document its positions, ascending; all in one row.
    pub positions: Vec<u32>,
    /// For each position which of the term's forms stands there; none if it has but one.
    pub ordinals: Vec<u32>,
}

impl PostingList {
    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.documents.clear();
        self.frequencies.clear();
        self.positions.clear();
        self.ordinals.clear();
    }

    /// Calls `take` with the document, the position and the ordinal of each place, in order.
    #[inline]
    pub fn for_each_place(&self, mut take: impl FnMut(u32, u32, u32)) {
        let mut positions = self.positions.iter();
        let mut ordinals = self.ordinals.iter();
        for (&document, &frequency) in self.documents.iter().zip(&self.frequencies) {
            for &position in positions.by_ref().take(frequency as usize) {
                take(document, position, ordinals.next().copied().unwrap_or_default());
            }
        }
    }
}

/// Up to 256 documents and their frequencies, decoded.
#[derive(Clone)]
pub struct Block {
    /// Ascending; those from `length` on mean nothing.
    pub documents: [u32; BLOCK],
    /// How often each document holds the word.
    pub frequencies: [u32; BLOCK],
    /// How many there are.
    pub length: usize,
}

impl Default for Block {
    fn default() -> Self {
        Self { documents: [0; BLOCK], frequencies: [0; BLOCK], length: 0 }
    }
}

impl Block {
    /// Gives the documents.
    #[inline]
    pub fn documents(&self) -> &[u32] {
        self.documents.get(..self.length).unwrap_or(&self.documents)
    }

    /// Gives the frequencies.
    #[inline]
    pub fn frequencies(&self) -> &[u32] {
        self.frequencies.get(..self.length).unwrap_or(&self.frequencies)
    }
}

/// Reads the encoded postings of a word. Methods give `None` where the bytes are malformed.
#[derive(Clone, Copy)]
pub struct Postings<'a> {
    full: usize,
    tail_length: usize,
    limit: u32,
    last_documents: &'a [u8],
    ends: &'a [u8],
    position_ends: &'a [u8],
    impacts: &'a [[u8; 2]],
    ranges: &'a [u8],
    blocks: &'a [u8],
}

impl<'a> Postings<'a> {
    /// Opens the postings of a word that this many documents hold, of `limit` in the segment.
    pub fn open(bytes: &'a [u8], documents: u32, limit: u32) -> Option<Self> {
        let full = documents as usize / BLOCK;
        if documents > limit || bytes.len() < full * DIRECTORY_BYTES {
            return None;
        }
        let (last_documents, rest) = bytes.split_at_checked(full * 4)?;
        let (ends, rest) = rest.split_at_checked(full * 4)?;
        let (position_ends, rest) = rest.split_at_checked(full * 4)?;
        let (impacts, rest) = rest.split_at_checked(full * 2)?;
        let ranges =
            if has_ranges(documents, limit) { (limit as usize).div_ceil(RANGE) } else { 0 };
        let (ranges, blocks) = rest.split_at_checked(ranges)?;
        let postings = Self {
            full,
            tail_length: documents as usize % BLOCK,
            limit,
            last_documents,
            ends,
            position_ends,
            impacts: impacts.as_chunks().0,
            ranges,
            blocks,
        };
        let last = full.checked_sub(1).map_or(Some(0), |block| u32_at(last_documents, block))?;
        (last < limit || documents == 0).then_some(postings)
    }

    /// Gives how many blocks there are, the tail being one.
    #[inline]
    pub fn block_count(&self) -> usize {
        self.full + usize::from(self.tail_length > 0)
    }

    /// Gives the number of the last document of a block; of the tail, the segment's last.
    #[inline]
    pub fn last_document(&self, block: usize) -> u32 {
        u32_at(self.last_documents, block).unwrap_or(self.limit.saturating_sub(1))
    }

    /// Gives the first number that a document of a block may have.
    #[inline]
    pub fn first_possible(&self, block: usize) -> u32 {
        block.checked_sub(1).map_or(0, |before| self.last_document(before).saturating_add(1))
    }

    /// Gives the first block, from one on, that may hold a document of this number or a higher
    /// one; `block_count` if none may.
    #[inline]
    pub fn block_of(&self, document: u32, from: usize) -> usize {
        let lasts = self.last_documents.as_chunks::<4>().0;
        let mut low = from.min(lasts.len());
        // Most seeks lead to one of the next blocks.
        let mut step = 1;
        let mut high = low;
        while high < lasts.len()
            && lasts.get(high).is_some_and(|last| u32::from_le_bytes(*last) < document)
        {
            low = high + 1;
            high += step;
            step *= 2;
        }
        let high = high.min(lasts.len());
        let between = lasts.get(low..high).unwrap_or_default();
        let block = low + between.partition_point(|last| u32::from_le_bytes(*last) < document);
        if block == lasts.len() && (self.tail_length == 0 || document >= self.limit) {
            return self.block_count();
        }
        block.max(from)
    }

    /// Gives the impact that bounds a block.
    #[inline]
    pub fn impact(&self, block: usize) -> u16 {
        match self.impacts.get(block) {
            Some(impact) => u16::from_le_bytes(*impact),
            None => self
                .tail()
                .and_then(|tail| tail.first_chunk())
                .map_or(u16::MAX, |impact| u16::from_le_bytes(*impact)),
        }
    }

    /// Gives the impacts of the full blocks.
    pub fn impacts(&self) -> &'a [[u8; 2]] {
        self.impacts
    }

    /// Gives the highest share in each range of documents, in units of 1/255; nothing if the word
    /// is not frequent.
    pub fn ranges(&self) -> &'a [u8] {
        self.ranges
    }

    fn start(&self, block: usize) -> Option<usize> {
        let before = block.checked_sub(1);
        before.map_or(Some(0), |before| u32_at(self.ends, before).map(|end| end as usize))
    }

    fn tail(&self) -> Option<&'a [u8]> {
        self.blocks.get(self.start(self.full)?..)
    }

    /// Gives the first document of a word that has no full block.
    pub fn first_of_tail(&self) -> Option<u32> {
        let mut reader = Reader::new(self.tail().filter(|_| self.full == 0)?);
        reader.take(2)?;
        u32::try_from(reader.varint()? >> 1).ok()
    }

    fn content(&self, block: usize) -> Option<&'a [u8]> {
        self.blocks.get(self.start(block)?..u32_at(self.ends, block)? as usize)
    }

    /// Decodes the documents of a block, and the frequencies too where they come with them (in
    /// the tail).
    #[inline]
    pub fn decode_documents(&self, kernels: Kernels, block: usize, out: &mut Block) -> Option<()> {
        if block >= self.full {
            return self.decode_tail(out);
        }
        let (widths, packed) = self.content(block)?.split_first_chunk::<2>()?;
        let [width, _] = *widths;
        let start = self.first_possible(block);
        if !kernels.documents(packed, u32::from(width), start, &mut out.documents) {
            return None;
        }
        out.length = BLOCK;
        (out.documents.last() == Some(&self.last_document(block))).then_some(())
    }

    /// Decodes the frequencies of a block whose documents were decoded last.
    #[inline]
    pub fn decode_frequencies(
        &self,
        kernels: Kernels,
        block: usize,
        out: &mut Block,
    ) -> Option<()> {
        if block >= self.full {
            return Some(());
        }
        let (widths, packed) = self.content(block)?.split_first_chunk::<2>()?;
        let [gap_width, width] = widths.map(u32::from);
        if width == 0 {
            out.frequencies.fill(1);
            return Some(());
        }
        let packed = packed.get(packed_bytes(gap_width)..)?;
        kernels.frequencies(packed, width, &mut out.frequencies).then_some(())
    }

    fn decode_tail(&self, out: &mut Block) -> Option<()> {
        let mut reader = Reader::new(self.tail()?);
        reader.take(2)?;
        let mut next = u64::from(self.first_possible(self.full));
        let slots = out.documents.iter_mut().zip(&mut out.frequencies).take(self.tail_length);
        for (document, frequency) in slots {
            let gap = reader.varint()?;
            let number = next.checked_add(gap >> 1)?;
            *document = u32::try_from(number).ok().filter(|&number| number < self.limit)?;
            next = number + 1;
            *frequency = 1;
            if gap & 1 == 1 {
                *frequency = reader.varint_u32()?.checked_add(2)?;
            }
        }
        out.length = self.tail_length;
        Some(())
    }

    /// Gives where the positions of a block are, within those of the word, which end at `end`.
    pub fn run(&self, block: usize, end: u64) -> Option<Range<u64>> {
        let before = block.checked_sub(1);
        let start = before.map_or(Some(0), |before| u32_at(self.position_ends, before))?;
        let end = u32_at(self.position_ends, block).map_or(end, u64::from);
        (u64::from(start) <= end).then_some(u64::from(start)..end)
    }
}

/// Keeps of a decoded block the documents that hold one form of the term; puts the indices of its
/// positions into `chosen`.
pub fn keep_form(
    ordinals: &Ordinals<'_>,
    ordinal: u32,
    block: &mut Block,
    chosen: &mut Vec<u32>,
) -> Option<()> {
    chosen.clear();
    let (mut kept, mut index) = (0, 0);
    for at in 0..block.length {
        let (document, frequency) = (*block.documents.get(at)?, *block.frequencies.get(at)?);
        let before = chosen.len();
        for _ in 0..frequency {
            if ordinals.get(index as usize)? == ordinal {
                chosen.push(index);
            }
            index += 1;
        }
        *block.documents.get_mut(kept)? = document;
        *block.frequencies.get_mut(kept)? = (chosen.len() - before) as u32;
        kept += usize::from(chosen.len() > before);
    }
    block.length = kept;
    Some(())
}

/// Decodes the whole list of a term; `has_ordinals` tells that it has several forms.
pub fn decode_all(
    postings: &Postings<'_>,
    positions: &[u8],
    has_ordinals: bool,
    block: &mut Block,
    out: &mut PostingList,
) -> Option<()> {
    let kernels = Kernels::default();
    for at in 0..postings.block_count() {
        postings.decode_documents(kernels, at, block)?;
        postings.decode_frequencies(kernels, at, block)?;
        out.documents.extend_from_slice(block.documents());
        out.frequencies.extend_from_slice(block.frequencies());
        let range = postings.run(at, positions.len() as u64)?;
        let bytes = positions.get(range.start as usize..range.end as usize)?;
        let run = Run::open(bytes)?;
        let count: u64 = block.frequencies().iter().map(|&frequency| u64::from(frequency)).sum();
        let count = usize::try_from(count).ok()?;
        if !run.has(count) {
            return None;
        }
        for index in 0..count {
            out.positions.push(run.get(index)?);
        }
        if has_ordinals {
            let ordinals = Ordinals::open(bytes, count)?;
            for index in 0..count {
                out.ordinals.push(ordinals.get(index)?);
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list_of(gaps: &[(u32, u32)]) -> PostingList {
        let mut list = PostingList::default();
        let mut next = 0;
        for &(gap, frequency) in gaps {
            list.documents.push(next + gap);
            next += gap + 1;
            list.frequencies.push(frequency);
            list.positions.extend((0..frequency).map(|at| at * gap + gap % 97));
            list.ordinals.extend((0..frequency).map(|at| (at + gap) % 3));
        }
        list
    }

    fn share(document: u32, frequency: u32) -> f32 {
        (document % 7 + frequency * 20).min(255) as f32 / 255.0
    }

    fn encoded_by(
        list: &PostingList,
        limit: u32,
        share: impl Fn(u32, u32) -> f32,
    ) -> (Vec<u8>, Vec<u8>) {
        let mut encoder = Encoder::new(limit);
        let mut encode = || {
            encoder.begin(list.positions.len(), !list.ordinals.is_empty());
            list.for_each_place(|document, position, ordinal| {
                encoder.add(document, position, ordinal, &share);
            });
            let mut bytes = Vec::new();
            let (positions, documents, places) = encoder.finish(&share, &mut bytes).unwrap();
            assert_eq!(documents as usize, list.documents.len());
            assert_eq!(places as usize, list.positions.len());
            (bytes, positions.to_vec())
        };
        let first = encode();
        // What was encoded before leaves nothing behind.
        assert_eq!(encode(), first);
        first
    }

    fn encoded(list: &PostingList, limit: u32) -> (Vec<u8>, Vec<u8>) {
        encoded_by(list, limit, share)
    }

    fn check(list: &PostingList) {
        let limit = list.documents.last().map_or(0, |last| last + 1);
        let (bytes, positions) = encoded(list, limit);
        let count = list.documents.len() as u32;
        let postings = Postings::open(&bytes, count, limit).unwrap();
        let (mut block, mut back) = (Block::default(), PostingList::default());
        let has_ordinals = !list.ordinals.is_empty();
        decode_all(&postings, &positions, has_ordinals, &mut block, &mut back).unwrap();
        assert_eq!(&back, list);
        let highest = |pairs: &mut dyn Iterator<Item = (&u32, &u32)>| {
            pairs.map(|(&document, &frequency)| share(document, frequency)).fold(0.0, f32::max)
        };
        for at in 0..postings.block_count() {
            postings.decode_documents(Kernels::default(), at, &mut block).unwrap();
            postings.decode_frequencies(Kernels::default(), at, &mut block).unwrap();
            let own = highest(&mut block.documents().iter().zip(block.frequencies()));
            let impact = f32::from(postings.impact(at)) / 65_535.0;
            assert!((own..own + 3e-5).contains(&impact), "{own} {impact}");
            for &document in block.documents() {
                assert_eq!(postings.block_of(document, 0), at);
                assert_eq!(postings.block_of(document, at), at);
            }
        }
        assert_eq!(postings.block_of(limit, 0), postings.block_count());
        assert_eq!(!postings.ranges().is_empty(), has_ranges(count, limit));
        for (range, &code) in (0..).zip(postings.ranges()) {
            let pairs = list.documents.iter().zip(&list.frequencies);
            let own = highest(&mut pairs.filter(|(document, _)| **document / 256 == range));
            assert!((own..own + 1.01 / 255.0).contains(&(f32::from(code) / 255.0)));
            assert_eq!(code == 0, own == 0.0);
        }
    }

    /// What a list keeps of one form, and of that its positions.
    fn of_form(list: &PostingList, ordinal: u32) -> (Vec<(u32, u32)>, Vec<u32>) {
        let holders = list.documents.iter().zip(&list.frequencies);
        let documents = holders.flat_map(|(&document, &times)| vec![document; times as usize]);
        let all = documents.zip(&list.positions).zip(&list.ordinals);
        let own: Vec<_> = all.filter(|(_, own)| **own == ordinal).map(|(pair, _)| pair).collect();
        let counts = own.chunk_by(|a, b| a.0 == b.0).map(|held| (held[0].0, held.len() as u32));
        (counts.collect(), own.iter().map(|(_, position)| **position).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// What is kept of a form are its documents, how often they hold it, and where.
        #[test]
        fn a_form_is_kept_of_its_term(
            gaps in proptest::collection::vec((0u32..300, 1u32..5), 0..700), ordinal in 0u32..4,
        ) {
            let list = list_of(&gaps);
            let limit = list.documents.last().map_or(0, |last| last + 1);
            let (bytes, positions) = encoded(&list, limit);
            let postings = Postings::open(&bytes, list.documents.len() as u32, limit).unwrap();
            let (mut block, mut chosen) = (Block::default(), Vec::new());
            let mut found = (Vec::new(), Vec::new());
            for at in 0..postings.block_count() {
                postings.decode_documents(Kernels::default(), at, &mut block).unwrap();
                postings.decode_frequencies(Kernels::default(), at, &mut block).unwrap();
                let range = postings.run(at, positions.len() as u64).unwrap();
                let bytes = &positions[range.start as usize..range.end as usize];
                let count = block.frequencies().iter().sum::<u32>() as usize;
                let ordinals = Ordinals::open(bytes, count).unwrap();
                let mut index = 0;
                let counted = block.frequencies().iter().map(|&frequency| {
                    index += frequency as usize;
                    ordinals.count(index - frequency as usize, frequency as usize, ordinal).unwrap()
                });
                let counted: Vec<u32> = counted.filter(|&count| count > 0).collect();
                keep_form(&ordinals, ordinal, &mut block, &mut chosen).unwrap();
                prop_assert_eq!(counted, block.frequencies());
                let counts = block.frequencies().iter().copied();
                found.0.extend(block.documents().iter().copied().zip(counts));
                let run = Run::open(bytes).unwrap();
                found.1.extend(chosen.iter().map(|&index| run.get(index as usize).unwrap()));
            }
            prop_assert_eq!(found, of_form(&list, ordinal));
        }

        /// A position is held by a part of a run where it stands there, whatever the width.
        #[test]
        fn a_run_holds_its_positions(
            all in proptest::collection::vec(any::<u32>(), 1..60), width in 0u32..=32,
            start: usize, count: usize, other: u32,
        ) {
            let mask = ((1_u64 << width) - 1) as u32;
            let all: Vec<u32> = all.iter().map(|position| position & mask).collect();
            let (documents, frequencies) = (vec![0], vec![all.len() as u32]);
            let list = PostingList { documents, frequencies, positions: all, ordinals: vec![] };
            let (all, (_, bytes)) = (&list.positions, encoded(&list, 1));
            let run = Run::open(&bytes).unwrap();
            let start = start % all.len();
            let count = count % (all.len() - start + 1);
            let part = &all[start..start + count];
            for wanted in all.iter().copied().chain([other, other & mask, 0]) {
                let distance = wanted.min(other % 3);
                let beginnings = [wanted - distance, 7, wanted - distance];
                let held = |&it: &u32| part.contains(&it.saturating_add(distance));
                let expected = beginnings.iter().rev().fold(0, |all, it| all << 1 | u64::from(held(it)));
                prop_assert_eq!(run.followed(start, count, &beginnings, distance), Some(expected));
            }
            let mut back = Vec::new();
            run.get_all(start, count, &mut back).unwrap();
            prop_assert_eq!(back, part);
            if all.iter().any(|&position| position > 0) {
                prop_assert_eq!(run.followed(start, all.len() + 64, &[1], 0), None);
                prop_assert_eq!(run.get_all(start, all.len() + 64, &mut Vec::new()), None);
            }
        }

        /// Postings come back as they were, and each document is found in its block.
        #[test]
        fn postings_round_trip(
            gaps in proptest::collection::vec((0u32..300, 1u32..5), 0..700),
        ) {
            check(&list_of(&gaps));
        }

        /// No bytes make the decoder panic.
        #[test]
        fn random_bytes_are_decoded_or_refused(
            bytes in proptest::collection::vec(any::<u8>(), 0..900), count in 0u32..1300, flip: usize
        ) {
            let mut list = list_of(&vec![(3, 2); count as usize]);
            list.frequencies.iter_mut().for_each(|frequency| *frequency = 2);
            let (mut encoded, positions) = encoded(&list, 4000);
            if !encoded.is_empty() {
                let at = flip % encoded.len();
                encoded[at] ^= 1 << (flip % 8);
            }
            for bytes in [bytes, encoded] {
                if let Some(postings) = Postings::open(&bytes, count, 4000) {
                    let mut out = PostingList::default();
                    let mut block = Block::default();
                    let _ = decode_all(&postings, &positions, count % 2 == 0, &mut block, &mut out);
                }
            }
        }
    }

    /// The worked example of docs/format.md: a word in document 0 at positions 1 and 4, and in
    /// document 3 at position 0.
    #[test]
    fn the_worked_example_is_encoded_as_documented() {
        let list = PostingList {
            documents: vec![0, 3],
            frequencies: vec![2, 1],
            positions: vec![1, 4, 0],
            ordinals: vec![],
        };
        let (postings, positions) = encoded_by(&list, 4, |_, _| 0.5);
        assert_eq!(postings, [0x00, 0x80, 0x01, 0x00, 0x04]);
        assert_eq!(positions, [0x03, 0x21, 0x00]);
        let list = PostingList { ordinals: vec![0, 1, 0], ..list };
        let (_, positions) = encoded_by(&list, 4, |_, _| 0.5);
        assert_eq!(positions, [0x03, 0x21, 0x00, 0x02, 0x01]);
    }

    /// Lists around the edges of a block, dense ones, and one with the widest gap round-trip.
    #[test]
    fn lists_at_the_edges_round_trip() {
        for length in [0, 1, 2, 255, 256, 257, 511, 512, 513, 768, 1023, 1024, 1500] {
            check(&list_of(&vec![(0, 1); length]));
            check(&list_of(&vec![(2, 3); length]));
        }
        let mut wide = list_of(&vec![(1, 1); 300]);
        wide.documents[299] = u32::MAX - 1;
        check(&wide);
        wide.documents[255] = u32::MAX - 46;
        (256..300).for_each(|at| wide.documents[at] = u32::MAX - 300 + at as u32);
        check(&wide);
    }
}
