"""Each engine beside a model that evaluates plans from their definitions alone."""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import assume, given, settings
from hypothesis import strategies as st

import searchlib.schema as fields
from searchlib.analysis import shared_analyzer
from searchlib.engines.base import Engine, EngineKind, SortKey
from searchlib.query import plan as p
from searchlib.schema import Schema

SCHEMA = Schema(
    id=fields.key(),
    titolo=fields.text(weight=2.5, optional=True),
    testo=fields.text(),
    fonte=fields.keyword(facet=True, optional=True),
    tag=fields.keyword(facet=True, multiple=True, optional=True),
    anno=fields.integer(optional=True),
    prezzo=fields.number(optional=True),
    data=fields.date(optional=True),
    firmato=fields.boolean(optional=True),
)
WORDS = (
    *("missile", "missili", "corea", "del", "della", "nord", "perché", "perche'", "l'acqua"),
    *("dell'acqua", "acque", "e-mail", "È", "è", "governo", "governi,", "italiana"),
    *("(italiane)", "1.234,56", "USA"),
)
K1, B = 1.2, 0.75

TOLERANCE = 2e-6
"""The native engine reckons shares in single precision; whoosh is exact to 1e-9."""

MANY_SEGMENTS = 8
"""So many that an engine may merge them unasked; of fewer it keeps each as it was committed."""

texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "fonte": st.sampled_from(["AP", "Ansa", "Ègida"]),
    "anno": st.integers(-2, 3),
    "prezzo": st.sampled_from([-1.5, 0.0, 0.1, 2.0]),
    "data": st.dates(date(2022, 1, 1), date(2022, 1, 5)),
    "firmato": st.booleans(),
}
documents = st.fixed_dictionaries(
    {"id": st.sampled_from("abcdefghijkl"), "testo": texts},
    optional={
        "titolo": texts,
        "tag": st.lists(st.sampled_from(["rosso", "blu", "giallo"]), max_size=3),
        **VALUES,
    },
)
TOKENS = [token for word in WORDS for token in shared_analyzer.analyze(word)]
TERMS = sorted({token.term for token in TOKENS} | {"assente"})
FORMS = sorted({token.form for token in TOKENS} | {"assente"})
names = st.sampled_from(["titolo", "testo"])
boosts = st.sampled_from([1.0, 0.5, 3.0])


@st.composite
def phrases(draw: st.DrawFn) -> p.Phrase:
    """Two or three words, one or two positions apart."""
    exact = draw(st.booleans())
    words, at = [], 0
    for _ in range(draw(st.integers(2, 3))):
        words.append((at, draw(st.sampled_from(FORMS if exact else TERMS))))
        at += draw(st.integers(1, 2))
    return p.Phrase(draw(names), tuple(words), draw(st.integers(0, 3)), exact, boost=draw(boosts))


@st.composite
def ranges(draw: st.DrawFn) -> p.Range:
    """Bounds of one field, either of them open at times."""
    name = draw(st.sampled_from(sorted(VALUES)))
    low, high = draw(st.none() | VALUES[name]), draw(st.none() | VALUES[name])
    return p.Range(name, low, high, draw(st.booleans()), draw(st.booleans()), draw(boosts))


values = st.sampled_from(sorted(VALUES)).flatmap(
    lambda name: st.builds(p.Value, st.just(name), VALUES[name], boosts)
)
leaves = st.one_of(
    st.builds(p.Term, names, st.sampled_from(TERMS), boosts),
    st.builds(p.Form, names, st.sampled_from(FORMS), boosts),
    phrases(),
    st.builds(
        lambda name, forms, boost: p.AnyForm(name, tuple(sorted(forms)), boost),
        names,
        st.sets(st.sampled_from(FORMS), max_size=4),
        boosts,
    ),
    values,
    st.builds(p.Value, st.just("tag"), st.sampled_from(["rosso", "blu"]), boosts),
    st.builds(p.Value, st.just("id"), st.sampled_from("abz"), boosts),
    ranges(),
    st.builds(p.AllDocuments, boosts),
    st.just(p.NoDocuments()),
)
plans: st.SearchStrategy[p.Plan] = st.recursive(
    leaves,
    lambda inner: st.builds(
        p.Combination,
        *[st.lists(inner, max_size=size).map(tuple) for size in (2, 3, 2)],
    ),
    max_leaves=6,
)


