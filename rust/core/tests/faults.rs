//! Commits under failure: whatever operation fails, and whenever power is lost, the index is that
//! of the last commit that was acknowledged or of the one in flight, whole, and the next writer
//! opens, works and leaves no orphan.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use searchlib_core::analysis::{Analyzer, PlainAnalyzer};
use searchlib_core::buffer::Document;
use searchlib_core::columns::{ColumnKind, ColumnType};
use searchlib_core::error::Error;
use searchlib_core::index::{Writer, WriterOptions, create};
use searchlib_core::manifest::Manifest;
use searchlib_core::schema::{Field, FieldKind, Schema};
use searchlib_core::search::{Plan, Wanted, matching};
use searchlib_core::segment::Words;
use searchlib_core::snapshot::Snapshot;
use searchlib_core::storage::{Fault, MemoryStorage, Storage};
use searchlib_core::verify::verify;

/// What the index holds: keys and texts.
type Model = BTreeMap<String, String>;

#[derive(Clone, Debug)]
enum Step {
    Add(u8, u8),
    Delete(u8),
    Commit,
    Rollback,
    Optimize,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0u8..12, any::<u8>()).prop_map(|(key, text)| Step::Add(key, text)),
        2 => (0u8..12).prop_map(Step::Delete),
        3 => Just(Step::Commit),
        1 => Just(Step::Rollback),
        1 => Just(Step::Optimize),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..25)
}

const UNBOUNDED: WriterOptions =
    WriterOptions { memory_bytes: usize::MAX, threads: 1, inline_merge_bytes: u64::MAX };

fn memory() -> impl Strategy<Value = usize> {
    prop_oneof![Just(1), Just(usize::MAX)]
}

/// Writers of one thread: each operation has a number that is the same in each run.
fn inline() -> impl Strategy<Value = WriterOptions> {
    memory().prop_map(|memory_bytes| WriterOptions { memory_bytes, ..UNBOUNDED })
}

/// Writers of several threads, which merge beside themselves or not.
fn threaded() -> impl Strategy<Value = WriterOptions> {
    (memory(), 2_usize..4, prop_oneof![Just(0), Just(u64::MAX)]).prop_map(
        |(memory_bytes, threads, inline_merge_bytes)| WriterOptions {
            memory_bytes,
            threads,
            inline_merge_bytes,
        },
    )
}

fn options() -> impl Strategy<Value = WriterOptions> {
    prop_oneof![inline(), threaded()]
}

fn new_index() -> MemoryStorage {
    let storage = MemoryStorage::new();
    let key = FieldKind::Column(ColumnType { kind: ColumnKind::Key, multiple: false });
    let fields = vec![
        Field { name: "id".to_owned(), kind: key },
        Field { name: "testo".to_owned(), kind: FieldKind::Text },
    ];
    create(&storage, Schema::new(fields).unwrap(), Vec::new()).unwrap();
    storage
}

fn text_of(number: u8) -> String {
    format!("parola{} comune parola{}", number % 7, number % 3)
}

fn open(storage: &MemoryStorage, options: WriterOptions) -> Result<Writer, Error> {
    Writer::open(Arc::new(storage.clone()), Arc::new(PlainAnalyzer), options)
}

fn contents(storage: &dyn Storage) -> Result<Model, Error> {
    let snapshot = Snapshot::open(storage)?;
    let wanted = Wanted { field: 1, words: Words::Terms, key: b"comun".to_vec() };
    let documents = matching(&snapshot, &Plan::Word { wanted, boost: 1.0 })?;
    assert_eq!(documents, matching(&snapshot, &Plan::All { boost: 1.0 })?);
    let entry = |&document: &u32| {
        let text = String::from_utf8(snapshot.stored(document)?).unwrap();
        Ok((snapshot.key_of(document)?, text))
    };
    documents.iter().map(entry).collect()
}

