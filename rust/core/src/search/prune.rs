//! Owns the bounds of plans, and what is asked of a plan where only some documents matter.
//!
//! A clause has a bound for each range of 256 documents. Where scores below some number do not
//! matter, [`Node::gather`] finds candidates by the clauses without which a document cannot reach
//! it (Turtle and Flood, *Query Evaluation: Strategies and Optimizations*, 1995), and the other
//! clauses are asked about the candidates only ([`Node::probe`]).

use crate::bits::Bits;
use crate::error::Result;
use crate::postings::RANGE;

use super::candidates::{Candidates, Probe};
use super::cursor::{Cursor, Span};
use super::node::{Combination, Kind, Node};

/// A single word, which is looked at by its blocks.
impl<'a> Node<'a> {
    /// Gives the cursor of the word and a weight that bounds its scores; nothing of other plans.
    pub fn word(&self) -> Option<(&Cursor<'a>, f32)> {
        match &self.kind {
            Kind::Word(cursor, _) => Some((cursor, cursor.weight())),
            Kind::Graded(graded) => Some((graded.term(), graded.joint_weight())),
            _ => None,
        }
    }

    /// Appends the documents of a block of the word that score at least so much.
    pub fn gather_block(&mut self, block: usize, least: u32, out: &mut Candidates) -> Result<()> {
        match &mut self.kind {
            Kind::Word(cursor, _) => cursor.gather_block(block, least, out),
            Kind::Graded(graded) => graded.gather_block(block, Span::ALL, least, out),
            _ => Ok(()),
        }
    }
}

impl Node<'_> {
    /// Finds the bounds of all clauses that score, for so many ranges, or one for all.
    pub fn set_bounds(&mut self, ranges: usize) -> Result<()> {
        self.bounds = match &mut self.kind {
            Kind::Nothing => vec![0; ranges],
            Kind::Everything(points) => vec![(*points).max(1); ranges],
            Kind::Word(cursor, _) => word_bounds(cursor, None, ranges)?,
            Kind::Graded(graded) => {
                let weight = Some(graded.joint_weight());
                word_bounds(graded.term_mut(), weight, ranges)?
            }
            Kind::Phrase(phrase) => {
                let (weight, mut bounds) = (phrase.weight(), vec![u32::MAX; ranges]);
                for (cursor, is_bound) in phrase.words_mut() {
                    let mut own = word_bounds(cursor, Some(weight), ranges)?;
                    if !is_bound {
                        own.iter_mut().filter(|it| **it > 0).for_each(|it| *it = u32::MAX);
                    }
                    cursor.kernels().lower_bounds(&mut bounds, &own);
                }
                bounds
            }
            Kind::Set(set, points) => set_bounds(set, *points, ranges),
            Kind::Forms(forms, points) if forms.is_whole() => {
                set_bounds(forms.set(), *points, ranges)
            }
            Kind::Forms(_, points) => vec![(*points).max(1); ranges],
            Kind::Combination(combination) => combination.bounds(ranges)?,
        };
        Ok(())
    }

    /// Gives what no score in a span exceeds.
    fn bound_within(&self, span: Span) -> u32 {
        match self.bounds.as_slice() {
            [] => u32::MAX,
            [bound] => *bound,
            bounds => {
                let last = (span.end.max(1) - 1) as usize / RANGE;
                let within = bounds.get(span.start as usize / RANGE..=last);
                within.unwrap_or_default().iter().copied().max().unwrap_or_default()
            }
        }
    }

    /// Gives what no score in the range of a document exceeds.
    fn bound_at(&self, document: u32) -> u32 {
        match self.bounds.as_slice() {
            [] => u32::MAX,
            [bound] => *bound,
            bounds => bounds.get(document as usize / RANGE).copied().unwrap_or_default(),
        }
    }

    /// Gives how many documents match at most.
    pub fn most_documents(&self) -> u64 {
        match &self.kind {
            Kind::Nothing => 0,
            Kind::Everything(_) | Kind::Set(..) => u64::from(u32::MAX),
            Kind::Forms(forms, _) => forms.most_documents(),
            Kind::Word(cursor, _) => u64::from(cursor.documents()),
            Kind::Graded(graded) => u64::from(graded.term().documents()),
            Kind::Phrase(phrase) => u64::from(phrase.most_documents()),
            Kind::Combination(combination) => combination.most_documents(),
        }
    }

    /// Appends the matching documents of a span that score at least so much.
    pub fn gather(&mut self, span: Span, least: u32, out: &mut Candidates) -> Result<()> {
        match &mut self.kind {
            Kind::Nothing => {}
            Kind::Everything(points) => (span.start..span.end).for_each(|it| out.push(it, *points)),
            Kind::Word(cursor, _) => cursor.gather(span, least, out)?,
            Kind::Graded(graded) => graded.gather(span, least, out)?,
            Kind::Phrase(phrase) => {
                phrase.gather(span, least, |document, points| out.push(document, points))?;
            }
            Kind::Set(set, points) if *points >= least => gather_set(set, *points, span, out),
            Kind::Forms(forms, points) if *points >= least => {
                forms.read(span)?;
                gather_set(forms.set(), *points, span, out);
            }
            Kind::Set(..) | Kind::Forms(..) => {}
            Kind::Combination(combination) => combination.gather(span, least, out)?,
        }
        Ok(())
    }

    /// Adds the scores of matching documents to what they have, and marks the hits. A document
    /// that would have less than `least` even so may be left as it was, unmarked.
    fn probe(&mut self, span: Span, asked: &mut Probe<'_>, least: u32) -> Result<()> {
        match &mut self.kind {
            Kind::Nothing => {}
            Kind::Everything(points) => {
                (0..asked.documents.len()).for_each(|at| asked.hit(at, *points));
            }
            Kind::Word(cursor, _) => cursor.probe(asked, least)?,
            Kind::Graded(graded) => graded.probe(asked, least)?,
            Kind::Phrase(phrase) => phrase.probe(asked, least)?,
            Kind::Set(set, points) => asked.hit_set(set, *points),
            Kind::Forms(forms, points) => {
                if let (Some(&start), Some(&last)) =
                    (asked.documents.first(), asked.documents.last())
                {
                    forms.read(Span { start, end: last.saturating_add(1) })?;
                }
                asked.hit_set(forms.set(), *points);
            }
            Kind::Combination(combination) => combination.probe(span, asked, least)?,
        }
        Ok(())
    }
}

