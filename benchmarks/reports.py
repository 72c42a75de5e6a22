"""Owns the words of a report: the same tables for the terminal and for the documentation.

A table is headers and rows of text; what the numbers mean is told in ``docs/benchmarks.md``.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.measures import agreement, ratio
from benchmarks.promises import Promise
from benchmarks.queries import KINDS, TASKS, TYPES
from benchmarks.runs import BuildFigures, EngineFigures, Run, summaries

__all__ = [
    "Table",
    "agreement_table",
    "alike_table",
    "build_table",
    "crowd_table",
    "latency_table",
    "markdown",
    "open_table",
    "print_promises",
    "print_run",
    "task_table",
]

_NOTHING = "–"


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
    """Indexing by engine and threads: speed, beside the best peer with as many, memory, size."""
    rows = []
    for engine in run.engines:
        for build in engine.builds:
            peers = [
                other.seconds
                for peer in _peers(run)
                for other in peer.builds
                if other.threads == build.threads
            ]
            rows.append((engine.name, *_build_cells(run, build, best_peer_s=min(peers, default=0))))
    headers = (
        *("engine", "threads", "docs/s", "MB/s", "of best peer", "CPU s", "peak MB", "index"),
        *("merge s", "merged"),
    )
    return Table("Indexing", 1, headers, tuple(rows))


def _build_cells(run: Run, build: BuildFigures, *, best_peer_s: float) -> tuple[str, ...]:
    text_bytes = run.collection.text_bytes
    merged = build.optimized_bytes
    return (
        str(build.threads),
        f"{run.collection.documents / build.seconds:,.0f}",
        f"{text_bytes / build.seconds / 1e6:.2f}",
        _times(best_peer_s, build.seconds),
        f"{build.processor_s:,.1f}",
        f"{build.peak_bytes / 1e6:,.0f}",
        f"{build.disk_bytes / text_bytes:.2f}",
        _NOTHING if build.optimize_s is None else f"{build.optimize_s:,.1f}",
        _NOTHING if merged is None else f"{merged / text_bytes:.2f}",
    )


def open_table(run: Run) -> Table:
    """Milliseconds of opening and of a first query, and memory while searching."""
    rows = tuple(
        (
            engine.name,
            _ms(engine.search.open_s),
            _ms(engine.search.open_s + engine.search.first_s),
            _NOTHING
            if engine.search.private_bytes is None
            else f"{engine.search.private_bytes / 1e6:,.0f}",
        )
        for engine in run.engines
    )
    return Table("Opening", 1, ("engine", "open ms", "and first query", "private MB"), rows)


def latency_table(run: Run) -> Table:
    """Milliseconds per query for the top 10, by type, then by kind, beside the best peer's."""
    rows = []
    for group in _groups(run):
        for engine in run.engines:
            own = summaries(run, engine, "top 10").get(group)
            if own is None:
                continue
            times = (own.mean_s, own.p50_s, own.p95_s, own.p99_s)
            cells = [_ms(seconds) for seconds in times]
            mean, p99 = (
                _beside_best(run, engine, "top 10", group, name) for name in ("mean_s", "p99_s")
            )
            rows.append((group, engine.name, str(own.count), *cells, mean, p99))
    headers = (
        *("query", "engine", "queries", "mean ms", "p50", "p95", "p99"),
        *("mean of best peer's", "p99 of best peer's"),
    )
    return Table("Top 10", 2, headers, tuple(rows))


def alike_table(run: Run) -> Table:
    """The top 10 by type over those queries only for which all engines that count count the same.

    Who finds more has more to do; here nobody does.
    """
    rows = []
    for type_ in TYPES:
        counted = _counted(run, run.places(type_))
        alike = {place for place in counted if len(_totals(run, place)) == 1}
        for engine in run.engines:
            own = summaries(run, engine, "top 10", among=alike).get(type_)
            if own is None:
                continue
            cells = (f"{own.count} of {len(counted)}", _ms(own.mean_s), _ms(own.p99_s))
            ratios = (
                _beside_best(run, engine, "top 10", type_, name, among=alike)
                for name in ("mean_s", "p99_s")
            )
            rows.append((type_, engine.name, *cells, *ratios))
    headers = ("query", "engine", "queries", "mean ms", "p99")
    ratio_headers = ("mean of best peer's", "p99 of best peer's")
    title = "Top 10 where all engines count alike"
    return Table(title, 2, (*headers, *ratio_headers), tuple(rows))


def task_table(run: Run) -> Table:
    """Mean milliseconds of the other tasks by type of query, each beside the best peer's."""
    tasks = [task for task in TASKS if task != "top 10"]
    rows = []
    for type_ in TYPES:
        for engine in run.engines:
            cells: list[str] = []
            for task in tasks:
                own = summaries(run, engine, task).get(type_)
                cells.append(_NOTHING if own is None else _ms(own.mean_s))
                cells.append(_beside_best(run, engine, task, type_, "mean_s"))
            if set(cells) != {_NOTHING}:
                rows.append((type_, engine.name, *cells))
    headers = tuple(header for task in tasks for header in (f"{task} ms", "of best peer's"))
    return Table("Other tasks, means", 2, ("query", "engine", *headers), tuple(rows))


