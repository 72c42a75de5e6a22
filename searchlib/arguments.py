"""Owns the checks of what a call was given: each gives the value back, or raises ArgumentError.

They are for public methods alone: what is within has been checked once, at the door.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from searchlib.errors import ArgumentError

__all__ = ["folder_path", "names", "seconds", "string", "whole_number"]

MAX_WHOLE = 2**63 - 1
"""What engines count with."""


def string(argument: str, value: object, *, expected: str = "a str") -> str:
    """Returns the value, which is a str.

    >>> string("id", "1")
    '1'
    """
    if not isinstance(value, str):
        raise _refused(argument, expected, value)
    return value


def whole_number(argument: str, value: object, *, least: int, most: int = MAX_WHOLE) -> int:
    """Returns the value, which is an int (no bool) from ``least`` to ``most``.

    >>> whole_number("limit", 10, least=0)
    10
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise _refused(argument, f"an int of at least {least}", value)
    if value > most:
        raise _refused(argument, f"an int of at most {most}", value)
    return value


def seconds(argument: str, value: float, *, may_be_zero: bool = False) -> float:
    """Returns the value, a duration in seconds above 0, or of at least 0.

    >>> seconds("deadline_s", 0.5)
    0.5
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and (value > 0 or (may_be_zero and value == 0)):
        return value
    bound = "at least 0" if may_be_zero else "above 0"
    raise _refused(argument, f"{bound} seconds", value)


def names(argument: str, value: object) -> tuple[str, ...]:
    """Returns names of fields as a tuple; one alone may be given as a str.

    >>> names("fields", "testo"), names("fields", ["titolo", "testo"])
    (('testo',), ('titolo', 'testo'))
    """
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Iterable):
        raise _refused(argument, "a field name, or several in a sequence", value)
    return tuple(string(argument, name, expected="field names") for name in value)


def folder_path(argument: str, value: object) -> Path:
    """Returns the path of a folder, given as a str or a path.

    >>> folder_path("path", "indexes/notizie").name
    'notizie'
    """
    if not isinstance(value, str | os.PathLike):
        raise _refused(argument, "a str or a path", value)
    if "\0" in os.fsdecode(value):
        raise _refused(argument, "a path without null characters", value)
    return Path(value)


def _refused(argument: str, expected: str, value: object) -> ArgumentError:
    kind = "" if value is None else f"{type(value).__name__} "
    return ArgumentError(argument, expected=expected, found=f"{kind}{value!r}")
