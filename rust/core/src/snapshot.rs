//! Owns the snapshot: the segments of one commit, opened, and statistics over all of them.

use std::sync::Arc;

use crate::columns::{ColumnType, Value};
use crate::error::{Error, Result};
use crate::manifest::Manifest;
use crate::ranking::Saturation;
use crate::schema::{FieldKind, Schema};
use crate::segment::{LiveSegment, Words, form_of_key};
use crate::storage::Storage;

/// A manifest may be replaced, and its files removed, while we open them.
const OPEN_ATTEMPTS: usize = 5;

/// The index as of one commit; unchanged while others write.
#[derive(Clone)]
pub struct Snapshot {
    generation: u64,
    schema: Arc<Schema>,
    segments: Vec<LiveSegment>,
    /// The number of the first document of each segment, and after the last.
    bases: Vec<u32>,
}

impl Snapshot {
    /// Opens the newest commit, and every file of it.
    pub fn open(storage: &dyn Storage) -> Result<Self> {
        let mut attempts = 1;
        loop {
            let manifest = Manifest::newest(storage)?;
            match Self::of(storage, &manifest) {
                Err(Error::Io { source, .. })
                    if source.kind() == std::io::ErrorKind::NotFound
                        && attempts < OPEN_ATTEMPTS =>
                {
                    attempts += 1;
                }
                opened => return opened,
            }
        }
    }

    fn of(storage: &dyn Storage, manifest: &Manifest) -> Result<Self> {
        let open = |entry| LiveSegment::open(storage, &manifest.schema, manifest.index, entry);
        let segments = manifest.segments.iter().copied().map(open).collect::<Result<_>>()?;
        Self::new(manifest.generation, Arc::new(manifest.schema.clone()), segments)
    }

    pub(crate) fn new(
        generation: u64,
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
        Ok(Self { generation, schema, segments, bases })
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
        let deletes = self.segments.iter().filter_map(|segment| segment.entry.deletes);
        deletes.map(|deletes| deletes.count).sum()
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
        let mut sum = 0;
        for live in &self.segments {
            let found = live.segment.dictionary(field, words)?.find(key)?;
            sum += found.map_or(0, |info| u64::from(info.documents));
        }
        Ok(sum)
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
        let (field, of) = self.key_column()?;
        match self.values_of(document, field, of)?.pop() {
            Some(Value::Text(key)) => Ok(key),
            _ => Err(Error::Argument(format!("document {document} does not exist"))),
        }
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
    /// with `prefix`, in the order of their keys: at most `limit`, and whether that is all.
    pub fn expand(
        &self,
        field: usize,
        prefix: &str,
        limit: usize,
        accepts: &mut dyn FnMut(&str) -> bool,
    ) -> Result<(Vec<String>, bool)> {
        let mut found = std::collections::BTreeSet::new();
        let mut is_whole = true;
        for live in &self.segments {
            let mut entries =
                live.segment.dictionary(field, Words::Forms)?.from(prefix.as_bytes())?;
            let mut accepted = 0;
            while let Some(key) = entries.next()? {
                if !key.starts_with(prefix.as_bytes()) {
                    break;
                }
                let Some(form) = form_of_key(key) else { continue };
                if !found.contains(key) && !accepts(form) {
                    continue;
                }
                // No segment needs to give more than the limit: its later ones sort behind.
                if accepted == limit {
                    is_whole = false;
                    break;
                }
                accepted += 1;
                found.insert(key.to_vec());
            }
        }
        is_whole &= found.len() <= limit;
        let forms = found.iter().take(limit).filter_map(|key| form_of_key(key));
        Ok((forms.map(str::to_owned).collect(), is_whole))
    }

    fn key_column(&self) -> Result<(usize, ColumnType)> {
        let field = self.schema.key();
        match self.schema.fields().get(field).map(|field| field.kind) {
            Some(FieldKind::Column(of)) => Ok((field, of)),
            _ => Err(Error::Argument("the schema has no key".to_owned())),
        }
    }
}
