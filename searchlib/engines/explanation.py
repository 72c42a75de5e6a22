"""Owns the words for a score: engines give the statistics of each leaf, this gives the sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import attrs

from searchlib.engines.base import Told
from searchlib.query import plan as plans
from searchlib.query.plan import Leaf, Plan, Refinement
from searchlib.results import Explanation
from searchlib.schema import Schema

__all__ = ["Evidence", "LeafScore", "WordFacts", "describe", "explain", "refined"]


@attrs.frozen(slots=True)
class WordFacts:
    """What the score of a word or a phrase is made of.

    ``holding`` says of each word how many of the ``documents`` hold it; ``frequency`` is how often
    they occur in the document, ``length`` and ``average_length`` are the field's, in positions;
    ``saturation`` is ``tf / (tf + K)``.
    """

    idf: float
    documents: int
    holding: Sequence[int]
    frequency: int
    length: int
    average_length: float
    saturation: float


@attrs.frozen(slots=True)
class LeafScore:
    """What a leaf adds to the score of a document; without facts where it is a constant."""

    value: float
    facts: WordFacts | None = None


class Evidence(NamedTuple):
    """What one field of a refinement gives of a document, by kin and by nearness."""

    kin: float
    near: float


def explain(
    plan: Plan,
    schema: Schema,
    score_of: Callable[[Leaf], LeafScore | None],
    *,
    told: Told | None = None,
) -> Explanation:
    """Gives the explanation of a document's score.

    ``score_of`` is asked once for each leaf, in the order of ``leaves(plan, excluded=True)``; it
    gives None for one that does not match. ``told`` is what is to be said of words besides.
    """
    found = _explain(plan, schema, score_of, told)
    return found or Explanation(0.0, f"{describe(plan)}: no match")


def refined(
    first: Explanation,
    refinement: Refinement,
    evidence: Sequence[tuple[float, float]],
    *,
    told: Told | None = None,
) -> Explanation:
    """Gives the explanation of a refined score; ``evidence`` has one pair for each field.

    Only the field that gives most counts.
    """
    field, (kin, near) = max(
        zip(refinement.fields, evidence, strict=True), key=lambda given: sum(given[1])
    )
    words = ", ".join(word.form or word.term for word in field.words)
    akin = told(field) if told is not None else ""
    parts = []
    if kin:
        parts.append(Explanation(kin, f"words and their kin in {field.field}{akin}"))
    if near:
        parts.append(Explanation(near, f"near each other in {field.field}: {words}"))
    if not parts:
        return first
    return Explanation(first.value + (kin + near), "sum", (*(first.parts or (first,)), *parts))


def _explain(
    plan: Plan,
    schema: Schema,
    score_of: Callable[[Leaf], LeafScore | None],
    told: Told | None,
) -> Explanation | None:
    if isinstance(plan, plans.Combination):
        required = [_explain(clause, schema, score_of, told) for clause in plan.required]
        optional = [_explain(clause, schema, score_of, told) for clause in plan.optional]
        excluded = [_explain(clause, schema, score_of, told) for clause in plan.excluded]
        wanted = [part for part in required if part is not None]
        extra = [part for part in optional if part is not None]
        is_missing = len(wanted) < len(required) or bool(optional and not required and not extra)
        refuses = any(part is not None for part in excluded)
        return None if is_missing or refuses else _add(wanted, extra)
    score = score_of(plan)
    if score is None:
        return None
    formula = "constant" if score.facts is None else _formula(plan, schema, score.facts)
    more = told(plan) if told is not None and isinstance(plan, plans.Term) else ""
    return Explanation(score.value, f"{describe(plan)}{more}: {formula}")


def _formula(leaf: Leaf, schema: Schema, facts: WordFacts) -> str:
    assert isinstance(leaf, plans.Term | plans.Form | plans.Phrase)
    factor = leaf.boost * schema[leaf.field].weight
    times = "once" if facts.frequency == 1 else f"{facts.frequency} times"
    weight = "" if factor == 1 else f"weight {factor:g} × "
    return (
        f"{weight}idf {facts.idf:.4f} "
        f"({' and '.join(map(str, facts.holding))} of {facts.documents} documents) × "
        f"tf {facts.saturation:.4f} "
        f"({times}, {facts.length} words, mean {facts.average_length:.1f})"
    )


def _add(required: Sequence[Explanation], optional: Sequence[Explanation]) -> Explanation:
    if len(required) + len(optional) == 1:
        return (*required, *optional)[0]
    # In the order of the search: floating-point sums depend on it.
    total = _total(required) if required else _total(optional)
    if required and optional:
        total += _total(optional)
    parts = (*required, *optional)
    return Explanation(total, "sum" if parts else "every document, without a score", parts)


def _total(parts: Sequence[Explanation]) -> float:
    total = 0.0
    for part in parts:
        total += part.value
    return total


def describe(plan: Plan) -> str:  # noqa: PLR0911  (one case for each leaf)
    """Gives the leaf in words.

    >>> describe(plans.Phrase("testo", ((0, "corea"), (2, "nord")), slop=1))
    '"corea … nord"~1 in testo'
    """
    match plan:
        case plans.Term(field=name, source=source, term=word):
            return f"{source or word} in {name}"
        case plans.Form(field=name, form=word):
            return f"={word} in {name}"
        case plans.Phrase(field=name, words=words, slop=slop, exact=exact):
            shown = words[0][1]
            for (before, _), (at, word) in pairwise(words):
                shown += (" … " if at > before + 1 else " ") + word
            nearness = f"~{slop}" if slop else ""
            return f'{"=" if exact else ""}"{shown}"{nearness} in {name}'
        case plans.AnyForm(field=name, forms=forms):
            return f"{len(forms)} forms in {name}"
        case plans.Value(field=name, value=value):
            return f"{name} is {value}"
        case plans.Range(field=name):
            return f"{name} within {plan.low} and {plan.high}"
        case plans.AllDocuments():
            return "every document"
        case plans.NoDocuments():
            return "no document"
        case _:
            return "the combination"
