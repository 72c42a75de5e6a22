"""The tables of the Italian analysis, read once from `data/*.tsv`.

Every choice about a particular word or character is a row there, so that an analyser in
another language reads the same choices. Here is only the reading; what a table means is
said in its header and in the module that uses it.
"""

from pathlib import Path

from searchlib.rows import Rows, read_rows

__all__ = [
    "ABBREVIATIONS",
    "ACCENTED_ENDINGS",
    "ACCENTED_WORDS",
    "CHARACTERS",
    "ELISIONS",
    "ELISIONS_BEFORE_VOWELS",
    "ENCLITICS",
    "IMPERATIVES",
    "LETTERS",
    "PLAIN_WORDS",
    "PREFIXES",
    "ROWS",
    "STOP_WORDS",
    "TERMS",
    "TRUNCATIONS",
]

_DATA = Path(__file__).parent / "data"

ROWS: dict[str, Rows] = {
    name: read_rows(_DATA / f"{name}.tsv", columns=columns)
    for name, columns in {
        "abbreviations": 1,
        "accents": 2,
        "affixes": 3,
        "characters": 2,
        "elisions": 3,
        "letters": 2,
        "stop_words": 1,
        "terms": 2,
        "truncations": 2,
    }.items()
}
"""Every table by its name: what the fingerprint of the analysis covers."""


def _pairs(name: str) -> dict[str, str]:
    """Return a table of two columns as a dictionary."""
    return {row[0]: row[1] for row in ROWS[name]}


_REPLACEMENTS = {"apostrophe": "'", "hyphen": "-", "nothing": "", "space": " "}

CHARACTERS: dict[int, str] = {
    int(code.removeprefix("U+"), 16): _REPLACEMENTS[kind] for code, kind in ROWS["characters"]
}
"""What `str.translate` replaces before anything else is looked at."""

LETTERS: dict[int, str] = {ord(letter): plain for letter, plain in ROWS["letters"]}
"""Letters that fold to plain ones though they carry no combining mark."""

ELISIONS: dict[str, str] = {elided: whole for elided, whole, _ in ROWS["elisions"]}
"""Elided form, with its apostrophe, to the whole word whose term it takes."""

ELISIONS_BEFORE_VOWELS: frozenset[str] = frozenset(
    elided for elided, _, before in ROWS["elisions"] if before == "vowel"
)
"""The elided forms that only a vowel or an h may follow."""

TRUNCATIONS: dict[str, str] = _pairs("truncations")
"""Truncated form, with its apostrophe, to the word whose term it takes."""

ABBREVIATIONS: frozenset[str] = frozenset(row[0] for row in ROWS["abbreviations"])
"""Abbreviations with a dot inside, without their last dot."""

ACCENTED_WORDS: tuple[str, ...] = tuple(value for kind, value in ROWS["accents"] if kind == "word")
"""Words whose last vowel is accented."""

ACCENTED_ENDINGS: tuple[str, ...] = tuple(
    value for kind, value in ROWS["accents"] if kind == "ending"
)
"""Endings whose last vowel is accented in every word but the plain ones."""

PLAIN_WORDS: frozenset[str] = frozenset(value for kind, value in ROWS["accents"] if kind == "plain")
"""Words that have such an ending and no accent."""

ENCLITICS: frozenset[str] = frozenset(v for kind, v, _ in ROWS["affixes"] if kind == "enclitic")
"""Pronouns that end a verb, one or two of them joined."""

IMPERATIVES: dict[str, str] = {v: verb for kind, v, verb in ROWS["affixes"] if kind == "imperative"}
"""Imperatives of one syllable, which double the letter after them, to their verb."""

PREFIXES: tuple[str, ...] = tuple(v for kind, v, _ in ROWS["affixes"] if kind == "prefix")
"""What stands before a word and leaves its inflection alone."""

TERMS: dict[str, str] = _pairs("terms")
"""Forms whose term is not their stem."""

STOP_WORDS: frozenset[str] = frozenset(row[0] for row in ROWS["stop_words"])
"""Forms of the stop words, elided ones left out."""
