//! Owns how well a passage answers a query: the twin of `searchlib/highlight/scoring.py`.
//!
//! Sums are taken in the same order there: the scores are equal to the last bit.

use std::ops::Range;

use super::Leaf;
use super::questions::{Asked, has_date};
use super::spans::Span;

const NEARNESS: f64 = 0.5;
const REACH_CHARS: f64 = 20.0;
const NUMBER: f64 = 0.15;
const MOST_NUMBERS: usize = 2;
const DATE: f64 = 1.0;

/// Scores the passages of one text.
pub struct Scorer<'a> {
    /// The stretches of the text that match, sorted.
    pub spans: &'a [Span],
    /// The weight of each leaf, given every span of the field.
    pub weights: Vec<f64>,
    asked: Option<&'a Asked>,
    /// The largest weight of a leaf that occurs.
    heaviest: f64,
}

impl<'a> Scorer<'a> {
    /// Makes the scorer of a text in which the leaves have these spans, sorted.
    pub fn new(leaves: &[Leaf], asked: Option<&'a Asked>, spans: &'a [Span]) -> Self {
        let mut occurrences = vec![0usize; leaves.len()];
        spans.iter().for_each(|span| occurrences[span.leaf] += 1);
        let weigh = |(leaf, count): (&Leaf, &usize)| leaf.weight / (*count).max(1) as f64;
        let weights: Vec<f64> = leaves.iter().zip(&occurrences).map(weigh).collect();
        let heaviest = spans.iter().map(|span| weights[span.leaf]).reduce(f64::max);
        Self { spans, weights, asked, heaviest: heaviest.unwrap_or_default() }
    }

    /// Gives the score of a passage.
    pub fn score(&self, text: &[char], place: &Range<usize>) -> f64 {
        let first = self.spans.partition_point(|span| span.start < place.start);
        let held = self.spans[first..].iter().take_while(|span| span.start < place.end);
        let value = score(held.copied().filter(|span| span.end <= place.end), &self.weights);
        match self.asked {
            Some(asked) => value + self.answer(&text[place.clone()], asked),
            None => value,
        }
    }

    /// Gives what a passage adds to its score by answering a question.
    fn answer(&self, passage: &[char], asked: &Asked) -> f64 {
        let numbers = asked.numbers_of(passage);
        let is_dated = asked.wants_date && has_date(passage, &numbers);
        let number = NUMBER * numbers.len().min(MOST_NUMBERS) as f64;
        self.heaviest * (number + DATE * f64::from(u8::from(is_dated)))
    }
}

/// Gives the score of the passage that holds these spans, sorted by start.
fn score(spans: impl Iterator<Item = Span>, weights: &[f64]) -> f64 {
    let mut held: Vec<usize> = Vec::new();
    let mut bonuses: Vec<((usize, usize), f64)> = Vec::new();
    let mut before: Option<Span> = None;
    for span in spans {
        if let Err(at) = held.binary_search(&span.leaf) {
            held.insert(at, span.leaf);
        }
        if let Some(before) = before
            && before.leaf != span.leaf
            && before.end <= span.start
        {
            let pair = (before.leaf.min(span.leaf), before.leaf.max(span.leaf));
            let weight = weights[before.leaf].min(weights[span.leaf]);
            let bonus = NEARNESS * weight / (1.0 + (span.start - before.end) as f64 / REACH_CHARS);
            match bonuses.binary_search_by_key(&pair, |&(pair, _)| pair) {
                Ok(at) => bonuses[at].1 = bonuses[at].1.max(bonus),
                Err(at) => bonuses.insert(at, (pair, bonus.max(0.0))),
            }
        }
        before = Some(span);
    }
    let own = held.iter().fold(0.0, |total, &leaf| total + weights[leaf]);
    bonuses.iter().fold(own, |total, &(_, bonus)| total + bonus)
}
