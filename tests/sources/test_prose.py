"""Files of one document: what of a text, Markdown or HTML page becomes the document."""

from __future__ import annotations

import contextlib
import html
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from searchlib.errors import EncodingError, SourceError
from searchlib.sources import DOCUMENTS, Document, Source, SourceKind
from searchlib.sources.markup import html_text, markdown_text
from searchlib.sources.prose import MAX_TITLE_CHARS, read_prose, title_of

PROSE = st.sampled_from([SourceKind.TEXT, SourceKind.MARKDOWN, SourceKind.HTML])


def read(data: bytes | str, kind: SourceKind, *, encoding: str | None = None) -> Document:
    """The document of a file ``lettere/1957.<kind>``."""
    if isinstance(data, str):
        data = data.encode()
    name = f"lettere/1957.{kind.value}"
    return read_prose(data, Source(Path(name), name, kind), encoding=encoding)


@given(st.text())
@example("Marcinelle\r\n17 febbraio 1957\rCara Ninetta")
def test_a_text_file_gives_its_text_back(text: str) -> None:
    """All of it, with line ends as line feeds, whatever characters it holds."""
    assume("\0" not in text and not text.startswith("\ufeff") and text.strip())
    document = read(text, SourceKind.TEXT)
    assert document.values["testo"] == text.replace("\r\n", "\n").replace("\r", "\n")


@given(st.text())
def test_escaped_text_in_a_paragraph_is_read_back(text: str) -> None:
    """Escaping and reading HTML are inverse to each other, white space apart."""
    assume("\0" not in text)
    assert html_text(f"<p>{html.escape(text)}</p>")[1].split() == text.split()


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1), min_size=1))
def test_words_in_markdown_are_read_back(words: list[str]) -> None:
    """Words alone have no markup: they come out as they went in, whatever is put round them."""
    plain = " ".join(words)
    for page in (plain, f"**{plain}**", f"> {plain}", f"[{plain}](https://esempio.it/via)"):
        assert markdown_text(page)[1].split() == plain.split()


@given(st.binary(max_size=600), PROSE)
@example(b"<![endif", SourceKind.HTML)
@example(b"<!" * 50, SourceKind.HTML)
@example(b"&#x110000; &#0; &#xD800;", SourceKind.HTML)
@example(b"[[[[[[](((((", SourceKind.MARKDOWN)
def test_any_bytes_are_a_document_or_a_source_error(data: bytes, kind: SourceKind) -> None:
    """Never another exception; and a document always has text and fits the schema."""
    with contextlib.suppress(SourceError):
        assert DOCUMENTS.validate(read(data, kind).values)["testo"].strip()


@given(st.text(st.sampled_from("<>/!-[]&#;px ab'\"=\n`*_>|"), max_size=80), PROSE)
def test_any_markup_is_a_document_or_a_source_error(page: str, kind: SourceKind) -> None:
    """As above, of what looks like markup."""
    with contextlib.suppress(SourceError):
        assert DOCUMENTS.validate(read(page, kind).values)["testo"].strip()


def test_the_document_of_a_text_file() -> None:
    """The key and the path are its name, the title its first line, the source its folder."""
    document = read("\n  Marcinelle, 17 febbraio 1957 \n\nCara Ninetta,\n", SourceKind.TEXT)
    assert document.values == {
        "id": "lettere/1957.txt",
        "titolo": "Marcinelle, 17 febbraio 1957",
        "testo": "\n  Marcinelle, 17 febbraio 1957 \n\nCara Ninetta,\n",
        "percorso": "lettere/1957.txt",
        "fonte": "lettere",
    }


def test_a_file_of_the_current_folder_has_no_source() -> None:
    """There is no folder to name."""
    document = read_prose(b"Prova.", Source(Path("a.txt"), "a.txt", SourceKind.TEXT), encoding=None)
    assert "fonte" not in document.values


def test_a_long_first_line_is_cut_at_a_word() -> None:
    """It is a paragraph; its beginning stands for a title."""
    title = title_of("parola " * 40)
    assert title == "parola " * 16 + "parola …"
    assert len(title) <= MAX_TITLE_CHARS + 2
    assert title_of("a" * 300) == "a" * MAX_TITLE_CHARS + " …"


