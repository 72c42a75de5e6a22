"""Owns the errors of the benchmarks.

They are not searchlib's: a process that measures a peer never imports searchlib, whose memory and
import time would be counted as the peer's.
"""

from __future__ import annotations

from pathlib import Path

__all__ = [
    "BenchmarkError",
    "CollectionError",
    "EngineError",
    "QueryShortageError",
    "WorkerError",
]


class BenchmarkError(Exception):
    """The root of the errors that end a benchmark with a message."""


class CollectionError(BenchmarkError):
    """A line of a collection that is no document; ``line`` counts from 1.

    >>> print(CollectionError(Path("passi.jsonl"), line=3, problem="not JSON"))
    passi.jsonl, line 3: not JSON; each line is an object with the strings "id" and "testo"
    """

    def __init__(self, path: Path, *, line: int, problem: str) -> None:
        self.path = path
        self.line = line
        self.problem = problem
        super().__init__(
            f"{path}, line {line}: {problem}; "
            'each line is an object with the strings "id" and "testo"'
        )


class QueryShortageError(BenchmarkError):
    """A collection too small for the number of queries asked for.

    >>> print(QueryShortageError("prefix", wanted=300, found=12))
    the documents give 12 different prefix queries, wanted 300; ask for fewer, or index more
    """

    def __init__(self, query_type: str, *, wanted: int, found: int) -> None:
        self.query_type = query_type
        self.wanted = wanted
        self.found = found
        super().__init__(
            f"the documents give {found} different {query_type} queries, wanted {wanted}; "
            "ask for fewer, or index more"
        )


class EngineError(BenchmarkError):
    """An engine that is unknown, or whose packages are not installed."""

    def __init__(self, engine: str, *, problem: str) -> None:
        self.engine = engine
        self.problem = problem
        super().__init__(f"engine {engine!r}: {problem}")


class WorkerError(BenchmarkError):
    """A measured process that failed: which engine, doing what, and all that it printed."""

    def __init__(self, engine: str, *, action: str, output: str) -> None:
        self.engine = engine
        self.action = action
        self.output = output
        super().__init__(f"{engine}: the {action} failed; it printed:\n{output.strip()}")
