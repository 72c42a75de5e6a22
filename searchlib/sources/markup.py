"""Owns the text within markup: what a reader of a Markdown or HTML page sees, and its title.

Block elements end a line, spaces run together as a browser shows them, entities are characters.
What is no prose of the page (scripts, styles, navigation, templates) is left out.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from bs4.element import PageElement
    from markdown_it.token import Token

__all__ = ["declared_charset", "html_text", "markdown_text"]

HEAD_BYTES = 1024
"""Where a page has to declare its encoding (HTML standard, 4.2.5.4)."""

MAX_MARKDOWN_NESTING = 100
"""Lists and quotations within one another; the parser leaves out what is deeper, so we refuse."""

_CHARSET = re.compile(
    rb"""<meta[^>]{0,400}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE
)

_DROPPED = frozenset({
    "head", "iframe", "nav", "noscript", "object", "script", "style", "svg", "template",
    "title",
})  # fmt: skip

_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd",
    "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "legend", "li", "main", "ol",
    "option", "p", "pre", "section", "select", "summary", "table", "tbody", "tfoot", "thead",
    "tr", "ul",
})  # fmt: skip

_CONTAINERS = frozenset({"blockquote_open", "list_item_open"})
"""Markdown blocks that hold blocks."""

_CELLS = frozenset({"td", "th"})


def declared_charset(data: bytes) -> str | None:
    """Returns the encoding that an HTML page declares in its first 1,024 bytes, or None.

    >>> declared_charset(b'<html><meta charset="windows-1252">')
    'windows-1252'
    """
    found = _CHARSET.search(data[:HEAD_BYTES])
    return found[1].decode("ascii") if found else None


def html_text(page: str) -> tuple[str | None, str]:
    r"""Returns the title (``<title>``, else the first ``<h1>``) and the text of an HTML page.

    >>> html_text("<title>Avviso</title><p>L&rsquo;acqua <b>manca</b></p><p>fino alle 18</p>")
    ('Avviso', 'L’acqua manca\nfino alle 18')

    Raises:
        ValueError: the parser refuses the page; its text says why.
    """
    soup = _parse_html(page)
    title = None
    for name in ("title", "h1"):
        element = soup.find(name)
        if element is not None and title is None:
            title = " ".join(element.get_text().split()) or None
    return title, _visible(soup)


def markdown_text(page: str) -> tuple[str | None, str]:
    r"""Returns the first heading and the text of a Markdown page, without its markup.

    The words of links stay and their addresses go; code stays as it is.

    >>> markdown_text("# Il *pane*\n\nSi fa [in casa](https://esempio.it).")
    ('Il pane', 'Il pane\n\nSi fa in casa.')

    Raises:
        ValueError: blocks are nested too deep.
    """
    from markdown_it import MarkdownIt  # noqa: PLC0415  (a query reads no Markdown)

    parser = MarkdownIt("commonmark", {"maxNesting": MAX_MARKDOWN_NESTING})
    parser.enable(["table", "strikethrough"])
    blocks: list[str] = []
    title: str | None = None
    is_heading = False
    for token in parser.parse(page):
        if token.type in _CONTAINERS and token.level >= MAX_MARKDOWN_NESTING - 1:
            raise ValueError(f"more than {MAX_MARKDOWN_NESTING} blocks within one another")
        if token.type == "inline":
            text = _inline_text(token.children or ())
            if is_heading and title is None:
                title = " ".join(text.split()) or None
        elif token.type in ("fence", "code_block"):
            text = token.content
        elif token.type == "html_block":
            text = html_text(token.content)[1]
        else:
            text = ""
        is_heading = token.type == "heading_open"
        if text.strip():
            blocks.append(text.strip("\n"))
    return title, "\n\n".join(blocks)


def _inline_text(tokens: Iterable[Token]) -> str:
    parts: list[str] = []
    for token in tokens:
        if token.type in ("text", "code_inline", "text_special"):
            parts.append(token.content)
        elif token.type == "softbreak":
            parts.append(" ")
        elif token.type == "hardbreak" or token.content.lower().startswith("<br"):
            parts.append("\n")
        elif token.type == "image":
            parts.append(_inline_text(token.children or ()))
    return "".join(parts)


def _parse_html(page: str) -> BeautifulSoup:
    from bs4 import BeautifulSoup, ParserRejectedMarkup  # noqa: PLC0415  (as above)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its remarks on what a page might be instead
        try:
            return BeautifulSoup(page, "html.parser")
        except (ParserRejectedMarkup, AssertionError, RecursionError) as error:
            raise ValueError(f"not HTML that can be read: {error}") from error


def _visible(soup: BeautifulSoup) -> str:
    """The text of a tree, walked with a stack of our own: pages nest deeper than Python calls."""
    from bs4.element import NavigableString, PreformattedString, Tag  # noqa: PLC0415

    lines = _Lines()
    stack: list[PageElement | str] = [soup]
    while stack:
        element = stack.pop()
        if isinstance(element, Tag):
            if element.name in _DROPPED:
                continue
            if element.name in _BLOCKS:
                lines.end()
                stack.append("pre" if element.name == "pre" else "block")
            elif element.name in _CELLS:
                lines.add(" ")
            if element.name == "pre":
                lines.preformatted += 1
            stack.extend(reversed(element.contents))
        elif isinstance(element, PreformattedString):
            continue  # comments, declarations
        elif isinstance(element, NavigableString):
            lines.add(str(element))
        else:
            lines.end()
            lines.preformatted -= element == "pre"
    return lines.text()


class _Lines:
    """Lines under way; outside ``<pre>`` white space runs together."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._line: list[str] = []
        self.preformatted = 0

    def add(self, text: str) -> None:
        self._line.append(text)

    def end(self) -> None:
        joined = "".join(self._line)
        self._line.clear()
        line = joined.strip("\n") if self.preformatted else " ".join(joined.split())
        if line.strip():
            self._done.append(line)

    def text(self) -> str:
        self.end()
        return "\n".join(self._done)
