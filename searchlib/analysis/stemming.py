"""Stemming: Snowball's Italian stemmer, as snowballstemmer gives it, at a multiple of its speed.

The algorithm and its tables are snowballstemmer's; replaced is where most of its time goes, by
what does the same to every word, as a test holds:

* the look-up of the longest entry of a table that begins or ends at the cursor: instead of
  bisecting the table character by character, one slice per possible length is looked up;
* the prelude and the postlude, which walk over the whole word to exchange letters.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snowballstemmer.italian_stemmer import ItalianStemmer
else:
    # Importing the package would import its stemmers of thirty languages, as much again as all
    # of this library. Its modules import one another relatively: under a package of another name,
    # in the same folder, the Italian one comes alone.
    _ALONE = "searchlib.analysis.snowballstemmer_alone"
    sys.modules[_ALONE] = ModuleType(_ALONE)
    sys.modules[_ALONE].__path__ = find_spec("snowballstemmer").submodule_search_locations
    ItalianStemmer = import_module(f"{_ALONE}.italian_stemmer").ItalianStemmer

__all__ = ["stem"]


_GRAVE = str.maketrans("áéíóú", "àèìòù")

# The vowel before is consumed: a letter just marked is no vowel for the next one.
_BETWEEN_VOWELS = re.compile("([aeiouàèìòù])([ui])(?=[aeiouàèìòù])")


class _Table:
    """One of the stemmer's tables: its entries by their text, and their lengths, longest first."""

    __slots__ = ("entries", "lengths")

    def __init__(self, entries: Sequence[Any]) -> None:
        assert all(entry.method is None for entry in entries), "Italian has no conditions"
        self.entries: dict[str, int] = {entry.s: entry.result for entry in entries}
        self.lengths = sorted({len(text) for text in self.entries}, reverse=True)


class _Stemmer(ItalianStemmer):  # type: ignore[misc]
    """The stemmer of one word at a time: it keeps the word that it works on."""

    current: str
    cursor: int
    limit: int
    limit_backward: int

    _tables: dict[int, _Table] = {}  # noqa: RUF012  (shared on purpose: the tables are constants)

    def _table(self, entries: Sequence[Any]) -> _Table:
        # The tables are attributes of the class, so that their identities last.
        table = self._tables.get(id(entries))
        if table is None:
            table = self._tables[id(entries)] = _Table(entries)
        return table

    def find_among(self, entries: Sequence[Any]) -> int:
        """Moves past the longest entry at the cursor and gives its result, 0 for none."""
        table = self._tables.get(id(entries)) or self._table(entries)
        at = self.cursor
        room = self.limit - at
        for length in table.lengths:
            if length <= room:
                result = table.entries.get(self.current[at : at + length])
                if result is not None:
                    self.cursor = at + length
                    return result
        return 0

    def find_among_b(self, entries: Sequence[Any]) -> int:
        """Moves before the longest entry that ends at the cursor; gives its result, 0 for none."""
        table = self._tables.get(id(entries)) or self._table(entries)
        at = self.cursor
        room = at - self.limit_backward
        for length in table.lengths:
            if length <= room:
                result = table.entries.get(self.current[at - length : at])
                if result is not None:
                    self.cursor = at - length
                    return result
        return 0

    # The names of the two steps below are private to the class that snowballstemmer generates.
    # Should a version name them otherwise, its own would be called, and stems be only slower.

    def _ItalianStemmer__r_prelude(self) -> bool:  # noqa: N802
        """Turns accents the same way, and marks the u and i that are consonants."""
        text = self.current.translate(_GRAVE).replace("qu", "qU")
        self.current = _BETWEEN_VOWELS.sub(_mark, text)
        return True

    def _ItalianStemmer__r_postlude(self) -> bool:  # noqa: N802
        """Takes the marks off again."""
        self.current = self.current.replace("I", "i").replace("U", "u")
        return True


def _mark(found: re.Match[str]) -> str:
    return found[1] + found[2].upper()


def stem(word: str) -> str:
    """Return Snowball's stem of a case-folded word without apostrophes.

    >>> stem("nordcoreani"), stem("università")
    ('nordcorean', 'univers')
    """
    # Two threads cannot share a stemmer, and a new one costs a hundredth of a stem.
    stemmed: str = _Stemmer().stemWord(word)
    return stemmed
