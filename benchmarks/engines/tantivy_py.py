"""Owns tantivy through tantivy-py.

Its index is searched as its own merging left it: tantivy-py has no call to merge into one segment.
``term``, ``any`` and ``all`` are built from terms rather than parsed, which is what tantivy answers
fastest: a flat disjunction over both fields. Hits are scores and addresses; reading the stored
document, its only way to the key, is not part of the measured time, which favours it.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Filter, Occur, Query, TextAnalyzerBuilder, Tokenizer

from benchmarks.corpora import Document
from benchmarks.engines.base import Answer, PythonEngine, PythonSearcher, Settings
from benchmarks.queries import Query as Asked

__all__ = ["Tantivy"]

_FIELDS = ("titolo", "testo")
_ANALYZER = "italiano"


class Tantivy(PythonEngine):
    """tantivy with simple words, lower case and its Italian Snowball stemmer."""

    name = "tantivy"
    indexing_threads = 2
    searching_threads = 2

    def version(self) -> str:
        """The version of the installed tantivy-py, which is that of its tantivy."""
        return f"tantivy-py {version('tantivy')}"

    def build(self, documents: Iterable[Document], folder: Path, settings: Settings) -> None:
        """Index with one writer and one commit, and wait for its merges."""
        index = tantivy.Index(_schema(), path=str(folder))
        index.register_tokenizer(_ANALYZER, _analyzer())
        writer = index.writer(
            heap_size=settings.memory_mb * 1_000_000, num_threads=settings.threads
        )
        for one in documents:
            writer.add_document(tantivy.Document(**one))
        writer.commit()
        writer.wait_merging_threads()

    def open(self, folder: Path) -> _TantivySearcher:
        """The index and a searcher on its last commit."""
        return _TantivySearcher(folder)


class _TantivySearcher(PythonSearcher):
    def __init__(self, folder: Path) -> None:
        self._index = tantivy.Index.open(str(folder))
        self._analyzer = _analyzer()
        self._index.register_tokenizer(_ANALYZER, self._analyzer)
        self._schema = self._index.schema
        self._searcher = self._index.searcher()

    def search(self, query: Asked, *, limit: int, counted: bool) -> Answer:
        """Make the query, search, and take scores and addresses over to Python."""
        found = self._searcher.search(self._query(query), max(limit, 1), count=counted)
        return Answer(found.hits[:limit], found.count)

    def ids(self, answer: Answer) -> tuple[str, ...]:
        return tuple(self._searcher.doc(address)["id"][0] for _, address in answer.hits)

    def close(self) -> None:
        del self._searcher, self._index

    def _query(self, query: Asked) -> Any:
        if query.type == "phrase":
            return self._index.parse_query(query.written(), list(_FIELDS))
        if query.type == "prefix":
            return _either([Query.regex_query(self._schema, f, f"{query.text}.*") for f in _FIELDS])
        each = [
            [Query.term_query(self._schema, field, term) for field in _FIELDS]
            for term in self._analyzer.analyze(query.text)
        ]
        if query.type == "all":
            return Query.boolean_query([(Occur.Must, _either(of_term)) for of_term in each])
        return _either([one for of_term in each for one in of_term])


def _either(queries: list[Any]) -> Any:
    return Query.boolean_query([(Occur.Should, one) for one in queries])


def _analyzer() -> Any:
    simple = TextAnalyzerBuilder(Tokenizer.simple())
    return simple.filter(Filter.lowercase()).filter(Filter.stemmer("italian")).build()


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for field in _FIELDS:
        builder.add_text_field(field, stored=True, tokenizer_name=_ANALYZER)
    return builder.build()
