"""What bounds the work of one query, on every engine: its deadline, and its limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

import searchlib
from searchlib import highlight
from searchlib.analysis import Analyzer
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


@pytest.mark.parametrize(
    "options", [{"query": "az* bz*"}, {"query": "gatto~1"}, {"query": "gatto", "filter": "g*"}]
)
def test_a_pattern_left_unread_makes_the_results_partial(
    index: searchlib.Index, options: dict[str, str]
) -> None:
    """However soon an engine is done with what is left: no empty answer passes for the whole."""
    found = index.search(**options, deadline_s=1e-9)  # type: ignore[arg-type]
    assert found.partial
    assert found.hits == ()


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


def test_the_snippets_of_a_hit_analyse_its_text_once(
    index: searchlib.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """snippet() and highlight() of one hit, however often, share one analysis.

    An engine that highlights by itself needs none of this analyser.
    """
    analyzed: list[str] = []
    analyze = Analyzer.analyze

    def counted(analyzer: Analyzer, text: str) -> object:
        analyzed.append(text)
        return analyze(analyzer, text)

    monkeypatch.setattr(Analyzer, "analyze", counted)
    (hit,) = index.search("gatto")
    analyzed.clear()
    shown = [hit.snippet("testo"), hit.highlight("testo"), hit.snippet("testo", max_chars=9)]
    assert [snippet.html() for snippet in shown] == ["<mark>gatto</mark>"] * 3
    assert analyzed == (["gatto"] if index.engine == "whoosh" else [])


def test_a_passage_is_looked_for_in_the_first_mebibyte(engine: str, tmp_path: Path) -> None:
    """A match beyond the limit shows no passage, and is marked where all is highlighted."""
    assert highlight.MAX_PASSAGE_TEXT == 1_048_576
    schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
    with searchlib.create(tmp_path / "lunghi", schema, engine=engine) as made:
        with made.writer() as writer:
            writer.add({"id": "oltre", "testo": "abc " * 262_144 + "zebra"})
            writer.add({"id": "dentro", "testo": "abc " * 262_142 + "zebra"})
        hits = {hit.id: hit for hit in made.search("zebra")}
        beyond = hits["oltre"].snippet("testo")
        assert beyond.marks == ()
        assert beyond.text.startswith("abc")
        assert beyond.truncated_end
        assert len(hits["oltre"].highlight("testo").marks) == 1
        assert len(hits["dentro"].snippet("testo").marks) == 1
