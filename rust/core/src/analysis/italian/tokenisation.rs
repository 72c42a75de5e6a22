//! Owns tokenisation: where the pieces of a normalised chunk begin and end.
//!
//! The twin of `searchlib/analysis/tokenisation.py`: each function here is one alternative of its
//! regular expression, and gives where the match that begins at a place ends.

use std::borrow::Cow;

use super::tables::TABLES;
use super::unicode::{is_alphanumeric, is_decimal, is_mark};

/// What a piece of a chunk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An address of the web or of mail.
    Address,
    /// A tag or a number as it is written.
    Whole,
    /// A number or an acronym, whose form is without its dots.
    Dotted,
    /// A word, perhaps several.
    Word,
}

/// A piece of a normalised chunk, at [start, end) of it, in characters.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// What it is.
    pub kind: Kind,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// The letter that stands for each mark that belongs to a word.
const MARK: char = 'ː';

/// Gives the pieces of a normalised chunk, in order.
pub fn tokenise(text: &[char]) -> impl Iterator<Item = Piece> {
    let text = with_marks_as_letters(text);
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            let start = at;
            if let Some((kind, end)) = piece(&text, start) {
                at = end;
                return Some(Piece { kind, start, end });
            }
            at += 1;
        }
        None
    })
}

/// Gives the [start, end) of each run of letters and digits, in order.
pub fn alphanumeric_runs(text: &[char]) -> Vec<(usize, usize)> {
    let text = &with_marks_as_letters(text)[..];
    let mut runs = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = run(text, at, is_alphanumeric);
        if end > at {
            runs.push((at, end));
        }
        at = end + 1;
    }
    runs
}

fn with_marks_as_letters(text: &[char]) -> Cow<'_, [char]> {
    if !text.iter().copied().any(is_mark) {
        return Cow::Borrowed(text);
    }
    let mut text = text.to_vec();
    for at in 1..text.len() {
        if is_mark(text[at]) && is_alphanumeric(text[at - 1]) {
            text[at] = MARK;
        }
    }
    Cow::Owned(text)
}

fn piece(text: &[char], at: usize) -> Option<(Kind, usize)> {
    if !is_alphanumeric(text[at]) && !matches!(text[at], '#' | '@') {
        return None;
    }
    let before = at.checked_sub(1).map(|before| text[before]);
    let is_free = !before.is_some_and(is_alphanumeric);
    let is_apart = !before.is_some_and(is_word);
    let begins_number =
        !(at >= 2 && text[at - 2].is_ascii_digit() && matches!(text[at - 1], '.' | ','));
    let when = |holds: bool, found: Option<usize>| if holds { found } else { None };
    None.or_else(|| when(is_free, url(text, at)).map(|end| (Kind::Address, end)))
        .or_else(|| when(is_free, email(text, at)).map(|end| (Kind::Address, end)))
        .or_else(|| when(is_apart, tag(text, at)).map(|end| (Kind::Whole, end)))
        .or_else(|| when(begins_number, grouped_number(text, at)).map(|end| (Kind::Dotted, end)))
        .or_else(|| when(begins_number, number(text, at)).map(|end| (Kind::Whole, end)))
        .or_else(|| {
            let end = when(is_free, dotted(text, at))?;
            Some((Kind::Dotted, end + usize::from(text.get(end) == Some(&'.'))))
        })
        .or_else(|| word(text, at).map(|end| (Kind::Word, end)))
}

fn is_word(character: char) -> bool {
    character == '_' || is_alphanumeric(character)
}

/// Gives where the run of such characters from a place on ends.
fn run(text: &[char], at: usize, belongs: impl Fn(char) -> bool) -> usize {
    text[at..].iter().position(|&it| !belongs(it)).map_or(text.len(), |length| at + length)
}

fn holds_at(text: &[char], at: usize, wanted: impl Fn(char) -> bool) -> bool {
    text.get(at).copied().is_some_and(wanted)
}

fn literal(text: &[char], at: usize, wanted: &str) -> Option<usize> {
    let end = at + wanted.chars().count();
    text.get(at..end)?.iter().copied().eq(wanted.chars()).then_some(end)
}

fn url(text: &[char], at: usize) -> Option<usize> {
    if !matches!(text[at], 'h' | 'f' | 'w') {
        return None;
    }
    let start =
        ["http://", "https://", "ftp://", "www."].iter().find_map(|it| literal(text, at, it))?;
    let end = run(text, start, |it| is_word(it) || ".~:/?#@!$&*+=%-".contains(it));
    (start..end).rev().find(|&last| is_alphanumeric(text[last])).map(|last| last + 1)
}

