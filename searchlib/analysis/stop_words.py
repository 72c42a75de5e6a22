"""Stop words: words so frequent that a query ranks by them and does not select by them."""

from searchlib.analysis.tables import ELISIONS, STOP_WORDS, TRUNCATIONS

__all__ = ["is_stop_word", "is_truncation"]


def is_stop_word(form: str) -> bool:
    """Return whether the form is a stop word: a query ranks by it and does not select by it.

    >>> is_stop_word("della"), is_stop_word("dell'"), is_stop_word("università")
    (True, True, False)
    """
    return form in STOP_WORDS or ELISIONS.get(form) in STOP_WORDS


def is_truncation(form: str) -> bool:
    """Return whether the form is a truncated word, whose apostrophe stands for its end.

    >>> is_truncation("po'"), is_truncation("po"), is_truncation("dell'")
    (True, False, False)
    """
    return form in TRUNCATIONS
