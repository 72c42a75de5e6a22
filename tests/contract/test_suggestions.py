"""Did-you-mean and completion on Italian words, the same on every engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import searchlib
from searchlib import Index, neighbours, suggest

MISSPELLINGS = Path(__file__).with_name("misspellings.tsv")
SCHEMA = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
OTHERS = (
    "il quotidiano ha una quota di lettori nel cuneo salino, tra quote e cuori solitari",
    "prodotti propizi e propini di carta, la campana della compagine e il conile dei conigli",
    "la scuderia, gli scuotimenti, il pasquale digiuno e le acquaforti degli accusatori",
    "un bagno caldo, una montatura, il comizio e la commedia; una pesca, un passo, il fascio",
)
Filled = Callable[[Sequence[str]], Index]


@pytest.fixture
def filled(tmp_path: Path, engine: str) -> Filled:
    """Makes an index of some texts, their numbers for keys."""

    def fill(texts: Sequence[str]) -> Index:
        index = searchlib.create(tmp_path / "indice", SCHEMA, engine=engine)
        with index.writer() as writer:
            for number, text in enumerate(texts):
                writer.add({"id": str(number), "testo": text})
        return index

    return fill


def pairs() -> list[tuple[str, str]]:
    """The misspellings written by hand, with what was meant."""
    lines = MISSPELLINGS.read_text("utf-8").splitlines()
    return [(one[0], one[1]) for one in (line.split("\t") for line in lines if line[0] != "#")]


def test_common_misspellings_are_mended(filled: Filled) -> None:
    """At least 98 in 100 misspellings lead to what was meant among other words."""
    listed = pairs()
    index = filled([*(right for _, right in listed), *OTHERS])
    mended = {typed: index.correct(typed) for typed, _ in listed}
    wrong = {typed: mended[typed] for typed, right in listed if mended[typed] != right}
    assert len(wrong) <= 0.02 * len(listed), wrong


def test_what_is_held_is_right(filled: Filled) -> None:
    """A word of one document stays, though a near one is in many."""
    index = filled(["il quore di un refuso", *["il cuore"] * 20])
    assert index.correct("quore") is None


def test_the_nearer_word_before_the_more_frequent(filled: Filled) -> None:
    """Frequency decides between words that are about as near, not against a known confusion."""
    index = filled(["il cuore", *["una quota", "le quote"] * 8])
    assert index.correct("quore") == "cuore"
    frequent = filled_again(index, ["un pane", *["un pino"] * 8])
    assert frequent.correct("pxno") == "pino"


def filled_again(index: Index, texts: Sequence[str]) -> Index:
    """Adds texts to an index."""
    with index.writer() as writer:
        for number, text in enumerate(texts):
            writer.add({"id": f"altro {number}", "testo": text})
    return index


def test_several_words_are_mended_together(filled: Filled) -> None:
    """Of near words those that stand in one document are chosen, each alone the most frequent."""
    index = filled([*["neve bianca"] * 8, "nave grande"])
    assert index.correct("nxve") == "neve"
    assert index.correct("nxve grannde") == "nave grande"
    assert index.correct("nxve biancha") == "neve bianca"


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("daccordo", "d'accordo"),
        ("Daccordo", "D'accordo"),
        ("allafine", "alla fine"),
        ("-allafine", None),
        ("qual'è", "qual è"),
        ("QUAL'È", "QUAL È"),
        ("un pò", "un po'"),
        ("un po'", None),
        ("perchè", None),
        ("perche'", None),
    ],
)
def test_apostrophes_and_spaces(filled: Filled, typed: str, mended: str | None) -> None:
    """A missing apostrophe or space is put in; an accent that finds the word is no mistake."""
    index = filled(["alla fine siamo d'accordo", "qual è un motivo", "un po' perché", "un accordo"])
    assert index.correct(typed) == mended


def test_a_deleted_word_is_no_correction(filled: Filled) -> None:
    """What no live document holds is not proposed."""
    index = filled(["il cuore", "altro"])
    with index.writer() as writer:
        writer.delete("0")
    assert index.correct("quore") is None


@pytest.mark.parametrize("text", ["q" * 10_000, "’" * 50, "ßßßß", "日本語の", "quore " * 100, "h"])
def test_any_text_is_corrected_in_bounded_time(filled: Filled, text: str) -> None:
    """No text is an error, and what is proposed finds something."""
    index = filled(["il cuore è una città"])
    corrected = index.correct(text)
    assert corrected is None or index.count(corrected)


def test_few_words_of_a_long_query_are_mended(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A word costs the same however often it stands; after the first ones others stay."""
    monkeypatch.setattr(neighbours, "MAX_MISSPELT", 2)
    index = filled(["il cuore di una squadra all'università di Bologna"])
    assert index.correct("quore quore scuadra quore unversità") == (
        "cuore cuore squadra cuore unversità"
    )


def test_a_frequent_completion_is_found_among_very_many(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where more forms begin so than are weighed, the last of the alphabet has its place too."""
    monkeypatch.setattr(suggest, "MAX_COMPLETIONS_WEIGHED", 10)
    rare = " ".join(f"aabbandonat{letter}{other}" for letter in "abcdef" for other in "aeiou")
    index = filled([rare, *["azzurro"] * 3])
    assert index.suggest("a", limit=1) == ["azzurro"]
