"""The distance of misspelt words: laws on any letters, and the tables of confusions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import searchlib
from searchlib.analysis import Analyzer
from searchlib.query.patterns import edit_distance
from searchlib.spelling import SPELLINGS, Misspelling, plain

WORDS = st.text("abceghilnoqrstuz", max_size=8)
CONFUSIONS = Path(searchlib.__file__).parent / "data" / "confusions.tsv"
DEAREST = 1.5
"""The cost of one edit of a first letter, dearer than any other."""


@given(WORDS)
def test_a_word_is_no_distance_from_itself(word: str) -> None:
    """What was typed right costs nothing."""
    assert Misspelling(word).distance(word, limit=0.0) == 0.0


@given(WORDS, WORDS)
def test_confusions_only_bring_words_nearer(typed: str, word: str) -> None:
    """No word is farther than its edits at the highest price, and other words are apart."""
    found = Misspelling(typed).distance(word, limit=3.0)
    edits = edit_distance(typed, word, limit=2)
    if edits is not None:
        assert found is not None
        assert found <= DEAREST * edits
    assert found is None or (found == 0.0) == (typed == word)


@given(WORDS, WORDS, st.sampled_from([0.0, 0.3, 1.0, 2.0]))
def test_a_limit_changes_no_distance(typed: str, word: str, limit: float) -> None:
    """A distance is given where it is within the limit, and is the same with a higher one."""
    far = Misspelling(typed).distance(word, limit=3.0)
    within = None if far is None or far > limit else far
    assert Misspelling(typed).distance(word, limit=limit) == within


@pytest.mark.parametrize(
    ("typed", "nearer", "farther"),
    [
        ("quore", "cuore", "quote"),
        ("aqua", "acqua", "agua"),
        ("propio", "proprio", "propino"),
        ("conilio", "coniglio", "consilio"),
        ("sognio", "sogno", "sonnio"),
        ("senpre", "sempre", "senape"),
        ("anke", "anche", "anse"),
        ("parto", "parco", "marco"),
        ("bibloi", "biblio", "bibloa"),
    ],
)
def test_what_italians_confuse_is_nearer(typed: str, nearer: str, farther: str) -> None:
    """Letters that sound alike, doubles and swaps cost less than other letters, the first more."""
    distance = Misspelling(typed).distance
    near, far = distance(nearer, limit=9.0), distance(farther, limit=9.0)
    assert near is not None
    assert far is not None
    assert near < far


def test_a_plain_word_has_no_doubles() -> None:
    """What is most often wrong is left out: doubles, h, and letters that Italian lacks."""
    assert [plain(word) for word in ("kwando", "accellerrare", "hanno", "")] == [
        "cvando",
        "acelerare",
        "ano",
        "",
    ]


def test_every_confusion_costs_less_than_an_edit() -> None:
    """A row says something: two spellings, in letters without accents, once, for less than 1."""
    lines = CONFUSIONS.read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert len({(typed, right) for _, typed, right, _ in rows}) == len(rows)
    for _, typed, right, cost in rows:
        assert typed != right
        letters = (typed + right).replace("CC", "").translate(str.maketrans("", "", "^C-"))
        assert not letters or (letters.isascii() and letters.islower())
        assert 0.0 < float(cost) < 1.0


@pytest.mark.parametrize(("typed", "right"), SPELLINGS.items())
def test_a_wrong_spelling_is_found_as_the_right_one(typed: str, right: str) -> None:
    """What is proposed for a word that the index holds has the same term."""
    analyze = Analyzer().analyze
    written = f"{typed}è" if typed.endswith("'") else typed
    assert analyze(written)[0].term == analyze(right)[0].term
