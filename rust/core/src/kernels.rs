//! Owns the loops that searching spends its time in, compiled once for each level of vector
//! instructions; which one runs is decided by what the processor has.
//!
//! A kernel is a plain loop over arrays. At a higher level the compiler makes wider vectors of the
//! same loop, so that all levels give the same bits: no sum of floating-point numbers is reordered
//! and no product is fused with a sum. Unpacking written by hand for AVX2 was no faster.

#![allow(unsafe_code)]

use std::sync::OnceLock;

use crate::packing::{BLOCK, sum_gaps, unpack};
use crate::ranking::{Saturation, points};
use crate::segment::Lengths;

/// A level of vector instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What every processor of the architecture has.
    Plain,
    /// AVX2: 256 bits.
    Avx2,
    /// AVX-512 (F, BW, DQ, VL): 512 bits.
    Avx512,
}

impl Level {
    /// Gives the levels that this processor has, ascending.
    pub fn available() -> Vec<Self> {
        [Self::Plain, Self::Avx2, Self::Avx512].into_iter().filter(|&it| it <= highest()).collect()
    }

    /// Gives the highest level that this processor has, but not above this one.
    pub fn capped(self) -> Self {
        self.min(highest())
    }
}

impl Default for Level {
    fn default() -> Self {
        highest()
    }
}

fn highest() -> Level {
    static HIGHEST: OnceLock<Level> = OnceLock::new();
    *HIGHEST.get_or_init(detect)
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Level {
    let has_avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl");
    let has_avx2 = is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("lzcnt");
    match has_avx2 {
        true if has_avx512 => Level::Avx512,
        true => Level::Avx2,
        false => Level::Plain,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Level {
    Level::Plain
}

/// The kernels at a level that this processor has: only [`Kernels::at`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Kernels {
    level: Level,
}

impl Default for Kernels {
    fn default() -> Self {
        Self::at(Level::default())
    }
}

/// Makes of `fn name(arguments) -> result` with a body the method that runs it at each level.
macro_rules! kernels {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)? $body:block)*) => {
        impl Kernels {
            $($(#[$doc])*
            #[inline]
            #[allow(clippy::too_many_arguments)]
            pub fn $name(self, $($argument: $type),*) $(-> $result)? {
                #[inline(always)]
                #[allow(clippy::too_many_arguments)]
                fn plain($($argument: $type),*) $(-> $result)? $body

                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
                #[allow(clippy::too_many_arguments)]
                fn avx2($($argument: $type),*) $(-> $result)? {
                    plain($($argument),*)
                }

                #[cfg(target_arch = "x86_64")]
                #[target_feature(
                    enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,bmi1,bmi2,popcnt,lzcnt"
                )]
                #[allow(clippy::too_many_arguments)]
                fn avx512($($argument: $type),*) $(-> $result)? {
                    plain($($argument),*)
                }

                match self.level {
                    // SAFETY: there are Kernels of a level only where `detect` found its features.
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx512 => unsafe { avx512($($argument),*) },
                    // SAFETY: as above.
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx2 => unsafe { avx2($($argument),*) },
                    _ => plain($($argument),*),
                }
            })*
        }
    };
}

impl Kernels {
    /// Unpacks gaps and turns them into documents, the first counted from `start`; false if the
    /// bytes are too few for the width.
    #[inline]
    pub fn documents(self, packed: &[u8], width: u32, start: u32, out: &mut [u32; BLOCK]) -> bool {
        let is_whole = self.gaps(packed, width, out);
        match self.level {
            // SAFETY: there are Kernels of a level only where `detect` found its features, and
            // both levels have AVX2.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 | Level::Avx512 => unsafe { sum_gaps_avx2(out, start) },
            _ => sum_gaps(out, start),
        }
        is_whole
    }

    /// Gives the kernels of a level, or of the highest below it that this processor has.
    pub fn at(level: Level) -> Self {
        Self { level: level.capped() }
    }
}

