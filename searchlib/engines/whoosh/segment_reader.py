"""Owns the reading of one segment, as an ``IndexReader`` of whoosh.

Whoosh sees a text field ``f`` as two fields: ``f`` holds its terms, ``=f`` its forms. Texts of
terms are bytes in whoosh's interface, as its readers have them. Documents are numbered from 0
within the segment.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from whoosh import fields as whoosh_fields
from whoosh.matching import Matcher
from whoosh.reading import IndexReader, TermInfo, TermNotFound

from searchlib.engines.storage import CheckedFile, Section
from searchlib.engines.whoosh.columns import COLUMN_KINDS, Column
from searchlib.engines.whoosh.dictionary import Dictionary, entry_of, key_of
from searchlib.engines.whoosh.matchers import ArrayMatcher
from searchlib.engines.whoosh.postings import Postings, decode, list_length
from searchlib.engines.whoosh.segment_writer import term_record_forms
from searchlib.engines.whoosh.stored import StoredDocuments
from searchlib.schema import Schema

__all__ = ["FORMS", "SegmentReader", "TextReader"]

COMMON_DOCUMENTS = 1_024
MAX_COMMON_DOCUMENTS = 500_000
"""Lists from ``COMMON_DOCUMENTS`` on are kept decoded, because every other query has a word such as
*di*: up to this many documents in a field of a segment, some 20 MB, and then they are forgotten."""

FORMS = "="
"""Before a field's name, names the dictionary of its forms to whoosh."""


class TextReader:
    """One text field of a segment: its two dictionaries and its lengths."""

    def __init__(self, file: CheckedFile, name: str, facts: Mapping[str, int], count: int) -> None:
        self._document_count = count
        self.lengths: array[int] = file.section(f"{name}.lengths").numbers("I")
        self.tokens = facts["tokens"]
        self.forms = Dictionary(file, f"{name}.forms", facts["forms"])
        self.terms = Dictionary(file, f"{name}.terms", facts["terms"])
        self._common: dict[tuple[bool, int], Postings] = {}
        self._common_size = 0
        if len(self.lengths) != count:
            raise file.damaged(None, f"{name}: expected {count} lengths")

    def form_postings(self, ordinal: int) -> Postings:
        """Gives the list of a form by its ordinal."""
        start, stop = self.forms.extent(ordinal)
        return self._decoded(self.forms.records, start, stop)

    def _decoded(self, section: Section, start: int, stop: int) -> Postings:
        """Gives a list, decoded once where it is one of the commonest."""
        key = (section is self.forms.records, start)
        found = self._common.get(key)
        if found is None:
            found = decode(section, start, stop, document_count=self._document_count)
            size = len(found.documents)
            if size >= COMMON_DOCUMENTS:
                if self._common_size + size > MAX_COMMON_DOCUMENTS:
                    self._common = {}
                    self._common_size = 0
                self._common[key] = found
                self._common_size += size
        return found

    def forms_of(self, ordinal: int) -> array[int]:
        """Gives the ordinals of a term's forms by the term's ordinal."""
        ordinals, _ = term_record_forms(self.terms.records, *self.terms.extent(ordinal))
        if max(ordinals) >= len(self.forms):
            raise self.terms.records.damaged(
                self.terms.extent(ordinal)[0], "a term names forms that are not there"
            )
        return ordinals

    def term_postings(self, ordinal: int) -> Postings:
        """Gives the list of a term by its ordinal, without positions."""
        start, stop = self.terms.extent(ordinal)
        ordinals, at = term_record_forms(self.terms.records, start, stop)
        if len(ordinals) == 1:
            return self.form_postings(self.forms_of(ordinal)[0])
        return self._decoded(self.terms.records, at, stop)

    def document_frequency(self, fieldname: str, key: str) -> int:
        """Gives the length of a list without reading it, 0 where there is none."""
        ordinal = self.find(fieldname, key)
        if ordinal is None:
            return 0
        if not fieldname.startswith(FORMS):
            start, stop = self.terms.extent(ordinal)
            ordinals, at = term_record_forms(self.terms.records, start, stop)
            if len(ordinals) > 1:
                return list_length(self.terms.records, at, stop)
            ordinal = self.forms_of(ordinal)[0]
        return list_length(self.forms.records, *self.forms.extent(ordinal))

    def find(self, fieldname: str, key: str) -> int | None:
        """Gives the ordinal of whoosh's term, in the dictionary that its field stands for."""
        dictionary = self.forms if fieldname.startswith(FORMS) else self.terms
        return dictionary.find(entry_of(key))


