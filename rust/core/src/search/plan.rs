//! Owns the plan: an analysed query, the only form of a query that the engine sees.

use std::sync::Arc;

use crate::columns::Value;
use crate::segment::Words;
use crate::snapshot::HeldForms;

/// A word that a plan asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// The number of the text field.
    pub field: usize,
    /// Whether it is a term or a form.
    pub words: Words,
    /// Its key in the dictionary: a term itself, `segment::form_key` of a form.
    pub key: Vec<u8>,
}

/// Some forms of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum FormSet {
    /// Their keys in the dictionary.
    Keys(Vec<Vec<u8>>),
    /// What the snapshot that is searched knows of them.
    Held(Arc<HeldForms>),
}

/// What documents are wanted and how they score.
///
/// Words and phrases score by BM25, other leaves their constant boost; a combination adds up the
/// scores of the clauses that match.
#[derive(Clone, Debug, PartialEq)]
pub enum Plan {
    /// Documents that hold a word.
    Word {
        /// The word.
        wanted: Wanted,
        /// Multiplies the score.
        boost: f64,
    },
    /// Documents with these words in order, at most `slop` other positions between them.
    Phrase {
        /// The number of the text field.
        field: usize,
        /// Whether they are terms or forms.
        words: Words,
        /// Each word's key and its position relative to the first, strictly increasing from 0.
        keys: Vec<(u32, Vec<u8>)>,
        /// How many other positions may lie between the words.
        slop: u32,
        /// Multiplies the score.
        boost: f64,
    },
    /// Documents that hold at least one of these forms.
    AnyForm {
        /// The number of the text field.
        field: usize,
        /// The forms.
        forms: FormSet,
        /// The score.
        boost: f64,
    },
    /// Documents with a value within bounds; each bound says whether it is included.
    Range {
        /// The number of the field.
        field: usize,
        /// The lower bound.
        low: Option<(Value, bool)>,
        /// The upper bound.
        high: Option<(Value, bool)>,
        /// The score.
        boost: f64,
    },
    /// Every document.
    All {
        /// The score.
        boost: f64,
    },
    /// No document.
    None,
    /// Documents that match every required clause, no excluded one and, where none is required,
    /// at least one optional one; with neither, all that no excluded clause matches.
    Combination {
        /// All of these must match.
        required: Vec<Plan>,
        /// These add to the score.
        optional: Vec<Plan>,
        /// None of these may match.
        excluded: Vec<Plan>,
    },
}
