"""Patterns and distances, held against the standard library and against definitions."""

from __future__ import annotations

import re
import threading
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from searchlib.errors import SearchlibError
from searchlib.query.limits import MAX_PATTERN_STATES, MAX_REGEX_CHARS
from searchlib.query.patterns import (
    Automaton,
    PatternError,
    compile_regex,
    compile_wildcard,
    edit_distance,
    levenshtein_within,
    regex_state_count,
)

ALPHABET = "abcè1-"
WORDS = st.text(ALPHABET, max_size=8)

ATOMS = st.sampled_from(
    ["a", "b", "è", ".", "1", "\\d", "\\w", "\\s", "\\D", "\\W", "\\S", "\\.", "\\-", "[a-c]",
     "[^a-c]", "[b1è]", "[^\\d]", "[]a]", "[a-]", "[-a]", "[\\w-]", "()"]
)  # fmt: skip
COUNTS = st.sampled_from(
    ["", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,}", "{,2}", "{0,2}", "{1,3}?", "{0}"]
)


def _extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeated = st.builds("({}){}".format, inner, COUNTS)
    return st.one_of(
        repeated,
        st.builds("(?:{}){}".format, inner, COUNTS),
        st.builds("{}|{}".format, inner, inner),
        st.builds("{}{}".format, inner, inner),
    )


PATTERNS = st.recursive(st.builds("{}{}".format, ATOMS, COUNTS), _extend, max_leaves=6)


@given(PATTERNS, st.lists(WORDS, min_size=1, max_size=6))
@example("^a|b$", ["a", "b", "ab"])
@example("(a*)*b", ["aaab", "b", "a"])
def test_a_regex_accepts_what_re_matches_whole(pattern: str, words: list[str]) -> None:
    """On the syntax that both have, an automaton accepts exactly what re.fullmatch matches.

    Asked again, out of its cache, it answers the same.
    """
    automaton = compile_regex(pattern)
    expected = [re.fullmatch(pattern, word) is not None for word in words]
    assert [automaton.accepts(word) for word in words] == expected
    assert [automaton.accepts(word) for word in words] == expected


@given(PATTERNS, st.lists(WORDS, min_size=1, max_size=6))
def test_every_accepted_word_begins_with_the_literal(pattern: str, words: list[str]) -> None:
    """The literal is a prefix of each word that re matches whole."""
    literal = compile_regex(pattern).literal
    assert all(word.startswith(literal) for word in words if re.fullmatch(pattern, word))


@given(st.text("ab*?\\.", max_size=8), WORDS.map(lambda word: word.replace("c", ".")))
def test_a_wildcard_is_the_regex_it_abbreviates(pattern: str, word: str) -> None:
    """? is any one character and * any number, a backslash makes the next one literal."""
    signs = {"*": ".*", "?": "."}
    abbreviated = re.sub(
        r"\\(.)|(.)",
        lambda found: re.escape(found[1]) if found[1] else signs.get(found[2], re.escape(found[2])),
        pattern,
        flags=re.DOTALL,
    )
    assert compile_wildcard(pattern).accepts(word) == bool(re.fullmatch(abbreviated, word))


@pytest.mark.parametrize(
    ("automaton", "literal"),
    [
        (compile_regex("missil[ei]"), "missil"),
        (compile_regex("miss(ile|ili)"), "missil"),
        (compile_regex("a+b"), "a"),
        (compile_regex("(ab){3}c?"), "ababab"),
        (compile_regex("a|b"), ""),
        (compile_regex("missili?"), "missil"),
        (compile_regex("[m]iss"), ""),
        (compile_wildcard("m?ssile"), "m"),
        (compile_wildcard("*zione"), ""),
        (compile_wildcard(r"5\*3*"), "5*3"),
    ],
)
def test_literals_are_as_long_as_can_be_told(automaton: Automaton, literal: str) -> None:
    """The literal goes on while exactly one letter can follow."""
    assert automaton.literal == literal


def test_case_is_ignored_on_demand() -> None:
    """With ignore_case a pattern in capitals accepts case-folded words, and only those."""
    folded = compile_regex("MISS[A-I]LE|STRASSE|È.\\D", ignore_case=True)
    for word in ("missile", "missale", "strasse", "èxx"):
        assert folded.accepts(word)
    assert not folded.accepts("missole")
    assert not folded.accepts("èx1")
    assert compile_regex("straße", ignore_case=True).accepts("strasse")
    assert not compile_regex("[^A]", ignore_case=True).accepts("a")
    assert not compile_regex("A").accepts("a")
    assert not compile_regex("[R-T]", ignore_case=True).accepts("ß")


@pytest.mark.parametrize(
    ("pattern", "offset"),
    [
        ("miss(ile", 4),
        ("missile)", 7),
        ("miss[ile", 4),
        ("*zione", 0),
        ("a|*", 2),
        ("a**", 2),
        ("(+)", 1),
        ("a{3,2}", 1),
        ("a\\", 1),
        ("(a)\\1", 3),
        ("\\bmissile", 0),
        ("(?=a)", 0),
        ("(?<a>b)", 0),
        ("a^b", 1),
        ("a$b", 1),
        ("(a$)", 2),
        ("[c-a]", 1),
        ("[a-\\d]", 1),
        ("[\\b]", 1),
        ("(" * 21 + ")" * 21, 20),
        ("a" * (MAX_REGEX_CHARS + 1), MAX_REGEX_CHARS),
    ],
)
def test_what_is_no_pattern_is_refused_at_its_place(pattern: str, offset: int) -> None:
    """A pattern that cannot be compiled raises an error that knows where it goes wrong."""
    with pytest.raises(PatternError) as caught:
        compile_regex(pattern)
    assert (caught.value.pattern, caught.value.offset) == (pattern, offset)
    assert isinstance(caught.value, SearchlibError)
    assert isinstance(caught.value, ValueError)
    with pytest.raises(PatternError):
        regex_state_count(pattern)


