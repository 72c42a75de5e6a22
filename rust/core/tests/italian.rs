//! The Italian analysis against its Python twin.

use searchlib_core::analysis::Analyzer;
use searchlib_core::analysis::italian::{ItalianAnalyzer, words};

/// Every chunk of the table gives the words, places and counts that the Python analysis gives.
#[test]
fn chunks_give_the_words_of_the_python_analysis() {
    let table = include_str!("data/italian_chunks.tsv");
    let mut count = 0;
    for line in table.split('\n').filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (chunk, expected) = line.split_once('\t').unwrap_or((line, ""));
        let (mut positions, mut overlong) = (0, 0);
        let mut found = String::new();
        for (word, start, end) in words(chunk, &mut positions, &mut overlong) {
            found += &format!("{}\t{}\t{}\t{start}\t{end}\t", word.form, word.term, word.position);
        }
        found += &format!("{positions}\t{overlong}");
        assert_eq!(found, expected, "{chunk:?}");
        count += 1;
    }
    assert!(count > 2000);
}

/// What a form folds to is what it is without accents, as in the examples of the Python module.
#[test]
fn forms_fold_as_in_python() {
    assert_eq!(ItalianAnalyzer.fold("PERCHÉ"), "perche");
    assert_eq!(ItalianAnalyzer.fold("Søren"), "soren");
}
