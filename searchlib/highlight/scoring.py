"""Owns how well a passage answers a query: the one place to change that.

The score of a passage is the sum, over the distinct leaves that it holds, of the leaf's weight,
plus a bonus for each pair of different leaves that follow one another in it, plus what answers a
question beyond its words::

    weight(leaf)  = boost * KIND[leaf] * letters(leaf) / occurrences(leaf) ** RARITY
    bonus(a, b)   = NEARNESS * min(weight(a), weight(b)) / (1 + gap(a, b) / REACH_CHARS)
    answer        = heaviest weight * (NUMBER * min(numbers, MOST_NUMBERS) + DATE * has date)

``letters`` are those of the words that the leaf matches: long words are the rare ones, and the
words of grammar are short. ``occurrences`` are those in the whole field: what is everywhere in
it, as *di* or its own subject, tells no passage from another. ``gap`` is in characters, the
smallest in the passage. The heaviest weight is that of a leaf which occurs; ``numbers`` count for
questions only, a date where one is asked for (``questions``).

The constants were chosen on half of the articles of a collection of questions: of its answers,
passages of 200 characters held 0.750 before letters and questions counted and 0.775 after; on the
other half 0.717 and 0.754.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from searchlib.highlight.questions import Asked, count_numbers, has_date
from searchlib.highlight.spans import MarkingLeaf, Span
from searchlib.query.plan import AnyForm, Form, Phrase, Term

__all__ = ["answer", "leaf_weights", "score", "weight_of_one"]

KIND: dict[type, float] = {Phrase: 2.0, Form: 1.5, Term: 1.0, AnyForm: 1.0}
RARITY = 1.0
NEARNESS = 0.5
REACH_CHARS = 20.0
NUMBER = 0.15
MOST_NUMBERS = 2
DATE = 1.0


def leaf_weights(leaves: Sequence[MarkingLeaf], spans: Iterable[Span]) -> list[float]:
    """Returns the weight of each leaf, given every span of the field."""
    occurrences = Counter(span.leaf for span in spans)
    return [
        weight_of_one(leaf) / max(occurrences[number], 1) ** RARITY
        for number, leaf in enumerate(leaves)
    ]


def weight_of_one(leaf: MarkingLeaf) -> float:
    """Returns the weight of a leaf that occurs once."""
    return leaf.boost * KIND[type(leaf)] * _letters(leaf)


def _letters(leaf: MarkingLeaf) -> int:
    match leaf:
        case Term():
            return len(leaf.term)
        case Form():
            return len(leaf.form)
        case AnyForm():
            return min(map(len, leaf.forms), default=0)
        case Phrase():
            return sum(len(word) for _, word in leaf.words)


def score(spans: Iterable[Span], weights: Sequence[float]) -> float:
    """Returns the score of the passage that holds these spans, sorted by start; at least 0."""
    held: set[int] = set()
    bonuses: dict[tuple[int, int], float] = {}
    before: Span | None = None
    for span in spans:
        held.add(span.leaf)
        if before is not None and before.leaf != span.leaf and before.end <= span.start:
            pair = min(before.leaf, span.leaf), max(before.leaf, span.leaf)
            weight = min(weights[before.leaf], weights[span.leaf])
            bonus = NEARNESS * weight / (1 + (span.start - before.end) / REACH_CHARS)
            bonuses[pair] = max(bonus, bonuses.get(pair, 0.0))
        before = span
    # Added in this order on every engine and version: sums of floats differ by their order.
    total = 0.0
    for leaf in sorted(held):
        total += weights[leaf]
    for pair in sorted(bonuses):
        total += bonuses[pair]
    return total


def answer(text: str, start: int, end: int, asked: Asked, *, heaviest: float) -> float:
    """Returns what a passage adds to its score by answering a question; at least 0."""
    numbers = count_numbers(text, start, end, asked)
    is_dated = asked.wants_date and has_date(text, start, end, asked)
    return heaviest * (NUMBER * min(numbers, MOST_NUMBERS) + DATE * is_dated)
