//! Owns what a refinement adds to the scores of single documents, and which terms are akin.
//!
//! A search gives the best documents of a plan; for these few, where their words stand is looked
//! up. For each field and document,
//!
//! ```text
//! kin  = kin  · Σ weight · idf of the word with its kin · tf / (tf + K)
//! near = near · max over places p of Σ weight · idf · max over occurrences o of
//!                                      grade(o) · max(0, 1 − |o − p| / width)
//! ```

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::ranking::idf;
use crate::segment::{Segment, Words};
use crate::snapshot::Snapshot;

use super::cursor::Cursor;
use super::plan::Wanted;

/// Places of a field, from its beginning, that the best is looked for among.
pub const MAX_PLACES: usize = 1024;

/// Letters that akin words have in common at least: fewer begin half the dictionary.
const LEAST_COMMON: usize = 4;

/// Twice the letters in common are at least 0.55 (11/20) of the letters of both words.
const LIKENESS: (usize, usize) = (11, 20);

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
    /// Where words are looked for.
    pub fields: Vec<RefinedField>,
    /// The weight of words with their kin.
    pub kin: f64,
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

/// Gives for each of the documents, in any order, what each field adds to its score.
pub fn refine(
    snapshot: &Snapshot,
    refinement: &Refinement,
    documents: &[u32],
) -> Result<Vec<Vec<Evidence>>> {
    let mut order: Vec<(usize, u32, usize)> = Vec::with_capacity(documents.len());
    for (at, &document) in documents.iter().enumerate() {
        let Some((segment, local)) = snapshot.locate(document) else {
            return Err(Error::Argument(format!("document {document} does not exist")));
        };
        order.push((segment, local, at));
    }
    order.sort_unstable();
    let mut found = vec![Vec::with_capacity(refinement.fields.len()); documents.len()];
    for field in &refinement.fields {
        let words = weigh(snapshot, refinement, field)?;
        for group in order.chunk_by(|one, other| one.0 == other.0) {
            let Some(live) = group.first().and_then(|first| snapshot.segments().get(first.0))
            else {
                continue;
            };
            let mut reader = FieldReader::open(snapshot, &live.segment, refinement, field, &words)?;
            for &(_, local, at) in group {
                let evidence = reader.evidence(local)?;
                if let Some(slot) = found.get_mut(at) {
                    slot.push(evidence);
                }
            }
        }
    }
    Ok(found)
}

/// What a word weighs in a field: with its kin, and by itself.
struct WordWeights {
    with_kin: f64,
    alone: f64,
}

fn weigh(
    snapshot: &Snapshot,
    refinement: &Refinement,
    field: &RefinedField,
) -> Result<Vec<WordWeights>> {
    let documents = u64::from(snapshot.documents());
    let weights = field.words.iter().map(|word| {
        let holding = snapshot.frequency(field.field, Words::Terms, &word.term)?;
        let mut all = holding;
        for kin in &word.kin {
            all += snapshot.frequency(field.field, Words::Terms, kin)?;
        }
        let weight = field.weight * word.weight;
        Ok(WordWeights {
            with_kin: refinement.kin * weight * idf(documents, all.min(documents)),
            alone: refinement.near * weight * idf(documents, holding),
        })
    });
    weights.collect()
}

/// A term of a word in a segment: its postings, those of the form as typed, and its grade.
struct Reading<'a> {
    word: usize,
    cursor: Cursor<'a>,
    form: Option<Cursor<'a>>,
    grade: f64,
}

/// Where a word stands.
struct Standing {
    position: u32,
    word: usize,
    grade: f64,
}

struct FieldReader<'a> {
    snapshot: &'a Snapshot,
    segment: &'a Segment,
    refinement: &'a Refinement,
    field: usize,
    weights: &'a [WordWeights],
    readings: Vec<Reading<'a>>,
    /// Kept between documents for their memory alone.
    standing: Vec<Standing>,
    positions: Vec<u32>,
    exact: Vec<u32>,
    closest: Vec<f64>,
}

impl<'a> FieldReader<'a> {
    fn open(
        snapshot: &'a Snapshot,
        segment: &'a Segment,
        refinement: &'a Refinement,
        field: &RefinedField,
        weights: &'a [WordWeights],
    ) -> Result<Self> {
        let number = field.field;
        let open = |words: Words, key: &[u8]| {
            Cursor::find(snapshot, segment, &Wanted { field: number, words, key: key.to_vec() })
        };
        let mut readings = Vec::new();
        for (at, word) in field.words.iter().enumerate() {
            if let Some(cursor) = open(Words::Terms, &word.term)? {
                let form = word.form.as_ref().map(|form| open(Words::Forms, form)).transpose()?;
                readings.push(Reading { word: at, cursor, form: form.flatten(), grade: 1.0 });
            }
            for kin in &word.kin {
                if let Some(cursor) = open(Words::Terms, kin)? {
                    let grade = refinement.kin_grade;
                    readings.push(Reading { word: at, cursor, form: None, grade });
                }
            }
        }
        Ok(Self {
            snapshot,
            segment,
            refinement,
            field: number,
            weights,
            readings,
            standing: Vec::new(),
            positions: Vec::new(),
            exact: Vec::new(),
            closest: vec![0.0; weights.len()],
        })
    }

