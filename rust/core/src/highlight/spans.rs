//! Owns which stretches of a text answer which leaf, and which of them become marks.
//!
//! The twin of `searchlib/highlight/spans.py`.

use super::{Leaf, Words};
use crate::analysis::tokens::{Token, Tokenizer};

const MAX_LOOSE_STEPS: usize = 1_000_000;

/// A stretch that matched, and which of the leaves it answers; half-open, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The number of the leaf.
    pub leaf: usize,
}

type Stretch = (usize, usize);

/// Where a word is: at a position, which characters.
#[derive(Clone, Copy)]
struct Place {
    position: usize,
    start: usize,
    end: usize,
}

/// The tokens of a text that are words of some leaf, by their numbers, forms or terms.
struct Matched(Vec<(u32, Vec<Place>)>);

impl Matched {
    /// Finds the tokens whose number is one of these.
    fn find(mut wanted: Vec<u32>, tokens: &[Token], number: impl Fn(&Token) -> u32) -> Self {
        wanted.sort_unstable();
        wanted.dedup();
        let mut found: Vec<(u32, Vec<Place>)> = wanted.into_iter().map(|it| (it, vec![])).collect();
        if found.is_empty() {
            return Self(found);
        }
        for token in tokens {
            if let Ok(at) = found.binary_search_by_key(&number(token), |&(number, _)| number) {
                found[at].1.push(Place {
                    position: token.position as usize,
                    start: token.start as usize,
                    end: token.end as usize,
                });
            }
        }
        Self(found)
    }

    fn places(&self, number: Option<u32>) -> &[Place] {
        let at = number.and_then(|it| self.0.binary_search_by_key(&it, |&(word, _)| word).ok());
        at.map_or(&[], |at| &self.0[at].1)
    }
}

/// Gives the stretches of each leaf in text order; those of different leaves may overlap.
pub fn find_spans(tokenizer: &Tokenizer, tokens: &[Token], leaves: &[Leaf]) -> Vec<Span> {
    let number = |leaf: &Leaf, word: &str| match leaf.is_exact {
        true => tokenizer.number_of_form(word),
        false => tokenizer.number_of_term(word),
    };
    let wanted = |is_exact: bool| {
        let leaves = leaves.iter().filter(move |leaf| leaf.is_exact == is_exact);
        leaves.flat_map(|leaf| numbers(leaf, number)).flatten().collect()
    };
    let forms = Matched::find(wanted(true), tokens, |token| token.form);
    let terms = Matched::find(wanted(false), tokens, |token| token.term);
    let mut spans = Vec::new();
    for (at, leaf) in leaves.iter().enumerate() {
        let matched = if leaf.is_exact { &forms } else { &terms };
        let numbers = numbers(leaf, number);
        let stretches = match &leaf.words {
            Words::Any(_) => {
                let places = numbers.iter().flat_map(|&it| matched.places(it));
                places.map(|place| (place.start, place.end)).collect()
            }
            Words::Phrase { words, slop } => {
                let offsets = words.iter().map(|&(offset, _)| offset as usize).collect();
                let places = numbers.iter().map(|&it| united(matched.places(it))).collect();
                phrase_stretches(offsets, places, *slop as usize)
            }
        };
        push_united(stretches, at, &mut spans);
    }
    spans.sort_unstable();
    spans
}

fn numbers(leaf: &Leaf, number: impl Fn(&Leaf, &str) -> Option<u32>) -> Vec<Option<u32>> {
    match &leaf.words {
        Words::Any(words) => words.iter().map(|word| number(leaf, word)).collect(),
        Words::Phrase { words, .. } => words.iter().map(|(_, word)| number(leaf, word)).collect(),
    }
}

/// Adds the stretches in order, those that overlap as one.
fn push_united(mut stretches: Vec<Stretch>, leaf: usize, spans: &mut Vec<Span>) {
    stretches.sort_unstable();
    let first = spans.len();
    for (start, end) in stretches {
        match spans[first..].last_mut() {
            Some(last) if start < last.end => last.end = last.end.max(end),
            _ => spans.push(Span { start, end, leaf }),
        }
    }
}

/// Gives the places of a word, those at one position as one.
fn united(places: &[Place]) -> Vec<Place> {
    let mut found: Vec<Place> = Vec::with_capacity(places.len());
    for &place in places {
        match found.last_mut() {
            // A compound and its first part may be the same word.
            Some(last) if last.position == place.position => {
                last.start = last.start.min(place.start);
                last.end = last.end.max(place.end);
            }
            _ => found.push(place),
        }
    }
    found
}

fn phrase_stretches(offsets: Vec<usize>, places: Vec<Vec<Place>>, slop: usize) -> Vec<Stretch> {
    let mut found = Vec::new();
    let (Some(first), Some(last)) = (places.first(), places.last()) else { return found };
    if places.iter().any(Vec::is_empty) {
        return found;
    }
    let starts = contiguous_starts(&offsets, &places);
    let width = offsets[offsets.len() - 1] - offsets[0];
    for place in first.iter().filter(|it| starts[it.position / 64] >> (it.position % 64) & 1 == 1) {
        let end = last.binary_search_by_key(&(place.position + width), |it| it.position);
        found.extend(end.map(|at| (place.start, last[at].end)));
    }
    if slop > 0 {
        push_loose_words(&offsets, &places, slop, &mut found);
    }
    found
}

