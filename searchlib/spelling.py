"""Owns how far a misspelt word is from a word: edits of letters, weighted by what Italians confuse.

The confusions and their costs are a table, `data/confusions.tsv`; so are the spellings that are
wrong whatever the index holds, `data/spellings.tsv`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from searchlib.rows import read_rows

__all__ = ["SPELLINGS", "Misspelling", "plain"]

_DATA = Path(__file__).parent / "data"
_CONSONANTS = "bcdfghjklmnpqrstvwxyz"

_SWAP = 0.8
"""The cost of two neighbours in the wrong order."""

_INITIAL = 2
"""Where the first letter stands in a word with the mark of its beginning, counted from 1."""

_BAND = 4
"""How much shorter or longer than what was typed a beginning of the word may be."""

_FIRST = 0.5
"""What an edit of the first letter costs more: hardly anyone gets that one wrong."""


def _confusions() -> dict[str, list[tuple[str, float]]]:
    """Returns what may be meant by what is typed, with its cost."""
    meant: dict[str, list[tuple[str, float]]] = {}
    for _, typed, right, cost in read_rows(_DATA / "confusions.tsv", columns=4):
        for consonant in _CONSONANTS if "C" in typed else "-":
            of = typed.replace("C", consonant).strip("-")
            meant.setdefault(of, []).append(
                (right.replace("C", consonant).strip("-"), float(cost)),
            )
    return meant


_CONFUSIONS = _confusions()
_LONGEST_TYPED = max(map(len, _CONFUSIONS))
_LONGEST_RIGHT = max(len(right) for rights in _CONFUSIONS.values() for right, _ in rights)

SPELLINGS: Mapping[str, str] = {
    typed: right.replace("_", " ") for typed, right in read_rows(_DATA / "spellings.tsv", columns=2)
}
"""Forms that are wrong in any text, with what is to be written for them."""


_PLAIN = str.maketrans("kjyw", "ciiv", "h")


def plain(word: str) -> str:
    """Returns a word without what is most often wrong: double letters, h, k, j, w, y.

    >>> plain("aktracchezza"), plain("proffessorressa")
    ('actraceza', 'profesoresa')
    """
    letters = word.translate(_PLAIN)
    return "".join(
        letter for at, letter in enumerate(letters) if not at or letter != letters[at - 1]
    )


class Misspelling:
    """Tells how far what was typed is from other words; all of them folded, without accents.

    >>> quore = Misspelling("quore")
    >>> [quore.distance(word, limit=2.0) for word in ("cuore", "quote", "onore")]
    [0.2, 1.0, None]
    """

    def __init__(self, typed: str) -> None:
        self._typed = "^" + typed
        self._rules = [dict(self._ending(end)) for end in range(len(self._typed) + 1)]

    def _ending(self, end: int) -> Iterator[tuple[str, list[tuple[int, float]]]]:
        """Yields what may be meant by the letters before an offset: how many of them, its cost."""
        found: dict[str, list[tuple[int, float]]] = {}
        for length in range(min(end, _LONGEST_TYPED) + 1):
            for right, cost in _CONFUSIONS.get(self._typed[end - length : end], ()):
                found.setdefault(right, []).append((length, cost))
        yield from found.items()

    def distance(self, word: str, *, limit: float) -> float | None:
        """Returns the least cost of edits that make ``word`` of what was typed.

        None where that is over ``limit``. Time is the product of both lengths at most.
        """
        right = "^" + word
        far = limit + 1.0
        rows = [[float(column) for column in range(len(right) + 1)]]
        lows = [0.0] * _LONGEST_TYPED
        for end in range(1, len(self._typed) + 1):
            row = self._row(rows, end, right, far)
            rows.append(row)
            lows = [*lows[1:], min(row)]
            if min(lows) > limit:
                return None
        total = round(rows[-1][-1], 6)
        return total if total <= limit else None

    def _row(self, rows: list[list[float]], end: int, right: str, far: float) -> list[float]:
        """Returns the costs of making each beginning of a word of the first ``end`` letters."""
        letter, before = self._typed[end - 1], self._typed[end - 2 : end - 1]
        above, rules = rows[-1], self._rules[end]
        deleting = 1.0 + _FIRST * (end == _INITIAL)
        row = [far] * (len(right) + 1)
        for column in range(max(1, end - _BAND), min(len(right), end + _BAND) + 1):
            other = right[column - 1]
            inserting = 1.0 + _FIRST * (column == _INITIAL)
            replacing = 0.0 if letter == other else max(deleting, inserting)
            cost = above[column - 1] + (replacing if column > 1 or not replacing else far)
            cost = min(cost, above[column] + deleting, row[column - 1] + inserting)
            if column > _INITIAL < end and letter == right[column - 2] and before == other:
                cost = min(cost, rows[end - 2][column - 2] + _SWAP)
            for length in range(min(column, _LONGEST_RIGHT) + 1):
                for typed, price in rules.get(right[column - length : column], ()):
                    start = rows[end - typed] if typed else row
                    cost = min(cost, start[column - length] + price)
            row[column] = cost
        return row
