//! Owns texts of documents as UTF-8.
//!
//! A Python text that is asked for its UTF-8 keeps it beside its characters as long as it lives, so
//! that documents whose caller holds on to them would take twice the memory. Here the bytes are
//! apart, and are gone with the batch that they are of.

#![allow(unsafe_code)]

use std::ops::Deref;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyString;

/// The UTF-8 of a Python text.
pub struct Text(PyBackedBytes);

impl Text {
    /// Gives the UTF-8 of a text.
    ///
    /// # Errors
    /// Python's where it is no text, or has half of a surrogate pair.
    pub fn of(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(value.cast::<PyString>()?.encode_utf8()?.into()))
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        // SAFETY: `of` is the only way to make one. What it keeps is a bytes object that Python made
        // of a text by strict encoding to UTF-8, which leaves nothing out of place; bytes objects
        // never change, and this one lives as long as `self`.
        unsafe { std::str::from_utf8_unchecked(&self.0) }
    }
}
