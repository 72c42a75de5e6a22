//! Owns the snapshot: the segments of one commit, opened, and statistics over all of them.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use crate::columns::{ColumnType, Value};
use crate::dictionary::{FormInfo, WordInfo};
use crate::error::{Error, Result};
use crate::manifest::{Manifest, READ_ATTEMPTS};
use crate::ranking::Saturation;
use crate::schema::{FieldKind, Schema};
use crate::segment::{LiveSegment, Words, spellings_of_key};
use crate::storage::Storage;

/// The index as of one commit; unchanged while others write.
#[derive(Clone)]
pub struct Snapshot {
    index: u128,
    generation: u64,
    schema: Arc<Schema>,
    segments: Vec<LiveSegment>,
    /// The number of the first document of each segment, and after the last.
    bases: Vec<u32>,
    deleted: u32,
    size_bytes: u64,
}

impl Snapshot {
    /// Opens the newest commit, and every file of it.
    pub fn open(storage: &dyn Storage) -> Result<Self> {
        let mut attempts = 1;
        loop {
            let manifest = Manifest::newest(storage)?;
            match Self::of(storage, &manifest) {
                Err(error) if error.is_missing_file() && attempts < READ_ATTEMPTS => attempts += 1,
                opened => return opened,
            }
        }
    }

    fn of(storage: &dyn Storage, manifest: &Manifest) -> Result<Self> {
        let open = |entry| LiveSegment::open(storage, &manifest.schema, manifest.index, entry);
        let segments = manifest.segments.iter().copied().map(open).collect::<Result<_>>()?;
        Self::new(manifest, Arc::new(manifest.schema.clone()), segments)
    }

    pub(crate) fn new(
        manifest: &Manifest,
        schema: Arc<Schema>,
        segments: Vec<LiveSegment>,
    ) -> Result<Self> {
        let mut bases = vec![0_u32];
        let mut sum = 0_u32;
        for segment in &segments {
            sum = sum.checked_add(segment.entry.documents).ok_or(Error::Limit {
                what: "documents of an index",
                limit: u64::from(u32::MAX),
                found: u64::from(u32::MAX) + 1,
            })?;
            bases.push(sum);
        }
        let deleted = segments.iter().filter_map(|live| live.deleted.as_ref());
        let deleted = deleted.map(|deleted| deleted.count()).sum();
        let Manifest { index, generation, .. } = *manifest;
        let size_bytes = manifest.size_bytes();
        Ok(Self { index, generation, schema, segments, bases, deleted, size_bytes })
    }

    /// Tells whether it is of the newest commit of what the storage holds now.
    pub fn is_newest(&self, storage: &dyn Storage) -> Result<bool> {
        let newest = Manifest::newest(storage)?;
        // A generation that failed at its last sync may come again: the segments tell.
        let segments = self.segments.iter().map(|live| live.entry);
        Ok(newest.index == self.index
            && newest.generation == self.generation
            && segments.eq(newest.segments))
    }

    /// Gives how many bytes the files of the commit have, its manifest included.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Gives the identity of the index.
    pub fn index(&self) -> u128 {
        self.index
    }

    /// Gives the number of the commit.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Gives the fields.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Gives the segments, in the order of their documents.
    pub fn segments(&self) -> &[LiveSegment] {
        &self.segments
    }

    /// Gives the number of the first document of a segment.
    pub fn base(&self, segment: usize) -> u32 {
        self.bases.get(segment).copied().unwrap_or_default()
    }

    /// Gives how many documents there are, deleted ones not yet merged away too.
    pub fn documents(&self) -> u32 {
        self.bases.last().copied().unwrap_or_default()
    }

    /// Gives how many documents are deleted and not yet merged away.
    pub fn deleted(&self) -> u32 {
        self.deleted
    }

    /// Gives how many positions a text field has in all documents.
    pub fn positions(&self, field: usize) -> u64 {
        self.segments.iter().map(|segment| segment.segment.positions(field)).sum()
    }

    /// Gives the saturation of a field over all documents.
    pub fn saturation(&self, field: usize) -> Saturation {
        Saturation::new(u64::from(self.documents()), self.positions(field))
    }

