//! Owns the one use of memory maps, and with it the one `unsafe` of the engine.

use std::fs::File;
use std::io;

/// A file of the index, mapped for reading.
pub struct Mapping(memmap2::Mmap);

impl Mapping {
    /// Maps a file.
    #[allow(unsafe_code)]
    pub fn of(file: &File) -> io::Result<Self> {
        // SAFETY: a map is sound while nobody changes or truncates the file. The engine writes a
        // file once under a temporary owner, syncs it, and only then lets the manifest name it;
        // afterwards it is only read or unlinked, and unlinking leaves maps intact. All access
        // through the map is by checked slices of plain bytes, for which every bit pattern is
        // valid. A foreign process that truncates the file is outside this promise: the system
        // answers with SIGBUS, which io="pread" avoids (see docs/format.md, "Reading").
        unsafe { memmap2::Mmap::map(file) }.map(Self)
    }

    /// Gives the bytes.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}
