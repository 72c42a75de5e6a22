"""The fingerprint of the analysis: equal ones give every text the same tokens.

It tells analysers apart that were made in good faith, so a CRC-32 is enough; to import hashlib
takes a third of the time of opening an index.
"""

import json
from importlib.util import find_spec
from pathlib import Path
from zlib import crc32

from searchlib.analysis.corrections import Corrections
from searchlib.analysis.lexicon import seal
from searchlib.analysis.tables import ROWS

__all__ = ["fingerprint", "stemmer_version"]


def fingerprint(version: int, *, corrections: Corrections) -> str:
    """Return 8 hexadecimal digits: the version, tables, lexicon, stemmer and corrections.

    >>> len(fingerprint(1, corrections=Corrections()))
    8
    """
    facts = json.dumps([version, stemmer_version(), seal(), ROWS], sort_keys=True)
    if corrections:
        facts += json.dumps(corrections.to_json(), sort_keys=True)
    return f"{crc32(facts.encode()):08x}"


def stemmer_version() -> int:
    """Return what tells the stemmer from its other versions, which may stem some words otherwise.

    It is the CRC-32 of the stemmer's file: of its version only the package's metadata know, and
    reading these takes ten times as long as opening an index.
    """
    found = find_spec("snowballstemmer")
    assert found is not None, "snowballstemmer is a dependency"
    assert found.origin is not None, "and a package"
    stemmer = Path(found.origin).with_name("italian_stemmer.py")
    return crc32(stemmer.read_bytes())
