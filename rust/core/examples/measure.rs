//! Prints what indexing and searching cost, on one thread.
//!
//! `measure FOLDER [FILE [THREADS MEGABYTES]]` indexes the lines of FILE, or 100,000 generated
//! documents of 88 words on average from a Zipf distribution over 200,000 words, into an empty
//! FOLDER, and searches them, unless threads and memory are given. Words are analysed as Italian.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use searchlib_core::analysis::italian::ItalianAnalyzer;
use searchlib_core::analysis::{self, Analyzer, chunks};
use searchlib_core::buffer::Document;
use searchlib_core::columns::{ColumnKind, ColumnType};
use searchlib_core::error::Result;
use searchlib_core::index::{Writer, WriterOptions, create};
use searchlib_core::schema::{Field, FieldKind, Schema};
use searchlib_core::search::{Plan, Pruning, Request, Wanted, count, search};
use searchlib_core::segment::Words;
use searchlib_core::snapshot::Snapshot;
use searchlib_core::storage::FileStorage;

const TEXT: usize = 1;

struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
    }
}

fn word(rank: usize) -> String {
    const SYLLABLES: [&str; 20] = [
        "ca", "re", "ti", "mo", "lu", "na", "se", "di", "po", "fra", "gli", "sta", "be", "ri",
        "con", "vo", "pe", "chi", "zza", "no",
    ];
    let mut left = rank + 1;
    let mut word = String::new();
    while left > 0 {
        word.push_str(SYLLABLES[left % 20]);
        left /= 20;
    }
    word
}

fn generate(count: usize) -> Vec<String> {
    const WORDS: usize = 200_000;
    let mut chance = Chance(7);
    let words: Vec<String> = (0..WORDS).map(word).collect();
    let text = |chance: &mut Chance| {
        let length = 20 + (chance.next() * 136.0) as usize;
        let mut text = String::new();
        for at in 0..length {
            // Inverse of the distribution of Zipf with exponent 1, continuous.
            let rank = ((WORDS as f64).powf(chance.next()) - 1.0) as usize;
            text.push_str(&words[rank.min(WORDS - 1)]);
            text.push_str(if at % 12 == 11 { ", " } else { " " });
        }
        text
    };
    (0..count).map(|_| text(&mut chance)).collect()
}

/// Seconds that all threads had a processor; where the system does not tell, of the wall clock.
fn processor_seconds(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/self/stat").ok();
    // In hundredths of a second, the 14th and 15th of what the name in brackets is the second of.
    let ticks = told.and_then(|text| {
        let (_, rest) = text.rsplit_once(") ")?;
        let of = |at: usize| rest.split(' ').nth(at)?.parse::<f64>().ok();
        Some(of(11)? + of(12)?)
    });
    ticks.map_or_else(|| start.elapsed().as_secs_f64(), |it| it / 100.0)
}

/// The most memory that the process had so far, in MB, if the system tells.
fn peak_megabytes() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<f64>().ok().map(|it| it / 1e3)
}

fn schema() -> Result<Schema> {
    let key = FieldKind::Column(ColumnType { kind: ColumnKind::Key, multiple: false });
    Schema::new(vec![
        Field { name: "id".to_owned(), kind: key },
        Field { name: "testo".to_owned(), kind: FieldKind::Text },
    ])
}

fn index(folder: &Path, texts: &[String], options: WriterOptions) -> Result<()> {
    let storage = Arc::new(FileStorage::new(folder));
    create(storage.as_ref(), schema()?, Vec::new())?;
    let mut writer = Writer::open(storage, Arc::new(ItalianAnalyzer), options)?;
    let bytes: usize = texts.iter().map(String::len).sum();
    let start = Instant::now();
    let before = processor_seconds(start);
    for (number, text) in texts.iter().enumerate() {
        let key = number.to_string();
        let texts = [(TEXT, text.as_str())];
        writer.add(&Document { key: &key, texts: &texts, values: &[], stored: text.as_bytes() })?;
    }
    let added = processor_seconds(start);
    writer.commit()?;
    let whole = processor_seconds(start);
    let megabytes = bytes as f64 / 1e6;
    println!(
        "index: {} documents, {megabytes:.1} MB: add {:.2} s, commit {:.2} s of processor, {:.1} MB/s; wall {:.2} s",
        texts.len(),
        added - before,
        whole - added,
        megabytes / (whole - before),
        start.elapsed().as_secs_f64()
    );
    let size: u64 = std::fs::read_dir(folder)
        .map(|entries| {
            entries.flatten().filter_map(|entry| entry.metadata().ok()).map(|it| it.len()).sum()
        })
        .unwrap_or_default();
    if let Some(megabytes) = peak_megabytes() {
        println!("peak: {megabytes:.0} MB, the texts included");
    }
    println!("size: {:.1} MB, {:.2} of the text", size as f64 / 1e6, size as f64 / bytes as f64);
    Ok(())
}

/// The terms of the words of a text, one at each position: of a compound its parts.
fn terms_of(text: &str) -> Vec<String> {
    let (mut terms, mut found) = (Vec::new(), analysis::Words::default());
    for chunk in chunks(text) {
        ItalianAnalyzer.analyze(chunk, &mut found);
        let words: Vec<_> = found.iter().collect();
        let is_last =
            |at: usize| words.get(at + 1).is_none_or(|it| it.position > words[at].position);
        for at in (0..words.len()).filter(|&at| is_last(at)) {
            let mut term = String::new();
            ItalianAnalyzer.term(words[at].form, &mut term);
            terms.push(term);
        }
    }
    terms
}

