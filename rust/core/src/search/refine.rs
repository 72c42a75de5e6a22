//! Owns what a refinement adds to the scores of single documents, and the page that it makes.
//!
//! A search gives the best documents of a plan; for these few, where their words stand is looked
//! up, unless a bound tells that they cannot get on the page. Each document has the evidence of the
//! field that gives it most. For each field and document,
//!
//! ```text
//! kin  = kin  · Σ weight · idf of the word with its kin · tf / (tf + K)
//! near = near · max over places p of Σ weight · idf · max over occurrences o of
//!                                      grade(o) · max(0, 1 − |o − p| / width)
//! ```

use crate::dictionary::WordInfo;
use crate::error::{Error, Result};
use crate::ranking::idf;
use crate::segment::Words;
use crate::snapshot::Snapshot;

use super::evidence::{Evidence, FieldReader};
use super::plan::Plan;
use super::{Found, Hit, Request, search};

/// One word of a query as its surroundings are looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct RefinedWord {
    /// Its term.
    pub term: Vec<u8>,
    /// The key of its form as typed (`segment::form_key`), where the spelling counts.
    pub form: Option<Vec<u8>>,
    /// Terms of words akin to it.
    pub kin: Vec<Vec<u8>>,
    /// Multiplies all that it gives.
    pub weight: f64,
}

/// The words that are looked for near each other in one field.
#[derive(Clone, Debug, PartialEq)]
pub struct RefinedField {
    /// The number of the text field.
    pub field: usize,
    /// The words; their terms are distinct.
    pub words: Vec<RefinedWord>,
}

/// What is added to the scores of the best documents of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Refinement {
    /// How many of the best documents are ranked anew.
    pub depth: usize,
    /// Where words are looked for.
    pub fields: Vec<RefinedField>,
    /// The weight of words with their kin.
    pub kin: f64,
    /// How soon repetitions of words and their kin stop counting.
    pub k1: f64,
    /// How much a long field is held against them, in [0, 1].
    pub b: f64,
    /// The weight of the best place.
    pub near: f64,
    /// From this distance on a word adds nothing to a place.
    pub width: u32,
    /// The grade of a word in the form as typed; in another it is 1.
    pub exact_grade: f64,
    /// The grade of kin.
    pub kin_grade: f64,
}

/// Gives a page of hits by score, the best documents of the plan ranked anew.
///
/// With a sort, or when time was up, the page is that of the plan alone.
pub fn search_refined(
    snapshot: &Snapshot,
    plan: &Plan,
    request: &Request<'_>,
    refinement: &Refinement,
) -> Result<Found> {
    let end = request.offset.saturating_add(request.limit);
    if !request.sort.is_empty() || request.limit == 0 || request.offset >= refinement.depth {
        return search(snapshot, plan, request);
    }
    let wider = Request { limit: end.max(refinement.depth), offset: 0, ..request.clone() };
    let mut found = search(snapshot, plan, &wider)?;
    if !found.partial {
        let count = refinement.depth.min(found.hits.len());
        if let Some(best) = found.hits.get_mut(..count) {
            rank_anew(snapshot, refinement, best, end)?;
        }
    }
    found.hits.truncate(end);
    found.hits.drain(..request.offset.min(found.hits.len()));
    Ok(found)
}

/// Puts the first `wanted` of the hits in their new order, and the others behind them.
///
/// The bounds are sums of terms none of which is below that of the evidence, in the same order:
/// rounding, which is monotone, keeps them bounds.
fn rank_anew(
    snapshot: &Snapshot,
    refinement: &Refinement,
    hits: &mut [Hit],
    wanted: usize,
) -> Result<()> {
    hits.sort_unstable_by_key(|hit| hit.document);
    let documents: Vec<u32> = hits.iter().map(|hit| hit.document).collect();
    let sought = look_up_all(snapshot, refinement)?;
    let mut refiner = Refiner::new(snapshot, refinement, &sought, &documents)?;
    let mut bounded: Vec<(f64, usize)> =
        hits.iter().enumerate().map(|(at, hit)| (hit.score + refiner.bound(at), at)).collect();
    bounded.sort_unstable_by(|one, other| other.0.total_cmp(&one.0));
    let mut best: Vec<f64> = Vec::with_capacity(wanted.min(hits.len()) + 1);
    for (bound, at) in bounded {
        if best.len() >= wanted && best.last().is_some_and(|&last| bound < last) {
            break;
        }
        let Some(hit) = hits.get_mut(at) else { continue };
        let evidence = refiner.evidence(at)?;
        hit.score += evidence.iter().map(|field| field.kin + field.near).fold(0.0, f64::max);
        best.insert(best.partition_point(|&other| other >= hit.score), hit.score);
        best.truncate(wanted);
    }
    // What was left out has its first score, which is below all that is wanted.
    hits.sort_unstable_by(|one, other| {
        other.score.total_cmp(&one.score).then(one.document.cmp(&other.document))
    });
    Ok(())
}

