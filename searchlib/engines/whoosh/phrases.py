"""Owns the matching of phrases: in which documents words stand in order, and how often.

Words ``w0 .. wn`` at relative positions ``0 = r0 < r1 < ..`` match at positions ``p0 < p1 < ..``
with ``p[i+1] - p[i] >= r[i+1] - r[i]`` and ``(pn - p0) - rn <= slop``. A phrase's frequency is the
number of positions p0 that such a match begins at; taking each next word as early as it can be
keeps the end as early as it can be, so that decides whether there is one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from searchlib.engines.whoosh.postings import Postings
from searchlib.engines.whoosh.segment_reader import SegmentReader

__all__ = ["count_matches", "phrase_postings"]


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
    occurrences = {
        text: _occurrences(reader.lists_with_positions(fieldname, text), candidates)
        for text in texts
    }
    origin = words[0][0]
    documents, frequencies = [], []
    for document in candidates:
        places = [(at - origin, occurrences[text][document]) for at, text in words]
        if count := count_matches(places, slop=slop):
            documents.append(document)
            frequencies.append(count)
    return Postings(documents, frequencies)


def count_matches(places: Sequence[tuple[int, Sequence[int]]], *, slop: int) -> int:
    """Gives the phrase's frequency in one document.

    ``places`` pairs each word's relative position with its ascending positions.

    >>> count_matches([(0, [1, 7]), (1, [2, 9])], slop=0)
    1
    >>> count_matches([(0, [1, 7]), (1, [2, 9])], slop=1)
    2
    """
    starts = set(places[0][1])
    if slop == 0:
        for relative, positions in places[1:]:
            starts.intersection_update([position - relative for position in positions])
        return len(starts)
    return sum(1 for start in starts if _is_match(start, places, slop))


def _is_match(start: int, places: Sequence[tuple[int, Sequence[int]]], slop: int) -> bool:
    position, before = start, 0
    for relative, positions in places[1:]:
        at = bisect_left(positions, position + relative - before)
        if at == len(positions):
            return False
        position, before = positions[at], relative
        if position - start - relative > slop:
            return False
    return True


def _occurrences(lists: Sequence[Postings], candidates: Sequence[int]) -> dict[int, Sequence[int]]:
    """Gives a word's positions in each candidate, from the lists of the word's forms."""
    merged: dict[int, Sequence[int]] = {}
    for postings in lists:
        documents, frequencies = postings.documents, postings.frequencies
        positions = postings.positions()
        ends = None if frequencies is None else list(accumulate(frequencies, initial=0))
        at = 0
        for document in candidates:
            at = bisect_left(documents, document, at)
            if at == len(documents):
                break
            if documents[at] != document:
                continue
            own = positions[at : at + 1] if ends is None else positions[ends[at] : ends[at + 1]]
            known = merged.get(document)
            merged[document] = own if known is None else sorted((*known, *own))
    return merged
