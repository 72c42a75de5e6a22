"""The stems are those of snowballstemmer, faster."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from snowballstemmer.italian_stemmer import ItalianStemmer

from searchlib.analysis.stemming import stem

ENDINGS = st.from_regex(
    "zion[ei]|mente|ità|ich[ei]|abil[ei]|iv[oa]|anz[ae]|ator[ei]|atrici|logia|ament[oi]|oso|are|ere"
    "|ire|ando|endo|avano|ebbero|iamo|arono|gli|l[oa]|mela|gliela|cene|isca|uti|[àèìòùáéíóú]"
    "|qua|que|gui|aiuto|buio",
    fullmatch=True,
)
words = st.one_of(
    st.text("abcdefgilmnopqrstuvzàèéìòùIU", max_size=14),
    st.tuples(
        st.text("abcdefgilmnopqrstuvz", max_size=6),
        ENDINGS,
        st.just("") | ENDINGS,
    ).map("".join),
    st.text(max_size=10),
)


@given(words | st.text("aiuqoàáIUt", max_size=10))
def test_stems_are_those_of_snowballstemmer(word: str) -> None:
    """Any word, Italian or not, gets the stem that snowballstemmer itself gives."""
    assert stem(word) == ItalianStemmer().stemWord(word)
