"""The examples of the documentation: each block of code does what the page says."""

import doctest
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

INSTALLING = ("venv", "pip install", "git clone", "python check", "python -m benchmarks")
"""What a block for the reader's own machine has; the README's are tested by CI itself."""


@pytest.fixture
def workshop(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the sample documents, where an example may write."""
    (tmp_path / "seeds").symlink_to(project / "seeds")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("workshop")
def test_python_blocks_do_what_they_say(page: Any) -> None:
    """The Python blocks of a page run one after the other, as one program.

    A block with prompts gives what stands below them; one without runs without an error.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    output: list[str] = []
    for block in page.blocks("python", "pycon"):
        if ">>> " in block.text:
            parsed = doctest.DocTestParser().get_doctest(
                block.text, names, page.name, str(page.path), block.line
            )
            runner.run(parsed, out=output.append, clear_globs=False)
            names.update(parsed.globs)
        else:
            # Blank lines in front, so that a traceback shows the line of the page.
            source = "\n" * block.line + block.text
            exec(compile(source, str(page.path), "exec"), names)  # noqa: S102
    assert "".join(output) == ""


def test_commands_do_what_they_say(page: Any, workshop: Path) -> None:
    """The shell blocks of a page run one after the other, and every command succeeds."""
    blocks = [block.text for block in page.blocks("sh")]
    commands = [text for text in blocks if not any(word in text for word in INSTALLING)]
    programs = Path(sys.executable).parent
    for command in commands:
        done = subprocess.run(
            ["sh", "-eu", "-c", command],
            cwd=workshop,
            env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def test_no_block_escapes_by_its_language(page: Any) -> None:
    """A block is in a language that these tests run, or is plain text."""
    languages = {token.info for token in page.tokens if token.type == "fence"}
    assert languages <= {"", "python", "pycon", "sh", "json", "html", "text"}


def test_shell_blocks_are_of_one_kind(page: Any) -> None:
    """A block that installs something does nothing that is to be tested here."""
    mixed = [
        block.text
        for block in page.blocks("sh")
        if any(word in block.text for word in INSTALLING)
        and any(line.startswith("searchlib ") for line in block.text.splitlines())
    ]
    assert mixed == []
