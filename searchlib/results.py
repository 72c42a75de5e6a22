"""Owns what a search gives back: results, hits, snippets, marks, explanations.

Values only: nothing here searches or highlights. A hit reaches its stored document, its snippets
and its explanation through the ``Page`` that it is on, which ``page`` implements. Rendering of a
snippet (HTML, terminal, Markdown) is here because it needs nothing but the snippet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, Protocol, overload

import attrs

from searchlib import arguments
from searchlib.errors import ArgumentError, ClosedError
from searchlib.query import Diagnostic

__all__ = ["Explanation", "Hit", "Mark", "Page", "Results", "Snippet"]

_MARKDOWN_SPECIAL = frozenset(r"\`*_[]<>|~$&")
_MARKDOWN_BLOCK_START = re.compile(r"\d{1,9}(?=[.)])|(?=[-+#=:])")
_CONTROLS = {code: " " for code in (*range(0x20), 0x7F, *range(0x80, 0xA0)) if code != 0x0A}
_CONTROLS_AND_LINE_BREAKS = {**_CONTROLS, 0x0A: " "}


class Mark(NamedTuple):
    """A stretch that matched: half-open code points in the snippet's text, and why.

    ``leaf`` is the leaf of the query that it answers, in the query language: ``missili``,
    ``"corea del nord"``, ``mis*``.

    >>> text = "un gatto"
    >>> mark = Mark(3, 8, "gatti")
    >>> text[mark.start : mark.end]
    'gatto'
    """

    start: int
    end: int
    leaf: str


@attrs.frozen(slots=True)
class Snippet:
    r"""An excerpt of one field with what matched in it.

    ``text`` is the plain excerpt; ``marks`` are sorted and do not overlap; ``start`` is where the
    excerpt begins in the field, in code points; ``truncated_start`` and ``truncated_end`` tell
    whether the field goes on before and after it. The renderings add an ellipsis there.

    >>> snippet = Snippet("il gatto & il topo", (Mark(3, 8, "gatti"),), truncated_end=True)
    >>> snippet.html()
    'il <mark>gatto</mark> &amp; il topo …'
    >>> snippet.markdown()
    'il **gatto** \\& il topo …'
    """

    text: str
    marks: tuple[Mark, ...] = ()
    start: int = 0
    truncated_start: bool = False
    truncated_end: bool = False

    def pieces(self) -> Iterator[tuple[str, Mark | None]]:
        """Yields the text cut at the marks, each piece with its mark or None."""
        done = 0
        for mark in self.marks:
            if mark.start > done:
                yield self.text[done : mark.start], None
            yield self.text[mark.start : mark.end], mark
            done = mark.end
        if done < len(self.text):
            yield self.text[done:], None

    def html(self, tag: str = "mark") -> str:
        """Returns the excerpt as HTML: everything escaped, each mark within ``<tag>``.

        ``& < > " '`` become character references, so the result is safe in element content and
        in quoted attributes. ``tag`` is an element name (ASCII letters and digits).

        >>> Snippet("<b>oro</b>", (Mark(3, 6, "oro"),)).html("em")
        '&lt;b&gt;<em>oro</em>&lt;/b&gt;'
        """
        arguments.string("tag", tag)
        if not (tag.isascii() and tag.isalnum() and tag[0].isalpha()):
            raise ArgumentError("tag", expected="an HTML element name", found=repr(tag))
        return self._render(_escape_html, f"<{tag}>", f"</{tag}>")

    def ansi(self) -> str:
        r"""Returns the excerpt for a terminal, marks in bold yellow.

        Control characters of the text are replaced by spaces, so that a document cannot drive
        the terminal.

        >>> Snippet("un gatto", (Mark(3, 8, "gatti"),)).ansi()
        'un \x1b[1;33mgatto\x1b[0m'
        """
        return self._render(lambda text: text.translate(_CONTROLS), "\x1b[1;33m", "\x1b[0m")

    def markdown(self) -> str:
        r"""Returns the excerpt as one line of Markdown: special characters escaped, marks in bold.

        Line breaks and other control characters become spaces. Marks that touch share one pair
        of ``**``. A CommonMark renderer gives the text back, bold exactly where it is marked.

        >>> Snippet("2*3 fa sei", (Mark(4, 6, "fa"),)).markdown()
        '2\\*3 **fa** sei'
        """
        text = self.text.translate(_CONTROLS_AND_LINE_BREAKS)
        escaped = _escape_markdown(text, is_line_start=not self.truncated_start)
        if text and not self.truncated_start:
            escaped[0] = _visible_space(text, 0, escaped)
        if text and not self.truncated_end:
            escaped[-1] = _visible_space(text, len(text) - 1, escaped)
        for start, end in _touching(self.marks):
            _delimit(text, escaped, start, end)
        return (
            ("… " if self.truncated_start else "")
            + "".join(escaped)
            + (" …" if self.truncated_end else "")
        )

    def _render(self, escape: Callable[[str], str], opening: str, closing: str) -> str:
        return self._with_ellipses(
            escape(text) if mark is None else opening + escape(text) + closing
            for text, mark in self.pieces()
        )

    def _with_ellipses(self, parts: Iterable[str]) -> str:
        before, after = "… " * self.truncated_start, " …" * self.truncated_end
        return before + "".join(parts) + after

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<p>{self.html()}</p>"


# HTML


def _escape_html(text: str) -> str:
    # Its module holds the names of all 2,231 entities: who asks for no HTML need not wait.
    from html import escape  # noqa: PLC0415

    return escape(text, quote=True)


# Markdown


def _escape_markdown(text: str, *, is_line_start: bool) -> list[str]:
    """Returns each character as Markdown that renders as it, in a paragraph of one line."""
    escaped = ["\\" + char if char in _MARKDOWN_SPECIAL else char for char in text]
    block = _MARKDOWN_BLOCK_START.match(text) if is_line_start else None
    if block:
        escaped[block.end()] = "\\" + text[block.end()]
    return escaped


def _reference(char: str) -> str:
    return f"&#{ord(char)};"


def _visible_space(text: str, at: int, escaped: Sequence[str]) -> str:
    """Returns a character at the edge of a paragraph such that it is not stripped."""
    return _reference(text[at]) if text[at].isspace() else escaped[at]


def _touching(marks: Sequence[Mark]) -> Iterator[tuple[int, int]]:
    """Yields the stretches that marks cover; ``****`` between two marks would be no delimiter."""
    start, end = 0, 0
    for mark in marks:
        if mark.start > end:
            if start < end:
                yield start, end
            start = mark.start
        end = mark.end
    if start < end:
        yield start, end


def _delimit(text: str, escaped: list[str], start: int, end: int) -> None:
    """Puts ``**`` around a stretch, written so that CommonMark takes them for delimiters.

    It does if the character inside is a letter or digit, or else if there is punctuation or space
    outside (CommonMark 0.31, 6.2, left- and right-flanking delimiter runs). A character reference
    begins and ends with punctuation: it stands in for what would spoil the rule.
    """
    for inside, outside in ((start, start - 1), (end - 1, end)):
        if text[inside].isspace():
            escaped[inside] = _reference(text[inside])
        if text[inside].isalnum() or not 0 <= outside < len(text):
            continue
        if not (text[outside].isspace() or _is_ascii_punctuation(text[outside])):
            escaped[outside] = _reference(text[outside])
    escaped[start] = "**" + escaped[start]
    escaped[end - 1] += "**"


def _is_ascii_punctuation(char: str) -> bool:
    return char.isascii() and char.isprintable() and not char.isalnum()


class Explanation(NamedTuple):
    """Why a hit has its score: a number, what it is in words, and the parts it is made of.

    The value of a sum is the sum of its parts; the text says which formula otherwise.

    >>> part = Explanation(1.2, "missili in testo")
    >>> print(Explanation(1.2, "somma", (part,)))
    1.2000  somma
      1.2000  missili in testo
    """

    value: float
    text: str
    parts: tuple[Explanation, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.value:.4f}  {self.text}"]
        for part in self.parts:
            lines += ["  " + line for line in str(part).splitlines()]
        return "\n".join(lines)


class Page(Protocol):
    """What the hits of one search have in common: where they get what they are asked for.

    Documents are named by their number in the snapshot that was searched.
    """

    def stored(self, number: int) -> Mapping[str, Any]:
        """Gives the stored fields of a document."""
        ...

    def document(self, number: int) -> Any:
        """Gives the stored document as the caller sees documents: a dict, or an instance."""
        ...

    def snippet(self, number: int, field: str, max_chars: int | None) -> Snippet:
        """Gives the passage of a field that answers the query best, or all of it for None."""
        ...

    def explain(self, number: int) -> Explanation:
        """Gives how the score of a document came about."""
        ...


@attrs.frozen(slots=True, eq=False, repr=False)
class Hit:
    """A document that matched, with its score.

    ``id`` is the document's key, ``score`` its relevance (comparable within one search only).
    ``hit["titolo"]`` is a stored field, ``hit.document`` the whole stored document: a dict, or an
    instance of the class that the index was opened with.

    >>> import searchlib, tempfile
    >>> schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
    >>> index = searchlib.create(tempfile.mkdtemp(), schema)
    >>> with index.writer() as writer:
    ...     writer.add({"id": "1", "testo": "Gli amici dell’università"})
    >>> (hit,) = index.search("amico")
    >>> hit.id, hit["testo"], hit.snippet("testo").html()
    ('1', 'Gli amici dell’università', 'Gli <mark>amici</mark> dell’università')
    """

    id: str
    score: float
    _number: int
    _page: Page

    @property
    def document(self) -> Any:
        """The stored document: a dict, or an instance of the index's document class."""
        return self._page.document(self._number)

    def __getitem__(self, field: str) -> Any:
        return self._page.stored(self._number)[field]

    def get(self, field: str, default: Any = None) -> Any:
        """Returns a stored field, or ``default`` where the document has none."""
        return self._page.stored(self._number).get(field, default)

    def snippet(self, field: str, max_chars: int = 200) -> Snippet:
        """Returns the passage of a stored text field that answers the query best.

        At most ``max_chars`` code points long (at least 1). Where nothing of the query is in the
        field, or its first 1,048,576 code points, its beginning, without marks.

        Raises:
            ArgumentError: no such stored text field, or ``max_chars`` below 1.
        """
        arguments.whole_number("max_chars", max_chars, least=1)
        return self._page.snippet(self._number, arguments.string("field", field), max_chars)

    def highlight(self, field: str) -> Snippet:
        """Returns the whole field with every match marked.

        Raises:
            ArgumentError: no such stored text field.
        """
        return self._page.snippet(self._number, arguments.string("field", field), None)

    def explain(self) -> Explanation:
        """Returns how the score came about, down to each word's statistics."""
        return self._page.explain(self._number)

    def __repr__(self) -> str:
        return f"<Hit {self.id!r} score {self.score:.4f}>"

    def _repr_html_(self) -> str:
        return f"<p>{self._summary_html()}</p>"

    def _summary_html(self) -> str:
        """Returns what a notebook shows of the hit: title, key, score, best passage, escaped.

        The title is the first stored text; the passage is of the next one that matched.
        """
        about = f"<small>{_escape_html(self.id)} · {self.score:.3f}</small>"
        passages = self._passages()
        if not passages:
            return about
        title, *others = passages
        if not others:
            return f"{about}<br>{title.html()}"
        body = next((passage for passage in others if passage.marks), others[0])
        return f"<b>{title.html()}</b> {about}<br>{body.html()}"

    def _passages(self) -> list[Snippet]:
        """A passage of each stored text that is not empty; none where the index was closed."""
        found: list[Snippet] = []
        try:
            stored = self._page.stored(self._number)
        except ClosedError:
            return found
        for field in (name for name, value in stored.items() if isinstance(value, str)):
            # Which fields are texts is known to the index alone.
            with suppress(ArgumentError):
                found.append(self.snippet(field))
        return [passage for passage in found if passage.text.strip()]


