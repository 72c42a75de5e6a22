"""The fingerprint of the analysis: equal ones give every text the same tokens."""

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path

from searchlib.analysis.corrections import Corrections
from searchlib.analysis.lexicon import checksum
from searchlib.analysis.tables import ROWS

__all__ = ["fingerprint", "stemmer_version"]


def fingerprint(version: int, *, corrections: Corrections) -> str:
    """Return 16 hexadecimal digits: the version, tables, lexicon, stemmer and corrections.

    >>> len(fingerprint(1, corrections=Corrections()))
    16
    """
    facts = json.dumps([version, stemmer_version(), checksum(), ROWS], sort_keys=True)
    if corrections:
        facts += json.dumps(corrections.to_json(), sort_keys=True)
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def stemmer_version() -> str:
    """Return what tells the stemmer from its other versions, which may stem some words otherwise.

    It is the SHA-256 of the stemmer's file: of its version only the package's metadata know, and
    reading these takes ten times as long as opening an index.
    """
    found = find_spec("snowballstemmer")
    assert found is not None, "snowballstemmer is a dependency"
    assert found.origin is not None, "and a package"
    stemmer = Path(found.origin).with_name("italian_stemmer.py")
    return hashlib.sha256(stemmer.read_bytes()).hexdigest()
