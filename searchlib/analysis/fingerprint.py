"""The fingerprint of the analysis: equal ones give every text the same tokens."""

import hashlib
import json

from searchlib.analysis.corrections import Corrections
from searchlib.analysis.lexicon import checksum
from searchlib.analysis.tables import ROWS
from searchlib.analysis.terms import stemmer_version

__all__ = ["fingerprint"]


def fingerprint(version: int, *, corrections: Corrections) -> str:
    """Return 16 hexadecimal digits: the version, tables, lexicon, stemmer and corrections.

    >>> len(fingerprint(1, corrections=Corrections()))
    16
    """
    facts = json.dumps([version, stemmer_version(), checksum(), ROWS], sort_keys=True)
    if corrections:
        facts += json.dumps(corrections.to_json(), sort_keys=True)
    return hashlib.sha256(facts.encode()).hexdigest()[:16]
