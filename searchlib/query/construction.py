"""Owns the canonical form of a query tree: one tree for all ways of writing one meaning.

The parser builds with these constructors, so it gives canonical trees only; ``canonical`` brings
a tree that a program built to the same form. The rules, each true in both modes of a search:

* a compound of one clause is that clause, and a clause that asks for nothing vanishes;
* an AND in an AND, an OR in an OR, bare words in bare words are one list: all three associate;
* beside other clauses NOT excludes, as ``-`` does; a lone exclusion is a NOT;
* a wildcard with one star at its end is a prefix, and ``*`` is everything;
* an open bound counts as included, a boost of 1 is none, and numbers keep to their limits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

import attrs

from searchlib.query.limits import MAX_BOOST, MAX_EDITS, MAX_SLOP
from searchlib.query.tree import (
    All,
    Any,
    Boost,
    Everything,
    Exact,
    Fuzzy,
    In,
    Not,
    Phrase,
    Prefix,
    Query,
    Range,
    Regex,
    Span,
    Wildcard,
    Word,
    Words,
)

__all__ = [
    "Sign",
    "bare_regex",
    "boost",
    "canonical",
    "is_empty",
    "join_all",
    "join_any",
    "join_words",
    "negate",
    "wildcard",
    "wildcard_cells",
    "within",
]

Sign: TypeAlias = Literal["", "+", "-"]


def is_empty(query: Query) -> bool:
    """Tells whether a tree asks for nothing at all."""
    return isinstance(query, Words) and not (query.clauses or query.required or query.excluded)


def join_words(items: Iterable[tuple[Sign, Query]], *, span: Span | None = None) -> Query:
    """Returns the clauses side by side, each under its sign."""
    clauses: list[Query] = []
    required: list[Query] = []
    excluded: list[Query] = []
    for sign, node in items:
        if is_empty(node):
            continue
        if sign == "-":
            excluded.append(node)
        elif isinstance(node, Not):
            excluded.append(node.clause)
        elif isinstance(node, Words) and not (node.clauses or node.required):
            excluded.extend(node.excluded)
        elif sign == "+":
            required.append(node)
        elif isinstance(node, Words) and not (node.required or node.excluded):
            clauses.extend(node.clauses)
        else:
            clauses.append(node)
    if len(excluded) == 1 and not (clauses or required):
        return Not(excluded[0], span=span)
    if len(clauses) + len(required) == 1 and not excluded:
        return (clauses or required)[0]
    return Words(tuple(clauses), tuple(required), tuple(excluded), span=span)


def join_all(clauses: Iterable[Query], *, span: Span | None = None) -> Query:
    """Returns the tree that asks for each of the clauses."""
    flat: list[Query] = []
    for clause in clauses:
        flat.extend(clause.clauses if isinstance(clause, All) else _unless_empty(clause))
    return All(tuple(flat), span=span) if len(flat) > 1 else _only(flat, span)


def join_any(clauses: Iterable[Query], *, span: Span | None = None) -> Query:
    """Returns the tree that asks for at least one of the clauses."""
    flat: list[Query] = []
    for clause in clauses:
        flat.extend(clause.clauses if isinstance(clause, Any) else _unless_empty(clause))
    return Any(tuple(flat), span=span) if len(flat) > 1 else _only(flat, span)


def negate(clause: Query, *, span: Span | None = None) -> Query:
    """Returns the tree that asks for what the clause does not match."""
    return clause if is_empty(clause) else Not(clause, span=span)


def within(field: str, clause: Query, *, span: Span | None = None) -> Query:
    """Returns the clause within one field."""
    return clause if is_empty(clause) else In(field, clause, span=span)


def boost(clause: Query, factor: float, *, span: Span | None = None) -> Query:
    """Returns the clause with its score multiplied by ``factor``, kept in [0, MAX_BOOST]."""
    factor = min(max(float(factor), 0.0), MAX_BOOST)
    return clause if is_empty(clause) or factor == 1.0 else Boost(clause, factor, span=span)


def wildcard_cells(pattern: str) -> list[tuple[str, bool]]:
    r"""Returns the characters of a wildcard pattern, each with whether it is a wildcard.

    >>> wildcard_cells(r"5\*?")
    [('5', False), ('*', False), ('?', True)]
    """
    cells: list[tuple[str, bool]] = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            cells.append((next(characters, "\\"), False))
        else:
            cells.append((character, character in "*?"))
    return cells


def wildcard(cells: Iterable[tuple[str, bool]], *, span: Span | None = None) -> Query:
    """Returns the leaf for a wildcard pattern: Everything, a Prefix, an Exact or a Wildcard."""
    kept: list[tuple[str, bool]] = []
    for cell in cells:
        if not (cell == ("*", True) and kept[-1:] == [cell]):
            kept.append(cell)
    if not kept:
        return Words(span=span)
    text = "".join(character for character, _ in kept[:-1])
    wild = [character for character, is_wild in kept if is_wild]
    if not wild:
        return Exact(text + kept[-1][0], span=span)
    if wild == ["*"] and kept[-1] == ("*", True):
        return Prefix(text, span=span) if text else Everything(span=span)
    return Wildcard(
        "".join(
            "\\" + character if character in "*?\\" and not is_wild else character
            for character, is_wild in kept
        ),
        span=span,
    )


def bare_regex(pattern: str) -> str:
    r"""Returns a regular expression without the escapes that only ``/ /`` needs.

    >>> bare_regex(r"a\/b\.")
    'a/b\\.'
    """
    kept: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character != "\\":
            kept.append(character)
            continue
        escaped = next(characters, "\\")
        kept.append(escaped if escaped == "/" or escaped.isspace() else "\\" + escaped)
    return "".join(kept)


def canonical(query: Query) -> Query:  # noqa: PLR0911  (one per kind of node)
    """Returns the canonical tree of the same meaning; a canonical tree comes back equal.

    >>> from searchlib.query import All, Word
    >>> canonical(All((Word("missili"), All((Word("corea"), Word("nord"))))))
    All(clauses=(Word(text='missili'), Word(text='corea'), Word(text='nord')))
    """
    span = query.span
    match query:
        case Words(clauses, required, excluded):
            items: list[tuple[Sign, Query]] = [("", canonical(clause)) for clause in clauses]
            items += [("+", canonical(clause)) for clause in required]
            items += [("-", canonical(clause)) for clause in excluded]
            return join_words(items, span=span)
        case All(clauses):
            return join_all(map(canonical, clauses), span=span)
        case Any(clauses):
            return join_any(map(canonical, clauses), span=span)
        case Not(clause):
            return negate(canonical(clause), span=span)
        case In(field, clause):
            return within(field, canonical(clause), span=span)
        case Boost(clause, factor):
            return boost(canonical(clause), factor, span=span)
        case _:
            return _canonical_leaf(query)


def _canonical_leaf(leaf: Query) -> Query:  # noqa: PLR0911  (one per kind of leaf)
    match leaf:
        case Prefix(""):
            return Everything(span=leaf.span)
        case Word("") | Phrase("") | Exact("") | Fuzzy("") | Regex(""):
            return Words(span=leaf.span)
        case Phrase(_, slop):
            return attrs.evolve(leaf, slop=min(max(slop, 0), MAX_SLOP))
        case Fuzzy(_, edits):
            return attrs.evolve(leaf, edits=min(max(edits, 1), MAX_EDITS))
        case Wildcard(pattern):
            return wildcard(wildcard_cells(pattern), span=leaf.span)
        case Regex(pattern):
            return attrs.evolve(leaf, pattern=bare_regex(pattern))
        case Range(low, high):
            return attrs.evolve(
                leaf,
                includes_low=leaf.includes_low or low is None,
                includes_high=leaf.includes_high or high is None,
            )
        case _:
            return leaf


def _unless_empty(clause: Query) -> tuple[Query, ...]:
    return () if is_empty(clause) else (clause,)


def _only(clauses: list[Query], span: Span | None) -> Query:
    return clauses[0] if clauses else Words(span=span)