def crowd_table(run: Run) -> Table:
    """Queries a second by threads that ask at once, for the top 10 of all types."""
    threads = sorted({int(number) for engine in run.engines for number in engine.search.crowds})
    rows = tuple(
        (
            engine.name,
            *(f"{crowds.get(str(number), 0):,.0f}" for number in threads),
            *(_times(crowds.get(str(number), 0), crowds["1"]) for number in threads[1:]),
        )
        for engine in run.engines
        if (crowds := engine.search.crowds)
    )
    headers = [f"{number} searching" for number in threads]
    headers += [f"{number} by 1" for number in threads[1:]]
    return Table("Queries a second", 1, ("engine", *headers), rows)


def agreement_table(run: Run) -> Table:
    """How far the engines find the same as the first, by type of query."""
    rows = [
        _agreement_row(run, engine, type_, run.places(type_))
        for type_ in TYPES
        for engine in run.engines
        if type_ in summaries(run, engine, "top 10")
    ]
    headers = ("query", "engine", "hits", "same count", "same top 10")
    return Table("Agreement", 2, headers, tuple(rows))


def print_promises(promises: Sequence[Promise], console: Console) -> None:
    """What searchlib promises of itself and what it keeps, on a terminal."""
    shown = RichTable(title="searchlib", title_justify="left")
    for header in ("figure", "value", "limit", "kept"):
        shown.add_column(header, justify="left" if header == "figure" else "right")
    for one in promises:
        side = "at most" if one.at_most else "at least"
        kept = "yes" if one.is_kept() else "no"
        shown.add_row(one.name, f"{one.value:.2f} {one.unit}", f"{side} {one.limit:g}", kept)
    console.print(shown)


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
    makers = (
        *(build_table, open_table, latency_table, alike_table),
        *(task_table, crowd_table, agreement_table),
    )
    return tuple(table for make in makers if (table := make(run)).rows)


def _peers(run: Run) -> list[EngineFigures]:
    """The engines that are not searchlib's."""
    return [engine for engine in run.engines if not engine.name.startswith("searchlib")]


def _groups(run: Run) -> list[str]:
    """The types and kinds that any engine has figures for, in their order."""
    found = [group for engine in run.engines for group in summaries(run, engine, "top 10")]
    return sorted(dict.fromkeys(found), key=(*TYPES, *KINDS).index)


def _beside_best(
    run: Run,
    engine: EngineFigures,
    task: str,
    group: str,
    figure: str,
    *,
    among: set[int] | None = None,
) -> str:
    """A figure of ``engine`` as a multiple of the best peer's.

    Each peer is compared over the queries that both answered, of those at the places ``among``
    where they are given; the largest multiple counts.
    """
    ratios = []
    for peer in _peers(run):
        common = _answered(engine, task) & _answered(peer, task)
        common = common if among is None else common & among
        one, other = (
            summaries(run, each, task, among=common).get(group) for each in (engine, peer)
        )
        if one and other:
            ratios.append(ratio(getattr(one, figure), getattr(other, figure)) or 0.0)
    return f"{max(ratios):.2f}×" if ratios else _NOTHING


def _answered(engine: EngineFigures, task: str) -> set[int]:
    """The places of the queries that ``engine`` answered."""
    latencies = engine.search.latencies_s.get(task, [])
    return {place for place, seconds in enumerate(latencies) if seconds is not None}


def _counted(run: Run, places: list[int]) -> list[int]:
    """Those of ``places`` that every engine which counted any of them counted."""
    counting = [
        totals
        for engine in run.engines
        if any((totals := engine.search.totals)[place] is not None for place in places)
    ]
    return [place for place in places if all(totals[place] is not None for totals in counting)]


def _totals(run: Run, place: int) -> set[int]:
    """The different totals that engines counted for one query."""
    found = (engine.search.totals[place] for engine in run.engines)
    return {total for total in found if total is not None}


def _agreement_row(
    run: Run, engine: EngineFigures, type_: str, places: list[int]
) -> tuple[str, ...]:
    """One engine's row; totals are compared where both engines count, summed where all do."""
    first, search = run.engines[0].search, engine.search
    pairs = [
        (own, other)
        for place in places
        if (own := search.totals[place]) is not None and (other := first.totals[place]) is not None
    ]
    shared = [share for place in places if (share := search.shared[place]) is not None]
    totals = [
        total for place in _counted(run, places) if (total := search.totals[place]) is not None
    ]
    return (
        type_,
        engine.name,
        f"{sum(totals):,}" if totals else _NOTHING,
        f"{agreement(*zip(*pairs, strict=True)):.0%}" if pairs else _NOTHING,
        f"{sum(shared) / len(shared):.0%}" if shared else _NOTHING,
    )


def _facts(run: Run) -> list[str]:
    machine, plan, collection = run.machine, run.plan, run.collection
    return [
        f"{collection.documents:,} documents, {collection.text_bytes / 1e6:,.1f} MB of text",
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, "
        f"{machine['python']}, load before the run {machine.get('load_before', 'unknown')}",
        ", ".join(f"{engine.name}: {engine.version}" for engine in run.engines),
        f"best of {plan.repeat} builds; each query's best of {plan.passes} after warm ones; "
        f"{plan.memory_mb:,} MB for a writer; one process and one thread where no other is named",
        *(f"passed over: {name}, {reason}" for name, reason in run.absent.items()),
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


def _times(value: float, reference: float) -> str:
    """``value`` as a multiple of ``reference``.

    >>> _times(3.0, 2.0)
    '1.50×'
    """
    found = ratio(value, reference)
    return _NOTHING if not found else f"{found:.2f}×"
