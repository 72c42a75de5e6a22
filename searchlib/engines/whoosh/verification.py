"""Owns the check of a whole index: every byte, every list, every border."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from searchlib.engines.base import Problem
from searchlib.engines.storage import CheckedFile, IndexFolder, Manifest
from searchlib.engines.whoosh.columns import COLUMN_KINDS
from searchlib.engines.whoosh.commits import open_segments, read_deletes
from searchlib.engines.whoosh.dictionary import Dictionary
from searchlib.engines.whoosh.postings import Postings
from searchlib.engines.whoosh.segment_reader import SegmentReader, TextReader
from searchlib.errors import CorruptIndexError, FormatTooNewError
from searchlib.schema import Schema

__all__ = ["verify"]


def verify(folder: IndexFolder, schema: Schema) -> Iterator[Problem]:
    """Yields the faults of the newest commit; raises for none of them.

    Raises:
        StorageError: the system refused to read a file, so whether it is sound is not known.
    """
    try:
        manifest = folder.newest()
    except (CorruptIndexError, FormatTooNewError) as error:
        yield _problem(error)
        return
    is_sound = True
    for problem in _check_files(folder, manifest, schema):
        is_sound = False
        yield problem
    if is_sound:
        try:
            for segment in open_segments(folder, schema, index_id=manifest.index_id)[1]:
                segment.reader.file.close()
        except CorruptIndexError as error:
            yield _problem(error)


def _check_files(folder: IndexFolder, manifest: Manifest, schema: Schema) -> Iterator[Problem]:
    for entry in manifest.files.values():
        file = None
        try:
            file = folder.open_file(entry, manifest.index_id)
            damages = list(file.check_all())
            yield from map(_problem, damages)
            if not damages:
                yield from _check_structure(file, schema)
        except FileNotFoundError:
            yield Problem(folder.path / entry.name, None, "the file is missing")
        except (CorruptIndexError, FormatTooNewError) as error:
            yield _problem(error)
        finally:
            if file is not None:
                file.close()


def _problem(error: CorruptIndexError | FormatTooNewError) -> Problem:
    if isinstance(error, CorruptIndexError):
        return Problem(error.path, error.offset, error.problem)
    return Problem(error.path, None, str(error))


def _check_structure(file: CheckedFile, schema: Schema) -> Iterator[Problem]:
    if file.path.suffix == ".del":
        read_deletes(file)
        return
    reader = SegmentReader(file, schema)
    for name in schema.texts:
        yield from _check_text(file, name, reader.text(name))
    for name, field in schema.items():
        if field.kind in COLUMN_KINDS:
            column = reader.searched_column(name)
            if not all(low < high for low, high in pairwise(column.values)):
                yield Problem(file.path, None, f"{name}: its values do not ascend")
    keys = {reader.key_of(number) for number in range(reader.doc_count_all())}
    for number in range(reader.doc_count_all()):
        if reader.stored.get(number).get(schema.key) not in keys:
            yield Problem(file.path, None, f"document {number}: its key is not in the column")


def _check_text(file: CheckedFile, name: str, text: TextReader) -> Iterator[Problem]:
    def problem(what: str) -> Problem:
        return Problem(file.path, None, f"{name}: {what}")

    for kind, dictionary in (("forms", text.forms), ("terms", text.terms)):
        if not _is_ascending(dictionary):
            yield problem(f"its {kind} are not sorted")
    if sum(text.lengths) != text.tokens:
        yield problem("its lengths do not add up")
    for ordinal in range(len(text.forms)):
        if fault := _fault(text.form_postings(ordinal), text):
            yield problem(f"form {text.forms.entry(ordinal)[1]!r}: {fault}")
    seen: set[int] = set()
    for ordinal in range(len(text.terms)):
        forms = text.forms_of(ordinal)
        expected: set[int] = set()
        for form in forms:
            expected.update(text.form_postings(form).documents)
        if list(text.term_postings(ordinal).documents) != sorted(expected):
            yield problem(f"term {text.terms.entry(ordinal)[0]!r}: not the union of its forms")
        seen.update(forms)
    if len(seen) != len(text.forms):
        yield problem("a form belongs to no term")


def _is_ascending(dictionary: Dictionary) -> bool:
    return all(low < high for low, high in pairwise(dictionary.entries()))


def _fault(postings: Postings, text: TextReader) -> str | None:
    documents = postings.documents
    if not all(low < high for low, high in pairwise(documents)):
        return "its documents do not ascend"
    positions = postings.positions()
    start = 0
    for place, document in enumerate(documents):
        frequency = 1 if postings.frequencies is None else postings.frequencies[place]
        own = positions[start : start + frequency]
        start += frequency
        if not own or own[-1] >= text.lengths[document]:
            return f"a position beyond document {document}"
        if not all(low <= high for low, high in pairwise(own)):
            return f"its positions in document {document} do not ascend"
    return None
