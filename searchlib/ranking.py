"""Owns the ranking formulas: what evidence a query word gathers, and how much each kind counts.

This is the one place of the default ranking. A ranking is data: ``rewrite`` reads it to decide
which leaves a word becomes, so each engine that scores leaves by BM25 gives the same ranking.

Every leaf that scores does so by BM25 (Robertson and Zaragoza, *The Probabilistic Relevance
Framework: BM25 and Beyond*, 2009, section 3.4), in the form without the constant ``k1 + 1``::

    score = weight · boost · idf · tf / (tf + K1 · (1 − B + B · length / average_length))
    idf   = ln(1 + (N − n + 0.5) / (n + 0.5))

where N is the number of documents, n of those that hold the word, tf how often this one does,
and length counts the tokens of the field.

``"bm25"`` is that over index terms alone. ``"italian"`` adds evidence in two steps. Every document
that matches has ``exact_form`` times the BM25 of the form as typed: *missili* before *missile* for
the query *missili*, and *però* before *pero* when the accent was typed. The best of them, as many
as ``depth``, are then looked at closely: words akin to those of the query count, and so does how
near each other the words stand. docs/ranking.md tells the formula and what each part of it gave.
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
    """A ranking formula: its name and the weight of each kind of evidence; 0 turns one off.

    ``exact_form`` multiplies the BM25 score of the surface form as typed, ``question_word``
    whatever a question word (*quando*, *quale*) gives beside other words; ``is_telling_alike``
    says whether a word is as telling in each field as in its commonest. ``kin`` and ``near``
    are of ``searchlib.query.plan.Refinement``, as are the numbers below them; ``kin_k1`` and
    ``kin_b`` are its ``k1`` and ``b``.
    """

    name: str
    exact_form: float = 0.0
    question_word: float = 1.0
    is_telling_alike: bool = False
    kin: float = 0.0
    kin_k1: float = K1
    kin_b: float = B
    near: float = 0.0
    depth: int = 100
    width: int = 20
    exact_grade: float = 1.2
    kin_grade: float = 0.8


RANKINGS = {
    ranking.name: ranking
    for ranking in (
        Ranking(name="bm25"),
        Ranking(
            name="italian",
            exact_form=1.0,
            question_word=0.3,
            is_telling_alike=True,
            kin=3.0,
            kin_k1=0.7,
            kin_b=0.9,
            near=2.0,
        ),
    )
}
"""The numbers were chosen on half of the articles of SQuAD-it and measured on the other half; see
docs/ranking.md. Around them the figures hardly change."""


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
