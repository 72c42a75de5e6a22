//! Owns the evidence of words and their kin in single documents of a segment.
//!
//! Each term is looked for in all the documents at once, block by block of its postings. That tells
//! how often the words are there, and so what bounds nearness; positions are read when nearness is
//! asked for.

use crate::dictionary::WordInfo;
use crate::error::Result;
use crate::ranking::Saturation;
use crate::segment::Segment;
use crate::snapshot::Snapshot;

use super::cursor::{Cursor, Places};
use super::refine::{Refinement, Sought, SoughtTerm, WordWeights};

/// Places of a field, from its beginning, that the best is looked for among.
pub const MAX_PLACES: usize = 1024;

/// What one field adds to the score of one document.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// By its words and their kin.
    pub kin: f64,
    /// By how near each other they stand.
    pub near: f64,
}

/// Where a word stands.
struct Standing {
    position: u32,
    word: usize,
    grade: f64,
}

/// A term of a word in a segment.
#[derive(Clone, Copy)]
struct Reading<'a> {
    sought: &'a SoughtTerm,
    info: &'a WordInfo,
    exact: Exact,
}

/// Where a term stands in the form as typed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exact {
    /// Nowhere in the segment, or the spelling does not count.
    Never,
    /// Wherever it stands.
    Always,
    /// Where the form of this ordinal stands.
    At(u32),
}

impl<'a> Reading<'a> {
    fn of(sought: &'a SoughtTerm, segment: usize) -> Option<Self> {
        let info = sought.infos.get(segment)?.as_ref()?;
        let form = sought.forms.get(segment).and_then(Option::as_ref);
        let exact = match form.filter(|form| form.postings == info.postings) {
            None => Exact::Never,
            Some(form) => form.among.map_or(Exact::Always, |among| Exact::At(among.ordinal)),
        };
        Some(Self { sought, info, exact })
    }

    /// Gives what an occurrence counts at most.
    fn highest_grade(&self, refinement: &Refinement) -> f64 {
        match self.exact {
            Exact::Never => self.sought.grade,
            _ => self.sought.grade.max(refinement.exact_grade),
        }
    }
}

/// Where a term stands in a document.
struct Found<'a> {
    reading: Reading<'a>,
    places: Places<'a>,
    /// What was found before in the same document.
    before: Option<usize>,
}

/// The words of a field in some documents of a segment.
pub struct FieldReader<'a> {
    segment: &'a Segment,
    field: usize,
    refinement: &'a Refinement,
    weights: &'a [WordWeights],
    /// For each document its evidence by words and kin, and the most that nearness can be.
    most: Vec<Evidence>,
    found: Vec<Found<'a>>,
    /// For each document what was found there last.
    latest: Vec<Option<usize>>,
    // Kept between documents for their memory alone.
    standing: Vec<Standing>,
    closest: Vec<f64>,
}

