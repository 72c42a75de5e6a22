"""Owns how the clauses of a query become one plan: what must match, what may, what is said twice.

``rewrite`` makes a clause of each unit of a query; here they are put side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import attrs

from searchlib.query.plan import Combination, Leaf, NoDocuments, Phrase, Plan, Term, replace_leaves

__all__ = ["Clause", "each_of", "is_negative", "joined", "merged", "one_of"]


class Clause(NamedTuple):
    """A plan for one unit of the query: whether it is only a stop word, or only excludes."""

    plan: Plan
    is_stop: bool = False
    is_negative: bool = False


def merged(clauses: Iterable[Plan]) -> tuple[Plan, ...]:
    """Returns the clauses without repetitions, each with the boosts of all that it stands for.

    Scores are proportional to boosts: *gatto gatto^2* scores as before, and is looked for once.

    >>> merged([Term("testo", "gatt"), Term("testo", "gatt", boost=2.0)])
    (Term(field='testo', term='gatt', boost=3.0, source=None),)
    """
    clauses = tuple(clauses)
    if len(set(map(_label, clauses))) == len(clauses):
        return clauses
    total: dict[Plan, float] = {}
    for clause in clauses:
        bare, boost = clause, 1.0
        if not isinstance(clause, Combination | NoDocuments):
            bare, boost = attrs.evolve(clause, boost=1.0), clause.boost
        total[bare] = total.get(bare, 0.0) + boost
    return tuple(_times(clause, boost) for clause, boost in total.items())


def _label(plan: Plan) -> object:
    """Returns something cheap that plans which are equal but for their boosts have in common."""
    while isinstance(plan, Combination):
        below = plan.required or plan.optional or plan.excluded
        if not below:
            break
        plan = below[0]
    if isinstance(plan, Term):
        return plan.field, plan.term
    if isinstance(plan, Phrase):
        return plan.field, plan.words
    return type(plan)


def _times(plan: Plan, factor: float) -> Plan:
    if factor == 1.0:
        return plan

    def boosted(leaf: Leaf) -> Leaf:
        if isinstance(leaf, NoDocuments):
            return leaf
        return attrs.evolve(leaf, boost=leaf.boost * factor)

    return replace_leaves(plan, boosted)


def one_of(clauses: Iterable[Plan]) -> Plan:
    """Returns the plan that at least one of the clauses matches."""
    clauses = merged(clauses)
    if len(clauses) == 1:
        return clauses[0]
    return Combination(optional=clauses) if clauses else NoDocuments()


def each_of(clauses: Iterable[Plan]) -> Plan:
    """Returns the plan that each of the clauses matches."""
    clauses = merged(clauses)
    if len(clauses) == 1:
        return clauses[0]
    return Combination(required=clauses) if clauses else NoDocuments()


def joined(clauses: Sequence[Clause], *, mode: str) -> Plan:
    """Returns the clauses as one plan, stop words ranking but not selecting.

    Stop words with nothing beside them, or with negations only, are what the query is about.
    """
    content = [clause.plan for clause in clauses if not clause.is_stop]
    stops = tuple([clause.plan for clause in clauses if clause.is_stop])
    if stops and all(clause.is_stop or clause.is_negative for clause in clauses):
        content, stops = [each_of(stops), *content], ()
    if not stops:
        return each_of(content) if mode == "all" else one_of(content)
    required = merged(content) if mode == "all" else (one_of(content),)
    return Combination(required, merged(stops))


def is_negative(clauses: Sequence[Clause]) -> bool:
    """Tells whether there are clauses, and all of them only exclude."""
    return bool(clauses) and all(clause.is_negative for clause in clauses)
