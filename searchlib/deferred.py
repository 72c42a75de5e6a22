"""Owns names that a package has from the start and imports when they are first asked for.

What only some of its users need (PEP 562) costs the others nothing. Type checkers read the same
names from an import under ``if TYPE_CHECKING``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["deferred"]


def deferred(
    package: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Returns the ``__getattr__`` and the ``__dir__`` of a package.

    ``modules`` maps each name to the module that has it. A name is looked for once: from then on
    it is an attribute of the package like any other.

    >>> find, names = deferred("searchlib.query", {"write": "searchlib.query.writer"})
    >>> find("write").__module__, "write" in names()
    ('searchlib.query.writer', True)
    """

    def find(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(modules[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *modules})

    return find, names
