"""The stems are those of snowballstemmer, faster."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from snowballstemmer.italian_stemmer import ItalianStemmer

from searchlib.analysis.stemming import stem

ENDINGS = [
    "zione",
    "zioni",
    "mente",
    "ità",
    "iche",
    "ichi",
    "abile",
    "abili",
    "ivo",
    "iva",
    "anza",
    "anze",
    "atore",
    "atrici",
    "logia",
    "amento",
    "amenti",
    "oso",
    "are",
    "ere",
    "ire",
    "ando",
    "endo",
    "avano",
    "ebbero",
    "iamo",
    "arono",
    "gli",
    "lo",
    "la",
    "mela",
    "gliela",
    "cene",
    "isca",
    "uti",
    "à",
    "è",
    "ì",
    "ò",
    "ù",
    "á",
    "é",
    "í",
    "ó",
    "ú",
    "qua",
    "que",
    "gui",
    "aiuto",
    "buio",
]
words = st.one_of(
    st.text("abcdefgilmnopqrstuvzàèéìòùIU", max_size=14),
    st.tuples(
        st.text("abcdefgilmnopqrstuvz", max_size=6),
        st.sampled_from(ENDINGS),
        st.sampled_from(["", *ENDINGS]),
    ).map("".join),
    st.text(max_size=10),
)


@given(words)
def test_stems_are_those_of_snowballstemmer(word: str) -> None:
    """Any word, Italian or not, gets the stem that snowballstemmer itself gives."""
    assert stem(word) == ItalianStemmer().stemWord(word)
