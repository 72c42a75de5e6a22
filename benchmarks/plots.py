"""Owns the pictures of a report; matplotlib is imported only when one is drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.queries import TYPES
from benchmarks.runs import Run, summaries

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw", "draw_growth"]

# The palette of Okabe and Ito (2008).
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")


def draw(run: Run, folder: Path) -> list[Path]:
    """The two files drawn into ``folder``: indexing speed, and latency by query type."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    pictures = (
        ("speed", _fill_speed, 0.6 + 0.5 * len(run.engines)),
        ("latency", _fill_latency, 4.5),
    )
    drawn = []
    for name, fill, height in pictures:
        figure, axes = plt.subplots(figsize=(8, height))
        fill(run, axes)
        axes.spines[["top", "right"]].set_visible(False)
        path = folder / f"benchmarks-{name}-{run.collection.name}.svg"
        # No date and fixed ids: the same figures give the same file.
        with mpl.rc_context({"svg.hashsalt": "searchlib"}):
            figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)
        drawn.append(path)
    return drawn


def draw_growth(runs: Sequence[Run], folder: Path) -> list[Path]:
    """The file drawn into ``folder``: mean latency by documents, a panel per type of query.

    It is drawn of the runs whose collection has the first one's name but for what follows a digit:
    other texts are no larger or smaller ones. No file where all of them have as many documents.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import NullLocator

    kinds = [re.split(r"[0-9]", run.collection.name)[0] for run in runs]
    runs = [run for run, kind in zip(runs, kinds, strict=True) if kind == kinds[0]]
    if len({run.collection.documents for run in runs}) < 2:
        return []
    ordered = sorted(runs, key=lambda run: run.collection.documents)
    sizes = sorted({run.collection.documents for run in runs})
    names = list(dict.fromkeys(engine.name for run in ordered for engine in run.engines))
    figure, panels = plt.subplots(1, len(TYPES), figsize=(12, 3.5), sharey=True)
    for type_, axes in zip(TYPES, panels, strict=True):
        for name, colour in zip(names, _colours(len(names)), strict=True):
            points = [
                (run.collection.documents, found.mean_s * 1e3)
                for run in ordered
                for engine in run.engines
                if engine.name == name
                and (found := summaries(run, engine, "top 10").get(type_)) is not None
            ]
            axes.plot(*zip(*points, strict=True) if points else ((), ()), "o-", color=colour)
        axes.set(xscale="log", yscale="log", title=type_)
        axes.set_xticks(sizes, [_short_number(size) for size in sizes])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(_plain_number)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("ms per query, mean, top 10")
    panels[len(panels) // 2].set_xlabel("documents")
    figure.legend(names, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.05), ncols=5)
    path = folder / "benchmarks-growth.svg"
    with mpl.rc_context({"svg.hashsalt": "searchlib"}):
        figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
    return [path]


def _fill_speed(run: Run, axes: Axes) -> None:
    names = [engine.name for engine in run.engines]
    speeds = [run.collection.text_bytes / engine.builds[0].seconds / 1e6 for engine in run.engines]
    bars = axes.barh(names, speeds, color=_colours(len(names)), height=0.65)
    axes.bar_label(bars, fmt="%.2f", padding=4)
    axes.margins(x=0.1)
    axes.invert_yaxis()
    axes.set_xlabel("MB of text indexed per second (longer is better)")
    axes.set_title(f"Indexing {run.collection.documents:,} documents, one thread", loc="left")


def _fill_latency(run: Run, axes: Axes) -> None:
    """A dot per engine and type at the mean, on a line from p50 to p99: log scales have no bars."""
    from matplotlib.ticker import LogLocator, NullLocator

    step = 0.6 / len(run.engines)
    colours = _colours(len(run.engines))
    for number, (engine, colour) in enumerate(zip(run.engines, colours, strict=True)):
        summed = summaries(run, engine, "top 10")
        answered = [(place, summed[type_]) for place, type_ in enumerate(TYPES) if type_ in summed]
        found = [one for _, one in answered]
        offset = (number - (len(run.engines) - 1) / 2) * step
        places = [place + offset for place, _ in answered]
        lowest, highest = [one.p50_s * 1e3 for one in found], [one.p99_s * 1e3 for one in found]
        axes.vlines(places, lowest, highest, color=colour, linewidth=3, alpha=0.45)
        means = [one.mean_s * 1e3 for one in found]
        axes.plot(places, means, "o", color=colour, markersize=8, label=engine.name)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(_plain_number)
    axes.set_xticks(range(len(TYPES)), TYPES)
    axes.set_ylabel("ms per query, log scale (lower is better)")
    axes.grid(axis="y", alpha=0.3)
    axes.set_title(
        f"Top 10 of {run.collection.documents:,} documents: mean (dot), p50 to p99 (line)",
        loc="left",
    )
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=4)


def _colours(count: int) -> list[str]:
    """As many colours as engines, told apart by readers who do not see red and green as two."""
    return [_COLOURS[number % len(_COLOURS)] for number in range(count)]


def _plain_number(value: float, _place: Any) -> str:
    return f"{value:g}"


def _short_number(value: int) -> str:
    """A size on an axis.

    >>> _short_number(20_000), _short_number(5_000_000)
    ('20k', '5M')
    """
    return f"{value / 1e6:g}M" if value >= 1_000_000 else f"{value / 1e3:g}k"
