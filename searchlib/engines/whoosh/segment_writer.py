"""Owns the layout of a segment: which sections a segment's file has, and in which order.

A segment is a batch of documents, numbered from 0, and never changes. Its file ("seg") holds for
each text field ``f``::

    f.lengths   positions in each document's field: u32 each
    f.forms.*   dictionary (folded form, form) -> posting list with positions
    f.terms.*   dictionary (term, term) -> term record

a column for each other field that is searched (``columns``) and the stored documents
(``stored``). A term record is::

    count       u8, or 255 and then u32: how many forms the term has here
    forms       the ordinal of each in f.forms: u32
    postings    a posting list without positions; absent for a single form, whose list it is

The footer's facts: ``documents``; for each text field ``forms``, ``terms``, ``tokens``; for each
column ``values``.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from searchlib.engines.storage import FileEntry, FileWriter, Section, little_endian
from searchlib.engines.whoosh.columns import write_column
from searchlib.engines.whoosh.dictionary import DictionaryWriter, Entry
from searchlib.engines.whoosh.postings import encode
from searchlib.engines.whoosh.stored import StoredWriter
from searchlib.schema import Field

__all__ = ["FormPostings", "SegmentWriter", "TermPostings", "term_record_forms"]

FormPostings: TypeAlias = "tuple[Entry, str, Sequence[int], Sequence[int], Sequence[int]]"
"""(folded form, form), term, documents, frequencies, positions."""

TermPostings: TypeAlias = "tuple[Sequence[int], Sequence[int]]"
"""Documents and frequencies."""


class SegmentWriter:
    """Writes one segment: each field once, the stored documents, then ``finish``."""

    def __init__(self, file: FileWriter, *, documents: int) -> None:
        self._file = file
        self._documents = documents
        self._texts: dict[str, Mapping[str, int]] = {}
        self._columns: dict[str, Mapping[str, int]] = {}

    def write_text(
        self,
        name: str,
        *,
        lengths: array[int],
        forms: Iterable[FormPostings],
        term_postings: Callable[[str, Sequence[int]], TermPostings],
    ) -> None:
        """Writes a text field.

        ``forms`` come sorted by entry. ``term_postings`` is asked, in order of the terms, for the
        union of the lists of a term's forms, given by their place in ``forms``.
        """
        file = self._file
        file.begin(f"{name}.lengths")
        file.write(little_endian(lengths).tobytes())
        dictionary = DictionaryWriter(file, f"{name}.forms")
        forms_of: dict[str, array[int]] = {}
        for ordinal, (entry, term, documents, frequencies, positions) in enumerate(forms):
            dictionary.add(entry, encode(documents, frequencies, positions))
            ordinals = forms_of.get(term)
            if ordinals is None:
                ordinals = forms_of[term] = array("I")
            ordinals.append(ordinal)
        form_count = dictionary.finish()
        dictionary = DictionaryWriter(file, f"{name}.terms")
        for term in sorted(forms_of):
            ordinals = forms_of[term]
            record = _encode_forms(ordinals)
            if len(ordinals) > 1:
                record += encode(*term_postings(term, ordinals), None)
            dictionary.add((term, term), record)
        self._texts[name] = {
            "forms": form_count,
            "terms": dictionary.finish(),
            "tokens": sum(lengths),
        }

    def write_column(self, name: str, field: Field, values: Sequence[Any]) -> None:
        """Writes the column of a field from one value (or None) per document."""
        self._columns[name] = write_column(self._file, name, field, values)

    def finish(self, stored: StoredWriter) -> FileEntry:
        """Writes the stored documents and closes the file, durable but for its folder."""
        stored.write(self._file)
        return self._file.finish(
            {"documents": self._documents, "texts": self._texts, "columns": self._columns}
        )


def _encode_forms(ordinals: array[int]) -> bytes:
    count = len(ordinals)
    head = bytes((count,)) if count < 255 else b"\xff" + struct.pack("<I", count)
    return head + little_endian(ordinals).tobytes()


def term_record_forms(records: Section, start: int, stop: int) -> tuple[array[int], int]:
    """Reads the form ordinals at the head of a term record, and where its postings begin."""
    view = records.read(start, stop)
    count, at = (view[0], 1) if view else (0, 1)
    if count == 255 and len(view) >= 5:
        count, at = struct.unpack_from("<I", view, 1)[0], 5
    end = at + 4 * count
    ordinals = array("I")
    if not count > 0 or end > len(view):
        raise records.damaged(start, "a term without its forms")
    ordinals.frombytes(view[at:end])
    return little_endian(ordinals), start + end
