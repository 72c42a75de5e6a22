r"""Owns the reading of one leaf of a query text: a word, a phrase, a pattern, a range.

A backslash makes the character after it ordinary: before anything but a letter or a digit, and
at the start of a word before those too (``\AND``); elsewhere it stands for itself (``C:\temp``).
Escapes are resolved early: a piece of text becomes a pair of strings of equal length, the text
as meant and a ``mask`` in which escaped characters are a plain ``x``, so that all syntax is
looked for in the mask and all content taken from the text.

Each expression below matches in one way only, so no text makes it backtrack.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from searchlib.query import construction, limits
from searchlib.query.diagnostics import Exceeded, Findings
from searchlib.query.patterns import PatternError, regex_state_count
from searchlib.query.tree import (
    Everything,
    Exact,
    Fuzzy,
    Phrase,
    Query,
    Range,
    Regex,
    Span,
    Wildcard,
    Word,
)

__all__ = ["PATTERN_BREAKERS", "QUOTES", "Leaf", "LeafReader", "is_wordy"]

QUOTES = {'"': '"', "“": "”“", "”": "”", "„": "“”", "«": "»"}
"""Opening quotes, each with the quotes that close it."""

PATTERN_BREAKERS = '!"#$%&()+,/:;<=>@[\\]^{|}~…'
"""Characters that no pattern (``mis*``, ``misile~``) holds unescaped: URLs and sums are text."""

_TRAILING = ".,;:!?…"
"""Punctuation that may follow a word; ``?`` too: *dov'è finito?* is no wildcard."""

_WORD = re.compile(r'(?:\\[\W_]|[^\s()"“”„«»])+')
_QUOTED = {
    opening: re.compile(rf"{opening}((?:\\[\W_]|[^\\{closing}]|\\(?![\W_]))*)[{closing}]")
    for opening, closing in QUOTES.items()
}
_REGEX = re.compile(r"/((?:\\.|[^\s/\\])+)/(?=[\s()^]|\Z)", re.DOTALL)
_BOUND = rf'({_QUOTED[chr(34)].pattern}|[^\s\[\]{{}}"()]+)'
_RANGE = re.compile(rf"([\[{{])\s*{_BOUND}\s+TO\s+{_BOUND}\s*([\]}}])")
_COMPARISON = re.compile(r"([<>])(=?)")
_END = r'(?=[\s()^"“”„«»]|\Z)'
_SLOP = re.compile(rf"~([0-9]+){_END}")
_NUMBER = r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+"
_BOOST = re.compile(rf"\^({_NUMBER}){_END}")
_BOOSTED = re.compile(rf"(.+)\^({_NUMBER})", re.DOTALL)
_PATTERN = re.compile(rf"[^{re.escape(PATTERN_BREAKERS)}]+")
_FUZZY = re.compile(rf"({_PATTERN.pattern})~([0-9]*)")
# What was meant as a suffix and is none: ^-1, ^2,5, ^1e400, ~-1, ~1.5.
_BROKEN = r"[-+]?[0-9.][-+0-9.,]*(?:[eE][-+]?[0-9]+)?"
_BROKEN_BOOST = re.compile(rf"\^{_BROKEN}{_END}")
_BROKEN_SLOP = re.compile(rf"~{_BROKEN}(?=\^)|~{_BROKEN}{_END}")
_BROKENLY_BOOSTED = re.compile(rf"(.+)\^{_BROKEN}", re.DOTALL)
_BROKENLY_FUZZY = re.compile(rf"({_PATTERN.pattern})~{_BROKEN}")
_STARRED = re.compile(r"\w\*|\*\w")
_PRODUCT = re.compile(r"(?<=[0-9])\*(?=[0-9])")


class Leaf(NamedTuple):
    """A leaf, or None where there is nothing to search, with its boost and its end."""

    node: Query | None
    end: int
    boost: float = 1.0


class _Piece(NamedTuple):
    """A run of text without its escapes, its mask, and what surrounds it."""

    text: str
    mask: str
    span: Span
    boost: float | None
    end: int


def is_wordy(text: str) -> bool:
    """Tells whether there is anything in a text but spaces and punctuation.

    >>> is_wordy("città"), is_wordy("?!")
    (True, False)
    """
    return any(map(str.isalnum, text))


