"""Highlighters: what an engine's matcher is told and what becomes of its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from searchlib.analysis import Analyzer
from searchlib.highlight import Asked, Highlighter, LeafFacts, best_passage, highlight
from searchlib.query import parse
from searchlib.query.plan import AnyForm, Combination, Form, Phrase, Plan, Term
from searchlib.results import Mark, Snippet

FIELD = "testo"
TEXT = "Due gatti neri. Il gatto nero dorme dal 1990."
ANALYZER = Analyzer()
PLAN = Combination(
    optional=(
        Term(FIELD, "gatto", source=parse("gatti").query),
        Term("titolo", "cane"),
        Form(FIELD, "gatti", boost=2.0),
        AnyForm(FIELD, ("cagnolini", "cane")),
        Phrase(FIELD, ((0, "gatto"), (1, "nero")), slop=1),
    ),
    excluded=(Term(FIELD, "topo"),),
)


class Told:
    """A matcher that notes what it is told, and gives the same numbers whatever it is asked."""

    def __init__(self) -> None:
        self.leaves: list[LeafFacts] = []
        self.asked: Asked | None = None
        self.made = 0

    def make(self, leaves: Sequence[LeafFacts], asked: Asked | None) -> Told:
        """Gives itself, as an engine gives a matcher."""
        self.leaves, self.asked, self.made = list(leaves), asked, self.made + 1
        return self

    def marks(self, text: str) -> Sequence[tuple[int, int, int]]:
        """Gives one mark of the first leaf and one of the third."""
        return [(4, 9, 0), (19, 24, 2)]

    def passage(
        self, text: str, max_chars: int
    ) -> tuple[int, int, bool, bool, Sequence[tuple[int, int, int]]]:
        """Gives the first words of the second sentence."""
        return 16, 16 + max_chars, True, False, [(3, 8, 3)]


def highlighter(plan: Plan, told: Told | None, asked: Asked | None = None) -> Highlighter:
    """A highlighter of the field with a matcher, or without."""
    return Highlighter(
        plan,
        FIELD,
        asked=asked,
        analyze=ANALYZER.analyze,
        matcher=told.make if told else lambda leaves, asked: None,
    )


def test_a_matcher_is_told_of_each_leaf_that_marks_in_plain_values() -> None:
    """Kind, weight (boost by kind by letters) and words, in the order of the plan, once."""
    told, asked = Told(), Asked(True, frozenset({"3"}))
    made = highlighter(PLAN, told, asked)
    made.whole(TEXT)
    made.passage(TEXT, 9)
    assert told.leaves == [
        ("term", 5.0, ["gatto"]),
        ("form", 2.0 * 1.5 * 5, ["gatti"]),
        ("form", 4.0, ["cagnolini", "cane"]),
        ("phrase", 2.0 * 9, [(0, "gatto"), (1, "nero")], 1, False),
    ]
    assert (told.asked, told.made) == (asked, 1)


def test_the_numbers_of_a_matcher_become_snippets() -> None:
    """Marks get the text of their leaf; the passage is cut out of the text."""
    made = highlighter(PLAN, Told())
    assert made.whole(TEXT) == Snippet(
        TEXT, (Mark(4, 9, "gatti"), Mark(19, 24, "=cagnolini OR =cane"))
    )
    assert made.passage(TEXT, 9) == Snippet(
        "Il gatto ", (Mark(3, 8, '"gatto nero"~1'),), start=16, truncated_start=True
    )


def test_without_a_matcher_the_snippet_is_made_here() -> None:
    """The whole text and the passage are those of the functions on tokens."""
    made = highlighter(PLAN, None)
    tokens = ANALYZER.analyze(TEXT)
    assert made.whole(TEXT) == highlight(TEXT, tokens, PLAN, field=FIELD)
    assert made.passage(TEXT, 20) == best_passage(TEXT, tokens, PLAN, field=FIELD, max_chars=20)