    /// Gives how many documents hold a word, deleted ones not yet merged away too.
    pub fn frequency(&self, field: usize, words: Words, key: &[u8]) -> Result<u64> {
        let infos = self.locations(field, words, key)?;
        Ok(infos.iter().flatten().map(|info| u64::from(info.documents)).sum())
    }

    /// Gives what the dictionary of each segment knows of a word.
    pub fn locations(
        &self,
        field: usize,
        words: Words,
        key: &[u8],
    ) -> Result<Vec<Option<WordInfo>>> {
        let found = self.segments.iter();
        found.map(|live| live.segment.dictionary(field, words)?.find(key)).collect()
    }

    /// Gives how many words a dictionary of a text field has over all segments.
    pub fn word_count(&self, field: usize, words: Words) -> Result<u64> {
        let mut scans = Vec::new();
        for live in &self.segments {
            let mut entries = live.segment.dictionary(field, words)?.iter()?;
            if entries.next()?.is_some() {
                scans.push(entries);
            }
        }
        let mut count = 0;
        while let Some(least) = scans.iter().map(|scan| scan.key().to_vec()).min() {
            count += 1;
            let mut at = 0;
            while let Some(scan) = scans.get_mut(at) {
                if scan.key() == least && scan.next()?.is_none() {
                    scans.swap_remove(at);
                } else {
                    at += 1;
                }
            }
        }
        Ok(count)
    }

    /// Gives the segment of a document and its number there.
    pub fn locate(&self, document: u32) -> Option<(usize, u32)> {
        let above = self.bases.partition_point(|&base| base <= document);
        let segment = above.checked_sub(1).filter(|&at| at < self.segments.len())?;
        Some((segment, document - self.base(segment)))
    }

    /// Gives the live document with a key.
    pub fn number_of(&self, key: &str) -> Result<Option<u32>> {
        let (field, of) = self.key_column()?;
        for (at, live) in self.segments.iter().enumerate() {
            if let Some(document) = live.segment.column(field, of)?.find_key(key)
                && !live.is_deleted(document)
            {
                return Ok(Some(self.base(at) + document));
            }
        }
        Ok(None)
    }

    /// Gives the key of a document.
    pub fn key_of(&self, document: u32) -> Result<String> {
        let (field, _) = self.key_column()?;
        let key = match self.locate(document) {
            Some((at, document)) => self.segments[at].segment.key_of(field, document)?,
            None => None,
        };
        key.ok_or_else(|| Error::Argument(format!("document {document} does not exist")))
    }

    /// Gives the values of a document in a column.
    pub fn values_of(&self, document: u32, field: usize, of: ColumnType) -> Result<Vec<Value>> {
        let Some((at, document)) = self.locate(document) else { return Ok(Vec::new()) };
        let column = self.segments[at].segment.column(field, of)?;
        column.ordinals_of(document).map(|ordinal| column.value(ordinal)).collect()
    }

    /// Gives the stored bytes of a document.
    pub fn stored(&self, document: u32) -> Result<Vec<u8>> {
        let Some((at, document)) = self.locate(document) else {
            return Err(Error::Argument(format!("document {document} does not exist")));
        };
        self.segments[at].segment.stored()?.get(document)
    }

    /// Gives the forms of a field that are accepted, among those whose folded spelling begins
    /// with `prefix`, in the order of (folded spelling, form): at most `limit`.
    ///
    /// `accepts` is given the folded spelling and the form; it may end the search.
    pub fn expand(
        &self,
        field: usize,
        prefix: &str,
        limit: usize,
        accepts: &mut dyn FnMut(&str, &str) -> ControlFlow<(), bool>,
    ) -> Result<Expansion> {
        let mut scans = Vec::new();
        for (at, live) in self.segments.iter().enumerate() {
            let mut scan = live.segment.dictionary(field, Words::Forms)?.from(prefix.as_bytes())?;
            if scan.next()?.is_some_and(|key| key.starts_with(prefix.as_bytes())) {
                scans.push((at, scan));
            }
        }
        let mut expanding = Expanding::new(self, field, limit);
        let mut key = Vec::new();
        while let Some(least) = scans.iter().map(|(_, scan)| scan.key()).min() {
            key.clear();
            key.extend_from_slice(least);
            let (folded, form) = spellings_of_key(&key).unwrap_or_default();
            let is_accepted = match accepts(folded, form) {
                ControlFlow::Continue(is_accepted) => is_accepted,
                ControlFlow::Break(()) => {
                    expanding.found.is_whole = false;
                    break;
                }
            };
            if is_accepted && !expanding.begin(folded, form) {
                break;
            }
            let mut next = 0;
            while let Some((at, scan)) = scans.get_mut(next) {
                next += 1;
                if scan.key() != key {
                    continue;
                }
                if is_accepted {
                    expanding.add(*at, *scan.form());
                }
                if scan.next()?.is_none_or(|key| !key.starts_with(prefix.as_bytes())) {
                    next -= 1;
                    scans.swap_remove(next);
                }
            }
        }
        Ok(expanding.finish())
    }

