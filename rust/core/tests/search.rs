//! Searches against their definition: whatever the documents, the plan and how they came into the
//! index, the hits are those of the oracle, and no way of leaving work out changes them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod oracle;

use std::sync::Arc;

use oracle::{Ask, Doc, Oracle, WORDS};
use proptest::prelude::*;
use searchlib_core::analysis::PlainAnalyzer;
use searchlib_core::buffer::Document;
use searchlib_core::columns::{ColumnKind, ColumnType, Value};
use searchlib_core::index::{Writer, WriterOptions, create};
use searchlib_core::kernels::Level;
use searchlib_core::schema::{Field, FieldKind, Schema};
use searchlib_core::search::{
    FormSet, Found, LeafScore, Plan, Pruning, Request, SortKey, Wanted, count, explain, matching,
    search,
};
use searchlib_core::segment::{Words, form_key};
use searchlib_core::snapshot::Snapshot;
use searchlib_core::storage::MemoryStorage;

const TEXTS: [usize; 2] = [1, 2];
const YEAR: usize = 3;
const TAGS: usize = 4;
const TAG_NAMES: [&str; 3] = ["esteri", "mare", "sport"];

fn schema() -> Schema {
    let column = |kind, multiple| FieldKind::Column(ColumnType { kind, multiple });
    let field = |name: &str, kind| Field { name: name.to_owned(), kind };
    Schema::new(vec![
        field("id", column(ColumnKind::Key, false)),
        field("titolo", FieldKind::Text),
        field("testo", FieldKind::Text),
        field("anno", column(ColumnKind::Integer, false)),
        field("etichette", column(ColumnKind::Text, true)),
    ])
    .unwrap()
}

fn open(storage: &MemoryStorage, options: impl Into<WriterOptions>) -> Writer {
    Writer::open(Arc::new(storage.clone()), Arc::new(PlainAnalyzer), options).unwrap()
}

fn add(writer: &mut Writer, doc: &Doc) {
    let text =
        |words: &[usize]| words.iter().map(|&word| WORDS[word].0).collect::<Vec<_>>().join(" ");
    let (title, body) = (text(&doc.texts[0]), text(&doc.texts[1]));
    let mut values: Vec<(usize, Value)> =
        doc.tags.iter().map(|tag| (TAGS, Value::Text((*tag).to_owned()))).collect();
    values.extend(doc.year.map(|year| (YEAR, Value::Integer(year))));
    let texts = [(TEXTS[0], title.as_str()), (TEXTS[1], body.as_str())];
    let stored = body.as_bytes();
    writer.add(&Document { key: &doc.key, texts: &texts, values: &values, stored }).unwrap();
}

fn fold(form: &str) -> String {
    form.replace('é', "e")
}

fn key_of(word: usize, exact: bool) -> Vec<u8> {
    let (form, term) = WORDS[word];
    if exact { form_key(&fold(form), form) } else { term.as_bytes().to_vec() }
}

fn plan_of(ask: &Ask) -> Plan {
    let words = |exact| if exact { Words::Forms } else { Words::Terms };
    let word = |text: usize, word, exact, boost: f64| {
        let wanted = Wanted { field: TEXTS[text], words: words(exact), key: key_of(word, exact) };
        Plan::Word { wanted, boost }
    };
    let plans = |asks: &[Ask]| asks.iter().map(plan_of).collect::<Vec<_>>();
    let tag = |tag: &str| Some((Value::Text(tag.to_owned()), true));
    let year = |bound: &Option<(i64, bool)>| bound.map(|(year, with)| (Value::Integer(year), with));
    match ask {
        Ask::Term { text, word: it, boost } => word(*text, *it, false, *boost),
        Ask::Form { text, word: it, boost } => word(*text, *it, true, *boost),
        Ask::Phrase { text, words: list, slop, exact, boost } => Plan::Phrase {
            field: TEXTS[*text],
            words: words(*exact),
            keys: list.iter().map(|&(offset, word)| (offset, key_of(word, *exact))).collect(),
            slop: *slop,
            boost: *boost,
        },
        Ask::AnyForm { text, words, boost } => {
            let keys = words.iter().map(|&word| key_of(word, true)).collect();
            Plan::AnyForm { field: TEXTS[*text], forms: FormSet::Keys(keys), boost: *boost }
        }
        Ask::Years { low, high, boost } => {
            Plan::Range { field: YEAR, low: year(low), high: year(high), boost: *boost }
        }
        Ask::Tag { tag: it, boost } => {
            Plan::Range { field: TAGS, low: tag(it), high: tag(it), boost: *boost }
        }
        Ask::All { boost } => Plan::All { boost: *boost },
        Ask::None => Plan::None,
        Ask::Combine { required, optional, excluded } => Plan::Combination {
            required: plans(required),
            optional: plans(optional),
            excluded: plans(excluded),
        },
    }
}

