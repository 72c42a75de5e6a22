//! Owns phrases: documents that hold all words, and where these stand in order.

use crate::error::Result;

use super::cursor::{Cursor, END};
use super::window::Window;

/// The words of a phrase in a segment.
pub struct Phrase<'a> {
    /// In the order of the phrase.
    cursors: Vec<Cursor<'a>>,
    /// The positions of the words relative to the first.
    offsets: Vec<u32>,
    slop: u32,
    /// The words from the rarest on.
    order: Vec<usize>,
    positions: Vec<Vec<u32>>,
    places: Vec<usize>,
    /// The match that was found last, and how often the phrase occurs in it.
    found: Option<(u32, u32)>,
}

impl<'a> Phrase<'a> {
    /// Gives a phrase of these words; there is one at least.
    pub fn new(cursors: Vec<Cursor<'a>>, offsets: Vec<u32>, slop: u32) -> Self {
        let mut order: Vec<usize> = (0..cursors.len()).collect();
        order.sort_by_key(|&at| cursors[at].documents());
        let positions = vec![Vec::new(); cursors.len()];
        let places = Vec::new();
        Self { cursors, offsets, slop, order, positions, places, found: None }
    }

    /// Gives the first document from one on that holds the phrase, or [`END`].
    pub fn next(&mut self, from: u32) -> Result<u32> {
        if let Some((found, _)) = self.found
            && found >= from
        {
            return Ok(found);
        }
        let mut document = from;
        loop {
            document = self.next_with_all(document)?;
            if document == END {
                self.found = Some((END, 0));
                return Ok(END);
            }
            let count = self.count()?;
            if count > 0 {
                self.found = Some((document, count));
                return Ok(document);
            }
            document += 1;
        }
    }

    /// Gives how often the phrase occurs in the document that `next` gave last.
    pub fn frequency(&self) -> u32 {
        self.found.map_or(0, |(_, count)| count)
    }

    /// Gives the score of a document with this frequency.
    pub fn points_of(&self, document: u32, frequency: u32) -> u32 {
        self.cursors.first().map_or(0, |cursor| cursor.points_of(document, frequency))
    }

    /// Adds the documents with the phrase to a window.
    pub fn fill(&mut self, window: &mut Window) -> Result<()> {
        let mut document = self.next(window.base())?;
        while document < window.end() {
            let count = self.found.map_or(0, |(_, count)| count);
            window.add(document, self.cursors[0].points_of(document, count));
            document = self.next(document + 1)?;
        }
        Ok(())
    }

    fn next_with_all(&mut self, from: u32) -> Result<u32> {
        let mut document = from;
        'candidates: loop {
            for &at in &self.order {
                let found = self.cursors[at].seek(document)?;
                if found == END {
                    return Ok(END);
                }
                if found > document {
                    document = found;
                    if at != self.order[0] {
                        continue 'candidates;
                    }
                }
            }
            return Ok(document);
        }
    }

    /// Gives how often the phrase occurs in the document that all cursors are at.
    fn count(&mut self) -> Result<u32> {
        for (cursor, positions) in self.cursors.iter_mut().zip(&mut self.positions) {
            cursor.positions(positions)?;
        }
        Ok(occurrences(&self.positions, &self.offsets, self.slop, &mut self.places))
    }
}

/// Gives at how many positions a phrase begins: from there each word stands at the next place
/// that leaves at least the distance of the phrase, and the whole is at most `slop` longer.
fn occurrences(positions: &[Vec<u32>], offsets: &[u32], slop: u32, places: &mut Vec<usize>) -> u32 {
    let Some((first, others)) = positions.split_first() else { return 0 };
    places.clear();
    places.resize(others.len(), 0);
    let mut count = 0;
    let mut before = None;
    let whole = offsets.last().copied().unwrap_or_default();
    'starts: for &start in first {
        if before.replace(start) == Some(start) {
            continue;
        }
        let mut at = start;
        for ((positions, place), pair) in others.iter().zip(&mut *places).zip(offsets.windows(2)) {
            let least = u64::from(at) + u64::from(pair[1] - pair[0]);
            while positions.get(*place).is_some_and(|&other| u64::from(other) < least) {
                *place += 1;
            }
            match positions.get(*place) {
                Some(&found) => at = found,
                None => break 'starts,
            }
        }
        if u64::from(at - start) <= u64::from(whole) + u64::from(slop) {
            count += 1;
        }
    }
    count
}
