"""Owns the query nodes that this engine adds to whoosh's: they match a whole segment at once.

Each gives an ``ArrayMatcher``. A context may carry a *window*, documents [low, high) of the
segment, which bounds the work between two looks at the clock; and no weighting, where only the
documents are asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from whoosh import query
from whoosh.searching import SearchContext

from searchlib.engines.whoosh import matchers
from searchlib.engines.whoosh.matchers import ArrayMatcher
from searchlib.engines.whoosh.phrases import phrase_postings
from searchlib.engines.whoosh.postings import Postings
from searchlib.engines.whoosh.segment_reader import SegmentReader

__all__ = [
    "AllOf",
    "AnyOf",
    "Context",
    "Excluding",
    "OutOfTime",
    "PhraseOf",
    "Preferring",
    "Unscored",
    "Window",
    "WordOf",
]

Window: TypeAlias = "tuple[int, int]"


class OutOfTime(Exception):  # noqa: N818  (no error: the search it ends gives what it has)
    """Ends a search whose deadline has passed; never leaves the engine."""


class Context(SearchContext):  # type: ignore[misc]
    """Whoosh's context with a window; None is the whole segment.

    ``check`` raises OutOfTime when the search is to end; it is called before and inside each leaf.
    Of matches that are not in ``among`` (ascending) nothing is asked: they may be left out.
    """

    def __init__(
        self,
        *,
        weighting: Any = None,
        window: Window | None = None,
        check: Callable[[], None] = lambda: None,
        among: Sequence[int] | None = None,
    ) -> None:
        super().__init__(weighting=weighting)
        self.window = window
        self.check = check
        self.among = among

    def without_scores(self) -> Context:
        """Gives the same context for clauses of which only the documents are asked for."""
        return Context(window=self.window, check=self.check, among=self.among)

    def only_among(self, documents: Sequence[int]) -> Context:
        """Gives the same context for clauses of which only these documents matter."""
        return Context(
            weighting=self.weighting, window=self.window, check=self.check, among=documents
        )


def _within(documents: Sequence[int], context: Context) -> slice:
    if context.window is None:
        return slice(None)
    low, high = context.window
    start = bisect_left(documents, low)
    return slice(start, bisect_left(documents, high, start))


_FEW = 8
"""Looking up one document costs as much as passing over about this many."""


def _among(found: Postings, documents: Sequence[int]) -> Postings:
    """Gives the postings of these documents at least, without the others where that pays."""
    if len(documents) * _FEW >= len(found.documents):
        return found
    kept = []
    at = 0
    for document in documents:
        at = bisect_left(found.documents, document, at)
        if at == len(found.documents):
            break
        if found.documents[at] == document:
            kept.append(at)
    frequencies = found.frequencies
    return Postings(
        [found.documents[at] for at in kept],
        None if frequencies is None else [frequencies[at] for at in kept],
    )


class _PerSegment(query.Query):  # type: ignore[misc]
    """A leaf that looks up once per segment and gives that to each window.

    ``share_look_ups`` makes it one with a leaf that looks up the same.
    """

    boost = 1.0

    def __init__(self, fieldname: str) -> None:
        self.fieldname = fieldname
        self._looked_up: dict[int, Postings] = {}

    def share_look_ups(self, found: dict[int, Postings]) -> None:
        """Makes ``found``, postings by the id of a reader, the place of what is looked up."""
        self._looked_up = found

    def is_leaf(self) -> bool:
        """Tells that nothing is below this node."""
        return True

    def estimate_size(self, ixreader: Any) -> int:
        """Gives an upper bound of the matches."""
        return int(ixreader.doc_count_all())

    def _look_up(self, searcher: Any, check: Callable[[], None]) -> Postings:
        raise NotImplementedError

    def _scores(self, searcher: Any, context: Context, found: Postings) -> Sequence[float]:
        raise NotImplementedError

    def _found(self, searcher: Any, check: Callable[[], None] = lambda: None) -> Postings:
        key = id(searcher.reader())
        found = self._looked_up.get(key)
        if found is None:
            found = self._looked_up[key] = self._look_up(searcher, check)
        return found

    def frequency(self, searcher: Any, number: int) -> int:
        """Gives how often a document has it."""
        return self._found(searcher).frequency(number)

    def matcher(self, searcher: Any, context: Context | None = None) -> ArrayMatcher:
        """Gives the matcher for one segment's searcher."""
        context = context or Context()
        context.check()
        found = self._found(searcher, context.check)
        if context.window is not None:
            within = _within(found.documents, context)
            frequencies = found.frequencies and found.frequencies[within]
            found = Postings(found.documents[within], frequencies)
        if context.among is not None:
            found = _among(found, context.among)
        if context.weighting is None:
            return matchers.constant(found.documents, 0.0)
        return ArrayMatcher(found.documents, self._scores(searcher, context, found))


