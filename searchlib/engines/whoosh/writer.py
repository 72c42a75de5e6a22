"""Owns the writer: what is added and deleted between two commits, and the commit itself.

Additions gather in a buffer that becomes a segment when it is full, when a commit comes, or when
a query has to see it; deletions are sets of numbers beside the segments. Nothing of this is
visible before ``commit`` has published a manifest. Whatever fails while something is written
leaves the writer refusing work: the last commit is what a new one finds. Threads may share a
writer, each call has its turn; a forked child may not use its copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from searchlib.analysis import Analyzer
from searchlib.engines.base import CommitReport, Snapshot
from searchlib.engines.lock import WriterLock
from searchlib.engines.storage import REPLACED, FileWriter, IndexFolder, Manifest
from searchlib.engines.turns import Turns
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
from searchlib.errors import ClosedError, StorageError
from searchlib.query.plan import Plan
from searchlib.schema import Schema

__all__ = ["WhooshWriter"]

MEMORY_BYTES = 128 * 1024 * 1024
"""What the buffer may hold by its own estimate: 25 MB of text whose words are all new, over 100 MB
once they are known. Collections of ordinary size are one segment, and the process stays well
under half a gigabyte."""


class _Part:
    """One segment as the writer sees it: committed or not, with deletions not yet committed."""

    def __init__(self, segment: Segment, *, is_committed: bool) -> None:
        self.segment = segment
        self.is_committed = is_committed
        self.deleted = set(segment.reader.deleted)
        self._numbers: dict[str, int] | None = None

    @property
    def live(self) -> int:
        return self.segment.reader.doc_count_all() - len(self.deleted)

    @property
    def is_changed(self) -> bool:
        return len(self.deleted) != len(self.segment.reader.deleted)

    def newly_deleted(self) -> Iterator[str]:
        """The keys of documents that the last commit had here and the next has not."""
        reader = self.segment.reader
        if self.is_committed:
            yield from map(reader.key_of, self.deleted - reader.deleted)

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
        *,
        index_id: str,
        memory_mb: int | None = None,
    ) -> None:
        self._folder = folder
        self._memory_bytes = MEMORY_BYTES if memory_mb is None else memory_mb * 1024 * 1024
        self._index_id = index_id
        self._identity = folder.identity()
        self._turns = Turns()
        self._schema = schema
        self._lock = lock
        self._buffer = Buffer(schema, analyzer)
        self._parts: list[_Part] = []
        self._manifest: Manifest
        self._reload()
        folder.remove_orphans(self._manifest)

    def _reload(self) -> None:
        self._release_files()
        self._parts = []
        self._manifest, segments = open_segments(
            self._folder, self._schema, index_id=self._index_id
        )
        self._parts = [_Part(segment, is_committed=True) for segment in segments]
        self._buffer.clear()
        self._overlong = 0

    def _is_in_place(self) -> bool:
        return self._folder.identity() == self._identity

    def _check_place(self) -> None:
        if not self._is_in_place():
            raise ClosedError("writer", REPLACED)

    def add(self, values: Mapping[str, Any]) -> None:
        """Adds a document; one of the same key is replaced."""
        with self._turns.working("add"):
            self._delete_committed(values[self._schema.key])
            self._buffer.add(values)
            if self._buffer.size_bytes > self._memory_bytes:
                self._flush()

    def add_fitting(self, documents: Sequence[object], start: int = 0) -> int:
        """Adds none: every document is for the schema to judge."""
        return start

    def delete(self, key: str) -> bool:
        """Deletes by key; tells whether there was one."""
        with self._turns.working("delete"):
            return self._buffer.delete(key) or self._delete_committed(key)

    def _delete_committed(self, key: str) -> bool:
        for part in reversed(self._parts):
            number = part.number_of(key)
            if number is not None:
                part.deleted.add(number)
                return True
        return False

    def delete_matching(self, plan_for: Callable[[Snapshot], Plan]) -> int:
        """Deletes what matches; gives the number of documents."""
        with self._turns.held:
            with self._turns.working("delete_matching"):
                self._flush()
                view = self._view()
            plan = plan_for(view)  # a query that does not parse is not the writer's failure
            return self._delete_numbers(view, plan)

    def _delete_numbers(self, view: WhooshSnapshot, plan: Plan) -> int:
        with self._turns.working("delete_matching"):
            matched = list(view.numbers(plan))
            base = 0
            for part in self._parts:
                end = base + part.segment.reader.doc_count_all()
                part.deleted.update(number - base for number in matched if base <= number < end)
                base = end
            return len(matched)

    def _view(self) -> WhooshSnapshot:
        readers = [
            SegmentReader(part.segment.reader.file, self._schema, deleted=part.deleted)
            for part in self._parts
        ]
        return WhooshSnapshot(readers, self._schema, generation=-1, size_bytes=0)

    def commit(self) -> CommitReport:
        """Makes everything durable and visible."""
        with self._turns.working("commit"):
            self._check_place()
            self._flush()
            added, deleted = self._counts()
            while (stretch := next_merge(self._sizes())) is not None:
                self._merge(stretch)
            return self._publish(added, deleted)

    def optimize(self) -> CommitReport:
        """Merges into one segment without deleted documents, and commits."""
        with self._turns.working("optimize"):
            self._check_place()
            self._flush()
            added, deleted = self._counts()
            if len(self._parts) > 1 or any(part.deleted for part in self._parts):
                self._merge(slice(0, len(self._parts)))
            return self._publish(added, deleted)

    def _counts(self) -> tuple[int, int]:
        """Documents put in since the last commit and still there; those gone and not put back."""
        new = [part for part in self._parts if not part.is_committed]
        gone = (key for part in self._parts for key in part.newly_deleted())
        deleted = sum(all(part.number_of(key) is None for part in new) for key in gone)
        return sum(part.live for part in new), deleted

    def rollback(self) -> None:
        """Forgets everything since the last commit."""
        with self._turns.working("rollback"):
            self._check_place()
            self._reload()
            self._folder.remove_orphans(self._manifest)

    def close(self) -> None:
        """Releases the lock; what was not committed is forgotten."""
        if self._turns.is_elsewhere:
            self._release_files()  # the files and the lock are the parent's
            return
        with self._turns.held:
            if not self._turns.end():
                return
            self._release_files()
            self._buffer.clear()
            try:
                with suppress(StorageError):
                    if self._is_in_place():
                        self._folder.remove_orphans(self._manifest)
            finally:
                self._lock.release()

    def _release_files(self) -> None:
        for part in self._parts:
            part.segment.reader.file.close()

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
        return _Part(Segment(SegmentReader(opened, self._schema), entry), is_committed=False)

    def _publish(self, added: int, deleted: int) -> CommitReport:
        overlong, self._overlong = self._overlong, 0
        segments = [self._with_deletes(part) for part in self._parts]
        content = content_of(segments)
        if content != self._manifest.content:
            self._check_place()
            files = [file for segment in segments for file in segment.files()]
            self._manifest = self._folder.commit(self._manifest, files, content)
            for part, segment in zip(self._parts, segments, strict=True):
                part.segment, part.is_committed = segment, True
            self._folder.remove_orphans(self._manifest)
        return CommitReport(
            generation=self._manifest.generation,
            added=added,
            deleted=deleted,
            overlong_tokens=overlong,
        )

    def _with_deletes(self, part: _Part) -> Segment:
        segment = part.segment
        if not part.is_changed:
            return segment
        entry = write_deletes(self._folder, self._manifest.index_id, part.deleted)
        reader = SegmentReader(segment.reader.file, self._schema, deleted=part.deleted)
        return Segment(reader, segment.entry, entry)
