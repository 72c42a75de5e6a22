"""Token: one word of a text, as written, as matched and as indexed."""

import attrs

__all__ = ["Token"]


@attrs.frozen(slots=True)
class Token:
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
