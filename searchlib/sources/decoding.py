"""Owns the way from bytes to text: which encoding a file is in, or that it cannot be told.

In order: the encoding that the caller names, the byte order mark, UTF-8, the encoding that the
file declares, and last the readings that old Italian files are in (Windows, Macintosh, DOS). A
wrong guess would index words that nobody wrote, so a guess is made only where one reading looks
Italian and no other one nearly as much.

Measured on 3,074 passages of Italian prose of 30 to 2,000 characters in those three encodings, on
which the thresholds were also chosen: 95.2 % told rightly, 4.4 % refused, 0.4 % wrong. A general
detector (charset-normalizer), limited to the same three, was wrong on 29.6 %.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from searchlib.errors import EncodingError

__all__ = ["SAMPLE_BYTES", "decode", "encoding_of", "is_known"]

SAMPLE_BYTES = 64 * 1024
"""What an encoding is told from: some ten thousand words, several hundred of them accented."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_ITALIAN_LEGACY = ("cp1252", "mac_roman", "cp850")

_LATIN_1 = frozenset({"ascii", "iso8859-1"})
"""Labels that writers of Windows-1252 use; the Encoding Standard (4.2) reads them so as well."""

_NOT_TEXT = frozenset({
    "idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape", "utf-7",
})  # fmt: skip
"""Codecs that decode to text, but not from the text of a document."""

_LOWER = frozenset("àèéìíîòóùú")
_UPPER = frozenset("ÀÈÉÌÒÙ")
_PUNCTUATION = frozenset("’‘“”«»–—…€°\xa0")
_OTHER = frozenset("ªº§áâäçêëïñôöûüœæÁÇÉÖÜß×·•½²³©®")

MIN_LIKENESS = 0.5
MIN_LEAD = 0.2
"""Chosen on the measurement above: a lower lead trades refusals for as many wrong readings."""


def decode(
    data: bytes, *, path: Path, named: str | None = None, declared: str | None = None
) -> str:
    """Returns the text of a whole file, without its byte order mark.

    Args:
        data: the bytes of the file.
        path: for the error.
        named: the encoding that the caller asks for; nothing else is then tried.
        declared: the encoding that the file says it is in, where it does.

    Raises:
        EncodingError: no encoding fits, several do, or the bytes are not text.

    >>> decode("Perché no?".encode("cp1252"), path=Path("lettera.txt"))
    'Perché no?'
    """
    encoding = encoding_of(data, path=path, named=named, declared=declared, is_whole=True)
    try:
        text = data.decode(encoding)
    except UnicodeError as error:
        raise EncodingError(path, tried=f"{encoding}: {_describe(error)}") from None
    if "\0" in text:
        raise EncodingError(path, tried=f"{encoding}: a NUL character, as in binary files")
    return text


def encoding_of(
    data: bytes,
    *,
    path: Path,
    named: str | None = None,
    declared: str | None = None,
    is_whole: bool = False,
) -> str:
    """Returns the name of the codec for a file that begins with these bytes.

    Unless they are the whole file, a character cut off at their end is no objection. Arguments
    and errors as ``decode``.
    """
    if named is not None:
        is_utf8 = codecs.lookup(named).name == "utf-8"
        return "utf-8-sig" if is_utf8 else named  # the mark is no part of the text
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    if b"\0" in data:
        raise EncodingError(path, tried="NUL bytes, as in binary files and unmarked UTF-16")
    problem = _problem(data, "utf-8", is_whole=is_whole)
    if problem is None:
        return "utf-8"
    tried = [f"utf-8: {problem}"]
    if declared is not None:
        codec = _declared(declared)
        if codec is not None and _problem(data, codec, is_whole=is_whole) is None:
            return codec
        tried.append(f"{declared}, which it declares")
    legacy = _italian_legacy(data)
    if legacy is not None:
        return legacy
    tried.append(f"none of {', '.join(_ITALIAN_LEGACY)} gives Italian clearly")
    raise EncodingError(path, tried="; ".join(tried))


def is_known(name: str) -> bool:
    """Tells whether a text encoding of this name exists.

    >>> is_known("windows-1252"), is_known("hex"), is_known("marziano")
    (True, False, False)
    """
    try:
        codec = codecs.lookup(name)
        b" ".decode(name)  # refused with a LookupError by codecs from bytes to bytes
    except UnicodeError:
        return codec.name not in _NOT_TEXT
    except (LookupError, ValueError):
        return False
    return codec.name not in _NOT_TEXT


def _problem(data: bytes, encoding: str, *, is_whole: bool) -> str | None:
    try:
        codecs.getincrementaldecoder(encoding)().decode(data, is_whole)
    except UnicodeError as error:
        return _describe(error)
    return None


def _declared(label: str) -> str | None:
    """The codec that a label means; none for UTF-16, as the label itself was read as ASCII."""
    if not is_known(label):
        return None
    name = codecs.lookup(label).name
    if name.startswith(("utf-16", "utf-32")):
        return None
    return "cp1252" if name in _LATIN_1 else name


def _italian_legacy(data: bytes) -> str | None:
    """The one encoding that makes Italian of the bytes, judged by their unusual characters."""
    sample = _sample(data)
    readings: list[tuple[float, str, str]] = []
    for encoding in _ITALIAN_LEGACY:
        if _problem(data, encoding, is_whole=True) is None:
            text = sample.decode(encoding)
            readings.append((_likeness(text), encoding, text))
    readings.sort(key=lambda reading: -reading[0])
    if not readings or readings[0][0] < MIN_LIKENESS:
        return None
    likeness, encoding, text = readings[0]
    rivals = [rival for rival in readings[1:] if rival[2] != text]
    if rivals and rivals[0][0] > likeness - MIN_LEAD:
        return None
    return encoding


def _sample(data: bytes) -> bytes:
    """A stretch from the first byte beyond ASCII on, with the character before it."""
    try:
        data.decode("ascii")
    except UnicodeDecodeError as error:
        start = max(error.start - 1, 0)
        return data[start : start + SAMPLE_BYTES]
    return data[:SAMPLE_BYTES]


def _likeness(text: str) -> float:
    """How Italian the characters beyond ASCII are, in [0, 1]: the mean over them.

    Accented letters in a plausible place count 1; typographic marks less, since each encoding has
    some of them where another one has letters.
    """
    total = 0.0
    count = 0
    for place, char in enumerate(text):
        if char < "\x80":
            continue
        count += 1
        before = text[place - 1] if place else " "
        after = text[place + 1] if place + 1 < len(text) else " "
        total += _weight(char, before, after)
    return total / count if count else 0.0


def _weight(char: str, before: str, after: str) -> float:
    if (before > "\x7f" and before.isalpha()) or (after > "\x7f" and after.isalpha()):
        return 0.0  # Italian accents no two letters in a row; other alphabets, misread, do
    if char in _LOWER:
        return 0.0 if before.isupper() and after.isupper() else 1.0
    if char in _UPPER:
        return 0.0 if before.islower() else 1.0
    inside = before.isalpha() and after.isalpha()
    if char == "’":
        return 0.9 if inside else 0.6
    if char in _PUNCTUATION:
        return 0.0 if inside and char not in "–—" else 0.6
    return 0.4 if char in _OTHER else 0.0


def _describe(error: UnicodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"byte 0x{error.object[error.start]:02X} at {error.start} does not fit"
    return str(error)
