r"""Owns the syntax of regular expressions: text to syntax tree, or an error that says where.

Syntax: ``.`` ``[a-z]`` ``[^a-z]`` ``( )`` ``(?: )`` ``|`` ``* + ? {m,n}`` and
``\d \w \s \D \W \S``; a backslash makes anything but an ASCII letter or digit literal.
``^`` may open and ``$`` may close a pattern and change nothing, since patterns match whole words.
Back references and look-around are refused: no finite automaton has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

import attrs

from searchlib.errors import SearchlibError
from searchlib.query.limits import MAX_REGEX_CHARS

__all__ = [
    "ANY",
    "Either",
    "One",
    "OneOf",
    "PatternError",
    "Repeat",
    "Series",
    "Syntax",
    "count_states",
    "read_regex",
]

_MAX_GROUP_DEPTH = 20
"""Groups open at once: walks of the syntax tree recurse two or three calls per group."""


class PatternError(SearchlibError, ValueError):
    """A pattern that cannot be compiled; ``offset`` is a code point of ``pattern``.

    >>> print(PatternError("unclosed (", pattern="miss(ile", offset=4))
    unclosed (, at character 4 of 'miss(ile'
    """

    def __init__(self, problem: str, *, pattern: str, offset: int) -> None:
        self.problem = problem
        self.pattern = pattern
        self.offset = offset
        shown = pattern if len(pattern) <= 80 else pattern[:77] + "..."
        super().__init__(f"{problem}, at character {offset} of {shown!r}")


@attrs.frozen(slots=True)
class One:
    """One character, written as itself."""

    character: str

    def accepts(self, character: str) -> bool:
        """Tells whether it is this character."""
        return character == self.character


@attrs.frozen(slots=True)
class OneOf:
    """One character out of ranges and categories, or (``negated``) one that is in none."""

    ranges: tuple[tuple[str, str], ...] = ()
    categories: str = ""
    negated: bool = False
    ignore_case: bool = False

    def accepts(self, character: str) -> bool:
        """Tells whether it is one of these characters."""
        found = self._holds(character)
        if not found and self.ignore_case:
            # ß in capitals is two letters, which are in no range of one.
            variants = (character.upper(), character.casefold())
            found = any(self._holds(variant) for variant in variants if len(variant) == 1)
        return found is not self.negated

    def _holds(self, character: str) -> bool:
        return any(low <= character <= high for low, high in self.ranges) or any(
            _CATEGORIES[category](character) for category in self.categories
        )


@attrs.frozen(slots=True)
class Series:
    """Parts one after the other; with none, the empty word."""

    parts: tuple[Syntax, ...]


@attrs.frozen(slots=True)
class Either:
    """Any one of the options."""

    options: tuple[Syntax, ...]


@attrs.frozen(slots=True)
class Repeat:
    """``part`` at least ``least`` and at most ``most`` times (None: without end)."""

    part: Syntax
    least: int
    most: int | None


Syntax: TypeAlias = One | OneOf | Series | Either | Repeat

ANY = OneOf(negated=True)


def _is_word_character(character: str) -> bool:
    return character.isalnum() or character == "_"


_CATEGORIES: dict[str, Callable[[str], bool]] = {
    "d": str.isdecimal,
    "w": _is_word_character,
    "s": str.isspace,
    "D": lambda character: not character.isdecimal(),
    "W": lambda character: not _is_word_character(character),
    "S": lambda character: not character.isspace(),
}

_COUNTS = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}")


@attrs.define(slots=True)
class _Group:
    """An open group: its finished options and the parts of the one being read."""

    offset: int
    options: list[Syntax] = attrs.Factory(list)
    parts: list[Syntax] = attrs.Factory(list)

    def close(self) -> Syntax:
        self.next_option()
        return self.options[0] if len(self.options) == 1 else Either(tuple(self.options))

    def next_option(self) -> None:
        only_one = len(self.parts) == 1
        self.options.append(self.parts[0] if only_one else Series(tuple(self.parts)))
        self.parts = []


class _Parser:
    """Reads a regular expression into its syntax tree, without recursion."""

    def __init__(self, pattern: str, *, ignore_case: bool) -> None:
        self.pattern = pattern
        self.ignore_case = ignore_case
        self.offset = 0
        self.groups = [_Group(0)]
        self.is_repeatable = False

    def parse(self) -> Syntax:
        if len(self.pattern) > MAX_REGEX_CHARS:
            raise self._error(f"longer than {MAX_REGEX_CHARS} characters", MAX_REGEX_CHARS)
        while self.offset < len(self.pattern):
            self._element(self.pattern[self.offset])
        if len(self.groups) > 1:
            raise self._error("unclosed (", self.groups[-1].offset)
        return self.groups[0].close()

    def _element(self, character: str) -> None:
        match character:
            case "(":
                self._open()
            case ")":
                self._close()
            case "|":
                self.groups[-1].next_option()
                self.is_repeatable = False
                self.offset += 1
            case "*" | "+" | "?":
                self._repeat(*{"*": (0, None), "+": (1, None), "?": (0, 1)}[character])
            case "{" if _COUNTS.match(self.pattern, self.offset):
                self._counted()
            case "^" | "$":
                self._anchor(character)
            case ".":
                self._add(ANY, self.offset + 1)
            case "[":
                self._class()
            case "\\":
                self._escape()
            case _:
                self._literal(character, self.offset + 1)

    def _open(self) -> None:
        group = _Group(self.offset)
        self.offset += 1
        if self.pattern.startswith("?", self.offset):
            if not self.pattern.startswith("?:", self.offset):
                raise self._error("(? begins nothing but (?:", group.offset)
            self.offset += 2
        if len(self.groups) > _MAX_GROUP_DEPTH:
            raise self._error(f"more than {_MAX_GROUP_DEPTH} groups open at once", group.offset)
        self.groups.append(group)
        self.is_repeatable = False

    def _close(self) -> None:
        if len(self.groups) == 1:
            raise self._error(") closes nothing", self.offset)
        self._add(self.groups.pop().close(), self.offset + 1)

    def _add(self, part: Syntax, next_offset: int) -> None:
        self.groups[-1].parts.append(part)
        self.is_repeatable = True
        self.offset = next_offset

    def _literal(self, character: str, next_offset: int) -> None:
        text = character.casefold() if self.ignore_case else character
        letters = tuple(map(One, text))
        self._add(letters[0] if len(letters) == 1 else Series(letters), next_offset)

    def _counted(self) -> None:
        counts = _COUNTS.match(self.pattern, self.offset)
        assert counts is not None
        low, comma, high = counts.groups()
        if not (low or comma):  # {} is two characters, as is {x}
            self._literal("{", self.offset + 1)
            return
        least = int(low or 0)
        most = (int(high) if high else None) if comma else least
        if most is not None and most < least:
            raise self._error("{m,n} with n below m", self.offset)
        self._repeat(least, most, length=counts.end() - counts.start())

    def _repeat(self, least: int, most: int | None, *, length: int = 1) -> None:
        if not self.is_repeatable:
            raise self._error("nothing to repeat", self.offset)
        parts = self.groups[-1].parts
        parts.append(Repeat(parts.pop(), least, most))
        self.is_repeatable = False
        self.offset += length
        # A lazy quantifier chooses another match, not another language.
        self.offset += self.pattern.startswith("?", self.offset)

    def _anchor(self, character: str) -> None:
        following = self.pattern[self.offset + 1 : self.offset + 2]
        starts = character == "^" and not self.groups[-1].parts
        ends = character == "$" and following in ("", "|")
        if len(self.groups) > 1 or not (starts or ends):
            raise self._error(
                f"{character} inside a pattern, which matches whole words", self.offset
            )
        self.is_repeatable = False
        self.offset += 1

    def _escape(self) -> None:
        escaped = self.pattern[self.offset + 1 : self.offset + 2]
        if escaped in _CATEGORIES:
            self._add(OneOf(categories=escaped), self.offset + 2)
        else:
            self._literal(self._escaped(self.offset), self.offset + 2)

    def _escaped(self, offset: int) -> str:
        escaped = self.pattern[offset + 1 : offset + 2]
        if not escaped:
            raise self._error("a backslash with nothing after it", offset)
        if escaped.isascii() and escaped.isalnum():
            raise self._error(f"\\{escaped} is not supported", offset)
        return escaped

    def _class(self) -> None:
        start = self.offset
        offset = start + 1
        negated = self.pattern.startswith("^", offset)
        offset += negated
        ranges: list[tuple[str, str]] = []
        categories = ""
        first = offset
        while not (self.pattern.startswith("]", offset) and offset > first):
            if offset >= len(self.pattern):
                raise self._error("unclosed [", start)
            category = self._category(offset)
            if category:
                categories += category
                offset += 2
            else:
                bounds, offset = self._class_range(offset)
                ranges.append(bounds)
        members = OneOf(tuple(ranges), categories, negated, self.ignore_case)
        self._add(members, offset + 1)

    def _category(self, offset: int) -> str:
        name = self.pattern[offset + 1 : offset + 2]
        return name if self.pattern[offset] == "\\" and name in _CATEGORIES else ""

    def _class_range(self, start: int) -> tuple[tuple[str, str], int]:
        low, offset = self._class_member(start)
        following = self.pattern[offset + 1 : offset + 2]
        if not self.pattern.startswith("-", offset) or following in ("", "]"):
            return (low, low), offset
        if self._category(offset + 1):
            raise self._error("a range cannot end in a category", start)
        high, offset = self._class_member(offset + 1)
        if high < low:
            raise self._error(f"the range {low}-{high} is the wrong way round", start)
        return (low, high), offset

    def _class_member(self, offset: int) -> tuple[str, int]:
        if self.pattern[offset] == "\\":
            return self._escaped(offset), offset + 2
        return self.pattern[offset], offset + 1

    def _error(self, problem: str, offset: int) -> PatternError:
        return PatternError(problem, pattern=self.pattern, offset=offset)


def read_regex(pattern: str, *, ignore_case: bool = False) -> Syntax:
    """Returns the syntax tree of a regular expression.

    With ``ignore_case`` it is for case-folded words, and its letters are folded. Raises
    PatternError for what is no pattern.

    >>> read_regex("a+")
    Repeat(part=One(character='a'), least=1, most=None)
    """
    return _Parser(pattern, ignore_case=ignore_case).parse()


def count_states(syntax: Syntax) -> int:
    """Returns how many states an automaton has that reads the syntax, itself accepting none.

    >>> count_states(read_regex("(ba){3}"))
    6
    """
    match syntax:
        case Series(parts):
            return sum(map(count_states, parts))
        case Either(options):
            return 1 + sum(map(count_states, options))
        case Repeat(part, least, None):
            return (least + 1) * count_states(part) + 1
        case Repeat(part, least, most):
            assert most is not None
            return most * count_states(part) + (most - least)
        case _:
            return 1
