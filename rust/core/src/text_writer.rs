//! Owns writing the dictionaries, postings and positions of one text field of a segment.

use crate::container::ContainerWriter;
use crate::dictionary::{FormInfo, FormWriter, TermWriter};
use crate::error::Result;
use crate::postings::Encoder;
use crate::ranking::Saturation;
use crate::segment::{Words, dictionary_sections, postings_section};

/// Encodes the terms of a field, each place by place; several may be at work for one field.
pub struct TermEncoder<'a> {
    lengths: &'a [u32],
    saturation: Saturation,
    encoder: Encoder,
}

/// What the dictionary is to know of a term that was encoded.
#[derive(Clone, Copy, Debug)]
pub struct EncodedTerm {
    documents: u32,
    places: u64,
    /// The bytes of its postings and of its positions.
    sizes: (u64, u64),
}

impl<'a> TermEncoder<'a> {
    /// Gives an encoder for a field of these lengths.
    pub fn new(lengths: &'a [u32]) -> Self {
        let total = lengths.iter().map(|&length| u64::from(length)).sum();
        let saturation = Saturation::new(lengths.len() as u64, total);
        Self { lengths, saturation, encoder: Encoder::new(lengths.len() as u32) }
    }

    /// Begins a term that stands in so many places, and tells whether it has several forms.
    pub fn begin(&mut self, places: usize, has_ordinals: bool) {
        self.encoder.begin(places, has_ordinals);
    }

    /// Adds a place of the term; they come in order.
    #[inline(always)]
    pub fn add(&mut self, document: u32, position: u32, ordinal: u32) {
        self.encoder.add(document, position, ordinal, share(self.lengths, self.saturation));
    }

    /// Ends the term and appends its bytes.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<EncodedTerm> {
        let start = out.len();
        let share = share(self.lengths, self.saturation);
        let (positions, documents, places) = self.encoder.finish(share, out)?;
        let sizes = ((out.len() - start) as u64, positions.len() as u64);
        out.extend_from_slice(positions);
        Ok(EncodedTerm { documents, places, sizes })
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

/// Add the terms in order, writing the bytes of each yourself, and the forms in order, then finish.
/// Only the dictionaries wait.
pub struct TextWriter {
    field: usize,
    terms: TermWriter,
    forms: FormWriter,
}

impl TextWriter {
    /// Begins the postings of a field.
    pub fn begin(file: &mut ContainerWriter, field: usize) -> Result<Self> {
        file.begin(postings_section(field))?;
        Ok(Self { field, terms: TermWriter::default(), forms: FormWriter::default() })
    }

    /// Adds a term whose bytes come next; gives its number.
    pub fn add_term(&mut self, key: &[u8], term: &EncodedTerm) -> u32 {
        self.terms.add(key, term.documents, term.places, term.sizes)
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
