"""Owns a run: every engine on the same documents and queries, turn by turn, and what came out.

Engines take turns at each repetition, so that a machine that slows down slows all of them. A run
is plain data: it goes to JSON and comes back the same.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Container, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import attrs

from benchmarks.corpora import Collection
from benchmarks.errors import EngineError, WorkerError
from benchmarks.measures import Summary, overlap, summarise
from benchmarks.queries import KINDS, TYPES, Query

__all__ = [
    "BuildFigures",
    "EngineFigures",
    "Plan",
    "Run",
    "SearchFigures",
    "available_cores",
    "describe_machine",
    "measure",
    "read_run",
    "summaries",
    "write_run",
]

_ROOT = Path(__file__).resolve().parents[1]
# Peers that would use every core, or hash strings by a random seed, are held to one behaviour.
_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
}


@attrs.frozen
class Plan:
    """How often and how to measure.

    Builds with each number of threads, timed passes over the queries and seconds that they and a
    warm one may take for one task, megabytes that a writer may fill.
    """

    repeat: int = 2
    threads: tuple[int, ...] = (1, 2)
    passes: int = 3
    budget_s: float = 20.0
    memory_mb: int = 1024


@attrs.frozen
class BuildFigures:
    """The best of several builds with so many threads, each of them, and what it left.

    ``optimize_s`` is the time of merging into one segment afterwards, in one thread, None where
    the engine cannot; ``optimized_bytes`` is the size then, of the index that is searched.
    """

    threads: int
    seconds: float
    all_seconds: list[float]
    processor_s: float
    peak_bytes: int
    disk_bytes: int
    optimize_s: float | None
    optimized_bytes: int | None


@attrs.frozen
class SearchFigures:
    """Opening, memory, and one number per query: best latency by task, exact total, hits shared.

    ``shared`` is the share of the first engine's ten hits that this one shows; None where that
    engine shows none. What was not asked, or not answered in time, is None. ``crowds`` is queries
    a second by threads that ask at once.
    """

    open_s: float
    first_s: float
    private_bytes: int | None
    latencies_s: dict[str, list[float | None]]
    totals: list[int | None]
    shared: list[float | None]
    crowds: dict[str, float]


@attrs.frozen
class EngineFigures:
    """One engine's part of a run; builds are in the order of their threads."""

    name: str
    version: str
    builds: list[BuildFigures]
    search: SearchFigures


@attrs.frozen
class Run:
    """What was measured, on what, the figures, and why other engines are absent.

    Hits are compared with those of the first engine.
    """

    command: str
    started: str
    machine: dict[str, str | int | float]
    collection: Collection
    plan: Plan
    queries: list[Query]
    engines: list[EngineFigures]
    absent: dict[str, str] = attrs.field(factory=dict)

    def places(self, group: str) -> list[int]:
        """Where the queries of one type or kind stand in the lists with one number per query."""
        return [
            place for place, query in enumerate(self.queries) if group in (query.type, query.kind)
        ]


def measure(
    names: Sequence[str],
    collection: Collection,
    *,
    path: Path,
    queries: list[Query],
    plan: Plan,
    folder: Path,
    command: str,
    tell: Callable[[str], None],
) -> Run:
    """The run of the engines ``names`` on the JSON Lines file ``path``.

    Indexes are built under ``folder`` and removed as soon as another takes their place. ``tell``
    is given a line before each step. WorkerError where an engine fails; nothing is kept then.
    """
    started = datetime.now(timezone.utc).isoformat(timespec="seconds")
    machine = describe_machine()
    found = [_Worker(name, folder=folder / name) for name in names]
    absent = {worker.name: worker.absent for worker in found if worker.absent}
    for name, reason in absent.items():
        tell(f"{name}: passed over, {reason}")
    workers = [worker for worker in found if not worker.absent]
    if not workers:
        raise EngineError(", ".join(names), problem="none is installed")
    for turn in range(plan.repeat):
        # The most threads first: the index of the last build, of one thread, is searched.
        for threads in sorted(plan.threads, reverse=True):
            for worker in workers:
                if threads <= worker.indexing_threads:
                    tell(f"{worker.name}: build {turn + 1} of {plan.repeat}, threads: {threads}")
                    worker.build(path, documents=collection.documents, threads=threads, plan=plan)
    for worker in workers:
        tell(f"{worker.name}: {len(queries)} queries")
        worker.search(queries, plan=plan)
    figures = [worker.figures(reference=workers[0]) for worker in workers]
    return Run(command, started, machine, collection, plan, queries, figures, absent)


def summaries(
    run: Run, engine: EngineFigures, task: str, *, among: Container[int] | None = None
) -> dict[str, Summary]:
    """The latencies of ``engine`` for ``task`` by type and by kind of query, where there are any.

    Only the queries at the places ``among``, where those are given.
    """
    latencies = engine.search.latencies_s.get(task, [None] * len(run.queries))
    found = {}
    for group in (*TYPES, *KINDS):
        places = (place for place in run.places(group) if among is None or place in among)
        timed = [seconds for place in places if (seconds := latencies[place]) is not None]
        if timed:
            found[group] = summarise(timed)
    return found


