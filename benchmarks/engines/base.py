"""Owns the protocol that an engine under measurement satisfies.

Adapters only index and search: :mod:`benchmarks.worker` holds the stopwatch, the memory gauge and
the ruler, so that every engine is measured by the same hand. What each adapter must keep equal:
the fields ``titolo`` and ``testo`` with positions and their stored text, ``id`` as the key, both
fields searched with the same weight, BM25 (k1 1.2, b 0.75), no stop words, a word being a run of
letters and digits, in lower case, under the Italian Snowball stemmer. Where an engine cannot, its
docstring says what it does instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import Any, Protocol

import attrs

from benchmarks.corpora import Document
from benchmarks.queries import TYPES, Query

__all__ = [
    "Answer",
    "Built",
    "Engine",
    "PythonEngine",
    "PythonSearcher",
    "Searcher",
    "Settings",
    "seconds_of",
]


@attrs.frozen
class Settings:
    """What an index is built with: threads that index, and the memory they may fill."""

    threads: int = 1
    memory_mb: int = 1024


@attrs.frozen
class Answer:
    """What a query found: scores and handles of the best, best first, and the exact total if asked.

    A handle is whatever the engine names a document by; ``seconds`` is there where the engine runs
    in a process of its own, with a stopwatch of its own.
    """

    hits: Sequence[tuple[float, Any]]
    total: int | None = None
    seconds: float | None = None


class Searcher(Protocol):
    """An open index."""

    @property
    def process(self) -> int | None:
        """The process that holds the index; None for this one."""
        ...

    @property
    def open_s(self) -> float | None:
        """The seconds that opening took in a process of its own; None in this one."""
        ...

    def search(self, query: Query, *, limit: int, counted: bool) -> Answer:
        """The answer to ``query``: at most ``limit`` hits, and the total if ``counted``.

        A limit of 0 asks for the total alone.
        """
        ...

    def ids(self, answer: Answer) -> tuple[str, ...]:
        """The keys of the hits, best first; never within a measured time."""
        ...

    def search_all(self, queries: Sequence[Query], *, limit: int, threads: int) -> float:
        """Seconds that ``threads`` threads together take to answer all ``queries``."""
        ...

    def close(self) -> None:
        """Give back what the open index holds."""
        ...


@attrs.frozen
class Built:
    """What an engine in a process of its own measured: seconds, processor seconds, peak memory."""

    seconds: float
    processor_s: float
    peak_bytes: int


class Engine(Protocol):
    """A search engine that can take part in a run."""

    @property
    def name(self) -> str:
        """The name in reports and on the command line."""
        ...

    @property
    def types(self) -> tuple[str, ...]:
        """The types of query that it answers, of ``benchmarks.queries.TYPES``."""
        ...

    @property
    def has_counts(self) -> bool:
        """Whether it can tell the exact number of matching documents."""
        ...

    @property
    def indexing_threads(self) -> int:
        """How many threads it can index with."""
        ...

    @property
    def searching_threads(self) -> int:
        """How many threads may search an open index at once."""
        ...

    @property
    def warm_passes(self) -> int:
        """How often all queries are asked before any is timed: 0 but for virtual machines."""
        ...

    def version(self) -> str:
        """The package and its version, as in ``whoosh-reloaded 2.7.5``."""
        ...

    def build(
        self, documents: Iterable[Document], folder: Path, settings: Settings
    ) -> Built | None:
        """Index ``documents`` into the empty ``folder``, committed and on disk at return."""
        ...

    def optimize(self, folder: Path, settings: Settings) -> Built | bool:
        """Whether the index was merged into one segment; False where the engine has no way to."""
        ...

    def open(self, folder: Path) -> Searcher:
        """The index in ``folder``, ready to search."""
        ...


class PythonEngine:
    """What most engines have in common: all types, counts, one thread, no merging by hand."""

    types: tuple[str, ...] = TYPES
    has_counts = True
    indexing_threads = 1
    searching_threads = 1
    warm_passes = 0

    def optimize(self, folder: Path, settings: Settings) -> Built | bool:
        """False: the index stays as the build left it."""
        return False


class PythonSearcher:
    """A searcher in this process: many searches are a loop, or a loop in each of some threads."""

    process: int | None = None
    open_s: float | None = None
    search: Callable[..., Answer]

    def search_all(self, queries: Sequence[Query], *, limit: int, threads: int) -> float:
        """Seconds of the slowest of ``threads`` threads, each with its share of ``queries``."""

        def answer(share: Sequence[Query]) -> None:
            for query in share:
                self.search(query, limit=limit, counted=False)

        return seconds_of(partial(answer, queries[n::threads]) for n in range(threads))


def seconds_of(works: Iterable[Callable[[], None]]) -> float:
    """The seconds until all of ``works`` are done, each in a thread of its own; one alone in this.

    >>> seconds_of([lambda: None]) < 1
    True
    """
    first, *others = works
    working = [Thread(target=work) for work in others]
    start = perf_counter()
    for thread in working:
        thread.start()
    first()
    for thread in working:
        thread.join()
    return perf_counter() - start
