"""Owns one measured job, in a process of its own: a build or a pass over the queries.

``python -m benchmarks.worker JOB ANSWER`` reads a JSON file and writes one. A process per job gives
each engine its own peak memory and a heap that no other engine has worked in.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.corpora import Document, load
from benchmarks.engines import load_engine
from benchmarks.engines.base import Answer, Searcher
from benchmarks.queries import Query

__all__ = ["Reading", "build", "folder_bytes", "main", "peak_memory_bytes", "search"]

# Large enough that reading the clock costs nothing, small enough to hold in memory unnoticed.
_BATCH_DOCUMENTS = 500


class Reading:
    """The documents of a stream, counting the seconds that reading them took.

    An index that takes 100 MB/s must not be charged for decoding JSON. The stream is read a batch
    at a time, between two looks at the clock; ``seconds`` is the sum.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = iter(documents)
        self.seconds = 0.0
        self.count = 0

    def __iter__(self) -> Iterator[Document]:
        while True:
            start = perf_counter()
            batch = list(islice(self._documents, _BATCH_DOCUMENTS))
            self.seconds += perf_counter() - start
            self.count += len(batch)
            if not batch:
                return
            yield from batch


def peak_memory_bytes() -> int:
    """The most memory that this process has held resident so far.

    Linux keeps it as VmHWM. ``ru_maxrss``, which other systems have, would not do there: it
    survives exec(), so a child starts from what its parent weighed.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource  # not on Windows

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def folder_bytes(folder: Path) -> int:
    """The size of all files under ``folder``."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def build(job: dict[str, Any]) -> dict[str, Any]:
    """Seconds, peak memory beyond the start and size on disk of indexing a collection."""
    engine = load_engine(job["engine"])
    folder = Path(job["folder"])
    documents = Reading(load(Path(job["collection"]), limit=job["documents"]))
    before_bytes = peak_memory_bytes()
    start = perf_counter()
    engine.build(documents, folder)
    seconds = perf_counter() - start - documents.seconds
    return {
        "version": engine.version(),
        "seconds": seconds,
        "peak_bytes": peak_memory_bytes() - before_bytes,
        "disk_bytes": folder_bytes(folder),
        "documents": documents.count,
    }


def search(job: dict[str, Any]) -> dict[str, Any]:
    """Opening time; per query the best latency of ``passes`` after a warm one, and the hits."""
    engine = load_engine(job["engine"])
    queries = [Query(**query) for query in job["queries"]]
    before_bytes = peak_memory_bytes()
    start = perf_counter()
    searcher = engine.open(Path(job["folder"]))
    open_s = perf_counter() - start
    answers = [searcher.search(query, limit=job["limit"]) for query in queries]
    passes = [_timed_pass(searcher, queries, answers, job["limit"]) for _ in range(job["passes"])]
    searcher.close()
    return {
        "open_s": open_s,
        "peak_bytes": peak_memory_bytes() - before_bytes,
        "latencies_s": [min(times) for times in zip(*passes, strict=True)],
        "totals": [answer.total for answer in answers],
        "ids": [answer.ids for answer in answers],
    }


def _timed_pass(
    searcher: Searcher, queries: list[Query], answers: list[Answer], limit: int
) -> list[float]:
    """Seconds of each query, in order; every answer must be the one given when warming up."""
    times = []
    for query, expected in zip(queries, answers, strict=True):
        start = perf_counter()
        answer = searcher.search(query, limit=limit)
        times.append(perf_counter() - start)
        assert answer == expected, f"{query} answered {expected}, then {answer}"
    return times


def main(job_path: str, answer_path: str) -> None:
    """Do the job in the file ``job_path`` and write its figures to ``answer_path``."""
    job = json.loads(Path(job_path).read_text(encoding="utf-8"))
    figures = {"build": build, "search": search}[job["action"]](job)
    Path(answer_path).write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
