"""Memory of processes and sizes of folders, against what was put there."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.gauges import folder_bytes, peak_memory_bytes, private_memory_bytes


def test_peak_memory_grows_by_what_is_held(fresh_python: Callable[..., str]) -> None:
    """A process that fills 64 MB reports a peak at least 60 MB higher than before."""
    grown = fresh_python(
        "-c",
        "from benchmarks.gauges import peak_memory_bytes as peak; before = peak(); "
        "held = b'x' * 64_000_000; print(peak() - before)",
    )
    assert 60_000_000 < int(grown) < 100_000_000


def test_folder_size_counts_files_at_any_depth(tmp_path: Path) -> None:
    """Three bytes here and four below are seven."""
    (tmp_path / "a").write_bytes(b"123")
    (tmp_path / "sotto").mkdir()
    (tmp_path / "sotto" / "b").write_bytes(b"1234")
    assert folder_bytes(tmp_path) == 7


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what no file backs")
def test_private_memory_leaves_mapped_files_out(
    tmp_path: Path, fresh_python: Callable[..., str]
) -> None:
    """Reading 32 MB of a mapped file adds under 16 MB, filling 32 MB adds at least 30.

    The process is a fresh one: in a large one the two may hide behind what it frees meanwhile.
    """
    path = tmp_path / "file"
    path.write_bytes(b"x" * 32_000_000)
    code = """
import os, sys
from mmap import ACCESS_READ, mmap
from benchmarks.gauges import private_memory_bytes as private
before = private()
with open(sys.argv[1], "rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as mapped:
    assert mapped.find(b"y") == -1
    mapping = private(os.getpid())
held = b"x" * 32_000_000
print(mapping - before, private() - mapping)
"""
    read, filled = map(int, fresh_python("-c", code, str(path)).split())
    assert read < 16_000_000
    assert filled > 30_000_000


def test_another_process_is_asked_by_its_number() -> None:
    """This one's peak, asked by number, is no less than what it holds by itself."""
    private = private_memory_bytes(os.getpid())
    assert private is None or peak_memory_bytes(os.getpid()) >= private > 0
