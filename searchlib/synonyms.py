"""Owns synonyms: words of a user's file that a query looks for besides its own.

They are opt-in and the query's alone: no index knows of them. A query tree goes in and a tree
comes out, so that every engine, ``explain`` and the marks treat a synonym like a word typed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import attrs

from searchlib.analysis import Corrections, analyze, term_of
from searchlib.analysis.word_files import lines_of, read_text, single_form
from searchlib.errors import WordFileError
from searchlib.query import All, Any, Boost, In, Phrase, Query, Word, Words

__all__ = ["MAX_SYNONYMS_OF_QUERY", "WEIGHT", "Synonyms"]

WEIGHT = 0.5
"""What a synonym counts beside the word itself: found by it, and ranked after it."""

MAX_SYNONYMS_OF_QUERY = 512
"""Each is a leaf more; with the query's own there are no more than ``MAX_CLAUSES`` by half."""

_ARROW = "->"

_NO_CORRECTIONS = Corrections()


@attrs.frozen(slots=True)
class Synonyms:
    r"""What each word stands for besides itself, in all its forms.

    A file has a line for each group, its members separated by commas; with an arrow only the words
    before it stand for those after it. A member of several words is looked for as a phrase, and
    is not itself exchanged.

    >>> synonyms = Synonyms.parse("auto, macchina\ntumore -> cancro, carcinoma maligno")
    >>> print(synonyms.expanded(Word("automobili")), "|", synonyms.expanded(Word("macchine")))
    automobili | macchine OR auto^0.5
    >>> print(synonyms.expanded(Word("tumori")))
    tumori OR cancro^0.5 OR "carcinoma maligno"^0.5
    """

    of_term: Mapping[str, Mapping[str, tuple[str, ...]]]
    """Each term with its forms in the file, and their synonyms as written."""

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Synonyms:
        """Returns the synonyms of a file in UTF-8.

        Raises:
            WordFileError: a line is none of the format; the error names it.
            StorageError: the system refused to read the file.
        """
        place = Path(path)
        return cls.parse(read_text(place), path=place)

    @classmethod
    def parse(cls, text: str, *, path: Path | None = None) -> Synonyms:
        """Returns the synonyms of a text; WordFileError where a line is none of the format."""
        found: dict[str, dict[str, dict[str, None]]] = {}
        for line, content in lines_of(text):
            left, arrow, right = content.partition(_ARROW)
            sources = _members(left, path=path, line=line)
            targets = _members(right, path=path, line=line) if arrow else sources
            forms = {
                written: form for written in sources if (form := single_form(written)) is not None
            }
            if not forms or (not arrow and len(sources) == 1):
                expected = "expected two members or more, at least one of them a single word"
                raise WordFileError(path, line=line, found=f"{expected}, found {content[:60]!r}")
            for written, form in forms.items():
                of_form = found.setdefault(term_of(form), {}).setdefault(form, {})
                of_form.update(dict.fromkeys(each for each in targets if each != written))
        return cls(
            {
                term: {form: tuple(others) for form, others in forms.items()}
                for term, forms in found.items()
            }
        )

    def expanded(self, query: Query, *, corrections: Corrections = _NO_CORRECTIONS) -> Query:
        """Returns the tree with each word that has synonyms exchanged for it or one of them.

        Phrases, exact words and patterns stay as they are, and so does what is excluded. After
        ``MAX_SYNONYMS_OF_QUERY`` synonyms words stay as they are. Which forms are of one word is
        as ``corrections`` say, where the index has some.
        """
        return _Expansion(self, corrections).of(query)

    def of_form(self, form: str, corrections: Corrections) -> list[str]:
        """Returns the synonyms of the word that a form is of."""
        wanted = corrections.term(form)
        found: dict[str, None] = {}
        for term in sorted(corrections.terms_before(wanted)):
            for other, synonyms in self.of_term.get(term, {}).items():
                if corrections.term(other) == wanted:
                    found.update(dict.fromkeys(synonyms))
        return list(found)


class _Expansion:
    """Expands one query."""

    def __init__(self, synonyms: Synonyms, corrections: Corrections) -> None:
        self._synonyms = synonyms
        self._corrections = corrections
        self._left = MAX_SYNONYMS_OF_QUERY

    def of(self, query: Query) -> Query:
        """Returns the tree expanded."""
        match query:
            case Word():
                return self._word(query)
            case Words(clauses, required):
                return attrs.evolve(query, clauses=self._all(clauses), required=self._all(required))
            case All(clauses) | Any(clauses):
                return attrs.evolve(query, clauses=self._all(clauses))
            case In(_, clause) | Boost(clause):
                return attrs.evolve(query, clause=self.of(clause))
            case _:
                return query

    def _all(self, clauses: tuple[Query, ...]) -> tuple[Query, ...]:
        return tuple(map(self.of, clauses))

    def _word(self, word: Word) -> Query:
        tokens = [token for token in analyze(word.text) if not token.form.endswith("'")]
        is_one = len(tokens) == 1 or (tokens and 1 < tokens[0].positions == len(tokens) - 1)
        if not is_one:
            return word
        found = self._synonyms.of_form(tokens[0].form, self._corrections)[: self._left]
        if not found:
            return word
        self._left -= len(found)
        others = tuple(Boost(_leaf(text, word), WEIGHT, span=word.span) for text in found)
        return Any((word, *others), span=word.span)


def _leaf(text: str, word: Word) -> Query:
    """Returns a synonym in the place of the word that it stands for."""
    return Phrase(text, span=word.span) if " " in text else Word(text, span=word.span)


def _members(text: str, *, path: Path | None, line: int) -> tuple[str, ...]:
    """Returns the members of one side of a line, none of which is empty."""
    members = tuple(" ".join(member.split()) for member in text.split(","))
    for member in members:
        if not analyze(member):
            raise WordFileError(path, line=line, found=f"expected words, found {member[:60]!r}")
    return members
