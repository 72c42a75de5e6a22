"""Owns the answers about one commit: searching, counting, explaining, looking up.

Document numbers here are those of the snapshot: a segment's own numbers plus the count of
documents in the segments before it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from heapq import nlargest
from itertools import accumulate
from time import monotonic
from typing import Any, NamedTuple

import attrs
from whoosh import query
from whoosh.reading import MultiReader
from whoosh.searching import Searcher

from searchlib.engines import explanation
from searchlib.engines.base import (
    EngineHit,
    EngineResults,
    EngineStatistics,
    FieldStatistics,
    SortKey,
    Told,
)
from searchlib.engines.whoosh import expansion
from searchlib.engines.whoosh.explanation import Explainer
from searchlib.engines.whoosh.matchers import ArrayMatcher
from searchlib.engines.whoosh.queries import Context, OutOfTime, Window
from searchlib.engines.whoosh.refinement import Refiner
from searchlib.engines.whoosh.scoring import Bm25
from searchlib.engines.whoosh.segment_reader import FORMS, SegmentReader
from searchlib.engines.whoosh.translation import form_key, translate
from searchlib.errors import ClosedError
from searchlib.query.plan import Pattern, Plan, Refinement
from searchlib.results import Explanation
from searchlib.schema import Schema

__all__ = ["WhooshSnapshot"]

WINDOW_DOCUMENTS = 1024
"""Where there is a deadline, a search may end after this many documents."""


@attrs.frozen(slots=True)
class _Found:
    """What one stretch of one segment gave: local numbers, ascending, and their scores."""

    segment: int
    documents: Sequence[int]
    scores: Sequence[float]


class _Match(NamedTuple):
    """A matching document by its number in the snapshot, and its score."""

    number: int
    score: float


class WhooshSnapshot:
    """The index as of one commit; implements ``searchlib.engines.base.Snapshot``."""

    def __init__(
        self,
        readers: Sequence[SegmentReader],
        schema: Schema,
        *,
        generation: int,
        size_bytes: int,
    ) -> None:
        self._readers = tuple(readers)
        self._schema = schema
        self._generation = generation
        self._size_bytes = size_bytes
        counts = (reader.doc_count_all() for reader in readers)
        self._bases = list(accumulate(counts, initial=0))
        self._weighting = Bm25(self._readers)
        self._searcher = self._make_searcher()
        self._closed = False

    def _make_searcher(self) -> Searcher | None:
        if not self._readers:
            return None
        single = len(self._readers) == 1
        reader = self._readers[0] if single else MultiReader(list(self._readers))
        return Searcher(reader, weighting=self._weighting, closereader=False)

    @property
    def generation(self) -> int:
        """The commit's number."""
        return self._generation

    @property
    def documents(self) -> int:
        """How many live documents there are."""
        return sum(reader.doc_count() for reader in self._open_readers())

    @property
    def readers(self) -> tuple[SegmentReader, ...]:
        """The segments in order, for whoosh's own machinery."""
        return self._readers

    @property
    def weighting(self) -> Bm25:
        """The weighting model that scores this snapshot."""
        return self._weighting

    def _open_readers(self) -> tuple[SegmentReader, ...]:
        if self._closed:
            raise ClosedError("snapshot", "it was closed")
        return self._readers

    def _locate(self, number: int) -> tuple[SegmentReader, int]:
        readers = self._open_readers()
        if not 0 <= number < self._bases[-1]:
            raise IndexError(f"document numbers go from 0 to {self._bases[-1] - 1}, got {number}")
        segment = bisect_right(self._bases, number) - 1
        return readers[segment], number - self._bases[segment]

    def search(
        self,
        plan: Plan,
        *,
        limit: int,
        offset: int = 0,
        filter: Plan | None = None,
        sort: Sequence[SortKey] = (),
        facets: Sequence[str] = (),
        deadline_s: float | None = None,
        refinement: Refinement | None = None,
    ) -> EngineResults:
        """Gives a page of hits; see the protocol."""
        deadline = None if deadline_s is None else monotonic() + deadline_s
        readers = self._open_readers()
        counted: dict[str, Counter[Any]] = {name: Counter() for name in facets}
        keep = offset + limit
        if sort or not limit or refinement is None or offset >= refinement.depth:
            refinement = None
        else:
            keep = max(keep, refinement.depth)
        total = 0
        is_partial = False
        candidates: list[_Match] = []
        for found in self._matches(plan, filter, self._weighting, deadline):
            if found is None:
                is_partial = True
                break
            total += len(found.documents)
            for name, counter in counted.items():
                column = readers[found.segment].searched_column(name)
                counter.update(column.counts(found.documents))
            base = self._bases[found.segment]
            candidates += _all_hits(found, base) if sort else _best_hits(found, base, keep)
        ordered = self._sorted(candidates, sort) if sort else _ranked(candidates)
        if refinement is not None and not is_partial:
            ordered = self._refined(ordered, refinement)
        page = ordered[offset : offset + limit]
        return EngineResults(
            total=total,
            hits=tuple(EngineHit(*match, self.key_of(match.number)) for match in page),
            facets={name: _most_frequent_first(counter) for name, counter in counted.items()},
            partial=is_partial,
        )

    def _refined(self, ordered: list[_Match], refinement: Refinement) -> list[_Match]:
        """Gives the hits with the best ones ranked anew."""
        best, others = ordered[: refinement.depth], ordered[refinement.depth :]
        scores = {match.number: match.score for match in best}
        refiner = Refiner(self._weighting)
        by_segment: dict[int, list[int]] = {}
        for number in sorted(scores):
            by_segment.setdefault(bisect_right(self._bases, number) - 1, []).append(number)
        refined = []
        for segment, numbers in by_segment.items():
            documents = [number - self._bases[segment] for number in numbers]
            found = refiner.evidence(refinement, self._readers[segment], documents)
            for number, fields in zip(numbers, found, strict=True):
                refined.append(_Match(number, scores[number] + max(map(sum, fields))))
        return _ranked(refined) + others

    def count(self, plan: Plan, *, filter: Plan | None = None) -> int:
        """Gives the number of documents that match the plan, and the filter."""
        matches = self._matches(plan, filter, None, None)
        return sum(len(found.documents) for found in matches if found)

    def numbers(self, plan: Plan) -> Iterator[int]:
        """Yields the number of each matching document, ascending."""
        for found in self._matches(plan, None, None, None):
            assert found is not None, "only a deadline cuts a search short"
            base = self._bases[found.segment]
            yield from (base + document for document in found.documents)

    def _matches(
        self,
        plan: Plan,
        filter: Plan | None,
        weighting: Bm25 | None,
        deadline: float | None,
    ) -> Iterator[_Found | None]:
        """Yields the live matches, stretch by stretch; then None if the deadline has passed."""
        self._open_readers()
        if self._searcher is None:
            return
        matching = translate(plan, self._schema)
        allowed = None if filter is None else translate(filter, self._schema)

        def check() -> None:
            if deadline is not None and monotonic() >= deadline:
                raise OutOfTime

        for segment, (searcher, _) in enumerate(self._searcher.leaf_searchers()):
            for window in _windows(searcher, windowed=deadline is not None):
                context = Context(weighting=weighting, window=window, check=check)
                try:
                    check()
                    found = _live(matching.matcher(searcher, context), searcher, allowed, context)
                except OutOfTime:
                    yield None
                    return
                yield _Found(segment, *found)

    def _sorted(self, hits: list[_Match], sort: Sequence[SortKey]) -> list[_Match]:
        # From the last key to the first: each pass is stable, so earlier keys win.
        for key in reversed(sort):
            values = {hit.number: self._sort_value(hit.number, key) for hit in hits}
            present = [hit for hit in hits if values[hit.number] is not None]
            absent = [hit for hit in hits if values[hit.number] is None]
            present.sort(key=lambda hit: values[hit.number], reverse=key.descending)
            hits = present + absent
        return hits

    def _sort_value(self, number: int, key: SortKey) -> Any:
        reader, local = self._locate(number)
        column = reader.searched_column(key.field)
        ordinals = column.ordinals_of(local)
        if not ordinals:
            return None
        return column.values[(max if key.descending else min)(ordinals) - 1]

    def explain(
        self,
        plan: Plan,
        number: int,
        *,
        refinement: Refinement | None = None,
        told: Told | None = None,
    ) -> Explanation:
        """Gives how a document's score comes about; see the protocol."""
        reader, local = self._locate(number)
        explainer = Explainer(self._weighting, self._searcher, self._schema)
        first = explainer.explain(plan, reader, local, told=told)
        if refinement is None:
            return first
        refiner = Refiner(self._weighting)
        (evidence,) = refiner.evidence(refinement, reader, [local])
        return explanation.refined(first, refinement, evidence, told=told)

    def expand(
        self, pattern: Pattern, *, limit: int, should_stop: Callable[[], bool] = lambda: False
    ) -> tuple[tuple[str, ...], bool]:
        """Gives the forms that a pattern accepts; see the protocol."""
        dictionaries = [reader.text(pattern.field).forms for reader in self._open_readers()]
        return expansion.expand(pattern, dictionaries, limit=limit, should_stop=should_stop)

    def kin(self, field: str, term: str, *, limit: int) -> tuple[str, ...]:
        """Gives the terms akin to a term; see the protocol."""
        dictionaries = [reader.text(field).terms for reader in self._open_readers()]
        frequency = partial(self.term_frequency, field)
        return expansion.kin(term, dictionaries, limit=limit, frequency=frequency)

    def form_frequency(self, field: str, form: str) -> int:
        """Gives the number of live documents with a form."""
        total = 0
        for reader in self._open_readers():
            found = reader.find(FORMS + field, form_key(form))
            if found is not None:
                total += len(found.documents)
                if reader.deleted:
                    total -= len(reader.deleted.intersection(found.documents))
        return total

    def term_frequency(self, field: str, term: str) -> int:
        """Gives the number of documents with a term, deleted ones too."""
        return sum(reader.doc_frequency(field, term) for reader in self._open_readers())

    def number_of(self, key: str) -> int | None:
        """Gives the live document of a key, or None."""
        for segment, reader in reversed(list(enumerate(self._open_readers()))):
            number = reader.number_of(key)
            if number is not None:
                return self._bases[segment] + number
        return None

    def key_of(self, number: int) -> str:
        """Gives a document's key."""
        reader, local = self._locate(number)
        return reader.key_of(local)

    def matcher(self, leaves: object, asked: object) -> None:
        """Gives nothing: Python highlights for this engine."""

    def stored(self, number: int) -> Mapping[str, Any]:
        """Gives a document's stored values."""
        reader, local = self._locate(number)
        return reader.stored.get(local)

    def statistics(self) -> EngineStatistics:
        """Gives the sizes; reads the dictionaries through where there are several segments."""
        readers = self._open_readers()
        return EngineStatistics(
            documents=sum(reader.doc_count() for reader in readers),
            deleted=sum(len(reader.deleted) for reader in readers),
            segments=len(readers),
            size_bytes=self._size_bytes,
            generation=self._generation,
            fields={name: self._field_statistics(name) for name in self._schema.texts},
        )

    def _field_statistics(self, name: str) -> FieldStatistics:
        texts = [reader.text(name) for reader in self._readers]
        return FieldStatistics(
            terms=_distinct([text.terms for text in texts]),
            forms=_distinct([text.forms for text in texts]),
            tokens=sum(text.tokens for text in texts),
        )

    def close(self) -> None:
        """Releases the files."""
        self._closed = True
        for reader in self._readers:
            reader.file.close()


