"""Owns the collections: generated to any size, or loaded from JSON Lines; always as a stream.

A document is a dict of ``id``, ``titolo`` and ``testo``. Document number n of a generated
collection depends on the seed, the median length and n alone, so the first n documents of a larger
collection are the smaller collection, and several processes can write parts of one.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from math import log
from multiprocessing import Pool
from pathlib import Path
from random import Random
from typing import TextIO, TypedDict, TypeVar

import attrs

from benchmarks.errors import CollectionError
from benchmarks.italian import build_lexicon
from benchmarks.prose import Prose

__all__ = [
    "MEDIAN_WORDS",
    "Collection",
    "Document",
    "document",
    "generate",
    "load",
    "plain",
    "sample",
    "sample_file",
    "save",
    "save_generated",
    "text_bytes",
]

# Words of the median document, and the deviation of the logarithm of the length: a mean of about
# 150 words, one document in ten above 290. Encyclopedic paragraphs and agency news lie here.
MEDIAN_WORDS = 105
_LENGTH_DEVIATION = 0.7
_SHORTEST_WORDS = 10
_LONGEST_WORDS = 4000
# Documents that a process generates at once: a second of work.
_PART_DOCUMENTS = 5000

# Accented vowels are letters of their own, as they make words of their own.
_CONSONANTS = str.maketrans("aeiouàèéìòù", "wxkyjhqqkyj")
_WORD = re.compile(r"[^\W_]+")

_Item = TypeVar("_Item")


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


def document(number: int, *, seed: int, median_words: int = MEDIAN_WORDS) -> Document:
    """Document ``number`` (from 0) of the collection of ``seed`` with so many words.

    >>> document(7, seed=1) == document(7, seed=1)
    True
    """
    random = Random(f"document {seed} {number}")
    length = random.lognormvariate(log(median_words), _LENGTH_DEVIATION)
    length_words = int(min(max(length, _SHORTEST_WORDS), _LONGEST_WORDS))
    prose = Prose(build_lexicon(seed), random, length_words=length_words)
    return {"id": f"d{number}", "titolo": prose.title(), "testo": prose.body()}


def generate(
    documents: int, *, seed: int = 1, median_words: int = MEDIAN_WORDS
) -> Iterator[Document]:
    """The first ``documents`` documents of the collection of ``seed``, one at a time.

    >>> [one["id"] for one in generate(3)]
    ['d0', 'd1', 'd2']
    """
    return (document(number, seed=seed, median_words=median_words) for number in range(documents))


def save_generated(
    documents: int,
    path: Path,
    *,
    seed: int = 1,
    median_words: int = MEDIAN_WORDS,
    is_plain: bool = False,
    processes: int = 1,
) -> Collection:
    """The description of a generated collection, now in ``path``, written by some processes.

    ``is_plain`` asks for documents as :func:`plain` gives them.
    """
    firsts = range(0, documents, _PART_DOCUMENTS)
    parts = [
        (one, min(one + _PART_DOCUMENTS, documents), seed, median_words, is_plain) for one in firsts
    ]
    size = 0
    with path.open("w", encoding="utf-8") as lines, Pool(processes) as pool:
        for part, part_bytes in pool.imap(_part, parts):
            lines.write(part)
            size += part_bytes
    return Collection(name=path.stem, documents=documents, text_bytes=size)


def _part(asked: tuple[int, int, int, int, bool]) -> tuple[str, int]:
    """Lines of documents from one number up to another, and the size of their texts."""
    first, end, seed, median_words, is_plain = asked
    found = [document(n, seed=seed, median_words=median_words) for n in range(first, end)]
    if is_plain:
        found = [plain(one) for one in found]
    lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in found)
    return lines, sum(map(text_bytes, found))


def sample_file(path: Path, size: int, *, seed: int) -> list[Document]:
    """At most ``size`` documents of a JSON Lines file, each as likely as the others."""
    with _open(path) as lines:
        numbered = sample(enumerate(lines, start=1), size, seed=seed)
    return [_parse(line, path=path, number=number) for number, line in numbered]


def load(path: Path, *, limit: int | None = None) -> Iterator[Document]:
    """The first ``limit`` documents of a JSON Lines file (all by default), plain or gzipped.

    Each line is an object with the strings ``id`` and ``testo``; a missing ``titolo`` is empty and
    other members are left out. CollectionError names the line that is anything else.
    """
    with _open(path) as lines:
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


def plain(one: Document) -> Document:
    """The document in words that no analysis changes, joins or splits: ASCII, without vowels.

    Every vowel becomes a letter that Italian hardly has, so that no suffix is left to a stemmer and
    no word to a lexicon; what is not a letter or a digit becomes a space.

    >>> plain({"id": "1", "titolo": "", "testo": "L’università dell'arte: 1.234 euro"})["testo"]
    'l jnkvxrskth dxll wrtx 1 234 xjry'
    """
    return {"id": one["id"], "titolo": _plain(one["titolo"]), "testo": _plain(one["testo"])}


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower().translate(_CONSONANTS)))


def text_bytes(one: Document) -> int:
    """The size of the document's texts in UTF-8 bytes.

    >>> text_bytes({"id": "1", "titolo": "È", "testo": "così"})
    7
    """
    return len(one["titolo"].encode()) + len(one["testo"].encode())


def sample(items: Iterable[_Item], size: int, *, seed: int) -> list[_Item]:
    """At most ``size`` of ``items``, each as likely as the others, in one pass.

    >>> sample(range(100), 3, seed=1) == [0, 1, 2]
    False
    >>> len(sample(range(100), 1000, seed=1))
    100
    """
    random = Random(f"sample {seed}")
    kept: list[_Item] = []
    for number, one in enumerate(items):
        if number < size:
            kept.append(one)
        elif (place := int(random.random() * (number + 1))) < size:
            kept[place] = one
    return kept


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


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
