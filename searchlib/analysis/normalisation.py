"""Normalisation: one spelling for what Unicode and keyboards write in many ways.

A chunk (a run of text without white space) becomes its NFKC, case-folded spelling with one
apostrophe and one hyphen, and without soft hyphens, zero-width characters and directional
marks. Each character of the result knows which code points of the chunk it stands for.
The result goes to `tokenisation`.

A chunk is normalised one *sequence* at a time: a character and those after it that may
compose with it. A sequence is the least piece that can be normalised alone, which is what
makes texts in NFC and in NFD give the same result, and keeps the alignment exact.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from searchlib.analysis.tables import CHARACTERS, LETTERS

__all__ = ["NormalisedChunk", "fold", "is_mark", "normalise"]

_DROPPED = frozenset(chr(code) for code, replacement in CHARACTERS.items() if not replacement)

# Not marks (category M), and yet they compose with the character before them: Hangul vowels
# and final consonants, and the vowel signs of Kirat Rai (Unicode 16).
_COMPOSING_LETTERS = (("\u1160", "\u11ff"), ("\U00016d63", "\U00016d6a"))

# The marks of Latin, Greek and Cyrillic letters. The vowel signs of other scripts are
# category M as well, but without them nothing is left of the word.
_ACCENT_BLOCKS = (
    ("\u0300", "\u036f"),
    ("\u1ab0", "\u1aff"),
    ("\u1dc0", "\u1dff"),
    ("\u20d0", "\u20ff"),
    ("\ufe20", "\ufe2f"),
)

# Texts use some hundreds of characters beyond ASCII; this holds them, and no hostile text
# makes it hold more.
_CACHED_SEQUENCES = 4096


class NormalisedChunk(NamedTuple):
    """A normalised chunk and where each of its characters comes from.

    Attributes:
        text: the normalised spelling.
        starts: for each character of `text`, the first code point of the chunk it stands for.
        ends: for each character of `text`, the code point after the last one.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def normalise(chunk: str) -> NormalisedChunk:
    """Return the normalised chunk, aligned with the code points of the given one.

    >>> normalise("L´E\u0300").text
    "l'è"
    """
    if chunk.isascii():
        text = chunk.lower().replace("`", "'")
        return NormalisedChunk(text, range(len(text)), range(1, len(text) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _sequences(chunk):
        piece = _normalise_sequence(chunk[start:end])
        pieces.append(piece)
        starts.extend([start] * len(piece))
        ends.extend([_last_kept(chunk, start, end)] * len(piece))
    return NormalisedChunk("".join(pieces), starts, ends)


def fold(text: str) -> str:
    """Return the normalised text without accents: what prefixes and patterns are matched on.

    >>> fold("PERCHÉ"), fold("Søren")
    ('perche', 'soren')
    """
    normalised = normalise(text).text
    if normalised.isascii():
        return normalised
    decomposed = unicodedata.normalize("NFD", normalised)
    plain = "".join(character for character in decomposed if not _is_accent(character))
    return unicodedata.normalize("NFC", plain.translate(LETTERS))


def is_mark(character: str) -> bool:
    """Return whether the character is a combining mark (category M), part of a letter."""
    return unicodedata.category(character)[0] == "M"


def _is_accent(character: str) -> bool:
    return any(first <= character <= last for first, last in _ACCENT_BLOCKS)


def _sequences(chunk: str) -> Iterator[tuple[int, int]]:
    """Yield the [start, end) of each sequence, in order and without gaps."""
    start = 0
    for index in range(1, len(chunk)):
        if not _is_continuation(chunk[index]):
            yield start, index
            start = index
    yield start, len(chunk)


def _last_kept(chunk: str, start: int, end: int) -> int:
    """Return the end of a sequence without the characters that are dropped at its end."""
    while end > start and chunk[end - 1] in _DROPPED:
        end -= 1
    return end


@lru_cache(maxsize=_CACHED_SEQUENCES)
def _is_continuation(character: str) -> bool:
    """Return whether the character may compose with the one before it.

    A character that is dropped continues the sequence too: it must not keep a letter from
    its accent.
    """
    if character.isascii():
        return False
    if character in _DROPPED:
        return True
    # The compatibility decomposition counts: a half-width voicing mark, or a Hangul vowel
    # of the compatibility block, composes once it has been through NFKC.
    first = unicodedata.normalize("NFKD", character)[0]
    return is_mark(first) or any(low <= first <= high for low, high in _COMPOSING_LETTERS)


@lru_cache(maxsize=_CACHED_SEQUENCES)
def _normalise_sequence(sequence: str) -> str:
    """Return the normalised sequence; normalising it again changes nothing."""
    while True:
        # NFC first, so that the look-alikes of an apostrophe that Unicode holds for equal
        # to one of the table (U+1FEF and U+0060) are found there.
        canonical = unicodedata.normalize("NFC", sequence).translate(CHARACTERS)
        folded = unicodedata.normalize("NFKC", canonical).casefold()
        normalised = unicodedata.normalize("NFKC", folded)
        if normalised == sequence:
            return normalised
        sequence = normalised