/// Takes steps until one fails; gives the committed model, the one in flight, and whether a
/// commit was under way.
fn take(
    storage: &MemoryStorage,
    steps: &[Step],
    options: WriterOptions,
) -> (Model, Model, Option<Error>) {
    let mut committed = Model::new();
    let mut current = Model::new();
    let mut writer = match open(storage, options) {
        Ok(writer) => writer,
        Err(error) => return (committed.clone(), committed, Some(error)),
    };
    for step in steps {
        let result = match step {
            Step::Add(key, text) => {
                let (key, text) = (format!("k{key}"), text_of(*text));
                let document = Document {
                    key: &key,
                    texts: &[(1, &text)],
                    values: &[],
                    stored: text.as_bytes(),
                };
                let result = writer.add(&document);
                current.insert(key, text);
                result
            }
            Step::Delete(key) => {
                let key = format!("k{key}");
                let was_there = current.remove(&key).is_some();
                writer.delete(&key).map(|found| assert_eq!(found, was_there))
            }
            Step::Commit => writer.commit().map(drop),
            Step::Optimize => writer.optimize().map(drop),
            Step::Rollback => {
                current = committed.clone();
                writer.rollback()
            }
            Step::Reopen => {
                current = committed.clone();
                drop(writer);
                match open(storage, options) {
                    Ok(opened) => {
                        writer = opened;
                        Ok(())
                    }
                    Err(error) => return (committed.clone(), committed, Some(error)),
                }
            }
        };
        let publishes = matches!(step, Step::Commit | Step::Optimize);
        if let Err(error) = result {
            // A writer that failed to write does nothing more.
            assert!(matches!(writer.commit(), Err(Error::Poisoned)), "after {step:?}: {error}");
            let flight = if publishes { current } else { committed.clone() };
            return (committed, flight, Some(error));
        }
        if publishes {
            committed = current.clone();
        }
    }
    (committed.clone(), committed, None)
}

fn check_recovery(storage: &MemoryStorage, committed: &Model, flight: &Model, context: &str) {
    storage.set_fault(Fault::default());
    let found = contents(storage).unwrap_or_else(|error| panic!("{context}: {error}"));
    assert!(&found == committed || &found == flight, "{context}: {found:?}");
    let mut writer = open(storage, UNBOUNDED).unwrap_or_else(|error| panic!("{context}: {error}"));
    let text = text_of(1);
    let document =
        Document { key: "dopo", texts: &[(1, &text)], values: &[], stored: text.as_bytes() };
    writer.add(&document).unwrap();
    writer.commit().unwrap();
    let mut expected = found;
    expected.insert("dopo".to_owned(), text);
    assert_eq!(contents(storage).unwrap(), expected, "{context}");
    let manifest = Manifest::newest(storage).unwrap();
    let mut named: Vec<String> = manifest.segments.iter().flat_map(|it| it.names()).collect();
    named.push(format!("manifest-{:020}", manifest.generation));
    named.sort();
    assert_eq!(storage.list().unwrap(), named, "{context}: orphans");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Without failures the index holds what was committed, whatever the memory of the writer.
    #[test]
    fn what_was_committed_is_there(steps in steps(), options in options()) {
        let storage = new_index();
        let (committed, _, error) = take(&storage, &steps, options);
        prop_assert!(error.is_none());
        prop_assert_eq!(contents(&storage).unwrap(), committed);
    }

    /// Each operation is made to fail, once or from then on, with or without half a write.
    #[test]
    fn a_failed_operation_loses_nothing(
        steps in steps(), options in inline(), forever: bool, short_write: bool
    ) {
        let storage = new_index();
        storage.set_fault(Fault::default());
        take(&storage, &steps, options);
        let operations = storage.operations();
        for (at, operation) in operations.iter().enumerate() {
            let storage = new_index();
            storage.set_fault(Fault { at: Some(at as u64), forever, short_write });
            let (committed, flight, error) = take(&storage, &steps, options);
            // What is removed after a commit may fail without a word.
            let verb = operation.split(' ').next().unwrap();
            prop_assert!(error.is_some() || matches!(verb, "remove" | "list"), "{} was ignored", operation);
            check_recovery(&storage, &committed, &flight, operation);
        }
    }

    /// The same with threads, which do their operations in any order: what fails is told, at the
    /// latest when the writer is used again, or concerned nothing that was acknowledged.
    #[test]
    fn a_failed_operation_in_threads_loses_nothing(
        steps in steps(), options in threaded(), forever: bool, short_write: bool
    ) {
        let storage = new_index();
        storage.set_fault(Fault::default());
        take(&storage, &steps, options);
        for at in 0..storage.operations().len() as u64 {
            let storage = new_index();
            storage.set_fault(Fault { at: Some(at), forever, short_write });
            let (committed, flight, _) = take(&storage, &steps, options);
            check_recovery(&storage, &committed, &flight, &format!("operation {at} failed"));
        }
    }

    /// Power is lost at each operation; what was not synced is kept, cut, zeroed or changed.
    #[test]
    fn a_loss_of_power_loses_nothing(steps in steps(), options in options(), seed: u64) {
        let storage = new_index();
        storage.set_fault(Fault::default());
        take(&storage, &steps, options);
        let count = storage.operations().len() as u64;
        for at in 0..count {
            let storage = new_index();
            storage.set_fault(Fault { at: Some(at), forever: true, short_write: at % 2 == 0 });
            let (committed, flight, _) = take(&storage, &steps, options);
            for choice in 0..4 {
                let left = storage.after_power_loss(seed ^ (at * 31 + choice) << 8);
                check_recovery(&left, &committed, &flight, &format!("power lost at operation {at}"));
            }
        }
    }

    /// A flipped bit anywhere is an error or changes no answer.
    #[test]
    fn damage_is_never_a_wrong_answer(steps in steps(), flips in proptest::collection::vec((any::<u32>(), 0u8..8), 60)) {
        let storage = new_index();
        let (committed, _, _) = take(&storage, &steps, UNBOUNDED);
        let names = storage.list().unwrap();
        for (place, bit) in flips {
            let name = &names[place as usize % names.len()];
            let left = storage.after_power_loss(0);
            left.damage(name, |bytes| {
                let at = place as usize / names.len() % bytes.len();
                bytes[at] ^= 1 << bit;
            });
            if let Ok(found) = contents(&left) {
                prop_assert_eq!(&found, &committed, "{}", name);
            }
        }
    }
}

