"""Owns completion and did-you-mean: real word forms of the index that lead to hits.

Both work on the surface forms that documents hold, never on index terms, so that what is proposed
is a word that someone wrote. They read one snapshot and change nothing.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from searchlib.analysis import Analyzer, Token, fold
from searchlib.engines.base import Snapshot
from searchlib.neighbours import Neighbours, Proposal, cased
from searchlib.query import Query, tree
from searchlib.query.plan import Pattern

__all__ = ["completions", "corrections", "last_word"]

MAX_COMPLETIONS_READ = 200_000
"""Forms read for one completion; one letter may begin a tenth of a large vocabulary."""

MAX_COMPLETIONS_WEIGHED = 10_000
"""Forms whose frequency is looked up for one completion."""

MAX_COMBINATIONS = 16
"""Ways to mend a query that are tried; each is a count or two."""

MOST_BEHIND = 0.6
"""How much more than the likeliest way another may cost: about two confusions."""

_NO_WORDS = frozenset(("AND", "E", "OR", "O", "NOT", "NON", "TO"))
"""Operators as written, which are words of the tree where they join nothing."""


def last_word(analyzer: Analyzer, text: str) -> Token | None:
    """Returns the word that a text ends in, or None where something comes after its last word."""
    tokens = analyzer.analyze(text)
    return tokens[-1] if tokens and tokens[-1].end == len(text) else None


def completions(snapshot: Snapshot, fields: Sequence[str], *, word: Token) -> list[str]:
    """Returns the forms that begin with a word, the most frequent first.

    A form's frequency is the number of live documents that hold it, in the field where most do.
    The word itself comes first where it is a form. Of very many forms the shortest are weighed:
    frequent words are short (G. K. Zipf, "The Psycho-Biology of Language", 1935).
    """
    folded = fold(word.form)
    frequencies: dict[str, int] = {}
    for field in fields:
        pattern = Pattern(field, "prefix", folded, literal=folded, accepts=lambda _: True)
        forms, _ = snapshot.expand(pattern, limit=MAX_COMPLETIONS_READ)
        if len(forms) > MAX_COMPLETIONS_WEIGHED:
            forms = tuple(sorted(forms, key=len)[:MAX_COMPLETIONS_WEIGHED])
        for form in forms:
            frequency = snapshot.form_frequency(field, form)
            if frequency:
                frequencies[form] = max(frequency, frequencies.get(form, 0))
    return sorted(
        frequencies,
        key=lambda form: (fold(form) != folded, -frequencies[form], form),
    )


class _Edit(NamedTuple):
    """What may be written in place of a part of the query, best first."""

    start: int
    end: int
    proposals: Sequence[Proposal]


def corrections(
    snapshot: Snapshot,
    analyzer: Analyzer,
    query: Query,
    text: str,
    *,
    fields: Sequence[str],
    texts: Container[str],
) -> Iterator[str]:
    """Yields the query text with its misspelt words exchanged, the likeliest first.

    A word is misspelt when none of the fields where it is looked for holds its term, or when its
    spelling is one of ``SPELLINGS``; ``texts`` are the fields that have words at all. Words that
    have no neighbour stay, and so do patterns and what is left of a broken operator. Several words
    are exchanged together; what costs much more than the likeliest is left out, and so is what
    would change nothing.
    """
    edits: list[_Edit] = []
    neighbours = Neighbours(snapshot, analyzer)
    for (start, end), searched in _spans(query, tuple(fields)):
        known = tuple(name for name in searched if name in texts)
        for token in analyzer.analyze(text[start:end]):
            if token.positions > 1 or token.text in _NO_WORDS or _has_digit(token):
                continue
            proposals = neighbours.proposals(token, known)
            first, last = start + token.start, start + token.end
            if not _stands_alone(text, first, last):
                proposals = [one for one in proposals if " " not in one.text.strip()]
            if proposals:
                edits.append(_Edit(first, last, proposals))
    edits.sort()
    for choice in _choices([edit.proposals for edit in edits]) if edits else ():
        corrected = text
        for edit, proposal in zip(reversed(edits), reversed(choice), strict=True):
            written = cased(proposal.text, text[edit.start : edit.end])
            corrected = corrected[: edit.start] + written + corrected[edit.end :]
        yield corrected


def _choices(of: Sequence[Sequence[Proposal]]) -> Iterator[tuple[Proposal, ...]]:
    """Yields one proposal for each word, by the sum of their costs, within bounds."""
    first = (0,) * len(of)
    least = sum(proposals[0].cost for proposals in of)
    waiting, seen = [(least, first)], {first}
    for _ in range(MAX_COMBINATIONS):
        if not waiting or waiting[0][0] > least + MOST_BEHIND:
            return
        _, numbers = heappop(waiting)
        yield tuple(proposals[at] for proposals, at in zip(of, numbers, strict=True))
        for place, at in enumerate(numbers):
            following = (*numbers[:place], at + 1, *numbers[place + 1 :])
            if at + 1 < len(of[place]) and following not in seen:
                seen.add(following)
                pairs = zip(of, following, strict=True)
                cost = sum(proposals[number].cost for proposals, number in pairs)
                heappush(waiting, (cost, following))


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tells whether two words can stand for one: no sign or weight belongs to it."""
    return text[start - 1 : start] in {*' "('} | {""} and text[end : end + 1] in {*' ")'} | {""}


def _spans(query: Query, fields: tuple[str, ...]) -> Iterator[tuple[tree.Span, tuple[str, ...]]]:
    """Yields where words stand in the query text, with the fields where they are looked for."""
    if isinstance(query, tree.Word | tree.Phrase | tree.Exact) and query.span is not None:
        yield query.span, fields
    if isinstance(query, tree.In):
        fields = (query.field,)
    for child in tree.children(query):
        yield from _spans(child, fields)


def _has_digit(token: Token) -> bool:
    return any(map(str.isdigit, token.form))
