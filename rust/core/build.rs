//! Makes the tables of the lexicon that `analysis/italian/lexicon.rs` looks words up in, from the
//! text that the Python analysis reads, so that a program need not read it.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

#[path = "src/analysis/italian/lexicon/hash.rs"]
mod hash;

const SOURCE: &str = "../../searchlib/analysis/data/lexicon.txt";

/// Bits of the filter for each slot: of the words that are no stems, one in some 25 passes.
const FILTER_BITS: usize = 8;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A class of endings that a word may have, and its term where that is not of a class.
struct Reading<'a> {
    class: u16,
    whole: Option<&'a str>,
}

#[derive(Default)]
struct Lexicon<'a> {
    /// The readings of each stem, and of each exception.
    stems: BTreeMap<&'a str, Vec<Reading<'a>>>,
    exceptions: BTreeMap<&'a str, &'a str>,
    /// How the term of each class ends, and its forms.
    classes: Vec<(&'a str, Vec<&'a str>)>,
}

fn main() -> Outcome<()> {
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rerun-if-changed=src/analysis/italian/lexicon/hash.rs");
    let text = fs::read_to_string(SOURCE).map_err(|error| format!("{SOURCE}: {error}"))?;
    let lexicon = read(&text)?;
    let mut source = String::new();
    write_endings(&lexicon, &mut source)?;
    write_stems(&lexicon, &mut source)?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("lexicon.rs"), source)?;
    Ok(())
}

/// Reads the text, whose format `searchlib/analysis/lexicon.py` tells.
fn read(text: &str) -> Outcome<Lexicon<'_>> {
    let mut lexicon = Lexicon::default();
    for line in text.lines() {
        let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
        match kind {
            "=" => {
                let mut endings = rest.split(' ').map(|it| if it == "-" { "" } else { it });
                let term = endings.next().unwrap_or_default();
                lexicon.classes.push((term, endings.collect()));
            }
            "+" => {
                let class =
                    lexicon.classes.len().checked_sub(1).ok_or("a stem before any class")?;
                let class = u16::try_from(class)?;
                for stem in rest.split(' ') {
                    let (stem, whole) = match stem.split_once('/') {
                        Some((stem, whole)) => (stem, Some(whole)),
                        None => (stem, None),
                    };
                    lexicon.stems.entry(stem).or_default().push(Reading { class, whole });
                }
            }
            "!" => {
                lexicon.exceptions.extend(rest.split(' ').filter_map(|pair| pair.split_once('/')));
            }
            "." => {}
            _ if line.starts_with('#') => {}
            _ => return Err(format!("{SOURCE}: a line that is none of the format: {line}").into()),
        }
    }
    // The whole form is the first stem that is looked up: exceptions come before all else there.
    for (form, term) in std::mem::take(&mut lexicon.exceptions) {
        let reading = Reading { class: hash::EXCEPTION, whole: Some(term) };
        lexicon.stems.entry(form).or_default().insert(0, reading);
    }
    Ok(lexicon)
}

/// Writes the endings, each once, and those of each class by their numbers.
fn write_endings(lexicon: &Lexicon<'_>, source: &mut String) -> Outcome<()> {
    let mut numbers: HashMap<&str, u16> = HashMap::new();
    let (mut text, mut starts) = (String::new(), vec![0]);
    for ending in
        lexicon.classes.iter().flat_map(|(term, endings)| [term].into_iter().chain(endings))
    {
        if !numbers.contains_key(ending) {
            numbers.insert(ending, u16::try_from(numbers.len())?);
            text.push_str(ending);
            starts.push(u16::try_from(text.len())?);
        }
    }
    let mut slots = vec![0; (2 * numbers.len()).next_power_of_two()];
    for (ending, &number) in &numbers {
        let mut at = hash::slot(hash::hash(ending), slots.len());
        while slots[at] != 0 {
            at = (at + 1) % slots.len();
        }
        slots[at] = number + 1;
    }
    let (mut terms, mut firsts, mut members) = (Vec::new(), vec![0], Vec::new());
    for (term, endings) in &lexicon.classes {
        let mut class: Vec<u16> = endings.iter().map(|ending| numbers[ending]).collect();
        class.sort_unstable();
        terms.push(numbers[term]);
        members.extend(class);
        firsts.push(u16::try_from(members.len())?);
    }
    let longest = numbers.keys().map(|ending| ending.len()).max().unwrap_or_default();
    writeln!(source, "const LONGEST_ENDING: usize = {longest};")?;
    writeln!(source, "static ENDINGS: &str = {text:?};")?;
    write_array(source, "ENDING_STARTS", "u16", &starts)?;
    write_array(source, "ENDING_SLOTS", "u16", &slots)?;
    write_array(source, "CLASS_TERMS", "u16", &terms)?;
    write_array(source, "CLASS_STARTS", "u16", &firsts)?;
    write_array(source, "CLASS_ENDINGS", "u16", &members)
}

/// Writes the stems and their readings as records, and a table of where these are.
fn write_stems(lexicon: &Lexicon<'_>, source: &mut String) -> Outcome<()> {
    // No record begins at 0, which marks an empty slot.
    let mut records = vec![0];
    let mut slots = vec![0; (2 * lexicon.stems.len()).next_power_of_two()];
    let mut filter = vec![0u64; slots.len() * FILTER_BITS / 64];
    for (stem, readings) in &lexicon.stems {
        let hash = hash::hash(stem);
        let mut at = hash::slot(hash, slots.len());
        while slots[at] != 0 {
            at = (at + 1) % slots.len();
        }
        let bit = hash::slot(hash, filter.len() * 64);
        filter[bit / 64] |= 1 << (bit % 64);
        let place = u32::try_from(records.len())?;
        if place > hash::PLACE {
            return Err("the records outgrow the places of their table".into());
        }
        slots[at] = hash::tag(hash) | place;
        push_word(&mut records, stem)?;
        records.push(u8::try_from(readings.len())?);
        for &Reading { class, whole } in readings {
            let flag = if whole.is_some() { hash::WHOLE } else { 0 };
            records.extend((class | flag).to_le_bytes());
            if let Some(whole) = whole {
                push_word(&mut records, whole)?;
            }
        }
    }
    write_array(source, "FILTER", "u64", &filter)?;
    write_array(source, "SLOTS", "u32", &slots)?;
    write_array(source, "RECORDS", "u8", &records)
}

fn push_word(records: &mut Vec<u8>, word: &str) -> Outcome<()> {
    records.push(u8::try_from(word.len())?);
    records.extend(word.bytes());
    Ok(())
}

fn write_array<T: ToString>(
    source: &mut String,
    name: &str,
    kind: &str,
    numbers: &[T],
) -> Outcome<()> {
    let written: Vec<String> = numbers.iter().map(T::to_string).collect();
    writeln!(source, "static {name}: [{kind}; {}] = [{}];", numbers.len(), written.join(","))?;
    Ok(())
}
