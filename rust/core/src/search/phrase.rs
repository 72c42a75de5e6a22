//! Owns phrases: documents that hold all words, and where these stand in order.
//!
//! A phrase occurs in a document at most as often as its first word there; where no other words may
//! lie between, as any of its words, and as any two of them at their distance. So frequencies bound
//! its score before any position is read, and the positions of the two rarest words before any
//! other word is looked up.

use crate::error::Result;

use super::candidates::Probe;
use super::cursor::{Cursor, Span};
use super::places::{Found, Place, PlaceFinder};
use super::window::Window;

/// The words of a phrase in a segment.
pub struct Phrase<'a> {
    /// In the order of the phrase.
    cursors: Vec<Cursor<'a>>,
    /// Where each of them stands.
    places: Vec<PlaceFinder<'a>>,
    /// The positions of the words relative to the first.
    offsets: Vec<u32>,
    slop: u32,
    weight: f32,
    /// The words from the rarest on.
    order: Vec<usize>,
    holding: Holding,
    found: Found,
    points: Vec<u32>,
    /// The positions of each word in one document.
    positions: Vec<Vec<u32>>,
    /// At which positions the phrase can begin in the documents, all in one row.
    starts: Vec<u32>,
    /// Those of them that are left by the next word.
    left: Vec<u32>,
    next_places: Vec<usize>,
}

/// Documents that hold all words looked up so far.
#[derive(Default)]
struct Holding {
    documents: Vec<u32>,
    /// How often the phrase can occur in each at most.
    most: Vec<u32>,
    /// Which of the documents that were asked for each is.
    asked: Vec<u32>,
    /// From where on the beginnings are that are left in each.
    rows: Vec<u32>,
    /// Before where they end.
    row_ends: Vec<u32>,
    /// Of each word that was looked up, where it stands.
    places: Vec<Vec<Place>>,
    kept: Vec<u32>,
}

impl Holding {
    fn clear(&mut self, words: usize) {
        self.documents.clear();
        self.most.clear();
        self.asked.clear();
        self.rows.clear();
        self.row_ends.clear();
        self.places.resize_with(words, Vec::new);
        self.places.iter_mut().for_each(Vec::clear);
    }

    fn push(&mut self, document: u32, asked: u32) {
        self.documents.push(document);
        self.most.push(u32::MAX);
        self.asked.push(asked);
    }

    /// Keeps what `is_kept` says of an index.
    fn retain(&mut self, is_kept: impl Fn(&Self, usize) -> bool) {
        let mut kept = std::mem::take(&mut self.kept);
        kept.clear();
        kept.resize(self.documents.len(), 0);
        let mut count = 0;
        for at in 0..self.documents.len() {
            kept[count] = at as u32;
            count += usize::from(is_kept(self, at));
        }
        kept.truncate(count);
        self.keep(&kept);
        self.kept = kept;
    }

    /// Keeps what stands at these indices, which ascend.
    fn keep(&mut self, kept: &[u32]) {
        if kept.len() < self.documents.len() {
            let Self { documents, most, asked, rows, row_ends, .. } = self;
            for column in [documents, most, asked, rows, row_ends] {
                pick(column, kept);
            }
            self.places.iter_mut().for_each(|column| pick(column, kept));
        }
    }
}

/// Keeps of a column what stands at these indices, which ascend, unless it is empty.
fn pick<T: Copy>(column: &mut Vec<T>, kept: &[u32]) {
    if !column.is_empty() {
        for (to, &from) in kept.iter().enumerate() {
            column[to] = column[from as usize];
        }
        column.truncate(kept.len());
    }
}

/// Which scores matter.
struct Need<'a> {
    /// What a document needs at least; 0 where all scores matter.
    least: u32,
    /// What each document that was asked for has besides.
    so_far: &'a [u32],
}

impl Need<'_> {
    #[inline]
    fn of(&self, asked: u32) -> u32 {
        let so_far = self.so_far.get(asked as usize).copied().unwrap_or_default();
        self.least.saturating_sub(so_far)
    }
}

