//! Owns writing the dictionaries, postings and positions of one text field of a segment.

use crate::container::ContainerWriter;
use crate::dictionary::{DictionaryWriter, WordInfo};
use crate::error::Result;
use crate::postings::{PostingList, encode};
use crate::ranking::Saturation;
use crate::segment::{Words, dictionary_sections, positions_section, postings_section};

/// Add the terms in order, then the forms in order, then finish.
pub struct TextWriter<'a> {
    lengths: &'a [u32],
    saturation: Saturation,
    postings: Vec<u8>,
    positions: Vec<u8>,
    terms: DictionaryWriter,
    forms: Option<DictionaryWriter>,
}

impl<'a> TextWriter<'a> {
    /// Gives a writer for a field of these lengths.
    pub fn new(lengths: &'a [u32]) -> Self {
        let total = lengths.iter().map(|&length| u64::from(length)).sum();
        Self {
            lengths,
            saturation: Saturation::new(lengths.len() as u64, total),
            postings: Vec::new(),
            positions: Vec::new(),
            terms: DictionaryWriter::default(),
            forms: None,
        }
    }

    /// Adds a word with its postings; gives what an alias of it is to say.
    pub fn add(&mut self, words: Words, key: &[u8], list: &PostingList) -> Result<WordInfo> {
        let start = (self.postings.len() as u64, self.positions.len() as u64);
        // The forms begin where the terms end: before anything of theirs is written.
        self.dictionary(words);
        let (lengths, saturation) = (self.lengths, self.saturation);
        let length = |document: u32| lengths.get(document as usize).copied().unwrap_or_default();
        let share = |document, frequency| saturation.share(frequency, length(document));
        let limit = lengths.len() as u32;
        encode(list, limit, share, &mut self.postings, &mut self.positions)?;
        let info = WordInfo {
            documents: list.documents.len() as u32,
            occurrences: list.positions.len() as u64,
            postings: start.0..self.postings.len() as u64,
            positions: start.1..self.positions.len() as u64,
        };
        self.dictionary(words).add(key, &info, false);
        Ok(info)
    }

    /// Adds a word that has the postings of another.
    pub fn add_alias(&mut self, words: Words, key: &[u8], info: &WordInfo) {
        self.dictionary(words).add(key, info, true);
    }

    /// Writes the sections of the field.
    pub fn finish(self, file: &mut ContainerWriter, field: usize) -> Result<()> {
        self.terms.finish(file, &dictionary_sections(field, Words::Terms))?;
        self.forms.unwrap_or_default().finish(file, &dictionary_sections(field, Words::Forms))?;
        file.begin(postings_section(field))?;
        file.write(&self.postings)?;
        file.begin(positions_section(field))?;
        file.write(&self.positions)
    }

    fn dictionary(&mut self, words: Words) -> &mut DictionaryWriter {
        match words {
            Words::Terms => &mut self.terms,
            Words::Forms => {
                let (postings, positions) = (self.postings.len(), self.positions.len());
                self.forms.get_or_insert_with(|| {
                    DictionaryWriter::starting_at(postings as u64, positions as u64)
                })
            }
        }
    }
}
