"""Owns the matching of phrases: in which documents words stand in order, and how often.

Words ``w0 .. wn`` at relative positions ``0 = r0 < r1 < ..`` match at positions ``p0 < p1 < ..``
with ``p[i+1] - p[i] >= r[i+1] - r[i]`` and ``(pn - p0) - rn <= slop``. A phrase's frequency is the
number of positions p0 that such a match begins at; taking each next word as early as it can be
keeps the end as early as it can be, so that decides whether there is one.

Occurrences are handled as *places*, ``document << 32 | position``, of all documents at once: the
set operations of one segment then run without a loop over its documents, and no phrase reaches
from one document into the next, which is four billion positions away.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain, repeat
from operator import add, lshift

from searchlib.engines.whoosh.postings import Postings
from searchlib.engines.whoosh.segment_reader import SegmentReader

__all__ = ["beginnings", "phrase_postings"]

_DOCUMENT_SHIFT = 32

_FEW = 4
"""Looking up one document costs as much as converting about this many places."""


STARTS_BETWEEN_CHECKS = 1024
"""Beginnings of a phrase with slop that are tried between two checks of the time: milliseconds."""


def phrase_postings(
    reader: SegmentReader,
    fieldname: str,
    words: Sequence[tuple[int, str]],
    *,
    slop: int,
    check: Callable[[], None] = lambda: None,
) -> Postings:
    """Gives the documents of one segment with the phrase, and its frequencies.

    ``words`` pairs relative positions with texts of whoosh's field ``fieldname``. ``check`` is
    called between the steps and may raise to end the work.
    """
    texts = {text for _, text in words}
    sizes = {text: reader.doc_frequency(fieldname, text) for text in texts}
    rarest = reader.find(fieldname, min(texts, key=sizes.__getitem__))
    if rarest is None or not all(sizes.values()):
        return Postings((), None)
    candidates = rarest.documents
    origin = words[0][0]
    relative = [(at - origin, text) for at, text in words]

    def places_in(documents: Sequence[int], text: str) -> list[int]:
        check()
        return _places(reader.lists_with_positions(fieldname, text), documents)

    starts: Iterable[int]
    if slop:
        places = {text: places_in(candidates, text) for text in texts}
        starts = beginnings([(at, places[text]) for at, text in relative], slop=slop, check=check)
    else:
        # The rarest words first: few documents are left when the commonest are looked at.
        relative.sort(key=lambda word: sizes[word[1]])
        starts = _adjoining(relative, candidates, places_in)
    counted = Counter(start >> _DOCUMENT_SHIFT for start in starts)
    documents = sorted(counted)
    return Postings(documents, [counted[document] for document in documents])


def beginnings(
    words: Sequence[tuple[int, Sequence[int]]],
    *,
    slop: int,
    check: Callable[[], None] = lambda: None,
) -> Iterable[int]:
    """Gives the distinct places at which the phrase begins.

    ``words`` pairs each word's relative position with its places, ascending.

    >>> list(beginnings([(0, [1, 7]), (1, [2, 9])], slop=0))
    [1]
    >>> list(beginnings([(0, [1, 7]), (1, [2, 9])], slop=1))
    [1, 7]
    """
    matched = []
    for count, start in enumerate(words[0][1]):
        if count % STARTS_BETWEEN_CHECKS == 0:
            check()
        if _is_match(start, words, slop):
            matched.append(start)
    return matched


def _adjoining(
    words: Sequence[tuple[int, str]],
    candidates: Sequence[int],
    places_in: Callable[[Sequence[int], str], list[int]],
) -> set[int]:
    """Gives the places at which words without others between them begin, in any order of words.

    A place before the beginning of its document counts to the one before it, where no word is.
    """
    starts: set[int] | None = None
    for relative, text in words:
        shifted = map((-relative).__add__, places_in(candidates, text))
        starts = set(shifted) if starts is None else starts.intersection(shifted)
        if not starts:
            break
        candidates = sorted({start >> _DOCUMENT_SHIFT for start in starts})
    return starts or set()


def _is_match(start: int, words: Sequence[tuple[int, Sequence[int]]], slop: int) -> bool:
    place, before = start, 0
    for relative, places in words[1:]:
        at = bisect_left(places, place + relative - before)
        if at == len(places):
            return False
        place, before = places[at], relative
        if place - start - relative > slop:
            return False
    return True


def _places(lists: Sequence[Postings], candidates: Sequence[int]) -> list[int]:
    """Gives a word's places, ascending, from the lists of its forms; at least the candidates'."""
    places: list[int] = []
    for postings in lists:
        positions = postings.positions()
        if len(candidates) * _FEW < len(positions):
            places += _places_in(postings, positions, candidates)
        else:
            each: Iterable[int] = postings.documents
            if postings.frequencies is not None:
                each = chain.from_iterable(map(repeat, each, postings.frequencies))
            shifted = map(lshift, each, repeat(_DOCUMENT_SHIFT))
            places += map(add, shifted, positions)
    places.sort()
    return places


def _places_in(
    postings: Postings, positions: Sequence[int], candidates: Sequence[int]
) -> Iterator[int]:
    documents, frequencies = postings.documents, postings.frequencies
    ends = None if frequencies is None else list(accumulate(frequencies, initial=0))
    at = 0
    for document in candidates:
        at = bisect_left(documents, document, at)
        if at == len(documents):
            return
        if documents[at] == document:
            start, stop = (at, at + 1) if ends is None else (ends[at], ends[at + 1])
            for position in positions[start:stop]:
                yield document << _DOCUMENT_SHIFT | position
