"""The whoosh engine: segments and commits of our own under the query machinery of whoosh.

This package is the only importer of whoosh. ``docs/whoosh-format.md`` describes its files,
``docs/decisions/0002-whoosh-engine.md`` says why they are not whoosh's own.
"""

from searchlib.engines.whoosh.engine import FORMAT_VERSION, WhooshEngine, WhooshEngineKind

__all__ = ["ENGINE", "FORMAT_VERSION", "WhooshEngine"]

ENGINE = WhooshEngineKind()
"""How this engine is made; see ``searchlib.engines.base.EngineKind``."""
