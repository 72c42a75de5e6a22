//! Owns the lexicon: which word an inflected form belongs to.
//!
//! The twin of `searchlib/analysis/lexicon.py`. The text that this one reads, `build.rs` turns into
//! tables that are part of the program: nothing is loaded. A record is a stem and its readings:
//!
//! ```text
//! length, stem, count of readings, each: class (and WHOLE: length, term)
//! ```
//!
//! A look-up is one pass over the form for the hashes of all its beginnings, which a filter of bits
//! tells from stems, and one slot for each of those that pass.

#[rustfmt::skip]
mod hash;

use hash::{EXCEPTION, PLACE, SEED, WHOLE, grow, slot, tag};

include!(concat!(env!("OUT_DIR"), "/lexicon.rs"));

/// A term: so many bytes of the form, and an ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lemma {
    kept: usize,
    ending: &'static str,
}

impl Lemma {
    /// Tells whether the form is its own term.
    pub fn is(self, form: &str) -> bool {
        form.get(self.kept..) == Some(self.ending)
    }

    /// Turns the form into the term; tells whether that is any.
    pub fn turn(self, form: &mut String) -> bool {
        form.truncate(self.kept);
        form.push_str(self.ending);
        !form.is_empty()
    }

    /// Puts the term of the form; tells whether it is any.
    pub fn put(self, form: &str, term: &mut String) -> bool {
        term.clear();
        term.push_str(form);
        self.turn(term)
    }
}

/// Gives the term of a form, if the lexicon knows the form.
pub fn lemma(form: &str) -> Option<Lemma> {
    let bytes = form.as_bytes();
    let shortest = bytes.len().saturating_sub(LONGEST_ENDING).max(1);
    let mut hash = bytes.get(..shortest)?.iter().fold(SEED, |hash, &byte| grow(hash, byte));
    let mut hashes = [hash; LONGEST_ENDING + 1];
    let mut passed = is_perhaps_stem(hash);
    for (more, &byte) in (1..).zip(&bytes[shortest..]) {
        hash = grow(hash, byte);
        hashes[more] = hash;
        passed |= is_perhaps_stem(hash) << more;
    }
    while let more @ 1.. = u32::BITS - passed.leading_zeros() {
        let more = more as usize - 1;
        passed ^= 1 << more;
        let cut = shortest + more;
        let found = readings_of(&bytes[..cut], hashes[more])
            .and_then(|readings| lemma_by(readings, cut, form.get(cut..)?));
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Gives 0 for a hash that is of no stem, else nearly always 1: most need no more.
#[inline]
fn is_perhaps_stem(hash: u64) -> u32 {
    let bit = slot(hash, FILTER.len() * 64);
    (FILTER[bit / 64] >> (bit % 64)) as u32 & 1
}

/// Gives the record of a stem from the count of its readings on.
#[inline]
fn readings_of(stem: &[u8], hash: u64) -> Option<&'static [u8]> {
    let mut at = slot(hash, SLOTS.len());
    loop {
        let found = SLOTS[at];
        if found == 0 {
            return None;
        }
        if found & !PLACE == tag(hash) {
            let (name, rest) = split_word(RECORDS.get((found & PLACE) as usize..)?)?;
            if name == stem {
                return Some(rest);
            }
        }
        at = (at + 1) % SLOTS.len();
    }
}

fn lemma_by(readings: &'static [u8], cut: usize, ending: &str) -> Option<Lemma> {
    let number = number_of(ending);
    let (&count, mut rest) = readings.split_first()?;
    for _ in 0..count {
        let (class, after) = rest.split_first_chunk()?;
        let class = u16::from_le_bytes(*class);
        let (whole, after) = match class & WHOLE {
            0 => (None, after),
            _ => split_word(after).map(|(whole, after)| (Some(whole), after))?,
        };
        rest = after;
        let class = class & !WHOLE;
        let is_one = match class {
            EXCEPTION => ending.is_empty(),
            _ => number.is_some_and(|number| is_of_class(class, number)),
        };
        if is_one {
            return Some(match whole {
                Some(whole) => Lemma { kept: 0, ending: str::from_utf8(whole).ok()? },
                None => Lemma { kept: cut, ending: ending_of(CLASS_TERMS[class as usize]) },
            });
        }
    }
    None
}

fn split_word(record: &'static [u8]) -> Option<(&'static [u8], &'static [u8])> {
    let (&length, rest) = record.split_first()?;
    rest.split_at_checked(length as usize)
}

/// Gives the number of an ending that is one.
fn number_of(ending: &str) -> Option<u16> {
    let mut at = slot(hash::hash(ending), ENDING_SLOTS.len());
    while let number @ 1.. = ENDING_SLOTS[at] {
        if ending_of(number - 1) == ending {
            return Some(number - 1);
        }
        at = (at + 1) % ENDING_SLOTS.len();
    }
    None
}

fn ending_of(number: u16) -> &'static str {
    let number = number as usize;
    &ENDINGS[ENDING_STARTS[number] as usize..ENDING_STARTS[number + 1] as usize]
}

