"""Owns the answers about one commit, in the values of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from searchlib import _native
from searchlib.engines.base import (
    EngineHit,
    EngineResults,
    EngineStatistics,
    FieldStatistics,
    SortKey,
    Told,
)
from searchlib.query.plan import Combination, Leaf, Pattern, Plan, Refinement
from searchlib.results import Explanation
from searchlib.schema import Schema

if TYPE_CHECKING:
    from searchlib.highlight import Asked, LeafFacts

__all__ = ["NativeSnapshot"]

MAX_KEPT_KIN = 4096
"""Terms whose kin are kept once they were looked up: some megabytes at most."""


# As EngineHit._make does, in half the time.
_hit: Callable[[tuple[int, float, str]], EngineHit] = partial(tuple.__new__, EngineHit)


class NativeSnapshot:
    """The index as of one commit; implements ``searchlib.engines.base.Snapshot``."""

    def __init__(
        self, native: _native.Snapshot, schema: Schema, *, analysis: _native.Analysis | None = None
    ) -> None:
        self.native = native
        self._schema = schema
        self._analysis = analysis
        self._kin: dict[tuple[str, str, int], tuple[str, ...]] = {}

    @property
    def generation(self) -> int:
        """The commit's number."""
        return self.native.generation

    @property
    def documents(self) -> int:
        """How many live documents there are."""
        return self.native.documents

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
        total, hits, counts, is_partial = self.native.search(
            plan,
            limit=limit,
            offset=offset,
            filter=filter,
            sort=[(key.field, key.descending) for key in sort],
            facets=facets,
            deadline_s=deadline_s,
            refinement=refinement,
        )
        return EngineResults(total, tuple(map(_hit, hits)), counts, is_partial)

    def count(self, plan: Plan, *, filter: Plan | None = None) -> int:
        """Gives the number of documents that match the plan, and the filter."""
        return self.native.count(plan if filter is None else Combination(required=(plan, filter)))

    def explain(
        self,
        plan: Plan,
        number: int,
        *,
        refinement: Refinement | None = None,
        told: Told | None = None,
    ) -> Explanation:
        """Gives how a document's score comes about; its value is that of the search."""
        # Most processes search and never ask why.
        from searchlib.engines.explanation import (  # noqa: PLC0415
            LeafScore,
            WordFacts,
            explain,
            refined,
        )

        scores = iter(self.native.leaf_scores(plan, number))

        def score(_: Leaf) -> LeafScore | None:
            found = next(scores)
            if found is None:
                return None
            points, facts = found
            return LeafScore(points, None if facts is None else WordFacts(*facts))

        first = explain(plan, self._schema, score, told=told)
        if refinement is None:
            return first
        return refined(first, refinement, self.native.refine(refinement, number), told=told)

    def expand(
        self, pattern: Pattern, *, limit: int, should_stop: Callable[[], bool] = lambda: False
    ) -> tuple[tuple[str, ...], bool]:
        """Gives the forms that a pattern accepts; see the protocol."""
        try:
            return self.native.expand(pattern, limit=limit, should_stop=should_stop)
        except UnicodeEncodeError:
            return (), True  # no text has half of a character, so no form has

    def kin(self, field: str, term: str, *, limit: int) -> tuple[str, ...]:
        """Gives the terms akin to a term; see the protocol."""
        asked = field, term, limit
        found = self._kin.get(asked)
        if found is None:
            if len(self._kin) >= MAX_KEPT_KIN:
                self._kin.clear()
            found = self._kin[asked] = tuple(self.native.kin(field, term, limit=limit))
        return found

    def form_frequency(self, field: str, form: str) -> int:
        """Gives the number of live documents with a form."""
        return self.native.form_frequency(field, form)

    def term_frequency(self, field: str, term: str) -> int:
        """Gives the number of documents with a term, deleted ones too."""
        return self.native.term_frequency(field, term)

    def number_of(self, key: str) -> int | None:
        """Gives the live document of a key, or None."""
        try:
            return self.native.number_of(key)
        except UnicodeEncodeError:
            return None  # no key has half of a character

    def key_of(self, number: int) -> str:
        """Gives a document's key."""
        return self.native.key_of(number)

    def matcher(self, leaves: Sequence[LeafFacts], asked: Asked | None) -> _native.Highlighter:
        """Gives what highlights the matches of some leaves, in texts of this index."""
        wanted = None if asked is None else (asked.wants_date, list(asked.numbers))
        return _native.Highlighter(list(leaves), wanted, self._analysis)

    def stored(self, number: int) -> Mapping[str, Any]:
        """Gives a document's stored values."""
        return self.native.stored(number)

    def statistics(self) -> EngineStatistics:
        """Gives the sizes; reads the dictionaries through where there are several segments."""
        documents, deleted, segments, size_bytes, fields = self.native.statistics()
        return EngineStatistics(
            documents=documents,
            deleted=deleted,
            segments=segments,
            size_bytes=size_bytes,
            generation=self.native.generation,
            fields={
                name: FieldStatistics(terms, forms, tokens) for name, terms, forms, tokens in fields
            },
        )

    def close(self) -> None:
        """Releases the files."""
        self.native.close()
