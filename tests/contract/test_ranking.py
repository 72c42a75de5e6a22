"""The default ranking against its definition, computed from the documents by brute force.

The model follows docs/ranking.md and nothing else of searchlib but the analysis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import searchlib
from searchlib.analysis import Token, fold, is_stop_word, shared_analyzer

WORDS = [
    "missile",
    "missili",
    "missilistica",
    "missilistico",
    "nordcoreani",
    "città",
    "cittadino",
    "cittadini",
    "cittadella",
    "dell'arte",
    "pesca",
    "però",
    "pero",
    "di",
    "la",
    "il",
    "quando",
    "chi",
]
QUESTIONS = {"quando", "chi"}

documents = st.lists(
    st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join), min_size=1, max_size=8
)
queries = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5)


class Collection:
    """The words of some documents, and the statistics that the formula speaks of."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = [shared_analyzer.analyze(text) for text in texts]
        self.terms = sorted({token.term for tokens in self.texts for token in tokens})
        self.average = sum(map(len, self.texts)) / len(texts)

    def holding(self, term: str) -> int:
        """In how many documents a term is."""
        return sum(any(token.term == term for token in tokens) for tokens in self.texts)

    def holding_form(self, form: str) -> int:
        """In how many documents a form is."""
        return sum(any(token.form == form for token in tokens) for tokens in self.texts)

    def idf(self, holding: int) -> float:
        """How telling a word of so many documents is."""
        return math.log(1 + (len(self.texts) - holding + 0.5) / (holding + 0.5))

    def bm25(
        self,
        frequency: int,
        holding: int,
        tokens: Sequence[Token],
        *,
        k1: float = 1.2,
        b: float = 0.75,
    ) -> float:
        """What a word adds to a document that has it so often."""
        if not frequency:
            return 0.0
        norm = k1 * (1 - b + b * len(tokens) / self.average)
        return self.idf(holding) * frequency / (frequency + norm)

    def kin(self, term: str) -> list[str]:
        """The six terms that begin most like a term."""
        found = []
        for other in self.terms:
            common = 0
            while term[: common + 1] == other[: common + 1] and common < len(term):
                common += 1
            both = len(term) + len(other)
            if other != term and common >= 4 and 2 * common >= 0.55 * both:
                found.append((-common / both, -self.holding(other), other))
        return [other for _, _, other in sorted(found)[:6]]


def alike(_term: str) -> float:
    """What multiplies a word that is looked for in one field."""
    return 1.0


def first_score(
    collection: Collection,
    wanted: Sequence[Token],
    tokens: Sequence[Token],
    share: Callable[[str], float] = alike,
) -> float:
    """What the words give a document one by one."""
    score = 0.0
    for token in wanted:
        weight = share(token.term) * (0.3 if token.form in QUESTIONS else 1.0)
        frequency = sum(other.term == token.term for other in tokens)
        score += weight * collection.bm25(frequency, collection.holding(token.term), tokens)
        if not is_stop_word(token.form) or token.form != fold(token.form):
            frequency = sum(other.form == token.form for other in tokens)
            holding = collection.holding_form(token.form)
            score += weight * collection.bm25(frequency, holding, tokens)
    return score


