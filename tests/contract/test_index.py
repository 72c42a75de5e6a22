"""Opening, writing and looking after an index, on every engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import searchlib
from searchlib import query

Index = searchlib.Index

NO_PATH: Any = 5


@searchlib.document
class Ricetta:
    """A document class of the tests."""

    id: str = searchlib.key()
    titolo: str = searchlib.text(weight=2.0)
    porzioni: int | None = searchlib.integer(optional=True, default=None)


def test_a_class_gives_its_instances_back(make: Any) -> None:
    """An index made with a document class takes and gives instances."""
    index = make(
        [Ricetta("1", "Lasagne"), {"id": "2", "titolo": "Gnocchi", "porzioni": 4}], schema=Ricetta
    )
    assert index.search("lasagna")[0].document == Ricetta("1", "Lasagne")
    assert index.get("2") == Ricetta("2", "Gnocchi", 4)
    again = searchlib.open(index.path, Ricetta)
    assert again.search("gnocco")[0].document == Ricetta("2", "Gnocchi", 4)
    assert searchlib.open(index.path).get("1") == {"id": "1", "titolo": "Lasagne"}


def test_a_class_of_other_fields_is_refused(notizie: Index) -> None:
    """Opening with a class whose fields differ says so."""
    with pytest.raises(searchlib.SchemaError):
        searchlib.open(notizie.path, Ricetta)


def test_nothing_is_visible_before_the_commit_nor_after_an_exception(notizie: Index) -> None:
    """A with block commits at its end, and not at all after an exception."""
    with notizie.writer() as writer:
        writer.add({"id": "nuovo", "testo": "gelato"})
        assert notizie.count("gelato") == 0
    assert notizie.count("gelato") == 1
    with pytest.raises(ZeroDivisionError), notizie.writer() as writer:
        writer.add({"id": "altro", "testo": "gelato"})
        raise ZeroDivisionError
    assert notizie.count("gelato") == 1


def test_adding_a_known_key_replaces_the_document(notizie: Index) -> None:
    """The same key twice, in one commit or in two, leaves the last."""
    with notizie.writer() as writer:
        writer.add({"id": "droni", "testo": "prima"})
        writer.add({"id": "droni", "testo": "dopo"})
    assert notizie.get("droni") == {"id": "droni", "testo": "dopo"}
    assert (notizie.count("prima"), notizie.count("dopo"), notizie.count("iraniani")) == (0, 1, 0)
    assert len(notizie) == 5


def test_delete_by_key_and_by_query(notizie: Index) -> None:
    """Deletions tell what they did, and reach what is not yet committed."""
    with notizie.writer() as writer:
        assert writer.delete("vuoto")
        assert not writer.delete("vuoto")
        assert not writer.delete("mai visto")
        writer.add({"id": "a", "testo": "gelato al limone"})
        writer.add({"id": "b", "testo": "gelataio"})
        assert writer.delete_by_query("gelat* OR fonte:AP") == 4
        writer.add({"id": "c", "testo": "gelato"})
    assert {hit.id for hit in notizie.search("*")} == {"consiglio", "lasagne", "c"}
    with pytest.raises(searchlib.QueryError), notizie.writer() as writer:
        writer.delete_by_query('"gelato')
    assert notizie.count("gelato") == 1


def test_rollback_forgets_and_the_writer_goes_on(notizie: Index) -> None:
    """After a rollback the writer is as new."""
    with notizie.writer() as writer:
        writer.add({"id": "x", "testo": "gelato"})
        writer.delete("droni")
        writer.rollback()
        writer.add({"id": "y", "testo": "granita"})
    assert notizie.count("gelato") == 0
    assert notizie.count("granita iraniani") == 2


def test_a_wrong_document_is_refused_alone(notizie: Index) -> None:
    """The others of its batch are kept, and the error names field, expected and found."""
    with notizie.writer() as writer:
        batch = writer.add_many(
            [
                {"id": "1", "testo": "primo"},
                {"id": "2", "anno": "duemila"},
                {"id": "3", "tessto": "x"},
                {"testo": "senza chiave"},
                ["non", "un", "documento"],
                {"id": "4", "testo": "\ud800"},
                {"id": "5", "testo": "quinto"},
            ]
        )
    assert batch.added == 2
    assert [error.field for error in batch.refused] == ["anno", "tessto", "id", None, "testo"]
    assert notizie.count("primo quinto") == 2


def test_an_overlong_token_is_left_out_and_counted(notizie: Index) -> None:
    """A token over 1 KiB does not stop its document."""
    with notizie.writer() as writer:
        writer.add({"id": "lungo", "testo": "prima " + "a" * 5000 + " dopo"})
        report = writer.commit()
    assert report.overlong_tokens == 1
    assert notizie.count('"prima dopo"') == 0
    assert notizie.count("prima") == 1
    assert notizie.search("id:lungo")[0]["testo"].endswith("dopo")


def test_a_reader_sees_another_commit_only_after_refresh(notizie: Index) -> None:
    """A second handle keeps its snapshot until it is refreshed."""
    other = searchlib.open(notizie.path)
    with notizie.writer() as writer:
        writer.add({"id": "g", "testo": "gelato"})
    assert other.count("gelato") == 0
    assert other.refresh()
    assert other.count("gelato") == 1
    assert not other.refresh()


def test_results_stay_readable_while_others_write(notizie: Index) -> None:
    """A hit loads its document and snippet from the snapshot that it came from."""
    hits = notizie.search("iraniani tecnici")
    with notizie.writer() as writer:
        writer.add({"id": "droni", "testo": "tutto cambiato"})
    notizie.optimize()
    assert hits[0]["titolo"] == "Droni iraniani a Mosca"
    assert hits[0].snippet("titolo").marks


def test_one_writer_at_a_time(notizie: Index) -> None:
    """A second writer waits, then says who holds the index; closing frees it."""
    first = notizie.writer()
    with pytest.raises(searchlib.IndexLockedError) as caught:
        searchlib.open(notizie.path).writer(timeout_s=0.05)
    assert caught.value.path == notizie.path
    assert caught.value.holder is not None
    assert caught.value.waited_s >= 0.05
    first.close()
    searchlib.open(notizie.path).writer(timeout_s=0).close()
    with pytest.raises(searchlib.ArgumentError):
        notizie.writer(timeout_s=-1)


def test_a_closed_handle_refuses_work(notizie: Index) -> None:
    """Closed means closed, with a clear error."""
    writer = notizie.writer()
    writer.close()
    writer.close()
    with pytest.raises(searchlib.ClosedError):
        writer.add({"id": "x"})
    with pytest.raises(searchlib.ClosedError):
        writer.commit()
    notizie.close()
    with pytest.raises(searchlib.ClosedError):
        notizie.search("missili")
    assert "closed" in repr(notizie)


def test_optimize_changes_no_answer(notizie: Index) -> None:
    """Merging drops deleted documents and nothing else."""
    for number in range(4):
        with notizie.writer() as writer:
            writer.add({"id": f"n{number}", "testo": "missili e pane " * (number + 1)})
            writer.delete("vuoto")
    before = [hit.id for hit in notizie.search("missili pane", limit=50)]
    notizie.optimize()
    stats = notizie.stats()
    assert [hit.id for hit in notizie.search("missili pane", limit=50)] == before
    assert (stats.documents, stats.deleted, stats.segments) == (8, 0, 1)
    assert notizie.verify() == ()


def test_stats_count_what_is_there(notizie: Index) -> None:
    """Statistics are of the snapshot."""
    stats = notizie.stats()
    assert stats.documents == len(notizie) == 5
    assert stats.size_bytes > 0
    assert stats.fields["titolo"].tokens == 4 + 4 + 3 + 3
    assert "missili" in notizie
    assert "nessuno" not in notizie


def test_create_and_open_say_what_is_wrong(engine: str, tmp_path: Path) -> None:
    """Each wrong folder gets its own error."""
    schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
    with pytest.raises(searchlib.IndexNotFoundError):
        searchlib.open(tmp_path / "manca")
    with pytest.raises(searchlib.IndexNotFoundError):
        searchlib.open(tmp_path)
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(searchlib.IndexNotFoundError):
        searchlib.open(file)
    with pytest.raises(searchlib.IndexExistsError):
        searchlib.create(file, schema, engine=engine)
    with pytest.raises(searchlib.IndexExistsError):
        searchlib.create(tmp_path, schema, engine=engine, overwrite=True)
    assert file.read_text() == "x"
    index = searchlib.create(tmp_path / "a" / "b", schema, engine=engine)
    with index.writer() as writer:
        writer.add({"id": "1", "testo": "uno"})
    with pytest.raises(searchlib.IndexExistsError):
        searchlib.create(index.path, schema, engine=engine)
    assert len(searchlib.open(index.path)) == 1
    assert len(searchlib.create(index.path, schema, engine=engine, overwrite=True)) == 0


def test_overwriting_an_index_in_use_is_refused(notizie: Index, engine: str) -> None:
    """create(overwrite=True) respects the writer of the old index."""
    with notizie.writer(), pytest.raises(searchlib.IndexLockedError):
        searchlib.create(notizie.path, Ricetta, engine=engine, overwrite=True)
    assert len(searchlib.open(notizie.path)) == 5


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"format": 99}, searchlib.FormatTooNewError),
        ({"format": "uno"}, searchlib.CorruptIndexError),
        ({"analyzer": "altro"}, searchlib.AnalyzerMismatchError),
        ({"schema": {"id": {"kind": "boh"}}}, searchlib.CorruptIndexError),
        ({"schema": 3}, searchlib.CorruptIndexError),
        ({"engine": "boh"}, searchlib.EngineUnavailableError),
        ({"engine": 3}, searchlib.CorruptIndexError),
    ],
)
def test_a_descriptor_that_is_not_ours_is_told_apart(
    notizie: Index, change: dict[str, Any], error: type[Exception]
) -> None:
    """A newer format, another analyser, a damaged descriptor: each its own error."""
    file = notizie.path / "index.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(error):
        searchlib.open(notizie.path)


def test_a_truncated_descriptor_is_corrupt_for_open_and_verify(notizie: Index) -> None:
    """verify() works where open() refuses."""
    file = notizie.path / "index.json"
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(searchlib.CorruptIndexError):
        searchlib.open(notizie.path)
    assert searchlib.verify(notizie.path)[0].path == file


def test_an_engine_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Asking for an unknown engine lists the known ones."""
    schema = searchlib.Schema(id=searchlib.key())
    with pytest.raises(searchlib.EngineUnavailableError) as caught:
        searchlib.create(tmp_path / "x", schema, engine="lucene")
    assert "whoosh" in caught.value.available


