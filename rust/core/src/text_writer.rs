//! Owns writing the dictionaries, postings and positions of one text field of a segment.

use crate::container::ContainerWriter;
use crate::dictionary::{FormInfo, FormWriter, TermWriter};
use crate::error::Result;
use crate::postings::Encoder;
use crate::ranking::Saturation;
use crate::segment::{Words, dictionary_sections, postings_section};

/// Add the terms in order, each place by place, and the forms in order, then finish. What a term has
/// goes into the file at once; only the dictionaries wait.
pub struct TextWriter<'a> {
    field: usize,
    lengths: &'a [u32],
    saturation: Saturation,
    encoder: Encoder,
    postings: Vec<u8>,
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
            encoder: Encoder::new(lengths.len() as u32),
            postings: Vec::new(),
            terms: TermWriter::default(),
            forms: FormWriter::default(),
        })
    }

    /// Begins a term that stands in so many places, and tells whether it has several forms.
    pub fn begin_term(&mut self, places: usize, has_ordinals: bool) {
        self.encoder.begin(places, has_ordinals);
    }

    /// Adds a place of the term; they come in order.
    #[inline(always)]
    pub fn add_place(&mut self, document: u32, position: u32, ordinal: u32) {
        self.encoder.add(document, position, ordinal, share(self.lengths, self.saturation));
    }

    /// Ends the term and writes it; gives its number.
    pub fn end_term(&mut self, file: &mut ContainerWriter, key: &[u8]) -> Result<u32> {
        self.postings.clear();
        let share = share(self.lengths, self.saturation);
        let (positions, documents, places) = self.encoder.finish(share, &mut self.postings)?;
        file.write(&self.postings)?;
        file.write(positions)?;
        let sizes = (self.postings.len() as u64, positions.len() as u64);
        Ok(self.terms.add(key, documents, places, sizes))
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

/// Gives what a document and its frequency earn.
#[inline(always)]
fn share(lengths: &[u32], saturation: Saturation) -> impl Fn(u32, u32) -> f32 {
    move |document, frequency| {
        let length = lengths.get(document as usize).copied().unwrap_or_default();
        saturation.share(frequency, length)
    }
}