fn is_of_class(class: u16, ending: u16) -> bool {
    let class = class as usize;
    let members = CLASS_STARTS[class] as usize..CLASS_STARTS[class + 1] as usize;
    CLASS_ENDINGS[members].binary_search(&ending).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{HashMap, HashSet};

    /// The lexicon as its text has it, in maps, and looked up as the Python analysis does.
    #[derive(Default)]
    struct Reference {
        stems: HashMap<&'static str, Vec<(usize, Option<&'static str>)>>,
        classes: Vec<(&'static str, HashSet<&'static str>)>,
        exceptions: HashMap<&'static str, &'static str>,
    }

    impl Reference {
        fn read() -> Self {
            let mut found = Self::default();
            for line in include_str!("../../../../../searchlib/analysis/data/lexicon.txt").lines() {
                match line.split_once(' ') {
                    Some(("=", rest)) => {
                        let mut endings = rest.split(' ').map(|it| if it == "-" { "" } else { it });
                        found.classes.push((endings.next().unwrap_or_default(), endings.collect()));
                    }
                    Some(("+", rest)) => {
                        for stem in rest.split(' ') {
                            let (stem, whole) = match stem.split_once('/') {
                                Some((stem, whole)) => (stem, Some(whole)),
                                None => (stem, None),
                            };
                            let class = found.classes.len() - 1;
                            found.stems.entry(stem).or_default().push((class, whole));
                        }
                    }
                    Some(("!", rest)) => {
                        found
                            .exceptions
                            .extend(rest.split(' ').filter_map(|it| it.split_once('/')));
                    }
                    _ => {}
                }
            }
            found
        }

        fn term(&self, form: &str) -> Option<String> {
            if let Some(term) = self.exceptions.get(form) {
                return Some((*term).to_owned());
            }
            let cuts = (1..=form.len()).rev().filter_map(|cut| form.split_at_checked(cut));
            for (stem, ending) in cuts {
                for &(class, whole) in self.stems.get(stem).into_iter().flatten() {
                    let (term, endings) = &self.classes[class];
                    if endings.contains(ending) {
                        return Some(whole.map_or([stem, term].concat(), str::to_owned));
                    }
                }
            }
            None
        }
    }

    /// Every form that the text gives a term has it, and so has every other word made of a stem
    /// of one and an ending of another.
    #[test]
    fn every_form_has_the_term_of_the_text() {
        let reference = Reference::read();
        let own = reference.stems.iter().flat_map(|(stem, readings)| {
            let endings = readings.iter().flat_map(|&(class, _)| &reference.classes[class].1);
            endings.map(|ending| [stem, *ending].concat())
        });
        let endings: Vec<&str> = reference.classes.iter().flat_map(|(_, it)| it).copied().collect();
        let mixed = reference.stems.keys().zip(endings.iter().cycle());
        let mixed = mixed.map(|(stem, ending)| [stem, *ending].concat());
        let exceptions = reference.exceptions.keys().map(|form| (*form).to_owned());
        let (mut forms, mut known) = (0, 0);
        for form in own.chain(mixed).chain(exceptions) {
            let mut term = String::new();
            let found = lemma(&form).map(|lemma| lemma.put(&form, &mut term)).map(|_| term);
            known += usize::from(found.is_some());
            assert_eq!(found, reference.term(&form), "{form}");
            forms += 1;
        }
        assert!(forms > known && known > 300_000);
    }
}
