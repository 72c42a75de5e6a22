//! Owns the words that a writer has met: chunks to tokens, tokens to forms, forms to terms.
//!
//! The hot path of indexing is [`Vocabulary::add_text`]: it finds the end of a chunk, looks the
//! chunk up in one table, and appends its tokens. Analysis happens only when a chunk is new.
//!
//! A token is a number: a form's, or [`GAP`] for a position without a word; [`STAYS`] is set in
//! those after which the position does not advance (the whole of a compound before its parts).

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::analysis::{Analyzer, Words, is_space};
use crate::segment::form_key;

/// Set in a token whose successor stands at the same position.
pub const STAYS: u32 = 1 << 31;

/// The form of a position whose word was left out.
pub const GAP: u32 = (1 << 30) - 1;

/// Set in what the table says of a chunk of several tokens.
const SEVERAL: u32 = 1 << 30;

/// Chunks remembered, in some 50 MB; then all are forgotten, and the frequent ones are back soon.
const MAX_CHUNKS: usize = 1 << 20;

/// Longer chunks are addresses and the like, which do not come back.
const MAX_CHUNK_BYTES: usize = 64;

/// Words that follow each other in one string.
#[derive(Default)]
struct Arena {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Arena {
    fn push(&mut self, bytes: &[u8]) -> u32 {
        self.bytes.extend_from_slice(bytes);
        self.ends.push(self.bytes.len());
        self.ends.len() as u32 - 1
    }

    fn get(&self, index: u32) -> &[u8] {
        let index = index as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[start..self.ends[index]]
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn size_bytes(&self) -> usize {
        self.bytes.len() + 8 * self.ends.len()
    }
}

/// The key of a chunk in the table: its bytes where they are 16 at most, else their hash and
/// where they are.
#[derive(Clone, Copy, Default)]
struct Slot {
    low: u64,
    high: u64,
    length: u32,
    tokens: u32,
}

/// All words met since it was last cleared.
pub struct Vocabulary {
    slots: Vec<Slot>,
    used: usize,
    /// Nobody can make texts whose chunks all fall on one slot without knowing it.
    seed: u64,
    long_chunks: Vec<u8>,
    sequences: Vec<u32>,
    form_keys: Arena,
    terms: Arena,
    term_of: Vec<u32>,
    forms_of_term: Vec<u32>,
    most_forms: u32,
    form_ids: HashMap<Box<str>, u32>,
    term_ids: HashMap<Box<str>, u32>,
    map_bytes: usize,
    words: Words,
    spelling: String,
}

impl Default for Vocabulary {
    fn default() -> Self {
        Self {
            slots: vec![Slot::default(); 1 << 12],
            used: 0,
            seed: RandomState::new().build_hasher().finish(),
            long_chunks: Vec::new(),
            sequences: Vec::new(),
            form_keys: Arena::default(),
            terms: Arena::default(),
            term_of: Vec::new(),
            forms_of_term: Vec::new(),
            most_forms: 0,
            form_ids: HashMap::new(),
            term_ids: HashMap::new(),
            map_bytes: 0,
            words: Words::default(),
            spelling: String::new(),
        }
    }
}

impl Vocabulary {
    /// Gives how many forms there are; their numbers are those below.
    pub fn form_count(&self) -> usize {
        self.form_keys.len()
    }

    /// Gives the key of a form in a segment's dictionary.
    pub fn form_key(&self, form: u32) -> &[u8] {
        self.form_keys.get(form)
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
        self.slots.len() * size_of::<Slot>()
            + self.long_chunks.len()
            + 4 * (self.sequences.len() + self.term_of.len())
            + self.form_keys.size_bytes()
            + self.terms.size_bytes()
            + self.map_bytes
    }

