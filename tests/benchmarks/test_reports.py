"""Tables, files and plots of a run whose figures are made up, so that every cell is known."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.corpora import Collection
from benchmarks.plots import draw
from benchmarks.queries import TYPES, Query
from benchmarks.reports import agreement_table, build_table, latency_table, markdown, print_run
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
    name: str, *, seconds: float, latencies_s: list[float], totals: list[int]
) -> EngineFigures:
    return EngineFigures(
        name,
        f"{name} 1.0",
        BuildFigures(seconds, [seconds, 9.0], peak_bytes=50_000_000, disk_bytes=3_000_000),
        SearchFigures(
            open_s=0.0125,
            peak_bytes=7_000_000,
            latencies_s=latencies_s * len(TYPES),
            totals=totals * len(TYPES),
            shared=[1.0, 0.5] * len(TYPES),
        ),
    )


@pytest.fixture
def run() -> Run:
    """A thousand documents of 2 MB; the second engine indexes at half the speed.

    Two queries of each type: the slow engine takes 2 and 6 ms, the quick one 1 and 4; they count
    the same hits only for the first.
    """
    kinds = {"uno": "typical", "due": "function"}
    queries = [Query(type_, word, 1, kind) for type_ in TYPES for word, kind in kinds.items()]
    return Run(
        command="python -m benchmarks --quick",
        started="2026-01-02T03:04:05+00:00",
        machine={"processor": "Z80", "cores": 2, "system": "CP/M", "python": "CPython 3.11"},
        collection=Collection("generated-1000", documents=1000, text_bytes=2_000_000),
        plan=Plan(repeat=2, rounds=2, passes=2, limit=10),
        queries=queries,
        engines=[
            _engine("lento", seconds=4.0, latencies_s=[0.002, 0.006], totals=[5, 1000]),
            _engine("svelto", seconds=8.0, latencies_s=[0.001, 0.004], totals=[5, 1200]),
        ],
    )


def test_indexing_figures(run: Run) -> None:
    """2 MB in 4 s are 0.50 MB/s and 250 documents/s; 8 s are half that speed."""
    slow, quick = build_table(run).rows
    rest = ("1.50", "50", "12.5", "7")
    assert slow == ("lento", "250", "0.50", "1.00×", *rest)
    assert quick == ("svelto", "125", "0.25", "0.50×", *rest)


def test_latency_figures(run: Run) -> None:
    """Means of 4 and 2.5 ms are a speed of 1.60; of two values p50 is the lower, p99 the higher."""
    rows = latency_table(run).rows
    assert rows[0] == (TYPES[0], "lento", "4.00", "2.00", "6.00", "6.00", "1.00×")
    assert rows[1] == (TYPES[0], "svelto", "2.50", "1.00", "4.00", "4.00", "1.60×")
    groups = (*TYPES, "typical", "function")  # no query is rare
    assert [row[0] for row in rows] == [group for group in groups for _ in range(2)]
    assert rows[-2:] == (
        ("function", "lento", "6.00", "6.00", "6.00", "6.00", "1.00×"),
        ("function", "svelto", "4.00", "4.00", "4.00", "4.00", "1.50×"),
    )


def test_agreement_figures(run: Run) -> None:
    """The first query of two is counted alike; on it alone 2 ms against 1 ms are a speed of 2."""
    slow, quick = agreement_table(run).rows[:2]
    assert slow == (TYPES[0], "lento", "1,005", "100%", "75%", "1/2", "2.00", "1.00×")
    assert quick == (TYPES[0], "svelto", "1,205", "50%", "75%", "1/2", "1.00", "2.00×")


def test_run_comes_back_from_its_file(run: Run, tmp_path: Path) -> None:
    """JSON gives the same run back, and no unfinished file stays."""
    path = tmp_path / "nuova" / "prova.json"
    write_run(run, path)
    assert read_run(path) == run
    assert [one.name for one in path.parent.iterdir()] == ["prova.json"]


def test_markdown_has_every_cell_of_every_table(run: Run) -> None:
    """The page has well-formed tables, the facts of the run, and the pictures it was given."""
    page = markdown([run], ["plots/velocita.svg"])
    for table in (build_table(run), latency_table(run), agreement_table(run)):
        for row in (table.headers, *table.rows):
            assert f"| {' | '.join(row)} |" in page
    assert "![velocita](plots/velocita.svg)" in page
    assert "`python -m benchmarks --quick`" in page
    assert "1,000 documents, 2.0 MB of text" in page


def test_terminal_shows_both_engines(run: Run) -> None:
    """The printed report fits a hundred columns and cuts no name short."""
    out = StringIO()
    print_run(run, Console(file=out, width=100))
    assert "svelto" in out.getvalue()
    assert "0.50×" in out.getvalue()
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
