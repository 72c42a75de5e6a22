//! Owns the classes of characters that Python's `str` and `re` know, and its case folding
//! (`rust/tools/unicode_tables.py` writes them).

use std::sync::LazyLock;

use super::tables::rows;

const ALPHANUMERIC: u8 = 1;
const DECIMAL: u8 = 2;
const DIGIT: u8 = 4;
const MARK: u8 = 8;

/// Characters below it, which are those of most texts, have their classes in a table.
const COMMON: usize = 0x3000;

struct Unicode {
    common: Box<[u8]>,
    /// The others: ranges of one class each, ascending within it.
    others: [Vec<(u32, u32)>; 4],
    /// Characters, ascending, and what they fold to.
    folded: Vec<(char, [Option<char>; 3])>,
}

static UNICODE: LazyLock<Unicode> = LazyLock::new(read);

fn read() -> Unicode {
    let hexadecimal = |text: &str| u32::from_str_radix(text, 16).ok();
    let mut found = Unicode {
        common: vec![0; COMMON].into_boxed_slice(),
        others: Default::default(),
        folded: Vec::new(),
    };
    for (kind, first, last) in rows(include_str!("data/unicode.tsv")) {
        let Some(first) = hexadecimal(first) else { continue };
        let class = match kind {
            "alnum" => ALPHANUMERIC,
            "decimal" => DECIMAL,
            "digit" => DIGIT,
            "mark" => MARK,
            _ => {
                let mut letters =
                    last.split(' ').map(|it| hexadecimal(it).and_then(char::from_u32));
                let becomes = std::array::from_fn(|_| letters.next().flatten());
                found.folded.extend(char::from_u32(first).map(|it| (it, becomes)));
                continue;
            }
        };
        let Some(last) = hexadecimal(last) else { continue };
        let common = found.common.iter_mut().take(last as usize + 1);
        common.skip(first as usize).for_each(|classes| *classes |= class);
        found.others[class.trailing_zeros() as usize].push((first, last));
    }
    found
}

#[inline]
fn belongs(character: char, class: u8) -> bool {
    match UNICODE.common.get(character as usize) {
        Some(classes) => classes & class != 0,
        None => is_within(&UNICODE.others[class.trailing_zeros() as usize], character),
    }
}

fn is_within(ranges: &[(u32, u32)], character: char) -> bool {
    let code = u32::from(character);
    let above = ranges.partition_point(|&(first, _)| first <= code);
    above.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|&(_, last)| code <= last)
}

/// Tells whether a character is a letter or a number: `str.isalnum`.
#[inline]
pub fn is_alphanumeric(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric();
    }
    belongs(character, ALPHANUMERIC)
}

/// Tells whether a character is a decimal digit: `\d`.
pub fn is_decimal(character: char) -> bool {
    character.is_ascii_digit() || (!character.is_ascii() && belongs(character, DECIMAL))
}

/// Tells whether a character is a digit: `str.isdigit`.
#[inline]
pub fn is_digit(character: char) -> bool {
    character.is_ascii_digit() || (!character.is_ascii() && belongs(character, DIGIT))
}

/// Tells whether a character is a combining mark: category M.
#[inline]
pub fn is_mark(character: char) -> bool {
    !character.is_ascii() && belongs(character, MARK)
}

/// Appends what a character folds to: `str.casefold`.
pub fn case_fold(character: char, out: &mut String) {
    match UNICODE.folded.binary_search_by_key(&character, |&(folded, _)| folded) {
        Ok(at) => out.extend(UNICODE.folded[at].1.iter().flatten()),
        Err(_) => out.push(character),
    }
}
