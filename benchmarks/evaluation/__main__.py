"""Owns the command line of the evaluation: ``python -m benchmarks.evaluation``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

import click

import searchlib
from benchmarks.errors import BenchmarkError
from benchmarks.evaluation import judgements, metrics, subjects
from benchmarks.evaluation.judgements import Paragraph, Question, half_of

__all__ = ["main"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def main() -> None:
    """Measures quality on judgements of your own; the tables are Markdown."""


@main.command()
@click.argument("paragraphs", type=_FILE)
@click.argument("questions", type=_FILE)
@click.option("--engine", default="auto", help="searchlib's engine.")
@click.option("--peer", "peers", multiple=True, help="An engine of the benchmarks; repeatable.")
@click.option("--every", default=1, help="Ask every n-th question only.")
@click.option("--titles", default=0.0, help="Search titles too, with this weight; peers do not.")
def rankings(
    paragraphs: Path,
    questions: Path,
    *,
    engine: str,
    peers: Sequence[str],
    every: int,
    titles: float,
) -> None:
    """Ranks of the paragraphs that answer QUESTIONS, by halves of the articles."""
    searched = judgements.read_paragraphs(paragraphs)
    asked = judgements.read_questions(questions)[::every]
    title_of = {one.id: one.title for one in searched}
    halves = [half_of(title_of.get(question.paragraph, "")) for question in asked]
    ranks: dict[str, list[int | None]] = {}
    with ExitStack() as stack:
        made = subjects.index_of(searched, engine=engine, title_weight=titles)
        index = stack.enter_context(made)
        searches = {f"searchlib {name}": subjects.ranking(index, name) for name in _RANKINGS}
        for name in peers:
            searches[name] = stack.enter_context(subjects.peer(name, searched))
        for name, search in searches.items():
            ranks[name] = [_rank(search(one.text), one.paragraph) for one in asked]
    _print_rankings(ranks, halves)


_RANKINGS = ("italian", "bm25")


def _rank(ids: Sequence[str], right: str) -> int | None:
    return ids.index(right) + 1 if right in ids else None


def _print_rankings(ranks: dict[str, list[int | None]], halves: Sequence[str]) -> None:
    _row("", "half", "questions", "MRR@10", "P@1", "R@10", "nDCG@10", "p")
    _row(*["---"] * 8)
    best = next(iter(ranks.values()))
    for name, found in ranks.items():
        for half in ("A", "B", "AB"):
            chosen = [at for at, its in enumerate(halves) if its in half]
            figures = metrics.quality([found[at] for at in chosen])
            chance = metrics.randomisation(
                metrics.gains([best[at] for at in chosen]),
                metrics.gains([found[at] for at in chosen]),
            )
            shown = "" if found is best else f"{chance:.4f}"
            _row(name, half, str(figures.queries), *_rounded(figures[1:]), shown)


@main.command()
@click.argument("paragraphs", type=_FILE)
@click.argument("questions", type=_FILE)
@click.option("--engine", default="auto", help="searchlib's engine.")
@click.option("--chars", default=200, help="Code points of a snippet.")
@click.option("--every", default=1, help="Ask every n-th question only.")
def snippets(paragraphs: Path, questions: Path, engine: str, chars: int, every: int) -> None:
    """How many snippets of the right paragraph hold an answer."""
    searched = judgements.read_paragraphs(paragraphs)
    asked = judgements.read_questions(questions)[::every]
    title_of = {one.id: one.title for one in searched}
    held: dict[str, list[bool]] = {"A": [], "B": []}
    with subjects.index_of(searched, engine=engine) as index:
        for question in asked:
            half = half_of(title_of.get(question.paragraph, ""))
            held[half].append(_holds_answer(index, question, chars))
    _row("half", "questions", f"answer within {chars}")
    _row(*["---"] * 3)
    for half in ("A", "B", "AB"):
        chosen = [it for name, its in held.items() if name in half for it in its]
        _row(half, str(len(chosen)), *_rounded([sum(chosen) / max(1, len(chosen))]))


def _holds_answer(index: searchlib.Index, question: Question, chars: int) -> bool:
    right = searchlib.query.In("id", searchlib.query.Word(question.paragraph))
    hits = index.search(question.text, filter=right, limit=1)
    if not hits:
        return False
    shown = hits[0].snippet("testo", max_chars=chars).text.casefold()
    return any(answer.casefold() in shown for answer in question.answers)


@main.command()
@click.argument("treebanks", type=_FILE, nargs=-1, required=True)
def conflation(treebanks: Sequence[Path]) -> None:
    """Whether forms share terms as they share lemmas: CoNLL-U files, or lemmas as JSON."""
    counts = {}
    for kind, lemmas in judgements.read_lemmas(treebanks).items():
        terms = {form: _term(form) for form in lemmas}
        counts[kind] = metrics.conflation(lemmas, terms)
    _row("part of speech", "F1", "right", "wrong", "missed")
    _row(*["---"] * 5)
    for kind, count in counts.items():
        _row(kind, *_rounded([metrics.f1([count])]), *map(str, count))
    total = tuple(map(sum, zip(*counts.values(), strict=True)))
    _row("pooled", *_rounded([metrics.f1(list(counts.values()))]), *map(str, total))


def _term(form: str) -> str:
    return " ".join(token.term for token in searchlib.analyze(form))


@main.command()
@click.argument("paragraphs", type=_FILE)
@click.argument("misspellings", type=_FILE)
@click.option("--engine", default="auto", help="searchlib's engine.")
def corrections(paragraphs: Path, misspellings: Path, engine: str) -> None:
    """How many misspelt words are corrected to what was meant; those meant are added."""
    pairs = judgements.read_misspellings(misspellings)
    searched = judgements.read_paragraphs(paragraphs)
    meant = " ".join(right for _, right in pairs)
    with subjects.index_of([*searched, Paragraph("meant", "", meant)], engine=engine) as index:
        right = sum(index.correct(typed) == wanted for typed, wanted in pairs)
    _row("misspellings", "corrected as meant")
    _row(*["---"] * 2)
    _row(str(len(pairs)), *_rounded([right / max(1, len(pairs))]))


def _rounded(figures: Iterable[float]) -> list[str]:
    return [f"{figure:.4f}" for figure in figures]


def _row(*cells: str) -> None:
    click.echo(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    try:
        main()
    except BenchmarkError as error:
        sys.exit(str(error))
