//! Owns weighing: a plan with the weight of each leaf, by the statistics of the whole snapshot.

use crate::columns::Value;
use crate::dictionary::WordInfo;
use crate::error::{Error, Result};
use crate::ranking::{Scale, bound, idf, points};
use crate::schema::FieldKind;
use crate::segment::Words;
use crate::snapshot::Snapshot;

use super::column_of;
use super::plan::{FormSet, Plan};

/// As many leaves as a plan may have: their rounding must fit beside the sum of scores.
pub const MAX_LEAVES: usize = 1 << 16;

/// As deep as combinations may be nested.
pub const MAX_DEPTH: usize = 128;

/// A plan whose leaves carry their weights in fixed point, not yet rounded.
#[derive(Clone, Debug)]
pub enum Weighted {
    /// See [`Plan::Word`].
    Word { word: Located, weight: f32 },
    /// See [`Plan::Phrase`].
    Phrase { words: Vec<Located>, offsets: Vec<u32>, slop: u32, weight: f32 },
    /// See [`Plan::AnyForm`].
    AnyForm { field: usize, forms: FormSet, weight: f32 },
    /// See [`Plan::Range`].
    Range { field: usize, low: Option<(Value, bool)>, high: Option<(Value, bool)>, weight: f32 },
    /// See [`Plan::All`].
    All { weight: f32 },
    /// See [`Plan::None`].
    None,
    /// See [`Plan::Combination`].
    Combination { required: Vec<Weighted>, optional: Vec<Weighted>, excluded: Vec<Weighted> },
}

impl Weighted {
    /// Tells whether sums of scores tell matches of optional clauses: none of these may match
    /// without a score.
    pub fn can_be_pruned(&self) -> bool {
        let Self::Combination { required, optional, .. } = self else { return true };
        let is_summed = required.is_empty();
        required.iter().chain(optional).all(Self::can_be_pruned)
            && (!is_summed || optional.iter().all(Self::always_scores))
    }

    /// Gives what no score exceeds.
    pub fn bound(&self) -> u32 {
        match self {
            Self::Word { weight, .. } | Self::Phrase { weight, .. } => bound(*weight, 1.0, 1.0),
            Self::AnyForm { weight, .. } | Self::Range { weight, .. } | Self::All { weight } => {
                points(*weight, 1.0)
            }
            Self::None => 0,
            Self::Combination { required, optional, .. } => {
                let clauses = required.iter().chain(optional);
                clauses.fold(0, |sum, clause| sum.saturating_add(clause.bound()))
            }
        }
    }

    fn always_scores(&self) -> bool {
        match self {
            Self::Word { weight, .. }
            | Self::Phrase { weight, .. }
            | Self::AnyForm { weight, .. }
            | Self::Range { weight, .. }
            | Self::All { weight } => *weight > 0.0,
            Self::None => true,
            Self::Combination { required, optional, .. } => {
                let is_any = required.is_empty() && !optional.is_empty();
                required.iter().any(Self::always_scores)
                    || (is_any && optional.iter().all(Self::always_scores))
            }
        }
    }
}

/// A word and where its postings are.
#[derive(Clone, Debug)]
pub struct Located {
    /// The number of the text field.
    pub field: usize,
    /// Whether it is a term or a form.
    pub words: Words,
    /// What the dictionary of each segment knows of the word.
    pub infos: Vec<Option<WordInfo>>,
}

impl Located {
    /// Gives how many documents hold the word.
    pub fn holding(&self) -> u64 {
        self.infos.iter().flatten().map(|info| u64::from(info.documents)).sum()
    }
}

/// Gives the weighted plan and the scale of its scores; nothing scores unless `scored`.
pub fn weigh(snapshot: &Snapshot, plan: &Plan, scored: bool) -> Result<(Weighted, Scale)> {
    let mut weighing = Weighing { snapshot, weights: Vec::new(), words: Vec::new(), leaves: 0 };
    weighing.visit(plan, scored, 0)?;
    let scale = Scale::of(weighing.weights.iter().sum());
    let mut parts =
        Parts { weights: weighing.weights.into_iter(), words: weighing.words.into_iter() };
    Ok((build(plan, &scale, scored, &mut parts), scale))
}

/// What was found out of the leaves, from left to right.
struct Parts {
    weights: std::vec::IntoIter<f64>,
    words: std::vec::IntoIter<Located>,
}

struct Weighing<'a> {
    snapshot: &'a Snapshot,
    /// The weights of the scoring leaves, from left to right.
    weights: Vec<f64>,
    /// The words of the leaves, from left to right.
    words: Vec<Located>,
    leaves: usize,
}

