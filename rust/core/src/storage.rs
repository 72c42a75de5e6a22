//! Owns the one way to files: every byte of an index goes through [`Storage`].
//!
//! [`FileStorage`] keeps an index in a folder; [`MemoryStorage`] keeps it in memory, fails on
//! demand at any operation, and knows what a loss of power would leave. Names are flat: what
//! [`is_name`] accepts. A file is written once, from its start to its end, and never changed.

mod file;
mod mapping;
mod memory;

use std::ops::Deref;
use std::sync::Arc;

use crate::error::Result;
pub use file::FileStorage;
pub use memory::{Fault, MemoryStorage};

/// The bytes of a file, whole and unchanging, however many hold on to them.
#[derive(Clone)]
pub enum Bytes {
    /// Mapped into memory.
    Mapped(Arc<mapping::Mapping>),
    /// Read into memory.
    Owned(Arc<Vec<u8>>),
}

impl Deref for Bytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(mapping) => mapping.bytes(),
            Self::Owned(bytes) => bytes,
        }
    }
}

/// A file being written.
pub trait Output: Send + Sync {
    /// Appends bytes.
    fn write(&mut self, bytes: &[u8]) -> Result<()>;

    /// Returns once all that was written is durable; after a failure it must not be tried again.
    fn sync(&mut self) -> Result<()>;
}

/// Released when it is dropped.
pub trait Lock: Send + Sync {}

/// A folder of files.
pub trait Storage: Send + Sync {
    /// Makes a new file; it is an error if there is one of that name.
    fn create(&self, name: &str) -> Result<Box<dyn Output>>;

    /// Gives the bytes of a file.
    fn read(&self, name: &str) -> Result<Bytes>;

    /// Gives a file a new name, which no file may have.
    fn rename(&self, from: &str, to: &str) -> Result<()>;

    /// Removes a file; whoever reads it may go on.
    fn remove(&self, name: &str) -> Result<()>;

    /// Gives the names of all files that have a name of ours, sorted.
    fn list(&self) -> Result<Vec<String>>;

    /// Returns once all files created, renamed and removed so far are durably so.
    fn sync_folder(&self) -> Result<()>;

    /// Takes the lock of the writer, or says who has it.
    ///
    /// # Errors
    /// `Locked` when another has it.
    fn lock(&self, holder: &str) -> Result<Box<dyn Lock>>;

    /// Gives a number that no other call, here or elsewhere, gives.
    fn unique(&self) -> u128;
}

/// Tells whether a name may be a file's: 1 to 64 of `a-z 0-9 . _ -`, the first not a dot.
pub fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && !name.starts_with('.')
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'))
}
