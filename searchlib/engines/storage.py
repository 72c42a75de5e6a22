"""Owns the bytes on disk: checked files, and the manifest that makes a commit.

A folder holds immutable files of random names, and ``manifest-<generation>.json``, which names
those that make up the newest commit. A commit is four syncs::

    each new file: write  ->  fsync each  ->  fsync folder  ->  manifest.tmp: write, fsync
                                 ->  link as manifest-<n>.json  ->  fsync folder

so that a manifest that can be seen implies whole files, and a damaged one is damage, never a torn
commit: it raises, nothing falls back silently to an older state. A generation that is there is
never written over. After the last sync the commit is acknowledged; then files that no manifest
names are deleted.

A checked file is::

    header   magic (8) | format u32 | kind 4 bytes | index id (16) | file id (16)
    body     sections, one after the other
    table    CRC-32 of each 64 KiB block of what precedes, u32 each
    footer   JSON: {"sections": {name: [offset, length]}, "facts": {...}}
    trailer  table offset u64 | footer offset u64 | CRC-32 of all from the table to here u32 | magic

All numbers are little-endian. A block's checksum is compared when the block is first touched.
What the bytes of the sections mean is the engine's business.
"""

from __future__ import annotations

import errno
import json
import mmap
import os
import re
import secrets
import stat
import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import attrs

from searchlib.errors import ClosedError, CorruptIndexError, FormatTooNewError, StorageError

__all__ = [
    "REPLACED",
    "CheckedFile",
    "FileEntry",
    "FileWriter",
    "IndexFolder",
    "Manifest",
    "Section",
    "little_endian",
    "sync_folder",
]

BLOCK_BYTES = 1 << 16
"""One checksum guards this much: 30 microseconds of CRC-32 at first touch."""

READ_ATTEMPTS = 5
"""A commit deletes the files of the one before it; a reader that loses that race looks again."""

REPLACED = "the index was replaced by another"

_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EINVAL, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP}
"""What a file system that has no hard links says to one."""

MAX_MANIFEST_BYTES = 16 * 1024 * 1024

_MAGIC = b"SRCHLIB\n"
_HEADER = struct.Struct("<8sI4s16s16s")
_TRAILER = struct.Struct("<QQI8s")
_NAME = re.compile(r"[0-9a-f]{32}\.[a-z]{3}")
_MANIFEST = re.compile(r"manifest-(0|[1-9][0-9]{0,17})\.json")
_TEMPORARY = re.compile(r"manifest-[0-9]{1,18}\.json\.[0-9a-f]{16}\.tmp")


@contextmanager
def _reported(path: Path, action: str) -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        raise StorageError(path, action=action, cause=cause) from cause


