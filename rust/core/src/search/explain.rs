//! Owns what explains a score: for each leaf of a plan, what it gives a document and why.

use crate::error::{Error, Result};
use crate::kernels::Kernels;
use crate::ranking::{Scale, idf};
use crate::snapshot::Snapshot;

use super::Clock;
use super::cursor::Span;
use super::node::{Binding, Kind, Node};
use super::plan::Plan;
use super::weigh::{Located, Weighted, weigh};

/// What a leaf that matches a document adds to its score.
#[derive(Clone, Debug, PartialEq)]
pub struct LeafScore {
    /// The points; those of all leaves add up to the score without rounding.
    pub score: f64,
    /// What made it, where the leaf is a word or a phrase.
    pub facts: Option<WordFacts>,
}

/// The statistics that a word's or a phrase's score is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct WordFacts {
    /// How many documents there are, deleted ones not yet merged away too.
    pub documents: u64,
    /// How many of them hold each of the words.
    pub holding: Vec<u64>,
    /// The weight of the words by their rarity.
    pub idf: f64,
    /// How often they occur in the document.
    pub frequency: u32,
    /// How many positions the field has in the document.
    pub length: u32,
    /// How many it has on average.
    pub average_length: f64,
    /// `tf / (tf + K)`.
    pub share: f64,
}

/// Gives for each leaf of a plan, excluded ones too, from left to right, what it adds to the score
/// of a document, or nothing where it does not match.
pub fn explain(snapshot: &Snapshot, plan: &Plan, document: u32) -> Result<Vec<Option<LeafScore>>> {
    let Some((segment, local)) = snapshot.locate(document) else {
        return Err(Error::Argument(format!("document {document} does not exist")));
    };
    let (weighted, scale) = weigh(snapshot, plan, true)?;
    let (at, segment) = (segment, &snapshot.segments()[segment].segment);
    let (kernels, clock) = (Kernels::default(), Clock::default());
    let (scored, has_bounds) = (true, false);
    let mut explainer = Explainer {
        binding: Binding { snapshot, at, segment, scored, kernels, has_bounds, clock: &clock },
        scale,
        document: local,
        scores: Vec::new(),
    };
    explainer.visit(&weighted)?;
    Ok(explainer.scores)
}

struct Explainer<'a> {
    binding: Binding<'a>,
    scale: Scale,
    document: u32,
    scores: Vec<Option<LeafScore>>,
}

impl Explainer<'_> {
    fn visit(&mut self, plan: &Weighted) -> Result<()> {
        if let Weighted::Combination { required, optional, excluded } = plan {
            let clauses = required.iter().chain(optional).chain(excluded);
            return clauses.into_iter().try_for_each(|clause| self.visit(clause));
        }
        let score = self.score(plan)?;
        self.scores.push(score);
        Ok(())
    }

    fn score(&self, leaf: &Weighted) -> Result<Option<LeafScore>> {
        let document = self.document;
        let mut node = Node::bind(leaf, &self.binding)?;
        let (points, frequency) = match &mut node.kind {
            Kind::Everything(points) => (*points, None),
            Kind::Set(set, points) if set.contains(document) => (*points, None),
            Kind::Forms(forms, points) => {
                forms.read(Span { start: document, end: document.saturating_add(1) })?;
                if !forms.set().contains(document) {
                    return Ok(None);
                }
                (*points, None)
            }
            Kind::Word(cursor, _) => {
                if cursor.seek(document)? != document {
                    return Ok(None);
                }
                let frequency = cursor.frequency()?;
                (cursor.points_of(document, frequency, cursor.weight()), Some(frequency))
            }
            Kind::Phrase(phrase) => {
                let frequency = phrase.frequency_in(document)?;
                if frequency == 0 {
                    return Ok(None);
                }
                (phrase.points_of(document, frequency), Some(frequency))
            }
            _ => return Ok(None),
        };
        let facts = frequency.map(|frequency| self.facts(leaf, frequency)).transpose()?;
        Ok(Some(LeafScore { score: self.scale.score(points), facts }))
    }

    fn facts(&self, leaf: &Weighted, frequency: u32) -> Result<WordFacts> {
        let Binding { snapshot, segment, .. } = self.binding;
        let words = match leaf {
            Weighted::Word { word, .. } => std::slice::from_ref(word),
            Weighted::Phrase { words, .. } => words.as_slice(),
            _ => &[],
        };
        let Some(field) = words.first().map(|word| word.field) else {
            return Err(Error::Argument("only words and phrases have statistics".to_owned()));
        };
        let documents = u64::from(snapshot.documents());
        let holding: Vec<u64> = words.iter().map(Located::holding).collect();
        let length = segment.lengths(field)?.get(self.document);
        Ok(WordFacts {
            idf: holding.iter().map(|&holding| idf(documents, holding)).sum(),
            documents,
            holding,
            frequency,
            length,
            average_length: snapshot.positions(field) as f64 / documents as f64,
            share: f64::from(snapshot.saturation(field).share(frequency, length)),
        })
    }
}
