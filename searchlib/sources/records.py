"""Owns files of many documents: one JSON object per line, or one CSV row per document.

A record's columns become fields by their names, Italian or English; others are ignored, and the
document says so. A record that is wrong is refused alone, with its line, and reading goes on.
Files are streamed: memory is bounded by one line.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TextIO

import attrs

from searchlib.errors import SourceError
from searchlib.sources.prose import title_of
from searchlib.sources.values import STDIN, Document, Limits, Source

__all__ = ["COLUMNS", "Columns", "read_csv", "read_json_lines"]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "chiave", "key"),
    "titolo": ("titolo", "title", "oggetto"),
    "testo": ("testo", "text", "body", "contenuto", "content"),
    "fonte": ("fonte", "source", "autore", "author"),
    "data": ("data", "date"),
}
"""The names that a column may have for each field, best first; case does not count."""

_DELIMITERS = ",;\t|"

_SURROGATE = re.compile("[\ud800-\udfff]")
_ITALIAN_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?", re.ASCII | re.DOTALL)


class _Refused(Exception):  # noqa: N818  (a signal within this module)
    """Why a record is no document; ``is_last`` when nothing after it can be read either."""

    def __init__(self, problem: str, *, is_last: bool = False) -> None:
        self.problem = problem
        self.is_last = is_last
        super().__init__(problem)


@attrs.frozen(slots=True)
class Columns:
    """Which column is which field, for one header; ``ignored`` are the columns of no field."""

    of_field: Mapping[str, str]
    ignored: tuple[str, ...]

    @classmethod
    def among(cls, header: tuple[str, ...], names: Mapping[str, tuple[str, ...]]) -> Columns:
        """Returns the columns of a header; of several for one field the first name wins."""
        present = {column.strip().casefold(): column for column in reversed(header)}
        of_field: dict[str, str] = {}
        for field, candidates in names.items():
            for name in candidates:
                column = present.get(name.strip().casefold())
                if column is not None and column not in of_field.values():
                    of_field[field] = column
                    break
        used = set(of_field.values())
        return cls(of_field, tuple(column for column in header if column not in used))


def read_json_lines(
    stream: TextIO, source: Source, *, names: Mapping[str, tuple[str, ...]], limits: Limits
) -> Iterator[Document | SourceError]:
    """Yields a document or an error for each line that is not blank.

    ``stream`` was opened with ``errors="surrogateescape"``, so that a byte which does not fit its
    encoding spoils one line only; its lines end in a line feed.
    """
    lines = _Lines(stream, limits)
    columns = Columns.among((), names)
    header: tuple[str, ...] = ()
    while True:
        try:
            line = next(lines, None)
            if line is None:
                return
            if not line.strip():
                continue
            record = _parse_object(line)
            if tuple(record) != header:
                header = tuple(record)
                columns = Columns.among(header, names)
            yield _document(record, columns, source, lines.count, _consumed(stream))
        except _Refused as refused:
            yield SourceError(source.path, line=lines.count, problem=refused.problem)
            if refused.is_last:
                return


def read_csv(
    stream: TextIO, source: Source, *, names: Mapping[str, tuple[str, ...]], limits: Limits
) -> Iterator[Document | SourceError]:
    """Yields a document or an error for each row below the header.

    The header tells the delimiter, of ``, ; tab |``: the one that finds most known columns.
    ``stream`` as for ``read_json_lines``, but with its line ends as they are.
    """
    lines = _Lines(stream, limits)
    try:
        header, delimiter = _header(lines, names)
        columns = Columns.among(header, names)
        _check_header(header, columns, names)
    except _Refused as refused:
        yield SourceError(source.path, line=1, problem=refused.problem)
        return
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number = lines.count + 1
        try:
            row = _next_row(rows, limits)
            if row is None:
                return
            if not row:
                continue
            record = _record(header, row)
            yield _document(record, columns, source, number, _consumed(stream))
        except _Refused as refused:
            yield SourceError(source.path, line=number, problem=refused.problem)
            if refused.is_last:
                return


class _Lines(Iterator[str]):
    """The lines of a stream, none over the limit; ``count`` is the number of the last one."""

    def __init__(self, stream: TextIO, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self.count = 0

    def __next__(self) -> str:
        self.count += 1
        try:
            line = self._stream.readline(self._limits.line_chars + 1)
        except UnicodeError as error:
            raise _Refused(f"{error}; the rest is not read", is_last=True) from None
        except OSError as error:
            problem = f"cannot be read on: {error.strerror or error}"
            raise _Refused(problem, is_last=True) from None
        if not line:
            raise StopIteration
        if self.count > self._limits.lines:
            problem = f"more than {self._limits.lines} lines; the rest is not read: split the file"
            raise _Refused(problem, is_last=True)
        if len(line) > self._limits.line_chars:
            problem = f"a line of more than {self._limits.line_chars} characters"
            raise _Refused(f"{problem}; the rest is not read", is_last=True)
        return line


def _parse_object(line: str) -> dict[str, Any]:
    _check_decoded(line)
    try:
        record = json.loads(line.rstrip())
    except json.JSONDecodeError as error:
        raise _Refused(f"not JSON: {error.msg} at character {error.colno}") from None
    except (ValueError, RecursionError) as error:
        raise _Refused(f"not JSON that can be read: {error}") from None
    if not isinstance(record, dict):
        raise _Refused(f"expected a JSON object, found {_json_kind(record)}")
    return record


def _check_decoded(text: str) -> None:
    if "\0" in text:
        raise _Refused("a NUL character, as in binary files")
    found = None if text.isascii() else _SURROGATE.search(text)
    if found is not None:
        byte = ord(found[0]) & 0xFF
        raise _Refused(
            f"byte 0x{byte:02X} at character {found.start() + 1} is not in the encoding of the "
            "file; convert the file to UTF-8, or name its encoding"
        )


def _header(lines: _Lines, names: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], str]:
    line = next(lines, "")
    _check_decoded(line)
    known = {name.strip().casefold() for candidates in names.values() for name in candidates}
    best: tuple[str, ...] = ()
    best_delimiter = ","
    best_count = -1
    for delimiter in _DELIMITERS:
        try:
            header = tuple(next(csv.reader([line], delimiter=delimiter, strict=True), ()))
        except csv.Error:
            continue
        count = sum(column.strip().casefold() in known for column in header)
        if count > best_count:
            best, best_delimiter, best_count = header, delimiter, count
    return best, best_delimiter


def _check_header(
    header: tuple[str, ...], columns: Columns, names: Mapping[str, tuple[str, ...]]
) -> None:
    if "testo" not in columns.of_field:
        expected = " or ".join(names["testo"])
        found = ", ".join(header)[:200] or "an empty line"
        raise _Refused(f"expected a header with a column {expected}, found {found}")


def _next_row(rows: Iterator[list[str]], limits: Limits) -> list[str] | None:
    """The next row; the module's limit is global, so it is ours for this call only."""
    before = csv.field_size_limit(limits.line_chars)
    try:
        return next(rows, None)
    except csv.Error as error:
        is_last = "field limit" in str(error)
        rest = "; the rest is not read" if is_last else ""
        raise _Refused(f"not CSV: {error}{rest}", is_last=is_last) from None
    finally:
        csv.field_size_limit(before)


