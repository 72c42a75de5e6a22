"""The query language: text to tree and back, diagnostics, and the tree's nodes.

>>> from searchlib.query import All, Phrase, Word, parse
>>> parse('missili AND "corea del nord"').query == All((Word("missili"), Phrase("corea del nord")))
True
"""

from typing import TYPE_CHECKING

from searchlib.deferred import deferred
from searchlib.query.diagnostics import Diagnostic
from searchlib.query.parsing import Parsed, parse
from searchlib.query.tree import (
    All,
    Any,
    Boost,
    Everything,
    Exact,
    Fuzzy,
    In,
    Not,
    Phrase,
    Prefix,
    Query,
    Range,
    Regex,
    Wildcard,
    Word,
    Words,
)

if TYPE_CHECKING:
    from searchlib.query.construction import canonical
    from searchlib.query.writer import write

__all__ = [
    "All",
    "Any",
    "Boost",
    "Diagnostic",
    "Everything",
    "Exact",
    "Fuzzy",
    "In",
    "Not",
    "Parsed",
    "Phrase",
    "Prefix",
    "Query",
    "Range",
    "Regex",
    "Wildcard",
    "Word",
    "Words",
    "canonical",
    "parse",
    "write",
]

__getattr__, __dir__ = deferred(
    __name__,
    {"canonical": "searchlib.query.construction", "write": "searchlib.query.writer"},
)
