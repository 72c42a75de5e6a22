"""Owns the folder of an index: whether there is one, which engine, schema and analyser made it.

``index.json`` says so; the engine's own files lie beside it. A new index is built in a hidden
folder and then put in its place, so that a crash leaves either no index or a sound one:

* where nothing is, it is built beside its place and renamed, which fails if something came there;
* an empty folder is filled from a folder within (its parent may be another's, or another disk),
  ``index.json`` last, under the lock of the writer;
* an old index is renamed away and the new one renamed to its place, all under the lock of its
  writer, which no other can have taken before the new one is there.

A lock beside the hidden folder tells that it is being built; whoever makes an index next removes
those of processes that were killed.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import attrs

from searchlib.analysis import Corrections
from searchlib.errors import (
    CorruptIndexError,
    FormatTooNewError,
    IndexExistsError,
    IndexNotFoundError,
    SchemaError,
    StorageError,
)
from searchlib.schema import Schema

__all__ = ["Descriptor", "new", "read", "write"]

FORMAT = 1
"""Version of ``index.json``; each engine versions its own files."""

NAME = "index.json"

MAX_DESCRIPTOR_BYTES = 1024 * 1024
"""A schema of 256 fields with long defaults is far below."""


FILL_TIMEOUT_S = 10.0
"""How long to wait for another that fills the same empty folder: it renames a few files."""

_UNREADABLE = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
    SchemaError,
)

_LOCK_FILES = ("write.lock", "write.lock.holder")
_HIDDEN = re.compile(r"\..*\.[0-9a-f]{8}\.(new|old|lock)")


@attrs.frozen(slots=True, kw_only=True)
class Descriptor:
    """What ``index.json`` says.

    ``analyzer`` is the fingerprint of the analyser that made the index's words, ``corrections``
    among what that covers.
    """

    engine: str
    schema: Schema
    analyzer: str
    corrections: Corrections = attrs.field(factory=Corrections)


def read(path: Path) -> Descriptor:
    """Returns the descriptor of the index in a folder.

    Raises:
        IndexNotFoundError: there is no folder, or no index in it.
        FormatTooNewError: a later searchlib wrote it.
        CorruptIndexError: ``index.json`` is damaged.
    """
    file = path / NAME
    try:
        if not path.is_dir():
            found = "a file, not a folder" if path.exists() else "the folder does not exist"
            raise IndexNotFoundError(path, found)
        with file.open("rb") as stream:
            data = stream.read(MAX_DESCRIPTOR_BYTES + 1)
    except FileNotFoundError:
        raise IndexNotFoundError(path, f"the folder has no {NAME}") from None
    except OSError as error:
        raise StorageError(file, action="read", cause=error) from error
    return _decode(file, data)


def _decode(file: Path, data: bytes) -> Descriptor:
    try:
        if len(data) > MAX_DESCRIPTOR_BYTES:
            raise ValueError(f"longer than {MAX_DESCRIPTOR_BYTES} bytes")
        described = json.loads(data)
        version = described["format"]
        if not isinstance(version, int) or version < 1:
            raise ValueError(f"format is {version!r}")
        if version > FORMAT:
            raise FormatTooNewError(file, found=version, supported=FORMAT)
        engine, analyzer = described["engine"], described["analyzer"]
        if not isinstance(engine, str) or not isinstance(analyzer, str):
            raise ValueError("engine and analyzer must be strings")
        schema = Schema.from_json(described["schema"])
        corrections = Corrections()
        if "corrections" in described:
            corrections = Corrections.from_json(described["corrections"])
    except _UNREADABLE as error:
        problem = f"not a description of an index: {error}"
        raise CorruptIndexError(file, offset=None, problem=problem) from error
    return Descriptor(engine=engine, schema=schema, analyzer=analyzer, corrections=corrections)


def write(path: Path, descriptor: Descriptor) -> None:
    """Writes the descriptor of a new index and syncs it to the disk."""
    described: dict[str, Any] = {
        "format": FORMAT,
        "engine": descriptor.engine,
        "analyzer": descriptor.analyzer,
        "schema": descriptor.schema.to_json(),
    }
    if descriptor.corrections:
        described["corrections"] = descriptor.corrections.to_json()
    with (path / NAME).open("x", encoding="utf-8") as stream:
        json.dump(described, stream, ensure_ascii=False, indent=1)
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def new(path: Path, *, overwrite: bool, timeout_s: float = 0.0) -> Iterator[Path]:
    """Gives an empty folder to build an index in, and puts it in its place at the end.

    An exception leaves what was at ``path`` as it was. An old index is replaced only with
    ``overwrite``, while nobody writes to it; a folder with anything else in it never is.

    Raises:
        IndexExistsError: something is there that may not be replaced, maybe since a moment ago.
        IndexLockedError: a writer held the old index for ``timeout_s`` seconds.
        StorageError: the system refused.
    """
    if path.is_symlink():
        path = path.resolve()
    try:
        with ExitStack() as stack:
            _check_place(path)
            is_replaced = (path / NAME).exists()
            if is_replaced and not overwrite:
                raise IndexExistsError(path, "an index")
            release = stack.enter_context(_held(path, timeout_s)) if is_replaced else None
            is_filled = not is_replaced and path.exists()
            built = stack.enter_context(_built(path, path if is_filled else path.parent))
            yield built
            if release is not None:
                _replace(built, path, release)
            elif is_filled:
                _fill(built, path)
            else:
                _place(built, path)
    except OSError as error:
        raise StorageError(path, action="create an index in", cause=error) from error


def _check_place(path: Path) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise IndexExistsError(path, "a file")
    if not (path / NAME).exists() and any(map(_is_foreign, path.iterdir())):
        raise IndexExistsError(path, "a folder with other files, which overwrite=True spares too")


def _is_foreign(file: Path) -> bool:
    return file.name not in _LOCK_FILES and not _HIDDEN.fullmatch(file.name)


@contextmanager
def _held(path: Path, timeout_s: float) -> Iterator[Callable[[], None]]:
    """Holds the lock of the writer, of a damaged index too; gives what frees it before the end."""
    from searchlib.engines.lock import WriterLock  # noqa: PLC0415  (brings filelock along)

    lock = WriterLock(path)
    lock.acquire(timeout_s=timeout_s)
    try:
        yield lock.release
    finally:
        lock.release()


@contextmanager
def _built(path: Path, parent: Path) -> Iterator[Path]:
    """Makes the hidden folder in ``parent``, locked while it is there."""
    from searchlib.engines.lock import locked  # noqa: PLC0415

    parent.mkdir(parents=True, exist_ok=True)
    name = path.resolve().name
    _remove_leftovers(parent, name)
    built = parent / f".{name}.{os.urandom(4).hex()}.new"
    process = os.getpid()
    with locked(built.with_suffix(".lock")):
        built.mkdir()
        try:
            yield built
        finally:
            if os.getpid() == process:  # and not a forked child that unwinds
                _remove(built)


def _remove_leftovers(parent: Path, name: str) -> None:
    from searchlib.engines.lock import locked  # noqa: PLC0415

    pattern = re.compile(rf"\.{re.escape(name)}\.[0-9a-f]{{8}}\.(new|old)")
    for leftover in [file for file in parent.iterdir() if pattern.fullmatch(file.name)]:
        with suppress(OSError, StorageError), locked(leftover.with_suffix(".lock")) as is_ours:
            if is_ours and leftover.suffix == ".old" and not (parent / name).exists():
                leftover.rename(parent / name)  # killed between the two renames
            elif is_ours:
                _remove(leftover)


def _place(built: Path, path: Path) -> None:
    from searchlib.engines.storage import sync_folder  # noqa: PLC0415

    try:
        built.rename(path)
    except OSError:
        _check_place(path)
        if (path / NAME).exists():
            raise IndexExistsError(path, "an index that another process made meanwhile") from None
        raise
    sync_folder(path.parent)


def _fill(built: Path, path: Path) -> None:
    from searchlib.engines.storage import sync_folder  # noqa: PLC0415

    with _held(path, FILL_TIMEOUT_S):
        if (path / NAME).exists():
            raise IndexExistsError(path, "an index that another process made meanwhile")
        _check_place(path)
        moved: list[Path] = []
        try:
            for file in built.iterdir():
                if file.name != NAME and file.name not in _LOCK_FILES:
                    moved.append(path / file.name)
                    file.rename(moved[-1])
            sync_folder(path)
            (built / NAME).rename(path / NAME)
        except BaseException:
            for file in moved:
                file.unlink(missing_ok=True)
            raise
        sync_folder(path)


def _replace(built: Path, path: Path, release: Callable[[], None]) -> None:
    from searchlib.engines.storage import sync_folder  # noqa: PLC0415

    if sys.platform == "win32":
        release()  # a folder with an open file in it cannot be renamed there
    old = built.with_suffix(".old")
    path.rename(old)
    try:
        built.rename(path)
    except BaseException:
        if not path.exists():
            old.rename(path)
        raise
    sync_folder(path.parent)
    _remove(old)


def _remove(path: Path) -> None:
    # Its module loads every compressor for its archives: whoever makes no index need not wait.
    from shutil import rmtree  # noqa: PLC0415

    rmtree(path, ignore_errors=True)
