"""The fingerprint of the analysis: equal ones give every text the same tokens."""

import hashlib
import json

from searchlib.analysis.lexicon import checksum
from searchlib.analysis.tables import ROWS
from searchlib.analysis.terms import stemmer_version

__all__ = ["fingerprint"]


def fingerprint(version: int) -> str:
    """Return 16 hexadecimal digits: the version, the tables, the lexicon and the stemmer.

    >>> len(fingerprint(1))
    16
    """
    facts = json.dumps([version, stemmer_version(), checksum(), ROWS], sort_keys=True)
    return hashlib.sha256(facts.encode()).hexdigest()[:16]
