//! Owns BM25 in the engine's arithmetic: floating point per word, fixed point per document.
//!
//! ```text
//! score = weight · idf · tf / (tf + K)        K = K1 · (1 − B + B · length / average_length)
//! idf   = ln(1 + (N − n + 0.5) / (n + 0.5))
//! ```
//!
//! Robertson and Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond* (2009), 3.4,
//! without the constant `k1 + 1`. The score of a word in a document is rounded to a whole
//! multiple of 2^-shift, where the shift is the query's: sums of such scores fit in 30 bits and do
//! not depend on their order. So every way to evaluate a query gives the same scores.

/// How soon repetitions of a word stop counting.
pub const K1: f64 = 1.2;

/// How much a long field is held against it, in [0, 1].
pub const B: f64 = 0.75;

/// Gives the weight of a word that `holding` of `documents` hold.
pub fn idf(documents: u64, holding: u64) -> f64 {
    let (documents, holding) = (documents as f64, holding as f64);
    ((documents - holding + 0.5) / (holding + 0.5)).ln_1p()
}

/// `tf / (tf + K)` at a given average length.
#[derive(Clone, Copy, Debug)]
pub struct Saturation {
    base: f32,
    per_position: f32,
}

impl Saturation {
    /// Gives the saturation of a field of so many documents and positions.
    pub fn new(documents: u64, positions: u64) -> Self {
        Self::with(K1, B, documents, positions)
    }

    /// Gives the same with other numbers in place of [`K1`] and [`B`].
    pub fn with(k1: f64, b: f64, documents: u64, positions: u64) -> Self {
        let average = if positions == 0 { 1.0 } else { positions as f64 / documents as f64 };
        Self { base: (k1 * (1.0 - b)) as f32, per_position: (k1 * b / average) as f32 }
    }

    /// Gives the share of the weight that a frequency in a field of this length earns, in [0, 1).
    #[inline(always)]
    pub fn share(&self, frequency: u32, length: u32) -> f32 {
        // Through i32, for which every processor has a vector instruction; neither number is
        // above 2^31.
        let (frequency, length) = (frequency as i32 as f32, length as i32 as f32);
        frequency / (frequency + (self.base + self.per_position * length))
    }

    /// Gives what an impact at the average length of a segment is to be multiplied by to bound
    /// shares at this average length.
    ///
    /// With `r` = the segment's average over this one: where r ≥ 1 shares only sink. Where r < 1,
    /// K ≥ r·K₀, so that share ≤ tf/(tf + r·K₀) ≤ (1/r) · tf/(tf + K₀).
    pub fn drift(&self, of_segment: &Self) -> f32 {
        // per_position is in inverse proportion to the average length.
        (of_segment.per_position / self.per_position).max(1.0)
    }
}

/// What an impact of 1 would be.
const IMPACTS: f32 = 65_535.0;

/// What a highest share of 1 would be.
const HIGHEST: f32 = 255.0;

/// Gives the impact of a share: it in units of 1/65535, rounded up.
pub fn impact_of(share: f32) -> u16 {
    // The product may be rounded below the exact one: one part in 2^24 above it never is.
    (share * (IMPACTS * 1.000_001)).ceil().min(IMPACTS) as u16
}

/// Gives the share that no share of a block with this impact exceeds.
pub fn share_of_impact(impact: u16) -> f32 {
    f32::from(impact) * (1.000_001 / IMPACTS)
}

/// Gives a share in units of 1/255, rounded up.
pub fn highest_of(share: f32) -> u8 {
    (share * (HIGHEST * 1.000_001)).ceil().min(HIGHEST) as u8
}

/// Gives the share that no share of a range with this highest one exceeds.
pub fn share_of_highest(highest: u8) -> f32 {
    f32::from(highest) * (1.000_001 / HIGHEST)
}

/// The fixed-point scale of a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    factor: f64,
}

/// Sums stay below this, so that scores are never negative as i32 and have room for rounding up.
const HIGHEST_SUM: f64 = (1_u64 << 30) as f64;

