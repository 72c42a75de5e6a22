"""Owns the query tree: what a query means before any analysis, as frozen values.

The parser makes it from text, a program may build it by hand, and ``str(tree)`` writes it in the
query language so that parsing the text gives an equal tree. Words are kept as typed; analysing
them is the business of ``rewrite``, which turns this tree into a plan. Source spans are carried
for diagnostics and marks and are no part of equality.

>>> from searchlib.query import All, Any, Phrase, Word
>>> print(All((Word("missili"), Phrase("corea del nord"))))
missili AND "corea del nord"
"""

# ruff: noqa: RUF009  (_span() makes an attrs field, which is what a default may be)

from __future__ import annotations

from typing import TypeAlias

import attrs

from searchlib.query.nodes import Node

__all__ = [
    "All",
    "Any",
    "Boost",
    "Everything",
    "Exact",
    "Fuzzy",
    "In",
    "Not",
    "Phrase",
    "Prefix",
    "Query",
    "Range",
    "Regex",
    "Span",
    "Wildcard",
    "Word",
    "Words",
    "children",
]

Span: TypeAlias = tuple[int, int]
"""Half-open code points of the query text."""


def _span() -> Span | None:
    field: Span | None = attrs.field(default=None, eq=False, repr=False, kw_only=True)
    return field


class _Node(Node):
    """What every node of a tree shares: its text in the query language."""

    __slots__ = ()

    def __str__(self) -> str:
        from searchlib.query.writer import write  # noqa: PLC0415  (writer imports this module)

        return write(self)  # type: ignore[arg-type]


@attrs.frozen(repr=False)
class Word(_Node):
    """A word as typed: ``missili``, ``dell'arte``, ``Muhajir-6``; may be several tokens."""

    text: str
    span: Span | None = _span()


@attrs.frozen(repr=False)
class Phrase(_Node):
    """Words in order: ``"corea del nord"``, ``"corea nord"~1`` with ``slop`` others between."""

    text: str
    slop: int = 0
    span: Span | None = _span()


@attrs.frozen(repr=False)
class Exact(_Node):
    """Exact surface form, no stemming: ``=missili``, ``="corea del nord"``."""

    text: str
    span: Span | None = _span()


@attrs.frozen(repr=False)
class Prefix(_Node):
    """Words that begin so: ``mis*``; ``text`` is without the star."""

    text: str
    span: Span | None = _span()


@attrs.frozen(repr=False)
class Wildcard(_Node):
    r"""Words of this shape: ``m?ssile``, ``*zione``; ``?`` is one letter, ``*`` any number.

    A backslash in ``pattern`` makes the character after it literal.
    """

    pattern: str
    span: Span | None = _span()


@attrs.frozen(repr=False)
class Fuzzy(_Node):
    """Words at most ``edits`` (1 or 2) letters away: ``misile~``, ``misile~2``."""

    text: str
    edits: int = 1
    span: Span | None = _span()


@attrs.frozen(repr=False)
class Regex(_Node):
    """Words that a regular expression matches whole: ``/miss(ile|ili)/``."""

    pattern: str
    span: Span | None = _span()


@attrs.frozen(repr=False)
class Range(_Node):
    """Values between two bounds: ``[2022-01-01 TO 2022-12-31]``, ``>=2020``.

    Bounds are texts as typed, None for an open end; ``{`` and ``}`` exclude a bound.
    """

    low: str | None
    high: str | None
    includes_low: bool = True
    includes_high: bool = True
    span: Span | None = _span()


@attrs.frozen(repr=False)
class Everything(_Node):
    """Every document: ``*``."""

    span: Span | None = _span()


@attrs.frozen(repr=False)
class Words(_Node):
    """Clauses side by side, joined by the mode of the search: ``missili +russia -droni``.

    ``clauses`` are joined by ``mode`` ("any": at least one, "all": each); ``required`` must
    match; ``excluded`` must not. Order within each of the three is kept.
    """

    clauses: tuple[Query, ...] = ()
    required: tuple[Query, ...] = ()
    excluded: tuple[Query, ...] = ()
    span: Span | None = _span()


@attrs.frozen(repr=False)
class All(_Node):
    """Each of the clauses: ``a AND b``, ``a E b``."""

    clauses: tuple[Query, ...]
    span: Span | None = _span()


@attrs.frozen(repr=False)
class Any(_Node):
    """At least one of the clauses: ``a OR b``, ``a O b``."""

    clauses: tuple[Query, ...]
    span: Span | None = _span()


@attrs.frozen(repr=False)
class Not(_Node):
    """Documents that the clause does not match: ``NOT a``, ``NON a``."""

    clause: Query
    span: Span | None = _span()


@attrs.frozen(repr=False)
class In(_Node):
    """The clause within one field: ``titolo:missili``, ``titolo:(missili droni)``."""

    field: str
    clause: Query
    span: Span | None = _span()


@attrs.frozen(repr=False)
class Boost(_Node):
    """The clause with its score multiplied: ``missili^2.5``; ``factor`` is in [0, 1000]."""

    clause: Query
    factor: float
    span: Span | None = _span()


Query: TypeAlias = (
    Word
    | Phrase
    | Exact
    | Prefix
    | Wildcard
    | Fuzzy
    | Regex
    | Range
    | Everything
    | Words
    | All
    | Any
    | Not
    | In
    | Boost
)


def children(query: Query) -> tuple[Query, ...]:
    """Returns the trees right below a node, in the order they are written; none for a leaf."""
    match query:
        case Words(clauses, required, excluded):
            return clauses + required + excluded
        case All(clauses) | Any(clauses):
            return clauses
        case Not(clause) | In(_, clause) | Boost(clause):
            return (clause,)
        case _:
            return ()
