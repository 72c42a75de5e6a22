"""Owns the matching of patterns against whole words, in time linear in the word.

A regular expression or a wildcard becomes a nondeterministic automaton (Ken Thompson, "Regular
expression search algorithm", CACM 11(6), 1968) that is run as a set of states; the sets met are
kept as a deterministic automaton up to a bound. Nothing backtracks, so no pattern makes a word
cost more than its letters times the automaton's states. Fuzzy words are compared by distance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from searchlib.query.construction import wildcard_cells
from searchlib.query.expressions import (
    ANY,
    Either,
    One,
    OneOf,
    PatternError,
    Repeat,
    Series,
    Syntax,
    count_states,
    read_regex,
)
from searchlib.query.limits import MAX_PATTERN_STATES

__all__ = [
    "Automaton",
    "PatternError",
    "compile_regex",
    "compile_wildcard",
    "edit_distance",
    "levenshtein_within",
    "regex_state_count",
]

_MAX_CACHED_STEPS = 10_000
"""Steps of the deterministic automaton kept before it starts afresh: a few MB at most."""


@attrs.define(slots=True, eq=False)
class _State:
    """A state of the nondeterministic automaton.

    It reads a character (``reads``) and goes on to ``following``, or, reading nothing, is all of
    ``following`` at once. The accepting state has neither.
    """

    reads: One | OneOf | None = None
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

    def __init__(self, syntax: Syntax) -> None:
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

    def _build(self, syntax: Syntax, after: _State) -> _State:
        """Returns the state that reads ``syntax`` and then is ``after``."""
        match syntax:
            case Series(parts):
                for part in reversed(parts):
                    after = self._build(part, after)
                return after
            case Either(options):
                return self._new(None, [self._build(option, after) for option in options])
            case Repeat(part, least, most):
                return self._build_repeat(part, least, most, after)
            case _:
                return self._new(syntax, [after])

    def _build_repeat(self, part: Syntax, least: int, most: int | None, end: _State) -> _State:
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

    def _new(self, reads: One | OneOf | None, following: Sequence[_State]) -> _State:
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
            if not isinstance(only, One):
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
    return count_states(read_regex(pattern)) + 1


def compile_regex(pattern: str, *, ignore_case: bool = False) -> Automaton:
    """Returns the automaton of a regular expression; it accepts whole words.

    With ``ignore_case`` it expects case-folded words and folds the pattern's letters. Raises
    PatternError for what is no pattern, for what automata cannot do, and for one of more than
    MAX_PATTERN_STATES states.

    >>> italian = compile_regex("(bi)?missil[ei]")
    >>> [word for word in ["missile", "missili", "bimissile", "missiva"] if italian.accepts(word)]
    ['missile', 'missili', 'bimissile']
    """
    syntax = read_regex(pattern, ignore_case=ignore_case)
    _check_size(pattern, syntax)
    return Automaton(syntax)


def compile_wildcard(pattern: str) -> Automaton:
    r"""Returns the automaton of a wildcard pattern: ``?`` one character, ``*`` any number.

    A backslash makes the character after it literal. Raises PatternError beyond
    MAX_PATTERN_STATES states.

    >>> compile_wildcard("m?ssil*").accepts("missili")
    True
    """
    many = Repeat(ANY, 0, None)
    parts: list[Syntax] = [
        (many if character == "*" else ANY) if is_wild else One(character)
        for character, is_wild in wildcard_cells(pattern)
    ]
    syntax = Series(tuple(parts))
    _check_size(pattern, syntax)
    return Automaton(syntax)


def _check_size(pattern: str, syntax: Syntax) -> None:
    state_count = count_states(syntax) + 1
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
