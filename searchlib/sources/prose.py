"""Owns files of one document each: plain text, Markdown, HTML."""

from __future__ import annotations

from pathlib import Path

from searchlib.errors import SourceError
from searchlib.sources.decoding import decode
from searchlib.sources.markup import declared_charset, html_text, markdown_text
from searchlib.sources.values import Document, Source, SourceKind

__all__ = ["MAX_TITLE_CHARS", "read_prose", "title_of"]

MAX_TITLE_CHARS = 120
"""A longer first line is a paragraph: its beginning is the title, up to the end of a word."""


def title_of(text: str) -> str:
    r"""Returns the first line of a text that is not blank, cut to a title's length.

    >>> title_of("\n  Avviso ai soci\nL'assemblea si tiene domani.")
    'Avviso ai soci'
    """
    for line in text.splitlines():
        title = " ".join(line.split())
        if len(title) > MAX_TITLE_CHARS:
            cut = title[:MAX_TITLE_CHARS]
            return (cut.rpartition(" ")[0] or cut) + " …"
        if title:
            return title
    return ""


def read_prose(data: bytes, source: Source, *, encoding: str | None) -> Document:
    """Returns the document of a whole file; line ends become line feeds.

    Raises:
        SourceError: the bytes are no text, the markup cannot be read, or there is no text in it.
    """
    is_html = source.kind is SourceKind.HTML
    declared = declared_charset(data) if is_html else None
    page = decode(data, path=source.path, named=encoding, declared=declared)
    page = page.replace("\r\n", "\n").replace("\r", "\n")
    title: str | None = None
    text = page
    try:
        if is_html:
            title, text = html_text(page)
        elif source.kind is SourceKind.MARKDOWN:
            title, text = markdown_text(page)
    except (ValueError, RecursionError) as error:
        raise SourceError(source.path, problem=str(error)) from error
    if not text.strip():
        raise SourceError(source.path, problem="no text in it")
    values = {
        "id": source.name,
        "titolo": title_of(title or text),
        "testo": text,
        "percorso": source.name,
    }
    if folder := Path(source.name).parent.name:
        values["fonte"] = folder
    return Document(values, len(data))
