"""Files of words that users write: lines, comments, and errors that name the line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from searchlib.errors import StorageError, WordFileError

__all__ = ["MAX_FILE_BYTES", "lines_of", "read_text", "single_form"]

MAX_FILE_BYTES = 256 * 1024
"""Some 20,000 words; whoever needs more needs another lexicon."""


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8, without its byte order mark.

    Raises:
        WordFileError: it is longer than `MAX_FILE_BYTES`, or in another encoding.
        StorageError: the system refused to read it.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise StorageError(path, action="read", cause=error) from error
    if len(data) > MAX_FILE_BYTES:
        line = data[:MAX_FILE_BYTES].count(b"\n") + 1
        problem = f"expected at most {MAX_FILE_BYTES:,} bytes, found more"
        raise WordFileError(path, line=line, found=problem)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise WordFileError(
            path, line=line, found="expected UTF-8, found bytes of another encoding"
        ) from error


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    r"""Yield each line that is neither blank nor a comment, with its number from 1.

    >>> list(lines_of("# nostre\n\n auto, macchina "))
    [(3, 'auto, macchina')]
    """
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.strip()
        if content and not content.startswith("#"):
            yield number, content


def single_form(written: str) -> str | None:
    """Return the form of a word or of a compound, None where it is not one word.

    >>> single_form("PERCHE'"), single_form("e-mail"), single_form("dell'acqua")
    ('perché', 'e-mail', None)
    """
    # Who opens an index that has no corrections need not wait for the tables.
    from searchlib.analysis.forms import words  # noqa: PLC0415
    from searchlib.analysis.normalisation import normalise  # noqa: PLC0415

    found = list(words(normalise(written).text))
    if not found or found[0].parts != len(found) - 1:
        return None
    return found[0].form
