"""Packing: from a dictionary of forms and terms to the text that the analyser reads.

The format is told in `searchlib/analysis/lexicon.py`. What is packed here is asked again there,
form by form; whatever does not come out right becomes an exception. So the packing may be
clever and needs no proof.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from searchlib.analysis.lexicon import Lexicon

__all__ = ["pack"]

# A stem, and the class of its endings: how the term ends, or "/" and the whole term, and how the
# forms do.
Class = tuple[str, frozenset[str]]

# A class with fewer stems than this costs more than the exceptions that it saves.
_FEWEST_STEMS = 40

# An ending that a stem lacks in the source and would get from its class makes a form that no
# source attests: half as bad as an exception.
_INVENTED = 0.5

# Stems are the term without up to this many letters (-iare, -gliere).
_LONGEST_TERM_ENDING = 6


def pack(terms: dict[str, str]) -> str:
    """Return the text of a lexicon, without its seal, that gives each form its term."""
    forms_of: dict[str, set[str]] = defaultdict(set)
    for form, term in terms.items():
        forms_of[term].add(form)
    popular = _popular(forms_of)
    stems: dict[Class, list[str]] = defaultdict(list)
    rests: dict[str, set[str]] = {}
    for term, forms in sorted(forms_of.items()):
        best = _best(term, forms, popular, terms)
        if best is not None:
            stem, each = best
            stems[each].append(stem)
            covered = {stem + ending for ending in each[1]}
        else:
            covered = set()
        if forms - covered:
            rests[term] = forms - covered
    irregular = _irregular(rests)
    regular = "\n".join(_lines(stems))
    text = "\n".join(filter(None, [regular, *_irregular_lines(irregular)]))
    unpacked = Lexicon.parse(text)
    wrong = sorted(f"{form}/{term}" for form, term in terms.items() if unpacked.term(form) != term)
    return f"{text}\n! {' '.join(wrong)}" if wrong else text


def _splits(term: str, forms: Iterable[str]) -> Iterator[tuple[str, Class]]:
    """Yield each stem that the term offers, with the class of all the forms that have it."""
    for size in range(max(1, len(term) - _LONGEST_TERM_ENDING), len(term) + 1):
        stem = term[:size]
        endings = frozenset(form[size:] for form in forms if form.startswith(stem))
        if endings:
            yield stem, (term[size:], endings)


def _popular(forms_of: dict[str, set[str]]) -> dict[str, list[frozenset[str]]]:
    """Return the classes that several terms have, by the ending of the term."""
    count: Counter[Class] = Counter()
    for term, forms in forms_of.items():
        for _, each in _splits(term, forms):
            count[each] += 1
    popular: dict[str, list[frozenset[str]]] = defaultdict(list)
    for (of_term, endings), stems in sorted(
        count.items(), key=lambda item: (-item[1], item[0][0], sorted(item[0][1]))
    ):
        if stems >= _FEWEST_STEMS:
            popular[of_term].append(endings)
    return popular


def _best(
    term: str,
    forms: set[str],
    popular: dict[str, list[frozenset[str]]],
    terms: dict[str, str],
) -> tuple[str, Class] | None:
    """Return the stem and the class that leave the fewest exceptions, or None for none."""
    best: tuple[str, Class] | None = None
    lowest = float(len(forms))
    for stem, (of_term, endings) in _splits(term, forms):
        outside = len(forms) - len(endings)
        if outside >= lowest:
            continue
        for candidate in popular.get(of_term, ()):
            cost = outside + len(endings - candidate)
            if cost < lowest and len(candidate) < 2 * len(endings) + 2:
                for ending in candidate - endings:
                    cost += 1 if stem + ending in terms else _INVENTED
                if cost < lowest:
                    lowest, best = cost, (stem, (of_term, candidate))
    return best


def _irregular(rests: dict[str, set[str]]) -> dict[frozenset[str], list[tuple[str, str]]]:
    """Return the classes of what is left, by stems of their own: pos-e, pos-ero of porre."""
    count: Counter[frozenset[str]] = Counter()
    groups: list[tuple[str, str, frozenset[str]]] = []
    for term, forms in sorted(rests.items()):
        for size in range(1, 12):
            by_stem: dict[str, set[str]] = defaultdict(set)
            for form in forms:
                if len(form) >= size:
                    by_stem[form[:size]].add(form[size:])
            for stem, endings in by_stem.items():
                if len(endings) > 1:
                    groups.append((term, stem, frozenset(endings)))
                    count[frozenset(endings)] += 1
    chosen: dict[frozenset[str], list[tuple[str, str]]] = defaultdict(list)
    taken: set[tuple[str, str]] = set()
    for term, stem, endings in sorted(groups, key=lambda group: (-len(group[2]), -len(group[1]))):
        forms = {(term, stem + ending) for ending in endings}
        if count[endings] >= _FEWEST_STEMS and not forms & taken:
            taken |= forms
            chosen[endings].append((stem, term))
    return chosen


def _lines(stems: dict[Class, list[str]]) -> Iterator[str]:
    """Yield the lines of the classes, those with the most stems first."""
    for (of_term, endings), members in sorted(
        stems.items(), key=lambda item: (-len(item[1]), item[0][0], sorted(item[0][1]))
    ):
        yield _class_line(of_term, endings)
        yield "+ " + " ".join(sorted(members))


def _irregular_lines(classes: dict[frozenset[str], list[tuple[str, str]]]) -> Iterator[str]:
    """Yield the lines of the classes whose stems have whole terms."""
    for endings, members in sorted(classes.items(), key=lambda item: sorted(item[0])):
        yield _class_line("", endings)
        yield "+ " + " ".join(f"{stem}/{term}" for stem, term in sorted(members))


def _class_line(of_term: str, endings: frozenset[str]) -> str:
    return "= " + " ".join(ending or "-" for ending in (of_term, *sorted(endings)))
