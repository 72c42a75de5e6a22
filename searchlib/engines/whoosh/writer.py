"""Owns the writer: what is added and deleted between two commits, and the commit itself.

Additions gather in a buffer that becomes a segment when it is full, when a commit comes, or when
a query has to see it; deletions are sets of numbers beside the segments. Nothing of this is
visible before ``commit`` has published a manifest. Whatever fails while something is written
leaves the writer refusing work: the last commit is what a new one finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from searchlib.analysis import Analyzer
from searchlib.engines.base import CommitReport, Snapshot
from searchlib.engines.lock import WriterLock
from searchlib.engines.storage import FileWriter, IndexFolder, Manifest
from searchlib.engines.whoosh.commits import (
    Segment,
    content_of,
    open_segments,
    write_deletes,
)
from searchlib.engines.whoosh.inverter import Buffer
from searchlib.engines.whoosh.merging import merge_segments, next_merge
from searchlib.engines.whoosh.segment_reader import SegmentReader
from searchlib.engines.whoosh.snapshot import WhooshSnapshot
from searchlib.errors import ClosedError
from searchlib.query.plan import Plan
from searchlib.schema import Schema

__all__ = ["WhooshWriter"]

MEMORY_BYTES = 128 * 1024 * 1024
"""What the buffer may hold by its own estimate: 25 MB of text whose words are all new, over 100 MB
once they are known. Collections of ordinary size are one segment, and the process stays well
under half a gigabyte."""


class _Part:
    """One segment as the writer sees it: committed or not, with deletions not yet committed."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.deleted = set(segment.reader.deleted)
        self._numbers: dict[str, int] | None = None

    @property
    def live(self) -> int:
        return self.segment.reader.doc_count_all() - len(self.deleted)

    @property
    def is_changed(self) -> bool:
        return len(self.deleted) != len(self.segment.reader.deleted)

    def number_of(self, key: str) -> int | None:
        """The live document of a key; all keys are held from the first question on."""
        if self._numbers is None:
            reader = self.segment.reader
            self._numbers = {
                reader.key_of(number): number
                for number in range(reader.doc_count_all())
                if number not in self.deleted
            }
        number = self._numbers.get(key)
        return None if number is None or number in self.deleted else number


