//! Owns highlighting: what of a text answers the leaves of a query, and which passage to show.
//!
//! The twin of `searchlib/highlight`, module by module under its names, which tell what is done
//! and why. Places are in characters.

mod passages;
mod questions;
mod scoring;
mod sentences;
mod spans;

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use crate::analysis::tokens::{Token, Tokenizer};
use crate::analysis::{Analyzer, is_space};
use passages::choose_passage;
pub use questions::Asked;
use scoring::Scorer;
pub use spans::Span;
use spans::{find_spans, without_overlaps};

/// A passage is looked for in so many characters of a text.
const MAX_PASSAGE_TEXT: usize = 1024 * 1024;

/// A leaf of a query that can mark words.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// What it marks.
    pub words: Words,
    /// Whether its words are forms, not terms.
    pub is_exact: bool,
    /// What a passage that has it is worth, before its occurrences are counted.
    pub weight: f64,
}

/// The words of a leaf.
#[derive(Clone, Debug)]
pub enum Words {
    /// Any of these.
    Any(Vec<String>),
    /// These in order.
    Phrase {
        /// Each with its position relative to the first, strictly increasing.
        words: Vec<(u32, String)>,
        /// How many other positions may be between them.
        slop: u32,
    },
}

/// A passage of a text, and what is marked in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Where it is.
    pub place: Range<usize>,
    /// Whether anything but white space stands before it.
    pub truncated_start: bool,
    /// Whether anything but white space stands after it.
    pub truncated_end: bool,
    /// Its marks, whose places count from its start.
    pub marks: Vec<Span>,
}

/// The memory that texts are read in: the chunks met before, and what holds one text.
pub struct Reader {
    analyzer: Arc<dyn Analyzer>,
    shared: Mutex<Text>,
}

struct Text {
    tokenizer: Tokenizer,
    tokens: Vec<Token>,
    characters: Vec<char>,
}

impl Text {
    fn new(analyzer: Arc<dyn Analyzer>) -> Self {
        let tokenizer = Tokenizer::new(analyzer);
        Self { tokenizer, tokens: Vec::new(), characters: Vec::new() }
    }

    fn read(&mut self, text: &str) {
        self.tokenizer.read(text, &mut self.tokens, &mut self.characters);
    }
}

impl Reader {
    /// Makes a reader of texts in the language of an analyser.
    pub fn new(analyzer: Arc<dyn Analyzer>) -> Self {
        let shared = Mutex::new(Text::new(analyzer.clone()));
        Self { analyzer, shared }
    }

    /// Gives what is made of the tokens of a text; who finds the memory in use takes other.
    fn read<T>(&self, text: &str, make: impl FnOnce(&Text) -> T) -> T {
        match self.shared.try_lock() {
            Ok(mut shared) => {
                shared.read(text);
                make(&shared)
            }
            Err(TryLockError::Poisoned(poisoned)) => {
                let mut shared = PoisonError::into_inner(poisoned);
                *shared = Text::new(self.analyzer.clone());
                shared.read(text);
                make(&shared)
            }
            Err(TryLockError::WouldBlock) => {
                let mut own = Text::new(self.analyzer.clone());
                own.read(text);
                make(&own)
            }
        }
    }

    /// Calls with each token of a text, in the order of their positions: form, term, the token.
    pub fn tokens(&self, text: &str, mut each: impl FnMut(&str, &str, &Token)) {
        self.read(text, |text| {
            for token in &text.tokens {
                each(text.tokenizer.form(token.form), text.tokenizer.term(token.term), token);
            }
        });
    }
}

/// Finds what of texts answers some leaves.
pub struct Highlighter {
    reader: Arc<Reader>,
    leaves: Vec<Leaf>,
    asked: Option<Asked>,
}

impl Highlighter {
    /// Makes the highlighter of these leaves, which marks name by their numbers, and of what the
    /// query asks, where it is a question.
    pub fn new(reader: Arc<Reader>, leaves: Vec<Leaf>, asked: Option<Asked>) -> Self {
        Self { reader, leaves, asked }
    }

    /// Gives the marks of a whole text, in order and without overlaps.
    pub fn marks(&self, text: &str) -> Vec<Span> {
        self.reader.read(text, |text| {
            let spans = find_spans(&text.tokenizer, &text.tokens, &self.leaves);
            without_overlaps(spans, &text.tokens)
        })
    }

    /// Gives the passage of a text that answers best, of at most so many characters.
    pub fn passage(&self, text: &str, max_chars: usize) -> Passage {
        let searched = searched_part(text);
        let mut found = self.reader.read(searched, |text| self.passage_of(text, max_chars.max(1)));
        found.truncated_end |= searched.len() < text.len();
        found
    }

    fn passage_of(&self, text: &Text, max_chars: usize) -> Passage {
        let Text { tokenizer, tokens, characters } = text;
        let spans = find_spans(tokenizer, tokens, &self.leaves);
        let scorer = Scorer::new(&self.leaves, self.asked.as_ref(), &spans);
        let place = choose_passage(characters, tokens, &scorer, max_chars);
        let shown = within(&spans, &place, max_chars);
        let mut marks = without_overlaps(shown, tokens);
        for mark in &mut marks {
            mark.start -= place.start;
            mark.end -= place.start;
        }
        let has_text = |range: &[char]| range.iter().any(|&it| !is_space(it));
        Passage {
            truncated_start: has_text(&characters[..place.start]),
            truncated_end: has_text(&characters[place.end..]),
            place,
            marks,
        }
    }
}

/// Gives the beginning of a text in which a passage is looked for, whole words only.
fn searched_part(text: &str) -> &str {
    if text.len() <= MAX_PASSAGE_TEXT {
        return text;
    }
    let Some((limit, _)) = text.char_indices().nth(MAX_PASSAGE_TEXT) else { return text };
    let mut end = limit;
    for character in text[..limit].chars().rev() {
        if text[end..].starts_with(is_space) {
            break;
        }
        end -= character.len_utf8();
    }
    &text[..if end == 0 { limit } else { end }]
}

/// Gives the spans inside a passage, and what it shows of those too long for any.
fn within(spans: &[Span], place: &Range<usize>, max_chars: usize) -> Vec<Span> {
    let shown = spans.iter().filter_map(|&span| {
        if place.start <= span.start && span.end <= place.end {
            return Some(span);
        }
        let is_long = span.end - span.start > max_chars;
        (is_long && span.start < place.end && place.start < span.end).then(|| Span {
            start: span.start.max(place.start),
            end: span.end.min(place.end),
            leaf: span.leaf,
        })
    });
    shown.collect()
}
