"""Owns the sentences of the generated collections: real function words around invented words.

A clause is a pattern of chunks (noun phrase, verb phrase, prepositional phrase ...). Articles and
articulated prepositions agree with their nouns and elide before vowels. The weights were set by
hand until the share of the commonest words, the growth of the vocabulary and the lengths of words
and sentences came near those of Italian encyclopedic text; ``docs/benchmarks.md`` shows both.
"""

# ruff: noqa: SIM905 - tables of words read better as running text than as quoted literals

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from benchmarks.italian import Lexicon, Noun, make_stem

__all__ = ["Prose"]

# Columns as determiner_class() numbers them; "_" is a space.
_FORMS = {
    "il": "il_ lo_ l' la_ l' i_ gli_ le_",
    "un": "un_ uno_ un_ una_ un' dei_ degli_ delle_",
    "del": "del_ dello_ dell' della_ dell' dei_ degli_ delle_",
    "al": "al_ allo_ all' alla_ all' ai_ agli_ alle_",
    "dal": "dal_ dallo_ dall' dalla_ dall' dai_ dagli_ dalle_",
    "nel": "nel_ nello_ nell' nella_ nell' nei_ negli_ nelle_",
    "sul": "sul_ sullo_ sull' sulla_ sull' sui_ sugli_ sulle_",
    "con il": "con_il_ con_lo_ con_l' con_la_ con_l' con_i_ con_gli_ con_le_",
    "per il": "per_il_ per_lo_ per_l' per_la_ per_l' per_i_ per_gli_ per_le_",
    "questo": "questo_ questo_ quest' questa_ quest' questi_ questi_ queste_",
    "quello": "quel_ quello_ quell' quella_ quell' quei_ quegli_ quelle_",
    "il suo": "il_suo_ il_suo_ il_suo_ la_sua_ la_sua_ i_suoi_ i_suoi_ le_sue_",
    "il loro": "il_loro_ il_loro_ il_loro_ la_loro_ la_loro_ i_loro_ i_loro_ le_loro_",
    "un altro": "un_altro_ un_altro_ un_altro_ un'altra_ un'altra_ altri_ altri_ altre_",
}


def _spread(weights: dict[str, int]) -> tuple[str, ...]:
    """The keys, each as often as its weight says, so that one uniform pick draws by weight."""
    return tuple(key for key, weight in weights.items() for _ in range(weight))


def _determiners(weights: dict[str, int]) -> tuple[tuple[str, ...], ...]:
    """Rows of the table above, or the word itself before any noun, each as often as it weighs."""
    rows = []
    for key in _spread(weights):
        bare = f"{key} ".lstrip()
        forms = _FORMS[key].split() if key in _FORMS else [bare] * 8
        rows.append(tuple(form.replace("_", " ") for form in forms))
    return tuple(rows)


