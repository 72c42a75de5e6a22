"""The command ``info``: what is installed, and what an index is made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

import searchlib
from searchlib import folder
from searchlib.cli.application import examples
from searchlib.cli.default_index import DEFAULT
from searchlib.cli.printing import colour_option, one_line, table
from searchlib.engines import available

__all__ = ["info"]


@click.command(
    epilog=examples(
        "searchlib info indexes/lettere",
    )
)
@click.argument("place", required=False, type=click.Path(path_type=Path), metavar="[DIR]")
@colour_option
def info(place: Path | None) -> None:
    """Show what is installed, and an index.

    The index is the one in DIR, or in indexes/seeds.
    """
    engines = available()
    click.echo(f"searchlib {searchlib.__version__}, engines: {', '.join(engines)}")
    if "native" not in engines:
        click.echo("the native engine is not installed: indexes are made with whoosh")
    if place is None and not DEFAULT.exists():
        click.echo(f"no index in {DEFAULT}")
        return
    with searchlib.open(place or DEFAULT) as index:
        for line in _lines(index):
            click.echo(line)


def _lines(index: searchlib.Index) -> Iterator[str]:
    statistics = index.stats()
    facts = {
        "index": one_line(str(index.path)),
        "engine": index.engine,
        "documents": f"{statistics.documents:,}",
        "deleted": f"{statistics.deleted:,} (room is freed as the index is written)",
        "segments": f"{statistics.segments:,}",
        "size": f"{statistics.size_bytes / 1e6:.1f} MB",
        "commits": f"{statistics.generation:,}",
        "analyser": folder.read(index.path).analyzer,
    }
    yield ""
    yield from (f"{name + ':':<11} {value}" for name, value in facts.items())
    yield ""
    rows = []
    for name, field in index.schema.items():
        sizes = statistics.fields.get(name)
        counts = (sizes.tokens, sizes.forms, sizes.terms) if sizes else ("", "", "")
        rows.append((name, field.kind.value, _options(index.schema, name), *counts))
    yield from table(("field", "kind", "options", "words", "forms", "terms"), rows)


def _options(schema: searchlib.Schema, name: str) -> str:
    field = schema[name]
    options = {
        "optional": field.optional,
        "facet": field.facet,
        "multiple": field.multiple,
        f"weight {field.weight:g}": field.weight != 1,
        "not stored": not field.stored,
        "no stop words": name in schema.texts and field.stopwords is None,
    }
    return ", ".join(name for name, is_set in options.items() if is_set)
