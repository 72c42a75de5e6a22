"""Owns the writer: the way of documents from the caller through the schema to the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

import attrs

from searchlib import arguments
from searchlib.engines.base import CommitReport, EngineWriter, Snapshot
from searchlib.errors import ArgumentError, DocumentError
from searchlib.query import Query
from searchlib.query.plan import Plan
from searchlib.schema import Schema

__all__ = ["Batch", "Writer"]


BATCH_DOCUMENTS = 100
"""Calls cost nothing beside so many documents; books, a megabyte each, still fit in memory."""


@attrs.frozen(slots=True)
class Batch:
    """What ``Writer.add_many`` did: how many documents it took, and the errors of the others.

    >>> Batch(added=2).refused
    ()
    """

    added: int
    refused: tuple[DocumentError, ...] = ()


class Writer:
    """The one writer of an index: collects changes, makes them durable and visible at once.

    >>> import searchlib, tempfile
    >>> schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
    >>> index = searchlib.create(tempfile.mkdtemp(), schema)
    >>> with index.writer() as writer:
    ...     writer.add({"id": "1", "testo": "La camera"})
    ...     writer.add({"id": "1", "testo": "Le camere"})
    >>> len(index), index.get("1")
    (1, {'id': '1', 'testo': 'Le camere'})
    """

    def __init__(
        self,
        engine_writer: EngineWriter,
        schema: Schema,
        path: Path,
        *,
        after_commit: Callable[[], object],
        plan_deletion: Callable[[str | Query, str, Sequence[str] | None, Snapshot], Plan],
    ) -> None:
        self._engine_writer = engine_writer
        self._schema = schema
        self._path = path
        self._after_commit = after_commit
        self._plan_deletion = plan_deletion
        self._report: CommitReport | None = None

    @property
    def report(self) -> CommitReport | None:
        """What the last commit of this writer did; None before the first.

        >>> import searchlib, tempfile
        >>> schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
        >>> index = searchlib.create(tempfile.mkdtemp(), schema)
        >>> with index.writer() as writer:
        ...     writer.add({"id": "1", "testo": "La camera"})
        >>> writer.report.added, writer.report.overlong_tokens
        (1, 0)
        """
        return self._report

    def add(self, document: object) -> None:
        """Adds a document; one of the same key is replaced.

        Args:
            document: a mapping of field names, or an instance of the index's document class.

        Raises:
            DocumentError: it does not fit the schema; nothing else is affected.
        """
        if not self._engine_writer.add_fitting([document]):
            self._engine_writer.add(self._schema.validate(document))

    def add_many(self, documents: Iterable[object]) -> Batch:
        """Adds documents one after the other, refusing alone each that does not fit.

        They are taken some at a time: give each as an object of its own, and not one that changes.

        >>> import searchlib, tempfile
        >>> schema = searchlib.Schema(id=searchlib.key(), n=searchlib.integer())
        >>> index = searchlib.create(tempfile.mkdtemp(), schema)
        >>> with index.writer() as writer:
        ...     batch = writer.add_many([{"id": "1", "n": 1}, {"id": "2", "n": "due"}])
        >>> batch.added, str(batch.refused[0])
        (1, "document '2', field 'n': expected an int, found str 'due'")
        """
        if not isinstance(documents, Iterable):
            raise ArgumentError("documents", expected="an iterable", found=repr(documents))
        added = 0
        refused: list[DocumentError] = []
        for batch in _batches(documents):
            at = 0
            while (at := self._engine_writer.add_fitting(batch, at)) < len(batch):
                try:
                    self._engine_writer.add(self._schema.validate(batch[at]))
                except DocumentError as error:
                    refused.append(error)
                at += 1
            added += len(batch)
        added -= len(refused)
        return Batch(added, tuple(refused))

    def delete(self, id: str) -> bool:
        """Deletes the document of that key; tells whether there was one."""
        return self._engine_writer.delete(arguments.string("id", id))

    def delete_by_query(
        self, query: str | Query, *, mode: str = "any", fields: Sequence[str] | None = None
    ) -> int:
        """Deletes every document that ``search`` would find, uncommitted ones too.

        The query is always strict, so that a slip of the pen deletes nothing.

        Returns:
            The number of documents deleted.

        Raises:
            QueryError: the query does not parse, or a pattern stands for too many words.
        """
        return self._engine_writer.delete_matching(
            lambda snapshot: self._plan_deletion(query, mode, fields, snapshot)
        )

    def commit(self) -> CommitReport:
        """Makes all changes since the last commit durable and visible, whole or not at all.

        Costs a few fsyncs: commit per batch, not per document.
        """
        return self._committed(self._engine_writer.commit())

    def rollback(self) -> None:
        """Forgets all changes since the last commit."""
        self._engine_writer.rollback()

    def optimize(self) -> CommitReport:
        """Commits, and merges the index into one segment without deleted documents.

        Costs a copy of the whole index.
        """
        return self._committed(self._engine_writer.optimize())

    def close(self) -> None:
        """Releases the index for other writers; what was not committed is forgotten."""
        self._engine_writer.close()

    def _committed(self, report: CommitReport) -> CommitReport:
        self._report = report
        self._after_commit()
        return report

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self.commit()
        finally:
            self.close()

    def __repr__(self) -> str:
        return f"<Writer of {str(self._path)!r}>"


def _batches(documents: Iterable[object]) -> Iterator[list[object]]:
    """Yields the documents in lists; where getting the next one fails, first those before it."""
    batch: list[object] = []
    try:
        for document in documents:
            batch.append(document)
            if len(batch) == BATCH_DOCUMENTS:
                yield batch
                batch = []
    except Exception:
        yield batch
        raise
    yield batch
