"""Passages: laws on any text and plan, and which passage is chosen, by example."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchlib.analysis import Analyzer, Token
from searchlib.highlight import Asked, asked_by, best_passage, highlight
from searchlib.highlight.scoring import leaf_weights, score
from searchlib.highlight.sentences import sentences
from searchlib.highlight.spans import find_spans, marking_leaves
from searchlib.query import parse
from searchlib.query.plan import AnyForm, Combination, Form, Phrase, Plan, Term
from searchlib.results import Snippet

FIELD = "testo"
ANALYZER = Analyzer()
WORDS = ["gatto", "gatti", "un'isola", "l’art. 5", "Muhajir-6", "perche'", "3,5", "di", "Roma"]

prose = st.lists(
    st.tuples(
        st.sampled_from([*WORDS, "x" * 30, "e\u0301" * 4, "👩\u200d👧\u200d👦"]),
        st.sampled_from([" ", " ", " ", ", ", "; ", " — ", ". ", "! ", "\n", "\n\n", "."]),
    ),
    max_size=25,
).map(lambda pairs: "".join(word + gap for word, gap in pairs))
any_text = prose | st.text(max_size=60)
rooms = st.integers(1, 80)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draws a plan about words that may be in the texts."""
    tokens = ANALYZER.analyze(draw(st.sampled_from(WORDS)) + " " + draw(st.sampled_from(WORDS)))
    terms = [Term(FIELD, token.term) for token in tokens]
    forms = [Form(FIELD, token.form, boost=2.0) for token in tokens]
    parts = [token for token in tokens if token.positions == 1]
    whole = Phrase(
        FIELD,
        tuple((token.position - parts[0].position, token.term) for token in parts),
        slop=draw(st.integers(0, 2)),
    )
    chosen: list[Plan] = draw(st.lists(st.sampled_from([*terms, *forms, whole]), max_size=4))
    return Combination(optional=tuple(chosen))


def passage(text: str, plan: Plan, max_chars: int) -> Snippet:
    """Returns the best passage of an analysed text."""
    return best_passage(text, ANALYZER.analyze(text), plan, field=FIELD, max_chars=max_chars)


@given(any_text, plans(), rooms)
def test_a_passage_is_a_trimmed_slice_that_fits(text: str, plan: Plan, max_chars: int) -> None:
    """The snippet is a slice of the text, no longer than asked, without space around."""
    snippet = passage(text, plan, max_chars)
    assert snippet.text == text[snippet.start : snippet.start + len(snippet.text)]
    assert len(snippet.text) <= max_chars
    assert snippet.text == snippet.text.strip()
    assert bool(snippet.text) == bool(text.strip())


@given(any_text, plans(), rooms)
def test_truncation_is_told_where_the_text_goes_on(text: str, plan: Plan, max_chars: int) -> None:
    """The flags say whether anything but white space was left out at each side."""
    snippet = passage(text, plan, max_chars)
    assert snippet.truncated_start == bool(text[: snippet.start].strip())
    assert snippet.truncated_end == bool(text[snippet.start + len(snippet.text) :].strip())


@given(any_text, plans(), rooms)
def test_no_word_is_cut_that_would_fit(text: str, plan: Plan, max_chars: int) -> None:
    """An end of the passage is within a token only if that token is longer than the room."""
    snippet = passage(text, plan, max_chars)
    for token in ANALYZER.analyze(text):
        if token.end - token.start <= max_chars:
            for border in (snippet.start, snippet.start + len(snippet.text)):
                assert not token.start < border < token.end


@given(prose, plans(), rooms)
def test_marks_are_those_of_the_words_inside(text: str, plan: Plan, max_chars: int) -> None:
    """The passage has the marks that its own words have on their own."""
    tokens = ANALYZER.analyze(text)
    snippet = best_passage(text, tokens, plan, field=FIELD, max_chars=max_chars)
    end = snippet.start + len(snippet.text)
    spans = find_spans(tokens, marking_leaves(plan, FIELD))
    fitting = [span for span in spans if snippet.start <= span.start and span.end <= end]
    cut = [span for span in spans if span.end - span.start > max_chars]
    if not cut:
        covered = {at for span in fitting for at in range(span.start, span.end)}
        marked = {
            snippet.start + at for mark in snippet.marks for at in range(mark.start, mark.end)
        }
        assert marked <= covered
        inside = [token for token in tokens if set(range(token.start, token.end)) <= covered]
        assert all(set(range(token.start, token.end)) <= marked for token in inside)
    done = 0
    for mark in snippet.marks:
        assert done <= mark.start < mark.end <= len(snippet.text)
        done = mark.end


