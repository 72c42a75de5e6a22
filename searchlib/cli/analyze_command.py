"""The command ``analyze``: how a text becomes words of an index."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import searchlib
from searchlib.analysis import Analyzer, Corrections, kin_of
from searchlib.analysis.terms import term_and_rule
from searchlib.cli.application import examples
from searchlib.cli.printing import as_json, colour_option, table, terminal_width

__all__ = ["analyze"]

_COLUMNS = ("text", "form", "rule", "term", "kin", "position", "start", "end")


@click.command(
    epilog=examples(
        "searchlib analyze \"dell'università, perche' no?\"",
        "searchlib analyze --corrections nostre.txt stati",
    )
)
@click.argument("text", nargs=-1, required=True, metavar="TEXT...")
@click.option("--corrections", type=click.Path(path_type=Path), metavar="FILE",
              help="Words to conflate or to keep apart, as for index.")  # fmt: skip
@click.option("--json", "is_json", is_flag=True, help="A JSON list of objects, for programs.")
@colour_option
def analyze(text: tuple[str, ...], *, corrections: Path | None, is_json: bool) -> None:
    """Show how TEXT becomes words of an index.

    Each word as written, the form that is compared, the rule that gave it its term, the term that
    is indexed, the key that it shares with words derived from it, its place among the words, and
    the characters where it starts and ends.
    """
    analyzed = searchlib.analyze
    if corrections is not None:
        analyzed = Analyzer(corrections=Corrections.read(corrections)).analyze
    steps = [_steps(token) for token in analyzed(" ".join(text))]
    if is_json:
        click.echo(as_json(steps))
        return
    rows = [[step[column] for column in _COLUMNS] for step in steps]
    for line in table(_COLUMNS, rows, width=terminal_width()):
        click.echo(line)


def _steps(token: searchlib.Token) -> dict[str, Any]:
    """What each step of the analysis made of a word."""
    term, rule = term_and_rule(token.form)
    if term != token.term:
        rule = "correction"
    return token._asdict() | {"rule": rule, "kin": kin_of(token.term)}
