//! Owns the order in which the parts of a segment are looked at for the page by score.
//!
//! Ranges of documents (of one word its blocks) have bounds. Those of the highest bounds come first,
//! so that the page soon has scores that few other ranges can beat; then all others in the order of
//! documents: where clauses are required by the blocks of the rarest, else range by range. A range
//! is left out if its bound is below what its first document would need to get on the page.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::bits::Bits;
use crate::error::Result;
use crate::kernels::Kernels;
use crate::postings::RANGE;
use crate::segment::LiveSegment;

use super::candidates::Candidates;
use super::collect::PageCollector;
use super::cursor::{SPAN, Span};
use super::node::Node;
use super::window::{WINDOW, Window};
use super::{Clock, Collector};

/// How many ranges a group has: as many documents as a span.
const GROUP: usize = SPAN / RANGE;

/// So many ranges are looked at in the order of their bounds, and more until the page is full.
const BEST: usize = 32;

/// Not more than so many: what has few matches does not fill the page.
const MOST: usize = 128;

/// A rarest required word of so few documents is followed at once.
const SHORT_LEAD: u64 = 4096;

/// Fewer documents per range than one in so many are looked up without bounds.
const SPARSE: u64 = 64;

/// What is left when the best ranges were looked at.
enum Visit {
    /// Others may get on the page.
    Rest,
    /// None may.
    Done,
    /// Time is up.
    Over,
}

/// A search for the page in one segment.
pub struct Search<'a, 'p> {
    /// The segment.
    pub live: &'a LiveSegment,
    /// What runs the loops.
    pub kernels: Kernels,
    /// When to stop.
    pub clock: &'a Clock,
    /// Whether ranges are bounded.
    pub has_ranges: bool,
    /// Whether the best come first.
    pub is_best_first: bool,
    /// Whether phrases are followed one after the other.
    pub is_one_by_one: bool,
    /// Whether segments that are small beside the page are evaluated whole.
    pub has_small_whole: bool,
    /// Whether documents of rare words come before these.
    pub is_rare_first: bool,
    /// Documents that were looked at before.
    pub seen: Option<Bits>,
    /// The page.
    pub page: &'p mut PageCollector,
}

impl Search<'_, '_> {
    /// Collects the page from a plan; tells whether time was up.
    pub fn run(&mut self, node: &mut Node<'_>) -> Result<bool> {
        let documents = self.live.segment.documents();
        let ranges = (documents as usize).div_ceil(RANGE);
        if self.has_small_whole && ranges <= self.page.limit() && !node.has_lead() {
            return self.fill(node);
        }
        if self.is_rare_first && self.begin_with_rare(node)? {
            return Ok(false);
        }
        let is_sparse = node.most_documents() * SPARSE < ranges as u64;
        if !self.has_ranges || is_sparse || ranges < 2 {
            node.set_bounds(1)?;
            return self.walk(node);
        }
        if self.is_one_by_one
            && let Some(phrases) = node.phrases_mut()
        {
            return self.follow_each(phrases);
        }
        let mut found = Candidates::default();
        if let Some((cursor, weight)) = node.word() {
            let postings = *cursor.postings();
            let count = postings.block_count();
            let first = |block| postings.first_possible(block);
            let mut bounds: Vec<u32> =
                (0..count).map(|block| cursor.bound_of(block, weight)).collect();
            let mut look = |blocks: Span, search: &mut Self| {
                (blocks.start..blocks.end)
                    .try_for_each(|block| search.look_at_block(node, block, &mut found))
            };
            return match self.visit_best(&mut bounds, first, &mut look)? {
                Visit::Over => Ok(true),
                Visit::Done => Ok(false),
                Visit::Rest => self.visit_rest(&mut bounds, first, look),
            };
        }
        node.set_bounds(ranges)?;
        let has_lead = node.has_lead();
        let has_short_lead = has_lead && node.most_documents() <= SHORT_LEAD;
        let mut bounds = std::mem::take(&mut node.bounds);
        let first = |range| (range * RANGE) as u32;
        let mut look = |ranges: Span, search: &mut Self| {
            let end = (ranges.end * RANGE as u32).min(documents);
            search.look_at(node, Span { start: ranges.start * RANGE as u32, end }, &mut found)
        };
        if !has_short_lead {
            match self.visit_best(&mut bounds, first, &mut look)? {
                Visit::Over => return Ok(true),
                Visit::Done => return Ok(false),
                Visit::Rest => {}
            }
        }
        if !has_lead {
            return self.visit_rest(&mut bounds, first, |ranges, search| {
                let end = (ranges.end * RANGE as u32).min(documents);
                search.look_at(node, Span { start: ranges.start * RANGE as u32, end }, &mut found)
            });
        }
        self.follow_lead(node, &bounds)
    }

    /// Collects all matching documents, window by window: where most ranges have one that gets on
    /// the page, their bounds leave next to nothing out.
    fn fill(&mut self, node: &mut Node<'_>) -> Result<bool> {
        let documents = self.live.segment.documents();
        let mut window = Window::new();
        let mut from = node.next(0)?;
        while from < documents {
            if self.clock.is_over() {
                return Ok(true);
            }
            let base = from & !63;
            window.reset(base);
            node.fill(&mut window)?;
            window.trim(documents);
            if let Some(deleted) = &self.live.deleted {
                window.remove(deleted);
            }
            self.page.collect(&window)?;
            from = node.next(base.saturating_add(WINDOW as u32))?;
        }
        Ok(false)
    }

