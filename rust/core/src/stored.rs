//! Owns the stored bytes of documents: compressed blocks, and where each begins.
//!
//! ```text
//! stored  = block*
//! block   = raw_length:u32 lz4                      LZ4 block format of: length:varint* bytes*
//! blocks  = count:u64 first_document:u32* offset:u64*
//! ```

#![deny(clippy::indexing_slicing)]

use crate::bits::Bits;
use crate::bytes::{Reader, put_varint, u32_at, u64_at};
use crate::container::{Container, ContainerWriter, SectionKey};
use crate::error::{Error, Result};

/// Large enough to compress well, small enough that a hit costs some 10 µs.
const BLOCK_BYTES: usize = 16 * 1024;

/// LZ4 cannot make a byte stand for more than this many.
const HIGHEST_RATIO: usize = 255;

/// Where stored documents are.
#[derive(Clone, Copy, Debug)]
pub struct StoredSections {
    /// The compressed blocks.
    pub blocks: SectionKey,
    /// Where each begins.
    pub index: SectionKey,
}

/// Collects documents; they are compressed as they come.
#[derive(Default)]
pub struct StoredWriter {
    blocks: Vec<u8>,
    /// Documents and bytes of each block.
    sizes: Vec<(u32, usize)>,
    /// The lengths of the documents that are in no block yet, how many they are, and their bytes.
    lengths: Vec<u8>,
    waiting: u32,
    pending: Vec<u8>,
}

impl StoredWriter {
    /// Appends the bytes of the next document.
    pub fn add(&mut self, bytes: &[u8]) {
        put_varint(&mut self.lengths, bytes.len() as u64);
        self.pending.extend_from_slice(bytes);
        self.waiting += 1;
        if self.pending.len() + self.lengths.len() >= BLOCK_BYTES {
            self.flush();
        }
    }

    /// Gives how many bytes the blocks have that are full.
    pub fn block_bytes(&self) -> usize {
        self.blocks.len()
    }

    /// Gives how much memory it holds, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.blocks.len() + self.pending.len() + self.lengths.len()
    }

    /// Forgets the documents.
    pub fn clear(&mut self) {
        self.blocks.clear();
        self.sizes.clear();
        self.lengths.clear();
        self.waiting = 0;
        self.pending.clear();
    }

    /// Ends the block that is not full, if there is one.
    pub fn flush(&mut self) {
        if self.waiting == 0 {
            return;
        }
        self.lengths.append(&mut self.pending);
        let start = self.blocks.len();
        self.blocks.extend_from_slice(&(self.lengths.len() as u32).to_le_bytes());
        let packed = self.blocks.len();
        let highest = lz4_flex::block::get_maximum_output_size(self.lengths.len());
        self.blocks.resize(packed + highest, 0);
        let room = self.blocks.get_mut(packed..).unwrap_or_default();
        // It fails only where the room is too small, which is the highest size there is.
        let length = lz4_flex::block::compress_into(&self.lengths, room).unwrap_or_default();
        self.blocks.truncate(packed + length);
        self.sizes.push((self.waiting, self.blocks.len() - start));
        self.lengths.clear();
        self.waiting = 0;
    }
}

/// The stored documents of a segment that is being written: `begin`, `take` what was collected,
/// then `finish`. No more than the places of blocks is held.
pub struct StoredSection {
    index: SectionKey,
    firsts: Vec<u32>,
    offsets: Vec<u64>,
    documents: u32,
}

impl StoredSection {
    /// Begins the section of blocks.
    pub fn begin(file: &mut ContainerWriter, sections: &StoredSections) -> Result<Self> {
        file.begin(sections.blocks)?;
        let (firsts, offsets) = Default::default();
        Ok(Self { index: sections.index, firsts, offsets, documents: 0 })
    }

    /// Gives how much memory it holds, in bytes.
    pub fn size_bytes(&self) -> usize {
        4 * self.firsts.len() + 8 * self.offsets.len()
    }