HTML_PAGE = """<!DOCTYPE html>
<html><head><title>Avviso &egrave; urgente</title><style>p {color: red}</style>
<script>var testo = "<p>no</p>";</script></head>
<body><nav><a href="/">Casa</a></nav><!-- commento -->
<h1>L&rsquo;acqua   manca</h1>
<p>Domani, <b>mar</b>tedì<br>dalle 8
alle 18.</p>
<ul><li>via Roma</li><li>via Po</li></ul>
<table><tr><td>Zona</td><td>Nord</td></tr></table>
<template><p>mai</p></template>
<pre>riga  uno
  riga due</pre><p>Fine</p></body></html>"""


def test_a_page_gives_what_its_reader_sees() -> None:
    """Blocks are lines, inline marks join, entities are characters, scripts and menus are gone."""
    document = read(HTML_PAGE, SourceKind.HTML)
    assert document.values["titolo"] == "Avviso è urgente"
    assert document.values["testo"] == (
        "L’acqua manca\nDomani, martedì\ndalle 8 alle 18.\nvia Roma\nvia Po\nZona Nord\n"
        "riga  uno\n  riga due\nFine"
    )


def test_a_page_without_a_title_has_its_heading_or_its_first_line() -> None:
    """In this order."""
    assert read("<p>Prima<h1>Il titolo</h1>", SourceKind.HTML).values["titolo"] == "Il titolo"
    assert read("<p>Prima<p>Dopo", SourceKind.HTML).values["titolo"] == "Prima"


def test_a_page_is_read_in_the_encoding_that_it_declares() -> None:
    """Where it is not UTF-8, whatever it says."""
    page = '<meta charset="iso-8859-2"><p>ľudia číže'
    assert read(page.encode("iso-8859-2"), SourceKind.HTML).values["testo"] == "ľudia číže"
    assert read(page, SourceKind.HTML).values["testo"] == "ľudia číže"


def test_a_page_nested_deeper_than_python_calls_is_read() -> None:
    """Ten thousand elements within one another need no recursion."""
    page = "<div>" * 10_000 + "perché" + "</div>" * 10_000
    assert html_text(page) == (None, "perché")


MARKDOWN_PAGE = """Premessa di una riga
che continua qui.

# Il *pane* di `casa`

Si fa con la [farina](https://esempio.it "titolo") e l\\*acqua &egrave; &lt;tiepida&gt;.\\
A capo.

- primo
- ![una pagnotta](foto.jpg) <b>cotta</b>

| dose | peso |
|------|------|
| due  | 1 kg |

```python
forno = 220  # *gradi*
```

<div>Nota <em>finale</em></div>
"""


def test_a_markdown_page_gives_its_words_without_markup() -> None:
    """Links give their words, images what they show, code stays as it is."""
    document = read(MARKDOWN_PAGE, SourceKind.MARKDOWN)
    assert document.values["titolo"] == "Il pane di casa"
    assert document.values["testo"].split("\n\n") == [
        "Premessa di una riga che continua qui.",
        "Il pane di casa",
        "Si fa con la farina e l*acqua è <tiepida>.\nA capo.",
        "primo",
        "una pagnotta cotta",
        "dose",
        "peso",
        "due",
        "1 kg",
        "forno = 220  # *gradi*",
        "Nota finale",
    ]


def test_markdown_nested_too_deep_is_refused() -> None:
    """Its parser would leave the rest out, which nobody would notice."""
    with pytest.raises(SourceError, match="blocks within one another"):
        read("> " * 200 + "mai letto", SourceKind.MARKDOWN)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", SourceKind.TEXT),
        (b" \n\t\r\n", SourceKind.TEXT),
        (b"\xef\xbb\xbf", SourceKind.TEXT),
        (b"<head><title>Solo titolo</title></head><script>x</script>", SourceKind.HTML),
        (b"<!-- solo un commento -->", SourceKind.MARKDOWN),
    ],
)
def test_a_file_without_text_is_refused(data: bytes, kind: SourceKind) -> None:
    """An empty document would be found by nothing."""
    with pytest.raises(SourceError, match="no text in it"):
        read(data, kind)


def test_a_binary_file_is_refused() -> None:
    """Whatever its suffix says."""
    with pytest.raises(EncodingError, match="NUL"):
        read(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", SourceKind.TEXT)
