"""Owns the way of a query: from text over the tree and the plan to what an engine answers.

The parser, ``rewrite`` and the dictionary of a snapshot each do their step here, one after the
other; every finding on the way is collected, and strict mode raises the gravest.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import attrs

from searchlib.analysis import Analyzer
from searchlib.engines.base import Snapshot
from searchlib.errors import ArgumentError
from searchlib.query import Diagnostic, Query, parse
from searchlib.query.diagnostics import raise_first_error
from searchlib.query.limits import MAX_EXPANSIONS, check_tree
from searchlib.query.plan import AnyForm, Leaf, Pattern, Plan, replace_leaves
from searchlib.query.rewrite import rewrite
from searchlib.ranking import ranking_named
from searchlib.schema import Schema

__all__ = ["Pipeline", "Prepared"]

_MODES = ("any", "all")


class Prepared(NamedTuple):
    """A query ready for an engine, its text, and what was found on the way."""

    text: str
    plan: Plan
    diagnostics: tuple[Diagnostic, ...]


@attrs.frozen(slots=True)
class Pipeline:
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
    ) -> Prepared:
        """Returns the plan of a query for one snapshot, its patterns expanded.

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
            tree,
            self.schema,
            self.analyzer,
            mode=mode,
            fields=fields,
            exact_form=formula.exact_form,
        )
        found += rewritten.diagnostics
        plan = replace_leaves(rewritten.plan, partial(_expand, snapshot, found))
        found.sort(key=lambda diagnostic: diagnostic.start)
        if strict:
            raise_first_error(text, found)
        return Prepared(text, plan, tuple(found))


def _expand(snapshot: Snapshot, found: list[Diagnostic], leaf: Leaf) -> Plan:
    if not isinstance(leaf, Pattern):
        return leaf
    forms, is_complete = snapshot.expand(leaf, limit=MAX_EXPANSIONS)
    if not is_complete:
        start, end = getattr(leaf.source, "span", None) or (0, 0)
        message = (
            f"{leaf.source or leaf.pattern} stands for more than {MAX_EXPANSIONS} words of "
            f"{leaf.field}; only the first {MAX_EXPANSIONS} are looked for: write more letters"
        )
        found.append(Diagnostic("too-many-expansions", message, start, end))
    return AnyForm(leaf.field, forms, boost=leaf.boost, source=leaf.source)
