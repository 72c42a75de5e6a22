"""Owns the protocol between the index and an engine; every engine is used through it alone.

An engine keeps documents and answers plans. It never sees query text, never decides what a query
means, and has no opinion on Italian: the analyser is given to it. ``index`` is the only user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from searchlib.analysis import Analyzer
from searchlib.query.plan import Pattern, Plan, RefinedField, Refinement, Term
from searchlib.results import Explanation
from searchlib.schema import Schema

if TYPE_CHECKING:
    from searchlib.highlight import Asked, LeafFacts, Matcher

__all__ = [
    "CommitReport",
    "Engine",
    "EngineHit",
    "EngineKind",
    "EngineResults",
    "EngineStatistics",
    "EngineWriter",
    "FieldStatistics",
    "Problem",
    "Snapshot",
    "SortKey",
    "Told",
]

Told: TypeAlias = Callable[[Term | RefinedField], str]
"""What an explanation says of a word of the query, or of a field's, besides its numbers."""


class SortKey(NamedTuple):
    """One field to sort by; documents without a value come last in either direction."""

    field: str
    descending: bool = False


class EngineHit(NamedTuple):
    """A matching document: its number in the snapshot, its score, and its key."""

    number: int
    score: float
    key: str


class EngineResults(NamedTuple):
    """One page of hits, best first, and what concerns the whole search.

    ``total`` counts every matching document; it is None where the page was found without counting
    them, and is then had from ``Snapshot.count`` by who wants it. A search with facets, or one
    that is ``partial`` (a lower bound then), has counted. ``facets`` holds for each asked field
    every value with its count of matching documents, most frequent first, then in the order of
    the values.
    """

    total: int | None
    hits: Sequence[EngineHit]
    facets: Mapping[str, Mapping[Any, int]] = MappingProxyType({})
    partial: bool = False


class FieldStatistics(NamedTuple):
    """Sizes of one text field: distinct terms, distinct forms, tokens."""

    terms: int
    forms: int
    tokens: int


class EngineStatistics(NamedTuple):
    """Sizes of a snapshot; ``deleted`` documents still take up room until they are merged away."""

    documents: int
    deleted: int
    segments: int
    size_bytes: int
    generation: int
    fields: Mapping[str, FieldStatistics]


class CommitReport(NamedTuple):
    """What a commit made durable: its generation, and how many documents it changed.

    ``added`` counts the documents put in since the last commit that are there now, each once,
    whether its key is new or replaces another; ``deleted`` those that the last commit had and
    that are gone without a replacement. What was added and deleted again counts nowhere.
    """

    generation: int
    added: int
    deleted: int
    overlong_tokens: int = 0


class Problem(NamedTuple):
    """A fault that ``verify`` found: the file, the byte where it shows, what is wrong."""

    path: Path
    offset: int | None
    problem: str


class Snapshot(Protocol):
    """The index as of one commit; stays valid and unchanged while others write.

    Documents have numbers from 0 in order of addition; a replaced document gets a new number.
    Every method may raise CorruptIndexError; one snapshot may be used from several threads.
    """

    @property
    def generation(self) -> int:
        """The number of the commit; grows with each."""
        ...

    @property
    def documents(self) -> int:
        """How many live documents there are, at no cost."""
        ...

    def search(
        self,
        plan: Plan,
        *,
        limit: int,
        offset: int = 0,
        filter: Plan | None = None,
        sort: Sequence[SortKey] = (),
        facets: Sequence[str] = (),
        deadline_s: float | None = None,
        refinement: Refinement | None = None,
    ) -> EngineResults:
        """Gives the page of hits; ``deadline_s`` is a duration from this call on.

        ``filter`` restricts the documents and never scores. Without ``sort``: score descending,
        then document number. With ``sort``: by the keys, then document number; scores are given
        all the same. A ``refinement`` ranks the best documents anew, but not with ``sort``, nor
        where the deadline passed before.
        """
        ...

    def count(self, plan: Plan, *, filter: Plan | None = None) -> int:
        """Gives the exact number of documents that match the plan, and the filter where given."""
        ...

    def explain(
        self,
        plan: Plan,
        number: int,
        *,
        refinement: Refinement | None = None,
        told: Told | None = None,
    ) -> Explanation:
        """Gives how the document's score comes about; its value equals the score of search.

        A ``refinement`` is explained as for one of the best documents; whether it is one, the
        caller knows. What ``told`` says follows the name of each term that matches.
        """
        ...

    def expand(
        self, pattern: Pattern, *, limit: int, should_stop: Callable[[], bool] = lambda: False
    ) -> tuple[tuple[str, ...], bool]:
        """Gives the forms of the field that a pattern accepts, and whether that is all of them.

        At most ``limit``, sorted by (folded form, form). ``should_stop`` is asked now and then;
        when it says so, what was found by then is given.
        """
        ...

    def kin(self, field: str, term: str, *, limit: int) -> tuple[str, ...]:
        """Gives the terms of the field that begin as a term does, the likest first.

        Two terms are akin when p, the letters that they have in common from the first on, are at
        least 4, and 2 p at least 0.55 of the letters of both. The likest have most in common
        for their length; of equally like ones, those in more documents (deleted ones not yet
        merged away too) come first, then those that sort first. A term with a digit has none.
        """
        ...

    def form_frequency(self, field: str, form: str) -> int:
        """Gives the number of live documents whose field holds this form."""
        ...

    def term_frequency(self, field: str, term: str) -> int:
        """Gives the number of documents (deleted ones not yet merged away too) with this term."""
        ...

    def number_of(self, key: str) -> int | None:
        """Gives the live document with this key, or None."""
        ...

    def key_of(self, number: int) -> str:
        """Gives the key of a document."""
        ...

    def matcher(self, leaves: Sequence[LeafFacts], asked: Asked | None) -> Matcher | None:
        """Gives what highlights these leaves in a text; None leaves that to ``highlight``.

        What it gives equals what ``highlight`` does with the tokens of the index's analyser.
        """
        ...

    def stored(self, number: int) -> Mapping[str, Any]:
        """Gives the stored fields of a document; a field without a value is absent."""
        ...

    def statistics(self) -> EngineStatistics:
        """Gives the sizes."""
        ...

    def close(self) -> None:
        """Releases files; further use raises ClosedError."""
        ...


