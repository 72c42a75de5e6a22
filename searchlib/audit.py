"""Owns the audit of an index: which forms share which term, by how often they are written.

It reads one snapshot and changes nothing. What it shows a user may correct with a small file, see
``searchlib.analysis.Corrections``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import attrs

from searchlib.analysis import Analyzer
from searchlib.engines.base import Snapshot
from searchlib.query.plan import Pattern

__all__ = ["MAX_FORMS", "Conflation", "conflations"]

MAX_FORMS = 5_000_000
"""Forms read of one field: more than ten gigabytes of text hold."""


@attrs.frozen(slots=True)
class Conflation:
    """A term of an index and the forms that share it.

    Attributes:
        term: the index term.
        forms: each form with the number of documents that hold it, in the field where most do;
            the most frequent first, then in the order of the letters.

    >>> Conflation("anno", {"anni": 7, "anno": 3}).frequency
    10
    """

    term: str
    forms: Mapping[str, int]

    @property
    def frequency(self) -> int:
        """The sum of its forms' documents: one that holds two forms counts twice."""
        return sum(self.forms.values())


def conflations(
    snapshot: Snapshot,
    analyzer: Analyzer,
    fields: Sequence[str],
    *,
    terms: Collection[str] | None = None,
    least_forms: int = 2,
) -> list[Conflation]:
    """Returns the terms of an index with their forms, the most frequent first.

    Args:
        snapshot: the index.
        analyzer: that of the index.
        fields: text fields whose forms are read.
        terms: only these; all where it is None.
        least_forms: how many forms a term must have to be among them.

    The cost is one look at every form of the fields.
    """
    found: dict[str, dict[str, int]] = {}
    for field in fields:
        every = Pattern(field, "prefix", "", literal="", accepts=lambda _: True)
        for form in snapshot.expand(every, limit=MAX_FORMS)[0]:
            term = analyzer.corrections.term(form)
            if terms is None or term in terms:
                frequency = snapshot.form_frequency(field, form)
                if frequency:
                    forms = found.setdefault(term, {})
                    forms[form] = max(frequency, forms.get(form, 0))
    conflated = (
        Conflation(term, dict(sorted(forms.items(), key=lambda item: (-item[1], item[0]))))
        for term, forms in found.items()
        if len(forms) >= least_forms
    )
    return sorted(conflated, key=lambda each: (-each.frequency, each.term))
