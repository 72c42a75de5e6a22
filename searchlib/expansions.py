"""Owns what a query may look for besides its words where it is asked to: words made of them.

Two kinds, each opt-in: ``"altered"`` words are diminutives, augmentatives and their like (*casetta,
casona* of *casa*), formed by the rules of `data/alterations.tsv`; ``"derived"`` words share their
root (*fondazione, fondatore* of *fondare*), by ``kin_of``. Only words that the index has are
looked for. They select like words typed, and count half of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import attrs

from searchlib.analysis import Analyzer, is_stop_word
from searchlib.analysis.kinship import kin_of
from searchlib.analysis.terms import term_and_rule
from searchlib.engines.base import Snapshot
from searchlib.query.plan import Combination, Leaf, Plan, Term
from searchlib.query.tree import Word
from searchlib.rows import read_rows

__all__ = ["KINDS", "MAX_EXPANDED", "WEIGHT", "Expansions", "altered_forms"]

KINDS = ("derived", "altered")

WEIGHT = 0.5
"""What a word that was not typed counts beside the one that was."""

MAX_EXPANDED = 256
"""Words that one query is expanded by; each is a leaf more."""

_MAX_KIN = 64
"""Terms that begin alike whose roots are compared."""

_DATA = Path(__file__).with_name("data") / "alterations.tsv"
_VERBS = ("are", "ere", "ire", "rre")
_SHORTEST_STEM = 3
_MASCULINE, _FEMININE, _EITHER = "oi", "ae", "oiae"
_GENDERS = {"o": _MASCULINE, "a": _FEMININE, "e": _EITHER}
_LARGE = "on"


class Expansions:
    """Expands the plan of one query by words of one snapshot."""

    def __init__(self, snapshot: Snapshot, analyzer: Analyzer, kinds: Iterable[str]) -> None:
        self._snapshot = snapshot
        self._analyzer = analyzer
        self._kinds = frozenset(kinds)
        self._left = MAX_EXPANDED

    def of(self, plan: Plan) -> Plan:
        """Returns the plan with each typed word exchanged for it or one made of it.

        Phrases, exact forms and patterns stay as they are, and so does what is excluded.
        """
        if isinstance(plan, Combination):
            required = tuple(map(self.of, plan.required))
            return Combination(required, tuple(map(self.of, plan.optional)), plan.excluded)
        return self._word(plan)

    def _word(self, leaf: Leaf) -> Plan:
        if not isinstance(leaf, Term) or not isinstance(leaf.source, Word):
            return leaf
        tokens = self._analyzer.analyze(leaf.source.text)
        form = next((token.form for token in tokens if token.term == leaf.term), None)
        if form is None or is_stop_word(form):
            return leaf
        found = dict.fromkeys(self._terms(leaf, form))
        found.pop(leaf.term, None)
        terms = list(found)[: self._left]
        self._left -= len(terms)
        others = (attrs.evolve(leaf, term=term, boost=leaf.boost * WEIGHT) for term in terms)
        return Combination(optional=(leaf, *others)) if terms else leaf

    def _terms(self, leaf: Term, form: str) -> Iterator[str]:
        if "derived" in self._kinds:
            akin = self._snapshot.kin(leaf.field, leaf.term, limit=_MAX_KIN)
            yield from (term for term in akin if kin_of(term) == kin_of(leaf.term))
        if "altered" in self._kinds and term_and_rule(form)[1] in ("lexicon", "grammar", "table"):
            for altered in altered_forms(leaf.term):
                if self._snapshot.form_frequency(leaf.field, altered):
                    yield self._analyzer.analyze(altered)[0].term


def altered_forms(word: str) -> Iterator[str]:
    """Yields what may be made of a noun or an adjective, given in its singular: by the rules alone.

    >>> forms = set(altered_forms("casa"))
    >>> sorted({"casetta", "casina", "casona", "casone", "casaccia", "casino", "casello"} & forms)
    ['casaccia', 'casetta', 'casina', 'casona', 'casone']
    >>> {"amichetto", "barchette", "leoncini"} <= {
    ...     form for word in ("amico", "barca", "leone") for form in altered_forms(word)
    ... }
    True
    """
    suffixes, apart = _table()
    stem, genders = word[:-1], _GENDERS.get(word[-1:], "")
    if not genders or len(stem) < _SHORTEST_STEM or word.endswith(_VERBS):
        return
    for row in suffixes:
        suffix = row.removeprefix("+")
        if suffix != row and not word.endswith(("one", "ona")):
            continue
        for altered in _joined(stem, suffix, is_hard=word[-1] in "oa"):
            yield from _inflected(altered, genders, is_large=suffix == _LARGE, apart=apart)


def _joined(stem: str, suffix: str, *, is_hard: bool) -> Iterator[str]:
    """Yields the stem with the suffix: amic-h-etto, bac-etto of bacio, occh-ietto of occhio."""
    is_front = suffix[0] in "ei"
    if is_front and is_hard and stem.endswith(("c", "g")):
        yield stem + "h" + suffix
    elif is_front and stem.endswith("i"):
        yield stem[:-1] + suffix
        if not stem.endswith(("ci", "gi")):
            yield stem + suffix
    elif suffix != _LARGE or not stem.endswith("i"):
        # Of words in -ione hardly one is large: regia and regione.
        yield stem + suffix


def _inflected(
    altered: str, genders: str, *, is_large: bool, apart: frozenset[str]
) -> Iterator[str]:
    """Yields the forms of an altered word, unless they are those of another one."""
    if is_large and altered + "e" in apart:
        return
    if is_large:
        # A large house may be masculine: casona, casone.
        endings = {"e": "ei"} if genders == _MASCULINE else {"e": "ei", "a": "ae"}
    else:
        endings = {pair[0]: pair for pair in (_MASCULINE, _FEMININE) if pair in genders}
    for singular, vowels in endings.items():
        if altered + singular not in apart:
            yield from (_without_double_i(altered + vowel) for vowel in vowels)


def _without_double_i(form: str) -> str:
    """Returns casacce for casaccie, pesciacci for pesciaccii."""
    if form.endswith("ii"):
        return form[:-1]
    return form[:-2] + "e" if form.endswith(("ccie", "ggie")) else form


@cache
def _table() -> tuple[tuple[str, ...], frozenset[str]]:
    rows = read_rows(_DATA, columns=2)
    suffixes = tuple(value for kind, value in rows if kind == "suffix")
    return suffixes, frozenset(value for kind, value in rows if kind == "apart")