proptest! {
    /// A commit counts what it changed against the one before, however often that was changed,
    /// and is none where nothing was; what it writes is sound.
    #[test]
    fn a_report_counts_what_changed(steps in steps(), options in options()) {
        let storage = new_index();
        let mut writer = open(&storage, options).unwrap();
        let (mut committed, mut current, mut put) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut generation = 0;
        for step in steps.iter().chain([&Step::Commit]) {
            match step {
                Step::Add(key, text) => {
                    let (key, text) = (format!("k{key}"), text_of(*text));
                    writer.add(&Document { key: &key, texts: &[(1, &text)], values: &[], stored: b"" }).unwrap();
                    current.insert(key.clone());
                    put.insert(key);
                }
                Step::Delete(key) => {
                    let key = format!("k{key}");
                    writer.delete(&key).unwrap();
                    current.remove(&key);
                }
                Step::Rollback => {
                    writer.rollback().unwrap();
                    current = committed.clone();
                    put.clear();
                }
                Step::Commit | Step::Optimize | Step::Reopen => {
                    let report = writer.commit().unwrap();
                    let added = put.intersection(&current).count() as u64;
                    let deleted = committed.difference(&current).count() as u64;
                    prop_assert_eq!((report.added, report.deleted), (added, deleted));
                    prop_assert!(report.generation > generation || added + deleted == 0);
                    generation = report.generation;
                    committed = current.clone();
                    put.clear();
                    let again = writer.commit().unwrap();
                    prop_assert_eq!((again.generation, again.added, again.deleted), (generation, 0, 0));
                }
            }
        }
        prop_assert_eq!(verify(&storage).unwrap(), Vec::new());
        prop_assert_eq!(Snapshot::open(&storage).unwrap().generation(), generation);
    }
}

/// A second writer is refused while the first is open, and told who holds the lock.
#[test]
fn a_second_writer_is_refused() {
    let storage = new_index();
    let first = open(&storage, UNBOUNDED).unwrap();
    assert!(
        matches!(open(&storage, UNBOUNDED), Err(Error::Locked(holder)) if holder.contains("process"))
    );
    drop(first);
    open(&storage, UNBOUNDED).unwrap();
}

/// A snapshot goes on as it was while others commit, delete and merge.
#[test]
fn a_snapshot_does_not_change() {
    let storage = new_index();
    let mut taken: Vec<Step> = (0..6).map(|key| Step::Add(key, key)).collect();
    taken.push(Step::Commit);
    take(&storage, &taken, UNBOUNDED);
    let snapshot = Snapshot::open(&storage).unwrap();
    let before: Vec<String> = (0..6).map(|number| snapshot.key_of(number).unwrap()).collect();
    let mut writer = open(&storage, UNBOUNDED).unwrap();
    writer.delete("k1").unwrap();
    writer.optimize().unwrap();
    let after: Vec<String> = (0..6).map(|number| snapshot.key_of(number).unwrap()).collect();
    assert_eq!(before, after);
    assert_eq!(matching(&snapshot, &Plan::All { boost: 1.0 }).unwrap().len(), 6);
    assert_eq!(contents(&storage).unwrap().len(), 5);
}

