"""The arithmetic of the reports against values worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.measures import agreement, overlap, percentile, ratio, summarise

_VALUES = st.lists(st.floats(0, 1e6), min_size=1, max_size=50)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.05, 15.0), (0.30, 20.0), (0.40, 20.0), (0.50, 35.0), (1.0, 50.0)]
)
def test_percentile_of_five_values(share: float, expected: float) -> None:
    """The textbook example of the nearest-rank definition: ranks 1, 2, 2, 3 and 5."""
    assert percentile([35.0, 20.0, 15.0, 50.0, 40.0], share) == expected


@given(values=_VALUES, share=st.floats(0.01, 1.0))
def test_percentile_is_the_least_value_that_covers_its_share(
    values: list[float], share: float
) -> None:
    """At least the share lies at or below it, and less than the share lies below it."""
    found = percentile(values, share)
    below, covered = sum(v < found for v in values), sum(v <= found for v in values)
    assert found in values
    assert below < share * len(values) + 1e-9
    assert covered >= share * len(values) - 1e-9


def test_summary_of_a_hundred_latencies() -> None:
    """Of 1 to 100 ms the mean is 50.5 and the percentiles are their own ranks."""
    summary = summarise([milliseconds / 1000 for milliseconds in range(100, 0, -1)])
    assert summary.count == 100
    assert summary.mean_s == pytest.approx(0.0505)
    assert (summary.p50_s, summary.p95_s, summary.p99_s) == (0.050, 0.095, 0.099)


def test_ratio() -> None:
    """Six is one and a half times four, and nothing is a multiple of nothing."""
    assert ratio(6.0, 4.0) == 1.5
    assert ratio(6.0, 0.0) is None


def test_agreement_counts_equal_totals() -> None:
    """Three of five queries with the same number of hits are 0.6."""
    assert agreement([1, 2, 3, 0, 9], [1, 2, 4, 0, 8]) == 0.6


def test_overlap_is_the_part_of_the_reference_found() -> None:
    """Order and extra hits do not matter; a reference with no hit says nothing."""
    assert overlap(["3", "1", "9"], ["1", "2", "3", "4"]) == 0.5
    assert overlap([], ["1"]) == 0.0
    assert overlap(["1"], []) is None
