//! Owns the inflection of words that the lexicon does not have, by what it has.
//!
//! The twin of `searchlib/analysis/inflection.py`, rule by rule under its names.

use super::lexicon::lemma;
use super::tables::TABLES;

const SHORTEST_HOST: usize = 3;
const SHORTEST_PREFIXED: usize = 5;
const SHORTEST_NOMINAL: usize = 4;
const SHORTEST_INVARIABLE: usize = 6;

const IMPERATIVE_ENDINGS: &[(char, &[&str])] = &[('a', &["are"]), ('i', &["ere", "ire"])];
const INFINITIVES: &[&str] = &["are", "ere", "ire", "rre"];
const INVARIABLE: &[&str] = &["ita", "mente"];
const SUPERLATIVES: &[&str] = &["issimo", "issima", "issimi", "issime"];
const WITH_ENCLITICS: &[&str] = &["ando", "endo", "iamo", "ate", "ete", "ite"];

const NOMINAL_ENDINGS: &[(&str, &[&str])] = &[
    ("trice", &["tore"]),
    ("trici", &["tore", "trice"]),
    ("chi", &["co", "ca"]),
    ("ghi", &["go", "ga"]),
    ("che", &["ca", "co"]),
    ("ghe", &["ga", "go"]),
    ("i", &["o", "e", "io", "a"]),
    ("e", &["a", "ia", "o"]),
    ("a", &["o"]),
];

/// Puts the term of a folded form that the lexicon lacks, by grammar; tells whether there is one.
pub fn inflect(form: &str, term: &mut String) -> bool {
    is_invariable(form, term)
        || is_superlative(form, term)
        || has_enclitic(form, term)
        || is_nominal(form, term)
        || has_prefix(form, term)
        || is_truncated(form, term)
}

fn put(text: &str, term: &mut String) -> bool {
    term.clear();
    term.push_str(text);
    true
}

fn ends_with(form: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| form.ends_with(ending))
}

fn is_invariable(form: &str, term: &mut String) -> bool {
    ends_with(form, INVARIABLE) && form.chars().count() >= SHORTEST_INVARIABLE && put(form, term)
}

fn is_superlative(form: &str, term: &mut String) -> bool {
    let Some(stem) = SUPERLATIVES.iter().find_map(|ending| form.strip_suffix(ending)) else {
        return false;
    };
    match stem.strip_suffix('h').filter(|hard| hard.ends_with(['c', 'g'])) {
        Some(hard) => has_known(hard, &["o"], term) || has_known(stem, &["io"], term),
        None => has_known(stem, &["e", "o", "io"], term),
    }
}

/// Puts the verb of a form that ends with pronouns.
fn has_enclitic(form: &str, term: &mut String) -> bool {
    TABLES.enclitics.get(form.as_bytes().last()).iter().any(|enclitic| {
        let Some(host) = form.strip_suffix(enclitic) else { return false };
        let mut letters = host.chars();
        let (last, before) = (letters.next_back(), letters.as_str());
        if before.is_empty() {
            return false;
        }
        let doubled = if enclitic.chars().next() == last { before } else { "" };
        let whole = if enclitic.starts_with("gli") { host } else { "" };
        let imperative = [doubled, whole].iter().find_map(|it| TABLES.imperatives.get(it));
        match imperative {
            Some(verb) => put(verb, term),
            None => host.chars().count() >= SHORTEST_HOST && is_verb(host, term),
        }
    })
}

/// Puts the verb of an infinitive without its end, a gerund, a participle or an imperative.
fn is_verb(host: &str, term: &mut String) -> bool {
    if host.ends_with('r') {
        return is_lemma(host, &["e", "re"], term);
    }
    // The lexicon has date as forms of data, state of stato: what ends with pronouns is none.
    if host.strip_suffix("te").is_some_and(|bare| is_lemma(bare, &["re"], term)) {
        return true;
    }
    let mut letters = host.chars();
    let (last, bare, before) = (letters.next_back(), letters.as_str(), letters.next_back());
    for &(vowel, endings) in IMPERATIVE_ENDINGS {
        if last == Some(vowel) && is_lemma(bare, endings, term) {
            return true;
        }
    }
    let Some(known) = lemma(host).filter(|known| !known.is(host)) else { return false };
    if !known.put(host, term) || !ends_with(term, INFINITIVES) {
        return false;
    }
    let is_participle = matches!(before, Some('t' | 's')) && host.chars().count() > SHORTEST_HOST;
    ends_with(host, WITH_ENCLITICS) || is_participle
}

/// Puts the lemma of a plural or a feminine whose singular is in the lexicon as a lemma.
fn is_nominal(form: &str, term: &mut String) -> bool {
    let found = NOMINAL_ENDINGS
        .iter()
        .find_map(|&(ending, lemmas)| Some((form.strip_suffix(ending)?, lemmas)));
    let Some((stem, lemmas)) = found else { return false };
    stem.chars().count() >= SHORTEST_NOMINAL && is_lemma(stem, lemmas, term)
}

/// Puts a prefix and the term of a known word.
fn has_prefix(form: &str, term: &mut String) -> bool {
    TABLES.prefixes.get(form.as_bytes().first()).iter().any(|prefix| {
        let Some(rest) = form.strip_prefix(prefix) else { return false };
        let is_known = rest.chars().count() >= SHORTEST_PREFIXED
            && (lemma(rest).is_some_and(|known| known.put(rest, term)) || is_nominal(rest, term));
        if is_known {
            term.insert_str(0, prefix);
        }
        is_known
    })
}

/// Puts the term of a noun in -ore without its last vowel.
fn is_truncated(form: &str, term: &mut String) -> bool {
    form.ends_with("or") && has_known(form, &["e"], term)
}

/// Puts the term of the first of these forms that the lexicon has.
fn has_known(stem: &str, endings: &[&str], term: &mut String) -> bool {
    endings.iter().any(|ending| {
        join(stem, ending, term);
        lemma(term).is_some_and(|known| known.turn(term))
    })
}

/// Puts the first of these forms that the lexicon has as its own term.
fn is_lemma(stem: &str, endings: &[&str], term: &mut String) -> bool {
    endings.iter().any(|ending| {
        join(stem, ending, term);
        lemma(term).is_some_and(|known| known.is(term))
    })
}

fn join(stem: &str, ending: &str, form: &mut String) {
    form.clear();
    form.push_str(stem);
    form.push_str(ending);
}