def test_suggest_completes_with_forms_that_are_there(notizie: Index) -> None:
    """Completions are real words, never stems, and lead to hits with the words before them."""
    assert notizie.suggest("nordc") == ["nordcoreani"]
    assert notizie.suggest("citt") == ["città"]
    assert notizie.suggest("missili nordc") == ["missili nordcoreani"]
    assert notizie.suggest("lasagne nordc") == []
    assert notizie.suggest("") == []
    assert len(notizie.suggest("m", limit=2)) == 2
    with notizie.writer() as writer:
        writer.delete("missili")
    assert notizie.suggest("nordc") == []


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("dell'univ", ["dell'università"]),
        ("dell’univ", ["dell’università"]),
        ("titolo:cons", ["titolo:consiglio"]),
        ("testo:(città univ", ["testo:(città università"]),
        ('"missili nordc', ['"missili nordcoreani']),
        ("missili\tnordc", ["missili\tnordcoreani"]),
        ("missili  +nordc", ["missili  +nordcoreani"]),
        ("missili -amic", ["missili -amici"]),
        ("titolo:nordc", []),
        ("missili ", []),
        ("missili -", []),
        ('"missili"', []),
    ],
)
def test_suggest_keeps_what_was_typed_before_the_last_word(
    notizie: Index, typed: str, completed: list[str]
) -> None:
    """Articles, fields, quotes, signs and white space stay; after the word's end there is none."""
    assert notizie.suggest(typed) == completed


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("misili nordcoreani", "missili nordcoreani"),
        ('"misili nordcoreani"~2 città', '"missili nordcoreani"~2 città'),
        ("=misili", "=missili"),
        ('="misili nordcoreani"^2', '="missili nordcoreani"^2'),
        ("missili -dronni", "missili -droni"),
        ("titolo:(misili lasagnne)", "titolo:(missili lasagne)"),
        ("titolo:nordcoreni", None),
        ("fonte:APP", None),
        ("misili [ TO [", "missili [ TO ["),
        ("misili NON", "missili NON"),
        ("Consilio comunale", "Consiglio comunale"),
        ("problemmi tecnici", "problemi tecnici"),
        ("missili nordcoreani", None),
        ("zzzzzzzz", None),
        ("", None),
    ],
)
def test_correct_mends_unknown_words_only(notizie: Index, typed: str, mended: str | None) -> None:
    """Did-you-mean proposes forms of the index, keeps the rest and the case."""
    assert notizie.correct(typed) == mended