@given(any_text, plans(), rooms)
def test_a_passage_with_a_mark_is_shown_where_there_is_a_match(
    text: str, plan: Plan, max_chars: int
) -> None:
    """If anything of the field matches, the passage shows a match."""
    whole = highlight(text, ANALYZER.analyze(text), plan, field=FIELD)
    assert bool(passage(text, plan, max_chars).marks) == bool(whole.marks)


@given(prose, plans(), st.integers(40, 120))
def test_no_run_of_whole_sentences_answers_better(text: str, plan: Plan, max_chars: int) -> None:
    """Where every sentence fits, no whole sentences score higher than the passage.

    It begins with a sentence, and ends with one unless those that fit leave half of the room.
    """
    tokens = ANALYZER.analyze(text)
    trimmed = [(start, start + len(text[start:end].rstrip())) for start, end in sentences(text)]
    leaves = marking_leaves(plan, FIELD)
    spans = find_spans(tokens, leaves)
    crossing = any(start <= span.start < end < span.end for span in spans for start, end in trimmed)
    if crossing or any(end - start > max_chars for start, end in trimmed):
        return
    weights = leaf_weights(leaves, spans)

    def value(start: int, end: int) -> float:
        return score([s for s in spans if start <= s.start and s.end <= end], weights)

    snippet = best_passage(text, tokens, plan, field=FIELD, max_chars=max_chars)
    shown = snippet.start, snippet.start + len(snippet.text)
    runs = [
        (start, end)
        for number, (start, _) in enumerate(trimmed)
        for _, end in trimmed[number:]
        if end - start <= max_chars
    ]
    if text.strip():
        assert shown[0] in [start for start, _ in trimmed]
        whole = max(end for _, end in trimmed if end <= shown[1])
        assert whole == shown[1] or (whole - shown[0]) * 2 < max_chars
        assert all(value(*run) <= value(*shown) + 1e-9 for run in runs)


RUSSIA = (
    "La Russia compra missili. La notizia è di ieri. Ieri pioveva. I missili della Corea del Nord "
    "arrivano in treno. Il dott. Rossi ne dubita. La Russia tace. La Russia nega. I missili no."
)


def any_of(*words: str) -> Plan:
    """Returns the plan of words side by side."""
    return Combination(
        optional=tuple(
            Term(FIELD, token.term) for word in words for token in ANALYZER.analyze(word)
        )
    )


@pytest.mark.parametrize(
    ("plan", "max_chars", "expected"),
    [
        pytest.param(
            any_of("notizia", "ieri", "pioveva"),
            45,
            "La notizia è di ieri. Ieri pioveva.",
            id="no third sentence before two that fill the room",
        ),
        pytest.param(
            any_of("missili", "treno"),
            60,
            "I missili della Corea del Nord arrivano in treno.",
            id="the sentence with both words, not the first with one",
        ),
        pytest.param(
            any_of("missili", "dubita"),
            35,
            "Il dott. Rossi ne dubita.",
            id="the rarer word, and no border after dott.",
        ),
        pytest.param(
            any_of("russia"), 30, "La Russia compra missili.", id="of equal passages the first"
        ),
        pytest.param(
            any_of("elefante"),
            50,
            "La Russia compra missili. La notizia è di ieri.",
            id="no match: the beginning",
        ),
        pytest.param(any_of("treno"), 20, "arrivano in treno.", id="a long sentence is cut"),
        pytest.param(any_of("corea", "nord"), 14, "Corea del Nord", id="at words"),
        pytest.param(any_of("elefante"), 12, "La Russia", id="no match and little room"),
    ],
)
def test_examples_of_the_choice(plan: Plan, max_chars: int, expected: str) -> None:
    """The passage that answers is chosen, by hand-made examples."""
    assert passage(RUSSIA, plan, max_chars).text == expected