_SUBJECTS = _determiners(
    {"il": 54, "un": 24, "": 10, "questo": 4, "il suo": 3, "quello": 2, "ogni": 1, "il loro": 1}
    | {"un altro": 1, "due": 1}
)
_PREPOSITIONS = _determiners(
    {"di": 33, "del": 32, "al": 9, "in": 11, "nel": 9, "dal": 5, "sul": 4, "con il": 3, "per": 6}
    | {"per il": 3, "a": 8, "con": 4, "da": 4, "tra": 2, "dopo": 1, "senza": 1, "durante": 1}
)
# What precedes a verb, and the slot of its ending.
_VERB_PHRASES = (
    [("", "singular")] * 18
    + [("", "plural")] * 8
    + [("", "other")] * 4
    + [("ha ", "participle")] * 7
    + [("hanno ", "participle")] * 3
    + [("è ", "agreeing")] * 7
    + [("sono ", "agreeing")] * 4
    + [("si ", "singular")] * 4
    + [("non ", "singular")] * 4
    + [
        ("è stato ", "participle"),
        ("sono stati ", "agreeing"),
        ("era ", "agreeing"),
        ("si è ", "agreeing"),
        ("si ", "plural"),
        ("lo ", "singular"),
        ("ne ", "singular"),
        ("ci ", "singular"),
        ("l'ha ", "participle"),
        ("non è ", "agreeing"),
        ("non ha ", "participle"),
        ("aveva ", "participle"),
        ("può ", "infinitive"),
        ("deve ", "infinitive"),
        ("possono ", "infinitive"),
        ("viene ", "agreeing"),
        ("essere ", "agreeing"),
        ("fu ", "agreeing"),
        ("", "gerund"),
        ("può ", "enclitic"),
    ]
)
_INFINITIVES = (
    ("di ", "infinitive"),
    ("a ", "infinitive"),
    ("per ", "infinitive"),
    ("da ", "infinitive"),
    ("per ", "enclitic"),
)
_CONNECTORS = _spread(
    {" e ": 34, ", che ": 12, " che ": 22, ", ma ": 6, " o ": 7, ", mentre ": 2, " perché ": 2}
    | {", e ": 7, " quando ": 3, " come ": 8, " se ": 3, "; ": 2, ": ": 2, ", anche se ": 1}
    | {", dove ": 1, ", cioè ": 1, " in cui ": 2, ", poiché ": 1}
)
_ADVERBS = _spread(
    {"più": 12, "anche": 8, "già": 3, "così": 3, "ancora": 3, "molto": 4, "solo": 4, "poi": 3}
    | {"sempre": 3, "oggi": 2, "prima": 3, "inoltre": 2, "quasi": 1, "però": 2, "un po'": 1}
)
# Clauses: N noun phrase, V verb phrase, P prepositional phrase, A adverb, M proper name,
# D date, amount or number, I infinitive phrase, B copula and adjective.
_CLAUSES = (
    "NVN NVNP NVP NVPP NPVN NPVNP NPPVP MVN MVNP MVP NVAP NAVN NPVD NVDP MVIN NVIN NBP NPB NBAP "
    "PNVN PNVP DNVNP NVNPP NVNP NPPB VNP VNPP VP VIN MBP NVPM NPMVP NVD PVNP NVNP NPVP"
).split()
_TITLES = "NP NPP N NPB M MP NPM NVP NVNP".split()
_COPULAS = ("è ", "è ", "sono ", "era ", "non è ", "erano ", "resta ")
_GIVEN_NAMES = (
    "Maria Giuseppe Anna Giovanni Antonio Luca Marco Francesca Paolo Elena Andrea Chiara Laura "
    "Alessandro Giulia Roberto Nicolò Simone Matteo Sara Davide Lucia"
).split()
_PLACES = ("a ", "di ", "da ", "in ", "")
_MONTHS = (
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
).split()
_FINAL_ACCENT = re.compile(r"([àèéìòùÈ])(?!\w)")
_UNACCENTED = str.maketrans("àèéìòùÈ", "aeeiouE")


