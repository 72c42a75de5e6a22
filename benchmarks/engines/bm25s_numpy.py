"""Owns bm25s: scores computed when indexing, kept in sparse matrices; no phrases, no prefixes.

It has one field, so title and text are one; Python stems them before. A query adds up a score for
every document, whether it matches or not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import bm25s
from bm25s.selection import topk
from bm25s.tokenization import Tokenized

from benchmarks.corpora import Document
from benchmarks.engines.base import Answer, PythonEngine, PythonSearcher, Settings
from benchmarks.engines.stemmed import stems
from benchmarks.queries import Query

__all__ = ["Bm25s"]

_TEXTS = "testi.jsonl"


class Bm25s(PythonEngine):
    """bm25s on numpy, on stems made in Python."""

    name = "bm25s"
    types = ("term", "any")

    def version(self) -> str:
        """The version of the installed bm25s."""
        return f"bm25s {version('bm25s')}"

    def build(self, documents: Iterable[Document], folder: Path, settings: Settings) -> None:
        """Number the stems, compute the matrix and write it; the texts are lines of a file."""
        vocabulary: dict[str, int] = {}
        numbered = []
        with (folder / _TEXTS).open("w", encoding="utf-8") as texts:
            for one in documents:
                texts.write(json.dumps(one, ensure_ascii=False) + "\n")
                found = stems(f"{one['titolo']} {one['testo']}")
                numbered.append([vocabulary.setdefault(stem, len(vocabulary)) for stem in found])
        retriever = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
        retriever.index(Tokenized(ids=numbered, vocab=vocabulary), show_progress=False)
        retriever.save(str(folder), show_progress=False)

    def open(self, folder: Path) -> _Bm25sSearcher:
        """The matrices mapped, and the keys read."""
        return _Bm25sSearcher(folder)


class _Bm25sSearcher(PythonSearcher):
    def __init__(self, folder: Path) -> None:
        self._retriever = bm25s.BM25.load(str(folder), mmap=True)
        with (folder / _TEXTS).open(encoding="utf-8") as texts:
            self._ids = [json.loads(line)["id"] for line in texts]

    def search(self, query: Query, *, limit: int, counted: bool) -> Answer:
        """Score all documents; the best of them, and how many score above 0."""
        scores: Any = self._retriever.get_scores(stems(query.text))
        hits: list[tuple[float, Any]] = []
        if limit:
            best, numbers = topk(scores, k=min(limit, len(self._ids)), backend="numpy")
            hits = [(score, n) for score, n in zip(best, numbers, strict=True) if score > 0]
        return Answer(hits, int((scores > 0).sum()) if counted or not limit else None)

    def ids(self, answer: Answer) -> tuple[str, ...]:
        return tuple(self._ids[int(number)] for _, number in answer.hits)

    def close(self) -> None:
        del self._retriever
