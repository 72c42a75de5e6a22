"""The lexicon's file: its format, its packing and its seal."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchlib.analysis import Analyzer, fold
from searchlib.analysis import lexicon as module
from searchlib.analysis.lexicon import Lexicon, lexicon, seal
from searchlib.errors import CorruptLexiconError

DATA = Path(module.__file__).parent / "data" / "lexicon.txt"

EXAMPLE = """\
# a lexicon of three words
= are a ano ata
+ cant parl
= o o i
+ libr cant
= - e ero
+ pos/porre
! sono/essere canti/cantare"""


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("parlata", "parlare"),
        ("cantano", "cantare"),
        ("canto", "canto"),
        ("canti", "cantare"),
        ("libri", "libro"),
        ("posero", "porre"),
        ("sono", "essere"),
        ("parl", None),
        ("parlo", None),
        ("", None),
    ],
)
def test_a_form_is_a_stem_and_an_ending(form: str, expected: str | None) -> None:
    """The longest stem with the ending gives the term, unless the form is an exception."""
    assert Lexicon.parse(EXAMPLE).term(form) == expected


def by_hand(text: str) -> dict[str, str]:
    """Returns every form of a lexicon with its term, from the definition of the format."""
    terms: dict[str, tuple[int, str]] = {}
    exceptions: dict[str, str] = {}
    endings: list[str] = []
    for line in text.splitlines():
        kind, *words = line.split(" ")
        if kind == "=":
            endings = ["" if word == "-" else word for word in words]
        elif kind == "+":
            for word in words:
                stem, _, whole = word.partition("/")
                for ending in endings[1:]:
                    found = (len(stem), whole or stem + endings[0])
                    terms[stem + ending] = max(
                        terms.get(stem + ending, found), found, key=lambda pair: pair[0]
                    )
        elif kind == "!":
            exceptions |= dict(word.split("/") for word in words)
    return {form: term for form, (_, term) in terms.items()} | exceptions


def test_the_lexicon_is_the_dictionary_of_its_lines() -> None:
    """Looking a form up agrees, for each of them, with writing all the forms out."""
    expected = by_hand(DATA.read_text(encoding="utf-8"))
    words = lexicon()
    assert len(expected) > 350_000
    assert {form for form, term in expected.items() if words.term(form) != term} == set()


def test_stems_and_exceptions_are_sorted() -> None:
    """Stems stand in order in their line, and exceptions in theirs, none twice."""
    for line in DATA.read_text(encoding="utf-8").splitlines():
        kind, *words = line.split(" ")
        if kind in {"+", "!"}:
            assert words == sorted(set(words))


def test_terms_have_no_accents() -> None:
    """Every term is folded, so that it is the term of its own spelling without accents too."""
    terms = set(by_hand(DATA.read_text(encoding="utf-8")).values())
    assert {term for term in terms if fold(term) != term} == set()


def test_a_known_form_without_its_accent_is_known() -> None:
    """Whatever the lexicon has with a final accent it has without it."""
    words = lexicon()
    accented = [form for form in by_hand(DATA.read_text("utf-8")) if fold(form) != form]
    assert len(accented) > 10_000
    assert [form for form in accented if words.term(fold(form)) is None] == []


def test_the_seal_is_the_checksum_of_the_bytes_before_it() -> None:
    """The last line gives the SHA-256 of everything above it."""
    body, _, last = DATA.read_bytes().rpartition(b". ")
    assert hashlib.sha256(body).hexdigest() == last.decode().strip() == seal()


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "unsealed"])
def test_a_damaged_file_is_refused(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is not whole raises an error that names it and says what to do."""
    data = DATA.read_bytes()
    half = len(data) // 2
    damaged = {
        "truncated": data[:half],
        "flipped": data[:half] + bytes([data[half] ^ 1]) + data[half + 1 :],
        "empty": b"",
        "unsealed": data.rpartition(b"\n. ")[0],
    }[damage]
    path = tmp_path / "lexicon.txt"
    path.write_bytes(damaged)
    monkeypatch.setattr(module, "_PATH", path)
    with pytest.raises(CorruptLexiconError, match="install searchlib again") as caught:
        module.lexicon.__wrapped__()
    assert caught.value.path == path
    assert caught.value.found != caught.value.expected


def test_a_line_of_no_kind_is_refused() -> None:
    """A line that the format does not know raises an error that gives its number."""
    with pytest.raises(ValueError, match="line 2"):
        Lexicon.parse("= o o i\nlibr")


def test_the_lexicon_is_in_the_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another lexicon gives another fingerprint."""
    before = Analyzer().fingerprint
    monkeypatch.setattr("searchlib.analysis.fingerprint.seal", lambda: "0" * 64)
    assert Analyzer().fingerprint != before


words = st.text("abcdilmno", min_size=1, max_size=6)


@given(st.dictionaries(words, words, max_size=12))
def test_exceptions_come_first(terms: dict[str, str]) -> None:
    """A lexicon of exceptions alone is a dictionary."""
    text = "! " + " ".join(f"{form}/{term}" for form, term in terms.items()) if terms else "#"
    assert {form: Lexicon.parse(text).term(form) for form in terms} == terms