class SegmentReader(IndexReader):  # type: ignore[misc]
    """Reads one segment; ``deleted`` are the numbers of its deleted documents."""

    def __init__(
        self,
        file: CheckedFile,
        schema: Schema,
        *,
        deleted: Iterable[int] = (),
    ) -> None:
        self.file = file
        self.schema = _whoosh_schema(schema)
        self._fields = schema
        self.deleted = frozenset(deleted)
        facts = file.facts
        try:
            self._count = int(facts["documents"])
            texts = {name: dict(facts["texts"][name]) for name in schema.texts}
            columns = {
                name: int(facts["columns"][name]["values"])
                for name, field in schema.items()
                if field.kind in COLUMN_KINDS
            }
            for text in texts.values():
                if min(text["tokens"], text["forms"], text["terms"]) < 0:
                    raise ValueError("a negative count")
        except (KeyError, TypeError, ValueError) as error:
            raise file.damaged(None, f"its facts do not fit the schema ({error!r})") from None
        self._text_facts = texts
        self._column_facts = columns
        self._texts: dict[str, TextReader] = {}
        self._columns: dict[str, Column] = {}
        self._stored: StoredDocuments | None = None

    # What the engine asks.

    def text(self, name: str) -> TextReader:
        """Gives a text field, opened at its first use."""
        reader = self._texts.get(name)
        if reader is None:
            reader = TextReader(self.file, name, self._text_facts[name], self._count)
            self._texts[name] = reader
        return reader

    def tokens(self, name: str) -> int:
        """Gives the positions of a text field in all documents."""
        return int(self._text_facts[name]["tokens"])

    def searched_column(self, name: str) -> Column:
        """Gives the column of a field, read at its first use."""
        column = self._columns.get(name)
        if column is None:
            column = Column(
                self.file,
                name,
                self._fields[name],
                values=self._column_facts[name],
                documents=self._count,
            )
            self._columns[name] = column
        return column

    @property
    def stored(self) -> StoredDocuments:
        """The stored documents."""
        if self._stored is None:
            self._stored = StoredDocuments(self.file, self._fields, documents=self._count)
        return self._stored

    def number_of(self, key: str) -> int | None:
        """Gives the live document of this key, or None."""
        for number in reversed(self.searched_column(self._fields.key).documents_with(key)):
            if number not in self.deleted:
                return number
        return None

    def key_of(self, number: int) -> str:
        """Gives the key of a document."""
        key: str = self.searched_column(self._fields.key).value_of(number)
        return key

    # What whoosh asks.

    def __contains__(self, term: tuple[str, bytes | str]) -> bool:
        return self.find(*term) is not None

    def _locate(self, fieldname: str, text: bytes | str) -> tuple[TextReader | None, str]:
        key = text.decode() if isinstance(text, bytes) else text
        name = fieldname.removeprefix(FORMS)
        return (self.text(name) if name in self._text_facts else None), key

    def find(self, fieldname: str, text: bytes | str) -> Postings | None:
        """Gives the list of a term (field ``f``) or form (``=f``), or None."""
        reader, key = self._locate(fieldname, text)
        ordinal = None if reader is None else reader.find(fieldname, key)
        if reader is None or ordinal is None:
            return None
        if fieldname.startswith(FORMS):
            return reader.form_postings(ordinal)
        return reader.term_postings(ordinal)

    def lists_with_positions(self, fieldname: str, text: bytes | str) -> list[Postings]:
        """Gives the lists, with positions, of the forms that a term or form stands for."""
        reader, key = self._locate(fieldname, text)
        ordinal = None if reader is None else reader.find(fieldname, key)
        if reader is None or ordinal is None:
            return []
        forms = (ordinal,) if fieldname.startswith(FORMS) else reader.forms_of(ordinal)
        return [reader.form_postings(form) for form in forms]

    def _found(self, fieldname: str, text: bytes | str) -> Postings:
        postings = self.find(fieldname, text)
        if postings is None:
            raise TermNotFound(f"no term {fieldname}:{text!r}")
        return postings

    def postings(self, fieldname: str, text: bytes | str, scorer: Any = None) -> Matcher:
        """Gives a matcher over a term's live documents, scored by the scorer."""
        found = self._found(fieldname, text)
        documents = found.documents
        frequencies = found.frequencies or [1] * len(documents)
        scores = (
            [1.0 * frequency for frequency in frequencies]
            if scorer is None
            else (scorer.scores(documents, found.frequencies))
        )
        if self.deleted:
            live = [at for at, number in enumerate(documents) if number not in self.deleted]
            documents = [documents[at] for at in live]
            scores = [scores[at] for at in live]
        return ArrayMatcher(documents, scores, term=(fieldname, text))

    def term_info(self, fieldname: str, text: bytes | str) -> TermInfo:
        """Gives whoosh's statistics of a term."""
        found = self._found(fieldname, text)
        frequencies = found.frequencies or [1]
        return TermInfo(
            weight=sum(found.frequencies or [1] * len(found.documents)),
            df=len(found.documents),
            maxweight=max(frequencies),
            minid=found.documents[0],
            maxid=found.documents[-1],
        )

    def doc_frequency(self, fieldname: str, text: bytes | str) -> int:
        """Gives the number of documents with a term, deleted ones too."""
        reader, key = self._locate(fieldname, text)
        return 0 if reader is None else reader.document_frequency(fieldname, key)

    def frequency(self, fieldname: str, text: bytes | str) -> int:
        """Gives the number of a term's occurrences."""
        return (
            0 if self.find(fieldname, text) is None else (self.term_info(fieldname, text).weight())
        )

    def indexed_field_names(self) -> list[str]:
        """Gives the names of whoosh's fields."""
        return [*self._text_facts, *(FORMS + name for name in self._text_facts)]

    def all_terms(self) -> Iterator[tuple[str, bytes]]:
        """Yields (field, term) in order."""
        for name in sorted(self.indexed_field_names()):
            yield from self.terms_from(name, b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """Yields (field, term) of one field from a term on."""
        text = self.text(fieldname.removeprefix(FORMS))
        dictionary = text.forms if fieldname.startswith(FORMS) else text.terms
        start = dictionary.lower_bound((prefix.decode(), ""))
        for entry in dictionary.entries(start):
            yield fieldname, key_of(entry).encode()

    def has_deletions(self) -> bool:
        """Tells whether there are deleted documents."""
        return bool(self.deleted)

    def is_deleted(self, docnum: int) -> bool:
        """Tells whether a document is deleted."""
        return docnum in self.deleted

    def all_doc_ids(self) -> Iterator[int]:
        """Yields the live documents."""
        return (number for number in range(self._count) if number not in self.deleted)

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Gives a document's stored values."""
        return self.stored.get(docnum)

    def doc_count_all(self) -> int:
        """Gives the number of documents, deleted ones too."""
        return self._count

    def doc_count(self) -> int:
        """Gives the number of live documents."""
        return self._count - len(self.deleted)

    def field_length(self, fieldname: str) -> int:
        """Gives the positions of a field in all documents."""
        return self.tokens(fieldname.removeprefix(FORMS))

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Gives the positions of a field in one document."""
        return self.text(fieldname.removeprefix(FORMS)).lengths[docnum]

    def min_field_length(self, fieldname: str) -> int:
        """Gives the fewest positions of a field in a document."""
        return min(self.text(fieldname.removeprefix(FORMS)).lengths, default=0)

    def max_field_length(self, fieldname: str) -> int:
        """Gives the most positions of a field in a document."""
        return max(self.text(fieldname.removeprefix(FORMS)).lengths, default=0)

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        """Tells that there are no term vectors."""
        return False

    def vector(self, docnum: int, fieldname: str, format_: Any = None) -> Sequence[Any]:
        """Raises KeyError: there are no term vectors."""
        raise KeyError(f"no term vectors of {fieldname}")


def _whoosh_schema(schema: Schema) -> whoosh_fields.Schema:
    made = whoosh_fields.Schema()
    for name in schema.texts:
        for whoosh_name in (name, FORMS + name):
            made.add(whoosh_name, whoosh_fields.TEXT(analyzer=_no_analysis, phrase=False))
    return made


def _no_analysis(value: str, **_: Any) -> Iterator[Any]:
    """Stands where whoosh wants an analyser: words reach its queries analysed."""
    return iter(())
