//! Owns terms: what a form is indexed under.
//!
//! The twin of `searchlib/analysis/terms.py`.

use super::inflection::inflect;
use super::lexicon::lemma;
use super::normalisation::fold_into;
use super::tables::TABLES;
use super::unicode::is_digit;
use crate::analysis::stemmer::stem;

const LONGEST_NAME: usize = 7;

/// Puts the index term of a form.
pub fn put_term(form: &str, term: &mut String) {
    if form.ends_with('\'')
        && let Some(whole) = whole_of(form)
    {
        return put_term(whole, term);
    }
    let bare = form.trim_start_matches(['#', '@']);
    if bare.contains(['.', ',', ':', '/', '@']) || joins_digits(bare) {
        return fold_into(bare, term);
    }
    if bare.contains(['-', '\'', '_']) {
        let joined: String = bare.chars().filter(|it| !matches!(it, '-' | '\'' | '_')).collect();
        put_term_of_letters(&joined, term);
    } else {
        put_term_of_letters(bare, term);
    }
}

/// Tells whether a hyphen stands between two digits: 2-1 is not 21, though covid-19 is covid19.
fn joins_digits(bare: &str) -> bool {
    let joined = |three: &[u8]| matches!(three, [b'0'..=b'9', b'-', b'0'..=b'9']);
    bare.as_bytes().windows(3).any(joined)
}

/// Tells whether a form is a stop word: a query ranks by it and does not select by it.
pub fn is_stop_word(form: &str) -> bool {
    let whole = TABLES.elisions.get(form);
    TABLES.stop_words.contains(form) || whole.is_some_and(|it| TABLES.stop_words.contains(it))
}

/// Gives the word whose term an elided or truncated one takes.
fn whole_of(form: &str) -> Option<&'static str> {
    let wholes = [&TABLES.elisions, &TABLES.truncations];
    wholes.into_iter().find_map(|table| table.get(form).copied().filter(|it| !it.is_empty()))
}

fn put_term_of_letters(word: &str, term: &mut String) {
    if word.chars().any(is_digit) {
        return fold_into(word, term);
    }
    if let Some(found) = TABLES.terms.get(word).filter(|found| !found.is_empty()) {
        term.clear();
        return term.push_str(found);
    }
    if lemma(word).is_some_and(|known| known.put(word, term)) {
        return;
    }
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        put_term_of_unknown(word, word, term);
    } else {
        let mut folded = String::new();
        fold_into(word, &mut folded);
        let known = if folded == word { None } else { lemma(&folded) };
        if !known.is_some_and(|known| known.put(&folded, term)) {
            put_term_of_unknown(word, &folded, term);
        }
    }
}

/// Puts the term of a word that the lexicon lacks, with its accents and without.
fn put_term_of_unknown(word: &str, folded: &str, term: &mut String) {
    if inflect(folded, term) {
        return;
    }
    if is_name(folded) {
        term.clear();
        return term.push_str(folded);
    }
    fold_into(&stem(&fold_inner(word)), term);
}

/// Tells whether an unknown word is a name or foreign more often than not.
fn is_name(folded: &str) -> bool {
    match folded.chars().next_back() {
        None => false,
        Some('a') => folded.chars().count() <= LONGEST_NAME,
        Some('i') => folded.bytes().all(|letter| b"ivxlcdm".contains(&letter)),
        Some(last) => !matches!(last, 'e' | 'o' | 'u'),
    }
}

/// Gives the word without accents but for its last letter, where they are endings.
fn fold_inner(word: &str) -> String {
    match word.char_indices().next_back() {
        Some((last, _)) if !word.is_ascii() => {
            let mut folded = String::new();
            fold_into(&word[..last], &mut folded);
            folded + &word[last..]
        }
        _ => word.to_owned(),
    }
}
