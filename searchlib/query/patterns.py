r"""Owns the matching of patterns against whole words, in time linear in the word.

A regular expression or a wildcard becomes a nondeterministic automaton (Ken Thompson, "Regular
expression search algorithm", CACM 11(6), 1968) that is run as a set of states; the sets met are
kept as a deterministic automaton up to a bound. Nothing backtracks, so no pattern makes a word
cost more than its letters times the automaton's states. Back references and look-around are no
part of such automata: they are refused.

Syntax: ``.`` ``[a-z]`` ``[^a-z]`` ``( )`` ``(?: )`` ``|`` ``* + ? {m,n}`` and
``\d \w \s \D \W \S``; a backslash makes anything but an ASCII letter or digit literal.
``^`` may open and ``$`` may close a pattern and change nothing, since patterns match whole words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import attrs

from searchlib.errors import SearchlibError
from searchlib.query.construction import wildcard_cells
from searchlib.query.limits import MAX_PATTERN_STATES, MAX_REGEX_CHARS

__all__ = [
    "Automaton",
    "PatternError",
    "compile_regex",
    "compile_wildcard",
    "edit_distance",
    "levenshtein_within",
    "regex_state_count",
]

_MAX_GROUP_DEPTH = 20
"""Groups open at once: walks of the syntax tree recurse two or three calls per group."""

_MAX_CACHED_STEPS = 10_000
"""Steps of the deterministic automaton kept before it starts afresh: a few MB at most."""


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


# --- The syntax tree -----------------------------------------------------------------------


@attrs.frozen(slots=True)
class _One:
    """One character, written as itself."""

    character: str

    def accepts(self, character: str) -> bool:
        return character == self.character


@attrs.frozen(slots=True)
class _OneOf:
    """One character out of ranges and categories, or (``negated``) one that is in none."""

    ranges: tuple[tuple[str, str], ...] = ()
    categories: str = ""
    negated: bool = False
    ignore_case: bool = False

    def accepts(self, character: str) -> bool:
        found = self._holds(character)
        if not found and self.ignore_case:
            found = self._holds(character.upper()) or self._holds(character.casefold())
        return found is not self.negated

    def _holds(self, character: str) -> bool:
        return any(low <= character <= high for low, high in self.ranges) or any(
            _CATEGORIES[category](character) for category in self.categories
        )


@attrs.frozen(slots=True)
class _Sequence:
    parts: tuple[_Syntax, ...]


@attrs.frozen(slots=True)
class _Either:
    options: tuple[_Syntax, ...]


@attrs.frozen(slots=True)
class _Repeat:
    """``part`` at least ``least`` and at most ``most`` times (None: without end)."""

    part: _Syntax
    least: int
    most: int | None


_Syntax: TypeAlias = _One | _OneOf | _Sequence | _Either | _Repeat

_ANY = _OneOf(negated=True)


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
    options: list[_Syntax] = attrs.Factory(list)
    parts: list[_Syntax] = attrs.Factory(list)

    def close(self) -> _Syntax:
        self.next_option()
        return self.options[0] if len(self.options) == 1 else _Either(tuple(self.options))

    def next_option(self) -> None:
        only_one = len(self.parts) == 1
        self.options.append(self.parts[0] if only_one else _Sequence(tuple(self.parts)))
        self.parts = []


class _Parser:
    """Reads a regular expression into its syntax tree, without recursion."""

    def __init__(self, pattern: str, *, ignore_case: bool) -> None:
        self.pattern = pattern
        self.ignore_case = ignore_case
        self.offset = 0
        self.groups = [_Group(0)]
        self.is_repeatable = False

    def parse(self) -> _Syntax:
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
                self._add(_ANY, self.offset + 1)
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

    def _add(self, part: _Syntax, next_offset: int) -> None:
        self.groups[-1].parts.append(part)
        self.is_repeatable = True
        self.offset = next_offset

    def _literal(self, character: str, next_offset: int) -> None:
        text = character.casefold() if self.ignore_case else character
        letters = tuple(map(_One, text))
        self._add(letters[0] if len(letters) == 1 else _Sequence(letters), next_offset)

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
        parts.append(_Repeat(parts.pop(), least, most))
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
            self._add(_OneOf(categories=escaped), self.offset + 2)
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
        members = _OneOf(tuple(ranges), categories, negated, self.ignore_case)
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


def _count_states(syntax: _Syntax) -> int:
    match syntax:
        case _Sequence(parts):
            return sum(map(_count_states, parts))
        case _Either(options):
            return 1 + sum(map(_count_states, options))
        case _Repeat(part, least, None):
            return (least + 1) * _count_states(part) + 1
        case _Repeat(part, least, most):
            assert most is not None
            return most * _count_states(part) + (most - least)
        case _:
            return 1


# --- The automaton -------------------------------------------------------------------------


@attrs.define(slots=True, eq=False)
class _State:
    """A state of the nondeterministic automaton.

    It reads a character (``reads``) and goes on to ``following``, or, reading nothing, is all of
    ``following`` at once. The accepting state has neither.
    """

    reads: _One | _OneOf | None = None
    following: Sequence[_State] = ()


@attrs.define(slots=True, eq=False)
class _StateSet:
    """A state of the deterministic automaton: the reading states to be in at once."""

    readers: tuple[_State, ...]
    is_accepting: bool
    steps: dict[str, _StateSet] = attrs.Factory(dict)


class Automaton:
    """Accepts the words of a pattern; made by ``compile_regex`` and ``compile_wildcard``.

    ``literal`` is a prefix that every accepted word has, as long as can be told;
    ``state_count`` is the size of the automaton; ``visited_count`` is how many states all calls
    of ``accepts`` have visited, its cost. Threads may share one.

    >>> compile_regex("miss(ile|ili)").accepts("missili")
    True
    """

    def __init__(self, syntax: _Syntax) -> None:
        self.state_count = 1
        self.visited_count = 0
        self._accepting = _State()
        self._start = self._close([self._build(syntax, self._accepting)])
        self._known = {self._key(self._start): self._start}
        self._cached_step_count = 0
        self.literal = self._find_literal()

    def accepts(self, word: str) -> bool:
        """Tells whether the whole word is one of the pattern's."""
        states = self._start
        for character in word:
            following = states.steps.get(character)
            states = self._step(states, character) if following is None else following
            if not states.readers and not states.is_accepting:
                return False
        return states.is_accepting

    def _build(self, syntax: _Syntax, after: _State) -> _State:
        """Returns the state that reads ``syntax`` and then is ``after``."""
        match syntax:
            case _Sequence(parts):
                for part in reversed(parts):
                    after = self._build(part, after)
                return after
            case _Either(options):
                return self._new(None, [self._build(option, after) for option in options])
            case _Repeat(part, least, most):
                return self._build_repeat(part, least, most, after)
            case _:
                return self._new(syntax, [after])

    def _build_repeat(self, part: _Syntax, least: int, most: int | None, end: _State) -> _State:
        after = end
        if most is None:
            loop = self._new(None, [])
            loop.following = [self._build(part, loop), end]
            after = loop
        else:
            for _ in range(most - least):
                after = self._new(None, [self._build(part, after), end])
        for _ in range(least):
            after = self._build(part, after)
        return after

    def _new(self, reads: _One | _OneOf | None, following: Sequence[_State]) -> _State:
        self.state_count += 1
        return _State(reads, following)

    def _close(self, states: Iterable[_State]) -> _StateSet:
        """Returns the set of reading states reached without reading."""
        pending = list(states)
        seen = set(pending)
        readers = []
        while pending:
            state = pending.pop()
            self.visited_count += 1
            if state.reads is not None:
                readers.append(state)
                continue
            for following in state.following:
                if following not in seen:
                    seen.add(following)
                    pending.append(following)
        return _StateSet(tuple(readers), self._accepting in seen)

    def _step(self, states: _StateSet, character: str) -> _StateSet:
        self.visited_count += len(states.readers)
        reached = self._close(
            {
                state.following[0]: None
                for state in states.readers
                if state.reads is not None and state.reads.accepts(character)
            }
        )
        if self._cached_step_count >= _MAX_CACHED_STEPS:
            self._known = {}
            self._start.steps = {}
            self._cached_step_count = 0
        reached = self._known.setdefault(self._key(reached), reached)
        states.steps[character] = reached
        self._cached_step_count += 1
        return reached

    @staticmethod
    def _key(states: _StateSet) -> tuple[frozenset[_State], bool]:
        return frozenset(states.readers), states.is_accepting

    def _find_literal(self) -> str:
        letters: list[str] = []
        states = self._start
        while not states.is_accepting:
            reads = {state.reads for state in states.readers}
            only = reads.pop() if len(reads) == 1 else None
            if not isinstance(only, _One):
                break
            letters.append(only.character)
            states = self._step(states, only.character)
        return "".join(letters)


