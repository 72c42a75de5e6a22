"""Owns one measured job, in a process of its own: a build, or the questions to one index.

``python -m benchmarks.worker JOB ANSWER`` reads a JSON file and writes one. A process per job gives
each engine its own peak memory and a heap that no other engine has worked in.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import attrs

from benchmarks.corpora import Document, load
from benchmarks.engines import load_engine
from benchmarks.engines.base import Answer, Built, Engine, Searcher, Settings
from benchmarks.errors import EngineError
from benchmarks.gauges import folder_bytes, peak_memory_bytes, private_memory_bytes
from benchmarks.queries import TASKS, Query, Task

__all__ = ["Reading", "build", "describe", "main", "search"]

# Documents read at once, while no watch runs. An engine whose own threads work on what it was given
# before has at most some thousands of documents of work left then: one in a hundred.
_BATCH_DOCUMENTS = 500_000
# What a thread answers when several do: some seconds of a fast engine.
_CROWD_QUERIES = 1000


class Reading:
    """The documents of a stream, counting the seconds that reading them took.

    An index that takes 100 MB/s must not be charged for decoding JSON. The stream is read a batch
    at a time, between two looks at the clocks; the first batch when this is made, so that its
    memory is not the engine's either.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = iter(documents)
        self.seconds = 0.0
        self.processor_s = 0.0
        self.count = 0
        self._batch: list[Document] = []
        self._read()

    def __iter__(self) -> Iterator[Document]:
        while self._batch:
            yield from self._batch
            self._read()

    def _read(self) -> None:
        start, processor = perf_counter(), process_time()
        self._batch.clear()
        self._batch.extend(islice(self._documents, _BATCH_DOCUMENTS))
        self.seconds += perf_counter() - start
        self.processor_s += process_time() - processor
        self.count += len(self._batch)


def describe(job: dict[str, Any]) -> dict[str, Any]:
    """What the engine can do, or why it cannot be had here."""
    try:
        engine = load_engine(job["engine"])
    except EngineError as error:
        return {"absent": error.problem}
    return {
        "version": engine.version(),
        "types": engine.types,
        "indexing_threads": engine.indexing_threads,
        "searching_threads": engine.searching_threads,
    }


def build(job: dict[str, Any]) -> dict[str, Any]:
    """Seconds, processor seconds, peak memory and size of indexing, then of merging into one."""
    engine = load_engine(job["engine"])
    folder, settings = Path(job["folder"]), Settings(**job["settings"])
    documents = Reading(load(Path(job["collection"]), limit=job["documents"]))
    built = _built(engine, documents, folder, settings)
    figures = {
        **attrs.asdict(built),
        "documents": documents.count,
        "disk_bytes": folder_bytes(folder),
        "optimize_s": None,
        "optimized_bytes": None,
    }
    if job["optimize"]:
        start = perf_counter()
        merged = engine.optimize(folder, settings)
        if merged:
            seconds = merged.seconds if isinstance(merged, Built) else perf_counter() - start
            figures |= {"optimize_s": seconds, "optimized_bytes": folder_bytes(folder)}
    return figures


def _built(engine: Engine, documents: Reading, folder: Path, settings: Settings) -> Built:
    """What the engine measured where it is a process of its own, else what is measured here."""
    before_bytes = peak_memory_bytes()
    read_s, read_processor_s = documents.seconds, documents.processor_s
    start, processor = perf_counter(), process_time()
    told = engine.build(documents, folder, settings)
    return told or Built(
        seconds=perf_counter() - start - (documents.seconds - read_s),
        processor_s=process_time() - processor - (documents.processor_s - read_processor_s),
        peak_bytes=peak_memory_bytes() - before_bytes,
    )