@pytest.mark.parametrize("pattern", ["{}", "a{}", "a{b}", "{", "a{1", "a{1,b}", "]", "a}"])
def test_braces_that_count_nothing_are_letters(pattern: str) -> None:
    """A brace or bracket that is no count is itself, as in re."""
    assert compile_regex(pattern).accepts(pattern)
    assert re.fullmatch(pattern, pattern)


@given(st.text("ab.*+?()[]{}|^$\\d,2-:", max_size=12))
def test_any_text_compiles_or_is_refused(pattern: str) -> None:
    """No text makes the compiler fail in any other way than by PatternError within the text."""
    offset = 0
    try:
        compile_regex(pattern).accepts("ab")
    except PatternError as error:
        offset = error.offset
    assert 0 <= offset <= len(pattern)


@given(PATTERNS)
def test_states_are_counted_without_building_them(pattern: str) -> None:
    """The count that limits are checked against is the number of states built."""
    assert regex_state_count(pattern) == compile_regex(pattern).state_count


def test_the_limit_of_states_holds_on_both_sides() -> None:
    """A pattern may need as many states as the limit, and not one more, however nested."""
    assert compile_regex(f"a{{{MAX_PATTERN_STATES - 1}}}").state_count == MAX_PATTERN_STATES
    assert compile_wildcard("a" * (MAX_PATTERN_STATES - 1)).state_count == MAX_PATTERN_STATES
    too_large = [f"a{{{MAX_PATTERN_STATES}}}", "((a{99}){99}){99}", f"a{{{'9' * 900}}}"]
    for pattern in too_large:
        with pytest.raises(PatternError, match="states"):
            compile_regex(pattern)
    with pytest.raises(PatternError, match="states"):
        compile_wildcard("a" * MAX_PATTERN_STATES)


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*b", "(a*)*b", "(a?){500}a{500}", "(.*)*x", "(a|aa)+$", ".*.*.*.*x"]
)
def test_no_pattern_backtracks(pattern: str) -> None:
    """A word of n letters visits at most 2 (n + 1) times the states, not 2 to the power of n.

    A state is visited once as a reader and once as what a reader reaches.
    """
    automaton = compile_regex(pattern)
    before = automaton.visited_count
    word = "a" * 1_000 + "!"
    assert automaton.accepts(word) is False
    assert automaton.visited_count - before <= 2 * (len(word) + 1) * automaton.state_count


def test_the_cache_keeps_its_bound_and_its_answers() -> None:
    """An automaton that meets more letters than its cache holds goes on answering rightly."""
    automaton = compile_regex(".*è.{2}")
    for code_point in range(0x4E00, 0x4E00 + 12_000):
        assert automaton.accepts(f"è{chr(code_point)}a")
        assert not automaton.accepts(f"{chr(code_point)}a")
    assert automaton._cached_step_count <= 10_000


def test_threads_share_an_automaton() -> None:
    """Threads that use one automaton at once all get the right answers."""
    automaton = compile_regex("(a|b|ab)*c.{3}")
    words = [f"{'ab' * (number % 7)}c{number:03}" for number in range(500)]
    wrong: list[str] = []

    def ask() -> None:
        wrong.extend(word for word in words if not automaton.accepts(word))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def distance_by_definition(a: str, b: str) -> int:
    """Returns the optimal string alignment distance, read off its recursive definition."""

    @cache
    def between(i: int, j: int) -> int:
        if i == 0 or j == 0:
            return i + j
        options = [
            between(i - 1, j) + 1,
            between(i, j - 1) + 1,
            between(i - 1, j - 1) + (a[i - 1] != b[j - 1]),
        ]
        if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
            options.append(between(i - 2, j - 2) + 1)
        return min(options)

    return between(len(a), len(b))


NEAR = st.text("abè", max_size=7)


@given(NEAR, NEAR, st.integers(0, 4))
def test_a_distance_is_that_of_the_definition(a: str, b: str, limit: int) -> None:
    """Within the limit the distance is the defined one, beyond it there is none."""
    expected = distance_by_definition(a, b)
    assert edit_distance(a, b, limit=limit) == (expected if expected <= limit else None)
    assert levenshtein_within(a, b, limit) == (expected <= limit)


@given(NEAR, NEAR)
def test_a_distance_is_the_same_both_ways(a: str, b: str) -> None:
    """Distance is symmetric, and zero only between equal words."""
    assert edit_distance(a, b, limit=7) == edit_distance(b, a, limit=7)
    assert (edit_distance(a, b, limit=7) == 0) == (a == b)


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        ("missile", "misile", 1),
        ("misisle", "missile", 1),
        ("missile", "missili", 1),
        ("perche", "perché", 1),
        ("casa", "cosa", 1),
        ("ca", "abc", 3),  # 2 where a letter may be edited twice
        ("corea", "coera", 1),
        ("", "tre", 3),
    ],
)
def test_distances_counted_by_hand(a: str, b: str, distance: int) -> None:
    """Known pairs have the distance that one counts by hand."""
    assert edit_distance(a, b, limit=3) == distance
    assert not levenshtein_within(a, b, distance - 1)
