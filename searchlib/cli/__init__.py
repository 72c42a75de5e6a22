"""Owns the command line: arguments, printing, exit codes.

Each command is a module that turns arguments into calls of the library and results into lines; what
it cannot do it says in one line on standard error. ``exit_codes`` lists what the shell is told.
"""

from __future__ import annotations

import click

from searchlib import __version__
from searchlib.cli.analyze_command import analyze
from searchlib.cli.application import Application, examples
from searchlib.cli.completion_command import completion
from searchlib.cli.exit_codes import TABLE
from searchlib.cli.index_command import index
from searchlib.cli.info_command import info
from searchlib.cli.query_command import query
from searchlib.cli.suggest_command import suggest
from searchlib.cli.verify_command import verify

__all__ = ["main"]


@click.group(
    cls=Application,
    epilog=examples(
        "searchlib index lettere/ --into indexes/lettere",
        'searchlib query --index indexes/lettere "missili nordcoreani"',
    )
    + "\n\nExit codes: "
    + "; ".join(f"{code} {meaning}" for code, meaning in TABLE.items())
    + ".",
    commands=[index, query, suggest, analyze, info, verify, completion],
)
@click.version_option(__version__, prog_name="searchlib", message="%(prog)s %(version)s")
def main() -> None:
    """Full-text search for Italian."""
