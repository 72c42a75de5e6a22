//! Highlighting: its laws, and the examples of its Python twin. That both give the same on any text
//! is held from Python, where both can be asked.

use std::sync::Arc;

use proptest::prelude::*;
use searchlib_core::analysis::is_space;
use searchlib_core::analysis::italian::ItalianAnalyzer;
use searchlib_core::highlight::{Asked, Highlighter, Leaf, Reader, Words};

fn highlighter(leaves: Vec<Leaf>) -> Highlighter {
    Highlighter::new(Arc::new(Reader::new(Arc::new(ItalianAnalyzer))), leaves, None)
}

fn term(term: &str) -> Leaf {
    Leaf { words: Words::Any(vec![term.into()]), is_exact: false, weight: 1.0 }
}

fn form(form: &str) -> Leaf {
    Leaf { words: Words::Any(vec![form.into()]), is_exact: true, weight: 1.5 }
}

fn phrase(forms: &[&str], slop: u32) -> Leaf {
    let words = (0..).zip(forms.iter().map(|&form| form.to_owned())).collect();
    Leaf { words: Words::Phrase { words, slop }, is_exact: true, weight: 2.0 }
}

/// Gives the text with its marks in brackets, each with the number of its leaf.
fn marked(leaves: Vec<Leaf>, text: &str) -> String {
    let mut shown: Vec<String> = text.chars().map(String::from).collect();
    for mark in highlighter(leaves).marks(text) {
        shown[mark.start].insert(0, '[');
        shown[mark.end - 1] += &format!("|{}]", mark.leaf);
    }
    shown.concat()
}

fn shown(leaves: Vec<Leaf>, text: &str, max_chars: usize) -> String {
    let passage = highlighter(leaves).passage(text, max_chars);
    text.chars().skip(passage.place.start).take(passage.place.len()).collect()
}

/// A term marks all its forms, a form only itself, wherever they stand.
#[test]
fn leaves_mark_their_words() {
    assert_eq!(marked(vec![form("gatti")], "Due gatti, un gatto."), "Due [gatti|0], un gatto.");
    assert_eq!(marked(vec![term("gatto")], "«Città» e gatti"), "«Città» e [gatti|0]");
}

/// A phrase is one mark; where its slop is used, its words are marks of their own.
#[test]
fn phrases_are_marked_whole() {
    let leaf = || vec![phrase(&["corea", "del", "nord"], 1)];
    assert_eq!(marked(leaf(), "La Corea del Nord"), "La [Corea del Nord|0]");
    assert_eq!(marked(leaf(), "corea del profondo nord"), "[corea|0] [del|0] profondo [nord|0]");
    assert_eq!(marked(leaf(), "corea del più profondo nord"), "corea del più profondo nord");
}

/// Of marks that overlap the longest stays whole, and the other keeps its words beside it.
#[test]
fn marks_do_not_overlap() {
    let leaves = vec![phrase(&["il", "gatto"], 0), phrase(&["gatto", "nero", "dorme"], 0)];
    assert_eq!(marked(leaves, "il gatto nero dorme"), "[il|0] [gatto nero dorme|1]");
}

/// A passage is whole sentences where they fit, and abbreviations end none.
#[test]
fn passages_are_sentences() {
    let text = "Il sig. Neri ha un cane. Il dott. Bianchi ha due gatti. Tutti dormono.";
    assert_eq!(shown(vec![form("gatti")], text, 40), "Il dott. Bianchi ha due gatti.");
    assert_eq!(shown(vec![form("assente")], text, 40), "Il sig. Neri ha un cane.");
}

/// The passage with the words near each other is better than the first one.
#[test]
fn passages_hold_words_together() {
    let text = "Un gatto. Poi niente di niente. Il gatto e il cane. Ancora niente di che. Un cane.";
    assert_eq!(shown(vec![term("gatto"), term("cane")], text, 24), "Il gatto e il cane.");
}

/// A question is answered by the passage with the number or the date that it asks for.
#[test]
fn questions_are_answered() {
    let text =
        "Verdi è un musicista di Busseto. Verdi nacque il 10 ottobre 1813. Di Verdi si parla.";
    let passage = |wants_date, numbers: &[&str]| {
        let asked = Asked { wants_date, numbers: numbers.iter().map(|&it| it.into()).collect() };
        let reader = Arc::new(Reader::new(Arc::new(ItalianAnalyzer)));
        Highlighter::new(reader, vec![form("verdi")], Some(asked)).passage(text, 35).place.start
    };
    assert_eq!(passage(true, &["10", "1813"]), 33);
    assert_eq!(passage(false, &[]), 33);
    assert_eq!(passage(false, &["10", "1813"]), 0);
}

/// Text that goes on tells so, text longer than what is looked at too.
#[test]
fn passages_tell_what_is_around_them() {
    let passage = highlighter(vec![form("b")]).passage("a. B. C.", 2);
    assert_eq!((passage.place, passage.truncated_start, passage.truncated_end), (3..5, true, true));
    let long = format!("gatto {}", "\n".repeat(1 << 20));
    assert!(highlighter(vec![form("gatto")]).passage(&long, 9).truncated_end);
}

proptest! {
    /// Marks are in order, apart, and without white space around them; a passage is no longer than
    /// asked, its marks lie in it, and no white space is around it.
    #[test]
    fn marks_and_passages_are_within_bounds(
        text in "(gatt[oi]|il|e-mail|dell'|[ .,;:\n\u{301}\u{2003}–]|\\PC){0,60}",
        max_chars in 1usize..40,
        slop in 0u32..3,
    ) {
        let leaves = || vec![term("gatto"), form("il"), phrase(&["il", "gatto"], slop), term("email")];
        let letters: Vec<char> = text.chars().collect();
        let mut end = 0;
        for mark in highlighter(leaves()).marks(&text) {
            prop_assert!(end <= mark.start && mark.start < mark.end && mark.end <= letters.len());
            prop_assert!(!is_space(letters[mark.start]) && !is_space(letters[mark.end - 1]));
            end = mark.end;
        }
        let passage = highlighter(leaves()).passage(&text, max_chars);
        let place = passage.place;
        prop_assert!(place.len() <= max_chars && place.end <= letters.len());
        if let [first, .., last] = letters[place.clone()] {
            prop_assert!(!is_space(first) && !is_space(last));
        }
        prop_assert!(passage.marks.iter().all(|mark| mark.start < mark.end && mark.end <= place.len()));
    }
}
