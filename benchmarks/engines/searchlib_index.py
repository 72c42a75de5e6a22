"""Owns searchlib on each of its engines, through its public interface only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import searchlib
from benchmarks.corpora import Document
from benchmarks.engines.base import Answer, PythonEngine, PythonSearcher, Settings
from benchmarks.errors import EngineError
from benchmarks.queries import Query
from searchlib.engines import engine_named

__all__ = ["SearchlibNative", "SearchlibWhoosh"]


class SearchlibWhoosh(PythonEngine):
    """searchlib with ``engine="whoosh"``, stop words searched as any other word."""

    name = "searchlib-whoosh"
    _engine = "whoosh"

    def version(self) -> str:
        """The version of the searchlib at hand."""
        return f"searchlib {searchlib.__version__}"

    def build(self, documents: Iterable[Document], folder: Path, settings: Settings) -> None:
        """Index with one writer and one commit."""
        schema = searchlib.Schema(
            id=searchlib.key(),
            titolo=searchlib.text(stopwords=None),
            testo=searchlib.text(stopwords=None),
        )
        with (
            searchlib.create(folder, schema, engine=self._engine) as index,
            self._writer(index, settings) as writer,
        ):
            writer.add_many(documents)

    def optimize(self, folder: Path, settings: Settings) -> bool:
        """Merge into one segment."""
        with searchlib.open(folder) as index, self._writer(index, settings) as writer:
            writer.optimize()
        return True

    def open(self, folder: Path) -> _SearchlibSearcher:
        """The opened index."""
        return _SearchlibSearcher(searchlib.open(folder))

    def _writer(self, index: searchlib.Index, settings: Settings) -> searchlib.Writer:
        return index.writer()


class SearchlibNative(SearchlibWhoosh):
    """searchlib with ``engine="native"``, stop words searched as any other word."""

    name = "searchlib"
    _engine = "native"
    indexing_threads = 2
    searching_threads = 2

    def __init__(self) -> None:
        try:
            engine_named(self._engine)
        except searchlib.EngineUnavailableError as error:
            raise EngineError(self.name, problem=f"not installed: {error}") from error

    def _writer(self, index: searchlib.Index, settings: Settings) -> searchlib.Writer:
        options: dict[str, Any] = {"memory_mb": settings.memory_mb, "threads": settings.threads}
        return index.writer(**options)


class _SearchlibSearcher(PythonSearcher):
    def __init__(self, index: searchlib.Index) -> None:
        self._index = index

    def search(self, query: Query, *, limit: int, counted: bool) -> Answer:
        """Search in both text fields, and take scores and keys over."""
        mode = "any" if query.type == "any" else "all"
        if not limit:
            return Answer((), self._index.count(query.written(), mode=mode))
        results = self._index.search(query.written(), limit=limit, ranking="bm25", mode=mode)
        hits = [(hit.score, hit.id) for hit in results]
        return Answer(hits, results.total if counted else None)

    def ids(self, answer: Answer) -> tuple[str, ...]:
        return tuple(str(id) for _, id in answer.hits)

    def close(self) -> None:
        self._index.close()
