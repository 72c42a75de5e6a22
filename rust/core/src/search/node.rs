//! Owns the evaluation of any plan in one segment, a window at a time.

use std::cmp::Reverse;

use crate::bits::Bits;
use crate::error::Result;
use crate::kernels::Kernels;
use crate::segment::Segment;
use crate::snapshot::Snapshot;

use super::candidates::Candidates;
use super::cursor::{Cursor, END, Span};
use super::forms::Forms;
use super::graded::{Graded, Pairs};
use super::phrase::Phrase;
use super::prune::Order;
use super::weigh::{Located, Weighted};
use super::window::Window;
use super::{Clock, column_of};

/// What a plan is bound to.
#[derive(Clone, Copy)]
pub struct Binding<'a> {
    /// Where statistics come from.
    pub snapshot: &'a Snapshot,
    /// The number of the segment.
    pub at: usize,
    /// Where documents come from.
    pub segment: &'a Segment,
    /// Whether scores are wanted.
    pub scored: bool,
    /// What runs the loops.
    pub kernels: Kernels,
    /// Whether the bounds of blocks are used.
    pub has_bounds: bool,
    /// When to stop.
    pub clock: &'a Clock,
}

/// A plan in a segment.
pub struct Node<'a> {
    /// What documents match.
    pub kind: Kind<'a>,
    /// What no score in each range of documents exceeds, 0 where none matches; a single number
    /// holds for all ranges, and none says nothing.
    pub bounds: Vec<u32>,
}

