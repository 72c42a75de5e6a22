"""Owns merging: which neighbouring segments become one, and how that one is written.

The law: below 1,024 live documents there are at most 7 segments, with ``n`` at most
7 x (2 + log8(n / 1024)). A segment's
level is 0 below 1,024 live documents and grows by one at each factor of eight; levels never
ascend along the index, because a segment takes in smaller ones before it; and eight of one level
become one. Each document is thus rewritten about once per level. Only neighbours merge, so the
order of documents stays.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from heapq import merge as merge_sorted
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from searchlib.engines.storage import FileEntry, FileWriter
from searchlib.engines.whoosh.columns import COLUMN_KINDS
from searchlib.engines.whoosh.dictionary import Entry
from searchlib.engines.whoosh.postings import Postings
from searchlib.engines.whoosh.segment_reader import SegmentReader
from searchlib.engines.whoosh.segment_writer import FormPostings, SegmentWriter, TermPostings
from searchlib.engines.whoosh.stored import StoredWriter
from searchlib.schema import Schema

__all__ = ["merge_segments", "next_merge"]

FACTOR = 8
SMALLEST_LEVEL_DOCUMENTS = 1024
MAX_DELETED_SHARE = 0.3
"""A segment with a larger share of deleted documents is written anew without them."""


def _level(live: int) -> int:
    level = 0
    while live >= SMALLEST_LEVEL_DOCUMENTS * FACTOR**level:
        level += 1
    return level


def next_merge(sizes: Sequence[tuple[int, int]]) -> slice | None:
    """Gives the stretch of segments to merge next, or None when all is well.

    ``sizes`` holds each segment's live and deleted documents. Apply and ask again.

    >>> next_merge([(5000, 0), (10, 0), (10, 0)]) is None
    True
    >>> next_merge([(5000, 0), *[(10, 0)] * 8])
    slice(1, 9, None)
    """
    for at, (live, deleted) in enumerate(sizes):
        if deleted > MAX_DELETED_SHARE * (live + deleted):
            return slice(at, at + 1)
    levels = [_level(live) for live, _ in sizes]
    for at in range(len(levels) - 1, 0, -1):
        start = at
        while start > 0 and levels[start - 1] < levels[at]:
            start -= 1
        if start < at:
            return slice(start, at + 1)
    for level in sorted(set(levels)):
        start = next(at for at, other in enumerate(levels) if other <= level)
        if levels.count(level) >= FACTOR:
            return slice(start, len(levels))
    return None


class _Source:
    """A segment on its way into another: where each of its live documents goes."""

    def __init__(self, reader: SegmentReader, base: int) -> None:
        self.reader = reader
        self.live = [
            number for number in range(reader.doc_count_all()) if number not in reader.deleted
        ]
        self.base = base
        self._moved = dict(zip(self.live, range(base, base + len(self.live)), strict=True))
        self._whole = not reader.deleted

    def move(self, postings: Postings) -> Iterator[tuple[int, int, int]]:
        """Yields the new document, its frequency, and its place in the list."""
        frequencies = postings.frequencies or [1] * len(postings.documents)
        for place, (document, frequency) in enumerate(
            zip(postings.documents, frequencies, strict=True)
        ):
            moved = self._moved.get(document)
            if moved is not None:
                yield moved, frequency, place

    def move_documents(self, postings: Postings) -> TermPostings:
        """Gives the new documents and their frequencies."""
        frequencies = postings.frequencies or [1] * len(postings.documents)
        if self._whole:
            base = self.base
            return [base + document for document in postings.documents], frequencies
        moved = list(self.move(postings))
        return [document for document, _, _ in moved], [each for _, each, _ in moved]

    def move_positions(self, postings: Postings) -> Sequence[int]:
        """Gives the positions in the live documents."""
        positions = postings.positions()
        if self._whole:
            return positions
        kept: list[int] = []
        frequencies = postings.frequencies or [1] * len(postings.documents)
        start = 0
        for document, frequency in zip(postings.documents, frequencies, strict=True):
            if document in self._moved:
                kept += positions[start : start + frequency]
            start += frequency
        return kept


def merge_segments(readers: Sequence[SegmentReader], schema: Schema, file: FileWriter) -> FileEntry:
    """Writes the live documents of some segments as one; every byte read is checked.

    There must be at least one live document.
    """
    sources: list[_Source] = []
    base = 0
    for reader in readers:
        sources.append(_Source(reader, base))
        base += len(sources[-1].live)
    writer = SegmentWriter(file, documents=base)
    for name in schema.texts:
        _merge_text(name, sources, writer)
    for name, field in schema.items():
        if field.kind in COLUMN_KINDS:
            values: list[Any] = []
            for source in sources:
                column = source.reader.searched_column(name)
                values += map(column.value_of, source.live)
            writer.write_column(name, field, values)
    stored = StoredWriter(schema)
    for source in sources:
        for number in source.live:
            stored.add_line(source.reader.stored.line(number))
    return writer.finish(stored)


def _merge_text(name: str, sources: Sequence[_Source], writer: SegmentWriter) -> None:
    lengths = array("I")
    for source in sources:
        all_lengths = source.reader.text(name).lengths
        lengths.extend(map(all_lengths.__getitem__, source.live))

    def term_postings(term: str, _: Sequence[int]) -> TermPostings:
        documents: list[int] = []
        frequencies: list[int] = []
        for source in sources:
            found = source.reader.find(name, term)
            if found is not None:
                moved = source.move_documents(found)
                documents += moved[0]
                frequencies += moved[1]
        return documents, frequencies

    writer.write_text(
        name,
        lengths=lengths,
        forms=_merge_forms(name, sources),
        term_postings=term_postings,
    )


def _merge_forms(name: str, sources: Sequence[_Source]) -> Iterator[FormPostings]:
    entries = merge_sorted(
        *(_forms(name, source, index) for index, source in enumerate(sources)),
        key=itemgetter(0),
    )
    for entry, group in groupby(entries, key=itemgetter(0)):
        documents: list[int] = []
        frequencies: list[int] = []
        positions: list[Sequence[int]] = []
        term = ""
        for _, index, ordinal, term in sorted(group, key=itemgetter(1)):  # noqa: B007
            source = sources[index]
            postings = source.reader.text(name).form_postings(ordinal)
            moved = source.move_documents(postings)
            documents += moved[0]
            frequencies += moved[1]
            positions.append(source.move_positions(postings))
        if documents:
            flat = list(chain.from_iterable(positions))
            yield entry, term, documents, frequencies, flat


def _forms(name: str, source: _Source, index: int) -> Iterator[tuple[Entry, int, int, str]]:
    text = source.reader.text(name)
    term_of = array("I", bytes(4 * len(text.forms)))
    for ordinal in range(len(text.terms)):
        for form in text.forms_of(ordinal):
            term_of[form] = ordinal
    for ordinal, entry in enumerate(text.forms.entries()):
        yield entry, index, ordinal, text.terms.entry(term_of[ordinal])[0]
