"""Owns the collections: generated to any size, or loaded from JSON Lines; always as a stream.

A document is a dict of ``id``, ``titolo`` and ``testo``. Document number n of a generated
collection depends on the seed and on n alone, so the first n documents of a larger collection are
the smaller collection. Nothing here holds more than one document at a time.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from math import log
from pathlib import Path
from random import Random
from typing import TypedDict

import attrs

from benchmarks.errors import CollectionError
from benchmarks.italian import build_lexicon
from benchmarks.prose import Prose

__all__ = ["Collection", "Document", "document", "generate", "load", "save", "text_bytes"]

# Words of the median document, and the deviation of the logarithm of the length: a mean of about
# 150 words, one document in ten above 290. Encyclopedic paragraphs and agency news lie here.
_MEDIAN_WORDS = 105
_LENGTH_DEVIATION = 0.7
_SHORTEST_WORDS = 10
_LONGEST_WORDS = 4000


class Document(TypedDict):
    """What every engine indexes: a key and two texts."""

    id: str
    titolo: str
    testo: str


@attrs.frozen
class Collection:
    """What a collection is called and how large it is; ``text_bytes`` counts UTF-8, ids aside."""

    name: str
    documents: int
    text_bytes: int


def document(number: int, *, seed: int) -> Document:
    """Document ``number`` (from 0) of the collection of ``seed``.

    >>> document(7, seed=1) == document(7, seed=1)
    True
    """
    random = Random(f"document {seed} {number}")
    length = random.lognormvariate(log(_MEDIAN_WORDS), _LENGTH_DEVIATION)
    length_words = int(min(max(length, _SHORTEST_WORDS), _LONGEST_WORDS))
    prose = Prose(build_lexicon(seed), random, length_words=length_words)
    return {"id": f"d{number}", "titolo": prose.title(), "testo": prose.body()}


def generate(documents: int, *, seed: int = 1) -> Iterator[Document]:
    """The first ``documents`` documents of the collection of ``seed``, one at a time.

    >>> [one["id"] for one in generate(3)]
    ['d0', 'd1', 'd2']
    """
    return (document(number, seed=seed) for number in range(documents))


def load(path: Path, *, limit: int | None = None) -> Iterator[Document]:
    """The first ``limit`` documents of a JSON Lines file (all by default), plain or gzipped.

    Each line is an object with the strings ``id`` and ``testo``; a missing ``titolo`` is empty and
    other members are left out. CollectionError names the line that is anything else.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(islice(lines, limit), start=1):
            yield _parse(line, path=path, number=number)


def save(documents: Iterable[Document], path: Path) -> Collection:
    """The description of ``documents``, now in the JSON Lines file ``path``, one line each."""
    count = size = 0
    with path.open("w", encoding="utf-8") as lines:
        for one in documents:
            lines.write(json.dumps(one, ensure_ascii=False) + "\n")
            count += 1
            size += text_bytes(one)
    return Collection(name=path.stem, documents=count, text_bytes=size)


def text_bytes(one: Document) -> int:
    """The size of the document's texts in UTF-8 bytes.

    >>> text_bytes({"id": "1", "titolo": "È", "testo": "così"})
    7
    """
    return len(one["titolo"].encode()) + len(one["testo"].encode())


def _parse(line: str, *, path: Path, number: int) -> Document:
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        raise CollectionError(path, line=number, problem=f"not JSON: {error}") from None
    if not isinstance(found, dict):
        problem = f"expected an object, found {type(found).__name__}"
        raise CollectionError(path, line=number, problem=problem)
    members = {"titolo": "", **found}
    for name in ("id", "titolo", "testo"):
        if not isinstance(members.get(name), str):
            problem = f"{name!r}: expected a string, found {members.get(name)!r:.80}"
            raise CollectionError(path, line=number, problem=problem)
    return {"id": members["id"], "titolo": members["titolo"], "testo": members["testo"]}
