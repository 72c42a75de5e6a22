"""Owns which passage of a text is shown: readable borders, within the length asked.

A passage is a run of whole sentences where they fit. A sentence longer than the room is cut at a
clause (``; : ,`` or a dash) or else between words; so is the next sentence where those that fit
leave more than half of the room. Only a word longer than the room is cut
itself, and then not between a letter and its combining marks. Which of the possible passages
answers best is decided by ``scoring``; of equally good ones the earlier is taken.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence

from searchlib.analysis import Token
from searchlib.highlight.questions import Asked
from searchlib.highlight.scoring import answer, score
from searchlib.highlight.sentences import sentences
from searchlib.highlight.spans import Span

__all__ = ["choose_passage"]

_CLAUSE_BREAK = re.compile(r"[;:,][\"'”’»)\]}]*(?=\s)|(?=\s[—–-]\s)")
_CLAUSE_START = re.compile(r"[;:,][\"'”’»)\]}]*\s+(?=\S)|\s[—–-]\s+(?=\S)")
_WORD_START = re.compile(r"\s+(?=\S)")
_JOINER = "\u200d"

# Passages are tried around this many occurrences of each leaf, the first ones. It bounds the time
# on a text that repeats one word; a leaf this frequent hardly tells one passage from another.
ANCHORS_PER_LEAF = 100


def choose_passage(
    text: str,
    tokens: Sequence[Token],
    spans: Sequence[Span],
    weights: Sequence[float],
    *,
    max_chars: int,
    asked: Asked | None = None,
) -> tuple[int, int]:
    """Returns the best passage as half-open code points, at most ``max_chars`` (>= 1) long.

    ``spans`` are sorted; ``asked`` is what the query wants beside them. Both ends are on
    non-space characters, unless the text has none.
    """
    cutter = _Cutter(text, tokens, max_chars)
    if not cutter.starts:
        return 0, 0
    if not spans:
        return cutter.from_start(cutter.starts[0])
    starts = [span.start for span in spans]
    heaviest = max(weights[span.leaf] for span in spans)
    best, best_score = None, -1.0
    for start, end in sorted(_candidates(spans, cutter)):
        held = spans[bisect_left(starts, start) : bisect_left(starts, end)]
        value = score([span for span in held if span.end <= end], weights)
        if asked is not None:
            value += answer(text, start, end, asked, heaviest=heaviest)
        if value > best_score:
            best, best_score = (start, end), value
    assert best is not None, "each span has a passage"
    return best


def _candidates(spans: Sequence[Span], cutter: _Cutter) -> set[tuple[int, int]]:
    anchors: Counter[int] = Counter()
    found: set[tuple[int, int]] = set()
    for span in spans:
        anchors[span.leaf] += 1
        if anchors[span.leaf] <= ANCHORS_PER_LEAF:
            found.update(
                cutter.from_start(start, at_least=span.end) for start in cutter.starts_around(span)
            )
    return found


class _Cutter:
    """Finds readable ends for passages of one text; offsets are code points."""

    def __init__(self, text: str, tokens: Sequence[Token], max_chars: int) -> None:
        self.text = text
        self.tokens = tokens
        self.max_chars = max_chars
        # Sentences without the white space around them.
        trimmed = [
            (start + _leading_space(text[start:end]), start + len(text[start:end].rstrip()))
            for start, end in sentences(text)
        ]
        self.starts = [start for start, end in trimmed if start < end]
        self.ends = [end for start, end in trimmed if start < end]
        self._united: tuple[list[int], list[int]] | None = None

    def starts_around(self, span: Span) -> Iterator[int]:
        """Yields starts from which a passage with the span in it can be made."""
        number = bisect_right(self.starts, span.start) - 1
        last = bisect_right(self.starts, span.end - 1) - 1
        first, end = self.starts[number], self.ends[last]
        if end - first > self.max_chars:
            if span.end - first <= self.max_chars:
                yield first
            yield self._start_within(span, first, end)
            return
        while number >= 0 and end - self.starts[number] <= self.max_chars:
            yield self.starts[number]
            number -= 1

    def _start_within(self, span: Span, sentence_start: int, sentence_end: int) -> int:
        """Returns a start within a long sentence: of a clause, a word, or the span itself.

        What is before the span gets at most half of the room, or more where the sentence ends
        soon after it.
        """
        word_start, word_end = self._word_around(span)
        if word_end - word_start > self.max_chars:
            return word_start if span.end - word_start <= self.max_chars else span.start
        earliest = min(word_end - self.max_chars // 2, sentence_end - self.max_chars)
        earliest = max(sentence_start, earliest)
        if earliest < word_start:
            for border in (_CLAUSE_START, _WORD_START):
                found = border.search(self.text, earliest, word_start + 1)
                if found:
                    return found.end()
        start = word_start
        while start > word_end - self.max_chars and start > sentence_start:
            if self.text[start - 1].isspace():
                return start
            start -= 1
        return start if start == sentence_start else word_start

    def _word_around(self, span: Span) -> tuple[int, int]:
        """Returns the span with the rest of the compounds that it begins or ends in."""
        starts, ends = self._united_tokens()
        first = bisect_right(starts, span.start) - 1
        last = bisect_left(ends, span.end)
        return starts[first], ends[last]

    def _united_tokens(self) -> tuple[list[int], list[int]]:
        if self._united is None:
            self._united = _united(self.tokens)
        return self._united

    def from_start(self, start: int, *, at_least: int = 0) -> tuple[int, int]:
        """Returns the longest readable passage from there, to ``at_least`` if that fits."""
        limit = start + self.max_chars
        last = bisect_right(self.ends, limit) - 1
        end = self.ends[last] if last >= 0 else start
        kept = at_least if at_least <= limit else start
        if end <= start or end < kept:
            end = self._cut(start, limit, kept)
        elif (end - start) * 2 < self.max_chars and limit < len(self.text):
            end = max(end, self._cut(start, limit, max(end, kept)))
        return start, end

    def _cut(self, start: int, limit: int, at_least: int) -> int:
        # A clause that leaves more than half of the room empty says less than cut words.
        earliest = max(start + self.max_chars // 2, at_least - 1)
        clauses = [match.end() for match in _CLAUSE_BREAK.finditer(self.text, earliest, limit + 1)]
        ends = [end for end in clauses if at_least <= end <= limit]
        end = ends[-1] if ends else self._word_end(start, limit, at_least)
        return start + len(self.text[start:end].rstrip())

    def _word_end(self, start: int, limit: int, at_least: int) -> int:
        end = limit
        while end > start and not self.text[end].isspace():
            end -= 1
        if end > start and end >= at_least:
            return end
        return self._token_end(start, limit)

    def _token_end(self, start: int, limit: int) -> int:
        """Returns the last border between tokens up to ``limit``, for text without white space."""
        starts, ends = self._united_tokens()
        number = bisect_left(starts, limit) - 1
        if number >= 0 and start < starts[number] and limit < ends[number]:
            return starts[number]
        return _character_end(self.text, start, limit)


def _leading_space(text: str) -> int:
    return len(text) - len(text.lstrip())


def _united(tokens: Sequence[Token]) -> tuple[list[int], list[int]]:
    """Returns starts and ends of the stretches that tokens cover, a compound as one."""
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted((token.start, token.end) for token in tokens):
        if ends and start < ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return starts, ends


def _character_end(text: str, start: int, limit: int) -> int:
    """Returns the last end up to ``limit`` that parts no character from its marks, if any."""
    end = limit
    while end > start and _joins(text, end):
        end -= 1
    return end if end > start else limit


def _joins(text: str, at: int) -> bool:
    return (
        unicodedata.category(text[at]).startswith("M")
        or text[at] == _JOINER
        or text[at - 1] == _JOINER
        or "\U0001f3fb" <= text[at] <= "\U0001f3ff"
    )
