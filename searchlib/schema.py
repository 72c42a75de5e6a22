"""Owns the schema: what fields a document has, and whether a given document fits.

A schema turns a document of the caller's (a mapping, or an instance of a ``@document`` class) into
validated values, which go to the engine; it refuses a wrong one with a DocumentError that names
the field. It knows nothing of analysis, storage or queries.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date as Date  # noqa: N812  (`date` is the field constructor of the contract)
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from searchlib.errors import DocumentError, SchemaError

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: object) -> object:
        """Stands in at run time for what only type checkers read (Python 3.10 lacks it)."""
        return lambda decorated: decorated


__all__ = [
    "Field",
    "Kind",
    "Schema",
    "boolean",
    "date",
    "document",
    "integer",
    "key",
    "keyword",
    "number",
    "stored",
    "text",
]

MAX_FIELDS = 256
"""Each field costs a dictionary in every segment; a document that needs more has a JSON column."""

MAX_KEY_BYTES = 512
"""Keys are kept in memory while an index is open."""

MAX_KEYWORD_BYTES = 1024
"""As long as the longest token; a keyword is one term."""

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
"""What one document's texts may hold in UTF-8; a book has about one."""

INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1

_SURROGATE = re.compile("[\ud800-\udfff]")
_NAME = re.compile(r"[^\W\d]\w*\Z")


class Kind(Enum):
    """The kinds of fields."""

    KEY = "key"
    TEXT = "text"
    KEYWORD = "keyword"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    STORED = "stored"


@attrs.frozen(slots=True, kw_only=True)
class Field:
    """One field of a schema; made by ``key()``, ``text()`` and their siblings.

    ``weight`` multiplies a text's scores; ``stopwords`` is "italian" or None (every word of a
    query selects); ``facet`` and ``multiple`` concern keywords; ``stored`` tells whether hits give
    the value back; ``default`` stands in for a missing value.
    """

    kind: Kind
    optional: bool = False
    default: Any = None
    weight: float = 1.0
    stored: bool = True
    stopwords: str | None = "italian"
    facet: bool = False
    multiple: bool = False


def key() -> Any:
    """Returns a field that names the document: a non-empty str, at most 512 bytes in UTF-8.

    Each schema has exactly one. Adding a document with a known key replaces the old one.

    >>> Schema(id=key(), testo=text()).key
    'id'
    """
    return Field(kind=Kind.KEY)


def text(
    *,
    weight: float = 1.0,
    stored: bool = True,
    stopwords: str | None = "italian",
    optional: bool = False,
    default: str | None = None,
) -> Any:
    """Returns a field of Italian prose: analysed, searched by words and phrases, highlighted.

    Args:
        weight: multiplies the field's scores; above 0, at most 1000.
        stored: keep the text, so that hits give it back and snippets can be made.
        stopwords: "italian" (a word such as *di* ranks but does not select), or None.
        optional: a document may lack the field.
        default: the value of a document that lacks it.

    >>> Schema(id=key(), titolo=text(weight=2.0))["titolo"].weight
    2.0
    """
    return Field(
        kind=Kind.TEXT,
        weight=weight,
        stored=stored,
        stopwords=stopwords,
        optional=optional,
        default=default,
    )


def keyword(
    *,
    facet: bool = False,
    multiple: bool = False,
    optional: bool = False,
    default: str | tuple[str, ...] | None = None,
) -> Any:
    """Returns a field of exact values: a source, a category, a tag.

    Args:
        facet: its values can be counted over a search (``search(facets=["fonte"])``).
        multiple: a document may hold several (a list or tuple of str).
        optional: a document may lack the field.
        default: the value of a document that lacks it.

    >>> Schema(id=key(), fonte=keyword(facet=True))["fonte"].facet
    True
    """
    return Field(
        kind=Kind.KEYWORD, facet=facet, multiple=multiple, optional=optional, default=default
    )


def integer(*, optional: bool = False, default: int | None = None) -> Any:
    """Returns a field of whole numbers of 64 bits, for filters, ranges and sorting.

    >>> Schema(id=key(), anno=integer())["anno"].kind.value
    'integer'
    """
    return Field(kind=Kind.INTEGER, optional=optional, default=default)


def number(*, optional: bool = False, default: float | None = None) -> Any:
    """Returns a field of finite numbers (float), for filters, ranges and sorting.

    >>> Schema(id=key(), prezzo=number())["prezzo"].kind.value
    'number'
    """
    return Field(kind=Kind.NUMBER, optional=optional, default=default)


