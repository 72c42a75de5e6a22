"""Owns reading one source: opens it, bounds it, and hands it to the reader of its kind."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, TextIO

from searchlib.errors import ArgumentError, SourceError
from searchlib.sources.decoding import SAMPLE_BYTES, encoding_of, is_known
from searchlib.sources.prose import read_prose
from searchlib.sources.records import COLUMNS, read_csv, read_json_lines
from searchlib.sources.values import LIMITS, STDIN, Document, Limits, Source, SourceKind

__all__ = ["read"]

_Reader = Callable[..., Iterator[Document | SourceError]]

_RECORD_READERS: Mapping[SourceKind, tuple[_Reader, str]] = {
    SourceKind.JSON_LINES: (read_json_lines, "\n"),
    SourceKind.CSV: (read_csv, ""),  # the csv module wants line ends as they are
}


def read(
    source: Source,
    *,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    stdin: BinaryIO | None = None,
    limits: Limits = LIMITS,
) -> Iterator[Document | SourceError]:
    """Yields the documents of a source in order, and an error for each thing that is wrong.

    Args:
        source: a file that ``discover`` found.
        encoding: the encoding of the file; told from its bytes when not given.
        columns: field -> column, for records whose columns have other names than ``COLUMNS``.
        stdin: where the source ``-`` is read from.
        limits: sizes over which a file or a record is refused.

    Raises:
        ArgumentError: an unknown encoding, or a field that records do not have.
    """
    if encoding is not None and not is_known(encoding):
        raise ArgumentError("encoding", expected="a known text encoding", found=repr(encoding))
    names = dict(COLUMNS)
    for field, column in (columns or {}).items():
        if field not in names:
            expected = "one of " + ", ".join(names)
            raise ArgumentError("columns", expected=expected, found=repr(field))
        names[field] = (column, *names[field])
    return _read(source, encoding, names, stdin, limits)


def _read(
    source: Source,
    encoding: str | None,
    names: Mapping[str, tuple[str, ...]],
    stdin: BinaryIO | None,
    limits: Limits,
) -> Iterator[Document | SourceError]:
    try:
        if source.kind not in _RECORD_READERS:
            yield read_prose(_whole(source, limits), source, encoding=encoding)
            return
        reader, newline = _RECORD_READERS[source.kind]
        is_empty = True
        with _open_text(source, encoding, newline, stdin) as stream:
            for item in reader(stream, source, names=names, limits=limits):
                is_empty = False
                yield item
        if is_empty:
            yield SourceError(source.path, problem="no documents in it")
    except SourceError as error:
        yield error
    except OSError as error:
        yield SourceError(source.path, problem=f"cannot be read: {error.strerror or error}")


def _whole(source: Source, limits: Limits) -> bytes:
    with source.path.open("rb") as file:
        data = file.read(limits.document_bytes + 1)
    if len(data) > limits.document_bytes:
        problem = f"expected at most {limits.document_bytes} bytes, found more; split it"
        raise SourceError(source.path, problem=problem)
    return data


@contextlib.contextmanager
def _open_text(
    source: Source, encoding: str | None, newline: str, stdin: BinaryIO | None
) -> Iterator[TextIO]:
    """The source as text; bytes that do not fit become lone surrogates, found line by line."""
    is_stdin = source.path == STDIN
    raw: Any = (stdin or sys.stdin.buffer) if is_stdin else source.path.open("rb", buffering=0)
    buffered = io.BufferedReader(raw, SAMPLE_BYTES)
    try:
        sample = buffered.peek(SAMPLE_BYTES)
        chosen = encoding_of(sample, path=source.path, named=encoding)
        stream = io.TextIOWrapper(
            buffered, encoding=chosen, errors="surrogateescape", newline=newline
        )
        try:
            yield stream
        finally:
            stream.detach()
    finally:
        if is_stdin:
            buffered.detach()  # standard input is the caller's to close
        else:
            buffered.close()
