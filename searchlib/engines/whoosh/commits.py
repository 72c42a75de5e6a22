"""Owns what a manifest of this engine says: the segments in order, and their deleted documents.

The manifest's content is ``{"segments": [{"file": "<id>.seg", "deletes": "<id>.del" or null}]}``;
document numbers follow that order. A deletes file ("del") has one section, ``numbers``: the
segment's deleted documents, ascending, u32. It is never changed; a commit that deletes more
writes another.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import attrs

from searchlib.engines.storage import (
    REPLACED,
    CheckedFile,
    FileEntry,
    IndexFolder,
    Manifest,
    little_endian,
)
from searchlib.engines.whoosh.segment_reader import SegmentReader
from searchlib.errors import ClosedError, CorruptIndexError
from searchlib.schema import Schema

__all__ = ["Segment", "content_of", "open_segments", "read_deletes", "write_deletes"]


@attrs.frozen(slots=True, eq=False)
class Segment:
    """An open segment with the entries of its files; ``deletes`` is None where there are none."""

    reader: SegmentReader
    entry: FileEntry
    deletes: FileEntry | None = None

    def files(self) -> Iterable[FileEntry]:
        """Gives the entries of its files."""
        return (self.entry,) if self.deletes is None else (self.entry, self.deletes)


def content_of(segments: Iterable[Segment]) -> dict[str, Any]:
    """Gives the content of the manifest."""
    return {
        "segments": [
            {
                "file": segment.entry.name,
                "deletes": segment.deletes.name if segment.deletes else None,
            }
            for segment in segments
        ]
    }


def open_segments(
    folder: IndexFolder, schema: Schema, *, index_id: str
) -> tuple[Manifest, list[Segment]]:
    """Opens the newest commit.

    Raises:
        ClosedError: it is of another index, whose schema may be another.
        CorruptIndexError: a file is missing or damaged, or the manifest names others.
    """
    manifest, files = folder.open_files()
    try:
        if manifest.index_id != index_id:
            raise ClosedError("index", REPLACED)
        return manifest, list(_segments(manifest, files, folder, schema))
    except BaseException:
        for file in files.values():
            file.close()
        raise


def _segments(
    manifest: Manifest, files: Mapping[str, CheckedFile], folder: IndexFolder, schema: Schema
) -> Iterable[Segment]:
    try:
        named = [
            (str(segment["file"]), segment["deletes"]) for segment in manifest.content["segments"]
        ]
        opened = [
            (files[name], None if deletes is None else files[deletes]) for name, deletes in named
        ]
    except (KeyError, TypeError) as error:
        raise CorruptIndexError(
            folder.path / f"manifest-{manifest.generation}.json",
            offset=0,
            problem=f"it names segments that it does not list ({error})",
        ) from None
    for file, deletes in opened:
        deleted = frozenset[int]()
        if deletes is not None:
            deleted = read_deletes(deletes)
            deletes.close()
        reader = SegmentReader(file, schema, deleted=deleted)
        if deletes is not None and deleted and max(deleted) >= reader.doc_count_all():
            raise deletes.damaged(None, "it deletes documents that are not there")
        yield Segment(reader, file.entry, deletes.entry if deletes else None)


def read_deletes(file: CheckedFile) -> frozenset[int]:
    """Gives the numbers in a deletes file."""
    return frozenset(file.section("numbers").numbers("I"))


def write_deletes(folder: IndexFolder, index_id: str, deleted: Collection[int]) -> FileEntry:
    """Writes a deletes file, durable but for its folder."""
    file = folder.new_file("del", index_id)
    try:
        file.begin("numbers")
        file.write(little_endian(array("I", sorted(deleted))).tobytes())
        return file.finish({})
    except BaseException:
        file.abandon()
        raise
