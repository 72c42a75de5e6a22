//! Owns the errors as Python sees them: each kind of the core's is one class of searchlib.errors.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};
use searchlib_core::error::{Error, Result};

thread_local! {
    /// What the last panic of this thread said, and where it was.
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps panics off the standard error output: they are reported as exceptions.
pub fn keep_panics_silent() {
    std::panic::set_hook(Box::new(|info| {
        PANIC.with(|panic| *panic.borrow_mut() = info.to_string());
    }));
}

/// Does some work of the core detached from the interpreter.
pub fn detached<T: Send>(
    py: Python<'_>,
    folder: &Path,
    work: impl FnOnce() -> Result<T> + Send,
) -> PyResult<T> {
    let done = py.detach(|| catch_unwind(AssertUnwindSafe(work)).map_err(|_| last_panic()));
    raised(py, folder, done)
}

/// Does some short work of the core, or some that calls back into Python.
pub fn attached<T>(py: Python<'_>, folder: &Path, work: impl FnOnce() -> Result<T>) -> PyResult<T> {
    let done = catch_unwind(AssertUnwindSafe(work)).map_err(|_| last_panic());
    raised(py, folder, done)
}

fn last_panic() -> String {
    PANIC.with(|panic| panic.take())
}

fn raised<T>(
    py: Python<'_>,
    folder: &Path,
    done: std::result::Result<Result<T>, String>,
) -> PyResult<T> {
    match done {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(exception(py, folder, error)),
        Err(panic) => Err(made(py, "EngineError", |_| Ok(("native", panic)))),
    }
}

/// Gives the exception of an error that concerns the index in a folder.
pub fn exception(py: Python<'_>, folder: &Path, error: Error) -> PyErr {
    match error {
        Error::Io { ref file, .. } if error.is_missing_file() => {
            corrupt(py, &folder.join(file), None, "the file is missing")
        }
        Error::Io { operation, file, source } => made(py, "StorageError", |options| {
            options.set_item("action", operation)?;
            let message = source.to_string();
            let cause = py.import("builtins")?.getattr("OSError")?;
            options.set_item("cause", cause.call1((source.raw_os_error(), message))?)?;
            Ok((path(py, &folder.join(file))?,))
        }),
        Error::Corrupt { file, offset, problem } => {
            corrupt(py, &folder.join(file), Some(offset), &problem)
        }
        Error::FormatTooNew { file, found, supported } => {
            made(py, "FormatTooNewError", |options| {
                options.set_item("found", found)?;
                options.set_item("supported", supported)?;
                Ok((path(py, &folder.join(file))?,))
            })
        }
        Error::NotAnIndex => corrupt(py, folder, None, "it has no manifest"),
        Error::AlreadyAnIndex => {
            made(py, "IndexExistsError", |_| Ok((path(py, folder)?, "an index")))
        }
        Error::Locked(holder) => made(py, "IndexLockedError", |options| {
            options.set_item("holder", holder)?;
            options.set_item("waited_s", 0.0)?;
            Ok((path(py, folder)?,))
        }),
        Error::Poisoned => closed(py, "writer", "an earlier write failed"),
        Error::Replaced => closed(py, "writer", "the index was replaced by another"),
        Error::Limit { what, limit, found } => {
            argument(py, what, &format!("at most {limit}"), &found.to_string())
        }
        Error::Argument(problem) => argument(py, "engine", "what the schema allows", &problem),
    }
}

/// Gives the error for bytes that cannot be what was written.
pub fn corrupt(py: Python<'_>, file: &Path, offset: Option<u64>, problem: &str) -> PyErr {
    made(py, "CorruptIndexError", |options| {
        options.set_item("offset", offset)?;
        options.set_item("problem", problem)?;
        Ok((path(py, file)?,))
    })
}

/// Gives the error for an argument out of its range.
pub fn argument(py: Python<'_>, name: &str, expected: &str, found: &str) -> PyErr {
    made(py, "ArgumentError", |options| {
        options.set_item("expected", expected)?;
        options.set_item("found", found)?;
        Ok((name,))
    })
}

/// Gives the error for a handle that was closed.
pub fn closed(py: Python<'_>, handle: &str, reason: &str) -> PyErr {
    made(py, "ClosedError", |_| Ok((handle, reason)))
}

/// Gives a path as Python has it.
pub fn path<'py>(py: Python<'py>, path: &Path) -> PyResult<Bound<'py, PyAny>> {
    static PATH: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    PATH.import(py, "pathlib", "Path")?.call1((path,))
}

/// Tells whether an error is one that a program may expect, and no interrupt or exit.
pub fn is_ordinary(py: Python<'_>, error: &PyErr) -> bool {
    error.is_instance_of::<PyException>(py)
}

/// Makes an exception of searchlib.errors; an error in making it comes in its place.
fn made<'py, A>(
    py: Python<'py>,
    class: &str,
    arguments: impl FnOnce(&Bound<'py, PyDict>) -> PyResult<A>,
) -> PyErr
where
    A: pyo3::call::PyCallArgs<'py>,
{
    let make = || {
        let options = PyDict::new(py);
        let arguments = arguments(&options)?;
        py.import("searchlib.errors")?.getattr(class)?.call(arguments, Some(&options))
    };
    make().map_or_else(|error| error, PyErr::from_value)
}
