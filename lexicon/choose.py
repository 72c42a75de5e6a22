"""Choosing: one lemma for each form, from a list of forms and lemmas that gives one reading.

The source names one lemma per form, the last of its readings in the alphabet: *libro* is a form
of *librare* there and *libri* one of *libro*. So the readings are put together again: verbs with
their regular forms, nouns and adjectives with their plurals and feminines. Where a form has
several, how often it is written decides, beside how often its verb would make it be written.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median

from grammar import PARTICIPLE, PRESENT_PARTICIPLE, conjugate, feminines, is_infinitive, plurals

__all__ = ["choose", "rows"]

_HERE = Path(__file__).parent

# Accents inside a word are a matter of pronunciation (àncora): nobody writes them.
_WORD = re.compile(r"[a-z]*[a-zàèéìòù]")

# A verb has dozens of forms; a noun that ends like one (mare, carattere) has two.
_FEWEST_VERB_FORMS = 10

# Verbs rarer than this (per word of text) say nothing of how forms are shared out.
_LEAST_VERB = 1e-6
_FEWEST_SHARES = 20

# Least frequencies, per word of text, at which a form of grammar's making counts as attested:
# one in a hundred million words is a misspelling.
_LEAST_FORM = 5e-8
_LEAST_ADVERB = 3e-8
_LEAST_SUPERLATIVE = 2e-7
_LEAST_NOUN = 2e-7

# A form in -o that is written so many times more often than its verb explains is a noun (aiuto).
_NOUN_OVER_FIRST_PERSON = 8

# A group of participles that is so many times more frequent than the other gender's, and than the
# verb explains, is a noun (mercato).
_NOUN_OVER_OTHER_GENDER = 8
_NOUN_OVER_PARTICIPLE = 3

# A verb has a form that it explains half of; and more of those that else would be the feminine of
# an adjective, which is seldom as frequent (manca).
_TRUST_OVER_NOUN = 4
_TRUST_OVER_FEMININE = 6

# Where readings compete, that of the source counts so many times.
_TRUST = 3

# The analyser takes these apart itself, for every adjective.
_SUPERLATIVES = ("issimo", "issima", "issimi", "issime")

_ADJECTIVES = (
    "iano",
    "ese",
    "oso",
    "ivo",
    "ico",
    "ario",
    "orio",
    "evole",
    "aneo",
    "ano",
    "esco",
    "ingo",
    "fero",
    "voro",
    "logo",
    "grafo",
    "crata",
    "fobo",
    "filo",
    "cida",
)
_SHORTEST_SUFFIXED = 6
_LEAST_MASCULINE = 0.1


def rows(name: str) -> list[list[str]]:
    """Return the rows of a table of this folder."""
    lines = (_HERE / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def choose(
    source: Mapping[str, str], frequency: Mapping[str, float], invariable: Iterable[str]
) -> dict[str, str]:
    """Return the lemma of each form; `invariable` are accented words of one form."""
    choice = _Choice(source, frequency)
    forms = {*choice.source, *choice.verbs_of, *choice.nominals_of}
    chosen = {form: choice.lemma(form) for form in sorted(forms)}
    # Where the verb took the singular of its noun, the plural goes with it: prova, prove.
    for lemma, nominal in choice.nominals.items():
        if chosen.get(lemma) in choice.verbs:
            chosen.update((form, chosen[lemma]) for form in nominal if chosen[form] == lemma)
    chosen = {form: lemma for form, lemma in chosen.items() if not form.endswith(_SUPERLATIVES)}
    chosen.update(choice.given)
    # Names have no plural and no feminine: grammar shall read Maria as no form of Mario.
    for (name,) in rows("names"):
        for vowel in "aeio":
            chosen.setdefault(name[:-1] + vowel, name[:-1] + vowel)
    for word in invariable:
        chosen.setdefault(word, word)
    return chosen


class _Choice:
    """The readings of every form, and what decides between them."""

    def __init__(self, source: Mapping[str, str], frequency: Mapping[str, float]) -> None:
        self.source = {
            form: lemma
            for form, lemma in source.items()
            if _WORD.fullmatch(form) and _WORD.fullmatch(lemma)
        }
        self.frequency = frequency
        self.forms_of: dict[str, set[str]] = defaultdict(set)
        for form, lemma in self.source.items():
            self.forms_of[lemma].add(form)
        self.nouns = {row[0] for row in rows("nouns")}
        self.apart = {row[0] for row in rows("apart")}
        self.given = {row[0]: row[0] for row in rows("names")} | dict(rows("overrides"))
        self.verbs = self._verbs()
        self.verbs_of: dict[str, dict[str, str | None]] = defaultdict(dict)
        for verb, slots in self.verbs.items():
            for form, slot in slots.items():
                self.verbs_of[form][verb] = slot
        self.nominals = self._nominals()
        self.share = self._shares()
        self.mass = {verb: self._mass(verb) for verb in self.verbs}
        self._add_nouns_of_verbs()
        self.nominals_of: dict[str, set[str]] = defaultdict(set)
        self._add_plurals()
        self.feminine_of: dict[str, str] = {}
        self._join_genders()

    def written(self, *forms: str) -> float:
        """How often forms are written, per word of text."""
        return sum(self.frequency.get(form, 0.0) for form in forms)

    # The readings.

    def _verbs(self) -> dict[str, dict[str, str | None]]:
        """The forms of each verb with their slots; None for irregular forms."""
        irregular = sorted(rows("participles"), key=lambda row: -len(row[0]))
        verbs: dict[str, dict[str, str | None]] = {}
        for verb, forms in self.forms_of.items():
            if not is_infinitive(verb) or len(forms) < _FEWEST_VERB_FORMS:
                continue
            slots: dict[str, str | None] = dict.fromkeys(sorted(forms))
            ends = next(((end, by) for end, by in irregular if verb.endswith(end)), None)
            participle = verb.removesuffix(ends[0]) + ends[1] if ends else None
            for form, slot in conjugate(verb):
                if slot == PARTICIPLE and participle and form not in forms:
                    continue
                if form in forms or form in self.source or form in self.frequency:
                    slots[form] = slot
            if participle:
                slots.update((participle[:-1] + vowel, PARTICIPLE) for vowel in "oaie")
            self._add_participles(slots, forms)
            verbs[verb] = slots
        return verbs

    def _add_participles(self, slots: dict[str, str | None], forms: set[str]) -> None:
        """Add those whose masculine the source has as the verb's, and others as the masculine's."""
        for form in sorted(forms):
            if form.endswith(("to", "so")) and slots[form] in {None, PARTICIPLE}:
                others = [each for each in self.forms_of.get(form, ()) if each[:-1] == form[:-1]]
                if others:
                    slots.update(dict.fromkeys([form, *others], PARTICIPLE))

    def _nominals(self) -> dict[str, set[str]]:
        """The forms of each noun and adjective; participles are none, unless a table says so."""
        nominals = {
            lemma: {lemma, *forms}
            for lemma, forms in self.forms_of.items()
            if lemma not in self.verbs
            and set(self.verbs_of.get(lemma, {}).values()) != {PARTICIPLE}
        }
        for noun in self.nouns:
            nominals.setdefault(noun, set()).add(noun)
        own = {form: noun for noun in self.nouns | self.apart for form in (noun, *plurals(noun))}
        for lemma, forms in nominals.items():
            forms -= {form for form in forms if form[-1] in "ae" and own.get(form, lemma) != lemma}
        return nominals

    def _add_nouns_of_verbs(self) -> None:
        """Add nouns that the source has as forms of verbs only: aiuto, collo."""
        for form, verbs in self.verbs_of.items():
            slots = set(verbs.values())
            if "o" not in slots or PARTICIPLE in slots or form in self.nominals or len(form) < 4:
                continue
            if form in self.given:
                continue
            expected = sum(self._expected(form, verb) for verb in verbs)
            if self.written(form) > max(_LEAST_NOUN, _NOUN_OVER_FIRST_PERSON * expected):
                self.nominals[form] = {form}

    def _add_plurals(self) -> None:
        for lemma, forms in self.nominals.items():
            for plural in plurals(lemma):
                if plural in self.source or self.written(plural) > _LEAST_FORM:
                    forms.add(plural)
            for form in forms:
                self.nominals_of[form].add(lemma)

    def _join_genders(self) -> None:
        """Give adjectives their feminines, and names of persons."""
        for lemma in sorted(self.nominals):
            feminine = lemma[:-1] + "a"
            if lemma.endswith("o") and self._is_adjective(lemma):
                for form in feminines(lemma):
                    if form in self.source or self.written(form) > _LEAST_FORM:
                        self.nominals[lemma].add(form)
                        self.nominals_of[form].add(lemma)
                if feminine in self.nominals:
                    self.feminine_of[feminine] = lemma
            elif lemma.endswith("trice") and lemma not in self.apart:
                masculine = lemma.removesuffix("trice") + "tore"
                if masculine in self.nominals:
                    self.feminine_of[lemma] = masculine
        for masculine, feminine in rows("genders"):
            if masculine in self.nominals or masculine in self.source:
                self.feminine_of[feminine] = masculine

    def _is_adjective(self, lemma: str) -> bool:
        """Whether a word in -o has a feminine in -a: it has an adverb, a superlative, an ending."""
        stem, feminine = lemma[:-1], lemma[:-1] + "a"
        if len(lemma) < 4 or feminine in self.apart or feminine in self.verbs:
            return False
        if feminine.endswith("ista"):
            return False
        if feminine in self.nominals and self.written(
            lemma, list(plurals(lemma))[-1]
        ) < _LEAST_MASCULINE * self.written(feminine):
            return False
        base = stem + "h" if stem.endswith(("c", "g")) else stem.removesuffix("i")
        return (
            stem + "amente" in self.source
            or self.written(stem + "amente") > _LEAST_ADVERB
            or self.written(base + "issimo") > _LEAST_SUPERLATIVE
            or (lemma.endswith(_ADJECTIVES) and len(lemma) >= _SHORTEST_SUFFIXED)
            or any(self.source.get(form) == lemma for form in feminines(lemma))
        )

    # How often a verb makes its forms be written.

    def _slot(self, form: str, verb: str) -> tuple[str, str | None, str]:
        slot = self.verbs[verb].get(form)
        return verb[-3:], slot, form[-1] if slot == PARTICIPLE else ""

    def _own_forms(self, verb: str) -> list[str]:
        """The regular forms of a verb that are nothing else."""
        nominal = self._nominal_forms
        return [
            form
            for form, slot in self.verbs[verb].items()
            if slot and len(self.verbs_of[form]) == 1 and form not in nominal
        ]

    def _shares(self) -> dict[tuple[str, str | None, str], float]:
        """How often each slot is written beside the infinitive: the median over the verbs."""
        self._nominal_forms = {form for forms in self.nominals.values() for form in forms}
        ratios: dict[tuple[str, str | None, str], list[float]] = defaultdict(list)
        for verb in self.verbs:
            own = self._own_forms(verb)
            if verb in own and self.written(verb) >= _LEAST_VERB:
                for form in own:
                    ratios[self._slot(form, verb)].append(self.written(form) / self.written(verb))
        return {
            slot: max(1e-3, median(all_) if len(all_) > _FEWEST_SHARES else sum(all_) / len(all_))
            for slot, all_ in ratios.items()
        }

    def _mass(self, verb: str) -> float:
        """How often the infinitive would be written, by all the verb's own forms."""
        counted = expected = 0.0
        for form in self._own_forms(verb):
            slot = self._slot(form, verb)
            if slot in self.share and slot[1] not in {PARTICIPLE, PRESENT_PARTICIPLE}:
                counted += self.written(form)
                expected += self.share[slot]
        return counted / expected if expected else 0.0

    def _expected(self, form: str, verb: str) -> float:
        """How often a form would be written if it were of this verb only."""
        slot = self._slot(form, verb)
        rare = 0.01 if slot[1] is None else 0.3
        return self.mass[verb] * self.share.get(slot, rare)

    # The decision.

    def lemma(self, form: str) -> str:
        """Return the lemma of a form."""
        verbs = self.verbs_of.get(form, {})
        nominals = {self.feminine_of.get(each, each) for each in self.nominals_of.get(form, ())}
        given = self.source.get(form)
        if not nominals:
            return self._likeliest(form, verbs) if verbs else given or form
        nominal = self._nominal(form, nominals)
        if not verbs:
            return nominal
        participles = [verb for verb, slot in verbs.items() if slot == PARTICIPLE]
        if participles:
            return self._participle(form, participles, nominals, nominal)
        verb = self._likeliest(form, verbs)
        if not any(verbs.values()):
            return verb if given == verb else nominal
        if verbs[verb] == PRESENT_PARTICIPLE:
            return verb if self.source.get(form[:-1] + "e") == verb else nominal
        expected = sum(self._expected(form, each) for each in verbs)
        feminine = form.endswith("a") and nominal != form
        trust = _TRUST_OVER_FEMININE if feminine else _TRUST_OVER_NOUN
        return verb if trust * expected > self.written(form) else nominal

    def _likeliest(self, form: str, verbs: Iterable[str]) -> str:
        given = self.source.get(form)
        return max(
            sorted(verbs),
            key=lambda verb: (
                self._expected(form, verb) * (_TRUST if verb == given else 1),
                verb == given,
            ),
        )

    def _participle(self, form: str, verbs: list[str], nominals: set[str], nominal: str) -> str:
        """A participle is of its verb, unless the noun is a table's or evidently more frequent."""
        if nominals & self.nouns:
            return nominal
        stem, masculine = form[:-1], form[-1] in "oi"
        same, other = ("oi", "ae") if masculine else ("ae", "oi")
        found = self.written(*(stem + vowel for vowel in same))
        beside = self.written(*(stem + vowel for vowel in other))
        expected = sum(self._expected(stem + vowel, verb) for verb in verbs for vowel in same)
        if found > max(_NOUN_OVER_OTHER_GENDER * beside, _NOUN_OVER_PARTICIPLE * expected):
            return nominal
        given = self.source.get(form)
        return max(sorted(verbs), key=lambda verb: (self._expected(form, verb), verb == given))

    def _nominal(self, form: str, lemmas: set[str]) -> str:
        """Of several nouns that whose other forms are the most frequent."""
        given = self.source.get(form)
        given = self.feminine_of.get(given, given) if given else None

        def weight(lemma: str) -> tuple[float, bool]:
            others = [each for each in self.nominals.get(lemma, ()) if each != form]
            return self.written(*others) * (_TRUST if lemma == given else 1), lemma == given

        return max(sorted(lemmas), key=weight)
