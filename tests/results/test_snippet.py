"""Snippets: pieces and renderings; what a document holds never becomes markup or control codes."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser
from itertools import pairwise, product

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from searchlib.errors import ArgumentError
from searchlib.results import Mark, Snippet

MARKUP = "ab1é*_`[](){}<>#&;~|$!.:,-+=\\\"'/ \n\t\r\u00a0«»—😀\u0301"
texts = st.text(st.sampled_from(MARKUP), max_size=25) | st.text(max_size=25)


@st.composite
def snippets(draw: st.DrawFn) -> Snippet:
    """Draws a snippet of any text with any marks."""
    text = draw(texts)
    borders = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    marks = tuple(
        Mark(start, end, "foglia") for start, end in pairwise(borders) if draw(st.booleans())
    )
    return Snippet(
        text,
        marks,
        truncated_start=bool(text) and draw(st.booleans()),
        truncated_end=bool(text) and draw(st.booleans()),
    )


def expected(snippet: Snippet) -> list[tuple[str, bool]]:
    """Returns each character that a rendering shows, and whether it is marked."""
    shown = [
        (char, any(mark.start <= at < mark.end for mark in snippet.marks))
        for at, char in enumerate(snippet.text)
    ]
    before = [("…", False), (" ", False)] if snippet.truncated_start else []
    after = [(" ", False), ("…", False)] if snippet.truncated_end else []
    return before + shown + after


def with_spaces_for(controls: str, shown: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Returns the same with the control characters that a pattern matches as spaces."""
    return [(re.sub(controls, " ", char), marked) for char, marked in shown]


