//! Owns the words that a writer has met: chunks to tokens, tokens to forms, forms to terms.
//!
//! The hot path of indexing is [`Vocabulary::add_text`]: it finds the chunks of a text, looks them
//! up some dozen at a time, so that the waits for memory overlap, and appends their tokens.
//! Analysis happens only when a chunk is new.
//!
//! A token is a number: a form's, or [`GAP`] for a position without a word; [`STAYS`] is set in
//! those after which the position does not advance (the whole of a compound before its parts).

mod chunks;
mod pages;
mod scanning;
mod words;

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::analysis::{Analyzer, Words};
use crate::segment::form_key;
use chunks::{ChunkTable, MAX_CHUNK_BYTES, Place, Short, Slot};
pub use pages::Rows;
use scanning::{Window, measure_chunk};
pub use words::{Arena, NumberTable, hash_bytes};

/// Set in a token whose successor stands at the same position.
pub const STAYS: u32 = 1 << 31;

/// The form of a position whose word was left out.
pub const GAP: u32 = STAYS - 1;

/// Chunks looked up together: as many as a processor waits for at once, and some more.
const BATCH: usize = 32;

/// Chunks that follow each other, and where each begins in the text.
#[derive(Default)]
struct Batch {
    chunks: [Short; BATCH],
    starts: [usize; BATCH],
    length: usize,
}

/// All words met since it was made.
pub struct Vocabulary {
    chunks: ChunkTable,
    /// Nobody can make texts whose words all fall on one slot without knowing it.
    seed: u64,
    /// The key of each form.
    forms: Arena,
    form_numbers: NumberTable,
    terms: Arena,
    term_numbers: NumberTable,
    term_of: Vec<u32>,
    forms_of_term: Vec<u32>,
    most_forms: u32,
    analysed: Words,
    spelling: String,
}

impl Vocabulary {
    /// Gives a vocabulary whose memory of chunks takes this many bytes at most.
    pub fn new(most_chunk_bytes: usize) -> Self {
        let seed = RandomState::new().build_hasher().finish();
        Self {
            chunks: ChunkTable::new(seed, most_chunk_bytes),
            seed,
            forms: Arena::default(),
            form_numbers: NumberTable::default(),
            terms: Arena::default(),
            term_numbers: NumberTable::default(),
            term_of: Vec::new(),
            forms_of_term: Vec::new(),
            most_forms: 0,
            analysed: Words::default(),
            spelling: String::new(),
        }
    }

    /// Gives how many forms there are; their numbers are those below.
    pub fn form_count(&self) -> usize {
        self.forms.len()
    }

    /// Gives the key of a form in a segment's dictionary.
    pub fn form_key(&self, form: u32) -> &[u8] {
        self.forms.get(form)
    }

    /// Gives the number of the term of a form.
    pub fn term_of(&self, form: u32) -> u32 {
        self.term_of[form as usize]
    }

    /// Gives the term of a form.
    pub fn term_of_form(&self, form: u32) -> &[u8] {
        self.terms.get(self.term_of(form))
    }

    /// Gives how many forms that term has that has most.
    pub fn most_forms(&self) -> u32 {
        self.most_forms
    }