class Model:
    """All documents ever added, in order, and which of them live."""

    def __init__(self) -> None:
        self.values: list[dict[str, Any]] = []
        self.live: list[bool] = []

    def add(self, document: dict[str, Any]) -> None:
        """Adds at the end; the document of the same key dies."""
        self.delete(document["id"])
        self.values.append(document)
        self.live.append(True)

    def delete(self, key: str) -> bool:
        """Tells whether a document of this key died."""
        for number, document in enumerate(self.values):
            if self.live[number] and document["id"] == key:
                self.live[number] = False
                return True
        return False

    def tokens(self, number: int, name: str) -> list[Any]:
        """The words of a field."""
        return shared_analyzer.analyze(self.values[number].get(name, ""))

    def length(self, number: int, name: str) -> int:
        """The positions of a field."""
        return sum(1 for token in self.tokens(number, name) if token.positions == 1)

    def idf(self, name: str, attribute: str, word: str) -> float:
        """ln(1 + (N - df + 0.5) / (df + 0.5))."""
        having = sum(
            any(getattr(token, attribute) == word for token in self.tokens(number, name))
            for number in range(len(self.values))
        )
        return math.log(1 + (len(self.values) - having + 0.5) / (having + 0.5))

    def bm25(self, number: int, name: str, idf: float, frequency: int) -> float:
        """Weight * idf * tf / (tf + k1 * (1 - b + b * dl / avgdl))."""
        total = sum(self.length(other, name) for other in range(len(self.values)))
        relative = self.length(number, name) / (total / len(self.values))
        weight = SCHEMA[name].weight
        return weight * idf * frequency / (frequency + K1 * (1 - B + B * relative))

    def occurrences(self, leaf: p.Phrase, number: int) -> int:
        """The first positions from which the phrase can be completed, trying every way."""
        attribute = "form" if leaf.exact else "term"
        places = [
            {token.position for token in self.tokens(number, leaf.field)
             if getattr(token, attribute) == word}
            for _, word in leaf.words
        ]  # fmt: skip
        gaps = [
            after - before
            for (before, _), (after, _) in zip(leaf.words, leaf.words[1:], strict=False)
        ]

        def completes(position: int, index: int, spare: int) -> bool:
            if index == len(gaps):
                return True
            return any(
                completes(following, index + 1, spare - extra)
                for following in places[index + 1]
                if 0 <= (extra := following - position - gaps[index]) <= spare
            )

        return sum(completes(start, 0, leaf.slop) for start in places[0])

    def score(self, plan: p.Plan, number: int) -> float | None:
        """The score of a document, None where it does not match."""
        document = self.values[number]
        match plan:
            case p.Combination():
                return self.combine(plan, number)
            case p.Term(name, word) | p.Form(name, word):
                attribute = "form" if isinstance(plan, p.Form) else "term"
                frequency = sum(
                    getattr(token, attribute) == word for token in self.tokens(number, name)
                )
                idf = self.idf(name, attribute, word)
            case p.Phrase(name):
                attribute = "form" if plan.exact else "term"
                frequency = self.occurrences(plan, number)
                idf = sum(self.idf(name, attribute, word) for _, word in plan.words)
            case p.AnyForm(name, forms):
                found = {token.form for token in self.tokens(number, name)} & set(forms)
                return SCHEMA[name].weight * plan.boost if found else None
            case p.Value(name, value):
                own = document.get(name)
                is_match = value in own if isinstance(own, tuple) else own == value
                return plan.boost if own is not None and is_match else None
            case p.Range():
                return plan.boost if _within(plan, document.get(plan.field)) else None
            case p.AllDocuments():
                return plan.boost
            case _:
                return None
        return plan.boost * self.bm25(number, name, idf, frequency) if frequency else None

    def combine(self, plan: p.Combination, number: int) -> float | None:
        """The sum of the clauses that match."""
        required = [self.score(clause, number) for clause in plan.required]
        optional = [self.score(clause, number) for clause in plan.optional]
        matched = [score for score in required + optional if score is not None]
        if None in required or (optional and not required and not matched):
            return None
        if any(self.score(clause, number) is not None for clause in plan.excluded):
            return None
        return sum(matched)

    def search(self, plan: p.Plan) -> dict[int, float]:
        """The live matching documents and their scores."""
        scores = {number: self.score(plan, number) for number in range(len(self.values))}
        return {
            number: score
            for number, score in scores.items()
            if score is not None and self.live[number]
        }


