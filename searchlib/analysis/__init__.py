"""The Italian analysis: from a text to its tokens.

Normalisation, tokenisation, elision, forms, terms: one module each, in the order of the
data, behind one entry, the `Analyzer`. The choices about words are tables in `data/`.
docs/italian-analysis.md tells what each step does and why.

Importing this package is cheap: the tables are read, and the expressions compiled, with the
first text that is analysed.
"""

from typing import TYPE_CHECKING

from searchlib.analysis.analyzer import Analyzer
from searchlib.analysis.corrections import Corrections
from searchlib.analysis.token import MAX_FORM_BYTES, Chunk, ChunkToken, Token
from searchlib.deferred import deferred

if TYPE_CHECKING:
    from searchlib.analysis.kinship import kin_of
    from searchlib.analysis.normalisation import fold
    from searchlib.analysis.stop_words import is_stop_word, is_truncation
    from searchlib.analysis.terms import term_of

__all__ = [
    "MAX_FORM_BYTES",
    "Analyzer",
    "Chunk",
    "ChunkToken",
    "Corrections",
    "Token",
    "analyze",
    "fold",
    "form_of",
    "is_stop_word",
    "is_truncation",
    "kin_of",
    "shared_analyzer",
    "term_of",
]

__getattr__, __dir__ = deferred(
    __name__,
    {
        "fold": "searchlib.analysis.normalisation",
        "is_stop_word": "searchlib.analysis.stop_words",
        "is_truncation": "searchlib.analysis.stop_words",
        "kin_of": "searchlib.analysis.kinship",
        "term_of": "searchlib.analysis.terms",
    },
)

shared_analyzer = Analyzer()
"""The analyser that the whole library uses, so that one cache serves it."""


def analyze(text: str) -> list[Token]:
    """Return the tokens of an Italian text, in order.

    Each has its `text` as written, its `form` (the normalised spelling), its index `term`,
    its `position`, and its `start` and `end` in code points of the given text.

    >>> for token in analyze("Nell’università, perche' no?"):
    ...     print(token.start, token.end, token.text, token.form, token.term)
    0 5 Nell’ nell' nel
    5 15 università università universita
    17 24 perche' perché perche
    25 27 no no no
    """
    return shared_analyzer.analyze(text)


def form_of(word: str) -> str:
    """Return the form of the first token of a word, or "" if it has none.

    >>> form_of("PERCHE'"), form_of("S.p.A."), form_of("?")
    ('perché', 'spa', '')
    """
    return next((form for form, _, _, _ in shared_analyzer.stream(word)), "")
