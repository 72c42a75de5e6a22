"""One writer at a time, across processes, threads of one process, and forks."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from searchlib.engines.base import Engine
from searchlib.engines.lock import WriterLock
from searchlib.errors import ClosedError, IndexLockedError

HOLDER = """
import sys
from pathlib import Path
from searchlib.engines.lock import WriterLock
lock = WriterLock(Path(sys.argv[1]))
lock.acquire(timeout_s=5)
print("preso", flush=True)
sys.stdin.read()
"""


def _hold(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "preso\n"
    return process


def test_a_second_process_waits_then_learns_who_holds_the_lock(engine: Engine) -> None:
    """IndexLockedError comes after timeout_s and names the process; its death frees the lock."""
    holder = _hold(engine.path)
    try:
        began = time.monotonic()
        with pytest.raises(IndexLockedError) as caught:
            engine.writer(timeout_s=0.3)
        assert 0.3 <= time.monotonic() - began < 5
        assert caught.value.waited_s >= 0.3
        assert f"process {holder.pid} on host " in str(caught.value)
    finally:
        holder.kill()
        holder.wait()
        for stream in (holder.stdin, holder.stdout):
            assert stream is not None
            stream.close()
    engine.writer(timeout_s=5).close()


def test_one_process_has_one_writer_too(engine: Engine) -> None:
    """A second writer is refused at once with timeout 0, and given when the first closes."""
    first = engine.writer(timeout_s=0)
    with pytest.raises(IndexLockedError, match=f"process {os.getpid()} "):
        engine.writer(timeout_s=0)
    closing = threading.Timer(0.1, first.close)
    closing.start()
    engine.writer(timeout_s=10).close()
    closing.join()


def test_a_closed_writer_refuses_work(
    engine: Engine, document: Callable[[int], dict[str, Any]]
) -> None:
    """After close() every call but close() itself raises ClosedError."""
    writer = engine.writer(timeout_s=0)
    writer.close()
    writer.close()
    for call in (
        lambda: writer.add(document(1)),
        lambda: writer.delete("n1"),
        writer.commit,
        writer.rollback,
        writer.optimize,
    ):
        with pytest.raises(ClosedError, match="it was closed"):
            call()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_child_leaves_the_lock_with_its_parent(engine: Engine) -> None:
    """A child that releases the lock it inherited does not free it."""
    lock = WriterLock(engine.path)
    lock.acquire(timeout_s=0)
    child = os.fork()
    if child == 0:
        lock.release()
        os._exit(0)
    os.waitpid(child, 0)
    with pytest.raises(IndexLockedError):
        engine.writer(timeout_s=0)
    lock.release()
    engine.writer(timeout_s=0).close()


def test_a_holder_that_left_no_name_is_another_writer(engine: Engine) -> None:
    """Where who holds the lock cannot be read, the error says so in words."""
    writer = engine.writer(timeout_s=0)
    (engine.path / "write.lock.holder").unlink()
    with pytest.raises(IndexLockedError, match="another writer") as caught:
        engine.writer(timeout_s=0)
    assert caught.value.holder is None
    writer.close()
