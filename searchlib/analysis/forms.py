"""Forms: the normalised surface form of each word of a chunk, and its place.

A piece of a chunk becomes one word, or an elided word and another, or a compound: its whole
(e-mail, an address) followed by its parts. `analyzer` gives each form its term.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from searchlib.analysis.accents import accented_word, correct_accent, restore_accent
from searchlib.analysis.elision import is_elided, is_truncated, keeps_apostrophe
from searchlib.analysis.tokenisation import Kind, Piece, alphanumeric_runs, tokenise

__all__ = ["MAX_COMPOUND_PARTS", "Word", "words"]

# The parts of a compound beyond these are words like any other, without a whole. A real
# address or compound has fewer; a chunk made of hyphens stays a row of words.
MAX_COMPOUND_PARTS = 64

# Of the words that an apostrophe sets apart because the space after them was forgotten
# (po'di, piu'tardi), one letter less makes them the beginning of a name: A'isha, La'Tonya.
_SHORTEST_HEAD = 3

_JOINER = re.compile("[-']")
_SCHEME = "://"


class Word(NamedTuple):
    """A word of a normalised chunk, at [start, end) of it.

    `parts` is 0 for a word; for the whole of a compound it counts the words that follow it
    and are its parts.
    """

    form: str
    start: int
    end: int
    parts: int = 0


def words(text: str) -> Iterator[Word]:
    """Yield the words of a normalised chunk, in order, a compound before its parts.

    >>> [word.form for word in words("l'e-mail")]
    ["l'", 'e-mail', 'e', 'mail']
    """
    for piece in tokenise(text):
        written = text[piece.start : piece.end]
        match piece.kind:
            case Kind.WORD:
                yield from _spelled(written, piece)
            case Kind.URL | Kind.EMAIL:
                yield from _address(written, piece)
            case Kind.TAG | Kind.NUMBER:
                yield Word(written, piece.start, piece.end)
            case _:  # Dots of thousands, or of an acronym: the form is without them.
                yield Word(correct_accent(written.replace(".", "")), piece.start, piece.end)


def _address(written: str, piece: Piece) -> Iterator[Word]:
    """Yield an address and the words in it, its scheme (https) left out."""
    scheme, separator, _ = written.partition(_SCHEME)
    skipped = len(scheme) + len(_SCHEME) if separator else 0
    parts = [
        Word(
            correct_accent(written[start + skipped : end + skipped]),
            piece.start + start + skipped,
            piece.start + end + skipped,
        )
        for start, end in alphanumeric_runs(written[skipped:])
    ]
    yield from _compound(Word(written, piece.start, piece.end), parts)


def _spelled(written: str, piece: Piece) -> Iterator[Word]:
    """Yield the words set apart at the start of a piece, then the word or compound left."""
    if piece.quoted:
        written = written.removesuffix("'")
    start = 0
    while head := _head(written, start):
        form, end = head
        yield Word(form, piece.start + start, piece.start + end)
        start = end
    parts = []
    spelling = ""
    for form, begin, end, joiner in _parts(written, start):
        parts.append(Word(form, piece.start + begin, piece.start + end))
        spelling += form + joiner
    if len(parts) > 1:
        yield from _compound(Word(spelling, parts[0].start, parts[-1].end), parts)
    else:
        yield from parts


def _compound(whole: Word, parts: list[Word]) -> Iterator[Word]:
    """Yield the whole of a compound, if its parts are not too many, then the parts."""
    if len(parts) <= MAX_COMPOUND_PARTS:
        yield whole._replace(parts=len(parts))
    yield from parts


def _head(written: str, start: int) -> tuple[str, int] | None:
    """Return the form and the end of the word that an apostrophe sets apart at `start`."""
    joiner = _JOINER.search(written, start)
    if joiner is None or joiner[0] == "-" or joiner.end() == len(written):
        return None
    end = joiner.end()
    cut = written[start:end]
    if is_elided(cut, before=written[end]):
        return cut, end
    if len(cut) >= _SHORTEST_HEAD and is_truncated(cut):
        return cut, end
    accented = accented_word(cut[:-1])
    if accented and (len(cut) > _SHORTEST_HEAD or accented == "è"):
        return accented, end
    return None


def _parts(written: str, start: int) -> Iterator[tuple[str, int, int, str]]:
    """Yield the form, start and end of each word from `start` on, and what joins it to the next.

    The forms and what joins them spell the whole: an elided form has its own apostrophe.
    """
    follows_hyphen = False
    while joiner := _JOINER.search(written, start):
        at, end = joiner.span()
        if end == len(written):
            break
        if (
            joiner[0] == "'"
            and follows_hyphen
            and is_elided(written[start:end], before=written[end])
        ):
            yield written[start:end], start, end, ""
        else:
            yield correct_accent(written[start:at]), start, at, joiner[0]
        follows_hyphen = joiner[0] == "-"
        start = end
    form, end = _last(written, start)
    yield form, start, end, ""


def _last(written: str, start: int) -> tuple[str, int]:
    """Return the form and the end of the last word of a piece, which an apostrophe may end."""
    word = written[start:]
    if not word.endswith("'"):
        return correct_accent(word), len(written)
    if keeps_apostrophe(word):
        return word, len(written)
    bare = word[:-1]
    accented = restore_accent(bare)
    if accented:
        return accented, len(written)
    return correct_accent(bare), len(written) - 1
