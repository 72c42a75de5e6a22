"""Writes the classes of characters that Python's `str` and `re` know, for the Rust analysis.

Run it as `python rust/tools/unicode_tables.py` with the Python whose Unicode version the two
analyses are to agree on; it says which one that is in the table.
"""

import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

TABLE = Path(__file__).parents[1] / "core/src/analysis/italian/data/unicode.tsv"

CLASSES: dict[str, Callable[[str], bool]] = {
    "alnum": str.isalnum,
    "decimal": str.isdecimal,
    "digit": str.isdigit,
    "mark": lambda character: unicodedata.category(character)[0] == "M",
}


def characters() -> Iterator[str]:
    """Yields every character but the surrogates, which Rust has not."""
    return (chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)


def ranges(belongs: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """Yields [first, last] of each run of characters that belong."""
    first = last = -2
    for code in map(ord, filter(belongs, characters())):
        if code != last + 1:
            if first >= 0:
                yield first, last
            first = code
        last = code
    yield first, last


def rows() -> Iterator[str]:
    """Yields the lines of the table."""
    yield "# Classes of characters and case folding, as Python's str and re know them."
    yield f"# Origin: unicodedata of Python, Unicode {unicodedata.unidata_version}."
    yield "# Licence: Unicode-3.0. Rebuilt by rust/tools/unicode_tables.py."
    yield "# Columns: class, first, last (hexadecimal); fold: character, what it folds to."
    for name, belongs in CLASSES.items():
        for first, last in ranges(belongs):
            yield f"{name}\t{first:x}\t{last:x}"
    for character in characters():
        folded = character.casefold()
        if folded != character:
            yield f"fold\t{ord(character):x}\t{' '.join(f'{ord(each):x}' for each in folded)}"


if __name__ == "__main__":
    TABLE.write_text("\n".join(rows()) + "\n", encoding="utf-8")
