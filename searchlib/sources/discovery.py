"""Owns finding files: which of the paths on a command line are documents, and which are not.

A path is a file, a folder (read with all below it, in sorted order), a pattern with ``*``, or
``-`` for jsonl on standard input. In folders, and among what a pattern matches, hidden files,
READMEs and files of other kinds are passed over and counted; a file that is named is never passed
over: it is read, or refused with the reason. Nothing is opened here.
"""

from __future__ import annotations

import fnmatch
import glob as glob_module
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs

from searchlib.errors import SourceError
from searchlib.sources.values import LIMITS, STDIN, Limits, Source, SourceKind

__all__ = ["Discovery", "Skipped", "discover"]

_KINDS = {
    ".txt": SourceKind.TEXT,
    ".md": SourceKind.MARKDOWN,
    ".html": SourceKind.HTML,
    ".htm": SourceKind.HTML,
    ".jsonl": SourceKind.JSON_LINES,
    ".csv": SourceKind.CSV,
}


@attrs.frozen(slots=True)
class Skipped:
    """A file of a folder that is not read, and why: the same few words for all of its like."""

    path: Path
    reason: str


@attrs.frozen(slots=True)
class Discovery:
    """What some paths lead to: files to read in order, files passed over, paths that are wrong."""

    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...]
    errors: tuple[SourceError, ...]


def discover(
    paths: Iterable[str],
    *,
    pattern: str | None = None,
    limits: Limits = LIMITS,
) -> Discovery:
    """Returns the files that paths lead to, each once, folders in sorted order.

    Args:
        paths: files, folders, patterns such as ``lettere/**/*.txt``, or ``-``.
        pattern: in folders, only files whose name matches (``*.txt``); where it has a slash, only
            those whose path below the folder does.
        limits: how many files, and how deep.

    A link is followed, but no folder is entered twice. Names are relative to the current folder
    where a file is below it, so that the same file has the same key however it was reached.

    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> for name in ("b.txt", "a.md", "README.md", "foto.jpg"):
    ...     (folder / name).touch()
    >>> found = discover([str(folder)])
    >>> [source.path.name for source in found.sources]
    ['a.md', 'b.txt']
    >>> [(skipped.path.name, skipped.reason) for skipped in found.skipped]
    [('README.md', 'README'), ('foto.jpg', 'other kind (.jpg)')]
    """
    walk = _Walk(pattern, limits)
    for path in paths:
        walk.add(path)
    return Discovery(tuple(walk.sources.values()), tuple(walk.skipped), tuple(walk.errors))


