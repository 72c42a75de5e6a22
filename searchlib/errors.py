"""Owns every error that searchlib raises.

The tree, and who can act on each::

    SearchlibError
    ├── SchemaError              developer: the schema itself is wrong
    ├── DocumentError            caller: one document does not fit; the others are kept
    ├── QueryError               query author: strict mode, or a filter that does not parse
    │   └── QueryLimitError      query author: too long, too deep, too many clauses
    ├── ArgumentError            developer: an option of a call is out of its range
    ├── IndexNotFoundError       caller: no index in that folder
    ├── IndexExistsError         caller: create() over an index that is there
    ├── IndexLockedError         operator: another writer holds the index
    ├── ClosedError              developer: used after close(), or after a failed write
    ├── CorruptIndexError        operator: damaged, truncated or foreign bytes
    ├── CorruptLexiconError      operator: the installed lexicon is damaged
    ├── FormatTooNewError        operator: written by a later searchlib
    ├── AnalyzerMismatchError    developer: indexed by another analyser
    ├── WordFileError            caller: a line of corrections or synonyms is not of its format
    ├── StorageError             operator: the system refused a read or a write
    ├── EngineError              maintainer: a fault of the engine, to be reported
    ├── EngineUnavailableError   operator: the engine is not installed
    └── SourceError              caller: a file cannot become documents
        └── EncodingError        caller: its encoding cannot be told

Each message says what was expected, what was found and what to do; each class carries the same
facts as attributes. This module imports nothing of searchlib.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = [
    "AnalyzerMismatchError",
    "ArgumentError",
    "ClosedError",
    "CorruptIndexError",
    "CorruptLexiconError",
    "DocumentError",
    "EncodingError",
    "EngineError",
    "EngineUnavailableError",
    "FormatTooNewError",
    "IndexExistsError",
    "IndexLockedError",
    "IndexNotFoundError",
    "QueryError",
    "QueryLimitError",
    "SchemaError",
    "SearchlibError",
    "SourceError",
    "StorageError",
    "WordFileError",
]


MAX_SHOWN_CHARS = 80
"""How much of a value a message repeats; its error has the value whole as an attribute."""


def _shown(value: str) -> str:
    return value if len(value) <= MAX_SHOWN_CHARS else value[: MAX_SHOWN_CHARS - 3] + "..."


class SearchlibError(Exception):
    """The root of every error that searchlib raises on purpose.

    >>> issubclass(DocumentError, SearchlibError)
    True
    """


class SchemaError(SearchlibError):
    """A schema that cannot be: a bad field name, no key, a default of the wrong type.

    >>> print(SchemaError("peso", "weight must be above 0, found -1.0"))
    field 'peso': weight must be above 0, found -1.0
    """

    def __init__(self, field: str | None, problem: str) -> None:
        self.field = field
        self.problem = problem
        super().__init__(
            f"field {_shown(repr(field))}: {problem}" if field is not None else problem
        )


class DocumentError(SearchlibError):
    """A document that does not fit the schema; only that document is refused.

    ``field`` is None when the document as a whole is of the wrong shape; ``key`` is the
    document's key where it could be read.

    >>> print(DocumentError("titolo", expected="a str", found="int 3", key="7"))
    document '7', field 'titolo': expected a str, found int 3
    """

    def __init__(
        self, field: str | None, *, expected: str, found: str, key: str | None = None
    ) -> None:
        self.field = field
        self.expected = expected
        self.found = found
        self.key = key
        where = "document" if key is None else f"document {_shown(repr(key))}"
        if field is not None:
            where += f", field {_shown(repr(field))}"
        super().__init__(f"{where}: expected {expected}, found {_shown(found)}")


class QueryError(SearchlibError):
    """A query that strict mode refuses.

    ``start`` and ``end`` are half-open code points in ``query``; ``diagnostics`` holds every
    finding, this one first.

    >>> error = QueryError("unclosed quote", query='"corea del nord', start=0, end=1)
    >>> print(error)
    unclosed quote (characters 0 to 1 of '"corea del nord')
    """

    def __init__(
        self,
        problem: str,
        *,
        query: str,
        start: int = 0,
        end: int = 0,
        diagnostics: Sequence[Any] = (),
    ) -> None:
        self.problem = problem
        self.query = query
        self.start = start
        self.end = end
        self.diagnostics = tuple(diagnostics)
        super().__init__(f"{problem} (characters {start} to {end} of {_shown(query)!r})")


class QueryLimitError(QueryError):
    """A query over one of the limits that keep its time and memory bounded.

    ``limit`` names the limit, ``allowed`` and ``found`` are its two sides.

    >>> print(QueryLimitError("clauses", allowed=1024, found=1025, query="a b c"))
    clauses: at most 1024 allowed, found 1025; shorten the query (characters 0 to 0 of 'a b c')
    """

    def __init__(
        self,
        limit: str,
        *,
        allowed: int,
        found: int,
        query: str,
        start: int = 0,
        end: int = 0,
        diagnostics: Sequence[Any] = (),
    ) -> None:
        self.limit = limit
        self.allowed = allowed
        self.found = found
        super().__init__(
            f"{limit}: at most {allowed} allowed, found {found}; shorten the query",
            query=query,
            start=start,
            end=end,
            diagnostics=diagnostics,
        )


class ArgumentError(SearchlibError, ValueError):
    """An argument of a call that is out of its range.

    >>> print(ArgumentError("limit", expected="an int of at least 0", found="-1"))
    limit: expected an int of at least 0, found -1
    """

    def __init__(self, argument: str, *, expected: str, found: str) -> None:
        self.argument = argument
        self.expected = expected
        self.found = found
        super().__init__(f"{argument}: expected {expected}, found {_shown(found)}")


class IndexNotFoundError(SearchlibError):
    """No index where one was to be opened.

    >>> print(IndexNotFoundError(Path("indexes/notizie"), "the folder does not exist"))
    no index in indexes/notizie: the folder does not exist; make one with searchlib.create()
    """

    def __init__(self, path: Path, found: str) -> None:
        self.path = path
        self.found = found
        super().__init__(f"no index in {path}: {found}; make one with searchlib.create()")


class IndexExistsError(SearchlibError):
    """Something is where a new index was to be made, and it is left as it was.

    >>> IndexExistsError(Path("indexes/notizie"), "an index").found
    'an index'
    """

    def __init__(self, path: Path, found: str) -> None:
        self.path = path
        self.found = found
        super().__init__(
            f"cannot create an index in {path}: expected no folder or an empty one, found {found}; "
            "open it with searchlib.open(), or pass overwrite=True to replace an index"
        )


class IndexLockedError(SearchlibError):
    """Another writer holds the index.

    ``holder`` tells who, as that writer wrote it ("process 4242 on host archivio since ..."),
    or None where it could not be read; ``waited_s`` is how long this call waited, in seconds.

    >>> print(IndexLockedError(Path("indexes/notizie"), holder="process 42", waited_s=1.5))
    indexes/notizie is being written by process 42; waited 1.5 s; retry, or pass a longer timeout_s
    """

    def __init__(self, path: Path, *, holder: str | None, waited_s: float) -> None:
        self.path = path
        self.holder = holder
        self.waited_s = waited_s
        super().__init__(
            f"{path} is being written by {holder or 'another writer'}; "
            f"waited {waited_s:.1f} s; retry, or pass a longer timeout_s"
        )


class ClosedError(SearchlibError):
    """A handle used after it was closed, or a writer used after one of its writes failed.

    >>> print(ClosedError("writer", "it was closed"))
    the writer refuses work: it was closed; open a new one
    """

    def __init__(self, handle: str, reason: str) -> None:
        self.handle = handle
        self.reason = reason
        super().__init__(f"the {handle} refuses work: {reason}; open a new one")


class CorruptIndexError(SearchlibError):
    """Bytes of an index that cannot be what searchlib wrote.

    ``path`` is the file, ``offset`` the byte where it goes wrong (None where the whole file is
    meant, as when it is missing).

    >>> print(CorruptIndexError(Path("s1.seg"), offset=12, problem="checksum differs"))
    s1.seg, byte 12: checksum differs; restore a backup, or rebuild the index from its documents
    """

    def __init__(self, path: Path, *, offset: int | None, problem: str) -> None:
        self.path = path
        self.offset = offset
        self.problem = problem
        where = f"{path}" if offset is None else f"{path}, byte {offset}"
        super().__init__(
            f"{where}: {problem}; restore a backup, or rebuild the index from its documents"
        )


class WordFileError(SearchlibError):
    """A file of corrections or synonyms with a line that is not of its format; nothing was changed.

    >>> print(WordFileError(Path("nostre.txt"), line=3, found="expected two words, found one"))
    nostre.txt, line 3: expected two words, found one; mend the line, or begin it with # to leave \
