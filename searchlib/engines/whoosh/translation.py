"""Owns the translation of a plan into whoosh's queries, this engine's own nodes among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import TypeAlias

from whoosh import query

from searchlib.analysis import fold
from searchlib.engines.whoosh.dictionary import key_of
from searchlib.engines.whoosh.queries import (
    AllOf,
    AnyOf,
    Excluding,
    PhraseOf,
    Preferring,
    Unscored,
    WordOf,
)
from searchlib.engines.whoosh.segment_reader import FORMS, SegmentReader
from searchlib.query import plan as plans
from searchlib.query.plan import Plan
from searchlib.schema import Schema

__all__ = ["form_key", "translate"]

_Select: TypeAlias = Callable[[SegmentReader], Sequence[int]]


def form_key(form: str) -> str:
    """Gives what stands for a form in whoosh's fields of forms."""
    return key_of((fold(form), form))


def translate(plan: Plan, schema: Schema) -> query.Query:
    """Gives the whoosh query of a plan.

    Raises:
        TypeError: a ``Pattern`` was left in it; only its forms can be searched.
    """
    if isinstance(plan, plans.Combination):
        return _combination(plan, schema)
    return _leaf(plan, schema)


def _combination(plan: plans.Combination, schema: Schema) -> query.Query:
    required = _joined(AllOf, plan.required, schema)
    optional = _joined(AnyOf, plan.optional, schema)
    matched: query.Query
    if required is None and optional is None:
        matched = Unscored(_all_documents, score=0.0)
    elif required is None or optional is None:
        matched = optional if required is None else required
    else:
        matched = Preferring(required, optional)
    excluded = _joined(AnyOf, plan.excluded, schema)
    return matched if excluded is None else Excluding(matched, excluded)


def _joined(join: type[query.Query], clauses: Sequence[Plan], schema: Schema) -> query.Query | None:
    if not clauses:
        return None
    translated = [translate(clause, schema) for clause in clauses]
    return translated[0] if len(translated) == 1 else join(translated)


def _leaf(leaf: plans.Leaf, schema: Schema) -> query.Query:  # noqa: PLR0911  (a case each)
    match leaf:
        case plans.Term(field=name, term=term):
            return WordOf(name, term, factor=schema[name].weight * leaf.boost)
        case plans.Form(field=name, form=form):
            factor = schema[name].weight * leaf.boost
            return WordOf(FORMS + name, form_key(form), factor=factor)
        case plans.Phrase(field=name):
            return _phrase(leaf, factor=schema[name].weight * leaf.boost)
        case plans.AnyForm(field=name):
            return Unscored(_forms(leaf), score=schema[name].weight * leaf.boost)
        case plans.Value(field=name, value=value):
            return Unscored(
                lambda reader: reader.searched_column(name).documents_with(value),
                score=leaf.boost,
            )
        case plans.Range():
            return Unscored(_range(leaf), score=leaf.boost)
        case plans.AllDocuments():
            return Unscored(_all_documents, score=leaf.boost)
        case plans.NoDocuments():
            return Unscored(lambda _: (), score=0.0)
        case _:
            raise TypeError(f"a {type(leaf).__name__} is not for an engine: expand it first")


def _phrase(leaf: plans.Phrase, *, factor: float) -> PhraseOf:
    words = leaf.words
    fieldname = leaf.field
    if leaf.exact:
        fieldname = FORMS + fieldname
        words = tuple((at, form_key(form)) for at, form in words)
    return PhraseOf(fieldname, words, slop=leaf.slop, factor=factor)


def _forms(leaf: plans.AnyForm) -> _Select:
    keys = [form_key(form) for form in leaf.forms]

    def select(reader: SegmentReader) -> Sequence[int]:
        found = (reader.find(FORMS + leaf.field, key) for key in keys)
        lists = [postings.documents for postings in found if postings is not None]
        return lists[0] if len(lists) == 1 else sorted(set(chain.from_iterable(lists)))

    return select


def _range(leaf: plans.Range) -> _Select:
    return lambda reader: reader.searched_column(leaf.field).documents_between(
        leaf.low,
        leaf.high,
        includes_low=leaf.includes_low,
        includes_high=leaf.includes_high,
    )


def _all_documents(reader: SegmentReader) -> Sequence[int]:
    return range(reader.doc_count_all())
