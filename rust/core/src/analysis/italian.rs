//! The Italian analysis: the twin of `searchlib/analysis`, equal to it token by token.
//!
//! The two read the same tables; what is code here is code there, under the same names. Characters
//! are what Python's `str` takes them for, by a table of the Unicode version written in it;
//! `unicode-normalization` composes by its own, which may be newer: characters that the older one
//! does not know may differ.

mod corrections;
mod forms;
mod inflection;
mod lexicon;
mod normalisation;
mod plain;
mod tables;
mod terms;
mod tokenisation;
mod unicode;

use std::cell::RefCell;

use super::{Analyzer, Words};
pub use corrections::CorrectedAnalyzer;
pub use normalisation::fold;
pub use terms::is_stop_word;
pub use unicode::{case_fold, is_alphanumeric, is_decimal, is_digit, is_mark};

/// Counts the changes of the analysis that give some text other tokens, as in Python.
pub const VERSION: u32 = 3;

thread_local! {
    static FINDER: RefCell<forms::Finder> = RefCell::default();
}

/// Finds the words of Italian texts.
#[derive(Clone, Copy, Debug, Default)]
pub struct ItalianAnalyzer;

impl Analyzer for ItalianAnalyzer {
    fn analyze(&self, chunk: &str, words: &mut Words) {
        words.clear();
        if !plain::find(chunk, words) {
            FINDER.with_borrow_mut(|finder| finder.find(chunk, words));
        }
    }

    fn term(&self, form: &str, term: &mut String) {
        terms::put_term(form, term);
    }

    fn fold(&self, form: &str, folded: &mut String) {
        normalisation::fold_into(form, folded);
    }
}
