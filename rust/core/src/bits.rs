//! Owns sets of document numbers, one bit each.

/// A set of numbers below a limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// Gives the empty set for numbers below a limit.
    pub fn new(limit: u32) -> Self {
        Self { words: vec![0; (limit as usize).div_ceil(64)] }
    }

    /// Gives the set that `to_bytes` wrote.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self {
            words: bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect(),
        }
    }

    /// Gives the set as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Adds a number; tells whether it was missing. One beyond the limit is not added.
    #[inline]
    pub fn insert(&mut self, number: u32) -> bool {
        let Some(word) = self.words.get_mut(number as usize / 64) else { return false };
        let bit = 1 << (number % 64);
        let was_missing = *word & bit == 0;
        *word |= bit;
        was_missing
    }

    /// Tells whether a number is in it.
    #[inline]
    pub fn contains(&self, number: u32) -> bool {
        self.words.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Gives the 64 numbers from `64·index` on as bits.
    #[inline]
    pub fn word(&self, index: usize) -> u64 {
        self.words.get(index).copied().unwrap_or_default()
    }

    /// Gives the numbers as bits, 64 a word.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Gives how many numbers are in it.
    pub fn count(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    /// Gives the least number in it that is not below this one.
    pub fn next(&self, number: u32) -> Option<u32> {
        let first = number as usize / 64;
        let masked = self.word(first) & (u64::MAX << (number % 64));
        if masked != 0 {
            return Some(first as u32 * 64 + masked.trailing_zeros());
        }
        let rest = self.words.iter().enumerate().skip(first + 1);
        rest.into_iter()
            .find(|(_, word)| **word != 0)
            .map(|(index, word)| index as u32 * 64 + word.trailing_zeros())
    }

    /// Gives the numbers in it, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(self.next(0), |&number| self.next(number + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        /// A set of bits is a sorted set, and comes back from its bytes.
        #[test]
        fn bits_are_a_sorted_set(numbers in proptest::collection::btree_set(0u32..300, 0..50), probe in 0u32..320) {
            let mut bits = Bits::new(300);
            for &number in &numbers {
                prop_assert!(bits.insert(number));
                prop_assert!(!bits.insert(number));
            }
            prop_assert_eq!(bits.iter().collect::<BTreeSet<_>>(), numbers.clone());
            prop_assert_eq!(bits.next(probe), numbers.range(probe..).next().copied());
            prop_assert_eq!(bits.contains(probe), numbers.contains(&probe));
            prop_assert_eq!(bits.count() as usize, numbers.len());
            prop_assert_eq!(Bits::from_bytes(&bits.to_bytes()), bits);
        }
    }
}
