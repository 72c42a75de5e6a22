"""Owns likeness: the plan that finds documents like a given one.

The words that tell most about a document are those that it repeats and that few others hold: each
is weighed by tf · idf (Salton and Buckley, *Term-weighting approaches in automatic text
retrieval*, 1988), and the best of them are looked for together.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from searchlib.analysis import Analyzer, is_stop_word
from searchlib.engines.base import Snapshot
from searchlib.query.plan import Combination, NoDocuments, Plan, Term

__all__ = ["like"]

MAX_TERMS = 25
"""Beyond some two dozen, more words cost time and change no ranking worth the name."""

MAX_CHARS_READ = 200_000
"""What a long document is about shows in its first hundred pages."""


def like(snapshot: Snapshot, analyzer: Analyzer, fields: Sequence[str], number: int) -> Plan:
    """Returns a plan of the document's most telling terms, each boosted by how telling it is.

    Boosts are in (0, 1]. Stop words, and words that no other document holds, tell nothing. A
    document without any other word gives a plan that matches nothing.
    """
    stored = snapshot.stored(number)
    documents = max(snapshot.documents, 1)
    weights: dict[tuple[str, str], float] = {}
    for field in fields:
        tokens = analyzer.analyze(stored.get(field, "")[:MAX_CHARS_READ])
        counts = Counter(token.term for token in tokens if not is_stop_word(token.form))
        for term, count in counts.items():
            frequency = snapshot.term_frequency(field, term)
            if frequency > 1:
                weights[field, term] = count * math.log(1 + documents / frequency)
    if not weights:
        return NoDocuments()
    best = sorted(weights, key=lambda found: (-weights[found], found))[:MAX_TERMS]
    heaviest = weights[best[0]]
    return Combination(
        optional=tuple(
            Term(field, term, boost=weights[field, term] / heaviest) for field, term in best
        )
    )
