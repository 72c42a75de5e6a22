"""The schema: which documents fit, and what is said of those that do not."""

from __future__ import annotations

import contextlib
import json
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

import searchlib
from searchlib.schema import Field, Schema

EVERY = Schema(
    id=searchlib.key(),
    titolo=searchlib.text(weight=2.5, stored=False, stopwords=None),
    testo=searchlib.text(default="niente"),
    fonte=searchlib.keyword(facet=True),
    temi=searchlib.keyword(multiple=True, default=("vario",)),
    data=searchlib.date(default=date(2020, 2, 29)),
    anno=searchlib.integer(optional=True),
    prezzo=searchlib.number(optional=True),
    vero=searchlib.boolean(default=False),
    altro=searchlib.stored(optional=True),
)

fields = st.one_of(
    st.builds(
        searchlib.text,
        weight=st.floats(0.001, 1000),
        stored=st.booleans(),
        optional=st.booleans(),
        stopwords=st.sampled_from(["italian", None]),
        default=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    ),
    st.builds(
        searchlib.keyword,
        facet=st.booleans(),
        multiple=st.booleans(),
        optional=st.booleans(),
    ),
    st.builds(searchlib.integer, default=st.none() | st.integers(-(2**63), 2**63 - 1)),
    st.builds(
        searchlib.number, default=st.none() | st.floats(allow_nan=False, allow_infinity=False)
    ),
    st.builds(searchlib.date, default=st.none() | st.dates()),
    st.builds(searchlib.boolean, default=st.none() | st.booleans()),
)
names = st.from_regex(r"[a-zà-ü][a-z0-9_à-ü]{0,8}", fullmatch=True).filter(str.isidentifier)
schemas = st.dictionaries(names, fields, max_size=6).map(
    lambda made: Schema(**{"chiave": searchlib.key(), **made})
)


@given(schemas)
def test_a_schema_survives_json(schema: Schema) -> None:
    """from_json(to_json) is the identity, through real JSON text."""
    assert Schema.from_json(json.loads(json.dumps(schema.to_json()))) == schema


def test_every_kind_survives_json() -> None:
    """No option of any kind is lost."""
    again = Schema.from_json(json.loads(json.dumps(EVERY.to_json())))
    assert again == EVERY
    assert list(again) == list(EVERY)


def test_defaults_fill_in_and_absent_optional_values_stay_out() -> None:
    """A validated document has the defaults, in schema order, and no None."""
    values = EVERY.validate({"id": "1", "titolo": "t", "fonte": "AP", "anno": None})
    assert values == {
        "id": "1",
        "titolo": "t",
        "testo": "niente",
        "fonte": "AP",
        "temi": ("vario",),
        "data": date(2020, 2, 29),
        "vero": False,
    }
    assert list(values) == [name for name in EVERY if name in values]


anything = st.none() | st.text() | st.integers() | st.floats() | st.booleans() | st.dates()
likely = st.fixed_dictionaries(
    {"id": st.text(min_size=1, max_size=9), "titolo": st.text(), "fonte": st.text()},
    optional={
        "testo": st.text(),
        "temi": st.lists(st.text()),
        "data": st.dates() | st.dates().map(str),
        "anno": st.integers(),
        "prezzo": st.floats(),
        "vero": st.booleans(),
        "altro": st.lists(anything),
    },
)


@given(likely)
def test_validation_is_idempotent(document: dict[str, Any]) -> None:
    """What was validated validates to itself; nothing but a DocumentError refuses."""
    try:
        values = EVERY.validate(document)
    except searchlib.DocumentError:
        reject()
    assert EVERY.validate(values) == values


@given(st.dictionaries(st.sampled_from([*EVERY, "altro ancora"]), anything | st.lists(anything)))
def test_validation_is_total(document: dict[str, Any]) -> None:
    """No mapping, however wrong, raises anything but a DocumentError."""
    with contextlib.suppress(searchlib.DocumentError):
        EVERY.validate(document)


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("id", "", "an empty str"),
        ("id", 3, "int 3"),
        ("id", "x" * 513, "a str of 513 bytes"),
        ("titolo", b"bytes", "bytes"),
        ("titolo", "a\ud800b", "lone surrogate U+D800 at character 1"),
        ("fonte", ["a", "b"], "list"),
        ("fonte", "x" * 1025, "1025 bytes"),
        ("temi", ["a", 3], "int 3"),
        ("data", "12/03/2022", "str '12/03/2022'"),
        ("data", "2022-02-30", "str '2022-02-30'"),
        ("data", datetime(2022, 1, 1), "a datetime"),
        ("anno", True, "bool True"),
        ("anno", 2**63, "an int of 64 bits"),
        ("anno", "2022", "str '2022'"),
        ("prezzo", float("nan"), "float nan"),
        ("prezzo", 10**400, "int"),
        ("vero", 1, "int 1"),
        ("altro", {1, 2}, "set"),
        ("altro", float("inf"), "float inf"),
        ("sconosciuto", "x", "an unknown field"),
        ("fonte", None, "nothing"),
    ],
)
def test_a_wrong_value_names_field_expected_and_found(field: str, value: Any, found: str) -> None:
    """The error carries the field and the key, and its message what to mend."""
    document = {"id": "7", "titolo": "t", "fonte": "AP", field: value}
    with pytest.raises(searchlib.DocumentError) as caught:
        EVERY.validate(document)
    assert caught.value.field == field
    if field != "id":
        assert caught.value.key == "7"
    if "64 bits" in found:
        assert found in caught.value.expected
    else:
        assert found in caught.value.found
    assert field in str(caught.value)


