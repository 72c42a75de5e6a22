"""Owns the highlighting of one field for one query: made once, used for every hit of a page.

The work is done by the functions of this package, or by the same algorithm in an engine that has
it (``Matcher``), which is told of the leaves in plain values and gives plain numbers back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import attrs

from searchlib.analysis import Token
from searchlib.highlight.marking import best_passage, highlight, leaf_text, searched_part
from searchlib.highlight.questions import Asked
from searchlib.highlight.scoring import weight_of_one
from searchlib.highlight.spans import MarkingLeaf, marking_leaves
from searchlib.query.plan import AnyForm, Form, Phrase, Plan, Term
from searchlib.results import Mark, Snippet

__all__ = ["Highlighter", "LeafFacts", "Matcher", "facts_of"]

LeafFacts: TypeAlias = tuple[Any, ...]
"""What an engine is told of a leaf: its kind, its weight, and its words.

``("term", weight, [term])``, ``("form", weight, [form, ...])`` or
``("phrase", weight, [(offset, word), ...], slop, exact)``.
"""

Stretch: TypeAlias = tuple[int, int, int]
"""Half-open code points, and the number of the leaf that is marked there."""


class Matcher(Protocol):
    """Highlighting in an engine: equal to ``highlight`` and ``best_passage`` in what it gives."""

    def marks(self, text: str) -> Sequence[Stretch]:
        """Gives what to mark in the whole of a text."""
        ...

    def passage(self, text: str, max_chars: int) -> tuple[int, int, bool, bool, Sequence[Stretch]]:
        """Gives start and end of a passage, whether text is left out before and after it, marks.

        Start and end are code points of the text, marks those of the passage.
        """
        ...


class Highlighter:
    """Highlights texts of one field for one plan."""

    __slots__ = ("_analyze", "_asked", "_field", "_leaves", "_matcher", "_names", "_plan")

    def __init__(
        self,
        plan: Plan,
        field: str,
        *,
        asked: Asked | None,
        analyze: Callable[[str], Sequence[Token]],
        matcher: Callable[[Sequence[LeafFacts], Asked | None], Matcher | None],
    ) -> None:
        self._plan = plan
        self._field = field
        self._asked = asked
        self._analyze = analyze
        self._leaves = marking_leaves(plan, field)
        self._names: dict[int, str] = {}
        self._matcher = matcher([facts_of(leaf) for leaf in self._leaves], asked)

    def whole(self, text: str) -> Snippet:
        """Returns the whole text with every match marked."""
        if self._matcher is not None:
            return Snippet(text, self._marks(self._matcher.marks(text)))
        return highlight(text, self._analyze(text), self._plan, field=self._field)

    def passage(self, text: str, max_chars: int) -> Snippet:
        """Returns the passage that answers best, of at most ``max_chars`` code points."""
        if self._matcher is not None:
            start, end, is_cut_before, is_cut_after, marks = self._matcher.passage(text, max_chars)
            return Snippet(text[start:end], self._marks(marks), start, is_cut_before, is_cut_after)
        looked_at = searched_part(text)
        snippet = best_passage(
            looked_at,
            self._analyze(looked_at),
            self._plan,
            field=self._field,
            max_chars=max_chars,
            asked=self._asked,
        )
        if len(looked_at) == len(text):
            return snippet
        return attrs.evolve(snippet, truncated_end=True)

    def _marks(self, stretches: Sequence[Stretch]) -> tuple[Mark, ...]:
        return tuple([Mark(start, end, self._name(leaf)) for start, end, leaf in stretches])

    def _name(self, number: int) -> str:
        name = self._names.get(number)
        if name is None:
            name = self._names[number] = leaf_text(self._leaves[number])
        return name


def facts_of(leaf: MarkingLeaf) -> LeafFacts:
    """Returns what an engine is told of a leaf.

    >>> facts_of(Term("testo", "gatto", boost=2.0))
    ('term', 10.0, ['gatto'])
    """
    weight = weight_of_one(leaf)
    match leaf:
        case Term():
            return "term", weight, [leaf.term]
        case Form():
            return "form", weight, [leaf.form]
        case AnyForm():
            return "form", weight, list(leaf.forms)
        case Phrase():
            return "phrase", weight, list(leaf.words), leaf.slop, leaf.exact
