//! Owns what becomes of matching documents: the page by score, the page by columns, the facets.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::columns::{Column, ColumnType, Value};
use crate::error::Result;
use crate::segment::Segment;
use crate::snapshot::Snapshot;

use super::window::Window;
use super::{Collector, SortKey, column_of};

/// The documents of the highest scores; of equal ones those of the lowest numbers.
pub struct PageCollector {
    limit: usize,
    base: u32,
    /// Score, then the complement of the document's number: all differ, the highest are best.
    kept: Vec<u64>,
    /// Once the page is full, what a document must lie above to get on it.
    lowest: u64,
    is_full: bool,
}

impl PageCollector {
    /// Gives a collector for so many documents; those behind a known one, of so many points, are of
    /// no use.
    pub fn new(limit: usize, known: Option<(u32, u32)>) -> Self {
        let kept = Vec::with_capacity(limit.min(1 << 16) * 2);
        let key = |(points, document): (u32, u32)| u64::from(points) << 32 | u64::from(!document);
        // With no room at all, no document is good enough.
        let (lowest, is_full) = match known {
            _ if limit == 0 => (u64::MAX, true),
            Some(known) => (key(known).saturating_sub(1), true),
            None => (0, false),
        };
        Self { limit, base: 0, kept, lowest, is_full }
    }

    /// Gives for how many documents it is.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Gives the score that a document needs at least to get on the page: 0 where any does.
    #[inline]
    pub fn least(&self) -> u32 {
        if self.is_full { (self.lowest >> 32) as u32 } else { 0 }
    }

    /// Gives the same for the documents from this one of the segment on.
    #[inline]
    pub fn least_at(&self, document: u32) -> u32 {
        let is_behind = self.is_full && self.base + document > !(self.lowest as u32);
        self.least().saturating_add(u32::from(is_behind))
    }

    /// Sets the number of the first document of the segment.
    pub fn set_base(&mut self, base: u32) {
        self.base = base;
    }

    /// Takes a document that was not taken before.
    #[inline]
    pub fn push(&mut self, document: u32, points: u32) {
        let key = u64::from(points) << 32 | u64::from(!(self.base + document));
        if !self.is_full || key > self.lowest {
            self.kept.push(key);
            if self.kept.len() >= self.limit * 2 {
                self.settle();
            }
        }
    }

    /// Brings what a document needs up to date.
    pub fn settle(&mut self) {
        if self.limit == 0 || self.kept.len() < self.limit {
            return;
        }
        if self.kept.len() > self.limit || !self.is_full {
            let last = self.limit - 1;
            let (_, &mut lowest, _) = self.kept.select_nth_unstable_by(last, |a, b| b.cmp(a));
            self.kept.truncate(self.limit);
            (self.lowest, self.is_full) = (lowest, true);
        }
    }

    /// Gives score and number of each document on the page, best first.
    pub fn finish(mut self) -> Vec<(u32, u32)> {
        self.kept.sort_unstable_by(|a, b| b.cmp(a));
        self.kept.truncate(self.limit);
        self.kept.into_iter().map(|key| ((key >> 32) as u32, !(key as u32))).collect()
    }
}

impl Collector for PageCollector {
    fn begin(&mut self, _segment: usize, base: u32) -> Result<()> {
        self.base = base;
        Ok(())
    }

    fn collect(&mut self, window: &Window) -> Result<()> {
        let least = self.least_at(window.base());
        if least == 0 {
            window.for_each(|document, points| self.push(document, points));
        } else {
            // A score of 0 is above nothing.
            window.for_each_above(least - 1, |document, points| {
                self.push(document, points);
                self.least_at(window.base()).max(1) - 1
            });
        }
        self.settle();
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        Ok(())
    }

    fn as_page(&mut self) -> Option<&mut PageCollector> {
        Some(self)
    }
}

/// A document by the numbers of its values in one segment: the least is best.
type Place = (Vec<u32>, u32, u32);

/// The documents that come first in the order of columns.
pub struct SortCollector<'a> {
    snapshot: &'a Snapshot,
    keys: Vec<(SortKey, ColumnType)>,
    limit: usize,
    segment: Option<(usize, u32, Vec<Column<'a>>)>,
    heap: BinaryHeap<Place>,
    found: Vec<(Vec<Option<Value>>, u32, u32)>,
}

/// Later than every value.
const MISSING: u32 = u32::MAX;

impl<'a> SortCollector<'a> {
    /// Gives a collector for so many documents.
    pub fn new(snapshot: &'a Snapshot, keys: &[SortKey], limit: usize) -> Result<Self> {
        let typed = keys.iter().map(|&key| Ok((key, column_of(snapshot, key.field)?)));
        let keys = typed.collect::<Result<_>>()?;
        let (heap, found) = (BinaryHeap::new(), Vec::new());
        Ok(Self { snapshot, keys, limit, segment: None, heap, found })
    }

