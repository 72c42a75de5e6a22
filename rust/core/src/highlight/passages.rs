//! Owns which passage of a text is shown: the twin of `searchlib/highlight/passages.py`.

use std::cell::OnceCell;
use std::ops::Range;

use super::scoring::Scorer;
use super::sentences::{end_of, is_closing, run, sentences};
use super::spans::Span;
use crate::analysis::is_space;
use crate::analysis::italian::is_mark;
use crate::analysis::tokens::Token;

const ANCHORS_PER_LEAF: usize = 100;
const JOINER: char = '\u{200d}';

/// Gives the best passage, at most so many characters (1 at least) long.
pub fn choose_passage(
    text: &[char],
    tokens: &[Token],
    scorer: &Scorer<'_>,
    max_chars: usize,
) -> Range<usize> {
    let cutter = Cutter::new(text, tokens, max_chars);
    let Some(&beginning) = cutter.starts.first() else { return 0..0 };
    let mut best = None;
    for (start, end) in candidates(scorer.spans, scorer.weights.len(), &cutter) {
        let place = start..end;
        let value = scorer.score(text, &place);
        if best.as_ref().is_none_or(|&(_, best)| value > best) {
            best = Some((place, value));
        }
    }
    best.map_or_else(|| cutter.passage_from(beginning, 0), |(place, _)| place)
}