    /// Writes the blocks that a writer has full, and takes them from it.
    pub fn take(&mut self, file: &mut ContainerWriter, writer: &mut StoredWriter) -> Result<()> {
        let mut offset = file.position();
        for (documents, bytes) in writer.sizes.drain(..) {
            self.firsts.push(self.documents);
            self.offsets.push(offset);
            self.documents += documents;
            offset += bytes as u64;
        }
        file.write(&writer.blocks)?;
        writer.blocks.clear();
        Ok(())
    }

    /// Ends the section of blocks and writes that of where they are.
    pub fn finish(self, file: &mut ContainerWriter) -> Result<()> {
        write_index(file, self.index, &self.firsts, &self.offsets)
    }
}

/// Writes the documents of several segments, without holding more than a block.
pub struct StoredMerger {
    section: StoredSection,
    /// The live documents of blocks with deleted ones.
    pending: StoredWriter,
}

impl StoredMerger {
    /// Begins the section of blocks.
    pub fn begin(file: &mut ContainerWriter, sections: &StoredSections) -> Result<Self> {
        let pending = StoredWriter::default();
        Ok(Self { section: StoredSection::begin(file, sections)?, pending })
    }

    /// Appends the documents of a segment that are not deleted: whole blocks as they are.
    pub fn add(
        &mut self,
        file: &mut ContainerWriter,
        stored: &Stored<'_>,
        deleted: &Bits,
    ) -> Result<()> {
        for block in 0..stored.firsts.len() / 4 {
            let first = u32_at(stored.firsts, block).unwrap_or_default();
            let count = stored.documents_in(block) as u32;
            if deleted.next(first).is_none_or(|next| next >= first.saturating_add(count)) {
                self.flush(file)?;
                self.section.firsts.push(self.section.documents);
                self.section.offsets.push(file.position());
                file.write(stored.packed(block)?)?;
                self.section.documents += count;
                continue;
            }
            stored.for_each_in(block, |document, bytes| {
                if !deleted.contains(document) {
                    self.pending.add(bytes);
                }
            })?;
            if self.pending.block_bytes() >= 4 * BLOCK_BYTES {
                self.section.take(file, &mut self.pending)?;
            }
        }
        Ok(())
    }

    /// Ends the section of blocks and writes that of where they are.
    pub fn finish(mut self, file: &mut ContainerWriter) -> Result<()> {
        self.flush(file)?;
        self.section.finish(file)
    }

    fn flush(&mut self, file: &mut ContainerWriter) -> Result<()> {
        self.pending.flush();
        self.section.take(file, &mut self.pending)
    }
}

fn write_index(
    file: &mut ContainerWriter,
    section: SectionKey,
    firsts: &[u32],
    offsets: &[u64],
) -> Result<()> {
    file.begin(section)?;
    file.write(&(firsts.len() as u64).to_le_bytes())?;
    for first in firsts {
        file.write(&first.to_le_bytes())?;
    }
    for offset in offsets {
        file.write(&offset.to_le_bytes())?;
    }
    Ok(())
}

/// Reads stored documents.
pub struct Stored<'a> {
    container: &'a Container,
    sections: StoredSections,
    firsts: &'a [u8],
    offsets: &'a [u8],
    documents: u32,
}

impl<'a> Stored<'a> {
    /// Opens the stored bytes of so many documents.
    pub fn open(
        container: &'a Container,
        sections: StoredSections,
        documents: u32,
    ) -> Result<Self> {
        let index = container.section(sections.index)?;
        let damaged =
            || container.damaged(sections.index, 0, "the index of documents is malformed");
        let count = u64_at(index, 0).ok_or_else(damaged)?;
        let arrays = index.get(8..).ok_or_else(damaged)?;
        if count.checked_mul(12) != Some(arrays.len() as u64) {
            return Err(damaged());
        }
        let (firsts, offsets) = arrays.split_at_checked(count as usize * 4).ok_or_else(damaged)?;
        Ok(Self { container, sections, firsts, offsets, documents })
    }

