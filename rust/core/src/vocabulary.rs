//! Owns the words that a writer has met: chunks to tokens, tokens to forms, forms to terms.
//!
//! The hot path of indexing is [`Tokeniser::add_text`]: it finds the chunks of a text, has the place
//! of each in memory fetched, and looks some dozen of them up when the first have come; it appends
//! their tokens. Analysis happens only when a chunk is new.
//!
//! A token is a number: a form's, or [`GAP`] for a position without a word; [`STAYS`] is set in
//! those after which the position does not advance (the whole of a compound before its parts).

mod chunks;
mod pages;
mod scanning;
mod words;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::analysis::{Analyzer, Words};
use crate::segment::{form_key, is_key_of};
use chunks::{ChunkTable, MAX_CHUNK_BYTES, Place, Short};
use scanning::{first_bytes, for_each_chunk};
pub use words::{Arena, NumberTable, hash_bytes};

/// Set in a token whose successor stands at the same position.
pub const STAYS: u32 = 1 << 31;

/// The form of a position whose word was left out.
pub const GAP: u32 = STAYS - 1;

/// Chunks looked up together: while so many are found, what the first waits for has come.
const BATCH: usize = 32;

/// Chunks that follow each other, where each begins in the text, and where it is in the table.
#[derive(Default)]
struct Batch {
    chunks: [Short; BATCH],
    starts: [usize; BATCH],
    homes: [usize; BATCH],
    length: usize,
}

/// As many forms as a term may have: those of a place are numbered in 16 bits. Words beyond are left
/// out, like those that are too long.
const MAX_FORMS: u32 = 1 << 16;

/// What writing a segment holds of each form: 32 bytes to sort it by, 32 of what is said of it, its
/// entry in the dictionary, and six numbers.
const WRITING_BYTES: usize = 110;

/// All forms and terms met since it was made.
#[derive(Clone)]
pub struct Vocabulary {
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
}

/// A vocabulary that several threads add to.
pub type SharedVocabulary = Arc<Mutex<Vocabulary>>;

/// Locks a vocabulary. What a thread that died leaves is whole: words are added at once.
pub fn lock(vocabulary: &SharedVocabulary) -> MutexGuard<'_, Vocabulary> {
    vocabulary.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for Vocabulary {
    fn default() -> Self {
        Self {
            seed: RandomState::new().build_hasher().finish(),
            forms: Arena::default(),
            form_numbers: NumberTable::default(),
            terms: Arena::default(),
            term_numbers: NumberTable::default(),
            term_of: Vec::new(),
            forms_of_term: Vec::new(),
            most_forms: 0,
        }
    }
}

impl Vocabulary {
    /// Gives how many forms there are; their numbers are those below.
    pub fn form_count(&self) -> usize {
        self.forms.len()
    }

