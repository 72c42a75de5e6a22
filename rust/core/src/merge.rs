//! Owns merging: several segments become one, without their deleted documents.
//!
//! Only neighbours are merged, so that the order of documents stays that of their addition. All
//! that is read is checked on the way: damage is not written again under a fresh checksum.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::bits::Bits;
use crate::buffer::Target;
use crate::columns::ColumnWriter;
use crate::container::ContainerWriter;
use crate::dictionary::{Entries, FormInfo, FormShare, WordInfo};
use crate::error::Result;
use crate::manifest::SegmentEntry;
use crate::postings::{Block, PostingList, decode_all};
use crate::schema::Schema;
use crate::segment::{STORED, Segment, Words, column_sections, write_lengths, write_meta};
use crate::stored::StoredMerger;
use crate::text_writer::{TermEncoder, TextWriter};

/// A segment to be merged.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// Its documents.
    pub segment: &'a Segment,
    /// Those that are deleted.
    pub deleted: &'a Bits,
}

impl Source<'_> {
    fn live(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.segment.documents()).filter(|&document| !self.deleted.contains(document))
    }
}

/// For each document of a source its number in the merged segment.
type Renumbering = Vec<Option<u32>>;

/// Writes one segment with the live documents of all sources, in order; gives nothing if it was
/// told to stop, and leaves the file that it began.
pub fn merge(
    target: &Target<'_>,
    sources: &[Source<'_>],
    should_stop: &AtomicBool,
) -> Result<Option<SegmentEntry>> {
    let Target { schema, id, .. } = *target;
    let mut file = target.create()?;
    let (renumberings, documents) = renumber(sources);
    let lengths = merged_lengths(schema, sources)?;
    let total = |lengths: &Vec<u32>| lengths.iter().map(|&length| u64::from(length)).sum();
    let totals: Vec<u64> = lengths.iter().map(total).collect();
    write_meta(&mut file, documents, &totals)?;
    for (field, lengths) in schema.texts().zip(&lengths) {
        write_lengths(&mut file, field, lengths)?;
        let mut merging = Merging {
            field,
            sources,
            renumberings: &renumberings,
            encoder: TermEncoder::new(lengths),
            writer: TextWriter::begin(&mut file, field)?,
            forms: Vec::new(),
            should_stop,
            own: PostingList::default(),
            block: Block::default(),
        };
        let forms_of_terms = merging.read_forms()?;
        merging.write_terms(&mut file, &forms_of_terms)?;
        if should_stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        merging.write_forms()?;
        merging.writer.finish(&mut file)?;
    }
    merge_columns(&mut file, schema, sources, &renumberings, documents)?;
    let mut stored = StoredMerger::begin(&mut file, &STORED)?;
    for source in sources {
        if should_stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        stored.add(&mut file, &source.segment.stored()?, source.deleted)?;
    }
    stored.finish(&mut file)?;
    Ok(Some(SegmentEntry { id, seal: file.finish()?, documents, deletes: None }))
}

fn renumber(sources: &[Source<'_>]) -> (Vec<Renumbering>, u32) {
    let mut next = 0;
    let mut renumberings = Vec::new();
    for source in sources {
        let mut numbers = vec![None; source.segment.documents() as usize];
        for document in source.live() {
            numbers[document as usize] = Some(next);
            next += 1;
        }
        renumberings.push(numbers);
    }
    (renumberings, next)
}

fn merged_lengths(schema: &Schema, sources: &[Source<'_>]) -> Result<Vec<Vec<u32>>> {
    let of_field = |field| -> Result<Vec<u32>> {
        let mut merged = Vec::new();
        for source in sources {
            let lengths = source.segment.lengths(field)?;
            merged.extend(source.live().map(|document| lengths.get(document)));
        }
        Ok(merged)
    };
    schema.texts().map(of_field).collect()
}

fn merge_columns(
    file: &mut ContainerWriter,
    schema: &Schema,
    sources: &[Source<'_>],
    renumberings: &[Renumbering],
    documents: u32,
) -> Result<()> {
    for (field, of) in schema.columns() {
        let mut writer = ColumnWriter::default();
        for (source, numbers) in sources.iter().zip(renumberings) {
            let column = source.segment.column(field, of)?;
            for (document, number) in (0..).zip(numbers) {
                let Some(number) = number else { continue };
                for ordinal in column.ordinals_of(document) {
                    writer.add(*number, column.value(ordinal)?);
                }
            }
        }
        writer.finish(file, &column_sections(field), of, documents)?;
    }
    Ok(())
}

/// The forms of each term of a source, by their numbers in the merged order of all forms.
struct FormsOfTerms {
    /// Where those of each term begin, and where the last's end.
    starts: Vec<u32>,
    /// In the order of their ordinals.
    forms: Vec<u32>,
}

impl FormsOfTerms {
    /// Gives the forms of terms from (term, ordinal, form), or nothing if some are missing.
    fn new(terms: u64, mut forms: Vec<(u32, u32, u32)>) -> Option<Self> {
        forms.sort_unstable();
        let mut starts = Vec::with_capacity(terms as usize + 1);
        let mut before = None;
        for (at, &(term, ordinal, _)) in forms.iter().enumerate() {
            let expected = match before {
                Some((last, ordinal)) if last == term => ordinal + 1,
                _ => {
                    starts.push(at as u32);
                    0
                }
            };
            if term as usize + 1 != starts.len() || ordinal != expected {
                return None;
            }
            before = Some((term, ordinal));
        }
        starts.push(forms.len() as u32);
        let forms = forms.into_iter().map(|(_, _, form)| form).collect();
        (starts.len() as u64 == terms + 1).then_some(Self { starts, forms })
    }

    fn of(&self, term: usize) -> &[u32] {
        &self.forms[self.starts[term] as usize..self.starts[term + 1] as usize]
    }
}

/// What becomes of a form.
#[derive(Clone, Copy, Default)]
struct MergedForm {
    info: FormInfo,
    documents: u32,
    occurrences: u64,
    /// The last document counted, plus 1.
    last: u32,
}

/// The entries of one dictionary of each source, in one order.
struct Union<'a> {
    cursors: Vec<(Entries<'a>, bool)>,
    /// How many entries of each source lie before the current one.
    passed: Vec<usize>,
    key: Vec<u8>,
}

impl<'a> Union<'a> {
    fn new(sources: &[Source<'a>], field: usize, words: Words) -> Result<Self> {
        let mut cursors = Vec::new();
        for source in sources {
            let mut entries = source.segment.dictionary(field, words)?.iter()?;
            let is_left = entries.next()?.is_some();
            cursors.push((entries, is_left));
        }
        Ok(Self { passed: vec![0; cursors.len()], cursors, key: Vec::new() })
    }

    /// Goes to the next key and calls `take` with each source that has it, the number of the entry
    /// and the entry; gives whether there was one.
    fn next(
        &mut self,
        mut take: impl FnMut(usize, usize, &Entries<'a>) -> Result<()>,
    ) -> Result<bool> {
        let left = self.cursors.iter().filter(|(_, is_left)| *is_left);
        let Some(least) = left.map(|(entries, _)| entries.key()).min() else { return Ok(false) };
        self.key.clear();
        self.key.extend_from_slice(least);
        for (at, (entries, is_left)) in self.cursors.iter_mut().enumerate() {
            if *is_left && entries.key() == self.key {
                take(at, self.passed[at], entries)?;
                self.passed[at] += 1;
                *is_left = entries.next()?.is_some();
            }
        }
        Ok(true)
    }
}

struct Merging<'a> {
    field: usize,
    sources: &'a [Source<'a>],
    renumberings: &'a [Renumbering],
    encoder: TermEncoder<'a>,
    writer: TextWriter,
    /// The forms of all sources in their order.
    forms: Vec<MergedForm>,
    should_stop: &'a AtomicBool,
    own: PostingList,
    block: Block,
}

impl Merging<'_> {
    /// Numbers the forms; gives which each term of each source has.
    fn read_forms(&mut self) -> Result<Vec<FormsOfTerms>> {
        let mut found = vec![Vec::new(); self.sources.len()];
        let mut union = Union::new(self.sources, self.field, Words::Forms)?;
        let mut number = 0;
        while union.next(|at, _, entries| {
            let FormInfo { term, shared } = *entries.form();
            found[at].push((term, shared.map_or(0, |share| share.ordinal), number));
            Ok(())
        })? {
            number += 1;
        }
        self.forms = vec![MergedForm::default(); number as usize];
        let of_source = |(source, forms): (&Source<'_>, _)| {
            let terms = source.segment.dictionary(self.field, Words::Terms)?.len();
            let malformed = || source.segment.malformed_postings(self.field, &WordInfo::default());
            FormsOfTerms::new(terms, forms).ok_or_else(malformed)
        };
        self.sources.iter().zip(found).map(of_source).collect()
    }

    fn write_terms(
        &mut self,
        file: &mut ContainerWriter,
        forms_of_terms: &[FormsOfTerms],
    ) -> Result<()> {
        let mut union = Union::new(self.sources, self.field, Words::Terms)?;
        let (mut list, mut forms, mut encoded) = (PostingList::default(), Vec::new(), Vec::new());
        loop {
            list.clear();
            forms.clear();
            if self.should_stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            if !union.next(|at, term, entries| {
                let of_term = forms_of_terms[at].of(term);
                forms.extend_from_slice(of_term);
                self.read(at, entries.info(), of_term, &mut list)
            })? {
                return Ok(());
            }
            if list.documents.is_empty() {
                continue;
            }
            let ordinals = self.settle(&mut list, &mut forms);
            self.encoder.begin(list.positions.len(), ordinals.len() > 1);
            list.for_each_place(|document, position, ordinal| {
                self.encoder.add(document, position, ordinal);
            });
            encoded.clear();
            let term = self.encoder.finish(&mut encoded)?;
            file.write(&encoded)?;
            let term = self.writer.add_term(&union.key, &term);
            for (ordinal, &form) in (0..).zip(ordinals) {
                let form = &mut self.forms[form as usize];
                let MergedForm { documents, occurrences, .. } = *form;
                let share = FormShare { ordinal, documents, occurrences };
                form.info = FormInfo { term, shared: (ordinals.len() > 1).then_some(share) };
            }
        }
    }

    /// Puts ordinals in the place of the numbers of forms; gives the forms in that order.
    fn settle<'f>(&mut self, list: &mut PostingList, forms: &'f mut Vec<u32>) -> &'f [u32] {
        let mut at = list.ordinals.iter();
        for (&document, &frequency) in list.documents.iter().zip(&list.frequencies) {
            for &form in at.by_ref().take(frequency as usize) {
                let form = &mut self.forms[form as usize];
                form.occurrences += 1;
                form.documents += u32::from(form.last != document + 1);
                form.last = document + 1;
            }
        }
        forms.sort_unstable();
        forms.dedup();
        forms.retain(|&form| self.forms[form as usize].occurrences > 0);
        forms.sort_by_key(|&form| std::cmp::Reverse(self.forms[form as usize].occurrences));
        if forms.len() == 1 {
            list.ordinals.clear();
        }
        for (ordinal, &form) in (0..).zip(&*forms) {
            self.forms[form as usize].last = ordinal;
        }
        for form in &mut list.ordinals {
            *form = self.forms[*form as usize].last;
        }
        forms
    }

    fn write_forms(&mut self) -> Result<()> {
        let mut union = Union::new(self.sources, self.field, Words::Forms)?;
        let mut number = 0;
        while union.next(|_, _, _| Ok(()))? {
            let form = &self.forms[number];
            if form.documents > 0 {
                self.writer.add_form(&union.key, &form.info);
            }
            number += 1;
        }
        Ok(())
    }

    /// Appends the postings of a term of a source, with the numbers of forms for ordinals.
    fn read(
        &mut self,
        at: usize,
        info: &WordInfo,
        forms: &[u32],
        list: &mut PostingList,
    ) -> Result<()> {
        let segment = self.sources[at].segment;
        let postings = segment.postings(self.field, info)?;
        let length = info.positions.end - info.positions.start;
        let positions = segment.positions_of(self.field, info, 0..length)?;
        let own = &mut self.own;
        own.clear();
        decode_all(&postings, positions, forms.len() > 1, &mut self.block, own)
            .filter(|()| own.documents.iter().all(|&document| document < segment.documents()))
            .filter(|()| own.ordinals.iter().all(|&ordinal| (ordinal as usize) < forms.len()))
            .ok_or_else(|| segment.malformed_postings(self.field, info))?;
        if let [form] = forms {
            own.ordinals.resize(own.positions.len(), *form);
        } else {
            own.ordinals.iter_mut().for_each(|ordinal| *ordinal = forms[*ordinal as usize]);
        }
        append(own, &self.renumberings[at], list);
        Ok(())
    }
}

fn append(own: &PostingList, numbers: &Renumbering, list: &mut PostingList) {
    let mut start = 0;
    for (&document, &frequency) in own.documents.iter().zip(&own.frequencies) {
        let these = start..start + frequency as usize;
        start = these.end;
        if let Some(number) = numbers[document as usize] {
            list.documents.push(number);
            list.frequencies.push(frequency);
            list.positions.extend_from_slice(&own.positions[these.clone()]);
            list.ordinals.extend_from_slice(&own.ordinals[these]);
        }
    }
}
