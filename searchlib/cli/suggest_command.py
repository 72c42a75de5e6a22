"""The command ``suggest``: completions of what someone is typing."""

from __future__ import annotations

from pathlib import Path

import click

from searchlib.cli.application import examples
from searchlib.cli.default_index import index_option, opened
from searchlib.cli.exit_codes import NOTHING_FOUND
from searchlib.cli.printing import as_json, one_line

__all__ = ["suggest"]


@click.command(
    epilog=examples(
        "searchlib suggest missili nord",
    )
)
@click.argument("prefix", nargs=-1, required=True, metavar="PREFIX...")
@index_option
@click.option("--limit", type=click.IntRange(min=0), default=10, show_default=True,
              metavar="N", help="Completions to show.")  # fmt: skip
@click.option("--json", "is_json", is_flag=True, help="One JSON list, for programs.")
def suggest(
    prefix: tuple[str, ...],
    place: Path | None,
    limit: int,
    is_json: bool,
) -> None:
    """Complete the last word of PREFIX.

    With words of the index, the most frequent first; each completion is sure to find something.
    """
    with opened(place) as index:
        completions = index.suggest(" ".join(prefix), limit=limit)
    if is_json:
        click.echo(as_json(completions))
    else:
        for completion in completions:
            click.echo(one_line(completion))
    if not completions:
        click.get_current_context().exit(NOTHING_FOUND)