def test_a_correction_finds_something_in_the_mode_asked(notizie: Index) -> None:
    """What mends one word and leaves another unknown helps with "any", not with "all"."""
    assert notizie.correct("misili zzzzzzzz") == "missili zzzzzzzz"
    assert notizie.correct("misili zzzzzzzz", mode="all") is None


def test_similar_finds_documents_of_the_same_words(make: Any) -> None:
    """More like this leaves the document itself out."""
    index = make(
        [
            {"id": "1", "testo": "missili e droni per la guerra"},
            {"id": "2", "testo": "droni in guerra, ancora droni"},
            {"id": "3", "testo": "pane, burro e marmellata per la colazione"},
        ]
    )
    assert [hit.id for hit in index.similar("1")] == ["2"]
    assert index.similar("1").total == 1
    with pytest.raises(searchlib.ArgumentError):
        index.similar("4")


def test_handles_show_what_they_are(notizie: Index) -> None:
    """Every handle has a repr that helps, and results render in notebooks."""
    results = notizie.search("missili <b>")
    assert "5 documents" in repr(notizie)
    assert "2 of 2" in repr(results)
    assert "missili" in repr(results[0])
    assert results[0].snippet("testo")._repr_html_().startswith("<p>")
    html = results._repr_html_()
    assert html.startswith("<p>2 documents for <b>missili &lt;b&gt;</b></p>")
    assert "<b>La Russia compra <mark>missili</mark></b>" in html
    assert "La Russia acquista <mark>missili</mark> nordcoreani." in html
    assert notizie._repr_html_() == (
        f"<p>Index <b>{notizie.path}</b>: 5 documents, engine {notizie.engine}</p>"
    )
    notizie.close()
    assert notizie._repr_html_() == f"<p>Index <b>{notizie.path}</b>, closed</p>"


