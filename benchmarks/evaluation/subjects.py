"""Owns what is evaluated: rankings of searchlib and engines beside it, behind one call each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import searchlib
from benchmarks.corpora import Document
from benchmarks.engines import load_engine
from benchmarks.engines.base import Settings
from benchmarks.evaluation.judgements import Paragraph
from benchmarks.evaluation.metrics import DEPTH
from benchmarks.queries import Query

__all__ = ["Search", "index_of", "peer", "ranking"]

Search: TypeAlias = Callable[[str], Sequence[str]]
"""From the text of a question to the ids of the first hits, best first."""

_WORD = re.compile(r"\w+")


@contextmanager
def index_of(
    paragraphs: Sequence[Paragraph], *, engine: str, title_weight: float = 0.0
) -> Iterator[searchlib.Index]:
    """Gives an index of paragraphs while it is needed; their titles are searched by their weight.

    Without a weight it has the texts alone.
    """
    titles = {"titolo": searchlib.text(weight=title_weight)} if title_weight else {}
    schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text(), **titles)
    with (
        TemporaryDirectory() as folder,
        searchlib.create(Path(folder) / "index", schema, engine=engine) as index,
    ):
        with index.writer() as writer:
            for one in paragraphs:
                titled = dict.fromkeys(titles, one.title)
                writer.add({"id": one.id, "testo": one.text, **titled})
        yield index


def ranking(index: searchlib.Index, name: str) -> Search:
    """Returns the search by one of searchlib's rankings."""
    return lambda text: [hit.id for hit in index.search(text, ranking=name, limit=DEPTH)]


@contextmanager
def peer(name: str, paragraphs: Sequence[Paragraph]) -> Iterator[Search]:
    """Gives the search for any word of a question by an engine of the benchmarks.

    Its adapter analyses Italian as well as the engine can; the question's marks are left out.
    """
    engine = load_engine(name)
    documents = [Document(id=one.id, titolo="", testo=one.text) for one in paragraphs]
    with TemporaryDirectory() as folder:
        engine.build(documents, Path(folder), Settings())
        searcher = engine.open(Path(folder))
        try:

            def search(text: str) -> Sequence[str]:
                words = _WORD.findall(text)
                query = Query("any", " ".join(words), words=len(words), kind="typical")
                return searcher.ids(searcher.search(query, limit=DEPTH, counted=False))

            yield search
        finally:
            searcher.close()