fn set_bounds(set: &Bits, points: u32, ranges: usize) -> Vec<u32> {
    let points = points.max(1);
    if ranges == 1 {
        return vec![points];
    }
    let ranges = set.words().chunks(RANGE / 64);
    ranges.map(|words| if words.iter().any(|&it| it != 0) { points } else { 0 }).collect()
}

fn gather_set(set: &Bits, points: u32, span: Span, out: &mut Candidates) {
    let mut next = set.next(span.start);
    while let Some(document) = next.filter(|&document| document < span.end) {
        out.push(document, points);
        next = set.next(document + 1);
    }
}

fn word_bounds(cursor: &mut Cursor<'_>, weight: Option<f32>, ranges: usize) -> Result<Vec<u32>> {
    let weight = weight.unwrap_or(cursor.weight());
    if ranges == 1 {
        return Ok(vec![crate::ranking::bound(weight, 1.0, 1.0)]);
    }
    cursor.bounds(weight)
}

/// Optional clauses in the order of their bounds, and what those before each can add.
#[derive(Default)]
pub struct Order {
    /// Bound and index; with bounds ascending.
    clauses: Vec<(u32, usize)>,
    /// What the clauses before each can add together, and all of them.
    before: Vec<u32>,
}

impl Order {
    pub(super) fn set(&mut self, nodes: &[Node<'_>], span: Span) {
        self.clauses.clear();
        let bounds = (0..).zip(nodes).map(|(at, node)| (node.bound_within(span), at));
        self.clauses.extend(bounds.filter(|&(bound, _)| bound > 0));
        self.clauses.sort_unstable();
        self.before.clear();
        let mut sum = 0_u32;
        for &(bound, _) in &self.clauses {
            self.before.push(sum);
            sum = sum.saturating_add(bound);
        }
        self.before.push(sum);
    }

    /// Gives from where on a document must match one of the clauses to reach a score: those before
    /// cannot do so by themselves.
    fn essential(&self, least: u32) -> usize {
        let sums = self.before.get(1..).unwrap_or_default();
        sums.iter().take_while(|&&sum| sum < least).count()
    }

    /// Gives what all clauses can add together.
    fn all(&self) -> u32 {
        self.before.last().copied().unwrap_or_default()
    }
}

impl Combination<'_> {
    fn bounds(&mut self, ranges: usize) -> Result<Vec<u32>> {
        let mut bounds: Option<Vec<u32>> = None;
        let has_required = !self.required.is_empty();
        for node in &mut self.required {
            node.set_bounds(ranges)?;
            match &mut bounds {
                None => bounds = Some(node.bounds.clone()),
                Some(bounds) => self.kernels.meet_bounds(bounds, &node.bounds),
            }
        }
        for node in &mut self.optional {
            node.set_bounds(ranges)?;
            match &mut bounds {
                None => bounds = Some(node.bounds.clone()),
                Some(bounds) if has_required => self.kernels.raise_bounds(bounds, &node.bounds),
                Some(bounds) => self.kernels.add_bounds(bounds, &node.bounds),
            }
        }
        Ok(bounds.unwrap_or_else(|| vec![1; ranges]))
    }

