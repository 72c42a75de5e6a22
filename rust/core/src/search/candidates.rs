//! Owns the candidates: documents that may get on the page, with their scores so far.

use crate::bits::Bits;

/// Ascending documents and their scores so far, side by side.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    /// The documents.
    pub documents: Vec<u32>,
    /// Their scores so far.
    pub points: Vec<u32>,
}

impl Candidates {
    /// Gives none, with memory for so many.
    pub fn with_capacity(count: usize) -> Self {
        Self { documents: Vec::with_capacity(count), points: Vec::with_capacity(count) }
    }

    /// Forgets the candidates and keeps the memory.
    pub fn clear(&mut self) {
        self.documents.clear();
        self.points.clear();
    }

    /// Gives how many there are.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// Appends a document.
    pub fn push(&mut self, document: u32, points: u32) {
        self.documents.push(document);
        self.points.push(points);
    }

    /// Gives a copy of the documents, in the memory of another.
    pub fn copy_documents(&self, mut memory: Vec<u32>) -> Vec<u32> {
        memory.clone_from(&self.documents);
        memory
    }

    /// Appends other candidates.
    pub fn append(&mut self, others: &Self) {
        self.documents.extend_from_slice(&others.documents);
        self.points.extend_from_slice(&others.points);
    }

    /// Keeps what `is_kept` says of an index and the score there.
    pub fn retain(&mut self, is_kept: impl Fn(usize, u32) -> bool) {
        let mut kept = 0;
        for at in 0..self.documents.len() {
            let (document, points) = (self.documents[at], self.points[at]);
            self.documents[kept] = document;
            self.points[kept] = points;
            kept += usize::from(is_kept(at, points));
        }
        self.documents.truncate(kept);
        self.points.truncate(kept);
    }
}

/// Documents that a clause is asked about.
pub struct Probe<'a> {
    /// Ascending, within one span.
    pub documents: &'a [u32],
    /// For each document its score so far.
    pub points: &'a mut [u32],
    /// For each document whether the clause matches it.
    pub hits: &'a mut [bool],
}

impl Probe<'_> {
    /// Adds to the scores of the documents of a set, all of which match.
    pub fn hit_set(&mut self, set: &Bits, points: u32) {
        for at in 0..self.documents.len() {
            if set.contains(self.documents[at]) {
                self.hit(at, points);
            }
        }
    }

    /// Adds to the score of the document at an index, which matches.
    #[inline(always)]
    pub fn hit(&mut self, at: usize, points: u32) {
        self.points[at] = self.points[at].wrapping_add(points);
        self.hits[at] = true;
    }
}
