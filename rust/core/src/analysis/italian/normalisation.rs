//! Owns normalisation: one spelling for what Unicode and keyboards write in many ways.
//!
//! The twin of `searchlib/analysis/normalisation.py`, which tells what is done and why.

use std::cell::RefCell;
use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::tables::TABLES;
use super::unicode::{case_fold, is_mark};

/// Sequences remembered, in each thread: texts use some hundreds beyond ASCII.
const MAX_SEQUENCES: usize = 4096;

thread_local! {
    static SEQUENCES: RefCell<HashMap<Box<str>, Box<str>>> = RefCell::default();
}

/// A normalised chunk, and for each of its characters where it comes from, in characters.
#[derive(Debug, Default)]
pub struct Normalised {
    /// The spelling.
    pub text: Vec<char>,
    /// For each character the first of the chunk that it stands for.
    pub starts: Vec<usize>,
    /// For each character the one after the last.
    pub ends: Vec<usize>,
}

impl Normalised {
    /// Replaces what it held by a chunk.
    pub fn read(&mut self, chunk: &str) {
        self.text.clear();
        self.starts.clear();
        self.ends.clear();
        let mut rest = chunk.chars();
        let mut start = 0;
        let mut sequence = rest.as_str();
        while let Some(first) = rest.next() {
            let (mut end, mut kept) = (start + 1, start + usize::from(!is_dropped(first)));
            while let Some(character) = rest.clone().next().filter(|&it| is_continuation(it)) {
                rest.next();
                end += 1;
                if !is_dropped(character) {
                    kept = end;
                }
            }
            let after = rest.as_str();
            let written = &sequence[..sequence.len() - after.len()];
            match normal_letter(first).filter(|_| end == start + 1) {
                Some(letter) => self.text.push(letter),
                None => push_normalised(written, &mut self.text),
            }
            self.starts.resize(self.text.len(), start);
            self.ends.resize(self.text.len(), kept);
            sequence = after;
            start = end;
        }
    }
}

/// Gives what a character alone becomes, for those of most Italian texts.
#[inline]
fn normal_letter(character: char) -> Option<char> {
    match character {
        '`' | '’' => Some('\''),
        'à' | 'è' | 'é' | 'ì' | 'ò' | 'ù' => Some(character),
        _ => character.is_ascii().then(|| character.to_ascii_lowercase()),
    }
}

/// Gives the normalised text without accents.
pub fn fold(text: &str) -> String {
    let mut folded = String::new();
    fold_into(text, &mut folded);
    folded
}

/// Puts the normalised text without accents.
pub fn fold_into(text: &str, folded: &mut String) {
    folded.clear();
    folded.reserve(text.len());
    for letter in text.chars() {
        match plain_letter(letter) {
            Some(plain) => folded.push(plain),
            None => return fold_any(text, folded),
        }
    }
}

/// Gives what a letter folds to, for those of most Italian texts.
#[inline]
fn plain_letter(letter: char) -> Option<char> {
    match letter {
        '`' => Some('\''),
        'à' => Some('a'),
        'è' | 'é' => Some('e'),
        'ì' => Some('i'),
        'ò' => Some('o'),
        'ù' => Some('u'),
        _ => letter.is_ascii().then(|| letter.to_ascii_lowercase()),
    }
}

fn fold_any(text: &str, folded: &mut String) {
    let mut normalised = Normalised::default();
    normalised.read(text);
    let mut plain = String::new();
    for character in normalised.text.into_iter().nfd().filter(|&it| !is_accent(it)) {
        match TABLES.letters.get(&character) {
            Some(letters) => plain.push_str(letters),
            None => plain.push(character),
        }
    }
    folded.clear();
    folded.extend(plain.nfc());
}

fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

fn is_dropped(character: char) -> bool {
    !character.is_ascii() && TABLES.characters.get(&character) == Some(&None)
}

fn is_continuation(character: char) -> bool {
    if character.is_ascii() {
        return false;
    }
    if is_dropped(character) {
        return true;
    }
    if character < '\u{300}' {
        return false;
    }
    let first = std::iter::once(character).nfkd().next().unwrap_or(character);
    is_mark(first) || matches!(first, '\u{1160}'..='\u{11ff}' | '\u{16d63}'..='\u{16d6a}')
}

fn push_normalised(sequence: &str, out: &mut Vec<char>) {
    SEQUENCES.with_borrow_mut(|known| {
        if let Some(normalised) = known.get(sequence) {
            return out.extend(normalised.chars());
        }
        let normalised = normalise_sequence(sequence.to_owned());
        out.extend(normalised.chars());
        if known.len() < MAX_SEQUENCES && sequence.len() <= MAX_REMEMBERED_BYTES {
            known.insert(sequence.into(), normalised.into());
        }
    });
}

/// Longer sequences are no letters of any language.
const MAX_REMEMBERED_BYTES: usize = 16;

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

#[cfg(test)]
mod tests {
    use super::*;

    /// Each character that has a short way becomes what it becomes by the long one.
    #[test]
    fn short_ways_lead_where_the_long_ones_do() {
        for character in (0..0x3000).filter_map(char::from_u32) {
            if let Some(normal) = normal_letter(character) {
                assert_eq!(normalise_sequence(character.into()), normal.to_string());
            }
            if let Some(plain) = plain_letter(character) {
                let mut folded = String::new();
                fold_any(&character.to_string(), &mut folded);
                assert_eq!(folded, plain.to_string());
            }
        }
    }
}
