"""Marks against a brute-force model: every mark has a cause, every matching leaf a mark."""

from __future__ import annotations

from itertools import product

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchlib.analysis import Analyzer, Token
from searchlib.highlight import highlight
from searchlib.query import tree
from searchlib.query.plan import (
    AllDocuments,
    AnyForm,
    Combination,
    Form,
    Leaf,
    NoDocuments,
    Phrase,
    Plan,
    Range,
    Term,
    Value,
    leaves,
)

FIELD = "testo"
FORMS = ("anno", "anni", "due", "tre")
COMPOUND = "anno-due"


def term_of(form: str) -> str:
    """Returns the invented term of a form: anno and anni share one."""
    return form[:3]


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, list[Token]]:
    """Draws a text of few words, some of them compounds, with its tokens."""
    text, tokens, position = "", list[Token](), 0
    for word in draw(st.lists(st.sampled_from((*FORMS, COMPOUND)), max_size=12)):
        text += draw(st.sampled_from(("", " ", ". "))) if text else ""
        parts = word.split("-")
        if len(parts) > 1:
            tokens.append(_token(word, position, len(text), positions=len(parts)))
        start = len(text)
        for part in parts:
            tokens.append(_token(part, position, start))
            position += 1
            start += len(part) + 1
        text += word
    return text, tokens


def _token(form: str, position: int, start: int, *, positions: int = 1) -> Token:
    end = start + len(form)
    return Token(form, form, term_of(form), position, start, end, positions)


def _phrase(words: list[tuple[int, str]], slop: int, exact: bool) -> Phrase:
    offsets, total = [], 0
    for gap, word in words:
        offsets.append((total, word if exact else term_of(word)))
        total += gap
    return Phrase(FIELD, tuple(offsets), slop=slop, exact=exact)


