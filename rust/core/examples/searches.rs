//! Prints what searching costs, on one thread: `searches FOLDER QUERIES`.
//!
//! FOLDER holds an index that `measure` made. Each line of QUERIES is a type (term, any, all,
//! phrase, prefix), a kind and the words, separated by tabs. Each query is run five
//! times with its type and the types that are made from it; the best run counts. All pages are
//! compared with those of the whole evaluation.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use searchlib_core::analysis::italian::ItalianAnalyzer;
use searchlib_core::analysis::{self, Analyzer, chunks};
use searchlib_core::error::Result;
use searchlib_core::kernels::{Kernels, Level};
use searchlib_core::packing::{BLOCK, pack};
use searchlib_core::ranking::Saturation;
use searchlib_core::search::{Plan, Pruning, Request, Wanted, count, search};
use searchlib_core::segment::{Lengths, Words, form_key};
use searchlib_core::snapshot::Snapshot;
use searchlib_core::storage::FileStorage;

const TEXT: usize = 1;
const RUNS: usize = 5;

/// A word of a query.
struct Word {
    form: String,
    term: String,
}

/// The words of a text, one at each position: of a compound its parts.
fn words_of(text: &str) -> Vec<Word> {
    let (mut words, mut found) = (Vec::new(), analysis::Words::default());
    for chunk in chunks(text) {
        ItalianAnalyzer.analyze(chunk, &mut found);
        let own: Vec<_> = found.iter().collect();
        let is_last = |at: usize| own.get(at + 1).is_none_or(|it| it.position > own[at].position);
        for at in (0..own.len()).filter(|&at| is_last(at)) {
            let mut term = String::new();
            ItalianAnalyzer.term(own[at].form, &mut term);
            words.push(Word { form: own[at].form.to_owned(), term });
        }
    }
    words
}

fn term(word: &Word, boost: f64) -> Plan {
    let key = word.term.as_bytes().to_vec();
    Plan::Word { wanted: Wanted { field: TEXT, words: Words::Terms, key }, boost }
}

fn form(word: &Word, boost: f64) -> Plan {
    let mut folded = String::new();
    ItalianAnalyzer.fold(&word.form, &mut folded);
    let key = form_key(&folded, &word.form);
    Plan::Word { wanted: Wanted { field: TEXT, words: Words::Forms, key }, boost }
}

fn phrase(words: &[Word], boost: f64) -> Plan {
    let keys = (0..).zip(words).map(|(at, word)| (at, word.term.as_bytes().to_vec()));
    Plan::Phrase { field: TEXT, words: Words::Terms, keys: keys.collect(), slop: 0, boost }
}

fn combination(required: Vec<Plan>, optional: Vec<Plan>, excluded: Vec<Plan>) -> Plan {
    Plan::Combination { required, optional, excluded }
}

/// The plan of all forms that begin with a prefix, up to as many as a query may stand for.
fn prefix(snapshot: &Snapshot, prefix: &str) -> Result<Plan> {
    const MOST: usize = 10_000;
    let accepts = &mut |_: &str, _: &str| std::ops::ControlFlow::Continue(true);
    let (forms, _) = snapshot.expand(TEXT, prefix.trim_end_matches('*'), MOST, accepts)?;
    let key = |form: &String| {
        let mut folded = String::new();
        ItalianAnalyzer.fold(form, &mut folded);
        form_key(&folded, form)
    };
    Ok(Plan::AnyForm { field: TEXT, keys: forms.iter().map(key).collect(), boost: 1.0 })
}

fn terms(words: &[Word]) -> Vec<Plan> {
    words.iter().map(|word| term(word, 1.0)).collect()
}

/// The plans that a query of a type stands for, each with its name.
fn plans(kind: &str, words: &[Word]) -> Vec<(&'static str, Plan)> {
    let pairs = || words.windows(2).map(|pair| phrase(pair, 0.3));
    let Some((first, rest)) = words.split_first() else { return Vec::new() };
    match kind {
        "term" => vec![
            ("term", term(first, 1.0)),
            ("term, forms", combination(vec![], vec![term(first, 1.0), form(first, 0.2)], vec![])),
        ],
        "any" => {
            let graded = words.iter().flat_map(|word| [term(word, 1.0), form(word, 0.2)]);
            vec![
                ("any", combination(vec![], terms(words), vec![])),
                ("any, forms, pairs", combination(vec![], graded.chain(pairs()).collect(), vec![])),
                ("+a b", combination(vec![term(first, 1.0)], terms(rest), vec![])),
                ("-a b", combination(vec![], terms(rest), vec![term(first, 1.0)])),
            ]
        }
        "all" => {
            let graded = |word| combination(vec![], vec![term(word, 1.0), form(word, 0.2)], vec![]);
            let graded = words.iter().map(graded).collect();
            vec![
                ("all", combination(terms(words), vec![], vec![])),
                ("all, forms, pairs", combination(graded, pairs().collect(), vec![])),
            ]
        }
        "phrase" => vec![("phrase", phrase(words, 1.0))],
        _ => Vec::new(),
    }
}

