"""A whole run on a small collection, in its own processes, from the command line to the report."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from click.testing import CliRunner

import benchmarks
from benchmarks import worker
from benchmarks.__main__ import main
from benchmarks.corpora import generate, save
from benchmarks.engines import ENGINES, load_engine
from benchmarks.engines.base import Answer
from benchmarks.errors import EngineError, WorkerError
from benchmarks.queries import Query
from benchmarks.runs import Plan, Run, measure, read_run

_MODULES = [module.name for module in walk_packages(benchmarks.__path__, "benchmarks.")]


def _run(tmp_path: Path, *engines: str) -> Run:
    """The run of ``engines`` over 200 generated documents, ten queries of each type."""
    output = tmp_path / "prova.json"
    arguments = ["--documents", "200", "--queries", "10", "--repeat", "1", "--output", str(output)]
    report = tmp_path / "prova.md"
    arguments += ["--report", str(report)]
    arguments += [argument for name in engines for argument in ("--engine", name)]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert all(name in report.read_text(encoding="utf-8") for name in engines)
    return read_run(output)


def test_whole_run_of_plain_whoosh(tmp_path: Path) -> None:
    """Every query is timed and, but for dropped stop words, finds the document it was made from."""
    run = _run(tmp_path, "whoosh-plain", "whoosh-all-words")
    plain, all_words = run.engines
    texts = sum(len(one["titolo"].encode() + one["testo"].encode()) for one in generate(200))
    assert (run.collection.documents, run.collection.text_bytes) == (200, texts)
    for engine in run.engines:
        assert engine.version.startswith("whoosh-reloaded 2.")
        assert engine.build.disk_bytes > texts  # the stored text alone takes that much
        assert engine.build.seconds == min(engine.build.all_seconds) > 0
        assert len(engine.search.latencies_s) == len(run.queries) == 50
        assert min(engine.search.latencies_s) > 0
    for query, total, fewer in zip(
        run.queries, all_words.search.totals, plain.search.totals, strict=True
    ):
        if query.type != "prefix":  # the prefix of a word may be longer than its stem
            assert total > 0, query
        if query.type == "term":
            assert fewer in (total, 0), query
    assert plain.search.shared.count(None) == plain.search.totals.count(0)


def _scan(query: Query, texts: list[str]) -> int:
    """How many of the lower-case ``texts`` hold the words of ``query`` as they are written."""
    words = [rf"(?<!\w){re.escape(word)}(?!\w)" for word in query.text.split()]
    if query.type == "phrase":
        words = [rf"(?<!\w){re.escape(query.text)}(?!\w)"]
    if query.type == "prefix":
        words = [rf"(?<!\w){re.escape(query.text)}"]
    enough = any if query.type == "any" else all
    return sum(enough(re.search(word, text) for word in words) for text in texts)


def test_whole_run_of_searchlib(tmp_path: Path) -> None:
    """Searchlib finds every document that a scan for the words as written finds, and often more."""
    run = _run(tmp_path, "searchlib-whoosh")
    texts = [one[field].lower() for one in generate(200) for field in ("titolo", "testo")]
    titles, bodies = texts[::2], texts[1::2]
    assert run.engines[0].version.startswith("searchlib ")
    assert len(run.queries) == 50
    for query, total in zip(run.queries, run.engines[0].search.totals, strict=True):
        assert 0 < max(_scan(query, titles), _scan(query, bodies)) <= total <= 200, query


def test_command_line_says_what_is_missing(tmp_path: Path) -> None:
    """Too few documents for the queries end the command with the reason, and nothing is written."""
    output = tmp_path / "prova.json"
    done = CliRunner().invoke(main, ["--documents", "1", "--output", str(output)])
    assert done.exit_code == 1
    assert "ask for fewer" in done.output
    assert not output.exists()


def test_command_in_the_report_has_no_folder_of_this_machine(tmp_path: Path) -> None:
    """A collection elsewhere is named by its file only, and all of its documents are taken."""
    path = tmp_path / "passi.jsonl"
    save(generate(60), path)
    output = tmp_path / "passi.json"
    arguments = ["--collection", str(path), "--queries", "3", "--engine", "whoosh-plain"]
    subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments, "--quick", "--output", str(output)],
        check=True,
        capture_output=True,
        cwd=Path(benchmarks.__file__).parents[1],
    )
    run = read_run(output)
    assert run.command.startswith("python -m benchmarks --collection passi.jsonl --queries 3")
    assert str(tmp_path) not in output.read_text(encoding="utf-8")
    assert run.collection.documents == 60


def test_failed_engine_tells_its_own_words(tmp_path: Path) -> None:
    """A worker that ends badly is an error that holds the engine, the action and its output."""
    path = tmp_path / "passi.jsonl"
    described = save(generate(2), path)
    with pytest.raises(WorkerError, match="sconosciuto: the build failed") as caught:
        measure(
            ["sconosciuto"],
            described,
            path=path,
            queries=[],
            plan=Plan(),
            folder=tmp_path,
            command="",
            tell=lambda line: None,
        )
    assert "unknown; there are whoosh-plain" in caught.value.output


def test_every_engine_goes_by_its_name() -> None:
    """The table of engines and the adapters agree on names; a stranger is refused."""
    for name in ENGINES:
        assert load_engine(name).name == name
    with pytest.raises(EngineError, match="unknown"):
        load_engine("sconosciuto")


def test_peers_are_measured_without_searchlib() -> None:
    """The process of a peer never imports searchlib, which would be counted as its memory."""
    code = (
        "import sys, benchmarks.worker; from benchmarks.engines import load_engine; "
        "load_engine('whoosh-plain'); print('searchlib' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        encoding="utf-8",
        cwd=Path(benchmarks.__file__).parents[1],
    )
    assert done.stdout.strip() == "False"


def test_reading_counts_only_the_time_of_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a clock that moves 2 s per document read and 5 s per document used, it counts 2 each."""
    now = 0.0
    monkeypatch.setattr(worker, "perf_counter", lambda: now)

    def slow_documents() -> object:
        nonlocal now
        for one in generate(3):
            now += 2.0
            yield one

    reading = worker.Reading(slow_documents())  # type: ignore[arg-type]
    for _ in reading:
        now += 5.0
    assert (reading.seconds, reading.count, now) == (6.0, 3, 21.0)


