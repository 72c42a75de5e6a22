//! Owns what the engine asks of an analysis: the words of a chunk of text.
//!
//! A chunk is what white space separates ([`chunks`]). What it gives depends on nothing but the
//! chunk, so that the words of `a + " " + b` are those of `a` followed by those of `b`, and a
//! chunk that comes back need not be analysed again. A term depends on nothing but the form, so
//! that it is asked for once a form.

use std::ops::Range;

pub(crate) mod hashing;
pub mod italian;
pub mod stemmer;
pub mod tokens;

/// A word of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// The normalised spelling.
    pub form: &'a str,
    /// Its position among those of the chunk, from 0; never less than that of the word before.
    pub position: u32,
    /// How many positions it covers: those of its parts, if it is a compound.
    pub positions: u32,
    /// Where it begins in the chunk, in characters.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
}

/// The words of a chunk; one is filled again for each chunk.
#[derive(Debug, Default)]
pub struct Words {
    spellings: String,
    entries: Vec<Entry>,
    positions: u32,
    overlong: u32,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    spelling: (u32, u32),
    position: u32,
    positions: u32,
    start: u32,
    end: u32,
}

impl Words {
    /// Gives the words, in the order of their positions.
    pub fn iter(&self) -> impl Iterator<Item = Word<'_>> {
        self.entries.iter().map(
            |&Entry { spelling: (first, last), position, positions, start, end }| {
                let form = &self.spellings[first as usize..last as usize];
                Word { form, position, positions, start, end }
            },
        )
    }

    /// Gives how many positions the chunk takes, those of words left out included.
    pub fn positions(&self) -> u32 {
        self.positions
    }

    /// Gives how many words were left out because they are too long.
    pub fn overlong(&self) -> u32 {
        self.overlong
    }

    /// Forgets the words.
    pub fn clear(&mut self) {
        self.spellings.clear();
        self.entries.clear();
        self.positions = 0;
        self.overlong = 0;
    }

    /// Adds a word at the next position, which it takes; one too long only takes the position.
    pub fn push(&mut self, form: &str, place: Range<usize>) {
        self.push_written(place, |spellings| spellings.push_str(form));
    }

    /// Adds a word likewise, whose form is what is appended to the spellings.
    pub fn push_written(&mut self, place: Range<usize>, write: impl FnOnce(&mut String)) {
        self.add(1, place, write);
        self.positions += 1;
    }

    /// Adds the whole of a compound before its parts, if it is not too long.
    pub fn push_whole(&mut self, form: &str, parts: usize, place: Range<usize>) {
        self.add(parts as u32, place, |spellings| spellings.push_str(form));
    }

    fn add(&mut self, positions: u32, place: Range<usize>, write: impl FnOnce(&mut String)) {
        let first = self.spellings.len();
        write(&mut self.spellings);
        if self.spellings.len() - first > MAX_FORM_BYTES {
            self.spellings.truncate(first);
            self.overlong += 1;
            return;
        }
        self.entries.push(Entry {
            spelling: (first as u32, self.spellings.len() as u32),
            position: self.positions,
            positions,
            start: place.start as u32,
            end: place.end as u32,
        });
    }
}

/// A word with a longer form is none: a key, an image in base64.
pub const MAX_FORM_BYTES: usize = 1024;

/// Finds the words of texts in some language.
///
/// What a method gives replaces what the argument held. A form in ASCII folds to itself.
pub trait Analyzer: Send + Sync {
    /// Gives the words of a chunk.
    fn analyze(&self, chunk: &str, words: &mut Words);

    /// Gives what a form is indexed under.
    fn term(&self, form: &str, term: &mut String);

    /// Gives the spelling of a form that patterns are matched on.
    fn fold(&self, form: &str, folded: &mut String);
}

/// Tells whether a character separates chunks, as Python's `str.split` does.
#[inline]
pub fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1c'..='\x1f')
}

/// Gives the chunks of a text, in order.
pub fn chunks(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|chunk| !chunk.is_empty())
}

/// A plain analysis for tests and measurements: words are runs of letters and digits, forms are
/// lower-cased, and a term is its form without a final vowel.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainAnalyzer;

impl Analyzer for PlainAnalyzer {
    fn analyze(&self, chunk: &str, words: &mut Words) {
        words.clear();
        let mut end = 0;
        for run in chunk.split(|character: char| !character.is_alphanumeric()) {
            let start = end;
            end += run.chars().count();
            if !run.is_empty() {
                words.push(&run.to_lowercase(), start..end);
            }
            end += 1;
        }
    }

    fn term(&self, form: &str, term: &mut String) {
        term.clear();
        let stem = form.strip_suffix(['a', 'e', 'i', 'o', 'u']);
        term.push_str(stem.filter(|stem| stem.len() > 2).unwrap_or(form));
    }

    fn fold(&self, form: &str, folded: &mut String) {
        let plain = |character| match character {
            'à' | 'á' => 'a',
            'è' | 'é' => 'e',
            'ì' | 'í' => 'i',
            'ò' | 'ó' => 'o',
            'ù' | 'ú' => 'u',
            other => other,
        };
        folded.clear();
        folded.extend(form.chars().map(plain));
    }
}