    /// Gives how much memory it holds, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.chunks.size_bytes()
            + self.forms.size_bytes()
            + self.form_numbers.size_bytes()
            + self.terms.size_bytes()
            + self.term_numbers.size_bytes()
            + 4 * (self.term_of.len() + self.forms_of_term.len())
    }

    /// Appends the tokens of a text; gives how many words were left out as too long.
    pub fn add_text(&mut self, analyzer: &dyn Analyzer, text: &str, tokens: &mut Vec<u32>) -> u32 {
        let bytes = text.as_bytes();
        let mut batch = Batch::default();
        let mut overlong = 0;
        let mut at = 0;
        while at < bytes.len() {
            let window = Window::at(bytes, at);
            let length = window.before_space();
            let is_short = window.is_space(length);
            if is_short {
                let (low, high) = window.first(length);
                batch.chunks[batch.length] = Short { low, high, length };
                batch.starts[batch.length] = at;
                batch.length += usize::from(length > 0);
                at += length as usize + 1;
            }
            if batch.length == BATCH || !is_short {
                overlong += self.add_batch(analyzer, text, &batch, tokens);
                batch.length = 0;
            }
            if !is_short {
                let (length, space) = measure_chunk(&text[at..]);
                if length > 0 {
                    overlong += self.add_any(analyzer, &text[at..at + length], tokens);
                }
                at += length + space;
            }
        }
        overlong + self.add_batch(analyzer, text, &batch, tokens)
    }

    #[inline]
    fn add_batch(
        &mut self,
        analyzer: &dyn Analyzer,
        text: &str,
        batch: &Batch,
        tokens: &mut Vec<u32>,
    ) -> u32 {
        if self.chunks.is_full() {
            self.chunks.clear();
        }
        // All slots are read before any is looked at: no wait depends on another.
        let mut found = [(Slot::default(), false); BATCH];
        let chunks = &batch.chunks[..batch.length];
        for (found, chunk) in found.iter_mut().zip(chunks) {
            *found = self.chunks.guess(chunk);
        }
        let mut overlong = 0;
        for ((chunk, &start), (slot, is_found)) in chunks.iter().zip(&batch.starts).zip(&found) {
            if *is_found {
                self.chunks.push(slot, tokens);
            } else {
                let place = self.chunks.find_short(chunk);
                let written = &text[start..start + chunk.length as usize];
                overlong += self.add_at(analyzer, place, written, tokens);
            }
        }
        overlong
    }

    fn add_any(&mut self, analyzer: &dyn Analyzer, chunk: &str, tokens: &mut Vec<u32>) -> u32 {
        if chunk.len() > MAX_CHUNK_BYTES {
            let (found, overlong) = self.analyze(analyzer, chunk);
            tokens.extend_from_slice(&found);
            return overlong;
        }
        self.add_at(analyzer, self.chunks.find(chunk.as_bytes()), chunk, tokens)
    }

    fn add_at(
        &mut self,
        analyzer: &dyn Analyzer,
        place: Place,
        chunk: &str,
        tokens: &mut Vec<u32>,
    ) -> u32 {
        match place {
            Place::Found(slot) => {
                self.chunks.push(&slot, tokens);
                0
            }
            Place::Missing(at) => {
                let (found, overlong) = self.analyze(analyzer, chunk);
                tokens.extend_from_slice(&found);
                // Chunks this short have no word too long: only a strange analyser has any, and
                // its count must not be lost with the second look.
                if overlong == 0 {
                    self.chunks.insert(at, chunk.as_bytes(), &found);
                }
                overlong
            }
        }
    }

    /// Gives the tokens of a chunk and how many words it leaves out.
    fn analyze(&mut self, analyzer: &dyn Analyzer, chunk: &str) -> (Vec<u32>, u32) {
        let mut analysed = std::mem::take(&mut self.analysed);
        analyzer.analyze(chunk, &mut analysed);
        let mut tokens = Vec::new();
        let mut next = 0;
        let mut words = analysed.iter().peekable();
        while let Some(word) = words.next() {
            while next < word.position {
                tokens.push(GAP);
                next += 1;
            }
            let form = self.form(analyzer, word.form);
            if words.peek().is_some_and(|after| after.position == word.position) {
                tokens.push(form | STAYS);
            } else {
                tokens.push(form);
                next += 1;
            }
        }
        drop(words);
        tokens.extend(std::iter::repeat_n(GAP, analysed.positions().saturating_sub(next) as usize));
        let overlong = analysed.overlong();
        self.analysed = analysed;
        (tokens, overlong)
    }

    fn form(&mut self, analyzer: &dyn Analyzer, form: &str) -> u32 {
        let hash = hash_bytes(form.as_bytes(), self.seed);
        let is_of = |number| crate::segment::is_key_of(self.forms.get(number), form);
        if let Some(known) = self.form_numbers.find(hash, is_of) {
            return known;
        }
        let mut spelling = std::mem::take(&mut self.spelling);
        analyzer.term(form, &mut spelling);
        let term = self.term(&spelling);
        let number = if form.is_ascii() {
            self.forms.push(form.as_bytes())
        } else {
            analyzer.fold(form, &mut spelling);
            self.forms.push(&form_key(&spelling, form))
        };
        self.spelling = spelling;
        debug_assert!(number < GAP);
        self.form_numbers.insert(hash, number, |_| false);
        self.term_of.push(term);
        let forms = &mut self.forms_of_term[term as usize];
        *forms += 1;
        self.most_forms = self.most_forms.max(*forms);
        number
    }

    fn term(&mut self, term: &str) -> u32 {
        let hash = hash_bytes(term.as_bytes(), self.seed);
        let is_it = |number| self.terms.get(number) == term.as_bytes();
        if let Some(known) = self.term_numbers.find(hash, is_it) {
            return known;
        }
        let number = self.terms.push(term.as_bytes());
        self.term_numbers.insert(hash, number, |_| false);
        self.forms_of_term.push(0);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{PlainAnalyzer, chunks};
    use proptest::prelude::*;

    fn expected(text: &str) -> Vec<Option<String>> {
        let mut words = Vec::new();
        for chunk in chunks(text) {
            let mut analysed = Words::default();
            PlainAnalyzer.analyze(chunk, &mut analysed);
            let start = words.len();
            words.resize(start + analysed.positions() as usize, None);
            for word in analysed.iter() {
                words[start + word.position as usize] = Some(word.form.to_owned());
            }
        }
        words
    }

    proptest! {
        /// Texts give the tokens of their chunks, met before or not, whatever their bytes.
        #[test]
        fn texts_give_the_tokens_of_their_chunks(
            texts in proptest::collection::vec("([a-c]{1,3}|[ \t\u{a0}\x1c\x01]|perché|[a-e,.]{14,20}|\\PC){0,30}", 1..8)
        ) {
            let mut vocabulary = Vocabulary::new(1 << 20);
            for text in texts.iter().chain(&texts) {
                let mut tokens = Vec::new();
                vocabulary.add_text(&PlainAnalyzer, text, &mut tokens);
                let forms: Vec<_> = tokens.iter().map(|&token| {
                    (token != GAP).then(|| {
                        crate::segment::spellings_of_key(vocabulary.form_key(token)).unwrap().1.to_owned()
                    })
                }).collect();
                prop_assert_eq!(forms, expected(text));
            }
        }
    }

    /// A long word is left out, keeps its position, and is counted each time.
    #[test]
    fn overlong_words_leave_a_gap() {
        let text = format!("uno {} due", "x".repeat(2000));
        let mut vocabulary = Vocabulary::new(1 << 20);
        for _ in 0..2 {
            let mut tokens = Vec::new();
            assert_eq!(vocabulary.add_text(&PlainAnalyzer, &text, &mut tokens), 1);
            assert_eq!(tokens, [0, GAP, 1]);
        }
    }
}
