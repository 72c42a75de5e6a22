//! Owns graded words: a term and one of its forms, which adds to the score where it stands.
//!
//! A form is in no document that its term is not in, and in none more often. So the two are one
//! clause: what the term's share would give the form bounds what it gives, and which of the term's
//! forms stand in a document is looked up only where it matters even so.

use std::collections::HashMap;

use crate::dictionary::WordInfo;
use crate::error::Result;
use crate::packing::BLOCK;
use crate::ranking::points;
use crate::segment::Words;

use super::candidates::{Candidates, Probe};
use super::cursor::{Cursor, Span};
use super::node::{Binding, Kind, Node};
use super::weigh::Weighted;

/// Two scores that were rounded one by one are together above the rounded score of both by less.
const ROUNDING: u32 = 2;

/// A form among those of a term.
#[derive(Clone, Copy)]
struct Form {
    weight: f32,
    /// Which of the term's forms it is; nothing where the term has no other in the segment.
    ordinal: Option<u32>,
}

impl Form {
    /// Gives what the form adds in the document at an index of the term's decoded block: at most
    /// so much.
    fn points(self, term: &mut Cursor<'_>, at: usize, most: u32) -> Result<u32> {
        let Some(ordinal) = self.ordinal else { return Ok(most) };
        let count = term.count_form(ordinal, at)?;
        let block = term.block();
        Ok(match count {
            0 => 0,
            _ if count == block.frequencies[at] => most,
            _ => term.points_of(block.documents[at], count, self.weight),
        })
    }
}

/// A term and one of its forms in a segment, and what a document scores by them.
pub struct Graded<'a> {
    term: Cursor<'a>,
    form: Form,
    /// What the term gives to each document of a block.
    points: Box<[u32; BLOCK]>,
    /// What the form gives to each if it stands wherever the term does.
    most: Box<[u32; BLOCK]>,
    /// Indices in a block.
    indices: Box<[u32; BLOCK]>,
    /// The same of documents that are asked about, from 1.
    found: Vec<u32>,
    /// Places among documents that are asked about, and their points.
    hits: Vec<(usize, u32)>,
}

impl<'a> Graded<'a> {
    /// Gives the term of a cursor together with a form of it, of this weight and ordinal.
    pub fn new(term: Cursor<'a>, weight: f32, ordinal: Option<u32>) -> Self {
        let row = || Box::new([0; BLOCK]);
        Self {
            term,
            form: Form { weight, ordinal },
            points: row(),
            most: row(),
            indices: row(),
            found: Vec::new(),
            hits: Vec::new(),
        }
    }

    /// Gives the cursor of the term.
    pub fn term(&self) -> &Cursor<'a> {
        &self.term
    }

    /// The same, to be moved.
    pub fn term_mut(&mut self) -> &mut Cursor<'a> {
        &mut self.term
    }

    /// Gives a weight by which the term's shares bound the scores of both.
    pub fn joint_weight(&self) -> f32 {
        (self.term.weight() + self.form.weight) * 1.000_001
    }

    /// Appends the documents of a span that score at least so much.
    pub fn gather(&mut self, span: Span, least: u32, out: &mut Candidates) -> Result<()> {
        let (mut block, weight) = (self.term.block_of(span.start), self.joint_weight());
        while self.term.is_possible(block, span) {
            if self.term.bound_of(block, weight) >= least {
                self.gather_block(block, span, least, out)?;
            }
            block += 1;
        }
        Ok(())
    }

    /// Appends those of a block.
    pub fn gather_block(
        &mut self,
        block: usize,
        span: Span,
        least: u32,
        out: &mut Candidates,
    ) -> Result<()> {
        let Self { term, form, points, most, indices, .. } = self;
        let Some((start, stop)) = term.within(block, span)? else { return Ok(()) };
        term.score_at_two((start, stop), (term.weight(), form.weight), points, most)?;
        let count = stop - start;
        let reaching =
            term.kernels().reaching(&points[..count], &most[..count], least, &mut **indices);
        for &at in &indices[..reaching] {
            let (at, own, most) = (at as usize, points[at as usize], most[at as usize]);
            let sum = own + form.points(term, start + at, most)?;
            if sum >= least {
                out.push(term.block().documents[start + at], sum);
            }
        }
        Ok(())
    }

    /// Calls `take` with the documents of a span and what bounds their scores, but not those of
    /// blocks that are bounded below `least`; [`Self::settle`] makes scores of such bounds.
    pub fn for_each_bound(
        &mut self,
        span: Span,
        least: u32,
        mut take: impl FnMut(u32, u32),
    ) -> Result<()> {
        let weight = self.joint_weight();
        self.term.for_each_block(span, weight, least, |documents, _, bounds| {
            for (&document, &bound) in documents.iter().zip(bounds) {
                take(document, bound + ROUNDING);
            }
        })
    }

    /// Takes from the points of documents what the bounds among them have too much.
    pub fn settle(&mut self, found: &mut Candidates) -> Result<()> {
        let (form, joint) = (self.form, self.joint_weight());
        let Candidates { documents, points: so_far } = found;
        self.for_each_found(
            documents,
            |_, _| true,
            |term, at, place| {
                let share = term.share_at(at)?;
                let sum = points(term.weight(), share)
                    + form.points(term, at, points(form.weight, share))?;
                so_far[place] = so_far[place] + sum - (points(joint, share) + ROUNDING);
                Ok(())
            },
        )
    }

    /// Adds the scores of the documents that hold the term, and marks them; those that would have
    /// less than `least` even so may be left out.
    pub fn probe(&mut self, asked: &mut Probe<'_>, least: u32) -> Result<()> {
        let (form, so_far, mut hits) = (self.form, &*asked.points, std::mem::take(&mut self.hits));
        let is_needed = |place: usize, bound: u32| so_far[place].saturating_add(bound) >= least;
        self.for_each_found(asked.documents, is_needed, |term, at, place| {
            let share = term.share_at(at)?;
            let (own, most) = (points(term.weight(), share), points(form.weight, share));
            if so_far[place].saturating_add(own + most) >= least {
                hits.push((place, own + form.points(term, at, most)?));
            }
            Ok(())
        })?;
        hits.drain(..).for_each(|(place, points)| asked.hit(place, points));
        self.hits = hits;
        Ok(())
    }

    /// Calls `take` with the cursor of the term, the index in its decoded block of each of these
    /// documents that holds it, and its place among them.
    fn for_each_found(
        &mut self,
        documents: &[u32],
        is_needed: impl Fn(usize, u32) -> bool,
        mut take: impl FnMut(&mut Cursor<'a>, usize, usize) -> Result<()>,
    ) -> Result<()> {
        let (weight, found) = (self.joint_weight(), &mut self.found);
        self.term.visit(documents, weight, is_needed, |term, first, documents| {
            found.clear();
            found.resize(documents.len(), 0);
            term.find(documents, found);
            for (place, &index) in (first..).zip(&*found).filter(|(_, index)| **index > 0) {
                take(term, index as usize - 1, place)?;
            }
            Ok(())
        })
    }
}

