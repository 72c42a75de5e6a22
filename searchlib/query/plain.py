"""Owns the short way of query texts without syntax: most of what people type is a few words.

What the parser would make of them is made at once. The short way is taken only where the long one
has nothing to report, and gives the very same tree; a test holds the two equal.
"""

from __future__ import annotations

import re

from searchlib.query.tree import Query, Word, Words

__all__ = ["plain_words"]

MAX_CHARS = 1_000
"""A longer text goes the long way, which knows the limits of bytes and clauses."""

OPERATORS = frozenset(("AND", "E", "OR", "O", "NOT", "NON"))
"""What may be no word, as written."""

# A word begins with a letter or digit and has no character that could end, escape, suffix or
# name anything; question marks at its very end are punctuation and no wildcards.
_WORD = r'[^\W_][^\s()"“”„«»\\:^~*?]*\?*'
_WORDS = re.compile(rf"\s*{_WORD}(?:\s+{_WORD})*\s*")
_RUN = re.compile(r"\S+")


def plain_words(text: str) -> Query | None:
    """Returns the tree of a text that is nothing but words, or None for the parser to read it.

    >>> plain_words("quando è nato Verdi?")
    Words(clauses=(Word(text='quando'), Word(text='è'), Word(text='nato'), Word(text='Verdi?')), \
required=(), excluded=())
    >>> plain_words("missili E droni"), plain_words("missil*")
    (None, None)
    """
    if len(text) > MAX_CHARS or _WORDS.fullmatch(text) is None:
        return None
    words: list[Query] = []
    for run in _RUN.finditer(text):
        word = run[0]
        if word in OPERATORS:
            return None
        words.append(Word(word, span=run.span()))
    return words[0] if len(words) == 1 else Words(tuple(words), span=(0, len(text)))
