"""The numbered differences between engines: page and tests know the same ones."""

import re
from pathlib import Path

NUMBER = re.compile(r"\bD([1-9]\d*)\b")


def numbers(text: str) -> set[str]:
    """The numbers of differences that a text names."""
    return set(NUMBER.findall(text))


def test_every_difference_is_allowed_for_in_a_test_and_the_other_way_round(project: Path) -> None:
    """A number of docs/differences.md is named by a test of engines, and each named is there."""
    page = (project / "docs" / "differences.md").read_text("utf-8").partition("## Entries")[2]
    tests = [*project.glob("tests/contract/**/*.py"), *project.glob("tests/differential/**/*.py")]
    named = set[str]().union(*(numbers(path.read_text("utf-8")) for path in tests))
    assert numbers(page) == named


def test_a_number_is_told_from_other_words() -> None:
    """D1 is a number; D0 stands for any in the page's explanation, and ID1 is something else."""
    assert numbers("D1, D23; D0, ID1, D1a") == {"1", "23"}
