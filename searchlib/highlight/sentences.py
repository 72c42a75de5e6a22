"""Owns sentence borders in Italian text, for passages; nothing else in searchlib cuts sentences.

A border lies after white space, so never within a token, URL, decimal number or dotted acronym.
There is one

* after ``. ! ? …`` and the quotes and brackets that close behind it, unless a lower-case letter
  follows (on the same line, if it is a single full stop), or the stop belongs to an abbreviation
  (data/abbreviations.tsv), to initials (*G. Verdi*, *G.B. Vico*) or to the number of a list item
  at the beginning of its line; the stop of *ecc.*, *S.p.A.* and their like both belongs to them
  and ends a sentence where a capital follows;
* at a blank line, always;
* at a line break before a list item or a Markdown heading (``- * • # 1. 2) a)``);
* at a line break after a line without final punctuation, where a capital follows: a heading or a
  verse. Lines as wide as wrapped prose (61 to 100 characters) are taken to go on.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

from searchlib.rows import read_rows

__all__ = ["sentences"]

_CLOSING = "\"'”’»)\\]}"
_CANDIDATE = re.compile(rf"(?P<stop>[.!?…])(?P<closing>[{_CLOSING}]*)\s+|\n\s*")
# What may stand before the first letter of a sentence. Bounded: each candidate looks ahead, and
# without a bound a long run of such characters would be read again from each of them.
_OPENING = re.compile(r"[\s\"'“‘„«(\[{¿¡—–-]{0,8}")
_LIST_ITEM = re.compile(r"(?:[-*+•◦▪‣·–—]|#{1,6}|\d{1,3}[.)]|[A-Za-z]\))\s")
_LIST_NUMBER = re.compile(r"\s*\d{1,3}")
_FINAL = ".!?…,;:"
_LONGEST_ABBREVIATION = 16
_WRAPPED_WIDTH = range(61, 101)


def sentences(text: str) -> list[tuple[int, int]]:
    """Returns the sentences of a text as half-open code points that partition it.

    The white space after a sentence belongs to it. An empty text has no sentences.

    >>> text = "Il dott. Rossi paga 3,5 euro. «Grazie!» Esce."
    >>> [text[start:end] for start, end in sentences(text)]
    ['Il dott. Rossi paga 3,5 euro. ', '«Grazie!» ', 'Esce.']
    """
    first = len(text) - len(text.lstrip())
    borders = [
        candidate.end()
        for candidate in _CANDIDATE.finditer(text)
        if first < candidate.end() < len(text) and _is_border(text, candidate)
    ]
    return list(pairwise([0, *borders, len(text)])) if text else []


def _is_border(text: str, candidate: re.Match[str]) -> bool:
    after = candidate.end()
    space_start = max(candidate.start(), candidate.end("closing"))
    line_breaks = text.count("\n", space_start, after)
    if line_breaks > 1 or (line_breaks and _LIST_ITEM.match(text, after)):
        return True
    if candidate["stop"]:
        return _stop_ends_sentence(text, candidate.start("stop"), after)
    return _line_ends_sentence(text, candidate.start(), after)


def _stop_ends_sentence(text: str, stop: int, after: int) -> bool:
    following = _first_letter(text, after)
    if text[stop] != ".":
        return not following.islower()
    if text[stop - 1 : stop] == ".":
        return not following.islower() and not following.isdigit()
    word = _word_before(text, stop)
    ends = _abbreviations().get(f"{word}.".casefold())
    if ends is not None:
        return ends == "may" and following.isupper()
    if _are_initials(word) or _is_list_number(text, stop):
        return False
    return not following.islower() or "\n" in text[stop:after]


def _line_ends_sentence(text: str, line_end: int, after: int) -> bool:
    line_start = text.rfind("\n", 0, line_end) + 1
    line = text[line_start:line_end].strip()
    if not line or line.rstrip("\"'”’»)]}")[-1:] in _FINAL:
        return False
    return _first_letter(text, after).isupper() and len(line) not in _WRAPPED_WIDTH


def _first_letter(text: str, after: int) -> str:
    opening = _OPENING.match(text, after)
    at = opening.end() if opening else after
    return text[at : at + 1]


def _word_before(text: str, stop: int) -> str:
    """Returns the letters, digits and dots right before a stop, at most a long abbreviation."""
    start = stop
    earliest = max(0, stop - _LONGEST_ABBREVIATION)
    while start > earliest and (text[start - 1].isalnum() or text[start - 1] == "."):
        start -= 1
    return text[start:stop]


def _are_initials(word: str) -> bool:
    letters = word.split(".")
    return all(len(letter) == 1 and letter.isupper() for letter in letters)


def _is_list_number(text: str, stop: int) -> bool:
    line_start = text.rfind("\n", max(0, stop - _LONGEST_ABBREVIATION), stop) + 1
    if line_start == 0 and stop > _LONGEST_ABBREVIATION:
        return False
    return _LIST_NUMBER.fullmatch(text, line_start, stop) is not None


@cache
def _abbreviations() -> dict[str, str]:
    """Returns whether the stop of each abbreviation, case-folded, ends a sentence: never, may."""
    path = Path(__file__).parent / "data" / "abbreviations.tsv"
    header, *rows = read_rows(path, columns=3)
    assert header == ("abbreviation", "ends", "stands_for"), header
    return {abbreviation.casefold(): ends for abbreviation, ends, _ in rows}