    /// Gives the evidence of a document, which is not below those before it.
    fn evidence(&mut self, document: u32) -> Result<Evidence> {
        let mut frequencies = vec![0_u32; self.weights.len()];
        self.standing.clear();
        for reading in &mut self.readings {
            reading.cursor.positions_in(document, &mut self.positions)?;
            if self.positions.is_empty() {
                continue;
            }
            self.exact.clear();
            if let Some(form) = &mut reading.form {
                form.positions_in(document, &mut self.exact)?;
            }
            if let Some(frequency) = frequencies.get_mut(reading.word) {
                *frequency += self.positions.len() as u32;
            }
            for &position in &self.positions {
                let is_exact = self.exact.binary_search(&position).is_ok();
                let grade = if is_exact { self.refinement.exact_grade } else { reading.grade };
                self.standing.push(Standing { position, word: reading.word, grade });
            }
        }
        let length = self.segment.lengths(self.field)?.get(document);
        let saturation = self.snapshot.saturation(self.field);
        let shares = self.weights.iter().zip(frequencies).filter(|(_, frequency)| *frequency > 0);
        let kin = shares.map(|(weight, frequency)| {
            weight.with_kin * f64::from(saturation.share(frequency, length))
        });
        Ok(Evidence { kin: kin.sum(), near: self.nearness() })
    }

    /// Gives the sum at the best of the first places, 0 where there is none.
    fn nearness(&mut self) -> f64 {
        self.standing.sort_unstable_by_key(|standing| standing.position);
        let width = self.refinement.width;
        let mut best = 0.0_f64;
        let mut start = 0;
        let places = self.standing.chunk_by(|one, other| one.position == other.position);
        for place in places.take(MAX_PLACES).filter_map(|places| places.first()) {
            let place = place.position;
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
            let weights = self.weights.iter().map(|weight| weight.alone);
            best = best.max(weights.zip(&self.closest).map(|(weight, it)| weight * it).sum());
        }
        best
    }
}

/// Gives the terms of a field that begin as a term does, the likest first, at most `limit`.
///
/// Two terms are akin when the letters that they have in common from the first on are at least 4,
/// and twice these at least 0.55 of the letters of both. Of equally like ones those in more
/// documents come first, then those that sort first.
pub fn kin(snapshot: &Snapshot, field: usize, term: &str, limit: usize) -> Result<Vec<String>> {
    let (share, whole) = LIKENESS;
    let length = term.chars().count();
    // What has p letters in common is no shorter than p, so this is the least that p can be.
    let least = LEAST_COMMON.max((share * length).div_ceil(2 * whole - share));
    if length < least || term.bytes().any(|byte| byte.is_ascii_digit()) {
        return Ok(Vec::new());
    }
    let end = term.char_indices().nth(least).map_or(term.len(), |(at, _)| at);
    let prefix = term.get(..end).unwrap_or(term);
    let mut found: BTreeMap<String, Akin> = BTreeMap::new();
    for live in snapshot.segments() {
        let dictionary = live.segment.dictionary(field, Words::Terms)?;
        let mut entries = dictionary.from(prefix.as_bytes())?;
        while let Some(key) = entries.next()? {
            if !key.starts_with(prefix.as_bytes()) {
                break;
            }
            let Ok(other) = std::str::from_utf8(key) else { continue };
            let common = term.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
            let letters = length + other.chars().count();
            if other == term || 2 * whole * common < share * letters {
                continue;
            }
            let other = other.to_owned();
            let akin = found.entry(other).or_insert(Akin { common, letters, documents: 0 });
            akin.documents += u64::from(entries.info().documents);
        }
    }
    let mut found: Vec<(String, Akin)> = found.into_iter().collect();
    found.sort_by(|(_, one), (_, other)| {
        // common / letters, without rounding.
        let likeness = (other.common * one.letters).cmp(&(one.common * other.letters));
        likeness.then(other.documents.cmp(&one.documents))
    });
    Ok(found.into_iter().take(limit).map(|(term, _)| term).collect())
}

/// A term that begins as another does.
struct Akin {
    common: usize,
    letters: usize,
    documents: u64,
}
