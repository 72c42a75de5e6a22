//! Owns the tables: the choices about words that the Python analysis reads too, and the classes of
//! characters that Python's `str` and `re` know (`rust/tools/unicode_tables.py` writes these).

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

macro_rules! table {
    ($name:literal) => {
        rows(include_str!(concat!("../../../../../searchlib/analysis/data/", $name, ".tsv")))
    };
}

type Pairs = HashMap<&'static str, &'static str>;

/// Every table.
pub struct Tables {
    /// What a character becomes before anything else is looked at.
    pub characters: HashMap<char, Option<char>>,
    /// Letters that fold to plain ones though they carry no combining mark.
    pub letters: HashMap<char, &'static str>,
    /// Elided form to the whole word.
    pub elisions: Pairs,
    /// Those that only a vowel or an h may follow.
    pub elisions_before_vowels: HashSet<&'static str>,
    /// Truncated form to the whole word.
    pub truncations: Pairs,
    /// Abbreviations with a dot inside, sorted, as characters.
    pub abbreviations: Vec<Vec<char>>,
    /// Words without their final accent to the words.
    pub accented_words: HashMap<String, &'static str>,
    /// Endings likewise, the shortest first.
    pub accented_endings: Vec<(Vec<char>, char)>,
    /// Words that have such an ending and no accent.
    pub plain_words: HashSet<&'static str>,
    /// Forms whose term is not their stem.
    pub terms: Pairs,
}

/// The tables, read at first use.
pub static TABLES: LazyLock<Tables> = LazyLock::new(read);

fn rows(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut columns = line.split('\t');
        let mut next = || columns.next().unwrap_or_default();
        (next(), next(), next())
    })
}

fn read() -> Tables {
    let pairs = |rows: &mut dyn Iterator<Item = (&'static str, &'static str, &'static str)>| {
        rows.map(|(key, value, _)| (key, value)).collect::<Pairs>()
    };
    let accents = |wanted: &'static str| {
        table!("accents").filter(move |row| row.0 == wanted).map(|row| row.1)
    };
    let mut endings: Vec<(Vec<char>, char)> = accents("ending")
        .filter_map(|ending| {
            Some((without_accent(ending).chars().collect(), ending.chars().last()?))
        })
        .collect();
    endings.sort_by_key(|(ending, _)| ending.len());
    let mut abbreviations: Vec<Vec<char>> =
        table!("abbreviations").map(|row| row.0.chars().collect()).collect();
    abbreviations.sort();
    Tables {
        characters: table!("characters").filter_map(|row| character(row.0, row.1)).collect(),
        letters: table!("letters").filter_map(|row| Some((row.0.chars().next()?, row.1))).collect(),
        elisions: pairs(&mut table!("elisions")),
        elisions_before_vowels: table!("elisions")
            .filter(|row| row.2 == "vowel")
            .map(|row| row.0)
            .collect(),
        truncations: pairs(&mut table!("truncations")),
        abbreviations,
        accented_words: accents("word").map(|word| (without_accent(word), word)).collect(),
        accented_endings: endings,
        plain_words: accents("plain").collect(),
        terms: pairs(&mut table!("terms")),
    }
}

fn character(code: &str, kind: &str) -> Option<(char, Option<char>)> {
    let code = u32::from_str_radix(code.strip_prefix("U+")?, 16).ok()?;
    let becomes = match kind {
        "apostrophe" => Some('\''),
        "hyphen" => Some('-'),
        "space" => Some(' '),
        _ => None,
    };
    Some((char::from_u32(code)?, becomes))
}

fn without_accent(word: &str) -> String {
    let plain = |letter| match letter {
        'à' => 'a',
        'è' | 'é' => 'e',
        'ì' => 'i',
        'ò' => 'o',
        'ù' => 'u',
        other => other,
    };
    word.chars().map(plain).collect()
}

/// Ranges of characters, ascending.
struct Class(Vec<(u32, u32)>);

impl Class {
    fn holds(&self, character: char) -> bool {
        let code = u32::from(character);
        let above = self.0.partition_point(|&(first, _)| first <= code);
        above.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|&(_, last)| code <= last)
    }
}

struct Unicode {
    alphanumeric: Class,
    decimal: Class,
    digit: Class,
    mark: Class,
    folded: HashMap<char, Vec<char>>,
}

static UNICODE: LazyLock<Unicode> = LazyLock::new(|| {
    let table = || rows(include_str!("data/unicode.tsv"));
    let hexadecimal = |text: &str| u32::from_str_radix(text, 16).ok();
    let class = |name: &str| {
        let ranges = table().filter(|row| row.0 == name);
        Class(ranges.filter_map(|row| hexadecimal(row.1).zip(hexadecimal(row.2))).collect())
    };
    let folded = table().filter(|row| row.0 == "fold").filter_map(|row| {
        let character = |text: &str| hexadecimal(text).and_then(char::from_u32);
        Some((character(row.1)?, row.2.split(' ').filter_map(character).collect()))
    });
    Unicode {
        alphanumeric: class("alnum"),
        decimal: class("decimal"),
        digit: class("digit"),
        mark: class("mark"),
        folded: folded.collect(),
    }
});

/// Tells whether a character is a letter or a number: `str.isalnum`.
pub fn is_alphanumeric(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric();
    }
    UNICODE.alphanumeric.holds(character)
}

/// Tells whether a character is a decimal digit: `\d`.
pub fn is_decimal(character: char) -> bool {
    character.is_ascii_digit() || UNICODE.decimal.holds(character)
}

/// Tells whether a character is a digit: `str.isdigit`.
pub fn is_digit(character: char) -> bool {
    character.is_ascii_digit() || UNICODE.digit.holds(character)
}

/// Tells whether a character is a combining mark: category M.
pub fn is_mark(character: char) -> bool {
    !character.is_ascii() && UNICODE.mark.holds(character)
}

/// Appends what a character folds to: `str.casefold`.
pub fn case_fold(character: char, out: &mut String) {
    match UNICODE.folded.get(&character) {
        Some(folded) => out.extend(folded),
        None => out.push(character),
    }
}
