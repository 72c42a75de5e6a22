"""How passages, tables and numbers are written."""

from __future__ import annotations

import json

import click
from hypothesis import given
from hypothesis import strategies as st

from searchlib import Mark, Snippet
from searchlib.cli.printing import as_json, highlighted, one_line, table

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