impl<'a> FieldReader<'a> {
    /// Looks words up in documents of a segment, which ascend.
    pub fn read(
        snapshot: &'a Snapshot,
        at: usize,
        refinement: &'a Refinement,
        sought: &'a Sought,
        documents: &[u32],
    ) -> Result<Self> {
        let (field, segment) = (sought.field, &snapshot.segments()[at].segment);
        let mut counts = Counts::new(sought.weights.len(), documents.len());
        let (mut found, mut latest) = (Vec::new(), vec![None; documents.len()]);
        let (mut cursor, mut indices) = (None, Vec::new());
        for reading in sought.terms.iter().filter_map(|term| Reading::of(term, at)) {
            let cursor: &mut Cursor<'a> = match &mut cursor {
                Some(cursor) => cursor,
                none => none.insert(Cursor::unscored(snapshot, segment, field, reading.info)?),
            };
            cursor.turn_to(reading.info)?;
            let most = reading.highest_grade(refinement);
            cursor.visit(
                documents,
                0.0,
                |_, _| true,
                |cursor, first, part| {
                    indices.clear();
                    indices.resize(part.len(), 0);
                    cursor.find(part, &mut indices);
                    for (at, &index) in (first..).zip(&indices).filter(|(_, index)| **index > 0) {
                        let places = cursor.places_at(index as usize - 1)?;
                        counts.add(at, reading.sought.word, places.count(), most);
                        let before = latest[at].replace(found.len());
                        found.push(Found { reading, places, before });
                    }
                    Ok(())
                },
            )?;
        }
        let lengths = segment.lengths(field)?;
        let (all, positions) = (u64::from(snapshot.documents()), snapshot.positions(field));
        let saturation = Saturation::with(refinement.k1, refinement.b, all, positions);
        let weights = sought.weights.as_slice();
        let most = documents.iter().enumerate();
        let most = most.map(|(at, &document)| {
            let share = |frequency| saturation.share(frequency, lengths.get(document));
            counts.evidence(at, weights, share)
        });
        Ok(Self {
            segment,
            field,
            refinement,
            weights,
            most: most.collect(),
            found,
            latest,
            standing: Vec::new(),
            closest: vec![0.0; weights.len()],
        })
    }

    /// Gives the evidence of the words and kin in the document at an index, and the most that
    /// nearness can be.
    pub fn most(&self, at: usize) -> Evidence {
        self.most.get(at).copied().unwrap_or_default()
    }

    /// Gives the nearness in the document at an index.
    pub fn nearness(&mut self, at: usize) -> Result<f64> {
        self.standing.clear();
        let mut next = self.latest.get(at).copied().flatten();
        while let Some(found) = next.and_then(|next| self.found.get(next)) {
            let Reading { sought, info, exact } = found.reading;
            let ordinal = if let Exact::At(ordinal) = exact { Some(ordinal) } else { None };
            let standing = &mut self.standing;
            let exact_grade = self.refinement.exact_grade;
            let read = found.places.for_each(ordinal, |position, is_form| {
                let is_exact = is_form || exact == Exact::Always;
                let grade = if is_exact { exact_grade } else { sought.grade };
                standing.push(Standing { position, word: sought.word, grade });
            });
            read.ok_or_else(|| self.segment.malformed_postings(self.field, info))?;
            next = found.before;
        }
        Ok(self.best_place())
    }

    /// Gives the sum at the best of the first places, 0 where there is none.
    fn best_place(&mut self) -> f64 {
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
            best = best.max(sum_at_place(self.weights, &self.closest));
        }
        best
    }
}

fn sum_at_place(weights: &[WordWeights], closest: &[f64]) -> f64 {
    weights.iter().zip(closest).map(|(weight, closest)| weight.alone * closest).sum()
}

/// What was counted of each word in each document.
struct Counts {
    words: usize,
    frequencies: Vec<u32>,
    /// The highest grade of an occurrence.
    closest: Vec<f64>,
}

impl Counts {
    fn new(words: usize, documents: usize) -> Self {
        let count = words * documents;
        Self { words, frequencies: vec![0; count], closest: vec![0.0; count] }
    }

    fn add(&mut self, document: usize, word: usize, frequency: u32, grade: f64) {
        let at = document * self.words + word;
        self.frequencies[at] = self.frequencies[at].saturating_add(frequency);
        self.closest[at] = self.closest[at].max(grade);
    }

    /// Gives the evidence of a document where nearness is the most that it can be.
    fn evidence(
        &self,
        document: usize,
        weights: &[WordWeights],
        share: impl Fn(u32) -> f32,
    ) -> Evidence {
        let own = document * self.words..(document + 1) * self.words;
        let (frequencies, closest) = (&self.frequencies[own.clone()], &self.closest[own]);
        let counted = weights.iter().zip(frequencies).filter(|(_, frequency)| **frequency > 0);
        let kin = counted.map(|(weight, &frequency)| weight.with_kin * f64::from(share(frequency)));
        Evidence { kin: kin.sum(), near: sum_at_place(weights, closest) }
    }
}
