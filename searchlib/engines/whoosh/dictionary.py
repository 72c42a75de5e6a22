"""Owns a sorted dictionary on disk: entries, each with a record of bytes, found by bisection.

Sections of the dictionary ``d``::

    d.records   the records of the entries, in order, one after the other
    d.offsets   where each record begins, and where the last one ends: u32 (u64 from 4 GiB on)
    d.blocks    where each block of 32 entries begins in d.keys, and where the last ends: u32
    d.keys      blocks of UTF-8: the entries' texts, separated by line feeds

An entry is a pair of texts, sorted as pairs: (folded form, form) for forms, (term, term) for
terms. A pair of equal texts is written once, any other as first, U+001F, second. Neither
separator can be in a word: the analyser splits at whitespace, which both of them are.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import TypeAlias

from searchlib.engines.storage import CheckedFile, FileWriter, Section, little_endian

__all__ = ["Dictionary", "DictionaryWriter", "Entry", "entry_of", "key_of"]

BLOCK_ENTRIES = 32
"""A look-up decodes one block, about 5 microseconds, after bisecting their first entries."""

_RECORDS_AT_ONCE = 1024
"""Records are joined before they are written: most are shorter than ten bytes."""

Entry: TypeAlias = "tuple[str, str]"

_SEPARATOR = "\x1f"


class DictionaryWriter:
    """Writes a dictionary: ``add`` each entry in order, then ``finish``."""

    def __init__(self, file: FileWriter, name: str) -> None:
        self._file = file
        self._name = name
        self._keys: list[str] = []
        self._records: list[bytes] = []
        self._offsets = array("Q")
        file.begin(f"{name}.records")
        self._position = 0

    def add(self, entry: Entry, record: bytes) -> None:
        """Appends an entry; entries come in ascending order."""
        self._keys.append(key_of(entry))
        self._offsets.append(self._position)
        self._position += len(record)
        self._records.append(record)
        if len(self._records) == _RECORDS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        self._file.write(b"".join(self._records))
        self._records.clear()

    def finish(self) -> int:
        """Writes what the look-up needs; gives the number of entries."""
        self._flush()
        file, keys = self._file, self._keys
        self._offsets.append(self._position)
        offsets = array("I", self._offsets) if self._position < 1 << 32 else self._offsets
        file.begin(f"{self._name}.offsets")
        file.write(little_endian(offsets).tobytes())
        blocks = array("I")
        file.begin(f"{self._name}.keys")
        for start in range(0, len(keys), BLOCK_ENTRIES):
            block = keys[start : start + BLOCK_ENTRIES]
            blocks.append(file.position)
            text = "\n".join(block)
            assert text.count("\n") == len(block) - 1, "a word holds a line feed"
            file.write(text.encode())
        blocks.append(file.position)
        file.begin(f"{self._name}.blocks")
        file.write(little_endian(blocks).tobytes())
        return len(keys)


class Dictionary:
    """Reads a dictionary; blocks stay decoded once they were needed."""

    def __init__(self, file: CheckedFile, name: str, count: int) -> None:
        self._records = file.section(f"{name}.records")
        self._offsets = file.section(f"{name}.offsets")
        self._keys = file.section(f"{name}.keys")
        self._typecode = "I" if self._records.length < 1 << 32 else "Q"
        self._blocks = file.section(f"{name}.blocks").numbers("I")
        self._decoded: dict[int, list[Entry]] = {}
        self._count = count
        block_count = -(-count // BLOCK_ENTRIES)
        size = array(self._typecode).itemsize
        if self._offsets.length != (count + 1) * size or len(self._blocks) != block_count + 1:
            raise self._offsets.damaged(0, f"not the offsets of {count} entries")

    def __len__(self) -> int:
        return self._count

    @property
    def records(self) -> Section:
        """The section that ``extent`` speaks of."""
        return self._records

    def extent(self, ordinal: int) -> tuple[int, int]:
        """Gives where the record of an entry is: [start, stop) in ``records``."""
        start, stop = self._offsets.numbers(self._typecode, ordinal, 2)
        return start, stop

    def entry(self, ordinal: int) -> Entry:
        """Gives the entry of an ordinal in [0, len)."""
        return self._block(ordinal // BLOCK_ENTRIES)[ordinal % BLOCK_ENTRIES]

    def find(self, entry: Entry) -> int | None:
        """Gives the ordinal of an entry, or None."""
        ordinal = self.lower_bound(entry)
        return ordinal if ordinal < self._count and self.entry(ordinal) == entry else None

    def lower_bound(self, entry: Entry) -> int:
        """Gives the ordinal of the first entry that is not below this one."""
        index = bisect_right(range(len(self._blocks) - 1), entry, key=self._first) - 1
        if index < 0:
            return 0
        return index * BLOCK_ENTRIES + bisect_left(self._block(index), entry)

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """Yields the entries from an ordinal on, in order."""
        for index in range(start // BLOCK_ENTRIES, len(self._blocks) - 1):
            block = self._block(index)
            yield from (
                block[start - index * BLOCK_ENTRIES :]
                if (index == start // BLOCK_ENTRIES)
                else block
            )

    def _first(self, index: int) -> Entry:
        return self._block(index)[0]

    def _block(self, index: int) -> list[Entry]:
        block = self._decoded.get(index)
        if block is None:
            start, stop = self._blocks[index], self._blocks[index + 1]
            try:
                keys = bytes(self._keys.read(start, stop)).decode().split("\n")
            except UnicodeDecodeError:
                raise self._keys.damaged(start, "a block of words that is not UTF-8") from None
            if len(keys) != min(BLOCK_ENTRIES, self._count - index * BLOCK_ENTRIES):
                raise self._keys.damaged(start, "a block of words has the wrong number of them")
            block = [entry_of(key) for key in keys]
            self._decoded[index] = block
        return block


def key_of(entry: Entry) -> str:
    """Gives the one text that stands for an entry, here and towards whoosh.

    >>> entry_of(key_of(("perche", "perché")))
    ('perche', 'perché')
    """
    first, second = entry
    return first if first == second else f"{first}{_SEPARATOR}{second}"


def entry_of(key: str) -> Entry:
    """Gives the entry that a text stands for."""
    first, _, second = key.partition(_SEPARATOR)
    return first, second or first