def addition(
    collection: Collection,
    wanted: Sequence[Token],
    tokens: Sequence[Token],
    share: Callable[[str], float] = alike,
) -> float:
    """What the kin of the words and their nearness give a document."""
    terms = list(dict.fromkeys(token.term for token in wanted))
    if len(terms) < 2:
        return 0.0
    by_kin = 0.0
    telling: list[float] = []
    places: list[dict[int, float]] = []
    for term in terms:
        same = [token for token in wanted if token.term == term]
        weight = share(term) * sum(0.3 if token.form in QUESTIONS else 1.0 for token in same)
        graded = [t.form for t in same if not is_stop_word(t.form) or t.form != fold(t.form)]
        kin = collection.kin(term) if graded and not is_stop_word(graded[0]) else []
        found: dict[int, float] = {}
        for token in tokens:
            if token.term == term:
                found[token.position] = 1.2 if token.form in graded[:1] else 1.0
            elif token.term in kin:
                found[token.position] = 0.8
        holding = min(len(collection.texts), sum(map(collection.holding, [term, *kin])))
        by_kin += weight * collection.bm25(len(found), holding, tokens, k1=0.7, b=0.9)
        telling.append(weight * collection.idf(collection.holding(term)))
        places.append(found)
    near = max(
        (
            sum(
                weight * max([g * max(0, 1 - abs(o - p) / 20) for o, g in found.items()], default=0)
                for weight, found in zip(telling, places, strict=True)
            )
            for p in {place for found in places for place in found}
        ),
        default=0.0,
    )
    return 3 * by_kin + 2 * near


@settings(max_examples=100, deadline=None)
@example(texts=["missilistica città", "missile città"], typed=["missili", "città"], mode="any")
@example(texts=["città " + "di " * 19 + "pesca"], typed=["città", "pesca"], mode="any")
@example(texts=["città " + "di " * 18 + "pesca"], typed=["città", "pesca"], mode="any")
@given(texts=documents, typed=queries, mode=st.sampled_from(["any", "all"]))
def test_the_default_ranking_is_the_documented_formula(
    engine: str,
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    typed: list[str],
    mode: str,
) -> None:
    """Order and scores are those of the words, their forms, their kin and their nearness."""
    tokens = [token for word in typed for token in shared_analyzer.analyze(word)]
    content = [token for token in tokens if not is_stop_word(token.form)]
    # What selects is asked for first.
    wanted = content + [token for token in tokens if is_stop_word(token.form)]
    join = all if mode == "all" or not content else any
    collection = Collection(texts)
    expected = {
        str(number): first_score(collection, wanted, text) + addition(collection, wanted, text)
        for number, text in enumerate(collection.texts)
        if join(token.term in {other.term for other in text} for token in content or wanted)
    }
    order = sorted(expected, key=lambda id: (-expected[id], int(id)))
    folder = tmp_path_factory.mktemp("index")
    with _index(folder, engine, texts) as index:
        results = index.search(" ".join(typed), mode=mode, limit=100)
        assert {hit.id for hit in results} == set(expected)
        for hit, id in zip(results, order, strict=True):
            assert math.isclose(hit.score, expected[hit.id], rel_tol=1e-6)
            assert math.isclose(hit.score, expected[id], rel_tol=1e-6)
            assert math.isclose(hit.explain().value, hit.score, rel_tol=1e-6)


written = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


@settings(max_examples=60, deadline=None)
@example(pairs=[("missile pesca", "la città"), ("la città", "missile pesca")], title=2.0, text=1.0)
@given(
    pairs=st.lists(st.tuples(written, written), min_size=1, max_size=6),
    title=st.sampled_from([0.5, 2.0]),
    text=st.sampled_from([1.0, 3.0]),
)
def test_of_two_fields_one_is_looked_at_closely(
    engine: str,
    tmp_path_factory: pytest.TempPathFactory,
    pairs: list[tuple[str, str]],
    title: float,
    text: float,
) -> None:
    """Fields add up by their weights in the first step; in the second the best counts alone.

    In either a word is as telling as in the field where it is in most documents.
    """
    wanted = shared_analyzer.analyze("missili pesca cittadino")
    weights = (title, text)
    fields = [Collection(column) for column in zip(*pairs, strict=True)]

    def share_in(field: Collection) -> Callable[[str], float]:
        def share(term: str) -> float:
            most = max(other.holding(term) for other in fields)
            return field.idf(most) / field.idf(field.holding(term)) if field.holding(term) else 1.0

        return share

    expected = {}
    for number, tokens in enumerate(zip(*(field.texts for field in fields), strict=True)):
        each = list(zip(fields, tokens, strict=True))
        if any(one.term in {token.term for token in wanted} for text in tokens for one in text):
            first = [first_score(field, wanted, text, share_in(field)) for field, text in each]
            second = max(addition(field, wanted, text, share_in(field)) for field, text in each)
            expected[str(number)] = (
                sum(weight * score for weight, score in zip(weights, first, strict=True))
                + sum(weights) / 2 * second
            )
    schema = searchlib.Schema(
        id=searchlib.key(), titolo=searchlib.text(weight=title), testo=searchlib.text(weight=text)
    )
    with searchlib.create(tmp_path_factory.mktemp("index"), schema, engine=engine) as index:
        with index.writer() as writer:
            for number, (titolo, testo) in enumerate(pairs):
                writer.add({"id": str(number), "titolo": titolo, "testo": testo})
        hits = index.search("missili pesca cittadino", limit=100)
        assert {hit.id for hit in hits} == set(expected)
        for hit in hits:
            assert math.isclose(hit.score, expected[hit.id], rel_tol=1e-6)
            assert math.isclose(hit.explain().value, hit.score, rel_tol=1e-6)


