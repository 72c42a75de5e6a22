"""Owns what a question asks for, beyond its words: a number, a date; and what answers with it.

*Quando è nato Verdi?* is answered by a passage with a year or a month. A query is a question where
it ends with a question mark, or where one of its first two words asks: *quanti*, *in che anno*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from searchlib.query.tree import Not, Phrase, Query, Word, Words, children

__all__ = ["Asked", "asked_by", "count_numbers", "has_date"]

_ASKING = re.compile(r"che|chi|cosa?|come?|dove?|perché|qual[ei]?|quando|quant[aeio]?")
_ASKING_WHICH = re.compile(r"che|qual[ei]?")
_TIME = re.compile(r"ann[io]|dat[ae]|decennio?|giorn[io]|mes[ei]|secol[io]")
_MONTH = re.compile(
    r"gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre"
)
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_LETTERS = re.compile(r"[^\W_]+")
_FIRST_YEAR, _LAST_YEAR = "1000", "2099"

MAX_WORDS = 64
"""Words of a query that are looked at; what is longer is no question but a text."""


class Asked(NamedTuple):
    """What a question wants: a date or not, and the numbers that it names itself."""

    wants_date: bool
    numbers: frozenset[str]


def asked_by(query: Query) -> Asked | None:
    """Returns what a query asks for, None where it is no question.

    >>> from searchlib.query import parse
    >>> asked_by(parse("In che anno è nato Verdi?").query)
    Asked(wants_date=True, numbers=frozenset())
    >>> asked_by(parse("il presidente che parla").query) is None
    True
    """
    texts = list(islice(_texts(query), MAX_WORDS))
    written = " ".join(texts)
    words = [match[0].casefold() for match in _LETTERS.finditer(written)]
    if not written.endswith("?") and not _any(_ASKING, words[:2]):
        return None
    is_date = "quando" in words or (_any(_ASKING_WHICH, words) and _any(_TIME, words))
    return Asked(is_date, frozenset(_NUMBER.findall(written)))


def _texts(query: Query) -> Iterator[str]:
    """Yields the words of a query as typed, in order, those that exclude left out."""
    if isinstance(query, Word | Phrase):
        yield query.text
    elif isinstance(query, Words):
        for clause in query.clauses + query.required:
            yield from _texts(clause)
    elif not isinstance(query, Not):
        for clause in children(query):
            yield from _texts(clause)


def count_numbers(text: str, start: int, end: int, asked: Asked) -> int:
    """Returns how many numbers stand in a passage that the question does not name.

    >>> count_numbers("Nel 1813, il 10 ottobre.", 0, 24, Asked(True, frozenset({"10"})))
    1
    """
    return sum(number[0] not in asked.numbers for number in _NUMBER.finditer(text, start, end))


def has_date(text: str, start: int, end: int, asked: Asked) -> bool:
    """Tells whether a passage has the name of a month, or a year that the question does not name.

    >>> has_date("Nel 1813, il 10 ottobre.", 0, 8, Asked(True, frozenset()))
    True
    """
    for number in _NUMBER.finditer(text, start, end):
        year = number[0]
        if len(year) == 4 and _FIRST_YEAR <= year <= _LAST_YEAR and year not in asked.numbers:
            return True
    return _any(_MONTH, (word[0].lower() for word in _LETTERS.finditer(text, start, end)))


def _any(expression: re.Pattern[str], words: Iterable[str]) -> bool:
    return any(map(expression.fullmatch, words))
