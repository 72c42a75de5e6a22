"""Where a new index appears: whole, never over another, and with nothing left beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import searchlib
from searchlib import folder

SCHEMA = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())

KILLED = """
import os, sys
from pathlib import Path
from searchlib import folder
with folder.new(Path(sys.argv[1]), overwrite=True):
    os._exit(9)
"""


def _make(path: Path, *keys: str, overwrite: bool = False) -> searchlib.Index:
    index = searchlib.create(path, SCHEMA, overwrite=overwrite)
    with index.writer() as writer:
        for key in keys:
            writer.add({"id": key, "testo": "un testo"})
    return index


def _names(path: Path) -> list[str]:
    return sorted(file.name for file in path.iterdir())


@contextmanager
def _building(path: Path) -> Iterator[None]:
    """Makes an index of the document "lento" at that place, once the block has ended."""
    with folder.new(path, overwrite=False) as built:
        _make(built, "lento")
        yield


@pytest.mark.parametrize("is_there", [False, True], ids=["no folder", "an empty folder"])
def test_the_slower_of_two_builders_leaves_the_index_of_the_faster(
    tmp_path: Path, *, is_there: bool
) -> None:
    """Both began when there was none; the second to end is told, and nothing is lost."""
    place = tmp_path / "indice"
    if is_there:
        place.mkdir()
    with pytest.raises(searchlib.IndexExistsError, match="meanwhile"), _building(place):
        _make(place, "svelto")
    index = searchlib.open(place)
    assert [hit.id for hit in index.search("*")] == ["svelto"]
    assert index.verify() == ()
    assert _names(tmp_path) == ["indice"]
    assert not any(name.startswith(".") for name in _names(place))


def test_files_that_came_meanwhile_are_spared(tmp_path: Path) -> None:
    """A folder that another program filled while the index was built stays as it is."""
    place = tmp_path / "indice"
    with pytest.raises(searchlib.IndexExistsError, match="other files"), _building(place):
        place.mkdir()
        (place / "note.txt").write_text("mie")
    assert _names(place) == ["note.txt"]


@pytest.mark.parametrize("how", ["as it is", "through a link", "as ."])
def test_an_empty_folder_is_filled_from_within(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Its parent may be read-only or another disk: nothing is made or renamed there."""
    place = tmp_path / "vuota"
    place.mkdir()
    given = place
    if how == "through a link":
        given = tmp_path / "legame"
        given.symlink_to(place, target_is_directory=True)
    if how == "as .":
        monkeypatch.chdir(place)
        given = Path()
    identity, before = place.stat().st_ino, _names(tmp_path)
    with folder.new(given, overwrite=False) as built:
        assert built.resolve().parent == place
        assert _names(tmp_path) == before
        _make(built, "uno")
    assert place.stat().st_ino == identity
    assert len(searchlib.open(place)) == 1
    assert not any(name.startswith(".") for name in _names(place))


def test_a_failure_leaves_an_empty_folder_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was moved there before index.json was refused is taken away again."""
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if self.name == "index.json":
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(searchlib.StorageError):
        searchlib.create(tmp_path, SCHEMA)
    monkeypatch.undo()
    assert set(_names(tmp_path)) <= {"write.lock", "write.lock.holder"}
    assert len(_make(tmp_path, "uno")) == 1


def test_a_failing_overwrite_puts_the_old_index_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old index was renamed away already when the new one could not be moved."""
    place = tmp_path / "indice"
    _make(place, "vecchio")
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if self.suffix == ".new":
            raise OSError(5, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(searchlib.StorageError):
        searchlib.create(place, SCHEMA, overwrite=True)
    assert "vecchio" in searchlib.open(place)
    assert _names(tmp_path) == ["indice"]


def _analysed_otherwise(place: Path) -> None:
    file = place / "index.json"
    text = file.read_text("utf-8")
    with suppress(StopIteration):
        file.write_text(text.replace('"analyzer": "', '"analyzer": "altra-'), "utf-8")


def _damaged(place: Path) -> None:
    (place / "index.json").write_text("{", "utf-8")


def _without_manifest(place: Path) -> None:
    for file in place.glob("manifest-*"):
        file.unlink()


@pytest.mark.parametrize("spoil", [_analysed_otherwise, _damaged, _without_manifest])
def test_an_index_that_cannot_be_opened_has_its_lock_all_the_same(
    tmp_path: Path, spoil: object
) -> None:
    """While a writer is at it, it is not overwritten, whatever state it is in."""
    place = tmp_path / "indice"
    index = _make(place, "uno")
    with suppress(searchlib.SearchlibError), index.writer():
        assert callable(spoil)
        spoil(place)
        with pytest.raises(searchlib.IndexLockedError):
            searchlib.create(place, SCHEMA, overwrite=True)
    assert len(searchlib.create(place, SCHEMA, overwrite=True)) == 0


def test_the_lock_is_held_until_the_new_index_is_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No writer of the old index can come between."""
    place = tmp_path / "indice"
    old = _make(place, "uno")
    real = Path.rename
    refused: list[searchlib.IndexLockedError] = []

    def rename(self: Path, target: Path) -> Path:
        if self == place:
            with pytest.raises(searchlib.IndexLockedError) as caught:
                old.writer(timeout_s=0)
            refused.append(caught.value)
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    searchlib.create(place, SCHEMA, overwrite=True)
    assert len(refused) == 1


@pytest.mark.parametrize("what", ["nothing", "an empty folder", "an index"])
def test_what_a_killed_build_left_is_removed_by_the_next(tmp_path: Path, what: str) -> None:
    """And what another process is building at that moment stays."""
    place = tmp_path / "indice"
    if what == "an empty folder":
        place.mkdir()
    if what == "an index":
        _make(place, "vecchio")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(place)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert killed.returncode == 9
    beside = place if what == "an empty folder" else tmp_path
    assert sum(name.endswith(".new") for name in _names(beside)) == 1
    with suppress(searchlib.IndexExistsError), _building(place):
        assert sum(name.endswith(".new") for name in _names(beside)) == (what != "an index")
    _make(place, "nuovo", overwrite=True)
    assert _names(tmp_path) == ["indice"]
    assert not any(name.startswith(".") for name in _names(place))


def test_an_index_renamed_away_by_a_killed_overwrite_comes_back(tmp_path: Path) -> None:
    """It is put in its place by the next that would make one there, which is told."""
    place = tmp_path / "indice"
    _make(place, "vecchio")
    place.rename(tmp_path / ".indice.0123abcd.old")
    with pytest.raises(searchlib.IndexExistsError):
        searchlib.create(place, SCHEMA)
    assert "vecchio" in searchlib.open(place)
    assert _names(tmp_path) == ["indice"]
