"""Owns the step from query text to query tree, total on any text.

Grammar, from what binds loosest to what binds tightest::

    query       = clauses
    clauses     = alternatives { alternatives }         side by side: joined by the search's mode
    alternatives = conjunction { OR conjunction }
    conjunction = negation { AND negation }
    negation    = { NOT } operand
    operand     = [ + | - ] [ field : ] ( leaf | "(" clauses ")" ) [ ^ number ]

Operators are parsed in order of precedence, not by recursion: each open group keeps the list of
its operands with what joins each to the one before, and a closing bracket folds that list.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, NamedTuple, TypeAlias

import attrs

from searchlib.query import construction, limits
from searchlib.query.construction import Sign
from searchlib.query.diagnostics import Exceeded, Findings, raise_first_error
from searchlib.query.lexer import OPERATORS, Close, Open, Operand, Operator, Token, lex
from searchlib.query.parsing import Parsed
from searchlib.query.tree import Query, Span, Word, Words

__all__ = ["read"]

_Join: TypeAlias = Literal["", "AND", "OR"]

_ITALIAN = {"E", "O", "NON"}


def read(text: str, *, fields: Collection[str], strict: bool) -> Parsed:
    """Returns the tree of any text, with syntax or without; see ``parsing.parse``."""
    findings = Findings()
    kept = _cut(text, findings)
    tokens, lexed = lex(kept, fields=fields)
    findings.diagnostics += lexed
    tokens = _settle_operators(tokens, findings, is_all_capitals=not any(map(str.islower, kept)))
    query = _Grouping(findings).tree(tokens, (0, len(kept)))
    depth, _ = limits.measure(query)
    if depth > limits.MAX_DEPTH:
        query = _flat(tokens, depth, findings)
    if construction.is_empty(query):
        findings.report("empty-query", "nothing to search for", (0, len(kept)))
        query = Words(span=(0, len(kept)))
    ordered = sorted(findings.diagnostics, key=lambda finding: (finding.start, finding.end))
    if strict:
        raise_first_error(text, ordered)
    return Parsed(query, tuple(ordered))


def _cut(text: str, findings: Findings) -> str:
    """Returns as much of a text as the limit allows, whole characters only."""
    # Lone surrogates have no UTF-8; they count as three bytes like their neighbours.
    encoded = text.encode("utf-8", "surrogatepass")
    if len(encoded) <= limits.MAX_QUERY_BYTES:
        return text
    end = limits.MAX_QUERY_BYTES
    while encoded[end] & 0xC0 == 0x80:  # inside a character
        end -= 1
    kept = encoded[:end].decode("utf-8", "surrogatepass")
    findings.report(
        "query-too-long",
        f"at most {limits.MAX_QUERY_BYTES} bytes are read, found {len(encoded)}",
        (len(kept), len(text)),
        exceeded=Exceeded("query bytes", limits.MAX_QUERY_BYTES, len(encoded)),
    )
    return kept


def _settle_operators(
    tokens: list[Token], findings: Findings, *, is_all_capitals: bool
) -> list[Token]:
    """Turns each operator that joins nothing into the word it is.

    AND and OR need an operand on either side, NOT one after it. In a text all in capitals, E, O
    and NON are words: GUERRA E PACE is a title.
    """
    settled = list(tokens)
    for index in reversed(range(len(tokens))):
        token = tokens[index]
        if isinstance(token, Operator):
            following = settled[index + 1] if index + 1 < len(tokens) else None
            if not _begins_operand(following):
                settled[index] = _as_word(token, findings)
            elif is_all_capitals and token.text in _ITALIAN:
                settled[index] = _as_word(token, findings, is_title=True)
    for index, token in enumerate(settled):
        if isinstance(token, Operator) and OPERATORS[token.text] != "NOT":
            before = settled[index - 1] if index else None
            if not isinstance(before, Operand | Close):
                settled[index] = _as_word(token, findings)
    return settled


def _begins_operand(token: Token | None) -> bool:
    if isinstance(token, Operator):
        return OPERATORS[token.text] == "NOT"
    return isinstance(token, Operand | Open)


def _as_word(token: Operator, findings: Findings, *, is_title: bool = False) -> Operand:
    span = (token.start, token.end)
    if is_title:
        findings.report(
            "operator-as-word",
            f"in a query all in capitals {token.text} is a word; "
            f"write {OPERATORS[token.text]} to join",
            span,
            severity="warning",
        )
    elif token.text not in _ITALIAN:
        findings.report(
            "stray-operator", f"{token.text} joins nothing here; it is searched as a word", span
        )
    return Operand(Word(token.text, span=span), "", *span)


class _Item(NamedTuple):
    """An operand of an open group, with what joins it to the one before."""

    join: _Join
    sign: Sign
    node: Query
    span: Span


@attrs.define(slots=True)
class _Group:
    """An open group: its operands so far, and the operators that wait for the next one."""

    opening: Open | None
    items: list[_Item] = attrs.Factory(list)
    join: _Join = ""
    negations: list[int] = attrs.Factory(list)

    def add(self, node: Query, sign: Sign, span: Span) -> None:
        if self.negations:
            if sign == "-":
                node = construction.negate(node, span=span)
            sign = ""
            # Deeper than the limit is as good as any deeper.
            for start in self.negations[: -limits.MAX_DEPTH - 2 : -1]:
                span = (start, span[1])
                node = construction.negate(node, span=span)
        self.items.append(_Item(self.join, sign, node, span))
        self.join = ""
        self.negations = []


class _Grouping:
    """Folds paired tokens into a tree."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def tree(self, tokens: list[Token], span: Span) -> Query:
        groups = [_Group(None)]
        for token in tokens:
            group = groups[-1]
            match token:
                case Operand(node, sign, start, end):
                    group.add(node, sign, (start, end))
                case Operator(text, start):
                    if OPERATORS[text] == "NOT":
                        group.negations.append(start)
                    else:
                        group.join = "AND" if OPERATORS[text] == "AND" else "OR"
                case Open():
                    groups.append(_Group(token))
                case Close():
                    self._close(groups.pop(), token, groups[-1])
        assert len(groups) == 1, "the lexer pairs its brackets"
        return self._fold(groups[0].items, span)

    def _close(self, group: _Group, closing: Close, parent: _Group) -> None:
        opening = group.opening
        assert opening is not None
        # A group closed at the end of the text has a closing bracket of no width.
        end = min(closing.start + 1, closing.end)
        node = self._fold(group.items, (opening.end - 1, end))
        span = (opening.start + len(opening.sign), closing.end)
        if opening.field is not None:
            node = construction.within(opening.field, node, span=span)
        node = construction.boost(node, closing.boost, span=span)
        parent.add(node, opening.sign, (opening.start, closing.end))

    def _fold(self, items: list[_Item], span: Span) -> Query:
        """Returns the tree of a group: AND before OR before side by side."""
        clauses: list[list[list[_Item]]] = []
        for item in items:
            if item.join == "AND":
                clauses[-1][-1].append(item)
            elif item.join == "OR":
                clauses[-1].append([item])
            else:
                clauses.append([[item]])
        signed: list[tuple[Sign, Query]] = []
        for alternatives in clauses:
            if len(alternatives) == len(alternatives[0]) == 1:
                signed.append((alternatives[0][0].sign, alternatives[0][0].node))
            else:
                signed.append(("", self._joined(alternatives)))
        return construction.join_words(signed, span=span)

    def _joined(self, alternatives: list[list[_Item]]) -> Query:
        options = [
            construction.join_all(
                [self._unsigned(item) for item in conjunction], span=_around(conjunction)
            )
            for conjunction in alternatives
        ]
        around = _around([alternatives[0][0], alternatives[-1][-1]])
        return construction.join_any(options, span=around)

    def _unsigned(self, item: _Item) -> Query:
        """Returns an operand of AND or OR, where a sign has no clauses beside it to act on."""
        if item.sign == "-":
            return construction.negate(item.node, span=item.span)
        if item.sign == "+":
            self._findings.report(
                "sign-without-effect",
                "+ means nothing beside AND or OR",
                (item.span[0], item.span[0] + 1),
                severity="warning",
            )
        return item.node


def _around(items: list[_Item]) -> Span:
    return items[0].span[0], items[-1].span[1]


def _flat(tokens: list[Token], depth: int, findings: Findings) -> Query:
    """Returns the operands of a tree that is too deep, side by side."""
    operands = [token for token in tokens if isinstance(token, Operand)]
    span = (operands[0].start, operands[-1].end)
    findings.report(
        "too-deep",
        f"nested {depth} deep, at most {limits.MAX_DEPTH} allowed; searched as its words",
        span,
        exceeded=Exceeded("depth", limits.MAX_DEPTH, depth),
    )
    return construction.join_words([(token.sign, token.node) for token in operands], span=span)
