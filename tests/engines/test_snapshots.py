"""What a reader holds while others write, and how many segments writing leaves."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import searchlib.schema as fields
from searchlib.analysis import shared_analyzer
from searchlib.engines.base import Engine, EngineKind
from searchlib.engines.whoosh.merging import FACTOR, SMALLEST_LEVEL_DOCUMENTS, next_merge
from searchlib.engines.whoosh.phrases import phrase_postings
from searchlib.errors import ClosedError
from searchlib.query import plan as p

on_whoosh = pytest.mark.parametrize("engine_kind", ["whoosh"], indirect=True)
"""Marks what looks inside that engine."""


def test_a_snapshot_stays_as_it_was(
    engine: Engine,
    document: Callable[[int], dict[str, Any]],
    answers: Callable[[Any], Any],
) -> None:
    """Commits, merges and the deletion of its files change nothing for an open reader."""
    held, fresh = engine.snapshot(), engine.snapshot()
    before = answers(fresh)
    fresh.close()
    writer = engine.writer(timeout_s=0)
    for number in range(20):
        writer.add(document(number))
        writer.commit()
    writer.delete_matching(lambda _: p.Value("fonte", "AP"))
    writer.optimize()
    writer.close()
    files = {file.name for file in engine.path.iterdir()}
    assert len([name for name in files if name.endswith(".seg")]) == 1
    assert answers(held) == before
    newest = engine.snapshot()
    assert newest.generation > held.generation
    assert newest.statistics().documents == 10
    held.close()
    newest.close()
    gc.collect()


def test_a_closed_snapshot_refuses_work(engine: Engine) -> None:
    """Every question after close() raises ClosedError."""
    snapshot = engine.snapshot()
    snapshot.close()
    for ask in (
        lambda: snapshot.search(p.AllDocuments(), limit=1),
        lambda: snapshot.count(p.AllDocuments()),
        lambda: snapshot.number_of("n1"),
        lambda: snapshot.key_of(0),
        snapshot.statistics,
        lambda: snapshot.form_frequency("testo", "acqua"),
    ):
        with pytest.raises(ClosedError, match="snapshot"):
            ask()


def test_an_index_without_documents_answers(engine_kind: EngineKind, tmp_path: Path) -> None:
    """Nothing is found in an empty index, nothing fails, nothing is wrong with it."""
    folder = tmp_path / "vuoto"
    folder.mkdir()
    empty = engine_kind.create(folder, _schema(), shared_analyzer)
    snapshot = empty.snapshot()
    assert snapshot.generation == 0
    assert snapshot.search(p.Term("testo", "acqua"), limit=5, facets=("fonte",)).total == 0
    pattern = p.Pattern("testo", "prefix", "a", "a", accepts=lambda _: True)
    assert snapshot.expand(pattern, limit=3) == ((), True)
    assert snapshot.number_of("n1") is None
    assert snapshot.statistics().fields["testo"].terms == 0
    assert list(empty.verify()) == []


def _schema() -> Any:
    return fields.Schema(id=fields.key(), testo=fields.text(), fonte=fields.keyword(optional=True))


def test_a_deadline_that_has_passed_cuts_the_search_short(engine: Engine) -> None:
    """No time at all gives a partial answer that claims no more than it saw."""
    snapshot = engine.snapshot()
    found = snapshot.search(p.AllDocuments(), limit=5, deadline_s=0)
    assert found.partial
    assert found.total == len(found.hits) == 0
    assert not snapshot.search(p.AllDocuments(), limit=5, deadline_s=60).partial


class _Clock:
    """A clock that goes on by one second each time it is looked at."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self) -> float:
        self.looks += 1
        return float(self.looks)


def test_a_scan_of_the_words_looks_at_the_clock(engine: Engine, engine_kind: EngineKind) -> None:
    """A pattern is compared with no word once it is to stop, and with at most 1,024 in between."""
    folder = engine.path.parent / "parole"
    folder.mkdir()
    made = engine_kind.create(folder, _schema(), shared_analyzer)
    writer = made.writer(timeout_s=0)
    writer.add({"id": "1", "testo": " ".join(f"parola{n}" for n in range(5_000))})
    writer.commit()
    writer.close()
    compared: list[str] = []
    looks: list[int] = []

    def accepts(form: str) -> bool:
        compared.append(form)
        return True

    def should_stop() -> bool:
        looks.append(len(compared))
        return len(looks) == 3

    pattern = p.Pattern("testo", "wildcard", "*a*", accepts=accepts)
    forms, is_complete = made.snapshot().expand(pattern, limit=9_000, should_stop=should_stop)
    assert not is_complete
    assert list(forms) == compared
    assert looks == [0, 1_024, 2_048]


