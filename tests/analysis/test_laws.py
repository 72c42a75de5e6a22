"""Laws that hold for the analysis of any text, tried on nasty Italian and on any Unicode."""

import unicodedata
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from searchlib.analysis import (
    MAX_FORM_BYTES,
    Analyzer,
    Token,
    analyze,
    fold,
    form_of,
    term_of,
)
from searchlib.analysis.chunks import _PLAIN_WORD, _analyze_any_chunk
from searchlib.analysis.normalisation import normalise

APOSTROPHES = "'’‘ʼ´`′＇‛ʹʻʽ"

WORDS = """
    dell l un c com qual dev po di ca e perche citta piu parlera caffè perchè perché Però è È
    cafe\u0301 i\u0307 università UNIVERSITÀ casa amici O Brien rock n roll m Bappé d Annunzio
    U.S.A S.p.A. d.lgs dott.ssa c.c G art www.istat.it http:// mario.rossi@example.it
    #terremoto @mario covid-19 A4 H2O 4x4 1.234,56 12 03 2022 1.234.567 3,5 0.123 50%
    ﬁnale ½ ㏂ ﷽ ß İ ŉ ﾊﾞ 각 \u1100\u1161\u11a8 ㄱㅏ हिन्दी क\u093f ə ł x\u0323\u0307
    \u0301 1\ufe0f\u20e3 ™
"""

HOSTILE = "- ' . a. a- a' -' 1, 1. 1.000. @a a@ #a www. http:// a@a. d' e' \u0301 ½ ﷽"

SEPARATORS = (
    *APOSTROPHES,
    *'-‐–—.,;:!?/@#_%&=+*()[]«»“”"…°€',
    "\u00ad",
    "\u200b",
    "\u200d",
    "\u202e",
    "\ufe0f",
    "\ud800",
    " ",
    "\u00a0",
    "\n",
    "",
)

nasty_texts = st.lists(st.sampled_from((*WORDS.split(), *SEPARATORS)), max_size=12).map("".join)
any_text = st.text(st.characters(), max_size=30)
with_surrogates = st.text(st.characters(categories=("L", "M", "N", "P", "S", "Cs")), max_size=30)
texts = nasty_texts | any_text | with_surrogates | st.tuples(nasty_texts, any_text).map("".join)


def without_offsets(tokens: list[Token]) -> list[tuple[str, str, int, int]]:
    """Returns what an index keeps of the tokens."""
    return [(token.form, token.term, token.position, token.positions) for token in tokens]


@given(texts)
def test_offsets_slice_the_given_text(text: str) -> None:
    """A token's text is the given text from its start to its end, and is not empty."""
    for token in analyze(text):
        assert token.text == text[token.start : token.end] != ""


@given(texts)
def test_forms_are_fixed_points(text: str) -> None:
    """The first token of a form analysed again has that form and the same term."""
    for token in analyze(text):
        first = analyze(token.form)[0]
        assert (first.form, first.term) == (token.form, token.term)
        assert form_of(token.form) == token.form


@given(texts)
def test_a_term_is_a_function_of_the_form(text: str) -> None:
    """Every token has the term of its form, wherever the form came from."""
    for token in analyze(text):
        assert token.term == term_of(token.form)


@given(texts, texts)
def test_texts_are_analysed_chunk_by_chunk(first: str, second: str) -> None:
    """Two texts joined by a space give the tokens of the first, then those of the second."""
    before, after = analyze(first), analyze(second)
    offset = len(first) + 1
    # A word after the first text tells how many positions the first one takes.
    shift = analyze(f"{first} fine")[-1].position
    expected = before + [
        Token(
            token.text,
            token.form,
            token.term,
            token.position + shift,
            token.start + offset,
            token.end + offset,
            token.positions,
        )
        for token in after
    ]
    assert analyze(f"{first} {second}") == expected


@given(texts)
def test_composed_and_decomposed_texts_are_analysed_alike(text: str) -> None:
    """NFC and NFD of a text have the same forms, terms and positions."""
    composed = analyze(unicodedata.normalize("NFC", text))
    decomposed = analyze(unicodedata.normalize("NFD", text))
    assert without_offsets(composed) == without_offsets(decomposed)
    assert without_offsets(composed) == without_offsets(analyze(text))


