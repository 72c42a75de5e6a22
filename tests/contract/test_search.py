"""What a search finds, on every engine."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import searchlib
from searchlib import query

Index = searchlib.Index


def ids(results: searchlib.Results) -> list[str]:
    """The keys of the hits, best first."""
    return [hit.id for hit in results]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nordcoreani", {"missili"}),
        ("missile", {"missili", "lasagne"}),
        ("MISSILI", {"missili", "lasagne"}),
        ("amico", {"consiglio"}),
        ("citta", {"consiglio"}),
        ("citta'", {"consiglio"}),
        ("università", {"consiglio"}),
        ("dell'università", {"consiglio"}),
        ("dell’universita'", {"consiglio"}),
        ('"bilancio della università"', {"consiglio"}),
        ('"missili nordcoreani"', {"missili"}),
        ('"nordcoreani missili"', set()),
        ('"russia missili"~1', {"missili"}),
        ('"russia missili"', set()),
        ("muhajir", {"droni"}),
        ("Muhajir-6", {"droni"}),
        ("mis*", {"missili", "lasagne"}),
        ("m?ssile", {"lasagne"}),
        ("*coreani", {"missili"}),
        ("misile~", {"lasagne"}),
        ("misili~2", {"missili", "lasagne"}),
        ("/droni|forno/", {"droni", "lasagne"}),
        ("=missili", {"missili"}),
        ("=missile", {"lasagne"}),
        ('="un po\'"', {"lasagne"}),
        ("+missili -nordcoreani", {"lasagne"}),
        ("missili AND nordcoreani", {"missili"}),
        ("droni OR forno", {"droni", "lasagne"}),
        ("droni O forno", {"droni", "lasagne"}),
        ("missili NON nordcoreani", {"lasagne"}),
        ("(droni OR missili) AND iraniani", {"droni"}),
        ("titolo:missili", {"missili"}),
        ("titolo:(droni lasagne)", {"droni", "lasagne"}),
        ("fonte:AP", {"missili", "droni"}),
        ("fonte:ap", set()),
        ("fonte:G*", {"consiglio"}),
        ("etichette:difesa", {"missili"}),
        ("data:[2022-01-01 TO 2022-12-31]", {"missili", "droni"}),
        ("data:2021-03-12", {"consiglio"}),
        ("anno:>=2021", {"missili", "droni", "consiglio"}),
        ("anno:<2021", {"lasagne"}),
        ("anno:[* TO 2021]", {"consiglio", "lasagne"}),
        ("anno:{2020 TO 2022}", {"consiglio"}),
        ("prezzo:>1,2", {"missili", "droni"}),
        ("firmato:true", {"droni", "consiglio"}),
        ("firmato:*", {"missili", "droni", "consiglio"}),
        ("id:vuoto", {"vuoto"}),
        ("*", {"missili", "droni", "consiglio", "lasagne", "vuoto"}),
        ("-missili", {"droni", "consiglio", "vuoto"}),
        ("parola-che-non-esiste", set()),
        ("", set()),
        ("?!", set()),
    ],
)
def test_a_query_finds_the_documents_that_its_words_ask_for(
    notizie: Index, text: str, expected: set[str]
) -> None:
    """Each construct of the language selects what its description says."""
    results = notizie.search(text, limit=100)
    assert set(ids(results)) == expected
    assert results.total == len(expected) == notizie.count(text)


def test_mode_all_asks_for_every_content_word(notizie: Index) -> None:
    """With mode "all" each word but a stop word must match; with "any" one is enough."""
    assert set(ids(notizie.search("missili droni"))) == {"missili", "lasagne", "droni"}
    assert ids(notizie.search("missili droni", mode="all")) == []
    assert ids(notizie.search("missili della nordcoreani", mode="all")) == ["missili"]


def test_a_stop_word_alone_selects_nothing_beside_a_content_word(notizie: Index) -> None:
    """Stop words rank but do not select, unless the query has nothing else."""
    assert ids(notizie.search("il lo la un droni")) == ["droni"]
    assert set(ids(notizie.search("il"))) >= {"consiglio", "lasagne"}
    assert ids(notizie.search("il lo dell'", mode="any")) == ids(
        notizie.search("il lo dell'", mode="all")
    )


def test_stop_words_select_where_the_field_says_so(make: Any) -> None:
    """text(stopwords=None) turns the stop word rule off."""
    schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text(stopwords=None))
    index = make([{"id": "1", "testo": "di notte"}, {"id": "2", "testo": "giorno"}], schema=schema)
    assert set(ids(index.search("di giorno"))) == {"1", "2"}


def test_the_best_document_comes_first(notizie: Index, make: Any) -> None:
    """More of the query's rare words, and the form as typed, rank higher."""
    assert ids(notizie.search("missili nordcoreani"))[0] == "missili"
    index = make(
        [{"id": "uno", "testo": "un missile"}, {"id": "più", "testo": "due missili"}], name="altro"
    )
    assert ids(index.search("missile")) == ["uno", "più"]
    assert ids(index.search("missili")) == ["più", "uno"]