@attrs.frozen(slots=True, eq=False, repr=False)
class Results(Sequence[Hit]):
    """The hits of one page, best first, with what concerns the whole search.

    ``total`` counts every matching document, not only this page, and may do so when it is first
    asked for: a page is often found without; ``took_s`` is in seconds; ``facets`` maps a field to
    its values and their counts, most frequent first; ``diagnostics`` are remarks on the query
    text; ``partial`` is True when the deadline cut the search short, so that better hits may be
    missing and ``total`` is a lower bound.

    >>> results = Results(query="gatti", hits=(), total=0, took_s=0.001)
    >>> len(results), results.total, results
    (0, 0, <Results 'gatti': 0 of 0, 1.0 ms>)
    """

    query: str
    hits: tuple[Hit, ...]
    _total: int | Callable[[], int]
    took_s: float
    facets: Mapping[str, Mapping[Any, int]] = attrs.field(factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    partial: bool = False

    @property
    def total(self) -> int:
        """How many documents match, exactly; a lower bound where ``partial``.

        Raises:
            ClosedError: it was not asked for before the index was closed.
        """
        if not isinstance(self._total, int):
            # What it is has been settled by the search; this only remembers it.
            object.__setattr__(self, "_total", self._total())
        assert isinstance(self._total, int)
        return self._total

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Hit]: ...
    def __getitem__(self, index: int | slice) -> Hit | Sequence[Hit]:
        return self.hits[index]

    def __len__(self) -> int:
        return len(self.hits)

    def _total_shown(self) -> int | str:
        try:
            return self.total
        except ClosedError:
            return "?"

    def __repr__(self) -> str:
        cut = ", partial" if self.partial else ""
        return (
            f"<Results {self.query!r}: {len(self.hits)} of {self._total_shown()}, "
            f"{self.took_s * 1000:.1f} ms{cut}>"
        )

    def _repr_html_(self) -> str:
        total = self._total_shown()
        count = f"{total} document{'' if total == 1 else 's'}"
        hits = "".join(
            f"<p>{number}. {hit._summary_html()}</p>"
            for number, hit in enumerate(self.hits, start=1)
        )
        return f"<p>{count} for <b>{_escape_html(self.query)}</b></p>{hits}"
