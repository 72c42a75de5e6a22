"""Final accents: a word that ends with an accented vowel has one spelling.

In Italian the direction of a final accent is fixed by spelling, and on a keyboard without
accents it is an apostrophe: perché, perchè and perche' are one word.
"""

from searchlib.analysis.normalisation import fold
from searchlib.analysis.tables import ACCENTED_ENDINGS, ACCENTED_WORDS, PLAIN_WORDS

__all__ = ["accented_word", "correct_accent", "restore_accent"]

# In the table only the last letter is accented: taking that off is a tenth of the time that
# `fold` would add to every import.
_PLAIN_VOWELS = str.maketrans("àèéìòù", "aeeiou")
_WORDS: dict[str, str] = {word.translate(_PLAIN_VOWELS): word for word in ACCENTED_WORDS}
_ENDINGS: dict[str, str] = {ending.translate(_PLAIN_VOWELS): ending for ending in ACCENTED_ENDINGS}
_ENDING_LENGTHS = sorted({len(ending) for ending in _ENDINGS})

# a, i, o and u take the grave accent only. An e takes either, word by word: an unknown word
# (José, café) keeps what it has.
_GRAVE = {"á": "à", "í": "ì", "ó": "ò", "ú": "ù"}

# A word is longer than its ending by a stem of two letters at least: vita has not the
# ending of univers-ità.
_SHORTEST_STEM = 2


def correct_accent(word: str) -> str:
    """Return the word with its final accent, if it has one, in the direction of its spelling.

    >>> correct_accent("perchè"), correct_accent("cittá"), correct_accent("josé")
    ('perché', 'città', 'josé')
    """
    last = word[-1]
    if last in _GRAVE:
        return word[:-1] + _GRAVE[last]
    if last in "éè":
        known = _WORDS.get(fold(word), "")
        if known.endswith(("é", "è")):
            return word[:-1] + known[-1]
    return word


def restore_accent(word: str) -> str | None:
    """Return the accented word for which people type this one and an apostrophe, if any.

    >>> restore_accent("perche"), restore_accent("velocita"), restore_accent("visita")
    ('perché', 'velocità', None)
    """
    known = accented_word(word)
    if known or word in PLAIN_WORDS:
        return known
    for length in _ENDING_LENGTHS:
        ending = _ENDINGS.get(word[-length:])
        if ending and len(word) >= length + _SHORTEST_STEM:
            return word[:-1] + ending[-1]
    return None


def accented_word(word: str) -> str | None:
    """Return the accented word of the table that this one is without its accent, if any.

    >>> accented_word("perche"), accented_word("velocizzo")
    ('perché', None)
    """
    return _WORDS.get(word)
