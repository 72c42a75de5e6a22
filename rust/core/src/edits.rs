//! Owns the distance of words: how many edits make one of another.

/// A word and how many edits away another may be.
///
/// An edit inserts, deletes or replaces a character, or swaps two neighbours; none is edited twice
/// (Boytsov, "Indexing methods for approximate dictionary searching", ACM JEA 16, 2011, 2.2).
pub struct Near {
    word: Vec<char>,
    limit: usize,
    other: Vec<char>,
    /// The row of distances, the one before it, and the one before that.
    rows: [Vec<usize>; 3],
}

impl Near {
    /// Gives what is at most `limit` edits from a word.
    pub fn new(word: &str, limit: usize) -> Self {
        let (word, other) = (word.chars().collect(), Vec::new());
        Self { word, limit, other, rows: Default::default() }
    }

    /// Tells whether a word is near enough.
    pub fn accepts(&mut self, other: &str) -> bool {
        self.other.clear();
        self.other.extend(other.chars());
        let (word, other, limit) = (&self.word, &self.other, self.limit);
        if word.len().abs_diff(other.len()) > limit {
            return false;
        }
        let far = limit + 1;
        let [current, above, before] = &mut self.rows;
        for row in [&mut *current, &mut *above, &mut *before] {
            row.clear();
            row.resize(other.len() + 1, far);
        }
        above.iter_mut().enumerate().for_each(|(column, cell)| *cell = column.min(far));
        for (row, &letter) in (1_usize..).zip(word) {
            // Cells farther than `limit` from the diagonal are beyond the limit in any case.
            let (first, last) = (row.saturating_sub(limit).max(1), (row + limit).min(other.len()));
            current.fill(far);
            current[0] = row.min(far);
            for column in first..=last {
                let same = letter == other[column - 1];
                let mut least = (above[column] + 1)
                    .min(current[column - 1] + 1)
                    .min(above[column - 1] + usize::from(!same));
                let swaps = row > 1
                    && column > 1
                    && letter == other[column - 2]
                    && word[row - 2] == other[column - 1];
                if swaps {
                    least = least.min(before[column - 2] + 1);
                }
                current[column] = least.min(far);
            }
            if current.iter().chain(&*above).all(|&cell| cell == far) {
                return false;
            }
            std::mem::swap(before, above);
            std::mem::swap(above, current);
        }
        above.last().is_some_and(|&distance| distance <= limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// The words one edit away, for an alphabet of three letters.
    fn edited(word: &[char]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for at in 0..=word.len() {
            let (head, tail) = word.split_at(at);
            let mut put = |tail: &[char], letters: &[char]| {
                found.insert(head.iter().chain(letters).chain(tail).collect());
            };
            ['a', 'b', 'è'].iter().for_each(|&letter| put(tail, &[letter]));
            if let [first, rest @ ..] = tail {
                put(rest, &[]);
                ['a', 'b', 'è'].iter().for_each(|&letter| put(rest, &[letter]));
                if let [second, rest @ ..] = rest {
                    put(rest, &[*second, *first]);
                }
            }
        }
        found
    }

    proptest! {
        /// One edit away is what one edit makes, and the word itself.
        #[test]
        fn one_edit_is_one_edit(word in "[abè]{0,5}", other in "[abè]{0,6}") {
            let letters: Vec<char> = word.chars().collect();
            let expected = word == other || edited(&letters).contains(&other);
            prop_assert_eq!(Near::new(&word, 1).accepts(&other), expected);
            prop_assert_eq!(Near::new(&word, 0).accepts(&other), word == other);
        }

        /// Whatever two edits of different letters make is at most two edits away; nearness is
        /// symmetric, and grows with the limit.
        #[test]
        fn two_edits_are_near(word in "[abè]{2,6}", other in "[abè]{0,8}", limit in 0usize..4) {
            let changed = format!("a{}", &word) + "b";
            prop_assert!(Near::new(&word, 2).accepts(&changed));
            let is_near = Near::new(&word, limit).accepts(&other);
            prop_assert_eq!(Near::new(&other, limit).accepts(&word), is_near);
            prop_assert!(!is_near || Near::new(&word, limit + 1).accepts(&other));
        }
    }
}
