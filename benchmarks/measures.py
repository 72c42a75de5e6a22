"""Owns the arithmetic of the reports: percentiles, summaries, ratios, agreement between engines.

Pure functions over numbers; times are in seconds, sizes in bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import attrs

__all__ = ["Summary", "agreement", "overlap", "percentile", "ratio", "summarise"]


@attrs.frozen
class Summary:
    """Latencies of one query type: one number per query went in, seconds."""

    count: int
    mean_s: float
    p50_s: float
    p95_s: float
    p99_s: float


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of ``values`` that at least ``share`` of them, in (0, 1], do not exceed.

    The nearest-rank definition: the answer is always one of the values, never a mean of two.

    >>> percentile([4.0, 1.0, 3.0, 2.0], 0.5)
    2.0
    """
    ordered = sorted(values)
    return ordered[max(ceil(share * len(ordered)) - 1, 0)]


def summarise(seconds: Sequence[float]) -> Summary:
    """The summary of at least one latency.

    >>> summarise([0.001, 0.003]).mean_s
    0.002
    """
    return Summary(
        count=len(seconds),
        mean_s=sum(seconds) / len(seconds),
        p50_s=percentile(seconds, 0.50),
        p95_s=percentile(seconds, 0.95),
        p99_s=percentile(seconds, 0.99),
    )


def ratio(value: float, reference: float) -> float | None:
    """``value`` as a multiple of ``reference``; None where the reference is 0.

    >>> ratio(3.0, 2.0)
    1.5
    """
    return value / reference if reference else None


def agreement(totals: Sequence[int], reference: Sequence[int]) -> float:
    """The share in [0, 1] of queries on which two engines count the same number of hits.

    >>> agreement([3, 0, 7, 1], [3, 0, 8, 1])
    0.75
    """
    pairs = list(zip(totals, reference, strict=True))
    return sum(one == other for one, other in pairs) / len(pairs)


def overlap(ids: Sequence[str], reference: Sequence[str]) -> float | None:
    """The share in [0, 1] of the reference's hits that the other engine shows too, for one query.

    None where the reference shows no hit.

    >>> overlap(["1", "2"], ["2", "3"])
    0.5
    """
    return len(set(ids) & set(reference)) / len(reference) if reference else None
