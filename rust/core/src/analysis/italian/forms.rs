//! Owns forms: the normalised surface form of each word of a chunk, and its place.
//!
//! The twin of `searchlib/analysis/forms.py`, `elision.py` and `accents.py`.

use super::normalisation::fold;
use super::tables::TABLES;
use super::tokenisation::{Kind, Piece, alphanumeric_runs, tokenise};

const MAX_COMPOUND_PARTS: usize = 64;
const SHORTEST_HEAD: usize = 3;
const SHORTEST_STEM: usize = 2;
const VOWELS: &str = "aeiouhàáâãäåæèéêëìíîïòóôõöøœùúûü";

/// A word of a normalised chunk, at [start, end) of it; `parts` counts those of a compound.
#[derive(Clone, Debug)]
pub struct Form {
    /// The spelling.
    pub text: String,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// How many of the words after it are its parts.
    pub parts: usize,
}

/// Gives the words of a normalised chunk, in order, a compound before its parts.
pub fn forms(text: &[char]) -> Vec<Form> {
    let mut found = Vec::new();
    for piece in tokenise(text) {
        let written = &text[piece.start..piece.end];
        match piece.kind {
            Kind::Word => {
                let is_quoted = piece.start > 0 && text[piece.start - 1] == '\'';
                spelled(written, piece, is_quoted, &mut found);
            }
            Kind::Address => address(written, piece, &mut found),
            Kind::Whole => found.push(form(written.iter().collect(), piece.start, piece.end)),
            Kind::Dotted => {
                let plain: Vec<char> = written.iter().copied().filter(|&it| it != '.').collect();
                found.push(form(correct_accent(&plain), piece.start, piece.end));
            }
        }
    }
    found
}

fn form(text: String, start: usize, end: usize) -> Form {
    Form { text, start, end, parts: 0 }
}

fn string(text: &[char]) -> String {
    text.iter().collect()
}

fn address(written: &[char], piece: Piece, out: &mut Vec<Form>) {
    let skipped = written.windows(3).position(|it| it == [':', '/', '/']).map_or(0, |at| at + 3);
    let rest = &written[skipped..];
    let part = |(start, end): (usize, usize)| {
        let place = piece.start + skipped;
        form(correct_accent(&rest[start..end]), place + start, place + end)
    };
    let parts = alphanumeric_runs(rest).into_iter().map(part).collect();
    compound(form(string(written), piece.start, piece.end), parts, out);
}

fn compound(mut whole: Form, parts: Vec<Form>, out: &mut Vec<Form>) {
    if parts.len() <= MAX_COMPOUND_PARTS {
        whole.parts = parts.len();
        out.push(whole);
    }
    out.extend(parts);
}

fn spelled(written: &[char], piece: Piece, is_quoted: bool, out: &mut Vec<Form>) {
    let written = match written {
        [rest @ .., '\''] if is_quoted => rest,
        _ => written,
    };
    let mut start = 0;
    while let Some((text, end)) = head(written, start) {
        out.push(form(text, piece.start + start, piece.start + end));
        start = end;
    }
    let (parts, spelling) = parts(written, start, piece.start);
    match (parts.first(), parts.last()) {
        (Some(first), Some(last)) if parts.len() > 1 => {
            compound(form(spelling, first.start, last.end), parts, out);
        }
        _ => out.extend(parts),
    }
}

/// Gives where the next hyphen or apostrophe is.
fn joiner(written: &[char], start: usize) -> Option<usize> {
    (start..written.len()).find(|&at| matches!(written[at], '-' | '\''))
}

fn head(written: &[char], start: usize) -> Option<(String, usize)> {
    let at = joiner(written, start).filter(|&at| written[at] == '\'')?;
    let end = at + 1;
    let before = *written.get(end)?;
    let (cut, length) = (string(&written[start..end]), end - start);
    let is_truncated = length >= SHORTEST_HEAD && TABLES.truncations.contains_key(&*cut);
    if is_elided(&cut, before) || is_truncated {
        return Some((cut, end));
    }
    let accented = *TABLES.accented_words.get(&string(&written[start..at]))?;
    (length > SHORTEST_HEAD || accented == "è").then(|| (accented.to_owned(), end))
}

/// Gives the words from `start` on and what they spell together.
fn parts(written: &[char], mut start: usize, offset: usize) -> (Vec<Form>, String) {
    let (mut found, mut spelling) = (Vec::new(), String::new());
    let mut follows_hyphen = false;
    while let Some(at) = joiner(written, start).filter(|at| at + 1 < written.len()) {
        let end = at + 1;
        let cut = string(&written[start..end]);
        if written[at] == '\'' && follows_hyphen && is_elided(&cut, written[end]) {
            spelling.push_str(&cut);
            found.push(form(cut, offset + start, offset + end));
        } else {
            let text = correct_accent(&written[start..at]);
            spelling.push_str(&text);
            spelling.push(written[at]);
            found.push(form(text, offset + start, offset + at));
        }
        follows_hyphen = written[at] == '-';
        start = end;
    }
    let (text, end) = last(written, start);
    spelling.push_str(&text);
    found.push(form(text, offset + start, offset + end));
    (found, spelling)
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

/// Gives the word with its final accent, if it has one, in the direction of its spelling.
fn correct_accent(word: &[char]) -> String {
    let mut text = string(word);
    let corrected = match word.last() {
        Some('á') => Some('à'),
        Some('í') => Some('ì'),
        Some('ó') => Some('ò'),
        Some('ú') => Some('ù'),
        Some('é' | 'è') => {
            let known = TABLES.accented_words.get(&fold(&text));
            known.and_then(|known| known.chars().last()).filter(|last| matches!(last, 'é' | 'è'))
        }
        _ => None,
    };
    if let Some(letter) = corrected {
        text.pop();
        text.push(letter);
    }
    text
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
