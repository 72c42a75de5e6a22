//! Owns what the engine asks of an analysis: the words of a chunk of text.
//!
//! A chunk is what white space separates ([`chunks`]). What it gives depends on nothing but the
//! chunk, so that the words of `a + " " + b` are those of `a` followed by those of `b`, and a
//! chunk that comes back need not be analysed again.

pub mod italian;
pub mod stemmer;

/// A word of a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The normalised spelling.
    pub form: String,
    /// What it is indexed under: a function of the form.
    pub term: String,
    /// Its position among those of the chunk, from 0; never less than that of the word before.
    pub position: u32,
}

/// The words of a chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// The words, in the order of their positions.
    pub words: Vec<Word>,
    /// How many positions the chunk takes, those of words left out included.
    pub positions: u32,
    /// How many words were left out because they are too long.
    pub overlong: u32,
}

/// Finds the words of texts in some language.
pub trait Analyzer: Send + Sync {
    /// Gives the words of a chunk.
    fn analyze(&self, chunk: &str) -> Chunk;

    /// Gives the spelling of a form that patterns are matched on.
    fn fold(&self, form: &str) -> String;
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

const LONGEST_FORM_BYTES: usize = 1024;

impl Analyzer for PlainAnalyzer {
    fn analyze(&self, chunk: &str) -> Chunk {
        let mut found = Chunk::default();
        for run in chunk.split(|character: char| !character.is_alphanumeric()) {
            if run.is_empty() {
                continue;
            }
            let form = run.to_lowercase();
            if form.len() > LONGEST_FORM_BYTES {
                found.overlong += 1;
            } else {
                let stem = form.strip_suffix(['a', 'e', 'i', 'o', 'u']);
                let stem = stem.filter(|stem| stem.len() > 2).unwrap_or(&form);
                let term = stem.to_owned();
                found.words.push(Word { form, term, position: found.positions });
            }
            found.positions += 1;
        }
        found
    }

    fn fold(&self, form: &str) -> String {
        let plain = |character| match character {
            'à' | 'á' => 'a',
            'è' | 'é' => 'e',
            'ì' | 'í' => 'i',
            'ò' | 'ó' => 'o',
            'ù' | 'ú' => 'u',
            other => other,
        };
        form.chars().map(plain).collect()
    }
}
