//! Owns the file that holds a segment: a header, sections, and a footer that checks them.
//!
//! ```text
//! file    = header section* footer trailer
//! header  = magic:8 kind:u32 version:u32 index:u128 file:u128 zero:12 crc:u32     64 bytes
//! section = bytes, padded with zeros to a multiple of 64 bytes
//! footer  = count:u32 (kind:u16 field:u16 offset:u64 length:u64)* crc:u32*
//! trailer = footer_offset:u64 footer_length:u64 footer_crc:u32 version:u32 magic:8
//! ```
//!
//! All numbers are little-endian. The checksums (CRC-32C) in the footer are those of each 64 KiB
//! of the file before the footer; a block is checked when it is first touched. `index` is the
//! identity of the index, `file` that of the file: one that was swapped is refused.

#![deny(clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::bytes::{Reader, u32_at};
use crate::error::{Error, Result};
use crate::storage::{Bytes, Output};

/// The version of all that this engine writes.
pub const FORMAT: u32 = 1;

const MAGIC: &[u8; 8] = b"SRCHLIB\n";
const HEADER_BYTES: usize = 64;
const TRAILER_BYTES: usize = 32;
const ALIGNMENT: u64 = 64;
const ENTRY_BYTES: usize = 20;

/// What one checksum covers: checking it takes some microseconds, and a query touches few.
const CHECKED_BYTES: usize = 64 * 1024;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum FileKind {
    /// A segment.
    Segment = 1,
    /// The deleted documents of a segment.
    Deletes = 2,
}

/// The identities that a file carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What the file holds.
    pub kind: FileKind,
    /// The index that it belongs to.
    pub index: u128,
    /// The file itself.
    pub file: u128,
}

/// The key of a section: what it holds, and of which field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SectionKey {
    /// What it holds; see `segment`.
    pub kind: u16,
    /// The number of the field, 0 for sections of no field.
    pub field: u16,
}

/// What tells a file from any other of its name: the manifest holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Length in bytes.
    pub length: u64,
    /// The checksum of the footer, and so of the checksums of all blocks.
    pub checksum: u32,
}

/// Writes a file: `begin` each section, `write` it, then `finish`.
pub struct ContainerWriter {
    output: Box<dyn Output>,
    pending: Vec<u8>,
    offset: u64,
    checksums: Vec<u32>,
    sections: Vec<(SectionKey, u64)>,
    lengths: Vec<u64>,
}

impl ContainerWriter {
    /// Writes the header.
    pub fn new(output: Box<dyn Output>, identity: Identity) -> Result<Self> {
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&(identity.kind as u32).to_le_bytes());
        header.extend_from_slice(&FORMAT.to_le_bytes());
        header.extend_from_slice(&identity.index.to_le_bytes());
        header.extend_from_slice(&identity.file.to_le_bytes());
        header.resize(HEADER_BYTES - 4, 0);
        header.extend_from_slice(&crc32c::crc32c(&header).to_le_bytes());
        let mut writer = Self {
            output,
            pending: Vec::with_capacity(CHECKED_BYTES),
            offset: 0,
            checksums: Vec::new(),
            sections: Vec::new(),
            lengths: Vec::new(),
        };
        writer.write(&header)?;
        Ok(writer)
    }

    /// Ends the section before, if any, and begins one.
    pub fn begin(&mut self, key: SectionKey) -> Result<()> {
        self.end()?;
        self.sections.push((key, self.offset));
        Ok(())
    }

    /// Gives how many bytes the current section has.
    pub fn position(&self) -> u64 {
        self.offset - self.sections.last().map_or(0, |&(_, start)| start)
    }

    /// Appends bytes to the current section.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<()> {
        self.offset += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = (CHECKED_BYTES - self.pending.len()).min(bytes.len());
            let (now, later) = bytes.split_at(room);
            self.pending.extend_from_slice(now);
            bytes = later;
            if self.pending.len() == CHECKED_BYTES {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Writes the footer and makes the file durable.
    pub fn finish(mut self) -> Result<Seal> {
        self.end()?;
        if !self.pending.is_empty() {
            self.flush()?;
        }
        let mut footer = Vec::new();
        footer.extend_from_slice(&(self.sections.len() as u32).to_le_bytes());
        for ((key, offset), length) in self.sections.iter().zip(&self.lengths) {
            footer.extend_from_slice(&key.kind.to_le_bytes());
            footer.extend_from_slice(&key.field.to_le_bytes());
            footer.extend_from_slice(&offset.to_le_bytes());
            footer.extend_from_slice(&length.to_le_bytes());
        }
        for checksum in &self.checksums {
            footer.extend_from_slice(&checksum.to_le_bytes());
        }
        let checksum = crc32c::crc32c(&footer);
        let length = footer.len() as u64;
        footer.extend_from_slice(&self.offset.to_le_bytes());
        footer.extend_from_slice(&length.to_le_bytes());
        footer.extend_from_slice(&checksum.to_le_bytes());
        footer.extend_from_slice(&FORMAT.to_le_bytes());
        footer.extend_from_slice(MAGIC);
        self.output.write(&footer)?;
        self.output.sync()?;
        Ok(Seal { length: self.offset + footer.len() as u64, checksum })
    }

    fn end(&mut self) -> Result<()> {
        if self.lengths.len() < self.sections.len() {
            self.lengths.push(self.position());
        }
        let padding = self.offset.next_multiple_of(ALIGNMENT) - self.offset;
        let zeros = [0; ALIGNMENT as usize];
        self.write(zeros.split_at(padding as usize).0)
    }

    fn flush(&mut self) -> Result<()> {
        self.checksums.push(crc32c::crc32c(&self.pending));
        self.output.write(&self.pending)?;
        self.pending.clear();
        Ok(())
    }
}