    pub(super) fn most_documents(&self) -> u64 {
        let optional = self.optional.iter().map(Node::most_documents);
        match self.required.iter().map(Node::most_documents).min() {
            Some(least) => least,
            None if self.optional.is_empty() => u64::from(u32::MAX),
            None => optional.sum(),
        }
    }

    fn gather(&mut self, span: Span, least: u32, out: &mut Candidates) -> Result<()> {
        let mut found = std::mem::take(&mut self.found);
        found.clear();
        if self.required.is_empty() && self.optional.is_empty() {
            (span.start..span.end).for_each(|document| found.push(document, 0));
        } else if self.required.is_empty() {
            self.gather_any(span, least, &mut found)?;
        } else {
            self.gather_all(span, least, &mut found)?;
        }
        self.exclude(span, &mut found)?;
        out.append(&found);
        self.found = found;
        Ok(())
    }

    pub(super) fn exclude(&mut self, span: Span, found: &mut Candidates) -> Result<()> {
        for node in &mut self.excluded {
            ask(node, span, found, 0, &mut self.hits)?;
            found.retain(|at, _| !self.hits[at]);
        }
        Ok(())
    }

    fn gather_any(&mut self, span: Span, least: u32, found: &mut Candidates) -> Result<()> {
        self.order.set(&self.optional, span);
        let Order { clauses, before, .. } = &self.order;
        let all = self.order.all();
        if all < least || clauses.is_empty() {
            return Ok(());
        }
        let essential = self.order.essential(least);
        let rest = before[essential];
        if let [(_, only)] = clauses[essential..] {
            self.optional[only].gather(span, least.saturating_sub(rest), found)?;
        } else {
            self.sums.clear();
            self.sums.resize((span.end - span.start) as usize, 0);
            for &(bound, at) in &clauses[essential..] {
                let own = least.saturating_sub(all - bound);
                self.optional[at].add_to(&mut self.sums, span, own, !self.scored)?;
            }
            let floor = least.saturating_sub(rest).max(1);
            let Candidates { documents, points } = found;
            self.kernels.collect(&self.sums, span.start, floor, documents, points);
            if !self.scored {
                points.fill(0);
            }
        }
        let has_bounds = essential + 1 < clauses.len();
        if essential > 0 && span.end - span.start > RANGE as u32 {
            let others = &clauses[..essential];
            let documents = std::mem::take(&mut self.documents);
            let documents = found.copy_documents(documents);
            found.retain(|at, points| {
                let rest = others.iter().fold(points, |sum, &(_, other)| {
                    sum.saturating_add(self.optional[other].bound_at(documents[at]))
                });
                rest >= least
            });
            self.documents = documents;
        }
        self.ask_before(essential, span, least, found)?;
        if has_bounds { self.settle(essential, least, found) } else { Ok(()) }
    }

    /// Makes scores of what bounds those of graded words, which are among the optional clauses
    /// from one in order on.
    fn settle(&mut self, from: usize, least: u32, found: &mut Candidates) -> Result<()> {
        for &(_, at) in &self.order.clauses[from..] {
            if let Kind::Graded(graded) = &mut self.optional[at].kind {
                graded.settle(found)?;
                found.retain(|_, points| points >= least);
            }
        }
        Ok(())
    }

    /// Adds to the points of candidates of a span what the optional clauses give them; those that
    /// do not reach `least` may be dropped.
    pub(super) fn add_optional(
        &mut self,
        span: Span,
        least: u32,
        found: &mut Candidates,
    ) -> Result<()> {
        self.order.set(&self.optional, span);
        self.ask_before(self.order.clauses.len(), span, least, found)
    }

    /// Asks so many of the optional clauses in order about the candidates, from the last to the
    /// first.
    fn ask_before(
        &mut self,
        count: usize,
        span: Span,
        least: u32,
        found: &mut Candidates,
    ) -> Result<()> {
        let Order { clauses, before, .. } = &self.order;
        for (rank, &(_, at)) in clauses[..count].iter().enumerate().rev() {
            let floor = least.saturating_sub(before[rank]);
            ask(&mut self.optional[at], span, found, floor, &mut self.hits)?;
            found.retain(|_, points| points >= floor);
        }
        Ok(())
    }

