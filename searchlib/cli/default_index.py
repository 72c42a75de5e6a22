"""Owns what a command does without ``--index``: the demo in ``indexes/seeds``, made when needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

import searchlib
from searchlib.cli.application import Failure
from searchlib.cli.exit_codes import INPUT
from searchlib.cli.printing import count_of, one_line

__all__ = ["DEFAULT", "SEEDS", "index_option", "opened"]

DEFAULT = Path("indexes/seeds")
SEEDS = Path("seeds")


def index_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--index DIR``."""
    option = click.option(
        "--index",
        "place",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help=f"The index.  [default: {DEFAULT}, made from {SEEDS}/ when it is not there]",
    )
    return option(command)


def opened(place: Path | None) -> searchlib.Index:
    """Returns the index of that folder, or the demo; says so where it has to be made first."""
    if place is not None:
        return searchlib.open(place)
    if not DEFAULT.exists():
        _make()
    return searchlib.open(DEFAULT)


def _make() -> None:
    if not SEEDS.is_dir():
        raise Failure(
            f"no index: expected {DEFAULT} or {SEEDS}/ in the current folder; name an index with "
            "--index DIR, or make one with: searchlib index PATH --into DIR",
            INPUT,
        )
    # Reading and indexing files is imported here only: a query would wait for it every time.
    from searchlib.cli.building import Settings, fill  # noqa: PLC0415
    from searchlib.sources import discover  # noqa: PLC0415

    click.echo(f"searchlib: making {DEFAULT} from {SEEDS}/ ...", err=True)
    found = discover([str(SEEDS)])
    try:
        report = fill(found.sources, Settings(into=DEFAULT))
    except searchlib.IndexExistsError:
        return  # Another process made it meanwhile, from the same files.
    refused = [*found.errors, *report.refused]
    for error in refused:
        click.echo(f"searchlib: refused {one_line(str(error))}", err=True)
    if not report.added:
        raise Failure(f"no index: there is no document in {SEEDS}/", INPUT)
    click.echo(f"searchlib: {count_of(report.added, 'document')} indexed", err=True)