def _within(leaf: p.Range, value: Any) -> bool:
    if value is None:
        return False
    is_above = leaf.low is None or value > leaf.low or (leaf.includes_low and value == leaf.low)
    is_below = leaf.high is None or value < leaf.high or (leaf.includes_high and value == leaf.high)
    return is_above and is_below


@contextmanager
def index_of(kind: EngineKind) -> Iterator[Engine]:
    """An empty index; the segments of whoosh stay as they are committed."""
    with (
        tempfile.TemporaryDirectory() as folder,
        patch("searchlib.engines.whoosh.writer.next_merge", lambda _: None),
    ):
        yield kind.create(Path(folder), SCHEMA, shared_analyzer)


def fill(made: Engine, model: Model, batches: Sequence[Sequence[Any]]) -> None:
    """Adds documents and deletes keys, with a commit after each batch."""
    writer = made.writer(timeout_s=1)
    for batch in batches:
        for action in batch:
            if isinstance(action, str):
                assert writer.delete(action) == model.delete(action)
            else:
                valid = SCHEMA.validate(action)
                writer.add(valid)
                model.add(valid)
        writer.commit()
    writer.close()
    snapshot = made.snapshot()
    sizes = snapshot.statistics()
    snapshot.close()
    # What was merged away counts in no statistics; the native engine merges what is mostly deleted.
    assume(sizes.documents + sizes.deleted == len(model.values))


