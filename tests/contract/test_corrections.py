"""An index keeps the corrections that it was made with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import searchlib
from searchlib import Corrections, CorruptIndexError, WordFileError

SCHEMA = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
TEXTS = {"1": "gli Stati generali", "2": "è stato un telefonino", "3": "due cellulari"}


def made(path: Path, engine: str, corrections: Path | Corrections | None) -> searchlib.Index:
    """Returns an index of the three texts."""
    index = searchlib.create(path, SCHEMA, engine=engine, corrections=corrections)
    with index.writer() as writer:
        for key, text in TEXTS.items():
            writer.add({"id": key, "testo": text})
    return index


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with two corrections."""
    path = tmp_path / "nostre.txt"
    path.write_text("protect: stati\nmerge: telefonino cellulare\n", encoding="utf-8")
    return path


def test_they_hold_after_their_file_is_gone(tmp_path: Path, engine: str, file: Path) -> None:
    """An index opened again searches, highlights and suggests by the corrections it keeps."""
    made(tmp_path / "indice", engine, file).close()
    file.unlink()
    with searchlib.open(tmp_path / "indice") as index:
        results = index.search("telefonini")
        assert {hit.id for hit in results} == {"2", "3"}
        assert {hit.snippet("testo").markdown() for hit in results} == {
            "è stato un **telefonino**",
            "due **cellulari**",
        }
        assert [hit.id for hit in index.search("stati")] == ["1"]
        with index.writer() as writer:
            writer.add({"id": "4", "testo": "un cellulare"})
        assert index.count("telefonino") == 3
        assert index.verify() == ()
    assert searchlib.verify(tmp_path / "indice") == ()


def test_synonyms_go_by_them(tmp_path: Path, engine: str, file: Path) -> None:
    """A word has the synonyms of those merged with it, and a protected form none of its word's."""
    synonyms = searchlib.Synonyms.parse("telefonino -> generali\nstato -> cellulare")
    with made(tmp_path / "indice", engine, file) as index:
        found = {hit.id for hit in index.search("cellulare", synonyms=synonyms)}
        assert found == {"1", "2", "3"}
        assert [hit.id for hit in index.search("stati", synonyms=synonyms)] == ["1"]


def test_an_index_without_them_is_as_it_was(tmp_path: Path, engine: str) -> None:
    """Without corrections words that a lexicon keeps apart stay apart."""
    with made(tmp_path / "indice", engine, None) as index:
        assert [hit.id for hit in index.search("telefonini")] == ["2"]


def test_a_broken_file_leaves_everything_as_it_was(tmp_path: Path, engine: str, file: Path) -> None:
    """Neither a new index is made nor an old one replaced, and the line is named."""
    made(tmp_path / "indice", engine, None).close()
    file.write_text("protect: stati\nmerge: solo\n", encoding="utf-8")
    for place in (tmp_path / "indice", tmp_path / "nuovo"):
        with pytest.raises(WordFileError, match=r"nostre\.txt, line 2"):
            searchlib.create(place, SCHEMA, engine=engine, overwrite=True, corrections=file)
    assert not (tmp_path / "nuovo").exists()
    with searchlib.open(tmp_path / "indice") as index:
        assert len(index) == 3


@pytest.mark.parametrize(
    "broken", [[], {"protect": []}, {"protect": [1], "merge": {}}, {"protect": [], "merge": []}]
)
def test_damaged_corrections_are_a_damaged_index(
    tmp_path: Path, engine: str, broken: object
) -> None:
    """What index.json holds in their place and is none is refused, not passed over."""
    made(tmp_path / "indice", engine, Corrections.parse("protect: stati")).close()
    described = tmp_path / "indice" / "index.json"
    content = json.loads(described.read_text("utf-8"))
    described.write_text(json.dumps(content | {"corrections": broken}), encoding="utf-8")
    with pytest.raises(CorruptIndexError, match=r"index\.json"):
        searchlib.open(tmp_path / "indice")
