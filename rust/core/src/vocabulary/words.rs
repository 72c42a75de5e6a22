//! Owns numbered words: strings of bytes in one string, and the tables that find their numbers.

/// Words that follow each other in one string, numbered from 0.
#[derive(Clone, Default)]
pub struct Arena {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Arena {
    /// Appends a word; gives its number.
    pub fn push(&mut self, word: &[u8]) -> u32 {
        self.bytes.extend_from_slice(word);
        self.ends.push(self.bytes.len());
        self.ends.len() as u32 - 1
    }

    /// Gives a word.
    pub fn get(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.bytes[start..self.ends[number]]
    }

    /// Gives how many words there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Gives how much memory it holds, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.bytes.len() + size_of::<usize>() * self.ends.len()
    }
}

/// Finds numbers by what somebody else keeps of them: open addressing, half full at most.
#[derive(Clone, Default)]
pub struct NumberTable {
    /// A part of the hash, and the number plus 1; 0 where there is none.
    slots: Vec<(u32, u32)>,
    used: usize,
}

impl NumberTable {
    /// Gives the number with this hash that is the one sought.
    pub fn find(&self, hash: u64, is_sought: impl Fn(u32) -> bool) -> Option<u32> {
        let at = self.place(hash as u32, &is_sought)?;
        self.slots[at].1.checked_sub(1)
    }

    /// Puts a number in the place of the one that is replaced, or in a new one.
    pub fn insert(&mut self, hash: u64, number: u32, is_replaced: impl Fn(u32) -> bool) {
        if self.used * 2 >= self.slots.len() {
            self.grow();
        }
        let Some(at) = self.place(hash as u32, &is_replaced) else { return };
        self.used += usize::from(self.slots[at].1 == 0);
        self.slots[at] = (hash as u32, number + 1);
    }

    /// Gives how much memory it holds, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.slots.len() * size_of::<(u32, u32)>()
    }

    /// Gives where the number sought is or belongs; nothing where there is no place at all.
    fn place(&self, tag: u32, is_sought: &impl Fn(u32) -> bool) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = tag as usize & mask;
        loop {
            let (other, number) = self.slots[at];
            if number == 0 || (other == tag && is_sought(number - 1)) {
                return Some(at);
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let doubled = vec![(0, 0); (self.slots.len() * 2).max(64)];
        for (tag, number) in std::mem::replace(&mut self.slots, doubled) {
            if number > 0
                && let Some(at) = self.place(tag, &|_| false)
            {
                self.slots[at] = (tag, number);
            }
        }
    }
}

/// Mixes two numbers into one: one multiplication.
#[inline(always)]
pub fn hash(low: u64, high: u64) -> u64 {
    let product = u128::from(low ^ 0x9e37_79b9_7f4a_7c15)
        * u128::from(high.rotate_left(17) ^ 0xd6e8_feb8_6659_fd93);
    (product as u64) ^ (product >> 64) as u64
}

/// Gives the two halves of sixteen bytes.
#[inline(always)]
pub fn halves(bytes: &[u8; 16]) -> (u64, u64) {
    let word = u128::from_le_bytes(*bytes);
    (word as u64, (word >> 64) as u64)
}

/// Gives the hash of a word under a seed: nobody can make words that all fall on one place without
/// knowing it.
pub fn hash_bytes(bytes: &[u8], seed: u64) -> u64 {
    let (words, rest) = bytes.as_chunks::<16>();
    let mut padded = [0; 16];
    padded[..rest.len()].copy_from_slice(rest);
    words.iter().chain([&padded]).fold(seed ^ bytes.len() as u64, |state, word| {
        let (low, high) = halves(word);
        hash(low ^ state, high ^ state.rotate_left(32))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        /// A table over an arena is a map from words to the last number that was inserted, even
        /// where all hashes are the same.
        #[test]
        fn a_table_is_a_map(words in proptest::collection::vec("[a-c]{0,3}", 0..300), modulus in 1u64..100) {
            let (mut arena, mut table) = (Arena::default(), NumberTable::default());
            let mut expected = HashMap::new();
            for word in &words {
                let hash = hash_bytes(word.as_bytes(), 7) % modulus;
                let found = table.find(hash, |number| arena.get(number) == word.as_bytes());
                prop_assert_eq!(found, expected.get(word).copied());
                let number = arena.push(word.as_bytes());
                table.insert(hash, number, |other| arena.get(other) == word.as_bytes());
                expected.insert(word, number);
            }
            prop_assert_eq!(arena.len(), words.len());
        }
    }
}
