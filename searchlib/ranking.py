"""Owns the ranking formulas: what evidence a query word gathers, and how much each kind counts.

This is the one place of the default ranking. A ranking is data: ``rewrite`` reads it to decide
which leaves a word becomes, so each engine that scores leaves by BM25 gives the same ranking.

Every leaf that scores does so by BM25 (Robertson and Zaragoza, *The Probabilistic Relevance
Framework: BM25 and Beyond*, 2009, section 3.4), in the form without the constant ``k1 + 1``::

    score = weight · boost · idf · tf / (tf + K1 · (1 − B + B · length / average_length))
    idf   = ln(1 + (N − n + 0.5) / (n + 0.5))

where N is the number of documents, n of those that hold the word, tf how often this one does,
and length counts the tokens of the field.

``"bm25"`` is that over index terms alone. ``"italian"`` adds ``exact_form`` times the BM25 of the
form as typed, where the document has it: *missili* before *missile* for the query *missili*, and
*però* before *pero* when the accent was typed.
"""

from __future__ import annotations

import attrs

from searchlib.errors import ArgumentError

__all__ = ["K1", "RANKINGS", "B", "Ranking", "ranking_named"]

K1 = 1.2
"""How soon repetitions of a word stop counting; the customary value, as in the contract."""

B = 0.75
"""How much a long field is held against it, in [0, 1]; the customary value."""


@attrs.frozen(slots=True, kw_only=True)
class Ranking:
    """A ranking formula: its name and the weight of each kind of evidence.

    ``exact_form`` multiplies the BM25 score of the surface form as typed; 0 turns it off.
    """

    name: str
    exact_form: float = 0.0


RANKINGS = {
    ranking.name: ranking
    for ranking in (Ranking(name="bm25"), Ranking(name="italian", exact_form=0.4))
}


def ranking_named(name: str) -> Ranking:
    """Returns the ranking of that name.

    >>> ranking_named("bm25").exact_form
    0.0

    Raises:
        ArgumentError: there is none.
    """
    try:
        return RANKINGS[name]
    except (KeyError, TypeError):
        expected = " or ".join(repr(known) for known in RANKINGS)
        raise ArgumentError("ranking", expected=expected, found=repr(name)) from None
