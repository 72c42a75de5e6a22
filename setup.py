"""Builds the native engine with the package, where Rust can be had; all else is in pyproject.toml.

The environment variable SEARCHLIB_NATIVE decides: ``auto``, or unset, builds it where Rust and the
crates can be had, and installs without it otherwise; ``require`` fails otherwise; ``off`` leaves
it out.
"""

import os
import sys
from typing import Any

from setuptools import setup

CHOICES = ("auto", "require", "off")


def native_options(choice: str) -> dict[str, Any]:
    """Returns the options of ``setup`` that a choice stands for."""
    if choice not in CHOICES:
        sys.exit(f"SEARCHLIB_NATIVE: expected one of {', '.join(CHOICES)}, found {choice!r}")
    if choice == "off":
        return {}
    # Whoever leaves the engine out needs nothing of it.
    from setuptools_rust import Binding, RustExtension  # noqa: PLC0415

    extension = RustExtension(
        "searchlib._native",
        path="rust/python/Cargo.toml",
        args=["--locked"],
        binding=Binding.PyO3,
        debug=False,
        optional=choice != "require",
        py_limited_api=True,
    )
    # One wheel serves Python 3.10 and all later ones.
    return {
        "rust_extensions": [extension],
        "options": {"bdist_wheel": {"py_limited_api": "cp310"}},
    }


if __name__ == "__main__":
    setup(**native_options(os.environ.get("SEARCHLIB_NATIVE") or "auto"))