def _resolve(raw: str, *, is_word: bool) -> tuple[str, str]:
    """Returns a piece of text without its escapes, and its mask."""
    if "\\" not in raw:
        return raw, raw
    text: list[str] = []
    mask: list[str] = []
    position = 0
    while position < len(raw):
        character, following = raw[position], raw[position + 1 : position + 2]
        starts_word = is_word and position == 0
        is_escape = character == "\\" and (starts_word or not following.isalnum())
        if is_escape and following:
            text.append(following)
            mask.append("x")
            position += 2
        else:
            text.append(character)
            mask.append(character)
            position += 1
    return "".join(text), "".join(mask)


class LeafReader:
    """Reads leaves of one text, and reports what is wrong with them."""

    def __init__(self, text: str, findings: Findings) -> None:
        self._text = text
        self._report = findings.report
        self._hopeless_quotes: set[str] = set()
        self._regex_state_count = 0

    def read(self, position: int, *, field: str | None, is_in_field: bool) -> Leaf | None:
        """Returns the leaf that begins at ``position``, or None if none does.

        ``field`` is the field named right before it; ``is_in_field`` tells whether it or a group
        around puts the leaf in a field.
        """
        first = self._text[position : position + 1]
        quote_position = position + (first == "=")
        leaf: Leaf | None = None
        if self._text[quote_position : quote_position + 1] in QUOTES:
            leaf = self._quoted(position, quote_position, keeps_all=is_in_field)
            if leaf is None:
                return self._after_unclosed(quote_position + 1, is_in_field=is_in_field)
        elif first == "=":
            leaf = self._exact_word(position, keeps_all=is_in_field)
        elif first == "/":
            leaf = self._regex(position)
        elif first in ("[", "{"):
            leaf = self._range(position, field=field, is_in_field=is_in_field)
        elif first in ("<", ">") and is_in_field:
            leaf = self._comparison(position)
        return leaf or self._word(position, keeps_all=is_in_field)

    def word_end(self, position: int) -> int:
        """Returns where the run of text that begins at ``position`` ends."""
        run = _WORD.match(self._text, position)
        return run.end() if run else position

    # Quotes

    def _after_unclosed(self, position: int, *, is_in_field: bool) -> Leaf:
        leaf = self._word(position, keeps_all=is_in_field)
        return leaf or Leaf(None, position)

    def _match_quoted(self, position: int) -> re.Match[str] | None:
        opening = self._text[position]
        # Where one quote finds no partner, no later one will: without this, n quotes cost n².
        if opening not in self._hopeless_quotes:
            quoted = _QUOTED[opening].match(self._text, position)
            if quoted:
                return quoted
            self._hopeless_quotes.add(opening)
        self._report(
            "unclosed-quote",
            f"this {opening} has no partner; what follows is searched as words",
            (position, position + 1),
        )
        return None

    def _quoted(self, start: int, quote: int, *, keeps_all: bool) -> Leaf | None:
        quoted = self._match_quoted(quote)
        if quoted is None:
            return None
        text, mask = _resolve(quoted[1], is_word=False)
        is_exact = start != quote
        slop, leaf_end = (0, quoted.end()) if is_exact else self._slop(quoted.end())
        boost, end = self.read_boost(leaf_end)
        span = (start, leaf_end)
        if not is_wordy(mask) and not (keeps_all and mask.strip()):
            message = "nothing to search between these quotes"
            self._report("empty-phrase", message, span, severity="warning")
            return Leaf(None, end)
        if _STARRED.search(_PRODUCT.sub("x", mask)):
            message = "within quotes a * stands for itself: patterns are not expanded there"
            self._report("pattern-in-phrase", message, span, severity="warning")
        node = Exact(text, span=span) if is_exact else Phrase(text, slop, span=span)
        return Leaf(node, end, boost)

    def _slop(self, position: int) -> tuple[int, int]:
        suffix = _SLOP.match(self._text, position)
        if suffix is None:
            return 0, self._after_broken(_BROKEN_SLOP, position)
        slop = _bounded_int(suffix[1])
        if slop > limits.MAX_SLOP:
            self._report(
                "slop-too-large",
                f"a phrase stretches over at most {limits.MAX_SLOP} other positions",
                suffix.span(),
                exceeded=Exceeded("slop", limits.MAX_SLOP, slop),
            )
        return min(slop, limits.MAX_SLOP), suffix.end()

    def _after_broken(self, suffix: re.Pattern[str], position: int) -> int:
        """Returns the end of what was meant as a suffix at ``position``, which is left out."""
        found = suffix.match(self._text, position)
        if found is None:
            return position
        self._report_broken(found.span())
        return found.end()

    def _report_broken(self, span: Span) -> None:
        written = self._text[slice(*span)]
        expected = f"1 or {limits.MAX_EDITS} for a word, up to {limits.MAX_SLOP} for a phrase"
        if written.startswith("^"):
            expected = f"a number from 0 to {limits.MAX_BOOST:g}, such as 2.5"
        self._report("bad-suffix", f"{written} is left out: it takes {expected}", span)

    # Boosts

    def read_boost(self, position: int) -> tuple[float, int]:
        """Returns the factor of the ``^`` at ``position`` (1 where there is none) and its end."""
        suffix = _BOOST.match(self._text, position)
        if suffix is None:
            return 1.0, self._after_broken(_BROKEN_BOOST, position)
        return self._factor(suffix[1], suffix.span()), suffix.end()

    def _factor(self, digits: str, span: Span) -> float:
        factor = float(digits)
        if factor > limits.MAX_BOOST:
            allowed = int(limits.MAX_BOOST)
            self._report(
                "boost-too-large",
                f"a boost is at most {allowed}",
                span,
                exceeded=Exceeded("boost", allowed, _bounded_int(digits.partition(".")[0])),
            )
        return min(factor, limits.MAX_BOOST)

    # Words

    def _piece(self, position: int) -> _Piece | None:
        """Returns the run of text at ``position``, its boost split off."""
        run = _WORD.match(self._text, position)
        if run is None:
            return None
        text, mask = _resolve(run[0], is_word=True)
        boosted = _BOOSTED.fullmatch(mask)
        if boosted is None:
            kept = self._without_broken(_BROKENLY_BOOSTED, mask, run.end())
            kept = self._without_broken(_BROKENLY_FUZZY, mask[:kept], run.end() - len(mask) + kept)
            end = run.end() - (len(mask) - kept)
            return _Piece(text[:kept], mask[:kept], (position, end), None, run.end())
        # The suffix holds no escape, so it is as long in the query as in the mask.
        length = boosted.end(1)
        end = run.end() - (len(mask) - length)
        factor = self._factor(boosted[2], (end, run.end()))
        return _Piece(text[:length], boosted[1], (position, end), factor, run.end())

    def _without_broken(self, suffixed: re.Pattern[str], mask: str, end: int) -> int:
        """Returns how long a mask, which ends at ``end`` of the text, is without its suffix."""
        found = suffixed.fullmatch(mask)
        if found is None or not is_wordy(found[1]) or _FUZZY.fullmatch(mask):
            return len(mask)
        self._report_broken((end - (len(mask) - found.end(1)), end))
        return found.end(1)

    def _word(self, position: int, *, keeps_all: bool) -> Leaf | None:
        piece = self._piece(position)
        if piece is None:
            return None
        if piece.mask == "*":
            node: Query | None = Everything(span=piece.span)
        elif keeps_all or piece.boost is not None or is_wordy(piece.mask):
            node = self._fuzzy(piece) or self._wildcard(piece) or Word(piece.text, span=piece.span)
        else:
            node = None
        return Leaf(node, piece.end, 1.0 if piece.boost is None else piece.boost)

    def _exact_word(self, position: int, *, keeps_all: bool) -> Leaf | None:
        piece = self._piece(position + 1)
        if piece is None or not (keeps_all or is_wordy(piece.mask)):
            return None
        node = Exact(piece.text, span=(position, piece.span[1]))
        return Leaf(node, piece.end, 1.0 if piece.boost is None else piece.boost)

    def _fuzzy(self, piece: _Piece) -> Query | None:
        fuzzy = _FUZZY.fullmatch(piece.mask)
        if fuzzy is None or not is_wordy(fuzzy[1]):
            return None
        edits = _bounded_int(fuzzy[2]) if fuzzy[2] else 1
        kept = min(max(edits, 1), limits.MAX_EDITS)
        if edits != kept:
            exceeded = Exceeded("edits", limits.MAX_EDITS, edits) if edits else None
            self._report(
                "edits-out-of-range",
                f"a fuzzy word is 1 to {limits.MAX_EDITS} letters away; {kept} is taken",
                piece.span,
                exceeded=exceeded,
            )
        return Fuzzy(piece.text[: fuzzy.end(1)], kept, span=piece.span)

    def _wildcard(self, piece: _Piece) -> Query | None:
        # A star between two digits multiplies; two stars do not.
        mask = _PRODUCT.sub("x", piece.mask)
        is_final = piece.boost is None
        core = mask.rstrip(_TRAILING) if is_final else mask
        if "*" not in core and "?" not in core:
            return None
        if is_final:
            mask = mask.rstrip(_TRAILING.replace("?", ""))
        if not _PATTERN.fullmatch(mask):
            return None
        cells = [
            (character, shape in "*?") for character, shape in zip(piece.text, mask, strict=False)
        ]
        span = (piece.span[0], piece.span[1] - (len(piece.mask) - len(mask)))
        node = construction.wildcard(cells, span=span)
        return node if self._is_small(node, cells, span) else None

    def _is_small(self, node: Query, cells: list[tuple[str, bool]], span: Span) -> bool:
        # Each star is two states; one more accepts.
        count = len(cells) + cells.count(("*", True)) + 1
        if not isinstance(node, Wildcard) or count <= limits.MAX_PATTERN_STATES:
            return True
        self._report_too_large("pattern states", limits.MAX_PATTERN_STATES, count, span)
        return False

    # Expressions, ranges

    def _regex(self, position: int) -> Leaf | None:
        found = _REGEX.match(self._text, position)
        if found is None:
            return None
        boost, end = self.read_boost(found.end())
        node = self._checked_regex(found[1], found.span())
        return Leaf(node or Word(found[0], span=found.span()), end, boost)

    def _checked_regex(self, source: str, span: Span) -> Query | None:
        pattern = construction.bare_regex(source)
        if len(source) > limits.MAX_REGEX_CHARS:
            self._report_too_large("regex characters", limits.MAX_REGEX_CHARS, len(source), span)
            return None
        try:
            count = self._regex_state_count + regex_state_count(pattern)
        except PatternError as error:
            message = f"{error.problem} (character {error.offset} of the expression)"
            self._report("bad-regex", f"{message}; it is searched as words", span)
            return None
        if count > limits.MAX_PATTERN_STATES:
            self._report_too_large("pattern states", limits.MAX_PATTERN_STATES, count, span)
            return None
        self._regex_state_count = count
        return Regex(pattern, span=span)

    def _report_too_large(self, limit: str, allowed: int, found: int, span: Span) -> None:
        self._report(
            "pattern-too-large",
            f"at most {allowed} {limit} allowed, found {found}; it is searched as words",
            span,
            exceeded=Exceeded(limit, allowed, found),
        )

    def _range(self, position: int, *, field: str | None, is_in_field: bool) -> Leaf | None:
        found = _RANGE.match(self._text, position)
        if found is None:
            if field is not None:
                self._report(
                    "bad-range",
                    "a range is written [low TO high], with * for an open end",
                    (position, position + 1),
                )
            return None
        if not is_in_field:
            self._report(
                "range-without-field",
                "a range needs a field, as in anno:[2020 TO 2022]",
                found.span(),
            )
        boost, end = self.read_boost(found.end())
        low, high = _bound(found[2], found[3]), _bound(found[4], found[5])
        node = Range(
            low,
            high,
            includes_low=found[1] == "[" or low is None,
            includes_high=found[6] == "]" or high is None,
            span=found.span(),
        )
        return Leaf(node, end, boost)

    def _comparison(self, position: int) -> Leaf | None:
        sign = _COMPARISON.match(self._text, position)
        assert sign is not None
        value = self._compared(sign.end())
        if value is None:
            self._report("bad-range", "nothing right after this to compare with", sign.span())
            return None
        text, span_end, boost, end = value
        includes, span = bool(sign[2]), (position, span_end)
        if sign[1] == ">":
            node = Range(text, None, includes_low=includes, span=span)
        else:
            node = Range(None, text, includes_high=includes, span=span)
        return Leaf(node, end, boost)

    def _compared(self, position: int) -> tuple[str, int, float, int] | None:
        """Returns a compared value, its end, its boost, and the end of that."""
        if self._text[position : position + 1] in QUOTES:
            quoted = self._match_quoted(position)
            if quoted is not None:
                boost, end = self.read_boost(quoted.end())
                return _resolve(quoted[1], is_word=False)[0], quoted.end(), boost, end
            position += 1
        piece = self._piece(position)
        if piece is None:
            return None
        return piece.text, piece.span[1], 1.0 if piece.boost is None else piece.boost, piece.end


def _bound(bound: str, quoted: str | None) -> str | None:
    if quoted is not None:
        return _resolve(quoted, is_word=False)[0]
    return None if bound == "*" else bound


def _bounded_int(digits: str) -> int:
    # Beyond nine digits the limit is passed whatever they are, and int() would be quadratic.
    return int(digits) if len(digits) < 10 else 10**9
