"""Elision and truncation: what an apostrophe inside or after a word means.

An elided word (dell', quest') is a word of its own before the next one, and a truncated one
(po', ca') ends with its apostrophe. Any other apostrophe joins what is around it, as a
hyphen does (O'Brien).
"""

from searchlib.analysis.tables import ELISIONS, ELISIONS_BEFORE_VOWELS, TRUNCATIONS

__all__ = ["is_elided", "is_truncated", "keeps_apostrophe"]

# After case folding; h is silent (t'hanno).
_VOWELS = frozenset("aeiouhàáâãäåæèéêëìíîïòóôõöøœùúûü")


def is_elided(word: str, *, before: str) -> bool:
    """Return whether the word, which ends with an apostrophe, is elided before that letter.

    >>> is_elided("m'", before="a"), is_elided("m'", before="b"), is_elided("o'", before="b")
    (True, False, False)
    """
    if word in ELISIONS_BEFORE_VOWELS:
        return before in _VOWELS
    return word in ELISIONS


def keeps_apostrophe(word: str) -> bool:
    """Return whether the apostrophe that ends the word is its own.

    >>> keeps_apostrophe("po'"), keeps_apostrophe("l'"), keeps_apostrophe("citta'")
    (True, True, False)
    """
    return word in ELISIONS or word in TRUNCATIONS


def is_truncated(word: str) -> bool:
    """Return whether the word, which ends with an apostrophe, is a truncated one.

    >>> is_truncated("po'"), is_truncated("dell'")
    (True, False)
    """
    return word in TRUNCATIONS