    /// Looks at the documents of the rarest required clause, by its blocks.
    fn follow_lead(&mut self, node: &mut Node<'_>, bounds: &[u32]) -> Result<bool> {
        let mut found = Candidates::default();
        let mut block = 0;
        while let Some(span) = node.lead_span(block) {
            if self.clock.is_over() {
                return Ok(true);
            }
            let last = (span.end.max(span.start + 1) - 1) as usize / RANGE;
            let within = bounds.get(span.start as usize / RANGE..=last).unwrap_or_default();
            let least = self.page.least_at(span.start);
            if self.kernels.highest(within) >= least.max(1) {
                found.clear();
                node.gather_lead(block, least, bounds, &mut found)?;
                self.take(&found);
            }
            block += 1;
        }
        Ok(false)
    }

    /// Looks at all documents that may match, in order.
    fn walk(&mut self, node: &mut Node<'_>) -> Result<bool> {
        let documents = self.live.segment.documents();
        let mut found = Candidates::default();
        let mut from = node.next(0)?;
        while from < documents {
            if self.clock.is_over() {
                return Ok(true);
            }
            let start = from - from % RANGE as u32;
            let end = start.saturating_add(SPAN as u32).min(documents);
            self.look_at(node, Span { start, end }, &mut found)?;
            from = node.next(end)?;
        }
        Ok(false)
    }

    fn look_at(&mut self, node: &mut Node<'_>, span: Span, found: &mut Candidates) -> Result<()> {
        found.clear();
        let least = self.page.least_at(span.start);
        node.gather(span, least, found)?;
        self.take(found);
        Ok(())
    }

    fn look_at_block(
        &mut self,
        node: &mut Node<'_>,
        block: u32,
        found: &mut Candidates,
    ) -> Result<()> {
        found.clear();
        let first = node.word().map_or(0, |(it, _)| it.postings().first_possible(block as usize));
        let least = self.page.least_at(first);
        node.gather_block(block as usize, least, found)?;
        self.take(found);
        Ok(())
    }

    /// Takes documents to the page, but those that are deleted or were looked at before.
    pub fn take(&mut self, found: &Candidates) {
        for (&document, &points) in found.documents.iter().zip(&found.points) {
            if !self.is_left_out(document) {
                self.page.push(document, points);
            }
        }
        self.page.settle();
    }

    /// Tells whether a document is deleted or was looked at before.
    #[inline]
    pub fn is_left_out(&self, document: u32) -> bool {
        let is_in = |set: Option<&Bits>| set.is_some_and(|set| set.contains(document));
        is_in(self.live.deleted.as_deref()) || is_in(self.seen.as_ref())
    }

    /// Looks at the ranges of the highest bounds, and marks them as done.
    fn visit_best(
        &mut self,
        bounds: &mut [u32],
        first: impl Fn(usize) -> u32,
        look: &mut impl FnMut(Span, &mut Self) -> Result<()>,
    ) -> Result<Visit> {
        if !self.is_best_first {
            return Ok(Visit::Rest);
        }
        let highest = bounds.chunks(GROUP).map(|group| self.kernels.highest(group));
        let mut groups: BinaryHeap<(u32, Reverse<usize>)> =
            highest.zip((0..).map(Reverse)).collect();
        let mut count = 0;
        while let Some((highest, Reverse(group))) = groups.pop() {
            let start = group * GROUP;
            // Groups of the same bound come in order: what comes later needs no less.
            let least = self.page.least_at(first(start));
            if highest < least.max(1) {
                return Ok(Visit::Done);
            }
            if count >= BEST && (least > 0 || count >= MOST) {
                return Ok(Visit::Rest);
            }
            if self.clock.is_over() {
                return Ok(Visit::Over);
            }
            let end = (start + GROUP).min(bounds.len());
            let Some(own) = bounds.get_mut(start..end) else { break };
            let Some(at) = own.iter().position(|&bound| bound == highest) else { break };
            own[at] = 0;
            let rest = self.kernels.highest(own);
            if rest > 0 {
                groups.push((rest, Reverse(group)));
            }
            look(Span { start: (start + at) as u32, end: (start + at) as u32 + 1 }, self)?;
            count += 1;
        }
        Ok(Visit::Done)
    }

    /// Looks at all other ranges whose bounds let them get on the page, in order; tells whether
    /// time was up.
    fn visit_rest(
        &mut self,
        bounds: &mut [u32],
        first: impl Fn(usize) -> u32,
        mut look: impl FnMut(Span, &mut Self) -> Result<()>,
    ) -> Result<bool> {
        for start in (0..bounds.len()).step_by(GROUP) {
            let end = (start + GROUP).min(bounds.len());
            if self.visit_ranges(bounds, start..end, &first, &mut look)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Looks at those of some ranges that may get on the page, neighbours together, and marks them
    /// as done; tells whether time was up.
    fn visit_ranges(
        &mut self,
        bounds: &mut [u32],
        ranges: std::ops::Range<usize>,
        first: &impl Fn(usize) -> u32,
        look: &mut impl FnMut(Span, &mut Self) -> Result<()>,
    ) -> Result<bool> {
        let least = self.page.least_at(first(ranges.start));
        if self.kernels.highest(&bounds[ranges.clone()]) < least.max(1) {
            return Ok(false);
        }
        if self.clock.is_over() {
            return Ok(true);
        }
        let mut at = ranges.start;
        while at < ranges.end {
            let least = self.page.least_at(first(at)).max(1);
            let live = bounds[at..ranges.end].iter().take_while(|&&bound| bound >= least).count();
            if live == 0 {
                at += 1;
                continue;
            }
            bounds[at..at + live].fill(0);
            look(Span { start: at as u32, end: (at + live) as u32 }, self)?;
            at += live;
        }
        Ok(false)
    }
}
