"""Owns what searchlib promises of itself, whatever its peers do: its native engine alone.

Each figure is measured in a fresh interpreter, next to what it is compared with.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import Any

import attrs

from benchmarks.engines.base import seconds_of
from benchmarks.queries import Query

__all__ = ["Promise", "keep_promises", "main"]

_ROOT = Path(__file__).resolve().parents[1]
_REPEAT = 7
_QUERIES = 200
_SNIPPET_CHARS = 200
_THREAD_S = 1.0


@attrs.frozen
class Promise:
    """A figure of searchlib: what it says, its value, and the limit that it should keep.

    ``at_most`` tells on which side of the limit it should be.
    """

    name: str
    value: float
    unit: str
    limit: float
    at_most: bool = True

    def is_kept(self) -> bool:
        """Whether the value is on its side of the limit.

        >>> Promise("speed-up", 1.8, "times", limit=1.7, at_most=False).is_kept()
        True
        """
        return self.value <= self.limit if self.at_most else self.value >= self.limit


def keep_promises(folder: Path, queries: Sequence[Query]) -> list[Promise]:
    """The figures of the native index in ``folder``, asked ``queries`` of the type ``all``.

    Opening is the median of fresh processes, as a service restarts: the system has the files in
    memory, the process has nothing.
    """
    texts = [query.text for query in queries if query.type == "all"][:_QUERIES]
    interpreter = min(_child_seconds("pass") for _ in range(_REPEAT))
    imported = min(_child_seconds("import searchlib") for _ in range(_REPEAT))
    opened = sorted(_asked("opening", folder, texts) for _ in range(_REPEAT))[_REPEAT // 2]
    snippets, beside, crowd = (
        _asked(figure, folder, texts) for figure in ("snippets", "beside", "crowd")
    )
    at_least = partial(Promise, at_most=False)
    return [
        Promise("import, beyond the interpreter", 1e3 * (imported - interpreter), "ms", 50),
        Promise("open and first query", 1e3 * opened, "ms", 10),
        Promise("ten snippets of 200 characters, mean", 1e3 * snippets, "ms", 0.5),
        at_least("Python beside a searching thread", beside, "of its speed alone", 0.9),
        at_least("two searching threads", crowd, "times one", 1.7),
    ]


def _child_seconds(code: str) -> float:
    start = perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, cwd=_ROOT)
    return perf_counter() - start


def _asked(figure: str, folder: Path, texts: list[str]) -> float:
    """One figure, measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.promises", figure, str(folder)]
    done = subprocess.run(
        command, input=json.dumps(texts), check=True, capture_output=True, text=True, cwd=_ROOT
    )
    return float(done.stdout)


def _opening(folder: Path, texts: list[str]) -> float:
    """Seconds from ``searchlib.open`` to the ten hits of a first query."""
    import searchlib

    start = perf_counter()
    index = searchlib.open(folder)
    _search(index, texts[0])
    return perf_counter() - start


def _snippets(folder: Path, texts: list[str]) -> float:
    """Mean seconds of the ten snippets of a page, each page's best of three."""
    import searchlib

    index = searchlib.open(folder)
    means = []
    for text in texts:
        times = []
        for _ in range(3):
            # Searched anew each time, as a page that was cut once may remember its passages.
            page = index.search(text, mode="all").hits
            start = perf_counter()
            for hit in page:
                hit.snippet("testo", max_chars=_SNIPPET_CHARS)
            times.append(perf_counter() - start)
        if len(page) == 10:
            means.append(min(times))
    return sum(means) / len(means)


def _beside(folder: Path, texts: list[str]) -> float:
    """The speed of a Python loop beside a thread that searches, as a share of its speed alone."""
    import searchlib

    index = searchlib.open(folder)
    alone = _loops()
    over = Event()

    def keep_searching() -> None:
        while not over.is_set():
            for text in texts:
                _search(index, text, limit=100)

    searching = Thread(target=keep_searching)
    searching.start()
    beside = _loops()
    over.set()
    searching.join()
    return beside / alone


def _loops() -> int:
    """How often a small piece of pure Python runs in a second."""
    end = perf_counter() + _THREAD_S
    done = 0
    while perf_counter() < end:
        sum(range(100))
        done += 1
    return done


def _crowd(folder: Path, texts: list[str]) -> float:
    """How many times the work of one thread two of them do in the same time."""
    import searchlib

    index = searchlib.open(folder)

    def answer() -> None:
        for text in texts * 5:
            _search(index, text)

    answer()
    one = min(seconds_of([answer]) for _ in range(3))
    return 2 * one / min(seconds_of([answer, answer]) for _ in range(3))


def _search(index: Any, text: str, *, limit: int = 10) -> list[tuple[str, float]]:
    results = index.search(text, mode="all", ranking="bm25", limit=limit)
    return [(hit.id, hit.score) for hit in results]


_FIGURES: dict[str, Callable[[Path, list[str]], float]] = {
    "opening": _opening,
    "snippets": _snippets,
    "beside": _beside,
    "crowd": _crowd,
}


def main(figure: str, folder: str) -> None:
    """Print one figure of the index in ``folder``; the queries come by standard input."""
    print(_FIGURES[figure](Path(folder), json.load(sys.stdin)))


if __name__ == "__main__":
    main(*sys.argv[1:])
