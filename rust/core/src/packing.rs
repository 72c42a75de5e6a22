//! Owns the packing of blocks of 256 numbers into as few bits as their largest needs.
//!
//! Number `8·row + lane` of a block lies in lane `lane` (of 8), whose 32 numbers of `width` bits
//! follow each other in `width` words of 32 bits; word `w` of all lanes lies together. So eight
//! numbers are unpacked by the same shifts, which the compiler turns into vector instructions.
//! A packed block takes `32·width` bytes, none for width 0.

/// How many numbers a block has.
pub const BLOCK: usize = 256;

const LANES: usize = 8;
const ROWS: usize = BLOCK / LANES;

/// Gives how many bits the largest of these numbers needs.
pub fn width_of(numbers: &[u32]) -> u32 {
    u32::BITS - numbers.iter().fold(0, |all, number| all | number).leading_zeros()
}

/// Gives how many bytes a packed block of this width takes.
pub fn packed_bytes(width: u32) -> usize {
    width as usize * LANES * 4
}

/// Appends a packed block; no number needs more than `width` bits.
pub fn pack(numbers: &[u32; BLOCK], width: u32, out: &mut Vec<u8>) {
    let mut words = [[0_u32; LANES]; ROWS];
    if width == 0 {
        return;
    }
    for (row, numbers) in numbers.as_chunks::<LANES>().0.iter().enumerate() {
        let bit = row * width as usize;
        let (word, shift) = (bit / 32, (bit % 32) as u32);
        for lane in 0..LANES {
            words[word][lane] |= numbers[lane] << shift;
        }
        if shift + width > 32 {
            for lane in 0..LANES {
                words[word + 1][lane] |= numbers[lane] >> (32 - shift);
            }
        }
    }
    for word in &words[..width as usize] {
        for lane in word {
            out.extend_from_slice(&lane.to_le_bytes());
        }
    }
}

/// Unpacks a block from exactly the bytes that it takes; false if they are too few or the width
/// is none.
#[inline(always)]
pub fn unpack(bytes: &[u8], width: u32, numbers: &mut [u32; BLOCK]) -> bool {
    macro_rules! dispatch {
        ($($width:literal)*) => {
            match width {
                0 => { numbers.fill(0); true }
                $($width => unpack_width::<$width>(bytes, numbers),)*
                _ => false,
            }
        };
    }
    dispatch!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32)
}

#[inline(always)]
fn unpack_width<const WIDTH: usize>(bytes: &[u8], numbers: &mut [u32; BLOCK]) -> bool {
    let (words, _) = bytes.as_chunks::<{ LANES * 4 }>();
    let Some(words) = words.first_chunk::<WIDTH>() else { return false };
    let mask = u32::MAX >> (32 - WIDTH);
    let (rows, _) = numbers.as_chunks_mut::<LANES>();
    for (row, numbers) in rows.iter_mut().enumerate() {
        let bit = row * WIDTH;
        let (word, shift) = (bit / 32, bit % 32);
        let low = load(&words[word]);
        if shift + WIDTH <= 32 {
            for lane in 0..LANES {
                numbers[lane] = (low[lane] >> shift) & mask;
            }
        } else {
            let high = load(&words[(word + 1) % WIDTH]);
            for lane in 0..LANES {
                numbers[lane] = (low[lane] >> shift | high[lane] << (32 - shift)) & mask;
            }
        }
    }
    true
}

#[inline(always)]
fn load(bytes: &[u8; LANES * 4]) -> [u32; LANES] {
    let mut words = [0; LANES];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    words
}

/// Turns gaps (numbers skipped since the one before) into the numbers themselves, the first
/// counted from `start`.
#[inline(always)]
pub fn sum_gaps(numbers: &mut [u32; BLOCK], start: u32) {
    let mut before = start.wrapping_sub(1);
    for row in numbers.as_chunks_mut::<LANES>().0 {
        // A sum over eight lanes in three steps leaves one addition per row to wait for.
        let mut sums = *row;
        sums.iter_mut().for_each(|sum| *sum = sum.wrapping_add(1));
        let shifted = [0, sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6]];
        for lane in 0..LANES {
            sums[lane] = sums[lane].wrapping_add(shifted[lane]);
        }
        let shifted = [0, 0, sums[0], sums[1], sums[2], sums[3], sums[4], sums[5]];
        for lane in 0..LANES {
            sums[lane] = sums[lane].wrapping_add(shifted[lane]);
        }
        let shifted = [0, 0, 0, 0, sums[0], sums[1], sums[2], sums[3]];
        for lane in 0..LANES {
            row[lane] = sums[lane].wrapping_add(shifted[lane]).wrapping_add(before);
        }
        before = row[LANES - 1];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A block of numbers of any width comes back as it was.
        #[test]
        fn blocks_round_trip(numbers in proptest::array::uniform32(any::<u64>()), width in 0u32..=32) {
            let mut block = [0; BLOCK];
            for (at, number) in block.iter_mut().enumerate() {
                let mixed = numbers[at % 32].wrapping_mul(at as u64 * 2 + 1) >> 16;
                *number = (mixed & ((1 << width) - 1)) as u32;
            }
            prop_assert!(width_of(&block) <= width);
            let mut out = Vec::new();
            pack(&block, width, &mut out);
            prop_assert_eq!(out.len(), packed_bytes(width));
            let mut back = [1; BLOCK];
            prop_assert!(unpack(&out, width, &mut back));
            prop_assert_eq!(back, block);
            if width > 0 {
                prop_assert!(!unpack(&out[1..], width, &mut back));
            }
        }

        /// Summing gaps undoes taking them.
        #[test]
        fn gaps_sum_up(gaps in proptest::collection::vec(0u32..1000, BLOCK), start in 0u32..1_000_000) {
            let mut block: [u32; BLOCK] = gaps.clone().try_into().unwrap();
            sum_gaps(&mut block, start);
            let mut next = start;
            for (gap, number) in gaps.iter().zip(block) {
                prop_assert_eq!(number, next + gap);
                next = number + 1;
            }
        }
    }
}
