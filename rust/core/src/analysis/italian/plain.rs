//! Owns the short way of plain words: letters, and the punctuation around them.
//!
//! Nine chunks of ten are such, and need none of the steps between the spelling and the form; a
//! law holds what they give to what those steps give.

use super::forms::correct_last;
use crate::analysis::Words;

const MAX_LETTERS: usize = 30;

/// Adds the word of a chunk that is plain; tells whether it is.
pub fn find(chunk: &str, words: &mut Words) -> bool {
    let (opened, start) = skip(chunk.as_bytes(), opening);
    let (letters_bytes, letters) = skip(opened, letter);
    let (rest, _) = skip(letters_bytes, closing);
    if !rest.is_empty() || !(1..=MAX_LETTERS).contains(&letters) {
        return false;
    }
    let first = chunk.len() - opened.len();
    let written = &chunk[first..chunk.len() - letters_bytes.len()];
    words.push_written(start..start + letters, |out| {
        let first = out.len();
        out.push_str(written);
        if written.len() == letters {
            out[first..].make_ascii_lowercase();
        } else {
            out.truncate(first);
            out.extend(written.chars().flat_map(char::to_lowercase));
            correct_last(out, first);
        }
    });
    true
}

/// Gives what is left after the characters of a kind at the start, and how many they are.
#[inline(always)]
fn skip(mut text: &[u8], size: impl Fn(&[u8]) -> usize) -> (&[u8], usize) {
    let mut count = 0;
    loop {
        match size(text) {
            0 => return (text, count),
            size => text = &text[size..],
        }
        count += 1;
    }
}

/// Gives how many bytes the opening mark at the start of a text has, if there is one.
#[inline(always)]
fn opening(text: &[u8]) -> usize {
    match text {
        [b'(' | b'[' | b'"', ..] => 1,
        [0xc2, 0xab, ..] => "«".len(),
        [0xe2, 0x80, 0x9c, ..] => "“".len(),
        _ => 0,
    }
}

#[inline(always)]
fn letter(text: &[u8]) -> usize {
    match text {
        [b'A'..=b'Z' | b'a'..=b'z', ..] => 1,
        // À È É Ì Ò Ù, and the same in lower case, 32 further.
        [0xc3, 0x80 | 0x88 | 0x89 | 0x8c | 0x92 | 0x99, ..] => 2,
        [0xc3, 0xa0 | 0xa8 | 0xa9 | 0xac | 0xb2 | 0xb9, ..] => 2,
        _ => 0,
    }
}

#[inline(always)]
fn closing(text: &[u8]) -> usize {
    match text {
        [b'.' | b',' | b';' | b':' | b'!' | b'?' | b')' | b']' | b'"', ..] => 1,
        [0xc2, 0xbb, ..] => "»".len(),
        [0xe2, 0x80, 0x9d, ..] => "”".len(),
        _ => 0,
    }
}
