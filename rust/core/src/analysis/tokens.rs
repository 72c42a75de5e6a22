//! Owns the tokens of whole texts: the words of their chunks, at their places in the text.
//!
//! Where a text is shown it is analysed again, and what most chunks give was found before: a
//! [`Tokenizer`] remembers chunks, up to some number, and gives words numbers, so that they are
//! compared as numbers.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use super::hashing::WordHasher;
use super::{Analyzer, Words, is_space};

/// Chunks remembered, in some 10 MB: a million words of Italian have no more.
const MAX_CHUNKS: usize = 1 << 16;

/// Longer chunks are addresses and the like, which do not come back.
const MAX_CHUNK_BYTES: usize = 64;

/// A word of a text; places are in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// The number of its form: see [`Tokenizer::form`].
    pub form: u32,
    /// The number of its term.
    pub term: u32,
    /// Its position among those of the text.
    pub position: u32,
    /// How many positions it covers.
    pub positions: u32,
    /// Where it begins in the text.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
}

/// Finds the tokens of texts, and remembers what their chunks gave.
pub struct Tokenizer {
    analyzer: Arc<dyn Analyzer>,
    /// Where the tokens of a chunk are, and how many positions it takes.
    chunks: HashMap<Box<str>, (u32, u32, u32), Seed>,
    tokens: Vec<Token>,
    forms: Names,
    terms: Names,
    term_of: Vec<u32>,
    words: Words,
    spelling: String,
}

/// Words by their numbers, and the numbers by the words.
#[derive(Default)]
struct Names {
    numbers: HashMap<Arc<str>, u32, Seed>,
    names: Vec<Arc<str>>,
}

impl Names {
    fn number(&mut self, name: &str) -> (u32, bool) {
        if let Some(&known) = self.numbers.get(name) {
            return (known, false);
        }
        let (number, name): (u32, Arc<str>) = (self.names.len() as u32, name.into());
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        (number, true)
    }

    fn clear(&mut self) {
        self.numbers.clear();
        self.names.clear();
    }
}

/// Hashes words by what nobody knows who writes texts.
#[derive(Clone, Copy)]
struct Seed(u64);

impl Default for Seed {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0))
    }
}

impl BuildHasher for Seed {
    type Hasher = WordHasher;

    fn build_hasher(&self) -> WordHasher {
        WordHasher::seeded(self.0)
    }
}

impl Tokenizer {
    /// Makes one that remembers nothing yet.
    pub fn new(analyzer: Arc<dyn Analyzer>) -> Self {
        Self {
            analyzer,
            chunks: HashMap::default(),
            tokens: Vec::new(),
            forms: Names::default(),
            terms: Names::default(),
            term_of: Vec::new(),
            words: Words::default(),
            spelling: String::new(),
        }
    }

    /// Puts the tokens of a text, in the order of their positions, and its characters.
    ///
    /// The numbers of words hold until the next text.
    pub fn read(&mut self, text: &str, tokens: &mut Vec<Token>, characters: &mut Vec<char>) {
        if self.chunks.len() > MAX_CHUNKS {
            self.forget();
        }
        tokens.clear();
        characters.clear();
        let (mut first, mut start) = (0, 0);
        let mut position = 0;
        for (at, character) in text.char_indices() {
            if is_space(character) {
                if first < at {
                    position += self.add(&text[first..at], position, start, tokens);
                }
                first = at + character.len_utf8();
                start = characters.len() as u32 + 1;
            }
            characters.push(character);
        }
        if first < text.len() {
            self.add(&text[first..], position, start, tokens);
        }
    }

    /// Gives a form by its number, of a token of the last text.
    pub fn form(&self, number: u32) -> &str {
        self.forms.names.get(number as usize).map_or("", |name| name)
    }

    /// Gives a term by its number, of a token of the last text.
    pub fn term(&self, number: u32) -> &str {
        self.terms.names.get(number as usize).map_or("", |name| name)
    }

    /// Gives the number of a form, if any token may have it.
    pub fn number_of_form(&self, form: &str) -> Option<u32> {
        self.forms.numbers.get(form).copied()
    }

    /// Gives the number of a term, if any token may have it.
    pub fn number_of_term(&self, term: &str) -> Option<u32> {
        self.terms.numbers.get(term).copied()
    }