class EngineWriter(Protocol):
    """The one writer of an index. After a failed write it refuses everything but close()."""

    def add(self, values: Mapping[str, Any]) -> None:
        """Adds a validated document (Schema.validate); one of the same key is replaced."""
        ...

    def add_fitting(self, documents: Sequence[object], start: int = 0) -> int:
        """Adds documents as the caller gave them, from ``start`` on, and stops at some.

        An engine may add here what plainly fits the schema, without Schema.validate in between; it
        gives the number of the first document that it did not add, which is then validated and
        added, or refused.
        """
        ...

    def delete(self, key: str) -> bool:
        """Deletes by key, uncommitted additions included; tells whether there was one."""
        ...

    def delete_matching(self, plan_for: Callable[[Snapshot], Plan]) -> int:
        """Deletes every matching document, uncommitted additions included; gives their number.

        ``plan_for`` is given a view of the index with the uncommitted changes in it, valid
        during the call only, and gives the plan: its patterns stand for the words of that view.
        """
        ...

    def commit(self) -> CommitReport:
        """Makes everything since the last commit durable and visible, whole or not at all."""
        ...

    def rollback(self) -> None:
        """Forgets everything since the last commit."""
        ...

    def optimize(self) -> CommitReport:
        """Commits, with everything merged into one segment without deleted documents."""
        ...

    def close(self) -> None:
        """Releases the lock; what was not committed is forgotten."""
        ...


class Engine(Protocol):
    """An index on disk."""

    @property
    def name(self) -> str:
        """The engine's name, as in ``create(engine=...)``."""
        ...

    @property
    def path(self) -> Path:
        """The folder of the index."""
        ...

    @property
    def analyzer(self) -> Analyzer:
        """The analyser to read queries with: the one given, or a faster one that equals it."""
        ...

    def snapshot(self) -> Snapshot:
        """Gives the newest commit."""
        ...

    def is_newest(self, snapshot: Snapshot) -> bool:
        """Tells whether a snapshot is of the newest commit, without opening that."""
        ...

    def writer(
        self, *, timeout_s: float, memory_mb: int | None = None, threads: int | None = None
    ) -> EngineWriter:
        """Gives the writer, waiting up to ``timeout_s`` seconds for the lock.

        ``memory_mb`` bounds what documents take that are not yet in a segment, ``threads`` how
        many analyse and write; None is for the engine to choose, and one thread may be all it has.

        Raises:
            IndexLockedError: another writer held it for all that time.
        """
        ...

    def verify(self) -> Iterable[Problem]:
        """Reads every byte and gives the faults, without raising for any of them.

        Raises:
            StorageError: the system refused to read a file.
        """
        ...


class EngineKind(Protocol):
    """How an engine is made; a module under ``engines`` offers one as ``ENGINE``."""

    name: str

    def create(self, path: Path, schema: Schema, analyzer: Analyzer) -> Engine:
        """Makes an empty index in a folder that exists and is empty."""
        ...

    def open(self, path: Path, schema: Schema, analyzer: Analyzer) -> Engine:
        """Opens what create() made."""
        ...