class Prose:
    """The sentences of one document, drawn from ``random``; made anew for each document.

    Content words come from pools drawn once per document and smaller than its need, so words recur
    inside a document as they do in real text, while over the collection each keeps its rank.

    >>> from benchmarks.italian import build_lexicon
    >>> prose = Prose(build_lexicon(1), Random(3), length_words=40)
    >>> prose.body().count(".") > 0
    True
    """

    def __init__(self, lexicon: Lexicon, random: Random, *, length_words: int) -> None:
        self._pick = random.random
        self._random = random
        self._length_words = length_words
        self._nouns = lexicon.nouns.draw(random, 6 + int(length_words * 0.20))
        self._adjectives = lexicon.adjectives.draw(random, 3 + int(length_words * 0.08))
        self._verbs = lexicon.verbs.draw(random, 3 + int(length_words * 0.08))
        self._names = lexicon.names.draw(random, 2 + int(length_words * 0.02))
        self._curly = self._pick() < 0.4
        # Newswire and old keyboards write the final accent as an apostrophe: perche', E'.
        self._accents_as_apostrophes = self._pick() < 0.06
        self._chunks: dict[str, Callable[[], str]] = {
            "N": self._noun_phrase,
            "P": self._prepositional_phrase,
            "V": self._verb_phrase,
            "A": self._adverb,
            "M": self._name,
            "D": self._figure,
            "I": self._infinitive,
            "B": self._copula,
        }

    def title(self) -> str:
        """A title: one short clause, capitalised, with no stop."""
        words = self._clause(_TITLES)
        return self._spell(words[0].upper() + words[1:])

    def body(self) -> str:
        """Sentences until ``length_words`` words are there, in paragraphs split by newlines."""
        pick = self._pick
        parts: list[str] = []
        words = 0
        while words < self._length_words:
            sentence = self._sentence()
            words += sentence.count(" ") + sentence.count("'") + 1
            parts.append(sentence)
            parts.append("\n" if pick() < 0.2 else " ")
        return self._spell("".join(parts).rstrip())

    def _spell(self, text: str) -> str:
        if self._accents_as_apostrophes:
            text = _FINAL_ACCENT.sub(lambda found: found[1].translate(_UNACCENTED) + "'", text)
        return text.replace("'", "’") if self._curly else text

    def _sentence(self) -> str:
        pick = self._pick
        text = self._clause(_CLAUSES)
        while pick() < 0.55:
            text += _CONNECTORS[int(pick() * len(_CONNECTORS))] + self._clause(_CLAUSES)
        text = text[0].upper() + text[1:]
        ending = pick()
        if ending < 0.03:
            return f"«{text}»."
        return text + ("." if ending < 0.96 else "?" if ending < 0.98 else "!")

    def _clause(self, patterns: list[str]) -> str:
        chunks = self._chunks
        pattern = patterns[int(self._pick() * len(patterns))]
        return " ".join([chunks[chunk]() for chunk in pattern])

    def _noun_phrase(self) -> str:
        return self._determined(_SUBJECTS)

    def _prepositional_phrase(self) -> str:
        return self._determined(_PREPOSITIONS)

    def _determined(self, determiners: tuple[tuple[str, ...], ...]) -> str:
        """A determiner, its noun, and every third time an adjective, in agreement."""
        pick = self._pick
        row = determiners[int(pick() * len(determiners))]
        noun: Noun = self._nouns[int(pick() * len(self._nouns))]
        chance = pick()
        is_plural = chance < 0.3
        if is_plural:
            phrase = row[noun.plural_class] + noun.plural
        else:
            phrase = row[noun.singular_class] + noun.singular
        # The same draw, scaled back: an adjective is as likely beside a plural as a singular.
        if (chance / 0.3 if is_plural else (chance - 0.3) / 0.7) < 0.33:
            adjective = self._adjectives[int(pick() * len(self._adjectives))]
            phrase += " " + adjective.forms[noun.is_feminine + 2 * is_plural]
        return phrase

    def _verb(self, phrases: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> str:
        pick = self._pick
        before, slot = phrases[int(pick() * len(phrases))]
        verb = self._verbs[int(pick() * len(self._verbs))]
        endings = verb.endings[slot]
        return before + verb.stem + endings[int(pick() * len(endings))]

    def _verb_phrase(self) -> str:
        return self._verb(_VERB_PHRASES)

    def _infinitive(self) -> str:
        return self._verb(_INFINITIVES)

    def _adverb(self) -> str:
        pick = self._pick
        if pick() < 0.2:
            return self._adjectives[int(pick() * len(self._adjectives))].adverb
        return _ADVERBS[int(pick() * len(_ADVERBS))]

    def _copula(self) -> str:
        pick = self._pick
        adjective = self._adjectives[int(pick() * len(self._adjectives))]
        return _COPULAS[int(pick() * len(_COPULAS))] + adjective.forms[int(pick() * 4)]

    def _name(self) -> str:
        """A person, a place or an acronym; one in twenty is made on the spot.

        Such names keep the vocabulary growing with the collection, as it does in real text.
        """
        pick = self._pick
        chance = pick()
        if chance < 0.05:
            name = make_stem(self._random, 2).title() + "aeio"[int(pick() * 4)]
        else:
            name = self._names[int(pick() * len(self._names))]
        if chance < 0.45:
            return f"{_GIVEN_NAMES[int(pick() * len(_GIVEN_NAMES))]} {name}"
        if chance < 0.85:
            return _PLACES[int(pick() * len(_PLACES))] + name
        return name[:3].upper() if chance < 0.97 else f"{name} S.p.A."

    def _figure(self) -> str:
        """A year, a date, an amount, a percentage, an hour or a plain number."""
        pick = self._pick
        kind = int(pick() * 6)
        number = int(2 ** (pick() * 14))
        if kind == 0:
            return f"nel {1850 + int(pick() * 176)}"
        if kind == 1:
            month = _MONTHS[int(pick() * 12)]
            return f"il {1 + int(pick() * 28)} {month} {1950 + int(pick() * 76)}"
        if kind == 2:
            return f"{number:,} euro".replace(",", ".")
        if kind == 3:
            return f"il {pick() * 100:.1f}%".replace(".", ",")
        if kind == 4:
            return f"alle {int(pick() * 24)}.{int(pick() * 6)}0"
        return f"{2 + number % 30} {self._nouns[int(pick() * len(self._nouns))].plural}"
