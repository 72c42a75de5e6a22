//! Owns the evaluation of any plan in one segment, a window at a time.

use crate::bits::Bits;
use crate::error::Result;
use crate::segment::{Segment, Words};
use crate::snapshot::Snapshot;

use super::column_of;
use super::cursor::{Cursor, END};
use super::phrase::Phrase;
use super::plan::Wanted;
use super::weigh::Weighted;
use super::window::Window;

/// What a plan is bound to.
pub struct Binding<'a> {
    /// Where statistics come from.
    pub snapshot: &'a Snapshot,
    /// Where documents come from.
    pub segment: &'a Segment,
    /// Whether scores are wanted.
    pub scored: bool,
}

/// A plan in a segment.
pub enum Node<'a> {
    /// No document.
    Nothing,
    /// Every document, with these points.
    Everything(u32),
    /// The documents of a word.
    Word(Box<Cursor<'a>>, bool),
    /// The documents of a phrase.
    Phrase(Box<Phrase<'a>>),
    /// These documents, with these points.
    Set(Bits, u32),
    /// The documents of clauses.
    Combination(Box<Combination<'a>>),
}

/// Clauses in a segment.
pub struct Combination<'a> {
    required: Vec<Node<'a>>,
    optional: Vec<Node<'a>>,
    excluded: Vec<Node<'a>>,
    scored: bool,
    scratch: Window,
}

impl<'a> Node<'a> {
    /// Binds a plan to a segment.
    pub fn bind(plan: &Weighted, to: &Binding<'a>) -> Result<Self> {
        match plan {
            Weighted::None => Ok(Self::Nothing),
            Weighted::All { weight } => Ok(Self::Everything(constant(*weight))),
            Weighted::Word { wanted, weight } => {
                let cursor = open(wanted, *weight, to)?;
                Ok(cursor.map_or(Self::Nothing, |cursor| Self::Word(Box::new(cursor), to.scored)))
            }
            Weighted::Phrase { field, words, keys, slop, weight } => {
                bind_phrase(*field, *words, keys, *slop, *weight, to)
            }
            Weighted::AnyForm { field, keys, weight } => {
                let mut set = Bits::new(to.segment.documents());
                for key in keys {
                    let wanted = Wanted { field: *field, words: Words::Forms, key: key.clone() };
                    let Some(mut cursor) = open(&wanted, 0.0, to)? else { continue };
                    for block in 0..cursor.postings().block_count() {
                        cursor.load(block)?;
                        cursor.block().documents().iter().for_each(|&document| {
                            set.insert(document);
                        });
                    }
                }
                Ok(Self::Set(set, constant(*weight)))
            }
            Weighted::Range { field, low, high, weight } => {
                let of = column_of(to.snapshot, *field)?;
                let column = to.segment.column(*field, of)?;
                let low = low.as_ref().map(|(value, included)| (value, *included));
                let high = high.as_ref().map(|(value, included)| (value, *included));
                let ordinals = column.ordinals_between(low, high);
                let mut set = Bits::new(to.segment.documents());
                column.select(ordinals, to.segment.documents(), &mut set);
                Ok(Self::Set(set, constant(*weight)))
            }
            Weighted::Combination { required, optional, excluded } => {
                Combination::bind(required, optional, excluded, to)
            }
        }
    }

    /// Gives a number below which, from `from` on, no document matches.
    pub fn next(&mut self, from: u32) -> Result<u32> {
        match self {
            Self::Nothing => Ok(END),
            Self::Everything(_) => Ok(from),
            Self::Word(cursor, _) => cursor.seek(from),
            Self::Phrase(phrase) => phrase.next(from),
            Self::Set(set, _) => Ok(set.next(from).unwrap_or(END)),
            Self::Combination(combination) => combination.next(from),
        }
    }

    /// Adds the matching documents to an empty window, which lies at or after those before.
    pub fn fill(&mut self, window: &mut Window) -> Result<()> {
        if self.fill_unmarked(window)? {
            window.mark_scored();
        }
        Ok(())
    }

    /// The same, but some documents that have a score may be left unmarked; tells whether.
    fn fill_unmarked(&mut self, window: &mut Window) -> Result<bool> {
        match self {
            Self::Nothing => {}
            Self::Everything(points) => window.add_all(*points),
            Self::Word(cursor, scored) => return cursor.fill(window, *scored),
            Self::Phrase(phrase) => phrase.fill(window)?,
            Self::Set(set, points) => window.add_set(set, *points),
            Self::Combination(combination) => combination.fill(window)?,
        }
        Ok(false)
    }

    /// Tells whether `fill` may add to a window that is not empty.
    fn adds(&self) -> bool {
        !matches!(self, Self::Combination(_))
    }

    fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }
}

