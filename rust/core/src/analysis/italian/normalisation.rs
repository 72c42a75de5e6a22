//! Owns normalisation: one spelling for what Unicode and keyboards write in many ways.
//!
//! The twin of `searchlib/analysis/normalisation.py`, which tells what is done and why.

use unicode_normalization::UnicodeNormalization;

use super::tables::{TABLES, case_fold, is_mark};

/// A normalised chunk, and for each of its characters where it comes from, in characters.
pub struct Normalised {
    /// The spelling.
    pub text: Vec<char>,
    /// For each character the first of the chunk that it stands for.
    pub starts: Vec<usize>,
    /// For each character the one after the last.
    pub ends: Vec<usize>,
}

/// Gives the normalised chunk.
pub fn normalise(chunk: &str) -> Normalised {
    if chunk.is_ascii() {
        let plain = |byte: u8| if byte == b'`' { '\'' } else { byte.to_ascii_lowercase() as char };
        let text: Vec<char> = chunk.bytes().map(plain).collect();
        let starts = (0..text.len()).collect();
        let ends = (1..=text.len()).collect();
        return Normalised { text, starts, ends };
    }
    let written: Vec<char> = chunk.chars().collect();
    let mut found = Normalised { text: Vec::new(), starts: Vec::new(), ends: Vec::new() };
    let mut start = 0;
    while start < written.len() {
        let mut end = start + 1;
        while end < written.len() && is_continuation(written[end]) {
            end += 1;
        }
        let sequence: String = written[start..end].iter().collect();
        found.text.extend(normalise_sequence(sequence).chars());
        let mut kept = end;
        while kept > start && is_dropped(written[kept - 1]) {
            kept -= 1;
        }
        found.starts.resize(found.text.len(), start);
        found.ends.resize(found.text.len(), kept);
        start = end;
    }
    found
}

/// Gives the normalised text without accents.
pub fn fold(text: &str) -> String {
    let normalised: String = normalise(text).text.into_iter().collect();
    if normalised.is_ascii() {
        return normalised;
    }
    let mut plain = String::new();
    for character in normalised.nfd().filter(|&character| !is_accent(character)) {
        match TABLES.letters.get(&character) {
            Some(letters) => plain.push_str(letters),
            None => plain.push(character),
        }
    }
    plain.nfc().collect()
}

fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

fn is_dropped(character: char) -> bool {
    TABLES.characters.get(&character) == Some(&None)
}

fn is_continuation(character: char) -> bool {
    if character.is_ascii() {
        return false;
    }
    if is_dropped(character) {
        return true;
    }
    let first = std::iter::once(character).nfkd().next().unwrap_or(character);
    is_mark(first) || matches!(first, '\u{1160}'..='\u{11ff}' | '\u{16d63}'..='\u{16d6a}')
}

fn normalise_sequence(mut sequence: String) -> String {
    loop {
        let mut canonical = String::new();
        for character in sequence.nfc() {
            match TABLES.characters.get(&character) {
                Some(becomes) => canonical.extend(becomes),
                None => canonical.push(character),
            }
        }
        let mut folded = String::new();
        canonical.nfkc().for_each(|character| case_fold(character, &mut folded));
        let normalised: String = folded.nfkc().collect();
        if normalised == sequence {
            return normalised;
        }
        sequence = normalised;
    }
}
