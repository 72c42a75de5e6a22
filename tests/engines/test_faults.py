"""Every write, sync and link of a commit fails once; the index is then old or new, whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from searchlib.engines import storage
from searchlib.engines.whoosh import WhooshEngine
from searchlib.errors import ClosedError, StorageError

FAILING = ("open", "write", "fsync", "close", "link")

on_whoosh = pytest.mark.parametrize("engine_kind", ["whoosh"], indirect=True)
"""Marks what looks inside that engine."""


class Faulty:
    """Stands for the module ``os``; the n-th of its counted calls fails, and maybe all after."""

    def __init__(self, fails_at: int, code: int, *, persistent: bool) -> None:
        self.calls = 0
        self._fails_at = fails_at
        self._code = code
        self._persistent = persistent

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._counted(name, real) if name in FAILING else real

    def _counted(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            self.calls += 1
            is_due = self.calls == self._fails_at or (
                self._persistent and self.calls > self._fails_at
            )
            if not is_due:
                return real(*args, **options)
            if name == "close":
                real(*args)  # a failed close has closed all the same
            if name == "write":
                real(args[0], bytes(args[1])[: len(args[1]) // 2])  # and a write wrote a part
            raise OSError(self._code, os.strerror(self._code))

        return call


@on_whoosh
@pytest.mark.parametrize("persistent", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("merges", [False, True], ids=["commit", "optimize"])
def test_a_failure_at_any_step_leaves_the_old_or_the_new_commit(
    engine: WhooshEngine,
    document: Callable[[int], dict[str, Any]],
    answers: Callable[[Any], Any],
    monkeypatch: pytest.MonkeyPatch,
    *,
    persistent: bool,
    merges: bool,
) -> None:
    """Until no step is left to fail: the writer refuses work, and the index is whole."""
    for step in range(1, 200):
        snapshot = engine.snapshot()
        before = answers(snapshot)
        snapshot.close()
        writer = engine.writer(timeout_s=0)
        writer.add(document(100 + step))
        writer.delete(f"n{99 + step}")
        faulty = Faulty(step, errno.ENOSPC, persistent=persistent)
        monkeypatch.setattr(storage, "os", faulty)
        failed = False
        try:
            (writer.optimize if merges else writer.commit)()
        except StorageError as error:
            failed = error.errno == errno.ENOSPC
        monkeypatch.setattr(storage, "os", os)
        if failed:
            with pytest.raises(ClosedError, match="failed before"):
                writer.add(document(1))
            with pytest.raises(ClosedError):
                writer.commit()
        writer.close()
        _check_whole(engine, before, answers, step)
        if faulty.calls < step:  # nothing was left to fail
            assert not failed
            break
    assert 10 < step < 199


def _check_whole(
    engine: WhooshEngine, before: Any, answers: Callable[[Any], Any], step: int
) -> None:
    snapshot = engine.snapshot()
    after = answers(snapshot)
    is_new = snapshot.number_of(f"n{100 + step}") is not None
    assert is_new or after == before
    assert list(engine.verify()) == []
    snapshot.close()
    assert _orphans(engine.path, engine) == set()


def _orphans(path: Path, engine: WhooshEngine) -> set[str]:
    manifest = storage.IndexFolder(path, format=1).newest()
    known = {f"manifest-{manifest.generation}.json", "write.lock", "write.lock.holder"}
    return {file.name for file in path.iterdir()} - known - set(manifest.files)


@on_whoosh
def test_files_that_a_killed_writer_left_are_gone_after_the_next_opens(
    engine: WhooshEngine, document: Callable[[int], dict[str, Any]]
) -> None:
    """Orphans of our names are deleted by the next writer; other files are never touched."""
    names = ("a" * 32 + ".seg", "manifest-1.json", f"manifest-99.json.{'0' * 16}.tmp")
    for name in names:
        (engine.path / name).write_bytes(b"resti")
    (engine.path / "note.txt").write_text("mie")
    engine.writer(timeout_s=0).close()
    left = {file.name for file in engine.path.iterdir()}
    assert left.isdisjoint(names)
    assert "note.txt" in left


@on_whoosh
def test_an_interrupt_within_an_addition_poisons_the_writer(
    engine: WhooshEngine,
    document: Callable[[int], dict[str, Any]],
    answers: Callable[[Any], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After Ctrl-C half way in a document nothing can be committed; the last commit stands."""
    before = answers(engine.snapshot())
    writer = engine.writer(timeout_s=0)

    def interrupt(_: object, __: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("searchlib.engines.whoosh.stored.StoredWriter.add", interrupt)
    with pytest.raises(KeyboardInterrupt):
        writer.add(document(50))
    with pytest.raises(ClosedError, match="KeyboardInterrupt"):
        writer.commit()
    writer.close()
    assert answers(engine.snapshot()) == before


@on_whoosh
def test_a_folder_without_permission_is_a_storage_error(
    engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system refuses is reported with the path and its code."""
    monkeypatch.setattr(storage, "os", Faulty(1, errno.EACCES, persistent=True))
    with pytest.raises(StorageError) as caught:
        engine.snapshot()
    assert caught.value.errno == errno.EACCES
    assert caught.value.path.parent == engine.path