    fn forget(&mut self) {
        self.chunks.clear();
        self.tokens.clear();
        self.forms.clear();
        self.terms.clear();
        self.term_of.clear();
    }

    /// Adds the tokens of a chunk; gives how many positions it takes.
    fn add(&mut self, chunk: &str, position: u32, start: u32, tokens: &mut Vec<Token>) -> u32 {
        let (first, last, positions) = match self.chunks.get(chunk) {
            Some(&known) => known,
            None => self.analyze(chunk),
        };
        let known = self.tokens[first as usize..last as usize].iter();
        tokens.extend(known.map(|token| Token {
            position: token.position + position,
            start: token.start + start,
            end: token.end + start,
            ..*token
        }));
        positions
    }

    #[cold]
    fn analyze(&mut self, chunk: &str) -> (u32, u32, u32) {
        let first = self.tokens.len() as u32;
        let mut words = std::mem::take(&mut self.words);
        self.analyzer.analyze(chunk, &mut words);
        for word in words.iter() {
            let (form, is_new) = self.forms.number(word.form);
            if is_new {
                self.analyzer.term(word.form, &mut self.spelling);
                self.term_of.push(self.terms.number(&self.spelling).0);
            }
            self.tokens.push(Token {
                form,
                term: self.term_of[form as usize],
                position: word.position,
                positions: word.positions,
                start: word.start,
                end: word.end,
            });
        }
        let found = (first, self.tokens.len() as u32, words.positions());
        self.words = words;
        if chunk.len() <= MAX_CHUNK_BYTES {
            self.chunks.insert(chunk.into(), found);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::chunks;
    use crate::analysis::italian::ItalianAnalyzer;
    use proptest::prelude::*;

    /// A token as its words and places.
    type Read = (String, String, u32, u32, u32, u32);

    fn read(tokenizer: &mut Tokenizer, text: &str) -> Vec<Read> {
        let (mut tokens, mut characters) = (Vec::new(), Vec::new());
        tokenizer.read(text, &mut tokens, &mut characters);
        assert_eq!(characters, text.chars().collect::<Vec<_>>());
        let name = |it: &Token| (tokenizer.form(it.form).into(), tokenizer.term(it.term).into());
        let read = tokens.iter().map(|it| {
            let (form, term) = name(it);
            (form, term, it.position, it.positions, it.start, it.end)
        });
        read.collect()
    }

    fn expected(text: &str) -> Vec<Read> {
        let (mut words, mut found, mut position) = (Words::default(), Vec::new(), 0);
        for chunk in chunks(text) {
            let first = chunk.as_ptr() as usize - text.as_ptr() as usize;
            let start = text[..first].chars().count() as u32;
            ItalianAnalyzer.analyze(chunk, &mut words);
            for word in words.iter() {
                let mut term = String::new();
                ItalianAnalyzer.term(word.form, &mut term);
                let at = (word.position + position, word.positions);
                let form = word.form.to_owned();
                found.push((form, term, at.0, at.1, word.start + start, word.end + start));
            }
            position += words.positions();
        }
        found
    }

    proptest! {
        /// Texts have the tokens of their chunks, met before or not.
        #[test]
        fn texts_have_the_tokens_of_their_chunks(
            texts in proptest::collection::vec("([a-cè'-]{1,4}|[ \t\u{a0}\x1c\u{2003}]|\\PC){0,30}", 1..6)
        ) {
            let mut tokenizer = Tokenizer::new(Arc::new(ItalianAnalyzer));
            for text in texts.iter().chain(&texts) {
                prop_assert_eq!(read(&mut tokenizer, text), expected(text));
            }
        }
    }

    /// What is forgotten is found again.
    #[test]
    fn many_chunks_are_forgotten_and_found_again() {
        let text: String = (0..MAX_CHUNKS + 9).map(|it| format!("il n{it}, ")).collect();
        let mut tokenizer = Tokenizer::new(Arc::new(ItalianAnalyzer));
        let whole = read(&mut tokenizer, &text);
        assert!(tokenizer.chunks.len() > MAX_CHUNKS);
        assert_eq!(read(&mut tokenizer, "il n7, e"), expected("il n7, e"));
        assert!(tokenizer.chunks.len() < 9);
        assert_eq!(read(&mut tokenizer, &text), whole);
    }
}
