//! Owns the evaluation of a weighed plan over all segments: whole, for the page, for the count.

use crate::error::Result;
use crate::kernels::Kernels;
use crate::snapshot::Snapshot;

use super::best_first::Search;
use super::collect::PageCollector;
use super::counting;
use super::node::{Binding, Node};
use super::weigh::Weighted;
use super::window::{WINDOW, Window};
use super::{Clock, Pruning};

/// A weighed plan and what goes with it.
pub struct Evaluation<'a> {
    /// What is searched.
    pub snapshot: &'a Snapshot,
    /// What is wanted.
    pub plan: &'a Weighted,
    /// Restricts the documents without scoring.
    pub filter: Option<&'a Weighted>,
    /// Whether scores are wanted.
    pub scored: bool,
    /// What runs the loops.
    pub kernels: Kernels,
    /// When to stop.
    pub clock: &'a Clock,
}

impl<'a> Evaluation<'a> {
    /// Gives the evaluation of a plan without scores.
    pub fn unscored(snapshot: &'a Snapshot, plan: &'a Weighted, clock: &'a Clock) -> Self {
        let kernels = Kernels::default();
        Self { snapshot, plan, filter: None, scored: false, kernels, clock }
    }

    fn binding(&self, at: usize, scored: bool, has_bounds: bool) -> Option<Binding<'a>> {
        let (snapshot, kernels, clock) = (self.snapshot, self.kernels, self.clock);
        let segment = &snapshot.segments().get(at)?.segment;
        Some(Binding { snapshot, at, segment, scored, kernels, has_bounds, clock })
    }

    fn bind(&self, at: usize, has_bounds: bool) -> Result<Option<(Node<'a>, Option<Node<'a>>)>> {
        let Some(to) = self.binding(at, self.scored, has_bounds) else { return Ok(None) };
        let node = Node::bind(self.plan, &to)?;
        let unscored = Binding { scored: false, ..to };
        let filter = self.filter.map(|filter| Node::bind(filter, &unscored)).transpose()?;
        Ok(Some((node, filter)))
    }

    /// Collects the page by score; tells whether time was up.
    pub fn find(&self, pruning: Pruning, page: &mut PageCollector) -> Result<bool> {
        let bound = self.plan.bound();
        for (at, live) in self.snapshot.segments().iter().enumerate() {
            page.set_base(self.snapshot.base(at));
            if bound < page.least_at(0) {
                continue;
            }
            let Some((mut node, filter)) = self.bind(at, pruning.blocks)? else { continue };
            if let Some(filter) = filter {
                node = node.restricted(filter, self.kernels);
            }
            if node.is_nothing() {
                continue;
            }
            let mut search = Search {
                live,
                kernels: self.kernels,
                clock: self.clock,
                has_ranges: pruning.ranges,
                is_best_first: pruning.best_first,
                is_one_by_one: pruning.one_by_one,
                has_small_whole: pruning.small_whole,
                is_rare_first: pruning.rare_first,
                seen: None,
                page: &mut *page,
            };
            if search.run(&mut node)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Gives how many documents match, and whether time was up before all were counted.
    pub fn count(&self) -> Result<(u64, bool)> {
        let has_deletes = self.snapshot.segments().iter().any(|live| live.deleted.is_some());
        if let (Weighted::Word { word, .. }, None, false) = (self.plan, self.filter, has_deletes) {
            let counts = word.infos.iter().flatten().map(|info| u64::from(info.documents));
            return Ok((counts.sum(), false));
        }
        let unscored = Evaluation { scored: false, ..*self };
        if let Some(total) = unscored.count_by_flags()? {
            return Ok((total, false));
        }
        let mut total = 0;
        let partial = unscored.for_each_window(|_, window| {
            total += u64::from(window.count());
            Ok(())
        })?;
        Ok((total, partial))
    }

    /// Gives the same where no deadline is set and all clauses can be counted by flags.
    fn count_by_flags(&self) -> Result<Option<u64>> {
        let mut total = 0;
        for (at, live) in self.snapshot.segments().iter().enumerate() {
            let Some((mut node, filter)) = self.bind(at, false)? else { continue };
            if let Some(filter) = filter {
                node = node.restricted(filter, self.kernels);
            }
            if node.is_nothing() {
                continue;
            }
            let (documents, deleted) = (live.segment.documents(), live.deleted.as_deref());
            match counting::count(&mut node, documents, deleted, self.kernels)? {
                Some(count) if !self.clock.is_set() => total += count,
                _ => return Ok(None),
            }
        }
        Ok(Some(total))
    }

    /// Calls `take` with each window that has live matching documents; tells whether time was up.
    pub fn for_each_window(
        &self,
        mut take: impl FnMut(usize, &Window) -> Result<()>,
    ) -> Result<bool> {
        let (mut window, mut allowed) = (Window::new(), self.filter.map(|_| Window::new()));
        for (at, live) in self.snapshot.segments().iter().enumerate() {
            let Some((mut node, mut filter)) = self.bind(at, false)? else { continue };
            let mut from = 0;
            while from < live.segment.documents() {
                if self.clock.is_over() {
                    return Ok(true);
                }
                let mut first = node.next(from)?;
                if let Some(filter) = &mut filter {
                    first = filter.next(first)?;
                }
                if first >= live.segment.documents() {
                    break;
                }
                let base = first & !63;
                window.reset(base);
                node.fill(&mut window)?;
                if let Some((filter, allowed)) = filter.as_mut().zip(allowed.as_mut()) {
                    allowed.reset(base);
                    filter.fill(allowed)?;
                    window.restrict(allowed);
                }
                window.trim(live.segment.documents());
                if let Some(deleted) = &live.deleted {
                    window.remove(deleted);
                }
                if !window.is_empty() {
                    take(at, &window)?;
                }
                from = base.saturating_add(WINDOW as u32);
            }
        }
        Ok(false)
    }
}
