"""Owns searchlib on its whoosh engine, through its public interface only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import searchlib
from benchmarks.corpora import Document
from benchmarks.engines.base import Answer
from benchmarks.queries import Query

__all__ = ["SearchlibWhoosh"]


class SearchlibWhoosh:
    """searchlib with ``engine="whoosh"``, stop words searched as any other word."""

    name = "searchlib-whoosh"
    _engine = "whoosh"

    def version(self) -> str:
        """The version of the searchlib at hand."""
        return f"searchlib {searchlib.__version__}"

    def build(self, documents: Iterable[Document], folder: Path) -> None:
        """Index with one writer and one commit."""
        schema = searchlib.Schema(
            id=searchlib.key(),
            titolo=searchlib.text(stopwords=None),
            testo=searchlib.text(stopwords=None),
        )
        with (
            searchlib.create(folder, schema, engine=self._engine) as index,
            index.writer() as writer,
        ):
            for one in documents:
                writer.add(one)

    def open(self, folder: Path) -> _SearchlibSearcher:
        """The opened index."""
        return _SearchlibSearcher(searchlib.open(folder))


class _SearchlibSearcher:
    def __init__(self, index: searchlib.Index) -> None:
        self._index = index

    def search(self, query: Query, *, limit: int) -> Answer:
        """Search in both text fields and read the ids of the hits."""
        mode = "any" if query.type == "any" else "all"
        results = self._index.search(query.written(), limit=limit, ranking="bm25", mode=mode)
        return Answer(results.total, tuple(hit.id for hit in results))

    def close(self) -> None:
        self._index.close()
