"""Owns filling an index from files: the loop, its report, and where a new index appears.

A new index, or one that replaces an old one, is built beside its place and moved there whole at
the end; documents for an index that is there are one commit. An interruption or an error leaves
what was there as it was.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs

import searchlib
from searchlib import folder
from searchlib.analysis import Corrections
from searchlib.cli.application import Failure
from searchlib.cli.exit_codes import INPUT, INTERRUPTED
from searchlib.errors import (
    DocumentError,
    IndexNotFoundError,
    SearchlibError,
    SourceError,
)
from searchlib.sources import DOCUMENTS, Document, Source, read

__all__ = ["Report", "Settings", "fill"]

Progress = Callable[[int, int], None]
"""Is told how many documents were read, and bytes of the sources consumed."""


@attrs.frozen(slots=True, kw_only=True)
class Settings:
    """How files are read and which index they go into; see the options of ``index``."""

    into: Path
    engine: str = "auto"
    overwrite: bool = False
    corrections: Corrections | None = None
    encoding: str | None = None
    columns: Mapping[str, str] = attrs.field(factory=dict)
    timeout_s: float = 10.0


@attrs.define(slots=True)
class Report:
    """What filling an index did, as it goes on."""

    added: int = 0
    replaced: int = 0
    text_bytes: int = 0
    took_s: float = 0.0
    overlong_tokens: int = 0
    refused: list[SourceError | DocumentError] = attrs.field(factory=list)
    ignored: Counter[str] = attrs.field(factory=Counter)


def fill(
    sources: Sequence[Source], settings: Settings, *, progress: Progress = lambda *_: None
) -> Report:
    """Returns the report, once the documents of the sources are in the index and durable.

    Raises:
        Failure: interrupted, or the index holds documents of other fields.
    """
    report = Report()
    started = time.perf_counter()
    found = _state(settings.into)
    try:
        with _index(settings) as index:
            before = len(index)
            with index.writer(timeout_s=settings.timeout_s) as writer:
                found = _state(settings.into)  # from now on nobody else changes it
                taken = _add(writer, sources, settings, report, progress)
                if not taken:
                    raise _NothingToAdd
            if writer.report is not None:
                report.overlong_tokens = writer.report.overlong_tokens
            index.refresh()
            report.added = len(index) - before
            report.replaced = taken - report.added
    except _NothingToAdd:
        report.added = 0
    except KeyboardInterrupt:
        raise Failure(f"interrupted; {_left(settings.into, found)}", INTERRUPTED) from None
    report.took_s = time.perf_counter() - started
    return report


def _state(place: Path) -> tuple[int, int] | None:
    """What tells an index from the same after a commit, and from another in its place."""
    try:
        with searchlib.open(place) as index:
            return (place / folder.NAME).stat().st_ino, index.stats().generation
    except (SearchlibError, OSError):
        return None


def _left(place: Path, found: tuple[int, int] | None) -> str:
    """What an interruption left; it may come when the documents are durable and visible."""
    if _state(place) == found:
        return f"{place} is as it was"
    return f"the documents are in {place} already"


class _NothingToAdd(Exception):  # noqa: N818  (unwinds the writer and the new index)
    """No document was accepted, so nothing is to be committed or created."""


def _add(
    writer: searchlib.Writer,
    sources: Sequence[Source],
    settings: Settings,
    report: Report,
    progress: Progress,
) -> int:
    taken = 0
    finished_bytes = 0
    for source in sources:
        ignored: tuple[str, ...] = ()
        for item in read(source, encoding=settings.encoding, columns=settings.columns):
            if isinstance(item, SourceError):
                report.refused.append(item)
                continue
            try:
                writer.add(item.values)
            except DocumentError as error:
                report.refused.append(error)
                continue
            taken += 1
            report.text_bytes += _text_bytes(item)
            if item.ignored != ignored:
                ignored = item.ignored
                report.ignored.update(ignored)
            progress(taken, finished_bytes + item.consumed_bytes)
        finished_bytes += source.size_bytes
        progress(taken, finished_bytes)
    return taken


def _text_bytes(document: Document) -> int:
    return sum(len(document.values[field].encode()) for field in DOCUMENTS.texts)


@contextlib.contextmanager
def _index(settings: Settings) -> Iterator[searchlib.Index]:
    """The index to fill: the one that is there, or a new one that appears at the end."""
    if settings.overwrite or not _is_there(settings.into):
        with (
            folder.new(
                settings.into, overwrite=settings.overwrite, timeout_s=settings.timeout_s
            ) as place,
            searchlib.create(
                place, DOCUMENTS, engine=settings.engine, corrections=settings.corrections
            ) as index,
        ):
            yield index
        return
    with searchlib.open(settings.into) as index:
        if index.schema != DOCUMENTS:
            found, expected = ", ".join(index.schema), ", ".join(DOCUMENTS)
            raise Failure(
                f"{settings.into} holds documents with the fields {found}; files give documents "
                f"with {expected}: choose another folder, or replace it with --overwrite",
                INPUT,
            )
        if settings.engine not in ("auto", index.engine):
            raise Failure(
                f"{settings.into} was made by the engine {index.engine}, not "
                f"{settings.engine}: leave --engine out, or replace it with --overwrite",
                INPUT,
            )
        if settings.corrections not in (None, folder.read(settings.into).corrections):
            raise Failure(
                f"{settings.into} was made with other corrections: leave --corrections out, or "
                "replace it with --overwrite",
                INPUT,
            )
        yield index


def _is_there(path: Path) -> bool:
    try:
        folder.read(path)
    except IndexNotFoundError:
        return False
    return True