_NOTHING = Postings((), None)


class WordOf(_PerSegment):
    """Documents with a term (field ``f``) or a form (field ``=f``), scored by the weighting."""

    def __init__(self, fieldname: str, text: str, *, factor: float) -> None:
        super().__init__(fieldname)
        self.texts = (text,)
        self.text = text
        self._factor = factor

    def _look_up(self, searcher: Any, check: Callable[[], None]) -> Postings:
        reader: SegmentReader = searcher.reader()
        return reader.find(self.fieldname, self.text) or _NOTHING

    def _scores(self, searcher: Any, context: Context, found: Postings) -> Sequence[float]:
        if not found.documents:
            return ()
        scorer = context.weighting.scorer(searcher, self.fieldname, self.text, qf=self._factor)
        scores: Sequence[float] = scorer.scores(found.documents, found.frequencies)
        return scores


class PhraseOf(_PerSegment):
    """Documents with words in order; scored as one word whose idf is the sum of theirs."""

    def __init__(
        self, fieldname: str, words: Sequence[tuple[int, str]], *, slop: int, factor: float
    ) -> None:
        super().__init__(fieldname)
        self.texts = tuple(text for _, text in words)
        self._words = words
        self._slop = slop
        self._factor = factor

    def _look_up(self, searcher: Any, check: Callable[[], None]) -> Postings:
        return phrase_postings(
            searcher.reader(), self.fieldname, self._words, slop=self._slop, check=check
        )

    def _scores(self, searcher: Any, context: Context, found: Postings) -> Sequence[float]:
        if not found.documents:
            return ()
        idf = sum(searcher.idf(self.fieldname, text) for text in self.texts)
        scorer = context.weighting.scorer_of(searcher.reader(), self.fieldname, self._factor * idf)
        scores: Sequence[float] = scorer.scores(found.documents, found.frequencies)
        return scores


class Unscored(_PerSegment):
    """Documents that ``select`` gives for a segment, ascending, each with the same score."""

    def __init__(self, select: Callable[[SegmentReader], Sequence[int]], *, score: float) -> None:
        super().__init__("")
        self._select = select
        self._score = score

    def _look_up(self, searcher: Any, check: Callable[[], None]) -> Postings:
        return Postings(self._select(searcher.reader()), None)

    def _scores(self, searcher: Any, context: Context, found: Postings) -> Sequence[float]:
        return [self._score] * len(found.documents)


class AllOf(query.And):  # type: ignore[misc]
    """Documents that all subqueries match."""

    def matcher(self, searcher: Any, context: Context | None = None) -> ArrayMatcher:
        """Gives the matcher for one segment's searcher."""
        context = context or Context()
        unscored = context.without_scores()
        found = []
        for subquery in self.subqueries:
            matcher = subquery.matcher(searcher, unscored)
            if not matcher.is_active():
                return matchers.constant((), 0.0)
            found.append(matcher)
        documents = matchers.common_documents(found)
        if context.weighting is None or not documents:
            return matchers.constant(documents, 0.0)
        # Scores are reckoned for the documents that all match, and not for each list whole.
        among = context.only_among(documents)
        return matchers.intersect(
            [subquery.matcher(searcher, among) for subquery in self.subqueries]
        )


class AnyOf(query.Or):  # type: ignore[misc]
    """Documents that any subquery matches."""

    def matcher(self, searcher: Any, context: Context | None = None) -> ArrayMatcher:
        """Gives the matcher for one segment's searcher."""
        return matchers.unite([subquery.matcher(searcher, context) for subquery in self.subqueries])


class Preferring(query.AndMaybe):  # type: ignore[misc]
    """Documents that ``a`` matches, with the scores of ``b`` on top."""

    def matcher(self, searcher: Any, context: Context | None = None) -> ArrayMatcher:
        """Gives the matcher for one segment's searcher."""
        context = context or Context()
        required = self.a.matcher(searcher, context)
        if context.weighting is None or not required.is_active():
            return required  # type: ignore[no-any-return]
        among = context.only_among(required.documents)
        return matchers.prefer(required, self.b.matcher(searcher, among))


class Excluding(query.AndNot):  # type: ignore[misc]
    """Documents that ``a`` matches and ``b`` does not."""

    def matcher(self, searcher: Any, context: Context | None = None) -> ArrayMatcher:
        """Gives the matcher for one segment's searcher."""
        matched = self.a.matcher(searcher, context)
        unscored = (context or Context()).without_scores()
        return matchers.subtract(matched, self.b.matcher(searcher, unscored))