    fn gather_all(&mut self, span: Span, least: u32, found: &mut Candidates) -> Result<()> {
        self.order.set(&self.optional, span);
        let bounds = self.required.iter().map(|node| node.bound_within(span));
        let rest = bounds.clone().fold(self.order.all(), u32::saturating_add);
        if rest < least || bounds.clone().any(|bound| bound == 0) {
            return Ok(());
        }
        let (lead, rest) = (self.lead(), Rest::of(self, span));
        self.required[lead].gather(span, least.saturating_sub(rest.after(lead)), found)?;
        self.complete(span, least, rest, found)
    }

    /// Asks all clauses but the lead about the candidates.
    pub(super) fn complete(
        &mut self,
        span: Span,
        least: u32,
        mut rest: Rest,
        found: &mut Candidates,
    ) -> Result<()> {
        let lead = self.lead();
        rest.take(lead);
        for index in 0..self.rarity.len() {
            let at = self.rarity[index];
            if at != lead {
                rest.take(at);
                let floor = least.saturating_sub(rest.sum);
                ask(&mut self.required[at], span, found, floor, &mut self.hits)?;
                found.retain(|at, points| self.hits[at] && points >= floor);
            }
        }
        self.order.set(&self.optional, span);
        self.ask_before(self.order.clauses.len(), span, least, found)
    }

    /// Gives the required clause that the fewest documents match.
    pub(super) fn lead(&self) -> usize {
        self.rarity.first().copied().unwrap_or_default()
    }

    fn probe(&mut self, span: Span, asked: &mut Probe<'_>, least: u32) -> Result<()> {
        let mut found = std::mem::take(&mut self.found);
        found.clear();
        found.documents.extend_from_slice(asked.documents);
        found.points.extend_from_slice(asked.points);
        let has_required = !self.required.is_empty();
        let mut is_hit = vec![has_required || self.optional.is_empty(); found.len()];
        self.order.set(&self.optional, span);
        let mut rest = Rest::of(self, span);
        for &at in &self.rarity {
            rest.take(at);
            let floor = least.saturating_sub(rest.sum);
            ask(&mut self.required[at], span, &mut found, floor, &mut self.hits)?;
            is_hit.iter_mut().zip(&self.hits).for_each(|(slot, hit)| *slot &= hit);
        }
        let Order { clauses, before, .. } = &self.order;
        for (rank, &(_, at)) in clauses.iter().enumerate().rev() {
            let floor = least.saturating_sub(before[rank]);
            ask(&mut self.optional[at], span, &mut found, floor, &mut self.hits)?;
            if !has_required {
                is_hit.iter_mut().zip(&self.hits).for_each(|(slot, hit)| *slot |= hit);
            }
        }
        for node in &mut self.excluded {
            ask(node, span, &mut found.clone(), 0, &mut self.hits)?;
            is_hit.iter_mut().zip(&self.hits).for_each(|(slot, hit)| *slot &= !hit);
        }
        for (at, _) in is_hit.iter().enumerate().filter(|(_, hit)| **hit) {
            asked.points[at] = found.points[at];
            asked.hits[at] = true;
        }
        self.found = found;
        Ok(())
    }
}

/// What the clauses that were not yet asked can add together in a span.
pub struct Rest {
    required: Vec<u32>,
    sum: u32,
}

impl Rest {
    /// Gives it for a combination whose optional clauses are in order.
    pub fn of(combination: &Combination<'_>, span: Span) -> Self {
        let bounds = combination.required.iter().map(|node| node.bound_within(span));
        let required: Vec<u32> = bounds.collect();
        let sum = required.iter().fold(combination.order.all(), |a, &b| a.saturating_add(b));
        Self { required, sum }
    }

    /// Gives what it is without a required clause.
    fn after(&self, at: usize) -> u32 {
        // A bound that says nothing leaves a rest that says nothing.
        if self.sum == u32::MAX { self.sum } else { self.sum - self.required[at] }
    }

    fn take(&mut self, at: usize) {
        self.sum = self.after(at);
    }
}

/// Asks a clause about the candidates; `hits` tells which of them it matches.
pub(super) fn ask(
    node: &mut Node<'_>,
    span: Span,
    found: &mut Candidates,
    least: u32,
    hits: &mut Vec<bool>,
) -> Result<()> {
    hits.clear();
    hits.resize(found.len(), false);
    if !found.is_empty() {
        let Candidates { documents, points } = found;
        node.probe(span, &mut Probe { documents, points, hits }, least)?;
    }
    Ok(())
}

