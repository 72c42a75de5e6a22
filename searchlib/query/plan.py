"""Owns the plan: an analysed query, the only form of a query that an engine sees.

``rewrite`` makes a plan from a query tree; ``Index`` replaces its ``Pattern`` leaves by the forms
they stand for (``AnyForm``); the engine evaluates what remains; the highlighter and ``explain``
read the same leaves. Everything here is a frozen value, and each leaf that stems from typed text
says which leaf of the query tree it stands for (``source``), so that a mark knows its cause.

Scores: ``Term``, ``Form`` and ``Phrase`` score by BM25 (searchlib.ranking), every other leaf
scores its constant ``boost``. Compounds add up the scores of the clauses that match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeAlias

import attrs

from searchlib.query.nodes import Node
from searchlib.query.tree import Query

__all__ = [
    "MAX_PLACES",
    "AllDocuments",
    "AnyForm",
    "Combination",
    "Form",
    "Leaf",
    "NoDocuments",
    "Pattern",
    "Phrase",
    "Plan",
    "Range",
    "RefinedField",
    "RefinedWord",
    "Refinement",
    "Term",
    "Value",
    "ValueOf",
    "leaves",
    "replace_leaves",
]

ValueOf: TypeAlias = str | int | float | bool | date


@attrs.frozen(repr=False)
class Term(Node):
    """Documents whose ``field`` holds a word of this index term."""

    field: str
    term: str
    boost: float = 1.0
    source: Query | None = attrs.field(default=None, eq=False)


@attrs.frozen(repr=False)
class Form(Node):
    """Documents whose ``field`` holds exactly this surface form."""

    field: str
    form: str
    boost: float = 1.0
    source: Query | None = attrs.field(default=None, eq=False)


@attrs.frozen(repr=False)
class Phrase(Node):
    """Documents with these words in order, at most ``slop`` other positions between them.

    ``words`` pairs each word with its position relative to the first (0, 1, ...; strictly
    increasing); a word is an index term, or a surface form where ``exact``.
    """

    field: str
    words: tuple[tuple[int, str], ...]
    slop: int = 0
    exact: bool = False
    boost: float = 1.0
    source: Query | None = attrs.field(default=None, eq=False)


@attrs.frozen(repr=False)
class Pattern(Node):
    """Documents that hold a form accepted by ``accepts``; to be expanded before an engine.

    ``kind`` is "prefix", "wildcard", "fuzzy" or "regex"; ``pattern`` is what was typed, folded as
    that kind matches it; ``literal`` is a prefix that every accepted word has (maybe empty);
    ``edits`` is the distance of a fuzzy pattern, 0 otherwise. ``accepts`` is given a form.
    """

    field: str
    kind: str
    pattern: str
    literal: str = ""
    edits: int = 0
    accepts: Callable[[str], bool] = attrs.field(default=lambda _: False, eq=False, repr=False)
    boost: float = 1.0
    source: Query | None = attrs.field(default=None, eq=False)


@attrs.frozen(repr=False)
class AnyForm(Node):
    """Documents whose ``field`` holds at least one of these forms (sorted, distinct)."""

    field: str
    forms: tuple[str, ...]
    boost: float = 1.0
    source: Query | None = attrs.field(default=None, eq=False)


@attrs.frozen(repr=False)
class Value(Node):
    """Documents whose ``field`` (key, keyword, number, date, boolean) has this value."""

    field: str
    value: ValueOf
    boost: float = 1.0
    source: Query | None = attrs.field(default=None, eq=False)


@attrs.frozen(repr=False)
class Range(Node):
    """Documents whose ``field`` has a value within the bounds; None is an open end."""

    field: str
    low: ValueOf | None = None
    high: ValueOf | None = None
    includes_low: bool = True
    includes_high: bool = True
    boost: float = 1.0
    source: Query | None = attrs.field(default=None, eq=False)


@attrs.frozen(repr=False)
class AllDocuments(Node):
    """Every document."""

    boost: float = 1.0
    source: Query | None = attrs.field(default=None, eq=False)


@attrs.frozen(repr=False)
class NoDocuments(Node):
    """No document."""

    source: Query | None = attrs.field(default=None, eq=False)


@attrs.frozen(repr=False)
class Combination(Node):
    """Documents that match every required, no excluded and, if need be, an optional clause.

    At least one ``optional`` clause must match where there is no ``required`` one.
    With neither required nor optional clauses it is every document that no excluded clause
    matches, with score 0. Excluded clauses never score.
    """

    required: tuple[Plan, ...] = ()
    optional: tuple[Plan, ...] = ()
    excluded: tuple[Plan, ...] = ()


Leaf: TypeAlias = (
    Term | Form | Phrase | Pattern | AnyForm | Value | Range | AllDocuments | NoDocuments
)
Plan: TypeAlias = Leaf | Combination


MAX_PLACES = 1_024
"""Places of a field, from its beginning, that the best is looked for among: a long chapter has as
many words of a query, and a text without end must not take time without end."""


@attrs.frozen(repr=False)
class RefinedWord(Node):
    """One word of a query as its surroundings are looked at.

    ``form`` is as typed, None where the spelling tells nothing; ``kin`` are terms of words akin to
    it; ``weight`` multiplies all that it gives.
    """

    term: str
    form: str | None = None
    kin: tuple[str, ...] = ()
    weight: float = 1.0


@attrs.frozen(repr=False)
class RefinedField(Node):
    """The words that are looked for near each other in one field; their terms are distinct."""

    field: str
    words: tuple[RefinedWord, ...]


@attrs.frozen(repr=False, kw_only=True)
class Refinement(Node):
    """What is added to the scores of the best ``depth`` documents of a plan.

    It is no part of the plan, for it changes no document's matching. The documents of the plan
    keep their order but for the best ``depth`` of them, which are ranked anew by the sum of their
    score and what the field that gives most of them gives, ::

        kin  * sum over words of weight * BM25 of the word and its kin as one pseudo-word
        near * maximum over positions p (the first MAX_PLACES where any of the words stands) of
               sum over words of weight * idf * maximum over their occurrences o of
               grade(o) * max(0, 1 - |o - p| / width)

    An occurrence of a word is one of its term, of grade 1, or ``exact_grade`` where it has the
    form; or one of its kin, of grade ``kin_grade``. The pseudo-word occurs as often as its terms
    together, and in as many documents as they do one by one, or in all; its BM25 is that of
    ``k1`` and ``b``.
    """

    fields: tuple[RefinedField, ...]
    depth: int
    kin: float
    k1: float
    b: float
    near: float
    width: int
    exact_grade: float
    kin_grade: float


def leaves(plan: Plan, *, excluded: bool = False) -> Iterator[Leaf]:
    """Yields the leaves of a plan from left to right, the excluded ones only on demand."""
    left = [plan]
    while left:
        plan = left.pop()
        if not isinstance(plan, Combination):
            yield plan
            continue
        if excluded:
            left.extend(reversed(plan.excluded))
        left.extend(reversed(plan.optional))
        left.extend(reversed(plan.required))


def replace_leaves(plan: Plan, replace: Callable[[Leaf], Plan]) -> Plan:
    """Returns the plan with each leaf, excluded ones too, exchanged for ``replace(leaf)``."""
    if not isinstance(plan, Combination):
        return replace(plan)
    return Combination(
        required=tuple(replace_leaves(clause, replace) for clause in plan.required),
        optional=tuple(replace_leaves(clause, replace) for clause in plan.optional),
        excluded=tuple(replace_leaves(clause, replace) for clause in plan.excluded),
    )
