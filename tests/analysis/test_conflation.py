"""What an Italian calls one word shares a term, and what he does not call so does not.

`pairs.tsv` is written by hand from grammar: it is no output of this or of another analyser.
"""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchlib.analysis import analyze, fold, term_of
from searchlib.analysis.inflection import inflected

_LINES = (Path(__file__).parent / "pairs.tsv").read_text(encoding="utf-8").splitlines()
PAIRS = [tuple(line.split("\t")) for line in _LINES if not line.startswith("#")]


def phenomena(kind: str) -> dict[str, list[tuple[str, str]]]:
    """Returns the pairs of one kind by phenomenon."""
    found: dict[str, list[tuple[str, str]]] = {}
    for which, phenomenon, first, second in PAIRS:
        if which == kind:
            found.setdefault(phenomenon, []).append((first, second))
    return found


def term(word: str) -> str:
    """Returns the term of the first token of a word as it may be typed."""
    return analyze(word)[0].term


MEET, APART = phenomena("meet"), phenomena("apart")


def test_there_are_five_hundred_pairs_of_each_kind() -> None:
    """The pairs are many, none is there twice, and each has its phenomenon."""
    kinds = Counter(kind for kind, *_ in PAIRS)
    assert kinds.keys() == {"meet", "apart"}
    assert min(kinds.values()) >= 500
    assert len({(first, second) for *_, first, second in PAIRS}) == len(PAIRS)


@pytest.mark.parametrize("phenomenon", sorted(MEET))
def test_forms_of_one_word_meet(phenomenon: str) -> None:
    """Inflected forms and spellings of one word have one term."""
    wrong = [(a, b, term(a), term(b)) for a, b in MEET[phenomenon] if term(a) != term(b)]
    assert wrong == []


@pytest.mark.parametrize("phenomenon", sorted(APART))
def test_words_that_look_alike_stay_apart(phenomenon: str) -> None:
    """Words of different meaning have different terms, however alike they are written."""
    wrong = [(a, b, term(a)) for a, b in APART[phenomenon] if term(a) == term(b)]
    assert wrong == []


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("portarmelo", "portare"),
        ("ridurlo", "ridurre"),
        ("trattandosi", "trattare"),
        ("compratelo", "comprare"),
        ("prendila", "prendere"),
        ("vattene", "andare"),
        ("freschissime", "fresco"),
        ("neofascisti", "neofascista"),
        ("economicamente", "economicamente"),
        ("fedelta", None),
        ("zanzibar", None),
        ("mi", None),
        ("", None),
    ],
)
def test_unknown_forms_are_read_by_what_is_known(form: str, expected: str | None) -> None:
    """A form that the lexicon lacks has the term of the known word in it, or none."""
    assert inflected(form) == expected


@given(st.text(st.characters(categories=["Ll"], include_characters="àèéìòù"), max_size=30))
def test_any_letters_have_a_term_without_accents(form: str) -> None:
    """Whatever the letters, grammar answers without an error, and the term is folded."""
    assert inflected(fold(form)) != ""
    assert fold(term_of(form)) == term_of(form)


@pytest.mark.parametrize("name", ["maria", "paola", "obama", "milstreed"])
def test_names_keep_their_spelling(name: str) -> None:
    """A short unknown word in -a, and one that ends with a consonant, is not stemmed."""
    assert term_of(name) == name