    /// Appends the tokens of a text; gives how many words were left out as too long.
    pub fn add_text(&mut self, analyzer: &dyn Analyzer, text: &str, tokens: &mut Vec<u32>) -> u32 {
        let bytes = text.as_bytes();
        let mut overlong = 0;
        let mut at = 0;
        while at < bytes.len() {
            if let Some(window) = bytes[at..].first_chunk::<16>()
                && let Some((length, low, high)) = short_ascii_chunk(window)
            {
                if length > 0 {
                    let slot = self.find_short(low, high, length);
                    let found = self.slots[slot];
                    if found.length == length {
                        self.push(found.tokens, tokens);
                    } else {
                        let chunk = &text[at..at + length as usize];
                        overlong += self.add_chunk(analyzer, chunk, slot, (low, high), tokens);
                    }
                }
                at += length as usize + 1;
                continue;
            }
            let rest = &text[at..];
            let length = rest.find(is_space).unwrap_or(rest.len());
            if length > 0 {
                overlong += self.add_any(analyzer, &rest[..length], tokens);
            }
            at += length + rest[length..].chars().next().map_or(0, char::len_utf8);
        }
        overlong
    }

    #[inline]
    fn push(&self, found: u32, tokens: &mut Vec<u32>) {
        if found & SEVERAL == 0 {
            tokens.push(found);
        } else {
            let start = (found & !SEVERAL) as usize;
            let count = self.sequences[start] as usize;
            tokens.extend_from_slice(&self.sequences[start + 1..start + 1 + count]);
        }
    }

