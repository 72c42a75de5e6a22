"""What the documentation tests read: the pages, and the blocks of code in them."""

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

PROJECT = Path(__file__).parents[2]

# The pages that are about this project; the sample documents are pages about the world.
PAGES = sorted(
    [
        *PROJECT.glob("*.md"),
        *PROJECT.glob("docs/**/*.md"),
        *PROJECT.glob("indexes/*.md"),
        PROJECT / "seeds" / "README.md",
    ]
)


@attrs.frozen
class Block:
    """A fenced block of a page: its language, its text, and the line where the text begins."""

    language: str
    text: str
    line: int


@attrs.frozen
class Page:
    """A page: its file, its Markdown tokens, its blocks of code."""

    path: Path
    text: str
    tokens: list[Token]

    @property
    def name(self) -> str:
        """The path within the project."""
        return self.path.relative_to(PROJECT).as_posix()

    def blocks(self, *languages: str) -> Iterator[Block]:
        """Yields the fenced blocks in one of these languages."""
        for token in self.tokens:
            if token.type == "fence" and token.info in languages and token.map is not None:
                yield Block(token.info, token.content, token.map[0] + 1)

    def inline(self, kind: str) -> Iterator[Token]:
        """Yields the inline tokens of one kind: ``link_open``, ``image``, ``code_inline``."""
        for token in self.tokens:
            yield from (child for child in token.children or () if child.type == kind)


def read_page(path: Path) -> Page:
    """Reads and parses a page."""
    text = path.read_text("utf-8")
    return Page(path, text, MarkdownIt("commonmark").enable("table").parse(text))


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the project."""
    return PROJECT


@pytest.fixture(scope="session")
def pages() -> list[Page]:
    """Every page, parsed."""
    return [read_page(path) for path in PAGES]


@pytest.fixture(params=PAGES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def page(request: pytest.FixtureRequest) -> Page:
    """Each page in turn."""
    return read_page(request.param)
