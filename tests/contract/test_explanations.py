"""What an explanation says of words: how those of the document are related to those typed."""

from __future__ import annotations

from pathlib import Path

import pytest

import searchlib
from searchlib.results import Explanation


def explained(
    engine: str, folder: Path, text: str, query: str, *, stored: bool = True
) -> Explanation:
    """Explains the only document of an index."""
    schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text(stored=stored))
    with searchlib.create(folder, schema, engine=engine) as index:
        with index.writer() as writer:
            writer.add({"id": "1", "testo": text})
        (hit,) = index.search(query)
        assert str(index.explain(query, "1")) == str(hit.explain())
        return hit.explain()


@pytest.mark.parametrize(
    ("text", "query", "relation"),
    [
        ("Ieri andai al mare.", "andare", "andare in testo (andai: a form of andare): idf"),
        ("Vorrei andare al mare.", "andai", "andai in testo (andai: a form of andare): idf"),
        ("Andremo al mare.", "andai", "andai in testo (andremo and andai: forms of andare): idf"),
        ("Un pero in fiore.", "però", "però in testo: idf"),
        ("La citta' vecchia", "citta", "citta in testo (città: another spelling of citta): idf"),
        ("Tanti droni", "drone", "drone in testo (droni: of one stem with drone): idf"),
        ("Il gatto dorme.", "gatto", "gatto in testo: idf"),
    ],
)
def test_forms_are_told_apart_from_their_word(
    engine: str, tmp_path: Path, text: str, query: str, relation: str
) -> None:
    """A form other than the one typed is named with its word, and the one typed is not."""
    assert relation in str(explained(engine, tmp_path / "index", text, query))


def test_kin_in_the_document_are_told(engine: str, tmp_path: Path) -> None:
    """Of akin words those that the document has are named, with the word that they are akin to."""
    text = "Disobbedienti o no, la disobbedienza dei figli"
    found = explained(engine, tmp_path / "index", text, "disobbedire figli")
    kin = [part.text for part in found.parts if part.text.startswith("words and their kin")]
    assert kin == ["words and their kin in testo (disobbedienza: akin to disobbedire)"]


def test_only_the_first_forms_are_told(engine: str, tmp_path: Path) -> None:
    """Of many forms the four that stand first are named."""
    text = "vado vai va andiamo andate vanno"
    found = str(explained(engine, tmp_path / "index", text, "andare"))
    assert "andiamo: a form of andare)" in found
    assert "andate" not in found


def test_a_text_that_is_not_stored_tells_nothing(engine: str, tmp_path: Path) -> None:
    """Without the text the numbers remain."""
    found = explained(engine, tmp_path / "index", "Andai al mare", "andare", stored=False)
    assert "andare in testo: idf" in str(found)