it out
    """

    def __init__(self, path: Path | None, *, line: int, found: str) -> None:
        self.path = path
        self.line = line
        self.found = found
        where = f"{path}, line {line}" if path else f"line {line}"
        super().__init__(f"{where}: {found}; mend the line, or begin it with # to leave it out")


class CorruptLexiconError(SearchlibError):
    """A lexicon whose checksum is not the one at its end: the installation is not whole.

    >>> print(CorruptLexiconError(Path("lexicon.txt"), expected="6f3a", found="09c1"))
    lexicon.txt: expected the checksum 6f3a, found 09c1; install searchlib again
    """

    def __init__(self, path: Path, *, expected: str, found: str) -> None:
        self.path = path
        self.expected = expected
        self.found = found
        super().__init__(
            f"{path}: expected the checksum {expected or 'at its end'}, found {found};"
            " install searchlib again"
        )


class FormatTooNewError(SearchlibError):
    """An index in a format that only a later searchlib reads; nothing of it is touched.

    >>> print(FormatTooNewError(Path("index.json"), found=2, supported=1))
    index.json: this searchlib reads formats up to 1, found format 2; upgrade searchlib
    """

    def __init__(self, path: Path, *, found: int, supported: int) -> None:
        self.path = path
        self.found = found
        self.supported = supported
        super().__init__(
            f"{path}: this searchlib reads formats up to {supported}, found format {found}; "
            "upgrade searchlib"
        )


class AnalyzerMismatchError(SearchlibError):
    """An index whose words were analysed by other rules than the ones installed.

    >>> AnalyzerMismatchError(Path("indexes/notizie"), found="1a2b", expected="3c4d").found
    '1a2b'
    """

    def __init__(self, path: Path, *, found: str, expected: str) -> None:
        self.path = path
        self.found = found
        self.expected = expected
        super().__init__(
            f"{path}: indexed by analyser {found}, this searchlib has {expected}; searching it "
            "would miss documents: index the documents again, or install the searchlib that made it"
        )


class StorageError(SearchlibError):
    """The operating system refused to read or write a file (disk full, no permission ...).

    What was committed before is intact. ``errno`` is the system's code.

    >>> full = OSError(28, "No space left on device")
    >>> StorageError(Path("s1.seg"), action="write", cause=full).errno
    28
    """

    def __init__(self, path: Path, *, action: str, cause: OSError) -> None:
        self.path = path
        self.action = action
        self.errno = cause.errno
        super().__init__(
            f"cannot {action} {path}: {cause.strerror or cause}; what was committed is intact, "
            "mend the cause and retry"
        )


class EngineError(SearchlibError):
    """An engine that failed where it never should: a fault of searchlib, to be reported.

    >>> print(EngineError("native", "index out of bounds"))
    engine 'native' failed: index out of bounds; what was committed is intact, please report this
    """

    def __init__(self, engine: str, problem: str) -> None:
        self.engine = engine
        self.problem = problem
        super().__init__(
            f"engine {engine!r} failed: {problem}; what was committed is intact, please report this"
        )


class EngineUnavailableError(SearchlibError):
    """An engine that this installation does not have.

    >>> print(EngineUnavailableError("native", "not built", ["whoosh"]))
    engine 'native' is not available: not built; available: whoosh
    """

    def __init__(self, engine: str, reason: str, available: Sequence[str]) -> None:
        self.engine = engine
        self.reason = reason
        self.available = tuple(available)
        super().__init__(
            f"engine {engine!r} is not available: {reason}; available: {', '.join(available)}"
        )


class SourceError(SearchlibError):
    """A file that cannot become documents; ``line`` counts from 1, None for the whole file.

    >>> print(SourceError(Path("notizie.jsonl"), line=3, problem="not a JSON object"))
    notizie.jsonl, line 3: not a JSON object
    """

    def __init__(self, path: Path, *, problem: str, line: int | None = None) -> None:
        self.path = path
        self.line = line
        self.problem = problem
        where = f"{path}" if line is None else f"{path}, line {line}"
        super().__init__(f"{where}: {problem}")


class EncodingError(SourceError):
    """A file whose bytes are not text in any encoding that could be told.

    >>> print(EncodingError(Path("foto.txt"), tried="not UTF-8, and holds NUL"))
    foto.txt: its encoding cannot be told (not UTF-8, and holds NUL); convert it to UTF-8
    """

    def __init__(self, path: Path, *, tried: str) -> None:
        self.tried = tried
        super().__init__(
            path, problem=f"its encoding cannot be told ({tried}); convert it to UTF-8"
        )
