"""Laws of the query language that hold for every text and every tree."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from searchlib.errors import QueryError
from searchlib.query import (
    All,
    Any,
    Boost,
    Everything,
    Exact,
    Fuzzy,
    In,
    Not,
    Phrase,
    Prefix,
    Query,
    Range,
    Regex,
    Wildcard,
    Word,
    Words,
    canonical,
    parse,
    write,
)
from searchlib.query import tree as nodes
from searchlib.query.diagnostics import CODES
from searchlib.query.limits import MAX_CLAUSES, MAX_DEPTH, measure
from searchlib.query.tree import children

FIELDS = ("titolo", "anno", "a")

FRAGMENTS = st.sampled_from(
    [
        *"\"“”„«»()[]{}+-=/~^*?:\\<>!,.'’…—",
        *"aEO5 \t\n\0",
        "AND",
        "OR",
        "NOT",
        "NON",
        " E ",
        " AND ",
        " OR ",
        " NOT ",
        " TO ",
        "titolo:",
        "anno:",
        "ignoto:",
        ">=",
        "^2",
        "~1",
        "~12",
        "mis",
        "dell'arte",
        "perché",
        "e\u0301",
        "1.234,56",
        "[a TO b]",
        "/a+/",
        "https://",
        "\U0001f600",
        "\ud800",
    ]
)
ANY_TEXT = st.text(st.characters(codec=None), max_size=40)
QUERY_TEXT = st.lists(FRAGMENTS, max_size=14).map("".join)
TEXT = st.one_of(QUERY_TEXT, ANY_TEXT)

CONTENT = st.one_of(
    st.text(st.characters(codec=None), min_size=1, max_size=6),
    st.lists(FRAGMENTS, min_size=1, max_size=4).map("".join),
)
BOUND = st.one_of(st.none(), st.text(max_size=5), st.sampled_from(["*", "2020-01-01", 'a"b', "\\"]))
PATTERN = st.lists(
    st.sampled_from(["*", "?", "\\*", "\\?", "\\\\", "a", "5", ".", "'", "-", "è", "/", " ", '"']),
    min_size=1,
    max_size=6,
).map("".join)
REGEX = st.lists(
    st.sampled_from(
        ["a", "[a-c]", "(b|è)", "x*", ".", "\\.", "\\d", "/", "\\/", " ", '"', "(?:c){2}é"]
    ),
    min_size=1,
    max_size=5,
).map("".join)
LEAVES: st.SearchStrategy[Query] = st.one_of(
    CONTENT.map(Word),
    st.builds(Phrase, CONTENT, st.integers(0, 3)),
    CONTENT.map(Exact),
    CONTENT.map(Prefix),
    PATTERN.map(Wildcard),
    st.builds(Fuzzy, CONTENT, st.sampled_from([1, 2])),
    REGEX.map(Regex),
    st.builds(Range, BOUND, BOUND, st.booleans(), st.booleans()),
    st.just(Everything()),
    st.just(Words()),
)


def _compounds(inner: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    several = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Words, several, several, several),
        several.map(All),
        several.map(Any),
        inner.map(Not),
        st.builds(In, st.sampled_from(FIELDS), inner),
        st.builds(Boost, inner, st.floats(0, 1000)),
    )


TREES = st.recursive(LEAVES, _compounds, max_leaves=8)


def _nodes(query: Query) -> list[Query]:
    return [query, *(node for child in children(query) for node in _nodes(child))]


@given(TEXT)
def test_every_text_has_a_tree_in_canonical_form(text: str) -> None:
    """Lenient parsing never raises, and what it gives is canonical and within the limits."""
    query = parse(text, fields=FIELDS).query
    assert canonical(query) == query
    depth, leaf_count = measure(query)
    assert depth <= MAX_DEPTH
    assert leaf_count <= MAX_CLAUSES


@given(TEXT)
@example("GUERRA E PACE")
@example("a?b? mis*, 5*3 5**3")
@example("\\AND \\\\ C:\\temp")
@example("/a\\/b\\ c/ / /")
def test_a_parsed_text_is_written_so_that_it_parses_to_the_same_tree(text: str) -> None:
    """Writing the tree of any text gives a text of the same tree."""
    query = parse(text, fields=FIELDS).query
    assert parse(str(query), fields=FIELDS).query == query


@given(TREES)
@example(Word("AND"))
@example(Wildcard("5*3?"))
@example(Words((Not(Word("a")), Word("b")), (), (Words((Word("c"), Word("d"))),)))
@example(In("titolo", Boost(Wildcard("mis?"), 1.0)))
@example(Boost(In("titolo", Wildcard("mis?")), 2.0))
def test_a_tree_is_written_so_that_it_parses_to_its_canonical_form(tree: Query) -> None:
    """Parsing what was written of any tree gives the tree's canonical form."""
    assert parse(write(tree), fields=FIELDS).query == canonical(tree)


