"""The page on the query language says of each diagnostic what the parser says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import searchlib
from searchlib.query import parse
from searchlib.query.diagnostics import CODES

PAGE = Path(__file__).parents[2] / "docs" / "query-language.md"

AN_EXAMPLE_OF_EACH = {
    "bad-range": "anno:[2020",
    "bad-regex": "/[/",
    "bad-suffix": "gatto^-1",
    "boost-too-large": "a^2000",
    "edits-out-of-range": "misile~5",
    "empty-group": "a ()",
    "empty-phrase": 'a ""',
    "empty-query": "",
    "field-without-value": "anno: 2020",
    "operator-as-word": "GUERRA E PACE",
    "pattern-in-phrase": '"gat*"',
    "pattern-too-large": "/a{9999}/",
    "query-too-long": "a" * 40_000,
    "range-without-field": "[a TO b]",
    "sign-without-effect": "+a OR b",
    "slop-too-large": '"a b"~2000',
    "stray-close": "a)",
    "stray-operator": "a AND",
    "too-deep": "NOT " * 64 + "a",
    "too-many-clauses": "a " * 1_025,
    "unclosed-group": "(a",
    "unclosed-quote": '"a',
    "unknown-field": "ano:2020",
}

# What only the steps after the parser can find, on an index with fields of these names.
AN_EXAMPLE_ON_AN_INDEX = {
    "bad-value": "anno:ieri",
    "field-not-searchable": "nota:x",
    "not-a-text-field": "anno:20*",
    "too-many-expansions": "parola*",
}


def table() -> dict[str, tuple[str, str]]:
    """Returns meaning and severity by code, out of the table of the page."""
    row = re.compile(r"^\| `([a-z-]+)` \| (.*) \| (\w+) \|$", re.MULTILINE)
    rows = row.findall(PAGE.read_text("utf-8"))
    return {code: (meaning.replace("`", ""), severity) for code, meaning, severity in rows}


def test_the_page_lists_every_code_with_its_meaning() -> None:
    """The table of the page is that of the code, in its order."""
    assert {code: meaning for code, (meaning, _) in table().items()} == dict(CODES)
    assert list(table()) == list(CODES) == sorted(CODES)


def test_each_code_has_an_example() -> None:
    """The examples below leave no code out."""
    assert {*AN_EXAMPLE_OF_EACH, *AN_EXAMPLE_ON_AN_INDEX} == set(CODES)


def test_codes_of_the_steps_after_the_parser(tmp_path: Path) -> None:
    """A search gives the codes that take knowing the index, as severe as documented."""
    schema = searchlib.Schema(
        id=searchlib.key(),
        testo=searchlib.text(),
        anno=searchlib.integer(optional=True),
        nota=searchlib.stored(optional=True),
    )
    index = searchlib.create(tmp_path / "indice", schema)
    with index.writer() as writer:
        writer.add({"id": "1", "testo": " ".join(f"parola{n}" for n in range(1_025))})
    for code, text in AN_EXAMPLE_ON_AN_INDEX.items():
        (found,) = index.search(text).diagnostics
        assert (found.code, found.severity) == (code, table()[code][1])


@pytest.mark.parametrize("code", AN_EXAMPLE_OF_EACH)
def test_each_code_is_given_with_the_severity_of_the_page(code: str) -> None:
    """For each code there is a text that has this diagnostic alone, as severe as documented."""
    (found,) = parse(AN_EXAMPLE_OF_EACH[code], fields=["anno"]).diagnostics
    assert (found.code, found.severity) == (code, table()[code][1])


@pytest.mark.parametrize(
    ("text", "searched"),
    [
        ("gatto^-1", "gatto"),
        ("gatto^1e400", "gatto"),
        ("gatto^2,5 cane", "gatto cane"),
        ("gatto~-1", "gatto"),
        ("gatto~1.5", "gatto"),
        ("gat*^-1", "gat*"),
        ('"gatto nero"^-1', '"gatto nero"'),
        ('"gatto nero"~-1', '"gatto nero"'),
        ('"gatto nero"~1.5^2', '"gatto nero"^2'),
        ("(gatto nero)^-1 cane", "(gatto nero) cane"),
        ("/gatt[oi]/^-1", "/gatt[oi]/"),
        ("=gatto^-1", "=gatto"),
    ],
)
def test_what_a_broken_suffix_is_on_is_searched_without_it(text: str, searched: str) -> None:
    """A ^ or ~ with what is no number in range is reported and left out, its clause searched."""
    parsed = parse(text)
    assert [finding.code for finding in parsed.diagnostics] == ["bad-suffix"]
    assert parsed.query == parse(searched).query
    (finding,) = parsed.diagnostics
    assert text[finding.start] in "^~"


@pytest.mark.parametrize(
    "text", ["a^b", "x~y", r"gatto\^-1", '"5*3"', r'"gat\*"', '"a * b"', "~/casa"]
)
def test_signs_that_are_text_are_no_suffixes_and_no_patterns(text: str) -> None:
    """Signs of prose, sums and paths, and escaped ones, have no remark."""
    assert parse(text).diagnostics == ()