def test_a_document_that_is_no_mapping_is_refused() -> None:
    """Anything but a mapping or an instance of a document class says so."""
    with pytest.raises(searchlib.DocumentError, match="mapping"):
        EVERY.validate(["id", "1"])


def test_a_document_over_64_mib_is_refused() -> None:
    """The size of a document's texts is bounded on the safe side of the limit."""
    schema = Schema(id=searchlib.key(), testo=searchlib.text())
    limit = 64 * 1024 * 1024
    assert schema.validate({"id": "1", "testo": "a" * limit})
    with pytest.raises(searchlib.DocumentError, match="bytes of text"):
        schema.validate({"id": "1", "testo": "a" * (limit + 1)})


@pytest.mark.parametrize(
    "make",
    [
        lambda: Schema(testo=searchlib.text()),
        lambda: Schema(a=searchlib.key(), b=searchlib.key()),
        lambda: Schema(id=searchlib.key(), **{"con spazio": searchlib.text()}),
        lambda: Schema(id=searchlib.key(), _id=searchlib.text()),
        lambda: Schema(id=searchlib.key(), **{"": searchlib.text()}),
        lambda: Schema(id=searchlib.key(), testo=searchlib.text(weight=0)),
        lambda: Schema(id=searchlib.key(), testo=searchlib.text(weight=1001)),
        lambda: Schema(id=searchlib.key(), testo=searchlib.text(weight=float("nan"))),
        lambda: Schema(id=searchlib.key(), testo=searchlib.text(stopwords="english")),
        lambda: Schema(id=searchlib.key(), anno=searchlib.integer(default="x")),  # type: ignore[arg-type]
        lambda: Schema(id=searchlib.key(), testo="text"),  # type: ignore[arg-type]
        lambda: Schema(id=searchlib.key(), **{f"c{n}": searchlib.text() for n in range(256)}),
    ],
)
def test_a_schema_that_cannot_be_is_refused(make: Any) -> None:
    """SchemaError tells the developer at once, not at the first document."""
    with pytest.raises(searchlib.SchemaError):
        make()


@pytest.mark.parametrize(
    "data",
    [
        None,
        3,
        [],
        {"id": 3},
        {"id": {"kind": "boh"}},
        {"id": {"x": 1}},
        {"id": {}},
        {"t": {"kind": "text"}},
    ],
)
def test_json_that_is_no_schema_is_refused(data: object) -> None:
    """Any JSON value but the description of a schema is a SchemaError."""
    with pytest.raises(searchlib.SchemaError):
        Schema.from_json(data)


@searchlib.document
class Notizia:
    """A document class."""

    id: str = searchlib.key()
    titolo: str = searchlib.text(weight=2.0)
    anno: int | None = searchlib.integer(optional=True, default=None)
    lingua: str = searchlib.keyword(default="it")


def test_a_document_class_is_its_schema() -> None:
    """The class and the schema written out are the same, and instances validate."""
    assert Schema.of(Notizia) == Schema(
        id=searchlib.key(),
        titolo=searchlib.text(weight=2.0),
        anno=searchlib.integer(optional=True),
        lingua=searchlib.keyword(default="it"),
    )
    assert Schema.of(Notizia).validate(Notizia("1", "Uno")) == {
        "id": "1", "titolo": "Uno", "lingua": "it",
    }  # fmt: skip
    with pytest.raises(searchlib.DocumentError):
        Schema.of(Notizia).validate(Notizia("1", 3))  # type: ignore[arg-type]
    with pytest.raises(searchlib.SchemaError):
        Schema.of(int)


def test_instances_come_back_from_stored_values() -> None:
    """instance() gives the class its absent fields as None, and a plain schema a dict."""
    assert Schema.of(Notizia).instance({"id": "1", "titolo": "Uno", "lingua": "it"}) == Notizia(
        "1", "Uno"
    )
    assert EVERY.instance({"id": "1"}) == {"id": "1"}


def test_fields_are_values() -> None:
    """Two fields of the same options are equal, and cannot be changed."""
    assert searchlib.text() == searchlib.text()
    assert isinstance(searchlib.text(), Field)
    with pytest.raises(AttributeError):
        searchlib.text().weight = 3.0
