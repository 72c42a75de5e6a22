"""The analysis of one chunk: a run of text without white space, and what its tokens are.

Normalisation, words, forms and terms meet here. `analyzer` remembers what comes out; it imports
this module, and with it every table, at the first chunk that it does not know.
"""

import re
from sys import intern

from searchlib.analysis.accents import correct_accent
from searchlib.analysis.forms import words
from searchlib.analysis.normalisation import normalise
from searchlib.analysis.terms import term_of
from searchlib.analysis.token import MAX_FORM_BYTES, Chunk, ChunkToken

__all__ = ["analyze_chunk"]

# One word of Italian letters and the punctuation around it, as nine chunks of ten are: it needs
# none of the steps between its spelling and its form. A test holds both ways equal.
_PLAIN_WORD = re.compile(r"[(\[“«]*([A-Za-zÀÈÉÌÒÙàèéìòù]{1,30})[.,;:!?)\]”»]*")


def analyze_chunk(written: str) -> Chunk:
    """Return the analysis of a run of text without white space.

    >>> [token.form for token in analyze_chunk("dell’arte,").tokens]
    ["dell'", 'arte']
    """
    plain = _PLAIN_WORD.fullmatch(written)
    if plain is not None:
        form = intern(correct_accent(plain[1].lower()))
        return Chunk((ChunkToken(form, term_of(form), 0, 1, *plain.span(1)),), 1, 0)
    return _analyze_any_chunk(written)


def _analyze_any_chunk(written: str) -> Chunk:
    """Return the analysis of a chunk that is more than a plain word."""
    normalised = normalise(written)
    found: list[ChunkToken] = []
    position = 0
    overlong = 0
    for word in words(normalised.text):
        if _is_overlong(word.form):
            overlong += 1
        else:
            start, end = normalised.starts[word.start], normalised.ends[word.end - 1]
            # Interned: the chunks "anno", "Anno" and "anno," share one string.
            form = intern(word.form)
            found.append(ChunkToken(form, term_of(form), position, word.parts or 1, start, end))
        if not word.parts:
            position += 1
    return Chunk(tuple(found), position, overlong)


def _is_overlong(form: str) -> bool:
    return len(form) > MAX_FORM_BYTES or (
        not form.isascii() and len(form.encode()) > MAX_FORM_BYTES
    )
