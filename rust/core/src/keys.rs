//! Owns the keys of documents that are not yet in a segment.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::bits::Bits;
use crate::columns::{ColumnSections, width_for, write_narrow};
use crate::container::ContainerWriter;
use crate::error::{Error, Result};
use crate::inversion::sort_by_key;
use crate::vocabulary::{Arena, NumberTable, hash_bytes};

/// What writing holds of each document: 32 bytes to sort it by, and four numbers.
const WRITING_BYTES: usize = 48;

/// The key of each document, numbered from 0, and which of them are deleted.
pub struct Keys {
    seed: u64,
    keys: Arena,
    /// The last document of each key.
    numbers: NumberTable,
    is_live: Vec<bool>,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            seed: RandomState::new().build_hasher().finish(),
            keys: Arena::default(),
            numbers: NumberTable::default(),
            is_live: Vec::new(),
        }
    }
}

impl Keys {
    /// Gives how many documents there are, deleted ones too.
    pub fn len(&self) -> usize {
        self.is_live.len()
    }

    /// Gives how much memory it takes, with what writing it will, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.keys.size_bytes() + self.numbers.size_bytes() + (1 + WRITING_BYTES) * self.len()
    }

    /// Adds the key of the next document; one of the same key is deleted.
    pub fn add(&mut self, key: &str) {
        self.delete(key);
        let number = self.keys.push(key.as_bytes());
        let hash = hash_bytes(key.as_bytes(), self.seed);
        self.numbers.insert(hash, number, |other| self.keys.get(other) == key.as_bytes());
        self.is_live.push(true);
    }

    /// Deletes the document of a key; tells whether there was one.
    pub fn delete(&mut self, key: &str) -> bool {
        let found = self.find(key).and_then(|number| self.is_live.get_mut(number));
        found.is_some_and(std::mem::take)
    }

    /// Tells whether a document of a key is there and not deleted.
    pub fn has_live(&self, key: &str) -> bool {
        self.find(key).is_some_and(|number| self.is_live[number])
    }

    /// Gives the last document of a key, deleted or not.
    pub fn find(&self, key: &str) -> Option<usize> {
        let hash = hash_bytes(key.as_bytes(), self.seed);
        let is_it = |number| self.keys.get(number) == key.as_bytes();
        self.numbers.find(hash, is_it).map(|number| number as usize)
    }

    /// Gives the deleted documents.
    pub fn deleted(&self) -> Bits {
        let mut deleted = Bits::new(self.is_live.len() as u32);
        for (document, _) in (0..).zip(&self.is_live).filter(|(_, is_live)| !**is_live) {
            deleted.insert(document);
        }
        deleted
    }

    /// Gives the documents in the order of their keys, those of one key in their own.
    fn sorted(&self) -> Vec<u32> {
        let mut documents: Vec<u32> = (0..self.len() as u32).collect();
        sort_by_key(&mut documents, |document| self.keys.get(document));
        documents
    }

    /// Gives the keys of the documents that are not deleted, in order.
    pub fn live(&self) -> Vec<&[u8]> {
        let mut documents = self.sorted();
        documents.retain(|&document| self.is_live[document as usize]);
        documents.into_iter().map(|document| self.keys.get(document)).collect()
    }

    /// Writes the column of the keys; see `columns`.
    pub fn write_column(
        &self,
        file: &mut ContainerWriter,
        sections: &ColumnSections,
    ) -> Result<()> {
        let documents = self.sorted();
        let mut ordinals = vec![0_u32; documents.len()];
        let (mut borders, mut holders) = (vec![0_u32], Vec::new());
        file.begin(sections.values)?;
        for documents in documents.chunk_by(|&a, &b| self.keys.get(a) == self.keys.get(b)) {
            let key = self.keys.get(documents[0]);
            file.write(key)?;
            let end = file.position();
            borders.push(u32::try_from(end).map_err(|_| Error::Limit {
                what: "bytes of keys in a segment",
                limit: u64::from(u32::MAX),
                found: end,
            })?);
            // Of several documents of one key the last is the one that may be live.
            holders.push(documents.iter().copied().max().unwrap_or_default());
            documents.iter().for_each(|&it| ordinals[it as usize] = holders.len() as u32);
        }
        file.begin(sections.borders)?;
        write_narrow(file, &borders, 4)?;
        file.begin(sections.ordinals)?;
        write_narrow(file, &ordinals, width_for(holders.len()))?;
        file.begin(sections.documents)?;
        write_narrow(file, &holders, 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{Column, ColumnKind, ColumnType, read_key};
    use crate::container::{Container, FileKind, Identity};
    use crate::segment::column_sections;
    use crate::storage::{MemoryStorage, Storage};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        /// Keys are a map to the last document of each, less what was deleted; the column that they
        /// write finds each key, one by one and many together, and no other.
        #[test]
        fn keys_are_a_map(
            steps in proptest::collection::vec(("[a-d]{0,3}|[a-b]{16,18}", any::<bool>()), 0..200),
            sought in proptest::collection::btree_set("[a-e]{0,4}|[a-b]{16,18}", 0..60),
        ) {
            let (mut keys, mut live, mut last) = (Keys::default(), BTreeMap::new(), BTreeMap::new());
            for (key, is_added) in &steps {
                if *is_added {
                    live.insert(key.clone(), keys.len() as u32);
                    last.insert(key.clone(), keys.len() as u32);
                    keys.add(key);
                } else {
                    prop_assert_eq!(keys.delete(key), live.remove(key).is_some());
                }
                prop_assert_eq!(keys.has_live(key), live.contains_key(key));
            }
            prop_assert!(keys.live().into_iter().eq(live.keys().map(String::as_bytes)));
            let documents: std::collections::BTreeSet<u32> = live.values().copied().collect();
            let deleted = (0..keys.len() as u32).filter(|it| !documents.contains(it));
            prop_assert!(keys.deleted().iter().eq(deleted));
            let identity = Identity { kind: FileKind::Segment, index: 1, file: 2 };
            let (storage, sections) = (MemoryStorage::new(), column_sections(0));
            let mut file = ContainerWriter::new(storage.create("a").unwrap(), identity).unwrap();
            keys.write_column(&mut file, &sections).unwrap();
            file.finish().unwrap();
            let container = Container::open(storage.read("a").unwrap(), "a", identity).unwrap();
            let of = ColumnType { kind: ColumnKind::Key, multiple: false };
            let column = Column::open(&container, sections, of, keys.len() as u32).unwrap();
            let mut found = BTreeMap::new();
            let wanted = sought.iter().map(String::as_bytes);
            column.find_keys(wanted, |key, document| {
                found.insert(key.to_vec(), document);
                Ok(())
            }).unwrap();
            let key_of = |document| read_key(&container, &sections, keys.len() as u32, document);
            for (key, &document) in &last {
                let found = key_of(document).unwrap();
                prop_assert_eq!(found.as_ref(), Some(key));
            }
            prop_assert!(key_of(keys.len() as u32).is_err());
            for key in &sought {
                prop_assert_eq!(column.find_key(key), last.get(key).copied());
                prop_assert_eq!(found.get(key.as_bytes()), last.get(key));
            }
        }
    }
}