def test_a_typed_accent_tells_alike_words_apart(make: Any) -> None:
    """Pero and però share a term; the one that was typed comes first."""
    index = make([{"id": "albero", "testo": "un pero"}, {"id": "ma", "testo": "un però"}])
    assert ids(index.search("però")) == ["ma", "albero"]
    assert ids(index.search("pero")) == ["albero", "ma"]


def test_filter_restricts_and_never_scores(notizie: Index) -> None:
    """A filter leaves the scores as they are."""
    free = {hit.id: hit.score for hit in notizie.search("missili droni")}
    filtered = notizie.search("missili droni", filter="fonte:AP")
    assert {hit.id for hit in filtered} == {"missili", "droni"}
    assert all(hit.score == pytest.approx(free[hit.id]) for hit in filtered)
    assert notizie.count("missili droni", filter="fonte:AP") == 2


def test_a_filter_that_does_not_parse_is_an_error(notizie: Index) -> None:
    """A filter is written by a program: nothing is guessed."""
    with pytest.raises(searchlib.QueryError):
        notizie.search("missili", filter="data:ieri")


def test_sort_orders_by_fields_with_missing_values_last(notizie: Index) -> None:
    """Sorting is by the keys in turn, then by order of addition; missing values come last."""
    assert ids(notizie.search("*", sort="data")) == [
        "consiglio",
        "droni",
        "missili",
        "lasagne",
        "vuoto",
    ]
    assert ids(notizie.search("*", sort="-data")) == [
        "missili",
        "droni",
        "consiglio",
        "lasagne",
        "vuoto",
    ]
    assert ids(notizie.search("*", sort=["fonte", "-prezzo"])) == [
        "droni",
        "missili",
        "consiglio",
        "lasagne",
        "vuoto",
    ]
    assert ids(notizie.search("*", sort="-firmato"))[:2] == ["droni", "consiglio"]


def test_facets_count_all_matching_documents(notizie: Index) -> None:
    """Facet counts do not depend on the page, and come most frequent first."""
    results = notizie.search("*", limit=1, facets=["fonte", "etichette"])
    assert list(results.facets["fonte"].items()) == [("AP", 2), ("Gazzetta", 1), ("Ricettario", 1)]
    assert results.facets["etichette"] == {"esteri": 2, "difesa": 1, "politica": 1}
    assert notizie.search("droni", facets="fonte").facets["fonte"] == {"AP": 1}


def test_pages_join_to_the_whole(notizie: Index) -> None:
    """Pages of one hit, put together, are the list of all hits."""
    whole = ids(notizie.search("missili droni il", limit=100))
    pages = [
        hit
        for offset in range(len(whole) + 1)
        for hit in ids(notizie.search("missili droni il", limit=1, offset=offset))
    ]
    assert pages == whole
    assert notizie.search("missili", limit=0).total == 2


def test_fields_limit_where_words_are_looked_for(notizie: Index) -> None:
    """The fields argument replaces the default of all text fields."""
    assert ids(notizie.search("lasagne forno", fields=["titolo"])) == ["lasagne"]
    assert ids(notizie.search("forno", fields=["titolo"])) == []
    assert set(ids(notizie.search("AP", fields=["fonte"]))) == {"missili", "droni"}


