"""Owns what may be meant by a misspelt word: forms of the index near it, or two words run together.

Nearness is the weighted distance of ``spelling``; the frequency of a form speaks for it too. What
is looked at for one word is bounded, whatever the index holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import nsmallest
from math import log2
from typing import NamedTuple

from searchlib.analysis import Analyzer, Token, fold
from searchlib.engines.base import Snapshot
from searchlib.query.plan import Pattern
from searchlib.spelling import SPELLINGS, Misspelling, plain

__all__ = ["Neighbours", "Proposal", "cased"]

MAX_COMPARED = 5_000
"""Forms within two letters whose distance is told, for one word in one field."""

MAX_WEIGHED = 128
"""The nearest forms, whose frequency is looked up."""

MAX_MISSPELT = 16
"""Words of one query that are mended; the others stay."""

MAX_LETTERS = 40
"""A longer word is no misspelling: *precipitevolissimevolmente* has 26."""

MAX_PROPOSALS = 4
"""What is kept for a word."""

_SHORT = 4
"""Words up to this long may be 1 away only: 2 would make any word of them."""

_EXPLAINED = 0.5
"""A word this near is a known confusion: none of two edits is looked for then."""

_DOUBLING = 0.04
"""What a form in twice as many documents gains: from one document to a thousand, 0.4."""

_ELIDED, _RUN_TOGETHER = 0.4, 1.2
"""The cost of a missing apostrophe (*daccordo*) and of a missing space (*allafine*)."""

_LEAST_PART = 2
"""Letters that each of two words run together has at least."""


class Proposal(NamedTuple):
    """What may be meant, and its cost: its distance less what its frequency is worth."""

    cost: float
    text: str


class Neighbours:
    """Finds what may be meant by the words of one query."""

    def __init__(self, snapshot: Snapshot, analyzer: Analyzer) -> None:
        self._snapshot = snapshot
        self._analyzer = analyzer
        self._found: dict[tuple[str, tuple[str, ...]], list[Proposal]] = {}

    def proposals(self, token: Token, fields: tuple[str, ...]) -> list[Proposal]:
        """Returns what may be meant by a word of some fields, likeliest first.

        Nothing where it is right, nor after MAX_MISSPELT other words, nor for what is longer than
        MAX_LETTERS.
        """
        place = _Place(self._snapshot, self._analyzer, fields)
        if place.holds(token):
            spelling = SPELLINGS.get(token.form)
            return [Proposal(0.0, spelling)] if spelling else []
        key = (token.form, fields)
        if key not in self._found:
            if len(self._found) == MAX_MISSPELT or len(token.form) > MAX_LETTERS:
                return []
            self._found[key] = nsmallest(MAX_PROPOSALS, set(place.proposals(token.form)))
        return self._found[key]


class _Place:
    """Looks up words in some fields of an index."""

    def __init__(self, snapshot: Snapshot, analyzer: Analyzer, fields: Sequence[str]) -> None:
        self._snapshot = snapshot
        self._analyzer = analyzer
        self._fields = fields

    def holds(self, token: Token) -> bool:
        """Tells whether a document has the token's term."""
        return any(self._snapshot.term_frequency(field, token.term) for field in self._fields)

    def proposals(self, form: str) -> Iterator[Proposal]:
        """Yields what may be meant by a form that is misspelt."""
        yield from self._near(fold(form))
        yield from self._parts(form)

    def _near(self, folded: str) -> Iterator[Proposal]:
        """Yields the forms near a word, those looked for first that are likeliest to be meant."""
        limit = 1.0 if len(folded) <= _SHORT else 2.0
        misspelling = Misspelling(folded)
        distances: dict[str, float] = {}
        for centre, edits in ((folded, 1), (folded, 2), (plain(folded), 2)):
            for field in self._fields:
                distances |= self._within(field, misspelling, centre, edits=edits, limit=limit)
            if distances and (edits > 1 or min(distances.values()) <= _EXPLAINED):
                break
        for form in nsmallest(MAX_WEIGHED, distances, key=lambda form: (distances[form], form)):
            frequency = self._frequency(form)
            if frequency:
                yield Proposal(distances[form] - _DOUBLING * log2(frequency), form)

    def _within(
        self, field: str, misspelling: Misspelling, centre: str, *, edits: int, limit: float
    ) -> dict[str, float]:
        """Returns the forms of a field near ``centre``, each with its distance within a limit."""
        compared: dict[str, float | None] = {}

        def accepts(form: str) -> bool:
            folded = fold(form)
            if folded not in compared and len(compared) < MAX_COMPARED:
                compared[folded] = misspelling.distance(folded, limit=limit)
            return compared.get(folded) is not None

        pattern = Pattern(field, "fuzzy", centre, edits=edits, accepts=accepts)
        forms, _ = self._snapshot.expand(pattern, limit=MAX_COMPARED)
        return {form: compared[fold(form)] or 0.0 for form in forms}

    def _parts(self, form: str) -> Iterator[Proposal]:
        """Yields two words that together are one, when the index holds both."""
        for at in range(1, len(form) - _LEAST_PART + 1):
            left, right = form[:at], form[at:]
            if not self._frequency(right):
                continue
            elided = self._analyzer.analyze(f"{left}'{right}")
            if len(elided) > 1 and elided[0].end == at + 1 and self.holds(elided[0]):
                yield Proposal(_ELIDED, f"{left}'{right}")
            both = min(self._frequency(left), self._frequency(right))
            if at >= _LEAST_PART and both:
                yield Proposal(_RUN_TOGETHER - _DOUBLING * log2(both), f"{left} {right}")

    def _frequency(self, form: str) -> int:
        return max((self._snapshot.form_frequency(it, form) for it in self._fields), default=0)


def cased(form: str, model: str) -> str:
    """Returns a form in capitals as its model is: all of it, its first letter, or none.

    >>> cased("missile", "MISILE"), cased("missile", "Misile")
    ('MISSILE', 'Missile')
    """
    if len(model) > 1 and model.isupper():
        return form.upper()
    return form[:1].upper() + form[1:] if model[:1].isupper() else form
