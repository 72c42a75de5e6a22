//! Owns the page of phrases any of which may match: one phrase after the other.
//!
//! Bounds of phrases say little: most ranges hold the words, few documents the phrase. A document
//! might thus always get what it lacks from another phrase, until that one's own documents are
//! known. So the phrase that can score most is followed to the end first; where a document has it,
//! the others are asked. From then on documents have what they need from the other phrases alone.

use crate::error::Result;
use crate::postings::RANGE;
use crate::ranking::bound;

use super::best_first::Search;
use super::candidates::Candidates;
use super::node::{Kind, Node};
use super::prune::ask;

impl Node<'_> {
    /// Gives the phrases, if the plan is one or several of which any may match.
    pub fn phrases_mut(&mut self) -> Option<&mut [Self]> {
        if matches!(self.kind, Kind::Phrase(_)) {
            return Some(std::slice::from_mut(self));
        }
        let Kind::Combination(combination) = &mut self.kind else { return None };
        let is_any = combination.required.is_empty() && combination.excluded.is_empty();
        let phrases = &mut combination.optional;
        let are_phrases = phrases.iter().all(|node| matches!(node.kind, Kind::Phrase(_)));
        (is_any && are_phrases && !phrases.is_empty()).then_some(phrases)
    }

    /// Gives what a phrase cannot score more than.
    fn phrase_bound(&self) -> u32 {
        match &self.kind {
            Kind::Phrase(phrase) => bound(phrase.weight(), 1.0, 1.0),
            _ => u32::MAX,
        }
    }
}

impl Search<'_, '_> {
    /// Collects the page from phrases; tells whether time was up.
    pub fn follow_each(&mut self, phrases: &mut [Node<'_>]) -> Result<bool> {
        phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.phrase_bound()));
        let ranges = (self.live.segment.documents() as usize).div_ceil(RANGE);
        let mut seen = Vec::new();
        for turn in 0..phrases.len() {
            let Some((phrase, others)) = phrases.get_mut(turn..).and_then(<[_]>::split_first_mut)
            else {
                break;
            };
            if self.follow(phrase, others, ranges, &mut seen)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Looks at the documents of a phrase that were not seen, and asks the others about them.
    ///
    /// Documents that could not get on the page with all phrases cannot get there with those that
    /// are left: only the ones that were taken need to be known.
    fn follow(
        &mut self,
        phrase: &mut Node<'_>,
        others: &mut [Node<'_>],
        ranges: usize,
        seen: &mut Vec<u32>,
    ) -> Result<bool> {
        let rest = others.iter().map(Node::phrase_bound).fold(0, u32::saturating_add);
        if phrase.phrase_bound().saturating_add(rest) < self.page.least() {
            return Ok(false);
        }
        phrase.set_bounds(ranges)?;
        let bounds = std::mem::take(&mut phrase.bounds);
        let (mut found, mut hits, before) = (Candidates::default(), Vec::new(), seen.len());
        let mut block = 0;
        while let Some(span) = phrase.lead_span(block) {
            if self.clock.is_over() {
                return Ok(true);
            }
            let least = self.page.least_at(span.start);
            let own = least.saturating_sub(rest);
            let last = (span.end.max(span.start + 1) - 1) as usize / RANGE;
            let within = bounds.get(span.start as usize / RANGE..=last).unwrap_or_default();
            if self.kernels.highest(within) >= own.max(1) {
                found.clear();
                phrase.gather_lead(block, own, &bounds, &mut found)?;
                if before > 0 {
                    let documents = found.documents.clone();
                    found.retain(|at, _| seen[..before].binary_search(&documents[at]).is_err());
                }
                if !others.is_empty() {
                    seen.extend_from_slice(&found.documents);
                }
                let mut later = rest;
                for other in &mut *others {
                    later = later.saturating_sub(other.phrase_bound());
                    let floor = least.saturating_sub(later);
                    ask(other, span, &mut found, floor, &mut hits)?;
                }
                self.take(&found);
            }
            block += 1;
        }
        seen.sort_unstable();
        Ok(false)
    }
}
