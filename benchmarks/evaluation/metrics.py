"""Owns the measures of quality, each a pure function of ranks or of groups of words."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

__all__ = ["Quality", "conflation", "f1", "gains", "quality", "randomisation"]

DEPTH = 10
"""Ranks that count: a page of hits."""


class Quality(NamedTuple):
    """Means over queries, each in [0, 1]; a query has one right document."""

    queries: int
    mrr: float
    first: float
    recall: float
    ndcg: float


def gains(ranks: Sequence[int | None]) -> list[float]:
    """Returns the reciprocal rank of each query; ranks count from 1, None is none of the page.

    >>> gains([1, 4, None, 11])
    [1.0, 0.25, 0.0, 0.0]
    """
    return [1 / rank if rank is not None and rank <= DEPTH else 0.0 for rank in ranks]


def quality(ranks: Sequence[int | None]) -> Quality:
    """Returns MRR@10, P@1, R@10 and nDCG@10 of queries by the rank of the right document.

    >>> quality([1, 3, None, 2]).recall
    0.75
    """
    found = [rank for rank in ranks if rank is not None and rank <= DEPTH]
    count = max(1, len(ranks))
    return Quality(
        queries=len(ranks),
        mrr=sum(gains(ranks)) / count,
        first=found.count(1) / count,
        recall=len(found) / count,
        ndcg=sum(1 / math.log2(1 + rank) for rank in found) / count,
    )


def randomisation(
    one: Sequence[float], other: Sequence[float], *, rounds: int = 2_000, seed: int = 0
) -> float:
    """Returns how probable so great a difference of means is if the two were the same (paired).

    In each round every query's two figures are exchanged or not, by chance.

    >>> randomisation([1.0] * 20, [0.0] * 20) < 0.01
    True
    """
    differences = [a - b for a, b in zip(one, other, strict=True) if a != b]
    observed = abs(sum(differences))
    chance = random.Random(seed)
    as_great = 0
    for _ in range(rounds):
        signs = chance.getrandbits(len(differences) + 1)
        total = 0.0
        for difference in differences:
            total += difference if signs & 1 else -difference
            signs >>= 1
        as_great += abs(total) >= observed
    return as_great / rounds


class Counts(NamedTuple):
    """Pairs of forms: that share a lemma and a term, a term only, a lemma only."""

    right: int
    wrong: int
    missed: int


def f1(counts: Sequence[Counts]) -> float:
    """Returns the harmonic mean of precision and recall of pooled pairs.

    >>> f1([Counts(right=2, wrong=1, missed=1), Counts(right=1, wrong=0, missed=1)])
    0.6666666666666666
    """
    right = sum(count.right for count in counts)
    errors = sum(count.wrong + count.missed for count in counts)
    return 2 * right / (2 * right + errors) if right else 0.0


def conflation(lemmas: Mapping[str, set[str]], terms: Mapping[str, str]) -> Counts:
    """Returns how the pairs of forms of one part of speech share lemmas and terms.

    A form may have several lemmas; two forms share one when any of them is the same.

    >>> lemmas = {"gatti": {"gatto"}, "gatto": {"gatto"}, "gatta": {"gatto"}, "rami": {"ramo"}}
    >>> conflation(lemmas, {"gatti": "g", "gatto": "g", "gatta": "r", "rami": "r"})
    Counts(right=1, wrong=1, missed=2)
    """
    by_term: dict[str, list[str]] = {}
    by_lemma: dict[str, list[str]] = {}
    for form, its in lemmas.items():
        by_term.setdefault(terms[form], []).append(form)
        for lemma in its:
            by_lemma.setdefault(lemma, []).append(form)
    related = {pair for forms in by_lemma.values() for pair in _pairs(forms)}
    conflated = {pair for forms in by_term.values() for pair in _pairs(forms)}
    right = len(related & conflated)
    return Counts(right, len(conflated) - right, len(related) - right)


def _pairs(forms: Sequence[str]) -> set[tuple[str, str]]:
    ordered = sorted(forms)
    return {(a, b) for at, a in enumerate(ordered) for b in ordered[at + 1 :]}
