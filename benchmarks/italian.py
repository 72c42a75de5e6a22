"""Owns the words of the generated collections: invented stems under real Italian inflection.

Stems are made syllable by syllable; the endings are the real paradigms of nouns, adjectives and
verbs; a few real words head each list, so that the commonest look and inflect as readers expect.
:mod:`benchmarks.prose` strings the words into sentences. Nothing here is random beyond the seed:
one seed gives one lexicon, whatever the size of the collection.
"""

# ruff: noqa: SIM905 - tables of words read better as running text than as quoted literals

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

import attrs

__all__ = ["Adjective", "Lexicon", "Noun", "Ranked", "Verb", "build_lexicon", "determiner_class"]

_Entry = TypeVar("_Entry")

# Repetition is weight: "t" begins more syllables than "str".
_ONSETS = (
    "t r l n s c d p m v t r l n s p m b f g c t r l n d v p m c st tr pr cr gr fr sp sc pl z"
).split()
_VOWELS = "a e i o a e i o a e o i a e i o a e o u a e i o u ia io ie uo".split()
# What a stem ends in. Never c or g alone, whose h comes and goes: endings bring it (-ico, -ichi).
_CLOSINGS = (
    "t r l n s d p m v t r l n t r l n t r l n tt ll ss rr nn mm pp bb nd nt rt st lt mp nz rm rn "
    "lm sp ns rs tr zz ff ld rd rv gn v f b z s m d"
).split()

# Singular, plural, feminine.
_NOUN_ENDINGS = (
    [("o", "i", False)] * 8
    + [("a", "e", True)] * 8
    + [("e", "i", False)] * 2
    + [("e", "i", True)] * 2
    + [("azione", "azioni", True)] * 2
    + [("ità", "ità", True)] * 2
    + [
        ("izione", "izioni", True),
        ("ione", "ioni", True),
        ("amento", "amenti", False),
        ("atore", "atori", False),
        ("ore", "ori", False),
        ("atrice", "atrici", True),
        ("enza", "enze", True),
        ("ezza", "ezze", True),
        ("ura", "ure", True),
        ("ista", "isti", False),
        ("ismo", "ismi", False),
        ("ema", "emi", False),
        ("io", "i", False),
        ("ia", "ie", True),
        ("ario", "ari", False),
        ("imento", "imenti", False),
        ("igo", "ighi", False),
        ("ica", "iche", True),
        ("uga", "ughe", True),
        ("ico", "ici", False),
        ("ologo", "ologi", False),
        ("ologia", "ologie", True),
        ("accia", "acce", True),
        ("aggio", "aggi", False),
        ("iere", "ieri", False),
    ]
)

# Masculine and feminine singular, masculine and feminine plural.
_ADJECTIVE_ENDINGS = (
    [("o", "a", "i", "e")] * 8
    + [("e", "e", "i", "i")] * 3
    + [("ale", "ale", "ali", "ali")] * 2
    + [("ico", "ica", "ici", "iche")] * 2
    + [
        ("ivo", "iva", "ivi", "ive"),
        ("oso", "osa", "osi", "ose"),
        ("ano", "ana", "ani", "ane"),
        ("abile", "abile", "abili", "abili"),
        ("ante", "ante", "anti", "anti"),
        ("ista", "ista", "isti", "iste"),
        ("esco", "esca", "eschi", "esche"),
        ("ese", "ese", "esi", "esi"),
    ]
)