/// Does what [`sum_gaps`] does, of which the compiler makes no vectors: decoding takes 0.21 ns a
/// posting in place of 0.39.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn sum_gaps_avx2(numbers: &mut [u32; BLOCK], start: u32) {
    use std::arch::x86_64::*;
    let mut before = _mm256_set1_epi32(start.wrapping_sub(1) as i32);
    let (one, last) = (_mm256_set1_epi32(1), _mm256_set1_epi32(7));
    for row in numbers.as_chunks_mut::<8>().0 {
        let row = row.as_mut_ptr().cast::<__m256i>();
        // SAFETY: a row has the 32 bytes that are read, of any alignment.
        let sums = _mm256_add_epi32(unsafe { _mm256_loadu_si256(row) }, one);
        // Shifts are within halves of four numbers; the sum of the lower goes to all of the upper.
        let sums = _mm256_add_epi32(sums, _mm256_slli_si256::<4>(sums));
        let sums = _mm256_add_epi32(sums, _mm256_slli_si256::<8>(sums));
        let lower = _mm256_permute2x128_si256::<0x08>(sums, sums);
        let sums = _mm256_add_epi32(sums, _mm256_shuffle_epi32::<0xff>(lower));
        // SAFETY: as above, for writing.
        unsafe { _mm256_storeu_si256(row, _mm256_add_epi32(sums, before)) };
        before = _mm256_add_epi32(before, _mm256_permutevar8x32_epi32(sums, last));
    }
}

/// How many numbers are looked at together when most are to be left out.
const GROUP: usize = 32;

/// Puts the lengths of documents into `out`.
#[inline(always)]
fn gather_lengths(documents: &[u32], lengths: Lengths<'_>, out: &mut [u32]) {
    let pairs = out.iter_mut().zip(documents);
    match lengths {
        Lengths::Narrow(lengths) => pairs.for_each(|(slot, &document)| {
            *slot = lengths.get(document as usize).copied().map_or(0, u32::from);
        }),
        Lengths::Middle(lengths) => pairs.for_each(|(slot, &document)| {
            let length = lengths.get(document as usize).copied();
            *slot = length.map_or(0, |length| u32::from(u16::from_le_bytes(length)));
        }),
        Lengths::Wide(_) => pairs.for_each(|(slot, &document)| *slot = lengths.get(document)),
    }
}

/// How many flags make a word of bits.
const WORD: usize = 64;

/// Gives the bits of flags that are 0 or 1.
#[inline(always)]
pub fn gather_flags(flags: &[u8; WORD]) -> u64 {
    let mut word = 0;
    for (at, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // The product moves flag i to bit 56 + i; no two meet.
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        word |= bits << (at * 8);
    }
    word
}

/// A number is looked for among the last of each row of a block, and then in one row.
const ROW: usize = 16;

const LANES: usize = 8;

