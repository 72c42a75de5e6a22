"""Owns the list of engines: one adapter each, imported only when it is asked for.

To add an engine, write a module with a class that satisfies :class:`benchmarks.engines.base.Engine`
and name it below; nothing else changes.
"""

from __future__ import annotations

from importlib import import_module

from benchmarks.engines.base import Engine
from benchmarks.errors import EngineError

__all__ = ["DEFAULT_ENGINES", "ENGINES", "load_engine"]

# The first that runs is the one the others' ratios refer to.
ENGINES = {
    "whoosh-plain": "benchmarks.engines.whoosh_plain:WhooshPlain",
    "whoosh-all-words": "benchmarks.engines.whoosh_plain:WhooshAllWords",
    "searchlib-whoosh": "benchmarks.engines.searchlib_whoosh:SearchlibWhoosh",
}
DEFAULT_ENGINES = ("whoosh-plain", "whoosh-all-words", "searchlib-whoosh")


def load_engine(name: str) -> Engine:
    """The engine called ``name``; EngineError where it cannot be had.

    >>> load_engine("whoosh-plain").name
    'whoosh-plain'
    """
    if name not in ENGINES:
        raise EngineError(name, problem=f"unknown; there are {', '.join(ENGINES)}")
    module, _, class_name = ENGINES[name].partition(":")
    try:
        engine: Engine = getattr(import_module(module), class_name)()
    except ImportError as error:
        raise EngineError(name, problem=f"not installed: {error}") from error
    return engine
