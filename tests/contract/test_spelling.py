"""Spellings that an Italian holds for equal find one another, in queries and in highlights."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

import searchlib

SCHEMA = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())


def decomposed(text: str) -> str:
    """Returns a text with its accents as characters of their own."""
    return unicodedata.normalize("NFD", text)


def index_of(path: Path, engine: str, *texts: str) -> searchlib.Index:
    """Returns an index of texts, whose keys are their numbers from 0."""
    index = searchlib.create(path / "indice", SCHEMA, engine=engine)
    with index.writer() as writer:
        for number, text in enumerate(texts):
            writer.add({"id": str(number), "testo": text})
    return index


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("perché", "Ecco perche' piove", "perche'"),
        ("perche'", "Ecco perchè piove", "perchè"),
        ("perche", "ECCO PERCHÉ PIOVE", "PERCHÉ"),
        ("perché", decomposed("Ecco perché piove"), decomposed("perché")),
        (decomposed("città"), "Le CITTA' d'arte", "CITTA'"),
        ("citta'", "la città", "città"),
        ("E'", "Dove È", "È"),
        ("è", "E' tardi", "E'"),
        ("USA", "Gli U.S.A. oggi", "U.S.A."),
        ("U.S.A.", "Gli Usa oggi", "Usa"),
        ("spa", "La Rossi S.p.A. chiude", "S.p.A."),
        ("S.p.A.", "La Rossi SpA chiude", "SpA"),
        ("email", "Una e-mail breve", "e-mail"),
        ("e-mail", "Una email breve", "email"),
        ("nordcoreani", "i nord-coreani", "nord-coreani"),
        ("nord-coreani", "il nord\u2011coreano", "nord\u2011coreano"),
        ("università", "l'uni\N{SOFT HYPHEN}versità", "uni\N{SOFT HYPHEN}versità"),
        ("università", "all’università", "università"),
        ('"della università"', "i corsi dell'università di Pisa", "dell'università"),
        ('"dell’università"', "i corsi della università", "della università"),
        ('"dell\'università"', "i corsi dell´università", "dell´università"),
        ("dell'univ*", "un corso universitario", "universitario"),
        ("dell’univ*", "le università", "università"),
        ('"un\'amica"', "una amica", "una amica"),
        ("andare", "Vogliono andarsene subito", "andarsene"),
        ("dire", "Bisogna dirglielo", "dirglielo"),
        ("dammelo", "Mi ha dato un libro", "dato"),
        ("andarsene", "Se ne andranno domani", "andranno"),
        ("grande", "Un gran giorno", "gran"),
        ("santo", "Piazza San Pietro", "San"),
        ("dottore", "Il dottor Rossi", "dottor"),
        ("san", "I santi patroni", "santi"),
        ("mangiarlo", "Hanno mangiato", "mangiato"),
        ("bellissima", "Una bella giornata", "bella"),
    ],
)  # fmt: skip
def test_one_spelling_finds_another(
    tmp_path: Path, engine: str, query: str, text: str, marked: str
) -> None:
    """The text is found, whichever way the word is written, and marked as it is written there."""
    with index_of(
        tmp_path, engine, "Un testo che non c'entra, senza parole in comune.", text
    ) as index:
        (hit,) = index.search(query)
        assert hit.id == "1"
        found = hit.highlight("testo")
        assert marked in [found.text[mark.start : mark.end] for mark in found.marks]


@pytest.mark.parametrize(
    ("query", "other", "exact"),
    [
        ("però", "Il pero del giardino", "Arriva però tardi"),
        ("pero", "Arriva però tardi", "Il pero del giardino"),
        ("dà", "Viene da Roma", "Gli dà retta"),
        ("po'", "Le rive del Po", "Manca un po' d'acqua"),
        ("Po", "Manca un po' d'acqua", "Le rive del Po"),
        ("là", "La casa bassa", "Sta di là"),
        ("papà", "Parla il papa", "Parla il papà"),
    ],
)
def test_an_accent_that_is_written_counts(
    tmp_path: Path, engine: str, query: str, other: str, exact: str
) -> None:
    """What is spelled as the query comes before what only folds to it, added later or not."""
    with index_of(tmp_path, engine, other, exact) as index:
        hits = index.search(query)
        assert hits[0].id == "1"
        assert len(hits) == 1 or hits[0].score > hits[1].score


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("casa", "Il caso è chiuso"),
        ("porta", "Nel porto di Genova"),
        ("pesce", "La pesca è matura"),
        ("stati", "Sono stanco, eri assente e fu tardi"),
        ("chi", "Il libro che leggo"),
        ('"della università"', "dell'antica università"),
        ("maria", "Mario dorme"),
    ],
)
def test_words_that_look_alike_are_not_found(
    tmp_path: Path, engine: str, query: str, text: str
) -> None:
    """A word of another meaning is no hit, however little it differs."""
    with index_of(tmp_path, engine, text) as index:
        assert index.search(query).total == 0


@pytest.mark.parametrize(
    "text",
    [
        "QVESTO  E  VN  TESTO  DI  S0LE  LETTERE",
        "a" * 5000,
        "l'" * 3000,
        "-" * 3000 + "x" * 40,
        "Τὸ ὄνομα, имя, 名前, اسم e 🍕🍕",
        "\ufffe\x00 un carattere di controllo",
        "e\u0301" * 2000,
        "dimmelo" * 800,
    ],
    ids=["ocr", "letters", "elisions", "hyphens", "scripts", "controls", "marks", "enclitics"],
)
def test_any_text_is_indexed_and_searched(tmp_path: Path, engine: str, text: str) -> None:
    """Noise is no error, and does not hide the words beside it."""
    with index_of(tmp_path, engine, f"mela {text} pera") as index:
        assert index.search("mela pera", mode="all").total == 1
        index.search(text[:200])
        assert index.verify() == ()
