"""What would harm an index: a folder replaced under its writer, forks, threads, a failed sync."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from searchlib.analysis import shared_analyzer
from searchlib.engines import engine_named, storage
from searchlib.engines.base import Engine
from searchlib.engines.whoosh import ENGINE
from searchlib.errors import ClosedError, SearchlibError, StorageError
from searchlib.query import plan as p

Document = Callable[[int], dict[str, Any]]

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")

on_whoosh = pytest.mark.parametrize("engine_kind", ["whoosh"], indirect=True)
"""Marks what looks inside that engine."""


def _keys(engine: Engine) -> list[str]:
    snapshot = engine.snapshot()
    hits = snapshot.search(p.AllDocuments(), limit=10_000).hits
    keys = [snapshot.key_of(hit.number) for hit in hits]
    snapshot.close()
    return keys


def _replace(engine: Any, document: Document, *, in_place: bool) -> None:
    """Puts another index there, by another folder or by other files in the same folder."""
    kind, schema = engine_named(engine.name), engine._schema
    if in_place:
        for file in engine.path.iterdir():
            if not file.name.startswith("write.lock"):
                file.unlink()
        other = kind.create(engine.path, schema, shared_analyzer)
    else:
        engine.path.rename(engine.path.with_name("vecchio"))
        engine.path.mkdir()
        other = kind.create(engine.path, schema, shared_analyzer)
        writer = other.writer(timeout_s=0)
        writer.add(document(70))
        writer.commit()
        writer.close()


@pytest.mark.parametrize("in_place", [False, True], ids=["another folder", "other files"])
@pytest.mark.parametrize("action", ["commit", "optimize", "rollback", "close"])
def test_a_writer_whose_index_was_replaced_harms_nothing(
    engine: Engine, document: Document, reopen: Any, action: str, *, in_place: bool
) -> None:
    """It refuses what would write or delete; the new index keeps its documents and files."""
    writer = engine.writer(timeout_s=0)
    writer.add(document(50))
    _replace(engine, document, in_place=in_place)
    names = {file.name for file in engine.path.iterdir()}
    if action != "close":
        with pytest.raises(ClosedError, match="the index was replaced"):
            getattr(writer, action)()
    writer.close()
    assert names <= {file.name for file in engine.path.iterdir()}
    assert _keys(reopen(engine.path)) == ([] if in_place else ["n70"])
    assert list(reopen(engine.path).verify()) == []


def test_a_handle_of_a_replaced_index_says_so(engine: Engine, document: Document) -> None:
    """It has the schema of the old one, so it neither reads nor writes the new one."""
    _replace(engine, document, in_place=False)
    with pytest.raises(ClosedError, match="the index was replaced"):
        engine.snapshot()
    with pytest.raises(ClosedError, match="the index was replaced"):
        engine.writer(timeout_s=0)


def _in_a_child(work: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
        except ClosedError:
            os._exit(3)
        except BaseException:
            os._exit(4)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@forks
def test_a_forked_child_cannot_write(engine: Engine, document: Document) -> None:
    """Every call of its copy of the writer is refused; closing it touches no file."""
    writer = engine.writer(timeout_s=0)
    writer.add(document(50))
    writer.delete_matching(lambda _: p.NoDocuments())  # what was added is in a file now
    for call in (lambda: writer.add(document(51)), writer.commit, writer.rollback):
        assert _in_a_child(call) == 3
    assert _in_a_child(writer.close) == 0
    writer.add(document(52))
    writer.commit()
    writer.close()
    assert _keys(engine)[-2:] == ["n50", "n52"]
    assert list(engine.verify()) == []


@forks
def test_forked_children_write_one_after_the_other(engine: Engine, document: Document) -> None:
    """They have the random seeds of their parent, and name their files apart all the same."""

    def write(number: int) -> None:
        writer = engine.writer(timeout_s=0)
        writer.add(document(number))
        writer.commit()
        writer.close()

    for number in (50, 51, 52):
        assert _in_a_child(partial(write, number)) == 0
    assert _keys(engine)[-3:] == ["n50", "n51", "n52"]
    assert list(engine.verify()) == []


@forks
def test_a_child_forked_while_a_thread_adds_closes_at_once(
    engine: Engine, document: Document
) -> None:
    """The lock between threads is not waited for in a process where no thread frees it."""
    writer: Any = engine.writer(timeout_s=0)
    writer._turns.held.acquire()
    try:
        child = os.fork()
        if child == 0:
            closing = threading.Thread(target=writer.close, daemon=True)
            closing.start()
            closing.join(5)
            os._exit(1 if closing.is_alive() else 0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        writer._turns.held.release()
        writer.close()


@forks
def test_a_child_waits_for_no_thread_of_its_parent(engine: Engine, document: Document) -> None:
    """Closing a copied writer of two threads ends, and the parent's commits what it was given."""
    writer = engine.writer(timeout_s=0, memory_mb=16, threads=2)
    for number in range(50, 3_000):
        writer.add(document(number))

    def close() -> None:
        closing = threading.Thread(target=writer.close, daemon=True)
        closing.start()
        closing.join(5)
        assert not closing.is_alive()

    assert _in_a_child(close) == 0
    writer.commit()
    writer.close()
    assert _keys(engine)[-1] == "n2999"
    assert list(engine.verify()) == []


