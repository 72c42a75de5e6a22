"""Owns the Italian words of engines that have no stemmer of their own, or none from Python.

Words are runs of letters and digits, in lower case, under snowballstemmer's Italian, which is that
of PyStemmer where it is installed and tens of times as slow where not. Each spelling is stemmed
once; what it costs is part of the engine's indexing time.
"""

from __future__ import annotations

import re
from functools import lru_cache

from snowballstemmer import stemmer

__all__ = ["stems", "words"]

_WORD = re.compile(r"[^\W_]+")
# More than the spellings of half a million documents.
_SPELLINGS = 2_000_000
_stem = lru_cache(maxsize=_SPELLINGS)(stemmer("italian").stemWord)


def words(text: str) -> list[str]:
    """The words of ``text`` in text order.

    >>> words("Gli amici dell’arte")
    ['gli', 'amici', 'dell', 'arte']
    """
    return _WORD.findall(text.lower())


def stems(text: str) -> list[str]:
    """The stems of ``text`` in text order.

    >>> stems("Gli amici dell’arte")
    ['gli', 'amic', 'dell', 'arte']
    """
    return [_stem(word) for word in words(text)]
