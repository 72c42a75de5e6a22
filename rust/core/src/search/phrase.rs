//! Owns phrases: documents that hold all words, and where these stand in order.
//!
//! A phrase occurs in a document at most as often as its first word there; where no other words may
//! lie between, as any of its words. So frequencies bound its score before any position is read.

use crate::error::Result;

use super::candidates::Probe;
use super::cursor::{Cursor, Span};
use super::window::Window;

/// The words of a phrase in a segment.
pub struct Phrase<'a> {
    /// In the order of the phrase.
    cursors: Vec<Cursor<'a>>,
    /// The positions of the words relative to the first.
    offsets: Vec<u32>,
    slop: u32,
    weight: f32,
    /// The words from the rarest on.
    order: Vec<usize>,
    positions: Vec<Vec<u32>>,
    places: Vec<usize>,
    /// At which positions the phrase can begin in the documents, all in one row.
    starts: Vec<u32>,
    /// Those of them that are left by the next word.
    left: Vec<u32>,
    frequencies: Vec<u32>,
    holding: Holding,
}

/// Documents that hold all words looked at so far.
#[derive(Default)]
struct Holding {
    documents: Vec<u32>,
    /// How often the phrase can occur in each at most.
    most: Vec<u32>,
    /// Where each document stands among those that were asked for.
    places: Vec<u32>,
}

impl Holding {
    fn clear(&mut self) {
        self.documents.clear();
        self.most.clear();
        self.places.clear();
    }

    fn push(&mut self, document: u32, most: u32, place: u32) {
        self.documents.push(document);
        self.most.push(most);
        self.places.push(place);
    }

    /// Keeps what `is_kept` says of an index.
    fn retain(&mut self, is_kept: impl Fn(&Self, usize) -> bool) {
        let mut kept = 0;
        for at in 0..self.documents.len() {
            if is_kept(self, at) {
                self.documents[kept] = self.documents[at];
                self.most[kept] = self.most[at];
                self.places[kept] = self.places[at];
                kept += 1;
            }
        }
        self.documents.truncate(kept);
        self.most.truncate(kept);
        self.places.truncate(kept);
    }
}

impl<'a> Phrase<'a> {
    /// Gives a phrase of these words; there is one at least.
    pub fn new(cursors: Vec<Cursor<'a>>, offsets: Vec<u32>, slop: u32, weight: f32) -> Self {
        let mut order: Vec<usize> = (0..cursors.len()).collect();
        order.sort_by_key(|&at| cursors[at].documents());
        Self {
            positions: vec![Vec::new(); cursors.len()],
            starts: Vec::new(),
            left: Vec::new(),
            cursors,
            offsets,
            slop,
            weight,
            order,
            places: Vec::new(),
            frequencies: Vec::new(),
            holding: Holding::default(),
        }
    }

    /// Gives how many documents can hold the phrase at most.
    pub fn most_documents(&self) -> u32 {
        self.cursors.iter().map(Cursor::documents).min().unwrap_or_default()
    }

    /// Gives the words, and whether the phrase occurs at most as often as each.
    pub fn words_mut(&mut self) -> impl Iterator<Item = (&mut Cursor<'a>, bool)> {
        let slop = self.slop;
        self.cursors.iter_mut().enumerate().map(move |(at, cursor)| (cursor, is_bound(at, slop)))
    }

    /// Gives the weight of the phrase.
    pub fn weight(&self) -> f32 {
        self.weight
    }

    /// Gives a number below which, from `from` on, no document matches.
    pub fn next(&mut self, from: u32) -> Result<u32> {
        let lead = self.order[0];
        self.cursors[lead].seek(from)
    }

    /// Adds the documents with the phrase to a window.
    pub fn fill(&mut self, window: &mut Window) -> Result<()> {
        let span = Span { start: window.base(), end: window.end() };
        self.gather(span, 0, |document, points| window.add(document, points))
    }

    /// Calls `take` with the documents of a span that hold the phrase and score at least so much.
    pub fn gather(&mut self, span: Span, least: u32, take: impl FnMut(u32, u32)) -> Result<()> {
        self.gather_if(span, least, |_| true, take)
    }

    /// Gives how often the phrase occurs in a document.
    pub fn frequency_in(&mut self, document: u32) -> Result<u32> {
        let mut holding = Holding::default();
        holding.push(document, u32::MAX, 0);
        self.meet(0, &mut holding, |_| 0)?;
        self.count(&mut holding)?;
        Ok(holding.most.first().copied().unwrap_or_default())
    }

    /// Gives the score of a document with this frequency.
    pub fn points_of(&self, document: u32, frequency: u32) -> u32 {
        let first = self.cursors.first();
        first.map_or(0, |cursor| cursor.points_of(document, frequency, self.weight))
    }

