"""Owns the door of the query language: a text in, its tree and the findings about it out."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from searchlib.query.diagnostics import Diagnostic
from searchlib.query.plain import plain_words
from searchlib.query.tree import Query

__all__ = ["Parsed", "parse"]


class Parsed(NamedTuple):
    """A query tree in canonical form, and what was found about its text, in text order."""

    query: Query
    diagnostics: tuple[Diagnostic, ...]


def parse(text: str, *, fields: Collection[str] = (), strict: bool = False) -> Parsed:
    """Returns the tree that a text in the query language stands for.

    Every text has a tree: what cannot be meant as syntax is searched as words, and a diagnostic
    says so. With ``strict`` a diagnostic of severity "error" is raised as QueryError, or as
    QueryLimitError where a limit is the cause. ``fields`` are the names that may stand before a
    colon. Time grows with the length of the text, which is cut at MAX_QUERY_BYTES.

    >>> str(parse("missili E (corea O russia) -droni").query)
    '(missili AND (corea OR russia)) -droni'
    """
    plain = plain_words(text)
    if plain is not None:
        return Parsed(plain, ())
    # The grammar and its expressions take long to import, and most queries have no syntax.
    from searchlib.query.parser import read  # noqa: PLC0415

    return read(text, fields=fields, strict=strict)
