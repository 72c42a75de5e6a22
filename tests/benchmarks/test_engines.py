"""Every engine that is installed finds what a scan of the texts finds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

import pytest

from benchmarks.corpora import Document
from benchmarks.engines import ENGINES, load_engine
from benchmarks.engines.base import Engine, Searcher, Settings
from benchmarks.errors import EngineError
from benchmarks.queries import TYPES, Query

# Words that Italian stemming leaves alone and never brings together, in no letter but ASCII: what
# a scan for them as written finds is what every analysis finds.
_WORDS = ("bar", "film", "gas", "sport", "tram", "zinc", "jazz", "golf", "club", "yacht")
_DOCUMENTS = 60


def _documents() -> list[Document]:
    """Sixty documents of up to twelve of the ten words, some with a title."""
    random = Random(1)

    def text(longest: int) -> str:
        return " ".join(random.choices(_WORDS, k=random.randint(0, longest)))

    return [
        Document(id=f"n{number}", titolo=text(2), testo=text(12)) for number in range(_DOCUMENTS)
    ]


def _queries() -> list[Query]:
    """Each word alone, and pairs and triples of them in all types that take several."""
    random = Random(2)
    queries = [Query("term", word, 1, "typical") for word in _WORDS]
    queries += [Query("prefix", word[:3], 1, "typical") for word in _WORDS]
    for type_ in ("any", "all", "phrase"):
        for words in (2, 2, 2, 3, 3):
            text = " ".join(random.sample(_WORDS, words))
            queries.append(Query(type_, text, words, "typical"))
    return queries


def _scan(query: Query) -> set[str]:
    """The keys of the documents with the words of ``query``: a phrase within one field."""
    words = query.text.split()
    found = set()
    for one in _documents():
        fields = [one["titolo"].split(), one["testo"].split()]
        have = {word for field in fields for word in field}
        hit = {
            "term": query.text in have,
            "any": not have.isdisjoint(words),
            "all": have.issuperset(words),
            "prefix": any(word.startswith(query.text) for word in have),
            "phrase": any(
                field[at : at + len(words)] == words for field in fields for at in range(len(field))
            ),
        }
        if hit[query.type]:
            found.add(one["id"])
    return found


@pytest.fixture(scope="module", params=ENGINES)
def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, Searcher]]:
    """Each engine, and an index of the sixty documents, merged where it can be."""
    try:
        engine = load_engine(request.param)
    except EngineError as error:
        pytest.skip(f"until it is installed: {error}")
    folder = tmp_path_factory.mktemp(engine.name) / "index"
    folder.mkdir()
    settings = Settings(threads=engine.indexing_threads, memory_mb=64)
    told = engine.build(iter(_documents()), folder, settings)
    assert told is None or told.seconds > 0
    engine.optimize(folder, settings)
    searcher = engine.open(folder)
    yield engine, searcher
    searcher.close()


@pytest.mark.parametrize("type_", TYPES)
def test_engine_finds_what_a_scan_finds(opened: tuple[Engine, Searcher], type_: str) -> None:
    """All hits where all fit, the ten best of them where not, the exact total where it counts."""
    engine, searcher = opened
    if type_ not in engine.types:
        pytest.skip(f"as {engine.name} has no such queries")
    for query in _queries():
        if query.type != type_:
            continue
        expected = _scan(query)
        answer = searcher.search(query, limit=_DOCUMENTS, counted=engine.has_counts)
        best = searcher.search(query, limit=10, counted=False)
        scores = [score for score, _ in answer.hits]
        assert set(searcher.ids(answer)) == expected, query
        assert scores == sorted(scores, reverse=True)
        assert len(best.hits) == min(10, len(expected))
        assert [score for score, _ in best.hits] == pytest.approx(scores[:10], abs=1e-3)
        if engine.has_counts:
            assert answer.total == len(expected), query
            assert searcher.search(query, limit=0, counted=True).total == len(expected), query


def test_threads_answer_all_queries(opened: tuple[Engine, Searcher]) -> None:
    """As many threads as the engine may search with answer in some time above nothing."""
    engine, searcher = opened
    queries = [query for query in _queries() if query.type in engine.types]
    for threads in range(1, engine.searching_threads + 1):
        assert searcher.search_all(queries, limit=10, threads=threads) > 0


def test_versions_name_the_package(opened: tuple[Engine, Searcher]) -> None:
    """A name and a number."""
    assert re.fullmatch(r"[\w -]+ \d[\w.+]*", opened[0].version())