/// Of two documents of one key in one commit the later is found by the key, and deleted by it.
#[test]
fn a_key_added_twice_names_the_later_document() {
    let storage = new_index();
    let taken = [Step::Add(4, 0), Step::Add(4, 1), Step::Commit, Step::Delete(4), Step::Commit];
    take(&storage, &taken[..3], UNBOUNDED);
    assert_eq!(contents(&storage).unwrap(), Model::from([("k4".to_owned(), text_of(1))]));
    assert_eq!(Snapshot::open(&storage).unwrap().number_of("k4").unwrap(), Some(1));
    let (committed, _, _) = take(&new_index(), &taken, UNBOUNDED);
    assert!(committed.is_empty());
}

/// What is deleted or replaced while segments are merged beside the writer is gone from the merged
/// segment, and the counts of commits know nothing of merges.
#[test]
fn what_is_deleted_during_a_merge_stays_deleted() {
    let storage = new_index();
    let options = WriterOptions { memory_bytes: 1, threads: 2, inline_merge_bytes: 0 };
    let mut writer = open(&storage, options).unwrap();
    let mut model = Model::new();
    let add = |writer: &mut Writer, key: String, text: u8, model: &mut Model| {
        let text = text_of(text);
        let stored = text.as_bytes();
        writer.add(&Document { key: &key, texts: &[(1, &text)], values: &[], stored }).unwrap();
        model.insert(key, text);
    };
    for number in 0..200_u8 {
        add(&mut writer, format!("k{}", number % 40), number, &mut model);
        if number % 3 == 0 {
            let key = format!("k{}", number % 37);
            assert_eq!(writer.delete(&key).unwrap(), model.remove(&key).is_some());
        }
        if number % 2 == 0 {
            writer.commit().unwrap();
            assert_eq!(contents(&storage).unwrap(), model);
        }
    }
    let report = writer.optimize().unwrap();
    assert_eq!((report.added, report.deleted), (u64::from(model.contains_key("k39")), 0));
    assert_eq!(contents(&storage).unwrap(), model);
    assert_eq!(verify(&storage).unwrap(), Vec::new());
}

/// An analyser that fails on one word.
struct Failing;

impl Analyzer for Failing {
    fn analyze(&self, chunk: &str, words: &mut searchlib_core::analysis::Words) {
        assert_ne!(chunk, "fallisce");
        PlainAnalyzer.analyze(chunk, words);
    }

    fn term(&self, form: &str, term: &mut String) {
        PlainAnalyzer.term(form, term);
    }

    fn fold(&self, form: &str, folded: &mut String) {
        PlainAnalyzer.fold(form, folded);
    }
}

/// A thread that dies is an error, not an endless wait, and what was committed stays.
#[test]
fn a_thread_that_dies_is_told() {
    let storage = new_index();
    let options = WriterOptions { threads: 2, ..UNBOUNDED };
    let mut writer = Writer::open(Arc::new(storage.clone()), Arc::new(Failing), options).unwrap();
    for (key, text) in [("a", "parola comune"), ("b", "fallisce")] {
        let document = Document { key, texts: &[(1, text)], values: &[], stored: text.as_bytes() };
        writer.add(&document).unwrap();
        match writer.commit() {
            Ok(report) => assert_eq!((key, report.added), ("a", 1)),
            Err(Error::Io { file, .. }) => {
                assert_eq!((key, &*file), ("b", "a thread of the writer"))
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(matches!(writer.commit(), Err(Error::Poisoned)));
    drop(writer);
    let expected = Model::from([("a".to_owned(), "parola comune".to_owned())]);
    assert_eq!(contents(&storage).unwrap(), expected);
}

/// A writer without threads, or with more than any machine has, is refused before it locks.
#[test]
fn a_strange_number_of_threads_is_refused() {
    let storage = new_index();
    for threads in [0, 257] {
        let refused = open(&storage, WriterOptions { threads, ..UNBOUNDED });
        assert!(matches!(refused, Err(Error::Argument(_))));
    }
    open(&storage, WriterOptions { threads: 256, ..UNBOUNDED }).unwrap();
}
