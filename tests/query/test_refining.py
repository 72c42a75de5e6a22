"""What a plan's best documents are looked at for."""

from __future__ import annotations

from searchlib.query.plan import Combination, Form, Phrase, RefinedWord, Term
from searchlib.query.tree import Word
from searchlib.ranking import Ranking, ranking_named
from searchlib.refining import MAX_WORDS, refinement_of
from searchlib.schema import Schema, key, text

ITALIAN = ranking_named("italian")
SCHEMA = Schema(id=key(), titolo=text(weight=2.0), testo=text())


def no_kin(_field: str, _term: str) -> tuple[str, ...]:
    """Knows no kin."""
    return ()


def test_bm25_looks_at_nothing_more() -> None:
    """Plain BM25 has no second step."""
    plan = Combination(optional=(Term("testo", "a"), Term("testo", "b")))
    assert refinement_of(plan, ranking_named("bm25"), no_kin, SCHEMA) is None


def test_one_word_has_nothing_near_it() -> None:
    """A query of one word, or of one word in each field, is not refined."""
    plan = Combination(optional=(Term("testo", "a"), Term("titolo", "a")))
    assert refinement_of(plan, ITALIAN, no_kin, SCHEMA) is None


def test_the_form_is_that_of_the_term_before_it() -> None:
    """A form asked for by itself is no word's; that behind a term, from the same leaf, is."""
    source, other = Word("gatti"), Word("cani")
    pair = Combination(
        required=(Term("testo", "gatto", source=source),),
        optional=(Form("testo", "gatti", source=source),),
    )
    plan = Combination(optional=(pair, Term("testo", "cane"), Form("testo", "cani", source=other)))
    refinement = refinement_of(plan, ITALIAN, lambda _field, term: (term + "x",), SCHEMA)
    assert refinement is not None
    assert refinement.fields[0].words == (
        RefinedWord("gatto", "gatti", ("gattox",)),
        RefinedWord("cane"),
    )


def test_boosts_of_one_term_add_up() -> None:
    """A term that several leaves ask for is one word with all their boosts."""
    plan = Combination(
        optional=(
            Term("testo", "a", boost=2.0),
            Term("testo", "b"),
            Phrase("testo", ((0, "b"), (1, "a")), boost=0.5),
        )
    )
    refinement = refinement_of(plan, ITALIAN, no_kin, SCHEMA)
    assert refinement is not None
    weights = {word.term: word.weight for word in refinement.fields[0].words}
    assert weights == {"a": 2.5, "b": 1.5}


def test_what_is_excluded_is_not_looked_for() -> None:
    """Words that must not be there are not looked for near the others."""
    plan = Combination(
        optional=(Term("testo", "a"), Term("testo", "b")), excluded=(Term("testo", "c"),)
    )
    refinement = refinement_of(plan, ITALIAN, no_kin, SCHEMA)
    assert refinement is not None
    assert [word.term for word in refinement.fields[0].words] == ["a", "b"]


def test_words_are_limited() -> None:
    """Of a page of words only the first are looked for near each other."""
    plan = Combination(optional=tuple(Term("testo", f"w{n}") for n in range(MAX_WORDS + 9)))
    refinement = refinement_of(plan, ITALIAN, no_kin, SCHEMA)
    assert refinement is not None
    assert len(refinement.fields[0].words) == MAX_WORDS


def test_the_numbers_are_those_of_the_ranking() -> None:
    """What the ranking weighs reaches the engine unchanged."""
    ranking = Ranking(name="x", kin=0.25, near=0.5, depth=7, width=9, exact_grade=2, kin_grade=0)
    plan = Combination(optional=(Term("testo", "a"), Term("testo", "b")))
    found = refinement_of(plan, ranking, no_kin, SCHEMA)
    assert found is not None
    assert (found.kin, found.near, found.depth, found.width) == (0.25, 0.5, 7, 9)
    assert (found.exact_grade, found.kin_grade) == (2, 0)


def test_weights_of_fields_keep_the_steps_in_proportion() -> None:
    """The second step counts by the mean weight of the fields that are looked at."""
    words = [Term(field, term) for field in ("titolo", "testo") for term in ("a", "b")]
    found = refinement_of(Combination(optional=tuple(words)), ITALIAN, no_kin, SCHEMA)
    assert found is not None
    assert (found.kin, found.near) == (1.5 * ITALIAN.kin, 1.5 * ITALIAN.near)
