"""The native engine highlights as this package does: the same marks, the same passages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchlib.analysis import shared_analyzer
from searchlib.highlight import Asked, best_passage, highlight
from searchlib.highlight.highlighter import facts_of
from searchlib.query.plan import AnyForm, Combination, Form, Phrase, Term

native = pytest.importorskip("searchlib._native", reason="the native engine is not built")

WORDS = ("gatto", "gatti", "il", "e-mail", "mail", "dell’arte", "arte", "nord", "città", "perche'")
TERMS = sorted({t.term for word in WORDS for t in shared_analyzer.analyze(word)} | {"assente"})
FORMS = sorted({t.form for word in WORDS for t in shared_analyzer.analyze(word)} | {"assente"})
OTHERS = (
    *("art. ", "ecc. ", "S.p.A. ", "G. Verdi ", "a.C. ", "A. ", "1. ", "12) ", "- ", "# ", "a) "),
    *(
        ". ",
        "! ",
        "? ",
        "… ",
        ".» ",
        '." ',
        "; ",
        ": ",
        ", ",
        " — ",
        "\n",
        "\n\n",
        "\xa0",
        "\u2028",
    ),
    *(
        "Parla ",
        "ne ",
        "Una riga senza fine\n",
        "x" * 30,
        "e\u0301\u0323" * 9,
        "👩‍👩‍👧",
        "ª ",
        "ǅ ",
    ),
    *("3,5 ", "1.234 ", "1813 ", "2.00 ", "10 Ottobre ", "maggio,", "٣ ", "\ud800", "(", "«", "-"),
)
TEXTS = st.lists(st.sampled_from((*WORDS, *(f"{word} " for word in WORDS), *OTHERS)), max_size=60)
BOOSTS = st.sampled_from((0.0, 0.3, 1.0, 2.5))
OFFSETS = st.lists(st.integers(1, 3), max_size=3).map(
    lambda gaps: [sum(gaps[:count]) for count in range(len(gaps) + 1)]
)


@st.composite
def phrases(draw: st.DrawFn) -> Phrase:
    """Phrases of words that the texts have, with gaps and slop."""
    exact = draw(st.booleans())
    word = st.sampled_from(FORMS if exact else TERMS)
    words = tuple((offset, draw(word)) for offset in draw(OFFSETS))
    return Phrase("f", words, draw(st.integers(0, 4)), exact, draw(BOOSTS))


LEAVES = st.lists(
    st.builds(Term, st.just("f"), st.sampled_from(TERMS), BOOSTS)
    | st.builds(Form, st.just("f"), st.sampled_from(FORMS), BOOSTS)
    | st.builds(AnyForm, st.just("f"), st.sets(st.sampled_from(FORMS)).map(sorted).map(tuple))
    | phrases(),
    max_size=5,
).map(tuple)
ASKED = st.none() | st.builds(
    Asked, st.booleans(), st.frozensets(st.sampled_from(("10", "1813", "3,5")))
)


@given(TEXTS.map("".join), LEAVES)
def test_marks_are_the_same(text: str, leaves: tuple[Term, ...]) -> None:
    """A whole text has the same marks, of whatever leaves."""
    snippet = highlight(
        text, shared_analyzer.analyze(text), Combination(optional=leaves), field="f"
    )
    marks = native.Highlighter([facts_of(leaf) for leaf in leaves]).marks(text)
    assert [(start, end) for start, end, _ in marks] == [(it.start, it.end) for it in snippet.marks]


@given(TEXTS.map("".join), LEAVES, ASKED, st.integers(1, 300))
def test_passages_are_the_same(
    text: str, leaves: tuple[Term, ...], asked: Asked | None, max_chars: int
) -> None:
    """The same passage is chosen, with the same marks, of whatever leaves and questions."""
    tokens = shared_analyzer.analyze(text)
    plan = Combination(optional=leaves)
    expected = best_passage(text, tokens, plan, field="f", max_chars=max_chars, asked=asked)
    wanted = None if asked is None else (asked.wants_date, list(asked.numbers))
    matcher = native.Highlighter([facts_of(leaf) for leaf in leaves], wanted)
    start, end, is_cut_before, is_cut_after, marks = matcher.passage(text, max_chars)
    assert (start, text[start:end]) == (expected.start, expected.text)
    assert (is_cut_before, is_cut_after) == (expected.truncated_start, expected.truncated_end)
    assert [mark[:2] for mark in marks] == [(it.start, it.end) for it in expected.marks]


def test_long_texts_are_looked_at_in_part() -> None:
    """What stands beyond the part that is looked at is not found, and is told of."""
    text = "gatto " + "cane " * 220_000 + "nord"
    matcher = native.Highlighter([("term", 1.0, ["nord"])])
    start, end, is_cut_before, is_cut_after, marks = matcher.passage(text, 20)
    assert (text[start:end], is_cut_before, is_cut_after) == ("gatto cane cane cane", False, True)
    assert not marks
    assert matcher.marks(text) == [(len(text) - 4, len(text), 0)]