def test_weights_multiply_a_fields_scores(make: Any) -> None:
    """With plain BM25 twice the weight is twice the score."""
    documents = [{"id": "1", "testo": "missili e droni"}, {"id": "2", "testo": "pane"}]
    scores = []
    for weight in (1.0, 2.0):
        schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text(weight=weight))
        index = make(documents, schema=schema, name=f"peso{weight}")
        scores.append(index.search("missili", ranking="bm25")[0].score)
    assert scores[1] == pytest.approx(2 * scores[0])


def test_boosts_multiply_a_clauses_score(notizie: Index) -> None:
    """word^3 scores three times the word."""
    plain = notizie.search("missili", ranking="bm25")[0].score
    assert notizie.search("missili^3", ranking="bm25")[0].score == pytest.approx(3 * plain)


def test_explain_adds_up_to_the_score(notizie: Index) -> None:
    """The root of an explanation is the score, and a sum is the sum of its parts."""
    for text in ("missili nordcoreani", '"problemi tecnici" dron*', "anno:>=2021 missili"):
        for hit in notizie.search(text):
            explanation = hit.explain()
            assert explanation.value == pytest.approx(hit.score)
            assert str(explanation)


def test_a_tree_searches_like_its_text(notizie: Index) -> None:
    """A query may be built as a tree; it is the same as its text."""
    tree = query.Words((query.Word("missili"), query.Phrase("problemi tecnici")))
    results = notizie.search(tree)
    assert ids(results) == ids(notizie.search('missili "problemi tecnici"'))
    assert results.query == str(tree)


def test_what_a_person_types_never_raises(notizie: Index) -> None:
    """Lenient search reports instead of raising."""
    for text in (
        '"corea del nord',
        "l'arte (",
        "http://esempio.it/a?b=c",
        "a AND",
        "data:ieri",
        "/(/",
        "^^",
        "🚀",
        "\ud800",
        "x" * 100_000,
        "(" * 10_000,
        "ore 10:30",
        "—",
    ):
        notizie.search(text)
    assert notizie.search('"corea del nord').diagnostics
    assert notizie.search("data:ieri").diagnostics[0].code == "bad-value"
    assert notizie.search("missili").diagnostics == ()
    places = [found.start for found in notizie.search('data:ieri "corea').diagnostics]
    assert places == [5, 10]


@pytest.mark.parametrize("text", ['"corea del nord', "data:ieri", "/(/", "(missili"])
def test_strict_mode_raises_with_offsets(notizie: Index, text: str) -> None:
    """Strict mode raises a QueryError that says where."""
    with pytest.raises(searchlib.QueryError) as caught:
        notizie.search(text, strict=True)
    assert 0 <= caught.value.start <= caught.value.end <= len(text)
    assert caught.value.query == text


@pytest.mark.parametrize(
    "options",
    [
        {"limit": -1},
        {"offset": -1},
        {"limit": 1.5},
        {"mode": "some"},
        {"ranking": "pagerank"},
        {"sort": "testo"},
        {"sort": "niente"},
        {"facets": ["testo"]},
        {"facets": ["data"]},
        {"fields": ["niente"]},
        {"fields": ["origine"]},
        {"fields": []},
        {"deadline_s": 0},
    ],
)
def test_an_option_out_of_its_range_is_an_error(notizie: Index, options: dict[str, Any]) -> None:
    """Options are the program's, so a wrong one raises ArgumentError."""
    with pytest.raises(searchlib.ArgumentError):
        notizie.search("missili", **options)


def test_a_deadline_gives_a_partial_result_or_the_whole(make: Any) -> None:
    """A deadline that cannot be met gives partial=True and at most the true total."""
    index = make({"id": str(n), "testo": f"missili numero {n}"} for n in range(3000))
    late = index.search("missili numero", deadline_s=1e-9)
    assert late.partial
    assert late.total <= 3000
    whole = index.search("missili numero", deadline_s=60.0)
    assert not whole.partial
    assert whole.total == 3000


