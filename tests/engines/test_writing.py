"""What a writer does under its limits, and the words in which a score is explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from searchlib.engines.base import Engine
from searchlib.engines.whoosh import inverter
from searchlib.engines.whoosh import writer as writing
from searchlib.query import plan as p

on_whoosh = pytest.mark.parametrize("engine_kind", ["whoosh"], indirect=True)
"""Marks what looks inside that engine."""


@on_whoosh
def test_a_full_buffer_becomes_a_segment_but_not_a_commit(
    engine: Engine,
    document: Callable[[int], dict[str, Any]],
    answers: Callable[[Any], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Over its memory the writer goes to disk; readers see one commit, with every document."""
    monkeypatch.setattr(writing, "MEMORY_BYTES", 1)
    monkeypatch.setattr(inverter, "MAX_CACHED_CHUNKS", 0)
    before = answers(engine.snapshot())
    writer = engine.writer(timeout_s=0)
    for number in range(20, 26):
        writer.add(document(number))
    writer.add(document(22))
    assert len(list(engine.path.glob("*.seg"))) > 2
    assert answers(engine.snapshot()) == before
    report = writer.commit()
    writer.close()
    assert (report.generation, report.added) == (3, 6)
    snapshot = engine.snapshot()
    keys = [snapshot.key_of(hit.number) for hit in snapshot.search(p.AllDocuments(), limit=99).hits]
    assert keys[-6:] == ["n20", "n21", "n23", "n24", "n25", "n22"]
    assert list(engine.verify()) == []


@on_whoosh
def test_a_rollback_after_a_full_buffer_leaves_no_files(
    engine: Engine,
    document: Callable[[int], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Segments of what was rolled back are deleted at once."""
    monkeypatch.setattr(writing, "MEMORY_BYTES", 1)
    names = {file.name for file in engine.path.iterdir()}
    writer = engine.writer(timeout_s=0)
    writer.add(document(30))
    writer.rollback()
    assert {file.name for file in engine.path.iterdir()} == names
    writer.close()


def test_overlong_words_are_counted_and_keep_their_position(engine: Engine) -> None:
    """A word of 2,000 letters is left out, reported once, and still parts its neighbours."""
    writer = engine.writer(timeout_s=0)
    writer.add({"id": "lunga", "testo": f"zebra {'x' * 2000} gnu"})
    assert writer.commit().overlong_tokens == 1
    writer.close()
    snapshot = engine.snapshot()
    phrase = p.Phrase("testo", ((0, "zebra"), (1, "gnu")), exact=True)
    assert snapshot.count(phrase) == 0
    phrase = p.Phrase("testo", ((0, "zebra"), (2, "gnu")), exact=True)
    assert snapshot.count(phrase) == 1


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (
            p.Form("testo", "acqua", boost=2.0),
            "=acqua in testo: weight 2 × idf 0.0392 (12 of 12 documents) × tf ",
        ),
        (p.Phrase("testo", ((0, "corea"), (2, "nord")), slop=1), '"corea … nord"~1 in testo: idf '),
        (p.AnyForm("testo", ("acqua", "missili")), "2 forms in testo: constant"),
        (p.Value("fonte", "AP"), "fonte is AP: constant"),
        (p.Range("anno", 1, None), "anno within 1 and None: constant"),
        (p.AllDocuments(), "every document: constant"),
        (p.Term("testo", "fuoc"), "fuoc in testo: no match"),
        (p.NoDocuments(), "no document: no match"),
        (p.Combination(excluded=(p.AllDocuments(),)), "the combination: no match"),
        (p.Combination(), "every document, without a score"),
    ],
)
def test_explanations_say_it_in_words(engine: Engine, plan: p.Plan, words: str) -> None:
    """Each leaf names itself, and a scored one its counts and lengths."""
    snapshot = engine.snapshot()
    number = snapshot.number_of("n7")
    assert number is not None
    assert snapshot.explain(plan, number).text.startswith(words)
