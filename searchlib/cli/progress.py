"""Owns the progress bar: documents, rate and time left, on standard error."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

__all__ = ["bar"]


@contextlib.contextmanager
def bar(total_bytes: int) -> Iterator[Callable[[int, int], None]]:
    """Gives a function that is told documents and bytes done; 0 in all means not known."""
    columns = (
        TextColumn("{task.fields[documents]:,} documents"),
        BarColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total_bytes or None, documents=0)
        yield lambda documents, done: progress.update(task, documents=documents, completed=done)