    /// Gives score and number of each document, best first.
    pub fn finish(mut self) -> Vec<(u32, u32)> {
        self.found.sort_by(|a, b| compare(&self.keys, a, b));
        self.found.truncate(self.limit);
        self.found.into_iter().map(|(_, document, points)| (points, document)).collect()
    }
}

fn compare(
    keys: &[(SortKey, ColumnType)],
    a: &(Vec<Option<Value>>, u32, u32),
    b: &(Vec<Option<Value>>, u32, u32),
) -> Ordering {
    for ((key, _), (a, b)) in keys.iter().zip(a.0.iter().zip(&b.0)) {
        let order = match (a, b) {
            (Some(a), Some(b)) if key.descending => b.compare(a),
            (Some(a), Some(b)) => a.compare(b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
    a.1.cmp(&b.1)
}

impl Collector for SortCollector<'_> {
    fn begin(&mut self, segment: usize, base: u32) -> Result<()> {
        let of: &Segment = &self.snapshot.segments()[segment].segment;
        let columns = self.keys.iter().map(|(key, kind)| of.column(key.field, *kind));
        self.segment = Some((segment, base, columns.collect::<Result<_>>()?));
        Ok(())
    }

    fn collect(&mut self, window: &Window) -> Result<()> {
        let Some((_, _, columns)) = &self.segment else { return Ok(()) };
        window.for_each(|document, points| {
            let place = |(column, (key, _)): (&Column<'_>, &(SortKey, ColumnType))| {
                let mut ordinals = column.ordinals_of(document);
                if key.descending {
                    ordinals.max().map_or(MISSING, |ordinal| MISSING - 1 - ordinal)
                } else {
                    ordinals.next().map_or(MISSING, |first| ordinals.fold(first, u32::min))
                }
            };
            let place = (columns.iter().zip(&self.keys).map(place).collect(), document, points);
            if self.heap.len() < self.limit {
                self.heap.push(place);
            } else if let Some(mut worst) = self.heap.peek_mut()
                && place < *worst
            {
                *worst = place;
            }
        });
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        let Some((_, base, columns)) = self.segment.take() else { return Ok(()) };
        for (places, document, points) in self.heap.drain() {
            let mut values = Vec::with_capacity(places.len());
            for ((place, column), (key, _)) in places.into_iter().zip(&columns).zip(&self.keys) {
                values.push(match place {
                    MISSING => None,
                    place if key.descending => Some(column.value(MISSING - 1 - place)?),
                    place => Some(column.value(place)?),
                });
            }
            self.found.push((values, base + document, points));
        }
        Ok(())
    }
}

/// Counts of values over matching documents.
pub struct Facets<'a> {
    snapshot: &'a Snapshot,
    fields: Vec<(usize, ColumnType)>,
    current: Vec<(Column<'a>, Vec<u64>)>,
    totals: Vec<Vec<(Value, u64)>>,
}

impl<'a> Facets<'a> {
    /// Gives counts of these fields.
    pub fn new(snapshot: &'a Snapshot, fields: &[usize]) -> Result<Self> {
        let typed = fields.iter().map(|&field| Ok((field, column_of(snapshot, field)?)));
        let totals = vec![Vec::new(); fields.len()];
        Ok(Self { snapshot, fields: typed.collect::<Result<_>>()?, current: Vec::new(), totals })
    }

    /// Begins a segment.
    pub fn begin(&mut self, segment: usize) -> Result<()> {
        self.end()?;
        let of = &self.snapshot.segments()[segment].segment;
        for &(field, kind) in &self.fields {
            let column = of.column(field, kind)?;
            let counts = vec![0; column.value_count() + 1];
            self.current.push((column, counts));
        }
        Ok(())
    }

    /// Counts the values of the matching documents of a window.
    pub fn collect(&mut self, window: &Window) {
        for (column, counts) in &mut self.current {
            window.for_each(|document, _| {
                for ordinal in column.ordinals_of(document) {
                    if let Some(count) = counts.get_mut(ordinal as usize) {
                        *count += 1;
                    }
                }
            });
        }
    }

    /// Gives for each field the values and their counts, in the order of the values.
    pub fn finish(mut self) -> Result<Vec<Vec<(Value, u64)>>> {
        self.end()?;
        for counts in &mut self.totals {
            counts.sort_by(|a, b| a.0.compare(&b.0));
            counts.dedup_by(|later, kept| {
                let same = later.0.compare(&kept.0).is_eq();
                kept.1 += if same { later.1 } else { 0 };
                same
            });
        }
        Ok(self.totals)
    }

    fn end(&mut self) -> Result<()> {
        for ((column, counts), totals) in self.current.drain(..).zip(&mut self.totals) {
            for (ordinal, &count) in (0..).zip(&counts) {
                if count > 0 {
                    totals.push((column.value(ordinal)?, count));
                }
            }
        }
        Ok(())
    }
}
