"""Owns the statistics of a score: the same sums as the search, one document at a time."""

from __future__ import annotations

from whoosh.searching import Searcher

from searchlib.engines.base import Told
from searchlib.engines.explanation import LeafScore, WordFacts, explain
from searchlib.engines.whoosh.queries import Context, PhraseOf, WordOf
from searchlib.engines.whoosh.scoring import Bm25
from searchlib.engines.whoosh.segment_reader import FORMS, SegmentReader
from searchlib.engines.whoosh.translation import translate
from searchlib.query.plan import Leaf, Plan
from searchlib.results import Explanation
from searchlib.schema import Schema

__all__ = ["Explainer"]


class Explainer:
    """Explains the scores of one snapshot."""

    def __init__(self, weighting: Bm25, searcher: Searcher, schema: Schema) -> None:
        self._weighting = weighting
        self._searcher = searcher
        self._schema = schema

    def explain(
        self, plan: Plan, reader: SegmentReader, number: int, *, told: Told | None = None
    ) -> Explanation:
        """Gives the explanation of a document, by its number in the segment."""
        searcher = next(
            searcher
            for searcher, _ in self._searcher.leaf_searchers()
            if searcher.reader() is reader
        )
        return explain(
            plan, self._schema, lambda leaf: self._score(leaf, searcher, number), told=told
        )

    def _score(self, plan: Leaf, searcher: Searcher, number: int) -> LeafScore | None:
        leaf = translate(plan, self._schema)
        window = (number, number + 1)
        matched = leaf.matcher(searcher, Context(weighting=self._weighting, window=window))
        if not matched.is_active():
            return None
        facts = None
        if isinstance(leaf, WordOf | PhraseOf):
            facts = self._facts(leaf, searcher.reader(), number, leaf.frequency(searcher, number))
        return LeafScore(matched.score(), facts)

    def _facts(
        self, leaf: WordOf | PhraseOf, reader: SegmentReader, number: int, frequency: int
    ) -> WordFacts:
        name = leaf.fieldname.removeprefix(FORMS)
        scorer = self._weighting.scorer_of(reader, leaf.fieldname, 1.0)
        return WordFacts(
            idf=sum(self._searcher.idf(leaf.fieldname, text) for text in leaf.texts),
            documents=self._weighting.documents,
            holding=[
                self._weighting.document_frequency(leaf.fieldname, text) for text in leaf.texts
            ],
            frequency=frequency,
            length=reader.text(name).lengths[number],
            average_length=self._weighting.average_length(name),
            saturation=scorer.scores([number], [frequency])[0],
        )
