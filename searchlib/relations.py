"""Owns how words of a document are related to those of a query: *andai* is a form of *andare*.

An engine scores terms and knows no more of them; who wants to know why *andare* found a text
that has no such word is told here, from the stored text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from searchlib.analysis import Token, fold, is_stop_word
from searchlib.analysis.terms import term_and_rule
from searchlib.query.plan import RefinedField, Term

__all__ = ["MAX_TOLD", "Relations"]

MAX_TOLD = 4
"""Words that are told of one word of the query: those that stand first in the text."""


class Relations:
    """Tells of one document; a field whose text is not stored has no words here.

    >>> from searchlib.analysis import analyze
    >>> Relations({"testo": "Andai al mare"}, analyze).told(Term("testo", "andare"))
    ' (andai: a form of andare)'
    """

    def __init__(
        self, stored: Mapping[str, Any], analyze: Callable[[str], Sequence[Token]]
    ) -> None:
        self._stored = stored
        self._analyze = analyze
        self._words: dict[str, Sequence[Token]] = {}

    def told(self, asked: Term | RefinedField) -> str:
        """Returns the relations in brackets, with a space before them, or nothing to tell.

        Of a term the other forms of the word typed, of the words of a field those akin to them.
        """
        relations = self._forms(asked) if isinstance(asked, Term) else self._kin(asked)
        shown = "; ".join(islice(relations, MAX_TOLD))
        return f" ({shown})" if shown else ""

    def _forms(self, asked: Term) -> Iterable[str]:
        found = (token.form for token in self._tokens(asked.field) if token.term == asked.term)
        forms = dict.fromkeys(found)
        written = getattr(asked.source, "text", "")
        typed = [token.form for token in self._analyze(written) if token.term == asked.term]
        if written and not typed:
            return (f"{form}: akin to {written}" for form in forms)
        word = typed[0] if typed else asked.term
        if is_stop_word(word):
            return ()
        return (_relation(form, word, asked.term) for form in forms if form != word)

    def _kin(self, asked: RefinedField) -> Iterable[str]:
        akin = {term: word.form or word.term for word in asked.words for term in word.kin}
        related = {
            token.form: akin[token.term]
            for token in self._tokens(asked.field)
            if token.term in akin
        }
        return (f"{form}: akin to {word}" for form, word in related.items())

    def _tokens(self, field: str) -> Sequence[Token]:
        if field not in self._words:
            text = self._stored.get(field)
            self._words[field] = self._analyze(text) if isinstance(text, str) else ()
        return self._words[field]


def _relation(form: str, typed: str, term: str) -> str:
    """Returns how a form of a text is related to another one of its term."""
    if fold(form) == fold(typed):
        return f"{form}: another spelling of {typed}"
    if fold(form) == term:
        return f"{typed}: a form of {form}"
    if fold(typed) == term:
        return f"{form}: a form of {typed}"
    if term_and_rule(form)[1] == "stemmer":
        return f"{form}: of one stem with {typed}"
    return f"{form} and {typed}: forms of {term}"