class Shown(HTMLParser):
    """What an HTML text shows: its characters, and which of them are within a tag."""

    def __init__(self, html: str, tag: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tag = tag
        self.open = 0
        self.tags: set[str] = set()
        self.characters: list[tuple[str, bool]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: object) -> None:
        """Counts the opening of the tag."""
        assert not attributes
        self.tags.add(tag)
        self.open += tag == self.tag

    def handle_endtag(self, tag: str) -> None:
        """Counts the closing of the tag."""
        self.open -= tag == self.tag

    def handle_data(self, data: str) -> None:
        """Keeps the characters."""
        self.characters += [(char, self.open > 0) for char in data]


@given(snippets())
def test_pieces_give_the_text_back(snippet: Snippet) -> None:
    """The pieces join to the text, and those with a mark are the marked stretches."""
    pieces = list(snippet.pieces())
    assert "".join(text for text, _ in pieces) == snippet.text == str(snippet)
    marked = [(text, mark) for text, mark in pieces if mark is not None]
    assert marked == [(snippet.text[mark.start : mark.end], mark) for mark in snippet.marks]
    assert all(text for text, _ in pieces)


# HTML


@given(snippets(), st.sampled_from(["mark", "em", "b", "h1"]))
def test_html_shows_the_text_and_only_the_tag(snippet: Snippet, tag: str) -> None:
    """Read as HTML, the rendering is the text, marked where it is, and no other markup."""
    shown = Shown(snippet.html(tag), tag)
    assert shown.characters == expected(snippet)
    assert shown.tags <= {tag}
    assert shown.open == 0


@given(snippets())
def test_html_has_no_bare_special_character(snippet: Snippet) -> None:
    """Without its own tags the rendering has none of the characters that HTML gives a meaning."""
    bare = snippet.html().replace("<mark>", "").replace("</mark>", "")
    assert not re.search(r"""[<>"']|&(?!(amp|lt|gt|quot|#x27);)""", bare)


PAYLOADS = [
    before + body + after
    for (before, after), body in product(
        [
            ("", ""),
            ('">', ""),
            ("'>", "<!--"),
            ("-->", "<x y='"),
            ("</mark>", "<mark>"),
            ("</textarea></title>", "&lt;"),
            ("&quot;&gt;", "&#60;"),
            ("<![CDATA[", "]]>"),
        ],
        [
            "<script>alert(1)</script>",
            "<ScRiPt src=//a.it></sCrIpT>",
            "<img src=x onerror=alert(1)>",
            "<svg/onload=alert(1)>",
            "<a href='javascript:alert(1)'>qui</a>",
            "<iframe srcdoc='<b>'></iframe>",
            "<math><mi xlink:href='data:,'>",
            "<style>*{color:red}</style>",
            "<body onload=alert`1`>",
            '<input autofocus onfocus="alert(1)">',
            "<<b>script>",
            "&lt;script&gt;",
            "&#x3c;b&#x3e;",
            "<b\u2028onclick=alert(1)>",
            "\uff1cb\uff1e",
        ],
    )
]


def test_there_are_enough_payloads() -> None:
    """At least a hundred different attacks are tried."""
    assert len(set(PAYLOADS)) >= 100


@pytest.mark.parametrize("body", range(15))
def test_no_attack_becomes_markup(body: int) -> None:
    """A browser's parser sees the text of each attack and no element, wherever marks cut it."""
    for payload in PAYLOADS[body::15]:
        for start in range(0, len(payload), 3):
            marks = (Mark(start, min(start + 4, len(payload)), "foglia"),)
            snippet = Snippet(payload, marks, truncated_end=True)
            tree = html5lib.parseFragment(snippet.html(), namespaceHTMLElements=False)
            elements = list(tree.iter())[1:]
            assert [element.tag for element in elements] == ["mark"]
            assert elements[0].text == payload[start : start + 4]
            assert not elements[0].attrib
            assert "".join(tree.itertext()) == payload + " …"


@pytest.mark.parametrize("quote", ['"', "'"])
def test_html_without_marks_is_safe_in_quoted_attributes(quote: str) -> None:
    """Within either kind of quotes the rendering stays the value of its attribute."""
    for payload in PAYLOADS:
        html = f"<p title={quote}{Snippet(payload).html()}{quote}>x</p>"
        paragraph = html5lib.parseFragment(html, namespaceHTMLElements=False)[0]
        assert paragraph.attrib == {"title": payload}
        assert paragraph.text == "x"


@pytest.mark.parametrize("tag", ["", "b onclick=x", "1b", "b>", "è", "mark/"])
def test_a_tag_that_is_no_element_name_is_refused(tag: str) -> None:
    """A tag with anything but ASCII letters and digits, letter first, is an ArgumentError."""
    with pytest.raises(ArgumentError, match="HTML element name"):
        Snippet("testo").html(tag)


def test_a_notebook_shows_a_paragraph() -> None:
    """In a notebook a snippet is a paragraph of its HTML."""
    assert Snippet("a<b", (Mark(0, 1, "a"),))._repr_html_() == "<p><mark>a</mark>&lt;b</p>"


# Markdown


@given(snippets())
def test_markdown_renders_to_the_text(snippet: Snippet) -> None:
    """CommonMark gives the text back, controls as spaces, strong exactly where it is marked."""
    shown = Shown(MarkdownIt("commonmark").enable("table").render(snippet.markdown()), "strong")
    assert shown.tags <= {"p", "strong"}
    controls = with_spaces_for(r"[\x00-\x1f\x7f-\x9f]", expected(snippet))
    assert shown.characters == controls + ([("\n", False)] if snippet.text else [])


@pytest.mark.parametrize(
    ("snippet", "markdown"),
    [
        (Snippet("un gatto nero", (Mark(3, 8, "gatto"),)), "un **gatto** nero"),
        (Snippet("dell'isola", (Mark(0, 5, "x"), Mark(5, 10, "y"))), "**dell'isola**"),
        (Snippet("dal sig. Rossi, p. 3 (n. 2)"), "dal sig. Rossi, p. 3 (n. 2)"),
        (Snippet("12. dicembre"), r"12\. dicembre"),
        (Snippet("12. dicembre", truncated_start=True), "… 12. dicembre"),
        (Snippet("- pane\n- latte"), r"\- pane - latte"),
        (Snippet("a«b»c", (Mark(1, 4, "b"),)), "&#97;**«b»**&#99;"),
        (Snippet("<b> & 5*3_2 `x` [y](z) a|b"), r"\<b\> \& 5\*3\_2 \`x\` \[y\](z) a\|b"),
    ],
)
def test_markdown_stays_readable(snippet: Snippet, markdown: str) -> None:
    """Only what Markdown would take for markup is escaped, and only where it would."""
    assert snippet.markdown() == markdown


# Terminal


@given(snippets())
def test_ansi_has_no_control_codes_of_the_text(snippet: Snippet) -> None:
    """Without the codes of marks the rendering is the text, controls but line breaks as spaces."""
    pieces = re.split(r"(\x1b\[1;33m|\x1b\[0m)", snippet.ansi())
    shown, is_marked = list[tuple[str, bool]](), False
    for piece in pieces:
        if piece.startswith("\x1b"):
            is_marked = piece.endswith("33m")
        else:
            shown += [(char, is_marked) for char in piece]
    assert shown == with_spaces_for(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", expected(snippet))
    assert all(char == "\n" or unicodedata.category(char) != "Cc" for char, _ in shown)


def test_ellipses_show_where_the_field_goes_on() -> None:
    """Every rendering has an ellipsis at a side where the excerpt was cut; the text has none."""
    snippet = Snippet("il gatto", truncated_start=True, truncated_end=True)
    renderings = {snippet.html(), snippet.ansi(), snippet.markdown()}
    assert renderings == {"… il gatto …"}
    assert snippet.text == "il gatto"
