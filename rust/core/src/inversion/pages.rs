//! Owns the pages of tokens: those of each page by span, and where they stand in documents.

use super::FORM;
use crate::parallel::each;
use crate::vocabulary::STAYS;

/// As many tokens as a page has: 256 KB, which stay in the cache while they are sorted.
pub const PAGE: usize = 1 << 16;

/// Tokens sorted by span within pages.
pub struct Pages<'a> {
    /// The place of each in its page, and the number of its form in the span, in 16 bits each.
    tokens: &'a [u32],
    /// Where the tokens of each document end.
    ends: &'a [usize],
    /// Where those tokens are after which the position does not advance.
    stays: Vec<usize>,
    /// Where the tokens of each span end in each page.
    borders: Vec<u32>,
    spans: usize,
    /// The document in which each page begins.
    first_documents: Vec<usize>,
}

impl<'a> Pages<'a> {
    /// Sorts tokens in place. `homes` gives for each form its span and its number there, in 16 bits
    /// each, and last the span behind all others, which is that of positions without a word.
    pub fn sort<W: Send>(
        tokens: &'a mut [u32],
        ends: &'a [usize],
        homes: &[u32],
        spans: usize,
        workspaces: &mut [W],
    ) -> Self {
        let pages = tokens.len().div_ceil(PAGE);
        let part = pages.div_ceil(workspaces.len()).max(1) * PAGE;
        let parts = tokens.chunks_mut(part).enumerate().collect();
        let sorted = each(workspaces, parts, |_, (number, tokens): (usize, &mut [u32])| {
            sort_pages(tokens, number * part, homes, spans)
        });
        let (mut stays, mut borders) = (Vec::new(), Vec::with_capacity(pages * spans));
        for (more_stays, more_borders) in sorted {
            stays.extend(more_stays);
            borders.extend(more_borders);
        }
        let document_at = |page| ends.partition_point(|&end| end <= page * PAGE);
        let first_documents = (0..pages).map(document_at).collect();
        Self { tokens, ends, stays, borders, spans, first_documents }
    }

    /// Calls `take` with the document and the position of each token of a span, in order, and with
    /// the number of its form there.
    #[inline(always)]
    pub fn for_each_place(&self, span: usize, mut take: impl FnMut(u32, u32, u32)) {
        for (page, &first) in self.first_documents.iter().enumerate() {
            let border = |span: usize| self.borders[page * self.spans + span] as usize;
            let start = span.checked_sub(1).map_or(0, border);
            let base = page * PAGE;
            let mut place = Walk::new(self, first, base);
            for &token in &self.tokens[base + start..base + border(span)] {
                let (document, position) = place.go_to(base + (token >> 16) as usize);
                take(document, position, token & 0xffff);
            }
        }
    }
}

/// Sorts the pages of tokens of which the first is number `base`; gives which tokens stay, and where
/// the tokens of each span end in each page.
fn sort_pages(
    tokens: &mut [u32],
    base: usize,
    homes: &[u32],
    spans: usize,
) -> (Vec<usize>, Vec<u32>) {
    let none = homes.len() - 1;
    let (mut stays, mut borders, mut next) = (Vec::new(), Vec::new(), vec![0_u32; spans + 1]);
    let (mut found, mut sorted) = (vec![0; PAGE], vec![0; PAGE]);
    for (page, tokens) in tokens.chunks_mut(PAGE).enumerate() {
        next.fill(0);
        for ((at, token), found) in tokens.iter().enumerate().zip(&mut found) {
            *found = homes[((token & FORM) as usize).min(none)];
            next[(*found >> 16) as usize] += 1;
            if token & STAYS != 0 {
                stays.push(base + page * PAGE + at);
            }
        }
        let mut sum = 0;
        for next in &mut next {
            sum += std::mem::replace(next, sum);
        }
        let sorted = &mut sorted[..tokens.len()];
        for (at, found) in (0_u32..).zip(&found[..sorted.len()]) {
            let next = &mut next[(found >> 16) as usize];
            sorted[*next as usize] = at << 16 | found & 0xffff;
            *next += 1;
        }
        tokens.copy_from_slice(sorted);
        borders.extend_from_slice(&next[..spans]);
    }
    (stays, borders)
}