@pytest.mark.parametrize("options", [{}, {"filter": "numero"}, {"sort": "id"}, {"limit": 0}])
def test_a_total_is_that_of_the_search_whenever_it_is_asked(
    make: Any, options: dict[str, Any]
) -> None:
    """What is added between the search and the question is not in it, with a filter or without."""
    index = make({"id": str(n), "testo": f"missili {'numero' * (n % 2)}"} for n in range(30))
    expected = 15 if "filter" in options else 30
    results = index.search("missili", **options)
    with index.writer() as writer:
        writer.add({"id": "nuovo", "testo": "missili numero"})
    assert index.count("missili") == 31
    assert results.total == expected


def test_a_pattern_for_too_many_words_says_so(make: Any) -> None:
    """Past the limit of expansions a diagnostic tells that words were left out."""
    words = " ".join(f"parola{number:04d}" for number in range(1100))
    index = make([{"id": "1", "testo": words}])
    results = index.search("parola*")
    assert [diagnostic.code for diagnostic in results.diagnostics] == ["too-many-expansions"]
    assert results.total == 1
    with pytest.raises(searchlib.QueryError):
        index.search("parola*", strict=True)


def test_snippets_mark_what_matched(notizie: Index) -> None:
    """A hit's snippet marks the words, each with the part of the query that it answers."""
    hit = notizie.search('nordcoreani "esercito russo"')[0]
    snippet = hit.snippet("testo", max_chars=80)
    marked = {snippet.text[mark.start : mark.end]: mark.leaf for mark in snippet.marks}
    assert marked == {"nordcoreani": "nordcoreani", "esercito russo": '"esercito russo"'}
    assert len(snippet.text) <= 80
    assert hit["testo"][snippet.start :].startswith(snippet.text)
    whole = hit.highlight("testo")
    assert whole.text == hit["testo"]
    with pytest.raises(searchlib.ArgumentError):
        hit.snippet("fonte")
    with pytest.raises(searchlib.ArgumentError):
        hit.snippet("testo", max_chars=0)


def test_stored_values_come_back_as_they_were(notizie: Index) -> None:
    """A hit gives back each stored value with its type."""
    hit = notizie.search("nordcoreani")[0]
    assert hit["data"] == date(2022, 9, 6)
    assert hit["origine"] == {"righe": [1, 2]}
    assert tuple(hit["etichette"]) == ("esteri", "difesa")
    assert hit.get("niente", 3) == 3
    document = hit.document
    assert document["prezzo"] == 1.5
    assert document["firmato"] is False
    assert notizie.get("missili") == document
    assert notizie.get("nessuno") is None


def test_unstored_text_is_searched_but_not_given_back(make: Any) -> None:
    """text(stored=False) is found, absent from the hit, and has no snippet."""
    schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text(stored=False))
    hit = make([{"id": "1", "testo": "pane"}], schema=schema).search("pane")[0]
    assert hit.document == {"id": "1"}
    with pytest.raises(searchlib.ArgumentError):
        hit.snippet("testo")


def test_synonyms_are_found_marked_and_ranked_after_the_word(engine: str, tmp_path: Path) -> None:
    """A synonym selects, scores less than the word itself, and is marked; only when asked for."""
    schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
    synonyms = searchlib.Synonyms.parse("auto, vettura")
    with searchlib.create(tmp_path / "indice", schema, engine=engine) as index:
        with index.writer() as writer:
            writer.add({"id": "1", "testo": "Una vettura nuova"})
            writer.add({"id": "2", "testo": "Una auto nuova"})
        hits = index.search("auto", synonyms=synonyms)
        assert [hit.id for hit in hits] == ["2", "1"]
        assert hits[1].snippet("testo").markdown() == "Una **vettura** nuova"
        assert [hit.id for hit in index.search("auto")] == ["2"]
        assert index.count("auto", synonyms=synonyms) == 2
        with pytest.raises(searchlib.ArgumentError, match="synonyms"):
            index.search("auto", synonyms="sinonimi.txt")  # type: ignore[arg-type]
