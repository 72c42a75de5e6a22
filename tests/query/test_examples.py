"""What people type, construct by construct, and the tree that is meant."""

from __future__ import annotations

import pytest

from searchlib.errors import QueryError
from searchlib.query import (
    All,
    Any,
    Boost,
    Everything,
    Exact,
    Fuzzy,
    In,
    Not,
    Phrase,
    Prefix,
    Query,
    Range,
    Regex,
    Wildcard,
    Word,
    Words,
    parse,
)
from searchlib.query.tree import children

FIELDS = ("titolo", "testo", "data", "anno", "fonte")

A, B, C, D = (Word(letter) for letter in "abcd")


def side_by_side(*texts: str) -> Words:
    """Returns plain words as the parser groups them."""
    return Words(tuple(map(Word, texts)))


CONSTRUCTS: dict[str, Query] = {
    # words and phrases
    "missili": Word("missili"),
    "missili nordcoreani": side_by_side("missili", "nordcoreani"),
    '"corea del nord"': Phrase("corea del nord"),
    "“corea del nord”": Phrase("corea del nord"),
    "«corea del nord»": Phrase("corea del nord"),
    "„corea del nord“": Phrase("corea del nord"),
    '"corea nord"~2': Phrase("corea nord", 2),
    "“corea nord”~2^3": Boost(Phrase("corea nord", 2), 3.0),
    '"disse \\"basta\\""': Phrase('disse "basta"'),
    "«disse “basta” e uscì»": Phrase("disse “basta” e uscì"),
    # signs
    "+deve -escluso": Words((), (Word("deve"),), (Word("escluso"),)),
    "missili +russia -droni": Words((Word("missili"),), (Word("russia"),), (Word("droni"),)),
    '-"corea del nord" guerra': Words((Word("guerra"),), (), (Phrase("corea del nord"),)),
    "-(a b) c": Words((C,), (), (Words((A, B)),)),
    "+a": A,
    "-a": Not(A),
    "-a -b": Words((), (), (A, B)),
    # operators, English and Italian
    "a AND b": All((A, B)),
    "a E b": All((A, B)),
    "a OR b": Any((A, B)),
    "a O b": Any((A, B)),
    "NOT a": Not(A),
    "NON a": Not(A),
    "a AND NOT b": All((A, Not(B))),
    "a E NON b": All((A, Not(B))),
    "NOT NOT a": Not(Not(A)),
    "a NON b": Words((A,), (), (B,)),
    # precedence: NOT, then AND, then OR, then side by side
    "a OR b AND c": Any((A, All((B, C)))),
    "a AND b OR c AND d": Any((All((A, B)), All((C, D)))),
    "a b OR c": Words((A, Any((B, C)))),
    "a AND b c": Words((All((A, B)), C)),
    "NOT a AND b": All((Not(A), B)),
    "(a OR b) AND c": All((Any((A, B)), C)),
    "a AND (b AND c)": All((A, B, C)),
    "a OR (b OR c)": Any((A, B, C)),
    "(a b) c": Words((A, B, C)),
    "(((a)))": A,
    "a AND -b": All((A, Not(B))),
    "NOT -a": Not(Not(A)),
    '"a"AND"b"': All((Phrase("a"), Phrase("b"))),
    # fields
    "titolo:missili": In("titolo", Word("missili")),
    "titolo:(a b)": In("titolo", Words((A, B))),
    'titolo:"corea del nord"': In("titolo", Phrase("corea del nord")),
    "+titolo:a -testo:b": Words((), (In("titolo", A),), (In("testo", B),)),
    "titolo:a OR testo:b": Any((In("titolo", A), In("testo", B))),
    "titolo:(testo:a)": In("titolo", In("testo", A)),
    "fonte:*": In("fonte", Everything()),
    "fonte:10:30": In("fonte", Word("10:30")),
    "anno:-44": In("anno", Word("-44")),
    "fonte:★": In("fonte", Word("★")),
    # patterns
    "mis*": Prefix("mis"),
    "m?ssile": Wildcard("m?ssile"),
    "*zione": Wildcard("*zione"),
    "m*s*": Wildcard("m*s*"),
    "m?ssil?": Wildcard("m?ssil?"),
    "mis**": Prefix("mis"),
    "dell'art*": Prefix("dell'art"),
    "*": Everything(),
    "misile~": Fuzzy("misile"),
    "misile~1": Fuzzy("misile"),
    "misile~2": Fuzzy("misile", 2),
    "/miss(ile|ili)/": Regex("miss(ile|ili)"),
    "/a\\/b/": Regex("a/b"),
    "titolo:/miss.*/^2": Boost(In("titolo", Regex("miss.*")), 2.0),
    "(/miss.*/)": Regex("miss.*"),
    "mis*, m?ssile.": Words((Prefix("mis"), Wildcard("m?ssile"))),
    # ranges
    "data:[2022-01-01 TO 2022-12-31]": In("data", Range("2022-01-01", "2022-12-31")),
    "anno:{2020 TO 2022}": In("anno", Range("2020", "2022", False, False)),
    "anno:[2020 TO 2022}": In("anno", Range("2020", "2022", True, False)),
    "anno:{2020 TO 2022]": In("anno", Range("2020", "2022", False, True)),
    "anno:[2020 TO *]": In("anno", Range("2020", None)),
    "anno:{* TO 2020}": In("anno", Range(None, "2020", True, False)),
    'fonte:["la Repubblica" TO "*"]': In("fonte", Range("la Repubblica", "*")),
    "anno:>=2020": In("anno", Range("2020", None)),
    "anno:>2020": In("anno", Range("2020", None, False)),
    "anno:<2020": In("anno", Range(None, "2020", True, False)),
    "anno:<=2020": In("anno", Range(None, "2020")),
    'fonte:>="la Repubblica"': In("fonte", Range("la Repubblica", None)),
    "anno:(<1945 OR [1990 TO 1992])": In(
        "anno", Any((Range(None, "1945", True, False), Range("1990", "1992")))
    ),
    # boosts and exact forms
    "missili^2.5": Boost(Word("missili"), 2.5),
    "(a b)^.5": Boost(Words((A, B)), 0.5),
    "titolo:a^3": Boost(In("titolo", A), 3.0),
    "titolo:(a b)^3": Boost(In("titolo", Words((A, B))), 3.0),
    "missili^1": Word("missili"),
    "mis*^2 misile~^2": Words((Boost(Prefix("mis"), 2.0), Boost(Fuzzy("misile"), 2.0))),
    "=missili": Exact("missili"),
    '="corea del nord"': Exact("corea del nord"),
    "=«corea del nord»": Exact("corea del nord"),
    "titolo:=missili^2": Boost(In("titolo", Exact("missili")), 2.0),
    "=mis*": Exact("mis*"),
    # escapes
    "\\AND": Word("AND"),
    "a \\E b": side_by_side("a", "E", "b"),
    "mis\\*": Word("mis*"),
    "a\\*b*": Prefix("a*b"),
    "\\-a": Word("-a"),
    "titolo\\:a": Word("titolo:a"),
    "mis?^1": Wildcard("mis?"),
    "5**3": Wildcard("5*3"),
}

