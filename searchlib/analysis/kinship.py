"""Kinship: what words derived from one another have in common.

A term says which word a form is of, and no more: *fondare* and *fondazione* are two words. Their
kin is a coarser key that they share, by which a query may look for one where the other was
written, as weaker evidence. It is never indexed and no part of the fingerprint.
"""

import re
from functools import lru_cache

__all__ = ["kin_of"]

# As many as the terms of a large index that queries ask for; an entry holds some 200 bytes.
_CACHED_KIN = 16_384

_VOWELS = "aeio"

# What is left of a shorter word begins half the dictionary.
_SHORTEST_KIN = 4

# A word may have two: *nazionalista* is *nazion*, *-al*, *-ista*.
_MOST_SUFFIXES = 2

# Without their last vowels, the longest first. From verbs: what one does, who does it, what can
# be done. From nouns and adjectives: what is of them, who deals with them, what one makes so.
_SUFFIXES = re.compile(
    "(?:istic|itari"
    "|azion|izion|uzion|ament|iment|atric|itric|ativ|itiv|egg|ific"
    "|zion|sion|ment|ator|itor|abil|ibil|evol|esim"
    "|anz|enz|tur|tor|sor|ant|ent|izz|ist|ism|agg|ezz|ier|ial|ian"
    "|ar|er|ir|at|it|ut|ur|iv|al|il|an|es|in|os|ic)$"
)


@lru_cache(maxsize=_CACHED_KIN)
def kin_of(term: str) -> str:
    """Return the key that a term shares with the terms of words derived from the same word.

    The key begins the term: the kin of a term are among the words that begin with its key. It
    has at least four letters, or is the term itself.

    >>> kin_of("fondare"), kin_of("fondazione"), kin_of("fondatore"), kin_of("gas")
    ('fond', 'fond', 'fond', 'gas')
    """
    key = term.rstrip(_VOWELS)
    for _ in range(_MOST_SUFFIXES):
        shorter = _SUFFIXES.sub("", key).rstrip(_VOWELS)
        if len(shorter) >= _SHORTEST_KIN:
            key = shorter
    return key if len(key) >= _SHORTEST_KIN else term
