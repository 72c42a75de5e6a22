"""The engines side by side: whatever is asked of both, both say the same."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import searchlib
from searchlib.engines import available

pytestmark = pytest.mark.skipif(
    len(available()) < 2, reason="there is one engine: the native one is not built"
)

SCHEMA = searchlib.Schema(
    id=searchlib.key(),
    titolo=searchlib.text(weight=2.0, optional=True),
    testo=searchlib.text(optional=True),
    fonte=searchlib.keyword(facet=True, optional=True),
    anno=searchlib.integer(optional=True),
)
WORDS = (
    *("missile", "missili", "città", "citta'", "perché", "l'arte", "dell’arte", "amico", "amici"),
    *("nord-coreano", "di", "la", "U.S.A.", "1.234,56", "governo", "pesca", "pesce"),
)
texts = st.lists(st.sampled_from(WORDS), max_size=15).map(" ".join)
documents = st.fixed_dictionaries(
    {"id": st.sampled_from("abcdefghij")},
    optional={
        "titolo": texts,
        "testo": texts,
        "fonte": st.sampled_from(["AP", "Ansa"]),
        "anno": st.integers(2019, 2022),
    },
)
PIECES = (
    *WORDS,
    *('"missili di città"', '"la città"~2', "mis*", "c?tt?", "misile~", "/p.sc[ae]/", "=amici"),
    *("titolo:arte", "fonte:AP", "anno:[2020 TO 2021]", "anno:>2020", "-governo", "+amico"),
    *("(pesca OR pesce)", "NON la", "*"),
)
queries = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map(" ".join)
batches = st.lists(st.lists(documents | st.sampled_from("abcdefghij"), max_size=8), max_size=3)


def changed(folder: Path, engine: str, changes: list[list[object]]) -> searchlib.Index:
    """An index after the changes: documents are added, keys deleted, each list one commit."""
    index = searchlib.create(folder / engine, SCHEMA, engine=engine)
    for change in changes:
        with index.writer() as writer:
            for step in change:
                if isinstance(step, str):
                    writer.delete(step)
                else:
                    writer.add(step)
    return index


def merged(folder: Path, engine: str, changes: list[list[object]]) -> searchlib.Index:
    """The same without what was deleted, which each engine merges away when it sees fit (D1)."""
    index = changed(folder, engine, changes)
    index.optimize()
    return index


@settings(max_examples=40)
@given(
    batches,
    st.lists(queries, min_size=1, max_size=5),
    st.sampled_from(["any", "all"]),
    st.sampled_from(["bm25", "italian"]),
)
def test_both_engines_find_the_same_documents_in_the_same_order(
    changes: list[list[object]], asked: list[str], mode: str, ranking: str
) -> None:
    """Hits, scores, order but for ties of scores, totals, facets and marks are those of both."""
    with tempfile.TemporaryDirectory() as folder:
        made = [merged(Path(folder), engine, changes) for engine in ("whoosh", "native")]
        for query in asked:
            whoosh, native = (
                index.search(query, limit=50, mode=mode, ranking=ranking, facets="fonte")
                for index in made
            )
            assert native.total == whoosh.total
            assert native.facets == whoosh.facets
            scores = {hit.id: hit.score for hit in whoosh}
            assert {hit.id for hit in native} == scores.keys()
            for hit, other in zip(native, whoosh, strict=True):
                assert math.isclose(hit.score, other.score, rel_tol=1e-5, abs_tol=1e-7)
                assert math.isclose(hit.score, scores[hit.id], rel_tol=1e-5, abs_tol=1e-7)
                assert math.isclose(hit.explain().value, hit.score, rel_tol=1e-9)
                assert hit.document == next(it.document for it in whoosh if it.id == hit.id)
        for index in made:
            index.close()


@settings(max_examples=30)
@given(batches, queries, st.sampled_from(["any", "all"]))
def test_both_engines_match_the_same_documents_at_any_time(
    changes: list[list[object]], query: str, mode: str
) -> None:
    """What is deleted and not merged away yet moves scores on one of them at most (D1)."""
    with tempfile.TemporaryDirectory() as folder:
        made = [changed(Path(folder), engine, changes) for engine in ("whoosh", "native")]
        whoosh, native = (
            index.search(query, limit=50, mode=mode, facets="fonte") for index in made
        )
        assert {hit.id for hit in native} == {hit.id for hit in whoosh}
        assert (native.total, native.facets) == (whoosh.total, whoosh.facets)
        for index in made:
            index.close()
