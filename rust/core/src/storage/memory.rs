//! Owns the storage that tests break: in memory, failing at a chosen operation, losing power.
//!
//! A file has bytes written and bytes synced; a folder has entries now and entries synced. What a
//! loss of power leaves ([`MemoryStorage::after_power_loss`]) is chosen by a number: of each file
//! the synced bytes and some of the others (cut, zeroed or changed), of the changes to the folder
//! since its last sync any subset.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Bytes, Lock, Output, Storage, is_name};
use crate::error::{Error, Result};

/// When and how operations fail.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fault {
    /// The number of the operation that fails, counted from 0; `None`: never.
    pub at: Option<u64>,
    /// Whether all later ones fail, too.
    pub forever: bool,
    /// Whether a failing write leaves half of its bytes behind.
    pub short_write: bool,
}

#[derive(Clone, Default)]
struct Contents {
    written: Vec<u8>,
    synced: usize,
}

#[derive(Clone)]
enum Change {
    Link(String, usize),
    Unlink(String),
    Rename(String, String),
}

#[derive(Default)]
struct State {
    files: Vec<Contents>,
    entries: BTreeMap<String, usize>,
    durable: BTreeMap<String, usize>,
    pending: Vec<Change>,
    operations: Vec<String>,
    fault: Fault,
    holder: Option<String>,
    unique: u128,
}

/// A folder in memory; clones share it.
#[derive(Clone, Default)]
pub struct MemoryStorage(Arc<Mutex<State>>);

impl MemoryStorage {
    /// Gives an empty folder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes operations fail from now on; their count begins again at 0.
    pub fn set_fault(&self, fault: Fault) {
        let mut state = self.state();
        state.fault = fault;
        state.operations.clear();
    }

    /// Gives the operations since the last `set_fault`, each as "verb name".
    pub fn operations(&self) -> Vec<String> {
        self.state().operations.clone()
    }

    /// Changes the bytes of a file in place, as a failing disk might.
    pub fn damage(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        if let Some(&file) = state.entries.get(name)
            && let Some(contents) = state.files.get_mut(file)
        {
            change(&mut contents.written);
        }
    }

    /// Gives the folder that a loss of power now might leave; `seed` chooses among the many.
    pub fn after_power_loss(&self, seed: u64) -> Self {
        let state = self.state();
        let mut chance = Chance(seed | 1);
        let mut entries = state.durable.clone();
        for change in &state.pending {
            if chance.below(2) == 0 {
                continue;
            }
            apply(&mut entries, change);
        }
        let mut files = state.files.clone();
        for file in &mut files {
            lose(file, &mut chance);
        }
        let left = State {
            durable: entries.clone(),
            entries,
            files,
            unique: state.unique,
            ..State::default()
        };
        Self(Arc::new(Mutex::new(left)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, operation: &'static str, name: &str) -> Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        let number = state.operations.len() as u64;
        state.operations.push(format!("{operation} {name}"));
        match state.fault.at {
            Some(at) if number == at || (number > at && state.fault.forever) => {
                drop(state);
                Err(failed(operation, name, io::ErrorKind::StorageFull))
            }
            _ => Ok(state),
        }
    }
}

fn apply(entries: &mut BTreeMap<String, usize>, change: &Change) {
    match change {
        Change::Link(name, file) => {
            entries.insert(name.clone(), *file);
        }
        Change::Unlink(name) => {
            entries.remove(name);
        }
        Change::Rename(from, to) => {
            if let Some(file) = entries.remove(from) {
                entries.insert(to.clone(), file);
            }
        }
    }
}

fn lose(file: &mut Contents, chance: &mut Chance) {
    let pending = file.written.len() - file.synced;
    let kept = chance.below(pending as u64 + 1) as usize;
    match chance.below(4) {
        0 => file.written.truncate(file.synced),
        1 => file.written.truncate(file.synced + kept),
        2 => file.written.iter_mut().skip(file.synced + kept).for_each(|byte| *byte = 0),
        _ => {
            let noise = chance.below(255) as u8;
            file.written.iter_mut().skip(file.synced + kept).for_each(|byte| *byte ^= noise);
        }
    }
    file.synced = file.written.len();
}

fn failed(operation: &'static str, name: &str, kind: io::ErrorKind) -> Error {
    Error::Io { operation, file: name.to_owned(), source: kind.into() }
}

/// Numbers that look random and come back with their seed (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound.max(1)
    }
}

