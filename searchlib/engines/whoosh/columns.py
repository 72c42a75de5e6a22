"""Owns the values that are filtered, sorted and counted by: one column for each such field.

Sections of the column of field ``f``::

    f.values    the distinct values, ascending: i64 (integers), f64 (numbers), i32 (dates, as
                proleptic Gregorian ordinals), u8 (booleans), UTF-8 back to back (keys, keywords)
    f.borders   keys and keywords only: where each value begins, and where the last ends: u32
    f.ordinals  for each document the number of its value, from 1; 0 where it has none: u8, u16
                or u32, the narrowest that holds the largest
    f.starts    fields of multiple values only: where the ordinals of each document begin in
                f.ordinals, and where those of the last end: u32
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any, overload

from searchlib.engines.storage import CheckedFile, FileWriter, Section, little_endian
from searchlib.query.plan import ValueOf
from searchlib.schema import Field, Kind

__all__ = ["COLUMN_KINDS", "Column", "write_column"]

_TYPECODES = {Kind.INTEGER: "q", Kind.NUMBER: "d", Kind.DATE: "i", Kind.BOOLEAN: "B"}
_STRINGS = (Kind.KEY, Kind.KEYWORD)

COLUMN_KINDS = frozenset((*_TYPECODES, *_STRINGS))


def write_column(
    file: FileWriter, name: str, field: Field, values: Sequence[Any]
) -> Mapping[str, int]:
    """Writes the column of a field from one value per document, None where it has none.

    Values of a ``multiple`` field are tuples. Gives the column's facts for the footer.
    """
    rows = [value or () for value in values] if field.multiple else values
    flat = list(chain.from_iterable(rows)) if field.multiple else rows
    distinct = sorted({value for value in flat if value is not None})
    _write_values(file, name, field.kind, distinct)
    ordinal_of = {value: ordinal for ordinal, value in enumerate(distinct, start=1)}
    ordinal_of[None] = 0
    ordinals = array(_narrowest(len(distinct)), map(ordinal_of.__getitem__, flat))
    file.begin(f"{name}.ordinals")
    file.write(little_endian(ordinals).tobytes())
    if field.multiple:
        starts = array("I", [0])
        for row in rows:
            starts.append(starts[-1] + len(row))
        file.begin(f"{name}.starts")
        file.write(little_endian(starts).tobytes())
    return {"values": len(distinct)}


def _write_values(file: FileWriter, name: str, kind: Kind, distinct: Sequence[Any]) -> None:
    file.begin(f"{name}.values")
    if kind not in _STRINGS:
        encoded = [value.toordinal() for value in distinct] if kind is Kind.DATE else distinct
        file.write(little_endian(array(_TYPECODES[kind], encoded)).tobytes())
        return
    borders = array("I", [0])
    for value in distinct:
        file.write(value.encode())
        borders.append(file.position)
    file.begin(f"{name}.borders")
    file.write(little_endian(borders).tobytes())


def _narrowest(largest: int) -> str:
    return "B" if largest < 1 << 8 else "H" if largest < 1 << 16 else "I"


class _Strings(Sequence[str]):
    """The sorted values of a key or keyword, decoded one at a time."""

    def __init__(self, values: Section, borders: array[int]) -> None:
        self._values = values
        self._borders = borders

    def __len__(self) -> int:
        return len(self._borders) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        start, stop = self._borders[index], self._borders[index + 1]
        try:
            return bytes(self._values.read(start, stop)).decode()
        except UnicodeDecodeError:
            raise self._values.damaged(start, "a value that is not UTF-8") from None


class Column:
    """Reads the column of one field in one segment; documents are numbered within it."""

    def __init__(
        self, file: CheckedFile, name: str, field: Field, *, values: int, documents: int
    ) -> None:
        self._multiple = field.multiple
        self._values = _read_values(file, name, field.kind, values)
        section = file.section(f"{name}.ordinals")
        self._ordinals = section.numbers(_narrowest(values))
        self._starts = file.section(f"{name}.starts").numbers("I") if field.multiple else None
        self._by_ordinal: list[array[int]] | None = None
        rows = len(self._ordinals) if self._starts is None else len(self._starts) - 1
        if rows != documents or (self._ordinals and max(self._ordinals) > values):
            raise section.damaged(0, f"not the ordinals of {documents} documents")
        if self._starts is not None and (
            list(self._starts) != sorted(self._starts) or self._starts[-1] != len(self._ordinals)
        ):
            raise section.damaged(0, "the documents' borders do not ascend to its end")

    @property
    def values(self) -> Sequence[Any]:
        """The distinct values, ascending."""
        return self._values

    def ordinals_of(self, document: int) -> Sequence[int]:
        """Gives the document's ordinals, none where it has no value."""
        if self._starts is not None:
            return self._ordinals[self._starts[document] : self._starts[document + 1]]
        ordinal = self._ordinals[document]
        return (ordinal,) if ordinal else ()

    def value_of(self, document: int) -> Any:
        """Gives the document's value as ``Schema.validate`` gave it, None where it has none."""
        found = [self._values[ordinal - 1] for ordinal in self.ordinals_of(document)]
        if self._multiple:
            return tuple(found) or None
        return found[0] if found else None

    def documents_with(self, value: ValueOf) -> Sequence[int]:
        """Gives the documents of one value, ascending."""
        return self.documents_between(value, value)

    def documents_between(
        self,
        low: ValueOf | None,
        high: ValueOf | None,
        *,
        includes_low: bool = True,
        includes_high: bool = True,
    ) -> Sequence[int]:
        """Gives the documents with a value within the bounds, ascending; None is an open end."""
        values = self._values
        start, stop = 0, len(values)
        if low is not None:
            start = (bisect_left if includes_low else bisect_right)(values, low)
        if high is not None:
            stop = (bisect_right if includes_high else bisect_left)(values, high)
        lists = self._inverted()[start + 1 : stop + 1]
        if len(lists) == 1:
            return lists[0]
        return sorted(set(chain.from_iterable(lists)))

    def counts(self, documents: Iterable[int]) -> dict[Any, int]:
        """Gives how many of the documents have each value, values without any left out."""
        if self._starts is None:
            counted = Counter(map(self._ordinals.__getitem__, documents))
            del counted[0]
        else:
            counted = Counter(chain.from_iterable(map(self.ordinals_of, documents)))
        return {self._values[ordinal - 1]: count for ordinal, count in counted.items()}

    def _inverted(self) -> list[array[int]]:
        """The documents of each ordinal; one pass over the column, at its first use."""
        if self._by_ordinal is None:
            lists = [array("I") for _ in range(len(self._values) + 1)]
            if self._starts is None:
                for document, ordinal in enumerate(self._ordinals):
                    lists[ordinal].append(document)
            else:
                for document in range(len(self._starts) - 1):
                    for ordinal in self.ordinals_of(document):
                        lists[ordinal].append(document)
            self._by_ordinal = lists
        return self._by_ordinal


def _read_values(file: CheckedFile, name: str, kind: Kind, count: int) -> Sequence[Any]:
    section = file.section(f"{name}.values")
    values: Sequence[Any]
    if kind in _STRINGS:
        borders = file.section(f"{name}.borders").numbers("I")
        values = _Strings(section, borders)
    else:
        values = section.numbers(_TYPECODES[kind])
    try:
        if kind is Kind.DATE:
            values = list(map(date.fromordinal, values))
        elif kind is Kind.BOOLEAN:
            values = [bool(value) for value in values]
    except (ValueError, OverflowError):
        raise section.damaged(0, "a day that no calendar has") from None
    if len(values) != count:
        raise section.damaged(0, f"expected {count} values, found {len(values)}")
    return values