def _windows(searcher: Searcher, *, windowed: bool) -> Iterator[Window | None]:
    if not windowed:
        yield None
        return
    for start in range(0, searcher.doc_count_all(), WINDOW_DOCUMENTS):
        yield start, start + WINDOW_DOCUMENTS


def _live(
    matched: ArrayMatcher, searcher: Searcher, filter: query.Query | None, context: Context
) -> tuple[Sequence[int], Sequence[float]]:
    documents, scores = matched.documents, matched.scores
    deleted = searcher.reader().deleted
    if filter is not None:
        unscored = context.without_scores()
        allowed = set(filter.matcher(searcher, unscored).documents) - deleted
        kept = [at for at, document in enumerate(documents) if document in allowed]
    elif deleted:
        kept = [at for at, document in enumerate(documents) if document not in deleted]
    else:
        return documents, scores
    return [documents[at] for at in kept], [scores[at] for at in kept]


def _all_hits(found: _Found, base: int) -> list[_Match]:
    return [
        _Match(base + document, score)
        for document, score in zip(found.documents, found.scores, strict=True)
    ]


def _best_hits(found: _Found, base: int, keep: int) -> list[_Match]:
    if keep == 0:
        return []
    pairs = zip(found.scores, found.documents, strict=True)
    if len(found.documents) > keep:
        # Comparing bare scores first is several times faster than ranking pairs.
        threshold = nlargest(keep, found.scores)[-1]
        best = [(score, document) for score, document in pairs if score >= threshold]
        best.sort(key=lambda pair: (-pair[0], pair[1]))
        return [_Match(base + document, score) for score, document in best[:keep]]
    return [_Match(base + document, score) for score, document in pairs]


def _most_frequent_first(counter: Counter[Any]) -> dict[Any, int]:
    return dict(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def _ranked(hits: list[_Match]) -> list[_Match]:
    return sorted(hits, key=lambda hit: (-hit.score, hit.number))


def _distinct(dictionaries: Sequence[Any]) -> int:
    if len(dictionaries) == 1:
        return len(dictionaries[0])
    return len({entry for dictionary in dictionaries for entry in dictionary.entries()})
