"""``searchlib index``: what goes in, what is refused, and what an interruption leaves."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import searchlib
from searchlib.sources import DOCUMENTS

PROJECT = Path(__file__).parents[2]

Run = Callable[..., Result]
Start = Callable[..., subprocess.Popen[str]]


def keys(path: str = "indice") -> list[str]:
    """The keys of the documents of an index, sorted."""
    with searchlib.open(path) as index:
        return sorted(hit.id for hit in index.search("*", limit=1000))


def test_a_folder_is_indexed_and_summed_up(folder: Path, run: Run) -> None:
    """Every document goes in; the summary counts documents, files, skipped ones and columns."""
    result = run("index", "seeds", "--into", "indice")
    assert result.exit_code == 0
    assert result.stderr == ""
    skipped, summary, ignored = result.stdout.splitlines()
    assert skipped == "skipped 1 file: 1 README"
    assert summary.startswith("indice: 5 documents added, from 4 files with 0.0 MB of text, in ")
    assert ignored == "columns that are no field, left out: luogo"
    assert keys() == [
        "seeds/avviso.html",
        "seeds/missili.txt",
        "seeds/notizie.jsonl#1",
        "seeds/notizie.jsonl#2",
        "seeds/pane.md",
    ]


def test_indexing_again_replaces(folder: Path, run: Run) -> None:
    """The same files twice leave one document each, in its newer text."""
    run("index", "seeds", "--into", "indice")
    Path("seeds/pane.md").write_text("# Focaccia", "utf-8")
    Path("seeds/nuovo.txt").write_text("Una lettera", "utf-8")
    result = run("index", str(folder / "seeds"), "--into", "indice")
    assert "indice: 1 document added, 5 replaced, from 5 files" in result.stdout
    assert len(keys()) == 6
    with searchlib.open("indice") as index:
        assert index.get("seeds/pane.md")["titolo"] == "Focaccia"


def test_what_cannot_be_read_is_refused_and_the_rest_goes_in(folder: Path, run: Run) -> None:
    """Each refusal is a line with its reason on standard error; the exit code is still 0."""
    Path("seeds/foto.txt").write_bytes(b"\x89PNG\0\0")
    Path("seeds/rotto.jsonl").write_text('{"testo": "sì"}\n{"testo": 3}\n', "utf-8")
    result = run("index", "seeds", "manca.txt", "--into", "indice")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "refused manca.txt: no such file or folder",
        "refused seeds/foto.txt: its encoding cannot be told (NUL bytes, as in binary files and "
        "unmarked UTF-16); convert it to UTF-8",
        "refused seeds/rotto.jsonl, line 2: testo: expected a string, found a number",
    ]
    assert "6 documents added" in result.stdout


def test_a_document_that_the_schema_refuses_is_refused_alone(folder: Path, run: Run) -> None:
    """JSON can hold what text cannot: half of a surrogate pair."""
    lines = '{"id": "a", "titolo": "a", "testo": "\\ud800"}\n{"id": "b", "testo": "sì"}\n'
    result = run("index", "-", "--into", "indice", stdin=lines)
    assert result.exit_code == 0
    assert "refused document 'a', field 'testo'" in result.stderr
    assert keys() == ["b"]


def test_many_refusals_are_counted(folder: Path, run: Run) -> None:
    """Twenty are shown."""
    result = run("index", "-", "--into", "indice", stdin='{"testo": "a"}\n' + "{\n" * 30)
    lines = result.stderr.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "refused 10 more"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["vuota"], "there are none to read"),
        (["manca"], "all 1 refused"),
        (["vuota/foto.pdf", "-"], "all 2 refused"),
    ],
)
def test_where_nothing_can_be_read_no_index_is_made(
    folder: Path, run: Run, arguments: list[str], reason: str
) -> None:
    """The exit code is 3, and there is no folder that looks like an index."""
    Path("vuota").mkdir()
    if "-" in arguments:
        Path("vuota/foto.pdf").touch()
    result = run("index", *arguments, "--into", "indice", stdin="")
    assert result.exit_code == 3
    assert result.stderr.splitlines()[-1] == f"searchlib: no documents for indice: {reason}"
    assert sorted(path.name for path in folder.iterdir()) == ["seeds", "vuota"]


def test_overwriting_replaces_the_whole_index(folder: Path, run: Run) -> None:
    """Nothing of the old one is left; without a document to put there, all of it is."""
    run("index", "seeds", "--into", "indice")
    assert run("index", "seeds/pane.md", "--into", "indice", "--overwrite").exit_code == 0
    assert keys() == ["seeds/pane.md"]
    assert run("index", "manca", "--into", "indice", "--overwrite").exit_code == 3
    assert keys() == ["seeds/pane.md"]


def test_overwriting_spares_what_is_no_index(folder: Path, run: Run) -> None:
    """A folder of documents given by mistake is left as it is."""
    result = run("index", "seeds", "--into", "seeds", "--overwrite")
    assert result.exit_code == 3
    assert "found a folder with other files" in result.stderr
    assert Path("seeds/pane.md").exists()


def test_an_index_of_other_documents_is_not_added_to(folder: Path, run: Run) -> None:
    """The message says which fields it has, and what to do."""
    searchlib.create("indice", searchlib.Schema(codice=searchlib.key())).close()
    result = run("index", "seeds", "--into", "indice")
    assert result.exit_code == 3
    assert "indice holds documents with the fields codice; files give" in result.stderr


def test_another_engine_than_that_of_the_index_is_refused(folder: Path, run: Run) -> None:
    """An engine is chosen when an index is made."""
    run("index", "seeds", "--into", "indice", "--engine", "whoosh")
    result = run("index", "seeds", "--into", "indice", "--engine", "native")
    assert result.exit_code == 3
    assert "was made by the engine whoosh, not native" in result.stderr


def test_a_folder_is_restricted_by_a_pattern(folder: Path, run: Run) -> None:
    """What does not match is counted as skipped."""
    result = run("index", "seeds", "--glob", "*.md", "--into", "indice")
    assert "4 does not match --glob" not in result.stdout
    assert "3 does not match --glob" in result.stdout
    assert keys() == ["seeds/pane.md"]


def test_a_column_can_be_named(folder: Path, run: Run) -> None:
    """A csv whose text is in a column of another name."""
    Path("a.csv").write_text("id,articolo\n1,Il prezzo del grano\n", "utf-8")
    assert run("index", "a.csv", "--into", "indice", "--field", "testo=articolo").exit_code == 0
    assert keys() == ["a.csv#1"]


@pytest.mark.parametrize("value", ["testo", "peso=kg", "testo="])
def test_a_wrong_column_is_a_wrong_argument(folder: Path, run: Run, value: str) -> None:
    """The message lists the fields."""
    result = run("index", "seeds", "--into", "indice", "--field", value)
    assert result.exit_code == 2
    assert "FIELD=COLUMN" in result.stderr


def test_an_encoding_can_be_named(folder: Path, run: Run) -> None:
    """An unknown one is a wrong argument, and leaves no index."""
    Path("a.txt").write_bytes("ľudia".encode("cp1250"))
    assert run("index", "a.txt", "--into", "a", "--encoding", "marziano").exit_code == 2
    assert not Path("a").exists()
    assert run("index", "a.txt", "--into", "a", "--encoding", "cp1250").exit_code == 0
    with searchlib.open("a") as index:
        assert index.get("a.txt")["testo"] == "ľudia"


def test_a_locked_index_is_told_with_its_holder(folder: Path, run: Run) -> None:
    """The exit code is 5, for adding and for overwriting alike; the index stays."""
    run("index", "seeds/pane.md", "--into", "indice")
    with searchlib.open("indice") as index, index.writer():
        for more in ([], ["--overwrite"]):
            result = run("index", "seeds", "--into", "indice", "--wait", "0", *more)
            assert result.exit_code == 5
            assert result.stderr.startswith("searchlib: indice is being written by ")
    assert keys() == ["seeds/pane.md"]


def test_a_damaged_index_can_be_overwritten(folder: Path, run: Run) -> None:
    """Adding to it is refused with code 4."""
    run("index", "seeds", "--into", "indice")
    Path("indice/index.json").write_text("{", "utf-8")
    assert run("index", "seeds", "--into", "indice").exit_code == 4
    assert run("index", "seeds", "--into", "indice", "--overwrite").exit_code == 0
    assert len(keys()) == 5


def test_paths_that_could_drive_the_terminal_are_made_harmless(folder: Path, run: Run) -> None:
    """A file name may hold escape sequences."""
    result = run("index", "brutto\x1b]0;.txt", "--into", "indice")
    assert "\x1b" not in result.stderr
    assert "brutto ]0;.txt: no such file" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_is_shown_the_progress(folder: Path) -> None:
    """Documents, rate and time left while it goes on; the bar is gone at the end."""
    import pty

    terminal, end = pty.openpty()
    run = subprocess.run(
        [sys.executable, "-m", "searchlib", "index", str(folder / "seeds"), "--into", "indice"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT), "TERM": "xterm", "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=end,
        check=True,
    )
    os.close(end)
    shown = b""
    with contextlib.suppress(OSError):  # how Linux tells the end of a pseudo-terminal
        while block := os.read(terminal, 65536):
            shown += block
    os.close(terminal)
    assert b"5 documents" in shown
    assert b"5 documents added" in run.stdout


def endless(process: subprocess.Popen[str], *, lines: int) -> None:
    """Feeds that many records and leaves standard input open, so that the command waits."""
    assert process.stdin is not None
    for number in itertools.islice(itertools.count(), lines):
        process.stdin.write(json.dumps({"id": f"n{number}", "testo": "parola " * 300}) + "\n")
    process.stdin.flush()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send to one process")
@pytest.mark.parametrize("more", [[], ["--overwrite"]])
def test_an_interruption_leaves_the_index_as_it_was(
    folder: Path, run: Run, start: Start, more: list[str]
) -> None:
    """A real process, stopped while it indexes: the old commit is there whole, and unlocked."""
    run("index", "seeds", "--into", "indice")
    before = keys()
    process = start("index", "-", "--into", "indice", *more)
    endless(process, lines=300)  # far more than the pipe holds: the process is reading them
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "searchlib: interrupted; indice is as it was\n"
    assert keys() == before
    assert searchlib.verify("indice") == ()
    assert sorted(path.name for path in folder.iterdir()) == ["indice", "seeds"]
    with searchlib.open("indice") as index, index.writer(timeout_s=0) as writer:
        writer.add({"id": "z", "titolo": "", "testo": "", "percorso": ""})


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send to one process")
def test_an_interruption_of_the_first_indexing_leaves_nothing(folder: Path, start: Start) -> None:
    """An empty index would answer every query with nothing."""
    process = start("index", "-", "--into", "indice")
    endless(process, lines=300)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert sorted(path.name for path in folder.iterdir()) == ["seeds"]


def test_documents_in_the_index_fit_the_schema_of_files(folder: Path, run: Run) -> None:
    """An index made by the command can be opened and added to by a program."""
    run("index", "seeds", "--into", "indice")
    with searchlib.open("indice") as index:
        assert index.schema == DOCUMENTS
