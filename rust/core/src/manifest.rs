//! Owns the manifest: the one file that says which segments a commit has.
//!
//! ```text
//! manifest = magic:8 version:u32 index:u128 generation:u64 settings:bytes schema segment* crc:u32
//! settings = length:varint bytes                  the binding's: analyser, options
//! segment* = count:varint (id:u128 seal documents:u32 deletes)*
//! deletes  = 0:u8 | 1:u8 id:u128 seal count:u32
//! seal     = length:u64 checksum:u32
//! ```
//!
//! A commit writes its segments, makes them and the folder durable, writes `manifest-N.tmp`, makes
//! it durable, renames it to `manifest-N`, and makes the folder durable. A manifest that is visible
//! thus names only files that are whole: one that is not valid is damage, and is reported, never
//! passed over.

#![deny(clippy::indexing_slicing)]

use crate::bytes::{Reader, put_varint};
use crate::container::{FORMAT, Seal};
use crate::error::{Error, Result};
use crate::schema::Schema;
use crate::storage::Storage;

const MAGIC: &[u8; 8] = b"SRCHMAN\n";
const PREFIX: &str = "manifest-";

/// A commit removes the files of the one before it; who loses that race looks again.
pub const READ_ATTEMPTS: usize = 5;

/// A file of deleted documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletesEntry {
    /// The identity of the file.
    pub id: u128,
    /// Its length and checksum.
    pub seal: Seal,
    /// How many documents are deleted.
    pub count: u32,
}

/// A segment of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentEntry {
    /// The identity of the file.
    pub id: u128,
    /// Its length and checksum.
    pub seal: Seal,
    /// How many documents it has, deleted ones too.
    pub documents: u32,
    /// Which of them are deleted.
    pub deletes: Option<DeletesEntry>,
}

impl SegmentEntry {
    /// Gives the names of the segment's files.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let deletes = self.deletes.map(|deletes| deletes_name(deletes.id));
        std::iter::once(segment_name(self.id)).chain(deletes)
    }
}

/// Gives the name of a segment's file.
pub fn segment_name(id: u128) -> String {
    format!("s-{id:032x}.seg")
}

/// Gives the name of a file of deleted documents.
pub fn deletes_name(id: u128) -> String {
    format!("d-{id:032x}.del")
}

/// Tells whether a file was made by a writer, and may be removed where nothing names it.
pub fn is_ours(name: &str) -> bool {
    let inner = |prefix: &str, suffix: &str| name.strip_prefix(prefix)?.strip_suffix(suffix);
    let is_id = |id: &str| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    inner("s-", ".seg").or_else(|| inner("d-", ".del")).is_some_and(is_id)
        || generation_of(name.strip_suffix(".tmp").unwrap_or(name)).is_some()
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The identity of the index.
    pub index: u128,
    /// The number of the commit, from 0.
    pub generation: u64,
    /// What the binding keeps.
    pub settings: Vec<u8>,
    /// The fields.
    pub schema: Schema,
    /// The segments, in the order of their documents.
    pub segments: Vec<SegmentEntry>,
}

impl Manifest {
    /// Gives the newest commit.
    ///
    /// # Errors
    /// `NotAnIndex` where there is none; `Corrupt` where it is not what was written.
    pub fn newest(storage: &dyn Storage) -> Result<Self> {
        let mut attempts = 1;
        loop {
            match Self::read_newest(storage) {
                Err(error) if error.is_missing_file() && attempts < READ_ATTEMPTS => attempts += 1,
                read => return read,
            }
        }
    }

    /// Tells whether the newest commit of a storage is this one, by its number.
    pub fn is_newest(&self, storage: &dyn Storage) -> Result<bool> {
        let newest = Self::newest(storage)?;
        Ok(newest.index == self.index && newest.generation == self.generation)
    }

    fn read_newest(storage: &dyn Storage) -> Result<Self> {
        let names = storage.list()?;
        let newest = names.iter().filter_map(|name| generation_of(name)).max();
        let generation = newest.ok_or(Error::NotAnIndex)?;
        let name = manifest_name(generation);
        let bytes = storage.read(&name)?;
        Self::decode(&bytes, &name, generation)
    }

    /// Writes the commit; once it returns, the commit is durable and visible.
    ///
    /// The segments must be durable already, their folder entries included.
    pub fn write(&self, storage: &dyn Storage) -> Result<()> {
        let name = manifest_name(self.generation);
        let temporary = format!("{name}.tmp");
        if storage.list()?.binary_search(&temporary).is_ok() {
            storage.remove(&temporary)?;
        }
        let mut output = storage.create(&temporary)?;
        output.write(&self.encode())?;
        output.sync()?;
        drop(output);
        storage.rename(&temporary, &name)?;
        storage.sync_folder()
    }

