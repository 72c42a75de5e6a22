"""Owns the lock of the writer: one at a time, across threads and processes.

It is a module of its own so that a search does not import filelock, which brings asyncio along.
"""

from __future__ import annotations

import os
import random
import socket
import time
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path

import filelock

from searchlib.errors import IndexLockedError, StorageError

__all__ = ["WriterLock"]

_LOCK, _HOLDER = "write.lock", "write.lock.holder"


class WriterLock:
    """The lock that one writer holds; freed when its process ends, however that happens.

    A forked child that closes or loses the object leaves the lock with its parent.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = filelock.FileLock(folder / _LOCK, thread_local=False)
        self._owner = -1

    def acquire(self, *, timeout_s: float) -> None:
        """Waits up to ``timeout_s`` seconds; IndexLockedError says who holds it."""
        began = time.monotonic()
        pause_s = 0.005
        while True:
            try:
                self._lock.acquire(timeout=0)
                break
            except filelock.Timeout:
                pass
            except OSError as cause:
                raise StorageError(self._folder / _LOCK, action="lock", cause=cause) from cause
            waited_s = time.monotonic() - began
            if waited_s >= timeout_s:
                raise IndexLockedError(self._folder, holder=self._read_holder(), waited_s=waited_s)
            time.sleep(min(pause_s * (0.5 + random.random()), timeout_s - waited_s))
            pause_s = min(pause_s * 2, 0.25)
        self._owner = os.getpid()
        self._write_holder()

    def release(self) -> None:
        """Frees the lock if this process took it."""
        if self._owner == os.getpid():
            self._owner = -1
            try:
                self._lock.release(force=True)
            except OSError as cause:
                raise StorageError(self._folder / _LOCK, action="unlock", cause=cause) from cause

    def _write_holder(self) -> None:
        since = datetime.now(timezone.utc).isoformat(timespec="seconds")
        text = f"process {os.getpid()} on host {socket.gethostname()} since {since}"
        with suppress(OSError):  # it serves a message only; a full disk shows at the first write
            (self._folder / _HOLDER).write_text(text, encoding="utf-8")

    def _read_holder(self) -> str | None:
        try:
            text = (self._folder / _HOLDER).read_bytes()[:200].decode("utf-8", "replace")
        except OSError:
            return None
        return "".join(char for char in text if char.isprintable()) or None
