"""Owns BM25 as a weighting model of whoosh, with exact lengths and the whole snapshot's counts.

The formula is that of ``searchlib.ranking``, in the form::

    idf   = ln(1 + (N - df + 0.5) / (df + 0.5))
    score = weight * boost * idf * tf / (tf + k1 * (1 - b + b * dl / avgdl))

N counts the documents of the snapshot, deleted ones that were not merged away too; so do df and
avgdl. How the documents lie in segments therefore never shows in a score.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Any

from whoosh.scoring import BaseScorer, WeightingModel

from searchlib.engines.whoosh.segment_reader import FORMS, SegmentReader
from searchlib.ranking import K1, B

__all__ = ["Bm25", "Bm25Scorer", "idf"]


def idf(*, documents: int, document_frequency: int) -> float:
    """Gives how telling a word is.

    >>> round(idf(documents=40, document_frequency=3), 4)
    2.4608
    """
    return log(1 + (documents - document_frequency + 0.5) / (document_frequency + 0.5))


class Bm25Scorer(BaseScorer):  # type: ignore[misc]
    """Scores one word in one field of one segment."""

    def __init__(self, factor: float, norms: Sequence[float]) -> None:
        self.factor = factor
        self._norms = norms

    def scores(self, documents: Sequence[int], frequencies: Sequence[int] | None) -> list[float]:
        """Gives the scores of documents; ``frequencies`` is None where each is 1."""
        factor = self.factor
        norms = map(self._norms.__getitem__, documents)
        if frequencies is None:
            return [factor * (1 / (1 + norm)) for norm in norms]
        return [
            factor * (frequency / (frequency + norm))
            for frequency, norm in zip(frequencies, norms, strict=True)
        ]


class Bm25(WeightingModel):  # type: ignore[misc]
    """Makes the scorers of one snapshot; whoosh's searchers hand the segments to it."""

    def __init__(self, readers: Sequence[SegmentReader]) -> None:
        self.readers = readers
        self._norms: dict[tuple[int, str, float, float], list[float]] = {}
        self.documents = sum(reader.doc_count_all() for reader in readers)

    def idf(self, searcher: Any, fieldname: str, text: str) -> float:
        """Gives the idf of a term (``f``) or form (``=f``) over the snapshot."""
        return idf(
            documents=self.documents,
            document_frequency=self.document_frequency(fieldname, text),
        )

    def document_frequency(self, fieldname: str, text: str) -> int:
        """Gives the number of the snapshot's documents with a term or form."""
        return sum(reader.doc_frequency(fieldname, text) for reader in self.readers)

    def scorer(self, searcher: Any, fieldname: str, text: str, qf: float = 1) -> Bm25Scorer:
        """Gives the scorer of a term or form; ``qf`` is weight times boost."""
        return self.scorer_of(searcher.reader(), fieldname, qf * searcher.idf(fieldname, text))

    def scorer_of(
        self,
        reader: SegmentReader,
        fieldname: str,
        factor: float,
        *,
        k1: float = K1,
        b: float = B,
    ) -> Bm25Scorer:
        """Gives the scorer that multiplies by ``factor`` in place of an idf."""
        return Bm25Scorer(factor, self._norms_of(reader, fieldname.removeprefix(FORMS), k1, b))

    def average_length(self, name: str) -> float:
        """Gives the mean number of positions of a field, over all documents."""
        return sum(reader.tokens(name) for reader in self.readers) / self.documents

    def _norms_of(self, reader: SegmentReader, name: str, k1: float, b: float) -> list[float]:
        norms = self._norms.get((id(reader), name, k1, b))
        if norms is None:
            base, slope = k1 * (1 - b), k1 * b / (self.average_length(name) or 1.0)
            norms = [base + slope * length for length in reader.text(name).lengths]
            self._norms[id(reader), name, k1, b] = norms
        return norms