    /// Removes every file of ours that this commit does not name, but for a segment being written.
    pub fn remove_others(&self, storage: &dyn Storage, being_written: Option<u128>) -> Result<()> {
        let mut kept: Vec<String> = self.segments.iter().flat_map(SegmentEntry::names).collect();
        kept.push(manifest_name(self.generation));
        kept.extend(being_written.map(segment_name));
        for name in storage.list()? {
            if is_ours(&name) && !kept.contains(&name) {
                storage.remove(&name)?;
            }
        }
        Ok(())
    }

    /// Gives how many bytes the files of this commit have, the manifest's own included.
    pub fn size_bytes(&self) -> u64 {
        let of_segment = |segment: &SegmentEntry| {
            segment.seal.length + segment.deletes.map_or(0, |deletes| deletes.seal.length)
        };
        self.segments.iter().map(of_segment).sum::<u64>() + self.encode().len() as u64
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&FORMAT.to_le_bytes());
        out.extend_from_slice(&self.index.to_le_bytes());
        out.extend_from_slice(&self.generation.to_le_bytes());
        put_varint(&mut out, self.settings.len() as u64);
        out.extend_from_slice(&self.settings);
        self.schema.write(&mut out);
        put_varint(&mut out, self.segments.len() as u64);
        for segment in &self.segments {
            put_file(&mut out, segment.id, segment.seal, segment.documents);
            out.push(u8::from(segment.deletes.is_some()));
            if let Some(deletes) = segment.deletes {
                put_file(&mut out, deletes.id, deletes.seal, deletes.count);
            }
        }
        out.extend_from_slice(&crc32c::crc32c(&out).to_le_bytes());
        out
    }

    fn decode(bytes: &[u8], name: &str, generation: u64) -> Result<Self> {
        let damaged = |offset: usize, problem: &str| Error::Corrupt {
            file: name.to_owned(),
            offset: offset as u64,
            problem: problem.to_owned(),
        };
        let Some((content, checksum)) = bytes.split_last_chunk::<4>() else {
            return Err(damaged(0, "the file is cut"));
        };
        if u32::from_le_bytes(*checksum) != crc32c::crc32c(content) {
            return Err(damaged(content.len(), "the checksum does not match"));
        }
        let mut reader = Reader::new(content);
        let version = reader.take(8).filter(|magic| *magic == MAGIC).and_then(|_| reader.u32());
        let found = version.ok_or_else(|| damaged(0, "it does not begin as a manifest does"))?;
        if found > FORMAT {
            return Err(Error::FormatTooNew { file: name.to_owned(), found, supported: FORMAT });
        }
        let manifest = read_manifest(&mut reader);
        let position = reader.position();
        let manifest = manifest.ok_or_else(|| damaged(position, "an entry is malformed"))?;
        if reader.remaining() > 0 || manifest.generation != generation {
            return Err(damaged(position, "this is another manifest than its name says"));
        }
        Ok(manifest)
    }
}

fn manifest_name(generation: u64) -> String {
    format!("{PREFIX}{generation:020}")
}

fn generation_of(name: &str) -> Option<u64> {
    let digits = name.strip_prefix(PREFIX)?;
    if digits.len() == 20 { digits.parse().ok() } else { None }
}

fn put_file(out: &mut Vec<u8>, id: u128, seal: Seal, count: u32) {
    out.extend_from_slice(&id.to_le_bytes());
    out.extend_from_slice(&seal.length.to_le_bytes());
    out.extend_from_slice(&seal.checksum.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
}

fn read_file(reader: &mut Reader<'_>) -> Option<(u128, Seal, u32)> {
    let id = reader.u128()?;
    let seal = Seal { length: reader.u64()?, checksum: reader.u32()? };
    Some((id, seal, reader.u32()?))
}

fn read_manifest(reader: &mut Reader<'_>) -> Option<Manifest> {
    let index = reader.u128()?;
    let generation = reader.u64()?;
    let length = reader.count()?;
    let settings = reader.take(length)?.to_vec();
    let schema = Schema::read(reader)?;
    let count = reader.count()?;
    let segments = (0..count).map(|_| read_segment(reader)).collect::<Option<Vec<_>>>()?;
    Some(Manifest { index, generation, settings, schema, segments })
}

fn read_segment(reader: &mut Reader<'_>) -> Option<SegmentEntry> {
    let (id, seal, documents) = read_file(reader)?;
    let deletes = match reader.u8()? {
        0 => None,
        1 => {
            let (id, seal, count) = read_file(reader)?;
            Some(DeletesEntry { id, seal, count })
        }
        _ => return None,
    };
    Some(SegmentEntry { id, seal, documents, deletes })
}
