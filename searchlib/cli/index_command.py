"""The command ``index``: files into an index."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from pathlib import Path

import click

from searchlib.analysis import Corrections
from searchlib.cli.application import Failure, examples
from searchlib.cli.building import Progress, Report, Settings, fill
from searchlib.cli.exit_codes import INPUT
from searchlib.cli.printing import count_of, milliseconds, one_line
from searchlib.errors import SearchlibError
from searchlib.sources import COLUMNS, Discovery, Source, discover

__all__ = ["index"]

MAX_REFUSALS_SHOWN = 20
"""About a screen; the rest is counted."""


def _columns(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    columns: dict[str, str] = {}
    for value in values:
        field, equals, column = value.partition("=")
        if not equals or field not in COLUMNS or not column:
            expected = f"FIELD=COLUMN with a field of {', '.join(COLUMNS)}"
            raise click.BadParameter(f"expected {expected}, found {value!r}")
        columns[field] = column
    return columns


@click.command(
    epilog=examples(
        'searchlib index lettere/ "verbali/**/*.txt" --into indexes/archivio',
        "searchlib index notizie.csv --into indexes/notizie --field testo=articolo",
        "curl -s https://esempio.it/notizie.jsonl | searchlib index - --into indexes/notizie",
    )
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--into",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder of the index: made if it is not there, added to if it is.",
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "native", "whoosh"]),
    default="auto",
    show_default=True,
    help="What a new index is made with; auto is the best that is installed.",
)
@click.option("--overwrite", is_flag=True, help="Replace the index that is there.")
@click.option(
    "--corrections",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Words that a new index conflates or keeps apart; it remembers them.",
)
@click.option("--glob", "pattern", metavar="PATTERN", help="In folders, only files that match.")
@click.option("--encoding", metavar="NAME", help="Encoding of all files.  [default: told by each]")
@click.option(
    "--field",
    "columns",
    multiple=True,
    callback=_columns,
    metavar="FIELD=COLUMN",
    help="The column of jsonl and csv files that is a field, where its name is not a usual one.",
)
@click.option(
    "--wait",
    "timeout_s",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for another process that writes the index.",
)
def index(
    *,
    paths: tuple[str, ...],
    into: Path,
    engine: str,
    overwrite: bool,
    corrections: Path | None,
    pattern: str | None,
    encoding: str | None,
    columns: dict[str, str],
    timeout_s: float,
) -> None:
    """Index files: txt, md, html, and the records of jsonl and csv.

    PATH is a file, a folder with all below it, a pattern with * in quotes, or - for jsonl on
    standard input. In folders, hidden files, READMEs and files of other kinds are skipped. A
    document that is there already is replaced. Nothing is changed before all is read: Ctrl-C
    leaves the index as it was.
    """
    found = discover(paths, pattern=pattern)
    settings = Settings(
        into=into,
        engine=engine,
        overwrite=overwrite,
        corrections=None if corrections is None else Corrections.read(corrections),
        encoding=encoding,
        columns=columns,
        timeout_s=timeout_s,
    )
    report = Report()
    if found.sources:
        with _progress(found.sources) as progress:
            report = fill(found.sources, settings, progress=progress)
    refused: list[SearchlibError] = [*found.errors, *report.refused]
    _print_refused(refused)
    _print_skipped(found)
    if not report.added and not report.replaced:
        reason = f"all {len(refused)} refused" if refused else "there are none to read"
        raise Failure(f"no documents for {into}: {reason}", INPUT)
    _print_summary(into, found, report)


def _print_summary(into: Path, found: Discovery, report: Report) -> None:
    replaced = f", {report.replaced:,} replaced" if report.replaced else ""
    click.echo(
        f"{one_line(str(into))}: {count_of(report.added, 'document')} added{replaced}, from "
        f"{count_of(len(found.sources), 'file')} with {report.text_bytes / 1e6:.1f} MB of text, "
        f"in {milliseconds(report.took_s)}"
    )
    if report.overlong_tokens:
        words = count_of(report.overlong_tokens, "word")
        click.echo(f"{words} too long to be indexed, left out")
    if report.ignored:
        names = ", ".join(one_line(name) for name in sorted(report.ignored))
        click.echo(f"columns that are no field, left out: {names}")


def _print_skipped(found: Discovery) -> None:
    if found.skipped:
        reasons = Counter(skipped.reason for skipped in found.skipped)
        counts = ", ".join(f"{count:,} {one_line(name)}" for name, count in reasons.most_common())
        click.echo(f"skipped {count_of(len(found.skipped), 'file')}: {counts}")


def _print_refused(refused: list[SearchlibError]) -> None:
    for error in refused[:MAX_REFUSALS_SHOWN]:
        click.echo(f"refused {one_line(str(error))}", err=True)
    if len(refused) > MAX_REFUSALS_SHOWN:
        more = count_of(len(refused) - MAX_REFUSALS_SHOWN, "more", "more")
        click.echo(f"refused {more}", err=True)


def _progress(sources: tuple[Source, ...]) -> contextlib.AbstractContextManager[Progress]:
    """A bar on standard error where that is a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        return contextlib.nullcontext(lambda *_: None)
    from searchlib.cli.progress import bar  # noqa: PLC0415  (rich takes longer than a query)

    return bar(sum(source.size_bytes for source in sources))
