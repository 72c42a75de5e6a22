"""Owns what an error of the library is called on a command line: its options, its commands."""

from __future__ import annotations

from searchlib.errors import (
    ArgumentError,
    IndexExistsError,
    IndexLockedError,
    IndexNotFoundError,
    SearchlibError,
)

__all__ = ["message_of"]

_OPTIONS = {
    "encoding": "--encoding",
    "filter": "--filter",
    "limit": "--limit",
    "mode": "--mode",
    "offset": "--offset",
    "sort": "--sort",
}
"""Arguments of the library by the options that set them."""


def message_of(error: SearchlibError) -> str:
    """Returns an error's message, with advice that can be typed in a shell.

    >>> from pathlib import Path
    >>> print(message_of(IndexNotFoundError(Path("notizie"), "the folder does not exist")))
    no index in notizie: the folder does not exist; make one with: searchlib index PATH --into \
notizie
    """
    match error:
        case IndexNotFoundError(path=path, found=found):
            return f"no index in {path}: {found}; make one with: searchlib index PATH --into {path}"
        case IndexExistsError(path=path, found=found):
            is_index = found == "an index"
            advice = "replace it with --overwrite" if is_index else "choose another path"
            found = found.partition(",")[0]  # what follows is about an argument of Python
            return f"cannot create an index in {path}: found {found}; {advice}"
        case IndexLockedError(path=path, holder=holder, waited_s=waited_s):
            return (
                f"{path} is being written by {holder or 'another writer'}; waited "
                f"{waited_s:.1f} s; retry, or wait longer with --wait SECONDS"
            )
        case ArgumentError(argument="facets", found=found):
            expected = "a field with the option facet, see searchlib info"
            return f"--facet: expected {expected}; found {found}"
        case ArgumentError(argument=argument) if argument in _OPTIONS:
            return str(error).replace(argument, _OPTIONS[argument], 1)
        case _:
            return str(error)
