"""``searchlib query``: what people and programs are given."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import searchlib

Run = Callable[..., Result]
Start = Callable[..., subprocess.Popen[str]]

PROJECT = Path(__file__).parents[2]

YELLOW = "\x1b[33m\x1b[1m"


@pytest.fixture(autouse=True)
def _indexed(folder: Path, run: Run) -> None:
    """The documents are in ``indexes/seeds``."""
    assert run("index", "seeds", "--into", "indexes/seeds").exit_code == 0


def test_a_hit_shows_number_title_score_place_and_passage(run: Run) -> None:
    """In plain text where the output is no terminal."""
    result = run("query", "missili", "nordcoreani")
    assert result.exit_code == 0
    assert result.stderr == ""
    first, about, passage, *_ = result.stdout.splitlines()
    assert first.startswith("1. I missili nordcoreani  ")
    assert float(first.split()[-1]) > 0
    assert about == "   seeds/missili.txt · seeds"
    assert passage.startswith("   ")
    assert "nordcoreani" in passage
    assert result.stdout.splitlines()[-1].startswith("1 document, ")
    assert "\x1b" not in result.stdout


def test_what_matched_is_in_colour(run: Run) -> None:
    """On a terminal, or with --color; the inflected forms too."""
    result = run("query", "missile", "--color", color=True)
    assert f"{YELLOW}missili\x1b[0m" in result.stdout
    assert "\x1b" not in run("query", "missile", "--no-color", color=True).stdout


def test_no_color_is_respected(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment variable turns colour off, the option turns it on again."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("query", "missile", color=True).stdout
    assert "\x1b" in run("query", "missile", "--color", color=True).stdout


def test_json_is_one_object_with_everything(run: Run) -> None:
    """Marks are spans of the snippet's text; its HTML is escaped; dates are ISO dates."""
    result = run("query", "prezzo", "--json", "--facet", "fonte", "--explain")
    (line,) = result.stdout.splitlines()
    found = json.loads(line)
    assert set(found) == {
        "query", "total", "took_s", "partial", "correction", "diagnostics", "facets", "hits",
    }  # fmt: skip
    assert (found["query"], found["total"], found["partial"]) == ("prezzo", 1, False)
    assert found["facets"] == {"fonte": [{"value": "La Voce", "count": 1}]}
    (hit,) = found["hits"]
    assert hit["fields"] == {
        "id": "seeds/notizie.jsonl#1",
        "titolo": "Il grano",
        "testo": "Sale il prezzo del grano.",
        "fonte": "La Voce",
        "data": "2022-07-21",
        "percorso": "seeds/notizie.jsonl",
    }
    snippet = hit["snippet"]
    (mark,) = snippet["marks"]
    assert snippet["text"][mark["start"] : mark["end"]] == "prezzo"
    assert mark["leaf"] == "prezzo"
    assert snippet["html"] == "Sale il <mark>prezzo</mark> del grano."
    assert hit["explanation"].startswith(f"{hit['score']:.4f}")


def test_nothing_found_is_exit_code_1_with_a_suggestion(run: Run) -> None:
    """A misspelt word is mended to one that finds something."""
    result = run("query", "misili")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "Did you mean: missili"
    found = json.loads(run("query", "misili", "--json").stdout)
    assert (found["total"], found["correction"], found["hits"]) == (0, "missili", [])


def test_pages_filters_order_and_mode(run: Run) -> None:
    """Each option is that of ``Index.search``."""

    def titles(*arguments: str) -> list[str]:
        found = json.loads(run("query", *arguments, "--json").stdout)
        return [hit["fields"]["titolo"] for hit in found["hits"]]

    assert (
        titles("fonte:(La Voce)", "--sort", "data")
        == titles("fonte:(La Voce)", "--sort=-data")[::-1]
    )
    assert titles("grano pesca", "--filter", "data:>=2023-01-01") == ["La pesca"]
    assert titles("acqua manca", "--mode", "all") == ["Avviso"]
    both = titles("acqua")
    assert len(both) == 2
    assert titles("acqua", "--limit", "1", "--offset", "1") == both[1:]


