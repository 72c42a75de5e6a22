"""Owns PISA through pyterrier-pisa: ranked retrieval only, no phrases, no counts, no stored text.

It has one field, so title and text are one; Python stems them before, and spells what its tokeniser
would split in ASCII. Its transformer answers tables of queries, at a millisecond each for what
surrounds PISA; so its compiled module is asked as the transformer asks it, which favours it.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from pyterrier_pisa import PisaIndex, _pisathon

from benchmarks.corpora import Document
from benchmarks.engines.base import Answer, PythonEngine, PythonSearcher, Settings
from benchmarks.engines.stemmed import stems
from benchmarks.queries import Query

__all__ = ["Pisa"]

# Block-max MaxScore is the faster of its algorithms for disjunctions of two to five words.
_ALGORITHMS = {"term": "block_max_maxscore", "any": "block_max_maxscore", "all": "ranked_and"}


class Pisa(PythonEngine):
    """PISA with SIMD-BP128 lists and block maxima, on stems made in Python."""

    name = "pisa"
    types = ("term", "any", "all")
    has_counts = False

    def version(self) -> str:
        """The version of the installed pyterrier-pisa."""
        return f"pyterrier-pisa {version('pyterrier-pisa')}"

    def build(self, documents: Iterable[Document], folder: Path, settings: Settings) -> None:
        """Index the stems, and make the lists that the first search would make."""
        folder.rmdir()
        index = PisaIndex(str(folder), text_field="testo", stemmer="none", stops="none")
        index.index(
            {"docno": one["id"], "testo": _spelt(f"{one['titolo']} {one['testo']}")}
            for one in documents
        )
        _context(folder)

    def open(self, folder: Path) -> _PisaSearcher:
        """The lists mapped."""
        return _PisaSearcher(folder)


class _PisaSearcher(PythonSearcher):
    def __init__(self, folder: Path) -> None:
        self._context = _context(folder)

    def search(self, query: Query, *, limit: int, counted: bool) -> Answer:
        """Retrieve into arrays, as the transformer does, and take keys and scores over."""
        places, ranks = np.empty(limit, np.int32), np.empty(limit, np.int32)
        ids, scores = np.empty(limit, object), np.empty(limit, np.float32)
        size = _pisathon.retrieve(
            self._context,
            _ALGORITHMS[query.type],
            [(0, _spelt(query.text))],
            k=limit,
            threads=1,
            query_weighted=0,
            pretokenised=False,
            result_qidxs=places,
            result_docnos=ids,
            result_ranks=ranks,
            result_scores=scores,
        )
        return Answer(list(zip(scores[:size].tolist(), ids[:size], strict=True)))

    def ids(self, answer: Answer) -> tuple[str, ...]:
        return tuple(str(id) for _, id in answer.hits)

    def close(self) -> None:
        del self._context


def _context(folder: Path) -> Any:
    """The opened index; its compressed lists and bounds are written where they are not there."""
    context = _pisathon.RetrievalContext()
    _pisathon.prepare_index(
        context,
        str(folder),
        "block_simdbp",
        "bm25",
        "",
        quantize=0,
        stop_fname="",
        bm25_k1=1.2,
        bm25_b=0.75,
    )
    return context


def _spelt(text: str) -> str:
    """The stems of ``text``, each letter outside ASCII as its number between two x.

    >>> _spelt("È qui")
    'x232x qui'
    """
    joined = " ".join(stems(text))
    if joined.isascii():
        return joined
    return "".join(one if one.isascii() else f"x{ord(one)}x" for one in joined)
