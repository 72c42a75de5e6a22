//! The native engine of searchlib.
//!
//! Data flows one way: documents go through an [`analysis::Analyzer`] into a buffer, from there
//! into an immutable segment, and a manifest names the segments of each commit. A snapshot is one
//! manifest's segments, opened; a search runs a [`search::Plan`] over it. Every byte on disk goes
//! through [`storage::Storage`].

pub mod analysis;
mod background;
pub mod bits;
pub mod buffer;
pub mod bytes;
pub mod columns;
pub mod container;
pub mod dictionary;
pub mod edits;
pub mod error;
pub mod highlight;
pub mod index;
mod inversion;
pub mod kernels;
mod keys;
pub mod manifest;
mod merge;
pub mod packing;
mod parallel;
mod pipeline;
pub mod postings;
pub mod ranking;
pub mod schema;
pub mod search;
pub mod segment;
pub mod snapshot;
pub mod storage;
pub mod stored;
mod text_writer;
pub mod verify;
mod vocabulary;
mod workers;
