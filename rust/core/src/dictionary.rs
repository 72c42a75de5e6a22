//! Owns the sorted dictionary of a text field: words, and where their postings are.
//!
//! ```text
//! keys  = block*                                   16 entries a block, the last may have fewer
//! block = postings:varint positions:varint entry*  where those of its first entry that is no
//!                                                  alias begin
//! entry = shared:varint suffix:text info           shared bytes with the key before, 0 at first
//! info  = documents·2+alias:varint more:varint     more: occurrences beyond one a document
//!         (postings:varint positions:varint)?      where they begin, if alias
//!         postings_length:varint positions_length:varint
//! top   = entries:u64 prefix:u64* offset:u64*      of each block: the first 8 bytes of its first
//!                                                  key, big-endian, and where it begins
//! ```
//!
//! Keys are bytes and sorted as bytes. Postings follow each other in the order of the keys, but
//! for those of an *alias*, which shares the postings of an entry of another dictionary.

#![deny(clippy::indexing_slicing)]

use std::ops::Range;

use crate::bytes::{Reader, put_varint, u64_at};
use crate::container::{Container, ContainerWriter, SectionKey};
use crate::error::{Error, Result};

/// A look-up decodes one block: about 100 ns.
const BLOCK_ENTRIES: u64 = 16;

/// What the dictionary knows of a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordInfo {
    /// How many documents hold it.
    pub documents: u32,
    /// How often all of them together do.
    pub occurrences: u64,
    /// Its part of the postings section.
    pub postings: Range<u64>,
    /// Its part of the positions section.
    pub positions: Range<u64>,
}

/// Collects the entries of a dictionary, in order, and writes them.
#[derive(Default)]
pub struct DictionaryWriter {
    keys: Vec<u8>,
    prefixes: Vec<u64>,
    offsets: Vec<u64>,
    entries: u64,
    last_key: Vec<u8>,
    postings: u64,
    positions: u64,
}

impl DictionaryWriter {
    /// Gives a writer of entries whose postings and positions begin at these offsets.
    pub fn starting_at(postings: u64, positions: u64) -> Self {
        Self { postings, positions, ..Self::default() }
    }

    /// Appends an entry; keys ascend. `is_alias` tells that its postings do not follow those of
    /// the entry before.
    pub fn add(&mut self, key: &[u8], info: &WordInfo, is_alias: bool) {
        debug_assert!(self.entries == 0 || self.last_key.as_slice() < key);
        let mut shared = 0;
        if self.entries.is_multiple_of(BLOCK_ENTRIES) {
            self.prefixes.push(prefix(key));
            self.offsets.push(self.keys.len() as u64);
            put_varint(&mut self.keys, self.postings);
            put_varint(&mut self.keys, self.positions);
        } else {
            shared = self.last_key.iter().zip(key).take_while(|(a, b)| a == b).count();
        }
        let suffix = key.get(shared..).unwrap_or_default();
        put_varint(&mut self.keys, shared as u64);
        put_varint(&mut self.keys, suffix.len() as u64);
        self.keys.extend_from_slice(suffix);
        put_varint(&mut self.keys, u64::from(info.documents) << 1 | u64::from(is_alias));
        put_varint(&mut self.keys, info.occurrences - u64::from(info.documents));
        if is_alias {
            put_varint(&mut self.keys, info.postings.start);
            put_varint(&mut self.keys, info.positions.start);
        } else {
            debug_assert_eq!(self.postings, info.postings.start);
            (self.postings, self.positions) = (info.postings.end, info.positions.end);
        }
        put_varint(&mut self.keys, info.postings.end - info.postings.start);
        put_varint(&mut self.keys, info.positions.end - info.positions.start);
        self.entries += 1;
        self.last_key.clear();
        self.last_key.extend_from_slice(key);
    }

    /// Writes the two sections.
    pub fn finish(self, file: &mut ContainerWriter, sections: &DictionarySections) -> Result<()> {
        file.begin(sections.keys)?;
        file.write(&self.keys)?;
        file.begin(sections.top)?;
        file.write(&self.entries.to_le_bytes())?;
        for number in self.prefixes.iter().chain(&self.offsets) {
            file.write(&number.to_le_bytes())?;
        }
        Ok(())
    }
}

/// Where a dictionary is.
#[derive(Clone, Copy, Debug)]
pub struct DictionarySections {
    /// Its blocks.
    pub keys: SectionKey,
    /// What finds a block.
    pub top: SectionKey,
}

/// Reads a dictionary.
#[derive(Clone)]
pub struct Dictionary<'a> {
    container: &'a Container,
    sections: DictionarySections,
    entries: u64,
    prefixes: &'a [u8],
    offsets: &'a [u8],
    keys_length: u64,
}