def date(*, optional: bool = False, default: Date | None = None) -> Any:
    """Returns a field of calendar days: ``datetime.date``, or a str as in "2022-09-06".

    >>> schema = Schema(id=key(), data=date())
    >>> schema.validate({"id": "1", "data": "2022-09-06"})["data"]
    datetime.date(2022, 9, 6)
    """
    return Field(kind=Kind.DATE, optional=optional, default=default)


def boolean(*, optional: bool = False, default: bool | None = None) -> Any:
    """Returns a field of True or False.

    >>> Schema(id=key(), firmato=boolean())["firmato"].kind.value
    'boolean'
    """
    return Field(kind=Kind.BOOLEAN, optional=optional, default=default)


def stored(*, optional: bool = False, default: Any = None) -> Any:
    """Returns a field that is only kept: any JSON value, given back with the hit.

    >>> Schema(id=key(), link=stored())["link"].kind.value
    'stored'
    """
    return Field(kind=Kind.STORED, optional=optional, default=default)


class Schema(Mapping[str, Field]):
    """The fields of an index by name, in the order given.

    >>> schema = Schema(id=key(), titolo=text(weight=2.0), testo=text())
    >>> list(schema), schema.key, schema.texts
    (['id', 'titolo', 'testo'], 'id', ('titolo', 'testo'))

    Raises:
        SchemaError: no key or several, a name that is not an identifier, an option out of its
            range, a default that its own field refuses.
    """

    __slots__ = ("_fields", "document_class", "key", "texts")

    def __init__(self, **fields: Field) -> None:
        self._fields: dict[str, Field] = dict(fields)
        self.document_class: type[Any] | None = None
        for name, field in fields.items():
            _check_field(name, field)
        keys = [name for name, field in fields.items() if field.kind is Kind.KEY]
        if len(keys) != 1:
            raise SchemaError(None, f"a schema needs exactly one key(), found {len(keys)}")
        if len(fields) > MAX_FIELDS:
            raise SchemaError(None, f"at most {MAX_FIELDS} fields, found {len(fields)}")
        self.key: str = keys[0]
        self.texts: tuple[str, ...] = tuple(
            name for name, field in fields.items() if field.kind is Kind.TEXT
        )

    def __getitem__(self, name: str) -> Field:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Schema):
            return NotImplemented
        return list(self._fields.items()) == list(other._fields.items())

    def __hash__(self) -> int:
        return hash(tuple(self._fields))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={field.kind.value}" for name, field in self.items())
        return f"<Schema {shown}>"

    def is_stored_text(self, name: str) -> bool:
        """Returns whether a name is that of a text whose value is kept, to be shown.

        >>> Schema(id=key(), testo=text()).is_stored_text("id")
        False
        """
        field = self._fields.get(name)
        return field is not None and field.kind is Kind.TEXT and field.stored

    def validate(self, document: object) -> dict[str, Any]:
        """Returns the document's values, in schema order, defaults filled in, absent ones left out.

        Accepts a mapping of field names, or an instance of the ``@document`` class. Dates become
        ``datetime.date``, multiple keywords a tuple without repetitions.

        >>> Schema(id=key(), anno=integer(optional=True)).validate({"id": "1"})
        {'id': '1'}

        Raises:
            DocumentError: names the field, what was expected and what was found.
        """
        given = self._given(document)
        name = given.get(self.key)
        document_key = name if isinstance(name, str) else None
        for field_name in given:
            if field_name not in self._fields:
                raise DocumentError(
                    str(field_name),
                    expected="one of the schema's fields " + ", ".join(self._fields),
                    found="an unknown field",
                    key=document_key,
                )
        values: dict[str, Any] = {}
        size = 0
        for field_name, field in self._fields.items():
            value = given.get(field_name)
            if value is None:
                value = field.default
            if value is None:
                if field.optional:
                    continue
                raise DocumentError(
                    field_name, expected=_EXPECTED[field.kind], found="nothing", key=document_key
                )
            try:
                values[field_name] = _VALIDATE[field.kind](field, value)
            except _Refused as refused:
                raise DocumentError(
                    field_name, expected=refused.expected, found=refused.found, key=document_key
                ) from None
            if field.kind is Kind.TEXT:
                size += len(value)
        if size * 4 > MAX_DOCUMENT_BYTES:
            self._check_size(values, document_key)
        return values

    def _check_size(self, values: Mapping[str, Any], document_key: str | None) -> None:
        size = sum(len(values[name].encode()) for name in self.texts if name in values)
        if size > MAX_DOCUMENT_BYTES:
            raise DocumentError(
                None,
                expected=f"at most {MAX_DOCUMENT_BYTES} bytes of text",
                found=f"{size} bytes",
                key=document_key,
            )

    def _given(self, document: object) -> Mapping[str, Any]:
        if isinstance(document, Mapping):
            return document
        if self.document_class is not None and isinstance(document, self.document_class):
            return {name: getattr(document, name) for name in self._fields}
        other = getattr(type(document), "__searchlib_schema__", None)
        if isinstance(other, Schema):
            return {name: getattr(document, name) for name in other}
        raise DocumentError(
            None,
            expected="a mapping of field names, or an instance of the index's @document class",
            found=_describe(document),
        )

    def instance(self, values: Mapping[str, Any]) -> Any:
        """Returns the stored values as the caller sees documents: a dict, or a class instance.

        A field without a value is None in an instance and absent from a dict.
        """
        if self.document_class is None:
            return dict(values)
        return self.document_class(**{name: values.get(name) for name in self._fields})

    def to_json(self) -> dict[str, Any]:
        """Returns the schema as JSON values; ``from_json`` gives an equal schema back."""
        return {
            name: {
                option.name: _option_to_json(getattr(field, option.name))
                for option in attrs.fields(Field)
                if option.name == "kind" or getattr(field, option.name) != option.default
            }
            for name, field in self._fields.items()
        }

    @classmethod
    def from_json(cls, data: object) -> Schema:
        """Returns the schema that ``to_json`` described.

        Raises:
            SchemaError: it is not such a description.
        """
        try:
            fields = {
                name: Field(
                    **{
                        option: _option_from_json(option, value, described["kind"])
                        for option, value in described.items()
                    }
                )
                for name, described in dict(data).items()  # type: ignore[call-overload]
            }
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise SchemaError(None, f"not the description of a schema: {error}") from error
        return cls(**fields)

    @classmethod
    def of(cls, described: Schema | type[Any]) -> Schema:
        """Returns the schema itself, or the schema of a ``@document`` class.

        Raises:
            SchemaError: it is neither.
        """
        if isinstance(described, Schema):
            return described
        schema = getattr(described, "__searchlib_schema__", None)
        if isinstance(schema, Schema):
            return schema
        raise SchemaError(
            None, f"expected a Schema or a @searchlib.document class, found {_describe(described)}"
        )