impl<'a> Phrase<'a> {
    /// Gives a phrase of these words; there is one at least.
    pub fn new(
        cursors: Vec<Cursor<'a>>,
        offsets: Vec<u32>,
        slop: u32,
        weight: f32,
    ) -> Result<Self> {
        let mut order: Vec<usize> = (0..cursors.len()).collect();
        order.sort_by_key(|&at| cursors[at].documents());
        Ok(Self {
            places: cursors.iter().map(Cursor::place_finder).collect::<Result<_>>()?,
            positions: vec![Vec::new(); cursors.len()],
            starts: Vec::new(),
            left: Vec::new(),
            cursors,
            offsets,
            slop,
            weight,
            order,
            next_places: Vec::new(),
            holding: Holding::default(),
            found: Found::default(),
            points: Vec::new(),
        })
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
        let mut holding = std::mem::take(&mut self.holding);
        holding.clear(self.cursors.len());
        holding.push(document, 0);
        self.narrow(0, &mut holding, &Need { least: 0, so_far: &[] })?;
        let frequency = holding.most.first().copied().unwrap_or_default();
        self.holding = holding;
        Ok(frequency)
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
        holding.clear(self.cursors.len());
        let need = Need { least, so_far: &[] };
        self.lead(span, &mut holding, &need)?;
        holding.retain(|holding, at| is_live(holding.documents[at]));
        self.narrow(1, &mut holding, &need)?;
        for (&document, &count) in holding.documents.iter().zip(&holding.most) {
            take(document, self.points_of(document, count));
        }
        self.holding = holding;
        Ok(())
    }

    /// Adds the points of the phrase to these documents, and marks the hits; where even with them
    /// a document has fewer than `least`, it may be left out.
    pub fn probe(&mut self, asked: &mut Probe<'_>, least: u32) -> Result<()> {
        let mut holding = std::mem::take(&mut self.holding);
        holding.clear(self.cursors.len());
        for (place, &document) in (0..).zip(asked.documents) {
            holding.push(document, place);
        }
        self.narrow(0, &mut holding, &Need { least, so_far: asked.points })?;
        let counted = holding.documents.iter().zip(&holding.most);
        for ((&document, &count), &place) in counted.zip(&holding.asked) {
            asked.hit(place as usize, self.points_of(document, count));
        }
        self.holding = holding;
        Ok(())
    }

    /// Puts the documents of a span that hold the rarest word into `holding`.
    fn lead(&mut self, span: Span, holding: &mut Holding, need: &Need<'_>) -> Result<()> {
        let (lead, found) = (self.order[0], &mut self.found);
        let (cursor, is_bound) = (&self.cursors[lead], is_bound(lead, self.slop));
        found.clear();
        let postings = cursor.postings();
        let mut block = postings.block_of(span.start, 0);
        while block < postings.block_count() && postings.first_possible(block) < span.end {
            if !is_bound || cursor.bound_of(block, self.weight) >= need.least {
                self.places[lead].read(block, span, &mut holding.documents, found)?;
            }
            block += 1;
        }
        holding.most.resize(holding.documents.len(), u32::MAX);
        holding.asked.resize(holding.documents.len(), 0);
        self.take_found(lead, holding, need);
        Ok(())
    }

    /// Leaves of the documents those that hold the words from the one of this rank on in order, and
    /// that can score what they need; sets how often they hold the phrase.
    fn narrow(&mut self, from: usize, holding: &mut Holding, need: &Need<'_>) -> Result<()> {
        for rank in from..self.order.len() {
            let (at, weight) = (self.order[rank], self.weight);
            let (cursor, asked) = (&self.cursors[at], &holding.asked);
            let is_free = need.least == 0 || !is_bound(at, self.slop);
            let is_wanted = |block: usize, mut range: std::ops::Range<usize>| {
                let bound = cursor.bound_of(block, weight);
                is_free || range.any(|at| bound >= need.of(asked[at]))
            };
            self.places[at].locate(&holding.documents, is_wanted, &mut self.found)?;
            holding.keep(&self.found.indices);
            self.take_found(at, holding, need);
            if rank > 0 && self.slop == 0 {
                self.meet(rank, holding)?;
                self.drop_low(holding, need);
            }
        }
        match (self.slop, self.order.len()) {
            (0, 1) => self.count_places(holding),
            (0, _) => Ok(()),
            _ => self.count_loose(holding),
        }
    }

