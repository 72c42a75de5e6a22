"""A user's corrections: what they change, what they leave alone, and which files are refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchlib.analysis import Analyzer, Corrections, term_of
from searchlib.analysis.word_files import MAX_FILE_BYTES
from searchlib.errors import StorageError, WordFileError

WORDS = st.sampled_from(
    ["casa", "case", "caso", "gatto", "gatti", "università", "stati", "stato", "vado", "cellulare"]
)
LINES = st.lists(
    st.one_of(
        st.lists(WORDS, min_size=1, max_size=4).map(lambda words: "protect: " + " ".join(words)),
        st.lists(WORDS, min_size=2, max_size=4).map(lambda words: "merge: " + " ".join(words)),
    ),
    max_size=6,
)


def terms(corrections: str, text: str) -> list[str]:
    """Returns the terms of a text under corrections."""
    analyzer = Analyzer(corrections=Corrections.parse(corrections))
    return [token.term for token in analyzer.analyze(text)]


def test_a_protected_form_stands_alone() -> None:
    """No other form has its term, not even those of the same word."""
    alone, *others = terms("protect: porte", "porte porta Porto portò")
    assert alone not in others
    assert others == terms("", "porta Porto portò")


def test_merged_words_meet_in_all_their_forms() -> None:
    """Every form of the words of a line has one term; words of other lines have another."""
    found = terms(
        "merge: cellulare telefonino smartphone\nmerge: auto macchina",
        "cellulari telefonini smartphone automobile macchine auto",
    )
    assert len({*found[:3]}) == 1
    assert found[4] == found[5] not in found[:4]


def test_lines_that_share_a_word_are_one() -> None:
    """Merging a with b and b with c merges a with c, whichever line comes first."""
    assert (
        len({*terms("merge: treno convoglio\nmerge: convoglio locomotiva", "treno locomotiva")})
        == 1
    )
    assert (
        len({*terms("merge: convoglio locomotiva\nmerge: treno convoglio", "treno locomotiva")})
        == 1
    )


def test_a_protected_form_can_be_merged() -> None:
    """What is protected leaves its word, and joins the words that it is merged with."""
    found = terms("merge: stati nazione\nprotect: stati", "Stati nazioni stato")
    assert found[0] == found[1] != found[2]


def test_a_file_may_have_comments_blank_lines_and_a_mark(tmp_path: Path) -> None:
    """A byte order mark, comments, blank lines and Windows line ends are no corrections."""
    path = tmp_path / "nostre.txt"
    path.write_bytes("\ufeff# nostre\r\n\r\n  protect:  PERCHE'  e-mail \r\n".encode())
    assert Corrections.read(path) == Corrections.parse("protect: perché e-mail")


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("# sì\nunisci: a b", 2, '"protect:" or "merge:"'),
        ("protect stati", 1, '"protect:" or "merge:"'),
        ("protect: stati\n\nmerge: auto", 3, "two words or more"),
        ("merge:", 1, "found none"),
        ("protect: dell'acqua", 1, "single words"),
        ("protect: , .", 1, "single words"),
    ],
)
def test_a_broken_line_is_named(text: str, line: int, found: str) -> None:
    """The error has the number of the line and what was expected there."""
    with pytest.raises(WordFileError, match=f"line {line}: expected.*{found}") as caught:
        Corrections.parse(text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"protect: stati\nprotect: citt\xe0\n", 2),
        (b"protect: stati\n" + b"# x\n" * (MAX_FILE_BYTES // 4), 65534),
    ],
    ids=["latin-1", "too long"],
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, data: bytes, line: int) -> None:
    """Another encoding, or a file without an end, is an error that names the line."""
    path = tmp_path / "nostre.txt"
    path.write_bytes(data)
    with pytest.raises(WordFileError) as caught:
        Corrections.read(path)
    assert (caught.value.path, caught.value.line) == (path, line)


def test_a_missing_file_is_the_systems_refusal(tmp_path: Path) -> None:
    """What cannot be read raises a StorageError that names the file."""
    with pytest.raises(StorageError, match="manca"):
        Corrections.read(tmp_path / "manca.txt")


@given(LINES)
def test_json_brings_corrections_back(lines: list[str]) -> None:
    """Corrections written as JSON and read again are the same, and so is the fingerprint."""
    corrections = Corrections.parse("\n".join(lines))
    again = Corrections.from_json(corrections.to_json())
    assert again == corrections
    fingerprint = Analyzer(corrections=corrections).fingerprint
    assert Analyzer(corrections=again).fingerprint == fingerprint
    assert (fingerprint == Analyzer().fingerprint) == (not corrections)


@given(LINES, st.lists(WORDS, max_size=5))
def test_corrections_change_terms_alone(lines: list[str], words: list[str]) -> None:
    """Forms and places are as without them; a term is a function of its form; others stay."""
    corrections = Corrections.parse("\n".join(lines))
    corrected = Analyzer(corrections=corrections).analyze(" ".join(words))
    plain = Analyzer().analyze(" ".join(words))
    assert [(t.form, t.start, t.position) for t in corrected] == [
        (t.form, t.start, t.position) for t in plain
    ]
    assert [token.term for token in corrected] == [corrections.term(token.form) for token in plain]
    touched = {*corrections.merged}
    for token in corrected:
        if token.form not in corrections.protected and term_of(token.form) not in touched:
            assert token.term == term_of(token.form)
