//! Owns the encoding of the postings of a word, place by place.

// Nothing here comes from a disk.
#![allow(clippy::indexing_slicing)]

use crate::bytes::put_varint;
use crate::error::{Error, Result};
use crate::packing::{BLOCK, pack, width_of};
use crate::ranking::{highest_of, impact_of};

use super::{RANGE, has_ranges};

/// Encodes words one after the other: `begin` each, `add` its places in order, then `finish`.
///
/// No more of a word is held than what it takes encoded, and the places of one block.
pub struct Encoder {
    /// How many documents the segment has.
    limit: u32,
    has_ordinals: bool,
    documents: [u32; BLOCK],
    frequencies: [u32; BLOCK],
    /// How many documents wait to be a block.
    waiting: usize,
    run: Vec<u32>,
    ordinals: Vec<u32>,
    /// The first document that may come after the encoded blocks.
    next: u32,
    counts: (u32, u64),
    blocks: Vec<u8>,
    directory: Vec<Entry>,
    /// The highest share in each range of documents, if the word may have ranges.
    highest: Vec<f32>,
    positions: Vec<u8>,
}

/// What the directory says of a block.
struct Entry {
    last: u32,
    end: usize,
    positions_end: usize,
    impact: u16,
}

impl Encoder {
    /// Gives an encoder for a segment of so many documents.
    pub fn new(limit: u32) -> Self {
        let (run, ordinals, blocks, directory, highest, positions) = Default::default();
        Self {
            limit,
            has_ordinals: false,
            documents: [0; BLOCK],
            frequencies: [0; BLOCK],
            waiting: 0,
            run,
            ordinals,
            next: 0,
            counts: (0, 0),
            blocks,
            directory,
            highest,
            positions,
        }
    }

    /// Begins a word that stands in so many places; `has_ordinals` tells that it has several forms.
    pub fn begin(&mut self, places: usize, has_ordinals: bool) {
        self.has_ordinals = has_ordinals;
        (self.waiting, self.next, self.counts) = (0, 0, (0, 0));
        self.run.clear();
        self.ordinals.clear();
        self.blocks.clear();
        self.directory.clear();
        self.highest.clear();
        self.positions.clear();
        if has_ranges(u32::try_from(places).unwrap_or(u32::MAX), self.limit) {
            self.highest.resize((self.limit as usize).div_ceil(RANGE), 0.0);
        }
    }

    /// Adds a place; `share` gives what a document and its frequency earn, in [0, 1].
    #[inline(always)]
    pub fn add(
        &mut self,
        document: u32,
        position: u32,
        ordinal: u32,
        share: impl Fn(u32, u32) -> f32,
    ) {
        let last = self.waiting.wrapping_sub(1) % BLOCK;
        if self.waiting > 0 && self.documents[last] == document {
            self.frequencies[last] += 1;
        } else {
            if self.waiting == BLOCK {
                self.end_block(share);
            }
            self.documents[self.waiting % BLOCK] = document;
            self.frequencies[self.waiting % BLOCK] = 1;
            self.waiting += 1;
        }
        self.run.push(position);
        if self.has_ordinals {
            self.ordinals.push(ordinal);
        }
    }

    /// Ends the word and appends its postings; gives its positions, and how many documents and
    /// places it has.
    pub fn finish(
        &mut self,
        share: impl Fn(u32, u32) -> f32,
        postings: &mut Vec<u8>,
    ) -> Result<(&[u8], u32, u64)> {
        if self.waiting == BLOCK {
            self.end_block(&share);
        }
        let tail_impact = self.bound(&share);
        let (documents, places) = (self.counts.0 + self.waiting as u32, self.run.len() as u64);
        let places = self.counts.1 + places;
        for entry in &self.directory {
            postings.extend_from_slice(&entry.last.to_le_bytes());
        }
        for entry in &self.directory {
            postings.extend_from_slice(&offset(entry.end)?.to_le_bytes());
        }
        for entry in &self.directory {
            postings.extend_from_slice(&offset(entry.positions_end)?.to_le_bytes());
        }
        for entry in &self.directory {
            postings.extend_from_slice(&entry.impact.to_le_bytes());
        }
        if has_ranges(documents, self.limit) {
            postings.extend(self.highest.iter().map(|&share| highest_of(share)));
        }
        postings.extend_from_slice(&self.blocks);
        if self.waiting > 0 {
            postings.extend_from_slice(&tail_impact.to_le_bytes());
            self.put_tail(postings);
            self.end_run();
        }
        Ok((&self.positions, documents, places))
    }

