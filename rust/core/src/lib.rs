//! The native engine of searchlib.
//!
//! Data flows one way: documents go through an [`analysis::Analyzer`] into a buffer, from there
//! into an immutable segment, and a manifest names the segments of each commit. A snapshot is one
//! manifest's segments, opened; a search runs a [`search::Plan`] over it. Every byte on disk goes
//! through [`storage::Storage`].

pub mod bytes;
pub mod error;
pub mod storage;
pub mod container;
pub mod packing;
pub mod dictionary;
pub mod postings;
pub mod ranking;
pub mod bits;
pub mod columns;
pub mod manifest;
pub mod schema;
pub mod segment;
pub mod stored;
pub mod analysis;
pub mod buffer;
mod text_writer;
mod vocabulary;
pub mod index;
mod merge;
pub mod snapshot;
pub mod search;
