"""Owns the protocol that an engine under measurement satisfies.

Adapters only index and search: :mod:`benchmarks.worker` holds the stopwatch, the memory gauge and
the ruler, so that every engine is measured by the same hand. What each adapter must keep equal:
the fields ``titolo`` and ``testo`` with positions and their stored text, ``id`` as the key, both
fields searched with the same weight, BM25 (k1 1.2, b 0.75), one process, one thread, exact totals.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import attrs

from benchmarks.corpora import Document
from benchmarks.queries import Query

__all__ = ["Answer", "Engine", "Searcher"]


@attrs.frozen
class Answer:
    """What a query found: the exact number of matching documents, and the ids of the best."""

    total: int
    ids: tuple[str, ...]


class Searcher(Protocol):
    """An open index."""

    def search(self, query: Query, *, limit: int) -> Answer:
        """The answer to ``query`` with at most ``limit`` ids, best first."""
        ...

    def close(self) -> None:
        """Give back what the open index holds."""
        ...


class Engine(Protocol):
    """A search engine that can take part in a run."""

    @property
    def name(self) -> str:
        """The name in reports and on the command line."""
        ...

    def version(self) -> str:
        """The package and its version, as in ``whoosh-reloaded 2.7.5``."""
        ...

    def build(self, documents: Iterable[Document], folder: Path) -> None:
        """Index ``documents`` into the empty ``folder``, committed and on disk at return."""
        ...

    def open(self, folder: Path) -> Searcher:
        """The index in ``folder``, ready to search."""
        ...