    /// Gives how many terms there are; their numbers are those below.
    pub fn term_count(&self) -> usize {
        self.terms.len()
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

    /// Gives the forms of each term, of forms that are in an order in which they stand together.
    pub fn terms_of<'a>(&'a self, forms: &'a [u32]) -> impl Iterator<Item = &'a [u32]> {
        forms.chunk_by(|a, b| self.term_of(*a) == self.term_of(*b))
    }

    /// Tells whether words are close to being left out because their term has too many forms.
    pub fn is_crowded(&self) -> bool {
        self.most_forms > MAX_FORMS / 2
    }

    /// Gives how much memory it takes, with what writing a segment will, in bytes.
    pub fn cost_bytes(&self) -> usize {
        self.forms.size_bytes()
            + self.form_numbers.size_bytes()
            + self.terms.size_bytes()
            + self.term_numbers.size_bytes()
            + 4 * (self.term_of.len() + self.forms_of_term.len())
            + WRITING_BYTES * self.form_count()
    }

    /// Gives the number of a form that was met before.
    fn find(&self, form: &str) -> Option<u32> {
        let hash = hash_bytes(form.as_bytes(), self.seed);
        self.form_numbers.find(hash, |number| is_key_of(self.forms.get(number), form))
    }

    /// Gives the number of a form, or nothing if its term has too many.
    fn add(&mut self, form: &str, key: &[u8], term: &str) -> Option<u32> {
        // Another thread may have added it meanwhile.
        if let Some(known) = self.find(form) {
            return Some(known);
        }
        let term = self.number_of_term(term);
        let forms = &mut self.forms_of_term[term as usize];
        if *forms == MAX_FORMS {
            return None;
        }
        *forms += 1;
        self.most_forms = self.most_forms.max(*forms);
        let number = self.forms.push(key);
        debug_assert!(number < GAP);
        let hash = hash_bytes(form.as_bytes(), self.seed);
        self.form_numbers.insert(hash, number, |_| false);
        self.term_of.push(term);
        Some(number)
    }

    fn number_of_term(&mut self, term: &str) -> u32 {
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

/// Makes tokens of texts, in one thread.
pub struct Tokeniser {
    analyzer: Arc<dyn Analyzer>,
    chunks: ChunkTable,
    vocabulary: SharedVocabulary,
    analysed: Words,
    term: String,
    folded: String,
}

impl Tokeniser {
    /// Gives a tokeniser whose memory of chunks takes this many bytes at most.
    pub fn new(analyzer: Arc<dyn Analyzer>, most_chunk_bytes: usize) -> Self {
        Self {
            analyzer,
            chunks: ChunkTable::new(RandomState::new().build_hasher().finish(), most_chunk_bytes),
            vocabulary: SharedVocabulary::default(),
            analysed: Words::default(),
            term: String::new(),
            folded: String::new(),
        }
    }

    /// Gives the words that tokens stand for.
    pub fn vocabulary(&self) -> &SharedVocabulary {
        &self.vocabulary
    }

    /// Makes tokens stand for other words from now on, if these are others.
    pub fn use_vocabulary(&mut self, vocabulary: &SharedVocabulary) {
        if !Arc::ptr_eq(vocabulary, &self.vocabulary) {
            self.vocabulary = vocabulary.clone();
            self.chunks.clear();
        }
    }

    /// Gives how much memory the chunks take, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.chunks.size_bytes()
    }

    /// Appends the tokens of a text; gives how many words were left out as too long.
    pub fn add_text(&mut self, text: &str, tokens: &mut Vec<u32>) -> u32 {
        let mut batch = Batch::default();
        let mut overlong = 0;
        for_each_chunk(text, |start, end| {
            let is_short = end - start < 16;
            if batch.length == BATCH || !is_short {
                overlong += self.add_batch(text, &batch, tokens);
                batch.length = 0;
            }
            if is_short {
                let length = (end - start) as u32;
                let (low, high) = first_bytes(text.as_bytes(), start, length);
                let chunk = Short { low, high, length };
                let at = batch.length % BATCH;
                batch.homes[at] = self.chunks.fetch(&chunk);
                batch.chunks[at] = chunk;
                batch.starts[at] = start;
                batch.length += 1;
            } else {
                overlong += self.add_any(&text[start..end], tokens);
            }
        });
        overlong + self.add_batch(text, &batch, tokens)
    }

    #[inline]
    fn add_batch(&mut self, text: &str, batch: &Batch, tokens: &mut Vec<u32>) -> u32 {
        if self.chunks.is_full() {
            self.chunks.clear();
        }
        let chunks = batch.chunks[..batch.length].iter();
        let mut overlong = 0;
        for ((chunk, &start), &home) in chunks.zip(&batch.starts).zip(&batch.homes) {
            let (slot, is_found) = self.chunks.guess(chunk, home);
            if is_found {
                self.chunks.push(&slot, tokens);
            } else {
                let place = self.chunks.find_short(chunk);
                let written = &text[start..start + chunk.length as usize];
                overlong += self.add_at(place, written, tokens);
            }
        }
        overlong
    }

    fn add_any(&mut self, chunk: &str, tokens: &mut Vec<u32>) -> u32 {
        if chunk.len() > MAX_CHUNK_BYTES {
            return self.analyze(chunk, tokens);
        }
        self.add_at(self.chunks.find(chunk.as_bytes()), chunk, tokens)
    }

    fn add_at(&mut self, place: Place, chunk: &str, tokens: &mut Vec<u32>) -> u32 {
        match place {
            Place::Found(slot) => {
                self.chunks.push(&slot, tokens);
                0
            }
            Place::Missing(at) => {
                let start = tokens.len();
                let overlong = self.analyze(chunk, tokens);
                // Chunks this short have no word too long: only a strange analyser has any, and
                // its count must not be lost with the second look.
                if overlong == 0 {
                    self.chunks.insert(at, chunk.as_bytes(), &tokens[start..]);
                }
                overlong
            }
        }
    }

    /// Appends the tokens of a chunk; gives how many words it leaves out.
    fn analyze(&mut self, chunk: &str, tokens: &mut Vec<u32>) -> u32 {
        let mut analysed = std::mem::take(&mut self.analysed);
        self.analyzer.analyze(chunk, &mut analysed);
        let (mut next, mut overlong) = (0, analysed.overlong());
        let mut words = analysed.iter().peekable();
        while let Some(word) = words.next() {
            while next < word.position {
                tokens.push(GAP);
                next += 1;
            }
            let form = self.number_of(word.form).unwrap_or_else(|| {
                overlong += 1;
                GAP
            });
            if words.peek().is_some_and(|after| after.position == word.position) {
                tokens.push(form | STAYS);
            } else {
                tokens.push(form);
                next += 1;
            }
        }
        drop(words);
        tokens.extend(std::iter::repeat_n(GAP, analysed.positions().saturating_sub(next) as usize));
        self.analysed = analysed;
        overlong
    }

    fn number_of(&mut self, form: &str) -> Option<u32> {
        let known = lock(&self.vocabulary).find(form);
        if known.is_some() {
            return known;
        }
        // Other threads need not wait for this one to find the term.
        self.analyzer.term(form, &mut self.term);
        if form.is_ascii() {
            return lock(&self.vocabulary).add(form, form.as_bytes(), &self.term);
        }
        self.analyzer.fold(form, &mut self.folded);
        let key = form_key(&self.folded, form);
        lock(&self.vocabulary).add(form, &key, &self.term)
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
            let mut tokeniser = Tokeniser::new(Arc::new(PlainAnalyzer), 1 << 20);
            for text in texts.iter().chain(&texts) {
                let mut tokens = Vec::new();
                tokeniser.add_text(text, &mut tokens);
                let forms: Vec<_> = tokens.iter().map(|&token| {
                    (token != GAP).then(|| {
                        crate::segment::spellings_of_key(lock(&tokeniser.vocabulary).form_key(token)).unwrap().1.to_owned()
                    })
                }).collect();
                prop_assert_eq!(forms, expected(text));
            }
        }
    }

    /// Puts all words under one term.
    struct OneTerm;

    impl Analyzer for OneTerm {
        fn analyze(&self, chunk: &str, words: &mut Words) {
            PlainAnalyzer.analyze(chunk, words);
        }

        fn term(&self, _: &str, term: &mut String) {
            term.clear();
        }

        fn fold(&self, form: &str, folded: &mut String) {
            PlainAnalyzer.fold(form, folded);
        }
    }

    /// A spelling too many of a term is left out, keeps its position, and is counted each time;
    /// those that were there before are found as ever.
    #[test]
    fn a_spelling_too_many_leaves_a_gap() {
        let text: String = (0..=MAX_FORMS).map(|number| format!("a{number} ")).collect();
        let mut tokeniser = Tokeniser::new(Arc::new(OneTerm), 1 << 20);
        for _ in 0..2 {
            let mut tokens = Vec::new();
            assert_eq!(tokeniser.add_text(&text, &mut tokens), 1);
            assert!(tokens.iter().copied().eq((0..MAX_FORMS).chain([GAP])));
        }
        assert!(lock(&tokeniser.vocabulary).is_crowded());
    }

    /// A long word is left out, keeps its position, and is counted each time.
    #[test]
    fn overlong_words_leave_a_gap() {
        let text = format!("uno {} due", "x".repeat(2000));
        let mut tokeniser = Tokeniser::new(Arc::new(PlainAnalyzer), 1 << 20);
        for _ in 0..2 {
            let mut tokens = Vec::new();
            assert_eq!(tokeniser.add_text(&text, &mut tokens), 1);
            assert_eq!(tokens, [0, GAP, 1]);
        }
    }
}
