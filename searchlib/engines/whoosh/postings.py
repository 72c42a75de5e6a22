"""Owns the bytes of one posting list: which documents, how often, at which positions.

::

    flags      u8: four 2-bit widths (0 none, 1 u8, 2 u16, 3 u32), from the low bits up:
               of the head, of the gaps, of the frequencies, of the positions
    head       count, first document
    gaps       count - 1 distances to the document before
    frequencies  count; absent (width 0) where each is 1
    positions  one for each occurrence, in document order, ascending within a document; absent
               (width 0) where the dictionary keeps none

Documents 3, 5, 300 with frequencies 1, 2, 1 and positions 7 | 0 9 | 4 are
``59 | 03 03 | 0200 2701 | 01 02 01 | 07 00 09 04``. Widths fit a list's largest number, so
that a list is read by a handful of calls, whatever its length.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from operator import sub
from struct import Struct

import attrs

from searchlib.engines.storage import Section, little_endian

__all__ = ["Postings", "decode", "encode", "list_length"]

_TYPECODES = ("", "B", "H", "I")
_SIZES = (0, 1, 2, 4)


def _width(largest: int) -> int:
    return 1 if largest < 1 << 8 else 2 if largest < 1 << 16 else 3


def _pack(width: int, numbers: Sequence[int]) -> bytes:
    return (
        bytes(numbers) if width == 1 else little_endian(array(_TYPECODES[width], numbers)).tobytes()
    )


def encode(
    documents: Sequence[int], frequencies: Sequence[int], positions: Sequence[int] | None
) -> bytes:
    """Gives the bytes of a list; ``documents`` ascend, and there is at least one."""
    first, count = documents[0], len(documents)
    if count == 1 and frequencies[0] == 1 and positions is not None:
        return _encode_single(first, positions[0])
    head = _width(max(first, count))
    flags, parts = head, [_pack(head, (count, first))]
    if count > 1:
        gaps = list(map(sub, documents[1:], documents))
        width = _width(max(gaps))
        flags |= width << 2
        parts.append(_pack(width, gaps))
    largest = max(frequencies)
    if largest > 1:
        width = _width(largest)
        flags |= width << 4
        parts.append(_pack(width, frequencies))
    if positions is not None:
        width = _width(max(positions))
        flags |= width << 6
        parts.append(_pack(width, positions))
    return bytes((flags,)) + b"".join(parts)


_SINGLES = {
    (head, at): (Struct(f"<B2{_TYPECODES[head]}{_TYPECODES[at]}"), head | at << 6)
    for head in (1, 2, 3)
    for at in (1, 2, 3)
}


def _encode_single(document: int, position: int) -> bytes:
    """The same bytes for a word that occurs once: half of all words do."""
    struct, flags = _SINGLES[_width(document), _width(position)]
    return struct.pack(flags, 1, document, position)


@attrs.frozen(slots=True, eq=False)
class Postings:
    """One posting list: ``documents`` ascend, ``frequencies`` go with them.

    ``frequencies`` is None where each is 1. Positions are read when they are asked for.
    """

    documents: Sequence[int]
    frequencies: Sequence[int] | None
    section: Section | None = None
    positions_at: int = 0
    positions_width: int = 0

    def frequency(self, document: int) -> int:
        """Gives how often the document has the word, 0 where it has not."""
        index = bisect_left(self.documents, document)
        if index == len(self.documents) or self.documents[index] != document:
            return 0
        return 1 if self.frequencies is None else self.frequencies[index]

    def positions(self) -> array[int]:
        """Gives every position, in document order."""
        assert self.section is not None, "the terms' dictionary keeps no positions"
        count = len(self.documents) if self.frequencies is None else sum(self.frequencies)
        stop = self.positions_at + count * _SIZES[self.positions_width]
        numbers = array(_TYPECODES[self.positions_width])
        numbers.frombytes(self.section.read(self.positions_at, stop))
        return little_endian(numbers)


def decode(section: Section, start: int, stop: int, *, document_count: int) -> Postings:
    """Reads the list in bytes [start, stop) of a section.

    Raises:
        CorruptIndexError: it cannot be one, or names a document that is not there.
    """
    view = section.read(start, stop)
    if not view:
        raise section.damaged(start, "a posting list of no bytes")
    flags = view[0]
    at = 1
    numbers: list[array[int]] = []
    count = 2
    for shift in (0, 2, 4):
        width = flags >> shift & 3
        part = array(_TYPECODES[width] or "B")
        if width:
            end = at + count * _SIZES[width]
            if end > len(view):
                raise section.damaged(start, "a posting list is cut short")
            part.frombytes(view[at:end])
            part = little_endian(part)
            at = end
        numbers.append(part)
        if shift == 0:
            if width == 0 or part[0] == 0:
                raise section.damaged(start, "a posting list of no documents")
            count = part[0] - 1
        else:
            count = numbers[0][0]
    (count, first), gaps, frequencies = numbers
    documents = list(accumulate(gaps, initial=first))
    if len(documents) != count or documents[-1] >= document_count:
        raise section.damaged(start, "a posting list names documents that are not there")
    return Postings(documents, frequencies or None, section, start + at, flags >> 6)


def list_length(section: Section, start: int, stop: int) -> int:
    """Gives how many documents the list in bytes [start, stop) has, without reading them."""
    view = section.read(start, min(stop, start + 5))
    size = _SIZES[view[0] & 3] if view else 0
    if not 0 < size < len(view):
        raise section.damaged(start, "a posting list is cut short")
    return int.from_bytes(view[1 : 1 + size], "little")
