//! Owns the faster ways for a plain row of words, any of which or all of which must match.
//!
//! Each block of postings bounds the scores in it. What cannot rise above the lowest score of a
//! full page is not decoded. Documents come in ascending order, so one with a score equal to the
//! lowest loses to those before it: leaving out bounds that are at most the threshold is exact.

use crate::error::Result;
use crate::packing::BLOCK;
use crate::ranking::{bound, share_of_impact};
use crate::segment::LiveSegment;
use crate::snapshot::Snapshot;

use super::collect::PageCollector;
use super::cursor::{Cursor, END};
use super::plan::Wanted;
use super::weigh::Weighted;
use super::window::{WINDOW, Window};
use super::{Clock, Pruning};

/// Words of which any or all must match, each with a weight above 0.
pub struct Row<'a> {
    words: Vec<(&'a Wanted, f32)>,
    all: bool,
}

/// Gives the row of words that a plan is, if it is one and may be pruned.
pub fn row_of(plan: &Weighted, pruning: Pruning) -> Option<Row<'_>> {
    let (clauses, all) = match plan {
        Weighted::Word { .. } => (std::slice::from_ref(plan), false),
        Weighted::Combination { required, optional, excluded } if excluded.is_empty() => {
            match (required.as_slice(), optional.as_slice()) {
                (required, []) => (required, true),
                ([], optional) => (optional, false),
                _ => return None,
            }
        }
        _ => return None,
    };
    let allowed = if all { pruning.all } else { pruning.any };
    if clauses.is_empty() || !allowed {
        return None;
    }
    let words = clauses.iter().map(word_of).collect::<Option<_>>()?;
    Some(Row { words, all })
}

fn word_of(plan: &Weighted) -> Option<(&Wanted, f32)> {
    match plan {
        Weighted::Word { wanted, weight } if *weight > 0.0 => Some((wanted, *weight)),
        _ => None,
    }
}

