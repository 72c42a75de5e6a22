"""Queries come from the text, find it again, and are the same every time."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.corpora import Document, generate, sample
from benchmarks.errors import QueryShortageError
from benchmarks.queries import TYPES, Query, make_queries

_LETTERS = re.compile(r"[^\W\d_]+")


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    """Three hundred generated documents."""
    return list(generate(300))


@pytest.fixture(scope="module")
def queries(documents: list[Document]) -> list[Query]:
    """Sixty queries of each type."""
    return make_queries(documents, per_type=60, seed=3)


def _matches(query: Query, text: str) -> bool:
    """Whether a scan of ``text``, without any analysis, satisfies ``query``."""
    lowered = text.lower()
    words = set(_LETTERS.findall(lowered))
    asked = query.text.split()
    if query.type == "phrase":
        return re.search(rf"(?<!\w){re.escape(query.text)}(?!\w)", lowered) is not None
    if query.type == "prefix":
        return any(word.startswith(query.text) for word in words)
    return any(word in words for word in asked) if query.type == "any" else words >= set(asked)


def test_every_query_finds_a_document(documents: list[Document], queries: list[Query]) -> None:
    """A naive scan of the text the queries were made from has a hit for each of them."""
    for query in queries:
        assert any(_matches(query, one["testo"]) for one in documents), query


def test_each_type_has_as_many_distinct_queries_as_asked(queries: list[Query]) -> None:
    """Sixty per type, no text twice."""
    texts = {type_: {query.text for query in queries if query.type == type_} for type_ in TYPES}
    assert len(queries) == 60 * len(TYPES)
    assert all(len(of_type) == 60 for of_type in texts.values())


def test_queries_have_one_to_five_words(queries: list[Query]) -> None:
    """Terms and prefixes are one word, the other types two to five, and ``words`` counts them."""
    for query in queries:
        found = _LETTERS.findall(query.text)
        assert len(found) == query.words
        assert query.words == 1 if query.type in ("term", "prefix") else 2 <= query.words <= 5
    assert {query.words for query in queries} == {1, 2, 3, 4, 5}


def test_every_type_has_function_words_and_rare_ones(
    documents: list[Document], queries: list[Query]
) -> None:
    """Each kind is there in each type, and a rare query holds a word that one document has."""
    kinds = Counter((query.type, query.kind) for query in queries)
    assert all(kinds[type_, kind] >= 3 for type_ in TYPES for kind in ("function", "rare"))
    texts = [set(_LETTERS.findall(one["testo"].lower())) for one in documents]
    for query in queries:
        if query.kind == "rare" and query.type != "prefix":
            found = _LETTERS.findall(query.text)
            assert any(sum(word in text for text in texts) == 1 for word in found), query


def test_function_queries_are_heavy_and_typical_ones_are_not(
    documents: list[Document], queries: list[Query]
) -> None:
    """Half of the words of one are among the hundred in most documents; of the other, none is."""
    counts: Counter[str] = Counter()
    for one in documents:
        counts.update(set(_LETTERS.findall(one["testo"].lower())))
    # Words tied for the hundredth place may fall on either side.
    border = sorted(counts.values(), reverse=True)[100]
    for query in queries:
        found = [counts[word] for word in _LETTERS.findall(query.text)]
        if query.kind == "function" and query.type != "prefix":
            assert 2 * sum(count >= border for count in found) >= len(found), query
        if query.kind == "typical" and query.type in ("term", "any", "all"):
            assert not any(count > border for count in found), query


def test_prefixes_are_short_and_never_the_whole_word(queries: list[Query]) -> None:
    """A prefix has three to six letters."""
    assert {len(query.text) for query in queries if query.type == "prefix"} <= {3, 4, 5, 6}


def test_same_seed_gives_the_same_queries(documents: list[Document], queries: list[Query]) -> None:
    """The seed decides the queries, and another seed gives others."""
    assert make_queries(documents, per_type=60, seed=3) == queries
    assert make_queries(documents, per_type=60, seed=4) != queries


def test_elided_words_do_not_stand_alone() -> None:
    """Of *dell'acqua* only *acqua* is a word to search for, whichever apostrophe it has."""
    documents = [Document(id="1", titolo="", testo="Dell'acqua fresca, dell’ombra. L' ora, dell' ")]
    queries = make_queries(documents * 3, per_type=2, seed=1)
    alone = {query.text for query in queries if query.type == "term"}
    assert alone <= {"acqua", "fresca", "ombra", "ora"}
    with pytest.raises(QueryShortageError):
        make_queries(documents, per_type=5, seed=1)


def test_too_small_a_collection_is_an_error() -> None:
    """One short document cannot give ten different terms, and the error counts what it gives."""
    documents = [Document(id="1", titolo="", testo="Tre parole appena.")]
    with pytest.raises(QueryShortageError, match="3 different term queries, wanted 10") as caught:
        make_queries(documents, per_type=10, seed=1)
    assert (caught.value.found, caught.value.wanted) == (3, 10)


@pytest.mark.parametrize(
    ("type_", "written"), [("phrase", '"a b"'), ("prefix", "a b*"), ("all", "a b"), ("term", "a b")]
)
def test_written_query(type_: str, written: str) -> None:
    """Phrases are in quotes, prefixes end in a star, the rest is as it is."""
    assert Query(type_, "a b", words=2, kind="typical").written() == written


@given(count=st.integers(0, 40), size=st.integers(0, 50), seed=st.integers())
def test_sample_is_a_part_of_the_documents(count: int, size: int, seed: int) -> None:
    """A sample has the size asked for, or all there is, no document twice, and repeats itself."""
    documents = [Document(id=str(number), titolo="", testo="") for number in range(count)]
    sampled = sample(documents, size, seed=seed)
    ids = [one["id"] for one in sampled]
    assert len(ids) == len(set(ids)) == min(size, count)
    assert all(one in documents for one in sampled)
    assert sample(documents, size, seed=seed) == sampled


def test_sample_is_fair() -> None:
    """Over many seeds each of ten documents is drawn about three times in ten."""
    documents = [Document(id=str(number), titolo="", testo="") for number in range(10)]
    drawn = Counter(one["id"] for seed in range(3000) for one in sample(documents, 3, seed=seed))
    assert all(810 < drawn[one["id"]] < 990 for one in documents)  # 900, three deviations of 25
