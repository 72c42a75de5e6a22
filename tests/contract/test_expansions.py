"""Words made of others: found where they are asked for, only there, and after the word itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import searchlib
from searchlib.expansions import altered_forms

ALTERED = {
    "casa": "casetta casette casina casona casone casaccia casuccia",
    "libro": "libretto librino librone libricino libraccio",
    "amico": "amichetto amichetti amicone",
    "barca": "barchetta barchette barchina barcone",
    "lago": "laghetto laghetti",
    "bacio": "bacetto bacetti",
    "occhio": "occhietto occhietti occhiolino",
    "foglio": "fogliolino fogliettino",
    "spiaggia": "spiaggetta spiaggette",
    "leone": "leoncino leoncini",
    "canzone": "canzoncina canzonetta",
    "bastone": "bastoncino bastoncelli",
    "vento": "venticello",
    "corpo": "corpicino",
    "strada": "stradina stradone stradicciola",
    "topo": "topolino topone",
    "ragazzo": "ragazzino ragazzini ragazzone ragazzaccio ragazzotto",
    "fiore": "fiorellino fiorello",
    "bello": "bellino bellone",
}
"""By the rules of grammar, written by hand; what takes two endings at once is not looked for."""

DOUBLY = {"fogliettino", "fiorellino"}

APART = {
    "matto": "mattone mattino",
    "torre": "torrone",
    "botto": "bottone bottino",
    "casa": "casino casello",
    "colla": "collina",
    "foca": "focaccia",
    "lampo": "lampone",
    "mela": "melone",
    "monte": "montone",
    "regia": "regione",
    "carta": "cartolina cartella cartone",
    "merlo": "merletto merluzzo",
    "posto": "postino",
    "riso": "risotto",
    "vento": "ventotto",
    "andare": "andaretto",
}
"""False ones: words of their own that only look like diminutives or augmentatives."""


@pytest.mark.parametrize("word", ALTERED)
def test_altered_words_follow_grammar(word: str) -> None:
    """Endings, hard consonants, genders and numbers are those that Italian uses."""
    forms = set(altered_forms(word))
    assert set(ALTERED[word].split()) - DOUBLY <= forms
    assert word not in forms


@pytest.mark.parametrize("word", APART)
def test_words_that_only_look_altered_are_left_out(word: str) -> None:
    """A mattone is no large matto."""
    assert set(APART[word].split()).isdisjoint(altered_forms(word))


@given(st.text(max_size=12))
def test_no_word_is_too_odd(word: str) -> None:
    """Whatever the word, what is made of it begins with its first letters."""
    assert all(form.startswith(word[:2]) for form in altered_forms(word))


def index_of(folder: Path, engine: str, texts: Sequence[str]) -> searchlib.Index:
    """An index of texts, whose ids are their numbers."""
    schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
    index = searchlib.create(folder, schema, engine=engine)
    with index.writer() as writer:
        for number, text in enumerate(texts):
            writer.add({"id": str(number), "testo": text})
    return index


def test_words_made_of_others_are_found_marked_and_ranked_after(
    engine: str, tmp_path: Path
) -> None:
    """They select and are marked where they are asked for, and stand after the word itself."""
    with index_of(tmp_path, engine, ["due casette rosse", "la casa rossa", "un casino"]) as index:
        hits = index.search("casa", expand="altered")
        assert [hit.id for hit in hits] == ["1", "0"]
        assert hits[1].snippet("testo").markdown() == "due **casette** rosse"
        assert "casette: akin to casa" in str(hits[1].explain())
        assert index.explain("casa", "0", expand="altered").value > 0
        assert [hit.id for hit in index.search("casa")] == ["1"]
        assert index.count("casa", expand=["altered"]) == 2
        assert [hit.id for hit in index.search("casa rossa", expand="altered", mode="all")] == [
            "1",
            "0",
        ]


def test_derived_words_are_found(engine: str, tmp_path: Path) -> None:
    """Words of the same root are found, others that begin alike are not."""
    texts = ["la fondazione", "il fondatore", "fondarono la scuola", "un fondale marino"]
    with index_of(tmp_path, engine, texts) as index:
        found = {hit.id for hit in index.search("fondare", expand="derived")}
        assert {"0", "1", "2"} <= found
        assert [hit.id for hit in index.search("fondare", expand="altered")] == ["2"]


def test_what_is_excluded_exact_or_a_phrase_stays(engine: str, tmp_path: Path) -> None:
    """Only words that are looked for as such are expanded."""
    with index_of(tmp_path, engine, ["una casetta bianca", "una casa bianca"]) as index:
        for query in ("bianca -casa", "bianca +=casa", 'bianca +"una casa"', "bianca +cas?"):
            plain = {hit.id for hit in index.search(query)}
            assert {hit.id for hit in index.search(query, expand="altered")} == plain


@pytest.mark.parametrize("expand", ["diminutivi", ["altered", "x"], 3])
def test_unknown_expansions_are_refused(engine: str, tmp_path: Path, expand: object) -> None:
    """The error names those that there are."""
    with index_of(tmp_path, engine, ["uno"]) as index, pytest.raises(searchlib.ArgumentError):
        index.search("uno", expand=expand)  # type: ignore[arg-type]
