//! Owns writing the dictionaries, postings and positions of one text field of a segment.

use crate::container::ContainerWriter;
use crate::dictionary::{FormInfo, FormWriter, TermWriter};
use crate::error::Result;
use crate::postings::{PostingList, encode};
use crate::ranking::Saturation;
use crate::segment::{Words, dictionary_sections, postings_section};

/// Add the terms in order and the forms in order, then finish. What a term has goes into the file
/// at once; only the dictionaries wait.
pub struct TextWriter<'a> {
    field: usize,
    lengths: &'a [u32],
    saturation: Saturation,
    postings: Vec<u8>,
    positions: Vec<u8>,
    terms: TermWriter,
    forms: FormWriter,
}

impl<'a> TextWriter<'a> {
    /// Begins the postings of a field of these lengths.
    pub fn begin(file: &mut ContainerWriter, field: usize, lengths: &'a [u32]) -> Result<Self> {
        file.begin(postings_section(field))?;
        let total = lengths.iter().map(|&length| u64::from(length)).sum();
        Ok(Self {
            field,
            lengths,
            saturation: Saturation::new(lengths.len() as u64, total),
            postings: Vec::new(),
            positions: Vec::new(),
            terms: TermWriter::default(),
            forms: FormWriter::default(),
        })
    }

    /// Adds a term with its postings; gives its number.
    pub fn add_term(
        &mut self,
        file: &mut ContainerWriter,
        key: &[u8],
        list: &PostingList,
    ) -> Result<u32> {
        let (lengths, saturation) = (self.lengths, self.saturation);
        let length = |document: u32| lengths.get(document as usize).copied().unwrap_or_default();
        let share = |document, frequency| saturation.share(frequency, length(document));
        let limit = lengths.len() as u32;
        self.postings.clear();
        self.positions.clear();
        encode(list, limit, share, &mut self.postings, &mut self.positions)?;
        file.write(&self.postings)?;
        file.write(&self.positions)?;
        let sizes = (self.postings.len() as u64, self.positions.len() as u64);
        Ok(self.terms.add(key, list.documents.len() as u32, list.positions.len() as u64, sizes))
    }

    /// Adds a form.
    pub fn add_form(&mut self, key: &[u8], info: &FormInfo) {
        self.forms.add(key, info);
    }

    /// Writes the dictionaries.
    pub fn finish(self, file: &mut ContainerWriter) -> Result<()> {
        self.terms.finish(file, &dictionary_sections(self.field, Words::Terms))?;
        self.forms.finish(file, &dictionary_sections(self.field, Words::Forms))
    }
}
