"""Generated collections repeat themselves and look like Italian; files come back as written."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from itertools import islice
from math import log
from pathlib import Path
from random import Random
from statistics import linear_regression, median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snowballstemmer import stemmer

from benchmarks import corpora
from benchmarks.corpora import (
    Document,
    document,
    generate,
    load,
    plain,
    sample,
    sample_file,
    save,
    save_generated,
    text_bytes,
)
from benchmarks.errors import CollectionError
from benchmarks.italian import Ranked, determiner_class

_WORD = re.compile(r"[^\W_]+")
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_DOCUMENTS = st.lists(
    st.builds(
        lambda key, title, body: Document(id=key, titolo=title, testo=body), _TEXT, _TEXT, _TEXT
    )
)


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    """Eight hundred documents, about 120,000 words."""
    return list(generate(800))


@pytest.fixture(scope="module")
def words(documents: list[Document]) -> list[str]:
    """Their words in lower case, in text order."""
    return [word for one in documents for word in _WORD.findall(one["testo"].lower())]


def test_same_seed_gives_the_same_bytes() -> None:
    """Two generations with one seed are equal to the byte, and another seed gives another text."""
    assert json.dumps(list(generate(30, seed=5))) == json.dumps(list(generate(30, seed=5)))
    assert document(0, seed=5)["testo"] != document(0, seed=6)["testo"]


@given(small=st.integers(0, 12), more=st.integers(0, 12))
@settings(max_examples=15, deadline=None)
def test_smaller_collection_begins_the_larger(small: int, more: int) -> None:
    """The first n documents of a larger collection are the collection of n documents."""
    assert list(islice(generate(small + more), small)) == list(generate(small))


def test_collections_are_streams() -> None:
    """The first document of a collection larger than any memory comes at once."""
    assert next(generate(10**15))["id"] == "d0"


def test_commonest_words_take_the_share_they_take_in_italian(words: list[str]) -> None:
    """The shares of the top 1, 10 and 100 words lie around those of Italian encyclopedic text.

    SQuAD-it, tokenised alike, has 4.1, 18.8 and 43.0 per cent; Italian manuals 4.7, 19.4, 46.1.
    """
    counts = [count for _, count in Counter(words).most_common()]
    assert 0.025 < counts[0] / len(words) < 0.06
    assert 0.15 < sum(counts[:10]) / len(words) < 0.24
    assert 0.38 < sum(counts[:100]) / len(words) < 0.52


def test_frequency_falls_with_rank_as_zipf_says(words: list[str]) -> None:
    """Between ranks 10 and 2,000 frequency is close to a power of rank, the exponent near -1."""
    counts = [count for _, count in Counter(words).most_common(2000)]
    ranks = range(10, 2001)
    fit = linear_regression([log(r) for r in ranks], [log(counts[r - 1]) for r in ranks])
    assert -1.3 < fit.slope < -0.8


def test_vocabulary_keeps_growing(words: list[str]) -> None:
    """The second half of the words brings new ones, a third to a full half of what the first had.

    Heaps' law with the exponent of Italian text (0.6 to 0.75) gives a growth of 1.5 to 1.7.
    """
    half, whole = len(set(words[: len(words) // 2])), len(set(words))
    assert 1.3 < whole / half < 1.8


def test_lengths_are_those_of_news_and_paragraphs(documents: list[Document]) -> None:
    """Half of the documents lie below about 120 words, a tenth is more than twice as long."""
    lengths = sorted(len(_WORD.findall(one["testo"])) for one in documents)
    assert 95 < median(lengths) < 150
    assert 1.9 < lengths[int(0.9 * len(lengths))] / median(lengths) < 3.2
    assert lengths[0] >= 10


def test_words_recur_inside_a_document(documents: list[Document]) -> None:
    """A document repeats its words as real ones do: 1.2 to 1.8 times each on average."""
    rates = []
    for one in documents:
        found = _WORD.findall(one["testo"].lower())
        rates.append(len(found) / len(set(found)))
    assert 1.2 < sum(rates) / len(rates) < 1.8


def test_function_words_are_italian_and_frequent(words: list[str]) -> None:
    """Each of these has between a third and three times its share of SQuAD-it, in per cent."""
    counts = Counter(words)
    shares = {"di": 4.06, "e": 2.79, "il": 2.14, "la": 2.13, "che": 1.51, "in": 1.38, "è": 1.18}
    shares |= {"del": 1.16, "per": 1.10, "l": 1.08, "della": 1.00, "non": 0.45, "dell": 0.50}
    for word, share in shares.items():
        assert share / 3 < 100 * counts[word] / len(words) < share * 3, word


def test_articles_elide_and_agree(documents: list[Document]) -> None:
    """No *il* before a vowel, *z* or *s* and consonant; *dell'* and *un'* only before a vowel."""
    text = "\n".join(one["testo"] for one in documents).lower().replace("’", "'")
    assert not re.findall(r"\b(?:il|del|nel) (?:[aeiouàèéìòù]|z|s[^aeiouh\W])\w*", text)
    assert not re.findall(r"\b(?:un|dell|nell|quest)'[^aeiouàèéìòù]\w*", text)
    assert len(re.findall(r"\bdell'[aeiou]\w*", text)) > 100


@pytest.mark.parametrize(
    "pattern",
    [
        r"\w'\w",
        r"\w’\w",
        r"\b(?:citta|universita)'(?!\w)",
        r"\b\d{1,3}\.\d{3}\b",
        r"\d,\d%",
        r"\b[A-Z]\w+ [A-Z]\w+",
        r"S\.p\.A\.",
        r"«[^»]+»",
        r"[a-z][àòì]\b",
        r"\?",
        r"\n",
    ],
)
def test_spelling_has_the_variety_of_real_texts(documents: list[Document], pattern: str) -> None:
    """Both apostrophes, accents written as apostrophes, amounts, names, quotations all occur."""
    assert any(re.search(pattern, one["testo"]) for one in documents)


@pytest.mark.parametrize(
    ("noun", "is_feminine", "is_plural", "article"),
    [
        ("libro", False, False, "il"),
        ("zaino", False, False, "lo"),
        ("studente", False, False, "lo"),
        ("gnomo", False, False, "lo"),
        ("psicologo", False, False, "lo"),
        ("sale", False, False, "il"),
        ("albero", False, False, "l'"),
        ("casa", True, False, "la"),
        ("zona", True, False, "la"),
        ("isola", True, False, "l'"),
        ("libri", False, True, "i"),
        ("studenti", False, True, "gli"),
        ("alberi", False, True, "gli"),
        ("isole", True, True, "le"),
    ],
)
def test_article_of_a_noun(noun: str, is_feminine: bool, is_plural: bool, article: str) -> None:
    """The class of a noun picks the article that Italian grammar asks for."""
    articles = ("il", "lo", "l'", "la", "l'", "i", "gli", "le")
    assert articles[determiner_class(noun, is_feminine=is_feminine, is_plural=is_plural)] == article


def test_ranked_draws_follow_their_law() -> None:
    """Draws of rank r come in proportion to 1/(r+q)^s: 1/4, 1/9 and 1/16 for q = 1, s = 2."""
    draws = Counter(Ranked("abc", shift=1.0, exponent=2.0).draw(Random(1), 20_000))
    total = 1 / 4 + 1 / 9 + 1 / 16
    for entry, weight in {"a": 1 / 4, "b": 1 / 9, "c": 1 / 16}.items():
        assert draws[entry] / 20_000 == pytest.approx(weight / total, abs=0.015)


@given(documents=_DOCUMENTS)
@settings(max_examples=50, deadline=None)
def test_saved_documents_load_as_they_were(
    documents: list[Document], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the texts hold, a file gives its documents back, plain and gzipped."""
    path = tmp_path_factory.mktemp("raccolta") / "passi.jsonl"
    described = save(documents, path)
    assert list(load(path)) == documents
    assert list(load(path, limit=1)) == documents[:1]
    compressed = path.with_suffix(".jsonl.gz")
    compressed.write_bytes(gzip.compress(path.read_bytes()))
    assert list(load(compressed)) == documents
    assert (described.name, described.documents) == ("passi", len(documents))
    assert described.text_bytes == sum(text_bytes(one) for one in documents)


