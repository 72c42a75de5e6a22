"""What the tests of the command line share: a folder of documents, and a way to run commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from searchlib.cli import main

PROJECT = Path(__file__).parents[2]

LETTERS = {
    "seeds/missili.txt": "I missili nordcoreani\n\nLa Russia li compra dalla Corea del Nord.\n",
    "seeds/pane.md": "# Il pane di casa\n\nSi fa con la *farina* e con l'acqua.\n",
    "seeds/avviso.html": "<title>Avviso</title><p>L&rsquo;acqua manca fino alle 18.</p>",
    "seeds/notizie.jsonl": (
        '{"id": "1", "titolo": "Il grano", "testo": "Sale il prezzo del grano.", '
        '"fonte": "La Voce", "data": "2022-07-21", "luogo": "Foggia"}\n'
        '{"id": "2", "titolo": "La pesca", "testo": "Tornano le barche.", '
        '"fonte": "La Voce", "data": "2023-01-10", "luogo": "Bari"}\n'
    ),
    "seeds/README.md": "# Da dove vengono\n",
}
"""Five documents and a README."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with documents in ``seeds`` and no index."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, text in LETTERS.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


@pytest.fixture
def run() -> Callable[..., Result]:
    """Runs a command in this process and gives its output and exit code."""

    def run(*arguments: str, stdin: str | bytes | None = None, color: bool = False) -> Result:
        return CliRunner().invoke(main, arguments, input=stdin, color=color, prog_name="searchlib")

    return run


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a command in a process of its own, as from a terminal.

    Where the tests themselves run in the background, interrupts are ignored, and by children too.
    """
    former = signal.signal(signal.SIGINT, signal.default_int_handler)

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "searchlib", *arguments],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    yield start
    signal.signal(signal.SIGINT, former)
