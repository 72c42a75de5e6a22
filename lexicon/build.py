#!/usr/bin/env python3
"""Builds the lexicon of the Italian analysis: `searchlib/analysis/data/lexicon.txt`.

Needs the packages of `requirements.txt` beside this file, in an environment of their own, and
searchlib's source on the path:

    PYTHONPATH=. python lexicon/build.py

Two builds of the same versions are equal byte by byte. `README.md` names the sources and their
licences; `choose` and `pack` do the work.
"""

import hashlib
import sys
from importlib.metadata import version
from pathlib import Path

from choose import choose, rows
from pack import pack
from simplemma.strategies.dictionaries import DefaultDictionaryFactory
from wordfreq import get_frequency_dict

from searchlib.analysis.normalisation import fold
from searchlib.analysis.tables import ACCENTED_WORDS

TARGET = Path(__file__).parents[1] / "searchlib" / "analysis" / "data" / "lexicon.txt"

# Later versions of simplemma are corrected with a treebank's training half, whose licence forbids
# commercial use and whose other halves measure this analyser.
VERSIONS = {"simplemma": "1.2.0", "wordfreq": "3.1.1"}

HEADER = """\
# The lexicon of the Italian analysis: which word an inflected form belongs to.
# Made by lexicon/build.py; the format is told in searchlib/analysis/lexicon.py.
# Origin: the Italian list of simplemma 1.2.0, which derives from the lemmatization lists of
# Michal Měchura (Open Database License 1.0), Wiktionary (CC BY-SA 4.0), FreeLing and others,
# chosen among and completed by grammar and by the frequencies of wordfreq 3.1.1 (CC BY-SA 4.0).
# Licence of this file: Open Database License 1.0. Retrieved: 2026-11-22. See lexicon/README.md.
"""


def main() -> int:
    """Builds the file and tells its size."""
    for name, expected in VERSIONS.items():
        if version(name) != expected:
            print(f"expected {name} {expected}, found {version(name)}", file=sys.stderr)
            return 1
    terms = build()
    body = (HEADER + pack(terms) + "\n").encode()
    data = body + b". " + hashlib.sha256(body).hexdigest().encode() + b"\n"
    TARGET.write_bytes(data)
    print(f"{len(terms)} forms, {len(set(terms.values()))} terms, {len(data)} bytes: {TARGET.name}")
    return 0


def build() -> dict[str, str]:
    """Return the term of each form: its lemma without accents.

    A form is there with its final accent and without it, unless another word is written so and
    more often, or by a table: *farò* is of *fare*, *faro* is not.
    """
    listed = DefaultDictionaryFactory().get_dictionary("it")
    source = {_text(form): _text(lemma) for form, lemma in listed.items()}
    frequency = get_frequency_dict("it", "large")
    lemmas = choose(source, frequency, ACCENTED_WORDS)
    terms = {form: fold(lemma) for form, lemma in lemmas.items()}
    given = {row[0] for name in ("overrides", "names") for row in rows(name)}
    for form, term in sorted(terms.items()):
        plain = fold(form)
        if plain in given:
            continue
        if plain not in terms or frequency.get(form, 0) > frequency.get(plain, 0):
            terms[plain] = term
    return terms


def _text(word: str | bytes) -> str:
    return word if isinstance(word, str) else word.decode("utf-8")


if __name__ == "__main__":
    sys.exit(main())