@given(TREES)
def test_a_tree_is_shown_as_the_expression_that_makes_it(tree: Query) -> None:
    """Evaluating what repr() shows gives the tree."""
    assert eval(repr(tree), vars(nodes)) == tree  # noqa: S307  (made here)


@given(TREES)
def test_canonical_form_is_a_fixed_point(tree: Query) -> None:
    """The canonical form of a canonical tree is that tree."""
    assert canonical(canonical(tree)) == canonical(tree)


@given(TREES)
@example(Wildcard("\\*\\*"))
def test_a_written_tree_has_no_error_but_that_of_its_content(tree: Query) -> None:
    """Writing makes no quote, bracket or operator that the parser has to mend."""
    codes = {finding.code for finding in parse(write(tree), fields=FIELDS).diagnostics}
    # The last is a warning that content within quotes deserves, however it is written.
    of_content = {"empty-query", "empty-group", "empty-phrase", "range-without-field"}
    assert codes <= of_content | {"pattern-in-phrase"}


@given(TEXT)
def test_strict_raises_exactly_where_lenient_finds_an_error(text: str) -> None:
    """Strict mode raises if and only if lenient mode has a diagnostic of severity error.

    The error carries the same diagnostics; without one both modes give the same.
    """
    lenient = parse(text, fields=FIELDS)
    if any(finding.severity == "error" for finding in lenient.diagnostics):
        with pytest.raises(QueryError) as caught:
            parse(text, fields=FIELDS, strict=True)
        first, *_ = caught.value.diagnostics
        assert sorted(map(repr, caught.value.diagnostics)) == sorted(map(repr, lenient.diagnostics))
        assert (caught.value.start, caught.value.end) == (first.start, first.end)
        assert caught.value.query == text
    else:
        assert parse(text, fields=FIELDS, strict=True) == lenient


@given(TEXT)
def test_diagnostics_are_known_ordered_and_within_the_text(text: str) -> None:
    """Each diagnostic has a documented code and a span of the text; they come in text order."""
    found = parse(text, fields=FIELDS).diagnostics
    assert {finding.code for finding in found} <= set(CODES)
    assert [finding.start for finding in found] == sorted(finding.start for finding in found)
    assert all(0 <= finding.start <= finding.end <= len(text) for finding in found)


@given(TEXT)
def test_spans_nest_within_the_text(text: str) -> None:
    """Every node of a parsed tree has a span within the text, and its children's lie inside."""
    query = parse(text, fields=FIELDS).query
    for node in _nodes(query):
        assert node.span is not None
        start, end = node.span
        assert 0 <= start <= end <= len(text)
        for child in children(node):
            assert child.span is not None
            assert start <= child.span[0] <= child.span[1] <= end


@given(TEXT)
def test_spans_of_leaves_hold_what_the_leaf_was_made_of(text: str) -> None:
    """The text at the span of a leaf is the leaf as typed: without escapes its very content."""
    for node in _nodes(parse(text, fields=FIELDS).query):
        assert node.span is not None
        typed = text[slice(*node.span)]
        if "\\" in typed:
            continue
        match node:
            case Word(content):
                assert typed == content
            case Prefix(content):
                assert typed.rstrip("*") == content
            case Fuzzy(content):
                assert typed.startswith(content + "~")
            case Phrase(content):
                assert typed[1:].startswith(content)
            case Exact(content):
                assert typed.startswith(("=" + content, typed[:2] + content))
            case Regex(pattern):
                assert typed == f"/{pattern}/"
            case Everything():
                assert typed in ("*", typed.rstrip(".,;:!…"))


WORDS = st.text(st.characters(categories=["Ll"], max_codepoint=0x17F), min_size=2, max_size=8)


@given(st.lists(WORDS, min_size=1, max_size=6))
def test_plain_words_stay_plain_words(words: list[str]) -> None:
    """A text of lower-case words is those words, in order, without a diagnostic."""
    parsed = parse(" ".join(words), fields=FIELDS)
    expected = [Word(word) for word in words]
    assert parsed.query == (Words(tuple(expected)) if len(words) > 1 else expected[0])
    assert parsed.diagnostics == ()


@given(TEXT, TEXT)
def test_a_quote_has_the_same_meaning_in_every_style(before: str, content: str) -> None:
    """Straight, curly and angle quotes make the same phrase of a text without quotes."""
    plain = "".join(char for char in content if char not in '"“”„«»\\')
    straight = parse(f'"{plain}"', fields=FIELDS).query
    assert parse(f"“{plain}”", fields=FIELDS).query == straight
    assert parse(f"«{plain}»", fields=FIELDS).query == straight
    assert parse(f"„{plain}“", fields=FIELDS).query == straight