    /// Sets where a word stands in the documents, all of which hold it, and leaves of them those
    /// that can score what they need.
    fn take_found(&mut self, at: usize, holding: &mut Holding, need: &Need<'_>) {
        std::mem::swap(&mut holding.places[at], &mut self.found.places);
        if is_bound(at, self.slop) {
            for (most, &frequency) in holding.most.iter_mut().zip(&self.found.frequencies) {
                *most = frequency.min(*most);
            }
            self.drop_low(holding, need);
        }
    }

    /// Leaves of the documents those that can score what they need.
    fn drop_low(&mut self, holding: &mut Holding, need: &Need<'_>) {
        if need.least > 0 {
            let points = &mut self.points;
            points.resize(holding.documents.len(), 0);
            self.cursors[0].score(&holding.documents, &holding.most, self.weight, points);
            holding.retain(|holding, at| points[at] >= need.of(holding.asked[at]));
        }
    }

    /// Leaves of the documents those in which the word of this rank stands where it has to after
    /// one of the beginnings that are left; before the second word those are all of the first.
    fn meet(&mut self, rank: usize, holding: &mut Holding) -> Result<()> {
        let (lead, word) = (self.order[0], self.order[rank]);
        let (before, offset) = (self.offsets[lead], self.offsets[word]);
        let (starts, left) = (&mut self.starts, &mut self.left);
        left.clear();
        if rank == 1 {
            self.places[lead].touch(&holding.places[lead])?;
        }
        self.places[word].touch(&holding.places[word])?;
        holding.rows.resize(holding.documents.len(), 0);
        holding.row_ends.resize(holding.documents.len(), 0);
        for at in 0..holding.documents.len() {
            let (place, begin) = (holding.places[word][at], left.len() as u32);
            if rank > 1 {
                let own = &starts[holding.rows[at] as usize..holding.row_ends[at] as usize];
                self.places[word].keep_followed(place, own, offset, left)?;
            } else if let Some(first) = self.places[lead].only_position(holding.places[lead][at])? {
                let own = first.checked_sub(before);
                self.places[word].keep_followed(place, own.as_slice(), offset, left)?;
            } else {
                self.places[lead].positions(holding.places[lead][at], starts)?;
                let mut last = None;
                starts.retain_mut(|position| {
                    let is_kept = last.replace(*position) != Some(*position) && *position >= before;
                    *position = position.wrapping_sub(before);
                    is_kept
                });
                self.places[word].keep_followed(place, starts, offset, left)?;
            }
            holding.rows[at] = begin;
            holding.row_ends[at] = left.len() as u32;
            holding.most[at] = left.len() as u32 - begin;
        }
        std::mem::swap(starts, left);
        holding.retain(|holding, at| holding.most[at] > 0);
        Ok(())
    }

    /// Sets how often the documents hold a phrase of one word.
    fn count_places(&mut self, holding: &mut Holding) -> Result<()> {
        for (most, &place) in holding.most.iter_mut().zip(&holding.places[0]) {
            self.places[0].positions(place, &mut self.starts)?;
            self.starts.dedup();
            *most = self.starts.len() as u32;
        }
        Ok(())
    }

    /// Leaves of the documents those with the phrase, where other words may lie between.
    fn count_loose(&mut self, holding: &mut Holding) -> Result<()> {
        for at in 0..holding.documents.len() {
            let columns = self.places.iter_mut().zip(&holding.places);
            for ((places, column), positions) in columns.zip(&mut self.positions) {
                places.positions(column[at], positions)?;
            }
            let (positions, offsets) = (&self.positions, &self.offsets);
            holding.most[at] = occurrences(positions, offsets, self.slop, &mut self.next_places);
        }
        holding.retain(|holding, at| holding.most[at] > 0);
        Ok(())
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