struct MemoryOutput {
    storage: MemoryStorage,
    name: String,
    file: usize,
}

impl MemoryOutput {
    fn append(&self, state: &mut State, bytes: &[u8]) {
        if let Some(contents) = state.files.get_mut(self.file) {
            contents.written.extend_from_slice(bytes);
        }
    }
}

impl Output for MemoryOutput {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self.storage.begin("write", &self.name) {
            Ok(mut state) => {
                self.append(&mut state, bytes);
                Ok(())
            }
            Err(error) => {
                let mut state = self.storage.state();
                if state.fault.short_write {
                    let half = bytes.split_at(bytes.len() / 2).0;
                    self.append(&mut state, half);
                }
                Err(error)
            }
        }
    }

    fn sync(&mut self) -> Result<()> {
        let mut state = self.storage.begin("sync", &self.name)?;
        if let Some(contents) = state.files.get_mut(self.file) {
            contents.synced = contents.written.len();
        }
        Ok(())
    }
}

struct MemoryLock(MemoryStorage);

impl Lock for MemoryLock {}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        self.0.state().holder = None;
    }
}

impl Storage for MemoryStorage {
    fn create(&self, name: &str) -> Result<Box<dyn Output>> {
        let mut state = self.begin("create", name)?;
        if state.entries.contains_key(name) {
            return Err(failed("create", name, io::ErrorKind::AlreadyExists));
        }
        let file = state.files.len();
        state.files.push(Contents::default());
        state.entries.insert(name.to_owned(), file);
        state.pending.push(Change::Link(name.to_owned(), file));
        Ok(Box::new(MemoryOutput { storage: self.clone(), name: name.to_owned(), file }))
    }

    fn read(&self, name: &str) -> Result<Bytes> {
        let state = self.begin("read", name)?;
        let contents = state.entries.get(name).and_then(|&file| state.files.get(file));
        let contents = contents.ok_or_else(|| failed("open", name, io::ErrorKind::NotFound))?;
        Ok(Bytes::Owned(Arc::new(contents.written.clone())))
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let mut state = self.begin("rename", from)?;
        if state.entries.contains_key(to) {
            return Err(failed("rename", to, io::ErrorKind::AlreadyExists));
        }
        let change = Change::Rename(from.to_owned(), to.to_owned());
        apply(&mut state.entries, &change);
        state.pending.push(change);
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<()> {
        let mut state = self.begin("remove", name)?;
        if state.entries.remove(name).is_none() {
            return Err(failed("remove", name, io::ErrorKind::NotFound));
        }
        state.pending.push(Change::Unlink(name.to_owned()));
        Ok(())
    }

    fn list(&self) -> Result<Vec<String>> {
        let state = self.begin("list", ".")?;
        Ok(state.entries.keys().filter(|name| is_name(name)).cloned().collect())
    }

    fn sync_folder(&self) -> Result<()> {
        let mut state = self.begin("sync", ".")?;
        state.durable = state.entries.clone();
        state.pending.clear();
        Ok(())
    }

    fn lock(&self, holder: &str) -> Result<Box<dyn Lock>> {
        let mut state = self.state();
        if let Some(other) = &state.holder {
            return Err(Error::Locked(other.clone()));
        }
        state.holder = Some(holder.to_owned());
        Ok(Box::new(MemoryLock(self.clone())))
    }

    fn unique(&self) -> u128 {
        let mut state = self.state();
        state.unique += 1;
        state.unique
    }
}