fn best(mut run: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut least = f64::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        run()?;
        least = least.min(start.elapsed().as_secs_f64() * 1e6);
    }
    Ok(least)
}

fn print(name: &str, times: &mut [f64]) {
    times.sort_by(f64::total_cmp);
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    let (p50, p99) = (at(0.5), at(0.99));
    println!("{name:36} {:4} mean {mean:8.1} p50 {p50:8.1} p99 {p99:8.1} µs", times.len());
}

/// Prints what the kernels cost a posting at each level, on a block in the nearest cache.
fn print_kernels() {
    const ROUNDS: usize = 200;
    let gaps: [u32; BLOCK] = std::array::from_fn(|at| (at as u32 * 2_654_435_761) >> 26);
    let mut packed = Vec::new();
    pack(&gaps, 6, &mut packed);
    let lengths: Vec<[u8; 2]> = (0..u16::MAX).map(|at| (at % 997).to_le_bytes()).collect();
    let (mut documents, mut points) = ([0; BLOCK], [0; BLOCK]);
    let saturation = Saturation::new(1000, 150_000);
    for level in Level::available() {
        let kernels = Kernels::at(level);
        let time = |run: &mut dyn FnMut()| {
            let mut least = f64::MAX;
            for _ in 0..100 {
                let start = Instant::now();
                (0..ROUNDS).for_each(|_| run());
                least = least.min(start.elapsed().as_secs_f64());
            }
            least * 1e9 / (ROUNDS * BLOCK) as f64
        };
        let decode = time(&mut || {
            assert!(kernels.documents(black_box(&packed), 6, 0, &mut documents));
        });
        let frequencies = gaps.map(|gap| gap % 8 + 1);
        let lengths = Lengths::Middle(&lengths);
        let score = time(&mut || {
            kernels.score(
                black_box(&documents),
                &frequencies,
                lengths,
                1e6,
                saturation,
                &mut points,
            );
        });
        let keep = time(&mut || {
            let (mut documents, mut points) = (documents, black_box(points));
            black_box(kernels.keep(&mut documents, &mut points, 850_000));
        });
        println!("{level:?}: decode {decode:.2}, score {score:.2}, keep {keep:.2} ns a posting");
    }
}

fn main() -> Result<()> {
    print_kernels();
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_default();
    let queries = std::fs::read_to_string(arguments.next().unwrap_or_default()).unwrap_or_default();
    let (only, only_page) = (arguments.next(), arguments.next());
    let start = Instant::now();
    let snapshot = Snapshot::open(&FileStorage::new(Path::new(&folder)))?;
    let (open, segments) = (start.elapsed().as_secs_f64() * 1e3, snapshot.segments().len());
    println!("open: {open:.2} ms, {} documents, {segments} segments", snapshot.documents());
    let exhaustive = Request { pruning: Pruning::NONE, ..Request::default() };
    let pages = [
        ("top 10", Request { counts: false, ..Request::default() }),
        ("top 100", Request { counts: false, limit: 100, ..Request::default() }),
        ("exhaustive", exhaustive),
    ];
    let mut times: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in queries.lines() {
        let mut parts = line.split('\t');
        let (Some(kind), _, Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let plans = match kind {
            "prefix" => vec![("prefix", prefix(&snapshot, text)?)],
            _ => plans(kind, &words_of(text)),
        };
        for (name, plan) in plans {
            if only.as_ref().is_some_and(|only| only != name) {
                continue;
            }
            if only.is_none() {
                let [top, _, whole] = &pages;
                let hits = |request| search(&snapshot, &plan, request).map(|found| found.hits);
                assert_eq!(hits(&top.1)?, hits(&whole.1)?, "{plan:?}");
            }
            for (page, request) in &pages {
                if only_page.as_ref().is_some_and(|only| only != page) {
                    continue;
                }
                let time =
                    best(|| search(&snapshot, &plan, request).map(|it| drop(black_box(it))))?;
                times.entry(format!("{name}: {page}")).or_default().push(time);
                if only.is_some() && only_page.is_some() {
                    println!("{time:10.1} {text}");
                }
            }
            if only_page.is_some() {
                continue;
            }
            let time =
                best(|| count(&snapshot, &plan).map(|it| assert!(black_box(it) < u64::MAX)))?;
            times.entry(format!("{name}: count")).or_default().push(time);
        }
    }
    times.iter_mut().for_each(|(name, times)| print(name, times));
    Ok(())
}