/// A place among the tokens that moves forward.
struct Walk<'a> {
    ends: &'a [usize],
    stays: &'a [usize],
    document: usize,
    start: usize,
    end: usize,
    /// How many tokens that stay there are before the place, and before its document.
    passed: usize,
    before: usize,
}

impl<'a> Walk<'a> {
    /// Begins at a place, in the document that has it.
    fn new(pages: &'a Pages<'_>, document: usize, at: usize) -> Self {
        let ends = pages.ends;
        let start = document.checked_sub(1).map_or(0, |before| ends[before]);
        let stays: &'a [usize] = &pages.stays;
        Self {
            ends,
            stays,
            document,
            start,
            end: ends[document],
            passed: stays.partition_point(|&stay| stay < at),
            before: stays.partition_point(|&stay| stay < start),
        }
    }

    /// Goes on to a place; gives its document and its position there.
    #[inline(always)]
    fn go_to(&mut self, at: usize) -> (u32, u32) {
        if at >= self.end {
            while at >= self.ends[self.document] {
                self.document += 1;
            }
            (self.start, self.end) = (self.ends[self.document - 1], self.ends[self.document]);
            self.before = pass(self.stays, self.before, self.start);
        }
        self.passed = pass(self.stays, self.passed, at);
        let position = at - self.start - (self.passed - self.before);
        (self.document as u32, position as u32)
    }
}

/// Gives how many of these numbers are below a limit, as many being so at least.
#[inline(always)]
fn pass(numbers: &[usize], mut passed: usize, limit: usize) -> usize {
    while numbers.get(passed).is_some_and(|&number| number < limit) {
        passed += 1;
    }
    passed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::GAP;
    use proptest::prelude::*;

    /// Tokens of so many documents of several pages together; of eight, one stays and one is a gap.
    fn documents(lengths: &[usize], forms: u32) -> (Vec<u32>, Vec<usize>) {
        let (mut tokens, mut ends) = (Vec::new(), Vec::new());
        let mut state = 7_u64;
        for &length in lengths {
            for _ in 0..length {
                state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
                let form = (state >> 33) as u32 % forms;
                tokens.push(match state >> 61 {
                    0 => form | STAYS,
                    1 => GAP,
                    _ => form,
                });
            }
            ends.push(tokens.len());
        }
        (tokens, ends)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        /// The places of each span are those of its forms, in order, whatever pages they are on.
        #[test]
        fn spans_have_the_places_of_their_forms(
            lengths in proptest::collection::vec(prop_oneof![0..4_usize, 0..90_000_usize], 1..9),
            spans in proptest::collection::vec(0..5_u32, 1..40),
            threads in 1..4_usize,
        ) {
            let count = spans.len() as u32;
            let (tokens, ends) = documents(&lengths, count);
            // Every third form is in no span.
            let homes = (0..).zip(&spans).map(|(form, span)| {
                if form % 3 == 2 { 5 << 16 } else { span << 16 | form }
            });
            let homes: Vec<u32> = homes.chain([5 << 16]).collect();
            let mut expected = vec![Vec::new(); 5];
            let mut start = 0;
            for (document, &end) in (0_u32..).zip(&ends) {
                let mut position = 0;
                for &token in &tokens[start..end] {
                    let form = token & FORM;
                    if form < count && form % 3 != 2 {
                        expected[spans[form as usize] as usize].push((document, position, form));
                    }
                    position += u32::from(token & STAYS == 0);
                }
                start = end;
            }
            let mut sorted = tokens.clone();
            let pages = Pages::sort(&mut sorted, &ends, &homes, 5, &mut vec![(); threads]);
            for (span, expected) in expected.into_iter().enumerate() {
                let mut found = Vec::new();
                pages.for_each_place(span, |document, position, form| {
                    found.push((document, position, form));
                });
                prop_assert_eq!(found, expected);
            }
        }
    }
}
