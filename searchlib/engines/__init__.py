"""Owns the choice of an engine: which there are, and which of them is installed here.

>>> "whoosh" in available()
True
"""

from __future__ import annotations

import importlib
from importlib.util import find_spec

from searchlib.engines.base import EngineKind
from searchlib.errors import EngineUnavailableError

__all__ = ["available", "engine_named"]

_MODULES = {"native": "searchlib.engines.native", "whoosh": "searchlib.engines.whoosh"}
"""In order of preference: ``auto`` is the first that is installed."""

_NEEDS = {"native": "searchlib._native", "whoosh": "whoosh"}
"""What has to be there for an engine to work."""


def available() -> tuple[str, ...]:
    """Returns the names of the engines installed here, the preferred one first."""
    return tuple(name for name, module in _NEEDS.items() if find_spec(module) is not None)


def engine_named(name: str) -> EngineKind:
    """Returns the engine of that name; "auto" is the preferred one.

    Raises:
        EngineUnavailableError: it is not installed, or there is no such engine.
    """
    installed = available()
    chosen = installed[0] if name == "auto" else name
    if chosen not in installed:
        reason = "it is not installed" if name in _MODULES else "there is no engine of that name"
        raise EngineUnavailableError(name, reason, installed)
    engine: EngineKind = importlib.import_module(_MODULES[chosen]).ENGINE
    return engine
