"""Owns how the nodes of query trees and of plans are shown."""

from __future__ import annotations

import attrs

__all__ = ["Node"]


class Node:
    """Nodes show their fields as attrs would.

    One method for all: writing and compiling one for each of some thirty classes is a tenth of
    the time that ``import searchlib`` takes.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        fields = attrs.fields(type(self))  # type: ignore[arg-type]
        shown = [field.name for field in fields if field.repr]
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({values})"
