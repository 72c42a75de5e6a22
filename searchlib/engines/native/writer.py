"""Owns the writer: one thread at a time, in the process that opened it, under the lock."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from searchlib import _native
from searchlib.analysis import Analyzer
from searchlib.engines.base import CommitReport, Snapshot
from searchlib.engines.lock import WriterLock
from searchlib.engines.native.snapshot import NativeSnapshot
from searchlib.engines.storage import REPLACED
from searchlib.errors import ArgumentError, ClosedError
from searchlib.query.plan import Plan
from searchlib.schema import MAX_DOCUMENT_BYTES, MAX_KEY_BYTES, MAX_KEYWORD_BYTES, Schema

__all__ = ["DEFAULT_MEMORY_MB", "NativeWriter"]

DEFAULT_MEMORY_MB = 256
"""A segment of some 100,000 passages; more makes fewer merges, and hardly less work."""

CLOSED = "it was closed"


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
        self._process = os.getpid()
        self._turn = threading.RLock()
        self._refusal: str | None = None
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

    @contextmanager
    def _working(self, action: str) -> Iterator[None]:
        if os.getpid() != self._process:
            raise ClosedError("writer", "it belongs to the process that this one was forked from")
        with self._turn:
            if self._refusal is not None:
                raise ClosedError("writer", self._refusal)
            try:
                yield
            except BaseException as error:
                # An interrupt may have come between documents of a batch.
                self._refusal = f"{action} failed before ({type(error).__name__})"
                raise

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
        with self._working("add"):
            if not self._native.add_fitting([dict(values)], 0):
                raise ArgumentError("values", expected="a validated document", found=repr(values))

    def add_fitting(self, documents: Sequence[object], start: int = 0) -> int:
        """Adds documents as they were given, until one needs the schema's judgement."""
        given = documents if isinstance(documents, list) else list(documents)
        with self._working("add"):
            return self._native.add_fitting(given, start)

    def delete(self, key: str) -> bool:
        """Deletes by key; tells whether there was one."""
        with self._working("delete"):
            try:
                return self._native.delete(key)
            except UnicodeEncodeError:
                return False  # no key has half of a character

    def delete_matching(self, plan_for: Callable[[Snapshot], Plan]) -> int:
        """Deletes what matches; gives the number of documents."""
        with self._turn:
            with self._working("delete_matching"):
                view = self._native.view()
            snapshot = NativeSnapshot(view, self._schema)
            plan = plan_for(snapshot)  # a query that does not parse is not the writer's failure
            with self._working("delete_matching"):
                return self._native.delete_numbers(view, view.matching(plan))

    def commit(self) -> CommitReport:
        """Makes everything durable and visible."""
        with self._working("commit"):
            self._check_place()
            return CommitReport(*self._native.commit())

    def optimize(self) -> CommitReport:
        """Merges into one segment without deleted documents, and commits."""
        with self._working("optimize"):
            self._check_place()
            return CommitReport(*self._native.optimize())

    def rollback(self) -> None:
        """Forgets everything since the last commit."""
        with self._working("rollback"):
            self._check_place()
            self._native.rollback()

    def close(self) -> None:
        """Releases the lock; what was not committed is forgotten."""
        if os.getpid() != self._process:
            self._native.close()  # the files, the lock and the turn are the parent's
            return
        with self._turn:
            if self._refusal == CLOSED:
                return
            self._refusal = CLOSED
            try:
                self._native.close()
            finally:
                self._lock.release()