@on_whoosh
@pytest.mark.parametrize("links", [True, False], ids=["by a link", "where there are no links"])
def test_a_generation_is_never_written_twice(
    engine: Engine, document: Document, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    """Of two that commit upon the same one, the second is refused and the first one stays."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    folder = storage.IndexFolder(engine.path, format=1)
    last = folder.newest()
    first = folder.commit(last, last.files.values(), last.content)
    with pytest.raises(ClosedError, match="another writer"):
        folder.commit(last, (), {"segments": []})
    monkeypatch.setattr(folder, "newest", lambda: last)  # it committed after we looked
    with pytest.raises(ClosedError, match="another writer"):
        folder.commit(last, (), {"segments": []})
    monkeypatch.undo()
    assert folder.newest() == first
    assert len(_keys(engine)) == 11


@on_whoosh
def test_a_crash_while_cleaning_up_after_a_failed_sync_leaves_an_index(
    engine: Any, document: Document, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The manifest of the failed commit goes first: at no moment does one name missing files."""
    writer = engine.writer(timeout_s=0)
    writer.add(document(50))
    real = storage.sync_folder
    syncs: list[Path] = []

    def failing(path: Path) -> None:
        syncs.append(path)
        if len(syncs) == 2:
            raise StorageError(path, action="sync", cause=OSError(errno.EIO, "I/O error"))
        real(path)

    monkeypatch.setattr(storage, "sync_folder", failing)
    with pytest.raises(StorageError):
        writer.commit()
    unlink, listdir = os.unlink, os.listdir
    moments: list[int] = []

    def watched(path: Path) -> None:
        unlink(path)
        copy = tmp_path / f"copia{len(moments)}"
        shutil.copytree(engine.path, copy)
        moments.append(len(_keys(ENGINE.open(copy, engine._schema, shared_analyzer))))

    def segments_first(path: Path) -> list[str]:
        return sorted(listdir(path), key=lambda name: not name.endswith(".seg"))

    monkeypatch.setattr(os, "listdir", segments_first)
    monkeypatch.setattr(os, "unlink", watched)
    writer.close()
    assert len(moments) == 2
    assert set(moments) == {11}
    assert len(syncs) == 3, "the folder is synced before the files go"


def test_threads_share_a_writer(engine: Engine, document: Document) -> None:
    """Four threads add at once: every document is there, with its own words only."""
    writer = engine.writer(timeout_s=0)
    failures: list[BaseException] = []

    def add(thread: int) -> None:
        try:
            for number in range(300):
                writer.add({"id": f"{thread}-{number}", "testo": f"comune altre{thread} cose"})
        except BaseException as error:
            failures.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    threads = [threading.Thread(target=add, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
    assert failures == []
    assert writer.commit().added == 1200
    writer.close()
    snapshot = engine.snapshot()
    assert snapshot.count(p.Form("testo", "comune")) == 1200
    hits = snapshot.search(p.Form("testo", "altre2"), limit=2000).hits
    assert {snapshot.key_of(hit.number).partition("-")[0] for hit in hits} == {"2"}
    assert list(engine.verify()) == []


def _committed(engine: Engine, *steps: tuple[str, int]) -> tuple[int, int]:
    document = {"testo": "un testo"}
    writer = engine.writer(timeout_s=0)
    try:
        for action, number in steps:
            key = f"n{number}"
            if action == "add":
                writer.add({"id": key, **document})
            elif action == "delete":
                writer.delete(key)
            elif action == "delete by query":
                writer.delete_matching(lambda _, key=key: p.Value("id", key))  # type: ignore[misc]
            else:
                getattr(writer, action)()
        report = writer.commit()
    finally:
        writer.close()
    return report.added, report.deleted


@pytest.mark.parametrize("deletion", ["delete", "delete by query"])
@pytest.mark.parametrize(
    ("steps", "counts"),
    [
        ([], (0, 0)),
        ([("add", 50)], (1, 0)),
        ([("add", 50), ("add", 50)], (1, 0)),
        ([("add", 3)], (1, 0)),
        ([("D", 3)], (0, 1)),
        ([("D", 3), ("add", 3)], (1, 0)),
        ([("add", 3), ("D", 3)], (0, 1)),
        ([("add", 50), ("D", 50)], (0, 0)),
        ([("D", 3), ("D", 3), ("D", 99)], (0, 1)),
        ([("add", 50), ("D", 50), ("commit", 0), ("add", 51)], (1, 0)),
        ([("D", 3), ("rollback", 0), ("add", 51)], (1, 0)),
        ([("add", 50), ("optimize", 0)], (0, 0)),
    ],
)
def test_a_report_counts_what_the_commit_changed(
    engine: Engine, steps: list[tuple[str, int]], counts: tuple[int, int], deletion: str
) -> None:
    """Added are documents put in that are there now; deleted, those there before and now not."""
    named = [(deletion if action == "D" else action, number) for action, number in steps]
    assert _committed(engine, *named) == counts


@on_whoosh
def test_a_failed_close_of_the_files_is_not_the_callers_trouble(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that cannot be listed any more is left as it is; the lock is freed."""
    writer = engine.writer(timeout_s=0)

    def refuse(_: Path) -> list[str]:
        raise OSError(errno.EIO, "I/O error")

    monkeypatch.setattr(os, "listdir", refuse)
    try:
        writer.close()
    except SearchlibError as error:  # pragma: no cover
        pytest.fail(str(error))
    monkeypatch.undo()
    engine.writer(timeout_s=0).close()