@pytest.mark.parametrize("key", [None, 5, b"droni", ["droni"]])
def test_a_key_that_is_no_str_is_refused_wherever_one_is_taken(notizie: Index, key: Any) -> None:
    """Reading, likeness and deletion take a key as a str, and name the argument otherwise."""
    with notizie.writer() as writer:
        for call in (notizie.get, notizie.similar, writer.delete):
            with pytest.raises(searchlib.ArgumentError, match=r"^id: expected a str, found "):
                call(key)
    assert len(notizie) == 5


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("query", lambda index: index.search(5)),
        ("query", lambda index: index.correct(None)),
        ("prefix", lambda index: index.suggest(None)),
        ("deadline_s", lambda index: index.search("gatto", deadline_s="1")),
        ("deadline_s", lambda index: index.search("gatto", deadline_s=float("nan"))),
        ("sort", lambda index: index.search("gatto", sort=5)),
        ("sort", lambda index: index.search("gatto", sort=[None])),
        ("facets", lambda index: index.search("gatto", facets=None)),
        ("facets", lambda index: index.search("gatto", facets=[["fonte"]])),
        ("fields", lambda index: index.count("gatto", fields=5)),
        ("fields", lambda index: index.search("gatto", fields=[5])),
        ("mode", lambda index: index.search("gatto", mode=["any"])),
        ("ranking", lambda index: index.search("gatto", ranking=["bm25"])),
        ("limit", lambda index: index.search("gatto", limit=2**63)),
        ("offset", lambda index: index.search("gatto", offset=2**70)),
        ("memory_mb", lambda index: index.writer(memory_mb=2**60)),
        ("threads", lambda index: index.writer(threads=257)),
        ("timeout_s", lambda index: index.writer(timeout_s=None)),
        ("timeout_s", lambda index: index.writer(timeout_s="1")),
        ("max_chars", lambda index: index.search("*")[0].snippet("testo", max_chars="a")),
        ("field", lambda index: index.search("*")[0].snippet(["testo"])),
        ("path", lambda _: searchlib.create(NO_PATH, searchlib.Schema(id=searchlib.key()))),
        ("path", lambda _: searchlib.open(NO_PATH)),
        ("path", lambda _: searchlib.verify(NO_PATH)),
    ],
)
def test_an_argument_of_the_wrong_type_is_named(notizie: Index, argument: str, call: Any) -> None:
    """No raw TypeError or AttributeError: every call says which of its arguments is wrong."""
    with pytest.raises(searchlib.ArgumentError) as caught:
        call(notizie)
    assert caught.value.argument == argument


