"""Owns how telling a word is where it is looked for in several fields.

BM25 asks each field. But titles are short, so that in them every word is rare: *della* would tell
there as much as a name does in a text. A word is as telling as in the field where it is in most
documents, as in BM25F (Robertson and Zaragoza 2009, section 3.6); its leaves get boosts that make
it so, and every engine scores them as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log

from searchlib.query.rewrite import Shares

__all__ = ["MAX_KEPT", "Kept", "shares_of"]

MAX_KEPT = 4096
"""Terms whose shares are kept once they were reckoned: a megabyte at most."""

Kept = dict[tuple[str, tuple[str, ...]], Sequence[float]]
"""The shares of one snapshot, by term and fields."""


def shares_of(frequency: Callable[[str, str], int], documents: int, kept: Kept) -> Shares:
    """Returns what makes terms as telling in all their fields as in their commonest one.

    ``frequency`` gives the number of documents that have a term in a field, of so many
    ``documents``. What was reckoned before is ``kept``.

    >>> held = {"titolo": 2, "testo": 8}
    >>> shares = shares_of(lambda field, term: held[field], 10, {})
    >>> [round(share, 2) for share in shares("del", ("titolo", "testo"))]
    [0.17, 1.0]
    """

    def shares(term: str, fields: tuple[str, ...]) -> Sequence[float]:
        found = kept.get((term, fields))
        if found is None:
            if len(kept) >= MAX_KEPT:
                kept.clear()
            found = kept[term, fields] = reckoned(term, fields)
        return found

    def reckoned(term: str, fields: tuple[str, ...]) -> Sequence[float]:
        held = [frequency(field, term) for field in fields]
        most = max(held)
        return [1.0 if here in (0, most) else idf(most) / idf(here) for here in held]

    def idf(holding: int) -> float:
        # Those who hold a word may be deleted ones too.
        return log(1 + (max(0, documents - holding) + 0.5) / (holding + 0.5))

    return shares
