//! Owns the stems of Italian words: the algorithm that Snowball publishes
//! (<https://snowballstem.org/algorithms/italian/stemmer.html>), step by step under its names.
//!
//! It is held to the Python package `snowballstemmer` by `tests/stems.rs`.

/// Where the regions of a word begin, in characters.
#[derive(Clone, Copy)]
struct Regions {
    rv: usize,
    r1: usize,
    r2: usize,
}

/// Gives the stem of a word in lower case.
pub fn stem(word: &str) -> String {
    let mut word: Vec<char> = word.chars().map(grave).collect();
    mark_semivowels(&mut word);
    let regions = regions_of(&word);
    remove_pronoun(&mut word, regions);
    if !remove_standard_suffix(&mut word, regions) {
        remove_verb_suffix(&mut word, regions);
    }
    remove_vowel_suffix(&mut word, regions);
    let plain = |letter| match letter {
        'I' => 'i',
        'U' => 'u',
        other => other,
    };
    word.into_iter().map(plain).collect()
}

fn grave(letter: char) -> char {
    match letter {
        'á' => 'à',
        'é' => 'è',
        'í' => 'ì',
        'ó' => 'ò',
        'ú' => 'ù',
        other => other,
    }
}

fn is_vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'à' | 'è' | 'ì' | 'ò' | 'ù')
}

/// Writes in capitals the u of qu, and each i and u between vowels: they are no vowels.
fn mark_semivowels(word: &mut [char]) {
    for at in 1..word.len() {
        if word[at] == 'u' && word[at - 1] == 'q' {
            word[at] = 'U';
        }
    }
    for at in 1..word.len().saturating_sub(1) {
        if matches!(word[at], 'i' | 'u') && is_vowel(word[at - 1]) && is_vowel(word[at + 1]) {
            word[at] = word[at].to_ascii_uppercase();
        }
    }
}

fn regions_of(word: &[char]) -> Regions {
    let length = word.len();
    let after = |start: usize, wanted: bool| {
        (start..length).find(|&at| is_vowel(word[at]) == wanted).map(|at| at + 1)
    };
    let rv = match word {
        ['d', 'i', 'v', 'a', 'n', ..] => Some(5),
        [first, second, ..] => match (is_vowel(*first), is_vowel(*second)) {
            (_, false) => after(2, true),
            (true, true) => after(2, false),
            (false, true) => (length > 2).then_some(3),
        },
        _ => None,
    };
    // A region begins after the first consonant that follows a vowel.
    let region = |start| after(start, true).and_then(|at| after(at, false));
    let r1 = region(0).unwrap_or(length);
    Regions { rv: rv.unwrap_or(length), r1, r2: region(r1).unwrap_or(length) }
}

/// Gives how long the longest of these suffixes is that ends the word at `end`, within the
/// characters from `start` on.
fn longest(word: &[char], start: usize, end: usize, suffixes: &[&str]) -> Option<usize> {
    let mut letter = [0; 4];
    let last = word.get(end.checked_sub(1)?)?.encode_utf8(&mut letter).as_bytes().last();
    // Most suffixes differ in the last byte: what is more dear is done for the others only.
    let may_fit = |suffix: &&&str| suffix.as_bytes().last() == last;
    let length_of = |suffix: &&str| {
        let length = suffix.chars().count();
        let fits = length <= end.saturating_sub(start);
        (fits && word[end - length..end].iter().copied().eq(suffix.chars())).then_some(length)
    };
    suffixes.iter().filter(may_fit).filter_map(length_of).max()
}

/// Cuts one of these suffixes if it lies from `region` on; tells whether it did.
fn cut(word: &mut Vec<char>, region: usize, suffixes: &[&str]) -> bool {
    let Some(length) = longest(word, 0, word.len(), suffixes) else { return false };
    let start = word.len() - length;
    if start >= region {
        word.truncate(start);
    }
    start >= region
}

/// Step 0.
fn remove_pronoun(word: &mut Vec<char>, regions: Regions) {
    const PRONOUNS: &[&str] = &[
        "ci", "gli", "la", "le", "li", "lo", "mi", "ne", "si", "ti", "vi", "sene", "gliela",
        "gliele", "glieli", "glielo", "gliene", "mela", "mele", "meli", "melo", "mene", "tela",
        "tele", "teli", "telo", "tene", "cela", "cele", "celi", "celo", "cene", "vela", "vele",
        "veli", "velo", "vene",
    ];
    let Some(length) = longest(word, 0, word.len(), PRONOUNS) else { return };
    let end = word.len() - length;
    if let Some(gerund) = longest(word, 0, end, &["ando", "endo"]) {
        if end - gerund >= regions.rv {
            word.truncate(end);
        }
    } else if longest(word, 0, end, &["ar", "er", "ir"]).is_some_and(|it| end - it >= regions.rv) {
        word.truncate(end);
        word.push('e');
    }
}

