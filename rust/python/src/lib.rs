//! The binding of the native engine: converts values between Python and the core, and maps errors.
//!
//! `searchlib/engines/native` is its only user. Whatever may take long runs detached from the
//! interpreter; no panic crosses into Python.

mod analysis;
mod document;
mod errors;
mod fields;
mod index;
mod plan;
mod record;
mod snapshot;
mod texts;
mod writer;

use pyo3::prelude::*;

/// The native engine of searchlib; see ``searchlib.engines.native``.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::analysis::{
        Analysis, Highlighter, analyze, analyze_chunk, fold, is_stop_word, term_of,
    };
    #[pymodule_export]
    use crate::index::{Index, create};
    #[pymodule_export]
    use crate::snapshot::Snapshot;
    #[pymodule_export]
    use crate::writer::Writer;

    /// Counts the changes of the analysis that give some text other tokens.
    #[pymodule_export]
    const ANALYSIS_VERSION: u32 = searchlib_core::analysis::italian::VERSION;

    #[pymodule_init]
    fn init() {
        crate::errors::keep_panics_silent();
    }
}
