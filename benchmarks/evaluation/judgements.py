"""Owns the reading of judgements: paragraphs with their questions, treebanks, misspellings.

Files may be compressed (``.gz``). A line that is none of its kind ends the evaluation with its
number and what was expected.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from benchmarks.errors import BenchmarkError

__all__ = [
    "JudgementError",
    "Paragraph",
    "Question",
    "half_of",
    "read_lemmas",
    "read_misspellings",
    "read_paragraphs",
    "read_questions",
]


class JudgementError(BenchmarkError):
    """A line that is no judgement; ``line`` counts from 1."""

    def __init__(self, path: Path, *, line: int, expected: str, found: str) -> None:
        self.path = path
        self.line = line
        self.expected = expected
        self.found = found
        super().__init__(f"{path}, line {line}: expected {expected}, found {found[:80]}; mend it")


@attrs.frozen
class Paragraph:
    """What is searched: its id, the title of its article, its text."""

    id: str
    title: str
    text: str


@attrs.frozen
class Question:
    """What is asked: its text, the id of the paragraph that answers it, its answers."""

    text: str
    paragraph: str
    answers: tuple[str, ...]


def half_of(title: str) -> str:
    """Returns the half that an article belongs to, "A" or "B", by a hash of its title.

    >>> half_of("Ugonotti") in {"A", "B"}
    True
    """
    return "AB"[hashlib.sha256(title.encode()).digest()[-1] % 2]


def read_paragraphs(path: Path) -> list[Paragraph]:
    """Returns the paragraphs of a file: objects with "id", "titolo" and "testo", one a line."""
    expected = 'an object with the strings "id", "titolo" and "testo"'
    return [
        Paragraph(*(_text(path, number, row, name, expected) for name in ("id", "titolo", "testo")))
        for number, row in _objects(path, expected)
    ]


def read_questions(path: Path) -> list[Question]:
    """Returns the questions of a file: objects with "question", "paragraph" and "answers"."""
    expected = 'an object with the strings "question" and "paragraph", and a list "answers"'
    questions = []
    for number, row in _objects(path, expected):
        answers = row.get("answers", [])
        if not isinstance(answers, list):
            raise JudgementError(path, line=number, expected=expected, found=repr(answers))
        question = _text(path, number, row, "question", expected)
        paragraph = _text(path, number, row, "paragraph", expected)
        questions.append(Question(question, paragraph, tuple(map(str, answers))))
    return questions


def read_lemmas(paths: Sequence[Path]) -> dict[str, dict[str, set[str]]]:
    """Returns the lemmas of each form, by part of speech, from CoNLL-U files or a JSON object.

    The JSON object maps parts of speech to forms to the counts of their lemmas.
    """
    lemmas: dict[str, dict[str, set[str]]] = {}
    for path in paths:
        if ".json" in path.suffixes:
            for kind, forms in json.loads("".join(_lines(path))).items():
                for form, its in forms.items():
                    lemmas.setdefault(kind, {}).setdefault(form.lower(), set()).update(its)
            continue
        for number, line in enumerate(_lines(path), start=1):
            if line.startswith("#") or not line.strip():
                continue
            columns = line.rstrip("\n").split("\t")
            if len(columns) != 10:
                expected = "the ten columns of CoNLL-U"
                raise JudgementError(path, line=number, expected=expected, found=line)
            index, form, lemma, kind = columns[:4]
            if kind in {"NOUN", "ADJ", "VERB"} and index.isdigit():
                lemmas.setdefault(kind, {}).setdefault(form.lower(), set()).add(lemma.lower())
    return lemmas


def read_misspellings(path: Path) -> list[tuple[str, str]]:
    """Returns the pairs of a file of tabs: what was typed, and what was meant."""
    pairs = []
    for number, line in enumerate(_lines(path), start=1):
        if line.startswith("#") or not line.strip():
            continue
        columns = line.rstrip("\n").split("\t")
        if len(columns) != 2:
            expected = "what was typed, a tab, what was meant"
            raise JudgementError(path, line=number, expected=expected, found=line)
        pairs.append((columns[0], columns[1]))
    return pairs


def _lines(path: Path) -> Iterator[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        yield from lines


def _objects(path: Path, expected: str) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            raise JudgementError(path, line=number, expected=expected, found=line)
        yield number, row


def _text(path: Path, line: int, row: dict[str, object], name: str, expected: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise JudgementError(path, line=line, expected=expected, found=f"{name}: {value!r}")
    return value
