"""Tables, files and plots of a run whose figures are made up, so that every cell is known."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import attrs
import pytest
from rich.console import Console

from benchmarks.corpora import Collection
from benchmarks.plots import draw, draw_growth
from benchmarks.promises import Promise
from benchmarks.queries import TASKS, TYPES, Query
from benchmarks.reports import (
    agreement_table,
    alike_table,
    build_table,
    crowd_table,
    latency_table,
    markdown,
    open_table,
    print_promises,
    print_run,
    task_table,
)
from benchmarks.runs import (
    BuildFigures,
    EngineFigures,
    Plan,
    Run,
    SearchFigures,
    read_run,
    write_run,
)


def _engine(
    name: str,
    *,
    seconds: float,
    latencies_s: list[float | None],
    totals: list[int | None],
    merged: bool = False,
) -> EngineFigures:
    """Figures of one engine: two queries of each type, the same of every type and task."""
    both = BuildFigures(
        threads=2,
        seconds=seconds / 2,
        all_seconds=[seconds / 2],
        processor_s=seconds,
        peak_bytes=60_000_000,
        disk_bytes=3_000_000,
        optimize_s=None,
        optimized_bytes=None,
    )
    one = BuildFigures(
        threads=1,
        seconds=seconds,
        all_seconds=[seconds, 9.0],
        processor_s=seconds + 0.5,
        peak_bytes=50_000_000,
        disk_bytes=3_000_000,
        optimize_s=1.5 if merged else None,
        optimized_bytes=2_500_000 if merged else None,
    )
    return EngineFigures(
        name,
        f"{name} 1.0",
        [one, both],
        SearchFigures(
            open_s=0.0125,
            first_s=0.0025,
            private_bytes=7_000_000,
            latencies_s={task: latencies_s * len(TYPES) for task in TASKS},
            totals=totals * len(TYPES),
            shared=[1.0, 0.5] * len(TYPES),
            crowds={"1": 1000.0, "2": 1800.0},
        ),
    )


@pytest.fixture
def run() -> Run:
    """A thousand documents of 2 MB, searchlib beside two peers.

    Two queries of each type: searchlib takes 1 and 4 ms, one peer 2 and 6; the other peer takes
    4 ms for the first, and had no time for the second.
    """
    kinds = {"uno": "typical", "due": "function"}
    queries = [Query(type_, word, 1, kind) for type_ in TYPES for word, kind in kinds.items()]
    return Run(
        command="python -m benchmarks --quick",
        started="2026-01-02T03:04:05+00:00",
        machine={"processor": "Z80", "cores": 2, "system": "CP/M", "python": "CPython 3.11"},
        collection=Collection("generated-1000", documents=1000, text_bytes=2_000_000),
        plan=Plan(repeat=2),
        queries=queries,
        engines=[
            _engine(
                "searchlib",
                seconds=1.0,
                latencies_s=[0.001, 0.004],
                totals=[5, 1000],
                merged=True,
            ),
            _engine("lento", seconds=4.0, latencies_s=[0.002, 0.006], totals=[5, 1200]),
            _engine("corto", seconds=8.0, latencies_s=[0.004, None], totals=[5, None]),
        ],
        absent={"lontano": "not installed"},
    )


def test_indexing_figures(run: Run) -> None:
    """2 MB in 4 s are 0.50 MB/s; searchlib's second is four times the speed of the better peer."""
    rows = build_table(run).rows
    assert rows[0] == (
        *("searchlib", "1", "1,000", "2.00", "4.00×", "1.5", "50", "1.50", "1.5", "1.25"),
    )
    assert rows[2] == ("lento", "1", "250", "0.50", "1.00×", "4.5", "50", "1.50", "–", "–")
    assert rows[3] == ("lento", "2", "500", "1.00", "1.00×", "4.0", "60", "1.50", "–", "–")
    assert rows[4] == ("corto", "1", "125", "0.25", "0.50×", "8.5", "50", "1.50", "–", "–")


def test_opening_figures(run: Run) -> None:
    """Opening takes 12.5 ms, with a first query of 2.5 ms 15, and 7 MB are held."""
    assert open_table(run).rows[0] == ("searchlib", "12.5", "15.0", "7")


def test_latency_figures(run: Run) -> None:
    """Means of 2.5 and 4 ms are 0.62, last values of 4 and 6 ms 0.67 of the better peer's.

    Who answered one query of two is compared over that one, where 4 ms are twice the other's 2.
    """
    rows = latency_table(run).rows
    assert rows[:3] == (
        (TYPES[0], "searchlib", "2", "2.50", "1.00", "4.00", "4.00", "0.62×", "0.67×"),
        (TYPES[0], "lento", "2", "4.00", "2.00", "6.00", "6.00", "1.00×", "1.00×"),
        (TYPES[0], "corto", "1", "4.00", "4.00", "4.00", "4.00", "2.00×", "2.00×"),
    )
    # No query is rare, and the short-winded peer answered none with function words.
    assert [row[0] for row in rows] == [
        *(group for group in (*TYPES, "typical") for _ in range(3)),
        *("function", "function"),
    ]


