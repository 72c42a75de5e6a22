"""Owns the command line of the benchmarks: ``python -m benchmarks``."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs
import click
from rich.console import Console

from benchmarks.corpora import (
    MEDIAN_WORDS,
    Collection,
    load,
    plain,
    sample_file,
    save,
    save_generated,
)
from benchmarks.engines import DEFAULT_ENGINES, ENGINES, load_engine
from benchmarks.engines.base import Settings
from benchmarks.errors import BenchmarkError
from benchmarks.plots import draw, draw_growth
from benchmarks.promises import Promise, keep_promises
from benchmarks.queries import make_queries
from benchmarks.reports import markdown, print_promises, print_run
from benchmarks.runs import Plan, Run, available_cores, measure, read_run, write_run

__all__ = ["main"]

_RESULTS = Path(__file__).parent / "results"
_DOCS = Path(__file__).parents[1] / "docs"
_DOCUMENTS = 20_000
# Documents that queries are made from: enough for hundreds per type, few enough to hold.
_SAMPLED_DOCUMENTS = 5000
_QUICK_DOCUMENTS = 2000
_QUICK_QUERIES = 50
_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
_WRITABLE = click.Path(dir_okay=False, path_type=Path)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--documents",
    type=click.IntRange(1),
    help="How many; by default 20,000 generated ones, or all of --collection.",
)
@click.option(
    "--words",
    "median_words",
    type=click.IntRange(10),
    default=MEDIAN_WORDS,
    show_default=True,
    help="Of the median generated document, which ends with the sentence that fills it.",
)
@click.option(
    "--plain",
    "is_plain",
    is_flag=True,
    help="Words that no analysis changes: the same terms in every engine, the same hits.",
)
@click.option(
    "--collection",
    type=_READABLE,
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
    help="Repeat for several; hits are compared with those of the first.",
)
@click.option(
    "--queries", type=click.IntRange(1), default=300, show_default=True, help="Queries per type."
)
@click.option("--repeat", type=click.IntRange(1), default=1, show_default=True, help="Builds.")
@click.option(
    "--threads",
    type=click.IntRange(1),
    multiple=True,
    default=(1, 2),
    show_default=True,
    help="That index, where the engine has them; repeat for several.",
)
@click.option(
    "--budget",
    "budget_s",
    type=click.FloatRange(0.1),
    default=20.0,
    show_default=True,
    help="Seconds for one task (top 10, top 100, ...); a slow engine answers fewer queries.",
)
@click.option(
    "--memory",
    "memory_mb",
    type=click.IntRange(64),
    default=1024,
    show_default=True,
    help="Megabytes that a writer may fill.",
)
@click.option("--quick", is_flag=True, help="2,000 documents, 50 queries per type, one thread.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for generated documents, written once and taken again by later runs.",
)
@click.option(
    "--output",
    type=_WRITABLE,
    help="JSON of the figures; by default benchmarks/results/COLLECTION.json.",
)
@click.option(
    "--from",
    "stored",
    type=_READABLE,
    multiple=True,
    help="Measure nothing: report the JSON of an earlier run. Repeat for several.",
)
@click.option(
    "--promises",
    is_flag=True,
    help="Measure searchlib alone instead: import, opening, snippets, threads beside each other.",
)
@click.option("--report", type=_WRITABLE, help="Write tables as Markdown.")
@click.option("--plots", is_flag=True, help="Draw speed and latency into docs/.")
def main(
    *,
    documents: int | None,
    median_words: int,
    is_plain: bool,
    collection: Path | None,
    seed: int,
    engines: tuple[str, ...],
    queries: int,
    repeat: int,
    threads: tuple[int, ...],
    budget_s: float,
    memory_mb: int,
    quick: bool,
    keep: Path | None,
    output: Path | None,
    stored: tuple[Path, ...],
    promises: bool,
    report: Path | None,
    plots: bool,
) -> None:
    r"""Index and search the same Italian documents with every engine, and compare.

    \b
    python -m benchmarks --quick
    python -m benchmarks --documents 500000 --keep FOLDER
    python -m benchmarks --documents 5000000 --words 30 --engine searchlib --engine lucene
    python -m benchmarks --collection passages.jsonl.gz
    python -m benchmarks --promises --documents 500000 --keep FOLDER
    python -m benchmarks --from A.json --from B.json --plots --report docs/benchmarks-results.md

    An engine that is not installed is passed over; docs/benchmarks.md tells how to install each.
    """
    console = Console()
    source = _Source(
        path=collection,
        documents=_QUICK_DOCUMENTS if quick and documents is None else documents,
        median_words=median_words,
        is_plain=is_plain,
        seed=seed,
        keep=keep,
    )
    plan = Plan(
        repeat=repeat,
        threads=(1,) if quick else tuple(sorted(set(threads))),
        budget_s=budget_s,
        memory_mb=memory_mb,
    )
    per_type = _QUICK_QUERIES if quick else queries
    try:
        if promises:
            print_promises(_promises(source, per_type=per_type), console)
            return
        runs = [read_run(path) for path in stored]
        if not stored:
            runs = [_measure(engines, source, per_type=per_type, plan=plan)]
            write_run(runs[0], output or _RESULTS / f"{runs[0].collection.name}.json")
    except BenchmarkError as error:
        raise click.ClickException(str(error)) from error
    for run in runs:
        print_run(run, console)
    drawn = [path for run in runs for path in draw(run, _DOCS)] if plots else []
    drawn += draw_growth(runs, _DOCS) if plots else []
    if report is not None:
        pictures = [os.path.relpath(path, report.resolve().parent) for path in drawn]
        report.write_text(markdown(runs, pictures), encoding="utf-8")


@attrs.frozen
class _Source:
    """Where documents come from: a file, or the generator, whose files may be kept."""

    path: Path | None
    documents: int | None
    median_words: int
    is_plain: bool
    seed: int
    keep: Path | None

    def write(self, folder: Path) -> tuple[Collection, Path]:
        """The collection, and its plain JSON Lines file, under ``folder`` unless it is kept."""
        if self.path is not None:
            end = "-plain" if self.is_plain else ""
            path = folder / f"{self.path.name.partition('.')[0]}{end}.jsonl"
            _tell(f"{path.stem}: writing the documents")
            documents = load(self.path, limit=self.documents)
            return save(map(plain, documents) if self.is_plain else documents, path), path
        count = self.documents or _DOCUMENTS
        length = "" if self.median_words == MEDIAN_WORDS else f"-{self.median_words}-words"
        end = "-plain" if self.is_plain else ""
        end += "" if self.seed == 1 else f"-seed-{self.seed}"
        folder = self.keep or folder
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"generated-{count}{length}{end}.jsonl"
        facts = path.with_suffix(".json")
        if facts.exists():
            return Collection(**json.loads(facts.read_text())), path
        _tell(f"{path.stem}: generating the documents")
        described = save_generated(
            count,
            path,
            seed=self.seed,
            median_words=self.median_words,
            is_plain=self.is_plain,
            processes=available_cores(),
        )
        facts.write_text(json.dumps(attrs.asdict(described)))
        return described, path


def _measure(engines: Sequence[str], source: _Source, *, per_type: int, plan: Plan) -> Run:
    """The run of ``engines``; collection and indexes live in a temporary folder meanwhile."""
    with TemporaryDirectory(prefix="benchmarks-") as temporary:
        folder = Path(temporary)
        described, path = source.write(folder)
        sampled = sample_file(path, _SAMPLED_DOCUMENTS, seed=source.seed)
        return measure(
            engines,
            described,
            path=path,
            queries=make_queries(sampled, per_type=per_type, seed=source.seed),
            plan=plan,
            folder=folder,
            command=_command(sys.argv[1:]),
            tell=_tell,
        )


def _promises(source: _Source, *, per_type: int) -> list[Promise]:
    """The figures of a native index of the documents, built for them."""
    with TemporaryDirectory(prefix="benchmarks-") as temporary:
        folder = Path(temporary)
        described, path = source.write(folder)
        sampled = sample_file(path, _SAMPLED_DOCUMENTS, seed=source.seed)
        _tell(f"{described.name}: building the index")
        index = folder / "index"
        engine = load_engine("searchlib")
        index.mkdir()
        engine.build(load(path), index, Settings())
        engine.optimize(index, Settings())
        return keep_promises(index, make_queries(sampled, per_type=per_type, seed=source.seed))


def _command(arguments: Sequence[str]) -> str:
    """The command to repeat the run; of files elsewhere only the name, whoever reads it."""
    shown = [Path(one).name if Path(one).is_absolute() else one for one in arguments]
    return shlex.join(["python", "-m", "benchmarks", *shown])


def _tell(line: str) -> None:
    click.echo(line, err=True)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