def sync_folder(path: Path) -> None:
    """Makes what was created, renamed and deleted in a folder durable."""
    if sys.platform == "win32":  # a folder cannot be opened there, and needs no sync
        return
    with _reported(path, "sync"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _create(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with _reported(path, "create"):
        return os.open(path, flags, 0o666)


def _write_all(descriptor: int, path: Path, data: bytes | bytearray | memoryview) -> None:
    view = memoryview(data)
    with _reported(path, "write"):
        while view:
            view = view[os.write(descriptor, view) :]


def _reveal(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise ClosedError("writer", "another writer has committed") from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if path.exists():
            raise ClosedError("writer", "another writer has committed") from None
        os.rename(temporary, path)  # noqa: PTH104  (faults are injected into this `os`)
    else:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108


@attrs.frozen(slots=True)
class FileEntry:
    """What a manifest says of a file: its name, its length in bytes, the CRC-32 of all of it."""

    name: str
    length: int
    checksum: int


@attrs.frozen(slots=True)
class Manifest:
    """One commit: its generation, its files, and what the engine says of them (JSON values)."""

    format: int
    index_id: str
    generation: int
    files: Mapping[str, FileEntry]
    content: Mapping[str, Any]

    def encode(self) -> bytes:
        """Gives the bytes of the manifest file: a line of JSON, a line with its CRC-32."""
        described = {
            "format": self.format,
            "index": self.index_id,
            "generation": self.generation,
            "files": {file.name: [file.length, file.checksum] for file in self.files.values()},
            "content": self.content,
        }
        line = json.dumps(described, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        return line + b"crc32 %08x\n" % zlib.crc32(line)

    @classmethod
    def decode(cls, data: bytes, path: Path, *, supported: int) -> Manifest:
        """Reads what ``encode`` wrote.

        Raises:
            CorruptIndexError: it is not that, or names a file outside of the pattern.
            FormatTooNewError: a later searchlib wrote it.
        """
        line, newline, seal = data.partition(b"\n")
        if seal != b"crc32 %08x\n" % zlib.crc32(line + newline):
            raise CorruptIndexError(path, offset=len(line), problem="its checksum differs")
        try:
            described = json.loads(line)
            if type(described["format"]) is not int or described["format"] < 1:
                raise ValueError(f"format is {described['format']!r}")
            if described["format"] > supported:
                raise FormatTooNewError(path, found=described["format"], supported=supported)
            files = {
                str(name): FileEntry(str(name), int(length), int(checksum))
                for name, (length, checksum) in described["files"].items()
            }
            manifest = cls(
                format=int(described["format"]),
                index_id=bytes.fromhex(described["index"]).hex(),
                generation=int(described["generation"]),
                files=files,
                content=dict(described["content"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise CorruptIndexError(path, offset=0, problem=f"not a manifest ({error})") from None
        for name in files:
            if not _NAME.fullmatch(name):
                raise CorruptIndexError(path, offset=0, problem=f"{name!r} is not a file's name")
        if path.name != f"manifest-{manifest.generation}.json" or len(manifest.index_id) != 32:
            raise CorruptIndexError(path, offset=0, problem="it belongs to another generation")
        return manifest


class FileWriter:
    """Writes one checked file: ``begin`` a section, ``write`` its bytes, ``finish``.

    ``position`` counts the bytes of the section begun last. Nothing is durable before
    ``finish``; ``abandon`` deletes what was written.
    """

    def __init__(self, folder: Path, *, kind: str, format: int, index_id: str) -> None:
        file_id = secrets.token_hex(16)
        self.path = folder / f"{file_id}.{kind}"
        self._descriptor = _create(self.path)
        self._sections: dict[str, list[int]] = {}
        self._blocks = array("I")
        self._checksum = 0
        self._pending = bytearray(
            _HEADER.pack(
                _MAGIC, format, kind.encode(), bytes.fromhex(index_id), bytes.fromhex(file_id)
            )
        )
        self._flushed = 0

    @property
    def _offset(self) -> int:
        return self._flushed + len(self._pending)

    def begin(self, name: str) -> None:
        """Ends the current section and begins another."""
        self._end_section()
        self._sections[name] = [self._offset, -1]

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Appends to the current section."""
        self._pending += data
        if len(self._pending) >= 4 * BLOCK_BYTES:
            self._flush_blocks()

    @property
    def position(self) -> int:
        """How many bytes the current section has."""
        return self._offset - next(reversed(self._sections.values()))[0]

    def finish(self, facts: Mapping[str, Any]) -> FileEntry:
        """Writes table, footer and trailer, syncs and closes; gives the manifest's entry."""
        self._end_section()
        self._flush_blocks()
        table_offset = self._offset
        if self._pending:
            self._blocks.append(zlib.crc32(self._pending))
        footer = json.dumps({"sections": self._sections, "facts": facts}, separators=(",", ":"))
        tail = little_endian(self._blocks).tobytes() + footer.encode()
        offsets = struct.pack("<QQ", table_offset, table_offset + 4 * len(self._blocks))
        seal = zlib.crc32(offsets, zlib.crc32(tail))
        self._pending += tail + offsets + struct.pack("<I", seal) + _MAGIC
        length = self._offset
        self._put(self._pending)
        with _reported(self.path, "sync"):
            os.fsync(self._descriptor)
        self._close()
        return FileEntry(self.path.name, length, self._checksum)

    def abandon(self) -> None:
        """Closes and deletes the file as far as the system lets it."""
        with suppress(StorageError, OSError):
            self._close()
        with suppress(OSError):
            os.unlink(self.path)  # noqa: PTH108  (faults are injected into this module's `os`)

    def _end_section(self) -> None:
        if self._sections:
            section = next(reversed(self._sections.values()))
            section[1] = self._offset - section[0]

    def _flush_blocks(self) -> None:
        whole = len(self._pending) // BLOCK_BYTES * BLOCK_BYTES
        with memoryview(self._pending) as view:
            for start in range(0, whole, BLOCK_BYTES):
                self._blocks.append(zlib.crc32(view[start : start + BLOCK_BYTES]))
            self._put(view[:whole])
        del self._pending[:whole]
        self._flushed += whole

    def _put(self, data: bytearray | memoryview) -> None:
        self._checksum = zlib.crc32(data, self._checksum)
        _write_all(self._descriptor, self.path, data)

    def _close(self) -> None:
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            with _reported(self.path, "close"):
                os.close(descriptor)


def little_endian(numbers: array[Any]) -> array[Any]:
    """Gives the array with the byte order of the file, which is that of most machines."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers


class CheckedFile:
    """Reads one checked file through a memory map; every byte is checked before it is given.

    The file must not be shortened by others while it is open: the system then kills the process
    that touches the missing pages. searchlib itself never writes to a finished file.
    """

    def __init__(self, folder: Path, entry: FileEntry, *, format: int, index_id: str) -> None:
        self.path = folder / entry.name
        self.entry = entry
        self._map = self._open(entry)
        self._view = memoryview(self._map)
        try:
            self._read_footer(format, index_id)
        except BaseException:
            self.close()
            raise

    def _open(self, entry: FileEntry) -> mmap.mmap:
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        try:
            descriptor = os.open(self.path, flags | getattr(os, "O_NONBLOCK", 0))
        except OSError as cause:
            if cause.errno == errno.ENOENT:
                raise FileNotFoundError(cause.errno, cause.strerror, self.path) from cause
            if cause.errno == errno.ELOOP:
                raise self.damaged(0, "it is a symbolic link") from cause
            raise StorageError(self.path, action="open", cause=cause) from cause
        try:
            with _reported(self.path, "read"):
                status = os.fstat(descriptor)
                length = status.st_size
                if not stat.S_ISREG(status.st_mode):
                    raise self.damaged(None, "it is not a regular file")
                if length != entry.length or length < _HEADER.size + _TRAILER.size:
                    problem = f"expected {entry.length} bytes, found {length}"
                    raise self.damaged(min(length, entry.length), problem)
                return mmap.mmap(descriptor, length, access=mmap.ACCESS_READ)
        finally:
            with suppress(OSError):  # the map stays valid, and nothing was written
                os.close(descriptor)

    def _read_footer(self, format: int, index_id: str) -> None:
        trailer_at = self.entry.length - _TRAILER.size
        table_at, footer_at, seal, magic = _TRAILER.unpack(self._view[trailer_at:])
        body_blocks = -(-table_at // BLOCK_BYTES)
        if magic != _MAGIC or not table_at <= footer_at <= trailer_at:
            raise self.damaged(trailer_at, "no trailer of a searchlib file")
        if zlib.crc32(self._view[table_at : trailer_at + 16]) != seal:
            raise self.damaged(table_at, "the checksum of its table of contents differs")
        if footer_at - table_at != 4 * body_blocks:
            raise self.damaged(table_at, "its table of checksums has the wrong length")
        self._body = table_at
        self._blocks = little_endian(array("I", bytes(self._view[table_at:footer_at])))
        self._checked = bytearray(body_blocks)
        try:
            footer = json.loads(bytes(self._view[footer_at:trailer_at]))
            self._sections = {
                str(name): (int(offset), int(length))
                for name, (offset, length) in footer["sections"].items()
            }
            self.facts: dict[str, Any] = dict(footer["facts"])
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise self.damaged(footer_at, f"not a table of contents ({error})") from None
        for name, (offset, length) in self._sections.items():
            if not (_HEADER.size <= offset and 0 <= length <= table_at - offset):
                raise self.damaged(footer_at, f"section {name!r} is out of bounds")
        found = _HEADER.unpack(self.read(0, _HEADER.size))
        expected = (bytes.fromhex(index_id), bytes.fromhex(self.path.stem))
        if found[0] != _MAGIC or found[3:] != expected:
            raise self.damaged(0, "it belongs to another index, or under another name")
        if found[1] > format:
            raise FormatTooNewError(self.path, found=found[1], supported=format)

    def damaged(self, offset: int | None, problem: str) -> CorruptIndexError:
        """Gives the error for this file."""
        return CorruptIndexError(self.path, offset=offset, problem=problem)

    def section(self, name: str) -> Section:
        """Gives a section; CorruptIndexError where there is none of that name."""
        if name not in self._sections:
            raise self.damaged(None, f"it has no section {name!r}")
        offset, length = self._sections[name]
        return Section(self, name, offset, length)

    def read(self, start: int, stop: int) -> memoryview:
        """Gives bytes [start, stop) of the file, after their checksums were compared.

        Drop the view before the file is closed; copy what is to be kept.
        """
        if not 0 <= start <= stop <= self._body:
            raise self.damaged(start, f"bytes {start} to {stop} are out of bounds")
        checked = self._checked
        for block in range(start // BLOCK_BYTES, -(-stop // BLOCK_BYTES)):
            if not checked[block]:
                self._check(block)
        return self._view[start:stop]

    def _check(self, block: int) -> None:
        start = block * BLOCK_BYTES
        content = self._view[start : min(start + BLOCK_BYTES, self._body)]
        if zlib.crc32(content) != self._blocks[block]:
            raise self.damaged(start, "the checksum of the block that begins here differs")
        self._checked[block] = 1

    def check_all(self) -> Iterator[CorruptIndexError]:
        """Yields an error for each damaged block, and one if the whole file is another."""
        for block in range(len(self._blocks)):
            try:
                self._check(block)
            except CorruptIndexError as error:
                yield error
        if zlib.crc32(self._view) != self.entry.checksum:
            yield self.damaged(None, "the checksum of the whole file differs")

    def close(self) -> None:
        """Releases the map; harmless when repeated."""
        with suppress(BufferError):  # another thread is reading: the map goes when it is done
            self._view.release()
            self._map.close()


@attrs.frozen(slots=True)
class Section:
    """A stretch of a checked file; offsets are relative to its beginning."""

    file: CheckedFile
    name: str
    offset: int
    length: int

    def read(self, start: int, stop: int) -> memoryview:
        """Gives bytes [start, stop) of the section."""
        if not 0 <= start <= stop <= self.length:
            raise self.damaged(start, f"bytes {start} to {stop} are out of bounds")
        return self.file.read(self.offset + start, self.offset + stop)

    def numbers(self, typecode: str, start: int = 0, count: int | None = None) -> array[Any]:
        """Gives ``count`` numbers from number ``start`` on, all of them by default."""
        result = array(typecode)
        size = result.itemsize
        if count is None:
            if self.length % size:
                raise self.damaged(self.length, f"not a whole number of {size}-byte numbers")
            count = self.length // size - start
        result.frombytes(self.read(start * size, (start + count) * size))
        return little_endian(result)

    def damaged(self, start: int, problem: str) -> CorruptIndexError:
        """Gives the error for the byte ``start`` of the section."""
        return self.file.damaged(self.offset + start, f"section {self.name!r}: {problem}")


class IndexFolder:
    """The folder of an index: makes and opens its files, reads and writes its manifests."""

    def __init__(self, path: Path, *, format: int) -> None:
        self.path = path
        self.format = format

    def create(self, content: Mapping[str, Any]) -> Manifest:
        """Writes generation 0, which has no files, under a new index id."""
        manifest = Manifest(self.format, secrets.token_hex(16), 0, {}, content)
        self._publish(manifest)
        sync_folder(self.path.resolve().parent)
        return manifest

    def newest(self) -> Manifest:
        """Reads the newest manifest.

        Raises:
            CorruptIndexError: there is none, or it is damaged.
        """
        for _ in range(READ_ATTEMPTS):
            generations = self._generations()
            if not generations:
                raise CorruptIndexError(self.path, offset=None, problem="it has no manifest")
            path = self.path / f"manifest-{max(generations)}.json"
            try:
                with path.open("rb") as file:
                    data = file.read(MAX_MANIFEST_BYTES + 1)
            except FileNotFoundError:
                continue
            except OSError as cause:
                raise StorageError(path, action="read", cause=cause) from cause
            return Manifest.decode(data, path, supported=self.format)
        raise CorruptIndexError(self.path, offset=None, problem="its manifest keeps vanishing")

    def open_files(self) -> tuple[Manifest, dict[str, CheckedFile]]:
        """Gives the newest manifest and all of its files, opened."""
        missing: FileNotFoundError | None = None
        for _ in range(READ_ATTEMPTS):
            manifest = self.newest()
            files: dict[str, CheckedFile] = {}
            try:
                for entry in manifest.files.values():
                    files[entry.name] = self.open_file(entry, manifest.index_id)
            except FileNotFoundError as error:
                missing = error
            else:
                return manifest, files
            finally:
                if len(files) < len(manifest.files):
                    for file in files.values():
                        file.close()
        assert missing is not None
        raise CorruptIndexError(
            Path(missing.filename), offset=None, problem="the file is missing"
        ) from missing

    def open_file(self, entry: FileEntry, index_id: str) -> CheckedFile:
        """Opens a file; FileNotFoundError where it is gone."""
        return CheckedFile(self.path, entry, format=self.format, index_id=index_id)

    def new_file(self, kind: str, index_id: str) -> FileWriter:
        """Creates a file of a new random name; ``kind`` is three letters."""
        return FileWriter(self.path, kind=kind, format=self.format, index_id=index_id)

    def commit(
        self, last: Manifest, files: Iterable[FileEntry], content: Mapping[str, Any]
    ) -> Manifest:
        """Makes finished files and ``content`` the next generation, durably.

        Only the holder of the lock may call it. After an error either generation may be the
        newest, whole in both cases.

        Raises:
            ClosedError: ``last`` is not the newest any more, so somebody else was here.
        """
        newest = self.newest()
        if newest.index_id != last.index_id:
            raise ClosedError("writer", REPLACED)
        if newest.generation != last.generation:
            raise ClosedError("writer", "another writer has committed")
        manifest = Manifest(
            self.format,
            last.index_id,
            last.generation + 1,
            {file.name: file for file in files},
            content,
        )
        sync_folder(self.path)
        self._publish(manifest)
        return manifest

    def _publish(self, manifest: Manifest) -> None:
        path = self.path / f"manifest-{manifest.generation}.json"
        temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
        descriptor = _create(temporary)
        try:
            _write_all(descriptor, temporary, manifest.encode())
            with _reported(temporary, "sync"):
                os.fsync(descriptor)
        finally:
            with _reported(temporary, "close"):
                os.close(descriptor)
        with _reported(path, "link a manifest to"):
            _reveal(temporary, path)
        sync_folder(self.path)

    def remove_orphans(self, kept: Manifest) -> None:
        """Deletes our files that the manifest does not name; only the lock's holder may.

        Newer manifests, of a commit that failed at its end, go first and durably: one that is
        seen has its files at every moment. What the system refuses to delete (Windows, while a
        reader has it open) stays until the next time. Files of other names are never touched,
        nor any file where the newest manifest is of another index, or cannot be read.
        """
        try:
            newest = self.newest()
        except (CorruptIndexError, FormatTooNewError):
            return
        if newest.index_id != kept.index_id or newest.generation < kept.generation:
            return
        newer = [generation for generation in self._generations() if generation > kept.generation]
        for generation in sorted(newer, reverse=True):
            path = self.path / f"manifest-{generation}.json"
            with _reported(path, "delete"):
                os.unlink(path)  # noqa: PTH108
        if newer:
            sync_folder(self.path)
        current = f"manifest-{kept.generation}.json"
        for name in self._names():
            ours = _NAME.fullmatch(name) or _MANIFEST.fullmatch(name) or _TEMPORARY.fullmatch(name)
            if ours and name != current and name not in kept.files:
                with suppress(OSError):
                    os.unlink(self.path / name)  # noqa: PTH108

    def identity(self) -> tuple[int, int]:
        """Gives what tells this folder from another one that takes its place."""
        with _reported(self.path, "look at"):
            status = os.stat(self.path)  # noqa: PTH116
        return status.st_dev, status.st_ino

    def size_bytes(self, manifest: Manifest) -> int:
        """Gives what the commit takes up on disk, its manifest included."""
        return sum(file.length for file in manifest.files.values()) + len(manifest.encode())

    def _names(self) -> Sequence[str]:
        with _reported(self.path, "list"):
            return os.listdir(self.path)  # noqa: PTH208

    def _generations(self) -> list[int]:
        return [int(match[1]) for name in self._names() if (match := _MANIFEST.fullmatch(name))]
