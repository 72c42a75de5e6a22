//! The Italian analysis: the twin of `searchlib/analysis`, equal to it token by token.
//!
//! The two read the same tables; what is code here is code there, under the same names. Characters
//! are what Python's `str` takes them for, by a table of the Unicode version written in it;
//! `unicode-normalization` composes by its own, which may be newer: characters that the older one
//! does not know may differ.

mod forms;
mod normalisation;
mod tables;
mod tokenisation;

use super::stemmer::stem;
use super::{Analyzer, Chunk, Word};
use forms::forms;
use tables::{TABLES, is_digit};

const MAX_FORM_BYTES: usize = 1024;

/// Finds the words of Italian texts.
#[derive(Clone, Copy, Debug, Default)]
pub struct ItalianAnalyzer;

impl Analyzer for ItalianAnalyzer {
    fn analyze(&self, chunk: &str) -> Chunk {
        let mut found = Chunk::default();
        for (word, _, _) in words(chunk, &mut found.positions, &mut found.overlong) {
            found.words.push(word);
        }
        found
    }

    fn fold(&self, form: &str) -> String {
        normalisation::fold(form)
    }
}

/// Gives the words of a chunk and where each begins and ends in it, in characters.
pub fn words(chunk: &str, positions: &mut u32, overlong: &mut u32) -> Vec<(Word, usize, usize)> {
    if let Some(form) = plain_word(chunk) {
        let (term, end) = (term_of(&form), form.len());
        let word = Word { form, term, position: *positions };
        *positions += 1;
        return vec![(word, 0, end)];
    }
    let normalised = normalisation::normalise(chunk);
    let mut found = Vec::new();
    for form in forms(&normalised.text) {
        if form.text.len() > MAX_FORM_BYTES {
            *overlong += 1;
        } else {
            let (start, end) = (normalised.starts[form.start], normalised.ends[form.end - 1]);
            let term = term_of(&form.text);
            found.push((Word { form: form.text, term, position: *positions }, start, end));
        }
        *positions += u32::from(form.parts == 0);
    }
    found
}

/// Gives the form of a chunk that is a row of plain letters and perhaps one mark of punctuation:
/// what it is by the general way, at a fraction of the time. Most chunks are such.
fn plain_word(chunk: &str) -> Option<String> {
    let letters = chunk.strip_suffix([',', '.', ';', ':', '!', '?', ')']).unwrap_or(chunk);
    let is_plain = (1..=MAX_FORM_BYTES).contains(&letters.len())
        && letters.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_plain.then(|| letters.to_ascii_lowercase())
}

/// Gives the index term of a form.
pub fn term_of(form: &str) -> String {
    let whole = |table: &std::collections::HashMap<&str, &'static str>| {
        table.get(form).copied().filter(|whole| !whole.is_empty())
    };
    if let Some(whole) = whole(&TABLES.elisions).or_else(|| whole(&TABLES.truncations)) {
        return term_of(whole);
    }
    let bare = form.trim_start_matches(['#', '@']);
    if bare.contains(['.', ',', ':', '/', '@']) {
        return normalisation::fold(bare);
    }
    let bare: String = bare.chars().filter(|it| !matches!(it, '-' | '\'' | '_')).collect();
    if bare.chars().any(is_digit) {
        return normalisation::fold(&bare);
    }
    if let Some(term) = TABLES.terms.get(&*bare).filter(|term| !term.is_empty()) {
        return (*term).to_owned();
    }
    normalisation::fold(&stem(&fold_inner(&bare)))
}

/// Gives the word without accents but for its last letter, where they are endings.
fn fold_inner(word: &str) -> String {
    match word.char_indices().next_back() {
        Some((last, _)) if !word.is_ascii() => normalisation::fold(&word[..last]) + &word[last..],
        _ => word.to_owned(),
    }
}
