"""Hits, results and explanations: what they give and what they ask their callables for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import html5lib
import pytest

from searchlib.errors import ArgumentError, ClosedError
from searchlib.results import Explanation, Hit, Results, Snippet

STORED = {"id": "n1", "titolo": "Missili", "testo": "Due missili."}


@attrs.frozen
class Notizia:
    """A document class of a user."""

    id: str
    titolo: str
    testo: str


class StoredPage:
    """A page of one stored document, which notes what it is asked for."""

    def __init__(self, score: float, asked: list[Any], document: Mapping[str, Any] | None) -> None:
        self.score = score
        self.asked = asked
        self._document = document

    def stored(self, number: int) -> Mapping[str, Any]:
        """Gives the one document, unless its index was closed."""
        if self._document is None:
            raise ClosedError("index", "it was closed")
        self.asked.append("load")
        return self._document

    def document(self, number: int) -> Notizia:
        """Gives the one document as an instance."""
        return Notizia(**self.stored(number))

    def snippet(self, number: int, field: str, max_chars: int | None) -> Snippet:
        """Gives the whole field as a snippet."""
        if field == "id":
            raise ArgumentError("field", expected="a stored text field", found="'id'")
        self.asked.append((field, max_chars))
        return Snippet(self.stored(number)[field])

    def explain(self, number: int) -> Explanation:
        """Gives the score alone."""
        return Explanation(self.score, "somma")


def make_hit(
    id: str = "n1",
    score: float = 1.5,
    asked: list[Any] | None = None,
    document: Mapping[str, Any] | None = STORED,
) -> Hit:
    """Returns a hit over a stored document that notes what it asks for; None is closed."""
    return Hit(id, score, 0, StoredPage(score, [] if asked is None else asked, document))


def make_results(*hits: Hit, **options: Any) -> Results:
    """Returns results of a query with markup in it."""
    return Results("<missili>", hits, options.pop("total", len(hits)), 0.0123, **options)


# Hit


def test_a_hit_reads_its_stored_fields() -> None:
    """A field is had by its name; a missing one raises KeyError, or gives a default with get."""
    hit = make_hit()
    assert hit["titolo"] == "Missili"
    assert hit.get("titolo") == "Missili"
    assert hit.get("autore") is None
    assert hit.get("autore", "ignoto") == "ignoto"
    with pytest.raises(KeyError, match="autore"):
        hit["autore"]


def test_a_hit_gives_its_document_as_the_class_of_the_index() -> None:
    """The document is made by the index's document class from every stored field."""
    assert make_hit().document == Notizia("n1", "Missili", "Due missili.")


def test_a_hit_loads_nothing_before_it_is_asked() -> None:
    """Identifier, score and explanation need no stored document."""
    asked: list[Any] = []
    hit = make_hit(asked=asked)
    assert (hit.id, hit.score, hit.explain().value) == ("n1", 1.5, 1.5)
    assert asked == []


def test_snippet_and_highlight_ask_for_a_length_or_for_all() -> None:
    """A snippet passes its length on, 200 by default; highlight passes no length."""
    asked: list[Any] = []
    hit = make_hit(asked=asked)
    assert hit.snippet("testo").text == "Due missili."
    hit.snippet("testo", max_chars=1)
    hit.highlight("titolo")
    assert [call for call in asked if call != "load"] == [
        ("testo", 200),
        ("testo", 1),
        ("titolo", None),
    ]


@pytest.mark.parametrize("max_chars", [0, -5])
def test_a_snippet_without_room_is_refused(max_chars: int) -> None:
    """A length below 1 is an ArgumentError that says what was found."""
    with pytest.raises(ArgumentError, match=str(max_chars)):
        make_hit().snippet("testo", max_chars)


def test_a_hit_is_shown_by_its_identifier_and_score() -> None:
    """The repr has the identifier and four decimals of the score."""
    assert repr(make_hit()) == "<Hit 'n1' score 1.5000>"


# Results


def test_results_are_a_sequence_of_hits() -> None:
    """Length, index, slice, iteration, membership and truth are those of the page's hits."""
    first, second = make_hit("n1"), make_hit("n2")
    results = make_results(first, second, total=10)
    assert len(results) == 2
    assert results[0] is first
    assert results[-1] is second
    assert list(results[1:]) == [second]
    assert list(results) == [first, second]
    assert second in results
    assert not make_results(total=10)


