"""How the program ends, what its help says, and what its page says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result

import searchlib
from searchlib import errors
from searchlib.cli import exit_codes, main
from searchlib.cli.exit_codes import exit_code_of

Run = Callable[..., Result]

COMMANDS = sorted(main.commands)
PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text("utf-8")


def examples(text: str) -> list[list[str]]:
    """The commands of a text that begin with ``searchlib``, without redirections, as arguments."""
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line.startswith("searchlib ") or " | searchlib " in line]
    parts = [re.split(r" \| | && | >> ", line) for line in found]
    return [shlex.split(part)[1:] for line in parts for part in line if part.startswith("searchl")]


def test_there_are_the_commands_of_the_contract() -> None:
    """No other, so that the page below is complete."""
    assert COMMANDS == [
        "analyze",
        "audit",
        "completion",
        "index",
        "info",
        "query",
        "suggest",
        "verify",
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_text_has_an_example_that_parses(run: Run, command: str) -> None:
    """The example is a call of that command with arguments that it accepts."""
    result = run(command, "--help")
    assert result.exit_code == 0
    shown = examples(result.stdout.partition("Example")[2])
    assert shown
    for name, *arguments in shown:
        assert name == command
        parsed = main.commands[name]
        with parsed.make_context(name, list(arguments), resilient_parsing=False):
            pass


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_explained(command: str) -> None:
    """No option without a line of help."""
    options = [item for item in main.commands[command].params if isinstance(item, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_section_with_the_examples_of_its_help(
    run: Run, command: str
) -> None:
    """The page and the help show the same."""
    section = PAGE.partition(f"\n## `{command}`\n")[2].partition("\n## ")[0]
    assert examples(section) == examples(run(command, "--help").stdout.partition("Example")[2])


def test_the_page_lists_the_exit_codes() -> None:
    """All of them, with the same words."""
    rows = dict(re.findall(r"^\| (\d+) \| (.+) \|$", PAGE, re.MULTILINE))
    assert rows == {str(code): meaning for code, meaning in exit_codes.TABLE.items()}


def test_the_page_lists_the_columns() -> None:
    """As ``sources`` knows them."""
    from searchlib.sources import COLUMNS

    for field, names in COLUMNS.items():
        assert f"| `{field}` | {', '.join(f'`{name}`' for name in names)}" in PAGE


def test_every_error_has_an_exit_code() -> None:
    """None is taken for success, for nothing found, or for a fault of ours."""
    kinds = [getattr(errors, name) for name in errors.__all__]
    for kind in kinds:
        code = exit_code_of(kind.__new__(kind))
        assert code in exit_codes.TABLE
        assert code not in (exit_codes.OK, exit_codes.NOTHING_FOUND, exit_codes.INTERNAL)


def test_version_is_that_of_the_package(run: Run) -> None:
    """One line."""
    assert run("--version").stdout == f"searchlib {searchlib.__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["volare"], ["query"], ["index", "seeds"], ["query", "a", "--limit", "-1"]]
)
def test_wrong_arguments_are_exit_code_2(run: Run, arguments: list[str]) -> None:
    """With how the command is called."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage: searchlib" in result.stderr


@pytest.mark.parametrize(
    ("raised", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (BrokenPipeError(), 141, None),
        (OSError(28, "No space left on device", "indice"), 7, "indice: No space left on device"),
        (ZeroDivisionError("zero"), 70, "a fault of searchlib itself: ZeroDivisionError: zero;"),
    ],
)
def test_whatever_happens_is_one_line_and_an_exit_code(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    raised: BaseException,
    code: int,
    message: str | None,
) -> None:
    """Never a traceback."""

    def fail(_: str) -> list[searchlib.Token]:
        raise raised

    monkeypatch.setattr(searchlib, "analyze", fail)
    result = run("analyze", "acqua")
    assert result.exit_code == code
    if message is None:
        assert result.stderr == ""
    else:
        assert result.stderr.startswith(f"searchlib: {message}")
        assert result.stderr.count("\n") == 1


def test_a_fault_shows_its_traceback_where_that_is_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For whoever is to mend it."""

    def fail(_: str) -> list[searchlib.Token]:
        raise ZeroDivisionError

    monkeypatch.setattr(searchlib, "analyze", fail)
    monkeypatch.setenv("SEARCHLIB_DEBUG", "1")
    assert isinstance(run("analyze", "acqua").exception, ZeroDivisionError)
