"""The query language: text to tree and back, diagnostics, and the tree's nodes.

>>> from searchlib.query import All, Phrase, Word, parse
>>> parse('missili AND "corea del nord"').query == All((Word("missili"), Phrase("corea del nord")))
True
"""

from searchlib.query.construction import canonical
from searchlib.query.diagnostics import Diagnostic
from searchlib.query.parser import Parsed, parse
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
