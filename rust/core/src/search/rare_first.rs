//! Owns rows of words some of which are rare: the page is looked for among their documents first.
//!
//! What the rare words give is added up over all their documents, in one pass without bounds: it
//! takes less time than finding out what may be left out. The highest sums bound what the page
//! needs, and only documents that may reach that are looked up in the lists of the other words.
//! Documents without a rare word come last, where the others can reach the page by themselves: never
//! where a rare word is required.

use crate::bits::Bits;
use crate::error::Result;
use crate::postings::RANGE;

use super::best_first::Search;
use super::candidates::Candidates;
use super::collect::PageCollector;
use super::cursor::Span;
use super::node::{Combination, Kind, Node};
use super::prune::Rest;

/// The documents of rare words, over all of them, are at most one in so many of the segment's. With
/// 40 searches took longer on 500,000 documents.
const RARE: u64 = 16;

/// How many documents' sums are kept at once: they stay in the nearer caches.
const WINDOW: usize = 1 << 14;

/// As many documents as the page has, times this, are looked up first, to raise what it needs; then
/// so many times as many, and so on.
const FIRST: usize = 4;

impl Search<'_, '_> {
    /// Collects what documents with a rare word bring to the page, and takes the rare clauses out
    /// of the node; tells whether there is nothing left to be looked at.
    pub fn begin_with_rare(&mut self, node: &mut Node<'_>) -> Result<bool> {
        let most = u64::from(self.live.segment.documents()) / RARE;
        match &mut node.kind {
            Kind::Combination(all) if !all.required.is_empty() => self.follow_rare(all, most),
            Kind::Combination(row) if row.excluded.is_empty() => self.begin_row(row, most),
            _ => Ok(false),
        }
    }

    fn begin_row(&mut self, row: &mut Combination<'_>, most: u64) -> Result<bool> {
        let lists = self.lists_of(&mut row.take_rare(most))?;
        if lists.is_empty() {
            return Ok(false);
        }
        let mut bounds = vec![0; self.ranges()];
        for clause in &mut row.optional {
            clause.set_bounds(bounds.len())?;
            self.kernels.add_bounds(&mut bounds, &clause.bounds);
        }
        let (mut found, least) = self.add_up(&lists, self.kernels.highest(&bounds), true);
        let most = |document: u32, sum: u32| sum.saturating_add(bounds[document as usize / RANGE]);
        self.look_up(&mut found, least, most, |span, least, found| {
            row.add_optional(span, least, found)
        })?;
        if self.kernels.highest(&bounds) < self.page.least().max(1) {
            return Ok(true);
        }
        let mut seen = Bits::new(self.live.segment.documents());
        for list in &lists {
            list.documents.iter().for_each(|&document| {
                seen.insert(document);
            });
        }
        self.seen = Some(seen);
        Ok(false)
    }

    /// Where clauses are required, all documents that match hold the rarest of these: there is
    /// nothing left.
    fn follow_rare(&mut self, all: &mut Combination<'_>, most: u64) -> Result<bool> {
        let lead = all.lead();
        let Some(words) = all.required.get_mut(lead).and_then(|node| node.words_mut(most)) else {
            return Ok(false);
        };
        let lists = self.lists_of(words)?;
        let bounds = all.bounds_beside(lead, self.ranges())?;
        let (mut found, _) = self.add_up(&lists, self.kernels.highest(&bounds), false);
        let most = |document: u32, sum: u32| match bounds[document as usize / RANGE] {
            0 => 0,
            bound => bound.saturating_add(sum),
        };
        self.look_up(&mut found, 1, most, |span, least, found| {
            all.complete_lead(span, least, found)
        })?;
        Ok(true)
    }

    fn ranges(&self) -> usize {
        (self.live.segment.documents() as usize).div_ceil(RANGE)
    }

    fn span(&self) -> Span {
        Span { start: 0, end: self.live.segment.documents() }
    }

    /// Gives all documents of each of some words, and what they score.
    fn lists_of(&self, words: &mut [Node<'_>]) -> Result<Vec<Candidates>> {
        let list = |word: &mut Node<'_>| {
            let mut list = Candidates::with_capacity(word.most_documents() as usize);
            word.gather(self.span(), 0, &mut list)?;
            Ok(list)
        };
        words.iter_mut().map(list).collect()
    }