/// Collects the page; tells whether time was up.
pub fn run(
    snapshot: &Snapshot,
    row: &Row<'_>,
    clock: &Clock,
    page: &mut PageCollector,
) -> Result<bool> {
    for (at, live) in snapshot.segments().iter().enumerate() {
        page.set_base(snapshot.base(at));
        let mut words = Vec::new();
        for (wanted, weight) in &row.words {
            let saturation = snapshot.saturation(wanted.field);
            let drift = saturation.drift(&live.segment.saturation(wanted.field));
            match Cursor::open(&live.segment, wanted, *weight, saturation)? {
                Some(cursor) => words.push(Bounded { cursor, drift, block: 0 }),
                None if row.all => {
                    words.clear();
                    break;
                }
                None => {}
            }
        }
        if words.is_empty() {
            continue;
        }
        let partial =
            if row.all { all(live, words, clock, page)? } else { any(live, words, clock, page)? };
        if partial {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A word with the bounds of its blocks.
struct Bounded<'a> {
    cursor: Cursor<'a>,
    drift: f32,
    block: usize,
}

impl Bounded<'_> {
    /// Gives what no score in a range of documents exceeds; ranges come in ascending order.
    fn bound_within(&mut self, start: u32, end: u32) -> u32 {
        let postings = self.cursor.postings();
        self.block = postings.block_of(start, self.block);
        let mut impact = 0;
        let mut block = self.block;
        while block < postings.block_count() && postings.first_possible(block) < end {
            impact = impact.max(postings.impact(block));
            block += 1;
        }
        if block == self.block {
            return 0;
        }
        bound(self.cursor.weight(), share_of_impact(impact), self.drift)
    }
}

/// Evaluates words of which any must match, by MaxScore in windows (Turtle and Flood, *Query
/// Evaluation: Strategies and Optimizations*, 1995), with the bounds of blocks.
fn any(
    live: &LiveSegment,
    mut words: Vec<Bounded<'_>>,
    clock: &Clock,
    page: &mut PageCollector,
) -> Result<bool> {
    let documents = live.segment.documents();
    let mut window = Window::new();
    let mut candidates: Vec<(u32, u32)> = Vec::new();
    let (mut order, mut sums): (Vec<(u32, usize)>, Vec<u32>) = (Vec::new(), Vec::new());
    let mut start = 0;
    while start < documents {
        if clock.is_over() {
            return Ok(true);
        }
        let end = start.saturating_add(WINDOW as u32).min(documents);
        order.clear();
        for (at, word) in words.iter_mut().enumerate() {
            order.push((word.bound_within(start, end), at));
        }
        order.retain(|&(bound, _)| bound > 0);
        order.sort_unstable();
        // sums[i]: what the words before i can add together.
        sums.clear();
        let mut sum = 0_u32;
        for &(bound, _) in &order {
            sums.push(sum);
            sum = sum.saturating_add(bound);
        }
        if sum <= page.threshold() {
            start = end;
            continue;
        }
        let essential =
            sums.partition_point(|&before| before <= page.threshold() && !page.is_open());
        // The words before this one cannot reach the page by themselves.
        let essential = essential.saturating_sub(1);
        window.reset(start);
        let mut is_unmarked = false;
        for &(_, at) in &order[essential..] {
            is_unmarked |= words[at].cursor.fill(&mut window, true)?;
        }
        if is_unmarked {
            window.mark_scored();
        }
        let rest = sums[essential];
        if essential == 0 {
            if let Some(deleted) = &live.deleted {
                window.remove(deleted);
            }
            window.for_each_above(page.threshold(), |document, points| page.push(document, points));
        } else {
            candidates.clear();
            let least = page.threshold().saturating_sub(rest);
            window.for_each_above(least, |document, points| {
                candidates.push((document, points));
                least
            });
            for (index, &(_, at)) in order[..essential].iter().enumerate().rev() {
                let cursor = &mut words[at].cursor;
                let mut kept = 0;
                for at in 0..candidates.len() {
                    let (document, mut points) = candidates[at];
                    if cursor.seek(document)? == document {
                        points += cursor.points()?;
                    }
                    if points.saturating_add(sums[index]) > page.threshold() {
                        candidates[kept] = (document, points);
                        kept += 1;
                    }
                }
                candidates.truncate(kept);
            }
            for &(document, points) in &candidates {
                if points > page.threshold() && !live.is_deleted(document) {
                    page.push(document, points);
                }
            }
        }
        start = end;
    }
    Ok(false)
}

/// How often time is looked at, in blocks of the rarest word.
const BLOCKS_PER_LOOK: usize = 16;

/// Evaluates words all of which must match, led by the rarest, block by block.
fn all(
    live: &LiveSegment,
    mut words: Vec<Bounded<'_>>,
    clock: &Clock,
    page: &mut PageCollector,
) -> Result<bool> {
    words.sort_by_key(|word| word.cursor.documents());
    let Some((lead, others)) = words.split_first_mut() else { return Ok(false) };
    let mut bounds = vec![0_u32; others.len()];
    let (mut documents, mut points) = ([0_u32; BLOCK], [0_u32; BLOCK]);
    for block in 0..lead.cursor.postings().block_count() {
        if block % BLOCKS_PER_LOOK == 0 && clock.is_over() {
            return Ok(true);
        }
        let postings = lead.cursor.postings();
        let (start, last) = (postings.first_possible(block), postings.last_document(block));
        // From the last word on, what it and those after it can add.
        let mut rest = 0_u32;
        let mut is_possible = true;
        for (word, bound) in others.iter_mut().zip(&mut bounds).rev() {
            let own = word.bound_within(start, last.saturating_add(1));
            is_possible &= own > 0;
            rest = rest.saturating_add(own);
            *bound = rest;
        }
        let own = bound(lead.cursor.weight(), share_of_impact(postings.impact(block)), lead.drift);
        if !is_possible || own.saturating_add(rest) <= page.threshold() {
            continue;
        }
        lead.cursor.load(block)?;
        lead.cursor.load_frequencies()?;
        let decoded = lead.cursor.block();
        let mut count = decoded.length;
        lead.cursor.points_of_all(decoded.documents(), decoded.frequencies(), &mut points);
        documents[..count].copy_from_slice(decoded.documents());
        count = keep(&mut documents, &mut points, count, rest, page.threshold());
        for (at, word) in others.iter_mut().enumerate() {
            let rest = bounds.get(at + 1).copied().unwrap_or_default();
            count = intersect(&mut word.cursor, &mut documents, &mut points, count)?;
            count = keep(&mut documents, &mut points, count, rest, page.threshold());
        }
        for (&document, &points) in documents.iter().zip(&points).take(count) {
            if points > page.threshold() && !live.is_deleted(document) {
                page.push(document, points);
            }
        }
    }
    Ok(false)
}

/// Keeps the documents that can rise above a threshold; gives how many they are.
fn keep(
    documents: &mut [u32; BLOCK],
    points: &mut [u32; BLOCK],
    count: usize,
    rest: u32,
    threshold: u32,
) -> usize {
    let mut kept = 0;
    for at in 0..count {
        let (document, own) = (documents[at], points[at]);
        documents[kept] = document;
        points[kept] = own;
        kept += usize::from(own.saturating_add(rest) > threshold);
    }
    kept
}

/// Keeps the documents that hold a word and adds its points; gives how many they are.
fn intersect(
    cursor: &mut Cursor<'_>,
    documents: &mut [u32; BLOCK],
    points: &mut [u32; BLOCK],
    count: usize,
) -> Result<usize> {
    let mut kept = 0;
    for at in 0..count {
        let document = documents[at];
        let found = cursor.seek(document)?;
        if found == document {
            documents[kept] = document;
            points[kept] = points[at] + cursor.points()?;
            kept += 1;
        } else if found == END {
            break;
        }
    }
    Ok(kept)
}
