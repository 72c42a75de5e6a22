"""The tables of the analysis: consistent, and all of them in the fingerprint."""

import pytest

from searchlib.analysis import Analyzer, fold, form_of
from searchlib.analysis.accents import correct_accent, restore_accent
from searchlib.analysis.tables import (
    ABBREVIATIONS,
    ACCENTED_ENDINGS,
    ACCENTED_WORDS,
    ELISIONS,
    PLAIN_WORDS,
    ROWS,
    STOP_WORDS,
    TERMS,
    TRUNCATIONS,
)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_no_row_is_there_twice(name: str) -> None:
    """The key of each row (its first column; for accents and affixes the row) is unique."""
    keys = [row if name in {"accents", "affixes"} else row[0] for row in ROWS[name]]
    assert len(keys) == len(set(keys))


def test_tables_speak_of_forms() -> None:
    """What the tables look up are forms that the analysis gives."""
    looked_up = {*STOP_WORDS, *TERMS, *ELISIONS, *TRUNCATIONS}
    assert [form for form in sorted(looked_up) if form_of(form) != form] == []


def test_cut_words_end_with_an_apostrophe() -> None:
    """Elided and truncated words end with their apostrophe, and stand for words without one."""
    assert all(cut.endswith("'") for cut in (*ELISIONS, *TRUNCATIONS))
    assert not any("'" in whole for whole in (*ELISIONS.values(), *TRUNCATIONS.values()))
    assert not ELISIONS.keys() & TRUNCATIONS.keys()


def test_accented_words_are_read_from_an_apostrophe() -> None:
    """Every accented word is its own spelling, and what its plain spelling stands for."""
    assert [word for word in ACCENTED_WORDS if correct_accent(word) != word] == []
    assert [word for word in ACCENTED_WORDS if restore_accent(fold(word)) != word] == []
    truncated = {word for word in ACCENTED_WORDS if f"{fold(word)}'" in TRUNCATIONS}
    read = {word: form_of(f"{fold(word)}'") for word in {*ACCENTED_WORDS} - truncated}
    assert {word: form for word, form in read.items() if form != word} == {}
    assert truncated == {"dà", "dì"}


def test_plain_words_are_needed() -> None:
    """Each plain word has an accented ending, and is not an accented word as well."""
    endings = tuple(fold(ending) for ending in ACCENTED_ENDINGS)
    assert [word for word in PLAIN_WORDS if not word.endswith(endings)] == []
    assert PLAIN_WORDS & {fold(word) for word in ACCENTED_WORDS} == set()


def test_abbreviations_are_one_token() -> None:
    """Every abbreviation, with or without its last dot, is one token without dots."""
    for written in ABBREVIATIONS:
        assert form_of(written) == form_of(f"{written}.") == written.replace(".", "")


def test_analysers_have_one_fingerprint() -> None:
    """The fingerprint is the same for every analyser, in 8 hexadecimal digits."""
    assert Analyzer().fingerprint == Analyzer().fingerprint
    assert len(bytes.fromhex(Analyzer().fingerprint)) == 4


def test_the_fingerprint_covers_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version, another stemmer or one row more in any table changes the fingerprint."""
    seen = {Analyzer().fingerprint}
    for name, rows in ROWS.items():
        with monkeypatch.context() as patch:
            patch.setitem(ROWS, name, (*rows, rows[0]))
            seen.add(Analyzer().fingerprint)
    with monkeypatch.context() as patch:
        patch.setattr(Analyzer, "version", Analyzer.version + 1)
        seen.add(Analyzer().fingerprint)
    with monkeypatch.context() as patch:
        patch.setattr("searchlib.analysis.fingerprint.stemmer_version", lambda: 0)
        seen.add(Analyzer().fingerprint)
    assert len(seen) == len(ROWS) + 3