def _record(header: tuple[str, ...], row: list[str]) -> dict[str, Any]:
    if len(row) != len(header):
        raise _Refused(f"expected {len(header)} columns as in the header, found {len(row)}")
    for value in row:
        _check_decoded(value)
    return {column: value for column, value in zip(header, row, strict=True) if value.strip()}


def _document(
    record: Mapping[str, Any], columns: Columns, source: Source, line: int, consumed: int
) -> Document:
    given = {
        field: record[column]
        for field, column in columns.of_field.items()
        if record.get(column) is not None
    }
    text = _string(given, "testo")
    if text is None or not text.strip():
        raise _Refused("no text: expected a 'testo' that is not empty")
    values: dict[str, Any] = {
        "id": _key(given.get("id"), source, line),
        "titolo": (_string(given, "titolo") or "").strip() or title_of(text),
        "testo": text,
        "percorso": source.name,
    }
    origin = _string(given, "fonte") or _folder(source)
    if origin:
        values["fonte"] = origin
    day = _string(given, "data")
    if day:
        values["data"] = _day(day)
    return Document(values, consumed, columns.ignored)


def _string(given: Mapping[str, Any], field: str) -> str | None:
    value = given.get(field)
    if value is not None and not isinstance(value, str):
        raise _Refused(f"{field}: expected a string, found {_json_kind(value)}")
    return value


def _key(given: object, source: Source, line: int) -> str:
    if isinstance(given, bool) or not isinstance(given, str | int | None):
        raise _Refused(f"id: expected a string or a whole number, found {_json_kind(given)}")
    if given is None or given == "":
        return f"{source.name}#{line}"
    return str(given) if source.path == STDIN else f"{source.name}#{given}"


def _day(written: str) -> date:
    written = written.strip()
    if found := _ISO_DATE.fullmatch(written):
        year, month, day = found.groups()
    elif found := _ITALIAN_DATE.fullmatch(written):
        day, month, year = found.groups()
    else:
        raise _Refused(f"data: expected 2022-09-06 or 6/9/2022, found {written[:40]!r}")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise _Refused(f"data: no such day, {written[:40]!r}") from None


def _folder(source: Source) -> str:
    return "" if source.path == STDIN else Path(source.name).parent.name


def _consumed(stream: TextIO) -> int:
    if not isinstance(stream, io.TextIOWrapper):
        return 0
    try:
        return int(stream.buffer.tell())
    except (OSError, ValueError):
        return 0


def _json_kind(value: object) -> str:
    kinds = {str: "a string", bool: "true or false", int: "a number", float: "a number",
             list: "a list", dict: "an object", type(None): "null"}  # fmt: skip
    return kinds.get(type(value), type(value).__name__)
