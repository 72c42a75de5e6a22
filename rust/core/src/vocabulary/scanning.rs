//! Owns finding the chunks of a text, sixteen bytes at a time.

use crate::analysis::is_space;

/// Sixteen bytes of a text as a number, padded with spaces behind its end.
#[derive(Clone, Copy)]
pub struct Window(u128);

impl Window {
    /// Gives the window at a place before the end of a text.
    #[inline(always)]
    pub fn at(text: &[u8], at: usize) -> Self {
        let rest = &text[at..];
        match rest.first_chunk() {
            Some(window) => Self(u128::from_le_bytes(*window)),
            None => Self::padded(rest),
        }
    }

    #[cold]
    fn padded(rest: &[u8]) -> Self {
        let mut padded = [b' '; 16];
        padded[..rest.len()].copy_from_slice(rest);
        Self(u128::from_le_bytes(padded))
    }

    /// Gives how many bytes there are before the first that may be or begin a space: all below
    /// 0x21, and the first bytes of U+0085, U+00A0 and of the spaces beyond.
    #[inline(always)]
    pub fn before_space(&self) -> u32 {
        marks_of_spaces(self.0).trailing_zeros() / 8
    }

    /// Tells whether a byte is a space in ASCII.
    #[inline(always)]
    pub fn is_space(&self, at: u32) -> bool {
        let byte = (self.0 >> (at % 16 * 8)) as u8;
        at < 16 && (byte == b' ' || (byte < 0x20 && is_space(char::from(byte))))
    }

    /// Gives the first bytes, fewer than 16, as two numbers, padded with zeros.
    #[inline(always)]
    pub fn first(&self, length: u32) -> (u64, u64) {
        let word = self.0 & !(u128::MAX << (length % 16 * 8));
        (word as u64, (word >> 64) as u64)
    }
}

const fn all(byte: u8) -> u128 {
    u128::from_ne_bytes([byte; 16])
}

/// Gives a number whose lowest bit is in the first byte that may be a space or begin one.
///
/// Taking n from a byte below n, and from no other of those without their top bit, sets the top
/// bit; it also borrows from the byte above, and so only what is above the first is wrong.
#[inline(always)]
fn marks_of_spaces(word: u128) -> u128 {
    let below = |word: u128, n: u8| word.wrapping_sub(all(n)) & !word;
    let two = word ^ all(0xc2);
    // From 0xE0 to 0xE3: no letter of a European language begins with these.
    let three = (word & all(0xfc)) ^ all(0xe0);
    (below(word, 0x21) | below(two, 1) | below(three, 1)) & all(0x80)
}

/// Gives the length of the chunk at the start of a text in bytes, and that of the space after it.
pub fn measure_chunk(text: &str) -> (usize, usize) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let window = Window::at(bytes, at);
        let before = window.before_space();
        at += before as usize;
        if before == 16 {
            continue;
        }
        let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
        if is_space(next) {
            return (at, next.len_utf8());
        }
        at += next.len_utf8();
    }
    (bytes.len(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A chunk ends before the first space, whatever is before it and after it.
        #[test]
        fn a_chunk_ends_before_the_first_space(
            text in "([a-zàè’“\u{800}\u{fff}]{0,20}|[ \t\n\u{85}\u{a0}\u{1680}\u{2003}\u{2028}\u{3000}\u{1c}\u{1}]|\\PC){0,12}"
        ) {
            let expected = text.find(is_space).unwrap_or(text.len());
            prop_assert_eq!(measure_chunk(&text).0, expected);
            let window = Window::at(format!("{text} ").as_bytes(), 0);
            let before = window.before_space() as usize;
            prop_assert!(before <= expected.min(16));
            if before < 16 && window.is_space(before as u32) {
                prop_assert_eq!(before, expected);
            }
        }
    }
}
