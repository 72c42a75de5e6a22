"""Owns how things look on a terminal: safe text, highlighted passages, tables, numbers.

Colour is always written; click removes it where the output is no terminal. Text of documents and
paths has its control characters replaced, so that neither can drive the terminal.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import click

from searchlib import Snippet

__all__ = [
    "as_json",
    "colour_option",
    "count_of",
    "highlighted",
    "mark_spans",
    "milliseconds",
    "one_line",
    "table",
    "terminal_width",
]

MAX_WIDTH = 100
"""Longer lines are hard to read."""

_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
_DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Marks that make what follows read backwards."""

_UNSAFE = dict.fromkeys((*_CONTROLS, *_DIRECTIONS), " ")
_UNSAFE |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")

_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

_WORD = re.compile(r"\S+")


def one_line(text: str) -> str:
    r"""Returns a text of the same length that is safe on a terminal, without line breaks.

    >>> one_line("uno\ndue\x1b[31m")
    'uno due [31m'
    """
    return text.translate(_UNSAFE)


def terminal_width() -> int:
    """Returns how many columns there are to write in, at most 100; 80 where there is no knowing."""
    return min(shutil.get_terminal_size().columns, MAX_WIDTH)


def colour_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--color`` and ``--no-color``; by default a terminal that wants colour gets it."""

    def choose(context: click.Context, _: click.Parameter, value: bool | None) -> None:
        if value is None and os.environ.get("NO_COLOR"):
            value = False
        context.color = value

    option = click.option(
        "--color/--no-color",
        default=None,
        expose_value=False,
        is_eager=True,
        callback=choose,
        help="Colour, also where it goes to no terminal, or none.  [default: on terminals]",
    )
    return option(command)


def mark_spans(snippet: Snippet) -> list[tuple[int, int]]:
    """Returns the half-open spans of a snippet's marks, in its text."""
    return [(mark.start, mark.end) for mark in snippet.marks]


def highlighted(snippet: Snippet, *, width: int, indent: int) -> Iterator[str]:
    """Yields a passage as lines of at most ``width`` columns, what matched in bold yellow."""
    before = "… " if snippet.truncated_start else ""
    after = " …" if snippet.truncated_end else ""
    text = before + one_line(snippet.text) + after
    spans = [(start + len(before), end + len(before)) for start, end in mark_spans(snippet)]
    for start, end in _lines(text, max(width - indent, 20)):
        yield " " * indent + _marked(text, start, end, spans)


def _lines(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Yields the spans of lines that break between words; a word too long has its own line."""
    start, end = 0, 0
    for word in _WORD.finditer(text):
        if end == 0:
            start = word.start()
        elif word.end() - start > width:
            yield start, end
            start = word.start()
        end = word.end()
    if end > start:
        yield start, end


def _marked(text: str, start: int, end: int, spans: Iterable[tuple[int, int]]) -> str:
    parts: list[str] = []
    for mark_start, mark_end in spans:
        inner_start, inner_end = max(mark_start, start), min(mark_end, end)
        if inner_start < inner_end:
            parts.append(text[start:inner_start])
            parts.append(click.style(text[inner_start:inner_end], fg="yellow", bold=True))
            start = inner_end
    parts.append(text[start:end])
    return "".join(parts)


def table(
    header: Sequence[str], rows: Iterable[Sequence[object]], *, width: int | None = None
) -> Iterator[str]:
    """Yields the lines of a table, numbers to the right, columns two spaces apart.

    With a ``width``, columns of text are cut so that lines are not longer, the longest first; none
    to fewer characters than its head.
    """
    shown = list(rows)
    cells = [[one_line(str(value)) for value in row] for row in shown]
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    right = [
        bool(shown) and all(isinstance(value, int | float) for value in column)
        for column in zip(*shown, strict=True)
    ] or [False] * len(header)

    if width is not None:
        room = width - 2 * (len(header) - 1)
        least = [size if is_right else len(name) for size, is_right, name in
                 zip(widths, right, header, strict=True)]  # fmt: skip
        widths = _narrowed(widths, least, room)

    def line(values: Sequence[str]) -> str:
        aligned = [
            value.rjust(size) if is_right else _cut(value, size).ljust(size)
            for value, size, is_right in zip(values, widths, right, strict=True)
        ]
        return "  ".join(aligned).rstrip()

    yield click.style(line(header), bold=True)
    for row in cells:
        yield line(row)


def _narrowed(widths: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Returns the widths, the largest lowered to one limit so that their sum fits the room."""
    limit = max(widths)
    while limit and sum(map(max, least, [min(size, limit) for size in widths])) > room:
        limit -= 1
    return [max(lower, min(size, limit)) for lower, size in zip(least, widths, strict=True)]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def count_of(count: int, noun: str, plural: str | None = None) -> str:
    """Returns a number with its noun.

    >>> count_of(1, "document"), count_of(0, "document"), count_of(2, "reply", "replies")
    ('1 document', '0 documents', '2 replies')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def milliseconds(duration_s: float) -> str:
    """Returns a duration as people read it.

    >>> milliseconds(0.00321), milliseconds(2.5)
    ('3.2 ms', '2.50 s')
    """
    return f"{duration_s:.2f} s" if duration_s >= 1 else f"{duration_s * 1000:.1f} ms"


def as_json(value: Any) -> str:
    """Returns one line of JSON, dates as in "2022-09-06", safe on a terminal.

    >>> as_json({"data": date(2022, 9, 6), "testo": "È"})
    '{"data": "2022-09-06", "testo": "È"}'
    """
    written = json.dumps(value, ensure_ascii=False, default=_plain)
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")
