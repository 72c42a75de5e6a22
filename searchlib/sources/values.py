"""Owns the values that sources deal in: a file to read, a document read, the schema, the limits."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import attrs

from searchlib.schema import MAX_DOCUMENT_BYTES, Schema, date, key, keyword, stored, text

__all__ = ["DOCUMENTS", "LIMITS", "STDIN", "Document", "Limits", "Source", "SourceKind"]

DOCUMENTS = Schema(
    id=key(),
    titolo=text(weight=2.0),
    testo=text(),
    fonte=keyword(facet=True, optional=True),
    data=date(optional=True),
    percorso=stored(),
)
"""The schema of every document read from a file: what ``searchlib index`` makes indexes of."""

STDIN = Path("-")
"""How standard input is written on a command line and in messages."""


class SourceKind(Enum):
    """What a file holds: one text (the first three), or one document per record."""

    TEXT = "txt"
    MARKDOWN = "md"
    HTML = "html"
    JSON_LINES = "jsonl"
    CSV = "csv"


@attrs.frozen(slots=True)
class Source:
    """A file to read, or standard input (path ``-``).

    ``name`` is how its documents' keys name it; ``size_bytes`` is as of its discovery, 0 where it
    cannot be known.
    """

    path: Path
    name: str
    kind: SourceKind
    size_bytes: int = 0


@attrs.frozen(slots=True)
class Document:
    """A document as read: its values by field of ``DOCUMENTS``, not yet validated.

    ``consumed_bytes`` is how far into its source reading has come, for a progress bar;
    ``ignored`` names the columns of its record that are no field.
    """

    values: Mapping[str, Any]
    consumed_bytes: int = 0
    ignored: tuple[str, ...] = ()


@attrs.frozen(slots=True, kw_only=True)
class Limits:
    """What one reading may take; each keeps memory bounded on a file that is not what it seems."""

    document_bytes: int = MAX_DOCUMENT_BYTES
    """A txt, md or html file, held whole in memory; the schema takes no larger document."""

    line_chars: int = 16 * 1024 * 1024
    """A line of jsonl or a field of csv: five times *Guerra e pace*; a longer one has no end."""

    lines: int = 10_000_000
    """Lines of a jsonl or csv file; more belong in several, each to be indexed again alone."""

    depth: int = 64
    """Folders within folders; deeper ones are a loop that some file system hides."""

    files: int = 1_000_000
    """Files of one discovery, whose names are held in memory."""


LIMITS = Limits()
"""What holds where the caller says nothing."""
