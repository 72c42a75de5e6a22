//! A writer takes no more memory than it was given, and a fixed share: measured, on Linux, as what
//! the process has at most.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use searchlib_core::analysis::PlainAnalyzer;
use searchlib_core::buffer::Document;
use searchlib_core::columns::{ColumnKind, ColumnType};
use searchlib_core::index::{Writer, WriterOptions, create};
use searchlib_core::schema::{Field, FieldKind, Schema};
use searchlib_core::storage::FileStorage;

const BUDGET_BYTES: usize = 64 << 20;

/// What goes beyond for each thread: batches on their way to it, blocks being encoded, pages of files
/// that are read, a table of chunks beside the one in whose place it comes, its stack.
const SHARE_BYTES: usize = 16 << 20;

/// So much text makes several segments, and in the caller's memory would be more than is given.
const TEXT_BYTES: usize = 120_000_000;

fn schema() -> Schema {
    let key = FieldKind::Column(ColumnType { kind: ColumnKind::Key, multiple: false });
    Schema::new(vec![
        Field { name: "id".to_owned(), kind: key },
        Field { name: "testo".to_owned(), kind: FieldKind::Text },
    ])
    .unwrap()
}

/// The most memory that the process had so far, in bytes.
fn peak_bytes() -> usize {
    let told = fs::read_to_string("/proc/self/status").unwrap();
    let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}

/// Appends a word of one of 50,000, the first of which are common as in a language.
fn put_word(state: &mut u64, text: &mut String) {
    *state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
    let chance = (*state >> 11) as f64 / (1_u64 << 53) as f64;
    let mut rank = 50_000_f64.powf(chance) as usize;
    while rank > 0 {
        text.push_str(["la", "re", "ti", "mo", "con", "se", "di", "po", "fra", "sta"][rank % 10]);
        rank /= 10;
    }
    text.push(' ');
}

/// Adds documents of a kilobyte, which are not merged; gives how many segments there are.
fn index(folder: &Path, threads: usize) -> usize {
    fs::create_dir(folder).unwrap();
    let storage = Arc::new(FileStorage::new(folder));
    create(storage.as_ref(), schema(), Vec::new()).unwrap();
    let options = WriterOptions { memory_bytes: BUDGET_BYTES, threads, ..Default::default() };
    let mut writer = Writer::open(storage, Arc::new(PlainAnalyzer), options).unwrap();
    let (mut state, mut text, mut written) = (7, String::new(), 0);
    for number in 0.. {
        text.clear();
        while text.len() < 1000 {
            put_word(&mut state, &mut text);
        }
        written += text.len();
        let (key, texts) = (number.to_string(), [(1, text.as_str())]);
        let document = Document { key: &key, texts: &texts, values: &[], stored: text.as_bytes() };
        writer.add(&document).unwrap();
        if written > TEXT_BYTES {
            break;
        }
    }
    writer.view().unwrap().segments().len()
}

/// However many segments are written, the memory of the process grows by no more than what the
/// writer was given and the share of its threads.
#[test]
fn a_writer_stays_within_its_budget() {
    let folder = std::env::temp_dir().join(format!("searchlib-memory-{}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    let before = peak_bytes();
    for threads in [1, 2] {
        let segments = index(&folder.join(threads.to_string()), threads);
        let grown = peak_bytes() - before;
        println!("{threads} threads: {segments} segments, {} MB", grown >> 20);
        assert!(segments > 1, "{segments} segments do not try the budget");
        assert!(
            grown <= BUDGET_BYTES + threads * SHARE_BYTES,
            "{} MB, {threads} threads",
            grown >> 20
        );
    }
    fs::remove_dir_all(&folder).unwrap();
}