fn asks() -> impl Strategy<Value = Ask> {
    let word = || 0..WORDS.len();
    let boost = || prop_oneof![5 => Just(1.0), 1 => Just(0.0), 1 => Just(7.5), 1 => Just(0.25)];
    let bound = || proptest::option::of((2018i64..2024, any::<bool>()));
    let phrase = (
        0usize..2,
        proptest::collection::vec((1u32..3, word()), 1..4),
        0u32..3,
        any::<bool>(),
        boost(),
    );
    let leaf = prop_oneof![
        4 => (0usize..2, word(), boost()).prop_map(|(text, word, boost)| Ask::Term { text, word, boost }),
        1 => (0usize..2, word(), boost()).prop_map(|(text, word, boost)| Ask::Form { text, word, boost }),
        3 => phrase.prop_map(|(text, gaps, slop, exact, boost)| {
            let mut offset = 0;
            let words = gaps.iter().enumerate().map(|(at, &(gap, word))| {
                offset += if at == 0 { 0 } else { gap };
                (offset, word)
            });
            Ask::Phrase { text, words: words.collect(), slop, exact, boost }
        }),
        1 => (0usize..2, proptest::collection::vec(word(), 0..4), boost())
            .prop_map(|(text, words, boost)| Ask::AnyForm { text, words, boost }),
        1 => (bound(), bound(), boost()).prop_map(|(low, high, boost)| Ask::Years { low, high, boost }),
        1 => (proptest::sample::select(&TAG_NAMES[..]), boost()).prop_map(|(tag, boost)| Ask::Tag { tag, boost }),
        1 => boost().prop_map(|boost| Ask::All { boost }),
        1 => Just(Ask::None),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let clauses = |most| proptest::collection::vec(inner.clone(), 0..most);
        (clauses(4), clauses(4), clauses(2)).prop_map(|(required, optional, excluded)| {
            Ask::Combine { required, optional, excluded }
        })
    })
}

/// Rows of words, which are what pruning is for.
fn rows() -> impl Strategy<Value = Ask> {
    let term = (0usize..2, 0..WORDS.len(), prop_oneof![Just(1.0), Just(3.0)])
        .prop_map(|(text, word, boost)| Ask::Term { text, word, boost });
    (proptest::collection::vec(term, 1..5), any::<bool>()).prop_map(|(words, all)| {
        let (required, optional) = if all { (words, Vec::new()) } else { (Vec::new(), words) };
        Ask::Combine { required, optional, excluded: Vec::new() }
    })
}

/// Plans that grade the evidence for words: terms and forms, any or all, side by side or each form
/// within the clause of its term, and pairs of neighbours.
fn graded() -> impl Strategy<Value = Ask> {
    let boost = prop_oneof![Just(0.25), Just(4.0)];
    let words = proptest::collection::vec(0..WORDS.len(), 1..4);
    (0usize..2, words, any::<bool>(), any::<bool>(), boost).prop_map(
        |(text, words, all, within, boost)| {
            let one = |&word: &usize| {
                let (term, form) =
                    (Ask::Term { text, word, boost: 1.0 }, Ask::Form { text, word, boost });
                if !within {
                    return vec![term, form];
                }
                let (required, optional) = (vec![term], vec![form]);
                vec![Ask::Combine { required, optional, excluded: vec![] }]
            };
            let pairs = words.windows(2).map(|pair| Ask::Phrase {
                text,
                words: vec![(0, pair[0]), (1, pair[1])],
                slop: 0,
                exact: false,
                boost: 0.5,
            });
            let any = |optional| Ask::Combine { required: vec![], optional, excluded: vec![] };
            if all {
                let required = words.iter().map(|word| any(one(word))).collect();
                return Ask::Combine { required, optional: pairs.collect(), excluded: vec![] };
            }
            any(words.iter().flat_map(one).chain(pairs).collect())
        },
    )
}

