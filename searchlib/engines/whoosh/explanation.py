"""Owns the words for a score: the same sums as the search, one document at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from whoosh.searching import Searcher

from searchlib.engines.whoosh.queries import Context, PhraseOf, WordOf
from searchlib.engines.whoosh.scoring import Bm25
from searchlib.engines.whoosh.segment_reader import FORMS, SegmentReader
from searchlib.engines.whoosh.translation import translate
from searchlib.query import plan as plans
from searchlib.query.plan import Plan
from searchlib.results import Explanation
from searchlib.schema import Schema

__all__ = ["Explainer", "describe"]


class Explainer:
    """Explains the scores of one snapshot."""

    def __init__(self, weighting: Bm25, searcher: Searcher, schema: Schema) -> None:
        self._weighting = weighting
        self._searcher = searcher
        self._schema = schema

    def explain(self, plan: Plan, reader: SegmentReader, number: int) -> Explanation:
        """Gives the explanation of a document, by its number in the segment."""
        return self._explain(plan, reader, number) or Explanation(
            0.0, f"{describe(plan)}: no match"
        )

    def _explain(self, plan: Plan, reader: SegmentReader, number: int) -> Explanation | None:
        if isinstance(plan, plans.Combination):
            return self._sum(plan, reader, number)
        leaf = translate(plan, self._schema)
        searcher = next(
            searcher
            for searcher, _ in self._searcher.leaf_searchers()
            if searcher.reader() is reader
        )
        window = (number, number + 1)
        matched = leaf.matcher(searcher, Context(weighting=self._weighting, window=window))
        if not matched.is_active():
            return None
        text = f"{describe(plan)}: "
        if isinstance(leaf, WordOf | PhraseOf):
            frequency = leaf.frequency(searcher, number)
            text += self._formula(plan, leaf, reader, number, frequency)
        else:
            text += "constant"
        return Explanation(matched.score(), text)

    def _sum(
        self, plan: plans.Combination, reader: SegmentReader, number: int
    ) -> Explanation | None:
        if any(self._explain(clause, reader, number) for clause in plan.excluded):
            return None
        required = [self._explain(clause, reader, number) for clause in plan.required]
        optional = [self._explain(clause, reader, number) for clause in plan.optional]
        wanted = [part for part in required if part is not None]
        extra = [part for part in optional if part is not None]
        if len(wanted) < len(required) or (optional and not required and not extra):
            return None
        return _add(wanted, extra)

    def _formula(
        self,
        plan: Plan,
        leaf: WordOf | PhraseOf,
        reader: SegmentReader,
        number: int,
        frequency: int,
    ) -> str:
        name = leaf.fieldname.removeprefix(FORMS)
        factor = getattr(plan, "boost", 1.0) * self._schema[name].weight
        documents = self._weighting.documents
        counts = [
            str(self._weighting.document_frequency(leaf.fieldname, text)) for text in leaf.texts
        ]
        idf = sum(self._searcher.idf(leaf.fieldname, text) for text in leaf.texts)
        scorer = self._weighting.scorer_of(reader, leaf.fieldname, 1.0)
        part = scorer.scores([number], [frequency])[0]
        length = reader.text(name).lengths[number]
        average = self._weighting.average_length(name)
        times = "once" if frequency == 1 else f"{frequency} times"
        weight = "" if factor == 1 else f"weight {factor:g} × "
        return (
            f"{weight}idf {idf:.4f} ({' and '.join(counts)} of {documents} documents) × "
            f"tf {part:.4f} ({times}, {length} words, mean {average:.1f})"
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


def _total(parts: Iterable[Explanation]) -> float:
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