def _index(folder: Path, engine: str, texts: Sequence[str]) -> searchlib.Index:
    schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
    index = searchlib.create(folder, schema, engine=engine)
    for number, text in enumerate(texts):
        with index.writer() as writer:
            writer.add({"id": str(number), "testo": text})
    return index


def _ids(index: searchlib.Index, query: str, **options: Any) -> list[str]:
    return [hit.id for hit in index.search(query, **options)]


def test_words_near_each_other_come_first(engine: str, tmp_path: Path) -> None:
    """Of two documents with the same words the one where they stand together is better."""
    apart = "la guerra durò molti anni " + "di qua e di là " * 8 + "e poi venne la fredda stagione"
    together = "durò molti anni la guerra fredda " + "di qua e di là " * 8 + "e poi la stagione"
    with _index(tmp_path, engine, [apart, together]) as index:
        assert _ids(index, "guerra fredda") == ["1", "0"]


def test_kin_rank_and_never_select(engine: str, tmp_path: Path) -> None:
    """A derived word lifts a document that another word found, and finds none by itself."""
    texts = ["la disobbedienza dei figli", "i figli che vanno", "i figli disobbedienti"]
    with _index(tmp_path, engine, texts) as index:
        assert _ids(index, "disobbedienza figli") == ["0", "2", "1"]
        assert _ids(index, "disobbedienza") == ["0"]
        assert index.count("disobbedienza") == 1


def test_pages_go_on_where_the_page_before_ended(engine: str, tmp_path: Path) -> None:
    """Beyond the documents that were looked at closely, too, no hit comes twice or never."""
    texts = ["rosso " + "e poi " * (n % 7) + "verde" + " altro" * (n % 5) for n in range(130)]
    with _index_at_once(tmp_path, engine, texts) as index:
        whole = _ids(index, "rosso verde", limit=130)
        assert sorted(whole, key=int) == [str(number) for number in range(130)]
        pages = [_ids(index, "rosso verde", limit=9, offset=start) for start in range(0, 130, 9)]
        assert [id for page in pages for id in page] == whole


@settings(max_examples=30, deadline=None)
@given(texts=documents, typed=queries, limit=st.integers(1, 8))
def test_a_short_page_is_the_beginning_of_a_long_one(
    engine: str,
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    typed: list[str],
    limit: int,
) -> None:
    """What is left out because it cannot get on the page changes neither order nor scores."""
    with _index_at_once(tmp_path_factory.mktemp("index"), engine, texts) as index:
        whole = [(hit.id, hit.score) for hit in index.search(" ".join(typed), limit=100)]
        page = [(hit.id, hit.score) for hit in index.search(" ".join(typed), limit=limit)]
        assert page == whole[:limit]