def regex_state_count(pattern: str) -> int:
    """Returns how many states the automaton of a regular expression has, without building it.

    Raises PatternError for what ``compile_regex`` refuses, except a count over the limit.

    >>> regex_state_count("(ba){3}")
    7
    """
    # One more for the accepting state.
    return _count_states(_Parser(pattern, ignore_case=False).parse()) + 1


def compile_regex(pattern: str, *, ignore_case: bool = False) -> Automaton:
    """Returns the automaton of a regular expression; it accepts whole words.

    With ``ignore_case`` it expects case-folded words and folds the pattern's letters. Raises
    PatternError for what is no pattern, for what automata cannot do, and for one of more than
    MAX_PATTERN_STATES states.

    >>> italian = compile_regex("(bi)?missil[ei]")
    >>> [word for word in ["missile", "missili", "bimissile", "missiva"] if italian.accepts(word)]
    ['missile', 'missili', 'bimissile']
    """
    syntax = _Parser(pattern, ignore_case=ignore_case).parse()
    _check_size(pattern, syntax)
    return Automaton(syntax)


def compile_wildcard(pattern: str) -> Automaton:
    r"""Returns the automaton of a wildcard pattern: ``?`` one character, ``*`` any number.

    A backslash makes the character after it literal. Raises PatternError beyond
    MAX_PATTERN_STATES states.

    >>> compile_wildcard("m?ssil*").accepts("missili")
    True
    """
    many = _Repeat(_ANY, 0, None)
    parts: list[_Syntax] = [
        (many if character == "*" else _ANY) if is_wild else _One(character)
        for character, is_wild in wildcard_cells(pattern)
    ]
    syntax = _Sequence(tuple(parts))
    _check_size(pattern, syntax)
    return Automaton(syntax)


