//! Owns merging: several segments become one, without their deleted documents.
//!
//! Only neighbours are merged, so that the order of documents stays that of their addition. All
//! that is read is checked on the way: damage is not written again under a fresh checksum.

use std::collections::HashMap;

use crate::bits::Bits;
use crate::columns::ColumnWriter;
use crate::container::{ContainerWriter, FileKind, Identity};
use crate::dictionary::WordInfo;
use crate::error::Result;
use crate::manifest::{SegmentEntry, segment_name};
use crate::postings::{Block, PostingList, decode_all};
use crate::schema::Schema;
use crate::segment::{STORED, Segment, Words, column_sections, write_lengths, write_meta};
use crate::storage::Storage;
use crate::stored::StoredWriter;
use crate::text_writer::TextWriter;

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

/// Writes one segment with the live documents of all sources, in order.
pub fn merge(
    storage: &dyn Storage,
    schema: &Schema,
    index: u128,
    sources: &[Source<'_>],
) -> Result<SegmentEntry> {
    let id = storage.unique();
    let output = storage.create(&segment_name(id))?;
    let mut file =
        ContainerWriter::new(output, Identity { kind: FileKind::Segment, index, file: id })?;
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
            writer: TextWriter::new(lengths),
            terms: HashMap::new(),
        };
        merging.run(Words::Terms)?;
        merging.run(Words::Forms)?;
        merging.writer.finish(&mut file, field)?;
    }
    merge_columns(&mut file, schema, sources, &renumberings, documents)?;
    let mut stored = StoredWriter::default();
    for source in sources {
        source.segment.stored()?.for_each(|document, bytes| {
            if !source.deleted.contains(document) {
                stored.add(bytes);
            }
        })?;
    }
    stored.finish(&mut file, &STORED)?;
    Ok(SegmentEntry { id, seal: file.finish()?, documents, deletes: None })
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

/// Which postings of which sources a word was merged from.
type Origins = Vec<(usize, u64)>;

struct Merging<'a> {
    field: usize,
    sources: &'a [Source<'a>],
    renumberings: &'a [Renumbering],
    writer: TextWriter<'a>,
    /// The terms written, by the first of their origins: a form of the same origins is an alias.
    terms: HashMap<(usize, u64), (Origins, WordInfo)>,
}

impl Merging<'_> {
    fn run(&mut self, words: Words) -> Result<()> {
        let mut cursors = Vec::new();
        for source in self.sources {
            let mut entries = source.segment.dictionary(self.field, words)?.iter()?;
            let is_left = entries.next()?.is_some();
            cursors.push((entries, is_left));
        }
        let (mut list, mut block) = (PostingList::default(), Block::default());
        let mut own = PostingList::default();
        while let Some(least) =
            cursors.iter().filter(|(_, is_left)| *is_left).map(|(entries, _)| entries.key()).min()
        {
            let key = least.to_vec();
            list.clear();
            let mut origins = Origins::new();
            for (at, (entries, is_left)) in cursors.iter_mut().enumerate() {
                if !*is_left || entries.key() != key {
                    continue;
                }
                own.clear();
                self.read(at, entries.info(), &mut block, &mut own)?;
                append(&own, &self.renumberings[at], &mut list);
                origins.push((at, entries.info().postings.start));
                *is_left = entries.next()?.is_some();
            }
            if !list.documents.is_empty() {
                self.add(words, &key, &list, origins)?;
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        words: Words,
        key: &[u8],
        list: &PostingList,
        origins: Origins,
    ) -> Result<()> {
        let Some(first) = origins.first().copied() else { return Ok(()) };
        match words {
            Words::Terms => {
                let info = self.writer.add(words, key, list)?;
                self.terms.insert(first, (origins, info));
            }
            Words::Forms => match self.terms.get(&first) {
                Some((of_term, info)) if *of_term == origins => {
                    self.writer.add_alias(words, key, info);
                }
                _ => {
                    self.writer.add(words, key, list)?;
                }
            },
        }
        Ok(())
    }

    fn read(
        &self,
        at: usize,
        info: &WordInfo,
        block: &mut Block,
        out: &mut PostingList,
    ) -> Result<()> {
        let segment = self.sources[at].segment;
        let postings = segment.postings(self.field, info)?;
        let length = info.positions.end - info.positions.start;
        let positions = segment.positions_of(self.field, info, 0..length)?;
        decode_all(&postings, positions, block, out)
            .filter(|()| out.documents.iter().all(|&document| document < segment.documents()))
            .ok_or_else(|| segment.malformed_postings(self.field, info))
    }
}

fn append(own: &PostingList, numbers: &Renumbering, list: &mut PostingList) {
    let mut positions = own.positions.as_slice();
    for (&document, &frequency) in own.documents.iter().zip(&own.frequencies) {
        let (these, rest) = positions.split_at(frequency as usize);
        positions = rest;
        if let Some(number) = numbers[document as usize] {
            list.documents.push(number);
            list.frequencies.push(frequency);
            list.positions.extend_from_slice(these);
        }
    }
}
