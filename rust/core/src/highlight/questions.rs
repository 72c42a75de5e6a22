//! Owns what answers a question beyond its words: the twin of `searchlib/highlight/questions.py`.

use super::sentences::run;
use crate::analysis::italian::is_alphanumeric;

const MONTHS: [&str; 12] = [
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
];

const FIRST_YEAR: &str = "1000";
const LAST_YEAR: &str = "2099";

/// What a question wants.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Whether it wants a date.
    pub wants_date: bool,
    /// The numbers that it names itself.
    pub numbers: Vec<String>,
}

impl Asked {
    /// Gives the numbers of a passage that the question does not name.
    pub fn numbers_of(&self, passage: &[char]) -> Vec<String> {
        numbers(passage).filter(|number| !self.numbers.contains(number)).collect()
    }
}

/// Tells whether a passage has the name of a month, or one of its numbers is a year.
pub fn has_date(passage: &[char], numbers: &[String]) -> bool {
    let is_year =
        |number: &String| number.len() == 4 && (FIRST_YEAR..=LAST_YEAR).contains(&number.as_str());
    numbers.iter().any(is_year)
        || words(passage).any(|word| MONTHS.iter().any(|month| is_lower_case_of(month, word)))
}

fn is_lower_case_of(month: &str, word: &[char]) -> bool {
    word.iter().flat_map(|letter| letter.to_lowercase()).eq(month.chars())
}

/// Gives each run of digits, those that one point or comma joins as one.
fn numbers(passage: &[char]) -> impl Iterator<Item = String> {
    let is_digit = |character: char| character.is_ascii_digit();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = run(passage, at, |it| !is_digit(it));
        let mut end = run(passage, start, is_digit);
        while matches!(passage.get(end), Some('.' | ',')) {
            let more = run(passage, end + 1, is_digit);
            if more == end + 1 {
                break;
            }
            end = more;
        }
        at = end;
        (start < end).then(|| passage[start..end].iter().collect())
    })
}

fn words(passage: &[char]) -> impl Iterator<Item = &[char]> {
    passage.split(|&it| !is_alphanumeric(it))
}
