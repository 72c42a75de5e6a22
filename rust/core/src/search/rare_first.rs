//! Owns rows of words some of which are rare: the page is looked for among their documents first.
//!
//! What the rare words give is added up over all their documents, in one pass without bounds: it
//! takes less time than finding out what may be left out. The highest sums bound what the page
//! needs, and only documents that may reach that are looked up in the lists of the other words.
//! Documents without a rare word come last, where the others can reach the page by themselves.

use crate::bits::Bits;
use crate::error::Result;
use crate::postings::RANGE;

use super::best_first::Search;
use super::candidates::Candidates;
use super::collect::PageCollector;
use super::cursor::Span;
use super::node::{Combination, Kind, Node};

/// The documents of rare words, over all of them, are at most one in so many of the segment's: a
/// posting added up takes a third of the time of one that a bound is looked up for.
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
        let documents = self.live.segment.documents();
        let Kind::Combination(row) = &mut node.kind else { return Ok(false) };
        let mut rare = row.take_rare(u64::from(documents) / RARE);
        if rare.is_empty() {
            return Ok(false);
        }
        let span = Span { start: 0, end: documents };
        let mut lists = Vec::with_capacity(rare.len());
        for clause in &mut rare {
            let mut list = Candidates::with_capacity(clause.most_documents() as usize);
            clause.gather(span, 0, &mut list)?;
            lists.push(list);
        }
        let mut bounds = vec![0; (documents as usize).div_ceil(RANGE)];
        for clause in &mut row.optional {
            clause.set_bounds(bounds.len())?;
            self.kernels.add_bounds(&mut bounds, &clause.bounds);
        }
        let (mut found, least) = self.add_up(&lists, self.kernels.highest(&bounds));
        self.look_up(row, &bounds, least, &mut found)?;
        if self.kernels.highest(&bounds) < self.page.least().max(1) {
            return Ok(true);
        }
        let mut seen = Bits::new(documents);
        for list in &lists {
            list.documents.iter().for_each(|&document| {
                seen.insert(document);
            });
        }
        self.seen = Some(seen);
        Ok(false)
    }

    /// Gives the documents of some lists with the sums of their points, in no order, and what a
    /// document needs at least to get on the page; those that do not have it with `rest` added may
    /// be left out.
    fn add_up(&self, lists: &[Candidates], rest: u32) -> (Candidates, u32) {
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
                        best.push(document, sum);
                    }
                }
                best.settle();
                least = least.max(best.least());
            }
        }
        (found, least)
    }

    /// Looks up in the lists of a row those documents that may get on the page, which has them then.
    fn look_up(
        &mut self,
        row: &mut Combination<'_>,
        bounds: &[u32],
        least: u32,
        found: &mut Candidates,
    ) -> Result<()> {
        let span = Span { start: 0, end: self.live.segment.documents() };
        let most = |document: u32, sum: u32| sum.saturating_add(bounds[document as usize / RANGE]);
        let pairs = found.documents.iter().zip(&found.points);
        let mut keys: Vec<(u32, u32, u32)> = pairs
            .map(|(&document, &sum)| (most(document, sum), document, sum))
            .filter(|&(most, ..)| most >= least)
            .collect();
        let mut count = self.page.limit() * FIRST;
        while !keys.is_empty() {
            // Those that may score most come first: they raise what the others need.
            let others = if row.optional.is_empty() { 0 } else { keys.len().saturating_sub(count) };
            if others > 0 {
                keys.select_nth_unstable(others);
            }
            let now = keys.split_off(others);
            let mut pairs: Vec<u64> = now
                .iter()
                .map(|&(_, document, sum)| u64::from(document) << 32 | u64::from(sum))
                .collect();
            pairs.sort_unstable();
            found.clear();
            pairs.iter().for_each(|&pair| found.push((pair >> 32) as u32, pair as u32));
            row.add_optional(span, least.max(self.page.least()), found)?;
            self.take(found);
            let least = self.page.least();
            keys.retain(|&(most, ..)| most >= least);
            count *= FIRST;
        }
        Ok(())
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
                .pop_if(|clause| clause.word().is_some() && clause.most_documents() <= left)
        {
            left -= clause.most_documents();
            rare.push(clause);
        }
        rare
    }
}
