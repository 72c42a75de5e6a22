"""The lexicon: which word an inflected form belongs to.

`data/lexicon.txt` holds every form that the lexicon knows as a stem and an ending. A class is a
set of endings that many stems share, so that 360,000 forms are some 30,000 stems and a few
thousand exceptions. The file is text, so that an analyser in another language reads it too:

    # comments, at the top
    = are a ano ata …       a class: the ending of the term, then the endings of the forms
    + parl cant …           its stems: parl + ata is parlata, whose term is parl + are
    = ero erò …             another class
    + and/andare …          a stem with a whole term: the ending of the class's term is not used
    ! sono/essere …         exceptions: form/term; they are asked first
    . 6f3a…                 SHA-256, in hexadecimal, of all the bytes before this line

The empty ending is `-`. Where a form can be cut in several places the longest stem that has the
ending wins, and of its classes the first. `lexicon/build.py` makes the file, and makes exceptions
of the forms for which that is wrong. It refuses a file that is not whole.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from searchlib.errors import CorruptLexiconError

__all__ = ["Lexicon", "lexicon", "seal"]

_PATH = Path(__file__).parent / "data" / "lexicon.txt"
_SEAL = b"\n. "

# The endings that go with a stem, and how their term ends; a whole term begins with a slash.
_Class = tuple[frozenset[str], str]


class Lexicon:
    r"""Forms and their terms.

    >>> words = Lexicon.parse("= o o i\n+ libr\n! uomini/uomo")
    >>> words.term("libri"), words.term("uomini"), words.term("libreria")
    ('libro', 'uomo', None)
    """

    __slots__ = ("_exceptions", "_longest_ending", "_stems")

    def __init__(self, stems: dict[str, tuple[_Class, ...]], exceptions: dict[str, str]) -> None:
        self._stems = stems
        self._exceptions = exceptions
        classes = {each for classes in stems.values() for each in classes}
        self._longest_ending = max(
            (len(ending) for endings, _ in classes for ending in endings), default=0
        )

    @classmethod
    def parse(cls, text: str) -> Lexicon:
        """Return the lexicon that a text in the format above holds; ValueError if it does not."""
        stems: dict[str, tuple[_Class, ...]] = {}
        exceptions: dict[str, str] = {}
        endings: frozenset[str] = frozenset()
        current: tuple[_Class, ...] = ()
        for number, line in enumerate(text.splitlines(), start=1):
            kind, _, rest = line.partition(" ")
            if kind == "=":
                ending, *others = rest.replace("-", "").split(" ")
                endings = frozenset(others)
                current = ((endings, ending),)
            elif kind == "+" and current:
                for stem in rest.split(" "):
                    name, slash, term = stem.partition("/")
                    classes = ((endings, slash + term),) if slash else current
                    stems[name] = stems[name] + classes if name in stems else classes
            elif kind == "!":
                exceptions.update(pair.partition("/")[::2] for pair in rest.split(" "))
            elif not line.startswith("#"):
                raise ValueError(f"line {number} is none of the format: {line[:40]!r}")
        return cls(stems, exceptions)

    @property
    def stem_count(self) -> int:
        """How many stems there are."""
        return len(self._stems)

    def term(self, form: str) -> str | None:
        """Return the term of a form, or None where the lexicon does not know the form."""
        term = self._exceptions.get(form)
        if term is not None:
            return term
        stems = self._stems
        size = len(form)
        for cut in range(size, max(0, size - self._longest_ending - 1), -1):
            classes = stems.get(form[:cut])
            if classes is not None:
                ending = form[cut:]
                for endings, of_term in classes:
                    if ending in endings:
                        return of_term[1:] if of_term[:1] == "/" else form[:cut] + of_term
        return None


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of this version, read at the first call; CorruptLexiconError if damaged.

    It takes some 12 ms and 3 MB (Python 3.11, one shared core).

    >>> lexicon().term("andremo"), lexicon().term("xyz")
    ('andare', None)
    """
    import hashlib  # noqa: PLC0415  (who has the native engine never comes here)

    data, expected = _read()
    found = hashlib.sha256(data + b"\n").hexdigest()
    if found != expected:
        raise CorruptLexiconError(_PATH, expected=expected, found=found)
    return Lexicon.parse(data.decode("utf-8"))


def seal() -> str:
    """Return the SHA-256 that the lexicon's file gives of itself, which stands for all it says."""
    return _read()[1]


def _read() -> tuple[bytes, str]:
    """Return what stands before the seal, and the seal."""
    data, _, last = _PATH.read_bytes().rpartition(_SEAL)
    return data, last.decode("utf-8", "replace").strip()