class WhooshWriter:
    """The one writer of an index; implements ``searchlib.engines.base.EngineWriter``."""

    def __init__(
        self,
        folder: IndexFolder,
        schema: Schema,
        analyzer: Analyzer,
        lock: WriterLock,
    ) -> None:
        self._folder = folder
        self._schema = schema
        self._lock = lock
        self._refusal: str | None = None
        self._buffer = Buffer(schema, analyzer)
        self._parts: list[_Part] = []
        self._manifest: Manifest
        self._reload()
        folder.remove_orphans(self._manifest)

    def _reload(self) -> None:
        for part in self._parts:
            part.segment.reader.file.close()
        self._manifest, segments = open_segments(self._folder, self._schema)
        self._parts = [_Part(segment) for segment in segments]
        self._buffer.clear()
        self._added = self._deleted = self._overlong = 0

    @contextmanager
    def _working(self, action: str) -> Iterator[None]:
        if self._refusal is not None:
            raise ClosedError("writer", self._refusal)
        try:
            yield
        except BaseException as error:
            # Even an interrupt may have left a document half in the buffer.
            self._refusal = f"{action} failed before ({type(error).__name__})"
            raise

    def add(self, values: Mapping[str, Any]) -> None:
        """Adds a document; one of the same key is replaced."""
        with self._working("add"):
            self._delete_committed(values[self._schema.key])
            self._buffer.add(values)
            self._added += 1
            if self._buffer.size_bytes > MEMORY_BYTES:
                self._flush()

    def delete(self, key: str) -> bool:
        """Deletes by key; tells whether there was one."""
        with self._working("delete"):
            found = self._buffer.delete(key) or self._delete_committed(key)
            self._deleted += found
            return found

    def _delete_committed(self, key: str) -> bool:
        for part in reversed(self._parts):
            number = part.number_of(key)
            if number is not None:
                part.deleted.add(number)
                return True
        return False

    def delete_matching(self, plan_for: Callable[[Snapshot], Plan]) -> int:
        """Deletes what matches; gives the number of documents."""
        with self._working("delete_matching"):
            self._flush()
            view = self._view()
        plan = plan_for(view)
        with self._working("delete_matching"):
            matched = list(view.numbers(plan))
            base = 0
            for part in self._parts:
                end = base + part.segment.reader.doc_count_all()
                part.deleted.update(number - base for number in matched if base <= number < end)
                base = end
            self._deleted += len(matched)
            return len(matched)

    def _view(self) -> WhooshSnapshot:
        readers = [
            SegmentReader(part.segment.reader.file, self._schema, deleted=part.deleted)
            for part in self._parts
        ]
        return WhooshSnapshot(readers, self._schema, generation=-1, size_bytes=0)

    def commit(self) -> CommitReport:
        """Makes everything durable and visible."""
        with self._working("commit"):
            self._flush()
            while (stretch := next_merge(self._sizes())) is not None:
                self._merge(stretch)
            return self._publish()

    def optimize(self) -> CommitReport:
        """Merges into one segment without deleted documents, and commits."""
        with self._working("optimize"):
            self._flush()
            if len(self._parts) > 1 or any(part.deleted for part in self._parts):
                self._merge(slice(0, len(self._parts)))
            return self._publish()

    def rollback(self) -> None:
        """Forgets everything since the last commit."""
        with self._working("rollback"):
            self._reload()
            self._folder.remove_orphans(self._manifest)

    def close(self) -> None:
        """Releases the lock; what was not committed is forgotten."""
        if self._refusal != "it was closed":
            self._refusal = "it was closed"
            for part in self._parts:
                part.segment.reader.file.close()
            self._buffer.clear()
            try:
                with suppress(OSError):
                    self._folder.remove_orphans(self._manifest)
            finally:
                self._lock.release()

    def _sizes(self) -> list[tuple[int, int]]:
        return [(part.live, len(part.deleted)) for part in self._parts]

    def _flush(self) -> None:
        buffer = self._buffer
        if buffer.count:
            self._overlong += buffer.overlong_tokens
            part = self._new_part(buffer.write)
            part.deleted = set(buffer.deleted)
            self._parts.append(part)
            buffer.clear()

    def _merge(self, stretch: slice) -> None:
        parts = self._parts[stretch]
        readers = [
            SegmentReader(part.segment.reader.file, self._schema, deleted=part.deleted)
            for part in parts
        ]
        merged = []
        if any(part.live for part in parts):
            merged = [self._new_part(lambda file: merge_segments(readers, self._schema, file))]
        self._parts[stretch] = merged
        for part in parts:
            part.segment.reader.file.close()

    def _new_part(self, write: Callable[[FileWriter], Any]) -> _Part:
        index_id = self._manifest.index_id
        file = self._folder.new_file("seg", index_id)
        try:
            entry = write(file)
        except BaseException:
            file.abandon()
            raise
        opened = self._folder.open_file(entry, index_id)
        return _Part(Segment(SegmentReader(opened, self._schema), entry))

    def _publish(self) -> CommitReport:
        report = CommitReport(
            generation=self._manifest.generation,
            added=self._added,
            deleted=self._deleted,
            overlong_tokens=self._overlong,
        )
        segments = [self._with_deletes(part) for part in self._parts]
        content = content_of(segments)
        if content == self._manifest.content:
            return report
        files = [file for segment in segments for file in segment.files()]
        self._manifest = self._folder.commit(self._manifest, files, content)
        for part, segment in zip(self._parts, segments, strict=True):
            part.segment = segment
        self._added = self._deleted = self._overlong = 0
        self._folder.remove_orphans(self._manifest)
        return CommitReport(
            generation=self._manifest.generation,
            added=report.added,
            deleted=report.deleted,
            overlong_tokens=report.overlong_tokens,
        )

    def _with_deletes(self, part: _Part) -> Segment:
        segment = part.segment
        if not part.is_changed:
            return segment
        entry = write_deletes(self._folder, self._manifest.index_id, part.deleted)
        reader = SegmentReader(segment.reader.file, self._schema, deleted=part.deleted)
        return Segment(reader, segment.entry, entry)