/// Reads a file, checking each block when it is first touched.
pub struct Container {
    name: String,
    bytes: Bytes,
    sections: BTreeMap<SectionKey, Range<u64>>,
    footer: Range<usize>,
    checksums: Range<usize>,
    checked: Vec<AtomicU64>,
}

impl Container {
    /// Opens a file, checking its header, its footer and all their bounds.
    pub fn open(bytes: Bytes, name: &str, identity: Identity) -> Result<Self> {
        let damaged = |offset: usize, problem: &str| Error::Corrupt {
            file: name.to_owned(),
            offset: offset as u64,
            problem: problem.to_owned(),
        };
        check_header(&bytes, name, identity)?;
        let footer = find_footer(&bytes, name)?;
        let short = || damaged(footer.start, "the footer is cut");
        let content = bytes.get(footer.clone()).ok_or_else(short)?;
        let mut reader = Reader::new(content);
        let count = reader.u32().ok_or_else(short)? as usize;
        let blocks = footer.start.div_ceil(CHECKED_BYTES);
        if Some(content.len()) != count.checked_mul(ENTRY_BYTES).map(|size| 4 + size + blocks * 4) {
            return Err(damaged(footer.start, "the footer does not fit the file"));
        }
        let mut sections = BTreeMap::new();
        for _ in 0..count {
            let (key, range) = read_entry(&mut reader).ok_or_else(short)?;
            let fits = range.start <= range.end && range.end <= footer.start as u64;
            if !fits || sections.insert(key, range).is_some() {
                return Err(damaged(
                    footer.start,
                    "a section lies outside the file or twice in it",
                ));
            }
        }
        let checksums = footer.start + reader.position()..footer.end;
        let checked = (0..blocks.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Ok(Self { name: name.to_owned(), bytes, sections, footer, checksums, checked })
    }

    /// Gives the file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Gives the file's length in bytes.
    pub fn size_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Gives the seal of the file.
    pub fn seal(&self) -> Seal {
        let checksum = self.bytes.get(self.footer.clone()).map(crc32c::crc32c).unwrap_or_default();
        Seal { length: self.size_bytes(), checksum }
    }

    /// Gives a whole section, checked.
    pub fn section(&self, key: SectionKey) -> Result<&[u8]> {
        let length = self.length(key)?;
        self.slice(key, 0..length)
    }

    /// Gives the length of a section in bytes.
    pub fn length(&self, key: SectionKey) -> Result<u64> {
        self.range(key).map(|range| range.end - range.start)
    }

    /// Gives a part of a section, checked.
    pub fn slice(&self, key: SectionKey, part: Range<u64>) -> Result<&[u8]> {
        self.find(key)?.slice(part)
    }

    /// Gives a section of which many parts are to be read.
    pub fn find(&self, key: SectionKey) -> Result<Section<'_>> {
        Ok(Section { container: self, key, range: self.range(key)?.clone() })
    }

