"""Runs every contract test on each engine that is installed.

A new engine joins by being listed in ``searchlib.engines``; nothing here names one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import searchlib
from searchlib.engines import available

SCHEMA = searchlib.Schema(
    id=searchlib.key(),
    titolo=searchlib.text(weight=2.0, optional=True),
    testo=searchlib.text(optional=True),
    fonte=searchlib.keyword(facet=True, optional=True),
    etichette=searchlib.keyword(facet=True, multiple=True, optional=True),
    data=searchlib.date(optional=True),
    anno=searchlib.integer(optional=True),
    prezzo=searchlib.number(optional=True),
    firmato=searchlib.boolean(optional=True),
    origine=searchlib.stored(optional=True),
)

NOTIZIE: tuple[dict[str, Any], ...] = (
    {
        "id": "missili",
        "titolo": "La Russia compra missili",
        "testo": "La Russia acquista missili nordcoreani. L’esercito russo ne ha bisogno. "
        "Un funzionario dell'intelligence lo ha detto lunedì.",
        "fonte": "AP",
        "etichette": ["esteri", "difesa"],
        "data": date(2022, 9, 6),
        "anno": 2022,
        "prezzo": 1.5,
        "firmato": False,
        "origine": {"righe": [1, 2]},
    },
    {
        "id": "droni",
        "titolo": "Droni iraniani a Mosca",
        "testo": "I droni Muhajir-6 hanno avuto problemi tecnici. Perche' nessuno lo dice?",
        "fonte": "AP",
        "etichette": ["esteri"],
        "data": date(2022, 8, 30),
        "anno": 2022,
        "prezzo": 2.5,
        "firmato": True,
    },
    {
        "id": "consiglio",
        "titolo": "Il consiglio comunale",
        "testo": "Il consiglio della città ha approvato il bilancio dell’università. "
        "Gli amici del sindaco erano contenti, perché l'anno era buono.",
        "fonte": "Gazzetta",
        "etichette": ["politica"],
        "data": date(2021, 3, 12),
        "anno": 2021,
        "prezzo": 0.5,
        "firmato": True,
    },
    {
        "id": "lasagne",
        "titolo": "Lasagne della nonna",
        "testo": "Mezz'ora di forno, un po' di pazienza e un missile di sapore. "
        "La corea non c'entra, il nord nemmeno.",
        "fonte": "Ricettario",
        "anno": 2020,
    },
    {"id": "vuoto"},
)

Make = Callable[..., searchlib.Index]


@pytest.fixture(params=available(), scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """The name of an engine."""
    return str(request.param)


@pytest.fixture
def make(engine: str, tmp_path: Path) -> Make:
    """Makes an index of documents on the engine under test, in one commit."""

    def make_index(
        documents: Any = NOTIZIE, schema: Any = SCHEMA, name: str = "indice"
    ) -> searchlib.Index:
        index = searchlib.create(tmp_path / name, schema, engine=engine)
        with index.writer() as writer:
            for document in documents:
                writer.add(document)
        return index

    return make_index


@pytest.fixture
def notizie(make: Make) -> searchlib.Index:
    """An index of a few documents."""
    return make()