def test_queries_that_all_count_alike(run: Run) -> None:
    """All three count the first query, and five hits of it; 1 ms is half of the better peer's 2."""
    assert alike_table(run).rows[:3] == (
        (TYPES[0], "searchlib", "1 of 1", "1.00", "1.00", "0.50×", "0.50×"),
        (TYPES[0], "lento", "1 of 1", "2.00", "2.00", "1.00×", "1.00×"),
        (TYPES[0], "corto", "1 of 1", "4.00", "4.00", "2.00×", "2.00×"),
    )
    two = attrs.evolve(run, engines=run.engines[:2])
    assert alike_table(two).rows[0][2] == "1 of 2"


def test_other_tasks(run: Run) -> None:
    """Each of the three other tasks has its mean and its ratio."""
    first, _, third = task_table(run).rows[:3]
    assert first == (TYPES[0], "searchlib", *("2.50", "0.62×") * 3)
    assert third == (TYPES[0], "corto", *("4.00", "2.00×") * 3)


def test_searching_threads(run: Run) -> None:
    """1,800 queries a second by two threads are 1.8 times the 1,000 of one."""
    assert crowd_table(run).headers == ("engine", "1 searching", "2 searching", "2 by 1")
    assert crowd_table(run).rows[1] == ("lento", "1,000", "1,800", "1.80×")


def test_agreement_figures(run: Run) -> None:
    """One peer counts the second query otherwise; the other only counted the first, alike.

    Hits are those of the first query, as all three counted it.
    """
    rows = agreement_table(run).rows[:3]
    assert rows == (
        (TYPES[0], "searchlib", "5", "100%", "75%"),
        (TYPES[0], "lento", "5", "50%", "75%"),
        (TYPES[0], "corto", "5", "100%", "75%"),
    )


def test_promises_say_whether_they_are_kept() -> None:
    """A value of 12 where at most 10 is promised is not kept, and one of 1.8 over 1.7 is."""
    out = StringIO()
    promises = [
        Promise("open", 12.0, "ms", 10.0),
        Promise("two threads", 1.8, "times", 1.7, at_most=False),
    ]
    print_promises(promises, Console(file=out, width=100))
    _, opening, threads = (
        line
        for line in out.getvalue().splitlines()
        if "most" in line or "least" in line or "figure" in line
    )
    assert re.search(r"12\.00 ms .*at most 10 .*no", opening)
    assert re.search(r"1\.80 times .*at least 1\.7 .*yes", threads)


def test_run_comes_back_from_its_file(run: Run, tmp_path: Path) -> None:
    """JSON gives the same run back, and no unfinished file stays."""
    path = tmp_path / "nuova" / "prova.json"
    write_run(run, path)
    assert read_run(path) == run
    assert [one.name for one in path.parent.iterdir()] == ["prova.json"]


def test_markdown_has_every_cell_of_every_table(run: Run) -> None:
    """The page has well-formed tables, the facts of the run, and the pictures it was given."""
    page = markdown([run], ["plots/velocita.svg"])
    for make in (build_table, open_table, latency_table, alike_table, task_table, crowd_table):
        table = make(run)
        for row in (table.headers, *table.rows):
            assert f"| {' | '.join(row)} |" in page
    assert "![velocita](plots/velocita.svg)" in page
    assert "`python -m benchmarks --quick`" in page
    assert "1,000 documents, 2.0 MB of text" in page
    assert "passed over: lontano, not installed" in page


def test_terminal_shows_all_engines(run: Run) -> None:
    """The printed report fits a hundred columns and cuts no name and no figure short."""
    out = StringIO()
    print_run(run, Console(file=out, width=100))
    assert "corto" in out.getvalue()
    assert "0.62×" in out.getvalue()
    assert "…" not in out.getvalue()


def test_plots_are_the_same_for_the_same_figures(run: Run, tmp_path: Path) -> None:
    """Two pictures are drawn, and drawing again gives the same bytes, so git sees no change."""
    drawn = draw(run, tmp_path)
    before = [path.read_bytes() for path in drawn]
    assert [path.name for path in drawn] == [
        "benchmarks-speed-generated-1000.svg",
        "benchmarks-latency-generated-1000.svg",
    ]
    assert all(b"<svg" in content for content in before)
    assert [path.read_bytes() for path in draw(run, tmp_path)] == before


def test_growth_is_drawn_of_collections_of_different_size(run: Run, tmp_path: Path) -> None:
    """One picture of all runs; none where there is nothing to compare."""
    larger = attrs.evolve(run, collection=Collection("generated-9000", 9000, 18_000_000))
    assert draw_growth([run, run], tmp_path) == []
    stranger = attrs.evolve(larger, collection=attrs.evolve(larger.collection, name="passi"))
    assert draw_growth([run, stranger], tmp_path) == []
    (path,) = draw_growth([larger, run], tmp_path)
    assert path.name == "benchmarks-growth.svg"
    assert b"<svg" in path.read_bytes()
