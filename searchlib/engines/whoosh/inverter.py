"""Owns the documents that are not yet in a segment: their words, inverted in memory as they come.

Positions of all documents of a field are numbered through: document 2's position 5 is *slot*
``starts[2] + 5``. Each form keeps the array of its slots, so adding a known word is one call of
``array.append``. A chunk of text (what whitespace separates) that was seen before is looked up
as the calls it takes; the analyser is asked only for new chunks, whose analysis depends on
nothing but the chunk. Terms are not inverted at all: their lists are merged from those of their
forms when the segment is written.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, repeat
from operator import sub
from typing import Any, TypeAlias

from searchlib.analysis import Analyzer, Chunk, fold
from searchlib.engines.storage import FileEntry, FileWriter
from searchlib.engines.whoosh.columns import COLUMN_KINDS
from searchlib.engines.whoosh.dictionary import Entry
from searchlib.engines.whoosh.segment_writer import FormPostings, SegmentWriter, TermPostings
from searchlib.engines.whoosh.stored import StoredWriter
from searchlib.schema import Schema

__all__ = ["Buffer"]

MAX_CACHED_CHUNKS = 1 << 18
"""Distinct chunks remembered per field, about 40 MB with what they refer to; then all are
forgotten, which costs an analysis each to learn again."""

MAX_CACHED_CHARS = 64
"""Longer chunks are addresses and the like, which do not come back."""

_FORM_BYTES = 400
"""Memory that a new form takes: its text, its array, its look-up entries (measured)."""

_Place: TypeAlias = Callable[[int], object]
"""Records what stands at the slot that it is given."""


class _FieldBuffer(dict[str, "tuple[_Place, ...]"]):
    """One text field: maps each known chunk to what is to be recorded for its positions."""

    def __init__(self, analyzer: Analyzer) -> None:
        super().__init__()
        self._analyzer = analyzer
        self._slots: dict[str, array[int]] = {}
        self._place: dict[str, tuple[_Place]] = {}
        self._terms: dict[str, str] = {}
        self._length = 0
        self._order: list[str] = []
        self._document_of = array("I")
        self.lengths = array("I")
        self.size_bytes = 0
        self.overlong = 0

    def __missing__(self, chunk: str) -> tuple[_Place, ...]:
        analysed = self._analyzer.chunk(chunk)
        if len(analysed.tokens) == analysed.positions == 1:
            (token,) = analysed.tokens
            places: tuple[_Place, ...] = self._place_of(token.form, token.term)
        else:
            places = self._places(analysed)
        if len(chunk) <= MAX_CACHED_CHARS:
            self[chunk] = places
        return places

    def _places(self, analysed: Chunk) -> tuple[_Place, ...]:
        at: list[list[_Place]] = [[] for _ in range(analysed.positions)]
        for token in analysed.tokens:
            at[token.position] += self._place_of(token.form, token.term)
        if overlong := analysed.overlong:
            at[0].append(lambda _: self._count_overlong(overlong))
        return tuple(records[0] if len(records) == 1 else _at_once(records) for records in at)

    def _count_overlong(self, count: int) -> None:
        self.overlong += count

    def _place_of(self, form: str, term: str) -> tuple[_Place]:
        place = self._place.get(form)
        if place is None:
            slots = self._slots[form] = array("I")
            place = self._place[form] = (slots.append,)
            self._terms[form] = term
            self.size_bytes += _FORM_BYTES
        return place

    def add(self, text: str) -> None:
        """Appends the field of the next document."""
        slot = begin = self._length
        for places in map(self.__getitem__, text.split()):
            for record in places:
                record(slot)
                slot += 1
        self._length = slot
        self.lengths.append(slot - begin)
        self.size_bytes += 5 * (slot - begin)

    def forms(self) -> Iterator[FormPostings]:
        """Yields the forms of the documents, sorted by (folded form, form)."""
        entries: list[Entry] = sorted((fold(form), form) for form, at in self._slots.items() if at)
        self._order = [form for _, form in entries]
        lengths = self.lengths
        starts = list(accumulate(lengths, initial=0))
        document_of = array("I", chain.from_iterable(map(repeat, range(len(lengths)), lengths)))
        self._document_of = document_of
        for entry in entries:
            form = entry[1]
            slots = self._slots[form]
            if len(slots) == 1:  # as every other form is
                document = document_of[slots[0]]
                yield entry, self._terms[form], (document,), (1,), (slots[0] - starts[document],)
                continue
            documents = list(map(document_of.__getitem__, slots))
            counted = Counter(documents)
            positions = list(map(sub, slots, map(starts.__getitem__, documents)))
            yield entry, self._terms[form], list(counted), list(counted.values()), positions

    def term_postings(self, _: str, ordinals: Sequence[int]) -> TermPostings:
        """Gives the union of the lists of these forms, named by their place in ``forms``."""
        lists = [self._slots[self._order[ordinal]] for ordinal in ordinals]
        slots = sorted(chain.from_iterable(lists))
        counted = Counter(map(self._document_of.__getitem__, slots))
        return list(counted), list(counted.values())

    def clear(self) -> None:
        """Forgets the documents; keeps the words, unless they have become too many."""
        if len(self) > MAX_CACHED_CHUNKS:
            super().clear()
            self._slots.clear()
            self._place.clear()
            self._terms.clear()
        for slots in self._slots.values():
            # In place: the known chunks hold on to the arrays.
            del slots[:]
        self._order = []
        self._document_of = array("I")
        self._length = 0
        self.lengths = array("I")
        self.size_bytes = 0
        self.overlong = 0


def _at_once(records: Sequence[_Place]) -> _Place:
    """Gives what records several words at one position, or none at all (a gap)."""

    def record(slot: int) -> None:
        for each in records:
            each(slot)

    return record


class Buffer:
    """Documents on their way into a segment, numbered from 0 in order of addition."""

    def __init__(self, schema: Schema, analyzer: Analyzer) -> None:
        self._schema = schema
        self._texts = {name: _FieldBuffer(analyzer) for name in schema.texts}
        self._column_names = [name for name, field in schema.items() if field.kind in COLUMN_KINDS]
        self._start()

    def _start(self) -> None:
        self._columns: dict[str, list[Any]] = {name: [] for name in self._column_names}
        self._stored = StoredWriter(self._schema)
        self._other_bytes = 0
        self.numbers: dict[str, int] = {}
        self.deleted: set[int] = set()
        self.count = 0

    @property
    def size_bytes(self) -> int:
        """An estimate of the memory held, in bytes; what known words take is not in it."""
        return (
            self._other_bytes
            + self._stored.size_bytes
            + sum(text.size_bytes for text in self._texts.values())
        )

    @property
    def overlong_tokens(self) -> int:
        """How many words were left out because they are too long."""
        return sum(text.overlong for text in self._texts.values())

    def add(self, values: Mapping[str, Any]) -> None:
        """Appends a document; one of the same key in here is deleted."""
        key = values[self._schema.key]
        self.delete(key)
        for name, text in self._texts.items():
            text.add(values.get(name, ""))
        for name, column in self._columns.items():
            column.append(values.get(name))
        self._stored.add(values)
        self.numbers[key] = self.count
        self.count += 1
        self._other_bytes += 200 + 60 * len(self._columns)

    def delete(self, key: str) -> bool:
        """Marks the document of this key deleted, if there is one in here."""
        number = self.numbers.pop(key, None)
        if number is None:
            return False
        self.deleted.add(number)
        return True

    def write(self, file: FileWriter) -> FileEntry:
        """Writes the documents as a segment; deleted ones are in it, too."""
        writer = SegmentWriter(file, documents=self.count)
        for name, text in self._texts.items():
            writer.write_text(
                name,
                lengths=text.lengths,
                forms=text.forms(),
                term_postings=text.term_postings,
            )
        for name, column in self._columns.items():
            writer.write_column(name, self._schema[name], column)
        return writer.finish(self._stored)

    def clear(self) -> None:
        """Forgets the documents."""
        for text in self._texts.values():
            text.clear()
        self._start()
