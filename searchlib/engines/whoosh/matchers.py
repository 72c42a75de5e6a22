"""Owns the matcher that all queries of this engine give: documents and scores in two arrays.

It is a ``Matcher`` of whoosh, so it goes wherever whoosh's own do; queries of ours combine whole
arrays at once, which costs a fraction of stepping through trees of matchers in Python, and adds
up each document's score in one order whatever the segments.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import add
from typing import Any

from whoosh.matching import Matcher, ReadTooFar

__all__ = [
    "ArrayMatcher",
    "common_documents",
    "constant",
    "intersect",
    "prefer",
    "subtract",
    "unite",
]


class ArrayMatcher(Matcher):  # type: ignore[misc]
    """Matches ``documents`` (ascending); ``scores`` go with them."""

    def __init__(
        self,
        documents: Sequence[int],
        scores: Sequence[float],
        *,
        term: tuple[str, Any] | None = None,
        position: int = 0,
    ) -> None:
        self.documents = documents
        self.scores = scores
        self._term = term
        self._at = position

    def term(self) -> tuple[str, Any] | None:
        """Gives (field, text) where this is one term's matcher."""
        return self._term

    def is_active(self) -> bool:
        """Tells whether there is a current document."""
        return self._at < len(self.documents)

    def reset(self) -> None:
        """Goes back to the first document."""
        self._at = 0

    def copy(self) -> ArrayMatcher:
        """Gives a matcher at the same place that moves on its own."""
        return ArrayMatcher(self.documents, self.scores, term=self._term, position=self._at)

    def id(self) -> int:
        """Gives the current document."""
        if not self.is_active():
            raise ReadTooFar
        return self.documents[self._at]

    def all_ids(self) -> Iterator[int]:
        """Yields every document."""
        return iter(self.documents)

    def next(self) -> None:
        """Goes on to the next document."""
        if not self.is_active():
            raise ReadTooFar
        self._at += 1

    def skip_to(self, id: int) -> None:
        """Goes on to the first document that is not below ``id``."""
        if not self.is_active():
            raise ReadTooFar
        self._at = bisect_left(self.documents, id, self._at)

    def score(self) -> float:
        """Gives the current document's score."""
        return self.scores[self._at]

    def weight(self) -> float:
        """Gives the score too: weights are counted in before a matcher is made."""
        return self.score()

    def supports(self, astype: str) -> bool:
        """Tells that documents carry no values."""
        return False

    def value(self) -> None:
        """Gives nothing: documents carry no values."""

    def value_as(self, astype: str) -> None:
        """Gives nothing: documents carry no values."""

    def supports_block_quality(self) -> bool:
        """Tells that nothing is skipped: every match is counted."""
        return False


def constant(documents: Sequence[int], score: float) -> ArrayMatcher:
    """Gives a matcher of one score for all documents."""
    return ArrayMatcher(documents, [score] * len(documents))


def common_documents(matchers: Sequence[ArrayMatcher]) -> list[int]:
    """Gives the documents that all match, ascending."""
    by_size = sorted((matcher.documents for matcher in matchers), key=len)
    return sorted(set(by_size[0]).intersection(*by_size[1:]))


def intersect(matchers: Sequence[ArrayMatcher]) -> ArrayMatcher:
    """Gives the documents that all match; scores are added in the order given."""
    documents = common_documents(matchers)
    total: list[float] | None = None
    for matcher in matchers:
        score_of = dict(zip(matcher.documents, matcher.scores, strict=True))
        scores = map(score_of.__getitem__, documents)
        total = list(scores) if total is None else list(map(add, total, scores))
    return ArrayMatcher(documents, total or [])


def unite(matchers: Sequence[ArrayMatcher]) -> ArrayMatcher:
    """Gives the documents that any matches; scores are added in the order given."""
    total = dict(zip(matchers[0].documents, matchers[0].scores, strict=True))
    for matcher in matchers[1:]:
        documents = matcher.documents
        before = [total.get(document, 0.0) for document in documents]
        total.update(zip(documents, map(add, before, matcher.scores), strict=True))
    documents = sorted(total)
    return ArrayMatcher(documents, list(map(total.__getitem__, documents)))


def prefer(required: ArrayMatcher, optional: ArrayMatcher) -> ArrayMatcher:
    """Gives the required documents, with the optional scores added where there are any."""
    score_of = dict(zip(optional.documents, optional.scores, strict=True))
    scores = [
        score + score_of.get(document, 0.0)
        for document, score in zip(required.documents, required.scores, strict=True)
    ]
    return ArrayMatcher(required.documents, scores)


def subtract(matched: ArrayMatcher, excluded: ArrayMatcher) -> ArrayMatcher:
    """Gives the matched documents without the excluded ones."""
    gone = set(excluded.documents)
    kept = [at for at, document in enumerate(matched.documents) if document not in gone]
    return ArrayMatcher([matched.documents[at] for at in kept], [matched.scores[at] for at in kept])
