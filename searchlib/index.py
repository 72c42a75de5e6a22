"""Owns the index as a user sees it: wires the query pipeline, and the writer.

Query text goes through the parser to a tree, through ``rewrite`` to a plan, its patterns are
expanded to the forms of the index, and the engine answers; hits get their snippets from the same
plan. Each step is another module's; nothing here analyses, scores or reads a file. What a search
does not need is imported where it is used.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from searchlib import arguments, folder
from searchlib.analysis import Analyzer, Corrections, shared_analyzer
from searchlib.engines import engine_named
from searchlib.engines.base import Engine, EngineStatistics, Problem, Snapshot, SortKey
from searchlib.errors import (
    AnalyzerMismatchError,
    ArgumentError,
    ClosedError,
    CorruptIndexError,
    SchemaError,
)
from searchlib.page import AnsweredPage
from searchlib.pipeline import Pipeline, Prepared
from searchlib.query import Query, parse
from searchlib.query.plan import Combination, Form, NoDocuments, Plan, Value, leaves
from searchlib.results import Explanation, Results
from searchlib.schema import Kind, Schema

if TYPE_CHECKING:
    from searchlib.audit import Conflation
    from searchlib.synonyms import Synonyms
    from searchlib.writer import Writer

__all__ = ["Index", "create", "open", "verify"]

PathLike = str | os.PathLike[str]

DEFAULT_TIMEOUT_S = 10.0
"""How long a writer waits for another one; a commit of a few thousand documents takes less."""

MAX_MEMORY_MB = 2**24
"""More than any machine has, and few enough for their bytes to be counted in 64 bits."""

MAX_THREADS = 256
"""More than help: documents are put in order by one."""

MAX_SUGGESTIONS_TRIED = 50
"""Completions checked against the words before them; each check is a count."""


class Index:
    """An open index: search it from any number of threads; it stays as of the last refresh.

    Made by ``searchlib.create`` or ``searchlib.open``. A context manager that closes it.

    >>> import searchlib, tempfile
    >>> schema = Schema(id=searchlib.key(), testo=searchlib.text())
    >>> index = create(tempfile.mkdtemp(), schema)
    >>> with index.writer() as writer:
    ...     writer.add({"id": "1", "testo": "Gli amici dell’università"})
    >>> [hit.id for hit in index.search("amico")]
    ['1']
    """

    def __init__(self, engine: Engine, schema: Schema) -> None:
        self._engine = engine
        self._analyzer = engine.analyzer
        self._pipeline = Pipeline(schema, engine.analyzer)
        self._snapshot: Snapshot | None = engine.snapshot()
        self.schema = schema

    @property
    def path(self) -> Path:
        """The folder of the index."""
        return self._engine.path

    @property
    def engine(self) -> str:
        """The name of its engine."""
        return self._engine.name

    # Reading

    def search(
        self,
        query: str | Query,
        *,
        limit: int = 10,
        offset: int = 0,
        mode: str = "any",
        ranking: str = "italian",
        filter: str | Query | None = None,
        sort: str | Sequence[str] | None = None,
        facets: str | Sequence[str] = (),
        fields: Sequence[str] | None = None,
        deadline_s: float | None = None,
        synonyms: Synonyms | None = None,
        expand: str | Sequence[str] = (),
        strict: bool = False,
    ) -> Results:
        """Returns one page of the documents that match, best first.

        Args:
            query: text in the query language, or a tree from ``searchlib.query``.
            limit: hits on the page, at least 0.
            offset: hits to pass over before it, at least 0.
            mode: "any" (one of the words is enough) or "all".
            ranking: "italian", or "bm25" for plain BM25 over terms; see ``searchlib.ranking``.
            filter: a query that hits must match too and that never scores; always strict.
            sort: fields to order by instead of the score, each with "-" in front for descending;
                documents without a value come last.
            facets: facet keywords whose values are to be counted over all matching documents.
            fields: where words without a field are looked for; all text fields by default.
            deadline_s: seconds after which the search ends with what it has (``partial``).
            synonyms: what words of the query stand for besides themselves; none by default.
            expand: words of the index to look for besides those of the query: "altered" ones
                (*casetta* for *casa*), "derived" ones (*fondazione* for *fondare*), or both.
            strict: raise a QueryError for what the lenient mode reports as a diagnostic.

        Raises:
            QueryError: in strict mode, or for a filter that does not parse.
            ArgumentError: an option out of its range, or a field of the wrong kind.

        >>> import searchlib, tempfile
        >>> index = create(tempfile.mkdtemp(), Schema(id=searchlib.key(), testo=searchlib.text()))
        >>> with index.writer() as writer:
        ...     writer.add({"id": "1", "testo": "perché no"})
        >>> index.search("Perche' NO?", mode="all").total
        1
        """
        started = time.perf_counter()
        self._check_page(limit, offset, deadline_s)

        def is_late() -> bool:
            return deadline_s is not None and time.perf_counter() - started >= deadline_s

        searched = self._fields(fields)
        snapshot = self._current()
        prepared = self._pipeline.prepare(
            query,
            snapshot,
            fields=searched,
            mode=mode,
            ranking=ranking,
            strict=strict,
            synonyms=synonyms,
            expand=expand,
            refines=not sort,
            should_stop=is_late,
        )
        restricting = self._plan_filter(filter, mode, searched, snapshot, should_stop=is_late)
        restricted = None if restricting is None else restricting.plan
        # A pattern that was left unread would exclude too little, and find what is no hit.
        cut_short = prepared.cut_short or (restricting is not None and restricting.cut_short)
        plan = NoDocuments() if cut_short else prepared.plan
        found = snapshot.search(
            plan,
            limit=limit,
            offset=offset,
            filter=restricted,
            sort=self._sort_keys(sort),
            facets=self._facets(facets),
            deadline_s=self._time_left(deadline_s, started),
            refinement=prepared.refinement,
        )
        page = AnsweredPage(
            snapshot,
            plan,
            self.schema,
            self._analyzer,
            query=prepared.tree,
            refinement=None if found.partial else prepared.refinement,
        )
        total = found.total
        return Results(
            query=prepared.text,
            hits=page.hits(found.hits, offset=offset),
            total=partial(page.count, restricted) if total is None else total,
            took_s=time.perf_counter() - started,
            facets=found.facets,
            diagnostics=prepared.diagnostics,
            partial=found.partial or cut_short,
        )

    def count(
        self,
        query: str | Query,
        *,
        mode: str = "any",
        filter: str | Query | None = None,
        fields: Sequence[str] | None = None,
        synonyms: Synonyms | None = None,
        expand: str | Sequence[str] = (),
        strict: bool = False,
    ) -> int:
        """Returns the exact number of matching documents; options as in ``search``."""
        searched = self._fields(fields)
        snapshot = self._current()
        prepared = self._pipeline.prepare(
            query,
            snapshot,
            fields=searched,
            mode=mode,
            strict=strict,
            synonyms=synonyms,
            expand=expand,
        )
        restricting = self._plan_filter(filter, mode, searched, snapshot)
        restricted = None if restricting is None else restricting.plan
        return snapshot.count(prepared.plan, filter=restricted)

    def explain(
        self,
        query: str | Query,
        id: str,
        *,
        mode: str = "any",
        ranking: str = "italian",
        filter: str | Query | None = None,
        fields: Sequence[str] | None = None,
        synonyms: Synonyms | None = None,
        expand: str | Sequence[str] = (),
    ) -> Explanation:
        """Returns why a document has its score for a query, or why the query does not find it.

        Of one that is not found the value is 0, and the parts tell of each word, phrase or value
        of the query what it would give, "no match" where it is what is missing. Options are as in
        ``search``: what is explained is the score there.

        Raises:
            ArgumentError: no document has that key, or an option is out of its range.

        >>> import searchlib, tempfile
        >>> index = create(tempfile.mkdtemp(), Schema(id=searchlib.key(), testo=searchlib.text()))
        >>> with index.writer() as writer:
        ...     writer.add({"id": "1", "testo": "un gatto"})
        >>> index.explain("gatto cane", "1", mode="all").text
        'not found: cane in testo; mode="any" finds it'
        """
        arguments.string("id", id)
        snapshot = self._current()
        number = snapshot.number_of(id)
        if number is None:
            raise ArgumentError("id", expected="the key of a document", found=repr(id))
        searched = self._fields(fields)
        prepare = partial(
            self._pipeline.prepare,
            query,
            snapshot,
            fields=searched,
            synonyms=synonyms,
            expand=expand,
        )
        prepared = prepare(mode=mode, ranking=ranking)
        restricting = self._plan_filter(filter, mode, searched, snapshot)
        restricted = None if restricting is None else restricting.plan
        only = Value(self.schema.key, id)
        if not snapshot.count(prepared.plan, filter=only):
            any_finds_it = bool(snapshot.count(prepare(mode="any").plan, filter=only))
            return _why_not(snapshot, prepared.plan, number, any_finds_it=any_finds_it)
        if restricted is not None and not snapshot.count(restricted, filter=only):
            parts = _parts(snapshot, prepared.plan, number)
            return Explanation(0.0, "not found: the filter does not match", parts)
        page = AnsweredPage(
            snapshot,
            prepared.plan,
            self.schema,
            self._analyzer,
            refinement=prepared.refinement,
        )
        if prepared.refinement is not None:
            depth = prepared.refinement.depth
            page.hits(snapshot.search(prepared.plan, limit=depth, filter=restricted).hits)
        return page.explain(number)

    def get(self, id: str) -> Any:
        """Returns the stored document of that key, as hits give it, or None."""
        arguments.string("id", id)
        snapshot = self._current()
        number = snapshot.number_of(id)
        return None if number is None else self.schema.instance(snapshot.stored(number))

    def similar(self, id: str, *, limit: int = 10, fields: Sequence[str] | None = None) -> Results:
        """Returns documents like the one of that key, best first, without it.

        Likeness is what the rarest and most frequent words of its stored texts find.

        Raises:
            ArgumentError: no document has that key, or none of the fields is stored.
        """
        started = time.perf_counter()
        arguments.string("id", id)
        self._check_page(limit, 0, None)
        snapshot = self._current()
        number = snapshot.number_of(id)
        if number is None:
            raise ArgumentError("id", expected="the key of a document", found=repr(id))
        texts = [field for field in self._fields(fields) if self.schema.is_stored_text(field)]
        if not texts:
            raise ArgumentError("fields", expected="a stored text field", found="none")
        from searchlib import likeness  # noqa: PLC0415

        plan = likeness.like(snapshot, self._analyzer, texts, number)
        plan = Combination(required=(plan,), excluded=(Value(self.schema.key, id),))
        found = snapshot.search(plan, limit=limit)
        page = AnsweredPage(snapshot, plan, self.schema, self._analyzer)
        return Results(
            query=f"similar to {id}",
            hits=page.hits(found.hits),
            total=page.count if found.total is None else found.total,
            took_s=time.perf_counter() - started,
        )

    def suggest(
        self, prefix: str, *, limit: int = 10, fields: Sequence[str] | None = None
    ) -> list[str]:
        """Returns completions of the last word of a text, best first, each sure to find something.

        Completions are surface forms of the index, ordered by how many documents hold them; what
        is before the last word stays as typed, and only completions found with it are given.

        >>> import searchlib, tempfile
        >>> index = create(tempfile.mkdtemp(), Schema(id=searchlib.key(), testo=searchlib.text()))
        >>> with index.writer() as writer:
        ...     writer.add({"id": "1", "testo": "missili nordcoreani, missioni di pace"})
        >>> index.suggest("miss")
        ['missili', 'missioni']
        """
        arguments.string("prefix", prefix)
        self._check_page(limit, 0, None)
        searched = self._text_fields(fields)
        from searchlib import suggest  # noqa: PLC0415

        word = suggest.last_word(self._analyzer, prefix)
        if word is None:
            return []
        before = prefix[: word.start]
        texts: list[str] = []
        forms = suggest.completions(self._current(), searched, word=word)
        if not before.strip():
            return [before + form for form in forms[:limit]]
        for text in [before + form for form in forms[:MAX_SUGGESTIONS_TRIED]]:
            if len(texts) == limit:
                break
            if self.count(text, mode="all", fields=searched):
                texts.append(text)
        return texts

    def correct(
        self, query: str, *, mode: str = "any", fields: Sequence[str] | None = None
    ) -> str | None:
        """Returns the query with misspelt words mended, or None when there is nothing to mend.

        Only words that no document holds are touched, and a few spellings that are wrong anywhere
        (*qual'è*, *un pò*). What is proposed for a word is a form of the index; of several that are
        near, for several words together, those that stand in one document are chosen before others;
        the whole is sure to find something when searched with this ``mode``.

        >>> import searchlib, tempfile
        >>> index = create(tempfile.mkdtemp(), Schema(id=searchlib.key(), testo=searchlib.text()))
        >>> with index.writer() as writer:
        ...     writer.add({"id": "1", "testo": "bisogna accelerare i lavori"})
        >>> index.correct("accellerare i lavori")
        'accelerare i lavori'
        """
        arguments.string("query", query)
        searched = self._text_fields(fields)
        parsed = parse(query, fields=self.schema)
        from searchlib import suggest  # noqa: PLC0415

        proposed = suggest.corrections(
            self._current(),
            self._analyzer,
            parsed.query,
            query,
            fields=searched,
            texts=self.schema.texts,
        )
        likeliest = None
        for corrected in proposed:
            if self.count(corrected, mode="all", fields=searched):
                return corrected
            likeliest = likeliest or corrected
        if likeliest is None or not self.count(likeliest, mode=mode, fields=searched):
            return None
        return likeliest

    def audit(
        self, words: str = "", *, fields: Sequence[str] | None = None, least_forms: int = 2
    ) -> list[Conflation]:
        """Returns the terms of the index with the forms that share them, most frequent first.

        What is wrong there can be corrected: see ``corrections`` of ``searchlib.create``. The
        cost is a look at every form of the fields.

        Args:
            words: only the terms of the words of this text, if it has any.
            fields: whose forms are read; all text fields by default.
            least_forms: how many forms a term must have, at least 1.

        >>> import searchlib, tempfile
        >>> index = create(tempfile.mkdtemp(), Schema(id=searchlib.key(), testo=searchlib.text()))
        >>> with index.writer() as writer:
        ...     writer.add({"id": "1", "testo": "un missile, due missili, un anno"})
        >>> index.audit()
        [Conflation(term='missile', forms={'missile': 1, 'missili': 1})]
        """
        arguments.string("words", words)
        arguments.whole_number("least_forms", least_forms, least=1)
        from searchlib import audit  # noqa: PLC0415

        terms = {term for _, term, _, _ in self._analyzer.stream(words)}
        return audit.conflations(
            self._current(),
            self._analyzer,
            self._text_fields(fields),
            terms=terms or None,
            least_forms=least_forms,
        )

    def stats(self) -> EngineStatistics:
        """Returns the sizes of the index: documents, segments, bytes, words of each field."""
        return self._current().statistics()

    def verify(self) -> tuple[Problem, ...]:
        """Returns every fault found by reading all of the index; empty when it is sound."""
        self._current()
        return tuple(self._engine.verify())

    def refresh(self) -> bool:
        """Goes on to the newest commit, another process's too; tells whether there was one."""
        if self._engine.is_newest(self._current()):
            return False
        self._snapshot = self._engine.snapshot()
        return True

    def __len__(self) -> int:
        return self._current().documents

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and self._current().number_of(id) is not None

    # Writing

    def writer(
        self,
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        memory_mb: int | None = None,
        threads: int | None = None,
    ) -> Writer:
        """Returns the writer, of which an index has one at a time across all processes.

        As a context manager it commits at the end, and not at all after an exception.

        Args:
            timeout_s: how long to wait for another writer, in seconds, at least 0.
            memory_mb: what documents may take in memory before they are written, in megabytes,
                from 1 to 2**24; more make fewer segments. By default what the engine finds best.
            threads: how many may work, from 1 to 256; an engine may use fewer.

        Raises:
            IndexLockedError: another writer held the index for all that time.
        """
        arguments.seconds("timeout_s", timeout_s, may_be_zero=True)
        if memory_mb is not None:
            arguments.whole_number("memory_mb", memory_mb, least=1, most=MAX_MEMORY_MB)
        if threads is not None:
            arguments.whole_number("threads", threads, least=1, most=MAX_THREADS)
        self._current()
        from searchlib.writer import Writer  # noqa: PLC0415

        return Writer(
            self._engine.writer(timeout_s=timeout_s, memory_mb=memory_mb, threads=threads),
            self.schema,
            self.path,
            after_commit=self._follow,
            plan_deletion=self._plan_deletion,
        )

    def optimize(self, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        """Merges the index into one segment without deleted documents; cost: a copy of it.

        Raises:
            IndexLockedError: a writer holds the index.
        """
        with self.writer(timeout_s=timeout_s) as writer:
            writer.optimize()

    def close(self) -> None:
        """Releases the files; results obtained before may no longer load documents."""
        if self._snapshot is not None:
            self._snapshot.close()
            self._snapshot = None

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._snapshot is None:
            return f"<Index {str(self.path)!r}, closed>"
        return f"<Index {str(self.path)!r}: {len(self)} documents, engine {self.engine}>"

    def _repr_html_(self) -> str:
        # Its module holds the names of all 2,231 entities: who asks for no HTML need not wait.
        from html import escape  # noqa: PLC0415

        place = f"<p>Index <b>{escape(str(self.path))}</b>"
        if self._snapshot is None:
            return f"{place}, closed</p>"
        return f"{place}: {len(self)} documents, engine {escape(self.engine)}</p>"

    # Steps

    def _follow(self) -> None:
        """Goes on to what a writer of this index committed, unless it was closed meanwhile."""
        if self._snapshot is not None:
            self.refresh()

    def _current(self) -> Snapshot:
        if self._snapshot is None:
            raise ClosedError("index", "it was closed")
        return self._snapshot

    def _plan_deletion(
        self, query: str | Query, mode: str, fields: Sequence[str] | None, snapshot: Snapshot
    ) -> Plan:
        return self._pipeline.prepare(
            query, snapshot, mode=mode, fields=self._fields(fields), strict=True
        ).plan

    def _plan_filter(
        self,
        query: str | Query | None,
        mode: str,
        fields: Sequence[str],
        snapshot: Snapshot,
        *,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Prepared | None:
        if query is None:
            return None
        return self._pipeline.prepare(
            query, snapshot, mode=mode, fields=fields, strict=True, should_stop=should_stop
        )

    # Arguments

    def _fields(self, fields: Sequence[str] | None) -> tuple[str, ...]:
        if fields is None:
            return (
                self.schema.texts
                or tuple(name for name, field in self.schema.items() if field.kind is Kind.KEYWORD)
                or (self.schema.key,)
            )
        names = arguments.names("fields", fields)
        for name in names:
            field = self.schema.get(name)
            if field is None or field.kind is Kind.STORED:
                expected = "searchable fields of " + ", ".join(self.schema)
                raise ArgumentError("fields", expected=expected, found=repr(name))
        if not names:
            raise ArgumentError("fields", expected="at least one field", found="none")
        return names

    def _text_fields(self, fields: Sequence[str] | None) -> tuple[str, ...]:
        searched = self._fields(fields)
        return tuple(name for name in searched if self.schema[name].kind is Kind.TEXT)

    def _sort_keys(self, sort: str | Sequence[str] | None) -> tuple[SortKey, ...]:
        if sort is None:
            return ()
        keys = tuple(
            SortKey(name.removeprefix("-"), descending=name.startswith("-"))
            for name in arguments.names("sort", sort)
        )
        for key in keys:
            field = self.schema.get(key.field)
            if field is None or field.kind in (Kind.TEXT, Kind.STORED) or field.multiple:
                expected = "a field of single values: key, keyword, integer, number, date, boolean"
                raise ArgumentError("sort", expected=expected, found=repr(key.field))
        return keys

    def _facets(self, facets: str | Sequence[str]) -> tuple[str, ...]:
        if facets == ():
            return ()
        names = arguments.names("facets", facets)
        for name in names:
            field = self.schema.get(name)
            if field is None or not field.facet:
                expected = "a field made by keyword(facet=True)"
                raise ArgumentError("facets", expected=expected, found=repr(name))
        return names

    def _check_page(self, limit: int, offset: int, deadline_s: float | None) -> None:
        arguments.whole_number("limit", limit, least=0)
        arguments.whole_number("offset", offset, least=0)
        if deadline_s is not None:
            arguments.seconds("deadline_s", deadline_s)

    def _time_left(self, deadline_s: float | None, started: float) -> float | None:
        if deadline_s is None:
            return None
        return max(deadline_s - (time.perf_counter() - started), 0.0)


def create(
    path: PathLike,
    schema: Schema | type[Any],
    *,
    engine: str = "auto",
    overwrite: bool = False,
    corrections: PathLike | Corrections | None = None,
) -> Index:
    """Returns a new, empty index in a folder.

    Args:
        path: a folder that does not exist or is empty; missing parents are made.
        schema: a ``Schema``, or a class made by ``@searchlib.document``.
        engine: "whoosh", "native", or "auto" for the best that is installed.
        overwrite: replace an index that is there. Other files are never replaced.
        corrections: a file of words to conflate or to keep apart, or what ``Corrections`` read
            of one; see docs/italian-analysis.md. The index keeps them: ``open`` needs no file.

    Raises:
        IndexExistsError: something is there.
        IndexLockedError: with ``overwrite``, a writer holds the old index.
        EngineUnavailableError: that engine is not installed.
        WordFileError: a line of the corrections is not of their format; nothing was changed.

    >>> import searchlib, tempfile
    >>> schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
    >>> searchlib.create(tempfile.mkdtemp(), schema, engine="whoosh").engine
    'whoosh'
    """
    place = arguments.folder_path("path", path)
    described = Schema.of(schema)
    kind = engine_named(engine)
    analyzer = _analyzer_with(_corrections(corrections))
    with folder.new(place, overwrite=overwrite) as build:
        kind.create(build, described, analyzer)
        folder.write(
            build,
            folder.Descriptor(
                engine=kind.name,
                schema=described,
                analyzer=analyzer.fingerprint,
                corrections=analyzer.corrections,
            ),
        )
    return Index(kind.open(place, described, analyzer), described)


def _corrections(given: object) -> Corrections:
    if given is None:
        return Corrections()
    if isinstance(given, Corrections):
        return given
    return Corrections.read(arguments.folder_path("corrections", given))


def _analyzer_with(corrections: Corrections) -> Analyzer:
    return Analyzer(corrections=corrections) if corrections else shared_analyzer


def open(path: PathLike, schema: type[Any] | None = None) -> Index:
    """Returns the index in a folder, as of its newest commit.

    Args:
        path: the folder.
        schema: a class made by ``@searchlib.document``, if hits are to give its instances back;
            its fields must be those of the index.

    Raises:
        IndexNotFoundError: there is none.
        AnalyzerMismatchError: its words were made by another version of the analysis.
        CorruptIndexError: its files are damaged.
        FormatTooNewError: a later searchlib wrote it.
        SchemaError: the class has other fields than the index.

    >>> import searchlib
    >>> searchlib.open("nessun-indice")
    Traceback (most recent call last):
        ...
    searchlib.errors.IndexNotFoundError: no index in nessun-indice: the folder does not exist; \
make one with searchlib.create()
    """
    engine, described = _open_engine(arguments.folder_path("path", path))
    if schema is not None:
        wanted = Schema.of(schema)
        if wanted != described:
            raise SchemaError(None, f"{path} has {described!r}, expected {wanted!r}")
        described = wanted
    return Index(engine, described)


def _open_engine(path: Path) -> tuple[Engine, Schema]:
    descriptor = folder.read(path)
    analyzer = _analyzer_with(descriptor.corrections)
    if descriptor.analyzer != analyzer.fingerprint:
        raise AnalyzerMismatchError(path, found=descriptor.analyzer, expected=analyzer.fingerprint)
    kind = engine_named(descriptor.engine)
    return kind.open(path, descriptor.schema, analyzer), descriptor.schema


def verify(path: PathLike) -> tuple[Problem, ...]:
    """Returns every fault of the index in a folder, also of one that ``open`` refuses.

    Raises:
        IndexNotFoundError: there is no index.
        FormatTooNewError: a later searchlib wrote it.
        EngineUnavailableError: its engine is not installed.

    >>> import searchlib, tempfile
    >>> index = create(tempfile.mkdtemp(), Schema(id=searchlib.key()))
    >>> searchlib.verify(index.path)
    ()
    """
    place = arguments.folder_path("path", path)
    try:
        descriptor = folder.read(place)
        analyzer = _analyzer_with(descriptor.corrections)
        engine = engine_named(descriptor.engine).open(place, descriptor.schema, analyzer)
    except CorruptIndexError as error:
        return (Problem(error.path, error.offset, error.problem),)
    return tuple(engine.verify())


def _why_not(snapshot: Snapshot, plan: Plan, number: int, *, any_finds_it: bool) -> Explanation:
    """Returns what a plan misses in a document that it does not match."""
    parts = _parts(snapshot, plan, number)
    missing = [part.text.removesuffix(": no match") for part in parts if not part.value]
    text = "not found: " + (", ".join(missing) or "what the query excludes is there")
    return Explanation(0.0, text + ('; mode="any" finds it' if any_finds_it else ""), parts)


def _parts(snapshot: Snapshot, plan: Plan, number: int) -> tuple[Explanation, ...]:
    """Returns what each word, phrase or value of a plan gives a document."""
    return tuple(
        snapshot.explain(leaf, number) for leaf in leaves(plan) if not isinstance(leaf, Form)
    )