/// Phrases any of which may match, in one field or two.
fn phrases() -> impl Strategy<Value = Ask> {
    let words = proptest::collection::vec((1u32..3, 0..WORDS.len()), 1..5);
    let slop = prop_oneof![4 => Just(0u32), 1 => 1u32..4];
    let boost = prop_oneof![Just(1.0), Just(6.0)];
    let phrase = (0usize..2, words, slop, any::<bool>(), boost).prop_map(
        |(text, words, slop, exact, boost)| {
            let start = words.first().map_or(0, |first| first.0);
            let mut offset = 0;
            let words = words.iter().map(|&(gap, word)| {
                offset += gap;
                (offset - start, word)
            });
            Ask::Phrase { text, words: words.collect(), slop, exact, boost }
        },
    );
    proptest::collection::vec(phrase, 1..4).prop_map(|optional| Ask::Combine {
        required: vec![],
        optional,
        excluded: vec![],
    })
}

fn docs(most: usize) -> impl Strategy<Value = Vec<Doc>> {
    let text = || proptest::collection::vec(0..WORDS.len(), 0..12);
    let tags = proptest::sample::subsequence(&TAG_NAMES[..], 0..=3);
    let doc = (text(), text(), proptest::option::of(2018i64..2024), tags);
    proptest::collection::vec(doc, 1..most).prop_map(|docs| {
        let numbered = docs.into_iter().enumerate();
        numbered
            .map(|(at, (title, body, year, tags))| Doc {
                key: format!("k{at}"),
                texts: [title, body],
                year,
                tags,
            })
            .collect()
    })
}

fn indexed(docs: &[Doc], commits: usize) -> MemoryStorage {
    indexed_by(docs, commits, WriterOptions::from(usize::MAX))
}

fn indexed_by(docs: &[Doc], commits: usize, options: WriterOptions) -> MemoryStorage {
    let storage = MemoryStorage::new();
    create(&storage, schema(), b"impostazioni".to_vec()).unwrap();
    let mut writer = open(&storage, options);
    for part in docs.chunks(docs.len().div_ceil(commits).max(1)) {
        part.iter().for_each(|doc| add(&mut writer, doc));
        writer.commit().unwrap();
    }
    storage
}

fn options() -> impl Strategy<Value = WriterOptions> {
    let memory = prop_oneof![Just(1_usize), Just(150_000), Just(1 << 20), Just(usize::MAX)];
    let merge = prop_oneof![Just(0_u64), Just(u64::MAX)];
    (memory, 1_usize..4, merge).prop_map(|(memory_bytes, threads, inline_merge_bytes)| {
        WriterOptions { memory_bytes, threads, inline_merge_bytes }
    })
}

fn everything(limit: usize) -> Request<'static> {
    Request { limit, pruning: Pruning::NONE, ..Request::default() }
}

/// Each way of leaving work out by itself, and all of them.
fn prunings() -> [Pruning; 8] {
    let clauses = Pruning { clauses: true, ..Pruning::NONE };
    let ranges = Pruning { ranges: true, ..clauses };
    let best_first = Pruning { best_first: true, ..ranges };
    let one_by_one = Pruning { one_by_one: true, ..ranges };
    let rare_first = Pruning { rare_first: true, ..clauses };
    let blocks = Pruning { blocks: true, ..clauses };
    let all_but_small = Pruning { small_whole: false, ..Pruning::FULL };
    [clauses, blocks, ranges, best_first, one_by_one, rare_first, all_but_small, Pruning::FULL]
}

