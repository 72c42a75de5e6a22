"""Owns the engine as others see it: creating, opening, snapshots, the writer, verification."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from searchlib import _native
from searchlib.analysis import Analyzer, Chunk, ChunkToken
from searchlib.engines.base import Problem, Snapshot
from searchlib.engines.native.snapshot import NativeSnapshot
from searchlib.schema import Schema

if TYPE_CHECKING:
    from searchlib.engines.native.writer import NativeWriter

__all__ = ["NativeEngine", "NativeEngineKind"]


class NativeEngine:
    """An index on disk; implements ``searchlib.engines.base.Engine``."""

    name = "native"

    def __init__(self, path: Path, schema: Schema, analyzer: Analyzer) -> None:
        self.path = path
        self._schema = schema
        corrections = analyzer.corrections
        # Queries are read by the core, so that no table of the analysis is read in Python.
        self.analyzer = Analyzer(_analyze_chunk, corrections=corrections)
        self._index = _native.Index(path, schema)
        self._analysis = _native.Analysis(dict(corrections.protected), dict(corrections.merged))

    def snapshot(self) -> NativeSnapshot:
        """Gives the newest commit; ClosedError where another index took this one's place."""
        return NativeSnapshot(self._index.snapshot(), self._schema, analysis=self._analysis)

    def is_newest(self, snapshot: Snapshot) -> bool:
        """Tells whether a snapshot of this engine is of the newest commit."""
        assert isinstance(snapshot, NativeSnapshot)
        return self._index.is_newest(snapshot.native)

    def writer(
        self, *, timeout_s: float, memory_mb: int | None = None, threads: int | None = None
    ) -> NativeWriter:
        """Gives the writer, waiting up to ``timeout_s`` seconds for the lock."""
        # A search must not wait for the import of what only a writer needs.
        from searchlib.engines.lock import WriterLock  # noqa: PLC0415
        from searchlib.engines.native.writer import NativeWriter  # noqa: PLC0415

        lock = WriterLock(self.path)
        lock.acquire(timeout_s=timeout_s)
        try:
            return NativeWriter(
                self._index,
                self.path,
                self._schema,
                self.analyzer,
                lock,
                memory_mb=memory_mb,
                threads=threads,
            )
        except BaseException:
            lock.release()
            raise

    def verify(self) -> Iterator[Problem]:
        """Reads every byte of the newest commit and gives the faults."""
        for name, offset, problem in self._index.verify():
            yield Problem(self.path / name, offset, problem)


def _analyze_chunk(written: str) -> Chunk:
    tokens, positions, overlong = _native.analyze_chunk(written)
    return Chunk(tuple(map(ChunkToken._make, tokens)), positions, overlong)


@attrs.frozen
class NativeEngineKind:
    """Makes and opens indexes of this engine."""

    name: str = "native"

    def create(self, path: Path, schema: Schema, analyzer: Analyzer) -> NativeEngine:
        """Makes an empty index in a folder that exists and is empty."""
        _native.create(path, schema)
        return NativeEngine(path, schema, analyzer)

    def open(self, path: Path, schema: Schema, analyzer: Analyzer) -> NativeEngine:
        """Opens what create() made; CorruptIndexError where its manifest is not whole."""
        return NativeEngine(path, schema, analyzer)