    /// Encodes the documents that wait, which are as many as a block has.
    #[inline(never)]
    fn end_block(&mut self, share: impl Fn(u32, u32) -> f32) {
        let impact = self.bound(share);
        let mut next = self.next;
        let gaps = self.documents.map(|document| {
            let gap = document - next;
            next = document + 1;
            gap
        });
        let more = self.frequencies.map(|frequency| frequency - 1);
        let (gap_width, width) = (width_of(&gaps), width_of(&more));
        self.blocks.extend_from_slice(&[gap_width as u8, width as u8]);
        pack(&gaps, gap_width, &mut self.blocks);
        pack(&more, width, &mut self.blocks);
        self.counts = (self.counts.0 + BLOCK as u32, self.counts.1 + self.run.len() as u64);
        self.end_run();
        self.directory.push(Entry {
            last: next.wrapping_sub(1),
            end: self.blocks.len(),
            positions_end: self.positions.len(),
            impact,
        });
        (self.waiting, self.next) = (0, next);
    }

    /// Gives the impact of the documents that wait, and enters them in their ranges.
    fn bound(&mut self, share: impl Fn(u32, u32) -> f32) -> u16 {
        let mut highest = 0.0_f32;
        let waiting = self.documents.iter().zip(&self.frequencies).take(self.waiting);
        for (&document, &frequency) in waiting {
            let own = share(document, frequency);
            highest = highest.max(own);
            if let Some(slot) = self.highest.get_mut(document as usize / RANGE) {
                *slot = slot.max(own);
            }
        }
        impact_of(highest)
    }

    fn put_tail(&self, postings: &mut Vec<u8>) {
        let mut next = self.next;
        let waiting = self.documents.iter().zip(&self.frequencies).take(self.waiting);
        for (&document, &frequency) in waiting {
            let gap = u64::from(document - next);
            next = document + 1;
            put_varint(postings, gap << 1 | u64::from(frequency > 1));
            if frequency > 1 {
                put_varint(postings, u64::from(frequency - 2));
            }
        }
    }

    /// Appends the positions of the documents that wait, and their ordinals.
    fn end_run(&mut self) {
        let width = width_of(&self.run);
        self.positions.push(width as u8);
        append_packed(&self.run, width, &mut self.positions);
        if self.has_ordinals {
            let width = width_of(&self.ordinals);
            append_packed(&self.ordinals, width, &mut self.positions);
            self.positions.push(width as u8);
        }
        self.run.clear();
        self.ordinals.clear();
    }
}

fn offset(bytes: usize) -> Result<u32> {
    let limit = u64::from(u32::MAX);
    u32::try_from(bytes).map_err(|_| Error::Limit {
        what: "bytes of one word's postings in a segment",
        limit,
        found: bytes as u64,
    })
}

/// Appends numbers of so many bits, one after the other, and fills the last byte.
fn append_packed(numbers: &[u32], width: u32, out: &mut Vec<u8>) {
    out.reserve((numbers.len() * width as usize).div_ceil(8) + 8);
    let (mut word, mut bits) = (0_u64, 0);
    for &number in numbers {
        word |= u64::from(number) << bits;
        bits += width;
        if bits >= 32 {
            out.extend_from_slice(&(word as u32).to_le_bytes());
            word >>= 32;
            bits -= 32;
        }
    }
    while bits > 0 {
        out.push(word as u8);
        word >>= 8;
        bits = bits.saturating_sub(8);
    }
}