    /// Gives the bytes of a document.
    pub fn get(&self, document: u32) -> Result<Vec<u8>> {
        let firsts = self.firsts.as_chunks::<4>().0;
        let above = firsts.partition_point(|first| u32::from_le_bytes(*first) <= document);
        let block = above.checked_sub(1).ok_or_else(|| self.damaged(0))?;
        let raw = self.decompress(block)?;
        let first = u32_at(self.firsts, block).unwrap_or_default();
        let skipped = document - first;
        self.find(block, &raw, skipped).ok_or_else(|| self.damaged(block))
    }

    /// Calls `take` with each document's bytes, in order.
    pub fn for_each(&self, mut take: impl FnMut(u32, &[u8])) -> Result<()> {
        (0..self.firsts.len() / 4).try_for_each(|block| self.for_each_in(block, &mut take))
    }

    /// Calls `take` with each document of a block and its bytes, in order.
    fn for_each_in(&self, block: usize, mut take: impl FnMut(u32, &[u8])) -> Result<()> {
        let raw = self.decompress(block)?;
        let first = u32_at(self.firsts, block).unwrap_or_default();
        let lengths = self.lengths(block, &raw).ok_or_else(|| self.damaged(block))?;
        let total = lengths.iter().try_fold(0_usize, |sum, &length| sum.checked_add(length));
        let skipped = total.and_then(|total| raw.len().checked_sub(total));
        let mut rest =
            skipped.and_then(|skipped| raw.get(skipped..)).ok_or_else(|| self.damaged(block))?;
        for (document, length) in (first..).zip(lengths) {
            let split = rest.split_at_checked(length).ok_or_else(|| self.damaged(block))?;
            take(document, split.0);
            rest = split.1;
        }
        Ok(())
    }

    fn documents_in(&self, block: usize) -> usize {
        let first = u32_at(self.firsts, block).unwrap_or_default();
        let next = u32_at(self.firsts, block + 1).unwrap_or(self.documents);
        next.saturating_sub(first) as usize
    }

    fn lengths(&self, block: usize, raw: &[u8]) -> Option<Vec<usize>> {
        let mut reader = Reader::new(raw);
        let count = self.documents_in(block);
        (0..count).map(|_| usize::try_from(reader.varint()?).ok()).collect()
    }

    fn find(&self, block: usize, raw: &[u8], skipped: u32) -> Option<Vec<u8>> {
        let mut reader = Reader::new(raw);
        let (mut start, mut wanted) = (0_usize, 0_usize);
        for at in 0..self.documents_in(block) {
            let length = usize::try_from(reader.varint()?).ok()?;
            if at < skipped as usize {
                start = start.checked_add(length)?;
            } else if at == skipped as usize {
                wanted = length;
            }
        }
        let start = reader.position().checked_add(start)?;
        raw.get(start..start.checked_add(wanted)?).map(<[u8]>::to_vec)
    }

    /// Gives a block as it is written.
    fn packed(&self, block: usize) -> Result<&'a [u8]> {
        let start = u64_at(self.offsets, block).ok_or_else(|| self.damaged(block))?;
        let length = self.container.length(self.sections.blocks)?;
        let end = u64_at(self.offsets, block + 1).unwrap_or(length);
        self.container.slice(self.sections.blocks, start..end)
    }

    fn decompress(&self, block: usize) -> Result<Vec<u8>> {
        let damaged = || self.damaged(block);
        let bytes = self.packed(block)?;
        let (raw_length, packed) = bytes.split_first_chunk::<4>().ok_or_else(damaged)?;
        let raw_length = u32::from_le_bytes(*raw_length) as usize;
        if raw_length > packed.len().saturating_mul(HIGHEST_RATIO) {
            return Err(damaged());
        }
        let raw = lz4_flex::block::decompress(packed, raw_length).map_err(|_| damaged())?;
        if raw.len() == raw_length { Ok(raw) } else { Err(damaged()) }
    }

    fn damaged(&self, block: usize) -> Error {
        let offset = u64_at(self.offsets, block).unwrap_or_default();
        self.container.damaged(self.sections.blocks, offset, "a block of documents is malformed")
    }
}