/// The lead: the rarest word without which no document matches. Its blocks lead to candidates.
impl<'a> Node<'a> {
    fn lead_cursor(&mut self) -> Option<&mut Cursor<'a>> {
        match &mut self.kind {
            Kind::Word(cursor, _) => Some(cursor),
            Kind::Graded(graded) => Some(graded.term_mut()),
            Kind::Phrase(phrase) => Some(phrase.lead_cursor()),
            Kind::Combination(combination) => {
                let lead = combination.lead();
                combination.required.get_mut(lead)?.lead_cursor()
            }
            _ => None,
        }
    }

    /// Tells whether there is a lead.
    pub fn has_lead(&mut self) -> bool {
        self.lead_cursor().is_some()
    }

    /// Gives which documents a block of the lead may hold; nothing after the last block.
    pub fn lead_span(&mut self, block: usize) -> Option<Span> {
        let postings = self.lead_cursor()?.postings();
        let (start, last) = (postings.first_possible(block), postings.last_document(block));
        (block < postings.block_count()).then_some(Span { start, end: last.saturating_add(1) })
    }

    /// Appends the matching documents of a block of the lead that score at least so much and whose
    /// ranges have such a bound.
    pub fn gather_lead(
        &mut self,
        block: usize,
        least: u32,
        bounds: &[u32],
        out: &mut Candidates,
    ) -> Result<()> {
        let Some(span) = self.lead_span(block) else { return Ok(()) };
        let is_live = |document: u32| {
            bounds.get(document as usize / RANGE).is_none_or(|&bound| bound >= least.max(1))
        };
        match &mut self.kind {
            Kind::Word(cursor, _) => cursor.gather_block(block, least, out),
            Kind::Phrase(phrase) => phrase
                .gather_if(span, least, is_live, |document, points| out.push(document, points)),
            Kind::Combination(combination) => {
                let mut found = std::mem::take(&mut combination.found);
                found.clear();
                combination.gather_lead(span, least, bounds, &mut found)?;
                out.append(&found);
                combination.found = found;
                Ok(())
            }
            _ => self.gather(span, least, out),
        }
    }
}

impl Combination<'_> {
    fn gather_lead(
        &mut self,
        span: Span,
        least: u32,
        bounds: &[u32],
        found: &mut Candidates,
    ) -> Result<()> {
        self.order.set(&self.optional, span);
        let (lead, rest) = (self.lead(), Rest::of(self, span));
        let (node, floor) = (&mut self.required[lead], least.saturating_sub(rest.after(lead)));
        if let Kind::Phrase(phrase) = &mut node.kind {
            let is_live = |document: u32| bounds[document as usize / RANGE] >= least.max(1);
            phrase.gather_if(span, floor, is_live, |document, points| {
                found.push(document, points);
            })?;
        } else {
            node.gather(span, floor, found)?;
        }
        // What the other clauses can add in the range of each document.
        let own = &node.bounds;
        let documents = std::mem::take(&mut self.documents);
        let documents = found.copy_documents(documents);
        found.retain(|at, points| {
            let range = documents[at] as usize / RANGE;
            let (all, own) = (bounds[range], own.get(range).copied().unwrap_or_default());
            all >= least.max(1)
                && (all == u32::MAX || points.saturating_add(all - own.min(all)) >= least)
        });
        self.documents = documents;
        self.complete(span, least, rest, found)?;
        self.exclude(span, found)
    }
}

impl Node<'_> {
    /// Adds the scores of the documents of a span to the sums, of graded words what bounds them,
    /// or where they have no scores 1; those of documents that have less than `least` may be left
    /// out.
    fn add_to(&mut self, sums: &mut [u32], span: Span, least: u32, marks: bool) -> Result<()> {
        let mark = u32::from(marks);
        let place = |document: u32| document.wrapping_sub(span.start) as usize;
        if let Kind::Word(cursor, _) = &mut self.kind {
            let weight = cursor.weight();
            return cursor.for_each_block(span, weight, least, |documents, _, points| {
                for (&document, &points) in documents.iter().zip(points) {
                    if let Some(sum) = sums.get_mut(place(document)) {
                        *sum = sum.wrapping_add(points + mark);
                    }
                }
            });
        }
        if let Kind::Graded(graded) = &mut self.kind {
            return graded.for_each_bound(span, least, |document, bound| {
                if let Some(sum) = sums.get_mut(place(document)) {
                    *sum = sum.wrapping_add(bound);
                }
            });
        }
        let mut found = Candidates::default();
        self.gather(span, least, &mut found)?;
        for (&document, &points) in found.documents.iter().zip(&found.points) {
            if let Some(sum) = sums.get_mut(place(document)) {
                *sum = sum.wrapping_add(points + mark);
            }
        }
        Ok(())
    }
}
