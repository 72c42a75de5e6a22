"""Owns the pictures of a report; matplotlib is imported only when one is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.queries import TYPES
from benchmarks.runs import Run, summaries

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw"]

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


def _fill_speed(run: Run, axes: Axes) -> None:
    names = [engine.name for engine in run.engines]
    speeds = [run.collection.text_bytes / engine.build.seconds / 1e6 for engine in run.engines]
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
        summed = summaries(run, engine)
        found = [summed[type_] for type_ in TYPES]
        offset = (number - (len(run.engines) - 1) / 2) * step
        places = [place + offset for place in range(len(TYPES))]
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
        f"Top {run.plan.limit} with counts on {run.collection.documents:,} documents: "
        "mean (dot), p50 to p99 (line)",
        loc="left",
    )
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=4)


def _colours(count: int) -> list[str]:
    """As many colours as engines, told apart by readers who do not see red and green as two."""
    return [_COLOURS[number % len(_COLOURS)] for number in range(count)]


def _plain_number(value: float, _place: Any) -> str:
    return f"{value:g}"
