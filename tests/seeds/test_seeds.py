"""The demo documents: what the folder promises to its readers and to the other tests.

Nothing here imports searchlib: the documents are read with the standard library alone, so that
these tests still speak when the library does not.
"""

import csv
import hashlib
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

SEEDS = Path(__file__).parents[2] / "seeds"
README = SEEDS / "README.md"
REFERENCE = SEEDS / "000_fcade4cba2916e83.txt"
FILES = sorted(path for path in SEEDS.iterdir() if path.is_file() and path != README)
FORMATS = {".txt", ".md", ".html", ".jsonl", ".csv"}
FIELDS = ["id", "titolo", "testo", "fonte", "data", "luogo"]

# Every other file is UTF-8: these two exist to be detected.
ENCODINGS = {"202_condominio.txt": "cp1252", "405_mura.html": "iso-8859-1"}

ROW = re.compile(r"\| \[(?P<name>[^]]+)\]\((?P<link>[^)]+)\) \|(?P<cells>.*)\|")


class VisibleText(HTMLParser):
    """The text of a page as its reader sees it: no scripts, no styles, no title."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter a hidden element."""
        self.hidden += tag in {"script", "style", "title"}

    def handle_endtag(self, tag: str) -> None:
        """Leave a hidden element."""
        self.hidden -= tag in {"script", "style", "title"}

    def handle_data(self, data: str) -> None:
        """Keep what is not hidden."""
        if not self.hidden:
            self.parts.append(data)


def text_of(path: Path) -> str:
    """The whole file, decoded with the encoding its README row states."""
    return path.read_bytes().decode(ENCODINGS.get(path.name, "utf-8"))


def records_of(path: Path) -> list[dict[str, str]]:
    """The records of a JSON-lines or CSV file."""
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text_of(path).splitlines()]
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def documents_of(path: Path) -> dict[str, str]:
    """The documents of a file, name to readable text: one, or one per record."""
    if path.suffix in {".jsonl", ".csv"}:
        return {f"{path.name}#{record['id']}": record["testo"] for record in records_of(path)}
    if path.suffix == ".html":
        page = VisibleText()
        page.feed(text_of(path))
        page.close()
        return {path.name: " ".join(page.parts)}
    return {path.name: text_of(path)}


def count_words(text: str) -> int:
    """How many whitespace-separated chunks hold at least one letter or digit."""
    return sum(any(map(str.isalnum, chunk)) for chunk in text.split())


def is_utf8(data: bytes) -> bool:
    """Whether the bytes decode as UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def of_format(*suffixes: str) -> list[Path]:
    """The files whose names end so."""
    return [path for path in FILES if path.suffix in suffixes]


def name_of(path: Path) -> str:
    """The name by which pytest shows a file."""
    return path.name


DOCUMENTS = {name: text for path in FILES for name, text in documents_of(path).items()}


def test_the_reference_document_is_kept_byte_for_byte() -> None:
    """The user's document has the digest it had on the day it was given."""
    digest = hashlib.sha256(REFERENCE.read_bytes()).hexdigest()
    assert digest == "f0c19786e91fafadc6fabc30fc6cce7ec2897fc4e8cb2d2b1a0a312484082035"


def test_there_are_at_least_sixty_documents() -> None:
    """Counting each record of the JSON-lines and CSV files, the documents are sixty or more."""
    assert len(DOCUMENTS) >= 60


def test_every_format_is_present_and_no_other() -> None:
    """The files are text, Markdown, HTML, JSON lines and CSV."""
    assert {path.suffix for path in FILES} == FORMATS


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_name_is_three_digits_and_a_slug(path: Path) -> None:
    """A file name sorts by its number and needs no quoting anywhere."""
    assert re.fullmatch(r"[0-9]{3}_[a-z0-9_]+\.[a-z]+", path.name)


def test_no_two_files_share_a_number() -> None:
    """The number alone tells a file."""
    shared = [number for number, n in Counter(path.name[:3] for path in FILES).items() if n > 1]
    assert shared == []


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != REFERENCE.name])
def test_a_document_has_150_to_800_words(name: str) -> None:
    """A document is long enough to rank and short enough to read in the demo."""
    assert 150 <= count_words(DOCUMENTS[name]) <= 800


def test_no_two_documents_share_a_paragraph() -> None:
    """A paragraph of twenty words or more belongs to one document only."""
    paragraphs = Counter(
        line.strip()
        for text in DOCUMENTS.values()
        for line in text.splitlines()
        if count_words(line) >= 20
    )
    assert [line for line, times in paragraphs.items() if times > 1] == []


@pytest.mark.parametrize("apostrophe", ["'", "’"])
def test_both_apostrophes_join_words(apostrophe: str) -> None:
    """The typewriter's and the typographer's apostrophes each join an article to its noun."""
    assert any(f"l{apostrophe}a" in text for text in DOCUMENTS.values())


