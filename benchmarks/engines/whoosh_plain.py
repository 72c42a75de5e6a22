"""Owns whoosh-reloaded as its own documentation sets it up for Italian.

Two engines: with ``LanguageAnalyzer("it")`` as it comes, which drops stop words when indexing and
when searching, and with the same analyser without its stop filter, which does the work that an
engine with every word has to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from whoosh.analysis import LanguageAnalyzer, LowercaseFilter, RegexTokenizer, StemFilter
from whoosh.fields import ID, TEXT, Schema
from whoosh.index import create_in, open_dir
from whoosh.qparser import AndGroup, MultifieldParser, OrGroup
from whoosh.scoring import BM25F

from benchmarks.corpora import Document
from benchmarks.engines.base import Answer, PythonEngine, PythonSearcher, Settings
from benchmarks.queries import Query

__all__ = ["WhooshAllWords", "WhooshPlain"]


class WhooshPlain(PythonEngine):
    """whoosh-reloaded with ``LanguageAnalyzer("it")``."""

    name = "whoosh-plain"

    def version(self) -> str:
        """The version of the installed whoosh-reloaded."""
        return f"whoosh-reloaded {version('whoosh-reloaded')}"

    def build(self, documents: Iterable[Document], folder: Path, settings: Settings) -> None:
        """Index with one writer and one commit."""
        text = TEXT(analyzer=self._analyzer(), stored=True, phrase=True)
        schema = Schema(id=ID(stored=True, unique=True), titolo=text, testo=text)
        index = create_in(folder, schema)
        writer = index.writer(limitmb=settings.memory_mb)
        for one in documents:
            writer.add_document(**one)
        writer.commit()
        index.close()

    def open(self, folder: Path) -> _WhooshSearcher:
        """The index, a searcher on it, and parsers over both fields."""
        return _WhooshSearcher(folder)

    def _analyzer(self) -> Any:
        return LanguageAnalyzer("it")


class WhooshAllWords(WhooshPlain):
    """whoosh-reloaded with the same tokeniser and stemmer, stop words kept."""

    name = "whoosh-all-words"

    def _analyzer(self) -> Any:
        return RegexTokenizer() | LowercaseFilter() | StemFilter(lang="it", cachesize=50_000)


class _WhooshSearcher(PythonSearcher):
    def __init__(self, folder: Path) -> None:
        self._index = open_dir(folder)
        self._searcher = self._index.searcher(weighting=BM25F(B=0.75, K1=1.2))
        fields, schema = ["titolo", "testo"], self._index.schema
        self._any = MultifieldParser(fields, schema, group=OrGroup)
        self._all = MultifieldParser(fields, schema, group=AndGroup)

    def search(self, query: Query, *, limit: int, counted: bool) -> Answer:
        """Parse and search; ``len(results)`` makes the total exact."""
        parser = self._any if query.type == "any" else self._all
        results = self._searcher.search(parser.parse(query.written()), limit=max(limit, 1))
        total = len(results) if counted or not limit else None
        return Answer([(score, number) for score, number in results.top_n][:limit], total)

    def ids(self, answer: Answer) -> tuple[str, ...]:
        return tuple(self._searcher.stored_fields(number)["id"] for _, number in answer.hits)

    def close(self) -> None:
        self._searcher.close()
        self._index.close()
