//! Owns corrections: forms that a user keeps apart, and terms that a user has found together.

use std::collections::HashMap;

use super::ItalianAnalyzer;
use crate::analysis::{Analyzer, Words};

/// The Italian analysis with the terms of some forms changed.
#[derive(Clone, Debug, Default)]
pub struct CorrectedAnalyzer {
    protected: HashMap<String, String>,
    merged: HashMap<String, String>,
}

impl ItalianAnalyzer {
    /// Gives the analysis whose term of a form is that of `protected`, or else its own; and of
    /// that the one it has in `merged`, if any.
    pub fn with_corrections(
        self,
        protected: impl IntoIterator<Item = (String, String)>,
        merged: impl IntoIterator<Item = (String, String)>,
    ) -> CorrectedAnalyzer {
        let (protected, merged) = (protected.into_iter().collect(), merged.into_iter().collect());
        CorrectedAnalyzer { protected, merged }
    }
}

impl Analyzer for CorrectedAnalyzer {
    fn analyze(&self, chunk: &str, words: &mut Words) {
        ItalianAnalyzer.analyze(chunk, words);
    }

    fn term(&self, form: &str, term: &mut String) {
        match self.protected.get(form) {
            Some(protected) => term.clone_from(protected),
            None => ItalianAnalyzer.term(form, term),
        }
        if let Some(merged) = self.merged.get(term.as_str()) {
            term.clone_from(merged);
        }
    }

    fn fold(&self, form: &str, folded: &mut String) {
        ItalianAnalyzer.fold(form, folded);
    }
}
