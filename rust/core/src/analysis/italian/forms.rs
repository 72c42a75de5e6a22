//! Owns forms: the normalised surface form of each word of a chunk, and its place.
//!
//! The twin of `searchlib/analysis/forms.py`, `elision.py` and `accents.py`.

use std::ops::Range;

use super::normalisation::{Normalised, fold};
use super::tables::TABLES;
use super::tokenisation::{Kind, Piece, alphanumeric_runs, tokenise};
use crate::analysis::Words;

const MAX_COMPOUND_PARTS: usize = 64;
const SHORTEST_HEAD: usize = 3;
const SHORTEST_STEM: usize = 2;
const VOWELS: &str = "aeiouhàáâãäåæèéêëìíîïòóôõöøœùúûü";

/// The parts of a compound, and what they spell together.
#[derive(Debug, Default)]
struct Parts {
    spelling: String,
    /// Where each is in the spelling, and where it begins and ends in the chunk.
    places: Vec<(Range<usize>, Range<usize>)>,
}

impl Parts {
    /// Adds a part, which is what is written, and what joins it to the next.
    fn push(&mut self, place: Range<usize>, joiner: Option<char>, write: impl FnOnce(&mut String)) {
        let first = self.spelling.len();
        write(&mut self.spelling);
        self.places.push((first..self.spelling.len(), place));
        self.spelling.extend(joiner);
    }
}

/// Finds the words of normalised chunks; one is used for many of them.
#[derive(Debug, Default)]
pub struct Finder {
    normalised: Normalised,
    parts: Parts,
}

impl Finder {
    /// Adds the words of a chunk, in order, a compound before its parts.
    pub fn find(&mut self, chunk: &str, words: &mut Words) {
        self.normalised.read(chunk);
        let mut found = Found { normalised: &self.normalised, words };
        for piece in tokenise(&self.normalised.text) {
            let written = &self.normalised.text[piece.start..piece.end];
            match piece.kind {
                Kind::Word => spelled(piece, &mut self.parts, &mut found),
                Kind::Address => address(piece, &mut found),
                Kind::Whole => found.push(piece.start..piece.end, |out| out.extend(written)),
                Kind::Dotted => {
                    let plain: Vec<char> =
                        written.iter().copied().filter(|&it| it != '.').collect();
                    found.push(piece.start..piece.end, |out| push_corrected(&plain, out));
                }
            }
        }
    }
}

/// Where words go: those of a normalised chunk, told by where they are in it.
struct Found<'a> {
    normalised: &'a Normalised,
    words: &'a mut Words,
}

impl Found<'_> {
    fn push(&mut self, place: Range<usize>, write: impl FnOnce(&mut String)) {
        let place = self.written(place);
        self.words.push_written(place, write);
    }

    /// Adds a compound, whose whole is left out where it has too many parts.
    fn push_compound(&mut self, whole: &str, place: Range<usize>, parts: &Parts) {
        if parts.places.len() <= MAX_COMPOUND_PARTS {
            let place = self.written(place);
            self.words.push_whole(whole, parts.places.len(), place);
        }
        self.push_parts(parts);
    }

    fn push_parts(&mut self, parts: &Parts) {
        for (spelling, place) in &parts.places {
            self.push(place.clone(), |out| out.push_str(&parts.spelling[spelling.clone()]));
        }
    }

    /// Gives what a part of the normalised chunk stands for.
    fn written(&self, place: Range<usize>) -> Range<usize> {
        self.normalised.starts[place.start]..self.normalised.ends[place.end - 1]
    }
}

fn address(piece: Piece, found: &mut Found<'_>) {
    let written = &found.normalised.text[piece.start..piece.end];
    let skipped = written.windows(3).position(|it| it == [':', '/', '/']).map_or(0, |at| at + 3);
    let rest = &written[skipped..];
    let mut parts = Parts::default();
    for (start, end) in alphanumeric_runs(rest) {
        let place = piece.start + skipped + start..piece.start + skipped + end;
        parts.push(place, None, |out| push_corrected(&rest[start..end], out));
    }
    found.push_compound(&string(written), piece.start..piece.end, &parts);
}

fn spelled(piece: Piece, parts: &mut Parts, found: &mut Found<'_>) {
    let text = &found.normalised.text;
    let is_quoted = piece.start > 0 && text[piece.start - 1] == '\'';
    let written = match &text[piece.start..piece.end] {
        [rest @ .., '\''] if is_quoted => rest,
        written => written,
    };
    let mut start = 0;
    while let Some((accented, end)) = head(written, start) {
        let place = piece.start + start..piece.start + end;
        found.push(place, |out| match accented {
            Some(accented) => out.push_str(accented),
            None => out.extend(&written[start..end]),
        });
        start = end;
    }
    read_parts(written, start, piece.start, parts);
    match &parts.places[..] {
        [(_, first), .., (_, last)] => {
            found.push_compound(&parts.spelling, first.start..last.end, parts);
        }
        _ => found.push_parts(parts),
    }
}

