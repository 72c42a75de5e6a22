//! Owns the storage of an index in a folder of the file system.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::mapping::Mapping;
use super::{Bytes, Lock, Output, Storage, is_name};
use crate::error::{Error, Result};

const LOCK: &str = "writer.lock";

/// Files smaller than this are read: a map costs two system calls and a page at least.
const MAPPED_BYTES: u64 = 16 * 1024;

/// A folder that exists.
pub struct FileStorage {
    folder: PathBuf,
    maps: bool,
    locks: bool,
}

impl FileStorage {
    /// Gives the storage in a folder, which must exist; files are mapped into memory.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), maps: true, locks: true }
    }

    /// Gives a storage that reads files whole instead of mapping them: for folders that others
    /// may damage while we read, such as those on a network.
    pub fn without_maps(folder: &Path) -> Self {
        Self { maps: false, ..Self::new(folder) }
    }

    /// Gives a storage whose writers are kept apart by a lock that the caller holds.
    pub fn without_lock(folder: &Path) -> Self {
        Self { locks: false, ..Self::new(folder) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn failed(operation: &'static str, file: &str) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Io { operation, file: file.to_owned(), source }
}

struct FileOutput {
    file: File,
    name: String,
}

impl Output for FileOutput {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(failed("write", &self.name))
    }

    fn sync(&mut self) -> Result<()> {
        self.file.sync_all().map_err(failed("sync", &self.name))
    }
}

/// Closing the file gives the lock up. It is never unlocked explicitly: after a fork that would
/// take the lock from the parent.
struct FileLock {
    _file: Option<File>,
}

impl Lock for FileLock {}

impl Storage for FileStorage {
    fn create(&self, name: &str) -> Result<Box<dyn Output>> {
        let file = OpenOptions::new().write(true).create_new(true).open(self.path(name));
        let file = file.map_err(failed("create", name))?;
        Ok(Box::new(FileOutput { file, name: name.to_owned() }))
    }

    fn read(&self, name: &str) -> Result<Bytes> {
        let path = self.path(name);
        let described = fs::symlink_metadata(&path).map_err(failed("open", name))?;
        if !described.is_file() {
            let problem = "expected a regular file, found a folder, a link or a device".to_owned();
            return Err(Error::Corrupt { file: name.to_owned(), offset: 0, problem });
        }
        let mut file = File::open(&path).map_err(failed("open", name))?;
        if self.maps && described.len() >= MAPPED_BYTES {
            let mapping = Mapping::of(&file).map_err(failed("map", name))?;
            return Ok(Bytes::Mapped(Arc::new(mapping)));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed("read", name))?;
        Ok(Bytes::Owned(Arc::new(bytes)))
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let target = self.path(to);
        // Only the holder of the lock renames, so nobody makes the file between check and act.
        if target.symlink_metadata().is_ok() {
            return Err(failed("rename", to)(io::ErrorKind::AlreadyExists.into()));
        }
        fs::rename(self.path(from), target).map_err(failed("rename", from))
    }

    fn remove(&self, name: &str) -> Result<()> {
        fs::remove_file(self.path(name)).map_err(failed("remove", name))
    }

    fn list(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed("list", "."))? {
            let entry = entry.map_err(failed("list", "."))?;
            if let Ok(name) = entry.file_name().into_string()
                && is_name(&name)
            {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn sync_folder(&self) -> Result<()> {
        let folder = File::open(&self.folder).map_err(failed("open", "."))?;
        folder.sync_all().map_err(failed("sync", "."))
    }

    fn lock(&self, holder: &str) -> Result<Box<dyn Lock>> {
        if !self.locks {
            return Ok(Box::new(FileLock { _file: None }));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(self.path(LOCK)).map_err(failed("open", LOCK))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let read = (&mut file).take(256).read_to_string(&mut text);
                return Err(Error::Locked(if read.is_ok() { text } else { String::new() }));
            }
            Err(TryLockError::Error(error)) => return Err(failed("lock", LOCK)(error)),
        }
        // The text is for messages only; a failure to write it takes nothing from the lock.
        let _ = file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0)));
        let _ = file.write_all(holder.as_bytes());
        Ok(Box::new(FileLock { _file: Some(file) }))
    }

    fn unique(&self) -> u128 {
        // RandomState is seeded by the operating system, and differs from one to the next; but a
        // forked process goes on with the seeds of its parent.
        let here = (std::process::id(), SystemTime::now());
        let half = || u128::from(RandomState::new().hash_one(here));
        half() << 64 | half()
    }
}
