"""Synonyms: what a file may say, and what a query tree becomes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchlib import Synonyms, WordFileError
from searchlib.analysis import Corrections
from searchlib.query import parse
from searchlib.synonyms import MAX_SYNONYMS_OF_QUERY

FILE = """\
# di tutti
auto, automobile, vettura
tumore -> cancro, carcinoma maligno
PEC, posta elettronica certificata
"""


def expanded(query: str, file: str = FILE) -> str:
    """Returns the text of an expanded query."""
    return str(Synonyms.parse(file).expanded(parse(query, fields={"titolo"}).query))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("vetture", "vetture OR auto^0.5 OR automobile^0.5"),
        ("tumori", 'tumori OR cancro^0.5 OR "carcinoma maligno"^0.5'),
        ("cancro", "cancro"),
        ("pec", 'pec OR "posta elettronica certificata"^0.5'),
        ("dell'auto", "dell'auto OR automobile^0.5 OR vettura^0.5"),
        ("posta", "posta"),
        ('"auto usata"', '"auto usata"'),
        ("=auto", "=auto"),
        ("auto*", "auto*"),
        ("titolo:auto^2", "titolo:(auto OR automobile^0.5 OR vettura^0.5)^2"),
        ("NOT auto", "NOT auto"),
        ("auto/tumore", "auto/tumore"),
        ("", ""),
    ],
)
def test_words_are_exchanged_for_themselves_or_their_synonyms(query: str, expected: str) -> None:
    """Words in any form; not phrases, exact words, patterns, or what is excluded."""
    assert expanded(query) == str(parse(expected, fields={"titolo"}).query)


def test_the_sides_of_a_query_keep_their_places() -> None:
    """Required words are expanded where they stand, excluded ones are not."""
    tree = Synonyms.parse(FILE).expanded(parse("+auto pec -vettura").query)
    expected = '+(auto OR automobile^0.5 OR vettura^0.5) (pec OR "{}"^0.5) -vettura'
    assert tree == parse(expected.format("posta elettronica certificata")).query


@pytest.mark.parametrize(
    ("text", "line"),
    [("auto", 1), ("\nauto, , vettura", 2), ("auto ->", 1), ("-> auto", 1), ("a b, c d", 1)],
)
def test_a_broken_line_is_named(tmp_path: Path, text: str, line: int) -> None:
    """A group of one, an empty member, an arrow without a side, no single word to exchange."""
    path = tmp_path / "sinonimi.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WordFileError, match=rf"sinonimi\.txt, line {line}: expected") as caught:
        Synonyms.read(path)
    assert (caught.value.path, caught.value.line) == (path, line)


def test_a_query_has_a_bounded_number_of_synonyms() -> None:
    """However many a file has, words stay as they are from some number on."""
    file = "auto, " + ", ".join(f"parola{n}" for n in range(300))
    text = expanded("auto auto auto", file)
    assert text.count("parola") == MAX_SYNONYMS_OF_QUERY


@given(st.text(max_size=40))
def test_without_synonyms_nothing_changes(query: str) -> None:
    """A query without the words of a file is the query that it was."""
    tree = parse(query).query
    assert Synonyms.parse("").expanded(tree) == tree


def test_words_are_one_as_the_corrections_of_an_index_say() -> None:
    """Merged words share their synonyms, in all their forms; a protected form has its own."""
    synonyms = Synonyms.parse("telefonino, apparecchio\nvettura, macchina\nvetture -> carrozze")
    merging = Corrections.parse("merge: telefonino cellulare")
    protecting = Corrections.parse("protect: vetture")

    def expanded_by(corrections: Corrections, query: str) -> str:
        return str(synonyms.expanded(parse(query).query, corrections=corrections))

    assert expanded_by(Corrections(), "cellulari") == "cellulari"
    assert expanded_by(merging, "cellulari") == "cellulari OR apparecchio^0.5"
    assert expanded_by(Corrections(), "vetture") == "vetture OR macchina^0.5 OR carrozze^0.5"
    assert expanded_by(protecting, "vetture") == "vetture OR carrozze^0.5"
    assert expanded_by(protecting, "vettura") == "vettura OR macchina^0.5"
