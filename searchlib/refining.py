"""Owns what the best documents of a query are looked at for: kin of its words, and nearness.

The words of a plan are read off its leaves, so that whatever the query language makes of a text,
a refinement speaks of the same words with the same boosts. A query of one word has none: nothing
is near it. No document matches, or ceases to match, by a refinement.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from searchlib import analysis
from searchlib.query.plan import (
    Form,
    Phrase,
    Plan,
    RefinedField,
    RefinedWord,
    Refinement,
    Term,
    leaves,
)
from searchlib.ranking import Ranking
from searchlib.schema import Schema

__all__ = ["MAX_KIN", "MAX_WORDS", "refinement_of"]

MAX_WORDS = 32
"""Words of one field that are looked for near each other: a long sentence."""

MAX_KIN = 6
"""Terms akin to one word; with 4 or 8 the figures of docs/ranking.md are the same to the third
digit."""


@attrs.define
class _Word:
    """A word of a plan: its form, where that was asked for, and the boosts of its leaves."""

    boost: float
    form: str | None = None


def refinement_of(
    plan: Plan, ranking: Ranking, kin: Callable[[str, str], tuple[str, ...]], schema: Schema
) -> Refinement | None:
    """Returns the refinement of a plan, or None where the ranking or the plan gives no reason.

    ``kin`` gives the terms akin to a term of a field; it is asked for words that are no stop words.
    The schema's weights of the fields tell how much the plan's scores are, and no more: what a word
    in a title is worth was told there.

    >>> from searchlib.query.plan import Combination
    >>> from searchlib.ranking import ranking_named
    >>> from searchlib.schema import key, text
    >>> schema = Schema(id=key(), testo=text())
    >>> plan = Combination(optional=(Term("testo", "corea"), Term("testo", "nord")))
    >>> refinement_of(plan, ranking_named("bm25"), lambda field, term: (), schema) is None
    True
    >>> found = refinement_of(plan, ranking_named("italian"), lambda field, term: (), schema)
    >>> [word.term for word in found.fields[0].words]
    ['corea', 'nord']
    """
    if not ranking.kin and not ranking.near:
        return None
    fields = tuple(
        RefinedField(field, tuple(_refined(words, field, kin)))
        for field, words in _words_of(plan).items()
        if len(words) > 1
    )
    if not fields:
        return None
    weight = sum(schema[refined.field].weight for refined in fields) / len(fields)
    return Refinement(
        fields=fields,
        depth=ranking.depth,
        kin=weight * ranking.kin,
        k1=ranking.kin_k1,
        b=ranking.kin_b,
        near=weight * ranking.near,
        width=ranking.width,
        exact_grade=ranking.exact_grade,
        kin_grade=ranking.kin_grade,
    )


def _words_of(plan: Plan) -> dict[str, dict[str, _Word]]:
    """Returns the words that a plan looks for, by field and by term, in the order of its leaves.

    The words of a phrase are among them: where the phrase is not, they may be near each other.
    """
    fields: dict[str, dict[str, _Word]] = {}
    word, source = None, None
    for leaf in leaves(plan):
        if isinstance(leaf, Term):
            word, source = _add(fields, leaf.field, leaf.term, leaf.boost), leaf.source
            continue
        if isinstance(leaf, Form):
            # The form of a word stands right behind its term.
            if word is not None and word.form is None and leaf.source is source:
                word.form = leaf.form
        elif isinstance(leaf, Phrase) and not leaf.exact:
            for _, term in leaf.words:
                _add(fields, leaf.field, term, leaf.boost)
        word = None
    return fields


def _add(fields: dict[str, dict[str, _Word]], field: str, term: str, boost: float) -> _Word | None:
    """Adds a word, or the boost of one that is there; returns it, or None of too many."""
    words = fields.setdefault(field, {})
    word = words.get(term)
    if word is not None:
        word.boost += boost
    elif len(words) < MAX_WORDS:
        word = words[term] = _Word(boost)
    return word


def _refined(
    words: dict[str, _Word],
    field: str,
    kin: Callable[[str, str], tuple[str, ...]],
) -> list[RefinedWord]:
    return [
        RefinedWord(
            term,
            word.form,
            () if word.form is None or analysis.is_stop_word(word.form) else kin(field, term),
            word.boost,
        )
        for term, word in words.items()
    ]
