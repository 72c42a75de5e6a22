"""A small index on each engine, and what the tests of engines share.

A test of the insides of one engine says so by a parameter ``engine_kind``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import searchlib.schema as fields
from searchlib.analysis import shared_analyzer
from searchlib.engines import available, engine_named
from searchlib.engines.base import Engine, EngineKind, EngineResults, Snapshot
from searchlib.query import plan as p
from searchlib.schema import Schema

SCHEMA = Schema(
    id=fields.key(),
    titolo=fields.text(weight=2.0, optional=True),
    testo=fields.text(),
    fonte=fields.keyword(facet=True, optional=True),
    tag=fields.keyword(multiple=True, optional=True),
    anno=fields.integer(optional=True),
    data=fields.date(optional=True),
)

PLANS: tuple[p.Plan, ...] = (
    p.Term("testo", "missile"),
    p.Form("testo", "missili"),
    p.Phrase("testo", ((0, "corea"), (2, "nord"))),
    p.AnyForm("testo", ("acqua", "missile")),
    p.Value("fonte", "AP"),
    p.Value("tag", "blu"),
    p.Range("anno", 3, 7),
    p.Combination(required=(p.Term("testo", "acqua"),), excluded=(p.Value("fonte", "AP"),)),
    p.AllDocuments(),
)


def _document(number: int) -> dict[str, Any]:
    return SCHEMA.validate(
        {
            "id": f"n{number}",
            "titolo": "La Corea del Nord" if number % 3 else "Perché l'acqua",
            "testo": "I missili della Corea del Nord volano sull'acqua. " * (number % 4 + 1),
            "fonte": "AP" if number % 2 else "Ansa",
            "tag": ["blu", "rosso"][: number % 3],
            "anno": number,
            "data": f"2022-09-{number % 28 + 1:02}",
        }
    )


@pytest.fixture
def document() -> Callable[[int], dict[str, Any]]:
    """Makes the document of a number: keys are n0, n1 ..."""
    return _document


@pytest.fixture
def schema_json() -> str:
    """The schema of ``engine`` as JSON."""
    return json.dumps(SCHEMA.to_json())


@pytest.fixture(params=available(), scope="session")
def engine_kind(request: pytest.FixtureRequest) -> EngineKind:
    """An engine that is installed."""
    return engine_named(request.param)


@pytest.fixture
def engine(engine_kind: EngineKind, tmp_path: Path) -> Engine:
    """An index of two segments, one of them with deleted documents, in ``tmp_path/index``."""
    folder = tmp_path / "index"
    folder.mkdir()
    made = engine_kind.create(folder, SCHEMA, shared_analyzer)
    writer = made.writer(timeout_s=0)
    for number in range(10):
        writer.add(_document(number))
    writer.commit()
    writer.delete("n4")
    writer.add(_document(10))
    writer.add(_document(11))
    writer.commit()
    writer.close()
    return made


@pytest.fixture
def reopen(engine_kind: EngineKind) -> Callable[[Path], Engine]:
    """Opens an index that ``engine`` made."""
    return lambda folder: engine_kind.open(folder, SCHEMA, shared_analyzer)


Answers = tuple[list[EngineResults], list[tuple[str, Any]]]


@pytest.fixture
def answers() -> Callable[[Snapshot], Answers]:
    """Gives everything that a snapshot has to say: searches, keys, stored documents."""

    def ask(snapshot: Snapshot) -> Answers:
        found = [
            snapshot.search(plan, limit=50, facets=("fonte", "tag"), sort=()) for plan in PLANS
        ]
        numbers = [hit.number for hit in found[-1].hits]
        return found, [(snapshot.key_of(number), snapshot.stored(number)) for number in numbers]

    return ask
