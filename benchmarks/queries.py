"""Owns the queries: drawn from the words of the collection itself, the same for every engine.

A query is words and a type; how an engine is asked for it is the adapter's business. Words are
runs of letters, in lower case, so that no query language finds an operator in them. Three kinds
are mixed in every type: ``typical`` is what people ask for, words that are not among the commonest
(a phrase may have some); ``function`` has at least half of its words among the commonest; ``rare``
has a word that was seen in a single sampled document, beside any others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container
from random import Random

import attrs

from benchmarks.corpora import Document
from benchmarks.errors import QueryShortageError

__all__ = ["KINDS", "TASKS", "TYPES", "Query", "Task", "make_queries"]

TYPES = ("term", "any", "all", "phrase", "prefix")
KINDS = ("typical", "function", "rare")
_KIND_WEIGHTS = (3, 1, 1)
# Words that count as common: the head of the frequency list, articles to frequent adverbs; in a
# tiny collection not more than a tenth of its words.
_COMMON_WORDS = 100
# Tries for one more query of a kind before the collection counts as having no more.
_TRIES = 500

_WORD = re.compile(r"[^\W\d_]+")
# Words of one phrase stand apart by one space or one apostrophe, so that all engines agree on
# what is next to what.
_RUN = re.compile(r"[^\W\d_]+(?:[ '’][^\W\d_]+)*")
# A tuple, as the empty string is in every string: the end of a text is no apostrophe.
_APOSTROPHES = ("'", "’")
_SHORTEST_PREFIX = 3
_LONGEST_PREFIX = 6


@attrs.frozen
class Task:
    """What an engine is asked for with a query: so many hits, and whether the exact total too."""

    limit: int
    counted: bool


TASKS = {
    "top 10": Task(10, counted=False),
    "top 100": Task(100, counted=False),
    "top 10 and count": Task(10, counted=True),
    "count": Task(0, counted=True),
}


@attrs.frozen
class Query:
    """One query: its type (of TYPES), its text without any syntax, its words and its kind."""

    type: str
    text: str
    words: int
    kind: str

    def written(self) -> str:
        """The text with the syntax that most query languages share: quotes, a final star.

        >>> Query("phrase", "corea del nord", words=3, kind="typical").written()
        '"corea del nord"'
        """
        if self.type == "phrase":
            return f'"{self.text}"'
        return f"{self.text}*" if self.type == "prefix" else self.text


@attrs.frozen
class _Word:
    """A word of a run: lower case, half-open span in the run, whether an apostrophe follows it."""

    text: str
    start: int
    end: int
    is_elided: bool

    def is_whole(self) -> bool:
        """Whether the word can stand alone in a query."""
        return len(self.text) > 1 and not self.is_elided


def make_queries(documents: list[Document], *, per_type: int, seed: int) -> list[Query]:
    """``per_type`` distinct queries of each of TYPES, made from ``documents``, type by type.

    One document gives all the words of a query, so each query has a hit in the text it was made
    from. QueryShortageError where the documents do not hold that many.
    """
    texts = [runs for one in documents if (runs := _runs(one["testo"]))]
    frequencies = Counter(word for runs in texts for word in {w.text for _, r in runs for w in r})
    common_words = min(_COMMON_WORDS, len(frequencies) // 10)
    vocabulary = _Vocabulary(
        common=frozenset(word for word, _ in frequencies.most_common(common_words)),
        rare=frozenset(word for word, count in frequencies.items() if count == 1),
    )
    queries: list[Query] = []
    for type_ in TYPES:
        random = Random(f"queries {seed} {type_}")
        found: dict[str, Query] = {}
        while len(found) < per_type:
            query = _new_query(texts, vocabulary, type_, random, found)
            if query is None:
                raise QueryShortageError(type_, wanted=per_type, found=len(found))
            found[query.text] = query
        queries += found.values()
    return queries


@attrs.frozen
class _Vocabulary:
    common: frozenset[str]
    rare: frozenset[str]

    def is_kind(self, words: list[str], kind: str, *, type_: str) -> bool:
        """Whether ``words``, which make a query of ``type_``, are of ``kind``."""
        common = sum(word in self.common for word in words)
        if kind == "function":
            return 2 * common >= len(words)
        if kind == "rare":
            return any(word in self.rare for word in words)
        return common < len(words) if type_ == "phrase" else common == 0


_Run = tuple[str, list[_Word]]


def _runs(text: str) -> list[_Run]:
    """The runs of ``text`` in lower case, each with its words."""
    lowered = text.lower()
    runs = []
    for found in _RUN.finditer(lowered):
        first = found.start()
        words = [
            _Word(
                word[0],
                start=word.start() - first,
                end=word.end() - first,
                is_elided=lowered[word.end() : word.end() + 1] in _APOSTROPHES,
            )
            for word in _WORD.finditer(lowered, first, found.end())
        ]
        runs.append((found[0], words))
    return runs


def _new_query(
    texts: list[list[_Run]],
    vocabulary: _Vocabulary,
    type_: str,
    random: Random,
    found: Container[str],
) -> Query | None:
    """A query whose text is not in ``found``; None where so many tries gave none.

    A kind that the text has no more of gives way to ``typical``: there are only so many function
    words for queries of one term.
    """
    for kind in (*random.choices(KINDS, _KIND_WEIGHTS), "typical"):
        for _ in range(_TRIES):
            wanted = 1 if type_ in ("term", "prefix") else random.randint(2, 5)
            choose = _phrase if type_ == "phrase" else _words
            text, words = choose(random.choice(texts), wanted, random)
            if len(words) != wanted or not vocabulary.is_kind(words, kind, type_=type_):
                continue
            if type_ == "prefix":
                text = text[: random.randint(_SHORTEST_PREFIX, _LONGEST_PREFIX)]
                if text == words[0] or len(text) < _SHORTEST_PREFIX:
                    continue
            if text not in found:
                return Query(type_, text, wanted, kind)
    return None


def _phrase(runs: list[_Run], wanted: int, random: Random) -> tuple[str, list[str]]:
    """A stretch of ``wanted`` words as the text has them; no words where it would end elided."""
    run, words = random.choice(runs)
    first = random.randint(0, max(len(words) - wanted, 0))
    chosen = words[first : first + wanted]
    if chosen[-1].is_elided:
        return "", []
    return run[chosen[0].start : chosen[-1].end], [word.text for word in chosen]


def _words(runs: list[_Run], wanted: int, random: Random) -> tuple[str, list[str]]:
    """At most ``wanted`` distinct words of one document, drawn as often as it uses them.

    Single letters and elided words (*l*, *dell*) are left out.
    """
    usable = [word.text for _, words in runs for word in words if word.is_whole()]
    chosen = list(dict.fromkeys(random.sample(usable, min(wanted, len(usable)))))
    return " ".join(chosen), chosen