_Class = TypeVar("_Class", bound=type[Any])


@dataclass_transform(
    kw_only_default=False,
    field_specifiers=(key, text, keyword, integer, number, date, boolean, stored),
)
def document(cls: _Class) -> _Class:
    """Makes an attrs class of documents, whose fields are its schema.

    Instances can be added to an index made with the class, and its hits give instances back.
    Optional fields may be left out when constructing one; type checkers see that where
    ``default=None`` is written too. Values are not checked here but when the document is added.

    >>> @document
    ... class Ricetta:
    ...     id: str = key()
    ...     titolo: str = text(weight=2.0)
    ...     porzioni: int | None = integer(optional=True, default=None)
    >>> Ricetta("1", "Lasagne")
    Ricetta(id='1', titolo='Lasagne', porzioni=None)

    Raises:
        SchemaError: the fields do not make a schema.
    """
    fields = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
    schema = Schema(**fields)
    for name, field in fields.items():
        optional = field.optional or field.default is not None
        setattr(cls, name, attrs.field(default=field.default) if optional else attrs.field())
    made = attrs.define(cls, slots=False, these=None)
    schema.document_class = made
    made.__searchlib_schema__ = schema
    return made


class _Refused(Exception):  # noqa: N818  (a signal between two functions of this module)
    """A value that a field refuses; becomes a DocumentError or a SchemaError."""

    def __init__(self, expected: str, found: str) -> None:
        self.expected = expected
        self.found = found
        super().__init__(expected, found)


def _describe(value: object) -> str:
    if value is None:
        return "nothing"
    shown = repr(value) if isinstance(value, str | int | float | bool) else ""
    if len(shown) > 60:
        shown = shown[:57] + "..."
    return f"{type(value).__name__} {shown}".rstrip()


def _string(value: object, expected: str) -> str:
    if not isinstance(value, str):
        raise _Refused(expected, _describe(value))
    if not value.isascii() and (surrogate := _SURROGATE.search(value)):
        raise _Refused(
            "text that can be encoded",
            f"a lone surrogate U+{ord(surrogate[0]):04X} at character {surrogate.start()}; "
            "decode the source with errors='replace', or mend it",
        )
    return value


def _bounded_string(value: object, expected: str, limit_bytes: int) -> str:
    string = _string(value, expected)
    if len(string.encode()) > limit_bytes:
        raise _Refused(
            f"at most {limit_bytes} bytes in UTF-8", f"a str of {len(string.encode())} bytes"
        )
    return string