    /// Finds the slot of a chunk of 16 bytes at most, or the empty one where it belongs.
    #[inline]
    fn find_short(&self, low: u64, high: u64, length: u32) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash(low ^ self.seed, high) as usize & mask;
        loop {
            let slot = &self.slots[at];
            if (slot.low == low && slot.high == high && slot.length == length) || slot.length == 0 {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    fn find_long(&self, chunk: &[u8], key: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash(key ^ self.seed, 0) as usize & mask;
        loop {
            let slot = &self.slots[at];
            let start = slot.high as usize;
            if slot.length == 0
                || (slot.low == key
                    && slot.length as usize == chunk.len()
                    && self.long_chunks.get(start..start + chunk.len()) == Some(chunk))
            {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    #[cold]
    fn add_any(&mut self, analyzer: &dyn Analyzer, chunk: &str, tokens: &mut Vec<u32>) -> u32 {
        let bytes = chunk.as_bytes();
        if bytes.len() > MAX_CHUNK_BYTES {
            let (found, overlong) = self.analyze(analyzer, chunk);
            tokens.extend_from_slice(&found);
            return overlong;
        }
        let length = bytes.len() as u32;
        let (slot, key) = if bytes.len() <= 16 {
            let mut padded = [0; 16];
            padded[..bytes.len()].copy_from_slice(bytes);
            let (low, high) = halves(&padded);
            (self.find_short(low, high, length), (low, high))
        } else {
            let key = hash_bytes(bytes, self.seed);
            (self.find_long(bytes, key), (key, self.long_chunks.len() as u64))
        };
        if self.slots[slot].length == length {
            self.push(self.slots[slot].tokens, tokens);
            return 0;
        }
        if bytes.len() > 16 {
            self.long_chunks.extend_from_slice(bytes);
        }
        self.add_chunk(analyzer, chunk, slot, key, tokens)
    }

    #[cold]
    fn add_chunk(
        &mut self,
        analyzer: &dyn Analyzer,
        chunk: &str,
        slot: usize,
        (low, high): (u64, u64),
        tokens: &mut Vec<u32>,
    ) -> u32 {
        let (found, overlong) = self.analyze(analyzer, chunk);
        tokens.extend_from_slice(&found);
        if overlong > 0 {
            // Chunks this short have no word too long: only a strange analyser comes here, and
            // its count must not be lost with the second look.
            return overlong;
        }
        let packed = match found[..] {
            [token] if token & (STAYS | SEVERAL) == 0 => token,
            _ => {
                let start = self.sequences.len() as u32;
                self.sequences.push(found.len() as u32);
                self.sequences.extend_from_slice(&found);
                SEVERAL | start
            }
        };
        self.slots[slot] = Slot { low, high, length: chunk.len() as u32, tokens: packed };
        self.used += 1;
        if self.used > MAX_CHUNKS || self.sequences.len() >= SEVERAL as usize - 1024 {
            self.forget_chunks();
        } else if self.used * 2 > self.slots.len() {
            self.grow();
        }
        0
    }

    fn forget_chunks(&mut self) {
        self.slots.fill(Slot::default());
        self.used = 0;
        self.long_chunks.clear();
        self.sequences.clear();
    }

    fn grow(&mut self) {
        let doubled = vec![Slot::default(); self.slots.len() * 2];
        let mask = doubled.len() - 1;
        for slot in std::mem::replace(&mut self.slots, doubled) {
            if slot.length == 0 {
                continue;
            }
            let high = if slot.length <= 16 { slot.high } else { 0 };
            let mut at = hash(slot.low ^ self.seed, high) as usize & mask;
            while self.slots[at].length != 0 {
                at = (at + 1) & mask;
            }
            self.slots[at] = slot;
        }
    }

    /// Gives the tokens of a chunk and how many words it leaves out.
    fn analyze(&mut self, analyzer: &dyn Analyzer, chunk: &str) -> (Vec<u32>, u32) {
        let mut analysed = std::mem::take(&mut self.words);
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
        self.words = analysed;
        (tokens, overlong)
    }

    fn form(&mut self, analyzer: &dyn Analyzer, form: &str) -> u32 {
        if let Some(&known) = self.form_ids.get(form) {
            return known;
        }
        let mut spelling = std::mem::take(&mut self.spelling);
        analyzer.term(form, &mut spelling);
        let term = self.number_of_term(&spelling);
        if form.is_ascii() {
            spelling.clear();
            spelling.push_str(form);
        } else {
            analyzer.fold(form, &mut spelling);
        }
        let number = self.form_keys.push(&form_key(&spelling, form));
        self.spelling = spelling;
        debug_assert!(number < GAP);
        self.term_of.push(term);
        let forms = &mut self.forms_of_term[term as usize];
        *forms += 1;
        self.most_forms = self.most_forms.max(*forms);
        self.form_ids.insert(form.into(), number);
        self.map_bytes += form.len() + 32;
        number
    }

    fn number_of_term(&mut self, term: &str) -> u32 {
        if let Some(&known) = self.term_ids.get(term) {
            return known;
        }
        let number = self.terms.push(term.as_bytes());
        self.term_ids.insert(term.into(), number);
        self.map_bytes += term.len() + 36;
        self.forms_of_term.push(0);
        number
    }
}

/// Gives the length of the chunk at the start of the window and its bytes, padded with zeros, if
/// it is ASCII and ends with a space within the window.
#[inline(always)]
fn short_ascii_chunk(window: &[u8; 16]) -> Option<(u32, u64, u64)> {
    const ONES: u128 = u128::from_ne_bytes([1; 16]);
    let word = u128::from_le_bytes(*window);
    // A byte below 0x21 borrows into its top bit; the lowest such byte is found exactly.
    let low = word.wrapping_sub(ONES * 0x21) & !word & (ONES * 0x80);
    let high = word & (ONES * 0x80);
    let length = low.trailing_zeros() / 8;
    if low == 0 || high.trailing_zeros() < low.trailing_zeros() {
        return None;
    }
    if !matches!(window[length as usize & 15], b' ' | b'\n' | b'\t' | b'\r') {
        return None;
    }
    let chunk = word & !(u128::MAX << (length * 8));
    Some((length, chunk as u64, (chunk >> 64) as u64))
}

fn halves(bytes: &[u8; 16]) -> (u64, u64) {
    let word = u128::from_le_bytes(*bytes);
    (word as u64, (word >> 64) as u64)
}

#[inline(always)]
fn hash(low: u64, high: u64) -> u64 {
    let product = u128::from(low ^ 0x9e37_79b9_7f4a_7c15)
        * u128::from(high.rotate_left(17) ^ 0xd6e8_feb8_6659_fd93);
    (product as u64) ^ (product >> 64) as u64
}

fn hash_bytes(bytes: &[u8], seed: u64) -> u64 {
    let (words, rest) = bytes.as_chunks::<16>();
    let mut padded = [0; 16];
    padded[..rest.len()].copy_from_slice(rest);
    words.iter().chain([&padded]).fold(seed ^ bytes.len() as u64, |state, word| {
        let (low, high) = halves(word);
        hash(low ^ state, high ^ state.rotate_left(32))
    })
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
            let mut vocabulary = Vocabulary::default();
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
        let mut vocabulary = Vocabulary::default();
        for _ in 0..2 {
            let mut tokens = Vec::new();
            assert_eq!(vocabulary.add_text(&PlainAnalyzer, &text, &mut tokens), 1);
            assert_eq!(tokens, [0, GAP, 1]);
        }
    }
}
