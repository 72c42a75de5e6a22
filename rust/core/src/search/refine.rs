//! Owns what a refinement adds to the scores of single documents, and the page that it makes.
//!
//! A search gives the best documents of a plan; for these few, where their words stand is looked
//! up, unless a bound tells that they cannot get on the page. For each field and document,
//!
//! ```text
//! kin  = kin  · Σ weight · idf of the word with its kin · tf / (tf + K)
//! near = near · max over places p of Σ weight · idf · max over occurrences o of
//!                                      grade(o) · max(0, 1 − |o − p| / width)
//! ```

use crate::dictionary::WordInfo;
use crate::error::{Error, Result};
use crate::ranking::{Saturation, idf};
use crate::segment::{Segment, Words};
use crate::snapshot::Snapshot;

use super::cursor::Cursor;
use super::plan::Plan;
use super::{Found, Hit, Request, search};

/// Places of a field, from its beginning, that the best is looked for among.
pub const MAX_PLACES: usize = 1024;

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
    /// Multiplies all that it gives.
    pub weight: f64,
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

/// What one field adds to the score of one document.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// By its words and their kin.
    pub kin: f64,
    /// By how near each other they stand.
    pub near: f64,
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
    let mut refiner = Refiner::new(snapshot, refinement)?;
    let mut bounded = Vec::with_capacity(hits.len());
    for (at, hit) in hits.iter().enumerate() {
        bounded.push((hit.score + refiner.bound(hit.document)?, at));
    }
    bounded.sort_unstable_by(|one, other| other.0.total_cmp(&one.0));
    let mut best: Vec<f64> = Vec::with_capacity(wanted.min(hits.len()) + 1);
    for (bound, at) in bounded {
        if best.len() >= wanted && best.last().is_some_and(|&last| bound < last) {
            break;
        }
        let Some(hit) = hits.get_mut(at) else { continue };
        let evidence = refiner.evidence(hit.document)?;
        hit.score += evidence.iter().map(|field| field.kin + field.near).sum::<f64>();
        best.insert(best.partition_point(|&other| other >= hit.score), hit.score);
        best.truncate(wanted);
    }
    // What was left out has its first score, which is below all that is wanted.
    hits.sort_unstable_by(|one, other| {
        other.score.total_cmp(&one.score).then(one.document.cmp(&other.document))
    });
    Ok(())
}

/// Gives what each field adds to the score of a document.
pub fn refine(
    snapshot: &Snapshot,
    refinement: &Refinement,
    document: u32,
) -> Result<Vec<Evidence>> {
    Refiner::new(snapshot, refinement)?.evidence(document)
}

/// A refinement over a snapshot, its words looked up in each segment when first needed there.
struct Refiner<'a> {
    snapshot: &'a Snapshot,
    refinement: &'a Refinement,
    sought: Vec<Sought>,
    opened: Vec<Option<Vec<FieldReader<'a>>>>,
}

impl<'a> Refiner<'a> {
    fn new(snapshot: &'a Snapshot, refinement: &'a Refinement) -> Result<Self> {
        let sought = refinement.fields.iter().map(|field| look_up(snapshot, refinement, field));
        let sought = sought.collect::<Result<_>>()?;
        let opened = snapshot.segments().iter().map(|_| None).collect();
        Ok(Self { snapshot, refinement, sought, opened })
    }

    /// Gives what no evidence of a document is above.
    fn bound(&mut self, document: u32) -> Result<f64> {
        let mut sum = 0.0;
        self.for_each_field(document, |field, weights, local| {
            let most = field.count(local, weights)?;
            sum += most.kin + most.near;
            Ok(())
        })?;
        Ok(sum)
    }

    fn evidence(&mut self, document: u32) -> Result<Vec<Evidence>> {
        let mut found = Vec::with_capacity(self.sought.len());
        self.for_each_field(document, |field, weights, local| {
            let Evidence { kin, .. } = field.count(local, weights)?;
            found.push(Evidence { kin, near: field.nearness(local, weights)? });
            Ok(())
        })?;
        Ok(found)
    }

    fn for_each_field(
        &mut self,
        document: u32,
        mut take: impl FnMut(&mut FieldReader<'a>, &[WordWeights], u32) -> Result<()>,
    ) -> Result<()> {
        let (snapshot, refinement) = (self.snapshot, self.refinement);
        let located = snapshot.locate(document);
        let Some((opened, (at, local))) =
            located.and_then(|place| Some((self.opened.get_mut(place.0)?, place)))
        else {
            return Err(Error::Argument(format!("document {document} does not exist")));
        };
        if opened.is_none() {
            let open = |sought| FieldReader::open(snapshot, at, refinement, sought);
            *opened = Some(self.sought.iter().map(open).collect::<Result<_>>()?);
        }
        for (field, sought) in opened.iter_mut().flatten().zip(&self.sought) {
            take(field, &sought.weights, local)?;
        }
        Ok(())
    }
}

/// What a word weighs in a field: with its kin, and by itself.
struct WordWeights {
    with_kin: f64,
    alone: f64,
}

/// The words of a field, looked up in the dictionaries of all segments.
struct Sought {
    field: usize,
    weights: Vec<WordWeights>,
    terms: Vec<SoughtTerm>,
}

/// What the dictionary of each segment knows of a term of a word, and of its form as typed.
struct SoughtTerm {
    word: usize,
    grade: f64,
    infos: Vec<Option<WordInfo>>,
    forms: Vec<Option<WordInfo>>,
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
        let weight = field.weight * refined.weight;
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

/// A term of a word in a segment: its postings, those of the form as typed, and its grade.
struct Reading<'a> {
    word: usize,
    cursor: Cursor<'a>,
    form: Option<Cursor<'a>>,
    grade: f64,
    /// Whether the document that was counted last holds it.
    is_there: bool,
}

/// Where a word stands.
struct Standing {
    position: u32,
    word: usize,
    grade: f64,
}

struct FieldReader<'a> {
    segment: &'a Segment,
    refinement: &'a Refinement,
    field: usize,
    saturation: Saturation,
    readings: Vec<Reading<'a>>,
    // Kept between documents for their memory alone.
    frequencies: Vec<u32>,
    standing: Vec<Standing>,
    positions: Vec<u32>,
    exact: Vec<u32>,
    closest: Vec<f64>,
}

