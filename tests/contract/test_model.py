"""A search against its definition, computed from the documents by brute force.

The model knows the analysis (that is what words are) and nothing else of searchlib: it reads each
document in turn and decides by the sentences of the query language's description.
"""

from __future__ import annotations

import itertools
import math
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import attrs
from hypothesis import example, given, settings
from hypothesis import strategies as st

import searchlib
from searchlib import query as q
from searchlib.analysis import fold, is_stop_word, shared_analyzer

WORDS = [
    "missile",
    "missili",
    "nordcoreani",
    "nordcoreano",
    "casa",
    "caso",
    "dell'arte",
    "l'arte",
    "città",
    "citta'",
    "perché",
    "perche'",
    "di",
    "la",
    "il",
    "un",
    "nord-coreano",
    "Muhajir-6",
    "USA",
    "U.S.A.",
    "amico",
    "amici",
    "pesca",
    "pesce",
    "però",
    "pero",
]
ANALYZER = shared_analyzer

documents = st.lists(
    st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), min_size=1, max_size=8
)
words = st.sampled_from([word for word in WORDS if "-" not in word])
leaves = st.one_of(
    st.builds(q.Word, words),
    st.builds(
        q.Phrase,
        st.lists(words, min_size=1, max_size=3).map(" ".join),
        slop=st.integers(0, 2),
    ),
    st.builds(q.Exact, st.lists(words, min_size=1, max_size=2).map(" ".join)),
    st.builds(q.Prefix, st.sampled_from(["mis", "nord", "c", "citt", "perche", "a", "z"])),
    st.builds(q.Wildcard, st.sampled_from(["m*e", "cas?", "*i", "p?sc*", "c?tt?"])),
    st.builds(q.Fuzzy, st.sampled_from(["casa", "misile", "pesto"]), edits=st.integers(1, 2)),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(q.All, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(q.Any, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(q.Not, inner),
    ),
    max_leaves=5,
)


@attrs.frozen
class Text:
    """The words of one document as the definitions speak of them.

    At each position stands a word; where a compound begins, its joined whole as well.
    """

    terms: dict[int, set[str]]
    forms: dict[int, set[str]]

    @classmethod
    def of(cls, text: str) -> Text:
        """Analyses a text."""
        made = cls({}, {})
        for token in ANALYZER.analyze(text):
            made.terms.setdefault(token.position, set()).add(token.term)
            made.forms.setdefault(token.position, set()).add(token.form)
        return made

    @property
    def every_form(self) -> set[str]:
        """The forms wherever they stand."""
        return set().union(*self.forms.values())

    @property
    def every_term(self) -> set[str]:
        """The terms wherever they stand."""
        return set().union(*self.terms.values())


def has_phrase(at: dict[int, set[str]], wanted: Sequence[str], slop: int) -> bool:
    """Whether the words stand in order somewhere, at most slop others between them."""
    return any(
        all(word in at.get(place, ()) for place, word in zip(places, wanted, strict=True))
        for start in at
        for places in itertools.combinations(range(start, start + len(wanted) + slop), len(wanted))
    )


def distance(a: str, b: str) -> int:
    """Edits between two words, two adjacent letters exchanged being one edit."""
    if not a or not b:
        return len(a) + len(b)
    best = min(
        distance(a[1:], b) + 1,
        distance(a, b[1:]) + 1,
        distance(a[1:], b[1:]) + (a[0] != b[0]),
    )
    if len(a) > 1 and len(b) > 1 and a[:2] == b[1::-1]:
        best = min(best, distance(a[2:], b[2:]) + 1)
    return best


def close(a: str, b: str, edits: int) -> bool:
    """Whether two words are that close; most pairs are decided by their lengths."""
    return abs(len(a) - len(b)) <= edits and distance(a, b) <= edits


def fits(pattern: str, word: str) -> bool:
    """Whether a wildcard pattern is the shape of a word."""
    if not pattern:
        return not word
    if pattern[0] == "*":
        return any(fits(pattern[1:], word[cut:]) for cut in range(len(word) + 1))
    return bool(word) and pattern[0] in ("?", word[0]) and fits(pattern[1:], word[1:])


def matches(tree: q.Query, text: Text) -> bool:
    """Whether a document satisfies a leaf or an explicit combination."""
    match tree:
        case q.Word(word):
            return _selects(word, text)
        case q.Phrase(phrase, slop):
            wanted = [token.term for token in ANALYZER.analyze(phrase) if token.positions == 1]
            return has_phrase(text.terms, wanted, slop)
        case q.Exact(phrase):
            wanted = [token.form for token in ANALYZER.analyze(phrase) if token.positions == 1]
            return has_phrase(text.forms, wanted, 0)
        case q.Prefix(start):
            return any(fold(form).startswith(start) for form in text.every_form)
        case q.Wildcard(pattern):
            return any(fits(pattern, fold(form)) for form in text.every_form)
        case q.Fuzzy(word, edits):
            return any(close(word, fold(form), edits) for form in text.every_form)
        case q.Not(clause):
            return not matches(clause, text)
        case q.All(clauses) | q.Any(clauses):
            stops = [clause for clause in clauses if _is_stop(clause)]
            others = [clause for clause in clauses if not _is_stop(clause)]
            found = [matches(clause, text) for clause in others]
            if stops and all(map(_is_negative, others)):
                found.append(all(matches(clause, text) for clause in stops))
            return all(found) if isinstance(tree, q.All) else any(found)
    raise AssertionError(tree)


def _is_negative(tree: q.Query) -> bool:
    match tree:
        case q.Not(clause):
            return not _is_negative(clause)
        case q.All(clauses) | q.Any(clauses):
            return all(map(_is_negative, clauses))
    return False


def _is_stop(tree: q.Query) -> bool:
    if isinstance(tree, q.Word):
        return all(is_stop_word(token.form) for token in ANALYZER.analyze(tree.text))
    return False


def _selects(word: str, text: Text) -> bool:
    tokens = ANALYZER.analyze(word)
    content = [token for token in tokens if not is_stop_word(token.form)]
    return all(token.term in text.every_term for token in content or tokens)


@contextmanager
def _index(texts: Sequence[str], engine: str, commits: int) -> Iterator[searchlib.Index]:
    schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
    size = -(-len(texts) // commits)
    numbered = list(enumerate(texts))
    with (
        tempfile.TemporaryDirectory() as folder,
        searchlib.create(folder, schema, engine=engine) as index,
    ):
        for start in range(0, len(texts), size):
            with index.writer() as writer:
                for number, text in numbered[start : start + size]:
                    writer.add({"id": str(number), "testo": text})
        yield index


@settings(max_examples=60, deadline=None)
@example(texts=["casa", "la casa"], tree=q.All((q.Word("la"), q.Not(q.Word("usa")))), commits=1)
@example(texts=["casa", "la casa"], tree=q.Any((q.Word("la"), q.Not(q.Word("casa")))), commits=1)
@given(texts=documents, tree=trees, commits=st.integers(1, 3))
def test_hits_are_exactly_the_documents_that_satisfy_the_query(
    engine: str, texts: list[str], tree: q.Query, commits: int
) -> None:
    """Every hit satisfies the query and every document that satisfies it is a hit."""
    expected = {str(number) for number, text in enumerate(texts) if matches(tree, Text.of(text))}
    with _index(texts, engine, commits) as index:
        assert {hit.id for hit in index.search(tree, limit=100)} == expected
        assert index.count(tree) == len(expected)
        assert {hit.id for hit in index.search(str(tree), limit=100)} == expected


@settings(max_examples=60, deadline=None)
@given(
    texts=documents,
    typed=st.lists(words, min_size=1, max_size=4),
    mode=st.sampled_from(["any", "all"]),
    commits=st.integers(1, 3),
)
def test_words_score_by_the_formula_of_bm25(
    engine: str, texts: list[str], typed: list[str], mode: str, commits: int
) -> None:
    """ranking="bm25" is the sum over the words of idf and saturated frequency, from scratch."""
    analysed = [ANALYZER.analyze(text) for text in texts]
    wanted = [token for word in typed for token in ANALYZER.analyze(word)]
    content = [token for token in wanted if not is_stop_word(token.form)]
    join = all if mode == "all" or not content else any
    lengths = [sum(token.positions == 1 for token in tokens) for tokens in analysed]
    average = sum(lengths) / len(texts)
    expected: dict[str, float] = {}
    for number, tokens in enumerate(analysed):
        terms = [token.term for token in tokens]
        if not join(token.term in terms for token in content or wanted):
            continue
        score = 0.0
        for token in wanted:
            frequency = terms.count(token.term)
            holding = sum(any(other.term == token.term for other in others) for others in analysed)
            idf = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
            if frequency:
                norm = 1.2 * (1 - 0.75 + 0.75 * lengths[number] / average)
                score += idf * frequency / (frequency + norm)
        expected[str(number)] = score
    order = sorted(expected, key=lambda id: (-expected[id], int(id)))
    with _index(texts, engine, commits) as index:
        results = index.search(" ".join(typed), mode=mode, ranking="bm25", limit=100)
        assert {hit.id for hit in results} == set(expected)
        for hit, id in zip(results, order, strict=True):
            assert math.isclose(hit.score, expected[hit.id], rel_tol=1e-6)
            assert math.isclose(hit.score, expected[id], rel_tol=1e-6)


@settings(max_examples=40, deadline=None)
@given(texts=documents, typed=st.lists(words, min_size=1, max_size=4))
def test_a_commit_boundary_changes_nothing(engine: str, texts: list[str], typed: list[str]) -> None:
    """The same documents in one commit or in one each give the same hits, scores and order."""
    answers = []
    for commits in (1, len(texts)):
        with _index(texts, engine, commits) as index:
            answers.append([(hit.id, round(hit.score, 9)) for hit in index.search(" ".join(typed))])
    assert answers[0] == answers[1]
