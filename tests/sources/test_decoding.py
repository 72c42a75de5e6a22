"""From bytes to text: every encoding that can be told is, and no other is guessed."""

from __future__ import annotations

import codecs
import contextlib
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from searchlib.errors import EncodingError
from searchlib.sources.decoding import decode, encoding_of, is_known

PATH = Path("lettera.txt")

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "latin-1", "mac_roman", "cp850")

LETTER = (
    "Cara Ninetta, perché non scrivi più? La città è com’era: c’è il mercato del venerdì, però "
    "la libertà di una volta non c’è. Così va, né si può fare altro. «Verrà», dice papà."
)


@given(st.text(), st.sampled_from(ENCODINGS))
def test_a_named_encoding_gives_the_text_back(text: str, encoding: str) -> None:
    """Round trip through every encoding that can write the text."""
    assume("\0" not in text and not text.startswith("\ufeff"))
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError:
        assume(False)
    assert decode(data, path=PATH, named=encoding) == text


@given(st.text(), st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "utf-32")))
def test_unicode_needs_no_name(text: str, encoding: str) -> None:
    """UTF-8 is told by its own form, the others by their mark, which is no part of the text."""
    assume("\0" not in text and not text.startswith("\ufeff"))
    assert decode(text.encode(encoding), path=PATH) == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_both_byte_orders_are_read_by_their_mark(encoding: str) -> None:
    """The mark of UTF-32 begins with that of UTF-16, and is not taken for it."""
    assert decode(("\ufeff" + LETTER).encode(encoding), path=PATH) == LETTER


@given(st.binary(max_size=400), st.none() | st.sampled_from(ENCODINGS))
def test_any_bytes_are_text_or_an_encoding_error(data: bytes, declared: str | None) -> None:
    """Never another exception, and never a replacement character that the bytes do not hold."""
    with contextlib.suppress(EncodingError):
        text = decode(data, path=PATH, declared=declared)
        replaced = (b"\xef\xbf\xbd", b"\xfd\xff", b"\xff\xfd")
        assert "\ufffd" not in text or any(mark in data for mark in replaced)


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
def test_old_italian_encodings_are_told_by_their_letters(encoding: str) -> None:
    """A letter in each encoding of its time reads as it was written."""
    letter = LETTER.replace("’", "'") if encoding == "cp850" else LETTER
    assert decode(letter.encode(encoding), path=PATH) == letter


@pytest.mark.parametrize("word", ["perché", "città", "così", "può", "più", "caffè", "È vero"])
def test_one_accented_word_is_enough_for_windows(word: str) -> None:
    """A short file, its accent at the very end, where UTF-8 would expect more bytes."""
    assert decode(word.encode("cp1252"), path=PATH) == word


def test_what_could_be_two_encodings_is_refused() -> None:
    """One byte in a word is a letter in two readings; the message lists what was tried."""
    with pytest.raises(EncodingError, match="none of cp1252, mac_roman, cp850") as caught:
        decode(b"pi\x97", path=PATH)  # "più" on DOS, "pió" on a Macintosh
    assert "byte 0x97 at 2" in caught.value.tried
    assert "convert it to UTF-8" in str(caught.value)


def test_text_in_another_alphabet_is_refused_unless_declared() -> None:
    """Russian in a Windows encoding reads as a salad of Western letters, which is not indexed."""
    data = "Война и мир, том первый".encode("cp1251")
    with pytest.raises(EncodingError):
        decode(data, path=PATH)
    assert decode(data, path=PATH, declared="windows-1251") == "Война и мир, том первый"


def test_a_declared_latin_1_is_read_as_windows() -> None:
    """As browsers do: the quotation marks of such pages are those of Windows-1252."""
    data = "«Sì», disse l’oste".encode("cp1252")
    assert decode(data, path=PATH, declared="ISO-8859-1") == "«Sì», disse l’oste"


@pytest.mark.parametrize("declared", ["marziano", "hex", "utf-16", "idna"])
def test_a_declared_encoding_that_cannot_be_is_passed_over(declared: str) -> None:
    """An unknown one, one that is no text encoding, one that the label itself contradicts."""
    assert decode("perché".encode("cp1252"), path=PATH, declared=declared) == "perché"


@pytest.mark.parametrize("data", [b"Prova\0prova", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
def test_nul_bytes_mean_a_binary_file(data: bytes) -> None:
    """No document holds them."""
    with pytest.raises(EncodingError, match="NUL"):
        decode(data, path=PATH)


def test_a_named_encoding_that_does_not_fit_is_refused_with_the_place() -> None:
    """Nothing else is tried: the caller said so."""
    with pytest.raises(EncodingError, match="ascii: byte 0xC3 at 4 does not fit"):
        decode("città".encode(), path=PATH, named="ascii")


def test_a_sample_may_end_within_a_character() -> None:
    """Only the whole file is held to end where a character ends."""
    cut = "città".encode()[:-1]
    assert encoding_of(cut, path=PATH) == "utf-8"
    with pytest.raises(EncodingError):
        encoding_of(cut, path=PATH, is_whole=True)


@pytest.mark.parametrize("name", ["utf-8", "windows-1252", "latin-1", "UTF16", "mac-roman"])
def test_text_encodings_are_known(name: str) -> None:
    """By any of the names that Python has for them."""
    assert is_known(name)


@pytest.mark.parametrize("name", ["", "hex", "zip", "idna", "undefined", "a\0b", "x" * 10_000])
def test_what_is_no_text_encoding_is_unknown(name: str) -> None:
    """And asking raises nothing."""
    assert not is_known(name)


def test_a_mark_alone_is_an_empty_text() -> None:
    """An editor saves an empty file so."""
    assert decode(codecs.BOM_UTF8, path=PATH) == ""
