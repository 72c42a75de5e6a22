"""Owns the words of a report: the same tables for the terminal and for the documentation.

A table is headers and rows of text; what the numbers mean is told in ``docs/benchmarks.md``.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.measures import agreement, ratio
from benchmarks.queries import TYPES
from benchmarks.runs import EngineFigures, Run, summaries

__all__ = ["Table", "agreement_table", "build_table", "latency_table", "markdown", "print_run"]


@attrs.frozen
class Table:
    """A title, headers, and rows with one cell per header; ``labels`` columns come before numbers.

    A row whose first cell is not that of the row above begins a section.
    """

    title: str
    labels: int
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def build_table(run: Run) -> Table:
    """Indexing speed and its ratio to the first engine, size, memory, opening time."""
    text_bytes = run.collection.text_bytes
    rows = tuple(
        (
            engine.name,
            f"{run.collection.documents / engine.build.seconds:,.0f}",
            f"{text_bytes / engine.build.seconds / 1e6:.2f}",
            _speed(engine.build.seconds, run.engines[0].build.seconds),
            f"{engine.build.disk_bytes / text_bytes:.2f}",
            f"{engine.build.peak_bytes / 1e6:,.0f}",
            f"{engine.search.open_s * 1e3:.1f}",
            f"{engine.search.peak_bytes / 1e6:,.0f}",
        )
        for engine in run.engines
    )
    headers = ("engine", "docs/s", "MB/s", "speed", "index", "build MB", "open ms", "search MB")
    return Table("Indexing", 1, headers, rows)


def latency_table(run: Run) -> Table:
    """Milliseconds per query by type, then by kind; speed of the mean beside the first engine."""
    rows = []
    for group, reference in summaries(run, run.engines[0]).items():
        for engine in run.engines:
            own = summaries(run, engine)[group]
            times = (own.mean_s, own.p50_s, own.p95_s, own.p99_s)
            speed = _speed(own.mean_s, reference.mean_s)
            rows.append((group, engine.name, *(_ms(seconds) for seconds in times), speed))
    headers = ("query", "engine", "mean ms", "p50", "p95", "p99", "speed")
    return Table("Search, all queries", 2, headers, tuple(rows))


def agreement_table(run: Run) -> Table:
    """How far the engines find the same, and their speed on the queries where all of them do."""
    rows = []
    for type_ in TYPES:
        places = run.places(type_)
        agreed = [
            place
            for place in places
            if len({engine.search.totals[place] for engine in run.engines}) == 1
        ]
        rows += [_agreement_row(run, engine, type_, places, agreed) for engine in run.engines]
    top = f"same top {run.plan.limit}"
    headers = ("query", "engine", "hits", "same count", top, "agreed", "mean ms", "speed")
    return Table("Agreement, and search where all engines count alike", 2, headers, tuple(rows))


def markdown(runs: Sequence[Run], plots: Sequence[str] = ()) -> str:
    """A documentation page with the tables of ``runs``, and the images at the paths ``plots``."""
    parts = [
        "# Benchmark results",
        "What each figure means and how to repeat it: [benchmarks.md](benchmarks.md). "
        "This page is written by the program.",
    ]
    parts += [f"![{path.rpartition('/')[2].partition('.')[0]}]({path})" for path in plots]
    for run in runs:
        parts.append(f"## {run.collection.name}")
        parts.append("\n".join(f"- {line}" for line in _facts(run)))
        for table in _tables(run):
            parts += [f"### {table.title}", _markdown_table(table)]
    return "\n\n".join(parts) + "\n"


def print_run(run: Run, console: Console) -> None:
    """The facts and the tables of ``run`` on a terminal."""
    for line in _facts(run):
        console.print(line, highlight=False)
    for table in _tables(run):
        shown = RichTable(title=table.title, title_justify="left")
        for place, header in enumerate(table.headers):
            shown.add_column(
                header,
                justify="left" if place < table.labels else "right",
                no_wrap=place < table.labels,
            )
        for row, below in zip(table.rows, (*table.rows[1:], ("",)), strict=True):
            shown.add_row(*row, end_section=table.labels > 1 and row[0] != below[0])
        console.print(shown)


def _tables(run: Run) -> tuple[Table, ...]:
    return build_table(run), latency_table(run), agreement_table(run)


def _agreement_row(
    run: Run, engine: EngineFigures, type_: str, places: list[int], agreed: list[int]
) -> tuple[str, ...]:
    """One engine's row; ``agreed`` are the queries for which all engines count the same hits."""
    first, search = run.engines[0].search, engine.search
    totals = [search.totals[place] for place in places]
    shared = [share for place in places if (share := search.shared[place]) is not None]
    agreed_s = sum(search.latencies_s[place] for place in agreed)
    reference_s = sum(first.latencies_s[place] for place in agreed)
    return (
        type_,
        engine.name,
        f"{sum(totals):,}",
        f"{agreement(totals, [first.totals[place] for place in places]):.0%}",
        f"{sum(shared) / len(shared):.0%}" if shared else "–",
        f"{len(agreed)}/{len(places)}",
        _ms(agreed_s / len(agreed)) if agreed else "–",
        _speed(agreed_s, reference_s),
    )


def _facts(run: Run) -> list[str]:
    machine, plan, collection = run.machine, run.plan, run.collection
    return [
        f"{collection.documents:,} documents, {collection.text_bytes / 1e6:,.1f} MB of text",
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, "
        f"{machine['python']}, load before the run {machine.get('load_before', 'unknown')}",
        ", ".join(f"{engine.name}: {engine.version}" for engine in run.engines),
        f"best of {plan.repeat} builds; each query's best of {plan.rounds * plan.passes} after a "
        f"warm one, top {plan.limit} with exact counts; one process, one thread",
        f"started {run.started} by `{run.command}`",
    ]


def _markdown_table(table: Table) -> str:
    labels = ("---",) * table.labels
    rule = (*labels, *("---:" for _ in table.headers[table.labels :]))
    return "\n".join(f"| {' | '.join(row)} |" for row in (table.headers, rule, *table.rows))


def _ms(seconds: float) -> str:
    """Milliseconds to three figures.

    >>> _ms(0.0000312), _ms(0.00456), _ms(0.1234), _ms(1.5)
    ('0.0312', '4.56', '123', '1,500')
    """
    milliseconds = seconds * 1e3
    if milliseconds >= 100:
        return f"{milliseconds:,.0f}"
    return f"{milliseconds:#.3g}"


def _speed(seconds: float, reference_s: float) -> str:
    """How many times as fast as the reference.

    >>> _speed(2.0, 3.0)
    '1.50×'
    """
    found = ratio(reference_s, seconds)
    return "–" if found is None else f"{found:.2f}×"
