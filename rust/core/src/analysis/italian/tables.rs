//! Owns the tables: the choices about words that the Python analysis reads too.

use std::sync::LazyLock;

use crate::analysis::hashing::{WordMap, WordSet};

macro_rules! table {
    ($name:literal) => {
        rows(include_str!(concat!("../../../../../searchlib/analysis/data/", $name, ".tsv")))
    };
}

type Pairs = WordMap<&'static str, &'static str>;

/// Every table.
pub struct Tables {
    /// What a character becomes before anything else is looked at.
    pub characters: WordMap<char, Option<char>>,
    /// Letters that fold to plain ones though they carry no combining mark.
    pub letters: WordMap<char, &'static str>,
    /// Elided form to the whole word.
    pub elisions: Pairs,
    /// Those that only a vowel or an h may follow.
    pub elisions_before_vowels: WordSet<&'static str>,
    /// Truncated form to the whole word.
    pub truncations: Pairs,
    /// Abbreviations with a dot inside, sorted, as characters.
    pub abbreviations: Vec<Vec<char>>,
    /// How many letters stand before the first dot of one at most.
    pub longest_abbreviated: usize,
    /// Words without their final accent to the words.
    pub accented_words: WordMap<String, &'static str>,
    /// Endings likewise, the shortest first.
    pub accented_endings: Vec<(Vec<char>, char)>,
    /// Words that have such an ending and no accent.
    pub plain_words: WordSet<&'static str>,
    /// Forms whose term is not their stem.
    pub terms: Pairs,
    /// Forms of the stop words, elided ones left out.
    pub stop_words: WordSet<&'static str>,
    /// Pronouns that end a verb, one or two of them joined, the longest first, by their last letter.
    pub enclitics: ByLetter,
    /// Imperatives of one syllable to their verb.
    pub imperatives: Pairs,
    /// What stands before a word and leaves its inflection alone, by its first letter.
    pub prefixes: ByLetter,
}

/// Affixes by a letter of theirs, a byte; those of one in their order.
pub struct ByLetter(Vec<Vec<&'static str>>);

impl ByLetter {
    fn new(
        affixes: impl Iterator<Item = &'static str>,
        letter: impl Fn(&'static [u8]) -> Option<&'static u8>,
    ) -> Self {
        let mut found = vec![Vec::new(); 256];
        affixes.for_each(|it| found[letter(it.as_bytes()).map_or(0, |&at| at as usize)].push(it));
        Self(found)
    }

    /// Gives the affixes of a letter.
    pub fn get(&self, letter: Option<&u8>) -> &[&'static str] {
        letter.map_or(&[], |&letter| &self.0[letter as usize])
    }
}

/// The tables, read at first use.
pub static TABLES: LazyLock<Tables> = LazyLock::new(read);

/// Gives the first three columns of each row of a table.
pub fn rows(
    text: &'static str,
) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
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
    let affixes = |wanted: &'static str| table!("affixes").filter(move |row| row.0 == wanted);
    let mut enclitics: Vec<&str> = affixes("enclitic").map(|row| row.1).collect();
    enclitics.sort_by_key(|enclitic| std::cmp::Reverse(enclitic.len()));
    Tables {
        characters: table!("characters").filter_map(|row| character(row.0, row.1)).collect(),
        letters: table!("letters").filter_map(|row| Some((row.0.chars().next()?, row.1))).collect(),
        elisions: pairs(&mut table!("elisions")),
        elisions_before_vowels: table!("elisions")
            .filter(|row| row.2 == "vowel")
            .map(|row| row.0)
            .collect(),
        truncations: pairs(&mut table!("truncations")),
        longest_abbreviated: abbreviations
            .iter()
            .filter_map(|it| it.iter().position(|&letter| letter == '.'))
            .max()
            .unwrap_or_default(),
        abbreviations,
        accented_words: accents("word").map(|word| (without_accent(word), word)).collect(),
        accented_endings: endings,
        plain_words: accents("plain").collect(),
        terms: pairs(&mut table!("terms")),
        stop_words: table!("stop_words").map(|row| row.0).collect(),
        enclitics: ByLetter::new(enclitics.into_iter(), |it| it.last()),
        imperatives: affixes("imperative").map(|row| (row.1, row.2)).collect(),
        prefixes: ByLetter::new(affixes("prefix").map(|row| row.1), |it| it.first()),
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
