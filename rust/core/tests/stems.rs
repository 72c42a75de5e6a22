//! Stems against those of another implementation of the same algorithm.

#![allow(clippy::unwrap_used)]

use searchlib_core::analysis::stemmer::stem;

/// Every word of the table has the stem that the Python package gives it.
#[test]
fn stems_are_those_of_snowballstemmer() {
    let table = include_str!("data/italian_stems.tsv");
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    let pairs: Vec<(&str, &str)> = rows.map(|line| line.split_once('\t').unwrap()).collect();
    assert!(pairs.len() > 3900);
    for (word, expected) in pairs {
        assert_eq!(stem(word), expected, "{word}");
    }
}
