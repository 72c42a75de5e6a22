"""Each limit on both of its sides, and hostile texts within all of them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pytest

from searchlib.errors import QueryError, QueryLimitError
from searchlib.query import (
    All,
    Boost,
    Fuzzy,
    In,
    Not,
    Phrase,
    Prefix,
    Query,
    Regex,
    Wildcard,
    Word,
    Words,
    canonical,
    parse,
)
from searchlib.query.limits import (
    MAX_CLAUSES,
    MAX_DEPTH,
    MAX_QUERY_BYTES,
    MAX_REGEX_CHARS,
    check_tree,
    measure,
)


def test_limits_are_the_documented_ones() -> None:
    """The limits that the design of the project fixes are these."""
    assert (MAX_QUERY_BYTES, MAX_DEPTH, MAX_CLAUSES) == (32_768, 64, 1_024)
    assert MAX_REGEX_CHARS == 1_000


AT_AND_OVER: dict[str, tuple[str, str, str, int]] = {
    "bytes": ("a" * 32_768, "a" * 32_769, "query bytes", 32_769),
    "bytes of accents": ("è" * 16_384, "è" * 16_385, "query bytes", 32_770),
    "groups": ("(" * 64 + "a" + ")" * 64, "(" * 65 + "a" + ")" * 65, "depth", 65),
    "negations": ("NOT " * 63 + "a", "NOT " * 64 + "a", "depth", 65),
    "clauses": ("ab " * 1_024, "ab " * 1_025, "clauses", 1_025),
    "regex characters": (f"/{'a' * 1_000}/", f"/{'a' * 1_001}/", "regex characters", 1_001),
    "regex states": ("/a{2047}/", "/a{2048}/", "pattern states", 2_049),
    "states of all": ("/a{2039}/ /[ab]{7}/", "/a{2039}/ /[ab]{8}/", "pattern states", 2_049),
    "wildcard states": (f"?{'a' * 2_046}", f"?{'a' * 2_047}", "pattern states", 2_049),
    "edits": ("misile~2", "misile~3", "edits", 3),
    "slop": ('"a b"~1000', '"a b"~1001', "slop", 1_001),
    "boost": ("a^1000", "a^1001", "boost", 1_001),
}


@pytest.mark.parametrize(
    ("at", "over", "limit", "found"), AT_AND_OVER.values(), ids=AT_AND_OVER.keys()
)
def test_a_limit_holds_on_both_sides(at: str, over: str, limit: str, found: int) -> None:
    """At a limit there is no remark; one beyond it is reported, and raised in strict mode.

    The error names the limit, what is allowed and what was found.
    """
    assert parse(at, strict=True).diagnostics == ()
    (finding,) = parse(over).diagnostics
    assert finding.exceeded is not None
    assert (finding.exceeded.limit, finding.exceeded.found) == (limit, found)
    with pytest.raises(QueryLimitError) as caught:
        parse(over, strict=True)
    error = caught.value
    assert (error.limit, error.found) == (limit, found)
    assert error.allowed == finding.exceeded.allowed < found
    assert error.query == over


CUT: dict[str, tuple[str, Query]] = {
    "a text is cut between characters": ("è" * 16_383 + "a€", Word("è" * 16_383 + "a")),
    "so is one of lone surrogates": ("\ud800" + "a" * 32_766, Word("\ud800" + "a" * 32_765)),
    "clauses stop at the limit": ("ab " * 2_000, Words((Word("ab"),) * 1_024)),
    "operators on the way do not count": (
        "a AND " * 1_100 + "a",
        Words((All((Word("a"),) * 1_024), Word("AND"))),
    ),
    "too deep a group leaves its words": (
        "(" * 70 + "a b" + ")" * 70 + " c",
        Words((Word("a"), Word("b"), Word("c"))),
    ),
    "too deep a tree leaves its words": ("NOT " * 80 + "a", Word("a")),
    "edits are cut": ("misile~9", Fuzzy("misile", 2)),
    "slop is cut": ('"a b"~999999999999', Phrase("a b", 1_000)),
    "boost is cut": ("a^" + "9" * 5_000, Boost(Word("a"), 1_000.0)),
    "a regex becomes a word": ("/a{2048}/", Word("/a{2048}/")),
    "a wildcard becomes a word": ("?" + "a" * 3_000, Word("?" + "a" * 3_000)),
}


@pytest.mark.parametrize(("text", "expected"), CUT.values(), ids=CUT.keys())
def test_beyond_a_limit_lenient_mode_searches_the_rest(text: str, expected: Query) -> None:
    """What keeps to the limit is searched."""
    assert parse(text).query == expected


def test_a_cut_is_blamed_before_what_it_causes() -> None:
    """Strict mode raises the limit, not the quote that the cut left open."""
    text = '"' + "a" * 40_000 + '"'
    codes = [finding.code for finding in parse(text).diagnostics]
    assert "unclosed-quote" in codes
    with pytest.raises(QueryLimitError, match="query bytes"):
        parse(text, strict=True)


@pytest.mark.parametrize("text", ['"a', "a AND", "titlo:a", "/[/", ""])
def test_an_error_that_is_no_limit_is_a_plain_query_error(text: str) -> None:
    """Strict mode raises QueryLimitError for limits only."""
    with pytest.raises(QueryError) as caught:
        parse(text, strict=True)
    assert not isinstance(caught.value, QueryLimitError)


def _nested(wrap: Callable[[Query], Query], *, depth: int) -> Query:
    tree: Query = Word("a")
    for _ in range(depth - 1):
        tree = wrap(tree)
    return tree


@pytest.mark.parametrize(
    "wrap", [Not, lambda inner: In("titolo", inner), lambda inner: Boost(inner, 2.0)]
)
def test_a_built_tree_keeps_to_the_depth(wrap: Callable[[Query], Query]) -> None:
    """A built tree passes at the depth limit and is refused beyond it, however deep."""
    check_tree(_nested(wrap, depth=MAX_DEPTH))
    for depth in (MAX_DEPTH + 1, 5_000):
        with pytest.raises(QueryLimitError) as caught:
            check_tree(_nested(wrap, depth=depth))
        assert (caught.value.limit, caught.value.found) == ("depth", depth)


def test_a_built_tree_keeps_to_the_clauses() -> None:
    """A tree that a program built passes at the limit of clauses and not one beyond it."""
    check_tree(Words((Word("a"),) * MAX_CLAUSES))
    with pytest.raises(QueryLimitError, match="clauses: at most 1024 allowed, found 1025"):
        check_tree(Words((Word("a"),) * (MAX_CLAUSES + 1)))


def test_a_tree_at_the_depth_limit_is_written_and_read_back() -> None:
    """The deepest tree allowed has a text, which parses to it again."""
    tree = _nested(lambda inner: In("titolo", Not(inner)), depth=32)
    tree = Not(tree)
    assert measure(tree) == (MAX_DEPTH, 1)
    assert parse(str(tree), fields=["titolo"], strict=True).query == tree


def test_canonical_keeps_numbers_within_their_limits() -> None:
    """A built tree over the limits of slop, edits and boost is brought to them."""
    assert canonical(Phrase("a b", 2_000)) == Phrase("a b", 1_000)
    assert canonical(Phrase("a b", -1)) == Phrase("a b", 0)
    assert canonical(Fuzzy("a", 5)) == Fuzzy("a", 2)
    assert canonical(Fuzzy("a", 0)) == Fuzzy("a", 1)
    assert canonical(Boost(Word("a"), 1e9)) == Boost(Word("a"), 1_000.0)
    assert canonical(Boost(Word("a"), -1.0)) == Boost(Word("a"), 0.0)


HOSTILE = [
    "(", ")", '"', "“", "«a", "+", "-", "- ", "+a ", "*", "? ", "\\", "\\\"", "/", "/a", "/a/ ",
    "[", "[a", "[ ", '["', '["\\"', "[a TO ", "{a TO b", "^", "^1", "~", "a~", "a^1 ", "=", '="',
    "titolo:", "titolo:(", "titolo:[", "titolo:>", 'titolo:"', "ignoto:a ", "NOT ", "NON ", "a E ",
    "AND ", "OR ", "a AND ", "(a OR ", "-(", "NOT (", "() ", "(a) ", "a*b?", "'", "\ud800", "\0",
    " ", "è", "(NOT titolo:(-a^2 OR ",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_is_linear_in_a_hostile_text(piece: str) -> None:
    """Four times the repetitions of any piece take about four times as long, not sixteen."""

    def cost_s(length: int) -> float:
        text = (piece * length)[:length]
        started = time.process_time()
        parse(text, fields=["titolo"])
        return time.process_time() - started

    # The constant absorbs what is too fast to time.
    short, long = min(cost_s(7_500) for _ in range(2)), min(cost_s(30_000) for _ in range(2))
    assert long < 9 * short + 0.05
    assert long < 2.0


@pytest.mark.parametrize("piece", ["(", "NOT ", "titolo:(", "-(", "(a OR (b AND NOT "])
def test_nesting_needs_no_stack(piece: str) -> None:
    """Ten thousand levels parse and write even where the interpreter has few frames left."""
    depth = 0
    frame = sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 60)
    try:
        parsed = parse(piece * 10_000 + "a", fields=["titolo"])
    finally:
        sys.setrecursionlimit(limit)
    assert any(finding.code == "too-deep" for finding in parsed.diagnostics)
    assert measure(parsed.query)[0] <= MAX_DEPTH


def test_a_megabyte_is_cut_before_it_is_read() -> None:
    """A text far beyond the limit costs little more than one at the limit."""
    started = time.process_time()
    parsed = parse("missili nord-coreani (" * 50_000)
    assert time.process_time() - started < 2.0
    assert parsed.diagnostics[-1].end == 22 * 50_000


@pytest.mark.parametrize("leaf", [Prefix("a"), Wildcard("a?b"), Regex("a.b")])
def test_patterns_count_as_clauses(leaf: Query) -> None:
    """A pattern is one leaf before it is expanded."""
    assert measure(Words((leaf, leaf))) == (2, 2)
