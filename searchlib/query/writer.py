"""Owns the step from query tree to query text.

``parse(write(tree))`` gives the tree's canonical form back, as long as the text keeps to the
limits and the parser knows the fields. Clauses are written in the order clauses, required,
excluded; compounds inside others stand in parentheses even where precedence would do.
"""

from __future__ import annotations

import re

from searchlib.query.construction import wildcard_cells
from searchlib.query.leaves import PATTERN_BREAKERS, QUOTES, is_wordy
from searchlib.query.lexer import OPERATORS
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
    Wildcard,
    Word,
    Words,
)

__all__ = ["write"]

_QUOTE_MARKS = "".join({*QUOTES, *"".join(QUOTES.values())})
_SPECIAL = re.compile(rf"[\s()\\:*?~^{_QUOTE_MARKS}]")
_SPECIAL_IN_PATTERN = re.compile(rf"[\s.*?{_QUOTE_MARKS}{re.escape(PATTERN_BREAKERS)}]")
_SPECIAL_AT_START = tuple("+-=/[{<>")
_SPECIAL_IN_QUOTES = re.compile(r'["\\]')
_PLAIN_BOUND = re.compile(r"[\w.,:+/-]+")
_STAR_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])\*(?=[0-9])")


def write(query: Query) -> str:  # noqa: PLR0911  (one per kind of node)
    r"""Returns a tree in the query language.

    >>> from searchlib.query import All, Any, In, Phrase, Word
    >>> write(All((In("titolo", Word("missili")), Any((Phrase("corea del nord"), Word("E"))))))
    'titolo:missili AND ("corea del nord" OR \\E)'
    """
    match query:
        case Words(clauses, required, excluded):
            parts = [_unit(clause) for clause in clauses]
            parts += ["+" + _unit(clause) for clause in required]
            parts += ["-" + _unit(clause) for clause in excluded]
            return " ".join(parts)
        case All(clauses):
            return " AND ".join(map(_operand, clauses))
        case Any(clauses):
            return " OR ".join(map(_operand, clauses))
        case Not(clause):
            return "NOT " + _operand(clause)
        case In(field, clause):
            return f"{field}:{_unit(clause, is_bare=isinstance(clause, In | Boost))}"
        case Boost(Wildcard(pattern), factor):
            return _wildcard(pattern, boost=f"^{_decimal(factor)}")
        case Boost(clause, factor):
            # A wildcard may end in a ^ of its own.
            is_bare = isinstance(clause, Boost) or (
                isinstance(clause, In) and isinstance(clause.clause, Wildcard)
            )
            return f"{_unit(clause, is_bare=is_bare)}^{_decimal(factor)}"
        case _:
            return _leaf(query)


def _operand(clause: Query) -> str:
    return write(clause) if isinstance(clause, Not) else _unit(clause)


def _unit(clause: Query, *, is_bare: bool = False) -> str:
    """Returns a clause that signs, fields, boosts and operators take as one."""
    in_parentheses = is_bare or isinstance(clause, Words | All | Any | Not)
    return f"({write(clause)})" if in_parentheses else write(clause)


def _leaf(leaf: Query) -> str:  # noqa: PLR0911  (one per kind of leaf)
    match leaf:
        case Word(text):
            return _word(text)
        case Phrase(text, slop):
            return _quoted(text) + (f"~{slop}" if slop else "")
        case Exact(text):
            is_word = is_wordy(text) and not any(map(str.isspace, text))
            return "=" + (_word(text) if is_word else _quoted(text))
        case Prefix(text):
            return _escaped(text, _SPECIAL_IN_PATTERN) + "*"
        case Wildcard(pattern):
            return _wildcard(pattern)
        case Fuzzy(text, edits):
            return _escaped(text, _SPECIAL_IN_PATTERN) + ("~" if edits == 1 else f"~{edits}")
        case Regex(pattern):
            return f"/{_regex(pattern)}/"
        case Range():
            return _range(leaf)
        case Everything():
            return "*"
        case _:
            raise AssertionError(f"{type(leaf).__name__} is no leaf")


def _word(text: str) -> str:
    if text in OPERATORS:
        return "\\" + text
    return _escaped(text, _SPECIAL)


def _escaped(text: str, special: re.Pattern[str]) -> str:
    written = special.sub(r"\\\g<0>", text)
    is_punctuation = not is_wordy(text)
    if written.startswith(_SPECIAL_AT_START) or (is_punctuation and not written.startswith("\\")):
        return "\\" + written
    return written


def _quoted(text: str) -> str:
    written = _SPECIAL_IN_QUOTES.sub(r"\\\g<0>", text)
    # Quotes around punctuation are empty to the parser, unless it is escaped.
    is_punctuation = not is_wordy(text) and not written.startswith("\\")
    return f'"\\{written}"' if is_punctuation and written else f'"{written}"'


def _wildcard(pattern: str, *, boost: str = "") -> str:
    cells = wildcard_cells(pattern)
    if not any(is_wild for _, is_wild in cells):
        return _leaf(Exact("".join(character for character, _ in cells))) + boost
    written = ""
    for position, (character, is_wild) in enumerate(cells):
        is_special = _SPECIAL_IN_PATTERN.match(character) or (
            position == 0 and character in _SPECIAL_AT_START
        )
        written += "\\" + character if is_special and not is_wild else character
    # A final ? is punctuation unless a boost follows it; so are signs without a letter.
    if not boost and (written.endswith("?") or not is_wordy(written)):
        boost = "^1"
    # One star between digits multiplies, two do not.
    return _STAR_BETWEEN_DIGITS.sub("**", written) + boost


def _regex(pattern: str) -> str:
    written = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            written.append("\\" + next(characters, "\\"))
        elif character == "/" or character.isspace():
            written.append("\\" + character)
        else:
            written.append(character)
    return "".join(written)


def _range(bounds: Range) -> str:
    opening = "[" if bounds.includes_low else "{"
    closing = "]" if bounds.includes_high else "}"
    return f"{opening}{_bound(bounds.low)} TO {_bound(bounds.high)}{closing}"


def _bound(text: str | None) -> str:
    if text is None:
        return "*"
    return text if _PLAIN_BOUND.fullmatch(text) else _quoted_bound(text)


def _quoted_bound(text: str) -> str:
    return '"' + _SPECIAL_IN_QUOTES.sub(r"\\\g<0>", text) + '"'


def _decimal(factor: float) -> str:
    """Returns a factor without an exponent, which the language does not have."""
    # Only a boost needs it, and importing it would make everyone wait.
    from decimal import Decimal  # noqa: PLC0415

    written = format(Decimal(repr(float(factor))), "f")
    return written.removesuffix(".0")