/// Gives what each field would add to the score of a document.
pub fn refine(
    snapshot: &Snapshot,
    refinement: &Refinement,
    document: u32,
) -> Result<Vec<Evidence>> {
    let sought = look_up_all(snapshot, refinement)?;
    Refiner::new(snapshot, refinement, &sought, &[document])?.evidence(0)
}

/// A refinement over some documents.
struct Refiner<'a> {
    /// For each document the number of its segment among those with any, and its own there.
    places: Vec<(usize, usize)>,
    /// For each of these segments the fields.
    segments: Vec<Vec<FieldReader<'a>>>,
}

impl<'a> Refiner<'a> {
    /// Looks the words up in documents, which ascend.
    fn new(
        snapshot: &'a Snapshot,
        refinement: &'a Refinement,
        sought: &'a [Sought],
        documents: &[u32],
    ) -> Result<Self> {
        let located = documents.iter().map(|&document| {
            let missing = || Error::Argument(format!("document {document} does not exist"));
            snapshot.locate(document).ok_or_else(missing)
        });
        let located = located.collect::<Result<Vec<_>>>()?;
        let (mut places, mut segments) = (Vec::with_capacity(documents.len()), Vec::new());
        for group in located.chunk_by(|one, other| one.0 == other.0) {
            places.extend((0..group.len()).map(|at| (segments.len(), at)));
            let at = group.first().map_or(0, |first| first.0);
            let local: Vec<u32> = group.iter().map(|&(_, local)| local).collect();
            let read = |sought| FieldReader::read(snapshot, at, refinement, sought, &local);
            segments.push(sought.iter().map(read).collect::<Result<Vec<_>>>()?);
        }
        Ok(Self { places, segments })
    }

    /// Gives what no evidence of the document at an index is above.
    fn bound(&self, at: usize) -> f64 {
        let (segment, local) = self.places[at];
        let most = self.segments[segment].iter().map(|field| field.most(local));
        most.map(|most| most.kin + most.near).fold(0.0, f64::max)
    }

    fn evidence(&mut self, at: usize) -> Result<Vec<Evidence>> {
        let (segment, local) = self.places[at];
        let fields = self.segments[segment].iter_mut();
        let evidence = fields
            .map(|field| Ok(Evidence { kin: field.most(local).kin, near: field.nearness(local)? }));
        evidence.collect()
    }
}

/// What a word weighs in a field.
pub struct WordWeights {
    /// With its kin.
    pub with_kin: f64,
    /// By itself.
    pub alone: f64,
}

/// The words of a field, looked up in the dictionaries of all segments.
pub struct Sought {
    /// The number of the text field.
    pub field: usize,
    /// The words.
    pub weights: Vec<WordWeights>,
    /// The terms of words and of their kin.
    pub terms: Vec<SoughtTerm>,
}

/// What the dictionary of each segment knows of a term of a word, and of its form as typed.
pub struct SoughtTerm {
    /// The number of the word.
    pub word: usize,
    /// What an occurrence counts.
    pub grade: f64,
    /// Where the term is.
    pub infos: Vec<Option<WordInfo>>,
    /// Where the form is, if it counts more.
    pub forms: Vec<Option<WordInfo>>,
}

fn look_up_all(snapshot: &Snapshot, refinement: &Refinement) -> Result<Vec<Sought>> {
    refinement.fields.iter().map(|field| look_up(snapshot, refinement, field)).collect()
}

fn look_up(snapshot: &Snapshot, refinement: &Refinement, field: &RefinedField) -> Result<Sought> {
    let documents = u64::from(snapshot.documents());
    let find = |words, key: &[u8]| snapshot.locations(field.field, words, key);
    let mut weights = Vec::with_capacity(field.words.len());
    let mut terms = Vec::new();
    for (word, refined) in field.words.iter().enumerate() {
        let infos = find(Words::Terms, &refined.term)?;
        let holding = holding(&infos);
        let forms = match &refined.form {
            Some(form) if holding > 0 => find(Words::Forms, form)?,
            _ => Vec::new(),
        };
        terms.push(SoughtTerm { word, grade: 1.0, infos, forms });
        let mut all = holding;
        for kin in &refined.kin {
            let infos = find(Words::Terms, kin)?;
            all += self::holding(&infos);
            let grade = refinement.kin_grade;
            terms.push(SoughtTerm { word, grade, infos, forms: Vec::new() });
        }
        let weight = refined.weight;
        weights.push(WordWeights {
            with_kin: refinement.kin * weight * idf(documents, all.min(documents)),
            alone: refinement.near * weight * idf(documents, holding),
        });
    }
    Ok(Sought { field: field.field, weights, terms })
}

/// Gives how many documents of all segments hold a word.
fn holding(infos: &[Option<WordInfo>]) -> u64 {
    infos.iter().flatten().map(|info| u64::from(info.documents)).sum()
}
