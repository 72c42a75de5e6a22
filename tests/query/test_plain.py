"""The short way of texts without syntax: it gives what the parser gives, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from searchlib.query import Query
from searchlib.query.lexer import OPERATORS as OPERATORS_OF_THE_LEXER
from searchlib.query.limits import MAX_CLAUSES, MAX_QUERY_BYTES
from searchlib.query.parser import read
from searchlib.query.plain import MAX_CHARS, OPERATORS, plain_words
from searchlib.query.tree import Span, children

PIECES = st.sampled_from(
    [
        *"\"“”„«»()[]{}+-=/~^*?:\\<>!,.'’…—_&%#@",
        *"aEO5è \t\n\x1c\x85\u2028\u00a0\u200b\0\ud800",
        *("AND", " E ", " O ", "NON", "TO", "titolo:", "http://", "//", "^2", "~", "dell'arte"),
        *("perché ", "missili ", "e\u0301", "1.500,5 ", "12/03/2022 "),
    ]
)
TEXT = st.one_of(
    st.text(),
    st.lists(PIECES, max_size=12).map("".join),
    st.lists(st.text(alphabet="aè5'.,-?! \n", max_size=6), max_size=4).map(" ".join),
)


def nodes_of(query: Query) -> list[tuple[Query, Span | None]]:
    """Each node of a tree with its span, which equality leaves out."""
    below = [found for child in children(query) for found in nodes_of(child)]
    return [(query, query.span), *below]


@given(TEXT)
@example("quando è nato Verdi?")
@example("a? b?! c")
@example("a/b a=b a<b -a a- a+b")
@example(" x")
@example("GUERRA PACE E")
def test_the_short_way_gives_what_the_parser_gives(text: str) -> None:
    """Where there is a short way, the parser gives the same nodes and spans, and no finding."""
    short = plain_words(text)
    if short is not None:
        long = read(text, fields=("titolo", "a"), strict=True)
        assert nodes_of(short) == nodes_of(long.query)
        assert long.diagnostics == ()


@pytest.mark.parametrize(
    "text",
    ["missili", "quando è nato Verdi?", "  due  parole ", "dell'arte, nord-coreano", "3,5 2022/23"],
)
def test_what_people_type_goes_the_short_way(text: str) -> None:
    """Words, numbers and questions need no parser."""
    assert plain_words(text) is not None


def test_a_text_for_the_short_way_is_within_every_limit() -> None:
    """No text of that length has more bytes or clauses than the parser takes."""
    assert MAX_CHARS * 4 <= MAX_QUERY_BYTES
    assert MAX_CHARS // 2 <= MAX_CLAUSES
    assert plain_words("a " * (MAX_CHARS // 2)) is not None
    assert plain_words("a " * (MAX_CHARS // 2) + "a") is None


def test_the_operators_are_those_of_the_lexer() -> None:
    """What may be an operator is left to the parser."""
    assert set(OPERATORS_OF_THE_LEXER) == OPERATORS