    /// Gives the documents of some lists with the sums of their points, in no order, and what a
    /// document needs at least to get on the page; those that do not have it with `rest` added may
    /// be left out. The sums tell what is needed where `all_match`.
    fn add_up(&self, lists: &[Candidates], rest: u32, all_match: bool) -> (Candidates, u32) {
        let documents = self.live.segment.documents();
        let mut best = PageCollector::new(self.page.limit(), None);
        let mut least = self.page.least();
        let (mut found, mut sums) = (Candidates::default(), vec![0_u32; WINDOW]);
        let mut starts = vec![0; lists.len()];
        let place = |document: u32| document as usize % WINDOW;
        for end in (1..=documents.div_ceil(WINDOW as u32)).map(|at| at * WINDOW as u32) {
            let parts: Vec<(&[u32], &[u32])> = lists
                .iter()
                .zip(&mut starts)
                .map(|(list, start)| {
                    let (documents, points) = (&list.documents[*start..], &list.points[*start..]);
                    let count = documents.partition_point(|&document| document < end);
                    *start += count;
                    (&documents[..count], &points[..count])
                })
                .collect();
            for (documents, points) in &parts {
                for (&document, &points) in documents.iter().zip(*points) {
                    sums[place(document)] += points;
                }
            }
            for (documents, _) in &parts {
                let floor = least.saturating_sub(rest).max(1);
                for &document in *documents {
                    let sum = std::mem::take(&mut sums[place(document)]);
                    if sum >= floor && !self.is_left_out(document) {
                        found.push(document, sum);
                        if all_match {
                            best.push(document, sum);
                        }
                    }
                }
                best.settle();
                least = least.max(best.least());
            }
        }
        (found, least)
    }

    /// Brings those documents to the page that may get there: `most` bounds the score of one with
    /// such a sum, `complete` adds to the sums what is missing, of those that reach a score.
    fn look_up(
        &mut self,
        found: &mut Candidates,
        least: u32,
        most: impl Fn(u32, u32) -> u32,
        mut complete: impl FnMut(Span, u32, &mut Candidates) -> Result<()>,
    ) -> Result<()> {
        let pairs = found.documents.iter().zip(&found.points);
        let mut keys: Vec<(u32, u32, u32)> = pairs
            .map(|(&document, &sum)| (most(document, sum), document, sum))
            .filter(|&(most, ..)| most >= least)
            .collect();
        let mut count = self.page.limit() * FIRST;
        while !keys.is_empty() {
            // Those that may score most come first: they raise what the others need.
            let others = keys.len().saturating_sub(count);
            if others > 0 {
                keys.select_nth_unstable(others);
            }
            let now = keys.drain(others..);
            let mut pairs: Vec<u64> =
                now.map(|(_, document, sum)| u64::from(document) << 32 | u64::from(sum)).collect();
            pairs.sort_unstable();
            found.clear();
            pairs.iter().for_each(|&pair| found.push((pair >> 32) as u32, pair as u32));
            complete(self.span(), least.max(self.page.least()), found)?;
            self.take(found);
            let least = self.page.least();
            keys.retain(|&(most, ..)| most >= least);
            count *= FIRST;
        }
        Ok(())
    }
}

impl<'a> Node<'a> {
    /// Tells whether it is a word whose documents all have points.
    fn is_scored_word(&self) -> bool {
        match &self.kind {
            Kind::Word(cursor, _) => cursor.weight() > 0.0,
            Kind::Graded(graded) => graded.term().weight() > 0.0,
            _ => false,
        }
    }

    /// Gives the words any of which match where the node does, if they have at most so many
    /// documents together; nothing if it is more than a row of words.
    fn words_mut(&mut self, most: u64) -> Option<&mut [Self]> {
        if self.most_documents() > most {
            return None;
        }
        if self.is_scored_word() {
            return Some(std::slice::from_mut(self));
        }
        match &mut self.kind {
            Kind::Combination(row)
                if row.required.is_empty()
                    && row.excluded.is_empty()
                    && !row.optional.is_empty()
                    && row.optional.iter().all(Self::is_scored_word) =>
            {
                Some(&mut row.optional)
            }
            _ => None,
        }
    }
}

impl<'a> Combination<'a> {
    /// Takes the rarest words out of a row, which have at most so many documents together.
    fn take_rare(&mut self, most: u64) -> Vec<Node<'a>> {
        let mut rare = Vec::new();
        let mut left = most;
        // They are sorted, the rarest last.
        while self.required.is_empty()
            && self.excluded.is_empty()
            && let Some(clause) = self
                .optional
                .pop_if(|clause| clause.is_scored_word() && clause.most_documents() <= left)
        {
            left -= clause.most_documents();
            rare.push(clause);
        }
        rare
    }

    /// Gives what all clauses but a required one can add in each range: 0 where they do not match.
    fn bounds_beside(&mut self, lead: usize, ranges: usize) -> Result<Vec<u32>> {
        // A clause that asks for nothing, and gives what is too little to matter.
        let mut bounds = vec![1; ranges];
        for (_, clause) in self.required.iter_mut().enumerate().filter(|(at, _)| *at != lead) {
            clause.set_bounds(ranges)?;
            self.kernels.meet_bounds(&mut bounds, &clause.bounds);
        }
        for clause in &mut self.optional {
            clause.set_bounds(ranges)?;
            self.kernels.raise_bounds(&mut bounds, &clause.bounds);
        }
        // What the lead gives is known of each document.
        self.required[lead].bounds = vec![0];
        Ok(bounds)
    }

    /// Adds to the points of candidates that the lead gave what the other clauses give them; drops
    /// those that do not match, and maybe those that do not reach `least`.
    pub(super) fn complete_lead(
        &mut self,
        span: Span,
        least: u32,
        found: &mut Candidates,
    ) -> Result<()> {
        self.order.set(&self.optional, span);
        let rest = Rest::of(self, span);
        self.complete(span, least, rest, found)?;
        self.exclude(span, found)
    }
}
