"""Owns the way of a query: from text over the tree and the plan to what an engine answers.

The parser, ``rewrite`` and the dictionary of a snapshot each do their step here, one after the
other; every finding on the way is collected, and strict mode raises the gravest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import attrs

from searchlib.analysis import Analyzer, Corrections
from searchlib.engines.base import Snapshot
from searchlib.errors import ArgumentError
from searchlib.query import Diagnostic, Query, parse
from searchlib.query.diagnostics import raise_first_error
from searchlib.query.limits import MAX_EXPANSIONS, MAX_EXPANSIONS_OF_QUERY, check_tree
from searchlib.query.plan import AnyForm, Leaf, Pattern, Plan, Refinement, replace_leaves
from searchlib.query.rewrite import Shares, rewrite
from searchlib.ranking import ranking_named
from searchlib.refining import MAX_KIN, refinement_of
from searchlib.schema import Schema
from searchlib.telling import Kept, shares_of

if TYPE_CHECKING:
    from searchlib.expansions import Expansions
    from searchlib.synonyms import Synonyms

__all__ = ["Pipeline", "Prepared"]

_MODES = ("any", "all")

# It goes with the snapshot: what is kept must not refer to it.
_KEPT: WeakKeyDictionary[Snapshot, Kept] = WeakKeyDictionary()


class Prepared(NamedTuple):
    """A query ready for an engine, its text and its tree, and what was found on the way.

    It is ``cut_short`` where a pattern stands for fewer forms than there are, for want of time.
    """

    text: str
    tree: Query
    plan: Plan
    diagnostics: tuple[Diagnostic, ...]
    refinement: Refinement | None = None
    cut_short: bool = False


class Pipeline(NamedTuple):
    """Prepares queries for the index of one schema and analyser."""

    schema: Schema
    analyzer: Analyzer

    def prepare(
        self,
        query: str | Query,
        snapshot: Snapshot,
        *,
        fields: Sequence[str],
        mode: str = "any",
        ranking: str = "bm25",
        strict: bool = False,
        synonyms: Synonyms | None = None,
        expand: str | Sequence[str] = (),
        refines: bool = True,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Prepared:
        """Returns the plan of a query for one snapshot, its patterns expanded.

        The plan looks for ``synonyms`` and the words of ``expand`` too; the tree and the text are
        those that were given. There is no refinement unless it ``refines``. From when
        ``should_stop`` says so, patterns stand for the forms found by then.

        Raises:
            QueryError: in strict mode.
            ArgumentError: no such mode or ranking, or neither a text nor a tree.
        """
        if mode not in _MODES:
            raise ArgumentError("mode", expected="'any' or 'all'", found=repr(mode))
        formula = ranking_named(ranking)
        if isinstance(query, str):
            parsed = parse(query, fields=self.schema)
            text, tree, found = query, parsed.query, list(parsed.diagnostics)
        elif isinstance(query, Query):
            check_tree(query)
            text, tree, found = str(query), query, []
        else:
            expected = "a str or a tree from searchlib.query"
            raise ArgumentError("query", expected=expected, found=type(query).__name__)
        rewritten = rewrite(
            tree if synonyms is None else _expanded(tree, synonyms, self.analyzer.corrections),
            self.schema,
            self.analyzer,
            mode=mode,
            fields=fields,
            exact_form=formula.exact_form,
            question_word=formula.question_word,
            shares=_shares(snapshot) if formula.is_telling_alike and len(fields) > 1 else None,
        )
        found += rewritten.diagnostics
        plan = rewritten.plan
        cut_short = False
        if rewritten.has_patterns:
            expansion = _Expansion(snapshot, should_stop)
            plan = replace_leaves(plan, expansion.forms_of)
            found += expansion.diagnostics
            cut_short = expansion.cut_short
        if found:
            found.sort(key=lambda diagnostic: diagnostic.start)
            if strict:
                raise_first_error(text, found)
        refinement = None
        if refines:
            kin = partial(snapshot.kin, limit=MAX_KIN)
            refinement = refinement_of(plan, formula, kin, self.schema)
        if expand:
            plan = _expansions(snapshot, self.analyzer, expand).of(plan)
        return Prepared(text, tree, plan, tuple(found), refinement, cut_short)


def _shares(snapshot: Snapshot) -> Shares:
    kept = _KEPT.setdefault(snapshot, {})
    return shares_of(snapshot.term_frequency, snapshot.documents, kept)


def _expansions(snapshot: Snapshot, analyzer: Analyzer, kinds: object) -> Expansions:
    from searchlib.expansions import KINDS, Expansions  # noqa: PLC0415  (few queries ask for them)

    asked = (kinds,) if isinstance(kinds, str) else kinds
    if not isinstance(asked, Iterable) or any(kind not in KINDS for kind in asked):
        expected = f"any of {', '.join(map(repr, KINDS))}"
        raise ArgumentError("expand", expected=expected, found=repr(kinds))
    return Expansions(snapshot, analyzer, asked)


def _expanded(tree: Query, synonyms: object, corrections: Corrections) -> Query:
    from searchlib.synonyms import Synonyms  # noqa: PLC0415  (few queries have any)

    if not isinstance(synonyms, Synonyms):
        expected = "what searchlib.Synonyms.read() gives"
        raise ArgumentError("synonyms", expected=expected, found=type(synonyms).__name__)
    return synonyms.expanded(tree, corrections=corrections)


class _Expansion:
    """Expands the patterns of one query, each distinct one once."""

    def __init__(self, snapshot: Snapshot, should_stop: Callable[[], bool]) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.cut_short = False
        self._snapshot = snapshot
        self._should_stop = should_stop
        self._left = MAX_EXPANSIONS_OF_QUERY
        self._expanded: dict[Pattern, tuple[str, ...]] = {}

    def forms_of(self, leaf: Leaf) -> Plan:
        """Returns a pattern as the forms that it stands for, and any other leaf as it is."""
        if not isinstance(leaf, Pattern):
            return leaf
        key = attrs.evolve(leaf, boost=1.0)
        if key not in self._expanded:
            self._expanded[key] = self._expand(leaf)
        return AnyForm(leaf.field, self._expanded[key], boost=leaf.boost, source=leaf.source)

    def _expand(self, pattern: Pattern) -> tuple[str, ...]:
        if self._should_stop():
            self.cut_short = True
            return ()
        limit = min(MAX_EXPANSIONS, self._left)
        forms, is_complete = self._snapshot.expand(
            pattern, limit=limit, should_stop=self._should_stop
        )
        self._left -= len(forms)
        if not is_complete and len(forms) == limit:
            self._report(pattern, limit)
        elif not is_complete:
            self.cut_short = True
        return forms

    def _report(self, pattern: Pattern, limit: int) -> None:
        start, end = getattr(pattern.source, "span", None) or (0, 0)
        written = pattern.source or pattern.pattern
        if limit == MAX_EXPANSIONS:
            message = (
                f"{written} stands for more than {limit} words of {pattern.field}; only the first "
                f"{limit} are looked for: write more letters"
            )
        else:
            message = (
                f"the patterns of the query stand for more than {MAX_EXPANSIONS_OF_QUERY} words; "
                f"only {limit} of {written} are looked for: write more letters, or fewer patterns"
            )
        self.diagnostics.append(Diagnostic("too-many-expansions", message, start, end))