def test_what_is_no_collection_of_documents_is_refused(notizie: Index) -> None:
    """``add_many`` of one thing that is no iterable is the caller's mistake, not the document's."""
    no_documents: Any = 5
    with notizie.writer() as writer, pytest.raises(searchlib.ArgumentError, match="documents"):
        writer.add_many(no_documents)


def test_a_commit_is_durable_though_its_index_was_closed_meanwhile(notizie: Index) -> None:
    """A writer outlives the handle that it was made from: there is only nothing to refresh."""
    writer = notizie.writer()
    writer.add({"id": "nuovo", "testo": "gelato"})
    notizie.close()
    report = writer.commit()
    writer.close()
    assert report.added == 1
    assert searchlib.open(notizie.path).count("gelato") == 1
    with pytest.raises(searchlib.ClosedError):
        notizie.search("gelato")


def test_a_closed_index_verifies_nothing(notizie: Index) -> None:
    """``verify`` refuses work after ``close`` like every other method."""
    notizie.close()
    with pytest.raises(searchlib.ClosedError):
        notizie.verify()


def test_a_writer_keeps_the_report_of_its_last_commit(notizie: Index) -> None:
    """After a with block, which gives no report back, the writer still has it."""
    with notizie.writer() as writer:
        assert writer.report is None
        writer.add({"id": "lungo", "testo": "breve " + "x" * 5000})
    assert writer.report is not None
    assert writer.report.added == 1
    assert writer.report.overlong_tokens == 1


def test_a_message_shows_the_beginning_of_a_long_value(notizie: Index) -> None:
    """A key of ten thousand characters is named by its first ones; the attribute has it whole."""
    long = "x" * 10_000
    with notizie.writer() as writer, pytest.raises(searchlib.DocumentError) as document:
        writer.add({"id": long})
    assert document.value.key == long
    with pytest.raises(searchlib.ArgumentError) as argument:
        notizie.similar(long)
    with pytest.raises(searchlib.ArgumentError) as name:
        notizie.search("gatto", sort=long)
    for error in (document, argument, name):
        assert "x" * 40 in str(error.value)
        assert len(str(error.value)) < 300


def test_half_of_a_character_is_in_no_key_and_no_word(notizie: Index) -> None:
    """A lone surrogate, as undecoded input has it, finds nothing, and no call fails by it."""
    lone = "\ud800"
    assert notizie.get(lone) is None
    for tree in (query.Word(lone), query.Wildcard(f"a{lone}*"), query.Regex(f"a{lone}")):
        assert notizie.search(tree).total == 0
    for field in ("id", "fonte"):
        assert notizie.search(query.In(field, query.Word(lone))).total == 0
    with notizie.writer() as writer:
        assert not writer.delete(lone)
        writer.add({"id": "dopo"})
    assert len(notizie) == 6
