"""Words derived from one another share a key, and the key begins them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchlib.analysis import kin_of, term_of


@pytest.mark.parametrize(
    "words",
    [
        ("fondare", "fondazione", "fondatore"),
        ("rappresentare", "rappresentanza", "rappresentante", "rappresentativo"),
        ("economia", "economico", "economista"),
        ("governo", "governare", "governativo"),
        ("università", "universitario"),
        ("attaccò", "attacchi"),
        ("nazione", "nazionale", "nazionalista", "nazionalismo"),
        ("Italia", "italiano"),
        ("crescita", "crescere"),
    ],
)
def test_derived_words_are_kin(words: tuple[str, ...]) -> None:
    """Nouns, adjectives and agents of one verb or noun have one key."""
    assert len({kin_of(term_of(word.lower())) for word in words}) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [("casa", "caso"), ("porta", "pesca"), ("rosa", "rosso"), ("gas", "gasolio")],
)
def test_short_words_have_no_kin(first: str, second: str) -> None:
    """Of a short word too little is left to tell what is derived from it."""
    assert kin_of(first) != kin_of(second)


@given(st.text(max_size=40))
def test_a_key_begins_its_term(term: str) -> None:
    """Whatever the term, its key is a beginning of it, of four letters unless it is all."""
    key = kin_of(term)
    assert term.startswith(key)
    assert key == term or len(key) >= 4