impl<'a> FieldReader<'a> {
    fn open(
        snapshot: &'a Snapshot,
        at: usize,
        refinement: &'a Refinement,
        sought: &Sought,
    ) -> Result<Self> {
        let (field, segment) = (sought.field, &snapshot.segments()[at].segment);
        let open = |infos: &[Option<WordInfo>]| {
            let info = infos.get(at).and_then(Option::as_ref);
            info.map(|info| Cursor::unscored(snapshot, segment, field, info)).transpose()
        };
        let mut readings = Vec::with_capacity(sought.terms.len());
        for &SoughtTerm { word, grade, ref infos, ref forms } in &sought.terms {
            if let Some(cursor) = open(infos)? {
                readings.push(Reading { word, cursor, form: open(forms)?, grade, is_there: false });
            }
        }
        let (documents, positions) = (u64::from(snapshot.documents()), snapshot.positions(field));
        Ok(Self {
            segment,
            refinement,
            field,
            saturation: Saturation::with(refinement.k1, refinement.b, documents, positions),
            readings,
            frequencies: vec![0; sought.weights.len()],
            standing: Vec::new(),
            positions: Vec::new(),
            exact: Vec::new(),
            closest: vec![0.0; sought.weights.len()],
        })
    }

    /// Gives the evidence of a document's words and kin, and the most that nearness can be.
    fn count(&mut self, document: u32, weights: &[WordWeights]) -> Result<Evidence> {
        self.frequencies.fill(0);
        self.closest.fill(0.0);
        for reading in &mut self.readings {
            reading.is_there = reading.cursor.seek(document)? == document;
            if !reading.is_there {
                continue;
            }
            if let Some(frequency) = self.frequencies.get_mut(reading.word) {
                *frequency += reading.cursor.frequency()?;
            }
            let exact = reading.form.as_ref().map_or(0.0, |_| self.refinement.exact_grade);
            if let Some(closest) = self.closest.get_mut(reading.word) {
                *closest = closest.max(reading.grade.max(exact));
            }
        }
        let length = self.segment.lengths(self.field)?.get(document);
        let counted = weights.iter().zip(&self.frequencies).filter(|(_, it)| **it > 0);
        let kin = counted.map(|(weight, &frequency)| {
            weight.with_kin * f64::from(self.saturation.share(frequency, length))
        });
        Ok(Evidence { kin: kin.sum(), near: self.sum_at_place(weights) })
    }

    /// Gives the nearness in the document that was counted last.
    fn nearness(&mut self, document: u32, weights: &[WordWeights]) -> Result<f64> {
        self.standing.clear();
        for reading in self.readings.iter_mut().filter(|reading| reading.is_there) {
            reading.cursor.positions_in(document, &mut self.positions)?;
            self.exact.clear();
            if let Some(form) = &mut reading.form {
                form.positions_in(document, &mut self.exact)?;
            }
            for &position in &self.positions {
                let is_exact = self.exact.binary_search(&position).is_ok();
                let grade = if is_exact { self.refinement.exact_grade } else { reading.grade };
                self.standing.push(Standing { position, word: reading.word, grade });
            }
        }
        Ok(self.best_place(weights))
    }

    /// Gives the sum at the best of the first places, 0 where there is none.
    fn best_place(&mut self, weights: &[WordWeights]) -> f64 {
        self.standing.sort_unstable_by_key(|standing| standing.position);
        let width = self.refinement.width;
        let mut best = 0.0_f64;
        let (mut start, mut seen, mut before) = (0, 0, None);
        for at in 0..self.standing.len() {
            let Some(place) = self.standing.get(at).map(|it| it.position) else { break };
            if before == Some(place) {
                continue;
            }
            if seen == MAX_PLACES {
                break;
            }
            (seen, before) = (seen + 1, Some(place));
            let is_before = |standing: &Standing| standing.position.saturating_add(width) <= place;
            start += self.standing.iter().skip(start).take_while(|it| is_before(it)).count();
            self.closest.fill(0.0);
            for standing in self.standing.get(start..).unwrap_or_default() {
                if standing.position >= place.saturating_add(width) {
                    break;
                }
                let distance = f64::from(standing.position.abs_diff(place));
                let closeness = standing.grade * (1.0 - distance / f64::from(width));
                if let Some(closest) = self.closest.get_mut(standing.word) {
                    *closest = closest.max(closeness);
                }
            }
            best = best.max(self.sum_at_place(weights));
        }
        best
    }

    fn sum_at_place(&self, weights: &[WordWeights]) -> f64 {
        weights.iter().zip(&self.closest).map(|(weight, closest)| weight.alone * closest).sum()
    }
}