impl<'a> Dictionary<'a> {
    /// Opens a dictionary, checking that its parts fit together.
    pub fn open(container: &'a Container, sections: DictionarySections) -> Result<Self> {
        let top = container.section(sections.top)?;
        let keys_length = container.length(sections.keys)?;
        let damaged = || container.damaged(sections.top, 0, "the top of a dictionary is cut");
        let entries = u64_at(top, 0).ok_or_else(damaged)?;
        let (_, arrays) = top.split_at_checked(8).ok_or_else(damaged)?;
        if arrays.len() as u64 / 16 != entries.div_ceil(BLOCK_ENTRIES) || arrays.len() % 16 != 0 {
            return Err(damaged());
        }
        let (prefixes, offsets) = arrays.split_at(arrays.len() / 2);
        Ok(Self { container, sections, entries, prefixes, offsets, keys_length })
    }

    /// Gives how many entries there are.
    pub fn len(&self) -> u64 {
        self.entries
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// Gives what is known of a key, or nothing.
    pub fn find(&self, key: &[u8]) -> Result<Option<WordInfo>> {
        let mut entries = self.from(key)?;
        Ok(match entries.next()? {
            Some(found) if found == key => Some(entries.info),
            _ => None,
        })
    }

    /// Gives the entries from the first that is not below a key on.
    pub fn from(&self, key: &[u8]) -> Result<Entries<'a>> {
        let mut entries = self.block(self.block_of(key)?)?;
        loop {
            let before = entries.clone_place();
            match entries.next()? {
                Some(found) if found < key => {}
                _ => {
                    entries.restore(before);
                    return Ok(entries);
                }
            }
        }
    }

    /// Gives all entries.
    pub fn iter(&self) -> Result<Entries<'a>> {
        self.block(0)
    }

    /// Gives the last block whose first key is not above this one.
    fn block_of(&self, key: &[u8]) -> Result<usize> {
        let wanted = prefix(key);
        let blocks = self.prefixes.as_chunks::<8>().0;
        let below = blocks.partition_point(|bytes| u64::from_le_bytes(*bytes) < wanted);
        let rest = blocks.get(below..).unwrap_or_default();
        let equal = rest.partition_point(|bytes| u64::from_le_bytes(*bytes) == wanted);
        let (mut low, mut high) = (below, below + equal);
        while low < high {
            let middle = low.midpoint(high);
            if self.block(middle)?.next()?.is_some_and(|first| first <= key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low.saturating_sub(1))
    }

    fn block(&self, block: usize) -> Result<Entries<'a>> {
        let mut entries = Entries {
            dictionary: self.clone(),
            block,
            left: 0,
            reader: Reader::new(&[]),
            key: Vec::with_capacity(32),
            info: WordInfo::default(),
            next: (0, 0),
        };
        entries.load()?;
        Ok(entries)
    }
}

/// Entries of a dictionary, in order.
pub struct Entries<'a> {
    dictionary: Dictionary<'a>,
    block: usize,
    left: u64,
    reader: Reader<'a>,
    key: Vec<u8>,
    info: WordInfo,
    next: (u64, u64),
}

/// A place among the entries that one can come back to.
struct Place<'a> {
    left: u64,
    block: usize,
    reader: Reader<'a>,
    key: Vec<u8>,
    next: (u64, u64),
}

