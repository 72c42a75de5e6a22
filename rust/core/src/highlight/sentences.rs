//! Owns sentence borders in Italian text: the twin of `searchlib/highlight/sentences.py`.

use std::sync::LazyLock;

use crate::analysis::hashing::WordMap;
use crate::analysis::is_space;
use crate::analysis::italian::{case_fold, is_alphanumeric, is_decimal, is_digit};

const MAX_OPENING: usize = 8;
const LONGEST_ABBREVIATION: usize = 16;
const LONGEST_LIST_NUMBER: usize = 3;
const DEEPEST_HEADING: usize = 6;
const WRAPPED_WIDTH: std::ops::Range<usize> = 61..101;

/// Whether the stop of an abbreviation, case-folded, may end a sentence.
static ABBREVIATIONS: LazyLock<WordMap<String, bool>> = LazyLock::new(|| {
    let table = include_str!("../../../../searchlib/highlight/data/abbreviations.tsv");
    let rows = table.lines().filter(|line| !line.starts_with('#')).skip(1);
    let row = |line: &str| {
        let mut columns = line.split('\t');
        let mut folded = String::new();
        columns.next()?.chars().for_each(|letter| case_fold(letter, &mut folded));
        Some((folded, columns.next()? == "may"))
    };
    rows.filter_map(row).collect()
});

/// Tells whether a character is a quote or bracket that closes behind a stop.
pub fn is_closing(character: char) -> bool {
    matches!(character, '"' | '\'' | '”' | '’' | '»' | ')' | ']' | '}')
}

fn is_opening(character: char) -> bool {
    is_space(character)
        || matches!(character, '"' | '\'' | '“' | '‘' | '„' | '«' | '(' | '[' | '{' | '¿' | '¡')
        || matches!(character, '—' | '–' | '-')
}

/// Gives the sentences of a text, which partition it.
pub fn sentences(text: &[char]) -> Vec<(usize, usize)> {
    let blank = run(text, 0, is_space);
    let mut found = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < text.len() {
        let Some(candidate) = candidate(text, at) else {
            at += 1;
            continue;
        };
        at = candidate.end;
        if blank < at && at < text.len() && is_border(text, &candidate) {
            found.push((start, at));
            start = at;
        }
    }
    if !text.is_empty() {
        found.push((start, text.len()));
    }
    found
}

/// A place where a sentence may end.
struct Candidate {
    start: usize,
    has_stop: bool,
    space_start: usize,
    end: usize,
}

fn candidate(text: &[char], start: usize) -> Option<Candidate> {
    let has_stop = matches!(text[start], '.' | '!' | '?' | '…');
    if !has_stop && text[start] != '\n' {
        return None;
    }
    let space_start = if has_stop { run(text, start + 1, is_closing) } else { start };
    let end = run(text, space_start, is_space);
    (end > space_start).then_some(Candidate { start, has_stop, space_start, end })
}

/// Gives where the run of such characters from a place on ends.
pub fn run(text: &[char], start: usize, belongs: impl Fn(char) -> bool) -> usize {
    let length = text.get(start..).and_then(|rest| rest.iter().position(|&it| !belongs(it)));
    length.map_or(text.len(), |length| start + length)
}

fn is_border(text: &[char], candidate: &Candidate) -> bool {
    let &Candidate { start, has_stop, space_start, end } = candidate;
    let line_breaks = text[space_start..end].iter().filter(|&&it| it == '\n').count();
    if line_breaks > 1 || (line_breaks == 1 && is_list_item(&text[end..])) {
        return true;
    }
    match has_stop {
        true => stop_ends_sentence(text, start, end),
        false => line_ends_sentence(text, start, end),
    }
}

fn is_list_item(text: &[char]) -> bool {
    let end = match text {
        ['-' | '*' | '+' | '•' | '◦' | '▪' | '‣' | '·' | '–' | '—', ..] => 1,
        ['#', ..] => run(text, 0, |it| it == '#'),
        [letter, ')', ..] if letter.is_ascii_alphabetic() => 2,
        _ => {
            let digits = run(text, 0, is_decimal);
            let closed = matches!(text.get(digits), Some('.' | ')'));
            if !closed || !(1..=LONGEST_LIST_NUMBER).contains(&digits) {
                return false;
            }
            digits + 1
        }
    };
    let is_deep = text.starts_with(&['#']) && end > DEEPEST_HEADING;
    !is_deep && text.get(end).copied().is_some_and(is_space)
}

fn stop_ends_sentence(text: &[char], stop: usize, after: usize) -> bool {
    let following = first_letter(text, after);
    let is_lower = following.is_some_and(char::is_lowercase);
    if text[stop] != '.' {
        return !is_lower;
    }
    if stop > 0 && text[stop - 1] == '.' {
        return !is_lower && !following.is_some_and(is_digit);
    }
    let word = word_before(text, stop);
    let mut folded = String::new();
    word.iter().for_each(|&letter| case_fold(letter, &mut folded));
    folded.push('.');
    if let Some(may_end) = ABBREVIATIONS.get(&folded) {
        return *may_end && following.is_some_and(char::is_uppercase);
    }
    if are_initials(word) || is_list_number(text, stop) {
        return false;
    }
    !is_lower || text[stop..after].contains(&'\n')
}

fn line_ends_sentence(text: &[char], line_end: usize, after: usize) -> bool {
    let start = text[..line_end].iter().rposition(|&it| it == '\n').map_or(0, |at| at + 1);
    let line = trim(&text[start..line_end]);
    let last = line.iter().rev().find(|&&it| !is_closing(it));
    let is_final = matches!(last, None | Some('.' | '!' | '?' | '…' | ',' | ';' | ':'));
    !is_final
        && first_letter(text, after).is_some_and(char::is_uppercase)
        && !WRAPPED_WIDTH.contains(&line.len())
}

/// Gives the text without the white space around it.
fn trim(text: &[char]) -> &[char] {
    let start = run(text, 0, is_space);
    &text[start..end_of(text, start)]
}

/// Gives where the text from a place on ends, without the white space at its end.
pub fn end_of(text: &[char], start: usize) -> usize {
    let last = text[start..].iter().rposition(|&it| !is_space(it));
    last.map_or(start, |last| start + last + 1)
}

fn first_letter(text: &[char], after: usize) -> Option<char> {
    let opening = &text[after..text.len().min(after + MAX_OPENING)];
    text.get(after + run(opening, 0, is_opening)).copied()
}

/// Gives the letters, digits and dots right before a stop, at most a long abbreviation.
fn word_before(text: &[char], stop: usize) -> &[char] {
    let earliest = stop.saturating_sub(LONGEST_ABBREVIATION);
    let before = &text[earliest..stop];
    let start = before.iter().rposition(|&it| it != '.' && !is_alphanumeric(it));
    &before[start.map_or(0, |at| at + 1)..]
}

fn are_initials(word: &[char]) -> bool {
    word.split(|&it| it == '.').all(|part| matches!(part, [letter] if letter.is_uppercase()))
}

fn is_list_number(text: &[char], stop: usize) -> bool {
    let earliest = stop.saturating_sub(LONGEST_ABBREVIATION);
    let line_break = text[earliest..stop].iter().rposition(|&it| it == '\n');
    let start = line_break.map_or(0, |at| earliest + at + 1);
    if start == 0 && stop > LONGEST_ABBREVIATION {
        return false;
    }
    let line = &text[start..stop];
    let number = &line[run(line, 0, is_space)..];
    (1..=LONGEST_LIST_NUMBER).contains(&number.len()) && number.iter().copied().all(is_decimal)
}