def _check_size(pattern: str, syntax: _Syntax) -> None:
    state_count = _count_states(syntax) + 1
    if state_count > MAX_PATTERN_STATES:
        problem = f"needs {state_count} states, at most {MAX_PATTERN_STATES} allowed"
        raise PatternError(problem, pattern=pattern, offset=0)


def levenshtein_within(a: str, b: str, limit: int) -> bool:
    """Tells whether at most ``limit`` edits make ``b`` of ``a``; see ``edit_distance``.

    >>> levenshtein_within("misile", "missile", 1)
    True
    """
    return edit_distance(a, b, limit=limit) is not None


def edit_distance(a: str, b: str, *, limit: int) -> int | None:
    """Returns how many edits make ``b`` of ``a``, or None if that takes more than ``limit``.

    An edit inserts, deletes or replaces a letter, or swaps two neighbours; no letter is edited
    twice ("optimal string alignment": Boytsov, "Indexing methods for approximate dictionary
    searching", ACM JEA 16, 2011). Time is ``limit`` times the length.

    >>> edit_distance("misisle", "missile", limit=2)
    1
    >>> edit_distance("missile", "missiva", limit=1) is None
    True
    """
    if abs(len(a) - len(b)) > limit:
        return None
    far = limit + 1
    before: list[int] = []
    above = [min(column, far) for column in range(len(b) + 1)]
    for row, letter in enumerate(a, start=1):
        # Cells farther than ``limit`` from the diagonal are beyond the limit in any case.
        first, last = max(1, row - limit), min(len(b), row + limit)
        current = [far] * (len(b) + 1)
        current[0] = min(row, far)
        for column in range(first, last + 1):
            other = b[column - 1]
            cost = min(
                above[column] + 1,
                current[column - 1] + 1,
                above[column - 1] + (letter != other),
            )
            if row > 1 < column and letter == b[column - 2] and a[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            current[column] = min(cost, far)
        if min(current) == min(above) == far:
            return None
        before, above = above, current
    return above[-1] if above[-1] <= limit else None
