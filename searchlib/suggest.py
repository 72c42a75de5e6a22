"""Owns completion and did-you-mean: real word forms of the index that lead to hits.

Both work on the surface forms that documents hold, never on index terms, so that what is proposed
is a word that someone wrote. They read one snapshot and change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from searchlib.analysis import Analyzer, Token, fold
from searchlib.engines.base import Snapshot
from searchlib.query import Query, tree
from searchlib.query.patterns import levenshtein_within
from searchlib.query.plan import Pattern

__all__ = ["completions", "correction"]

MAX_COMPLETIONS_READ = 10_000
"""Forms weighed for one completion; one letter may begin a tenth of a large vocabulary."""

MAX_NEIGHBOURS_READ = 1_024
"""Forms weighed for one misspelt word."""

_SHORT = 4
"""Words up to this long are corrected by one letter only: two would make any word of them."""


def completions(
    snapshot: Snapshot, analyzer: Analyzer, fields: Sequence[str], *, word: str
) -> list[str]:
    """Returns the forms that begin with a word, the most frequent first.

    A form's frequency is the number of live documents that hold it, in the field where most do.
    The word itself comes first where it is a form.
    """
    tokens = analyzer.analyze(word)
    if not tokens:
        return []
    folded = fold(tokens[-1].form)

    def accepts(form: str) -> bool:
        return fold(form).startswith(folded)

    frequencies: dict[str, int] = {}
    for field in fields:
        pattern = Pattern(field, "prefix", folded, literal=folded, accepts=accepts)
        forms, _ = snapshot.expand(pattern, limit=MAX_COMPLETIONS_READ)
        for form in forms:
            frequency = snapshot.form_frequency(field, form)
            if frequency:
                frequencies[form] = max(frequency, frequencies.get(form, 0))
    return sorted(
        frequencies,
        key=lambda form: (fold(form) != folded, -frequencies[form], form),
    )


def correction(
    snapshot: Snapshot, analyzer: Analyzer, fields: Sequence[str], query: Query, text: str
) -> str | None:
    """Returns the query text with each unknown word exchanged for its nearest known form.

    A word is unknown when none of the fields holds its term. Words that have no neighbour within
    two letters stay. None when nothing changes.
    """
    edits: list[tuple[int, int, str]] = []
    for word in _words(query):
        start, _ = word.span or (0, 0)
        for token in analyzer.analyze(word.text):
            if token.positions > 1 or any(map(str.isdigit, token.form)):
                continue
            if any(snapshot.term_frequency(field, token.term) for field in fields):
                continue
            nearest = _nearest(snapshot, analyzer, fields, token)
            if nearest is not None:
                edits.append((start + token.start, start + token.end, _cased(nearest, token.text)))
    corrected = text
    for begin, end, replacement in sorted(edits, reverse=True):
        corrected = corrected[:begin] + replacement + corrected[end:]
    return corrected if corrected != text else None


def _words(query: Query) -> Iterator[tree.Word]:
    if isinstance(query, tree.Word):
        yield query
    elif isinstance(query, tree.Words):
        for clause in (*query.clauses, *query.required):
            yield from _words(clause)
    elif isinstance(query, tree.All | tree.Any):
        for clause in query.clauses:
            yield from _words(clause)
    elif isinstance(query, tree.In | tree.Boost):
        yield from _words(query.clause)


def _nearest(
    snapshot: Snapshot, analyzer: Analyzer, fields: Sequence[str], token: Token
) -> str | None:
    folded = fold(token.form)
    for edits in (1,) if len(folded) <= _SHORT else (1, 2):

        def accepts(form: str, edits: int = edits) -> bool:
            return bool(levenshtein_within(folded, fold(form), edits))

        best: tuple[bool, int, str] | None = None
        for field in fields:
            pattern = Pattern(field, "fuzzy", folded, edits=edits, accepts=accepts)
            forms, _ = snapshot.expand(pattern, limit=MAX_NEIGHBOURS_READ)
            for form in forms:
                frequency = snapshot.form_frequency(field, form)
                candidate = (form[:1] != token.form[:1], -frequency, form)
                if frequency and (best is None or candidate < best):
                    best = candidate
        if best is not None:
            return best[2]
    return None


def _cased(form: str, model: str) -> str:
    if len(model) > 1 and model.isupper():
        return form.upper()
    return form[:1].upper() + form[1:] if model[:1].isupper() else form