VERDI = (
    "Giuseppe Verdi è nato a Roncole da un oste. La madre filava. Verdi compose opere e canti. "
    "Verdi nacque il 10 ottobre, si dice, del 1813. Delle opere di Verdi 2 sono comiche."
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Verdi", "Giuseppe Verdi è nato a Roncole da un oste."),
        ("Quando è nato Verdi?", "Verdi nacque il 10 ottobre, si dice, del 1813."),
        ("in che anno Verdi", "Verdi nacque il 10 ottobre, si dice, del 1813."),
        ("quante opere di Verdi", "Delle opere di Verdi 2 sono comiche."),
        ("quante opere di Verdi sono 2", "Delle opere di Verdi 2 sono comiche."),
        ("Verdi nel 1813", "Giuseppe Verdi è nato a Roncole da un oste."),
    ],
)
def test_a_question_prefers_what_answers_it(query: str, expected: str) -> None:
    """A date answers *quando*, a number any question; words that do not ask change nothing."""
    plan = any_of("Verdi", "opere") if "opere" in query else any_of("Verdi")
    tree = parse(query).query
    tokens = ANALYZER.analyze(VERDI)
    asked = asked_by(tree)
    snippet = best_passage(VERDI, tokens, plan, field=FIELD, max_chars=50, asked=asked)
    assert snippet.text == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("missili nordcoreani", None),
        ("il presidente che parla", None),
        ("-quando missili", None),
        ("chi ha vinto nel 2006", Asked(False, frozenset({"2006"}))),
        ("Da chi fu scritto", Asked(False, frozenset())),
        ("il 3,5 è molto?", Asked(False, frozenset({"3,5"}))),
        ("Cos'è il Plasmodio", Asked(False, frozenset())),
        ("Qual è la data della pace", Asked(True, frozenset())),
        ("QUANDO?", Asked(True, frozenset())),
        ('"quando piove" dove', Asked(True, frozenset())),
    ],
)
def test_what_a_query_asks_for(query: str, expected: Asked | None) -> None:
    """A question ends with its mark, or one of its first two words asks; it may want a date."""
    assert asked_by(parse(query).query) == expected


@given(any_text, plans(), rooms, st.booleans(), st.frozensets(st.sampled_from(["5", "3,5"])))
def test_a_question_gets_a_passage_like_any_query(
    text: str, plan: Plan, max_chars: int, wants_date: bool, numbers: frozenset[str]
) -> None:
    """What is asked for chooses among the same passages: a slice that fits, with its marks."""
    tokens = ANALYZER.analyze(text)
    asked = Asked(wants_date, numbers)
    snippet = best_passage(text, tokens, plan, field=FIELD, max_chars=max_chars, asked=asked)
    plain = passage(text, plan, max_chars)
    assert snippet.text == text[snippet.start : snippet.start + len(snippet.text)].strip()
    assert len(snippet.text) <= max_chars
    assert bool(snippet.marks) == bool(plain.marks)


def test_a_long_sentence_is_cut_at_clauses() -> None:
    """Where a sentence is longer than the room, the passage begins and ends at clauses."""
    text = (
        "Quando il sole tramontò dietro le colline di Fiesole, la vecchia maestra chiuse la "
        "finestra della cucina; poi accese il lume, prese il libro dei conti e si mise a sedere "
        "accanto al fuoco, mentre il gatto dormiva sulla sedia di paglia vicino alla madia."
    )
    snippet = passage(text, any_of("lume"), 100)
    assert snippet.text.startswith("poi accese il lume, prese il libro")
    assert snippet.text.endswith("fuoco,")
    assert (snippet.truncated_start, snippet.truncated_end) == (True, True)


def test_a_word_longer_than_the_room_is_cut_between_characters() -> None:
    """A token that does not fit is cut, its mark with it, but no letter loses its accent."""
    text = "e\u0301" * 10
    snippet = passage(text, AnyForm(FIELD, (ANALYZER.analyze(text)[0].form,)), 5)
    assert snippet.text == "e\u0301" * 2
    assert [(mark.start, mark.end) for mark in snippet.marks] == [(0, 4)]
    assert (snippet.truncated_start, snippet.truncated_end) == (False, True)


def test_a_family_of_joined_emoji_is_not_parted() -> None:
    """Text without words is cut between whole characters too."""
    family = "👩\u200d👧\u200d👦"
    assert passage(family * 3, any_of("gatto"), 7).text == family


def test_line_breaks_stay_as_they_are() -> None:
    """A passage keeps the line breaks of the field inside it."""
    text = "Uno,\ndue e\ntre gatti.\n\nAltro."
    assert passage(text, any_of("gatti"), 30).text == "Uno,\ndue e\ntre gatti.\n\nAltro."


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_a_text_without_words_gives_an_empty_snippet(text: str) -> None:
    """Nothing to show is an empty snippet that is not truncated."""
    snippet = passage(text, any_of("gatto"), 10)
    assert (snippet.text, snippet.marks) == ("", ())
    assert not snippet.truncated_start
    assert not snippet.truncated_end


@pytest.mark.parametrize("gap", [" ", ". ", ", ", "-"])
def test_a_text_of_one_word_takes_bounded_time(gap: str) -> None:
    """A field of 50,000 times the same word gives its beginning, soon."""
    word = "gatto" + gap
    tokens: Sequence[Token] = [
        Token("gatto", "gatto", "gatt", i, i * len(word), i * len(word) + 5) for i in range(50_000)
    ]
    snippet = best_passage(word * 50_000, tokens, Term(FIELD, "gatt"), field=FIELD, max_chars=200)
    assert snippet.start == 0
    assert len(snippet.marks) > 25