/// Whatever is left out, the page is the beginning of the whole list.
fn check_pages(snapshot: &Snapshot, plan: &Plan, whole: &Found) {
    for limit in [0, 1, 2, 3, 7, 100, 5000] {
        for pruning in prunings() {
            for counts in [false, true] {
                let request = Request { limit, counts, pruning, ..Request::default() };
                let found = search(snapshot, plan, &request).unwrap();
                let expected = &whole.hits[..limit.min(whole.hits.len())];
                assert_eq!(found.hits, expected, "limit {limit}, {pruning:?}, {plan:?}");
                let known = expected.last().copied();
                let again = search(snapshot, plan, &Request { known, ..request }).unwrap();
                assert_eq!(again.hits, expected, "known {known:?}, {pruning:?}, {plan:?}");
                assert!(!counts || found.total == whole.total);
            }
        }
    }
    for level in Level::available() {
        let request = Request { limit: 7, counts: false, level, ..Request::default() };
        let found = search(snapshot, plan, &request).unwrap();
        assert_eq!(found.hits, whole.hits[..whole.hits.len().min(7)], "{level:?}, {plan:?}");
    }
    let request = Request { offset: 2, limit: 3, ..Request::default() };
    let page = search(snapshot, plan, &request).unwrap().hits;
    let expected: Vec<_> = whole.hits.iter().copied().skip(2).take(3).collect();
    assert_eq!(page, expected);
}

