//! Owns the window: which of 4096 documents match, and their scores so far.

use crate::bits::Bits;
use crate::kernels::gather_flags;

/// How many documents a window has: their scores, 16 KiB, stay in the nearest cache.
pub const WINDOW: usize = 4096;

const GROUP: usize = 64;
const GROUPS: usize = WINDOW / GROUP;

/// Up to here documents are marked one by one: a pass over all takes as long as some 100.
pub const FEW: usize = 96;

/// Documents from `base`, a multiple of 64, on. The score of a document that does not match is 0.
pub struct Window {
    base: u32,
    bits: [u64; GROUPS],
    scores: Box<[u32; WINDOW]>,
}

impl Window {
    /// Gives an empty window.
    pub fn new() -> Self {
        Self { base: 0, bits: [0; GROUPS], scores: Box::new([0; WINDOW]) }
    }

    /// Empties the window and moves it.
    pub fn reset(&mut self, base: u32) {
        self.base = base;
        self.bits.fill(0);
        self.scores.fill(0);
    }

    /// Gives the number of the first document.
    pub fn base(&self) -> u32 {
        self.base
    }

    /// Gives the number after the last document.
    pub fn end(&self) -> u32 {
        self.base.saturating_add(WINDOW as u32)
    }

    /// Adds to the score of a document of the window, and marks that it matches.
    #[inline(always)]
    pub fn add(&mut self, document: u32, points: u32) {
        let at = (document.wrapping_sub(self.base)) as usize % WINDOW;
        self.bits[at / GROUP] |= 1 << (at % GROUP);
        self.scores[at] = self.scores[at].wrapping_add(points);
    }

    /// Adds to the score of a document of the window; `mark_scored` must follow.
    #[inline(always)]
    pub fn add_points(&mut self, document: u32, points: u32) {
        let at = (document.wrapping_sub(self.base)) as usize % WINDOW;
        self.scores[at] = self.scores[at].wrapping_add(points);
    }

    /// Marks that all documents with a score match.
    pub fn mark_scored(&mut self) {
        for (word, scores) in self.bits.iter_mut().zip(self.scores.as_chunks::<GROUP>().0) {
            let mut flags = [0; GROUP];
            for (flag, score) in flags.iter_mut().zip(scores) {
                *flag = u8::from(*score != 0);
            }
            *word |= gather_flags(&flags);
        }
    }

    /// Marks that these documents of the window match.
    pub fn mark_all(&mut self, documents: &[u32]) {
        if documents.len() < FEW {
            return documents.iter().for_each(|&document| self.mark(document));
        }
        // Setting bits one after the other waits for the word each time; bytes do not.
        let place = |document: u32| document.wrapping_sub(self.base) as usize % WINDOW;
        let mut flags = [0; WINDOW];
        for &document in documents {
            flags[place(document)] = 1;
        }
        let first = documents.first().map_or(0, |&document| place(document) / GROUP);
        let last = documents.last().map_or(0, |&document| place(document) / GROUP);
        let touched = self.bits.iter_mut().zip(flags.as_chunks::<GROUP>().0).take(last + 1);
        for (word, flags) in touched.skip(first) {
            *word |= gather_flags(flags);
        }
    }

    /// Marks that a document of the window matches.
    #[inline(always)]
    pub fn mark(&mut self, document: u32) {
        let at = (document.wrapping_sub(self.base)) as usize % WINDOW;
        self.bits[at / GROUP] |= 1 << (at % GROUP);
    }

    /// Marks the documents of a set, all with these points.
    pub fn add_set(&mut self, set: &Bits, points: u32) {
        let first = self.base as usize / GROUP;
        for group in 0..GROUPS {
            let mut left = set.word(first + group);
            self.bits[group] |= left;
            while points > 0 && left != 0 {
                self.scores[group * GROUP + left.trailing_zeros() as usize] += points;
                left &= left - 1;
            }
        }
    }

    /// Marks all documents, each with these points.
    pub fn add_all(&mut self, points: u32) {
        self.bits.fill(u64::MAX);
        if points > 0 {
            self.scores.iter_mut().for_each(|score| *score += points);
        }
    }

    /// Keeps what both match, with the sum of the scores if `scored`.
    pub fn intersect(&mut self, other: &Self, scored: bool) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(word, other)| *word &= other);
        if scored {
            self.add_scores(other);
        }
    }

    /// Keeps what either matches, with the sum of the scores if `scored`.
    pub fn unite(&mut self, other: &Self, scored: bool) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(word, other)| *word |= other);
        if scored {
            self.add_scores(other);
        }
    }

    /// Adds the scores of another; `settle` must follow.
    pub fn add_scores(&mut self, other: &Self) {
        for (score, more) in self.scores.iter_mut().zip(other.scores.iter()) {
            *score = score.wrapping_add(*more);
        }
    }

    /// Keeps what the other matches, and the scores.
    pub fn restrict(&mut self, other: &Self) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(word, other)| *word &= other);
    }

    /// Drops what the other matches.
    pub fn subtract(&mut self, other: &Self) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(word, other)| *word &= !other);
    }

    /// Drops the documents of a set.
    pub fn remove(&mut self, set: &Bits) {
        let first = self.base as usize / GROUP;
        for (group, word) in self.bits.iter_mut().enumerate() {
            *word &= !set.word(first + group);
        }
    }

    /// Drops the documents from this one on.
    pub fn trim(&mut self, documents: u32) {
        let kept = documents.saturating_sub(self.base) as usize;
        for (group, word) in self.bits.iter_mut().enumerate() {
            let kept = kept.saturating_sub(group * GROUP);
            if kept < GROUP {
                *word &= (1 << kept) - 1;
            }
        }
    }

    /// Sets the scores of documents that do not match to 0.
    pub fn settle(&mut self) {
        for (word, scores) in self.bits.iter().zip(self.scores.as_chunks_mut::<GROUP>().0) {
            match *word {
                0 => scores.fill(0),
                u64::MAX => {}
                word => {
                    for (at, score) in scores.iter_mut().enumerate() {
                        *score &= 0_u32.wrapping_sub((word >> at) as u32 & 1);
                    }
                }
            }
        }
    }

    /// Tells whether no document matches.
    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|&word| word == 0)
    }

    /// Gives how many documents match.
    pub fn count(&self) -> u32 {
        self.bits.iter().map(|word| word.count_ones()).sum()
    }

    /// Calls `take` with each matching document and its score, ascending.
    #[inline]
    pub fn for_each(&self, mut take: impl FnMut(u32, u32)) {
        for (group, &word) in self.bits.iter().enumerate() {
            let mut left = word;
            while left != 0 {
                let at = group * GROUP + left.trailing_zeros() as usize;
                take(self.base + at as u32, self.scores[at]);
                left &= left - 1;
            }
        }
    }

    /// Calls `take` with each matching document whose score is above `threshold`, which `take`
    /// gives anew.
    #[inline]
    pub fn for_each_above(&self, mut threshold: u32, mut take: impl FnMut(u32, u32) -> u32) {
        for (group, scores) in self.scores.as_chunks::<GROUP>().0.iter().enumerate() {
            let word = self.bits[group];
            // Sums fit in 31 bits: signed maxima are the ones that every processor has.
            let highest = scores.iter().fold(0_i32, |highest, &score| highest.max(score as i32));
            if word == 0 || highest as u32 <= threshold {
                continue;
            }
            let mut left = word;
            while left != 0 {
                let at = left.trailing_zeros() as usize;
                if scores[at] > threshold {
                    threshold = take(self.base + (group * GROUP + at) as u32, scores[at]);
                }
                left &= left - 1;
            }
        }
    }
}
