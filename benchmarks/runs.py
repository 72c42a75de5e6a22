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
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import attrs

from benchmarks.corpora import Collection
from benchmarks.errors import WorkerError
from benchmarks.measures import Summary, overlap, summarise
from benchmarks.queries import KINDS, TYPES, Query

__all__ = [
    "BuildFigures",
    "EngineFigures",
    "Plan",
    "Run",
    "SearchFigures",
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
    """How often to measure: builds, rounds of search, passes in each; and hits per query."""

    repeat: int = 2
    rounds: int = 2
    passes: int = 2
    limit: int = 10


@attrs.frozen
class BuildFigures:
    """The best of several builds in seconds, each of them, the lowest peak memory, and the size."""

    seconds: float
    all_seconds: list[float]
    peak_bytes: int
    disk_bytes: int


@attrs.frozen
class SearchFigures:
    """Opening time, and one number per query: best latency, exact total, hits shared.

    ``shared`` is the share of the first engine's hits that this one shows; None where that engine
    shows none.
    """

    open_s: float
    peak_bytes: int
    latencies_s: list[float]
    totals: list[int]
    shared: list[float | None]


@attrs.frozen
class EngineFigures:
    """One engine's part of a run."""

    name: str
    version: str
    build: BuildFigures
    search: SearchFigures


@attrs.frozen
class Run:
    """What was measured, on what, and the figures; the first engine is the one compared with."""

    command: str
    started: str
    machine: dict[str, str | int | float]
    collection: Collection
    plan: Plan
    queries: list[Query]
    engines: list[EngineFigures]

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
    workers = [_Worker(name, folder=folder / name) for name in names]
    for turn in range(plan.repeat):
        for worker in workers:
            tell(f"{worker.name}: build {turn + 1} of {plan.repeat}")
            worker.build(path, documents=collection.documents)
    for turn in range(plan.rounds):
        for worker in workers:
            tell(f"{worker.name}: {len(queries)} queries, round {turn + 1} of {plan.rounds}")
            worker.search(queries, plan=plan)
    first = workers[0]
    figures = [worker.figures(reference=first) for worker in workers]
    return Run(command, started, machine, collection, plan, queries, figures)


def summaries(run: Run, engine: EngineFigures) -> dict[str, Summary]:
    """The latencies of ``engine`` summed up by type and by kind of query, where there are any."""
    return {
        group: summarise([engine.search.latencies_s[place] for place in places])
        for group in (*TYPES, *KINDS)
        if (places := run.places(group))
    }


def write_run(run: Run, path: Path) -> None:
    """``run`` as JSON in ``path``, whole or not at all: one member per line, the summary first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    summary = {
        engine.name: {group: attrs.asdict(one) for group, one in summaries(run, engine).items()}
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
            build=BuildFigures(**engine["build"]),
            search=SearchFigures(**engine["search"]),
        )
        for engine in found.pop("engines")
    ]
    queries = [Query(**query) for query in found.pop("queries")]
    collection = Collection(**found.pop("collection"))
    plan = Plan(**found.pop("plan"))
    return Run(**found, collection=collection, plan=plan, queries=queries, engines=engines)


def describe_machine() -> dict[str, str | int | float]:
    """What of this machine bears on the figures; no name and no address of it."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    facts: dict[str, str | int | float] = {
        "processor": _processor(),
        "cores": cores or 1,
        "system": platform.system(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }
    if hasattr(os, "getloadavg"):
        facts["load_before"] = round(os.getloadavg()[0], 2)
    return facts


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
        self._builds: list[dict[str, Any]] = []
        self._searches: list[dict[str, Any]] = []

    def build(self, collection: Path, *, documents: int) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        figures = self._do("build", collection=str(collection.resolve()), documents=documents)
        assert figures["documents"] == documents, f"{self.name} read {figures['documents']}"
        self._builds.append(figures)

    def search(self, queries: list[Query], *, plan: Plan) -> None:
        asked = [attrs.asdict(query) for query in queries]
        figures = self._do("search", queries=asked, limit=plan.limit, passes=plan.passes)
        self._searches.append(figures)

    def figures(self, *, reference: _Worker) -> EngineFigures:
        seconds = [one["seconds"] for one in self._builds]
        build = BuildFigures(
            seconds=min(seconds),
            all_seconds=seconds,
            peak_bytes=min(one["peak_bytes"] for one in self._builds),
            disk_bytes=self._builds[-1]["disk_bytes"],
        )
        shown, compared = self._searches[-1]["ids"], reference._searches[-1]["ids"]
        rounds = (one["latencies_s"] for one in self._searches)
        search = SearchFigures(
            open_s=min(one["open_s"] for one in self._searches),
            peak_bytes=min(one["peak_bytes"] for one in self._searches),
            latencies_s=[round(min(times), 7) for times in zip(*rounds, strict=True)],
            totals=self._searches[-1]["totals"],
            shared=[overlap(ids, others) for ids, others in zip(shown, compared, strict=True)],
        )
        return EngineFigures(self.name, self._builds[-1]["version"], build, search)

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