def _validate_key(_: Field, value: object) -> str:
    string = _bounded_string(value, _EXPECTED[Kind.KEY], MAX_KEY_BYTES)
    if not string:
        raise _Refused(_EXPECTED[Kind.KEY], "an empty str")
    return string


def _validate_text(_: Field, value: object) -> str:
    return _string(value, _EXPECTED[Kind.TEXT])


def _validate_keyword(field: Field, value: object) -> str | tuple[str, ...]:
    expected = "a str or a list of them" if field.multiple else _EXPECTED[Kind.KEYWORD]
    if field.multiple and isinstance(value, list | tuple):
        return tuple(
            dict.fromkeys(_bounded_string(item, expected, MAX_KEYWORD_BYTES) for item in value)
        )
    string = _bounded_string(value, expected, MAX_KEYWORD_BYTES)
    return (string,) if field.multiple else string


def _validate_integer(_: Field, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _Refused(_EXPECTED[Kind.INTEGER], _describe(value))
    if not INTEGER_MIN <= value <= INTEGER_MAX:
        raise _Refused("an int of 64 bits", f"an int of {value.bit_length()} bits")
    return value


def _validate_number(_: Field, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Refused(_EXPECTED[Kind.NUMBER], _describe(value))
    try:
        as_float = float(value)
    except OverflowError:
        as_float = math.inf
    if not math.isfinite(as_float):
        raise _Refused(_EXPECTED[Kind.NUMBER], _describe(value))
    return as_float


def _validate_date(_: Field, value: object) -> Date:
    if isinstance(value, datetime):
        raise _Refused(_EXPECTED[Kind.DATE], "a datetime; give its .date()")
    if isinstance(value, Date):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            return Date.fromisoformat(value)
        except ValueError:
            pass
    raise _Refused(_EXPECTED[Kind.DATE], _describe(value))


def _validate_boolean(_: Field, value: object) -> bool:
    if not isinstance(value, bool):
        raise _Refused(_EXPECTED[Kind.BOOLEAN], _describe(value))
    return value


def _validate_stored(_: Field, value: object) -> Any:
    try:
        encoded = json.dumps(value, ensure_ascii=False, allow_nan=False)
        encoded.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise _Refused(_EXPECTED[Kind.STORED], f"{_describe(value)} ({error})") from None
    return json.loads(encoded)


_EXPECTED: dict[Kind, str] = {
    Kind.KEY: "a non-empty str",
    Kind.TEXT: "a str",
    Kind.KEYWORD: "a str",
    Kind.INTEGER: "an int",
    Kind.NUMBER: "a finite int or float",
    Kind.DATE: "a datetime.date or a str such as '2022-09-06'",
    Kind.BOOLEAN: "True or False",
    Kind.STORED: "a JSON value",
}

_VALIDATE: dict[Kind, Callable[[Field, object], Any]] = {
    Kind.KEY: _validate_key,
    Kind.TEXT: _validate_text,
    Kind.KEYWORD: _validate_keyword,
    Kind.INTEGER: _validate_integer,
    Kind.NUMBER: _validate_number,
    Kind.DATE: _validate_date,
    Kind.BOOLEAN: _validate_boolean,
    Kind.STORED: _validate_stored,
}


def _check_field(name: str, field: object) -> None:
    if not isinstance(field, Field):
        raise SchemaError(name, f"expected a field such as text(), found {_describe(field)}")
    if not _NAME.match(name) or name.startswith("_"):
        raise SchemaError(name, "a name is letters, digits and _, and begins with a letter")
    weight = field.weight
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight <= 1000:
        raise SchemaError(name, f"weight must be above 0 and at most 1000, found {weight!r}")
    if field.stopwords not in ("italian", None):
        raise SchemaError(name, f"stopwords must be 'italian' or None, found {field.stopwords!r}")
    if field.default is not None:
        try:
            _VALIDATE[field.kind](field, field.default)
        except _Refused as refused:
            problem = f"its default: expected {refused.expected}, found {refused.found}"
            raise SchemaError(name, problem) from None


def _option_to_json(value: Any) -> Any:
    if isinstance(value, Kind):
        return value.value
    return value.isoformat() if isinstance(value, Date) else value


def _option_from_json(option: str, value: Any, kind: str) -> Any:
    if option == "kind":
        return Kind(value)
    if option == "default" and kind == Kind.DATE.value and value is not None:
        return Date.fromisoformat(value)
    return tuple(value) if option == "default" and isinstance(value, list) else value
