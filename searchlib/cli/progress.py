"""Owns the progress bar: documents, rate and time left, on standard error."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

__all__ = ["bar"]


_WIDE = 81
"""Columns that all of it takes, with a bar of 40; it is left out where there are fewer."""


@contextlib.contextmanager
def bar(
    total_bytes: int, *, console: Console | None = None
) -> Iterator[Callable[[int, int], None]]:
    """Gives a function that is told documents and bytes done; 0 in all means not known."""
    console = console or Console(stderr=True)
    documents = TextColumn("{task.fields[documents]:,} documents")
    if console.width < _WIDE:
        columns: tuple[ProgressColumn, ...] = (documents, TimeRemainingColumn())
    else:
        columns = (documents, BarColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=total_bytes or None, documents=0)
        yield lambda documents, done: progress.update(task, documents=documents, completed=done)
