"""Corrections: what a user of one index wants conflated, or kept apart, unlike everyone else.

They come from a file of lines, each with a keyword and words:

    # what our archive needs
    protect: termini
    merge: telefonino cellulare smartphone

`protect` gives each of its forms a term that no other form has; `merge` gives all words of its
line one term, in all their forms. They are no rules: a form that is protected is protected in that
spelling only. Forms, positions and stop words are untouched. An index keeps its corrections.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from searchlib.analysis.token import Chunk
from searchlib.analysis.word_files import lines_of, read_text, single_form
from searchlib.errors import WordFileError

__all__ = ["Corrections"]

# No form begins with it, so that no other form has the term of a protected one.
_OWN = "="


@attrs.frozen(slots=True)
class Corrections:
    r"""The corrections of one index.

    Attributes:
        protected: each protected form with its own term.
        merged: each term that is replaced with the one that replaces it.

    >>> corrections = Corrections.parse("protect: stati\nmerge: telefonino cellulare")
    >>> [corrections.term(form) for form in ("stati", "stato", "cellulari", "telefonini")]
    ['=stati', 'essere', 'telefonino', 'telefonino']
    """

    protected: Mapping[str, str] = attrs.field(factory=dict)
    merged: Mapping[str, str] = attrs.field(factory=dict)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Corrections:
        """Return the corrections of a file in UTF-8.

        Raises:
            WordFileError: a line is none of the format; the error names it.
            StorageError: the system refused to read the file.
        """
        place = Path(path)
        return cls.parse(read_text(place), path=place)

    @classmethod
    def parse(cls, text: str, *, path: Path | None = None) -> Corrections:
        """Return the corrections of a text; WordFileError where a line is none of the format."""
        from searchlib.analysis.terms import term_of  # noqa: PLC0415

        protected: dict[str, str] = {}
        groups: list[list[str]] = []
        for line, keyword, forms in _lines(text, path):
            if keyword == "protect":
                protected.update((form, _OWN + form) for form in forms)
            elif len(forms) < 2:
                found = f"expected two words or more to merge, found {' '.join(forms) or 'none'}"
                raise WordFileError(path, line=line, found=found)
            else:
                groups.append(forms)
        # Protected terms first, wherever their lines stand: a merge may take them in.
        terms = [[protected.get(form) or term_of(form) for form in forms] for forms in groups]
        return cls(protected, _replacements(terms))

    @classmethod
    def from_json(cls, value: Any) -> Corrections:
        """Return what `to_json` wrote; ValueError for anything else."""
        forms, merged = value["protect"], value["merge"]
        texts = [*forms, *merged, *merged.values()]
        if not isinstance(forms, list) or not all(isinstance(text, str) for text in texts):
            raise ValueError("corrections are not a list of forms and an object of terms")
        return cls({form: _OWN + form for form in forms}, dict(merged))

    def to_json(self) -> dict[str, Any]:
        """Return the corrections as JSON holds them, the same for the same corrections."""
        return {"protect": sorted(self.protected), "merge": dict(sorted(self.merged.items()))}

    def term(self, form: str) -> str:
        """Return the index term of a form."""
        from searchlib.analysis.terms import term_of  # noqa: PLC0415  (reads every table)

        return self._corrected(form, term_of(form))

    def terms_before(self, term: str) -> set[str]:
        """Return the terms without corrections of all forms that have this one with them.

        >>> corrections = Corrections.parse("merge: telefonino cellulare")
        >>> sorted(corrections.terms_before("telefonino"))
        ['cellulare', 'telefonino']
        """
        from searchlib.analysis.terms import term_of  # noqa: PLC0415  (reads every table)

        terms = {term, *(before for before, after in self.merged.items() if after == term)}
        forms = {before for before in terms if before.startswith(_OWN)}
        return (terms - forms) | {term_of(own.removeprefix(_OWN)) for own in forms}

    def applied_to(self, analyze_chunk: Callable[[str], Chunk]) -> Callable[[str], Chunk]:
        """Return an analysis of chunks whose terms are corrected."""

        def analyze(written: str) -> Chunk:
            chunk = analyze_chunk(written)
            tokens = (t._replace(term=self._corrected(t.form, t.term)) for t in chunk.tokens)
            return chunk._replace(tokens=tuple(tokens))

        return analyze

    def _corrected(self, form: str, term: str) -> str:
        term = self.protected.get(form, term)
        return self.merged.get(term, term)

    def __bool__(self) -> bool:
        return bool(self.protected or self.merged)


def _lines(text: str, path: Path | None) -> Iterator[tuple[int, str, list[str]]]:
    """Yield the number, the keyword and the forms of each line that says something."""
    for number, content in lines_of(text):
        keyword, colon, rest = content.partition(":")
        if not colon or keyword.strip() not in {"protect", "merge"}:
            found = f'expected "protect:" or "merge:" and words, found {content[:60]!r}'
            raise WordFileError(path, line=number, found=found)
        forms = []
        for written in rest.split():
            form = single_form(written)
            if form is None:
                found = f"expected single words, found {written[:60]!r}"
                raise WordFileError(path, line=number, found=found)
            forms.append(form)
        if not forms:
            found = f"expected words after {keyword.strip()}:, found none"
            raise WordFileError(path, line=number, found=found)
        yield number, keyword.strip(), forms


def _replacements(groups: list[list[str]]) -> dict[str, str]:
    """Return the replacement of each term; groups that share a term are one, the first leads."""
    leader: dict[str, str] = {}

    def led_by(term: str) -> str:
        while leader.get(term, term) != term:
            term = leader[term]
        return term

    for first, *others in groups:
        for term in others:
            mine, theirs = led_by(first), led_by(term)
            if mine != theirs:
                leader[theirs] = mine
    return {term: led_by(term) for term in leader}