def test_latency_is_the_best_of_the_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three measured passes over a query the shortest counts, and the warm one does not."""
    durations = iter([0.0, 7.0, 3.0, 5.0])
    now = 0.0

    class Searcher:
        def search(self, query: Query, *, limit: int) -> Answer:
            nonlocal now
            now += next(durations)
            return Answer(1, ("d0",))

        def close(self) -> None:
            pass

    class Engine:
        def open(self, folder: Path) -> Searcher:
            return Searcher()

    monkeypatch.setattr(worker, "perf_counter", lambda: now)
    monkeypatch.setattr(worker, "load_engine", lambda name: Engine())
    query = {"type": "term", "text": "casa", "words": 1, "kind": "typical"}
    job = {"engine": "finto", "folder": str(tmp_path), "queries": [query], "limit": 10, "passes": 3}
    figures = worker.search(job)
    assert figures["latencies_s"] == [3.0]
    assert (figures["totals"], figures["ids"]) == ([1], [("d0",)])


def test_peak_memory_grows_by_what_is_held() -> None:
    """A process that fills 64 MB reports a peak at least 60 MB higher than before."""
    code = (
        "from benchmarks.worker import peak_memory_bytes as peak; before = peak(); "
        "held = b'x' * 64_000_000; print(peak() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        encoding="utf-8",
        cwd=Path(benchmarks.__file__).parents[1],
    )
    assert 60_000_000 < int(done.stdout) < 100_000_000


def test_folder_size_counts_files_at_any_depth(tmp_path: Path) -> None:
    """Three bytes here and four below are seven."""
    (tmp_path / "a").write_bytes(b"123")
    (tmp_path / "sotto").mkdir()
    (tmp_path / "sotto" / "b").write_bytes(b"1234")
    assert worker.folder_bytes(tmp_path) == 7


@pytest.mark.parametrize("name", _MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    """Every example in a docstring of the benchmarks gives what it shows."""
    if name.endswith("__main__"):
        return
    assert doctest.testmod(import_module(name)).failed == 0
