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
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, repeat
from operator import add, lshift

from searchlib.engines.whoosh.postings import Postings
from searchlib.engines.whoosh.segment_reader import SegmentReader

__all__ = ["beginnings", "phrase_postings"]

_DOCUMENT_SHIFT = 32

_FEW = 4
"""Looking up one document costs as much as converting about this many places."""


def phrase_postings(
    reader: SegmentReader, fieldname: str, words: Sequence[tuple[int, str]], *, slop: int
) -> Postings:
    """Gives the documents of one segment with the phrase, and its frequencies.

    ``words`` pairs relative positions with texts of whoosh's field ``fieldname``.
    """
    texts = {text for _, text in words}
    found = {text: reader.find(fieldname, text) for text in texts}
    lists = [postings.documents for postings in found.values() if postings is not None]
    if len(lists) < len(texts):
        return Postings((), None)
    lists.sort(key=len)
    candidates = sorted(set(lists[0]).intersection(*lists[1:]))
    if not candidates:
        return Postings((), None)
    places = {
        text: _places(reader.lists_with_positions(fieldname, text), candidates) for text in texts
    }
    origin = words[0][0]
    starts = beginnings([(at - origin, places[text]) for at, text in words], slop=slop)
    counted = Counter(start >> _DOCUMENT_SHIFT for start in starts)
    documents = sorted(counted)
    return Postings(documents, [counted[document] for document in documents])


def beginnings(words: Sequence[tuple[int, Sequence[int]]], *, slop: int) -> Iterable[int]:
    """Gives the distinct places at which the phrase begins.

    ``words`` pairs each word's relative position with its places, ascending.

    >>> list(beginnings([(0, [1, 7]), (1, [2, 9])], slop=0))
    [1]
    >>> list(beginnings([(0, [1, 7]), (1, [2, 9])], slop=1))
    [1, 7]
    """
    starts = set(words[0][1])
    if slop:
        return [start for start in sorted(starts) if _is_match(start, words, slop)]
    for relative, places in words[1:]:
        starts.intersection_update(map((-relative).__add__, places))
    return starts


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
