"""The Analyzer: the one entry of the Italian analysis.

A text is analysed one chunk (what `str.split` separates) at a time, and what a chunk gives
depends on nothing but the chunk. So the analysis of `a + " " + b` is that of `a` followed
by that of `b`, and a chunk met before costs one look into a dictionary.
"""

import re
from collections.abc import Callable, Iterator
from sys import intern
from typing import ClassVar

from searchlib.analysis.corrections import Corrections
from searchlib.analysis.token import MAX_FORM_BYTES, Chunk, Token

__all__ = ["Analyzer"]

# No code point gets longer than 33 bytes of UTF-8 by normalisation (U+FDFA, in Unicode 14
# to 16), so that a chunk of 31 code points cannot give a longer form.
_MAX_BYTES_PER_CODE_POINT = 33

# A chunk of Italian longer than this (an address, a compound) seldom comes back.
_LONGEST_CACHED_CHUNK = 48

# Chunks in each of the two generations of the cache: half a KiB each, 32 MiB in all.
_GENERATION_CHUNKS = 32_768

_CHUNK = re.compile(r"\S+")


class Analyzer:
    """Turns texts into tokens.

    It holds a cache of chunks and nothing else: two analysers give the same tokens, and
    threads may share one. `analyze_chunk` is what it fills the cache with: the analysis of
    this package, which reads its tables and its lexicon at the first chunk, or one equal to it.
    Corrections, where there are any, change the terms of some of its tokens.

    >>> [token.term for token in Analyzer().analyze("dell’università")]
    ['del', 'universita']
    """

    __slots__ = ("_chunks", "corrections")

    version: ClassVar[int] = 3
    """Counts the changes of the analysis that give some text other tokens."""

    corrections: Corrections
    """Those of the index that it analyses for; often none."""

    def __init__(
        self,
        analyze_chunk: Callable[[str], Chunk] | None = None,
        *,
        corrections: Corrections | None = None,
    ) -> None:
        self.corrections = corrections or Corrections()
        analyze_chunk = analyze_chunk or _analyze_chunk
        if self.corrections:
            analyze_chunk = self.corrections.applied_to(analyze_chunk)
        self._chunks = _ChunkCache(analyze_chunk)

    @property
    def fingerprint(self) -> str:
        """8 hexadecimal digits: the version, tables, lexicon, stemmer and corrections.

        Two analysers with the same fingerprint give every text the same tokens.

        >>> len(Analyzer().fingerprint)
        8
        """
        # Reads every table: who only searches with an analyser of its own need not wait.
        from searchlib.analysis.fingerprint import fingerprint  # noqa: PLC0415

        return fingerprint(self.version, corrections=self.corrections)

    def analyze(self, text: str) -> list[Token]:
        """Return the tokens of a text, in the order of their positions.

        At one position the whole of a compound comes before its parts; `start` never
        decreases. A token whose form is longer than `MAX_FORM_BYTES` is left out and keeps
        its position: see `count_overlong`. Lone surrogates separate words.

        >>> for token in Analyzer().analyze("L’e-mail è lì"):
        ...     print(token.position, token.positions, token.text, token.form, token.term)
        0 1 L’ l' il
        1 2 e-mail e-mail email
        1 1 e e e
        2 1 mail mail mail
        3 1 è è essere
        4 1 lì lì li
        """
        chunks = self._chunks
        tokens: list[Token] = []
        position = 0
        make, add = tuple.__new__, tokens.append
        for match in _CHUNK.finditer(text):
            found, width, _ = chunks[match[0]]
            chunk_start = match.start()
            for form, term, at, positions, first, last in found:
                start, end = chunk_start + first, chunk_start + last
                # As Token(...) does, in half the time.
                add(
                    make(Token, (text[start:end], form, term, position + at, start, end, positions))
                )
            position += width
        return tokens

    def stream(self, text: str) -> Iterator[tuple[str, str, int, int]]:
        """Yield (form, term, position, positions) of each token of a text, in order.

        The same tokens as `analyze`, without their offsets: what an index needs, at several
        times the speed.

        >>> list(Analyzer().stream("dell’acqua"))
        [("dell'", 'del', 0, 1), ('acqua', 'acqua', 1, 1)]
        """
        chunks = self._chunks
        position = 0
        for written in text.split():
            tokens, width, _ = chunks[written]
            for form, term, at, positions, _, _ in tokens:
                yield form, term, position + at, positions
            position += width

    def chunk(self, written: str) -> Chunk:
        """Return the analysis of a chunk: a run of text without white space.

        For engines that remember chunks themselves: the analysis of a text is that of its
        chunks (`str.split`), each shifted by the positions of those before it.

        >>> Analyzer().chunk("(l'anno)").positions
        2
        """
        return self._chunks[written]

    def count_overlong(self, text: str) -> int:
        """Return how many tokens of a text are left out because their form is too long.

        >>> Analyzer().count_overlong("una chiave " + "f0" * 2000)
        1
        """
        return sum(
            self._chunks[written].overlong
            for written in text.split()
            if len(written) * _MAX_BYTES_PER_CODE_POINT > MAX_FORM_BYTES
        )


class _ChunkCache(dict[str, Chunk]):
    """Chunks as written to their analysis, which is done when it is missing.

    When it is full it becomes the elder generation and starts empty: of the elders, those
    met again before it is full again come back, the others are forgotten. A hit costs no
    more than in a plain dictionary.
    """

    __slots__ = ("_analyze", "_elders")

    def __init__(self, analyze_chunk: Callable[[str], Chunk]) -> None:
        super().__init__()
        self._analyze = analyze_chunk
        self._elders: dict[str, Chunk] = {}

    def __missing__(self, written: str) -> Chunk:
        # Two threads may both come here: at worst they do the same work twice.
        chunk = self._elders.get(written) or self._analyze(written)
        if len(written) <= _LONGEST_CACHED_CHUNK:
            if len(self) >= _GENERATION_CHUNKS:
                self._elders = dict(self)
                self.clear()
            self[intern(written)] = chunk
        return chunk


def _analyze_chunk(written: str) -> Chunk:
    # Its tables and expressions take as long as the rest of the import.
    from searchlib.analysis.chunks import analyze_chunk  # noqa: PLC0415

    return analyze_chunk(written)
