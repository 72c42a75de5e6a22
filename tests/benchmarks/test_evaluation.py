"""The evaluation: its measures by hand, its readers, its commands on a tiny set."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.evaluation import judgements, metrics
from benchmarks.evaluation.__main__ import main
from benchmarks.evaluation.judgements import JudgementError, half_of

PARAGRAPHS = (
    {"id": "a", "titolo": "Gatti", "testo": "Il gatto dorme sul divano. Il divano è rosso."},
    {"id": "b", "titolo": "Cani", "testo": "Il cane corre nel parco di notte."},
    {"id": "c", "titolo": "Cani", "testo": "Al cane piace il gatto."},
)
QUESTIONS = (
    {"question": "Dove dorme il gatto?", "paragraph": "a", "answers": ["sul divano"]},
    {"question": "Quando corre il cane?", "paragraph": "b", "answers": ["di notte"]},
)


def written(path: Path, rows: tuple[object, ...]) -> str:
    """Writes rows as lines of JSON."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_means_over_ranks() -> None:
    """Ranks 1, 2, 11 and none: by hand, 1.5 of reciprocal ranks over four queries."""
    found = metrics.quality([1, 2, 11, None])
    assert found == metrics.Quality(4, 0.375, 0.25, 0.5, (1 + 1 / math.log2(3)) / 4)


def test_what_is_the_same_is_no_surprise() -> None:
    """Equal figures differ by chance always, and one difference is as great with either sign."""
    assert metrics.randomisation([1.0, 0.5], [1.0, 0.5]) == 1.0
    assert metrics.randomisation([1.0, 0.5], [0.5, 0.5]) == 1.0


def test_a_difference_on_ten_queries_of_ten_is_no_chance() -> None:
    """All of ten signs are alike in 2 of 1,024 cases."""
    p = metrics.randomisation([1.0] * 10, [0.0] * 10, rounds=20_000)
    assert 0.001 < p < 0.003


def test_pairs_of_forms_by_hand() -> None:
    """Of four forms, two lemmas: one pair is right, one wrong, one missed; F1 is 1/2."""
    lemmas = {"casa": {"casa"}, "case": {"casa"}, "caso": {"caso"}, "casi": {"caso"}}
    terms = {"casa": "casa", "case": "casa", "caso": "caso", "casi": "x"}
    count = metrics.conflation(lemmas, terms)
    assert count == (1, 0, 1)
    mixed = metrics.conflation(lemmas, terms | {"casi": "casa", "case": "caso"})
    assert mixed == (0, 2, 2)
    assert metrics.f1([count]) == pytest.approx(2 / 3)
    assert metrics.f1([]) == 0.0


def test_lemmas_of_a_treebank(tmp_path: Path) -> None:
    """Words of CoNLL-U count by part of speech; ranges, comments and other words do not."""
    rows = ["# text = Dorme", "1-2\tdel\t_\t_" + "\t_" * 6, "1\tDorme\tdormire\tVERB" + "\t_" * 6]
    path = tmp_path / "una.conllu"
    path.write_text("\n".join(rows) + "\n\n", encoding="utf-8")
    assert judgements.read_lemmas([path]) == {"VERB": {"dorme": {"dormire"}}}


@pytest.mark.parametrize("line", ["nulla", '{"id": 1}', "[]"])
def test_a_line_that_is_no_paragraph_is_named(tmp_path: Path, line: str) -> None:
    """The error tells which line it is."""
    path = tmp_path / "paragrafi.jsonl"
    path.write_text(json.dumps(PARAGRAPHS[0]) + "\n" + line + "\n", encoding="utf-8")
    with pytest.raises(JudgementError) as caught:
        judgements.read_paragraphs(path)
    assert caught.value.line == 2


def test_the_rankings_of_a_tiny_set(tmp_path: Path) -> None:
    """Both questions find their paragraph first, on whichever halves their articles are."""
    result = CliRunner().invoke(
        main,
        [
            "rankings",
            written(tmp_path / "p.jsonl", PARAGRAPHS),
            written(tmp_path / "q.jsonl", QUESTIONS),
            "--engine",
            "whoosh",
        ],
    )
    assert result.exit_code == 0, result.output
    assert "| searchlib italian | AB | 2 | 1.0000 | 1.0000 | 1.0000 | 1.0000 |" in result.output
    assert {half_of(one["titolo"]) for one in PARAGRAPHS} <= {"A", "B"}


def test_titles_are_searched_where_they_have_a_weight(tmp_path: Path) -> None:
    """A word that only the title of the paragraph has finds it with a weight, and not without."""
    titled = {"id": "d", "titolo": "Felini", "testo": "Cacciano di notte."}
    asked = {"question": "Felini", "paragraph": "d", "answers": []}
    files = [
        written(tmp_path / "p.jsonl", (*PARAGRAPHS, titled)),
        written(tmp_path / "q.jsonl", (asked,)),
    ]
    with_titles, without = (
        CliRunner().invoke(main, ["rankings", *files, "--engine", "whoosh", *options]).output
        for options in (["--titles", "2"], [])
    )
    assert "| searchlib italian | AB | 1 | 1.0000 |" in with_titles
    assert "| searchlib italian | AB | 1 | 0.0000 |" in without


def test_the_snippets_of_a_tiny_set(tmp_path: Path) -> None:
    """A snippet of the whole paragraph holds its answer; one of four letters holds none."""
    files = [
        written(tmp_path / "p.jsonl", PARAGRAPHS),
        written(tmp_path / "q.jsonl", QUESTIONS),
        "--engine",
        "whoosh",
    ]
    whole = CliRunner().invoke(main, ["snippets", *files])
    assert "| AB | 2 | 1.0000 |" in whole.output
    short = CliRunner().invoke(main, ["snippets", *files, "--chars", "4"])
    assert "| AB | 2 | 0.0000 |" in short.output


def test_corrections_count_what_was_meant(tmp_path: Path) -> None:
    """One of two misspellings is mended to the word meant."""
    pairs = tmp_path / "errori.tsv"
    pairs.write_text(
        "# scritto\tinteso\naccellerare\taccelerare\ngattto\tgatta\n", encoding="utf-8"
    )
    files = [written(tmp_path / "p.jsonl", PARAGRAPHS), str(pairs), "--engine", "whoosh"]
    result = CliRunner().invoke(main, ["corrections", *files])
    assert "| 2 | 0.5000 |" in result.output, result.output