def write_run(run: Run, path: Path) -> None:
    """``run`` as JSON in ``path``, whole or not at all: one member per line, the summary first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    summary = {
        engine.name: {
            task: {group: attrs.asdict(one) for group, one in summaries(run, engine, task).items()}
            for task in engine.search.latencies_s
        }
        for engine in run.engines
    }
    members = {"summary": summary, **attrs.asdict(run)}
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in members.items()]
    unfinished = path.with_name(path.name + ".tmp")
    unfinished.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    unfinished.replace(path)


def read_run(path: Path) -> Run:
    """The run that :func:`write_run` left in ``path``."""
    found = json.loads(path.read_text(encoding="utf-8"))
    del found["summary"]
    engines = [
        EngineFigures(
            name=engine["name"],
            version=engine["version"],
            builds=[BuildFigures(**one) for one in engine["builds"]],
            search=SearchFigures(**engine["search"]),
        )
        for engine in found.pop("engines")
    ]
    queries = [Query(**query) for query in found.pop("queries")]
    collection = Collection(**found.pop("collection"))
    plan = Plan(**{**found["plan"], "threads": tuple(found.pop("plan")["threads"])})
    return Run(**found, collection=collection, plan=plan, queries=queries, engines=engines)


def describe_machine() -> dict[str, str | int | float]:
    """What of this machine bears on the figures; no name and no address of it."""
    facts: dict[str, str | int | float] = {
        "processor": _processor(),
        "cores": available_cores(),
        "system": platform.system(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }
    if hasattr(os, "getloadavg"):
        facts["load_before"] = round(os.getloadavg()[0], 2)
    return facts


def available_cores() -> int:
    """How many processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


class _Worker:
    """One engine's processes, one after the other, and the figures they brought back."""

    def __init__(self, name: str, *, folder: Path) -> None:
        self.name = name
        self._folder = folder
        self._builds: dict[int, list[dict[str, Any]]] = {}
        self._search: dict[str, Any] = {}
        described = self._do("describe")
        self.absent: str | None = described.get("absent")
        self.indexing_threads: int = described.get("indexing_threads", 0)
        self._version: str = described.get("version", "")

    def build(self, collection: Path, *, documents: int, threads: int, plan: Plan) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        figures = self._do(
            "build",
            collection=str(collection.resolve()),
            documents=documents,
            settings={"threads": threads, "memory_mb": plan.memory_mb},
            optimize=threads == min(plan.threads),
        )
        assert figures["documents"] == documents, f"{self.name} read {figures['documents']}"
        self._builds.setdefault(threads, []).append(figures)

    def search(self, queries: list[Query], *, plan: Plan) -> None:
        asked = [attrs.asdict(query) for query in queries]
        self._search = self._do("search", queries=asked, passes=plan.passes, budget_s=plan.budget_s)

    def figures(self, *, reference: _Worker) -> EngineFigures:
        found = self._search
        pairs = zip(found["ids"], reference._search["ids"], strict=True)
        search = SearchFigures(
            open_s=found["open_s"],
            first_s=found["first_s"],
            private_bytes=found["private_bytes"],
            latencies_s={
                task: [None if seconds is None else round(seconds, 7) for seconds in latencies]
                for task, latencies in found["latencies_s"].items()
            },
            totals=found["totals"],
            shared=[overlap(*pair) if None not in pair else None for pair in pairs],
            crowds=found["crowds"],
        )
        builds = [_build_figures(n, self._builds[n]) for n in sorted(self._builds)]
        return EngineFigures(self.name, self._version, builds, search)

    def _do(self, action: str, **job: Any) -> dict[str, Any]:
        """The figures of one job, done in a fresh interpreter."""
        job_path = self._folder.with_name(f"{self.name}.job.json")
        answer_path = self._folder.with_name(f"{self.name}.answer.json")
        job |= {"action": action, "engine": self.name, "folder": str(self._folder.resolve())}
        job_path.write_text(json.dumps(job), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.worker", job_path.resolve(), answer_path.resolve()],
            cwd=_ROOT,
            env={**os.environ, **_ENVIRONMENT},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            raise WorkerError(self.name, action=action, output=done.stdout + done.stderr)
        figures: dict[str, Any] = json.loads(answer_path.read_text(encoding="utf-8"))
        return figures


def _build_figures(threads: int, builds: list[dict[str, Any]]) -> BuildFigures:
    """The best of ``builds``, all with so many threads."""
    best = min(builds, key=lambda one: float(one["seconds"]))
    merges = [one["optimize_s"] for one in builds if one["optimize_s"] is not None]
    return BuildFigures(
        threads=threads,
        seconds=best["seconds"],
        all_seconds=[one["seconds"] for one in builds],
        processor_s=min(one["processor_s"] for one in builds),
        peak_bytes=min(one["peak_bytes"] for one in builds),
        disk_bytes=best["disk_bytes"],
        optimize_s=min(merges, default=None),
        optimized_bytes=best["optimized_bytes"],
    )
