//! Owns finding the chunks of a text, 64 bytes at a time.

use crate::analysis::is_space;

/// As many bytes are looked at together as a number has bits.
const BLOCK: usize = 64;

/// Calls `take` with where each chunk of a text begins and ends.
#[inline(always)]
pub fn for_each_chunk(text: &str, mut take: impl FnMut(usize, usize)) {
    let bytes = text.as_bytes();
    let (mut start, mut base) = (0, 0);
    while base < bytes.len() {
        let rest = &bytes[base..];
        let mut marks = match rest.first_chunk() {
            Some(block) => marks_of(block),
            None => marks_of_last(rest),
        };
        while marks != 0 {
            let at = base + marks.trailing_zeros() as usize;
            marks &= marks - 1;
            let length = if bytes[at] == b' ' { 1 } else { space_at(text, at) };
            if length > 0 {
                if at > start {
                    take(start, at);
                }
                start = at + length;
            }
        }
        base += BLOCK;
    }
    if start < bytes.len() {
        take(start, bytes.len());
    }
}

/// Gives the first bytes of a part of a text, fewer than 16, as two numbers, padded with zeros.
#[inline(always)]
pub fn first_bytes(text: &[u8], start: usize, length: u32) -> (u64, u64) {
    let rest = &text[start..];
    let window = match rest.first_chunk() {
        Some(window) => u128::from_le_bytes(*window),
        None => last_window(rest),
    };
    let word = window & !(u128::MAX << (length % 16 * 8));
    (word as u64, (word >> 64) as u64)
}

#[cold]
fn last_window(rest: &[u8]) -> u128 {
    let mut padded = [0; 16];
    padded[..rest.len()].copy_from_slice(rest);
    u128::from_le_bytes(padded)
}

/// Gives how many bytes the space has that stands at a place; 0 where there is another character.
fn space_at(text: &str, at: usize) -> usize {
    let next = text.get(at..).and_then(|rest| rest.chars().next());
    next.filter(|&next| is_space(next)).map_or(0, char::len_utf8)
}

fn marks_of_last(rest: &[u8]) -> u64 {
    let mut padded = [b'x'; BLOCK];
    padded[..rest.len()].copy_from_slice(rest);
    marks_of(&padded)
}

/// Gives a bit for each byte that may be or begin a space: all below 0x21, and the first bytes of
/// U+0085, U+00A0 and of the spaces beyond, 0xC2 and from 0xE0 to 0xE3, with which no letter of a
/// European language begins.
#[inline(always)]
fn marks_of(block: &[u8; BLOCK]) -> u64 {
    let words = block.as_chunks::<8>().0.iter().enumerate();
    let marks = words.map(|(at, word)| marks_of_word(u64::from_le_bytes(*word)) << (8 * at));
    marks.fold(0, |all, marks| all | marks)
}

/// Does so for eight bytes.
#[inline(always)]
fn marks_of_word(word: u64) -> u64 {
    // The top bit of each byte tells whether it is below n: no sum reaches the next byte.
    let below = |word: u64, n: u8| !(((word & all(0x7f)) + all(0x80 - n)) | word) & all(0x80);
    let two = word ^ all(0xc2);
    let three = (word & all(0xfc)) ^ all(0xe0);
    let marks = below(word, 0x21) | below(two, 1) | below(three, 1);
    // Each bit that is set lands where its byte has a bit in the highest byte of the product.
    ((marks >> 7).wrapping_mul(0x0102_0408_1020_4080)) >> 56
}

const fn all(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::chunks;
    use proptest::prelude::*;

    proptest! {
        /// What is between spaces is found, whatever it is and wherever a block ends.
        #[test]
        fn chunks_are_what_is_between_spaces(
            text in "([a-zàè’“\u{800}\u{fff}]{0,20}|[ \t\n\u{85}\u{a0}\u{1680}\u{2003}\u{2028}\u{3000}\u{1c}\u{1}]|\\PC){0,40}"
        ) {
            let mut found = Vec::new();
            for_each_chunk(&text, |start, end| found.push(&text[start..end]));
            prop_assert_eq!(&found, &chunks(&text).collect::<Vec<_>>());
            for chunk in found.into_iter().filter(|chunk| chunk.len() < 16) {
                let start = chunk.as_ptr() as usize - text.as_ptr() as usize;
                let (low, high) = first_bytes(text.as_bytes(), start, chunk.len() as u32);
                let bytes = [low.to_le_bytes(), high.to_le_bytes()].concat();
                prop_assert_eq!(&bytes[..chunk.len()], chunk.as_bytes());
                prop_assert!(bytes[chunk.len()..].iter().all(|&byte| byte == 0));
            }
        }
    }
}
