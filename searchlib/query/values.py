"""Owns how the value of a field is written in a query, in the way of Italians and of machines.

Text in a field of numbers, dates or booleans becomes a value here; ``rewrite`` is the only user.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date

from searchlib.query.plan import ValueOf
from searchlib.schema import Kind

__all__ = ["EXPECTED", "value_of"]

_THOUSANDS = re.compile(r"[-+]?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?")
_ITALIAN_DATE = re.compile(r"(?P<day>[0-9]{1,2})([/.-])(?P<month>[0-9]{1,2})\2(?P<year>[0-9]{4})")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BOOLEANS = {
    "true": True,
    "vero": True,
    "sì": True,
    "si": True,
    "false": False,
    "falso": False,
    "no": False,
}


def value_of(text: str, kind: Kind) -> ValueOf | None:
    """Returns the value that a text stands for in a field of that kind, None if it is none.

    >>> value_of("1.234,56", Kind.NUMBER), value_of("6/9/2022", Kind.DATE)
    (1234.56, datetime.date(2022, 9, 6))
    """
    try:
        return _PARSE[kind](text.strip())
    except (ValueError, OverflowError):
        return None


def _encodable(text: str) -> str:
    text.encode()  # UnicodeEncodeError, a ValueError, for half of a character
    return text


def _boolean(text: str) -> bool:
    known = _BOOLEANS.get(text.casefold())
    if known is None:
        raise ValueError(text)
    return known


def _number(text: str) -> float:
    """Reads 1234.56 and the Italian 1234,56 and 1.234,56; 1.234 is a little more than one."""
    if text.count(",") == 1 and ("." not in text or _THOUSANDS.fullmatch(text)):
        text = text.replace(".", "").replace(",", ".")
    elif text.count(".") > 1 and _THOUSANDS.fullmatch(text):
        text = text.replace(".", "")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _integer(text: str) -> int:
    if len(text) > 20:
        raise ValueError(text)
    return int(text.replace(".", "") if _THOUSANDS.fullmatch(text) else text)


def _date(text: str) -> date:
    """Reads 2022-09-06 and the Italian 6/9/2022, with /, . or - between day, month and year."""
    italian = _ITALIAN_DATE.fullmatch(text)
    if italian:
        return date(int(italian["year"]), int(italian["month"]), int(italian["day"]))
    # From Python 3.11 on fromisoformat() also reads forms that a schema's date refuses.
    if not _ISO_DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


_PARSE: dict[Kind, Callable[[str], ValueOf]] = {
    Kind.KEY: _encodable,
    Kind.KEYWORD: _encodable,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.BOOLEAN: _boolean,
}

EXPECTED = {
    Kind.KEY: "keys",
    Kind.KEYWORD: "keywords",
    Kind.INTEGER: "whole numbers, such as 2022",
    Kind.NUMBER: "numbers, such as 3.5",
    Kind.DATE: "dates, such as 2022-09-06 or 6/9/2022",
    Kind.BOOLEAN: "true or false",
}
"""What a field of each kind holds, in words, for diagnostics."""
