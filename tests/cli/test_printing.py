"""How passages, tables and numbers are written."""

from __future__ import annotations

import io
import json
import time

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from searchlib import Mark, Snippet
from searchlib.cli.printing import as_json, highlighted, one_line, table
from searchlib.cli.progress import bar

TEXT = st.text(st.sampled_from("abcàè \n\t\x1b\x9b\u202e’"), max_size=120)


@st.composite
def snippets(draw: st.DrawFn) -> Snippet:
    """Excerpts with marks that are sorted and do not overlap."""
    text = draw(TEXT)
    borders = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    marks = tuple(
        Mark(start, end, "foglia") for start, end in zip(borders[::2], borders[1::2], strict=False)
    )
    return Snippet(text, marks, 0, draw(st.booleans()), draw(st.booleans()))


@given(snippets(), st.integers(1, 60), st.integers(0, 5))
def test_a_passage_is_wrapped_without_losing_a_word(
    snippet: Snippet, width: int, indent: int
) -> None:
    """The words of all lines are those of the text; only a word too long makes a line too long."""
    lines = [click.unstyle(line) for line in highlighted(snippet, width=width, indent=indent)]
    words = [word for line in lines for word in line.split()]
    shown = one_line(snippet.text)
    expected = ["…"] * snippet.truncated_start + shown.split() + ["…"] * snippet.truncated_end
    assert words == expected
    for line in lines:
        assert line.startswith(" " * indent)
        assert len(line) <= max(width, indent + 20) or len(line.split()) == 1


@given(snippets())
def test_exactly_what_is_marked_is_in_colour(snippet: Snippet) -> None:
    """Character by character, white space apart."""
    marked = "".join(one_line(snippet.text[mark.start : mark.end]) for mark in snippet.marks)
    coloured = ""
    for line in highlighted(snippet, width=40, indent=0):
        for piece in line.split("\x1b[33m\x1b[1m")[1:]:
            coloured += piece.partition("\x1b[0m")[0]
    assert coloured.split() == marked.split() or "".join(coloured.split()) == "".join(
        marked.split()
    )


@given(st.text())
def test_a_line_is_safe_and_of_the_same_length(text: str) -> None:
    """So that offsets into the text are offsets into the line; it can always be encoded."""
    line = one_line(text)
    assert len(line) == len(text)
    assert len(line.splitlines()) <= 1
    assert not any(char < " " or "\x7f" <= char < "\xa0" for char in line)
    line.encode()


@given(st.text() | st.lists(st.text()))
def test_json_can_be_parsed_and_is_safe(value: object) -> None:
    """Characters that a terminal obeys are escaped; the value is the same."""
    written = as_json(value)
    assert json.loads(written) == value
    assert not any(char < " " or "\x7f" <= char < "\xa0" for char in written)
    written.encode()


def test_a_table_aligns_its_columns() -> None:
    """Numbers to the right, words to the left, no blanks at the ends of lines."""
    lines = [click.unstyle(line) for line in table(("parola", "n"), [("a", 5), ("anno", 1200)])]
    assert lines == ["parola     n", "a          5", "anno    1200"]


@given(st.lists(st.tuples(st.text(st.sampled_from("abc "), max_size=200), st.integers(0, 999))))
def test_a_table_with_a_width_keeps_to_it_and_keeps_its_columns(
    rows: list[tuple[str, int]],
) -> None:
    """What is too long is cut, with an ellipsis; numbers, and all that fits, are whole."""
    lines = [click.unstyle(line) for line in table(("testo", "n"), rows, width=40)]
    assert all(len(line) <= 40 for line in lines)
    assert [int(line.split()[-1]) for line in lines[1:]] == [number for _, number in rows]
    if all(len(text) <= 30 for text, _ in rows):
        assert lines == [click.unstyle(line) for line in table(("testo", "n"), rows)]


@pytest.mark.parametrize("width", [30, 40, 60, 81, 120])
def test_the_progress_bar_is_one_line(width: int) -> None:
    """Where it wrapped, each drawing would leave lines behind, until they fill the screen."""
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=width)
    with bar(200_000_000, console=console) as progress:
        for done in range(1, 4):  # a rate, the widest column, takes several samples
            progress(1_234_567, done * 50_000_000)
            time.sleep(0.01)
    assert "1,234,567 documents" in Text.from_ansi(written.getvalue()).plain
    assert written.getvalue().count("\n") == 1  # the one that ends the last drawing