impl Weighing<'_> {
    fn visit(&mut self, plan: &Plan, scores: bool, depth: usize) -> Result<()> {
        if depth > MAX_DEPTH {
            let (limit, found) = (MAX_DEPTH as u64, depth as u64);
            return Err(Error::Limit { what: "nesting of a plan", limit, found });
        }
        if let Plan::Combination { required, optional, excluded } = plan {
            for clause in required.iter().chain(optional) {
                self.visit(clause, scores, depth + 1)?;
            }
            return excluded.iter().try_for_each(|clause| self.visit(clause, false, depth + 1));
        }
        self.leaves += 1;
        if self.leaves > MAX_LEAVES {
            let (limit, found) = (MAX_LEAVES as u64, self.leaves as u64);
            return Err(Error::Limit { what: "leaves of a plan", limit, found });
        }
        let (boost, weight) = self.weight_of(plan)?;
        if !(boost.is_finite() && boost >= 0.0) {
            return Err(Error::Argument(format!(
                "a boost is finite and not negative, not {boost}"
            )));
        }
        if scores {
            self.weights.push(boost * weight);
        }
        Ok(())
    }

    /// Gives the boost of a leaf and what it multiplies.
    fn weight_of(&mut self, plan: &Plan) -> Result<(f64, f64)> {
        match plan {
            Plan::Word { wanted, boost } => {
                Ok((*boost, self.idf(wanted.field, wanted.words, &wanted.key)?))
            }
            Plan::Phrase { field, words, keys, boost, .. } => {
                let increases = keys.windows(2).all(|pair| pair[0].0 < pair[1].0);
                if keys.first().is_none_or(|first| first.0 != 0) || !increases {
                    let problem = "the positions of a phrase increase from 0";
                    return Err(Error::Argument(problem.to_owned()));
                }
                let mut sum = 0.0;
                for (_, key) in keys {
                    sum += self.idf(*field, *words, key)?;
                }
                Ok((*boost, sum))
            }
            Plan::AnyForm { field, boost, .. } => self.check_text(*field).map(|()| (*boost, 1.0)),
            Plan::Range { field, boost, .. } => {
                column_of(self.snapshot, *field).map(|_| (*boost, 1.0))
            }
            Plan::All { boost } => Ok((*boost, 1.0)),
            Plan::None | Plan::Combination { .. } => Ok((0.0, 0.0)),
        }
    }

    fn idf(&mut self, field: usize, words: Words, key: &[u8]) -> Result<f64> {
        self.check_text(field)?;
        let infos = self.snapshot.locations(field, words, key)?;
        let word = Located { field, words, infos };
        let holding = word.holding();
        self.words.push(word);
        Ok(idf(u64::from(self.snapshot.documents()), holding))
    }

    fn check_text(&self, field: usize) -> Result<()> {
        match self.snapshot.schema().fields().get(field).map(|field| field.kind) {
            Some(FieldKind::Text) => Ok(()),
            _ => Err(Error::Argument(format!("field number {field} is no text"))),
        }
    }
}

fn build(plan: &Plan, scale: &Scale, scores: bool, parts: &mut Parts) -> Weighted {
    let mut clauses = |clauses: &[Plan], scores: bool| {
        clauses.iter().map(|clause| build(clause, scale, scores, &mut *parts)).collect()
    };
    if let Plan::Combination { required, optional, excluded } = plan {
        let required = clauses(required, scores);
        let optional = clauses(optional, scores);
        return Weighted::Combination { required, optional, excluded: clauses(excluded, false) };
    }
    let weight = if scores { parts.weights.next().unwrap_or_default() } else { 0.0 };
    let weight = scale.weight(weight);
    match plan {
        Plan::Word { .. } => match parts.words.next() {
            Some(word) => Weighted::Word { word, weight },
            None => Weighted::None,
        },
        Plan::Phrase { keys, slop, .. } => {
            let words = parts.words.by_ref().take(keys.len()).collect();
            let offsets = keys.iter().map(|(offset, _)| *offset).collect();
            Weighted::Phrase { words, offsets, slop: *slop, weight }
        }
        Plan::AnyForm { field, forms, .. } => {
            Weighted::AnyForm { field: *field, forms: forms.clone(), weight }
        }
        Plan::Range { field, low, high, .. } => {
            Weighted::Range { field: *field, low: low.clone(), high: high.clone(), weight }
        }
        Plan::All { .. } => Weighted::All { weight },
        Plan::None | Plan::Combination { .. } => Weighted::None,
    }
}
