"""Files of many documents: which records become documents, and what is said of the others."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from searchlib.errors import ArgumentError, SourceError
from searchlib.sources import Document, Limits, Source, SourceKind, read
from searchlib.sources.values import STDIN


def source(kind: SourceKind = SourceKind.JSON_LINES) -> Source:
    """Standard input, so that no file is needed."""
    return Source(STDIN, "-", kind)


def items(
    data: bytes | str, kind: SourceKind = SourceKind.JSON_LINES, **options: Any
) -> list[Document | SourceError]:
    """What reading these bytes gives."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return list(read(source(kind), stdin=io.BytesIO(raw), **options))


def texts(found: list[Document | SourceError]) -> list[str]:
    """The texts of the documents, and the messages of the errors."""
    return [
        str(item.values["testo"]) if isinstance(item, Document) else str(item) for item in found
    ]


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")).filter(str.strip)


@given(st.lists(CELL, min_size=1, max_size=5), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_json_lines_give_their_texts_back(written: list[str], encoding: str) -> None:
    """Round trip of any text, as JSON escapes it or as it is, in any Unicode encoding."""
    for ensure_ascii in (True, False):
        lines = [json.dumps({"testo": text}, ensure_ascii=ensure_ascii) for text in written]
        assert texts(items("\n".join(lines).encode(encoding))) == written


@given(
    st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\r\n", "\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_csv_gives_its_texts_back(
    rows: list[tuple[str, str]], delimiter: str, line_end: str, encoding: str
) -> None:
    """Round trip of any cell, line ends and quotes in it too, with any of the four delimiters."""
    file = io.StringIO()
    quoting: Literal[0, 1] = (
        csv.QUOTE_ALL if line_end == "\n" else csv.QUOTE_MINIMAL
    )  # which leaves \r bare
    writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writerows([("titolo", "testo"), *rows])
    found = items(file.getvalue().encode(encoding), SourceKind.CSV)
    documents = [item.values for item in found if isinstance(item, Document)]
    assert [(values["titolo"], values["testo"]) for values in documents] == [
        (title.strip(), text) for title, text in rows
    ]


@given(
    st.binary(max_size=300) | st.text(st.sampled_from('{}[]",:;\n\r\\u testoid1'), max_size=80),
    st.sampled_from([SourceKind.JSON_LINES, SourceKind.CSV]),
    st.sampled_from([b"", b'{"testo": "uno"}\n', b"testo,id\nuno,1\n"]),
)
@example(b"[" * 100_000, SourceKind.JSON_LINES, b"")
@example(b'{"testo": "a", "id": ' + b"9" * 5000 + b"}", SourceKind.JSON_LINES, b"")
@example(b"\xff\xfe\x00\xd8", SourceKind.JSON_LINES, b"")
@example(b'"a', SourceKind.CSV, b"testo\n")
def test_any_bytes_are_documents_and_source_errors(
    data: bytes | str, kind: SourceKind, before: bytes
) -> None:
    """Never an exception, and never nothing: an empty file is an error too."""
    found = items(before + (data.encode() if isinstance(data, str) else data), kind)
    assert found
    assert all(isinstance(item, Document | SourceError) for item in found)


def test_a_record_becomes_a_document() -> None:
    """Italian names of columns, English ones, a whole number as the key."""
    expected = {
        "id": "7",
        "titolo": "Il grano",
        "testo": "Sale ancora.",
        "fonte": "La Voce",
        "data": date(2022, 7, 21),
        "percorso": "-",
    }
    record = {"id": 7, "titolo": "Il grano", "testo": "Sale ancora.", "fonte": "La Voce"}
    (italian,) = items(json.dumps(record | {"data": "2022-07-21", "luogo": "Foggia"}))
    assert isinstance(italian, Document)
    assert italian.values == expected
    assert italian.ignored == ("luogo",)
    (english,) = items("ID;Title;BODY;source;Date\n7;Il grano;Sale ancora.;La Voce;21/7/2022\n",
                       SourceKind.CSV)  # fmt: skip
    assert isinstance(english, Document)
    assert english.values == expected
    assert english.ignored == ()


def test_a_record_of_a_file_is_named_by_file_and_key_or_line(tmp_path: Path) -> None:
    """So that two files may use the same keys; the folder is the source where none is given."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "x", "testo": "uno"}\n\n{"testo": "due"}\n', "utf-8")
    found = list(read(Source(path, "note/a.jsonl", SourceKind.JSON_LINES)))
    assert [item.values["id"] for item in found if isinstance(item, Document)] == [
        "note/a.jsonl#x",
        "note/a.jsonl#3",
    ]
    assert [item.values["fonte"] for item in found if isinstance(item, Document)] == ["note"] * 2


def test_a_record_without_a_title_has_its_first_line() -> None:
    """As a text file has."""
    (found,) = items(json.dumps({"testo": "Avviso\nL'acqua manca."}))
    assert isinstance(found, Document)
    assert found.values["titolo"] == "Avviso"


def test_columns_of_other_names_can_be_given() -> None:
    """A given name wins over the known ones, which still serve where it is absent."""
    lines = '{"corpo": "uno", "testo": "no"}\n{"testo": "due"}'
    assert texts(items(lines, columns={"testo": "corpo"})) == ["uno", "due"]
    with pytest.raises(ArgumentError, match="one of id, titolo, testo, fonte, data, found 'peso'"):
        items(lines, columns={"peso": "kg"})


def test_of_two_columns_for_a_field_the_better_name_wins() -> None:
    """And the other one is told to be ignored."""
    (found,) = items('{"text": "inglese", "testo": "italiano"}')
    assert isinstance(found, Document)
    assert (found.values["testo"], found.ignored) == ("italiano", ("text",))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "not JSON: Expecting property name enclosed in double quotes at character 2"),
        ("[1]", "expected a JSON object, found a list"),
        ("3", "expected a JSON object, found a number"),
        ('{"titolo": "a"}', "no text: expected a 'testo' that is not empty"),
        ('{"testo": " "}', "no text: expected a 'testo' that is not empty"),
        ('{"testo": 3}', "testo: expected a string, found a number"),
        ('{"testo": "a", "titolo": ["b"]}', "titolo: expected a string, found a list"),
        ('{"testo": "a", "id": 1.5}', "id: expected a string or a whole number, found a number"),
        ('{"testo": "a", "id": true}', "id: expected a string or a whole number, found true or"),
        ('{"testo": "a", "data": "ieri"}', "data: expected 2022-09-06 or 6/9/2022, found 'ieri'"),
        ('{"testo": "a", "data": "31/2/2022"}', "data: no such day, '31/2/2022'"),
        ("[" * 200_000, "not JSON that can be read"),
    ],
)
def test_a_wrong_record_is_refused_alone_with_its_line(line: str, problem: str) -> None:
    """The ones before and after it are read."""
    before, error, after = items(f'{{"testo": "prima"}}\n{line}\n{{"testo": "dopo"}}')
    assert isinstance(error, SourceError)
    assert error.line == 2
    assert error.problem.startswith(problem)
    assert texts([before, after]) == ["prima", "dopo"]


def test_a_byte_outside_the_encoding_spoils_its_line_only() -> None:
    """A file of UTF-8 with one line pasted from elsewhere."""
    good = '{"testo": "però"}\n'.encode()
    lines = good * 5000 + '{"testo": "perché"}\n'.encode("cp1252") + good
    found = items(lines)
    errors = [item for item in found if isinstance(item, SourceError)]
    assert [error.line for error in errors] == [5001]
    assert "byte 0xE9 at character 17 is not in the encoding" in errors[0].problem
    assert len(found) == 5002


def test_an_old_encoding_is_told_or_named() -> None:
    """Records are decoded as prose is."""
    lines = '{"testo": "perché la città è così"}\n'.encode("mac_roman")
    assert texts(items(lines)) == ["perché la città è così"]
    assert texts(items('{"testo": "ľ"}'.encode("cp1250"), encoding="cp1250")) == ["ľ"]
    with pytest.raises(ArgumentError, match="a known text encoding, found 'marziano'"):
        items(lines, encoding="marziano")


def test_binary_input_is_an_encoding_error() -> None:
    """One error for the whole, not one per line."""
    assert [str(error)[:35] for error in items(b"\x1f\x8b\0\0\n\0\n")] == [
        "-: its encoding cannot be told (NUL"
    ]


def test_an_empty_file_is_an_error() -> None:
    """Someone expects documents in it."""
    assert texts(items("")) == ["-: no documents in it"]
    assert texts(items("\n\n")) == ["-: no documents in it"]
    assert texts(items("testo\n", SourceKind.CSV)) == ["-: no documents in it"]


@pytest.mark.parametrize("header", ["", "a,b", '"testo', "nome;cognome"])
def test_a_csv_without_a_column_of_text_is_refused(header: str) -> None:
    """The message lists the names that would do, and what was found."""
    (error,) = items(f"{header}\nuno,due\n", SourceKind.CSV)
    assert isinstance(error, SourceError)
    assert error.line == 1
    assert error.problem.startswith("expected a header with a column testo or text or body")


def test_a_row_of_another_length_is_refused_with_the_line_where_it_begins() -> None:
    """Rows may span lines: the number is that of the first."""
    found = items('id,testo\n1,"due\nrighe"\n2\n3,a,b\n4,sì\n', SourceKind.CSV)
    assert texts(found) == [
        "due\nrighe",
        "-, line 4: expected 2 columns as in the header, found 1",
        "-, line 5: expected 2 columns as in the header, found 3",
        "sì",
    ]


def test_quotes_that_do_not_close_are_an_error_of_their_row() -> None:
    """Not a silent last field that holds the rest of the file."""
    found = items('testo\nuno\n"due\ntre\n', SourceKind.CSV)
    assert texts(found) == ["uno", "-, line 3: not CSV: unexpected end of data"]


def test_empty_cells_are_absent() -> None:
    """An optional field may be empty in a row."""
    (found,) = items("testo,data,fonte\nuno,,\n", SourceKind.CSV)
    assert isinstance(found, Document)
    assert set(found.values) == {"id", "titolo", "testo", "percorso"}


def test_lines_and_fields_have_a_limit() -> None:
    """A file without line ends fills no memory; what came before it is kept."""
    limits = Limits(line_chars=40)
    lines = '{"testo": "uno"}\n{"testo": "' + "a" * 100 + '"}\n'
    problem = "-, line 2: a line of more than 40 characters; the rest is not read"
    assert texts(items(lines, limits=limits)) == ["uno", problem]
    rows = 'testo\nuno\n"' + "\n".join(["due"] * 30) + '"\ntre\n'
    assert texts(items(rows, SourceKind.CSV, limits=limits)) == [
        "uno",
        "-, line 3: not CSV: field larger than field limit (40); the rest is not read",
    ]


def test_the_limit_of_csv_fields_is_left_as_it_was() -> None:
    """It belongs to the whole process; texts over its usual 131,072 characters are read."""
    before = csv.field_size_limit()
    (found,) = items("testo\n" + "a" * 200_000 + "\n", SourceKind.CSV)
    assert isinstance(found, Document)
    assert csv.field_size_limit() == before


def test_the_number_of_lines_has_a_limit() -> None:
    """What is over it is told, not dropped."""
    found = items('{"testo": "a"}\n' * 5, limits=Limits(lines=3))
    assert texts(found) == [
        "a",
        "a",
        "a",
        "-, line 4: more than 3 lines; the rest is not read: split the file",
    ]


def test_standard_input_stays_open() -> None:
    """It belongs to the caller."""
    stream = io.BytesIO(b'{"testo": "a"}\n')
    list(read(source(), stdin=stream))
    assert not stream.closed


def test_consumed_bytes_grow_to_the_size_of_the_file(tmp_path: Path) -> None:
    """For a progress bar; reading is ahead of the documents by one block at most."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"testo": "a"}\n' * 20_000, "utf-8")
    found = list(read(Source(path, "a.jsonl", SourceKind.JSON_LINES)))
    consumed = [item.consumed_bytes for item in found if isinstance(item, Document)]
    assert consumed == sorted(consumed)
    assert consumed[0] < consumed[-1] == path.stat().st_size


def test_a_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """Between its discovery and its reading; of any kind."""
    for kind in SourceKind:
        (error,) = read(Source(tmp_path / "manca", "manca", kind))
        assert isinstance(error, SourceError)
        assert error.problem == "cannot be read: No such file or directory"


def test_a_document_over_the_limit_is_refused(tmp_path: Path) -> None:
    """Its size is in the message, and no more than that is read."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"a" * 101)
    limits = Limits(document_bytes=100)
    (error,) = read(Source(path, "a.txt", SourceKind.TEXT), limits=limits)
    assert isinstance(error, SourceError)
    assert error.problem == "expected at most 100 bytes, found more; split it"
    (whole,) = read(Source(path, "a.txt", SourceKind.TEXT), limits=Limits(document_bytes=101))
    assert isinstance(whole, Document)