    fn key_column(&self) -> Result<(usize, ColumnType)> {
        let field = self.schema.key();
        match self.schema.fields().get(field).map(|field| field.kind) {
            Some(FieldKind::Column(of)) => Ok((field, of)),
            _ => Err(Error::Argument("the schema has no key".to_owned())),
        }
    }
}

/// The forms that a pattern stands for.
#[derive(Clone, Debug)]
pub struct Expansion {
    /// In the order of (folded spelling, form).
    pub forms: Vec<String>,
    /// Whether those are all.
    pub is_whole: bool,
    /// What the snapshot knows of them.
    pub held: HeldForms,
}

/// What a snapshot knows of some forms of a field, for searches in it.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldForms {
    index: u128,
    generation: u64,
    field: usize,
    segments: Vec<Vec<FormInfo>>,
}

impl HeldForms {
    /// Gives the number of the field.
    pub fn field(&self) -> usize {
        self.field
    }

    /// Gives what a segment knows of the forms of a field; nothing if that is of another snapshot
    /// or field.
    pub fn of(&self, snapshot: &Snapshot, field: usize, segment: usize) -> Option<&[FormInfo]> {
        let is_own = (self.index, self.generation) == (snapshot.index, snapshot.generation)
            && self.field == field;
        self.segments.get(segment).filter(|_| is_own).map(Vec::as_slice)
    }
}

/// An expansion under way: forms come in the order of their keys, so that those of one folded
/// spelling come together, but not in order.
struct Expanding {
    limit: usize,
    /// The folded spelling of the forms in the group.
    folded: String,
    /// Forms, and which entries they have.
    group: Vec<(String, Range<usize>)>,
    /// Entries of segments.
    entries: Vec<(usize, FormInfo)>,
    found: Expansion,
}

impl Expanding {
    fn new(snapshot: &Snapshot, field: usize, limit: usize) -> Self {
        let (index, generation) = (snapshot.index, snapshot.generation);
        let segments = vec![Vec::new(); snapshot.segments.len()];
        let held = HeldForms { index, generation, field, segments };
        let found = Expansion { forms: Vec::new(), is_whole: true, held };
        let (group, entries) = (Vec::new(), Vec::new());
        Self { limit, folded: String::new(), group, entries, found }
    }

    /// Begins a form; tells whether it and later ones may be among those that are wanted.
    fn begin(&mut self, folded: &str, form: &str) -> bool {
        if folded != self.folded {
            self.end_group();
            if self.found.forms.len() >= self.limit {
                self.found.is_whole = false;
                return false;
            }
            folded.clone_into(&mut self.folded);
        }
        self.group.push((form.to_owned(), self.entries.len()..self.entries.len()));
        true
    }

    /// Adds the entry that a segment has of the form that was begun last.
    fn add(&mut self, segment: usize, entry: FormInfo) {
        self.entries.push((segment, entry));
        if let Some((_, entries)) = self.group.last_mut() {
            entries.end = self.entries.len();
        }
    }

    fn end_group(&mut self) {
        self.group.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        let Expansion { forms, is_whole, held } = &mut self.found;
        for (form, entries) in self.group.drain(..) {
            if forms.len() >= self.limit {
                *is_whole = false;
                break;
            }
            forms.push(form);
            for &(segment, entry) in self.entries.get(entries).unwrap_or_default() {
                held.segments[segment].push(entry);
            }
        }
        self.entries.clear();
    }

    fn finish(mut self) -> Expansion {
        self.end_group();
        self.found
    }
}