/// The forms among optional clauses that are of terms beside them, in one segment: they match
/// nothing that these do not, and each term is one clause with a form of it.
#[derive(Default)]
pub struct Pairs<'p> {
    /// By field and place of a term's postings a form of it and its weight, until it is taken.
    forms: HashMap<(usize, u64), Option<(&'p WordInfo, f32)>>,
    /// The optional clauses that are forms in pairs, ascending.
    paired: Vec<usize>,
}

impl<'p> Pairs<'p> {
    /// Gives the pairs among some clauses of a combination; without scores, all such forms are in
    /// pairs.
    pub fn of(required: &'p [Weighted], optional: &'p [Weighted], to: &Binding<'_>) -> Self {
        let mut pairs = Self::default();
        if !optional.iter().any(|clause| located(clause, Words::Forms, to.at).is_some()) {
            return pairs;
        }
        for clause in required.iter().chain(optional) {
            if let Some((key, ..)) = located(clause, Words::Terms, to.at) {
                pairs.forms.insert(key, None);
            }
        }
        for (at, clause) in optional.iter().enumerate() {
            let Some((key, info, weight)) = located(clause, Words::Forms, to.at) else { continue };
            let Some(form) = pairs.forms.get_mut(&key) else { continue };
            if form.is_none() || !to.scored {
                *form = Some((info, weight));
                pairs.paired.push(at);
            }
        }
        pairs
    }

    /// Binds clauses, terms with the forms that they are paired with.
    pub fn bind<'a>(
        &mut self,
        clauses: impl IntoIterator<Item = &'p Weighted>,
        to: &Binding<'a>,
    ) -> Result<Vec<Node<'a>>> {
        clauses.into_iter().map(|clause| self.bind_one(clause, to)).collect()
    }

    /// Binds the optional clauses, but not the forms in pairs.
    pub fn bind_optional<'a>(
        &mut self,
        clauses: &'p [Weighted],
        to: &Binding<'a>,
    ) -> Result<Vec<Node<'a>>> {
        let paired = std::mem::take(&mut self.paired);
        let apart = (0..).zip(clauses).filter(|(at, _)| paired.binary_search(at).is_err());
        self.bind(apart.map(|(_, clause)| clause), to)
    }

    fn bind_one<'a>(&mut self, clause: &'p Weighted, to: &Binding<'a>) -> Result<Node<'a>> {
        let mut node = Node::bind(clause, to)?;
        let term = located(clause, Words::Terms, to.at);
        let form = term.and_then(|(key, ..)| self.forms.get_mut(&key)?.take());
        node.kind = match (node.kind, form) {
            (Kind::Word(term, true), Some((info, weight))) => {
                let ordinal = info.among.map(|among| among.ordinal);
                Kind::Graded(Box::new(Graded::new(*term, weight, ordinal)))
            }
            (kind, _) => kind,
        };
        Ok(node)
    }
}

/// Gives where the postings of a term or form are in a segment, what is known of it, and its
/// weight.
fn located(clause: &Weighted, words: Words, at: usize) -> Option<((usize, u64), &WordInfo, f32)> {
    let Weighted::Word { word, weight } = clause else { return None };
    let info = word.infos.get(at)?.as_ref().filter(|_| word.words == words)?;
    Some(((word.field, info.postings.start), info, *weight))
}
