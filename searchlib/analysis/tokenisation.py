"""Tokenisation: where the pieces of a normalised chunk begin and end.

One regular expression finds them; its alternatives are the kinds, in order of preference.
A piece of the kind `word` may still hold elided words, hyphens and a final apostrophe:
`forms` reads these, and gets the pieces next.

Matching takes time linear in the chunk, whatever it holds: every repetition is bounded, or
runs over characters that cannot begin what follows it.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from searchlib.analysis.normalisation import is_mark
from searchlib.analysis.tables import ABBREVIATIONS

__all__ = ["Kind", "Piece", "alphanumeric_runs", "tokenise"]


class Kind(Enum):
    """What a piece of a chunk is."""

    URL = "url"
    EMAIL = "email"
    TAG = "tag"
    GROUPED_NUMBER = "grouped_number"
    NUMBER = "number"
    DOTTED = "dotted"
    WORD = "word"


class Piece(NamedTuple):
    """A piece of a normalised chunk, at [start, end) of it.

    `quoted` tells that an apostrophe stands before it: one at its end closes a quotation.
    """

    kind: Kind
    start: int
    end: int
    quoted: bool


# A mark after a letter belongs to the word, and `re` has no name for marks: the expression
# runs on a copy of the chunk in which this letter stands for each of them.
_MARK = "ː"

_ALPHANUMERIC = r"[^\W_]"
_END = rf"(?!{_ALPHANUMERIC})"

# Acronyms are Latin: there, joining two letters never composes them into a third.
_LATIN = "[a-zà-öø-ÿ]"
_KNOWN = "|".join(re.escape(abbreviation) for abbreviation in sorted(ABBREVIATIONS))
_LONGEST_STEM = max(abbreviation.index(".") for abbreviation in ABBREVIATIONS)
_DOTTED = rf"(?:(?=[a-z]{{1,{_LONGEST_STEM}}}\.)(?:{_KNOWN})|{_LATIN}(?:\.{_LATIN})+){_END}"

# 64 octets before the @, 63 in a label of the domain: RFC 5321 and RFC 1035. The bounds
# also keep a chunk of dots and letters from being scanned to its end at each letter.
_EMAIL = (
    rf"{_ALPHANUMERIC}[\w.+%-]{{0,63}}@(?:{_ALPHANUMERIC}[\w-]{{0,62}}\.){{1,10}}"
    rf"[^\W\d_]{{2,24}}{_END}"
)

# A number is part of a longer row of digits, a date or a version, when another separator
# and digit stand at either side: then each of its parts is a word.
_NUMBER_START = r"(?<![0-9][.,])"
_NUMBER_END = rf"(?![.,]?[0-9]|{_MARK})"

_PIECE = re.compile(
    rf"""
    (?<!{_ALPHANUMERIC})(?P<url>(?:(?:https?|ftp)://|www\.)[\w.~:/?\#@!$&*+=%-]*{_ALPHANUMERIC})
    |(?<!{_ALPHANUMERIC})(?P<email>{_EMAIL})
    |(?<!\w)(?P<tag>[\#@]{_ALPHANUMERIC}\w*)
    |{_NUMBER_START}(?P<grouped_number>[1-9][0-9]{{0,2}}(?:\.[0-9]{{3}})+(?:,[0-9]+)?){_NUMBER_END}
    |{_NUMBER_START}(?P<number>[0-9]+[.,][0-9]+){_NUMBER_END}
    |(?<!{_ALPHANUMERIC})(?P<dotted>{_DOTTED}\.?)
    |(?P<word>
        {_ALPHANUMERIC}+
        (?:(?:-(?![0-9]+[.,][0-9])|'(?![0-9]))(?!{_DOTTED}){_ALPHANUMERIC}+)*
        '?
    )
    """,
    re.VERBOSE,
)

_ALPHANUMERICS = re.compile(rf"{_ALPHANUMERIC}+")


def tokenise(text: str) -> Iterator[Piece]:
    """Yield the pieces of a normalised chunk, in order.

    >>> text = "dell'u.e.,2022:1.500€"
    >>> [text[piece.start : piece.end] for piece in tokenise(text)]
    ["dell'", 'u.e.', '2022', '1.500']
    """
    for match in _PIECE.finditer(_with_marks_as_letters(text)):
        kind = Kind(match.lastgroup)
        start, end = match.span()
        yield Piece(kind, start, end, quoted=start > 0 and text[start - 1] == "'")


def alphanumeric_runs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the [start, end) of each run of letters and digits, in order.

    >>> list(alphanumeric_runs("www.istat.it/"))
    [(0, 3), (4, 9), (10, 12)]
    """
    for match in _ALPHANUMERICS.finditer(_with_marks_as_letters(text)):
        yield match.span()


def _with_marks_as_letters(text: str) -> str:
    """Return the text with a letter for each mark that follows a letter, digit or such a mark."""
    if text.isascii() or not any(map(is_mark, text)):
        return text
    characters = list(text)
    for index in range(1, len(characters)):
        if is_mark(characters[index]) and characters[index - 1].isalnum():
            characters[index] = _MARK
    return "".join(characters)
