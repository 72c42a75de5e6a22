"""Clauses side by side, and the short ways that plain words take: laws that they hold to."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st

import searchlib
from searchlib.analysis import Analyzer, Chunk
from searchlib.query import Word, Words
from searchlib.query.clauses import merged
from searchlib.query.plan import Combination, Form, NoDocuments, Phrase, Plan, Term, leaves
from searchlib.query.rewrite import rewrite

SCHEMA = searchlib.Schema(
    id=searchlib.key(),
    titolo=searchlib.text(),
    testo=searchlib.text(),
    anno=searchlib.integer(),
)

WORDS = st.one_of(
    st.sampled_from(
        ["missili", "dell'arte", "e-mail", "12/03", "L.104", "della", "è", "dà", "!?", "GUERRA,"]
    ),
    st.text(max_size=12),
    st.text(alphabet="aèE'’-. 1_@\u0301\n", max_size=8),
)


class _EveryWordTheLongWay(Analyzer):
    """An analyser that shows no chunk by itself, so that each word is analysed as a text."""

    __slots__ = ()

    def chunk(self, written: str) -> Chunk:
        """Gives nothing."""
        return Chunk((), 0, 0)


@given(
    st.lists(WORDS, min_size=1, max_size=4),
    st.sampled_from(["any", "all"]),
    st.lists(st.sampled_from(["titolo", "testo", "anno"]), min_size=1, max_size=3),
    st.sampled_from([0.0, 0.4]),
)
def test_a_word_of_one_token_is_planned_like_any_other(
    texts: list[str], mode: str, fields: list[str], exact_form: float
) -> None:
    """The short way of a plain word gives the plan and the findings of the long one."""
    query = Words(tuple(Word(text, span=(at, at + 1)) for at, text in enumerate(texts)))
    short, long = (
        rewrite(query, SCHEMA, analyzer, mode=mode, fields=fields, exact_form=exact_form)
        for analyzer in (Analyzer(), _EveryWordTheLongWay())
    )
    assert short == long
    sources = [[leaf.source for leaf in leaves(made.plan)] for made in (short, long)]
    assert sources[0] == sources[1]


PLANS: st.SearchStrategy[Plan] = st.recursive(
    st.one_of(
        st.builds(
            Term,
            st.sampled_from(["titolo", "testo"]),
            st.sampled_from(["gatt", "can"]),
            st.sampled_from([0.5, 1.0, 2.0]),
        ),
        st.builds(Form, st.just("testo"), st.sampled_from(["gatti", "gatt"])),
        st.builds(Phrase, st.just("testo"), st.just(((0, "gatt"), (1, "ner")))),
        st.just(NoDocuments()),
    ),
    lambda below: st.builds(
        Combination,
        st.lists(below, max_size=2).map(tuple),
        st.lists(below, max_size=2).map(tuple),
        st.lists(below, max_size=1).map(tuple),
    ),
    max_leaves=4,
)


def bare_of(clause: Plan) -> Plan:
    """A clause as the key of a sum: a leaf without its boost."""
    if isinstance(clause, Combination | NoDocuments):
        return clause
    return attrs.evolve(clause, boost=1.0)


@given(st.lists(PLANS, max_size=5))
def test_merging_keeps_what_each_clause_adds(clauses: list[Plan]) -> None:
    """Each leaf stays once, where it first was, with the sum of its boosts."""
    leaf_boosts: dict[Plan, float] = {}
    for clause in clauses:
        leaf_boosts[bare_of(clause)] = leaf_boosts.get(bare_of(clause), 0.0) + getattr(
            clause, "boost", 1.0
        )
    result = merged(clauses)
    assert len(result) == len(leaf_boosts)
    for made, (bare, boost) in zip(result, leaf_boosts.items(), strict=True):
        if isinstance(bare, Combination):
            factors = {
                after.boost / before.boost
                for before, after in zip(
                    leaves(bare, excluded=True), leaves(made, excluded=True), strict=True
                )
                if not isinstance(before, NoDocuments) and not isinstance(after, NoDocuments)
            }
            assert factors <= {boost}
        else:
            assert bare_of(made) == bare
            assert getattr(made, "boost", boost) == boost