/// Gives, as bits, the positions at which an occurrence without extra positions begins.
fn contiguous_starts(offsets: &[usize], places: &[Vec<Place>]) -> Vec<u64> {
    let longest = places.iter().flat_map(|it| it.last()).map(|it| it.position).max();
    let mut starts = vec![u64::MAX; longest.unwrap_or_default() / 64 + 1];
    for (offset, places) in offsets.iter().zip(places) {
        let shift = offset - offsets[0];
        let mut bits = vec![0u64; starts.len()];
        for place in places {
            if let Some(position) = place.position.checked_sub(shift) {
                bits[position / 64] |= 1 << (position % 64);
            }
        }
        starts.iter_mut().zip(bits).for_each(|(starts, bits)| *starts &= bits);
    }
    starts
}

/// Adds each word of each occurrence of a phrase with slop.
fn push_loose_words(
    offsets: &[usize],
    places: &[Vec<Place>],
    slop: usize,
    found: &mut Vec<Stretch>,
) {
    let most = MAX_LOOSE_STEPS / offsets.len();
    let places: Vec<&[Place]> = places.iter().map(|it| &it[..it.len().min(most)]).collect();
    let gaps: Vec<i64> = offsets.windows(2).map(|pair| (pair[1] - pair[0]) as i64).collect();
    let positions: Vec<Vec<i64>> =
        places.iter().map(|it| it.iter().map(|place| place.position as i64).collect()).collect();
    let starts = latest_starts(&positions, &gaps);
    let mirror = |row: &Vec<i64>| row.iter().rev().map(|position| -position).collect();
    let mirrored: Vec<Vec<i64>> = positions.iter().rev().map(mirror).collect();
    let mirrored_gaps: Vec<i64> = gaps.iter().rev().copied().collect();
    let mut ends = latest_starts(&mirrored, &mirrored_gaps);
    ends.reverse();
    ends.iter_mut().for_each(|row| row.reverse());
    let longest = (offsets[offsets.len() - 1] - offsets[0] + slop) as i64;
    for ((row, starts), ends) in places.iter().zip(&starts).zip(&ends) {
        for ((place, start), mirrored_end) in row.iter().zip(starts).zip(ends) {
            if let (Some(start), Some(mirrored_end)) = (start, mirrored_end)
                && -mirrored_end - start <= longest
            {
                found.push((place.start, place.end));
            }
        }
    }
}

/// Gives, beside each position of each word, the latest start of a chain that ends there.
fn latest_starts(positions: &[Vec<i64>], gaps: &[i64]) -> Vec<Vec<Option<i64>>> {
    let mut rows: Vec<Vec<Option<i64>>> = Vec::with_capacity(positions.len());
    rows.extend(positions.first().map(|row| row.iter().copied().map(Some).collect()));
    for ((pair, &gap), word) in positions.windows(2).zip(gaps).zip(0..) {
        let (before, starts): (&Vec<i64>, &Vec<Option<i64>>) = (&pair[0], &rows[word]);
        let (mut latest, mut passed) = (None, 0);
        let row = pair[1].iter().map(|position| {
            while passed < before.len() && before[passed] <= position - gap {
                latest = starts[passed];
                passed += 1;
            }
            latest
        });
        let row = row.collect();
        rows.push(row);
    }
    rows
}

/// Gives sorted spans of which no two overlap, and which cover the same tokens as those given.
pub fn without_overlaps(mut spans: Vec<Span>, tokens: &[Token]) -> Vec<Span> {
    spans.sort();
    if spans.windows(2).all(|pair| pair[0].end <= pair[1].start) {
        return spans;
    }
    let mut borders: Vec<usize> = spans.iter().flat_map(|span| [span.start, span.end]).collect();
    borders.sort_unstable();
    borders.dedup();
    let cell = |border: usize| borders.partition_point(|&it| it < border);
    let mut owners: Vec<Option<Span>> = vec![None; borders.len().saturating_sub(1)];
    // Painted from the weakest to the strongest: the last coat is the one that shows.
    spans.sort_by_key(|span| (span.end - span.start, std::cmp::Reverse(span.leaf)));
    for &span in &spans {
        owners[cell(span.start)..cell(span.end)].fill(Some(span));
    }
    let mut starts: Vec<usize> = tokens.iter().map(|token| token.start as usize).collect();
    let mut ends: Vec<usize> = tokens.iter().map(|token| token.end as usize).collect();
    starts.sort_unstable();
    ends.sort_unstable();
    let mut kept = Vec::new();
    let mut first = 0;
    for run in owners.chunk_by(|one, other| one == other) {
        let last = first + run.len();
        if let Some(owner) = run[0] {
            let (mut start, mut end) = (borders[first], borders[last]);
            if start > owner.start {
                start =
                    starts.get(starts.partition_point(|&it| it < start)).copied().unwrap_or(end);
            }
            if end < owner.end {
                let at = ends.partition_point(|&it| it <= end).checked_sub(1);
                end = at.map_or(start, |at| ends[at]);
            }
            if start < end {
                kept.push(Span { start, end, leaf: owner.leaf });
            }
        }
        first = last;
    }
    kept
}