/// What becomes of a suffix of step 1.
#[derive(Clone, Copy)]
enum Rule {
    DeleteInR2,
    Azione,
    Logia,
    Uzione,
    Enza,
    DeleteInRv,
    Amente,
    Ita,
    Ivo,
}

const STANDARD: &[(Rule, &[&str])] = &[
    (
        Rule::DeleteInR2,
        &[
            "anza", "anze", "ico", "ici", "ica", "ice", "iche", "ichi", "ismo", "ismi", "abile",
            "abili", "ibile", "ibili", "ista", "iste", "isti", "istà", "istè", "istì", "oso",
            "osi", "osa", "ose", "mente", "atrice", "atrici", "ante", "anti",
        ],
    ),
    (Rule::Azione, &["azione", "azioni", "atore", "atori"]),
    (Rule::Logia, &["logia", "logie"]),
    (Rule::Uzione, &["uzione", "uzioni", "usione", "usioni"]),
    (Rule::Enza, &["enza", "enze"]),
    (Rule::DeleteInRv, &["amento", "amenti", "imento", "imenti"]),
    (Rule::Amente, &["amente"]),
    (Rule::Ita, &["ità"]),
    (Rule::Ivo, &["ivo", "ivi", "iva", "ive"]),
];

/// Step 1; tells whether it changed the word.
fn remove_standard_suffix(word: &mut Vec<char>, regions: Regions) -> bool {
    let found = STANDARD
        .iter()
        .filter_map(|&(rule, suffixes)| Some((longest(word, 0, word.len(), suffixes)?, rule)))
        .max_by_key(|&(length, _)| length);
    let Some((length, rule)) = found else { return false };
    let start = word.len() - length;
    let region = match rule {
        Rule::DeleteInRv => regions.rv,
        Rule::Amente => regions.r1,
        _ => regions.r2,
    };
    if start < region {
        return false;
    }
    word.truncate(start);
    match rule {
        Rule::DeleteInR2 | Rule::DeleteInRv => {}
        Rule::Azione => {
            cut(word, regions.r2, &["ic"]);
        }
        Rule::Logia => word.extend("log".chars()),
        Rule::Uzione => word.push('u'),
        Rule::Enza => word.extend("ente".chars()),
        Rule::Amente => {
            if longest(word, 0, word.len(), &["iv"]).is_some() {
                if cut(word, regions.r2, &["iv"]) {
                    cut(word, regions.r2, &["at"]);
                }
            } else {
                cut(word, regions.r2, &["os", "ic", "abil"]);
            }
        }
        Rule::Ita => {
            cut(word, regions.r2, &["abil", "ic", "iv"]);
        }
        Rule::Ivo => {
            if cut(word, regions.r2, &["at"]) {
                cut(word, regions.r2, &["ic"]);
            }
        }
    }
    true
}

/// Step 2.
fn remove_verb_suffix(word: &mut Vec<char>, regions: Regions) {
    const SUFFIXES: &[&str] = &[
        "ammo", "ando", "ano", "are", "arono", "asse", "assero", "assi", "assimo", "ata", "ate",
        "ati", "ato", "ava", "avamo", "avano", "avate", "avi", "avo", "emmo", "enda", "ende",
        "endi", "endo", "erà", "erai", "eranno", "ere", "erebbe", "erebbero", "erei", "eremmo",
        "eremo", "ereste", "eresti", "erete", "erò", "erono", "essero", "ete", "eva", "evamo",
        "evano", "evate", "evi", "evo", "Yamo", "iamo", "immo", "irà", "irai", "iranno", "ire",
        "irebbe", "irebbero", "irei", "iremmo", "iremo", "ireste", "iresti", "irete", "irò",
        "irono", "isca", "iscano", "isce", "isci", "isco", "iscono", "issero", "ita", "ite", "iti",
        "ito", "iva", "ivamo", "ivano", "ivate", "ivi", "ivo", "ono", "uta", "ute", "uti", "uto",
        "ar", "ir",
    ];
    if let Some(length) = longest(word, regions.rv, word.len(), SUFFIXES) {
        word.truncate(word.len() - length);
    }
}

/// Steps 3a and 3b.
fn remove_vowel_suffix(word: &mut Vec<char>, regions: Regions) {
    if cut(word, regions.rv, &["a", "e", "i", "o", "à", "è", "ì", "ò"]) {
        cut(word, regions.rv, &["i"]);
    }
    if let [.., 'c' | 'g', 'h'] = word.as_slice()
        && word.len() - 2 >= regions.rv
    {
        word.pop();
    }
}
