"""Token: one word of a text, as written, as matched and as indexed; and those of one chunk."""

from typing import NamedTuple

__all__ = ["MAX_FORM_BYTES", "Chunk", "ChunkToken", "Token"]

# A token longer than this is not a word: a key, an image in base64. Indexes keep terms in
# memory and in blocks sized for words.
MAX_FORM_BYTES = 1024


class Token(NamedTuple):
    """One token of a text.

    Attributes:
        text: the token as written: `given[start:end]`.
        form: the normalised surface form: what exact search, prefixes and patterns match.
        term: the index term, a function of the form alone.
        position: place among the positions of the text, from 0.
        start: first code point in the given text.
        end: code point after the last one, so that [start, end) is half open.
        positions: how many positions the token covers, at least 1. The whole of a compound
            (e-mail) covers those of its parts, which follow it in the list.

    >>> Token(text="dell’", form="dell'", term="del", position=0, start=0, end=5)
    Token(text='dell’', form="dell'", term='del', position=0, start=0, end=5, positions=1)
    """

    text: str
    form: str
    term: str
    position: int
    start: int
    end: int
    positions: int = 1


class ChunkToken(NamedTuple):
    """A token of a chunk: its position, start and end count from those of the chunk."""

    form: str
    term: str
    position: int
    positions: int
    start: int
    end: int


class Chunk(NamedTuple):
    """The analysis of a chunk.

    Attributes:
        tokens: in the order of `Analyzer.analyze`.
        positions: how many positions the chunk takes, those of overlong tokens included.
        overlong: how many tokens were left out because their form is too long.
    """

    tokens: tuple[ChunkToken, ...]
    positions: int
    overlong: int
