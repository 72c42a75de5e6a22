"""Owns the exit codes: what a shell is told, and which error is which."""

from __future__ import annotations

from collections.abc import Mapping

from searchlib.errors import (
    AnalyzerMismatchError,
    ArgumentError,
    CorruptIndexError,
    EngineUnavailableError,
    FormatTooNewError,
    IndexLockedError,
    QueryError,
    SchemaError,
    SearchlibError,
    StorageError,
)

__all__ = [
    "BROKEN_PIPE",
    "DAMAGED",
    "INPUT",
    "INTERNAL",
    "INTERRUPTED",
    "LOCKED",
    "NOTHING_FOUND",
    "OK",
    "SYSTEM",
    "TABLE",
    "UNFIT",
    "USAGE",
    "exit_code_of",
]

OK = 0
NOTHING_FOUND = 1
USAGE = 2
INPUT = 3
DAMAGED = 4
LOCKED = 5
UNFIT = 6
SYSTEM = 7
INTERNAL = 70
INTERRUPTED = 130
BROKEN_PIPE = 141

TABLE: Mapping[int, str] = {
    OK: "done",
    NOTHING_FOUND: "no document was found",
    USAGE: "wrong arguments, or a query that --strict refuses",
    INPUT: "nothing could be read: no such file or index, or every document refused",
    DAMAGED: "the index is damaged",
    LOCKED: "another process is writing the index",
    UNFIT: "the index needs another version or engine of searchlib",
    SYSTEM: "the system refused a read or a write",
    INTERNAL: "a fault of searchlib itself",
    INTERRUPTED: "interrupted; the index is as it was",
    BROKEN_PIPE: "whoever read the output stopped reading",
}
"""Every exit code with its meaning. The last two are 128 and the number of the signal."""

_OF_ERRORS: tuple[tuple[type[SearchlibError], int], ...] = (
    (ArgumentError, USAGE),
    (QueryError, USAGE),
    (SchemaError, USAGE),
    (CorruptIndexError, DAMAGED),
    (IndexLockedError, LOCKED),
    (AnalyzerMismatchError, UNFIT),
    (FormatTooNewError, UNFIT),
    (EngineUnavailableError, UNFIT),
    (StorageError, SYSTEM),
    (SearchlibError, INPUT),
)


def exit_code_of(error: SearchlibError) -> int:
    """Returns the exit code for an error of the library.

    >>> from pathlib import Path
    >>> exit_code_of(CorruptIndexError(Path("s1"), offset=0, problem="checksum differs"))
    4
    """
    return next(code for kind, code in _OF_ERRORS if isinstance(error, kind))
