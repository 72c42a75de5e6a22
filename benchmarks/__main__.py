"""Owns the command line of the benchmarks: ``python -m benchmarks``."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from benchmarks.corpora import generate, load, save
from benchmarks.engines import DEFAULT_ENGINES, ENGINES
from benchmarks.errors import BenchmarkError
from benchmarks.plots import draw
from benchmarks.queries import make_queries, sample
from benchmarks.reports import markdown, print_run
from benchmarks.runs import Plan, Run, measure, read_run, write_run

__all__ = ["main"]

_RESULTS = Path(__file__).parent / "results"
_DOCS = Path(__file__).parents[1] / "docs"
_DOCUMENTS = 20_000
# Documents that queries are made from: enough for hundreds per type, few enough to hold.
_SAMPLED_DOCUMENTS = 5000
_QUICK_DOCUMENTS = 2000
_QUICK_QUERIES = 50


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--documents",
    type=click.IntRange(1),
    help="How many; by default 20,000 generated ones, or all of --collection.",
)
@click.option(
    "--collection",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON Lines to index instead of generated documents: id, titolo (optional), testo.",
)
@click.option("--seed", default=1, show_default=True, help="Of documents and queries.")
@click.option(
    "--engine",
    "engines",
    type=click.Choice(list(ENGINES)),
    multiple=True,
    default=DEFAULT_ENGINES,
    show_default=True,
    help="Repeat for several; the first is the one compared with.",
)
@click.option(
    "--queries", type=click.IntRange(1), default=300, show_default=True, help="Queries per type."
)
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="Hits shown.")
@click.option("--repeat", type=click.IntRange(1), default=2, show_default=True, help="Builds.")
@click.option("--quick", is_flag=True, help="2,000 documents, 50 queries per type, one build.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="JSON of the figures; by default benchmarks/results/COLLECTION.json.",
)
@click.option(
    "--from",
    "stored",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Measure nothing: report the JSON of an earlier run. Repeat for several.",
)
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write tables as Markdown."
)
@click.option("--plots", is_flag=True, help="Draw speed and latency into docs/.")
def main(
    *,
    documents: int | None,
    collection: Path | None,
    seed: int,
    engines: tuple[str, ...],
    queries: int,
    limit: int,
    repeat: int,
    quick: bool,
    output: Path | None,
    stored: tuple[Path, ...],
    report: Path | None,
    plots: bool,
) -> None:
    r"""Index and search the same Italian documents with every engine, and compare.

    \b
    python -m benchmarks --quick
    python -m benchmarks --documents 20000 --plots --report docs/benchmarks-results.md
    python -m benchmarks --collection passages.jsonl.gz --engine searchlib-whoosh
    """
    console = Console()
    try:
        if stored:
            runs = [read_run(path) for path in stored]
        else:
            run = _measure(
                engines,
                collection=collection,
                documents=_QUICK_DOCUMENTS if quick and documents is None else documents,
                seed=seed,
                per_type=_QUICK_QUERIES if quick else queries,
                plan=Plan(repeat=1 if quick else repeat, limit=limit),
            )
            write_run(run, output or _RESULTS / f"{run.collection.name}.json")
            runs = [run]
    except BenchmarkError as error:
        raise click.ClickException(str(error)) from error
    for run in runs:
        print_run(run, console)
    drawn = [path for run in runs for path in draw(run, _DOCS)] if plots else []
    if report is not None:
        pictures = [os.path.relpath(path, report.resolve().parent) for path in drawn]
        report.write_text(markdown(runs, pictures), encoding="utf-8")


def _measure(
    engines: Sequence[str],
    *,
    collection: Path | None,
    documents: int | None,
    seed: int,
    per_type: int,
    plan: Plan,
) -> Run:
    """The run of ``engines``; collection and indexes live in a temporary folder meanwhile."""
    with TemporaryDirectory(prefix="benchmarks-") as temporary:
        folder = Path(temporary)
        if collection is None:
            count = documents or _DOCUMENTS
            name, texts = f"generated-{count}", generate(count, seed=seed)
        else:
            name = collection.name.partition(".")[0]
            texts = load(collection, limit=documents)
        path = folder / f"{name}.jsonl"
        _tell(f"{name}: writing the documents")
        described = save(texts, path)
        sampled = sample(load(path), _SAMPLED_DOCUMENTS, seed=seed)
        queries = make_queries(sampled, per_type=per_type, seed=seed)
        return measure(
            engines,
            described,
            path=path,
            queries=queries,
            plan=plan,
            folder=folder,
            command=_command(sys.argv[1:]),
            tell=_tell,
        )


def _command(arguments: Sequence[str]) -> str:
    """The command to repeat the run; of files elsewhere only the name, whoever reads it."""
    shown = [Path(one).name if Path(one).is_absolute() else one for one in arguments]
    return shlex.join(["python", "-m", "benchmarks", *shown])


def _tell(line: str) -> None:
    click.echo(line, err=True)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
