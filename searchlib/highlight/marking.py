"""Owns the way from a text, its tokens and a plan to a snippet: the whole text or a passage."""

from __future__ import annotations

from collections.abc import Sequence

from searchlib.analysis import Token
from searchlib.highlight.passages import choose_passage
from searchlib.highlight.questions import Asked
from searchlib.highlight.scoring import leaf_weights
from searchlib.highlight.spans import (
    MarkingLeaf,
    Span,
    find_spans,
    marking_leaves,
    without_overlaps,
)
from searchlib.query.plain import plain_words
from searchlib.query.plan import AnyForm, Form, Phrase, Plan, Term
from searchlib.query.tree import Word
from searchlib.results import Mark, Snippet

__all__ = ["MAX_PASSAGE_TEXT", "best_passage", "highlight", "leaf_text", "searched_part"]

MAX_PASSAGE_TEXT = 1024 * 1024
"""Code points of a text in which a passage is looked for: a long novel, seconds to analyse, which
is as long as a reader of results waits for one of them."""


def highlight(text: str, tokens: Sequence[Token], plan: Plan, *, field: str) -> Snippet:
    """Returns the whole text with every match of the field's leaves marked.

    ``tokens`` are those of the text; ``plan`` has its patterns replaced by their forms. Excluded
    leaves and leaves of other fields mark nothing.

    >>> from searchlib.analysis import Analyzer
    >>> from searchlib.query.plan import Form
    >>> text = "Due gatti, un gatto."
    >>> highlight(text, Analyzer().analyze(text), Form("testo", "gatti"), field="testo").html()
    'Due <mark>gatti</mark>, un gatto.'
    """
    leaves = marking_leaves(plan, field)
    spans = find_spans(tokens, leaves)
    return Snippet(text, _marks(spans, tokens, leaves, start=0))


def searched_part(text: str) -> str:
    """Returns the beginning of a text in which a passage is looked for, whole words only.

    It is all of the text up to ``MAX_PASSAGE_TEXT`` code points.

    >>> searched_part("Il gatto dorme.")
    'Il gatto dorme.'
    """
    if len(text) <= MAX_PASSAGE_TEXT:
        return text
    end = MAX_PASSAGE_TEXT
    while end and not text[end].isspace():
        end -= 1
    return text[: end or MAX_PASSAGE_TEXT]


def best_passage(
    text: str,
    tokens: Sequence[Token],
    plan: Plan,
    *,
    field: str,
    max_chars: int,
    asked: Asked | None = None,
) -> Snippet:
    """Returns the passage of a text that answers a plan best, with its matches marked.

    The passage is a slice of the text of at most ``max_chars`` code points (at least 1), made of
    whole sentences where they fit. Without a match it is the beginning of the text. A match
    longer than ``max_chars`` is shown, and marked, as far as it fits. ``asked`` is what the query
    wants beside its words, where it is a question (``asked_by``).

    >>> from searchlib.analysis import Analyzer
    >>> from searchlib.query.plan import Form
    >>> text = "Il sig. Neri ha un cane. Il dott. Bianchi ha due gatti. Tutti dormono."
    >>> snippet = best_passage(
    ...     text, Analyzer().analyze(text), Form("testo", "gatti"), field="testo", max_chars=40
    ... )
    >>> snippet.markdown()
    '… Il dott. Bianchi ha due **gatti**. …'
    """
    leaves = marking_leaves(plan, field)
    spans = find_spans(tokens, leaves)
    weights = leaf_weights(leaves, spans)
    start, end = choose_passage(text, tokens, spans, weights, max_chars=max_chars, asked=asked)
    shown = _within(spans, start, end, max_chars=max_chars)
    return Snippet(
        text[start:end],
        _marks(shown, tokens, leaves, start=start),
        start=start,
        truncated_start=bool(text[:start].strip()),
        truncated_end=bool(text[end:].strip()),
    )


def _within(spans: Sequence[Span], start: int, end: int, *, max_chars: int) -> list[Span]:
    """Returns the spans inside a passage, and what it shows of those too long for any."""
    shown = []
    for span in spans:
        if start <= span.start and span.end <= end:
            shown.append(span)
        elif span.end - span.start > max_chars and span.start < end and start < span.end:
            shown.append(Span(max(span.start, start), min(span.end, end), span.leaf))
    return shown


def _marks(
    spans: Sequence[Span], tokens: Sequence[Token], leaves: Sequence[MarkingLeaf], *, start: int
) -> tuple[Mark, ...]:
    kept = without_overlaps(spans, tokens)
    names = {number: leaf_text(leaves[number]) for number in {span.leaf for span in kept}}
    return tuple(Mark(span.start - start, span.end - start, names[span.leaf]) for span in kept)


def leaf_text(leaf: MarkingLeaf) -> str:
    """Returns the leaf in the query language: as typed, or made up from what it matches."""
    source = leaf.source
    if isinstance(source, Word) and plain_words(source.text) == source:
        # It reads back as it stands; writing it would import the whole grammar to say so.
        return source.text
    if source is not None:
        return str(source)
    match leaf:
        case Term():
            return leaf.term
        case Form():
            return f"={leaf.form}"
        case AnyForm():
            return " OR ".join(f"={form}" for form in leaf.forms)
        case Phrase():
            quoted = '"' + " ".join(word for _, word in leaf.words) + '"'
            return ("=" if leaf.exact else "") + quoted + (f"~{leaf.slop}" if leaf.slop else "")