def test_several_processes_write_what_one_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A collection written in parts by two processes is the stream of its documents, and as long.

    Shorter documents are as many; the median one ends with the sentence that fills it.
    """
    monkeypatch.setattr(corpora, "_PART_DOCUMENTS", 7)
    path = tmp_path / "passi.jsonl"
    described = save_generated(150, path, seed=3, median_words=20, processes=2)
    expected = list(generate(150, seed=3, median_words=20))
    assert list(load(path)) == expected
    assert described == corpora.Collection("passi", 150, sum(map(text_bytes, expected)))
    # The last sentence is written to its end, half of whose 19 words come on top, and more.
    assert 20 < median(len(_WORD.findall(one["testo"])) for one in expected) < 45


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_plain_words_are_left_alone_by_stemmers(seed: int) -> None:
    """No plain word is changed by Snowball, and a document has as many words as before."""
    one = document(0, seed=1 + seed % 2, median_words=10 + seed)
    found = plain(one)["testo"].split()
    stem = stemmer("italian").stemWord
    assert [stem(word) for word in found] == found
    assert len(found) == len(_WORD.findall(one["testo"]))
    assert " ".join(found).isascii()


def test_sample_of_a_file_is_a_sample_of_its_documents(tmp_path: Path) -> None:
    """Sampling lines and reading those gives what sampling the documents gives."""
    path = tmp_path / "passi.jsonl"
    save(generate(40), path)
    assert sample_file(path, 6, seed=2) == sample(generate(40), 6, seed=2)


def test_title_may_be_missing_and_other_members_are_left_out(tmp_path: Path) -> None:
    """A line with no title has an empty one, and a source that is no field is not taken over."""
    path = tmp_path / "passi.jsonl"
    path.write_text('{"id": "1", "testo": "È qui.", "fonte": "AP"}\n', encoding="utf-8")
    assert list(load(path)) == [{"id": "1", "titolo": "", "testo": "È qui."}]


@pytest.mark.parametrize(
    "line", ["{", "[]", '"testo"', '{"id": "1"}', '{"id": 1, "testo": ""}', '{"testo": ""}']
)
def test_line_that_is_no_document_is_named(tmp_path: Path, line: str) -> None:
    """The error tells the file and the line, counted from 1."""
    path = tmp_path / "passi.jsonl"
    path.write_text(f'{{"id": "1", "testo": ""}}\n{line}\n', encoding="utf-8")
    with pytest.raises(CollectionError, match=re.escape("passi.jsonl, line 2")) as caught:
        list(load(path))
    assert (caught.value.path, caught.value.line) == (path, 2)
