//! Owns which terms are akin: by their first letters.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::segment::Words;
use crate::snapshot::Snapshot;

/// Letters that akin words have in common at least: fewer begin half the dictionary.
const LEAST_COMMON: usize = 4;

/// Twice the letters in common are at least 0.55 (11/20) of the letters of both words.
const LIKENESS: (usize, usize) = (11, 20);

/// Gives the terms of a field that begin as a term does, the likest first, at most `limit`.
///
/// Two terms are akin when the letters that they have in common from the first on are at least 4,
/// and twice these at least 0.55 of the letters of both. Of equally like ones those in more
/// documents come first, then those that sort first.
pub fn kin(snapshot: &Snapshot, field: usize, term: &str, limit: usize) -> Result<Vec<String>> {
    let (share, whole) = LIKENESS;
    let length = term.chars().count();
    // What has p letters in common is no shorter than p, so this is the least that p can be.
    let least = LEAST_COMMON.max((share * length).div_ceil(2 * whole - share));
    if length < least || term.bytes().any(|byte| byte.is_ascii_digit()) {
        return Ok(Vec::new());
    }
    let end = term.char_indices().nth(least).map_or(term.len(), |(at, _)| at);
    let prefix = term.get(..end).unwrap_or(term);
    let mut found: BTreeMap<String, Akin> = BTreeMap::new();
    for live in snapshot.segments() {
        let dictionary = live.segment.dictionary(field, Words::Terms)?;
        let mut entries = dictionary.from(prefix.as_bytes())?;
        while let Some(key) = entries.next()? {
            if !key.starts_with(prefix.as_bytes()) {
                break;
            }
            let Ok(other) = std::str::from_utf8(key) else { continue };
            let common = term.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
            let letters = length + other.chars().count();
            if other == term || 2 * whole * common < share * letters {
                continue;
            }
            let other = other.to_owned();
            let akin = found.entry(other).or_insert(Akin { common, letters, documents: 0 });
            akin.documents += u64::from(entries.info().documents);
        }
    }
    let mut found: Vec<(String, Akin)> = found.into_iter().collect();
    found.sort_by(|(_, one), (_, other)| {
        // common / letters, without rounding.
        let likeness = (other.common * one.letters).cmp(&(one.common * other.letters));
        likeness.then(other.documents.cmp(&one.documents))
    });
    Ok(found.into_iter().take(limit).map(|(term, _)| term).collect())
}

/// A term that begins as another does.
struct Akin {
    common: usize,
    letters: usize,
    documents: u64,
}
