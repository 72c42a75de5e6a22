"""Interpreters of their own, for what a process tells of itself alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import benchmarks

_ROOT = Path(benchmarks.__file__).parents[1]


@pytest.fixture(name="fresh_python")
def _fresh_python() -> Callable[..., str]:
    """Runs a fresh interpreter with arguments of its command line; gives what it printed."""

    def run(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", cwd=_ROOT)
        return done.stdout.strip()

    return run