fn wanted(term: &str) -> Wanted {
    Wanted { field: TEXT, words: Words::Terms, key: term.as_bytes().to_vec() }
}

fn words_plan(terms: &[String]) -> Vec<Plan> {
    terms.iter().map(|term| Plan::Word { wanted: wanted(term), boost: 1.0 }).collect()
}

fn queries(texts: &[String], kind: &str) -> Vec<Plan> {
    let mut chance = Chance(99);
    let mut plans = Vec::new();
    while plans.len() < 300 {
        let terms = terms_of(&texts[(chance.next() * (texts.len() - 1) as f64) as usize]);
        let length = 2 + (chance.next() * 3.0) as usize;
        if terms.len() < length + 1 {
            continue;
        }
        let at = (chance.next() * (terms.len() - length) as f64) as usize;
        let picked = terms[at..at + length].to_vec();
        plans.push(match kind {
            "term" => words_plan(&picked[..1]).remove(0),
            "all" => Plan::Combination {
                required: words_plan(&picked),
                optional: vec![],
                excluded: vec![],
            },
            "any" => Plan::Combination {
                required: vec![],
                optional: words_plan(&picked),
                excluded: vec![],
            },
            _ => Plan::Phrase {
                field: TEXT,
                words: Words::Terms,
                keys: (0..).zip(picked).map(|(at, term)| (at, term.into_bytes())).collect(),
                slop: 0,
                boost: 1.0,
            },
        });
    }
    plans
}

fn time(name: &str, plans: &[Plan], mut run: impl FnMut(&Plan) -> Result<()>) -> Result<()> {
    let mut best: Vec<f64> = Vec::new();
    for plan in plans {
        let mut least = f64::MAX;
        for _ in 0..5 {
            let start = Instant::now();
            run(plan)?;
            least = least.min(start.elapsed().as_secs_f64() * 1e6);
        }
        best.push(least);
    }
    best.sort_by(f64::total_cmp);
    let mean = best.iter().sum::<f64>() / best.len() as f64;
    let at = |share: f64| best[((best.len() - 1) as f64 * share) as usize];
    println!(
        "{name:24} mean {mean:8.1} p50 {:8.1} p95 {:8.1} p99 {:8.1} µs",
        at(0.5),
        at(0.95),
        at(0.99)
    );
    Ok(())
}

/// The cost of a posting where everything is evaluated, the best of five runs of each plan.
fn per_posting(snapshot: &Snapshot, plans: &[Plan]) -> Result<()> {
    let (mut postings, mut seconds) = (0, 0.0);
    for plan in plans {
        let Plan::Combination { optional, .. } = plan else { continue };
        for clause in optional {
            if let Plan::Word { wanted, .. } = clause {
                postings += snapshot.frequency(TEXT, Words::Terms, &wanted.key)?;
            }
        }
        let request = Request { pruning: Pruning::NONE, ..Request::default() };
        let mut least = f64::MAX;
        for _ in 0..5 {
            let start = Instant::now();
            black_box(search(snapshot, plan, &request)?);
            least = least.min(start.elapsed().as_secs_f64());
        }
        seconds += least;
    }
    println!("any, exhaustive: {:.2} ns per posting", seconds * 1e9 / postings as f64);
    Ok(())
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "indexes/measure".to_owned());
    let texts: Vec<String> = match arguments.next() {
        Some(file) if !file.is_empty() => std::fs::read_to_string(file)
            .map(|text| text.lines().map(str::to_owned).collect())
            .unwrap_or_default(),
        _ => generate(100_000),
    };
    let numbers: Vec<usize> = arguments.filter_map(|it| it.parse().ok()).collect();
    let options = match numbers[..] {
        [threads, megabytes] => {
            WriterOptions { memory_bytes: megabytes << 20, threads, ..WriterOptions::default() }
        }
        _ => WriterOptions::from(1 << 30),
    };
    index(Path::new(&folder), &texts, options)?;
    if !numbers.is_empty() {
        return Ok(());
    }
    let start = Instant::now();
    let storage = FileStorage::new(Path::new(&folder));
    let snapshot = Snapshot::open(&storage)?;
    println!(
        "open: {:.2} ms, {} segments",
        start.elapsed().as_secs_f64() * 1e3,
        snapshot.segments().len()
    );
    for kind in ["term", "any", "all", "phrase"] {
        let plans = queries(&texts, kind);
        if kind == "any" {
            per_posting(&snapshot, &plans)?;
        }
        for (name, counts, pruning) in [
            ("top 10", false, Request::default().pruning),
            ("top 10, exhaustive", true, Pruning::NONE),
        ] {
            let request = Request { counts, pruning, ..Request::default() };
            time(&format!("{kind}, {name}"), &plans, |plan| {
                search(&snapshot, plan, &request).map(|found| drop(black_box(found)))
            })?;
        }
        time(&format!("{kind}, count"), &plans, |plan| {
            count(&snapshot, plan).map(|it| assert!(black_box(it) > 0))
        })?;
    }
    Ok(())
}
