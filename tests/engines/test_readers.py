"""The pieces below a snapshot: posting lists, patterns, and our readers under whoosh's own eyes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import query
from whoosh.reading import MultiReader
from whoosh.searching import Searcher

import searchlib.schema as fields
from searchlib.analysis import fold, shared_analyzer
from searchlib.engines.storage import CheckedFile, IndexFolder
from searchlib.engines.whoosh import ENGINE
from searchlib.engines.whoosh.phrases import beginnings
from searchlib.engines.whoosh.postings import decode, encode, list_length
from searchlib.engines.whoosh.snapshot import WhooshSnapshot
from searchlib.query import plan as p
from searchlib.query.patterns import edit_distance
from searchlib.schema import Schema

SCHEMA = Schema(id=fields.key(), testo=fields.text())
gaps = st.lists(st.integers(1, 400) | st.integers(1, 90_000), min_size=1, max_size=20)


def _written(data: bytes, folder: Path) -> CheckedFile:
    writer = IndexFolder(folder, format=1).new_file("tst", "0" * 32)
    writer.begin("dati")
    writer.write(data)
    return IndexFolder(folder, format=1).open_file(writer.finish({}), "0" * 32)


def test_the_worked_example_of_a_posting_list() -> None:
    """The bytes of the list in the format's description are the ones written."""
    assert encode([3, 5, 300], [1, 2, 1], [7, 0, 9, 4]) == bytes.fromhex(
        "59 03 03 0200 2701 01 02 01 07 00 09 04"
    )


@settings(max_examples=50)
@given(gaps, st.data())
def test_posting_lists_come_back_as_written(distances: list[int], data: st.DataObject) -> None:
    """Documents, frequencies and positions of any size survive the round trip."""
    documents = [distance - 1 for distance in accumulate(distances)]
    size = len(documents)
    frequencies = data.draw(st.lists(st.integers(1, 3), min_size=size, max_size=size))
    count = sum(frequencies)
    positions = data.draw(st.lists(st.integers(0, 70_000), min_size=count, max_size=count))
    encoded = encode(documents, frequencies, positions)
    with tempfile.TemporaryDirectory() as folder:
        file = _written(encoded, Path(folder))
        section = file.section("dati")
        found = decode(section, 0, len(encoded), document_count=documents[-1] + 1)
        assert list(found.documents) == documents
        assert list(found.frequencies or [1] * size) == frequencies
        assert list(found.positions()) == positions
        assert list_length(section, 0, len(encoded)) == size
        file.close()


def test_large_files_cross_checksum_blocks(tmp_path: Path) -> None:
    """A section of several 64 KiB blocks reads back in one piece and in parts."""
    data = bytes(range(256)) * 1500
    file = _written(data, tmp_path)
    section = file.section("dati")
    assert bytes(section.read(0, len(data))) == data
    assert bytes(section.read(65_000, 140_000)) == data[65_000:140_000]
    assert list(file.check_all()) == []


@contextmanager
def _snapshot(texts: Sequence[str], *, commits: int = 1) -> Iterator[WhooshSnapshot]:
    with tempfile.TemporaryDirectory() as folder:
        made = ENGINE.create(Path(folder), SCHEMA, shared_analyzer)
        writer = made.writer(timeout_s=0)
        for number, text in enumerate(texts):
            writer.add({"id": str(number), "testo": text})
            if number % commits == 0:
                writer.commit()
        writer.commit()
        writer.close()
        snapshot = made.snapshot()
        yield snapshot
        snapshot.close()


