"""Owns how the tables that come along are read: lines of columns with tabs between them."""

from pathlib import Path

__all__ = ["Rows", "read_rows"]

Rows = tuple[tuple[str, ...], ...]


def read_rows(path: Path, *, columns: int) -> Rows:
    """Returns the rows of a table, in its order; lines that begin with ``#`` are none."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = tuple(tuple(line.split("\t")) for line in lines if not line.startswith("#"))
    assert all(len(row) == columns for row in rows), f"{path.name}: not {columns} columns"
    return rows
