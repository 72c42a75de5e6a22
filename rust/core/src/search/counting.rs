//! Owns counts without a look at scores: each clause leaves a flag at its documents.
//!
//! A byte for each document of the segment stays in the nearer caches, and setting one waits for
//! no other, as bits of one word do. Where a required clause has few documents, the others are asked
//! about these instead.

use crate::bits::Bits;
use crate::error::Result;
use crate::kernels::Kernels;

use super::candidates::Candidates;
use super::cursor::Span;
use super::node::{Combination, Kind, Node};

/// Looking a document up takes as long as flagging so many.
const LOOK_UP: u64 = 24;

/// As many clauses as a byte has flags.
const MOST_CLAUSES: usize = 8;

/// What an excluded clause leaves.
const EXCLUDED: u8 = 1 << (MOST_CLAUSES - 1);

/// Gives how many live documents of a segment match a plan without scores; nothing if it has parts
/// that are to be evaluated window by window.
pub fn count(
    node: &mut Node<'_>,
    documents: u32,
    deleted: Option<&Bits>,
    kernels: Kernels,
) -> Result<Option<u64>> {
    if !is_countable(node) {
        return Ok(None);
    }
    let mut flags = Vec::new();
    match (&mut node.kind, deleted) {
        (Kind::Word(cursor, _), None) => return Ok(Some(u64::from(cursor.documents()))),
        (Kind::Combination(all), _) if all.has_short_lead() => {
            let found = all.follow_lead(Span { start: 0, end: documents })?;
            let is_live = |&&document: &&u32| deleted.is_none_or(|it| !it.contains(document));
            return Ok(Some(found.documents.iter().filter(is_live).count() as u64));
        }
        (Kind::Combination(row), None) if row.has_only_leaves() => {
            flags.resize(documents as usize, 0);
            return row.count_any(&mut flags, kernels).map(Some);
        }
        _ => flags.resize(documents as usize, 0),
    }
    let wanted = match &mut node.kind {
        Kind::Combination(all) => all.flag_clauses(&mut flags)?,
        _ => node.flag(&mut flags, 1)?,
    };
    for document in deleted.into_iter().flat_map(Bits::iter) {
        if let Some(flags) = flags.get_mut(document as usize) {
            *flags = 0;
        }
    }
    Ok(Some(kernels.count_bytes(&flags, wanted)))
}

/// Tells whether a plan is a word, a pattern, a row of them, or requires and excludes such.
fn is_countable(node: &Node<'_>) -> bool {
    match &node.kind {
        Kind::Combination(all) if !all.required.is_empty() || !all.excluded.is_empty() => {
            let mut clauses = all.required.iter().chain(&all.excluded);
            let has_any = !all.required.is_empty() || !all.optional.is_empty();
            has_any
                && all.required.len() < MOST_CLAUSES
                && clauses.all(Node::is_row)
                && all.optional.iter().all(Node::is_row)
        }
        _ => node.is_row(),
    }
}

impl Node<'_> {
    /// Tells whether it is a word, a pattern, or a row of them.
    fn is_row(&self) -> bool {
        match &self.kind {
            Kind::Word(..) | Kind::Forms(..) => true,
            Kind::Combination(row) => {
                row.required.is_empty()
                    && row.excluded.is_empty()
                    && !row.optional.is_empty()
                    && row.optional.iter().all(Self::is_row)
            }
            _ => false,
        }
    }

    /// Calls `take` with the documents of a row, some at a time, those of one clause ascending.
    fn for_each_of_row(&mut self, take: &mut dyn FnMut(&[u32])) -> Result<()> {
        match &mut self.kind {
            Kind::Word(cursor, _) => {
                for block in 0..cursor.postings().block_count() {
                    cursor.load(block)?;
                    take(cursor.block().documents());
                }
            }
            Kind::Forms(forms, _) => {
                forms.read(Span::ALL)?;
                take(&forms.set().iter().collect::<Vec<_>>());
            }
            Kind::Combination(row) => {
                row.optional.iter_mut().try_for_each(|clause| clause.for_each_of_row(take))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Leaves a flag at the documents of a row, and gives it.
    fn flag(&mut self, flags: &mut [u8], flag: u8) -> Result<u8> {
        self.for_each_of_row(&mut |documents| {
            for &document in documents {
                if let Some(flags) = flags.get_mut(document as usize) {
                    *flags |= flag;
                }
            }
        })?;
        Ok(flag)
    }
}

impl Combination<'_> {
    /// Tells whether it is a row of words and patterns, none of which gives a document twice.
    fn has_only_leaves(&self) -> bool {
        let is_leaf = |node: &Node<'_>| matches!(node.kind, Kind::Word(..) | Kind::Forms(..));
        self.required.is_empty() && self.excluded.is_empty() && self.optional.iter().all(is_leaf)
    }

    /// Tells whether looking the documents of the rarest required clause up takes less time than
    /// reading those of all others.
    fn has_short_lead(&self) -> bool {
        let sizes = self.required.iter().map(Node::most_documents);
        let (all, least) = (sizes.clone().sum::<u64>(), sizes.min().unwrap_or_default());
        let others = self.required.len().saturating_sub(1) as u64;
        others > 0 && least * LOOK_UP * others < all - least
    }

    /// Gives the documents of the rarest required clause that match.
    fn follow_lead(&mut self, span: Span) -> Result<Candidates> {
        let (lead, mut found) = (self.lead(), Candidates::default());
        let documents = &mut found.documents;
        self.required[lead].for_each_of_row(&mut |own| documents.extend_from_slice(own))?;
        documents.sort();
        documents.dedup();
        found.points.resize(found.documents.len(), 0);
        self.complete_lead(span, 0, &mut found)?;
        Ok(found)
    }

    /// Gives how many documents match any clause of a row: the first has the most documents, of
    /// which those count that no other has.
    fn count_any(&mut self, flags: &mut [u8], kernels: Kernels) -> Result<u64> {
        let Some((first, others)) = self.optional.split_first_mut() else { return Ok(0) };
        for clause in others {
            clause.flag(flags, 1)?;
        }
        let mut count = kernels.count_bytes(flags, 1);
        first.for_each_of_row(&mut |documents| {
            let is_new = |&document: &u32| flags.get(document as usize) == Some(&0);
            count += documents.iter().map(|it| u64::from(is_new(it))).sum::<u64>();
        })?;
        Ok(count)
    }

    /// Leaves flags at the documents of all clauses; gives those of a match.
    fn flag_clauses(&mut self, flags: &mut [u8]) -> Result<u8> {
        let mut wanted = 0;
        for (at, clause) in self.required.iter_mut().enumerate() {
            wanted |= clause.flag(flags, 1 << at)?;
        }
        if self.required.is_empty() {
            for clause in &mut self.optional {
                wanted = clause.flag(flags, 1)?;
            }
        }
        for clause in &mut self.excluded {
            clause.flag(flags, EXCLUDED)?;
        }
        Ok(wanted)
    }
}