fn email(text: &[char], at: usize) -> Option<usize> {
    if !holds_at(text, at, is_alphanumeric) {
        return None;
    }
    let end = run(text, at + 1, |it| is_word(it) || ".+%-".contains(it));
    if end - at > 64 || text.get(end) != Some(&'@') {
        return None;
    }
    let mut place = end + 1;
    let mut found = None;
    for _ in 0..10 {
        if !holds_at(text, place, is_alphanumeric) {
            break;
        }
        let end = run(text, place + 1, |it| is_word(it) || it == '-');
        if end - place > 63 || text.get(end) != Some(&'.') {
            break;
        }
        place = end + 1;
        // The most labels that a last one follows.
        found = top_level(text, place).or(found);
    }
    found
}

fn top_level(text: &[char], at: usize) -> Option<usize> {
    let end = run(text, at, |it| is_alphanumeric(it) && !is_decimal(it));
    ((2..=24).contains(&(end - at)) && !holds_at(text, end, is_alphanumeric)).then_some(end)
}

fn tag(text: &[char], at: usize) -> Option<usize> {
    let begins = matches!(text[at], '#' | '@') && holds_at(text, at + 1, is_alphanumeric);
    begins.then(|| run(text, at + 1, is_word))
}

fn digits(text: &[char], at: usize) -> usize {
    run(text, at.min(text.len()), |it| it.is_ascii_digit())
}

fn ends_number(text: &[char], at: usize) -> bool {
    let at_digit = at + usize::from(holds_at(text, at, |it| matches!(it, '.' | ',')));
    let is_digit = |at| holds_at(text, at, |it| it.is_ascii_digit());
    !is_digit(at) && !is_digit(at_digit) && text.get(at) != Some(&MARK)
}

fn grouped_number(text: &[char], at: usize) -> Option<usize> {
    let first = digits(text, at);
    if !matches!(text[at], '1'..='9') || first - at > 3 {
        return None;
    }
    let mut end = first;
    while text.get(end) == Some(&'.') && digits(text, end + 1) >= end + 4 {
        end += 4;
    }
    if end == first {
        return None;
    }
    if text.get(end) == Some(&',') && digits(text, end + 1) > end + 1 {
        end = digits(text, end + 1);
    }
    ends_number(text, end).then_some(end)
}

fn number(text: &[char], at: usize) -> Option<usize> {
    let whole = digits(text, at);
    if whole == at || !holds_at(text, whole, |it| matches!(it, '.' | ',')) {
        return None;
    }
    let end = digits(text, whole + 1);
    (end > whole + 1 && ends_number(text, end)).then_some(end)
}

fn is_latin(letter: char) -> bool {
    matches!(letter, 'a'..='z' | 'à'..='ö' | 'ø'..='ÿ')
}

fn dotted(text: &[char], at: usize) -> Option<usize> {
    let ends = |end: usize| !holds_at(text, end, is_alphanumeric);
    let letters = text[at..].iter().take_while(|letter| letter.is_ascii_lowercase()).count();
    let is_known =
        (1..=TABLES.longest_abbreviated).contains(&letters) && text.get(at + letters) == Some(&'.');
    let abbreviations = if is_known { TABLES.abbreviations.as_slice() } else { &[] };
    let known = abbreviations.iter().find_map(|abbreviation| {
        let end = at + abbreviation.len();
        (text.get(at..end) == Some(abbreviation.as_slice()) && ends(end)).then_some(end)
    });
    if known.is_some() || !holds_at(text, at, is_latin) {
        return known;
    }
    let mut end = at + 1;
    while text.get(end) == Some(&'.') && holds_at(text, end + 1, is_latin) {
        end += 2;
    }
    (at + 3..=end).rev().step_by(2).find(|&end| ends(end))
}

fn word(text: &[char], at: usize) -> Option<usize> {
    let mut end = run(text, at, is_alphanumeric);
    if end == at {
        return None;
    }
    loop {
        let joins = match text.get(end) {
            Some('-') => {
                let whole = digits(text, end + 1);
                let is_number = whole > end + 1
                    && holds_at(text, whole, |it| matches!(it, '.' | ','))
                    && digits(text, whole + 1) > whole + 1;
                !is_number
            }
            Some('\'') => !holds_at(text, end + 1, |it| it.is_ascii_digit()),
            _ => false,
        };
        let next = end + 1;
        if !joins || !holds_at(text, next, is_alphanumeric) || dotted(text, next).is_some() {
            break;
        }
        end = run(text, next, is_alphanumeric);
    }
    Some(end + usize::from(text.get(end) == Some(&'\'')))
}
