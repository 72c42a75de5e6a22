"""Owns the command line: arguments, printing, exit codes.

Each command is a module that turns arguments into calls of the library and results into lines; what
it cannot do it says in one line on standard error. ``exit_codes`` lists what the shell is told.
"""

from __future__ import annotations

import click

from searchlib import __version__
from searchlib.cli.application import Application, Commands, examples
from searchlib.cli.exit_codes import TABLE

__all__ = ["main"]

_COMMANDS = Commands(
    {
        "analyze": "searchlib.cli.analyze_command",
        "audit": "searchlib.cli.audit_command",
        "completion": "searchlib.cli.completion_command",
        "index": "searchlib.cli.index_command",
        "info": "searchlib.cli.info_command",
        "query": "searchlib.cli.query_command",
        "suggest": "searchlib.cli.suggest_command",
        "verify": "searchlib.cli.verify_command",
    }
)


@click.group(
    cls=Application,
    epilog=examples(
        "searchlib index lettere/ --into indexes/lettere",
        'searchlib query --index indexes/lettere "missili nordcoreani"',
    )
    + "\n\nExit codes: "
    + "; ".join(f"{code} {meaning}" for code, meaning in TABLE.items())
    + ".",
    commands=_COMMANDS,
)
@click.version_option(__version__, prog_name="searchlib", message="%(prog)s %(version)s")
def main() -> None:
    """Full-text search for Italian."""