# One dict per conjugation: third persons, other persons, infinitive, participle, agreeing
# participle, gerund, infinitive or gerund with an enclitic pronoun.
_VERB_ENDINGS = (
    {
        "singular": "a a a ava ò erà erebbe i asse".split(),
        "plural": "ano ano avano arono eranno erebbero ino assero".split(),
        "other": "o i iamo ate avo avamo erò eremo ai erei".split(),
        "infinitive": ["are"],
        "participle": ["ato"],
        "agreeing": "ato ata ati ate".split(),
        "gerund": ["ando"],
        "enclitic": "arlo arla arli arsi arne arci argli arvi andosi andolo".split(),
    },
    {
        "singular": "e e e eva é erà erebbe a esse".split(),
        "plural": "ono ono evano erono eranno erebbero ano essero".split(),
        "other": "o i iamo ete evo evamo erò eremo ei erei".split(),
        "infinitive": ["ere"],
        "participle": ["uto"],
        "agreeing": "uto uta uti ute".split(),
        "gerund": ["endo"],
        "enclitic": "erlo erla erli ersi erne erci ergli ervi endosi endolo".split(),
    },
    {
        "singular": "isce isce isce iva ì irà irebbe isca isse".split(),
        "plural": "iscono iscono ivano irono iranno irebbero iscano issero".split(),
        "other": "isco isci iamo ite ivo ivamo irò iremo ii irei".split(),
        "infinitive": ["ire"],
        "participle": ["ito"],
        "agreeing": "ito ita iti ite".split(),
        "gerund": ["endo"],
        "enclitic": "irlo irla irli irsi irne irci irgli irvi endosi endolo".split(),
    },
)
_CONJUGATIONS = (0, 0, 0, 0, 0, 1, 1, 2, 2)
_NAME_ENDINGS = "i ini etti elli ucci aro one ano ese ato ia ago ona ara".split()

_REAL_NOUNS = (
    "anno anni m, parte parti f, città città f, tempo tempi m, paese paesi m, stato stati m, "
    "giorno giorni m, governo governi m, acqua acque f, vita vite f, mondo mondi m, uomo uomini m, "
    "legge leggi f, guerra guerre f, scuola scuole f, università università f, casa case f, "
    "forma forme f, secolo secoli m, popolazione popolazioni f, opera opere f, lingua lingue f, "
    "sistema sistemi m, gruppo gruppi m, esercito eserciti m, isola isole f, amico amici m, "
    "problema problemi m, re re m, zona zone f, consiglio consigli m, studio studi m, "
    "spazio spazi m, energia energie f, attività attività f, camera camere f, arma armi f, "
    "storia storie f, regione regioni f, società società f, prezzo prezzi m, uso usi m"
)
_REAL_ADJECTIVES = (
    ("grand", "e"),
    ("nuov", "o"),
    ("italian", "o"),
    ("prim", "o"),
    ("nazion", "ale"),
    ("important", "e"),
    ("econom", "ico"),
    ("antic", "o"),
)
_REAL_VERBS = (("port", 0), ("us", 0), ("trov", 0), ("arriv", 0), ("cred", 1), ("fin", 2))


@attrs.frozen
class Noun:
    """A noun: its two forms, the determiner class of each, and whether it is feminine."""

    singular: str
    plural: str
    singular_class: int
    plural_class: int
    is_feminine: bool


@attrs.frozen
class Adjective:
    """An adjective: four forms (masculine, feminine; singular, then plural) and its adverb."""

    forms: tuple[str, str, str, str]
    adverb: str


@attrs.frozen
class Verb:
    """A verb: its stem, and the endings of its conjugation by slot."""

    stem: str
    endings: dict[str, list[str]]


class Ranked(Generic[_Entry]):
    """Entries drawn by a Zipf-Mandelbrot law: the entry of rank r (from 1) weighs 1/(r+q)^s.

    ``shift`` is q, which flattens the head; ``exponent`` is s, which steepens the tail.

    >>> ranked = Ranked(["anno", "parte", "città"], shift=0.0, exponent=1.0)
    >>> draws = ranked.draw(Random(1), 6000)
    >>> 0.52 < draws.count("anno") / 6000 < 0.57    # 1 / (1 + 1/2 + 1/3) = 0.545
    True
    """

    def __init__(self, entries: Sequence[_Entry], *, shift: float, exponent: float) -> None:
        self.entries = list(entries)
        weights = ((rank + shift) ** -exponent for rank in range(1, len(entries) + 1))
        self._cumulative = list(accumulate(weights))

    def draw(self, random: Random, count: int) -> list[_Entry]:
        """``count`` entries, drawn independently."""
        return random.choices(self.entries, cum_weights=self._cumulative, k=count)


@attrs.frozen
class Lexicon:
    """Every word that a generated collection can hold, apart from names made on the spot."""

    nouns: Ranked[Noun]
    adjectives: Ranked[Adjective]
    verbs: Ranked[Verb]
    names: Ranked[str]