/// What documents a plan matches in a segment.
pub enum Kind<'a> {
    /// No document.
    Nothing,
    /// Every document, with these points.
    Everything(u32),
    /// The documents of a word.
    Word(Box<Cursor<'a>>, bool),
    /// The documents of a term, one of whose forms adds to the score.
    Graded(Box<Graded<'a>>),
    /// The documents of a phrase.
    Phrase(Box<Phrase<'a>>),
    /// These documents, with these points.
    Set(Bits, u32),
    /// The documents of any of some forms, with these points.
    Forms(Box<Forms<'a>>, u32),
    /// The documents of clauses.
    Combination(Box<Combination<'a>>),
}

/// Clauses in a segment.
pub struct Combination<'a> {
    /// All of these match.
    pub required: Vec<Node<'a>>,
    /// These add to the score; one matches where none is required.
    pub optional: Vec<Node<'a>>,
    /// None of these matches.
    pub excluded: Vec<Node<'a>>,
    /// What runs the loops.
    pub kernels: Kernels,
    /// The required clauses, from the one that the fewest documents match on.
    pub rarity: Vec<usize>,
    /// Where the scores of a span are added up.
    pub sums: Vec<u32>,
    /// The candidates of a span.
    pub found: Candidates,
    /// A copy of the candidates' documents.
    pub documents: Vec<u32>,
    /// Which candidates a clause matches.
    pub hits: Vec<bool>,
    /// The optional clauses in a span.
    pub order: Order,
    /// Whether scores are wanted.
    pub scored: bool,
    scratch: Option<Box<Window>>,
}

impl<'a> Node<'a> {
    /// Binds a plan to a segment.
    pub fn bind(plan: &Weighted, to: &Binding<'a>) -> Result<Self> {
        Ok(Self { kind: Kind::bind(plan, to)?, bounds: Vec::new() })
    }

    /// Gives what both match, with the scores of the first.
    pub fn restricted(self, filter: Self, kernels: Kernels) -> Self {
        let required = vec![self, filter];
        let combination = Combination::new(required, Vec::new(), Vec::new(), kernels, true);
        Self { kind: Kind::Combination(Box::new(combination)), bounds: Vec::new() }
    }

    /// Gives a number below which, from `from` on, no document matches.
    pub fn next(&mut self, from: u32) -> Result<u32> {
        match &mut self.kind {
            Kind::Nothing => Ok(END),
            Kind::Everything(_) => Ok(from),
            Kind::Word(cursor, _) => cursor.seek(from),
            Kind::Graded(graded) => graded.term_mut().seek(from),
            Kind::Phrase(phrase) => phrase.next(from),
            Kind::Set(set, _) => Ok(set.next(from).unwrap_or(END)),
            Kind::Forms(forms, _) => forms.next(from),
            Kind::Combination(combination) => combination.next(from),
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
        match &mut self.kind {
            Kind::Nothing => {}
            Kind::Everything(points) => window.add_all(*points),
            Kind::Word(cursor, scored) => return cursor.fill(window, *scored),
            Kind::Graded(graded) => {
                let mut found = Candidates::default();
                let span = Span { start: window.base(), end: window.end() };
                graded.gather(span, 0, &mut found)?;
                let pairs = found.documents.iter().zip(&found.points);
                pairs.for_each(|(&document, &points)| window.add(document, points));
            }
            Kind::Phrase(phrase) => phrase.fill(window)?,
            Kind::Set(set, points) => window.add_set(set, *points),
            Kind::Forms(forms, points) => {
                forms.read(Span { start: window.base(), end: window.end() })?;
                window.add_set(forms.set(), *points);
            }
            Kind::Combination(combination) => combination.fill(window)?,
        }
        Ok(false)
    }

    /// Tells whether `fill` may add to a window that is not empty.
    fn adds(&self) -> bool {
        !matches!(self.kind, Kind::Combination(_))
    }

    /// Tells whether no document matches.
    pub fn is_nothing(&self) -> bool {
        matches!(self.kind, Kind::Nothing)
    }
}

impl<'a> Kind<'a> {
    fn bind(plan: &Weighted, to: &Binding<'a>) -> Result<Self> {
        match plan {
            Weighted::None => Ok(Self::Nothing),
            Weighted::All { weight } => Ok(Self::Everything(constant(*weight))),
            Weighted::Word { word, weight } => {
                let cursor = open(word, *weight, to)?;
                Ok(cursor.map_or(Self::Nothing, |cursor| Self::Word(Box::new(cursor), to.scored)))
            }
            Weighted::Phrase { words, offsets, slop, weight } => {
                let mut cursors = Vec::with_capacity(words.len());
                for word in words {
                    let Some(cursor) = open(word, *weight, to)? else { return Ok(Self::Nothing) };
                    cursors.push(cursor);
                }
                if cursors.is_empty() {
                    return Ok(Self::Nothing);
                }
                let phrase = Phrase::new(cursors, offsets.clone(), *slop, *weight)?;
                Ok(Self::Phrase(Box::new(phrase)))
            }
            Weighted::AnyForm { field, forms, weight } => {
                let forms = Forms::open(*field, forms, to)?;
                if forms.is_empty() {
                    return Ok(Self::Nothing);
                }
                Ok(Self::Forms(Box::new(forms), constant(*weight)))
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
}

fn constant(weight: f32) -> u32 {
    crate::ranking::points(weight, 1.0)
}

fn open<'a>(word: &Located, weight: f32, to: &Binding<'a>) -> Result<Option<Cursor<'a>>> {
    let info = word.infos.get(to.at).and_then(Option::as_ref);
    info.map(|info| Cursor::open(word.field, info, weight, to)).transpose()
}

/// Puts clauses of combinations within in the place of these, where that says the same.
fn flatten<'a>(required: &mut Vec<Node<'a>>, optional: &mut Vec<Node<'a>>) {
    *required = std::mem::take(required)
        .into_iter()
        .flat_map(|node| match node.kind {
            Kind::Combination(within)
                if !within.required.is_empty() && within.excluded.is_empty() =>
            {
                optional.extend(within.optional);
                within.required
            }
            kind => vec![Node { kind, ..node }],
        })
        .collect();
    *optional = std::mem::take(optional)
        .into_iter()
        .flat_map(|node| match node.kind {
            Kind::Combination(within)
                if within.required.is_empty()
                    && !within.optional.is_empty()
                    && within.excluded.is_empty() =>
            {
                within.optional
            }
            kind => vec![Node { kind, ..node }],
        })
        .collect();
}

impl<'a> Combination<'a> {
    fn new(
        required: Vec<Node<'a>>,
        optional: Vec<Node<'a>>,
        excluded: Vec<Node<'a>>,
        kernels: Kernels,
        scored: bool,
    ) -> Self {
        let mut rarity: Vec<usize> = (0..required.len()).collect();
        rarity.sort_by_key(|&at| required[at].most_documents());
        Self {
            required,
            optional,
            excluded,
            kernels,
            rarity,
            sums: Vec::new(),
            found: Candidates::default(),
            documents: Vec::new(),
            hits: Vec::new(),
            order: Order::default(),
            scored,
            scratch: None,
        }
    }

    fn bind(
        required: &[Weighted],
        optional: &[Weighted],
        excluded: &[Weighted],
        to: &Binding<'a>,
    ) -> Result<Kind<'a>> {
        let mut pairs = Pairs::of(required, optional, to);
        let is_any = required.is_empty() && !optional.is_empty();
        let mut required = pairs.bind(required, to)?;
        let wanted = if is_any || to.scored { optional } else { &[] };
        let mut optional = pairs.bind_optional(wanted, to)?;
        let unscored = Binding { scored: false, ..*to };
        let mut excluded = Pairs::default().bind(excluded, &unscored)?;
        optional.retain(|node| !node.is_nothing());
        excluded.retain(|node| !node.is_nothing());
        if required.iter().any(Node::is_nothing) || (is_any && optional.is_empty()) {
            return Ok(Kind::Nothing);
        }
        flatten(&mut required, &mut optional);
        // Of clauses with the same bound the last is looked at first.
        optional.sort_by_key(|node| Reverse(node.most_documents()));
        match (required.as_slice(), optional.as_slice(), excluded.as_slice()) {
            ([_], [], []) => Ok(required.remove(0).kind),
            ([], [_], []) => Ok(optional.remove(0).kind),
            _ => {
                let combination = Self::new(required, optional, excluded, to.kernels, to.scored);
                Ok(Kind::Combination(Box::new(combination)))
            }
        }
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
        let scratch = self.scratch.get_or_insert_with(|| Box::new(Window::new()));
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