/// Gives the possible passages in order, each once.
fn candidates(spans: &[Span], leaves: usize, cutter: &Cutter<'_>) -> Vec<(usize, usize)> {
    let mut anchors = vec![0; leaves];
    let (mut found, mut starts) = (Vec::new(), Vec::new());
    for span in spans {
        anchors[span.leaf] += 1;
        if anchors[span.leaf] <= ANCHORS_PER_LEAF {
            starts.clear();
            cutter.push_starts_around(span, &mut starts);
            for &start in &starts {
                let place = cutter.passage_from(start, span.end);
                found.push((place.start, place.end));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Finds readable ends for passages of one text.
struct Cutter<'a> {
    text: &'a [char],
    tokens: &'a [Token],
    max_chars: usize,
    /// Where the sentences begin and end, without the white space around them.
    starts: Vec<usize>,
    ends: Vec<usize>,
    united: OnceCell<Vec<(usize, usize)>>,
}

impl<'a> Cutter<'a> {
    fn new(text: &'a [char], tokens: &'a [Token], max_chars: usize) -> Self {
        let trimmed = sentences(text).into_iter().filter_map(|(start, end)| {
            let start = run(&text[..end], start, is_space);
            (start < end).then(|| (start, end_of(&text[..end], start)))
        });
        let (starts, ends) = trimmed.unzip();
        Self { text, tokens, max_chars, starts, ends, united: OnceCell::new() }
    }

    /// Adds starts from which a passage with the span in it can be made.
    fn push_starts_around(&self, span: &Span, found: &mut Vec<usize>) {
        let sentence = |at: usize| self.starts.partition_point(|&start| start <= at).checked_sub(1);
        let (Some(number), Some(last)) = (sentence(span.start), sentence(span.end - 1)) else {
            return;
        };
        let (first, end) = (self.starts[number], self.ends[last]);
        if end - first > self.max_chars {
            if span.end - first <= self.max_chars {
                found.push(first);
            }
            found.push(self.start_within(span, first, end));
            return;
        }
        let before = self.starts[..=number].iter().rev();
        found.extend(before.take_while(|&&start| end - start <= self.max_chars));
    }

    /// Gives a start within a long sentence: of a clause, a word, or the span itself.
    fn start_within(&self, span: &Span, sentence_start: usize, sentence_end: usize) -> usize {
        let (word_start, word_end) = self.word_around(span);
        if word_end - word_start > self.max_chars {
            let fits = span.end - word_start <= self.max_chars;
            return if fits { word_start } else { span.start };
        }
        let half = word_end.saturating_sub(self.max_chars / 2);
        let earliest = half.min(sentence_end.saturating_sub(self.max_chars)).max(sentence_start);
        if earliest < word_start {
            let part = &self.text[..self.text.len().min(word_start + 1)];
            if let Some(start) = clause_start(part, earliest).or_else(|| word_after(part, earliest))
            {
                return start;
            }
        }
        let mut start = word_start;
        while start + self.max_chars > word_end && start > sentence_start {
            if is_space(self.text[start - 1]) {
                return start;
            }
            start -= 1;
        }
        if start == sentence_start { start } else { word_start }
    }

    /// Gives the span with the rest of the compounds that it begins or ends in.
    fn word_around(&self, span: &Span) -> (usize, usize) {
        let united = self.united.get_or_init(|| united(self.tokens));
        let first = united.partition_point(|&(start, _)| start <= span.start).saturating_sub(1);
        let last = united.partition_point(|&(_, end)| end < span.end);
        let start = united.get(first).map_or(span.start, |&(start, _)| start);
        (start, united.get(last).map_or(span.end, |&(_, end)| end))
    }

    /// Gives the longest readable passage from there, to `at_least` if that fits.
    fn passage_from(&self, start: usize, at_least: usize) -> Range<usize> {
        let limit = start + self.max_chars;
        let last = self.ends.partition_point(|&end| end <= limit).checked_sub(1);
        let end = last.map_or(start, |last| self.ends[last]);
        let kept = if at_least <= limit { at_least } else { start };
        if end <= start || end < kept {
            return start..self.cut(start, limit, kept);
        }
        if (end - start) * 2 < self.max_chars && limit < self.text.len() {
            return start..end.max(self.cut(start, limit, end.max(kept)));
        }
        start..end
    }

    fn cut(&self, start: usize, limit: usize, at_least: usize) -> usize {
        let earliest = (start + self.max_chars / 2).max(at_least.saturating_sub(1));
        let clause = last_clause_end(self.text, earliest, limit, at_least);
        let end = clause.unwrap_or_else(|| self.word_end(start, limit, at_least));
        end_of(&self.text[..end.min(self.text.len())], start)
    }

    fn word_end(&self, start: usize, limit: usize, at_least: usize) -> usize {
        let mut end = limit;
        while end > start && !self.text.get(end).copied().is_none_or(is_space) {
            end -= 1;
        }
        if end > start && end >= at_least { end } else { self.token_end(start, limit) }
    }

    /// Gives the last border between tokens up to `limit`, for text without white space.
    fn token_end(&self, start: usize, limit: usize) -> usize {
        let united = self.united.get_or_init(|| united(self.tokens));
        let number = united.partition_point(|&(start, _)| start < limit).checked_sub(1);
        match number.map(|number| united[number]) {
            Some((first, end)) if start < first && limit < end => first,
            _ => character_end(self.text, start, limit),
        }
    }
}

/// Gives where the stretches that tokens cover begin and end, a compound as one.
fn united(tokens: &[Token]) -> Vec<(usize, usize)> {
    let mut places: Vec<(usize, usize)> =
        tokens.iter().map(|token| (token.start as usize, token.end as usize)).collect();
    places.sort();
    let mut found: Vec<(usize, usize)> = Vec::with_capacity(places.len());
    for (start, end) in places {
        match found.last_mut() {
            Some(last) if start < last.1 => last.1 = last.1.max(end),
            _ => found.push((start, end)),
        }
    }
    found
}

fn is_clause_mark(character: char) -> bool {
    matches!(character, ';' | ':' | ',')
}

fn is_dash(character: char) -> bool {
    matches!(character, '—' | '–' | '-')
}

/// Gives the start of the first clause that begins after `earliest`.
fn clause_start(text: &[char], earliest: usize) -> Option<usize> {
    (earliest..text.len()).find_map(|at| {
        let space = match text[at..] {
            [mark, ..] if is_clause_mark(mark) => run(text, at + 1, is_closing),
            [space, dash, ..] if is_space(space) && is_dash(dash) => at + 2,
            _ => return None,
        };
        let start = run(text, space, is_space);
        (space < start && start < text.len()).then_some(start)
    })
}

/// Gives the start of the first word after white space from `earliest` on.
fn word_after(text: &[char], earliest: usize) -> Option<usize> {
    let space = run(text, earliest, |it| !is_space(it));
    let start = run(text, space, is_space);
    (start < text.len()).then_some(start)
}

/// Gives the last end of a clause from `at_least` to `limit` whose mark is from `earliest` on.
fn last_clause_end(text: &[char], earliest: usize, limit: usize, at_least: usize) -> Option<usize> {
    let text = &text[..text.len().min(limit + 1)];
    let ends = (earliest..text.len()).rev().filter_map(|at| match text[at..] {
        [mark, ..] if is_clause_mark(mark) => {
            let end = run(text, at + 1, is_closing);
            text.get(end).copied().is_some_and(is_space).then_some(end)
        }
        [space, dash, after, ..] if is_space(space) && is_dash(dash) && is_space(after) => Some(at),
        _ => None,
    });
    let mut ends = ends.filter(|&end| at_least <= end && end <= limit);
    ends.next()
}

/// Gives the last end up to `limit` that parts no character from its marks, if any.
fn character_end(text: &[char], start: usize, limit: usize) -> usize {
    let mut end = limit;
    while end > start && joins(text, end) {
        end -= 1;
    }
    if end > start { end } else { limit }
}

fn joins(text: &[char], at: usize) -> bool {
    let Some(&here) = text.get(at) else { return false };
    is_mark(here)
        || here == JOINER
        || text[at - 1] == JOINER
        || matches!(here, '\u{1f3fb}'..='\u{1f3ff}')
}
