"""A whole run on a small collection, in its own processes, from the command line to the report."""

from __future__ import annotations

import doctest
import re
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from itertools import repeat
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest
from click.testing import CliRunner

import benchmarks
from benchmarks import worker
from benchmarks.__main__ import main
from benchmarks.corpora import Document, generate, save
from benchmarks.engines import load_engine
from benchmarks.engines.base import Answer, PythonEngine, PythonSearcher
from benchmarks.errors import EngineError, WorkerError
from benchmarks.queries import TASKS, Query
from benchmarks.runs import Plan, Run, measure, read_run

_MODULES = [module.name for module in walk_packages(benchmarks.__path__, "benchmarks.")]


def _run(tmp_path: Path, *engines: str) -> Run:
    """The run of ``engines`` over 200 generated documents, ten queries of each type."""
    output = tmp_path / "prova.json"
    arguments = ["--documents", "200", "--queries", "10", "--threads", "1", "--output", str(output)]
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
        (build,) = engine.builds
        assert build.threads == 1
        assert build.disk_bytes > texts  # the stored text alone takes that much
        assert build.seconds == min(build.all_seconds) > 0
        assert build.optimize_s is None
        for latencies in engine.search.latencies_s.values():
            assert len(latencies) == len(run.queries) == 50
            assert all(seconds is not None and seconds > 0 for seconds in latencies)
    for query, total, fewer in zip(
        run.queries, all_words.search.totals, plain.search.totals, strict=True
    ):
        assert total is not None
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
    assert run.engines[0].builds[0].optimize_s is not None
    assert len(run.queries) == 50
    for query, total in zip(run.queries, run.engines[0].search.totals, strict=True):
        assert total is not None
        assert 0 < max(_scan(query, titles), _scan(query, bodies)) <= total <= 200, query


def test_command_line_says_what_is_missing(tmp_path: Path) -> None:
    """Too few documents for the queries end the command with the reason, and nothing is written."""
    output = tmp_path / "prova.json"
    done = CliRunner().invoke(main, ["--documents", "1", "--output", str(output)])
    assert done.exit_code == 1
    assert "ask for fewer" in done.output
    assert not output.exists()


def test_command_in_the_report_has_no_folder_of_this_machine(
    tmp_path: Path, fresh_python: Callable[..., str]
) -> None:
    """A collection elsewhere is named by its file only, and all of its documents are taken."""
    path = tmp_path / "passi.jsonl"
    save(generate(60), path)
    output = tmp_path / "passi.json"
    arguments = ["--collection", str(path), "--queries", "3", "--engine", "whoosh-plain"]
    fresh_python("-m", "benchmarks", *arguments, "--quick", "--output", str(output))
    run = read_run(output)
    assert run.command.startswith("python -m benchmarks --collection passi.jsonl --queries 3")
    assert str(tmp_path) not in output.read_text(encoding="utf-8")
    assert run.collection.documents == 60


def _measure(tmp_path: Path, *engines: str, told: list[str]) -> Run:
    """The run of ``engines`` over two documents and no query."""
    path = tmp_path / "passi.jsonl"
    return measure(
        engines,
        save(generate(2), path),
        path=path,
        queries=[],
        plan=Plan(),
        folder=tmp_path,
        command="",
        tell=told.append,
    )


def test_missing_engines_are_passed_over(tmp_path: Path) -> None:
    """Each is told with its reason; a run that none is left for is refused."""
    told: list[str] = []
    with pytest.raises(EngineError, match="none is installed"):
        _measure(tmp_path, "sconosciuto", told=told)
    (line,) = told
    assert line.startswith("sconosciuto: passed over, unknown; there are searchlib")


def test_failed_engine_tells_its_own_words(tmp_path: Path) -> None:
    """A worker that ends badly is an error that holds the engine, the action and its output."""
    with pytest.raises(WorkerError, match="whoosh-plain: the search failed") as caught:
        _measure(tmp_path, "whoosh-plain", told=[])
    assert "IndexError" in caught.value.output  # a pass needs a query to begin with


