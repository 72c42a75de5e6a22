//! The definitions of matching and scoring, word for word, over documents held as lists of words.
//! Nothing here is the engine's: words and their terms are a table, scores are f64 from scratch.

/// Words as they are written, and the terms under which the plain analysis indexes them.
pub const WORDS: &[(&str, &str)] = &[
    ("casa", "cas"),
    ("case", "cas"),
    ("casi", "cas"),
    ("mare", "mar"),
    ("mari", "mar"),
    ("il", "il"),
    ("su", "su"),
    ("perché", "perché"),
    ("perche", "perch"),
    ("gatto", "gatt"),
    ("gatta", "gatt"),
    ("missile", "missil"),
];

/// A document: the numbers of its words in two fields, and its values.
#[derive(Clone, Debug)]
pub struct Doc {
    pub key: String,
    pub texts: [Vec<usize>; 2],
    pub year: Option<i64>,
    pub tags: Vec<&'static str>,
}

/// What a query asks for; `text` is 0 or 1.
#[derive(Clone, Debug)]
pub enum Ask {
    Term { text: usize, word: usize, boost: f64 },
    Form { text: usize, word: usize, boost: f64 },
    Phrase { text: usize, words: Vec<(u32, usize)>, slop: u32, exact: bool, boost: f64 },
    AnyForm { text: usize, words: Vec<usize>, boost: f64 },
    Years { low: Option<(i64, bool)>, high: Option<(i64, bool)>, boost: f64 },
    Tag { tag: &'static str, boost: f64 },
    All { boost: f64 },
    None,
    Combine { required: Vec<Ask>, optional: Vec<Ask>, excluded: Vec<Ask> },
}

/// All documents that statistics speak of.
pub struct Oracle<'a> {
    pub docs: &'a [Doc],
}

fn same(a: usize, b: usize, exact: bool) -> bool {
    if exact { WORDS[a].0 == WORDS[b].0 } else { WORDS[a].1 == WORDS[b].1 }
}

impl Oracle<'_> {
    fn idf(&self, text: usize, word: usize, exact: bool) -> f64 {
        let holds = |doc: &&Doc| doc.texts[text].iter().any(|&other| same(other, word, exact));
        let holding = self.docs.iter().filter(holds).count() as f64;
        let all = self.docs.len() as f64;
        (1.0 + (all - holding + 0.5) / (holding + 0.5)).ln()
    }

    fn saturated(&self, doc: &Doc, text: usize, frequency: usize) -> f64 {
        let total: usize = self.docs.iter().map(|doc| doc.texts[text].len()).sum();
        let average = total as f64 / self.docs.len() as f64;
        let frequency = frequency as f64;
        let ratio = doc.texts[text].len() as f64 / average;
        frequency / (frequency + 1.2 * (1.0 - 0.75 + 0.75 * ratio))
    }

    /// The score of a document, or nothing where it does not match.
    pub fn score(&self, ask: &Ask, doc: &Doc) -> Option<f64> {
        let when = |matches: bool, score: f64| matches.then_some(score);
        match ask {
            Ask::Term { text, word, boost } => self.word(doc, *text, *word, false, *boost),
            Ask::Form { text, word, boost } => self.word(doc, *text, *word, true, *boost),
            Ask::Phrase { text, words, slop, exact, boost } => {
                let count = occurrences(&doc.texts[*text], words, *slop, *exact);
                let weight: f64 =
                    words.iter().map(|&(_, word)| self.idf(*text, word, *exact)).sum();
                when(count > 0, boost * weight * self.saturated(doc, *text, count))
            }
            Ask::AnyForm { text, words, boost } => {
                let any = words
                    .iter()
                    .any(|&word| doc.texts[*text].iter().any(|&other| same(other, word, true)));
                when(any, *boost)
            }
            Ask::Years { low, high, boost } => {
                let year = doc.year?;
                let above = low.is_none_or(|(low, with)| year > low || (with && year == low));
                let below = high.is_none_or(|(high, with)| year < high || (with && year == high));
                when(above && below, *boost)
            }
            Ask::Tag { tag, boost } => when(doc.tags.contains(tag), *boost),
            Ask::All { boost } => Some(*boost),
            Ask::None => None,
            Ask::Combine { required, optional, excluded } => {
                let score =
                    |asks: &[Ask]| asks.iter().map(|ask| self.score(ask, doc)).collect::<Vec<_>>();
                let (required, optional) = (score(required), score(optional));
                let selected = if !required.is_empty() {
                    required.iter().all(Option::is_some)
                } else {
                    optional.is_empty() || optional.iter().any(Option::is_some)
                };
                let refused = excluded.iter().any(|ask| self.score(ask, doc).is_some());
                when(selected && !refused, required.iter().chain(&optional).flatten().sum())
            }
        }
    }

    fn word(&self, doc: &Doc, text: usize, word: usize, exact: bool, boost: f64) -> Option<f64> {
        let frequency = doc.texts[text].iter().filter(|&&other| same(other, word, exact)).count();
        let weight = boost * self.idf(text, word, exact);
        (frequency > 0).then(|| weight * self.saturated(doc, text, frequency))
    }
}

/// At how many positions the phrase begins, trying every way to place its words.
fn occurrences(text: &[usize], words: &[(u32, usize)], slop: u32, exact: bool) -> usize {
    fn fits(
        text: &[usize],
        at: usize,
        left: &[(u32, usize)],
        before: u32,
        slop: usize,
        exact: bool,
    ) -> bool {
        let Some((&(offset, word), left)) = left.split_first() else { return true };
        let gap = (offset - before) as usize;
        (0..=slop).any(|extra| {
            let place = at + gap + extra;
            text.get(place).is_some_and(|&other| same(other, word, exact))
                && fits(text, place, left, offset, slop - extra, exact)
        })
    }
    let (first, left) = words.split_first().expect("a phrase has words");
    let begins = |&at: &usize| {
        same(text[at], first.1, exact) && fits(text, at, left, 0, slop as usize, exact)
    };
    (0..text.len()).filter(begins).count()
}
