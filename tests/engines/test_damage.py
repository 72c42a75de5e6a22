"""Damaged, shortened, swapped and foreign files: an error that names them, or true answers."""

from __future__ import annotations

import errno
import json
import os
import random
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from searchlib.engines.base import Engine
from searchlib.engines.whoosh import FORMAT_VERSION, WhooshEngine
from searchlib.errors import CorruptIndexError, FormatTooNewError, StorageError

Reopen = Callable[[Path], WhooshEngine]
Answers = Callable[[Any], Any]

on_whoosh = pytest.mark.parametrize("engine_kind", ["whoosh"], indirect=True)
"""Marks what looks inside that engine."""


def _index_files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if not file.name.startswith("write.lock"))


def _ask(folder: Path, reopen: Reopen, answers: Answers) -> Any:
    snapshot = reopen(folder).snapshot()
    try:
        return answers(snapshot)
    finally:
        snapshot.close()


def _damages(data: bytes, seed: int) -> Iterator[bytes]:
    chosen = random.Random(seed)
    for _ in range(25):
        yield data[: chosen.randrange(len(data))]
    for _ in range(75):
        flipped = bytearray(data)
        flipped[chosen.randrange(len(data))] ^= 1 << chosen.randrange(8)
        yield bytes(flipped)
    yield data + b"\0"


def test_damage_never_gives_wrong_answers(engine: Engine, reopen: Reopen, answers: Answers) -> None:
    """A cut or flipped file raises CorruptIndexError or shows in nothing; verify reports it."""
    truth = _ask(engine.path, reopen, answers)
    detected: list[tuple[Path, Path]] = []
    for seed, file in enumerate(_index_files(engine.path)):
        data = file.read_bytes()
        for damaged in _damages(data, seed):
            file.write_bytes(damaged)
            problems = list(engine.verify())
            assert problems, f"{file.suffix}: verify is silent, seed {seed}"
            assert all(problem.path.parent == engine.path for problem in problems)
            try:
                assert _ask(engine.path, reopen, answers) == truth
            except CorruptIndexError as error:
                detected.append((file, error.path))
        file.write_bytes(data)
    assert len(detected) > 100
    assert all(named == file for file, named in detected)
    assert list(engine.verify()) == []


def test_a_missing_file_is_named(engine: Engine, reopen: Reopen) -> None:
    """Each file that the manifest names is missed by its name."""
    for file in _index_files(engine.path):
        away = file.with_name("altrove")
        file.rename(away)
        if file.name.startswith("manifest"):
            with pytest.raises(CorruptIndexError, match="no manifest"):
                reopen(engine.path)
        else:
            with pytest.raises(CorruptIndexError, match="missing") as caught:
                reopen(engine.path).snapshot()
            assert caught.value.path == file
        assert list(engine.verify())
        away.rename(file)


def test_swapped_segments_and_things_that_are_no_files_are_refused(
    engine: Engine, reopen: Reopen, tmp_path: Path
) -> None:
    """One segment under another's name, a folder, a link, a pipe: CorruptIndexError."""
    first, second, *_ = [file for file in _index_files(engine.path) if file.suffix == ".seg"]
    data = first.read_bytes()

    def refused() -> bool:
        with pytest.raises(CorruptIndexError):
            reopen(engine.path).snapshot()
        return bool(list(engine.verify()))

    first.write_bytes(second.read_bytes())
    assert refused()
    first.unlink()
    first.mkdir()
    assert refused()
    first.rmdir()
    outside = tmp_path / "fuori.seg"
    outside.write_bytes(data)
    first.symlink_to(outside)
    assert refused()
    first.unlink()
    os.mkfifo(first)
    assert refused()
    first.unlink()
    first.write_bytes(data)
    assert list(engine.verify()) == []


def _reseal(path: Path, old: bytes, new: bytes) -> None:
    line = path.read_bytes().split(b"\n")[0].replace(old, new) + b"\n"
    path.write_bytes(line + b"crc32 %08x\n" % zlib.crc32(line))