def search(job: dict[str, Any]) -> dict[str, Any]:
    """Opening, memory, and per task and query the best latency; totals, keys, threads at work.

    Queries that the engine does not answer, or that its time did not suffice for, have None.
    """
    engine = load_engine(job["engine"])
    queries = [Query(**query) for query in job["queries"]]
    places = [place for place, query in enumerate(queries) if query.type in engine.types]
    start = perf_counter()
    searcher = engine.open(Path(job["folder"]))
    open_s = perf_counter() - start
    first_s = _seconds(searcher, queries[places[0]], TASKS["top 10"])[0]
    if searcher.open_s is not None:
        open_s = searcher.open_s
    _warm_up(engine, searcher, [queries[place] for place in places], budget_s=job["budget_s"])
    figures: dict[str, Any] = {"open_s": open_s, "first_s": first_s, "latencies_s": {}}
    answers: dict[str, dict[int, Answer]] = {}
    for name, task in TASKS.items():
        if task.counted and not engine.has_counts:
            continue
        asked = _Asked(searcher, queries, task, budget_s=job["budget_s"])
        latencies = asked.latencies(places, passes=job["passes"])
        answers[name] = asked.answers
        figures["latencies_s"][name] = [latencies.get(place) for place in range(len(queries))]
        if name == "top 10":
            figures["private_bytes"] = private_memory_bytes(searcher.process)
    best, counts = answers["top 10"], answers.get("count", {})
    figures["ids"] = [_ids(searcher, best.get(place)) for place in range(len(queries))]
    figures["totals"] = [
        counts[place].total if place in counts else None for place in range(len(queries))
    ]
    figures["crowds"] = _crowds(engine, searcher, [queries[place] for place in best])
    searcher.close()
    return figures


def _warm_up(engine: Engine, searcher: Searcher, queries: list[Query], *, budget_s: float) -> None:
    """Ask all queries as often as the engine wants before any counts, within ``budget_s``."""
    end = perf_counter() + budget_s
    for _ in range(engine.warm_passes):
        if perf_counter() < end:
            searcher.search_all(queries, limit=10, threads=1)


def _ids(searcher: Searcher, answer: Answer | None) -> tuple[str, ...] | None:
    return None if answer is None else searcher.ids(answer)


def _seconds(searcher: Searcher, query: Query, task: Task) -> tuple[float, Answer]:
    start = perf_counter()
    answer = searcher.search(query, limit=task.limit, counted=task.counted)
    seconds = perf_counter() - start
    return (seconds if answer.seconds is None else answer.seconds), answer


class _Asked:
    """One task for one open index, within ``budget_s`` seconds."""

    def __init__(
        self, searcher: Searcher, queries: list[Query], task: Task, *, budget_s: float
    ) -> None:
        self._searcher = searcher
        self._queries = queries
        self._task = task
        self._budget_s = budget_s
        self.answers: dict[int, Answer] = {}

    def latencies(self, places: list[int], *, passes: int) -> dict[int, float]:
        """The best of ``passes`` latencies of the queries at ``places``, after one that warms up.

        A first pass takes the queries of all types by turns, as far as its share of the time goes:
        a slow engine answers fewer, of every type alike. Every later answer must be the first one.
        """
        turns = sorted(places, key=lambda place: self._turn(place, places))
        end = perf_counter() + self._budget_s / (1 + passes)
        for place in turns:
            _, self.answers[place] = _seconds(self._searcher, self._queries[place], self._task)
            if perf_counter() > end:
                break
        times = [self._pass() for _ in range(passes)]
        return {place: min(each[place] for each in times) for place in self.answers}

    def _turn(self, place: int, places: list[int]) -> tuple[int, int]:
        """The number of the query among those of its type, then its place."""
        type_ = self._queries[place].type
        first = next(one for one in places if self._queries[one].type == type_)
        return place - first, place

    def _pass(self) -> dict[int, float]:
        times = {}
        for place, expected in self.answers.items():
            query = self._queries[place]
            times[place], answer = _seconds(self._searcher, query, self._task)
            same = [h[0] for h in answer.hits] == [h[0] for h in expected.hits]
            assert same, f"{query} found {expected}, then {answer}"
        return times


def _crowds(engine: Engine, searcher: Searcher, queries: list[Query]) -> dict[str, float]:
    """Queries a second that one thread answers, and as many as the engine may search with."""
    asked = (queries * (_CROWD_QUERIES // max(len(queries), 1) + 1))[:_CROWD_QUERIES]
    if engine.searching_threads == 1:
        return {}
    return {
        str(threads): len(asked)
        / min(searcher.search_all(asked, limit=10, threads=threads) for _ in range(3))
        for threads in range(1, engine.searching_threads + 1)
    }


def main(job_path: str, answer_path: str) -> None:
    """Do the job in the file ``job_path`` and write its figures to ``answer_path``."""
    job = json.loads(Path(job_path).read_text(encoding="utf-8"))
    figures = {"describe": describe, "build": build, "search": search}[job["action"]](job)
    Path(answer_path).write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
