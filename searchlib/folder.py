"""Owns the folder of an index: whether there is one, which engine, schema and analyser made it.

``index.json`` says so; the engine's own files lie beside it. A new index is built in a folder
next to its place and moved there whole, so that a crash leaves either no index or a sound one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

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


@attrs.frozen(slots=True, kw_only=True)
class Descriptor:
    """What ``index.json`` says.

    ``analyzer`` is the fingerprint of the analyser that made the index's words.
    """

    engine: str
    schema: Schema
    analyzer: str


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
    except (ValueError, KeyError, TypeError, RecursionError, SchemaError) as error:
        problem = f"not a description of an index: {error}"
        raise CorruptIndexError(file, offset=None, problem=problem) from error
    return Descriptor(engine=engine, schema=schema, analyzer=analyzer)


def write(path: Path, descriptor: Descriptor) -> None:
    """Writes the descriptor of a new index and syncs it to the disk."""
    described: dict[str, Any] = {
        "format": FORMAT,
        "engine": descriptor.engine,
        "analyzer": descriptor.analyzer,
        "schema": descriptor.schema.to_json(),
    }
    with (path / NAME).open("x", encoding="utf-8") as stream:
        json.dump(described, stream, ensure_ascii=False, indent=1)
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def new(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """Gives an empty folder to build an index in, and puts it in its place at the end.

    An exception leaves what was at ``path`` as it was. An old index is replaced only with
    ``overwrite``; a folder with anything else in it never is.

    Raises:
        IndexExistsError: something is there that may not be replaced.
        StorageError: the system refused.
    """
    _check_place(path, overwrite=overwrite)
    beside = path.parent / f".{path.name}.{os.urandom(4).hex()}.new"
    try:
        beside.mkdir(parents=True)
        try:
            yield beside
            _move(beside, path)
        finally:
            _remove(beside)
    except OSError as error:
        raise StorageError(path, action="create an index in", cause=error) from error


def _check_place(path: Path, *, overwrite: bool) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise IndexExistsError(path, "a file")
    if (path / NAME).exists():
        if not overwrite:
            raise IndexExistsError(path, "an index")
    elif any(path.iterdir()):
        raise IndexExistsError(path, "a folder with other files, which overwrite=True spares too")


def _move(built: Path, path: Path) -> None:
    if not path.exists():
        built.rename(path)
    else:
        old = built.with_suffix(".old")
        path.rename(old)
        built.rename(path)
        _remove(old)
    _sync_folder(path.parent)


def _remove(path: Path) -> None:
    # Its module loads every compressor for its archives: whoever makes no index need not wait.
    from shutil import rmtree  # noqa: PLC0415

    rmtree(path, ignore_errors=True)


def _sync_folder(path: Path) -> None:
    if os.name == "nt":
        return  # Windows opens no folders; its renames are durable by journal.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
