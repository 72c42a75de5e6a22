//! Owns the errors of the engine: what was expected, what was found, and where.

use std::fmt;
use std::io;

/// The result of whatever may fail here.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong; the binding turns each kind into one Python exception.
#[derive(Debug)]
pub enum Error {
    /// The operating system refused an operation on a file.
    Io {
        /// What was tried: "create", "write", "sync", ...
        operation: &'static str,
        /// The file's name within the index.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file does not hold what was written into it.
    Corrupt {
        /// The file's name within the index.
        file: String,
        /// The byte where it shows.
        offset: u64,
        /// What is wrong.
        problem: String,
    },
    /// A file was written by a later version.
    FormatTooNew {
        /// The file's name within the index.
        file: String,
        /// The version found.
        found: u32,
        /// The newest version that this code reads.
        supported: u32,
    },
    /// There is no index in this place.
    NotAnIndex,
    /// There is already an index in this place.
    AlreadyAnIndex,
    /// Another writer holds the lock; what it said about itself.
    Locked(String),
    /// A write failed before; the writer must be reopened.
    Poisoned,
    /// What the writer writes to is not the newest commit of its index any more.
    Replaced,
    /// Something is larger than its limit.
    Limit {
        /// What it is.
        what: &'static str,
        /// What it may be at most.
        limit: u64,
        /// What it is.
        found: u64,
    },
    /// The caller passed something that the schema or the plan does not allow.
    Argument(String),
}

impl Error {
    /// Tells whether a file is not there.
    pub fn is_missing_file(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { operation, file, source } => {
                write!(formatter, "could not {operation} {file}: {source}")
            }
            Self::Corrupt { file, offset, problem } => {
                write!(formatter, "{file} is damaged at byte {offset}: {problem}")
            }
            Self::FormatTooNew { file, found, supported } => write!(
                formatter,
                "{file} has format {found}; this version reads up to {supported}: upgrade searchlib"
            ),
            Self::NotAnIndex => formatter.write_str("there is no index here: create one first"),
            Self::AlreadyAnIndex => formatter.write_str("there is an index here: open it instead"),
            Self::Locked(holder) => {
                write!(formatter, "another writer holds the index ({holder}): wait or close it")
            }
            Self::Poisoned => {
                formatter.write_str("an earlier write failed: close this writer and open another")
            }
            Self::Replaced => {
                formatter.write_str("the index was replaced by another: open that one")
            }
            Self::Limit { what, limit, found } => {
                write!(formatter, "{what}: at most {limit}, found {found}")
            }
            Self::Argument(problem) => formatter.write_str(problem),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
