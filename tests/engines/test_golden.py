"""Indexes written by the searchlib of their time are read by this one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from searchlib import folder
from searchlib.analysis import shared_analyzer
from searchlib.engines import available, engine_named
from searchlib.engines.base import Engine
from searchlib.query import plan as p

GOLDEN = Path(__file__).resolve().parents[2] / "indexes" / "golden"
INDEXES = sorted(path for path in GOLDEN.glob("v*/*") if path.name in available())

FINDS: tuple[tuple[p.Plan, tuple[str, ...]], ...] = (
    (p.AllDocuments(), ("1", "2", "3", "4")),
    (p.Form("testo", "perché"), ("2",)),
    (p.Form("testo", "missili"), ("4",)),
    (p.Form("titolo", "università"), ("2",)),
    (p.Form("testo", "cancellato"), ()),
    (p.Form("testo", "sostituito"), ()),
    (p.Phrase("testo", ((0, "città"), (1, "di"), (2, "mare")), exact=True), ("4",)),
    (p.Phrase("testo", ((0, "mare"), (1, "di")), exact=True), ()),
    (p.Value("fonte", "Ansa"), ("1", "4")),
    (p.Value("temi", "trasporti"), ("1",)),
    (p.Value("gratis", False), ("2",)),
    (p.Range("anno", high=1987), ("1", "4")),
    (p.Range("prezzo", low=0.0), ("1",)),
    (p.Range("data", low=date(2000, 1, 1)), ("2",)),
)


@pytest.fixture(params=INDEXES, ids=[f"{path.parent.name}-{path.name}" for path in INDEXES])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """A copy of a golden index, opened beneath the check of the analyser, which moves on."""
    shutil.copytree(request.param, tmp_path / "index")
    schema = folder.read(tmp_path / "index").schema
    kind = engine_named(request.param.name)
    return kind.open(tmp_path / "index", schema, shared_analyzer)


def test_there_is_a_golden_index_of_every_engine() -> None:
    """Each engine installed here has one, so that none is passed over in silence."""
    assert {path.name for path in INDEXES} == set(available())


def test_a_golden_index_is_sound(engine: Engine) -> None:
    """Every byte of it is as it was written."""
    assert list(engine.verify()) == []


@pytest.mark.parametrize(("plan", "ids"), FINDS, ids=[repr(plan)[:40] for plan, _ in FINDS])
def test_a_golden_index_is_searched(engine: Engine, plan: p.Plan, ids: tuple[str, ...]) -> None:
    """Every kind of field and leaf finds what its documents say."""
    snapshot = engine.snapshot()
    found = snapshot.search(plan, limit=10)
    assert tuple(sorted(snapshot.key_of(hit.number) for hit in found.hits)) == ids


def test_a_golden_index_gives_its_documents_back(engine: Engine) -> None:
    """The stored fields are those of the documents, the last one of each key."""
    snapshot = engine.snapshot()
    lines = (GOLDEN / "documents.jsonl").read_text(encoding="utf-8").splitlines()
    expected = {document["id"]: document for document in map(json.loads, lines)}
    del expected["5"]
    numbers = [snapshot.number_of(key) for key in expected]
    stored = [_plain(snapshot.stored(number)) for number in numbers if number is not None]
    assert stored == list(expected.values())


def test_a_golden_index_is_written_to(engine: Engine) -> None:
    """A new commit keeps the documents that were there."""
    writer = engine.writer(timeout_s=0)
    writer.add({"id": "6", "testo": "Un testo di oggi."})
    writer.optimize()
    writer.close()
    assert list(engine.verify()) == []
    snapshot = engine.snapshot()
    found = snapshot.search(p.Form("testo", "testo"), limit=10)
    assert [snapshot.key_of(hit.number) for hit in found.hits] == ["6", "3"]


def _plain(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Returns stored values as JSON has them."""
    return json.loads(json.dumps(stored, default=date.isoformat))  # type: ignore[no-any-return]
