"""Owns the diagnostics: what there is to say about a query text, and where in it.

A diagnostic never stops a lenient parse. In strict mode the first of severity "error" is raised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple, NoReturn, TypeAlias

import attrs

from searchlib.errors import QueryError, QueryLimitError

__all__ = ["CODES", "Diagnostic", "Exceeded", "Findings", "Severity", "raise_first_error"]

Severity: TypeAlias = Literal["error", "warning"]

CODES: Mapping[str, str] = MappingProxyType(
    {
        "bad-range": "a field is followed by [, {, < or > that does not begin a range",
        "bad-regex": "an expression between slashes that is not one",
        "bad-suffix": "a ^ or ~ followed by what is no number in its range",
        "bad-value": "a value that is none of its field's kind",
        "boost-too-large": "a ^ factor over the limit",
        "edits-out-of-range": "a ~ distance that is neither 1 nor 2",
        "empty-group": "parentheses with nothing to search in them",
        "empty-phrase": "quotes with nothing to search in them",
        "empty-query": "nothing to search for",
        "field-not-searchable": "a field that is only stored",
        "field-without-value": "a known field with nothing after its colon",
        "not-a-text-field": "a pattern in a field of values",
        "operator-as-word": "E, O or NON taken as a word, for the query is all in capitals",
        "pattern-in-phrase": "a * within quotes, where no patterns are expanded",
        "pattern-too-large": "a pattern over the limits of length or states",
        "query-too-long": "text beyond the limit of bytes",
        "range-without-field": "a range that no field governs",
        "sign-without-effect": "a + beside AND, OR or NOT",
        "slop-too-large": "a ~ distance of a phrase over the limit",
        "stray-close": "a ) that closes nothing",
        "stray-operator": "AND, OR or NOT with nothing to join",
        "too-deep": "groups or operators nested beyond the limit",
        "too-many-clauses": "words beyond the limit of clauses",
        "too-many-expansions": "a pattern that stands for more words than the limit",
        "unclosed-group": "a ( without its )",
        "unclosed-quote": "a quote without its partner",
        "unknown-field": "a colon after what looks like a field and is none",
    }
)
"""Every code, with its meaning: of the parser, and of the steps after it, which know the fields and
the words of an index. Codes are stable; messages may improve."""


class Exceeded(NamedTuple):
    """The two sides of a limit: ``found`` is over what is ``allowed``."""

    limit: str
    allowed: int
    found: int


@attrs.frozen(slots=True)
class Diagnostic:
    """One finding about a query text.

    ``start`` and ``end`` are half-open code points of the text; ``severity`` is "error" where
    strict mode refuses the query and "warning" elsewhere; ``suggestion`` is what may have been
    meant, such as the nearest field; ``exceeded`` is set where a limit is the cause.

    >>> from searchlib.query import parse
    >>> found, = parse('"corea del nord').diagnostics
    >>> found.code, found.start, found.end, found.severity
    ('unclosed-quote', 0, 1, 'error')
    """

    code: str
    message: str
    start: int
    end: int
    severity: Severity = attrs.field(default="error", kw_only=True)
    suggestion: str | None = attrs.field(default=None, kw_only=True)
    exceeded: Exceeded | None = attrs.field(default=None, kw_only=True)

    def __str__(self) -> str:
        """Returns one line for people: where, then what."""
        return f"characters {self.start} to {self.end}: {self.message}"


class Findings:
    """Collects the diagnostics of one text."""

    __slots__ = ("diagnostics",)

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []

    def report(
        self,
        code: str,
        message: str,
        span: tuple[int, int],
        *,
        severity: Severity = "error",
        suggestion: str | None = None,
        exceeded: Exceeded | None = None,
    ) -> None:
        """Adds a diagnostic about a half-open span of code points."""
        self.diagnostics.append(
            Diagnostic(
                code, message, *span, severity=severity, suggestion=suggestion, exceeded=exceeded
            )
        )


def raise_first_error(text: str, diagnostics: Sequence[Diagnostic]) -> None:
    """Raises for the gravest diagnostic of severity "error", if there is one.

    A limit goes first, for what follows the place of a cut is no finding of its author's;
    after that the order of the text decides.
    """
    errors = [finding for finding in diagnostics if finding.severity == "error"]
    if errors:
        _raise(text, min(errors, key=lambda finding: finding.exceeded is None), diagnostics)


def _raise(text: str, first: Diagnostic, diagnostics: Sequence[Diagnostic]) -> NoReturn:
    ordered = (first, *(finding for finding in diagnostics if finding is not first))
    if first.exceeded is None:
        raise QueryError(
            first.message, query=text, start=first.start, end=first.end, diagnostics=ordered
        )
    raise QueryLimitError(
        first.exceeded.limit,
        allowed=first.exceeded.allowed,
        found=first.exceeded.found,
        query=text,
        start=first.start,
        end=first.end,
        diagnostics=ordered,
    )