PROSE: dict[str, Query] = {
    "dov'è finito?": side_by_side("dov'è", "finito?"),
    "Davvero??": Word("Davvero??"),
    "perché? perche' sì!": side_by_side("perché?", "perche'", "sì!"),
    "È l’ora dell´arte": side_by_side("È", "l’ora", "dell´arte"),
    "E' vero": side_by_side("E'", "vero"),
    "'ndrangheta": Word("'ndrangheta"),
    'l\'"effetto serra"': Words((Word("l'"), Phrase("effetto serra"))),
    "nord-coreano": Word("nord-coreano"),
    "Roma - Milano": side_by_side("Roma", "Milano"),
    "Roma — Milano": side_by_side("Roma", "Milano"),
    "Roma—Milano": Word("Roma—Milano"),
    "https://esempio.it/a?b=c&d=*": Word("https://esempio.it/a?b=c&d=*"),
    "mario.rossi@esempio.it": Word("mario.rossi@esempio.it"),
    "/etc/passwd": Word("/etc/passwd"),
    "e/o": Word("e/o"),
    "C++ o C#": side_by_side("C++", "o", "C#"),
    "5*3": Word("5*3"),
    "ore 10:30": side_by_side("ore", "10:30"),
    "nota: testo": side_by_side("nota:", "testo"),
    "C:\\temp": Word("C:\\temp"),
    "std::vector": Word("std::vector"),
    "1.234,56 €": Word("1.234,56"),
    "#hashtag @utente": side_by_side("#hashtag", "@utente"),
    "guerra!!! 😀": Word("guerra!!!"),
    "mi piace 😀 il nord": side_by_side("mi", "piace", "il", "nord"),
    "[sic]": Word("[sic]"),
    "--aiuto": Word("--aiuto"),
    "e non o": side_by_side("e", "non", "o"),
    # E and O join only what stands on both sides, NON what follows
    "E": Word("E"),
    "vitamina E": side_by_side("vitamina", "E"),
    "O Roma": side_by_side("O", "Roma"),
    "gruppo O": side_by_side("gruppo", "O"),
    "dire di NON": side_by_side("dire", "di", "NON"),
    "È qui E' là": side_by_side("È", "qui", "E'", "là"),
}