letters = st.text("abcèé", min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(st.lists(letters, min_size=1, max_size=25), letters, st.integers(1, 2), st.integers(1, 9))
def test_patterns_expand_to_what_they_accept(
    words: list[str], typed: str, edits: int, commits: int
) -> None:
    """Fuzzy and prefix patterns give exactly the accepted forms, sorted, and cut at the limit."""
    pattern = fold(typed)
    forms = {token.form for word in words for token in shared_analyzer.analyze(word)}
    with _snapshot(words, commits=commits) as snapshot:
        for asked in (
            p.Pattern(
                "testo", "fuzzy", pattern, edits=edits,
                accepts=lambda form: edit_distance(pattern, fold(form), limit=edits) is not None,
            ),
            p.Pattern(
                "testo", "prefix", pattern, literal=pattern,
                accepts=lambda form: fold(form).startswith(pattern),
            ),
            p.Pattern("testo", "regex", "b", literal="", accepts=lambda form: "b" in form),
        ):  # fmt: skip
            expected = sorted(filter(asked.accepts, forms), key=lambda form: (fold(form), form))
            assert snapshot.expand(asked, limit=100) == (tuple(expected), True)
            assert snapshot.expand(asked, limit=1) == (tuple(expected[:1]), len(expected) <= 1)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("misisle", "missile"), ("acuqa", "acqua"), ("perche", "perché"), ("gato", "gatto")],
)
def test_one_edit_reaches(typed: str, stored: str) -> None:
    """A swap, an accent and a missing letter are one edit or none."""
    with _snapshot([stored, "altro"]) as snapshot:
        asked = p.Pattern("testo", "fuzzy", typed, edits=1, accepts=lambda _: True)
        assert snapshot.expand(asked, limit=9) == ((stored,), True)


words = st.lists(st.sampled_from(["acqua", "fuoco", "terra", "aria"]), max_size=6).map(" ".join)


@settings(max_examples=40, deadline=None)
@given(st.lists(words, min_size=1, max_size=12), st.integers(1, 9))
def test_whoosh_searches_our_readers_with_its_own_queries(texts: list[str], commits: int) -> None:
    """Stock queries and a stock searcher of whoosh find in our segments what the words say."""
    with _snapshot(texts, commits=commits) as snapshot:
        readers = snapshot.readers
        searcher = Searcher(
            readers[0] if len(readers) == 1 else MultiReader(list(readers)),
            weighting=snapshot.weighting,
        )
        water, fire = query.Term("testo", "acqua"), query.Term("=testo", "fuoco")
        cases: tuple[tuple[query.Query, Callable[[str], bool]], ...] = (
            (water, lambda text: "acqua" in text),
            (query.And([water, fire]), lambda text: "acqua" in text and "fuoco" in text),
            (query.Or([water, fire]), lambda text: "acqua" in text or "fuoco" in text),
            (
                query.And([water, query.Not(fire)]),
                lambda text: "acqua" in text and "fuoco" not in text,
            ),
            (query.Not(water), lambda text: "acqua" not in text),
            (query.Prefix("=testo", "a"), lambda text: "acqua" in text or "aria" in text),
        )
        for asked, matches in cases:
            found = searcher.search(asked, limit=None)
            assert sorted(hit.docnum for hit in found) == [
                number for number, text in enumerate(texts) if matches(text)
            ]
        found = searcher.search(query.Or([water, fire]), limit=None)
        ours = snapshot.search(
            p.Combination(optional=(p.Term("testo", "acqua"), p.Form("testo", "fuoco"))), limit=99
        )
        assert {hit.docnum: pytest.approx(hit.score) for hit in found} == {
            hit.number: hit.score for hit in ours.hits
        }


@pytest.mark.parametrize(
    ("places", "slop", "expected"),
    [
        ([(0, [0, 4]), (1, [1, 5])], 0, 2),
        ([(0, [0]), (1, [3])], 1, 0),
        ([(0, [0]), (1, [3])], 2, 1),
        ([(0, [0, 1]), (1, [3]), (2, [9])], 6, 1),
        ([(0, [0, 1]), (1, [3]), (2, [9])], 7, 2),
        ([(0, [5]), (1, [1])], 9, 0),
        ([(0, [0, 1, 2]), (1, [1, 2])], 0, 2),
    ],
)
def test_phrases_count_their_beginnings(
    places: list[tuple[int, list[int]]], slop: int, expected: int
) -> None:
    """The frequency is the number of first positions from which the words follow within slop."""
    assert len(list(beginnings(places, slop=slop))) == expected