@on_whoosh
def test_equal_parts_of_a_query_are_looked_up_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A phrase that stands in a query many times, with any boost, is found once per segment."""
    from searchlib.engines.whoosh import queries

    calls: list[str] = []

    def counted(*args: Any, **options: Any) -> Any:
        calls.append(args[1])
        return phrase_postings(*args, **options)

    monkeypatch.setattr(queries, "phrase_postings", counted)
    words = ((0, "corea"), (2, "nord"))
    plan = p.Combination(
        required=(p.Phrase("testo", words), p.Combination(optional=(p.Phrase("testo", words),))),
        optional=tuple(p.Phrase("testo", words, boost=boost) for boost in (0.5, 2.0, 3.0)),
    )
    snapshot = engine.snapshot()
    found = snapshot.search(plan, limit=20)
    once = snapshot.search(p.Phrase("testo", words), limit=20)
    assert calls == ["testo"] * 4
    for hit, single in zip(found.hits, once.hits, strict=True):
        assert math.isclose(hit.score, 7.5 * single.score)


@on_whoosh
@pytest.mark.parametrize(
    "plan",
    [
        p.Combination(
            optional=tuple(p.Phrase("testo", ((0, "corea"), (n, "nord"))) for n in range(1, 40))
        ),
        p.Phrase("testo", tuple((n, "corea") for n in range(40))),
        p.Combination(required=(p.AllDocuments(),), excluded=(p.Term("testo", "acqua"),) * 40),
    ],
    ids=["many phrases", "one long phrase", "excluded"],
)
def test_the_clock_is_looked_at_inside_a_window(
    engine: Engine,
    document: Callable[[int], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    plan: p.Plan,
) -> None:
    """Between the parts of a query and the words of a phrase a deadline ends the search."""
    writer = engine.writer(timeout_s=0)
    writer.add(document(0) | {"testo": "Corea " * 60})  # the long phrase fails at no word
    writer.commit()
    writer.close()
    clock = _Clock()
    monkeypatch.setattr("searchlib.engines.whoosh.snapshot.monotonic", clock)
    found = engine.snapshot().search(plan, limit=5, deadline_s=20)
    assert found.partial
    assert found.hits == ()
    assert clock.looks == 21


def test_facets_come_most_frequent_first(engine_kind: EngineKind, tmp_path: Path) -> None:
    """Values are ordered by falling count, and by themselves where counts are equal."""
    folder = tmp_path / "faccette"
    folder.mkdir()
    schema = fields.Schema(id=fields.key(), fonte=fields.keyword(facet=True))
    writer = engine_kind.create(folder, schema, shared_analyzer).writer(timeout_s=0)
    for number, fonte in enumerate(["Zeta", "Beta", "Alfa", "Mago", "Zeta", "Mago", "Zeta"]):
        writer.add(schema.validate({"id": str(number), "fonte": fonte}))
    writer.commit()
    writer.close()
    snapshot = engine_kind.open(folder, schema, shared_analyzer).snapshot()
    counts = snapshot.search(p.AllDocuments(), limit=0, facets=("fonte",)).facets["fonte"]
    assert list(counts.items()) == [("Zeta", 3), ("Mago", 2), ("Alfa", 1), ("Beta", 1)]


def _apply(sizes: list[tuple[int, int]]) -> int:
    """Merges until all is well; gives the number of documents rewritten."""
    rewritten = 0
    while (stretch := next_merge(sizes)) is not None:
        live = sum(size for size, _ in sizes[stretch])
        rewritten += live
        sizes[stretch] = [(live, 0)] if live else []
    return rewritten


@given(st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 500)), max_size=80))
def test_segments_stay_few(commits: list[tuple[int, int]]) -> None:
    """Whatever is committed, at most 7 segments of each level remain, in the order given."""
    sizes: list[tuple[int, int]] = []
    for live, deleted in commits:
        if live + deleted:
            sizes.append((live, deleted))
            before = sum(live for live, _ in sizes)
            _apply(sizes)
            assert sum(live for live, _ in sizes) == before
    total = sum(live for live, _ in sizes)
    levels = 1
    if total >= SMALLEST_LEVEL_DOCUMENTS:
        levels = 2 + int(math.log(total / SMALLEST_LEVEL_DOCUMENTS, FACTOR) + 1e-9)
    assert len(sizes) <= (FACTOR - 1) * levels


def test_commits_of_one_size_rewrite_each_document_about_once_per_level() -> None:
    """4,096 commits of 100 documents rewrite each of them fewer than seven times."""
    sizes: list[tuple[int, int]] = []
    rewritten = 0
    for _ in range(4096):
        sizes.append((100, 0))
        rewritten += _apply(sizes)
    assert rewritten < 7 * 409_600


@on_whoosh
def test_counting_documents_reads_no_dictionary(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many there are is known at once, over several segments too."""
    snapshot = engine.snapshot()
    monkeypatch.setattr(snapshot, "statistics", lambda: pytest.fail("it asked for the statistics"))
    monkeypatch.setattr(
        "searchlib.engines.whoosh.segment_reader.SegmentReader.text",
        lambda *_: pytest.fail("it read a text field"),
    )
    assert snapshot.documents == 11


def test_a_snapshot_is_the_newest_until_the_next_commit(
    engine: Engine, document: Callable[[int], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is told from the manifest, without opening a segment."""
    snapshot = engine.snapshot()
    with monkeypatch.context() as patched:
        patched.setattr(
            "searchlib.engines.storage.CheckedFile._open", lambda *_: pytest.fail("it opened one")
        )
        assert engine.is_newest(snapshot)
    writer = engine.writer(timeout_s=0)
    writer.add(document(90))
    assert engine.is_newest(snapshot)
    writer.commit()
    writer.close()
    assert not engine.is_newest(snapshot)
    assert engine.is_newest(engine.snapshot())
