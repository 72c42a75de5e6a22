"""The command ``analyze``: how a text becomes words of an index."""

from __future__ import annotations

import attrs
import click

import searchlib
from searchlib.cli.application import examples
from searchlib.cli.printing import as_json, colour_option, table, terminal_width

__all__ = ["analyze"]

_COLUMNS = ("text", "form", "term", "position", "start", "end")


@click.command(
    epilog=examples(
        "searchlib analyze \"dell'università, perche' no?\"",
    )
)
@click.argument("text", nargs=-1, required=True, metavar="TEXT...")
@click.option("--json", "is_json", is_flag=True, help="A JSON list of objects, for programs.")
@colour_option
def analyze(text: tuple[str, ...], is_json: bool) -> None:
    """Show how TEXT becomes words of an index.

    Each word as written, the form that is compared, the term that is indexed, its place among the
    words, and the characters where it starts and ends.
    """
    tokens = searchlib.analyze(" ".join(text))
    if is_json:
        click.echo(as_json([attrs.asdict(token) for token in tokens]))
        return
    rows = [[getattr(token, column) for column in _COLUMNS] for token in tokens]
    for line in table(_COLUMNS, rows, width=terminal_width()):
        click.echo(line)
