"""The command ``verify``: whether an index is sound."""

from __future__ import annotations

from pathlib import Path

import click

import searchlib
from searchlib.cli.application import Failure, examples
from searchlib.cli.default_index import DEFAULT
from searchlib.cli.exit_codes import DAMAGED
from searchlib.cli.printing import count_of, one_line

__all__ = ["verify"]


@click.command(
    epilog=examples(
        "searchlib verify indexes/lettere && echo sano",
    )
)
@click.argument("place", default=DEFAULT, type=click.Path(path_type=Path), metavar="[DIR]")
def verify(place: Path) -> None:
    """Check that an index is sound.

    Reads every byte of the index in DIR, or in indexes/seeds, and lists what is damaged.
    """
    problems = searchlib.verify(place)
    for problem in problems:
        where = (
            f"{problem.path}"
            if problem.offset is None
            else (f"{problem.path}, byte {problem.offset}")
        )
        click.echo(f"{one_line(where)}: {one_line(problem.problem)}")
    if problems:
        found = count_of(len(problems), "problem")
        raise Failure(
            f"{place} is damaged: {found}; restore a backup, or index the documents again", DAMAGED
        )
    click.echo(f"{one_line(str(place))}: sound")
