"""Owns what the hits of one page are asked for: stored documents, snippets, explanations.

A page holds the snapshot, the plan and the query of one search. Its hits are no more than a
number, a score and a key; whatever else they give is read or worked out here, when asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from searchlib.analysis import Analyzer, Token
from searchlib.engines.base import EngineHit, Snapshot
from searchlib.errors import ArgumentError
from searchlib.query import Query
from searchlib.query.plan import Plan, Refinement
from searchlib.results import Explanation, Hit, Snippet
from searchlib.schema import Schema

if TYPE_CHECKING:
    from searchlib.highlight import Highlighter

__all__ = ["AnsweredPage"]


class AnsweredPage:
    """What one search found; implements ``searchlib.results.Page``."""

    __slots__ = (
        "_analyzer",
        "_best",
        "_highlighters",
        "_loaded",
        "_plan",
        "_query",
        "_refinement",
        "_schema",
        "_snapshot",
        "_tokens",
    )

    def __init__(
        self,
        snapshot: Snapshot,
        plan: Plan,
        schema: Schema,
        analyzer: Analyzer,
        *,
        query: Query | None = None,
        refinement: Refinement | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._plan = plan
        self._schema = schema
        self._loaded: dict[int, Mapping[str, Any]] = {}
        self._tokens: dict[str, list[Token]] = {}
        self._highlighters: dict[str, Highlighter] = {}
        self._analyzer = analyzer
        self._query = query
        self._refinement = refinement
        self._best: Sequence[EngineHit] = ()

    def hits(self, found: Sequence[EngineHit], *, offset: int = 0) -> tuple[Hit, ...]:
        """Returns what the engine found, after ``offset`` hits, as the caller sees it."""
        if self._refinement is not None:
            self._best = found[: max(0, self._refinement.depth - offset)]
        return tuple([Hit(key, score, number, self) for number, score, key in found])

    def count(self, filter: Plan | None = None) -> int:
        """Returns how many documents match, and match the filter where there was one."""
        return self._snapshot.count(self._plan, filter=filter)

    def stored(self, number: int) -> Mapping[str, Any]:
        """Returns the stored fields of a document, read once."""
        loaded = self._loaded.get(number)
        if loaded is None:
            loaded = self._loaded[number] = self._snapshot.stored(number)
        return loaded

    def document(self, number: int) -> Any:
        """Returns the stored document: a dict, or an instance of the index's document class."""
        return self._schema.instance(self.stored(number))

    def explain(self, number: int) -> Explanation:
        """Returns how the score of a document came about."""
        is_best = any(hit.number == number for hit in self._best)
        refinement = self._refinement if is_best else None
        # Its tables are for who asks.
        from searchlib.relations import Relations  # noqa: PLC0415

        told = Relations(self.stored(number), self._analyze).told
        return self._snapshot.explain(self._plan, number, refinement=refinement, told=told)

    def _analyze(self, text: str) -> list[Token]:
        """Returns the tokens of a text, which all the snippets of it share."""
        tokens = self._tokens.get(text)
        if tokens is None:
            tokens = self._tokens[text] = self._analyzer.analyze(text)
        return tokens

    def snippet(self, number: int, field: str, max_chars: int | None) -> Snippet:
        """Returns the best passage of a stored text, or all of it where there is no length."""
        if not self._schema.is_stored_text(field):
            raise ArgumentError("field", expected="a stored text field", found=repr(field))
        text = self.stored(number).get(field, "")
        highlighter = self._highlighter(field)
        return (
            highlighter.whole(text) if max_chars is None else highlighter.passage(text, max_chars)
        )

    def _highlighter(self, field: str) -> Highlighter:
        found = self._highlighters.get(field)
        if found is None:
            # Who asks for no snippet need not wait for what cuts sentences.
            from searchlib.highlight import Highlighter, asked_by  # noqa: PLC0415

            found = self._highlighters[field] = Highlighter(
                self._plan,
                field,
                asked=None if self._query is None else asked_by(self._query),
                analyze=self._analyze,
                matcher=self._snapshot.matcher,
            )
        return found
