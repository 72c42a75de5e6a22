"""Owns how the program ends: every error is one line on standard error and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from typing import IO, Any

import click

from searchlib.cli import exit_codes
from searchlib.cli.printing import one_line
from searchlib.errors import SearchlibError

__all__ = ["DEBUG_VARIABLE", "Application", "Commands", "Failure", "examples"]

DEBUG_VARIABLE = "SEARCHLIB_DEBUG"
"""Where this is set, a fault of searchlib itself shows its traceback."""


class Failure(click.ClickException):
    """Ends the program with one line on standard error and an exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click declares it of the class

    def show(self, file: IO[Any] | None = None) -> None:
        """Writes the line."""
        click.echo(f"searchlib: {one_line(self.message)}", file=file, err=True)


class Application(click.Group):
    """The commands, with the errors of the library as exit codes."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command that the arguments name."""
        _keep_undecodable_names()
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except SearchlibError as error:
            raise Failure(str(error), exit_codes.exit_code_of(error)) from error
        except KeyboardInterrupt:
            raise Failure("interrupted", exit_codes.INTERRUPTED) from None
        except BrokenPipeError:
            _discard_output()
            ctx.exit(exit_codes.BROKEN_PIPE)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise Failure(where + (error.strerror or str(error)), exit_codes.SYSTEM) from error
        except Exception as error:
            if DEBUG_VARIABLE in os.environ:
                raise
            raise Failure(
                f"a fault of searchlib itself: {type(error).__name__}: {error}; please report it, "
                f"with the traceback that {DEBUG_VARIABLE}=1 shows",
                exit_codes.INTERNAL,
            ) from error


class Commands(Mapping[str, click.Command]):
    """The commands by name, each imported when it is looked up: none waits for the others.

    Made from the module of each, which has the command under its name.
    """

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules

    def __getitem__(self, name: str) -> click.Command:
        command: click.Command = getattr(importlib.import_module(self._modules[name]), name)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


def examples(*lines: str) -> str:
    """Returns the end of a command's help: lines to try, kept as they are."""
    title = "Example" if len(lines) == 1 else "Examples"
    return "\n".join(("\b", f"{title}:", *(f"  {line}" for line in lines)))


def _keep_undecodable_names() -> None:
    """Lets a file name that is not in the terminal's encoding be printed, escaped."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _discard_output() -> None:
    """Sends what is still buffered nowhere, so that the interpreter ends without complaint."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return  # standard output is no file of the system: nothing is buffered
