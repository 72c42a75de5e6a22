"""From the query tree to the plan: what each word asks an engine for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

import searchlib
from searchlib.analysis import shared_analyzer
from searchlib.query import parse, plan, rewrite
from searchlib.query.plan import Combination, Form, NoDocuments, Phrase, Plan, Range, Term, Value

SCHEMA = searchlib.Schema(
    id=searchlib.key(),
    titolo=searchlib.text(),
    testo=searchlib.text(),
    grezzo=searchlib.text(stopwords=None),
    fonte=searchlib.keyword(),
    data=searchlib.date(),
    anno=searchlib.integer(),
    prezzo=searchlib.number(),
    firmato=searchlib.boolean(),
    nota=searchlib.stored(),
)


def planned(text: str, *, mode: str = "any", field: str = "testo", form: float = 0.0) -> Plan:
    """The plan of a text looked for in one field."""
    made = rewrite.rewrite(
        parse(text, fields=SCHEMA).query,
        SCHEMA,
        shared_analyzer,
        mode=mode,
        fields=[field],
        exact_form=form,
    )
    return made.plan


def found(text: str, field: str = "testo") -> list[str]:
    """The codes of the diagnostics of the rewrite."""
    made = rewrite.rewrite(
        parse(text, fields=SCHEMA).query, SCHEMA, shared_analyzer, mode="any", fields=[field]
    )
    return [diagnostic.code for diagnostic in made.diagnostics]


MISSILE, DRONE, DEL = Term("testo", "missile"), Term("testo", "dron"), Term("testo", "del")


def test_a_fuzzy_word_has_at_most_64_letters() -> None:
    """A longer one is looked for as it is written, and a diagnostic says so."""
    at, over = "a" * 64, "a" * 65
    assert found(f"{at}~2") == []
    assert isinstance(planned(f"{at}~2"), plan.Pattern)
    assert found(f"{over}~2") == ["pattern-too-large"]
    assert planned(f"{over}~2") == Form("testo", over)


@pytest.mark.parametrize(
    ("text", "mode", "expected"),
    [
        ("missili", "any", MISSILE),
        ("missili droni", "any", Combination(optional=(MISSILE, DRONE))),
        ("missili droni", "all", Combination(required=(MISSILE, DRONE))),
        ("missili dei", "any", Combination(required=(MISSILE,), optional=(DEL,))),
        ("missili dei", "all", Combination(required=(MISSILE,), optional=(DEL,))),
        ("dei", "any", DEL),
        ("dei la", "any", Combination(required=(DEL, Term("testo", "il")))),
        ("+missili droni", "any", Combination(required=(MISSILE,), optional=(DRONE,))),
        ("+missili droni", "all", Combination(required=(MISSILE, DRONE))),
        ("missili -droni", "any", Combination(required=(MISSILE,), excluded=(DRONE,))),
        ("-droni", "any", Combination(excluded=(DRONE,))),
        ("missili OR droni", "all", Combination(optional=(MISSILE, DRONE))),
        ("missili AND droni", "any", Combination(required=(MISSILE, DRONE))),
        ("missili AND dei", "any", Combination(required=(MISSILE,), optional=(DEL,))),
        ("missili droni missile", "any",
         Combination(optional=(Term("testo", "missile", boost=2.0), DRONE))),
        ("missili missile^3", "all", Term("testo", "missile", boost=4.0)),
        ("missili AND missile", "any", Term("testo", "missile", boost=2.0)),
        ("droni -missili -missile", "any", Combination(required=(DRONE,), excluded=(MISSILE,))),
        ('"missili droni" "missile drone"', "any",
         Phrase("testo", ((0, "missile"), (1, "dron")), boost=2.0)),
        ("mis* mis*", "any", plan.Pattern("testo", "prefix", "mis", "mis", boost=2.0)),
        ("covid-19 covid-19", "any",
         Combination(optional=(Term("testo", "covid19", boost=2.0),
                               Phrase("testo", ((0, "covid"), (1, "19")), boost=2.0)))),
        ("dei AND NOT droni", "any",
         Combination(required=(DEL, Combination(excluded=(DRONE,))))),
        ("titolo:dei AND NOT droni", "any",
         Combination(required=(Term("titolo", "del"), Combination(excluded=(DRONE,))))),
        ("dell'arma", "any", Combination(required=(Term("testo", "arma"),), optional=(DEL,))),
        ('"missili dei droni"', "any",
         Phrase("testo", ((0, "missile"), (1, "del"), (2, "dron")))),
        ('"missili droni"~3', "any", Phrase("testo", ((0, "missile"), (1, "dron")), slop=3)),
        ("=missili", "any", Form("testo", "missili")),
        ('="missili droni"', "any",
         Phrase("testo", ((0, "missili"), (1, "droni")), exact=True)),
        ("missili^2", "any", Term("testo", "missile", boost=2.0)),
        ("(missili^2 droni)^3", "any",
         Combination(optional=(Term("testo", "missile", boost=6.0),
                               Term("testo", "dron", boost=3.0)))),
        ("104/1992", "any", Phrase("testo", ((0, "104"), (1, "1992")))),
        ("covid-19", "any",
         Combination(optional=(Term("testo", "covid19"),
                               Phrase("testo", ((0, "covid"), (1, "19")))))),
        ("anno:2022", "any", Value("anno", 2022)),
        ("anno:>2020", "any", Range("anno", 2020, None, includes_low=False)),
        ("data:[2022-01-01 TO *]", "any", Range("data", date(2022, 1, 1))),
        ("prezzo:1,5", "any", Value("prezzo", 1.5)),
        ("prezzo:1.234,56", "any", Value("prezzo", 1234.56)),
        ("prezzo:1.234.567", "any", Value("prezzo", 1234567.0)),
        ("prezzo:1.234", "any", Value("prezzo", 1.234)),
        ("prezzo:[-1.000,5 TO 2.000.000,25]", "any", Range("prezzo", -1000.5, 2000000.25)),
        ("anno:2.022", "any", Value("anno", 2022)),
        ("data:05/01/2022", "any", Value("data", date(2022, 1, 5))),
        ("data:5/1/2022", "any", Value("data", date(2022, 1, 5))),
        ("data:5.1.2022", "any", Value("data", date(2022, 1, 5))),
        ("data:31-12-2022", "any", Value("data", date(2022, 12, 31))),
        ("data:[01/01/2022 TO 31/12/2022]", "any",
         Range("data", date(2022, 1, 1), date(2022, 12, 31))),
        ("data:>5/1/2022", "any", Range("data", date(2022, 1, 5), includes_low=False)),
        ("firmato:vero", "any", Value("firmato", True)),
        ("fonte:AP", "any", Value("fonte", "AP")),
        ('fonte:"La Stampa"', "any", Value("fonte", "La Stampa")),
        ("fonte:A*", "any", Range("fonte", "A", "A\U0010ffff")),
        ("*", "any", plan.AllDocuments()),
        ("anno:*", "any", Range("anno")),
    ],
)  # fmt: skip
def test_each_construct_becomes_its_plan(text: str, mode: str, expected: Plan) -> None:
    """The plan is what docs/query-language.md says of the construct."""
    assert planned(text, mode=mode) == expected


def test_a_word_is_looked_for_in_each_field() -> None:
    """Any of the searched fields will do, for each word on its own."""
    made = rewrite.rewrite(
        parse("missili droni").query, SCHEMA, shared_analyzer, mode="all",
        fields=["titolo", "testo"],
    )  # fmt: skip
    assert made.plan == Combination(
        required=(
            Combination(optional=(Term("titolo", "missile"), MISSILE)),
            Combination(optional=(Term("titolo", "dron"), DRONE)),
        )
    )


def test_stop_words_select_in_a_field_without_the_rule() -> None:
    """text(stopwords=None) makes every word select."""
    assert planned("missili dei", field="grezzo", mode="all") == Combination(
        required=(Term("grezzo", "missile"), Term("grezzo", "del"))
    )


def test_the_exact_form_adds_to_the_term() -> None:
    """A ranking with exact_form asks for the term, and prefers the form; stop words do not."""
    assert planned("missili dei", form=0.5) == Combination(
        required=(
            Combination(
                required=(MISSILE,), optional=(Form("testo", "missili", boost=0.5),)
            ),
        ),
        optional=(DEL,),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "accepted", "refused"),
    [
        ("citt*", ["città", "cittadino"], ["cita"]),
        ("CITTÀ*", ["città", "cittadella"], ["citt"]),
        ("m?ssile", ["missile", "messile"], ["missili"]),
        ("*zione", ["azione", "zione"], ["azioni"]),
        ("perch?", [], []),
        ("misile~", ["missile", "misile"], ["missili"]),
        ("citta~", ["città", "citt"], ["cit"]),
        ("/miss(ile|ili)/", ["missile", "missili"], ["missil"]),
    ],
)
def test_a_pattern_accepts_forms_without_regard_to_accents(
    text: str, accepted: list[str], refused: list[str]
) -> None:
    """Prefix, wildcard and fuzzy patterns compare accent-folded forms."""
    made = planned(text)
    if isinstance(made, plan.Pattern):
        assert all(map(made.accepts, accepted))
        assert not any(map(made.accepts, refused))
    else:
        assert text.endswith("?")


def test_an_elided_article_before_a_pattern_is_a_word_of_its_own() -> None:
    """dell'univ* and dell’*versità look for the pattern, the article being a stop word."""
    for text in ("dell'univ*", "dell’un?versità"):
        made = planned(text)
        assert isinstance(made, Combination)
        (pattern,) = made.required
        assert isinstance(pattern, plan.Pattern)
        assert pattern.accepts("università")
        assert made.optional == (DEL,)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("anno:ieri", "bad-value"),
        ("data:31/02/2022", "bad-value"),
        ("data:20220312", "bad-value"),
        ("data:2022-W36-2", "bad-value"),
        ("data:[ieri TO oggi]", "bad-value"),
        ("data:5/1-2022", "bad-value"),
        ("data:5/1/22", "bad-value"),
        ("prezzo:nan", "bad-value"),
        ("prezzo:1.23,5", "bad-value"),
        ("anno:" + "9" * 5000, "bad-value"),
        ("firmato:forse", "bad-value"),
        ("nota:x", "field-not-searchable"),
        ("testo:[a TO b]", "range-without-field"),
        ("anno:20*", "not-a-text-field"),
        ("fonte:A?P", "not-a-text-field"),
        ("fonte:/A/", "not-a-text-field"),
        ("/(/", "bad-regex"),
    ],
)
def test_what_cannot_be_is_a_diagnostic_and_finds_nothing(text: str, code: str) -> None:
    """A part that makes no sense matches nothing and says why, within its span."""
    assert code in found(text) + [d.code for d in parse(text, fields=SCHEMA).diagnostics]
    if code in found(text):
        assert planned(text) == NoDocuments()