    /// Gives the error for something wrong at an offset within a section.
    pub fn damaged(&self, key: SectionKey, offset: u64, problem: &str) -> Error {
        let start = self.sections.get(&key).map_or(0, |range| range.start);
        Error::Corrupt {
            file: self.name.clone(),
            offset: start.saturating_add(offset),
            problem: problem.to_owned(),
        }
    }

    /// Checks every block again, touched or not; gives the offsets of those that are damaged.
    pub fn verify(&self) -> Vec<u64> {
        let blocks = self.footer.start.div_ceil(CHECKED_BYTES);
        let damaged = (0..blocks).filter(|&block| !self.is_sound(block));
        damaged.map(|block| (block * CHECKED_BYTES) as u64).collect()
    }

    fn range(&self, key: SectionKey) -> Result<&Range<u64>> {
        self.sections.get(&key).ok_or_else(|| Error::Corrupt {
            file: self.name.clone(),
            offset: self.footer.start as u64,
            problem: format!("section {} of field {} is missing", key.kind, key.field),
        })
    }

    fn check(&self, range: &Range<usize>) -> Result<()> {
        if range.is_empty() {
            return Ok(());
        }
        for block in range.start / CHECKED_BYTES..=(range.end - 1) / CHECKED_BYTES {
            let Some(word) = self.checked.get(block / 64) else { continue };
            let bit = 1 << (block % 64);
            if word.load(Ordering::Relaxed) & bit != 0 {
                continue;
            }
            if !self.is_sound(block) {
                return Err(Error::Corrupt {
                    file: self.name.clone(),
                    offset: (block * CHECKED_BYTES) as u64,
                    problem: "the checksum of 64 KiB does not match".to_owned(),
                });
            }
            word.fetch_or(bit, Ordering::Relaxed);
        }
        Ok(())
    }

    fn is_sound(&self, block: usize) -> bool {
        let start = block * CHECKED_BYTES;
        let end = (start + CHECKED_BYTES).min(self.footer.start);
        let expected = self.bytes.get(self.checksums.clone()).and_then(|all| u32_at(all, block));
        self.bytes.get(start..end).map(crc32c::crc32c) == expected
    }
}

/// A section of a file.
#[derive(Clone)]
pub struct Section<'a> {
    container: &'a Container,
    key: SectionKey,
    range: Range<u64>,
}

impl<'a> Section<'a> {
    /// Gives a part of the section, checked.
    #[inline]
    pub fn slice(&self, part: Range<u64>) -> Result<&'a [u8]> {
        let start = self.range.start.checked_add(part.start);
        let end = self.range.start.checked_add(part.end).filter(|&end| end <= self.range.end);
        if let (Some(start), Some(end)) = (start, end)
            && start <= end
        {
            let range = start as usize..end as usize;
            self.container.check(&range)?;
            if let Some(bytes) = self.container.bytes.get(range) {
                return Ok(bytes);
            }
        }
        let problem = "a reference leads outside its section";
        Err(self.container.damaged(self.key, part.start, problem))
    }
}

fn check_header(bytes: &[u8], name: &str, identity: Identity) -> Result<()> {
    let damaged = |offset: u64, problem: &str| Error::Corrupt {
        file: name.to_owned(),
        offset,
        problem: problem.to_owned(),
    };
    let mut reader = Reader::new(bytes);
    if reader.take(8) != Some(MAGIC) {
        return Err(damaged(0, "it does not begin as a file of an index does"));
    }
    let short = || damaged(bytes.len() as u64, "the header is cut");
    let kind = reader.u32().ok_or_else(short)?;
    let version = reader.u32().ok_or_else(short)?;
    let index = reader.u128().ok_or_else(short)?;
    let file = reader.u128().ok_or_else(short)?;
    reader.take(12).ok_or_else(short)?;
    let checksum = reader.u32().ok_or_else(short)?;
    if bytes.get(..HEADER_BYTES - 4).map(crc32c::crc32c) != Some(checksum) {
        return Err(damaged(0, "the checksum of the header does not match"));
    }
    if version > FORMAT {
        return Err(Error::FormatTooNew {
            file: name.to_owned(),
            found: version,
            supported: FORMAT,
        });
    }
    if kind != identity.kind as u32 || index != identity.index || file != identity.file {
        return Err(damaged(8, "this is another file than the manifest names"));
    }
    Ok(())
}