fn constant(weight: f32) -> u32 {
    crate::ranking::points(weight, 1.0)
}

fn open<'a>(wanted: &Wanted, weight: f32, to: &Binding<'a>) -> Result<Option<Cursor<'a>>> {
    Cursor::open(to.segment, wanted, weight, to.snapshot.saturation(wanted.field))
}

fn bind_phrase<'a>(
    field: usize,
    words: Words,
    keys: &[(u32, Vec<u8>)],
    slop: u32,
    weight: f32,
    to: &Binding<'a>,
) -> Result<Node<'a>> {
    let mut cursors = Vec::new();
    for (_, key) in keys {
        let wanted = Wanted { field, words, key: key.clone() };
        let Some(cursor) = open(&wanted, weight, to)? else { return Ok(Node::Nothing) };
        cursors.push(cursor);
    }
    if cursors.is_empty() {
        return Ok(Node::Nothing);
    }
    let offsets = keys.iter().map(|(offset, _)| *offset).collect();
    Ok(Node::Phrase(Box::new(Phrase::new(cursors, offsets, slop))))
}

impl<'a> Combination<'a> {
    fn bind(
        required: &[Weighted],
        optional: &[Weighted],
        excluded: &[Weighted],
        to: &Binding<'a>,
    ) -> Result<Node<'a>> {
        let bind = |clauses: &[Weighted], scored| -> Result<Vec<Node<'a>>> {
            let to = Binding { scored, ..*to };
            clauses.iter().map(|clause| Node::bind(clause, &to)).collect()
        };
        let is_any = required.is_empty() && !optional.is_empty();
        let required = bind(required, to.scored)?;
        let mut optional =
            if is_any || to.scored { bind(optional, to.scored)? } else { Vec::new() };
        let mut excluded = bind(excluded, false)?;
        optional.retain(|node| !node.is_nothing());
        excluded.retain(|node| !node.is_nothing());
        if required.iter().any(Node::is_nothing) || (is_any && optional.is_empty()) {
            return Ok(Node::Nothing);
        }
        let (scored, scratch) = (to.scored, Window::new());
        Ok(Node::Combination(Box::new(Self { required, optional, excluded, scored, scratch })))
    }

    fn next(&mut self, from: u32) -> Result<u32> {
        if self.required.is_empty() {
            let mut least = if self.optional.is_empty() { from } else { END };
            for clause in &mut self.optional {
                least = least.min(clause.next(from)?);
            }
            return Ok(least);
        }
        let mut document = from;
        loop {
            let before = document;
            for clause in &mut self.required {
                document = clause.next(document)?;
                if document == END {
                    return Ok(END);
                }
            }
            if document == before {
                return Ok(document);
            }
        }
    }

    fn fill(&mut self, window: &mut Window) -> Result<()> {
        let scratch = &mut self.scratch;
        if let Some((first, others)) = self.required.split_first_mut() {
            first.fill(window)?;
            for clause in others {
                scratch.reset(window.base());
                clause.fill(scratch)?;
                window.intersect(scratch, self.scored);
            }
            for clause in &mut self.optional {
                scratch.reset(window.base());
                clause.fill(scratch)?;
                window.add_scores(scratch);
            }
        } else if self.optional.is_empty() {
            window.add_all(0);
        }
        if self.required.is_empty() {
            let mut is_unmarked = false;
            for clause in &mut self.optional {
                if clause.adds() {
                    is_unmarked |= clause.fill_unmarked(window)?;
                } else {
                    scratch.reset(window.base());
                    clause.fill(scratch)?;
                    window.unite(scratch, self.scored);
                }
            }
            if is_unmarked {
                window.mark_scored();
            }
        }
        for clause in &mut self.excluded {
            scratch.reset(window.base());
            clause.fill(scratch)?;
            window.subtract(scratch);
        }
        if self.scored {
            window.settle();
        }
        Ok(())
    }
}
