"""The regular inflection of Italian: conjugations and declensions as every grammar gives them.

It knows endings and spelling (*cerco, cerchi*; *mangio, mangerò*), no word. Which of the forms
that it makes exist, and whose they are, is decided in `build`.
"""

from collections.abc import Iterator

__all__ = ["PARTICIPLE", "PRESENT_PARTICIPLE", "conjugate", "feminines", "is_infinitive", "plurals"]

PARTICIPLE = "participle"
PRESENT_PARTICIPLE = "present participle"

_FUTURE = "rò rai rà remo rete ranno rei resti rebbe remmo reste rebbero"

# The endings of each conjugation: of finite forms, of the infinitive and the gerund; then of
# the present participle; then of the past participle.
_ENDINGS: dict[str, tuple[str, str, str]] = {
    "are": (
        "are ar ando o i a iamo ate ano an avo avi ava avamo avate avano avan ai asti ò ammo aste"
        " arono aron iate ino in assi asse assimo assero "
        + " ".join("e" + ending for ending in _FUTURE.split()),
        "ante anti",
        "ato ata ati ate",
    ),
    "ere": (
        "ere er endo o i e iamo ete ono on evo evi eva evamo evate evano evan ei esti é emmo este"
        " erono etti ette ettero a iate ano an essi esse essimo essero "
        + " ".join("e" + ending for ending in _FUTURE.split()),
        "ente enti",
        "uto uta uti ute",
    ),
    "ire": (
        "ire ir endo o isco i isci e isce iamo ite ono iscono on ivo ivi iva ivamo ivate ivano"
        " ivan ii isti ì immo iste irono iron a ano iate isca iscano issi isse issimo issero "
        + " ".join("i" + ending for ending in _FUTURE.split()),
        "ente enti iente ienti",
        "ito ita iti ite",
    ),
    "rre": ("rre r " + _FUTURE, "", ""),
}


def is_infinitive(word: str) -> bool:
    """Return whether a word ends as infinitives do.

    >>> is_infinitive("parlare"), is_infinitive("porre"), is_infinitive("casa")
    (True, True, False)
    """
    return word.endswith(("are", "ere", "ire", "rre"))


def conjugate(infinitive: str) -> Iterator[tuple[str, str]]:
    """Yield (form, slot) of a verb as if it were regular.

    The slot is PARTICIPLE, PRESENT_PARTICIPLE or, for any other form, its ending.

    >>> [form for form, slot in conjugate("cercare") if slot in ("i", PARTICIPLE)]
    ['cerchi', 'cercato', 'cercata', 'cercati', 'cercate']
    """
    endings = _ENDINGS.get(infinitive[-3:])
    if endings is None:
        return
    stem = infinitive[:-3]
    for spelled, slot in zip(endings, ("", PRESENT_PARTICIPLE, PARTICIPLE), strict=True):
        for ending in spelled.split():
            yield _join(stem, ending, first=infinitive.endswith("are")), slot or ending


def _join(stem: str, ending: str, *, first: bool) -> str:
    """Return stem and ending in one spelling; in the first conjugation the sound is kept."""
    if not first:
        return stem + ending
    if stem.endswith(("c", "g")) and ending[0] in "eièì":
        return stem + "h" + ending
    if stem.endswith("i") and ending[0] == "i":
        return stem + ending[1:]
    if stem.endswith(("ci", "gi")) and ending[0] in "eè":
        return stem[:-1] + ending
    return stem + ending


def plurals(noun: str) -> Iterator[str]:
    """Yield the plurals that a noun or adjective in the masculine may have by its ending.

    >>> list(plurals("amico")), list(plurals("arancia")), list(plurals("artista"))
    (['amichi', 'amici'], ['arance', 'arancie'], ['artiste', 'artisti'])
    """
    stem, last = noun[:-1], noun[-1:]
    if last == "o":
        if stem.endswith(("c", "g")):
            yield stem + "hi"
        yield stem if stem.endswith("i") else stem + "i"
    elif last == "a":
        if stem.endswith(("ci", "gi")):
            yield stem[:-1] + "e"
        yield (stem + "he") if stem.endswith(("c", "g")) else stem + "e"
        if stem.endswith(("ist", "iat", "et", "ot", "cid")):
            yield stem + "i"
    elif last == "e":
        yield stem if stem.endswith("i") else stem + "i"


def feminines(adjective: str) -> Iterator[str]:
    """Yield the feminine forms of an adjective in -o.

    >>> list(feminines("antico")), list(feminines("saggio"))
    (['antica', 'antiche'], ['saggia', 'sagge', 'saggie'])
    """
    feminine = adjective[:-1] + "a"
    yield feminine
    yield from plurals(feminine)
