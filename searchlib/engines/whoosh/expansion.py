"""Owns the expansion of patterns: which forms of the dictionaries a pattern accepts.

Forms are sorted by their folded spelling, so the ones that begin with a pattern's literal are
neighbours. For fuzzy patterns an automaton of whoosh's leaps from one near word to the next. The
pattern's own ``accepts`` has the last word in every case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from heapq import merge
from typing import Any

from whoosh.automata.fsa import find_all_matches
from whoosh.automata.lev import levenshtein_automaton

from searchlib.analysis import fold
from searchlib.engines.whoosh.dictionary import Dictionary, Entry
from searchlib.query.plan import Pattern

__all__ = ["expand", "kin"]


ENTRIES_BETWEEN_LOOKS = 1024
"""Words compared between two looks at the clock: a few milliseconds."""


def expand(
    pattern: Pattern,
    dictionaries: Sequence[Dictionary],
    *,
    limit: int,
    should_stop: Callable[[], bool],
) -> tuple[tuple[str, ...], bool]:
    """Gives the accepted forms, sorted by (folded form, form), and whether those are all."""
    candidates: Callable[[Dictionary, Pattern], Iterator[Entry]] = (
        _near if pattern.kind == "fuzzy" and pattern.edits else _beginning
    )
    forms: list[str] = []
    last: Entry | None = None
    entries = merge(*(candidates(dictionary, pattern) for dictionary in dictionaries))
    for count, entry in enumerate(entries):
        if count % ENTRIES_BETWEEN_LOOKS == 0 and should_stop():
            return tuple(forms), False
        if entry != last and pattern.accepts(entry[1]):
            if len(forms) == limit:
                return tuple(forms), False
            forms.append(entry[1])
        last = entry
    return tuple(forms), True


_LEAST_COMMON = 4
"""Letters that akin words have in common at least: fewer begin half the dictionary."""

_DIGITS = frozenset("0123456789")

_LIKENESS = (11, 20)
"""Twice the letters in common are at least 0.55 of the letters of both words."""


def kin(
    term: str,
    dictionaries: Sequence[Dictionary],
    *,
    limit: int,
    frequency: Callable[[str], int],
) -> tuple[str, ...]:
    """Gives the terms akin to a term, the likest first; see ``Snapshot.kin``."""
    length = len(term)
    share, whole = _LIKENESS
    # What has p letters in common is no shorter than p, so this is the least that p can be.
    least = max(_LEAST_COMMON, -(-share * length // (2 * whole - share)))
    if length < least or not _DIGITS.isdisjoint(term):
        return ()
    prefix = term[:least]
    found: dict[str, tuple[float, int, str]] = {}
    for dictionary in dictionaries:
        for other, _ in dictionary.entries(dictionary.lower_bound((prefix, ""))):
            if not other.startswith(prefix):
                break
            common = _letters_in_common(term, other)
            both = length + len(other)
            if other != term and other not in found and 2 * whole * common >= share * both:
                found[other] = (-common / both, -frequency(other), other)
    return tuple(other for _, _, other in sorted(found.values())[:limit])


def _letters_in_common(word: str, other: str) -> int:
    """Gives how many letters two words begin with alike."""
    count = 0
    for letter, other_letter in zip(word, other, strict=False):
        if letter != other_letter:
            break
        count += 1
    return count


def _beginning(dictionary: Dictionary, pattern: Pattern) -> Iterator[Entry]:
    literal = fold(pattern.literal)
    for entry in dictionary.entries(dictionary.lower_bound((literal, ""))):
        if not entry[0].startswith(literal):
            return
        yield entry


def _near(dictionary: Dictionary, pattern: Pattern) -> Iterator[Entry]:
    def first_from(text: str) -> str | None:
        ordinal = dictionary.lower_bound((text, ""))
        return dictionary.entry(ordinal)[0] if ordinal < len(dictionary) else None

    for folded in find_all_matches(_automaton(pattern.pattern, pattern.edits), first_from):
        for entry in dictionary.entries(dictionary.lower_bound((folded, ""))):
            if entry[0] != folded:
                break
            yield entry


@lru_cache(maxsize=64)
def _automaton(word: str, edits: int) -> Any:
    """The words within ``edits`` edits, a swap of neighbours counted as one."""
    automaton = levenshtein_automaton(word, edits)
    for at in range(len(word) - 1):
        for edit in range(edits):
            swapped = (at, edit, "swapped")
            automaton.add_transition((at, edit), word[at + 1], swapped)
            automaton.add_transition(swapped, word[at], (at + 2, edit + 1))
    return automaton.to_dfa()
