"""Owns the list of engines: one adapter each, imported only when it is asked for.

To add an engine, write a module with a class that satisfies :class:`benchmarks.engines.base.Engine`
and name it below; nothing else changes.
"""

from __future__ import annotations

from importlib import import_module

from benchmarks.engines.base import Engine
from benchmarks.errors import EngineError

__all__ = ["DEFAULT_ENGINES", "ENGINES", "load_engine"]

# Those of searchlib first, then in the order of their speed; reports keep the order of the run.
ENGINES = {
    "searchlib": "benchmarks.engines.searchlib_index:SearchlibNative",
    "lucene": "benchmarks.engines.lucene:Lucene",
    "tantivy": "benchmarks.engines.tantivy_py:Tantivy",
    "pisa": "benchmarks.engines.pisa:Pisa",
    "xapian": "benchmarks.engines.xapian_glass:Xapian",
    "sqlite-fts5": "benchmarks.engines.sqlite_fts5:SqliteFts5",
    "bm25s": "benchmarks.engines.bm25s_numpy:Bm25s",
    "searchlib-whoosh": "benchmarks.engines.searchlib_index:SearchlibWhoosh",
    "whoosh-all-words": "benchmarks.engines.whoosh_plain:WhooshAllWords",
    "whoosh-plain": "benchmarks.engines.whoosh_plain:WhooshPlain",
    "lucene-italian": "benchmarks.engines.lucene:LuceneItalian",
}
# What a plain run measures: the whooshes take minutes, and other words are for the evaluation.
DEFAULT_ENGINES = tuple(ENGINES)[:7]


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