/// Gives where the next hyphen or apostrophe is.
fn joiner(written: &[char], start: usize) -> Option<usize> {
    (start..written.len()).find(|&at| matches!(written[at], '-' | '\''))
}

/// Gives the end of the word that an apostrophe sets apart at `start`, and what it is where that
/// is not what is written.
fn head(written: &[char], start: usize) -> Option<(Option<&'static str>, usize)> {
    let at = joiner(written, start).filter(|&at| written[at] == '\'')?;
    let end = at + 1;
    let before = *written.get(end)?;
    let (cut, length) = (string(&written[start..end]), end - start);
    let is_truncated = length >= SHORTEST_HEAD && TABLES.truncations.contains_key(&*cut);
    if is_elided(&cut, before) || is_truncated {
        return Some((None, end));
    }
    let accented = *TABLES.accented_words.get(&cut[..cut.len() - 1])?;
    (length > SHORTEST_HEAD || accented == "è").then_some((Some(accented), end))
}

/// Reads the words from `start` on.
fn read_parts(written: &[char], mut start: usize, offset: usize, parts: &mut Parts) {
    parts.spelling.clear();
    parts.places.clear();
    let mut follows_hyphen = false;
    while let Some(at) = joiner(written, start).filter(|at| at + 1 < written.len()) {
        let end = at + 1;
        let is_elided = written[at] == '\''
            && follows_hyphen
            && is_elided(&string(&written[start..end]), written[end]);
        if is_elided {
            let cut = &written[start..end];
            parts.push(offset + start..offset + end, None, |out| out.extend(cut));
        } else {
            let word = &written[start..at];
            let place = offset + start..offset + at;
            parts.push(place, Some(written[at]), |out| push_corrected(word, out));
        }
        follows_hyphen = written[at] == '-';
        start = end;
    }
    let (text, end) = last(written, start);
    parts.push(offset + start..offset + end, None, |out| out.push_str(&text));
}

fn last(written: &[char], start: usize) -> (String, usize) {
    let word = &written[start..];
    let [bare @ .., '\''] = word else { return (correct_accent(word), written.len()) };
    let text = string(word);
    if TABLES.elisions.contains_key(&*text) || TABLES.truncations.contains_key(&*text) {
        return (text, written.len());
    }
    match restore_accent(bare) {
        Some(accented) => (accented, written.len()),
        None => (correct_accent(bare), written.len() - 1),
    }
}

fn is_elided(word: &str, before: char) -> bool {
    if TABLES.elisions_before_vowels.contains(word) {
        return VOWELS.contains(before);
    }
    TABLES.elisions.contains_key(word)
}

fn string(text: &[char]) -> String {
    text.iter().collect()
}

/// Gives the word with its final accent, if it has one, in the direction of its spelling.
fn correct_accent(word: &[char]) -> String {
    let mut text = String::new();
    push_corrected(word, &mut text);
    text
}

fn push_corrected(word: &[char], out: &mut String) {
    let first = out.len();
    out.extend(word);
    correct_last(out, first);
}

/// Corrects the final accent, if there is one, of the word from `first` on.
pub fn correct_last(text: &mut String, first: usize) {
    let corrected = match text.chars().next_back() {
        Some('á') => Some('à'),
        Some('í') => Some('ì'),
        Some('ó') => Some('ò'),
        Some('ú') => Some('ù'),
        Some('é' | 'è') => {
            let known = TABLES.accented_words.get(&fold(&text[first..]));
            known.and_then(|known| known.chars().last()).filter(|last| matches!(last, 'é' | 'è'))
        }
        _ => None,
    };
    if let Some(letter) = corrected {
        text.pop();
        text.push(letter);
    }
}

fn restore_accent(word: &[char]) -> Option<String> {
    let text = string(word);
    if let Some(known) = TABLES.accented_words.get(&text) {
        return Some((*known).to_owned());
    }
    if TABLES.plain_words.contains(&*text) {
        return None;
    }
    let fits = |(ending, _): &&(Vec<char>, char)| {
        word.ends_with(ending) && word.len() >= ending.len() + SHORTEST_STEM
    };
    let (_, accented) = TABLES.accented_endings.iter().find(fits)?;
    Some(string(&word[..word.len() - 1]) + &accented.to_string())
}
