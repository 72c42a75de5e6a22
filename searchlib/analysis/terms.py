"""Terms: what a form is indexed under.

The term of a word is decided here and nowhere else, from its form alone. What is found
together is what shares a term: the lemma that the lexicon gives to all the forms of a word, or
that grammar gives by the lexicon. Other words have the stem of Snowball's Italian stemmer
(https://snowballstem.org/algorithms/italian/stemmer.html). `data/terms.tsv` corrects them all.
"""

import re
from functools import lru_cache

from searchlib.analysis.inflection import inflected
from searchlib.analysis.lexicon import lexicon
from searchlib.analysis.normalisation import fold
from searchlib.analysis.tables import ELISIONS, TERMS, TRUNCATIONS

__all__ = ["term_and_rule", "term_of"]

# A stem takes some 75 µs, and half the words of a text are its most frequent few hundred.
# Each entry holds some 200 bytes: 13 MB at most.
_CACHED_TERMS = 65_536

# What tells addresses and numbers from words: they are indexed as they are. So are scores and
# spans of years: 2-1 is not 21, though covid-19 is covid19.
_NOT_A_WORD = re.compile(r"[.,:/@]|[0-9]-[0-9]")
_LONGEST_NAME = 7
_VOWELS = frozenset("aeiou")
_NUMERALS = frozenset("ivxlcdm")
_JOINERS = str.maketrans("", "", "-'_")


@lru_cache(maxsize=_CACHED_TERMS)
def term_of(form: str) -> str:
    """Return the index term of a form.

    >>> term_of("andremo"), term_of("camere"), term_of("città"), term_of("citta"), term_of("dell'")
    ('andare', 'camera', 'citta', 'citta', 'del')
    """
    return term_and_rule(form)[0]


def term_and_rule(form: str) -> tuple[str, str]:
    """Return the index term of a form, and the name of the rule that gave it.

    The rules, in the order in which they are asked: "elision", "truncation", "as written" (numbers,
    addresses), "table", "lexicon", "grammar", "name", "stemmer".

    >>> term_and_rule("andremo"), term_and_rule("dirglielo"), term_and_rule("droni")
    (('andare', 'lexicon'), ('dire', 'grammar'), ('dron', 'stemmer'))
    """
    for rule, table in (("elision", ELISIONS), ("truncation", TRUNCATIONS)):
        if form in table:
            return term_of(table[form]), rule
    bare = form.lstrip("#@")
    if _NOT_A_WORD.search(bare):
        return fold(bare), "as written"
    bare = bare.translate(_JOINERS)
    if any(map(str.isdigit, bare)):
        return fold(bare), "as written"
    for rule, find in _RULES:
        term = find(bare)
        if term:
            return term, rule
    return fold(_stem(bare)), "stemmer"


def _known(word: str) -> str | None:
    """Return the lemma of a word that the lexicon has, with its accents or without."""
    # Read at the first word: whoever only opens an index need not wait.
    words = lexicon()
    term = words.term(word)
    if term is None and not word.isascii():
        term = words.term(fold(word))
    return term


def _inflected(word: str) -> str | None:
    """Return the lemma that grammar finds by the lexicon."""
    return inflected(fold(word))


def _name(word: str) -> str | None:
    """Return an unknown word as it is where it is a name or foreign more often than not.

    Italian words end with a vowel, and short feminine ones are in the lexicon: *Maria* is no
    *Mario*, though *droni* are many a *drone*. Nor is *XVII* many a *XVI*.
    """
    folded = fold(word)
    short_feminine = folded.endswith("a") and len(folded) <= _LONGEST_NAME
    is_name = short_feminine or folded[-1:] not in _VOWELS or _NUMERALS.issuperset(folded)
    return folded if is_name else None


_RULES = (
    ("table", TERMS.get),
    ("lexicon", _known),
    ("grammar", _inflected),
    ("name", _name),
)


def _stem(word: str) -> str:
    """Return Snowball's stem of a word without apostrophes."""
    # Importing the stemmer takes as long as the rest of this package: whoever only opens an
    # index need not wait.
    from searchlib.analysis.stemming import stem  # noqa: PLC0415

    return stem(_fold_inner(word))


def _fold_inner(word: str) -> str:
    """Return the word without accents but for its last letter, where they are endings."""
    return word if word.isascii() else fold(word[:-1]) + word[-1:]