kernels! {
    /// Unpacks numbers; false if the bytes are too few for the width.
    fn gaps(packed: &[u8], width: u32, out: &mut [u32; BLOCK]) -> bool {
        unpack(packed, width, out)
    }

    /// Unpacks frequencies, which are packed less one; false if the bytes are too few.
    fn frequencies(packed: &[u8], width: u32, out: &mut [u32; BLOCK]) -> bool {
        let is_whole = unpack(packed, width, out);
        out.iter_mut().for_each(|frequency| *frequency = frequency.wrapping_add(1));
        is_whole
    }

    /// Puts the index of each wanted number among some that ascend, counted from 1, into `out`, as
    /// long as they are: 0 if it is not there. Tells whether any is.
    fn find(numbers: &[u32; BLOCK], wanted: &[u32], out: &mut [u32]) -> bool {
        let (rows, _) = numbers.as_chunks::<ROW>();
        let mut lasts = [0; ROW];
        for (last, row) in lasts.iter_mut().zip(rows) {
            *last = row[ROW - 1];
        }
        let mut any = 0;
        for (slot, &wanted) in out.iter_mut().zip(wanted) {
            let row = lasts.iter().map(|&last| u32::from(last < wanted)).sum::<u32>() as usize;
            let own = rows[row % ROW].iter().zip(1..);
            let at: u32 = own.map(|(&own, at)| if own == wanted { at } else { 0 }).sum();
            *slot = if at > 0 { (row * ROW) as u32 + at } else { 0 };
            any |= at;
        }
        any > 0
    }

    /// Puts the sum of the numbers before each into `out`.
    fn sum_before(numbers: &[u32; BLOCK], out: &mut [u32; BLOCK]) {
        let mut before = 0_u32;
        let rows = out.as_chunks_mut::<LANES>().0.iter_mut();
        for (out, row) in rows.zip(numbers.as_chunks::<LANES>().0) {
            // As in `sum_gaps`: three steps within a row, one addition from row to row.
            let mut sums = [0, row[0], row[1], row[2], row[3], row[4], row[5], row[6]];
            for step in [1, 2, 4] {
                let so_far = sums;
                for lane in step..LANES {
                    sums[lane] = sums[lane].wrapping_add(so_far[lane - step]);
                }
            }
            for lane in 0..LANES {
                out[lane] = sums[lane].wrapping_add(before);
            }
            before = out[LANES - 1].wrapping_add(row[LANES - 1]);
        }
    }

    /// Puts the scores of documents with these frequencies into `out`, as long as both.
    fn score(
        documents: &[u32], frequencies: &[u32], lengths: Lengths<'_>, weight: f32,
        saturation: Saturation, out: &mut [u32]
    ) {
        // The lengths first, one by one; then arithmetic that the compiler makes vectors of.
        gather_lengths(documents, lengths, out);
        for (slot, &frequency) in out.iter_mut().zip(frequencies) {
            *slot = points(weight, saturation.share(frequency, *slot));
        }
    }

    /// The same at two weights.
    fn score_at_two(
        documents: &[u32], frequencies: &[u32], lengths: Lengths<'_>, weights: (f32, f32),
        saturation: Saturation, out: &mut [u32], other: &mut [u32]
    ) {
        gather_lengths(documents, lengths, out);
        for ((slot, other), &frequency) in out.iter_mut().zip(other).zip(frequencies) {
            let share = saturation.share(frequency, *slot);
            *slot = points(weights.0, share);
            *other = points(weights.1, share);
        }
    }

    /// Puts the indices at which two numbers together are at least so much to the front of `out`,
    /// as long as both; gives how many they are.
    fn reaching(numbers: &[u32], others: &[u32], least: u32, out: &mut [u32]) -> usize {
        let mut kept = 0;
        for (group, (numbers, others)) in
            numbers.chunks(GROUP).zip(others.chunks(GROUP)).enumerate()
        {
            let sums = numbers.iter().zip(others).map(|(number, other)| number + other);
            if sums.clone().fold(0, |all: u32, own| all.max(own)) < least {
                continue;
            }
            for (at, sum) in sums.enumerate() {
                out[kept] = (group * GROUP + at) as u32;
                kept += usize::from(sum >= least);
            }
        }
        kept
    }

    /// Moves the documents with at least so many points to the front; gives how many they are.
    fn keep(documents: &mut [u32], points: &mut [u32], least: u32) -> usize {
        let count = documents.len().min(points.len());
        let mut kept = 0;
        for start in (0..count).step_by(GROUP) {
            let end = (start + GROUP).min(count);
            let highest = points[start..end].iter().fold(0, |all: u32, &own| all.max(own));
            if highest < least {
                continue;
            }
            for at in start..end {
                let (document, own) = (documents[at], points[at]);
                documents[kept] = document;
                points[kept] = own;
                kept += usize::from(own >= least);
            }
        }
        kept
    }

    /// Adds to each range what no score of a word in it exceeds: codes are highest shares;
    /// `per_code` and `most`, both a millionth too high, are what a code of 1 and all codes bound.
    fn add_ranges(codes: &[u8], per_code: f32, most: f32, out: &mut [u32]) {
        for (slot, &code) in out.iter_mut().zip(codes) {
            // 2 for rounding, as in `ranking::bound`.
            let bound = (f32::from(code) * per_code).min(most) as i32 as u32 + 2;
            *slot = slot.saturating_add(bound & 0_u32.wrapping_sub(u32::from(code != 0)));
        }
    }

    /// Adds the bounds of another clause to those of one.
    fn add_bounds(bounds: &mut [u32], others: &[u32]) {
        for (bound, &other) in bounds.iter_mut().zip(others) {
            *bound = bound.saturating_add(other);
        }
    }

    /// The same where both clauses must match: where either cannot, neither does.
    fn meet_bounds(bounds: &mut [u32], others: &[u32]) {
        for (bound, &other) in bounds.iter_mut().zip(others) {
            let sum = bound.saturating_add(other);
            *bound = if *bound == 0 || other == 0 { 0 } else { sum };
        }
    }

    /// Adds the bounds of a clause that need not match where the others can.
    fn raise_bounds(bounds: &mut [u32], others: &[u32]) {
        for (bound, &other) in bounds.iter_mut().zip(others) {
            let sum = bound.saturating_add(other);
            *bound = if *bound == 0 { 0 } else { sum };
        }
    }

    /// Keeps the lower of the bounds.
    fn lower_bounds(bounds: &mut [u32], others: &[u32]) {
        for (bound, &other) in bounds.iter_mut().zip(others) {
            *bound = other.min(*bound);
        }
    }

    /// Gives the highest of the bounds.
    fn highest(bounds: &[u32]) -> u32 {
        bounds.iter().fold(0, |highest, &bound| highest.max(bound))
    }

    /// Appends the documents, counted from `base`, whose scores are at least so high, with them.
    fn collect(
        scores: &[u32], base: u32, least: u32, documents: &mut Vec<u32>, points: &mut Vec<u32>
    ) {
        let (groups, rest) = scores.as_chunks::<WORD>();
        for (group, scores) in groups.iter().enumerate() {
            let mut flags = [0; WORD];
            for (flag, &score) in flags.iter_mut().zip(scores) {
                *flag = u8::from(score >= least);
            }
            let mut left = gather_flags(&flags);
            let first = base + (group * WORD) as u32;
            while left != 0 {
                let at = left.trailing_zeros();
                documents.push(first + at);
                points.push(scores[at as usize % WORD]);
                left &= left - 1;
            }
        }
        let first = base + (groups.len() * WORD) as u32;
        for (document, &score) in (first..).zip(rest) {
            if score >= least {
                documents.push(document);
                points.push(score);
            }
        }
    }

    /// Gives how many bytes are this one.
    fn count_bytes(bytes: &[u8], wanted: u8) -> u64 {
        // Sums of so few fit in a byte.
        let sums = bytes.chunks(255).map(|bytes| {
            u64::from(bytes.iter().fold(0_u8, |sum, &byte| sum + u8::from(byte == wanted)))
        });
        sums.sum()
    }

    /// Gives how many bits are set.
    fn count_ones(words: &[u64]) -> u64 {
        words.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packing::{pack, width_of};
    use proptest::prelude::*;

    /// What a kernel gives at each level.
    fn at_all_levels<T: PartialEq + std::fmt::Debug>(run: impl Fn(Kernels) -> T) -> T {
        let plain = run(Kernels::at(Level::Plain));
        for level in Level::available() {
            assert_eq!(run(Kernels::at(level)), plain, "{level:?}");
        }
        plain
    }

    fn numbers(most: u32) -> impl Strategy<Value = Vec<u32>> {
        proptest::collection::vec(0..most, 0..300)
    }

    proptest! {
        /// Blocks unpack to the same numbers at all levels.
        #[test]
        fn blocks_unpack_alike(
            gaps in proptest::collection::vec(any::<u32>(), BLOCK), shift in 0u32..32, start: u32
        ) {
            let gaps: Vec<u32> = gaps.iter().map(|gap| gap >> shift).collect();
            let (width, mut packed) = (width_of(&gaps), Vec::new());
            pack(gaps.as_slice().try_into().unwrap(), width, &mut packed);
            let documents = at_all_levels(|kernels| {
                let mut out = [0; BLOCK];
                assert!(kernels.documents(&packed, width, start, &mut out));
                out
            });
            prop_assert_eq!(documents[0], start.wrapping_add(gaps[0]));
            let frequencies = at_all_levels(|kernels| {
                let mut out = [0; BLOCK];
                assert!(kernels.frequencies(&packed, width, &mut out));
                out
            });
            prop_assert!(gaps.iter().zip(frequencies).all(|(gap, it)| gap.wrapping_add(1) == it));
        }

        /// Scores are those of the formula, one by one, at all levels.
        #[test]
        fn scores_are_alike(
            pairs in proptest::collection::vec((0u32..400, 1u32..5000), 0..300), weight in 0.0f32..1e9,
            lengths in proptest::collection::vec(any::<u16>(), 0..400), total in 1u64..1_000_000
        ) {
            let saturation = Saturation::new(400, total);
            let bytes: Vec<[u8; 2]> = lengths.iter().map(|length| length.to_le_bytes()).collect();
            let wide: Vec<[u8; 4]> =
                lengths.iter().map(|&length| u32::from(length).to_le_bytes()).collect();
            let narrow: Vec<u8> = lengths.iter().map(|&length| length as u8).collect();
            let (documents, frequencies): (Vec<u32>, Vec<u32>) = pairs.into_iter().unzip();
            for lengths in [Lengths::Narrow(&narrow), Lengths::Middle(&bytes), Lengths::Wide(&wide)] {
                let scores = at_all_levels(|kernels| {
                    let mut out = vec![0; documents.len()];
                    kernels.score(&documents, &frequencies, lengths, weight, saturation, &mut out);
                    out
                });
                for ((&document, &frequency), score) in documents.iter().zip(&frequencies).zip(scores) {
                    let share = saturation.share(frequency, lengths.get(document));
                    prop_assert_eq!(score, points(weight, share));
                }
                let (double, halves) = at_all_levels(|kernels| {
                    let mut out = (vec![0; documents.len()], vec![0; documents.len()]);
                    let weights = (weight * 2.0, weight / 2.0);
                    kernels.score_at_two(
                        &documents, &frequencies, lengths, weights, saturation, &mut out.0, &mut out.1,
                    );
                    out
                });
                let scored = |weight| {
                    let mut out = vec![0; documents.len()];
                    let kernels = Kernels::at(Level::Plain);
                    kernels.score(&documents, &frequencies, lengths, weight, saturation, &mut out);
                    out
                };
                prop_assert_eq!(double, scored(weight * 2.0));
                prop_assert_eq!(halves, scored(weight / 2.0));
            }
        }

        /// What reaches a sum are the indices at which it is reached.
        #[test]
        fn reaching_is_by_sums(pairs in proptest::collection::vec((0u32..9, 0u32..9), 0..300), least in 0u32..18) {
            let (numbers, others): (Vec<u32>, Vec<u32>) = pairs.iter().copied().unzip();
            let found = at_all_levels(|kernels| {
                let mut out = vec![0; pairs.len()];
                let count = kernels.reaching(&numbers, &others, least, &mut out);
                out.truncate(count);
                out
            });
            let reached = (0..).zip(&pairs).filter(|(_, (number, other))| number + other >= least);
            prop_assert_eq!(found, reached.map(|(at, _)| at).collect::<Vec<u32>>());
        }

        /// Keeping leaves what `retain` leaves.
        #[test]
        fn keeping_filters(scores in numbers(100), least in 0u32..120) {
            let kept = at_all_levels(|kernels| {
                let (mut documents, mut points): (Vec<u32>, _) =
                    ((0..scores.len() as u32).collect(), scores.clone());
                let count = kernels.keep(&mut documents, &mut points, least);
                documents.truncate(count);
                points.truncate(count);
                (documents, points)
            });
            let expected = (0..).zip(scores).filter(|&(_, score)| score >= least).unzip();
            prop_assert_eq!(kept, expected);
        }

        /// Collecting gives the documents of high scores.
        #[test]
        fn collecting_filters(scores in numbers(100), base in 0u32..1000, least in 1u32..120) {
            let found = at_all_levels(|kernels| {
                let (mut documents, mut points) = (Vec::new(), Vec::new());
                kernels.collect(&scores, base, least, &mut documents, &mut points);
                (documents, points)
            });
            let expected = (base..).zip(scores).filter(|&(_, score)| score >= least).unzip();
            prop_assert_eq!(found, expected);
        }

        /// Bounds of ranges are alike, and what their meaning says.
        #[test]
        fn bounds_are_alike(
            codes in proptest::collection::vec(any::<u8>(), 0..300), weight in 0.0f32..1e9,
            others in numbers(1000)
        ) {
            let bounds = at_all_levels(|kernels| {
                let mut out = vec![0; codes.len()];
                kernels.add_ranges(&codes, weight / 255.0 * 1.000_001, weight * 1.000_001, &mut out);
                out
            });
            for (&code, &bound) in codes.iter().zip(&bounds) {
                let exact = f64::from(code) * f64::from(weight) / 255.0;
                let holds = if code == 0 { bound == 0 } else { f64::from(bound) >= exact };
                prop_assert!(holds, "{bound} < {exact}");
            }
            let both = |run: fn(Kernels, &mut [u32], &[u32])| at_all_levels(|kernels| {
                let mut out = bounds.clone();
                run(kernels, &mut out, &others);
                out
            });
            let expected = |rule: fn(u32, u32) -> u32| {
                let mut out = bounds.clone();
                out.iter_mut().zip(&others).for_each(|(bound, &other)| *bound = rule(*bound, other));
                out
            };
            prop_assert_eq!(both(Kernels::add_bounds), expected(u32::saturating_add));
            prop_assert_eq!(both(Kernels::meet_bounds), expected(|a, b| if a == 0 || b == 0 { 0 } else { a + b }));
            prop_assert_eq!(both(Kernels::raise_bounds), expected(|a, b| if a == 0 { 0 } else { a + b }));
            prop_assert_eq!(both(Kernels::lower_bounds), expected(u32::min));
            prop_assert_eq!(
                at_all_levels(|kernels| kernels.highest(&bounds)),
                bounds.iter().copied().max().unwrap_or(0)
            );
        }

        /// Numbers are found where they stand, and others nowhere; sums are those before each.
        #[test]
        fn numbers_are_found(
            gaps in proptest::collection::vec(1u32..5, BLOCK), wanted in numbers(700), length in 0..=BLOCK
        ) {
            let mut next = 0;
            let mut all: Vec<u32> = gaps.iter().map(|gap| { next += gap; next }).collect();
            all[length..].fill(u32::MAX);
            let block: &[u32; BLOCK] = all.as_slice().try_into().unwrap();
            let (is_any, places) = at_all_levels(|kernels| {
                let mut places = vec![7; wanted.len()];
                (kernels.find(block, &wanted, &mut places), places)
            });
            let place = |wanted: &u32| all.iter().position(|own| own == wanted).map_or(0, |at| at as u32 + 1);
            prop_assert_eq!(is_any, places.iter().any(|&place| place > 0));
            prop_assert_eq!(places, wanted.iter().map(place).collect::<Vec<_>>());
            let gaps: &[u32; BLOCK] = gaps.as_slice().try_into().unwrap();
            let sums = at_all_levels(|kernels| {
                let mut sums = [0; BLOCK];
                kernels.sum_before(gaps, &mut sums);
                sums
            });
            prop_assert!((0..BLOCK).all(|at| sums[at] == gaps[..at].iter().sum::<u32>()));
        }

        /// Bytes are counted.
        #[test]
        fn bytes_are_counted(bytes in proptest::collection::vec(0_u8..3, 0..2000), wanted in 0_u8..3) {
            let count = at_all_levels(|kernels| kernels.count_bytes(&bytes, wanted));
            prop_assert_eq!(count as usize, bytes.iter().filter(|&&byte| byte == wanted).count());
        }

        /// Set bits are counted.
        #[test]
        fn bits_are_counted(words in proptest::collection::vec(any::<u64>(), 0..100)) {
            let count = at_all_levels(|kernels| kernels.count_ones(&words));
            prop_assert_eq!(count as usize, words.iter().map(|word| (0..64).filter(|at| word >> at & 1 == 1).count()).sum());
        }
    }
}
