"""Owns highlighting: what of a text answers a plan, and which passage of it to show.

``spans`` finds the stretches that match, ``sentences`` the borders, ``passages`` the possible
passages and ``scoring`` the best of them. What leaves here is a ``results.Snippet``; how it looks
is its own business. Text is never changed: a snippet is a slice of it.

A token never has white space in it; the cuts rely on that law of the analyser.
"""

from searchlib.highlight.highlighter import Highlighter, LeafFacts, Matcher
from searchlib.highlight.marking import MAX_PASSAGE_TEXT, best_passage, highlight
from searchlib.highlight.questions import Asked, asked_by

__all__ = [
    "MAX_PASSAGE_TEXT",
    "Asked",
    "Highlighter",
    "LeafFacts",
    "Matcher",
    "asked_by",
    "best_passage",
    "highlight",
]