MENDED: dict[str, tuple[Query, list[str]]] = {
    '"corea del nord': (side_by_side("corea", "del", "nord"), ["unclosed-quote"]),
    'titolo:"corea': (In("titolo", Word("corea")), ["unclosed-quote"]),
    '-"corea': (Not(Word("corea")), ["unclosed-quote"]),
    'uno schermo da 27"': (side_by_side("uno", "schermo", "da", "27"), ["unclosed-quote"]),
    "(a b": (Words((A, B)), ["unclosed-group"]),
    "a (b OR c": (Words((A, Any((B, C)))), ["unclosed-group"]),
    "a) b": (Words((A, B)), ["stray-close"]),
    "a :)": (A, ["stray-close"]),
    "AND a": (side_by_side("AND", "a"), ["stray-operator"]),
    "a OR": (side_by_side("a", "OR"), ["stray-operator"]),
    "a NOT": (side_by_side("a", "NOT"), ["stray-operator"]),
    "a AND OR b": (Words((A, Any((Word("AND"), B)))), ["stray-operator"]),
    "(AND a)": (side_by_side("AND", "a"), ["stray-operator"]),
    "GUERRA E PACE": (side_by_side("GUERRA", "E", "PACE"), ["operator-as-word"]),
    "O ROMA O MORTE": (side_by_side("O", "ROMA", "O", "MORTE"), ["operator-as-word"]),
    "1943 E 1945": (side_by_side("1943", "E", "1945"), ["operator-as-word"]),
    "GUERRA AND PACE": (All((Word("GUERRA"), Word("PACE"))), []),
    "titlo:missili": (Word("titlo:missili"), ["unknown-field"]),
    "autore:(a b)": (Words((Word("autore:"), A, B)), ["unknown-field"]),
    "titolo: a": (Words((Word("titolo"), A)), ["field-without-value"]),
    "titolo:": (Word("titolo"), ["field-without-value"]),
    "anno:[2020 2022]": (Words((In("anno", Word("[2020")), Word("2022]"))), ["bad-range"]),
    "anno:>": (In("anno", Word(">")), ["bad-range"]),
    'anno:>"2020': (In("anno", Range("2020", None, False)), ["unclosed-quote"]),
    "[2020 TO 2022]": (Range("2020", "2022"), ["range-without-field"]),
    "/mis[ile/": (Word("/mis[ile/"), ["bad-regex"]),
    "/(a)\\1/": (Word("/(a)\\1/"), ["bad-regex"]),
    "a AND ()": (A, ["empty-group"]),
    'a AND ""': (side_by_side("a", "AND"), ["stray-operator", "empty-phrase"]),
    "+a OR b": (Any((A, B)), ["sign-without-effect"]),
    "misile~3": (Fuzzy("misile", 2), ["edits-out-of-range"]),
    "misile~0": (Fuzzy("misile", 1), ["edits-out-of-range"]),
    "": (Words(), ["empty-query"]),
    " \t\n": (Words(), ["empty-query"]),
    "???": (Words(), ["empty-query"]),
    "- — … 😀": (Words(), ["empty-query"]),
    "()": (Words(), ["empty-group", "empty-query"]),
}


