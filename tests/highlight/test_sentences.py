"""Sentence borders: laws on any text, and Italian by example."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import searchlib.highlight
from searchlib.analysis import Analyzer
from searchlib.highlight.sentences import sentences

DATA = Path(searchlib.highlight.__file__).parent / "data" / "abbreviations.tsv"
ABBREVIATIONS = [
    line.split("\t")[0]
    for line in DATA.read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
][1:]

pieces = st.sampled_from(
    [*"aA1.!?…,;:'\"«»“”()-# \n", "\n\n", "dott.", "ecc.", "S.p.A.", "G.", "3,5", "www.a.it", "è"]
)
any_text = st.text(max_size=60) | st.lists(pieces, max_size=30).map("".join)


def cut(text: str) -> list[str]:
    """Returns the sentences of a text."""
    return [text[start:end] for start, end in sentences(text)]


@given(any_text)
def test_sentences_partition_the_text(text: str) -> None:
    """Sentences are not empty and give the text back when joined."""
    assert "".join(cut(text)) == text
    assert all(cut(text))


@given(any_text)
def test_only_white_space_is_before_a_border(text: str) -> None:
    """Each sentence but the last ends in white space, and each begins with something else."""
    found = cut(text)
    assert all(sentence[-1].isspace() for sentence in found[:-1])
    assert not any(sentence[0].isspace() for sentence in found[1:])


@given(any_text)
def test_no_border_is_within_a_token(text: str) -> None:
    """A token belongs to one sentence."""
    borders = [end for _, end in sentences(text)]
    for token in Analyzer().analyze(text):
        assert not any(token.start < border < token.end for border in borders)


@given(
    st.sampled_from(ABBREVIATIONS),
    st.sampled_from(["è", "n", "5", "(a", "«5"]),
    st.sampled_from(["", "Il sig. ", "l'", "(", "Come disse. Poi, "]),
    st.sampled_from([" ", "  ", "\u00a0", "\n"]),
)
def test_an_abbreviation_goes_on_before_a_small_letter_or_a_number(
    abbreviation: str, following: str, before: str, space: str
) -> None:
    """No sentence ends after a listed abbreviation that a small letter or a number follows."""
    text = before + abbreviation + space + following
    assert len(before + abbreviation + space) not in [end for _, end in sentences(text)]


def test_the_abbreviations_are_listed_once_and_end_in_a_stop() -> None:
    """The table has no duplicate, and each abbreviation ends in a full stop."""
    assert len({abbreviation.casefold() for abbreviation in ABBREVIATIONS}) == len(ABBREVIATIONS)
    assert all(abbreviation.endswith(".") for abbreviation in ABBREVIATIONS)


# Each example is written with a bar at every border that it has.
EXAMPLES = {
    "plain stops": "Piove. |Torno a casa! |Vieni? |Sì.",
    "articles of law": "Ai sensi dell'art. 5 e degli artt. 6 e 7 del d.lgs. 50 del 2016. |Fine.",
    "codes may end a sentence": "Vale l'art. 2043 c.c. |Il giudice decide. |L'art. 3 c.p. è noto.",
    "titles": "Il dott. Rossi, l'avv. Bianchi, il prof. Neri e la sig.ra Verdi. |L'ing. Blu no.",
    "companies": "La Fiat S.p.A. ha venduto. |La Rossi s.r.l. |Poi altro.",
    "pages": "Cfr. p. 12, pp. 13-15, n. 3, nn. 4 e 5, tel. 02 123. |Basta.",
    "eccetera": "Pane, latte, ecc. |Poi torno. |Pane, ecc. per tutti.",
    "per esempio": "I felini, p. es. il gatto, e ad es. Silvestro.",
    "initials": "Visse G. Verdi. |Anche G.B. Vico e J.R.R. Tolkien.",
    "acronyms": "Gli U.S.A. sono grandi. |Vive negli U.S.A. |Torna domani.",
    "numbers": "Costa 3,5 euro o 1.234,56 lire. |Era il 2020. |Poi il 2021.",
    "ellipses": "Non so... forse… |Forse sì... |No.",
    "ellipsis before a number": "Da 1, 2, ... 10 in poi.",
    "quotes": '«Vieni.» |Disse così. |“Vengo!” |E uscì. |Disse: "No." |Poi tacque.',
    "quotes within a sentence": "«Vieni!» disse lui. |«Perché?», chiese.",
    "brackets": "(Era tardi.) |Uscì. |Rispose (a voce bassa.). |Poi no.",
    "addresses": "Vedi www.esempio.it/a.b?c=1. |Scrivi a m.rossi@esempio.it. |Grazie.",
    "blank lines": "Titolo del testo\n\n|primo paragrafo ecc.\n \n|secondo",
    "a heading": "Ricetta del pane\n|Si prende la farina.\n|Si impasta.",
    "a heading of Markdown": "testo di prima\n|## titolo\n|Testo.",
    "a list": "Servono:\n|- pane\n|- latte\n|1. uova\n|2) burro\n|a) sale",
    "numbered items with capitals": "1. Pane fresco\n|2. Latte intero\n|3. Uova.",
    "wrapped prose": "Quella mattina il treno partì in ritardo, e nella carrozza di\n"
    "Maria nessuno parlava. |Pioveva.",
    "a small letter on a new line": "Finì lì.\n|i punti principali:\n|- uno",
    "a line that goes on": "Pane,\nLatte e\nuova.",
    "white space around": "  \n\n Uno. |Due. \n ",
}


@pytest.mark.parametrize("marked", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_italian_examples(marked: str) -> None:
    """Borders in Italian text, set by hand."""
    assert "|".join(cut(marked.replace("|", ""))) == marked


@pytest.mark.parametrize("unit", [".", "\n", " ", ". ", "(\n", "A.", ".)", "«", "\n1. "])
def test_hostile_repetition_takes_linear_time(unit: str) -> None:
    """Half a million characters of a pattern are cut at once, nothing lost."""
    text = unit * (500_000 // len(unit))
    assert "".join(cut(text)) == text


def test_no_text_has_no_sentences() -> None:
    """An empty text has no sentences; white space is one."""
    assert sentences("") == []
    assert sentences(" \n\n ") == [(0, 4)]
