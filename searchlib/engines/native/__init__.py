"""The native engine: the core in ``rust/core`` behind the protocol of engines.

This package is the only importer of the compiled module ``searchlib._native``, which is there only
where it could be built. ``docs/format.md`` describes its files.
"""

from searchlib.engines.native.engine import NativeEngine, NativeEngineKind

__all__ = ["ENGINE", "NativeEngine"]

ENGINE = NativeEngineKind()
"""How this engine is made; see ``searchlib.engines.base.EngineKind``."""