def test_engines_go_by_their_names() -> None:
    """The table of engines and the adapters agree on names; a stranger is refused."""
    for name in ("whoosh-plain", "whoosh-all-words", "searchlib-whoosh"):
        assert load_engine(name).name == name
    with pytest.raises(EngineError, match="unknown"):
        load_engine("sconosciuto")


def test_peers_are_measured_without_searchlib(fresh_python: Callable[..., str]) -> None:
    """The process of a peer never imports searchlib, which would be counted as its memory."""
    code = (
        "import sys, benchmarks.worker; from benchmarks.engines import load_engine; "
        "load_engine('whoosh-plain'); print('searchlib' in sys.modules)"
    )
    assert fresh_python("-c", code) == "False"


def test_reading_counts_only_the_time_of_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a clock that moves 2 s per document read and 5 s per document used, it counts 2 each."""
    now = 0.0
    monkeypatch.setattr(worker, "perf_counter", lambda: now)
    monkeypatch.setattr(worker, "_BATCH_DOCUMENTS", 2)

    def slow_documents() -> Iterator[Document]:
        nonlocal now
        for one in generate(3):
            now += 2.0
            yield one

    reading = worker.Reading(slow_documents())
    assert reading.seconds == 4.0  # the first batch is there before anything is indexed
    read = []
    for one in reading:
        read.append(one)
        now += 5.0
    assert (reading.seconds, reading.count, now) == (6.0, 3, 21.0)
    assert read == list(generate(3))


class _Engine(PythonEngine):
    """An engine that finds nothing, in as many seconds of a false clock as it is told."""

    name = "finto"
    types = ("term",)

    def __init__(self, monkeypatch: pytest.MonkeyPatch, durations: Iterable[float]) -> None:
        self.now = 0.0
        self.durations = iter(durations)
        self.asked: list[str] = []
        monkeypatch.setattr(worker, "perf_counter", lambda: self.now)
        monkeypatch.setattr(worker, "load_engine", lambda name: self)

    def open(self, folder: Path) -> _Searcher:
        return _Searcher(self)


class _Searcher(PythonSearcher):
    def __init__(self, engine: _Engine) -> None:
        self._engine = engine

    def search(self, query: Query, *, limit: int, counted: bool) -> Answer:
        self._engine.now += next(self._engine.durations)
        self._engine.asked.append(query.text)
        return Answer((), 0 if counted else None)

    def ids(self, answer: Answer) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        pass


def _searched(*words: str, passes: int, budget_s: float) -> dict[str, Any]:
    """The figures of searching for ``words`` with the engine that stands in."""
    queries = [{"type": "term", "text": word, "words": 1, "kind": "typical"} for word in words]
    return worker.search(
        {"engine": "", "folder": "", "queries": queries, "passes": passes, "budget_s": budget_s}
    )


def test_latency_is_the_best_of_the_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three measured passes over a query the shortest counts, and the warm one does not.

    The first query after opening is a figure of its own.
    """
    _Engine(monkeypatch, [9.0, *[0.5, 7.0, 3.0, 5.0] * len(TASKS)])
    figures = _searched("casa", passes=3, budget_s=1000.0)
    assert figures["latencies_s"] == {task: [3.0] for task in TASKS}
    assert (figures["first_s"], figures["totals"], figures["ids"]) == (9.0, [0], [()])


def test_slow_engine_answers_as_many_queries_as_its_time_allows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second a query, and half of four seconds for the warm pass: the third is the last."""
    engine = _Engine(monkeypatch, repeat(1.0))
    figures = _searched(*"abcdef", passes=1, budget_s=4.0)
    assert figures["latencies_s"]["top 10"] == [1.0, 1.0, 1.0, None, None, None]
    assert engine.asked[:7] == ["a", *"abc", *"abc"]
    assert figures["totals"] == [0, 0, 0, None, None, None]


@pytest.mark.parametrize("name", _MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    """Every example in a docstring of the benchmarks gives what it shows."""
    if name.endswith("__main__"):
        return
    try:
        module = import_module(name)
    except ImportError as error:
        pytest.skip(f"until it is installed: {error}")
    assert doctest.testmod(module).failed == 0