def test_words_times_fields_are_bounded() -> None:
    """Past 1,024 leaves the rest is left out, and the query says so once."""
    text = " ".join(f"parola{number}" for number in range(600))
    made = rewrite.rewrite(
        parse(text).query, SCHEMA, shared_analyzer, mode="any", fields=["titolo", "testo"]
    )
    searched = [leaf for leaf in plan.leaves(made.plan) if not isinstance(leaf, NoDocuments)]
    assert len(searched) == 1024
    assert [d.code for d in made.diagnostics] == ["too-many-clauses"]


def test_leaves_name_their_source() -> None:
    """Each leaf points to the leaf of the tree that it stands for."""
    sources = [str(leaf.source) for leaf in plan.leaves(planned('l\'arma "due droni" mis*'))]
    assert sources == ["l'arma", '"due droni"', "mis*", "l'arma"]


def test_a_word_weighs_in_each_field_as_it_is_told() -> None:
    """Of several fields each has its share of a word's boost, its form's too; of one it has all."""
    asked: list[tuple[str, tuple[str, ...]]] = []

    def shares(term: str, fields: tuple[str, ...]) -> Sequence[float]:
        asked.append((term, fields))
        return (0.5, 1.0)

    made = rewrite.rewrite(
        parse("gatti^2 testo:cane", fields=SCHEMA).query,
        SCHEMA,
        shared_analyzer,
        mode="any",
        fields=("titolo", "testo"),
        exact_form=3.0,
        shares=shares,
    )
    boosts = [
        (type(leaf).__name__, leaf.field, leaf.boost)
        for leaf in plan.leaves(made.plan)
        if isinstance(leaf, Term | Form)
    ]
    assert boosts == [
        ("Term", "titolo", 1.0),
        ("Form", "titolo", 3.0),
        ("Term", "testo", 2.0),
        ("Form", "testo", 6.0),
        ("Term", "testo", 1.0),
        ("Form", "testo", 3.0),
    ]
    assert asked == [("gatto", ("titolo", "testo"))]
