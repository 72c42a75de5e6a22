//! Prints what searching costs, on one thread: `searches FOLDER QUERIES`.
//!
//! Words are looked for in all text fields of the index in FOLDER. Each line of QUERIES is a type
//! (term, any, all, phrase, prefix), a kind and the words, separated by tabs. Each query is run five
//! times with its type and the types that are made from it; the best run counts. All pages are
//! compared with those of the whole evaluation.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use searchlib_core::analysis::italian::ItalianAnalyzer;
use searchlib_core::analysis::{self, Analyzer, chunks};
use searchlib_core::error::Result;
use searchlib_core::kernels::{Kernels, Level};
use searchlib_core::packing::{BLOCK, pack};
use searchlib_core::ranking::Saturation;
use searchlib_core::schema::FieldKind;
use searchlib_core::search::{FormSet, Plan, Pruning, Request, Wanted, count, search};
use searchlib_core::segment::{Lengths, Words, form_key};
use searchlib_core::snapshot::Snapshot;
use searchlib_core::storage::FileStorage;

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

fn combination(required: Vec<Plan>, optional: Vec<Plan>, excluded: Vec<Plan>) -> Plan {
    Plan::Combination { required, optional, excluded }
}

/// The key of a form in a dictionary.
fn key_of(form: &str) -> Vec<u8> {
    let mut folded = String::new();
    ItalianAnalyzer.fold(form, &mut folded);
    form_key(&folded, form)
}

/// The fields that words are looked for in.
struct Fields(Vec<usize>);

impl Fields {
    fn of(snapshot: &Snapshot) -> Self {
        let fields = snapshot.schema().fields().iter().enumerate();
        Self(fields.filter(|(_, it)| it.kind == FieldKind::Text).map(|(at, _)| at).collect())
    }

    /// The plan of what is looked for in any field.
    fn any(&self, plan: impl Fn(usize) -> Plan) -> Plan {
        let mut plans: Vec<Plan> = self.0.iter().map(|&field| plan(field)).collect();
        if plans.len() == 1 { plans.remove(0) } else { combination(vec![], plans, vec![]) }
    }

    fn term(&self, word: &Word, boost: f64) -> Plan {
        self.any(|field| {
            let key = word.term.as_bytes().to_vec();
            Plan::Word { wanted: Wanted { field, words: Words::Terms, key }, boost }
        })
    }

    fn form(&self, word: &Word, boost: f64) -> Plan {
        self.any(|field| {
            let wanted = Wanted { field, words: Words::Forms, key: key_of(&word.form) };
            Plan::Word { wanted, boost }
        })
    }

    fn phrase(&self, words: &[Word], boost: f64) -> Plan {
        let keys = (0..).zip(words).map(|(at, word)| (at, word.term.as_bytes().to_vec()));
        let keys: Vec<_> = keys.collect();
        let words = Words::Terms;
        self.any(|field| Plan::Phrase { field, words, keys: keys.clone(), slop: 0, boost })
    }

    /// The plan of all forms that begin with a prefix, up to as many as a pattern may stand for.
    fn prefix(&self, snapshot: &Snapshot, prefix: &str) -> Result<Plan> {
        const MOST: usize = 1024;
        let prefix = prefix.trim_end_matches('*');
        let mut plans = Vec::new();
        for &field in &self.0 {
            let accepts = &mut |_: &str, _: &str| std::ops::ControlFlow::Continue(true);
            let held = snapshot.expand(field, prefix, MOST, accepts)?.held;
            let forms = FormSet::Held(Arc::new(held));
            plans.push(Plan::AnyForm { field, forms, boost: 1.0 });
        }
        Ok(combination(vec![], plans, vec![]))
    }

    fn terms(&self, words: &[Word]) -> Vec<Plan> {
        words.iter().map(|word| self.term(word, 1.0)).collect()
    }

