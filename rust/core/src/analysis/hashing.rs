//! Owns how words are hashed: two multiplications for most. Texts can fill only tables with a seed.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A map of words; texts look words up in it and never put any in.
pub type WordMap<K, V> = HashMap<K, V, BuildHasherDefault<WordHasher>>;

/// A set of words likewise.
pub type WordSet<K> = HashSet<K, BuildHasherDefault<WordHasher>>;

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// Hashes bytes eight at a time.
#[derive(Clone, Copy, Default)]
pub struct WordHasher(u64);

impl WordHasher {
    /// Makes one that begins with a seed.
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    #[inline]
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * u128::from(FACTOR);
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }
}

impl Hasher for WordHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for &word in words {
            self.mix(u64::from_le_bytes(word) ^ FACTOR);
        }
        let last =
            rest.iter().rev().fold(rest.len() as u64, |last, &byte| last << 8 | u64::from(byte));
        self.mix(last);
    }

    // The end of a string: its length is in the last word already.
    #[inline]
    fn write_u8(&mut self, _: u8) {}

    #[inline]
    fn write_u32(&mut self, number: u32) {
        self.mix(u64::from(number));
    }

    #[inline]
    fn write_u128(&mut self, number: u128) {
        self.mix(number as u64 ^ FACTOR);
        self.mix((number >> 64) as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