words = st.sampled_from((*FORMS, COMPOUND))
marking = st.one_of(
    words.map(lambda word: Term(FIELD, term_of(word))),
    words.map(lambda word: Form(FIELD, word)),
    st.sets(words, max_size=3).map(lambda forms: AnyForm(FIELD, tuple(sorted(forms)))),
    st.builds(
        _phrase,
        st.lists(st.tuples(st.sampled_from((1, 1, 1, 2)), words), min_size=1, max_size=4),
        st.integers(0, 3),
        st.booleans(),
    ),
)
unmarking: st.SearchStrategy[Leaf] = st.one_of(
    words.map(lambda word: Form("titolo", word)),
    words.map(lambda word: Value(FIELD, word)),
    st.just(Range(FIELD, low="a")),
    st.just(AllDocuments()),
    st.just(NoDocuments()),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draws a plan whose leaves stem from the words foglia0, foglia1, ... of the query."""
    numbers = iter(range(1000))

    def group() -> tuple[Plan, ...]:
        drawn = draw(st.lists(marking | unmarking, max_size=3))
        return tuple(attrs.evolve(leaf, source=_source(next(numbers))) for leaf in drawn)

    inner = Combination(required=group(), excluded=group())
    return Combination(required=group(), optional=(*group(), inner), excluded=group())


def _source(number: int) -> tree.Query:
    return tree.Word(f"foglia{number}")


def stretches(leaf: Leaf, tokens: list[Token]) -> list[tuple[int, int]]:
    """Returns what a leaf matches, straight from the definitions, as half-open code points."""
    if isinstance(leaf, (AllDocuments, NoDocuments)) or leaf.field != FIELD:
        return []
    match leaf:
        case Term():
            return [(token.start, token.end) for token in tokens if token.term == leaf.term]
        case Form():
            return [(token.start, token.end) for token in tokens if token.form == leaf.form]
        case AnyForm():
            return [(token.start, token.end) for token in tokens if token.form in leaf.forms]
        case Phrase():
            return phrase_stretches(leaf, tokens)
    return []


def phrase_stretches(phrase: Phrase, tokens: list[Token]) -> list[tuple[int, int]]:
    """Tries every choice of one token for each word."""
    found = []
    candidates = [
        [token for token in tokens if word == (token.form if phrase.exact else token.term)]
        for _, word in phrase.words
    ]
    for chosen in product(*candidates):
        extras = [
            (chosen[i + 1].position - chosen[i].position)
            - (phrase.words[i + 1][0] - phrase.words[i][0])
            for i in range(len(chosen) - 1)
        ]
        if all(extra >= 0 for extra in extras) and sum(extras) <= phrase.slop:
            if sum(extras) == 0:
                found.append((chosen[0].start, chosen[-1].end))
            else:
                found += [(token.start, token.end) for token in chosen]
    return found


def causes(plan: Plan, tokens: list[Token]) -> dict[str, list[tuple[int, int]]]:
    """Returns what each leaf that is not excluded matches, under the text of its source."""
    return {
        str(leaf.source): stretches(leaf, tokens)
        for leaf in leaves(plan)
        if leaf.source is not None
    }


@given(texts(), plans())
def test_marks_are_sorted_disjoint_and_inside(
    given_text: tuple[str, list[Token]], plan: Plan
) -> None:
    """Marks are non-empty, sorted, inside the text and do not overlap."""
    text, tokens = given_text
    done = 0
    for mark in highlight(text, tokens, plan, field=FIELD).marks:
        assert done <= mark.start < mark.end <= len(text)
        done = mark.end


@given(texts(), plans())
def test_every_mark_has_a_cause(given_text: tuple[str, list[Token]], plan: Plan) -> None:
    """Each code point of a mark lies in something that the mark's own leaf matches."""
    text, tokens = given_text
    found = causes(plan, tokens)
    for mark in highlight(text, tokens, plan, field=FIELD).marks:
        assert all(
            any(start <= at < end for start, end in found[mark.leaf])
            for at in range(mark.start, mark.end)
        )


@given(texts(), plans())
def test_every_word_that_a_leaf_matches_is_marked(
    given_text: tuple[str, list[Token]], plan: Plan
) -> None:
    """Each word within what some leaf matches is within a mark, whole; a compound by its parts."""
    text, tokens = given_text
    marks = highlight(text, tokens, plan, field=FIELD).marks
    marked = {at for mark in marks for at in range(mark.start, mark.end)}
    for matched in causes(plan, tokens).values():
        for token in [token for token in tokens if token.positions == 1]:
            if any(start <= token.start and token.end <= end for start, end in matched):
                assert marked.issuperset(range(token.start, token.end))


@given(texts(), plans())
def test_what_no_other_leaf_overlaps_has_its_own_mark(
    given_text: tuple[str, list[Token]], plan: Plan
) -> None:
    """What one leaf alone matches is within one mark of that leaf."""
    text, tokens = given_text
    marks = highlight(text, tokens, plan, field=FIELD).marks
    found = causes(plan, tokens)
    for leaf, matched in found.items():
        others = [stretch for other in found if other != leaf for stretch in found[other]]
        for start, end in matched:
            if all(other_end <= start or end <= other_start for other_start, other_end in others):
                assert any(
                    mark.leaf == leaf and mark.start <= start and end <= mark.end for mark in marks
                )


@given(texts(), plans())
def test_the_longest_match_is_marked_whole(given_text: tuple[str, list[Token]], plan: Plan) -> None:
    """Of all that matches, the longest stretch, united with its leaf's overlaps, is one mark."""
    text, tokens = given_text
    united = [
        (end - start, start, end)
        for matched in causes(plan, tokens).values()
        for start, end in _united(matched)
    ]
    if united:
        _, start, end = max(united)
        marks = highlight(text, tokens, plan, field=FIELD).marks
        assert (start, end) in [(mark.start, mark.end) for mark in marks]


def _united(matched: list[tuple[int, int]]) -> list[tuple[int, int]]:
    united: list[tuple[int, int]] = []
    for start, end in sorted(matched):
        if united and start < united[-1][1]:
            united[-1] = united[-1][0], max(end, united[-1][1])
        else:
            united.append((start, end))
    return united


TEXT = "La Corea del Nord e il nord: Muhajir-6, il Muhajir della Corea, forse, del Nord."


def marked(plan: Plan, text: str = TEXT) -> list[tuple[str, str]]:
    """Returns each marked stretch of an analysed text with its leaf."""
    snippet = highlight(text, Analyzer().analyze(text), plan, field=FIELD)
    return [(snippet.text[mark.start : mark.end], mark.leaf) for mark in snippet.marks]


def term(word: str) -> str:
    """Returns the index term of a single word."""
    return Analyzer().analyze(word)[0].term


def phrase(text: str, slop: int = 0) -> Phrase:
    """Returns the phrase of a text without compounds."""
    found = tuple((token.position, token.term) for token in Analyzer().analyze(text))
    return Phrase(FIELD, found, slop=slop, source=tree.Phrase(text, slop))


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        pytest.param(
            Combination(optional=(Term(FIELD, term("nord")), phrase("corea del nord"))),
            [
                ("Corea del Nord", '"corea del nord"'),
                ("nord", term("nord")),
                ("Nord", term("nord")),
            ],
            id="a phrase is one mark and hides its words, other places of them stay",
        ),
        pytest.param(
            phrase("corea del nord", 1),
            [
                ("Corea del Nord", '"corea del nord"~1'),
                ("Corea", '"corea del nord"~1'),
                ("del", '"corea del nord"~1'),
                ("Nord", '"corea del nord"~1'),
            ],
            id="with slop, a loose occurrence is marked word by word",
        ),
        pytest.param(
            Combination(
                required=(Form(FIELD, "muhajir"), Form(FIELD, "muhajir-6")),
            ),
            [("Muhajir-6", "=muhajir-6"), ("Muhajir", "=muhajir")],
            id="a compound hides its part",
        ),
        pytest.param(
            Form(FIELD, "muhajir"),
            [("Muhajir", "=muhajir"), ("Muhajir", "=muhajir")],
            id="a part is marked within its compound",
        ),
        pytest.param(
            AnyForm(FIELD, ("forse", "nord"), source=tree.Regex("nord|forse")),
            [
                ("Nord", "/nord|forse/"),
                ("nord", "/nord|forse/"),
                ("forse", "/nord|forse/"),
                ("Nord", "/nord|forse/"),
            ],
            id="a pattern marks every form it stands for, under its own name",
        ),
        pytest.param(
            Combination(optional=(phrase("corea del"), phrase("del nord e"))),
            [
                ("Corea", '"corea del"'),
                ("del Nord e", '"del nord e"'),
            ],
            id="of overlapping phrases the longer is whole, the other keeps its other words",
        ),
        pytest.param(
            Combination(required=(Form(FIELD, "e"),), excluded=(Form(FIELD, "nord"),)),
            [("e", "=e")],
            id="an excluded leaf marks nothing",
        ),
    ],
)
def test_examples_of_marks(plan: Plan, expected: list[tuple[str, str]]) -> None:
    """Marks of each kind of leaf on an Italian sentence, worked out by hand."""
    assert marked(plan) == expected


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        (Term(FIELD, "nord"), "nord"),
        (Form(FIELD, "nord"), "=nord"),
        (AnyForm(FIELD, ("nord", "sud")), "=nord OR =sud"),
        (Phrase(FIELD, ((0, "il"), (1, "nord"))), '"il nord"'),
        (Phrase(FIELD, ((0, "il"), (1, "nord")), slop=2), '"il nord"~2'),
        (Phrase(FIELD, ((0, "il"), (1, "nord")), exact=True), '="il nord"'),
    ],
)
def test_a_leaf_without_a_source_is_named_by_what_it_matches(leaf: Leaf, expected: str) -> None:
    """A leaf that no typed text stands behind is written in the query language."""
    text = "il nord"
    tokens = [Token("il", "il", "il", 0, 0, 2), Token("nord", "nord", "nord", 1, 3, 7)]
    assert {mark.leaf for mark in highlight(text, tokens, leaf, field=FIELD).marks} == {expected}


def test_the_whole_field_is_given_back_untouched() -> None:
    """Highlighting keeps white space and everything else of the field."""
    text = "\n  Il nord.\n\n"
    snippet = highlight(text, Analyzer().analyze(text), Form(FIELD, "nord"), field=FIELD)
    assert snippet.text == text
    assert (snippet.start, snippet.truncated_start, snippet.truncated_end) == (0, False, False)


@pytest.mark.parametrize("slop", [0, 100])
def test_a_text_of_one_word_and_a_long_phrase_take_bounded_time(slop: int) -> None:
    """A field of 100,000 times one word against a phrase of 50 of it is one mark, soon."""
    count = 100_000
    tokens = [Token("no", "no", "no", i, 3 * i, 3 * i + 2) for i in range(count)]
    long_phrase = Phrase(FIELD, tuple((i, "no") for i in range(50)), slop=slop)
    snippet = highlight("no " * count, tokens, long_phrase, field=FIELD)
    assert [(mark.start, mark.end) for mark in snippet.marks] == [(0, 3 * count - 1)]
