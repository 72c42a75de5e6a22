"""The native analysis gives what this one gives, token by token, on any text."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchlib.analysis import (
    Analyzer,
    Corrections,
    fold,
    form_of,
    is_stop_word,
    shared_analyzer,
    term_of,
)

native = pytest.importorskip("searchlib._native", reason="the native engine is not built")

# The native tables are of Unicode 14: with another one in Python only old scripts are compared.
LAST = 0x10FFFF if unicodedata.unidata_version == "14.0.0" else 0x052F
CHARACTERS = st.characters(max_codepoint=LAST, exclude_categories=["Cn"])
PIECES = [
    piece
    for row in (
        "' ’ ` ´ - _ . , ; : / @ # http:// www. l' dell’ un' po' S.p.A. U.S.A. 1.234 1.234,56 3,5",
        "e-mail città perche' è E' a@b.it x.y@z.com ² ﬁ ß İ ς ǆ 가 ᄀ ᅡ 👍🏽 … — « » “ ” ( ) ?",
        "art. u.s. a.c. h' m' c' d'O O' mente issimo issime chi anti neo darlo dammelo amor trice",
        "glielo parlar nazion rapid \u0300 \u0301 \u00ad \u200b \ufeff \ud800",
    )
    for piece in row.split()
]
LETTERS = st.text("aàbcdeèéfghiìlmnoòpqrstuùvzAEIOÈÀ'’-", min_size=1, max_size=14)
CHUNKS = st.lists(
    st.sampled_from(PIECES) | LETTERS | st.text(CHARACTERS, max_size=6), max_size=6
).map("".join)
TEXTS = st.lists(CHUNKS | st.sampled_from(" \t\n\xa0\x1c\x85\u2003"), max_size=12).map("".join)
PAIRS = Path(__file__).parent / "pairs.tsv"


@given(TEXTS)
def test_texts_have_the_same_tokens(text: str) -> None:
    """Form, term, position, positions, start and end of every token are the same."""
    tokens = [
        (token.form, token.term, token.position, token.positions, token.start, token.end)
        for token in shared_analyzer.analyze(text)
    ]
    assert native.analyze(text) == tokens


@given(CHUNKS.map(lambda text: "".join(text.split())) | st.just("l'" + "à" * 600 + "-x"))
def test_chunks_give_the_same(chunk: str) -> None:
    """Tokens, positions and the count of overlong words of a chunk are the same."""
    tokens, positions, overlong = shared_analyzer.chunk(chunk)
    assert native.analyze_chunk(chunk) == (list(map(tuple, tokens)), positions, overlong)


@given(CHUNKS)
def test_forms_have_the_same_terms(written: str) -> None:
    """A form has the same term, fold and answer to whether it is a stop word."""
    form = form_of(written)
    assert native.term_of(form) == term_of(form)
    assert native.is_stop_word(form) == is_stop_word(form)
    assert native.fold(form) == fold(form)


def test_the_words_of_the_pairs_have_the_same_terms() -> None:
    """The words that conflation is held to have the same terms in both."""
    rows = [line.split("\t") for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    forms = {form_of(word) for row in rows if not row[0].startswith("#") for word in row}
    assert len(forms) > 1000
    assert {form: native.term_of(form) for form in forms} == {form: term_of(form) for form in forms}


@given(CHUNKS)
def test_corrections_change_the_same_terms(text: str) -> None:
    """With the same corrections the tokens are the same."""
    corrections = Corrections.parse("protect: parlar dell' città\nmerge: nazione e-mail art")
    corrected = native.Analysis(dict(corrections.protected), dict(corrections.merged))
    terms = [token.term for token in Analyzer(corrections=corrections).analyze(text)]
    assert [token[1] for token in corrected.analyze(text)] == terms


def test_the_versions_are_the_same() -> None:
    """Both count the changes of the analysis alike."""
    assert Analyzer.version == native.ANALYSIS_VERSION
