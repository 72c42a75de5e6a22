"""Owns the limits that keep the time and memory of any query bounded, each with its reason.

The parser reports a text over a limit, and cuts it there in lenient mode; ``check_tree`` holds a
tree that a program built to the same limits.
"""

from __future__ import annotations

from searchlib.errors import QueryLimitError
from searchlib.query.tree import Query, children

__all__ = [
    "MAX_BOOST",
    "MAX_CLAUSES",
    "MAX_DEPTH",
    "MAX_EDITS",
    "MAX_EXPANSIONS",
    "MAX_PATTERN_STATES",
    "MAX_QUERY_BYTES",
    "MAX_REGEX_CHARS",
    "MAX_SLOP",
    "check_tree",
    "measure",
]

MAX_QUERY_BYTES = 32 * 1024
"""UTF-8 bytes of a query text: ten pages of prose, and still parsed in a fraction of a second."""

MAX_DEPTH = 64
"""Nodes on a path of a tree, and groups open at once. People nest 3 or 4 deep, generated filters
about 20; every walk of a tree may recurse without nearing the interpreter's limit of 1,000."""

MAX_CLAUSES = 1_024
"""Leaves of a tree: each costs a read of a posting list. Lucene draws the same line."""

MAX_EXPANSIONS = 1_024
"""Forms that one pattern may stand for, for the reason of ``MAX_CLAUSES``."""

MAX_REGEX_CHARS = 1_000
"""Code points of a regular expression."""

MAX_PATTERN_STATES = 2_048
"""States of the automata of a query's regular expressions together: a word of n letters takes at
most n times as many steps. ``.{0,1000}`` fits; ``(a{100}){100}`` does not."""

MAX_EDITS = 2
"""Letters of distance of a fuzzy word: at 3, half of all short words are near one another."""

MAX_SLOP = 1_000
"""Positions between the words of a phrase; beyond a thousand, AND says the same."""

MAX_BOOST = 1_000.0
"""Factor of a score; a larger one already drowns every other clause."""


def measure(query: Query) -> tuple[int, int]:
    """Returns the depth (nodes on the longest path) and the number of leaves of a tree.

    >>> from searchlib.query import parse
    >>> measure(parse("missili AND (corea OR russia)").query)
    (3, 3)
    """
    deepest, leaf_count = 0, 0
    # A stack of our own: the tree may be deeper than the interpreter can recurse.
    pending: list[tuple[Query, int]] = [(query, 1)]
    while pending:
        node, depth = pending.pop()
        deepest = max(deepest, depth)
        below = children(node)
        leaf_count += not below
        pending.extend((child, depth + 1) for child in below)
    return deepest, leaf_count


def check_tree(query: Query) -> None:
    """Raises QueryLimitError for a tree that is too deep or has too many clauses.

    A tree out of ``parse`` always passes; a tree that a program built may not.

    >>> from searchlib.query import Word
    >>> check_tree(Word("missili"))
    """
    depth, clauses = measure(query)
    for limit, allowed, found in (
        ("depth", MAX_DEPTH, depth),
        ("clauses", MAX_CLAUSES, clauses),
    ):
        if found > allowed:
            raise QueryLimitError(limit, allowed=allowed, found=found, query="a query tree")
