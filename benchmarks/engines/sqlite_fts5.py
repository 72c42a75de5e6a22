"""Owns SQLite's FTS5, from Python's own sqlite3.

FTS5 has no Italian stemmer, so it indexes texts that Python stemmed before, in a table without
content; the texts themselves are in a table beside it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from benchmarks.corpora import Document
from benchmarks.engines.base import Answer, PythonEngine, PythonSearcher, Settings
from benchmarks.engines.stemmed import stems
from benchmarks.queries import Query

__all__ = ["SqliteFts5"]

_FILE = "indice.sqlite"
_BATCH_DOCUMENTS = 5000


class SqliteFts5(PythonEngine):
    """FTS5 on stems made in Python."""

    name = "sqlite-fts5"

    def version(self) -> str:
        """The version of the library under Python's module."""
        return f"SQLite {sqlite3.sqlite_version}"

    def build(self, documents: Iterable[Document], folder: Path, settings: Settings) -> None:
        """Index in one transaction."""
        base = _connect(folder, memory_mb=settings.memory_mb)
        base.execute("CREATE TABLE testi (n INTEGER PRIMARY KEY, id TEXT, titolo TEXT, testo TEXT)")
        base.execute(
            "CREATE VIRTUAL TABLE stemmi USING fts5"
            "(titolo, testo, content='', tokenize='unicode61 remove_diacritics 0')"
        )
        for rows in _batches(documents):
            base.executemany("INSERT INTO testi VALUES (?, ?, ?, ?)", rows)
            stemmed = ((n, " ".join(stems(t)), " ".join(stems(b))) for n, _, t, b in rows)
            base.executemany("INSERT INTO stemmi (rowid, titolo, testo) VALUES (?, ?, ?)", stemmed)
        base.execute("CREATE UNIQUE INDEX chiavi ON testi (id)")
        base.commit()
        base.close()

    def optimize(self, folder: Path, settings: Settings) -> bool:
        """Merge the b-trees into one."""
        base = _connect(folder, memory_mb=settings.memory_mb)
        base.execute("INSERT INTO stemmi (stemmi) VALUES ('optimize')")
        base.commit()
        base.close()
        return True

    def open(self, folder: Path) -> _SqliteSearcher:
        """A connection, with the file mapped into memory."""
        return _SqliteSearcher(folder)


class _SqliteSearcher(PythonSearcher):
    def __init__(self, folder: Path) -> None:
        self._base = _connect(folder, memory_mb=64)

    def search(self, query: Query, *, limit: int, counted: bool) -> Answer:
        """Select the best; the total is a second statement."""
        asked = (_match(query),)
        hits: list[tuple[float, int]] = []
        if limit:
            best = "SELECT -rank, rowid FROM stemmi WHERE stemmi MATCH ? ORDER BY rank LIMIT ?"
            hits = self._base.execute(best, (*asked, limit)).fetchall()
        total = None
        if counted or not limit:
            count = "SELECT count(*) FROM stemmi WHERE stemmi MATCH ?"
            (total,) = self._base.execute(count, asked).fetchone()
        return Answer(hits, total)

    def ids(self, answer: Answer) -> tuple[str, ...]:
        find = "SELECT id FROM testi WHERE n = ?"
        return tuple(self._base.execute(find, (n,)).fetchone()[0] for _, n in answer.hits)

    def close(self) -> None:
        self._base.close()


def _connect(folder: Path, *, memory_mb: int) -> sqlite3.Connection:
    base = sqlite3.connect(folder / _FILE)
    base.execute("PRAGMA journal_mode = MEMORY")
    base.execute("PRAGMA mmap_size = 100000000000")
    base.execute(f"PRAGMA cache_size = {-1000 * memory_mb}")
    return base


def _batches(documents: Iterable[Document]) -> Iterator[list[tuple[int, str, str, str]]]:
    """Rows of the documents, numbered from 1, some thousands at a time."""
    rows = (
        (number, one["id"], one["titolo"], one["testo"])
        for number, one in enumerate(documents, start=1)
    )
    while batch := list(islice(rows, _BATCH_DOCUMENTS)):
        yield batch


def _match(query: Query) -> str:
    """The query in the language of FTS5; stems are quoted, so none is an operator."""
    if query.type == "prefix":
        return f'"{query.text}"*'
    quoted = [f'"{stem}"' for stem in stems(query.text)]
    joint = {"phrase": " + ", "all": " AND "}.get(query.type, " OR ")
    return joint.join(quoted)