def test_results_are_shown_by_query_counts_and_time() -> None:
    """The repr has the query, the hits of all matches, milliseconds, and whether it is partial."""
    assert repr(make_results(make_hit(), total=7)) == "<Results '<missili>': 1 of 7, 12.3 ms>"
    partial = make_results(make_hit(), total=7, partial=True)
    assert repr(partial) == "<Results '<missili>': 1 of 7, 12.3 ms, partial>"


def test_a_total_is_counted_when_first_asked_for_and_only_then() -> None:
    """Taking hits off the page counts nothing; two questions for the total count once."""
    counted: list[int] = []

    def count() -> int:
        counted.append(7)
        return 7

    results = make_results(make_hit(), total=count)
    assert len(list(results)) == 1
    assert counted == []
    assert (results.total, results.total) == (7, 7)
    assert counted == [7]
    assert repr(results) == "<Results '<missili>': 1 of 7, 12.3 ms>"


def test_results_of_a_closed_index_are_shown_without_their_total() -> None:
    """A total that can no longer be counted raises; what is shown has a question mark for it."""

    def closed() -> int:
        raise ClosedError("index", "it was closed")

    results = make_results(make_hit(document=None), total=closed)
    assert repr(results) == "<Results '<missili>': 1 of ?, 12.3 ms>"
    assert shown(results._repr_html_())[0] == "? documents for <missili>"
    with pytest.raises(ClosedError):
        results.total  # noqa: B018


def shown(html: str) -> list[str]:
    """The text of each element right below the root of a fragment, which must have no markup."""
    tree = html5lib.parseFragment(html, namespaceHTMLElements=False)
    assert {element.tag for element in tree.iter() if isinstance(element.tag, str)} <= {
        "DOCUMENT_FRAGMENT", "p", "b", "br", "small", "ol", "li", "mark",
    }  # fmt: skip
    return ["".join(element.itertext()) for element in tree]


def test_a_notebook_shows_each_hit_by_number_title_passage_and_score() -> None:
    """The first stored text is the title; the next one that matched gives the passage."""
    html = make_results(make_hit(), make_hit("n2", 0.25), total=7)._repr_html_()
    assert shown(html) == [
        "7 documents for <missili>",
        "1. Missili n1 · 1.500Due missili.",
        "2. Missili n2 · 0.250Due missili.",
    ]
    assert shown(make_hit()._repr_html_()) == ["Missili n1 · 1.500Due missili."]
    assert shown(make_results(make_hit())._repr_html_())[0] == "1 document for <missili>"


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "</p><img src=x>", "'\"&<b>"])
def test_a_notebook_shows_hostile_text_as_text(hostile: str) -> None:
    """Keys, titles, passages and the query are escaped."""
    document = {"id": hostile, "titolo": hostile + "t", "testo": hostile + "x"}
    hit = make_hit(hostile, document=document)
    assert shown(hit._repr_html_()) == [f"{hostile}t {hostile} · 1.500{hostile}x"]
    results = Results(hostile, (hit,), 1, 0.1)
    assert shown(results._repr_html_()) == [
        f"1 document for {hostile}",
        f"1. {hostile}t {hostile} · 1.500{hostile}x",
    ]


def test_a_notebook_shows_a_hit_that_can_no_longer_be_read() -> None:
    """After the index was closed there is still the key and the score."""
    hit = make_hit(document=None)
    assert shown(hit._repr_html_()) == ["n1 · 1.500"]


# Explanation


def test_an_explanation_is_written_as_an_indented_tree() -> None:
    """Each part is a line with four decimals, two spaces deeper than what it is part of."""
    leaf = Explanation(0.5, "idf di missili")
    explanation = Explanation(2.0, "somma", (Explanation(1.5, "missili", (leaf,)), leaf))
    assert str(explanation).splitlines() == [
        "2.0000  somma",
        "  1.5000  missili",
        "    0.5000  idf di missili",
        "  0.5000  idf di missili",
    ]
