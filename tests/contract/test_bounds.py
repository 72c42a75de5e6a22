"""What bounds the work of one query, on every engine: its deadline, and its limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

import searchlib
from searchlib.query.limits import MAX_EXPANSIONS_OF_QUERY

LETTERS = "abcdefghilmnopqrst"


@pytest.fixture
def index(engine: str, tmp_path: Path) -> Iterator[searchlib.Index]:
    """One document with 1,000 words for each of 18 letters, and one with another word."""
    schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
    with searchlib.create(tmp_path / "indice", schema, engine=engine) as made:
        with made.writer() as writer:
            words = (f"{letter}z{number}" for letter in LETTERS for number in range(1_000))
            writer.add({"id": "molte", "testo": " ".join(words)})
            writer.add({"id": "gatto", "testo": "gatto"})
        yield made


def test_a_deadline_that_passes_while_patterns_expand_gives_no_false_hit(
    index: searchlib.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exclusion of which not all words are known yet excludes nothing wrongly: no hits."""
    looks = iter(range(1_000_000))
    clock = SimpleNamespace(perf_counter=lambda: float(next(looks)))
    monkeypatch.setattr("searchlib.index.time", clock)
    assert [hit.id for hit in index.search("* -*z999", deadline_s=1_000)] == ["gatto"]
    late = index.search("* -*z999", deadline_s=5, strict=True)
    assert late.partial
    assert (late.total, late.hits, late.diagnostics) == (0, (), ())


def test_the_patterns_of_a_query_stand_for_a_bounded_number_of_words(
    index: searchlib.Index,
) -> None:
    """Sixteen patterns of 1,000 words fit, 17 do not, and a pattern written again is free."""
    assert MAX_EXPANSIONS_OF_QUERY == 16_384
    at_most = " ".join(f"{letter}z*" for letter in LETTERS[:16])
    assert index.search(at_most, strict=True).total == 1
    assert index.search(f"{at_most} {at_most}", strict=True).total == 1
    (found,) = index.search(f"{at_most} {LETTERS[16]}z*").diagnostics
    assert found.code == "too-many-expansions"
    assert "16384" in found.message
    assert (found.start, found.end) == (64, 67)


def test_a_page_far_beyond_the_hits_costs_nothing(index: searchlib.Index) -> None:
    """A limit or an offset of a billion gives what there is."""
    billion = 10**9
    assert len(index.search("*", limit=billion)) == 2
    assert len(index.search("*", limit=billion, offset=1)) == 1
    far = index.search("*", limit=billion, offset=billion)
    assert (len(far), far.total) == (0, 2)