impl Scale {
    /// Gives the finest scale at which weights of this sum fit.
    pub fn of(sum_of_weights: f64) -> Self {
        if sum_of_weights <= 0.0 {
            return Self { factor: 1.0 };
        }
        let shift = (HIGHEST_SUM / sum_of_weights).log2().floor().clamp(-1000.0, 1000.0);
        Self { factor: shift.exp2() }
    }

    /// Gives a weight in fixed point, not yet rounded.
    pub fn weight(&self, weight: f64) -> f32 {
        (weight * self.factor) as f32
    }

    /// Gives the sum that a score stands for.
    pub fn points(&self, score: f64) -> u32 {
        (score * self.factor) as u32
    }

    /// Gives the score that a sum stands for.
    pub fn score(&self, sum: u32) -> f64 {
        f64::from(sum) / self.factor
    }
}

/// Gives the fixed-point score of a share of a weight: at least 1, so that a sum of 0 means no
/// match, unless the weight is 0.
#[inline(always)]
pub fn points(weight: f32, share: f32) -> u32 {
    let points = round(weight * share);
    points | (u32::from(points == 0) & u32::from(weight > 0.0))
}

/// Rounds a number in [0, 2^30] to the nearest whole one, by arithmetic that vector instructions
/// of every processor have: `as u32` has its own rules for what is out of range, and so is slow.
///
/// A number below 2^23 that 2^23 is added to has its whole part in the last bits of the sum. We
/// do so for the upper half of the number, and then for the rest, which may be negative.
#[inline(always)]
fn round(number: f32) -> u32 {
    const TO_UPPER: f32 = 1.0 / 32_768.0;
    const WHOLE: f32 = 8_388_608.0;
    const SIGNED: f32 = 12_582_912.0;
    let shifted = number * TO_UPPER + WHOLE;
    let upper = shifted.to_bits().wrapping_sub(WHOLE.to_bits());
    let rest = (number - (shifted - WHOLE) * 32_768.0) + SIGNED;
    let lower = rest.to_bits().wrapping_sub(SIGNED.to_bits());
    (upper << 15).wrapping_add(lower)
}

/// Gives what no score exceeds whose share in the segment is at most this one.
pub fn bound(weight: f32, share: f32, drift: f32) -> u32 {
    // Four roundings of 2^-24 lie between the exact value and each of the two sides.
    let share = (share * drift).min(1.0);
    ((f64::from(weight) * f64::from(share) * 1.000_002) as u32).saturating_add(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// idf of a word in 1 of 2 documents is ln(1 + 1.5/1.5) = ln 2.
    #[test]
    fn idf_is_by_hand() {
        assert!((idf(2, 1) - std::f64::consts::LN_2).abs() < 1e-15);
    }

    proptest! {
        /// Rounding gives the nearest whole number, the even one of two.
        #[test]
        fn rounding_is_to_the_nearest(number in prop_oneof![0.0f32..4.0, 0.0f32..1e5, 0.0f32..1.07e9]) {
            prop_assert_eq!(f64::from(round(number)), f64::from(number).round_ties_even());
        }

        /// The bound of the impact at one average length holds for the score at another.
        #[test]
        fn bounds_hold_under_drift(
            frequency in 1u32..100_000, length in 0u32..1_000_000,
            here in 1u64..100_000, there in 1u64..100_000, weight in 0.0f32..1e9,
        ) {
            let (segment, query) = (Saturation::new(10, here), Saturation::new(10, there));
            let points = points(weight, query.share(frequency, length));
            let (share, drift) = (segment.share(frequency, length), query.drift(&segment));
            for share in [share_of_impact(impact_of(share)), share_of_highest(highest_of(share))] {
                let bound = bound(weight, share, drift);
                prop_assert!(points <= bound, "{points} > {bound}");
            }
        }

        /// The saturation is that of the formula.
        #[test]
        fn shares_follow_the_formula(frequency in 1u32..1000, length in 0u32..10_000, total in 1u64..100_000) {
            let k = 1.2 * (0.25 + 0.75 * f64::from(length) / (total as f64 / 10.0));
            let expected = f64::from(frequency) / (f64::from(frequency) + k);
            let share = f64::from(Saturation::new(10, total).share(frequency, length));
            prop_assert!((share / expected - 1.0).abs() < 1e-6);
        }
    }
}
