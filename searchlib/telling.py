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

__all__ = ["shares_of"]


def shares_of(frequency: Callable[[str, str], int], documents: int) -> Shares:
    """Returns what makes terms as telling in all their fields as in their commonest one.

    ``frequency`` gives the number of documents that have a term in a field, of so many
    ``documents``.

    >>> held = {"titolo": 2, "testo": 8}
    >>> shares = shares_of(lambda field, term: held[field], documents=10)
    >>> [round(share, 2) for share in shares("del", ("titolo", "testo"))]
    [0.17, 1.0]
    """

    def shares(term: str, fields: Sequence[str]) -> Sequence[float]:
        held = [frequency(field, term) for field in fields]
        most = max(held)
        if not most:
            return [1.0] * len(held)
        least = idf(most)
        return [1.0 if here in (0, most) else least / idf(here) for here in held]

    def idf(holding: int) -> float:
        # Those who hold a word may be deleted ones too.
        return log(1 + (max(0, documents - holding) + 0.5) / (holding + 0.5))

    return shares
