"""The command ``query``: a text into ranked hits, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from searchlib import Hit, Index, Results, Snippet, Synonyms
from searchlib.cli.application import examples
from searchlib.cli.default_index import index_option, opened
from searchlib.cli.exit_codes import NOTHING_FOUND
from searchlib.cli.printing import (
    as_json,
    colour_option,
    count_of,
    highlighted,
    milliseconds,
    one_line,
    terminal_width,
)

__all__ = ["query"]

SNIPPET_CHARS = 240
"""Three lines of an 80-column terminal."""

MAX_FACET_VALUES_SHOWN = 10
"""The most frequent ones; --json has all of them."""


class _TextCommand(click.Command):
    """A command whose text may have words such as ``-escluso``; ``--opzione`` is an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuses unknown long options, which click is told to leave in the text."""
        known = {name for parameter in self.params for name in parameter.opts}
        known |= {name for parameter in self.params for name in parameter.secondary_opts}
        known |= set(ctx.help_option_names)
        for argument in args:
            if argument == "--":
                break
            name = argument.partition("=")[0]
            if name.startswith("--") and name not in known:
                raise click.NoSuchOption(name, possibilities=sorted(known), ctx=ctx)
        return super().parse_args(ctx, args)


@click.command(
    cls=_TextCommand,
    context_settings={"ignore_unknown_options": True},
    epilog=examples(
        "searchlib query missili nordcoreani",
        "searchlib query '\"corea del nord\" -iran' --filter 'data:>=2022-01-01' --sort=-data",
        "searchlib query --index indexes/lettere nonna --json",
    ),
)
@click.argument("text", nargs=-1, required=True, metavar="TEXT...")
@index_option
@click.option("--limit", type=click.IntRange(min=0), default=10, show_default=True,
              metavar="N", help="Hits to show.")  # fmt: skip
@click.option("--offset", type=click.IntRange(min=0), default=0, show_default=True,
              metavar="N", help="Hits to pass over before them.")  # fmt: skip
@click.option("--mode", type=click.Choice(["any", "all"]), default="any", show_default=True,
              help="Whether one of the words is enough.")  # fmt: skip
@click.option("--filter", "restriction", metavar="QUERY",
              help="What hits must match too, without counting for the order.")  # fmt: skip
@click.option("--sort", multiple=True, metavar="FIELD",
              help="Order by a field, with - in front downwards; may be repeated.")  # fmt: skip
@click.option("--facet", "facets", multiple=True, metavar="FIELD",
              help="Count the values of a field over all hits; may be repeated.")  # fmt: skip
@click.option("--synonyms", type=click.Path(path_type=Path), metavar="FILE",
              help="Words to look for besides those of TEXT.")  # fmt: skip
@click.option("--expand", type=click.Choice(["derived", "altered"]), multiple=True,
              help="Look for words made of those of TEXT; may be repeated.")  # fmt: skip
@click.option("--json", "is_json", is_flag=True, help="One JSON object, for programs.")
@click.option("--explain", is_flag=True, help="Show how each score comes about.")
@click.option("--strict", is_flag=True, help="Refuse a query with mistakes.")
@colour_option
def query(
    *,
    text: tuple[str, ...],
    place: Path | None,
    limit: int,
    offset: int,
    mode: str,
    restriction: str | None,
    sort: tuple[str, ...],
    facets: tuple[str, ...],
    synonyms: Path | None,
    expand: tuple[str, ...],
    is_json: bool,
    explain: bool,
    strict: bool,
) -> None:
    """Search an index, best documents first.

    TEXT is in the query language: words, "a phrase", +must -not, campo:valore, mis*, misile~.
    """
    with opened(place) as index:
        results = index.search(
            " ".join(text),
            limit=limit,
            offset=offset,
            mode=mode,
            filter=restriction,
            sort=sort,
            facets=facets,
            synonyms=None if synonyms is None else Synonyms.read(synonyms),
            expand=expand,
            strict=strict,
        )
        correction = None if results.total else index.correct(results.query, mode=mode)
        if is_json:
            click.echo(as_json(_described(index, results, correction, explain=explain)))
        else:
            _print(index, results, correction, offset=offset, explain=explain)
    if not results.total:
        click.get_current_context().exit(NOTHING_FOUND)


def _print(
    index: Index, results: Results, correction: str | None, *, offset: int, explain: bool
) -> None:
    for diagnostic in results.diagnostics:
        click.echo(f"searchlib: {one_line(str(diagnostic))}", err=True)
    for number, hit in enumerate(results, start=offset + 1):
        for line in _hit_lines(index, hit, number, explain=explain):
            click.echo(line)
        click.echo()
    for field, counts in results.facets.items():
        click.echo(f"{field}: {_counted(counts)}")
    shown = f"{len(results):,} of " if 0 < len(results) < results.total else ""
    cut = "; cut short" if results.partial else ""
    click.secho(
        f"{shown}{count_of(results.total, 'document')}, {milliseconds(results.took_s)}{cut}",
        dim=True,
    )
    if correction is not None:
        click.echo(f"Did you mean: {click.style(one_line(correction), bold=True)}")


def _counted(counts: Mapping[Any, int]) -> str:
    values = [f"{one_line(str(value))} {count:,}" for value, count in counts.items()]
    more = len(values) - MAX_FACET_VALUES_SHOWN
    return ", ".join(values[:MAX_FACET_VALUES_SHOWN]) + (f", and {more:,} more" * (more > 0))


def _hit_lines(index: Index, hit: Hit, number: int, *, explain: bool) -> Iterator[str]:
    title_field, body_field = _fields(index, hit)
    lead = f"{number}. "
    width = terminal_width()
    score = f"{hit.score:.2f}"
    if title_field is None:
        title = [click.style(" " * len(lead) + one_line(hit.id), bold=True)]
    else:
        heading = hit.highlight(title_field)
        title = list(highlighted(heading, width=width - len(score) - 2, indent=len(lead)))
    first = title[0][len(lead) :] if title_field is not None else click.style(one_line(hit.id))
    room = width - len(lead) - len(click.unstyle(first)) - len(score)
    yield click.style(lead, bold=True) + first + " " * max(room, 2) + click.style(score, dim=True)
    yield from title[1:]
    if about := _about(hit, shows_id=title_field is not None):
        yield " " * len(lead) + click.style(about, dim=True)
    if body_field is not None:
        passage = hit.snippet(body_field, max_chars=SNIPPET_CHARS)
        yield from highlighted(passage, width=width, indent=len(lead))
    if explain:
        yield from (" " * len(lead) + one_line(line) for line in str(hit.explain()).splitlines())


def _about(hit: Hit, *, shows_id: bool) -> str:
    parts = [hit.id] if shows_id else []
    parts += [str(value) for name in ("fonte", "data") if (value := hit.get(name)) is not None]
    return " · ".join(one_line(part) for part in parts)


def _fields(index: Index, hit: Hit) -> tuple[str | None, str | None]:
    """The fields that a hit is shown by: its heading, and the one with the best passage.

    Of several texts the heaviest is the heading; of the others the first that has a mark is shown.
    """
    texts = [name for name in index.schema.texts if index.schema[name].stored and hit.get(name)]
    if not texts:
        return None, None
    if len(texts) == 1:
        return None, texts[0]
    heading = max(texts, key=lambda name: index.schema[name].weight)
    bodies = [name for name in texts if name != heading]
    if len(bodies) == 1:
        return heading, bodies[0]  # no passage has to be made to choose it
    return heading, next((name for name in bodies if hit.snippet(name).marks), bodies[0])


def _described(
    index: Index, results: Results, correction: str | None, *, explain: bool
) -> dict[str, Any]:
    return {
        "query": results.query,
        "total": results.total,
        "took_s": results.took_s,
        "partial": results.partial,
        "correction": correction,
        "diagnostics": [
            {
                "code": finding.code,
                "message": finding.message,
                "start": finding.start,
                "end": finding.end,
            }
            for finding in results.diagnostics
        ],
        "facets": {
            field: [{"value": value, "count": count} for value, count in counts.items()]
            for field, counts in results.facets.items()
        },
        "hits": [_described_hit(index, hit, explain=explain) for hit in results],
    }


def _described_hit(index: Index, hit: Hit, *, explain: bool) -> dict[str, Any]:
    body_field = _fields(index, hit)[1]
    snippet = Snippet("") if body_field is None else hit.snippet(body_field, SNIPPET_CHARS)
    described: dict[str, Any] = {
        "id": hit.id,
        "score": hit.score,
        "fields": {name: hit.get(name) for name in index.schema if hit.get(name) is not None},
        "snippet": {
            "field": body_field,
            "text": snippet.text,
            "marks": [mark._asdict() for mark in snippet.marks],
            "html": snippet.html(),
        },
    }
    if explain:
        described["explanation"] = str(hit.explain())
    return described