    /// Gives the cursor of the rarest word.
    pub fn lead_cursor(&mut self) -> &mut Cursor<'a> {
        &mut self.cursors[self.order[0]]
    }

    /// The same for documents of which `is_live` says that they matter.
    pub fn gather_if(
        &mut self,
        span: Span,
        least: u32,
        is_live: impl Fn(u32) -> bool,
        mut take: impl FnMut(u32, u32),
    ) -> Result<()> {
        let mut holding = std::mem::take(&mut self.holding);
        holding.clear();
        let (lead, weight) = (self.order[0], self.weight);
        if is_bound(lead, self.slop) {
            let take = |documents: &[u32], frequencies: &[u32], points: &[u32]| {
                let pairs = documents.iter().zip(frequencies);
                for ((&document, &frequency), &points) in pairs.zip(points) {
                    if points >= least && is_live(document) {
                        holding.push(document, frequency, 0);
                    }
                }
            };
            self.cursors[lead].for_each_block(span, weight, least, take)?;
        } else {
            let take = |documents: &[u32], _: &[u32], _: &[u32]| {
                let live = documents.iter().filter(|&&document| is_live(document));
                live.for_each(|&document| holding.push(document, u32::MAX, 0));
            };
            self.cursors[lead].for_each_block(span, weight, 0, take)?;
        }
        self.meet(1, &mut holding, |_| least)?;
        self.count(&mut holding)?;
        for (&document, &count) in holding.documents.iter().zip(&holding.most) {
            take(document, self.cursors[0].points_of(document, count, self.weight));
        }
        self.holding = holding;
        Ok(())
    }

    /// Adds the points of the phrase to these documents, and marks the hits; where even with them
    /// a document has fewer than `least`, it may be left out.
    pub fn probe(&mut self, asked: &mut Probe<'_>, least: u32) -> Result<()> {
        let mut holding = std::mem::take(&mut self.holding);
        holding.clear();
        for (place, &document) in (0..).zip(asked.documents) {
            holding.push(document, u32::MAX, place);
        }
        let so_far = &*asked.points;
        self.meet(0, &mut holding, |place| least.saturating_sub(so_far[place as usize]))?;
        self.count(&mut holding)?;
        let counted = holding.documents.iter().zip(&holding.most);
        for ((&document, &count), &place) in counted.zip(&holding.places) {
            asked.hit(place as usize, self.cursors[0].points_of(document, count, self.weight));
        }
        self.holding = holding;
        Ok(())
    }

    /// Leaves of the documents those that hold the words from the one of this rank on, and that
    /// can score what `need` says of their places.
    fn meet(
        &mut self,
        from: usize,
        holding: &mut Holding,
        need: impl Fn(u32) -> u32,
    ) -> Result<()> {
        for &at in self.order.get(from..).unwrap_or_default() {
            let (cursor, places, weight) = (&mut self.cursors[at], &holding.places, self.weight);
            let is_bound = is_bound(at, self.slop);
            let is_needed = |at: usize, bound: u32| !is_bound || bound >= need(places[at]);
            cursor.frequencies_of(&holding.documents, weight, is_needed, &mut self.frequencies)?;
            let frequencies = &self.frequencies;
            if is_bound {
                for (most, &frequency) in holding.most.iter_mut().zip(frequencies) {
                    *most = frequency.min(*most);
                }
            }
            holding.retain(|holding, at| {
                let points = || cursor.points_of(holding.documents[at], holding.most[at], weight);
                frequencies[at] > 0 && (!is_bound || points() >= need(holding.places[at]))
            });
        }
        Ok(())
    }

    /// Leaves of the documents that hold all words those with the phrase, and sets how often it
    /// occurs there.
    fn count(&mut self, holding: &mut Holding) -> Result<()> {
        if self.slop > 0 {
            return self.count_loose(holding);
        }
        // Word by word from the rarest: which beginnings of the phrase are left in each document.
        for (rank, &word) in self.order.iter().enumerate() {
            let (cursor, offset) = (&mut self.cursors[word], self.offsets[word]);
            let (starts, left) = (&mut self.starts, &mut self.left);
            left.clear();
            let mut before = 0;
            for (at, &document) in holding.documents.iter().enumerate() {
                cursor.positions_in(document, &mut self.positions[word])?;
                let positions = &mut self.positions[word];
                let end = left.len();
                if rank == 0 {
                    positions.dedup();
                    let possible = positions.iter().filter(|&&position| position >= offset);
                    left.extend(possible.map(|&position| position - offset));
                } else {
                    let own = &starts[before..before + holding.most[at] as usize];
                    before += own.len();
                    keep_common(own, positions, offset, left);
                }
                holding.most[at] = (left.len() - end) as u32;
            }
            std::mem::swap(&mut self.starts, &mut self.left);
            holding.retain(|holding, at| holding.most[at] > 0);
        }
        Ok(())
    }

    /// The same where other words may lie between.
    fn count_loose(&mut self, holding: &mut Holding) -> Result<()> {
        for (at, &document) in holding.documents.iter().enumerate() {
            for (cursor, positions) in self.cursors.iter_mut().zip(&mut self.positions) {
                cursor.positions_in(document, positions)?;
            }
            holding.most[at] =
                occurrences(&self.positions, &self.offsets, self.slop, &mut self.places);
        }
        holding.retain(|holding, at| holding.most[at] > 0);
        Ok(())
    }
}

/// Appends the beginnings at which a word stands where it has to; both ascend.
fn keep_common(starts: &[u32], positions: &[u32], offset: u32, out: &mut Vec<u32>) {
    let mut rest = positions;
    for &start in starts {
        let wanted = start.saturating_add(offset);
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

/// Tells whether a phrase occurs at most as often as its word at an index: where words may lie
/// between, two beginnings can go on with the same later word.
fn is_bound(at: usize, slop: u32) -> bool {
    at == 0 || slop == 0
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