def test_documents_beyond_the_best_keep_their_order(engine: str, tmp_path: Path) -> None:
    """What plain words put past the first hundred stays there, however near its words are."""
    far = "rosso " + "rosso verde " * 3 + "x " * 30
    texts = [far] * 100 + ["rosso verde" + " x" * 200]
    with _index_at_once(tmp_path, engine, texts) as index:
        hits = index.search("rosso verde", limit=101)
        assert hits[100].id == "100"
        assert math.isclose(hits[100].score, hits[100].explain().value, rel_tol=1e-6)


def test_what_was_not_found_is_explained(engine: str, tmp_path: Path) -> None:
    """The words that a document lacks are named, and the mode that would find it."""
    texts = ["il gatto rosso", "il cane"]
    with _index(tmp_path, engine, texts) as index:
        missed = index.explain("gatto cane", "0", mode="all")
        assert missed.value == 0
        assert missed.text == 'not found: cane in testo; mode="any" finds it'
        assert index.explain("cane", "0").text == "not found: cane in testo"
        assert index.explain("rosso -gatto", "0").text == (
            "not found: what the query excludes is there"
        )
        found = index.explain("gatto rosso", "0")
        assert math.isclose(found.value, index.search("gatto rosso")[0].score, rel_tol=1e-6)
        with pytest.raises(searchlib.ArgumentError):
            index.explain("gatto", "9")


def test_a_filter_is_explained_as_it_is_searched_with(engine: str, tmp_path: Path) -> None:
    """What the filter leaves out is said to be, and it tells which the best hundred are."""
    far = "rosso " + "rosso verde " * 3 + "x " * 30
    texts = [far] * 100 + ["rosso verde rosa" + " x" * 200]
    with _index_at_once(tmp_path, engine, texts) as index:
        missed = index.explain("rosso", "0", filter="rosa")
        assert (missed.value, missed.text) == (0, "not found: the filter does not match")
        assert [part.value > 0 for part in missed.parts] == [True]
        assert index.explain("giallo", "0", filter="rosa").text == "not found: giallo in testo"
        (hit,) = index.search("rosso verde", filter="rosa")
        beyond = index.explain("rosso verde", "100")
        found = index.explain("rosso verde", "100", filter="rosa")
        assert math.isclose(found.value, hit.score, rel_tol=1e-6)
        assert found.value > beyond.value


def test_synonyms_are_explained_as_they_are_searched_with(engine: str, tmp_path: Path) -> None:
    """A document found by a synonym is explained by it."""
    synonyms = searchlib.Synonyms.parse("gatto, micio")
    with _index(tmp_path, engine, ["il micio rosso", "il cane"]) as index:
        (hit,) = index.search("gatto", synonyms=synonyms)
        found = index.explain("gatto", "0", synonyms=synonyms)
        assert math.isclose(found.value, hit.score, rel_tol=1e-6)


def test_no_kin_are_looked_up_for_what_is_sorted(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a sort nothing is looked at closely, so nothing is looked up for that."""
    asked: list[str] = []

    def kin(_snapshot: object, _field: str, term: str, *, limit: int) -> tuple[str, ...]:
        asked.append(term)
        return ()[:limit]

    with _index(tmp_path, engine, ["il gatto rosso", "il gattino rosso"]) as index:
        monkeypatch.setattr(type(index._snapshot), "kin", kin)
        assert len(index.search("gatto rosso", sort="-id")) == 2
        assert asked == []
        assert len(index.search("gatto rosso")) == 2
        assert asked == ["gatto", "rosso"]


def _index_at_once(folder: Path, engine: str, texts: Sequence[str]) -> searchlib.Index:
    schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
    index = searchlib.create(folder, schema, engine=engine)
    with index.writer() as writer:
        for number, text in enumerate(texts):
            writer.add({"id": str(number), "testo": text})
    return index