actions = st.lists(
    st.lists(
        st.one_of(documents, documents, documents, st.sampled_from("abcdefghijkl")), max_size=8
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(actions, st.lists(plans, min_size=4, max_size=8))
def test_searches_are_those_of_the_definitions(
    engine_kind: EngineKind, batches: list[list[Any]], asked: list[p.Plan]
) -> None:
    """Matches, scores, order, counts, facets, explanations and pages are those of the model."""
    model = Model()
    with index_of(engine_kind) as made:
        fill(made, model, batches)
        snapshot = made.snapshot()
        for plan in asked:
            expected = model.search(plan)
            found = snapshot.search(plan, limit=100, facets=("fonte", "tag"))
            scores = {hit.number: hit.score for hit in found.hits}
            assert scores.keys() == expected.keys()
            for number, score in scores.items():
                assert math.isclose(score, expected[number], rel_tol=TOLERANCE, abs_tol=1e-8)
                assert snapshot.explain(plan, number).value == score
                assert snapshot.key_of(number) == model.values[number]["id"]
            order = [(-hit.score, hit.number) for hit in found.hits]
            assert order == sorted(order)
            assert found.total == snapshot.count(plan) == len(expected)
            assert not found.partial
            assert found.facets == {
                "fonte": Counter(
                    model.values[number]["fonte"]
                    for number in expected
                    if "fonte" in model.values[number]
                ),
                "tag": Counter(
                    tag for number in expected for tag in model.values[number].get("tag", ())
                ),
            }
            pages = [
                hit
                for offset in range(0, len(expected) + 2, 2)
                for hit in snapshot.search(plan, limit=2, offset=offset).hits
            ]
            assert tuple(pages) == found.hits
            timed = snapshot.search(plan, limit=100, deadline_s=3600)
            assert timed.hits == found.hits
        snapshot.close()


sorts = st.lists(
    st.builds(
        SortKey, st.sampled_from(["fonte", "anno", "prezzo", "data", "firmato"]), st.booleans()
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(actions, plans, plans, sorts)
def test_filters_restrict_and_sorts_order(
    engine_kind: EngineKind,
    batches: list[list[Any]],
    plan: p.Plan,
    kept: p.Plan,
    keys: list[SortKey],
) -> None:
    """A filter leaves scores alone; sorting puts documents without a value last."""
    model = Model()
    with index_of(engine_kind) as made:
        fill(made, model, batches)
        snapshot = made.snapshot()
        found = snapshot.search(plan, limit=100)
        allowed = {hit.number for hit in snapshot.search(kept, limit=100).hits}
        filtered = snapshot.search(plan, limit=100, filter=kept)
        expected = [hit for hit in found.hits if hit.number in allowed]
        assert list(filtered.hits) == expected
        assert snapshot.count(plan, filter=kept) == len(expected)

        def rank(hit: Any) -> list[Any]:
            document = model.values[hit.number]
            ranks: list[Any] = []
            for key in keys:
                value = document.get(key.field)
                known = sorted({other[key.field] for other in model.values if key.field in other})
                place = None if value is None else known.index(value)
                ranks.append(math.inf if place is None else -place if key.descending else place)
            return [*ranks, hit.number]

        ordered = snapshot.search(plan, limit=100, sort=keys)
        assert list(ordered.hits) == sorted(found.hits, key=rank)
        snapshot.close()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(documents, min_size=1, max_size=15, unique_by=lambda document: document["id"]),
    st.sets(st.integers(1, 14)),
    st.lists(plans, min_size=1, max_size=5),
)
def test_scores_do_not_depend_on_segmentation(
    engine_kind: EngineKind, given_documents: list[Any], cuts: set[int], asked: list[p.Plan]
) -> None:
    """One segment, several, and those merged answer alike to the last bit."""
    borders = [0, *sorted(cut for cut in cuts if cut < len(given_documents)), len(given_documents)]
    batches = [given_documents[start:stop] for start, stop in pairwise(borders)]
    with index_of(engine_kind) as whole, index_of(engine_kind) as cut:
        fill(whole, Model(), [given_documents])
        fill(cut, Model(), batches)
        one, many = whole.snapshot(), cut.snapshot()
        if len(batches) < MANY_SEGMENTS:
            assert many.statistics().segments == len(batches)
        answers = [one.search(plan, limit=100) for plan in asked]
        assert [many.search(plan, limit=100) for plan in asked] == answers
        assert many.statistics().fields == one.statistics().fields
        writer = cut.writer(timeout_s=1)
        writer.optimize()
        writer.close()
        merged = cut.snapshot()
        assert merged.statistics().segments == 1
        assert [merged.search(plan, limit=100) for plan in asked] == answers
        assert list(cut.verify()) == []
        for snapshot in (one, many, merged):
            snapshot.close()


@settings(max_examples=60, deadline=None)
@given(actions)
def test_statistics_and_look_ups_are_those_of_the_documents(
    engine_kind: EngineKind, batches: list[list[Any]]
) -> None:
    """Stored values come back as given, keys are found, frequencies count, all is well."""
    model = Model()
    with index_of(engine_kind) as made:
        fill(made, model, batches)
        snapshot = made.snapshot()
        live = [number for number, is_live in enumerate(model.live) if is_live]
        statistics = snapshot.statistics()
        assert statistics.documents == len(live)
        assert {snapshot.number_of(key) for key in "abcdefghijklz"} - {None} == set(live)
        for number in live:
            assert snapshot.stored(number) == model.values[number]
        for form in FORMS:
            assert snapshot.form_frequency("testo", form) == sum(
                any(token.form == form for token in model.tokens(number, "testo"))
                for number in live
            )
        assert list(made.verify()) == []
        snapshot.close()
