"""Inflection of words that the lexicon does not have, by what it has.

A form is taken apart by the rules of grammar, and a reading counts only where what is left is in
the lexicon: *dirglielo* is *dir(e)* and *glielo*, *freschissimi* is *fresco*, *neofascisti* has
the inflection of *fascista*. What no rule reads is a name or a foreign word more often than not:
`terms` leaves it to the stemmer.
"""

from collections.abc import Iterator

from searchlib.analysis.lexicon import lexicon
from searchlib.analysis.tables import ENCLITICS, IMPERATIVES, PREFIXES

__all__ = ["inflected"]

_LONGEST_ENCLITIC = max(map(len, ENCLITICS))

# What is left of a word must be longer than chance: -mi, -ti, -si end words of all languages.
_SHORTEST_HOST = 3
_SHORTEST_PREFIXED = 5
_SHORTEST_NOMINAL = 4

# The last vowel of an imperative to the end of its infinitive: mangia-lo, prendi-lo, senti-lo.
_IMPERATIVES = {"a": ("are",), "i": ("ere", "ire")}
_INFINITIVES = ("are", "ere", "ire", "rre")
_INVARIABLE = ("ita", "mente")
_SHORTEST_INVARIABLE = 6
_SUPERLATIVES = ("issimo", "issima", "issimi", "issime")

# Last letters of a form to those of the lemma that it may be the feminine or plural of.
_NOMINAL_ENDINGS = (
    ("trice", ("tore",)),
    ("trici", ("tore", "trice")),
    ("chi", ("co", "ca")),
    ("ghi", ("go", "ga")),
    ("che", ("ca", "co")),
    ("ghe", ("ga", "go")),
    ("i", ("o", "e", "io", "a")),
    ("e", ("a", "ia", "o")),
    ("a", ("o",)),
)


def inflected(form: str) -> str | None:
    """Return the term of a folded form that the lexicon lacks, by grammar, or None for no reading.

    >>> inflected("mangiarlo"), inflected("dammelo"), inflected("freschissimi"), inflected("obama")
    ('mangiare', 'dare', 'fresco', None)
    """
    return (
        _invariable(form)
        or _superlative(form)
        or _with_enclitic(form)
        or _nominal(form)
        or _prefixed(form)
        or _truncated(form)
    )


def _invariable(form: str) -> str | None:
    """Adverbs in -mente have one form, and nouns in -ità, with their accent or without."""
    return form if form.endswith(_INVARIABLE) and len(form) >= _SHORTEST_INVARIABLE else None


def _superlative(form: str) -> str | None:
    if not form.endswith(_SUPERLATIVES):
        return None
    stem = form[:-6]
    if stem.endswith(("ch", "gh")):
        return _first_known((stem[:-1] + "o", stem + "io"))
    return _first_known(stem + vowel for vowel in ("e", "o", "io"))


def _with_enclitic(form: str) -> str | None:
    """The verb of a form that ends with pronouns."""
    for size in range(min(_LONGEST_ENCLITIC, len(form) - 2), 1, -1):
        if form[-size:] in ENCLITICS:
            host = form[:-size]
            verb = IMPERATIVES.get(host[:-1]) if _doubles(host, form) else None
            verb = verb or (IMPERATIVES.get(host) if form[-size:].startswith("gli") else None)
            verb = verb or (_verb_of(host) if len(host) >= _SHORTEST_HOST else None)
            if verb:
                return verb
    return None


def _doubles(host: str, form: str) -> bool:
    """Return whether the last letter of the host is that after it: dam-melo."""
    return host[-1] == form[len(host)]


def _verb_of(host: str) -> str | None:
    """The verb of an infinitive without its end, a gerund, a participle or an imperative."""
    words = lexicon()
    if host.endswith("r"):
        return next((v for v in (host + "e", host + "re") if words.term(v) == v), None)
    if host.endswith("te") and words.term(host[:-2] + "re") == host[:-2] + "re":
        # The lexicon has date as forms of data, state of stato: what ends with pronouns is none.
        return host[:-2] + "re"
    for ending in _IMPERATIVES.get(host[-1], ()):
        verb = host[:-1] + ending
        if words.term(verb) == verb:
            return verb
    known = words.term(host)
    if known is None or known == host or not known.endswith(_INFINITIVES):
        return None
    if host.endswith(("ando", "endo", "iamo", "ate", "ete", "ite")):
        return known
    return known if host[-2] in "ts" and len(host) > _SHORTEST_HOST else None


def _nominal(form: str) -> str | None:
    """The lemma of a plural or a feminine whose singular is in the lexicon as a lemma."""
    for ending, lemmas in _NOMINAL_ENDINGS:
        if form.endswith(ending):
            stem = form[: -len(ending)]
            if len(stem) < _SHORTEST_NOMINAL:
                return None
            words = lexicon()
            return next((stem + e for e in lemmas if words.term(stem + e) == stem + e), None)
    return None


def _prefixed(form: str) -> str | None:
    """A prefix and the term of a known word."""
    if not form.startswith(PREFIXES):
        return None
    words = lexicon()
    for prefix in PREFIXES:
        rest = form[len(prefix) :]
        if form.startswith(prefix) and len(rest) >= _SHORTEST_PREFIXED:
            term = words.term(rest) or _nominal(rest)
            if term:
                return prefix + term
    return None


def _truncated(form: str) -> str | None:
    """Nouns in -ore without their last vowel: amor, cuor."""
    return _first_known((form + "e",)) if form.endswith("or") else None


def _first_known(forms: Iterator[str] | tuple[str, ...]) -> str | None:
    words = lexicon()
    return next((term for form in forms if (term := words.term(form))), None)
