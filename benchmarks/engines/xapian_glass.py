"""Owns Xapian through its Python bindings, on its default backend.

Both apostrophes become spaces before its term generator sees them, as Xapian would otherwise take
*l'arte* for one word. Every stem has its positions. The total is exact as Xapian is told to check
every document for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import xapian

from benchmarks.corpora import Document
from benchmarks.engines.base import Answer, PythonEngine, PythonSearcher, Settings
from benchmarks.engines.stemmed import words
from benchmarks.queries import Query

__all__ = ["Xapian"]

_PREFIXES = {"titolo": "S", "testo": "XT"}
_SPACES = str.maketrans("'’", "  ")
# Documents between two flushes; its default of 10,000 merges so often that building is slower.
_FLUSH_DOCUMENTS = "100000"


class Xapian(PythonEngine):
    """Xapian with its own words and its Italian Snowball stemmer."""

    name = "xapian"

    def version(self) -> str:
        """The version of the library under the bindings."""
        return f"Xapian {xapian.version_string()}"

    def build(self, documents: Iterable[Document], folder: Path, settings: Settings) -> None:
        """Index with one writer and one commit; the texts are the document's data."""
        os.environ["XAPIAN_FLUSH_THRESHOLD"] = _FLUSH_DOCUMENTS
        database = xapian.WritableDatabase(str(folder), xapian.DB_CREATE_OR_OPEN)
        generator = xapian.TermGenerator()
        generator.set_stemmer(xapian.Stem("italian"))
        generator.set_stemming_strategy(xapian.TermGenerator.STEM_ALL)
        for one in documents:
            document = xapian.Document()
            document.add_boolean_term(f"Q{one['id']}")
            document.set_data("\0".join((one["id"], one["titolo"], one["testo"])))
            generator.set_document(document)
            generator.set_termpos(0)
            generator.index_text(one["titolo"].translate(_SPACES), 1, _PREFIXES["titolo"])
            generator.increase_termpos()
            generator.index_text(one["testo"].translate(_SPACES), 1, _PREFIXES["testo"])
            database.add_document(document)
        database.commit()
        database.close()

    def optimize(self, folder: Path, settings: Settings) -> bool:
        """Compact the tables, which leaves no free blocks in them."""
        compacted = folder.with_name(f"{folder.name}.compacted")
        database = xapian.Database(str(folder))
        database.compact(str(compacted))
        database.close()
        for path in folder.iterdir():
            path.unlink()
        for path in compacted.iterdir():
            path.rename(folder / path.name)
        compacted.rmdir()
        return True

    def open(self, folder: Path) -> _XapianSearcher:
        """The database and an enquiry on it."""
        return _XapianSearcher(folder)


class _XapianSearcher(PythonSearcher):
    def __init__(self, folder: Path) -> None:
        self._database = xapian.Database(str(folder))
        self._stem = xapian.Stem("italian")
        self._enquire = xapian.Enquire(self._database)
        # k1, k2 and k3, which weigh the length and the query, b, and no least length.
        self._enquire.set_weighting_scheme(xapian.BM25Weight(1.2, 0, 1, 0.75, 0))
        self._enquire.set_docid_order(xapian.Enquire.ASCENDING)

    def search(self, query: Query, *, limit: int, counted: bool) -> Answer:
        """Make the query, match, and take weights and numbers over to Python."""
        self._enquire.set_query(self._query(query))
        checked = self._database.get_doccount() if counted or limit == 0 else 0
        found = self._enquire.get_mset(0, limit, checked)
        total = found.get_matches_estimated() if checked else None
        return Answer([(hit.weight, hit.docid) for hit in found], total)

    def ids(self, answer: Answer) -> tuple[str, ...]:
        data = (self._database.get_document(number).get_data() for _, number in answer.hits)
        return tuple(one.decode().partition("\0")[0] for one in data)

    def close(self) -> None:
        self._database.close()

    def _query(self, query: Query) -> Any:
        prefixes = list(_PREFIXES.values())
        if query.type == "prefix":
            operator, unlimited = xapian.Query.OP_WILDCARD, xapian.Query.WILDCARD_LIMIT_ERROR
            stars = [xapian.Query(operator, p + query.text, 0, unlimited) for p in prefixes]
            return xapian.Query(xapian.Query.OP_OR, stars)
        stems = [self._stem(word).decode() for word in words(query.text)]
        if query.type == "phrase":
            phrases = [
                xapian.Query(xapian.Query.OP_PHRASE, [p + stem for stem in stems]) for p in prefixes
            ]
            return xapian.Query(xapian.Query.OP_OR, phrases)
        each = [xapian.Query(xapian.Query.OP_OR, [p + stem for p in prefixes]) for stem in stems]
        operator = xapian.Query.OP_AND if query.type == "all" else xapian.Query.OP_OR
        return xapian.Query(operator, each)