@pytest.mark.parametrize(("text", "expected"), CONSTRUCTS.items())
def test_each_construct_has_its_tree(text: str, expected: Query) -> None:
    """A query of the language means the tree that the documentation says, with no remark."""
    parsed = parse(text, fields=FIELDS)
    assert parsed.query == expected
    assert parsed.diagnostics == ()


@pytest.mark.parametrize(("text", "expected"), PROSE.items())
def test_prose_is_words(text: str, expected: Query) -> None:
    """Prose is searched as words with no remark, in strict mode too."""
    parsed = parse(text, fields=FIELDS, strict=True)
    assert parsed.query == expected
    assert parsed.diagnostics == ()


@pytest.mark.parametrize(
    ("text", "expected", "codes"),
    [(text, expected, codes) for text, (expected, codes) in MENDED.items()],
)
def test_a_slip_is_mended_and_reported(text: str, expected: Query, codes: list[str]) -> None:
    """What is half in the language is searched as far as can be told, and reported."""
    parsed = parse(text, fields=FIELDS)
    assert parsed.query == expected
    assert list(dict.fromkeys(finding.code for finding in parsed.diagnostics)) == codes


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ('missili "corea', (8, 9)),
        ("missili (corea", (8, 9)),
        ("missili) corea", (7, 8)),
        ("missili AND", (8, 11)),
        ("un titlo:missili", (3, 8)),
        ("anno:[2020", (5, 6)),
        ("x misile~7", (2, 10)),
        ("x mis^5000", (5, 10)),
        ("/mis[ile/", (0, 9)),
    ],
)
def test_a_diagnostic_points_at_the_slip(text: str, span: tuple[int, int]) -> None:
    """The span of a diagnostic is the characters to look at, no more; strict mode raises it."""
    (finding,) = parse(text, fields=FIELDS).diagnostics
    assert (finding.start, finding.end) == span
    with pytest.raises(QueryError) as caught:
        parse(text, fields=FIELDS, strict=True)
    assert (caught.value.start, caught.value.end) == span
    assert caught.value.problem == finding.message or finding.exceeded is not None


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [("titlo", "titolo"), ("Titolo", "titolo"), ("tetso", "testo"), ("autore", None)],
)
def test_an_unknown_field_suggests_the_nearest(name: str, suggestion: str | None) -> None:
    """An unknown field at most two letters from a known one suggests it, and no other does."""
    (finding,) = parse(f"{name}:missili", fields=FIELDS).diagnostics
    assert finding.suggestion == suggestion
    assert suggestion is None or suggestion in finding.message


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("missili  corea", [(0, 7), (9, 14)]),
        ("+missili -corea", [(1, 8), (10, 15)]),
        ("titolo:missili^2", [(7, 14)]),
        ('titolo:"corea del nord"~2^3', [(7, 25)]),
        ("NON (dell’arte O mis*)", [(5, 14), (17, 21)]),
        ("anno:>=2020", [(5, 11)]),
        ("mis\\*^2 a", [(0, 5), (8, 9)]),
        ("mis*, qui", [(0, 4), (6, 9)]),
    ],
)
def test_leaves_know_their_place(text: str, spans: list[tuple[int, int]]) -> None:
    """The span of a leaf is its own text, without sign, field, boost or punctuation after it."""

    def leaf_spans(query: Query) -> list[tuple[int, int] | None]:
        below = [span for child in children(query) for span in leaf_spans(child)]
        return below or [query.span]

    assert leaf_spans(parse(text, fields=FIELDS).query) == spans


def test_the_whole_of_a_compound_is_its_span() -> None:
    """A group's span runs from its sign's operand to its boost, a compound's over its clauses."""
    text = "titolo:(a OR b)^2 AND c d"
    query = parse(text, fields=FIELDS).query
    assert isinstance(query, Words)
    both, _ = query.clauses
    assert isinstance(both, All)
    assert both.span is not None
    assert text[slice(*both.span)] == "titolo:(a OR b)^2 AND c"
    boosted = both.clauses[0]
    assert boosted.span is not None
    assert text[slice(*boosted.span)] == "titolo:(a OR b)^2"
