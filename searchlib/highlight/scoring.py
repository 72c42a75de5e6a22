"""Owns how well a passage answers a query: the one place to change that.

The score of a passage is the sum, over the distinct leaves that it holds, of the leaf's weight,
plus a bonus for each pair of different leaves that follow one another in it::

    weight(leaf)  = boost * KIND[leaf] / occurrences(leaf) ** RARITY
    bonus(a, b)   = NEARNESS * min(weight(a), weight(b)) / (1 + gap(a, b) / REACH_CHARS)

``occurrences`` are those in the whole field: what is everywhere in it, as *di* or its own
subject, tells no passage from another. ``gap`` is in characters, the smallest in the passage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from searchlib.highlight.spans import MarkingLeaf, Span
from searchlib.query.plan import AnyForm, Form, Phrase, Term

__all__ = ["leaf_weights", "score"]

KIND: dict[type, float] = {Phrase: 2.0, Form: 1.5, Term: 1.0, AnyForm: 1.0}
RARITY = 1.0
NEARNESS = 0.5
REACH_CHARS = 20.0


def leaf_weights(leaves: Sequence[MarkingLeaf], spans: Iterable[Span]) -> list[float]:
    """Returns the weight of each leaf, given every span of the field."""
    occurrences = Counter(span.leaf for span in spans)
    return [
        leaf.boost * KIND[type(leaf)] / max(occurrences[number], 1) ** RARITY
        for number, leaf in enumerate(leaves)
    ]


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
    return sum(weights[leaf] for leaf in held) + sum(bonuses.values())