@given(texts, st.sampled_from(APOSTROPHES))
def test_every_apostrophe_is_one(text: str, apostrophe: str) -> None:
    """Writing each apostrophe as any other of them changes no form, term or position."""
    typed = text.translate(dict.fromkeys(map(ord, APOSTROPHES), "'"))
    written = typed.replace("'", apostrophe)
    assert without_offsets(analyze(written)) == without_offsets(analyze(typed))


@given(texts)
def test_the_stream_is_the_analysis_without_offsets(text: str) -> None:
    """What indexes read agrees with what queries and snippets read."""
    assert list(Analyzer().stream(text)) == without_offsets(analyze(text))


plain_words = st.from_regex(_PLAIN_WORD, fullmatch=True)


@given(
    plain_words
    | st.tuples(st.sampled_from(WORDS.split()), st.sampled_from(".,;:!?)»"))
    .map("".join)
    .filter(_PLAIN_WORD.fullmatch)
)
def test_the_short_way_of_plain_words_is_the_long_one(chunk: str) -> None:
    """A plain word gets the same tokens whether or not the steps of other chunks are taken."""
    assert Analyzer().chunk(chunk) == _analyze_any_chunk(chunk)


@given(texts)
def test_chunks_add_up_to_the_text(text: str) -> None:
    """The words of the chunks, each shifted by the positions before it, are the tokens."""
    analyzer = Analyzer()
    found = []
    position = 0
    for written in text.split():
        tokens, positions, _ = analyzer.chunk(written)
        found += [(form, term, position + at, covered) for form, term, at, covered, _, _ in tokens]
        position += positions
    assert found == without_offsets(analyze(text))


@given(texts)
def test_tokens_are_in_order(text: str) -> None:
    """Positions and starts never decrease, and a whole comes before its parts."""
    tokens = analyze(text)
    for before, after in pairwise(tokens):
        assert before.position <= after.position
        assert before.start <= after.start
        if before.position == after.position:
            assert before.start <= after.start <= after.end <= before.end


@given(texts)
def test_positions_have_no_gaps(text: str) -> None:
    """Without overlong tokens every position from 0 on has a token, and no whole goes beyond."""
    assert Analyzer().count_overlong(text) == 0
    tokens = analyze(text)
    positions = {token.position for token in tokens}
    assert positions == set(range(len(positions)))
    assert all(token.position + token.positions <= len(positions) for token in tokens)


@given(st.lists(st.sampled_from(["casa", "x" * 1025, "ß" * 513, "a-" + "b" * 1025]), max_size=6))
def test_overlong_tokens_leave_their_position(words: list[str]) -> None:
    """A form above the limit is counted and not given; what stands after it does not move."""
    text = " ".join(words)
    short = analyze(text.replace("x" * 1025, "x").replace("ß" * 513, "ß").replace("b" * 1025, "b"))
    kept = analyze(text)
    assert Analyzer().count_overlong(text) == len(short) - len(kept)
    assert all(len(token.form.encode()) <= MAX_FORM_BYTES for token in kept)
    expected = [
        (token.form, token.position) for token in short if token.form not in {"x", "ss", "b", "a-b"}
    ]
    assert [(token.form, token.position) for token in kept] == expected


@given(texts)
def test_case_of_ascii_letters_does_not_matter(text: str) -> None:
    """Capital and small letters of ASCII give the same forms, terms and positions."""
    capitals = "".join(c.upper() if c.isascii() else c for c in text)
    small = "".join(c.lower() if c.isascii() else c for c in text)
    assert without_offsets(analyze(capitals)) == without_offsets(analyze(small))


@given(texts)
def test_normalisation_is_idempotent(text: str) -> None:
    """A normalised text is its own normalisation, and so is a folded one its own folding."""
    normalised = normalise(text).text
    assert normalise(normalised).text == normalised
    assert fold(fold(text)) == fold(text)
    assert fold(normalised) == fold(text)


@given(texts)
def test_alignment_covers_the_normalised_text(text: str) -> None:
    """Each normalised character stands for a non-empty span, and spans never go back."""
    normalised = normalise(text)
    assert len(normalised.starts) == len(normalised.ends) == len(normalised.text)
    spans = list(zip(normalised.starts, normalised.ends, strict=True))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)


@given(st.sampled_from(HOSTILE.split()))
def test_a_hostile_chunk_gives_tokens_in_proportion(piece: str) -> None:
    """A long chunk of one repeated piece has at most a token per normalised character."""
    chunk = piece * 2000
    assert len(analyze(chunk)) <= len(normalise(chunk).text)
