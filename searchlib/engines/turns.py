"""Owns who may use a writer: one thread at a time, in the process that opened it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from searchlib.errors import ClosedError

__all__ = ["Turns"]

CLOSED = "it was closed"


class Turns:
    """The turns of the threads that share one writer.

    ``held`` is the lock of a turn, which one thread may take several times over.
    """

    def __init__(self) -> None:
        self.held = threading.RLock()
        self._process = os.getpid()
        self._refusal: str | None = None

    @property
    def is_elsewhere(self) -> bool:
        """Whether this is a forked child, whose files, lock and turns are its parent's."""
        return os.getpid() != self._process

    @contextmanager
    def working(self, action: str) -> Iterator[None]:
        """Gives one turn; what fails in it leaves the writer refusing every later one.

        Raises:
            ClosedError: the writer was closed, failed before, or belongs to another process.
        """
        if self.is_elsewhere:
            raise ClosedError("writer", "it belongs to the process that this one was forked from")
        with self.held:
            if self._refusal is not None:
                raise ClosedError("writer", self._refusal)
            try:
                yield
            except BaseException as error:
                # Even an interrupt may have left a document, or half a batch, behind.
                self._refusal = f"{action} failed before ({type(error).__name__})"
                raise

    def end(self) -> bool:
        """Lets no turn follow; tells whether this is the first time. To be called in a turn."""
        is_first = self._refusal != CLOSED
        self._refusal = CLOSED
        return is_first
