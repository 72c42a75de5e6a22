"""Owns the writer: one thread at a time, in the process that opened it, under the lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from searchlib import _native
from searchlib.analysis import Analyzer
from searchlib.engines.base import CommitReport, Snapshot
from searchlib.engines.lock import WriterLock
from searchlib.engines.native.snapshot import NativeSnapshot
from searchlib.engines.storage import REPLACED
from searchlib.engines.turns import Turns
from searchlib.errors import ArgumentError, ClosedError
from searchlib.query.plan import Plan
from searchlib.schema import MAX_DOCUMENT_BYTES, MAX_KEY_BYTES, MAX_KEYWORD_BYTES, Schema

__all__ = ["DEFAULT_MEMORY_MB", "NativeWriter"]

DEFAULT_MEMORY_MB = 256
"""A segment of some 100,000 passages; more makes fewer merges, and hardly less work."""


class NativeWriter:
    """The one writer of an index; implements ``searchlib.engines.base.EngineWriter``."""

    def __init__(
        self,
        index: _native.Index,
        path: Path,
        schema: Schema,
        analyzer: Analyzer,
        lock: WriterLock,
        *,
        memory_mb: int | None = None,
        threads: int | None = None,
    ) -> None:
        self._path = path
        self._schema = schema
        self._lock = lock
        self._identity = self._folder_identity()
        self._turns = Turns()
        self._native = index.writer(
            memory_bytes=(DEFAULT_MEMORY_MB if memory_mb is None else memory_mb) * 1024 * 1024,
            threads=threads or 1,
            corrections=(
                dict(analyzer.corrections.protected),
                dict(analyzer.corrections.merged),
            ),
            limits=(MAX_KEY_BYTES, MAX_KEYWORD_BYTES, MAX_DOCUMENT_BYTES),
            document_class=schema.document_class,
        )

    def _folder_identity(self) -> tuple[int, int]:
        status = self._path.stat()
        return status.st_dev, status.st_ino

    def _check_place(self) -> None:
        try:
            is_in_place = self._folder_identity() == self._identity
        except OSError:
            is_in_place = False
        if not is_in_place:
            raise ClosedError("writer", REPLACED)

    def add(self, values: Mapping[str, Any]) -> None:
        """Adds a document; one of the same key is replaced."""
        with self._turns.working("add"):
            if not self._native.add_fitting([dict(values)], 0):
                raise ArgumentError("values", expected="a validated document", found=repr(values))

    def add_fitting(self, documents: Sequence[object], start: int = 0) -> int:
        """Adds documents as they were given, until one needs the schema's judgement."""
        given = documents if isinstance(documents, list) else list(documents)
        with self._turns.working("add"):
            return self._native.add_fitting(given, start)

    def delete(self, key: str) -> bool:
        """Deletes by key; tells whether there was one."""
        with self._turns.working("delete"):
            try:
                return self._native.delete(key)
            except UnicodeEncodeError:
                return False  # no key has half of a character

    def delete_matching(self, plan_for: Callable[[Snapshot], Plan]) -> int:
        """Deletes what matches; gives the number of documents."""
        with self._turns.held:
            with self._turns.working("delete_matching"):
                view = self._native.view()
            snapshot = NativeSnapshot(view, self._schema)
            plan = plan_for(snapshot)  # a query that does not parse is not the writer's failure
            with self._turns.working("delete_matching"):
                return self._native.delete_numbers(view, view.matching(plan))

    def commit(self) -> CommitReport:
        """Makes everything durable and visible."""
        with self._turns.working("commit"):
            self._check_place()
            return CommitReport(*self._native.commit())

    def optimize(self) -> CommitReport:
        """Merges into one segment without deleted documents, and commits."""
        with self._turns.working("optimize"):
            self._check_place()
            return CommitReport(*self._native.optimize())

    def rollback(self) -> None:
        """Forgets everything since the last commit."""
        with self._turns.working("rollback"):
            self._check_place()
            self._native.rollback()

    def close(self) -> None:
        """Releases the lock; what was not committed is forgotten."""
        if self._turns.is_elsewhere:
            self._native.close()  # the files and the lock are the parent's
            return
        with self._turns.held:
            if not self._turns.end():
                return
            try:
                self._native.close()
            finally:
                self._lock.release()