@pytest.mark.parametrize("spelling", ["E'", "È", "perche'", "perché", "perchè", "po'", "po’"])
def test_right_and_wrong_accents_occur(spelling: str) -> None:
    """Accents written right, the wrong way round or as apostrophes each occur as whole words."""
    word = re.compile(rf"(?<!\w){spelling}(?!\w)")
    assert any(word.search(text) for text in DOCUMENTS.values())


@pytest.mark.parametrize("path", of_format(".jsonl", ".csv"), ids=name_of)
def test_records_carry_the_same_filled_fields(path: Path) -> None:
    """Every line or row parses into the six fields, each a string that is not blank."""
    records = records_of(path)
    assert len(records) >= 2
    for record in records:
        assert list(record) == FIELDS
        assert all(isinstance(value, str) and value.strip() for value in record.values())


@pytest.mark.parametrize("path", of_format(".jsonl", ".csv"), ids=name_of)
def test_records_are_dated_in_iso_and_named_after_their_file(path: Path) -> None:
    """A record's `data` is YYYY-MM-DD and its `id` is the file's number, a dash, its own number."""
    for number, record in enumerate(records_of(path), start=1):
        assert re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", record["data"])
        assert record["id"] == f"{path.name[:3]}-{number}"


@pytest.mark.parametrize("path", of_format(".csv"), ids=name_of)
def test_csv_records_hold_line_ends_and_quotes(path: Path) -> None:
    """The CSV files need a real parser: their texts hold line ends, commas and quotes."""
    text = "".join(record["testo"] for record in records_of(path))
    assert "\n" in text
    assert "," in text
    assert '"' in text


@pytest.mark.parametrize("path", of_format(".html"), ids=name_of)
def test_a_page_has_a_title_and_something_to_leave_out(path: Path) -> None:
    """A page has a title, and a script or a style sheet that no index may hold."""
    source = text_of(path)
    assert re.search(r"<title>[^<]+</title>", source)
    assert re.search(r"<(script|style)\b", source)


def test_only_the_two_declared_files_are_not_utf8() -> None:
    """Two files, and no others, do not decode as UTF-8."""
    refused = [path.name for path in FILES if not is_utf8(path.read_bytes())]
    assert refused == sorted(ENCODINGS)


def test_the_windows_1252_file_is_not_latin_1() -> None:
    """It holds curly apostrophes and euro signs, at bytes that ISO-8859-1 gives to controls."""
    data = (SEEDS / "202_condominio.txt").read_bytes()
    assert b"\x92" in data
    assert b"\x80" in data


def test_the_latin_1_page_declares_its_encoding() -> None:
    """Its meta element names ISO-8859-1 within the first kilobyte, where the standard looks."""
    assert b"charset=iso-8859-1" in (SEEDS / "405_mura.html").read_bytes()[:1024]


def test_only_the_reference_document_speaks_of_north_korean_missiles() -> None:
    """Both words meet in one document; others hold one of them or name the war in passing."""
    missiles = {name for name, text in DOCUMENTS.items() if re.search(r"(?i)\bmissil[ei]\b", text)}
    koreans = {name for name, text in DOCUMENTS.items() if re.search(r"(?i)\bnordcorean", text)}
    war = {name for name, text in DOCUMENTS.items() if "Ucraina" in text}
    assert missiles & koreans == {REFERENCE.name}
    assert len(missiles | koreans | war) >= 4


def readme_rows() -> dict[str, list[str]]:
    """The cells of the README's table by file name: kind, documents, words, topic, provenance."""
    rows = ROW.finditer(README.read_text(encoding="utf-8"))
    return {row["name"]: [cell.strip() for cell in row["cells"].split("|")] for row in rows}


def test_the_readme_lists_each_file_once() -> None:
    """The table's first column is the folder's listing, in order, each name a link to its file."""
    rows = [*ROW.finditer(README.read_text(encoding="utf-8"))]
    assert [row["name"] for row in rows] == [path.name for path in FILES]
    assert all(row["link"] == row["name"] for row in rows)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_the_readme_counts_what_the_file_holds(path: Path) -> None:
    """A row states how many documents and how many words its file holds."""
    texts = documents_of(path).values()
    _kind, documents, words, _topic, _provenance = readme_rows()[path.name]
    assert (int(documents), int(words)) == (len(texts), sum(map(count_words, texts)))


def test_the_readme_opens_with_the_totals() -> None:
    """The opening sentence counts the documents, the words and the files of the folder."""
    words = sum(map(count_words, DOCUMENTS.values()))
    totals = f"{len(DOCUMENTS)} documents, {words:,} words, in {len(FILES)} files."
    assert totals in README.read_text(encoding="utf-8")
