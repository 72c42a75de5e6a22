"""The command ``audit``: which words of an index are found together."""

from __future__ import annotations

from pathlib import Path

import click

from searchlib.cli.application import examples
from searchlib.cli.default_index import index_option, opened
from searchlib.cli.exit_codes import NOTHING_FOUND
from searchlib.cli.printing import as_json, colour_option, table, terminal_width

__all__ = ["audit"]


@click.command(
    epilog=examples(
        "searchlib audit --limit 50",
        "searchlib audit stati porta --index indexes/lettere",
        "searchlib audit --least-forms 5 --json",
    )
)
@click.argument("words", nargs=-1, metavar="[WORD]...")
@index_option
@click.option("--least-forms", type=click.IntRange(min=1), default=2, show_default=True,
              metavar="N", help="How many forms a term must have.")  # fmt: skip
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="Terms to show.")
@click.option("--json", "is_json", is_flag=True, help="One JSON object a line, for programs.")
@colour_option
def audit(
    words: tuple[str, ...],
    place: Path | None,
    *,
    least_forms: int,
    limit: int | None,
    is_json: bool,
) -> None:
    """Show which forms of an index are found together, the most frequent first.

    With WORDs only what they are found with. Each form has the number of documents that hold it.
    What is wrong can be corrected with a file of lines such as "protect: stati" and "merge: auto
    macchina": searchlib index --corrections FILE --overwrite.
    """
    with opened(place) as index:
        found = index.audit(" ".join(words), least_forms=1 if words else least_forms)[:limit]
    if is_json:
        for each in found:
            click.echo(
                as_json({"term": each.term, "frequency": each.frequency, "forms": each.forms})
            )
    elif found:
        rows = [
            (
                each.term,
                each.frequency,
                ", ".join(f"{form} {n:,}" for form, n in each.forms.items()),
            )
            for each in found
        ]
        for line in table(("term", "documents", "forms"), rows, width=terminal_width()):
            click.echo(line)
    if not found:
        click.get_current_context().exit(NOTHING_FOUND)