@on_whoosh
def test_a_newer_format_is_refused_untouched(engine: Engine, reopen: Reopen) -> None:
    """A manifest of a later format raises FormatTooNewError, for readers and for writers."""
    manifest = next(file for file in _index_files(engine.path) if file.suffix == ".json")
    _reseal(manifest, b'"format":%d' % FORMAT_VERSION, b'"format":%d' % (FORMAT_VERSION + 1))
    before = {file: file.read_bytes() for file in _index_files(engine.path)}
    with pytest.raises(FormatTooNewError) as caught:
        reopen(engine.path)
    assert (caught.value.found, caught.value.supported) == (FORMAT_VERSION + 1, FORMAT_VERSION)
    with pytest.raises(FormatTooNewError):
        engine.writer(timeout_s=0)
    assert {file: file.read_bytes() for file in _index_files(engine.path)} == before


@on_whoosh
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b".seg", b"/../../segreto.seg"),
        (b'"deletes":null', b'"deletes":7'),
        (b'"segments"', b'"segmenti"'),
        (b'"files":{', b'"files":[], "x":{'),
        (b'"generation":2', b'"generation":3'),
        (b'"index":"', b'"index":"zz'),
    ],
)
def test_a_hostile_manifest_is_refused(
    engine: Engine, reopen: Reopen, old: bytes, new: bytes
) -> None:
    """A manifest that is sealed but says nonsense, or points outside, is CorruptIndexError."""
    manifest = next(file for file in _index_files(engine.path) if file.suffix == ".json")
    assert old in manifest.read_bytes()
    _reseal(manifest, old, new)
    with pytest.raises(CorruptIndexError):
        reopen(engine.path).snapshot()


def _resealed(data: bytes, chosen: random.Random) -> bytes:
    """A segment with some bytes of its sections changed and every checksum right again."""
    trailer = len(data) - 28
    table = int.from_bytes(data[trailer : trailer + 8], "little")
    footer = int.from_bytes(data[trailer + 8 : trailer + 16], "little")
    changed = bytearray(data)
    for _ in range(chosen.randrange(1, 4)):
        changed[chosen.randrange(48, table)] = chosen.choice((0, 1, 0x7F, 0x80, 0xFF))
    crc = b"".join(
        zlib.crc32(changed[start : min(start + 65536, table)]).to_bytes(4, "little")
        for start in range(0, table, 65536)
    )
    changed[table:footer] = crc
    seal = zlib.crc32(changed[table : trailer + 16]).to_bytes(4, "little")
    changed[trailer + 16 : trailer + 20] = seal
    return bytes(changed)


@on_whoosh
def test_resealed_damage_raises_nothing_but_our_errors(
    engine: Engine, reopen: Reopen, answers: Answers
) -> None:
    """Bytes that an attacker changed under right checksums cannot crash a search or verify."""
    chosen = random.Random(1)
    for file in _index_files(engine.path):
        if file.suffix == ".seg":
            data, named = file.read_bytes(), []
            for _ in range(150):
                file.write_bytes(_resealed(data, chosen))
                list(engine.verify())
                try:
                    _ask(engine.path, reopen, answers)
                except CorruptIndexError as error:
                    named.append(error.path)
            file.write_bytes(data)
            assert set(named) == {file}


def _change_manifest(engine: Engine, change: dict[str, Any]) -> None:
    file = engine.path / "manifest-2.json"
    described = json.loads(file.read_bytes().partition(b"\n")[0]) | change
    line = json.dumps(described).encode() + b"\n"
    file.write_bytes(line + b"crc32 %08x\n" % zlib.crc32(line))


@on_whoosh
@pytest.mark.parametrize(
    "change",
    [
        {"content": {}},
        {"content": {"segments": [5]}},
        {"content": {"segments": 5}},
        {"files": {}},
        {"format": 0},
        {"format": -3},
        {"format": True},
        {"format": "1"},
    ],
    ids=str,
)
def test_verify_finds_what_a_search_refuses(engine: Engine, change: dict[str, Any]) -> None:
    """A manifest whose checksum is right and whose content is not has a problem for both."""
    _change_manifest(engine, change)
    with pytest.raises(CorruptIndexError):
        engine.snapshot()
    assert list(engine.verify())


@on_whoosh
def test_verify_does_not_take_a_refusal_of_the_system_for_damage(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that may not be read is a StorageError; whether it is sound is not known."""
    real = os.open

    def refuse(path: Any, *rest: Any) -> int:
        if str(path).endswith(".seg"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *rest)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StorageError):
        list(engine.verify())
