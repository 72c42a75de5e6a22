"""Memory of processes and sizes of folders, against what was put there."""

from __future__ import annotations

import os
import subprocess
import sys
from mmap import ACCESS_READ, mmap
from pathlib import Path

import pytest

import benchmarks
from benchmarks.gauges import folder_bytes, peak_memory_bytes, private_memory_bytes


def test_peak_memory_grows_by_what_is_held() -> None:
    """A process that fills 64 MB reports a peak at least 60 MB higher than before."""
    code = (
        "from benchmarks.gauges import peak_memory_bytes as peak; before = peak(); "
        "held = b'x' * 64_000_000; print(peak() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        encoding="utf-8",
        cwd=Path(benchmarks.__file__).parents[1],
    )
    assert 60_000_000 < int(done.stdout) < 100_000_000


def test_folder_size_counts_files_at_any_depth(tmp_path: Path) -> None:
    """Three bytes here and four below are seven."""
    (tmp_path / "a").write_bytes(b"123")
    (tmp_path / "sotto").mkdir()
    (tmp_path / "sotto" / "b").write_bytes(b"1234")
    assert folder_bytes(tmp_path) == 7


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what no file backs")
def test_private_memory_leaves_mapped_files_out(tmp_path: Path) -> None:
    """Reading 32 MB of a mapped file adds under 16 MB, filling 32 MB adds at least 30.

    Another process is asked by its number.
    """
    path = tmp_path / "file"
    path.write_bytes(b"x" * 32_000_000)
    before = private_memory_bytes()
    assert before is not None
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as mapped:
        assert mapped.find(b"y") == -1
        mapping = private_memory_bytes(os.getpid())
    # Pages of its own: a large process may fill what it had and gave free.
    rest = private_memory_bytes()
    held = mmap(-1, 32_000_000)
    held.write(b"x" * len(held))
    after = private_memory_bytes()
    assert mapping is not None
    assert rest is not None
    assert after is not None
    assert mapping - before < 16_000_000
    assert after - rest > 30_000_000
    assert peak_memory_bytes(os.getpid()) >= len(held)
