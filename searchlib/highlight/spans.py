"""Owns which stretches of a text answer which leaf of a plan, and which of them become marks.

A leaf about words marks each token that it matches. A phrase marks each occurrence as one
stretch from its first word to its last where nothing extra stands between its words, and the
words one by one where its slop is used. Values, ranges and the like mark nothing.

Stretches of one leaf that overlap are one. Where those of several leaves overlap, the longest
has its way, then the earlier leaf; what remains of the other keeps its whole words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice, pairwise
from typing import NamedTuple, TypeAlias

from searchlib.analysis import Token
from searchlib.query.plan import AnyForm, Form, Pattern, Phrase, Plan, Term, leaves

__all__ = ["MarkingLeaf", "Span", "find_spans", "marking_leaves", "without_overlaps"]

MarkingLeaf: TypeAlias = Term | Form | AnyForm | Phrase

_Stretch: TypeAlias = tuple[int, int]
"""Half-open code points."""

_Places: TypeAlias = dict[int, _Stretch]
"""Where a word is: position -> code points."""


# Words of a phrase with slop times places of each that are looked at, the first ones: about a
# second. Prose stays far below (three words in a megabyte: some 100,000); hostile texts do not.
MAX_LOOSE_STEPS = 1_000_000


class Span(NamedTuple):
    """A stretch that matched: half-open code points, and which of the marking leaves it answers."""

    start: int
    end: int
    leaf: int


def marking_leaves(plan: Plan, field: str) -> list[MarkingLeaf]:
    """Returns the leaves of an expanded plan that can mark words of a field, from left to right."""
    marking: list[MarkingLeaf] = []
    for leaf in leaves(plan):
        assert not isinstance(leaf, Pattern), "patterns must be replaced by their forms before"
        if isinstance(leaf, (Term, Form, AnyForm, Phrase)) and leaf.field == field:
            marking.append(leaf)
    return marking


def find_spans(tokens: Sequence[Token], leaves: Sequence[MarkingLeaf]) -> list[Span]:
    """Returns the stretches of each leaf in text order; those of different leaves may overlap.

    One pass over the tokens, and one over the places of its words for each phrase.
    """
    terms: dict[str, list[Token]] = {}
    forms: dict[str, list[Token]] = {}
    for leaf in leaves:
        (forms if _is_about_forms(leaf) else terms).update((word, []) for word in _words(leaf))
    for token in tokens:
        if token.term in terms:
            terms[token.term].append(token)
        if token.form in forms:
            forms[token.form].append(token)
    return sorted(
        Span(start, end, number)
        for number, leaf in enumerate(leaves)
        for start, end in _united(_stretches(leaf, forms if _is_about_forms(leaf) else terms))
    )


def _is_about_forms(leaf: MarkingLeaf) -> bool:
    return leaf.exact if isinstance(leaf, Phrase) else not isinstance(leaf, Term)


def _words(leaf: MarkingLeaf) -> Iterable[str]:
    match leaf:
        case Term():
            return (leaf.term,)
        case Form():
            return (leaf.form,)
        case AnyForm():
            return leaf.forms
        case Phrase():
            return (word for _, word in leaf.words)


def _stretches(leaf: MarkingLeaf, found: Mapping[str, Sequence[Token]]) -> list[_Stretch]:
    if isinstance(leaf, Phrase):
        return list(_phrase_stretches(leaf, found))
    return [(token.start, token.end) for word in _words(leaf) for token in found[word]]


def _united(stretches: list[_Stretch]) -> Iterator[_Stretch]:
    """Yields the stretches in order, those that overlap as one."""
    if not stretches:
        return
    stretches.sort()
    start, end = stretches[0]
    for next_start, next_end in stretches:
        if next_start >= end:
            yield start, end
            start, end = next_start, next_end
        end = max(end, next_end)
    yield start, end


# Phrases


def _phrase_stretches(phrase: Phrase, found: Mapping[str, Sequence[Token]]) -> Iterator[_Stretch]:
    if not phrase.words:
        return
    places_of = {word: _places(found[word]) for word in {word for _, word in phrase.words}}
    first_offset, first = phrase.words[0]
    last_offset, last = phrase.words[-1]
    for start in _contiguous_starts(phrase, places_of):
        end = start + last_offset - first_offset
        yield places_of[first][start][0], places_of[last][end][1]
    if phrase.slop and all(places_of.values()):
        most = MAX_LOOSE_STEPS // len(phrase.words)
        looked_at = {word: _first(most, places) for word, places in places_of.items()}
        yield from _loose_words(phrase, looked_at)


def _contiguous_starts(phrase: Phrase, places_of: Mapping[str, _Places]) -> list[int]:
    """Returns the positions at which an occurrence without extra positions begins.

    Positions are the bits of a number, so that a phrase of a thousand words in a megabyte of the
    same word is a thousand shifts and no more.
    """
    bits_of = {word: _bits(places) for word, places in places_of.items()}
    first_offset, first = phrase.words[0]
    starts = bits_of[first]
    for offset, word in phrase.words:
        starts &= bits_of[word] >> (offset - first_offset)
    if not starts:
        return []
    flags = starts.to_bytes((starts.bit_length() + 7) // 8 + 1, "little")
    return [
        position
        for position in places_of[first]
        if position < starts.bit_length() and flags[position >> 3] >> (position & 7) & 1
    ]


def _bits(positions: Collection[int]) -> int:
    flags = bytearray((max(positions, default=0) >> 3) + 1)
    for position in positions:
        flags[position >> 3] |= 1 << (position & 7)
    return int.from_bytes(flags, "little")


def _first(count: int, places: _Places) -> _Places:
    return dict(islice(places.items(), count)) if len(places) > count else places


def _places(tokens: Sequence[Token]) -> _Places:
    places: _Places = {}
    for token in tokens:
        # A compound and its first part may be the same word.
        start, end = places.get(token.position, (token.start, token.end))
        places[token.position] = min(start, token.start), max(end, token.end)
    return places


def _loose_words(phrase: Phrase, places_of: Mapping[str, _Places]) -> Iterator[_Stretch]:
    """Yields each word of each occurrence of a phrase with slop.

    A word at some position belongs to an occurrence if and only if the closest one around it,
    from the latest start before it to the earliest end after it, has no more than ``slop`` extra
    positions. One pass over the positions of each word finds the starts; the ends are the starts
    of the mirrored phrase.
    """
    offsets, words = zip(*phrase.words, strict=True)
    positions_of = {word: sorted(places) for word, places in places_of.items()}
    positions = [positions_of[word] for word in words]
    gaps = [after - before for before, after in pairwise(offsets)]
    starts = _latest_starts(positions, gaps)
    mirrored = [[-position for position in reversed(row)] for row in reversed(positions)]
    ends = [row[::-1] for row in reversed(_latest_starts(mirrored, gaps[::-1]))]
    longest = offsets[-1] - offsets[0] + phrase.slop
    for word, *row in zip(words, positions, starts, ends, strict=True):
        for position, start, mirrored_end in zip(*row, strict=True):
            if start is None or mirrored_end is None:
                continue
            if -mirrored_end - start <= longest:
                yield places_of[word][position]


def _latest_starts(
    positions: Sequence[Sequence[int]], gaps: Sequence[int]
) -> list[Sequence[int | None]]:
    """Returns, beside each position of each word, the latest start of a chain that ends there.

    A chain has one position of each word so far, each at least its gap after the one before;
    None where there is no chain.
    """
    rows: list[Sequence[int | None]] = [positions[0]]
    for (before, here), gap in zip(pairwise(positions), gaps, strict=True):
        starts = rows[-1]
        row: list[int | None] = []
        latest, passed = None, 0
        for position in here:
            while passed < len(before) and before[passed] <= position - gap:
                # Later places have later starts, so the one passed last has the latest.
                latest = starts[passed]
                passed += 1
            row.append(latest)
        rows.append(row)
    return rows


# Overlaps


def without_overlaps(spans: Sequence[Span], tokens: Sequence[Token]) -> list[Span]:
    """Returns sorted spans of which no two overlap, and which cover the same tokens as ``spans``.

    The longest span is kept whole, then the one of the earlier leaf.
    """
    # Most overlaps are of a word's term and form, which are one stretch: the earlier leaf's.
    ordered = [next(same) for _, same in groupby(sorted(spans), key=lambda span: span[:2])]
    if all(before.end <= after.start for before, after in pairwise(ordered)):
        return ordered
    borders = sorted({border for span in ordered for border in (span.start, span.end)})
    cell_of = {border: cell for cell, border in enumerate(borders)}
    owners: list[Span | None] = [None] * (len(borders) - 1)
    for span in sorted(ordered, key=lambda span: (span.end - span.start, -span.leaf)):
        # Painted from the weakest to the strongest: the last coat is the one that shows.
        first, last = cell_of[span.start], cell_of[span.end]
        owners[first:last] = [span] * (last - first)

    token_starts = sorted(token.start for token in tokens)
    token_ends = sorted(token.end for token in tokens)
    kept = []
    for owner, run in groupby(range(len(owners)), key=lambda cell: owners[cell]):
        if owner is None:
            continue
        cells = list(run)
        start, end = borders[cells[0]], borders[cells[-1] + 1]
        if start > owner.start:
            start = token_starts[bisect_left(token_starts, start)]
        if end < owner.end:
            end = token_ends[bisect_right(token_ends, end) - 1]
        if start < end:
            kept.append(Span(start, end, owner.leaf))
    return kept