def determiner_class(form: str, *, is_feminine: bool, is_plural: bool) -> int:
    """The column of the determiner tables that goes before ``form``, from 0 to 7.

    Masculine singular before a consonant (il), before s and consonant, z, gn, ps (lo), before a
    vowel (l'); feminine singular before a consonant (la), a vowel (l'); plurals i, gli, le.

    >>> [determiner_class(noun, is_feminine=False, is_plural=False)
    ...  for noun in ("re", "spazio", "anno")]
    [0, 1, 2]
    """
    begins_with_vowel = form[0] in "aeiouàèéìòù"
    if is_feminine:
        return 7 if is_plural else 3 + begins_with_vowel
    is_impure = form.startswith(("z", "gn", "ps")) or (form[0] == "s" and form[1] not in "aeiou")
    if is_plural:
        return 6 if begins_with_vowel or is_impure else 5
    return 2 if begins_with_vowel else int(is_impure)


def make_stem(random: Random, syllables: int) -> str:
    """An Italian-looking stem, of ``syllables`` syllables and a consonant that wants an ending."""
    pick = random.random
    parts = []
    if pick() < 0.14:
        parts.append("aeiou"[int(pick() * 5)])
    for _ in range(syllables):
        parts.append(_ONSETS[int(pick() * len(_ONSETS))])
        parts.append(_VOWELS[int(pick() * len(_VOWELS))])
    parts.append(_CLOSINGS[int(pick() * len(_CLOSINGS))])
    return "".join(parts)


def _stems(random: Random, count: int) -> Iterator[str]:
    """``count`` distinct stems, the commoner ranks shorter (Zipf's law of abbreviation)."""
    seen: set[str] = set()
    while len(seen) < count:
        rank_share = len(seen) / count
        stem = make_stem(random, 1 + (random.random() < 0.30 + 0.45 * rank_share**0.3))
        if stem in seen:
            stem = make_stem(random, 2 + (random.random() < 0.25))
        if stem not in seen:
            seen.add(stem)
            yield stem


def _noun(singular: str, plural: str, *, is_feminine: bool) -> Noun:
    return Noun(
        singular,
        plural,
        determiner_class(singular, is_feminine=is_feminine, is_plural=False),
        determiner_class(plural, is_feminine=is_feminine, is_plural=True),
        is_feminine,
    )


def _adjective(stem: str, endings: tuple[str, str, str, str]) -> Adjective:
    forms = (stem + endings[0], stem + endings[1], stem + endings[2], stem + endings[3])
    base = forms[1]
    adverb = base[:-1] if base.endswith(("ale", "ile", "are")) else base
    return Adjective(forms, adverb + "mente")


@lru_cache(maxsize=2)
def build_lexicon(seed: int) -> Lexicon:
    """The lexicon of ``seed``; about 0.5 s and 40 MB, kept for the last two seeds."""
    random = Random(f"lexicon {seed}")
    nouns = []
    for entry in _REAL_NOUNS.split(", "):
        singular, plural, gender = entry.split()
        nouns.append(_noun(singular, plural, is_feminine=gender == "f"))
    for stem in _stems(random, 40_000):
        ending, plural_ending, is_feminine = random.choice(_NOUN_ENDINGS)
        nouns.append(_noun(stem + ending, stem + plural_ending, is_feminine=is_feminine))

    by_first = {endings[0]: endings for endings in _ADJECTIVE_ENDINGS}
    adjectives = [_adjective(stem, by_first[first]) for stem, first in _REAL_ADJECTIVES]
    adjectives += [
        _adjective(stem, random.choice(_ADJECTIVE_ENDINGS)) for stem in _stems(random, 18_000)
    ]
    verbs = [Verb(stem, _VERB_ENDINGS[number]) for stem, number in _REAL_VERBS]
    verbs += [
        Verb(stem, _VERB_ENDINGS[random.choice(_CONJUGATIONS)]) for stem in _stems(random, 10_000)
    ]
    names = [(stem + random.choice(_NAME_ENDINGS)).title() for stem in _stems(random, 40_000)]
    return Lexicon(
        nouns=Ranked(nouns, shift=12.0, exponent=1.16),
        adjectives=Ranked(adjectives, shift=8.0, exponent=1.16),
        verbs=Ranked(verbs, shift=5.0, exponent=1.16),
        names=Ranked(names, shift=10.0, exponent=1.12),
    )