class _Walk:
    """One discovery under way."""

    def __init__(self, pattern: str | None, limits: Limits) -> None:
        self._pattern = pattern
        self._limits = limits
        self._entered: set[tuple[int, int]] = set()
        self._is_full = False
        self.sources: dict[object, Source] = {}
        self.skipped: list[Skipped] = []
        self.errors: list[SourceError] = []

    def add(self, given: str) -> None:
        path = Path(given)
        if given == "-":
            self._found(Source(STDIN, "-", SourceKind.JSON_LINES), STDIN)
        elif not given:
            self._refuse(path, "expected a path, found an empty one")
        elif not os.path.lexists(path) and glob_module.has_magic(given):
            self._add_matches(given)
        else:
            self._add_named(path)

    def _add_named(self, path: Path) -> None:
        status = self._status(path)
        if status is None:
            return
        if stat.S_ISDIR(status.st_mode):
            self._add_folder(path)
        elif not stat.S_ISREG(status.st_mode):
            self._refuse(path, "not a file; to read from a pipe, give it as - on standard input")
        elif (kind := _kind(path)) is None:
            known = ", ".join(suffix[1:] for suffix in _KINDS)
            found = f"found {path.suffix!r}" if path.suffix else "found none"
            self._refuse(path, f"expected a file of kind {known} by its suffix, {found}")
        else:
            self._found(Source(path, _name(path), kind, status.st_size), _identity(status))

    def _add_matches(self, given: str) -> None:
        matches = sorted(glob_module.iglob(given, recursive=True))  # noqa: PTH207  (may be absolute)
        if not matches:
            self._refuse(Path(given), "no file matches the pattern")
        for match in matches:
            path = Path(match)
            if os.path.isdir(path):  # noqa: PTH112  (as above)
                if "**" not in given:
                    self._add_folder(path)
            else:
                self._add_found(path)

    def _add_folder(self, folder: Path) -> None:
        for path in self._files_below(folder, depth=0):
            if self._pattern is not None and not _matches(path, folder, self._pattern):
                self.skipped.append(Skipped(path, "does not match --glob"))
            else:
                self._add_found(path)

    def _files_below(self, folder: Path, *, depth: int) -> Iterator[Path]:
        if not self._enter(folder, depth):
            return
        try:
            names = sorted(os.listdir(folder))  # noqa: PTH208  (names alone are sorted)
        except OSError as error:
            self._refuse(folder, f"the folder cannot be read: {error.strerror or error}")
            return
        for name in names:
            path = folder / name
            if name.startswith("."):
                self.skipped.append(Skipped(path, "hidden"))
            elif os.path.isdir(path):  # noqa: PTH112  (Path.is_dir raises on some links)
                yield from self._files_below(path, depth=depth + 1)
            else:
                yield path

    def _enter(self, folder: Path, depth: int) -> bool:
        status = self._status(folder)
        if status is None:
            return False
        if depth > self._limits.depth:
            self._refuse(folder, f"more than {self._limits.depth} folders within one another")
            return False
        identity = _identity(status)
        if identity in self._entered:
            self.skipped.append(Skipped(folder, "folder already read"))
            return False
        self._entered.add(identity)
        return True

    def _add_found(self, path: Path) -> None:
        reason = _reason_to_skip(path)
        status = None if reason else self._status(path)
        if status is not None and not stat.S_ISREG(status.st_mode):
            reason = "not a file"
        kind = _kind(path)
        if reason is not None:
            self.skipped.append(Skipped(path, reason))
        elif status is not None and kind is not None:
            self._found(Source(path, _name(path), kind, status.st_size), _identity(status))

    def _found(self, source: Source, identity: object) -> None:
        if len(self.sources) < self._limits.files:
            self.sources.setdefault(identity, source)
        elif identity not in self.sources and not self._is_full:
            self._is_full = True
            problem = f"more than {self._limits.files} files; this one and the others are left out"
            self._refuse(source.path, f"{problem}: index folder by folder")

    def _status(self, path: Path) -> os.stat_result | None:
        try:
            return path.stat()
        except FileNotFoundError:
            problem = "a link to nothing" if path.is_symlink() else "no such file or folder"
            self._refuse(path, problem)
        except (OSError, ValueError) as error:  # ValueError: a NUL character in the name
            self._refuse(path, f"cannot be read: {getattr(error, 'strerror', None) or error}")
        return None

    def _refuse(self, path: Path, problem: str) -> None:
        self.errors.append(SourceError(path, problem=problem))


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _kind(path: Path) -> SourceKind | None:
    return _KINDS.get(path.suffix.lower())


def _reason_to_skip(path: Path) -> str | None:
    if path.name.startswith("."):
        return "hidden"
    if path.name.upper().partition(".")[0] == "README":
        return "README"
    if _kind(path) is None:
        return f"other kind ({path.suffix or 'no suffix'})"
    return None


def _matches(path: Path, folder: Path, pattern: str) -> bool:
    if "/" in pattern:
        return fnmatch.fnmatchcase(path.relative_to(folder).as_posix(), pattern)
    return fnmatch.fnmatchcase(path.name, pattern)


def _name(path: Path) -> str:
    absolute = Path(os.path.abspath(path))  # noqa: PTH100  (`resolve` would follow links)
    here = Path.cwd()
    if absolute.is_relative_to(here):
        return absolute.relative_to(here).as_posix()
    return absolute.as_posix()
