"""Owns the stored documents: JSON lines, compressed a block at a time.

Sections::

    =documents.blocks   zlib streams, one per block, back to back
    =documents.offsets  where each stream begins, and where the last ends: u64
    =documents.sizes    length in bytes of each block before compression: u32
    =documents.firsts   number of each block's first document, and the count of documents: u32

A block is the documents' JSON objects in UTF-8, a line feed between two. Dates are written as
"2022-09-06"; the schema tells which those are.
"""

from __future__ import annotations

import json
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Mapping
from datetime import date
from typing import Any

from searchlib.engines.storage import CheckedFile, FileWriter, little_endian
from searchlib.schema import Kind, Schema

__all__ = ["StoredDocuments", "StoredWriter"]

BLOCK_BYTES = 16 * 1024
"""A hit decompresses one block, about 60 microseconds; larger blocks hardly compress better."""

_LEVEL = 6
_LARGEST_RATIO = 1040
"""No zlib stream expands more; a larger declared size is a lie."""


class StoredWriter:
    """Compresses documents as they come; ``write`` puts the sections into a segment's file."""

    def __init__(self, schema: Schema) -> None:
        self._stored = frozenset(name for name, field in schema.items() if field.stored)
        self._lines: list[str] = []
        self._pending = 0
        self._blocks: list[bytes] = []
        self._sizes = array("I")
        self._firsts = array("I", [0])
        self._count = 0
        self.size_bytes = 0

    def add(self, values: Mapping[str, Any]) -> None:
        """Appends a validated document."""
        kept = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in values.items()
            if name in self._stored
        }
        self.add_line(json.dumps(kept, ensure_ascii=False, separators=(",", ":")))

    def add_line(self, line: str) -> None:
        """Appends a document that is encoded already."""
        self._lines.append(line)
        self._count += 1
        self._pending += len(line)
        if self._pending >= BLOCK_BYTES:
            self._end_block()

    def _end_block(self) -> None:
        if self._lines:
            text = "\n".join(self._lines).encode()
            block = zlib.compress(text, _LEVEL)
            self._blocks.append(block)
            self._sizes.append(len(text))
            self._firsts.append(self._count)
            self.size_bytes += len(block)
            self._lines.clear()
            self._pending = 0

    def write(self, file: FileWriter) -> None:
        """Writes the sections."""
        self._end_block()
        offsets = array("Q", [0])
        file.begin("=documents.blocks")
        for block in self._blocks:
            file.write(block)
            offsets.append(file.position)
        for name, numbers in (
            ("offsets", offsets),
            ("sizes", self._sizes),
            ("firsts", self._firsts),
        ):
            file.begin(f"=documents.{name}")
            file.write(little_endian(numbers).tobytes())


class StoredDocuments:
    """Reads the stored documents of one segment."""

    def __init__(self, file: CheckedFile, schema: Schema, *, documents: int) -> None:
        self._schema = schema
        self._blocks = file.section("=documents.blocks")
        self._offsets = file.section("=documents.offsets").numbers("Q")
        self._sizes = file.section("=documents.sizes").numbers("I")
        self._firsts = file.section("=documents.firsts").numbers("I")
        self._last: tuple[int, list[str]] = (-1, [])
        count = len(self._sizes)
        if (
            len(self._offsets) != count + 1
            or len(self._firsts) != count + 1
            or self._firsts[-1] != documents
            or self._firsts[0] != 0
        ):
            raise self._blocks.damaged(0, f"not the blocks of {documents} documents")

    def line(self, document: int) -> str:
        """Gives the document's JSON."""
        block = bisect_right(self._firsts, document) - 1
        index, lines = self._last
        if index != block:
            lines = self._decompress(block)
            self._last = (block, lines)
        line: str = lines[document - self._firsts[block]]
        return line

    def get(self, document: int) -> dict[str, Any]:
        """Gives the stored values as ``Schema.validate`` gave them."""
        try:
            found = json.loads(self.line(document))
            return {name: self._value(name, found[name]) for name in self._schema if name in found}
        except (ValueError, TypeError, RecursionError) as error:
            raise self._blocks.damaged(0, f"document {document}: {error}") from None

    def _value(self, name: str, value: Any) -> Any:
        field = self._schema[name]
        if field.kind is Kind.DATE:
            return date.fromisoformat(value)
        if field.kind is Kind.NUMBER:
            return float(value)
        return tuple(value) if field.multiple else value

    def _decompress(self, block: int) -> list[str]:
        start, stop, size = self._offsets[block], self._offsets[block + 1], self._sizes[block]
        view = self._blocks.read(start, stop)
        expected = self._firsts[block + 1] - self._firsts[block]
        try:
            if size > _LARGEST_RATIO * (stop - start):
                raise ValueError("it declares more than it can hold")
            stream = zlib.decompressobj()
            data = stream.decompress(view, size + 1)
            lines = data.decode().split("\n")
            if len(data) != size or not stream.eof or len(lines) != expected:
                raise ValueError("it does not hold what it declares")
        except (zlib.error, ValueError) as error:
            raise self._blocks.damaged(start, f"a block of documents: {error}") from None
        return lines