impl<'a> Entries<'a> {
    /// Gives the key of the next entry, if there is one; [`Self::info`] speaks of it then.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<&[u8]>> {
        if self.left == 0 {
            if !self.reader_is_at_end() {
                return Err(self.damaged());
            }
            self.block += 1;
            self.load()?;
            if self.left == 0 {
                return Ok(None);
            }
        }
        if self.read().is_none() {
            return Err(self.damaged());
        }
        self.left -= 1;
        Ok(Some(&self.key))
    }

    /// Gives the key that `next` gave last.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// Gives what is known of the key that `next` gave last.
    pub fn info(&self) -> &WordInfo {
        &self.info
    }

    fn reader_is_at_end(&self) -> bool {
        self.reader.remaining() == 0
    }

    fn clone_place(&self) -> Place<'a> {
        let Self { left, block, next, .. } = *self;
        Place { left, block, reader: self.reader.clone(), key: self.key.clone(), next }
    }

    fn restore(&mut self, place: Place<'a>) {
        let Place { left, block, reader, key, next } = place;
        (self.left, self.block, self.reader, self.key, self.next) =
            (left, block, reader, key, next);
    }

    /// Goes to the start of the current block, or to none beyond the last.
    fn load(&mut self) -> Result<()> {
        let dictionary = &self.dictionary;
        let before = self.block as u64 * BLOCK_ENTRIES;
        self.left = dictionary.entries.saturating_sub(before).min(BLOCK_ENTRIES);
        self.reader = Reader::new(&[]);
        if self.left == 0 {
            return Ok(());
        }
        let start = u64_at(dictionary.offsets, self.block).unwrap_or(dictionary.keys_length);
        let end = u64_at(dictionary.offsets, self.block + 1).unwrap_or(dictionary.keys_length);
        self.reader =
            Reader::new(dictionary.container.slice(dictionary.sections.keys, start..end)?);
        self.key.clear();
        let bases = self.reader.varint().zip(self.reader.varint());
        self.next = bases.ok_or_else(|| self.damaged())?;
        Ok(())
    }

    fn read(&mut self) -> Option<()> {
        let reader = &mut self.reader;
        let shared = usize::try_from(reader.varint()?).ok()?;
        if shared > self.key.len() {
            return None;
        }
        let length = reader.count()?;
        let suffix = reader.take(length)?;
        self.key.truncate(shared);
        self.key.extend_from_slice(suffix);
        let documents = reader.varint()?;
        let is_alias = documents & 1 == 1;
        let documents = u32::try_from(documents >> 1).ok()?;
        let occurrences = reader.varint()?.checked_add(u64::from(documents))?;
        let (postings, positions) =
            if is_alias { (reader.varint()?, reader.varint()?) } else { self.next };
        let postings = postings..postings.checked_add(reader.varint()?)?;
        let positions = positions..positions.checked_add(reader.varint()?)?;
        if !is_alias {
            self.next = (postings.end, positions.end);
        }
        self.info = WordInfo { documents, occurrences, postings, positions };
        Some(())
    }

    fn damaged(&self) -> Error {
        let offset = u64_at(self.dictionary.offsets, self.block).unwrap_or_default();
        let keys = self.dictionary.sections.keys;
        self.dictionary.container.damaged(keys, offset, "a block of a dictionary is malformed")
    }
}

/// Gives the first eight bytes as a number that sorts as they do.
fn prefix(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    for (byte, of_key) in bytes.iter_mut().zip(key) {
        *byte = *of_key;
    }
    u64::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::{FileKind, Identity};
    use crate::storage::{MemoryStorage, Storage};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const IDENTITY: Identity = Identity { kind: FileKind::Segment, index: 1, file: 2 };
    const SECTIONS: DictionarySections = DictionarySections {
        keys: SectionKey { kind: 1, field: 0 },
        top: SectionKey { kind: 2, field: 0 },
    };

    proptest! {
        /// Every key is found with its info, none other is, and a scan from any key gives the
        /// keys that are not below it, in order.
        #[test]
        fn a_dictionary_is_a_sorted_map(
            keys in proptest::collection::btree_map("[a-cà]{0,12}", (1u32..5, 0u64..9, any::<bool>()), 0..80),
            probes in proptest::collection::vec("[a-cà]{0,12}", 20),
        ) {
            let storage = MemoryStorage::new();
            let mut file = ContainerWriter::new(storage.create("a").unwrap(), IDENTITY).unwrap();
            let mut writer = DictionaryWriter::default();
            let mut expected = BTreeMap::new();
            let mut end = (0, 0);
            for (key, (documents, more, is_alias)) in keys {
                let start = if is_alias { (1000, 2000) } else { end };
                let info = WordInfo {
                    documents,
                    occurrences: u64::from(documents) + more,
                    postings: start.0..start.0 + more,
                    positions: start.1..start.1 + 2 * more,
                };
                if !is_alias {
                    end = (info.postings.end, info.positions.end);
                }
                writer.add(key.as_bytes(), &info, is_alias);
                expected.insert(key, info);
            }
            writer.finish(&mut file, &SECTIONS).unwrap();
            file.finish().unwrap();
            let container = Container::open(storage.read("a").unwrap(), "a", IDENTITY).unwrap();
            let dictionary = Dictionary::open(&container, SECTIONS).unwrap();
            for key in expected.keys().chain(&probes) {
                let found = dictionary.find(key.as_bytes()).unwrap();
                prop_assert_eq!(found.as_ref(), expected.get(key));
                let mut entries = dictionary.from(key.as_bytes()).unwrap();
                for (wanted, info) in expected.range(key.clone()..) {
                    prop_assert_eq!(entries.next().unwrap(), Some(wanted.as_bytes()));
                    prop_assert_eq!(entries.info(), info);
                }
                prop_assert_eq!(entries.next().unwrap(), None);
            }
        }
    }
}