def test_the_number_of_hits_says_how_many_are_shown(run: Run) -> None:
    """Hits are numbered from the beginning, whatever the page."""
    lines = run("query", "acqua", "--limit", "1", "--offset", "1").stdout.splitlines()
    assert lines[0].startswith("2. ")
    assert lines[-1].startswith("1 of 2 documents, ")


def test_a_word_with_a_dash_is_part_of_the_query(run: Run) -> None:
    """A misspelt option is not."""
    found = json.loads(run("query", "acqua", "-farina", "--json").stdout)
    assert [hit["id"] for hit in found["hits"]] == ["seeds/avviso.html"]
    misspelt = run("query", "acqua", "--limti", "3")
    assert misspelt.exit_code == 2
    assert "No such option" in misspelt.stderr
    assert "--limit" in misspelt.stderr
    assert run("query", "acqua", "--", "--limti").exit_code == 0


def test_mistakes_in_a_query_are_told_and_strict_refuses_them(run: Run) -> None:
    """Lenient: hits, and the finding on standard error. Strict: exit code 2."""
    lenient = run("query", '"missili nordcoreani')
    assert lenient.exit_code == 0
    assert lenient.stderr.startswith("searchlib: characters 0 to 1: ")
    strict = run("query", '"missili nordcoreani', "--strict")
    assert strict.exit_code == 2
    assert strict.stdout == ""
    assert strict.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [["acqua", "--sort", "peso"], ["acqua", "--facet", "testo"], ["acqua", "--filter", "data:["]],
)
def test_wrong_fields_and_filters_are_wrong_arguments(run: Run, arguments: list[str]) -> None:
    """One line, exit code 2."""
    result = run("query", *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("searchlib: ")
    assert result.stderr.count("\n") == 1


def test_explanations_are_shown_below_each_hit(run: Run) -> None:
    """As the library explains it, line by line."""
    shown = [line.strip() for line in run("query", "prezzo", "--explain").stdout.splitlines()]
    with searchlib.open("indexes/seeds") as index:
        (hit,) = index.search("prezzo")
        explained = [line.strip() for line in str(hit.explain()).splitlines()]
    start = shown.index(explained[0])
    assert shown[start : start + len(explained)] == explained


def test_facets_are_counted_below_the_hits(run: Run) -> None:
    """Over all hits, not only those shown."""
    result = run("query", "grano barche", "--facet", "fonte", "--limit", "1")
    assert "fonte: La Voce 2" in result.stdout.splitlines()


def test_the_demo_is_made_when_it_is_not_there(folder: Path, run: Run) -> None:
    """From ``seeds``, and a line says so; the second time it is there."""
    (folder / "indexes/seeds").rename(folder / "altrove")
    first = run("query", "missili")
    assert first.exit_code == 0
    assert first.stderr.splitlines() == [
        "searchlib: making indexes/seeds from seeds/ ...",
        "searchlib: 5 documents indexed",
    ]
    assert run("query", "missili").stderr == ""


def test_the_demo_that_another_process_made_meanwhile_is_searched(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two first queries at once, the one that comes too late searches the other's index."""
    (folder / "indexes/seeds").rename(folder / "altrove")

    def come_too_late(*_: object) -> None:
        (folder / "altrove").rename(folder / "indexes/seeds")
        raise searchlib.IndexExistsError(Path("indexes/seeds"), "an index made meanwhile")

    monkeypatch.setattr("searchlib.cli.building.fill", come_too_late)
    assert run("query", "missili").exit_code == 0


def test_without_index_and_seeds_it_says_what_to_do(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 3, and no folder is made."""
    empty = tmp_path / "vuota"
    empty.mkdir()
    monkeypatch.chdir(empty)
    result = run("query", "missili")
    assert result.exit_code == 3
    assert "searchlib index PATH --into DIR" in result.stderr
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize(
    ("damage", "code"), [("missing", 3), ("damaged", 4), ("newer", 6), ("other analyser", 6)]
)
def test_an_index_that_cannot_be_opened_has_its_exit_code(
    folder: Path, run: Run, damage: str, code: int
) -> None:
    """One line on standard error says which index and why."""
    descriptor = folder / "indexes/seeds/index.json"
    described = json.loads(descriptor.read_text("utf-8"))
    if damage == "missing":
        descriptor.unlink()
    elif damage == "damaged":
        descriptor.write_bytes(b"\xff\xfe")
    else:
        change = {"format": 99} if damage == "newer" else {"analyzer": "altro"}
        descriptor.write_text(json.dumps(described | change), "utf-8")
    result = run("query", "missili", "--index", "indexes/seeds")
    assert result.exit_code == code
    assert result.stdout == ""
    assert result.stderr.startswith("searchlib: ")
    assert "indexes/seeds" in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_index_of_any_schema_is_shown(run: Run) -> None:
    """The heaviest text is the heading; where there is but one text or none, the key is."""
    schemas = {
        "due": searchlib.Schema(
            k=searchlib.key(), nota=searchlib.text(), nome=searchlib.text(weight=3.0)
        ),
        "tre": searchlib.Schema(
            k=searchlib.key(),
            coda=searchlib.text(),
            nota=searchlib.text(),
            nome=searchlib.text(weight=3.0),
        ),
        "uno": searchlib.Schema(k=searchlib.key(), nota=searchlib.text()),
        "zero": searchlib.Schema(k=searchlib.key(), nota=searchlib.keyword()),
    }
    for name, schema in schemas.items():
        with searchlib.create(name, schema) as index, index.writer() as writer:
            values = {"k": "chiave", "nota": "acqua", "nome": "Fontana", "coda": "fine"}
            writer.add({field: values[field] for field in schema})
    lines = {name: run("query", "acqua", "--index", name).stdout.splitlines() for name in schemas}
    assert lines["due"][0].startswith("1. Fontana ")
    assert lines["due"][1:3] == ["   chiave", "   acqua"]
    assert lines["tre"][1:3] == ["   chiave", "   acqua"]
    assert lines["uno"][0].startswith("1. chiave ")
    assert lines["uno"][1] == "   acqua"
    assert lines["zero"][0].startswith("1. chiave ")


def test_text_of_documents_cannot_drive_the_terminal(run: Run) -> None:
    """Escape sequences, C1 controls and marks of direction come out as spaces, also with colour."""
    hostile = "acqua \x1b]0;titolo\x07 \x9b2J \u202eabc\u2069"
    line = json.dumps({"id": "x\x1b[2J", "testo": hostile, "titolo": hostile, "fonte": hostile})
    assert run("index", "-", "--into", "ostile", stdin=line).exit_code == 0
    shown = run("query", "acqua", "--index", "ostile", "--color", color=True).stdout
    for unsafe in ("\x1b]", "\x1b[2J", "\x07", "\x9b", "\u202e", "\u2069"):
        assert unsafe not in shown
    as_json = run("query", "acqua", "--index", "ostile", "--json").stdout
    assert "\x9b" not in as_json
    assert "\u202e" not in as_json
    assert json.loads(as_json)["hits"][0]["fields"]["testo"] == hostile


def test_a_reader_that_stops_ends_the_command_quietly(start: Start) -> None:
    """As in ``searchlib query ... | head -1``: no traceback, exit code 141."""
    process = start("query", "acqua grano missili", "--explain")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=60) == 141


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes the output")
def test_a_closed_standard_output_is_no_fault(folder: Path) -> None:
    """``>&-`` leaves the program without standard output: it does its work and ends as always."""
    command = [sys.executable, "-m", "searchlib", "query", "missili"]
    ended = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *command],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONUTF8": "1"},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
