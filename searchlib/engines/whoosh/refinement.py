"""Owns what a refinement adds to the scores of single documents, from where their words stand.

The sums are those of ``searchlib.query.plan.Refinement``. A word's occurrences are read form by
form, as the positions lie, and for the wanted documents only.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from operator import mul
from typing import TypeAlias

from searchlib.engines.explanation import Evidence
from searchlib.engines.whoosh.scoring import Bm25, idf
from searchlib.engines.whoosh.segment_reader import SegmentReader
from searchlib.query.plan import MAX_PLACES, RefinedField, RefinedWord, Refinement

__all__ = ["Refiner"]

_Occurrences: TypeAlias = "list[tuple[int, float]]"
"""Positions of a word in one document, each with its grade."""


class Refiner:
    """Reckons refinements over one snapshot."""

    def __init__(self, weighting: Bm25) -> None:
        self._weighting = weighting

    def evidence(
        self, refinement: Refinement, reader: SegmentReader, documents: Sequence[int]
    ) -> list[tuple[Evidence, ...]]:
        """Gives what each field would add to documents of one segment, which ascend."""
        fields = [self._field(refinement, field, reader, documents) for field in refinement.fields]
        return list(zip(*fields, strict=True))

    def _field(
        self,
        refinement: Refinement,
        field: RefinedField,
        reader: SegmentReader,
        documents: Sequence[int],
    ) -> list[Evidence]:
        """Gives the evidence of one field for each document."""
        name = field.field
        kin = [0.0] * len(documents)
        found: list[list[_Occurrences]] = [[] for _ in documents]
        for word in field.words:
            by_document = _occurrences(refinement, word, name, reader, documents)
            factor = refinement.kin * word.weight * self._idf_with_kin(name, word)
            scorer = self._weighting.scorer_of(
                reader, name, factor, k1=refinement.k1, b=refinement.b
            )
            for at, occurrences in enumerate(by_document):
                found[at].append(occurrences)
                if occurrences:
                    kin[at] += scorer.scores([documents[at]], [len(occurrences)])[0]
        weights = [word.weight * self._idf(name, word.term) for word in field.words]
        return [
            Evidence(by_kin, refinement.near * _nearness(words, weights, width=refinement.width))
            for by_kin, words in zip(kin, found, strict=True)
        ]

    def _idf(self, name: str, term: str) -> float:
        frequency = self._weighting.document_frequency(name, term)
        return idf(documents=self._weighting.documents, document_frequency=frequency)

    def _idf_with_kin(self, name: str, word: RefinedWord) -> float:
        count = self._weighting.documents
        terms = (word.term, *word.kin)
        frequency = sum(self._weighting.document_frequency(name, term) for term in terms)
        return idf(documents=count, document_frequency=min(count, frequency))


def _occurrences(
    refinement: Refinement,
    word: RefinedWord,
    name: str,
    reader: SegmentReader,
    documents: Sequence[int],
) -> list[_Occurrences]:
    """Gives where a word and its kin stand in each document."""
    found: list[_Occurrences] = [[] for _ in documents]
    for term in (word.term, *word.kin):
        for form, at, position in _places(reader, name, term, documents):
            if term != word.term:
                grade = refinement.kin_grade
            else:
                grade = refinement.exact_grade if form == word.form else 1.0
            found[at].append((position, grade))
    return found


def _places(
    reader: SegmentReader, name: str, term: str, documents: Sequence[int]
) -> Iterator[tuple[str, int, int]]:
    """Yields (form, index of the document, position) of a term in some documents."""
    text = reader.text(name)
    ordinal = text.find(name, term)
    if ordinal is None:
        return
    for form_ordinal in text.forms_of(ordinal):
        postings = text.form_postings(form_ordinal)
        held = _held(postings.documents, documents)
        if not held:
            continue
        _, form = text.forms.entry(form_ordinal)
        positions = postings.positions()
        if postings.frequencies is None:
            for index, at in held:
                yield form, index, positions[at]
            continue
        ends = list(accumulate(postings.frequencies, initial=0))
        for index, at in held:
            for position in positions[ends[at] : ends[at + 1]]:
                yield form, index, position


def _held(listed: Sequence[int], wanted: Sequence[int]) -> list[tuple[int, int]]:
    """Gives the indexes of what both sequences hold, in the second and in the first."""
    held = []
    at = 0
    for index, document in enumerate(wanted):
        at = bisect_left(listed, document, at)
        if at == len(listed):
            break
        if listed[at] == document:
            held.append((index, at))
    return held


def _nearness(words: Sequence[_Occurrences], weights: Sequence[float], *, width: int) -> float:
    """Gives the greatest sum that any of the first places has, 0 where there is none."""
    standing = sorted(
        (position, word, grade)
        for word, occurrences in enumerate(words)
        for position, grade in occurrences
    )
    places = dict.fromkeys(position for position, _, _ in standing)
    best = 0.0
    start = stop = 0
    for place in islice(places, MAX_PLACES):
        while standing[start][0] <= place - width:
            start += 1
        while stop < len(standing) and standing[stop][0] < place + width:
            stop += 1
        closest = [0.0] * len(words)
        for position, word, grade in standing[start:stop]:
            closeness = grade * (1 - abs(position - place) / width)
            closest[word] = max(closest[word], closeness)
        best = max(best, sum(map(mul, weights, closest)))
    return best
