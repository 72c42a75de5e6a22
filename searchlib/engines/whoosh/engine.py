"""Owns the engine as others see it: creating, opening, snapshots, the writer, verification."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import attrs

from searchlib.analysis import Analyzer
from searchlib.engines.base import Problem, Snapshot
from searchlib.engines.storage import IndexFolder, Manifest
from searchlib.engines.whoosh.commits import content_of, open_segments
from searchlib.engines.whoosh.snapshot import WhooshSnapshot
from searchlib.engines.whoosh.verification import verify
from searchlib.schema import Schema

if TYPE_CHECKING:
    from searchlib.engines.whoosh.writer import WhooshWriter

__all__ = ["FORMAT_VERSION", "WhooshEngine", "WhooshEngineKind"]

FORMAT_VERSION = 1
"""Counts the changes of the files' format; docs/whoosh-format.md describes this one."""


class WhooshEngine:
    """An index on disk; implements ``searchlib.engines.base.Engine``."""

    name = "whoosh"

    def __init__(self, path: Path, schema: Schema, analyzer: Analyzer, *, index_id: str) -> None:
        self.path = path
        self._index_id = index_id
        self._schema = schema
        self.analyzer = analyzer
        self._folder = IndexFolder(path, format=FORMAT_VERSION)
        self._manifests: WeakKeyDictionary[Snapshot, Manifest] = WeakKeyDictionary()

    def snapshot(self) -> WhooshSnapshot:
        """Gives the newest commit; ClosedError where another index took this one's place."""
        manifest, segments = open_segments(self._folder, self._schema, index_id=self._index_id)
        snapshot = WhooshSnapshot(
            [segment.reader for segment in segments],
            self._schema,
            generation=manifest.generation,
            size_bytes=self._folder.size_bytes(manifest),
        )
        self._manifests[snapshot] = manifest
        return snapshot

    def is_newest(self, snapshot: Snapshot) -> bool:
        """Tells whether a snapshot of this engine is of the newest commit.

        Whole manifests are compared: a generation that failed at its last sync comes again.
        """
        return self._manifests.get(snapshot) == self._folder.newest()

    def writer(
        self, *, timeout_s: float, memory_mb: int | None = None, threads: int | None = None
    ) -> WhooshWriter:
        """Gives the writer, of one thread, waiting up to ``timeout_s`` seconds for the lock."""
        # A search must not wait for the import of what only a writer needs.
        from searchlib.engines.lock import WriterLock  # noqa: PLC0415
        from searchlib.engines.whoosh.writer import WhooshWriter  # noqa: PLC0415

        lock = WriterLock(self.path)
        lock.acquire(timeout_s=timeout_s)
        try:
            return WhooshWriter(
                self._folder,
                self._schema,
                self.analyzer,
                lock,
                index_id=self._index_id,
                memory_mb=memory_mb,
            )
        except BaseException:
            lock.release()
            raise

    def verify(self) -> Iterator[Problem]:
        """Reads every byte of the newest commit and gives the faults."""
        return verify(self._folder, self._schema)


@attrs.frozen
class WhooshEngineKind:
    """Makes and opens indexes of this engine."""

    name: str = "whoosh"

    def create(self, path: Path, schema: Schema, analyzer: Analyzer) -> WhooshEngine:
        """Makes an empty index in a folder that exists and is empty."""
        manifest = IndexFolder(path, format=FORMAT_VERSION).create(content_of(()))
        return WhooshEngine(path, schema, analyzer, index_id=manifest.index_id)

    def open(self, path: Path, schema: Schema, analyzer: Analyzer) -> WhooshEngine:
        """Opens what create() made; CorruptIndexError where its manifest is not whole."""
        manifest = IndexFolder(path, format=FORMAT_VERSION).newest()
        return WhooshEngine(path, schema, analyzer, index_id=manifest.index_id)
