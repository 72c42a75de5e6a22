"""How telling a word is in several fields."""

from __future__ import annotations

import math

import pytest

from searchlib.telling import MAX_KEPT, Kept, shares_of

FIELDS = ("titolo", "testo", "nota")
HELD = {("titolo", "mare"): 1, ("testo", "mare"): 6, ("testo", "raro"): 2}


def frequency(field: str, term: str) -> int:
    """How many of ten documents have a term in a field."""
    return HELD.get((field, term), 0)


def test_the_commonest_field_tells_how_telling_a_word_is() -> None:
    """The share is the quotient of the two idf; where a word is in no document it matters not."""
    shares = shares_of(frequency, 10, {})
    idf_of_6, idf_of_1 = math.log(1 + 4.5 / 6.5), math.log(1 + 9.5 / 1.5)
    assert shares("mare", FIELDS) == pytest.approx([idf_of_6 / idf_of_1, 1.0, 1.0])
    assert shares("raro", FIELDS) == [1.0, 1.0, 1.0]
    assert shares("assente", FIELDS) == [1.0, 1.0, 1.0]


def test_a_word_in_more_documents_than_live_is_hardly_telling() -> None:
    """Deleted documents may hold it too: the share stays a positive number."""
    (title, text, _) = shares_of(frequency, 4, {})("mare", FIELDS)
    assert 0 < title < 1 == text


def test_shares_are_kept_and_never_too_many() -> None:
    """A word is looked up once; what is kept is bounded."""
    asked: list[str] = []

    def counted(field: str, term: str) -> int:
        asked.append(term)
        return frequency(field, term)

    kept: Kept = {}
    shares = shares_of(counted, 10, kept)
    assert shares("mare", FIELDS) == shares("mare", FIELDS)
    assert len(asked) == len(FIELDS)
    for number in range(2 * MAX_KEPT):
        shares(str(number), FIELDS)
        assert len(kept) <= MAX_KEPT
