"""Owns which tokens of one word belong together: a compound with its parts, tokens with digits."""

from __future__ import annotations

from collections.abc import Sequence

from searchlib.analysis import Token

__all__ = ["units_of"]


def units_of(tokens: Sequence[Token]) -> list[list[Token]]:
    """Returns the tokens in groups of those that belong together, in their order.

    >>> from searchlib.analysis import analyze
    >>> [[token.form for token in unit] for unit in units_of(analyze("l'e-mail"))]
    [["l'"], ['e-mail', 'e', 'mail']]
    >>> [[token.form for token in unit] for unit in units_of(analyze("12/03"))]
    [['12', '03']]
    """
    units: list[list[Token]] = []
    for token in tokens:
        if units and _belongs(units[-1], token):
            units[-1].append(token)
        else:
            units.append([token])
    return units


def _belongs(unit: Sequence[Token], token: Token) -> bool:
    whole = unit[0]
    if whole.positions > 1:
        return token.position < whole.position + whole.positions
    if token.positions > 1 or any(token.form.endswith("'") for token in (*unit, token)):
        return False
    return any(char.isdigit() for word in (*unit, token) for char in word.form)
