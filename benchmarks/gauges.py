"""Owns what the system tells of a process and of files: memory in bytes, sizes on disk."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["folder_bytes", "peak_memory_bytes", "private_memory_bytes"]


def peak_memory_bytes(process: int | None = None) -> int:
    """The most memory that ``process`` (this one by default) has held resident so far.

    Linux keeps it as VmHWM. ``ru_maxrss``, which other systems have, would not do there: it
    survives exec(), so a child starts from what its parent weighed. Elsewhere only this process
    can be asked about; of another one 0 is told.
    """
    found = _field(Path(f"/proc/{process or 'self'}/status"), "VmHWM:")
    if found is not None:
        return found
    if process is not None:
        return 0
    import resource  # not on Windows

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def private_memory_bytes(process: int | None = None) -> int | None:
    """The memory that ``process`` (this one by default) holds resident and that no file backs.

    Pages of mapped files are the system's to drop and to share; these are not. None where the
    system does not tell (it is Linux that does).
    """
    return _field(Path(f"/proc/{process or 'self'}/smaps_rollup"), "Anonymous:")


def folder_bytes(folder: Path) -> int:
    """The size of all files under ``folder``."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _field(table: Path, name: str) -> int | None:
    """The value of ``name`` in a table of kilobytes of the system, in bytes; None without one."""
    if table.exists():
        for line in table.read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return None
