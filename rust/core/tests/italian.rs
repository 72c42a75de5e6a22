//! The Italian analysis against its Python twin.

use proptest::prelude::*;
use searchlib_core::analysis::italian::{ItalianAnalyzer, fold, is_stop_word};
use searchlib_core::analysis::{Analyzer, Word, Words};

/// Gives the words of a chunk as the table has them.
fn analysed(analyzer: &dyn Analyzer, chunk: &str) -> String {
    let (mut words, mut term) = (Words::default(), String::new());
    analyzer.analyze(chunk, &mut words);
    let mut found = String::new();
    for Word { form, position, positions, start, end } in words.iter() {
        analyzer.term(form, &mut term);
        found += &format!("{form}\t{term}\t{position}\t{positions}\t{start}\t{end}\t");
    }
    found + &format!("{}\t{}", words.positions(), words.overlong())
}

/// Every chunk of the table gives the words, places and counts that the Python analysis gives.
#[test]
fn chunks_give_the_words_of_the_python_analysis() {
    let table = include_str!("data/italian_chunks.tsv");
    let mut count = 0;
    for line in table.split('\n').filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (chunk, expected) = line.split_once('\t').unwrap_or((line, ""));
        assert_eq!(analysed(&ItalianAnalyzer, chunk), expected, "{chunk:?}");
        count += 1;
    }
    assert!(count > 2000);
}

/// What a form folds to is what it is without accents, as in the examples of the Python module.
#[test]
fn forms_fold_as_in_python() {
    assert_eq!(fold("PERCHÉ"), "perche");
    assert_eq!(fold("Søren"), "soren");
}

/// Stop words are those of the examples of the Python module.
#[test]
fn stop_words_are_those_of_python() {
    assert_eq!(["della", "dell'", "università"].map(is_stop_word), [true, true, false]);
}

/// A protected form has its own term, and a merged term becomes the other, also for those forms.
#[test]
fn corrections_change_terms_alone() {
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let protected = [pair("stati", "=stati"), pair("unito", "=unito")];
    let merged = [pair("casa", "abitazione"), pair("=unito", "unione")];
    let corrected = ItalianAnalyzer.with_corrections(protected, merged);
    let term = |form: &str| {
        let mut term = String::new();
        corrected.term(form, &mut term);
        term
    };
    assert_eq!(
        ["stati", "unito", "case", "anni"].map(term),
        ["=stati", "unione", "abitazione", "anno"]
    );
    let places = |text: &str| text.replace("abitazione", "casa");
    assert_eq!(places(&analysed(&corrected, "le-case,")), analysed(&ItalianAnalyzer, "le-case,"));
}

/// A long word is left out, keeps its position, and is counted.
#[test]
fn overlong_words_keep_their_position() {
    let chunk = format!("l'{}-x", "à".repeat(600));
    assert_eq!(
        analysed(&ItalianAnalyzer, &chunk),
        "l'\til\t0\t1\t0\t2\tx\tx\t2\t1\t603\t604\t3\t2"
    );
}

proptest! {
    /// Punctuation in front of a chunk changes nothing but the places: the short way of plain words
    /// gives what the long one, which the mark in front needs, gives.
    #[test]
    fn plain_words_are_analysed_as_any(
        chunk in "[(\"«“]{0,2}[a-zA-ZÀÈÉÌÒÙàèéìòù]{1,32}[.,;:!?)\"»”]{0,2}"
    ) {
        let words = |chunk: &str| {
            let mut words = Words::default();
            ItalianAnalyzer.analyze(chunk, &mut words);
            let found = words.iter().map(|it| (it.form.to_owned(), it.position, it.start, it.end));
            found.collect::<Vec<_>>()
        };
        let mut shifted = words(&chunk);
        for word in &mut shifted {
            word.2 += 1;
            word.3 += 1;
        }
        prop_assert_eq!(words(&format!("*{chunk}")), shifted);
    }

    /// Any text without white space is analysed: places are within it and in order, no form is
    /// empty, and what folds to itself in ASCII does.
    #[test]
    fn words_lie_in_their_chunk(chunk in "[^\\s\x1c-\x1f]{0,40}") {
        let mut words = Words::default();
        ItalianAnalyzer.analyze(&chunk, &mut words);
        let count = chunk.chars().count() as u32;
        let mut before = 0;
        for word in words.iter() {
            prop_assert!(!word.form.is_empty() && word.start < word.end && word.end <= count);
            prop_assert!(before <= word.start && word.position + word.positions <= words.positions());
            before = word.start;
            if word.form.is_ascii() {
                prop_assert_eq!(fold(word.form), word.form);
            }
        }
    }
}
