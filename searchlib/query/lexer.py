"""Owns the step from query text to tokens: operands, brackets and operators, in order.

The lexer knows what may stand around a leaf (signs, fields, parentheses); how operands combine
is the parser's business. Its brackets always pair: one that does not is reported and left out,
and one that stays open is closed at the end.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple, TypeAlias

from searchlib.query import construction, limits
from searchlib.query.construction import Sign
from searchlib.query.diagnostics import Diagnostic, Exceeded, Findings
from searchlib.query.leaves import LeafReader
from searchlib.query.patterns import edit_distance
from searchlib.query.tree import Query, Word

__all__ = ["OPERATORS", "Close", "Open", "Operand", "Operator", "Token", "lex"]

OPERATORS = {"AND": "AND", "E": "AND", "OR": "OR", "O": "OR", "NOT": "NOT", "NON": "NOT"}
"""Operators as written. The Italian ones are words too; the parser decides which is meant."""


class Operand(NamedTuple):
    """A leaf, perhaps within a field and boosted, under a sign."""

    node: Query
    sign: Sign
    start: int
    end: int


class Open(NamedTuple):
    """An opening parenthesis, with the sign and the field of its group."""

    sign: Sign
    field: str | None
    start: int
    end: int


class Close(NamedTuple):
    """A closing parenthesis, with the boost of its group."""

    boost: float
    start: int
    end: int


class Operator(NamedTuple):
    """What may be an operator; ``text`` is as written."""

    text: str
    start: int
    end: int


Token: TypeAlias = Operand | Open | Close | Operator

_SPACE = re.compile(r"\s+")
_FIELD = re.compile(r"([^\W\d][\w.-]*):")


def lex(text: str, *, fields: Collection[str]) -> tuple[list[Token], list[Diagnostic]]:
    """Returns the tokens of a text in order, brackets paired, and what is wrong with it.

    >>> tokens, diagnostics = lex("missili AND titolo:corea", fields=["titolo"])
    >>> [type(token).__name__ for token in tokens]
    ['Operand', 'Operator', 'Operand']
    """
    lexer = _Lexer(text, fields)
    lexer.run()
    return lexer.tokens, lexer.findings.diagnostics


class _Opened(NamedTuple):
    """A parenthesis that waits for its partner; ``is_left_out`` when nested too deep."""

    position: int
    token_count: int
    is_in_field: bool
    is_left_out: bool


class _Lexer:
    """One pass over one text."""

    def __init__(self, text: str, fields: Collection[str]) -> None:
        self.text = text
        self.fields = fields
        self.tokens: list[Token] = []
        self.findings = Findings()
        self._leaves = LeafReader(text, self.findings)
        self._opened: list[_Opened] = []
        self._operand_count = 0
        self._has_left_out = False

    def run(self) -> None:
        position = 0
        while position < len(self.text) and self._operand_count <= limits.MAX_CLAUSES:
            space = _SPACE.match(self.text, position)
            if space:
                position = space.end()
            elif self.text[position] == ")":
                position = self._close(position)
            else:
                # A character that begins nothing, such as a stray », is passed over.
                position = max(self._clause(position), position + 1)
        if self._operand_count > limits.MAX_CLAUSES:
            self._leave_out_last()
        else:
            self._report_unclosed()
        self._close_all()

    def _leave_out_last(self) -> None:
        last = self.tokens.pop()
        self.findings.report(
            "too-many-clauses",
            f"more than {limits.MAX_CLAUSES} clauses; the search is for those before this one",
            (last.start, len(self.text)),
            exceeded=Exceeded("clauses", limits.MAX_CLAUSES, limits.MAX_CLAUSES + 1),
        )

    # Brackets

    def _open(self, start: int, position: int, *, sign: Sign, field: str | None) -> int:
        is_left_out = len(self._opened) >= limits.MAX_DEPTH
        is_in_field = field is not None or self._is_in_field()
        self._opened.append(_Opened(position, len(self.tokens), is_in_field, is_left_out))
        if not is_left_out:
            self.tokens.append(Open(sign, field, start, position + 1))
        elif not self._has_left_out:
            self._has_left_out = True
            self.findings.report(
                "too-deep",
                f"more than {limits.MAX_DEPTH} groups open at once; the inner ones are left out",
                (position, position + 1),
                exceeded=Exceeded("depth", limits.MAX_DEPTH, limits.MAX_DEPTH + 1),
            )
        return position + 1

    def _close(self, position: int) -> int:
        if not self._opened:
            self.findings.report(
                "stray-close", "this ) closes nothing; it is left out", (position, position + 1)
            )
            return position + 1
        opened = self._opened.pop()
        if opened.is_left_out:
            return position + 1
        if opened.token_count == len(self.tokens) - 1:
            self.findings.report(
                "empty-group",
                "nothing to search between these parentheses",
                (opened.position, position + 1),
                severity="warning",
            )
        boost, end = self._leaves.read_boost(position + 1)
        self.tokens.append(Close(boost, position, end))
        return end

    def _report_unclosed(self) -> None:
        for opened in self._opened:
            self.findings.report(
                "unclosed-group",
                "this ( has no ); it is closed at the end",
                (opened.position, opened.position + 1),
            )

    def _close_all(self) -> None:
        end = len(self.text)
        while self._opened:
            if not self._opened.pop().is_left_out:
                self.tokens.append(Close(1.0, end, end))

    def _is_in_field(self) -> bool:
        return bool(self._opened) and self._opened[-1].is_in_field

    # Clauses

    def _clause(self, start: int) -> int:
        """Reads one clause, if one begins at ``start``, and returns where it ends."""
        end = self._leaves.word_end(start)
        if self.text[start:end] in OPERATORS:
            self.tokens.append(Operator(self.text[start:end], start, end))
            return end
        sign = self._sign(start)
        position = start + len(sign)
        field = self._field(position)
        if field is None:
            return self._value(start, position, sign=sign, field=None)
        value_position = position + len(field) + 1
        end = self._value(start, value_position, sign=sign, field=field)
        if end == value_position:
            self.findings.report(
                "field-without-value",
                f"nothing right after {field}: to look for in that field",
                (position, end),
            )
            self._add(Word(field, span=(position, end - 1)), start, end - 1, sign=sign)
        return end

    def _sign(self, start: int) -> Sign:
        before = self.text[start - 1 : start] if start else ""
        following = self.text[start + 1 : start + 2]
        if (before.strip() and before != "(") or not following.strip() or following in "+-)":
            return ""
        match self.text[start]:
            case "+":
                return "+"
            case "-":
                return "-"
            case _:
                return ""

    def _field(self, position: int) -> str | None:
        """Returns the known field named at ``position``; reports what only looks like one."""
        named = _FIELD.match(self.text, position)
        if named is None:
            return None
        name = named[1]
        if name in self.fields:
            return name
        following = self.text[named.end() : named.end() + 2]
        # nota: testo, C:\temp, https://example.it, std::vector, nota:)
        is_prose = not following[:1].strip() or following[0] in ":\\)" or following == "//"
        if len(name) > 1 and name.isidentifier() and not is_prose:
            self._report_unknown(name, position)
        return None

    def _report_unknown(self, name: str, position: int) -> None:
        near = [
            (distance, field)
            for field in self.fields
            if (distance := edit_distance(name.casefold(), field.casefold(), limit=2)) is not None
        ]
        suggestion = min(near)[1] if near else None
        self.findings.report(
            "unknown-field",
            f"there is no field {name}; it is searched as a word"
            + (f"; did you mean {suggestion}?" if suggestion else ""),
            (position, position + len(name)),
            suggestion=suggestion,
        )

    def _value(self, start: int, position: int, *, sign: Sign, field: str | None) -> int:
        """Reads what a sign and a field may precede; returns ``position`` if nothing is there."""
        if self.text.startswith("(", position):
            return self._open(start, position, sign=sign, field=field)
        is_in_field = field is not None or self._is_in_field()
        leaf = self._leaves.read(position, field=field, is_in_field=is_in_field)
        if leaf is None:
            return position
        if leaf.node is not None:
            self._add(leaf.node, start, leaf.end, sign=sign, field=field, boost=leaf.boost)
        return leaf.end

    def _add(
        self,
        node: Query,
        start: int,
        end: int,
        *,
        sign: Sign,
        field: str | None = None,
        boost: float = 1.0,
    ) -> None:
        span = (start + len(sign), end)
        if field is not None:
            node = construction.within(field, node, span=span)
        node = construction.boost(node, boost, span=span)
        self.tokens.append(Operand(node, sign, start, end))
        self._operand_count += 1