fn find_footer(bytes: &[u8], name: &str) -> Result<Range<usize>> {
    let at = bytes.len().saturating_sub(TRAILER_BYTES);
    let damaged = |problem: &str| Error::Corrupt {
        file: name.to_owned(),
        offset: at as u64,
        problem: problem.to_owned(),
    };
    let cut = || damaged("the end of the file is cut");
    let mut reader = Reader::new(bytes.get(at..).ok_or_else(cut)?);
    let offset = reader.u64().ok_or_else(cut)?;
    let length = reader.u64().ok_or_else(cut)?;
    let checksum = reader.u32().ok_or_else(cut)?;
    let version = reader.u32().ok_or_else(cut)?;
    if reader.take(8) != Some(MAGIC) || version != FORMAT {
        return Err(cut());
    }
    if offset < HEADER_BYTES as u64 || offset.checked_add(length) != Some(at as u64) {
        return Err(damaged("the trailer does not fit the file"));
    }
    let footer = offset as usize..at;
    if bytes.get(footer.clone()).map(crc32c::crc32c) != Some(checksum) {
        return Err(damaged("the checksum of the footer does not match"));
    }
    Ok(footer)
}

fn read_entry(reader: &mut Reader<'_>) -> Option<(SectionKey, Range<u64>)> {
    let words = reader.u32()?;
    let key = SectionKey { kind: words as u16, field: (words >> 16) as u16 };
    let offset = reader.u64()?;
    let end = offset.checked_add(reader.u64()?)?;
    Some((key, offset..end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{MemoryStorage, Storage};

    const IDENTITY: Identity = Identity { kind: FileKind::Segment, index: 7, file: 9 };
    const KEY: SectionKey = SectionKey { kind: 3, field: 2 };

    fn written(content: &[u8]) -> Vec<u8> {
        let storage = MemoryStorage::new();
        let mut writer = ContainerWriter::new(storage.create("a").unwrap(), IDENTITY).unwrap();
        writer.begin(KEY).unwrap();
        writer.write(content).unwrap();
        writer.begin(SectionKey { kind: 4, field: 0 }).unwrap();
        writer.write(b"resto").unwrap();
        let seal = writer.finish().unwrap();
        let bytes = storage.read("a").unwrap().to_vec();
        assert_eq!(seal.length, bytes.len() as u64);
        bytes
    }

    fn open(bytes: Vec<u8>) -> Result<Container> {
        Container::open(Bytes::Owned(bytes.into()), "a", IDENTITY)
    }

    /// What is written into a section is read from it, whatever its length.
    #[test]
    fn sections_round_trip() {
        for length in [0, 1, 63, 64, 65, 65_535, 65_536, 200_000] {
            let content: Vec<u8> = (0..length).map(|at| (at * 7 % 251) as u8).collect();
            let container = open(written(&content)).unwrap();
            assert_eq!(container.section(KEY).unwrap(), content);
            assert_eq!(container.section(SectionKey { kind: 4, field: 0 }).unwrap(), b"resto");
            assert!(container.verify().is_empty());
        }
    }

    /// Every flipped byte and every cut is an error at open or at the section it is in, never
    /// other content.
    #[test]
    fn damage_is_never_read() {
        let content: Vec<u8> = (0..300).map(|at| at as u8).collect();
        let bytes = written(&content);
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            if let Ok(container) = open(flipped) {
                assert!(container.section(KEY).is_err(), "byte {at}");
                assert_eq!(container.verify(), [0]);
            }
            assert!(open(bytes[..at].to_vec()).is_err(), "cut at {at}");
        }
    }

    /// A file of another identity is refused.
    #[test]
    fn a_swapped_file_is_refused() {
        let bytes = Bytes::Owned(written(b"x").into());
        assert!(Container::open(bytes, "a", Identity { file: 10, ..IDENTITY }).is_err());
    }
}