fn check_order(whole: &Found) {
    for pair in whole.hits.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        assert!(a.score > b.score || (a.score == b.score && a.document < b.document));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Hits, scores, order and counts are those of the definition, for any number of segments.
    #[test]
    fn hits_and_scores_are_those_of_the_definition(
        docs in docs(40), asks in proptest::collection::vec(asks(), 1..6), commits in 1usize..5
    ) {
        let snapshot = Snapshot::open(&indexed(&docs, commits)).unwrap();
        let oracle = Oracle { docs: &docs };
        for ask in &asks {
            let plan = plan_of(ask);
            let whole = search(&snapshot, &plan, &everything(1000)).unwrap();
            let mut expected: Vec<(f64, u32)> = (0..).zip(&docs)
                .filter_map(|(number, doc)| oracle.score(ask, doc).map(|score| (score, number)))
                .collect();
            prop_assert_eq!(whole.total, Some(expected.len() as u64));
            prop_assert_eq!(count(&snapshot, &plan).unwrap(), expected.len() as u64);
            let numbers: Vec<u32> = expected.iter().map(|&(_, number)| number).collect();
            prop_assert_eq!(matching(&snapshot, &plan).unwrap(), numbers);
            for hit in &whole.hits {
                let score = expected.iter().find(|(_, number)| *number == hit.document).unwrap().0;
                prop_assert!((hit.score - score).abs() <= 2e-6 * score.max(0.01), "{} {}", hit.score, score);
            }
            expected.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            for (hit, (score, _)) in whole.hits.iter().zip(&expected) {
                prop_assert!((hit.score - score).abs() <= 2e-6 * score.max(0.01));
            }
            check_order(&whole);
            check_pages(&snapshot, &plan, &whole);
        }
    }

    /// How documents were divided into commits, memory and threads changes nothing, and neither
    /// does merging them, beside the writer or within a commit.
    #[test]
    fn segmentation_changes_nothing(
        docs in docs(60), asks in proptest::collection::vec(asks(), 1..5), commits in 2usize..20,
        options in options(),
    ) {
        let one = Snapshot::open(&indexed(&docs, 1)).unwrap();
        let storage = indexed_by(&docs, commits, options);
        let many = Snapshot::open(&storage).unwrap();
        open(&storage, options).optimize().unwrap();
        let merged = Snapshot::open(&storage).unwrap();
        prop_assert_eq!(merged.segments().len(), 1);
        for ask in &asks {
            let plan = plan_of(ask);
            let found = search(&one, &plan, &everything(1000)).unwrap();
            prop_assert_eq!(&search(&many, &plan, &everything(1000)).unwrap(), &found);
            prop_assert_eq!(&search(&merged, &plan, &everything(1000)).unwrap(), &found);
        }
        for number in 0..docs.len() as u32 {
            prop_assert_eq!(merged.stored(number).unwrap(), one.stored(number).unwrap());
            prop_assert_eq!(merged.key_of(number).unwrap(), one.key_of(number).unwrap());
        }
    }

    /// Deleted and replaced documents are gone at once, from every way to search; once merged
    /// away they are gone from the statistics, too.
    #[test]
    fn deleted_documents_are_gone(
        docs in docs(40), more in docs(20), asks in proptest::collection::vec(prop_oneof![asks(), rows()], 1..5),
        deleted in proptest::collection::vec(0usize..40, 0..20), ask_deleted in asks(), options in options()
    ) {
        let storage = indexed(&docs, 3);
        let mut writer = open(&storage, options);
        let mut left = docs.clone();
        for at in deleted {
            let key = format!("k{at}");
            let was_there = left.iter().any(|doc| doc.key == key);
            prop_assert_eq!(writer.delete(&key).unwrap(), was_there);
            left.retain(|doc| doc.key != key);
        }
        for doc in &more {
            add(&mut writer, doc);
            left.retain(|other| other.key != doc.key);
            left.push(doc.clone());
        }
        if let Ask::Phrase { .. } | Ask::Term { .. } = ask_deleted {
            let plan = plan_of(&ask_deleted);
            let oracle = Oracle { docs: &left };
            let gone: Vec<String> = left.iter().filter(|doc| oracle.score(&ask_deleted, doc).is_some()).map(|doc| doc.key.clone()).collect();
            let count = writer.delete_matching(|snapshot| matching(snapshot, &plan)).unwrap();
            prop_assert_eq!(count, gone.len() as u64);
            left.retain(|doc| !gone.contains(&doc.key));
        }
        writer.commit().unwrap();
        let before = Snapshot::open(&storage).unwrap();
        writer.optimize().unwrap();
        let after = Snapshot::open(&storage).unwrap();
        prop_assert_eq!(after.documents() as usize, left.len());
        for (number, doc) in (0..).zip(&left) {
            let words: Vec<_> = doc.texts[1].iter().map(|&word| WORDS[word].0).collect();
            prop_assert_eq!(after.stored(number).unwrap(), words.join(" ").into_bytes());
        }
        let oracle = Oracle { docs: &left };
        for ask in &asks {
            let plan = plan_of(ask);
            let keys = |snapshot: &Snapshot, found: &Found| {
                let mut hits = found.hits.clone();
                hits.sort_by_key(|hit| hit.document);
                hits.iter().map(|hit| snapshot.key_of(hit.document).unwrap()).collect::<Vec<_>>()
            };
            let matching: Vec<&Doc> = left.iter().filter(|doc| oracle.score(ask, doc).is_some()).collect();
            let expected: Vec<String> = matching.iter().map(|doc| doc.key.clone()).collect();
            let whole = search(&before, &plan, &everything(1000)).unwrap();
            prop_assert_eq!(&keys(&before, &whole), &expected);
            check_order(&whole);
            check_pages(&before, &plan, &whole);
            let whole = search(&after, &plan, &everything(1000)).unwrap();
            prop_assert_eq!(keys(&after, &whole), expected);
            for hit in &whole.hits {
                let doc = &left[hit.document as usize];
                let score = oracle.score(ask, doc).unwrap();
                prop_assert!((hit.score - score).abs() <= 2e-6 * score.max(0.01));
            }
        }
        for doc in &left {
            let number = before.number_of(&doc.key).unwrap().unwrap();
            prop_assert_eq!(before.key_of(number).unwrap(), doc.key.clone());
        }
        prop_assert_eq!(before.number_of("k999").unwrap(), None);
    }

    /// What is explained of the leaves adds up to the score, without rounding, and matches where
    /// the definition says so.
    #[test]
    fn explained_leaves_add_up(docs in docs(30), asks in proptest::collection::vec(asks(), 1..4), commits in 1usize..4) {
        let snapshot = Snapshot::open(&indexed(&docs, commits)).unwrap();
        let oracle = Oracle { docs: &docs };
        for ask in &asks {
            let plan = plan_of(ask);
            for hit in search(&snapshot, &plan, &everything(1000)).unwrap().hits {
                let doc = &docs[hit.document as usize];
                let mut leaves = explain(&snapshot, &plan, hit.document).unwrap().into_iter();
                prop_assert_eq!(total(ask, &mut leaves, &oracle, doc), hit.score);
                prop_assert!(leaves.next().is_none());
            }
        }
    }

    /// Sorting follows the columns, a document without a value last; facets count values; a
    /// filter restricts without scoring.
    #[test]
    fn columns_sort_count_and_filter(docs in docs(40), commits in 1usize..4, descending: bool, filter in asks(), ask in asks()) {
        let snapshot = Snapshot::open(&indexed(&docs, commits)).unwrap();
        let (plan, filter_plan) = (plan_of(&ask), plan_of(&filter));
        let sort = [SortKey { field: YEAR, descending }, SortKey { field: TAGS, descending: false }];
        let request = Request { limit: 1000, filter: Some(&filter_plan), facets: &[TAGS, YEAR], sort: &sort, ..Request::default() };
        let found = search(&snapshot, &plan, &request).unwrap();
        let oracle = Oracle { docs: &docs };
        let mut expected: Vec<u32> = (0..docs.len() as u32)
            .filter(|&at| oracle.score(&ask, &docs[at as usize]).is_some() && oracle.score(&filter, &docs[at as usize]).is_some())
            .collect();
        let year = |at: u32| docs[at as usize].year.map_or((1, 0), |year| (0, if descending { -year } else { year }));
        let tag = |at: u32| docs[at as usize].tags.iter().min().map_or((1, ""), |tag| (0, *tag));
        expected.sort_by_key(|&at| (year(at), tag(at), at));
        prop_assert_eq!(found.total, Some(expected.len() as u64));
        prop_assert_eq!(found.hits.iter().map(|hit| hit.document).collect::<Vec<_>>(), expected.clone());
        for hit in &found.hits {
            let score = oracle.score(&ask, &docs[hit.document as usize]).unwrap();
            prop_assert!((hit.score - score).abs() <= 2e-6 * score.max(0.01));
        }
        let page = search(&snapshot, &plan, &Request { limit: 3, ..request }).unwrap();
        prop_assert_eq!(&page.hits[..], &found.hits[..found.hits.len().min(3)]);
        let count = |holds: &dyn Fn(&Doc) -> bool| expected.iter().filter(|&&at| holds(&docs[at as usize])).count() as u64;
        let tags = TAG_NAMES.iter().map(|tag| (Value::Text((*tag).to_owned()), count(&|doc| doc.tags.contains(tag))));
        let years = (2018..2024).map(|year| (Value::Integer(year), count(&|doc| doc.year == Some(year))));
        prop_assert_eq!(&found.facets[0], &tags.filter(|(_, count)| *count > 0).collect::<Vec<_>>());
        prop_assert_eq!(&found.facets[1], &years.filter(|(_, count)| *count > 0).collect::<Vec<_>>());
    }
}