    /// The plans that a query of a type stands for, each with its name.
    fn plans(&self, kind: &str, words: &[Word]) -> Vec<(&'static str, Plan)> {
        let pairs = || words.windows(2).map(|pair| self.phrase(pair, 0.3));
        let graded = |word| vec![self.term(word, 1.0), self.form(word, 0.2)];
        let Some((first, rest)) = words.split_first() else { return Vec::new() };
        match kind {
            "term" => vec![
                ("term", self.term(first, 1.0)),
                ("term, forms", combination(vec![], graded(first), vec![])),
            ],
            "any" => {
                let all = words.iter().flat_map(graded).chain(pairs()).collect();
                let (one, rest) = (vec![self.term(first, 1.0)], self.terms(rest));
                vec![
                    ("any", combination(vec![], self.terms(words), vec![])),
                    ("any, forms, pairs", combination(vec![], all, vec![])),
                    ("+a b", combination(one.clone(), rest.clone(), vec![])),
                    ("-a b", combination(vec![], rest, one)),
                ]
            }
            "all" => {
                let each = |word| combination(vec![], graded(word), vec![]);
                let graded = words.iter().map(each).collect();
                vec![
                    ("all", combination(self.terms(words), vec![], vec![])),
                    ("all, forms, pairs", combination(graded, pairs().collect(), vec![])),
                ]
            }
            "phrase" => vec![("phrase", self.phrase(words, 1.0))],
            _ => Vec::new(),
        }
    }
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

/// A way to ask a plan.
type Page = (&'static str, Option<Request<'static>>);

fn pages() -> [Page; 4] {
    let top = |limit| Some(Request { limit, counts: false, ..Request::default() });
    let exhaustive = Request { pruning: Pruning::NONE, ..Request::default() };
    [("top 10", top(10)), ("top 100", top(100)), ("exhaustive", Some(exhaustive)), ("count", None)]
}

/// The plans of the queries, each with its name and its query.
fn read_plans(snapshot: &Snapshot, queries: &str) -> Result<Vec<(String, Plan, String)>> {
    let (fields, mut found) = (Fields::of(snapshot), Vec::new());
    for line in queries.lines() {
        let mut parts = line.split('\t');
        let (Some(kind), _, Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let plans = match kind {
            "prefix" => vec![("prefix", fields.prefix(snapshot, text)?)],
            _ => fields.plans(kind, &words_of(text)),
        };
        found.extend(plans.into_iter().map(|(name, it)| (name.to_owned(), it, text.to_owned())));
    }
    Ok(found)
}

/// The least microseconds of the runs of each plan; all plans are run in turn.
fn best_times(
    snapshot: &Snapshot,
    plans: &[(String, Plan, String)],
    request: Option<&Request<'_>>,
) -> Result<Vec<f64>> {
    let mut least = vec![f64::MAX; plans.len()];
    for _ in 0..RUNS {
        for ((_, plan, _), least) in plans.iter().zip(&mut least) {
            let start = Instant::now();
            match request {
                Some(request) => drop(black_box(search(snapshot, plan, request)?)),
                None => assert!(black_box(count(snapshot, plan)?) < u64::MAX),
            }
            *least = least.min(start.elapsed().as_secs_f64() * 1e6);
        }
    }
    Ok(least)
}

/// Prints how few of the postings are decoded, in thousands a query: `whole` by evaluating
/// everything, `top` for the page, `known` for the page where its last hit is known from the start.
///
/// *Pruning* is known / top: what is lost by finding out how high the page lies. *Kernels* is what
/// the postings of the whole evaluation are to cost by the measured steps (a decoded posting 0.1
/// ns, one that is scored and added up 0.8) over what they do cost.
#[cfg(feature = "tally")]
fn print_efficiency(snapshot: &Snapshot, plans: &[(String, Plan, String)]) -> Result<()> {
    use searchlib_core::search::take_decoded;
    const NANOSECONDS: f64 = 0.1 + 0.8;
    let decoded = |plan: &Plan, request: &Request<'_>| {
        take_decoded();
        let hits = search(snapshot, plan, request)?.hits;
        Ok::<_, searchlib_core::error::Error>((take_decoded(), hits))
    };
    for limit in [10, 100] {
        let mut sums: BTreeMap<&str, ([u64; 3], f64, usize)> = BTreeMap::new();
        for (name, plan, _) in plans {
            let top = Request { limit, counts: false, ..Request::default() };
            let (by_top, hits) = decoded(plan, &top)?;
            let known = hits.last().copied().filter(|_| hits.len() == limit);
            let (by_known, same) = decoded(plan, &Request { known, ..top })?;
            assert_eq!(hits, same);
            let whole = Request { limit, pruning: Pruning::NONE, ..Request::default() };
            let (mut seconds, mut by_whole) = (f64::MAX, 0);
            for _ in 0..RUNS {
                let start = Instant::now();
                by_whole = decoded(plan, &whole)?.0;
                seconds = seconds.min(start.elapsed().as_secs_f64());
            }
            let (numbers, time, count) = sums.entry(name).or_default();
            numbers.iter_mut().zip([by_whole, by_top, by_known]).for_each(|(sum, it)| *sum += it);
            *time += seconds;
            *count += 1;
        }
        for (name, ([whole, top, known], seconds, count)) in sums {
            let thousands = |sum: u64| sum as f64 / count as f64 / 1e3;
            println!(
                "{name:20} top {limit:3}: whole {:8.1}, top {:7.1}, known {:7.1}; pruning {:.2}, kernels {:.2}",
                thousands(whole),
                thousands(top),
                thousands(known),
                known as f64 / top as f64,
                whole as f64 * NANOSECONDS / (seconds * 1e9),
            );
        }
    }
    Ok(())
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
    let mut plans = read_plans(&snapshot, &queries)?;
    if let Some(only) = &only {
        plans.retain(|(name, ..)| name == only);
    } else {
        let [top, _, whole, _] = pages();
        for (_, plan, text) in &plans {
            let hits = |request: &Page| match &request.1 {
                Some(request) => search(&snapshot, plan, request).map(|found| found.hits),
                None => Ok(Vec::new()),
            };
            assert_eq!(hits(&top)?, hits(&whole)?, "{text}");
        }
    }
    print_times(&snapshot, &plans, only_page.as_deref())?;
    #[cfg(feature = "tally")]
    print_efficiency(&snapshot, &plans)?;
    Ok(())
}

/// Prints how long each way to ask takes.
fn print_times(
    snapshot: &Snapshot,
    plans: &[(String, Plan, String)],
    only_page: Option<&str>,
) -> Result<()> {
    for (page, request) in pages() {
        if only_page.is_some_and(|only| only != page) {
            continue;
        }
        let least = best_times(snapshot, plans, request.as_ref())?;
        let mut times: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for ((name, _, text), time) in plans.iter().zip(least) {
            times.entry(format!("{name}: {page}")).or_default().push(time);
            if only_page.is_some() {
                println!("{time:10.1} {text}");
            }
        }
        times.iter_mut().for_each(|(name, times)| print(name, times));
    }
    Ok(())
}