/// Adds up what the leaves of a plan give, where they stand in it.
fn total(
    ask: &Ask,
    leaves: &mut dyn Iterator<Item = Option<LeafScore>>,
    oracle: &Oracle<'_>,
    doc: &Doc,
) -> f64 {
    if let Ask::Combine { required, optional, excluded } = ask {
        let clauses = required.iter().chain(optional);
        let sum = clauses.map(|clause| total(clause, leaves, oracle, doc)).sum::<f64>();
        for clause in excluded {
            total(clause, leaves, oracle, doc);
        }
        return if oracle.score(ask, doc).is_some() { sum } else { 0.0 };
    }
    let leaf = leaves.next().unwrap();
    assert_eq!(leaf.is_some(), oracle.score(ask, doc).is_some());
    leaf.map_or(0.0, |leaf| leaf.score)
}

/// A deterministic sequence of numbers (splitmix64).
fn numbers(mut state: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 16) as usize % below
    }
}

/// Words of every frequency, so that lists have no block, a tail, one block and many.
fn skewed_docs(count: usize, seed: u64) -> Vec<Doc> {
    let mut next = numbers(seed);
    let rarity = [2, 3, 9, 20, 50, 2, 200, 1000, 30, 5, 4000, 12];
    (0..count)
        .map(|at| {
            let mut texts = [Vec::new(), Vec::new()];
            for text in &mut texts {
                for (word, &rarity) in rarity.iter().enumerate() {
                    while next(rarity) == 0 {
                        text.push(word);
                    }
                }
                let length = text.len().max(1);
                for _ in 0..length {
                    let (a, b) = (next(length), next(length));
                    if a < text.len() && b < text.len() {
                        text.swap(a, b);
                    }
                }
            }
            let tags = TAG_NAMES.iter().copied().filter(|_| next(40) == 0).collect();
            Doc { key: format!("k{at}"), texts, year: Some(2018 + next(6) as i64), tags }
        })
        .collect()
}

/// In collections of many windows and blocks the page is exact, ties and all, whatever is left
/// out and however many documents are deleted.
#[test]
fn pages_are_exact_across_windows_and_blocks() {
    for (seed, commits) in [(1, 1), (2, 3), (3, 2)] {
        let docs = skewed_docs(13_000, seed);
        let storage = indexed(&docs, commits);
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let mut writer = open(&storage, usize::MAX);
        for round in 0..2 {
            let snapshot = Snapshot::open(&storage).unwrap();
            for case in 0..60 {
                let strategy = match case % 5 {
                    0 => asks().boxed(),
                    1 => graded().boxed(),
                    2 => phrases().boxed(),
                    _ => rows().boxed(),
                };
                let ask = strategy.new_tree(&mut runner).unwrap().current();
                let plan = plan_of(&ask);
                let whole = search(&snapshot, &plan, &everything(20_000)).unwrap();
                assert_eq!(whole.total, Some(whole.hits.len() as u64));
                assert_eq!(count(&snapshot, &plan).unwrap(), whole.hits.len() as u64);
                check_order(&whole);
                check_pages(&snapshot, &plan, &whole);
                if round == 0 && (case % 10 == 1 || case % 5 == 2) {
                    let oracle = Oracle { docs: &docs[..1] };
                    let matching =
                        docs.iter().filter(|doc| oracle.score(&ask, doc).is_some()).count();
                    assert_eq!(whole.hits.len(), matching);
                }
            }
            for at in 0..docs.len() {
                if at % 7 < 3 {
                    writer.delete(&format!("k{at}")).unwrap();
                }
            }
            writer.commit().unwrap();
        }
    }
}

/// Where thousands of documents have one score, the first of them make the page, deleted ones
/// left out, in whatever order ranges are looked at.
#[test]
fn of_equal_documents_the_first_are_on_the_page() {
    let one = |at| Doc {
        key: format!("k{at}"),
        texts: [vec![0], vec![0, 1, 5]],
        year: None,
        tags: vec![],
    };
    let docs: Vec<Doc> = (0..5000).map(one).collect();
    let storage = indexed(&docs, 2);
    let mut writer = open(&storage, usize::MAX);
    (0..600).for_each(|at| assert!(writer.delete(&format!("k{}", at * 2)).unwrap()));
    writer.commit().unwrap();
    let snapshot = Snapshot::open(&storage).unwrap();
    let term = |word| Ask::Term { text: 1, word, boost: 1.0 };
    let words = |list: &[usize]| list.iter().map(|&word| term(word)).collect::<Vec<_>>();
    let row = |required, optional| Ask::Combine { required, optional, excluded: vec![] };
    let phrase =
        Ask::Phrase { text: 1, words: vec![(0, 0), (1, 1)], slop: 0, exact: false, boost: 1.0 };
    let forms = Ask::AnyForm { text: 1, words: vec![0, 1], boost: 1.0 };
    let plans = [term(0), row(words(&[0, 1]), vec![]), row(vec![], words(&[0, 1])), phrase, forms];
    for ask in plans {
        let plan = plan_of(&ask);
        for limit in [1, 10, 599, 601, 3000] {
            let request = Request { limit, counts: false, ..Request::default() };
            let hits = search(&snapshot, &plan, &request).unwrap().hits;
            let live = (0..5000).filter(|at| *at >= 1200 || at % 2 == 1);
            let expected: Vec<u32> = live.take(limit).collect();
            assert_eq!(
                hits.iter().map(|hit| hit.document).collect::<Vec<_>>(),
                expected,
                "{ask:?}"
            );
        }
    }
}

/// A search whose time is up gives what it has and says so.
#[test]
fn a_deadline_gives_partial_results() {
    let snapshot = Snapshot::open(&indexed(&skewed_docs(9000, 4), 1)).unwrap();
    let deadline = Some(std::time::Duration::ZERO);
    for counts in [false, true] {
        let request = Request { deadline, counts, ..Request::default() };
        let plan = plan_of(&Ask::Term { text: 0, word: 0, boost: 1.0 });
        assert!(search(&snapshot, &plan, &request).unwrap().partial);
    }
}
