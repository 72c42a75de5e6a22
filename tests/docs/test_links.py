"""The links of the documentation: each leads somewhere, and each page is led to."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

PATH_IN_CODE = re.compile(r"[.a-z][\w.-]*(?:/[\w.-]+)+/?|[\w-]+/|[\w-]+\.(?:py|md|toml)")

# Made by using the project, so that a fresh copy has none of them; and names to be filled in.
MADE_LATER = re.compile(
    r"\.venv/|indexes/[\w-]+/?$|benchmarks/results/|searchlib/_native\.abi3|.*\bNAME\b"
)


def anchor(heading: str) -> str:
    """The anchor that Markdown hosts give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(page: Any) -> set[str]:
    """The anchors of a page."""
    headings = zip(page.tokens, page.tokens[1:], strict=False)
    return {anchor(text.content) for mark, text in headings if mark.type == "heading_open"}


def targets(page: Any) -> Iterator[tuple[Path, str]]:
    """Yields the file and the anchor of each link or image of a page that is not on the web."""
    found = [str(token.attrs["href"]) for token in page.inline("link_open")]
    found += [str(token.attrs["src"]) for token in page.inline("image")]
    for link in found:
        if not re.match(r"[a-z]+:", link):
            path, _, fragment = unquote(link).partition("#")
            yield (page.path.parent / path if path else page.path).resolve(), fragment


def test_every_relative_link_leads_somewhere(page: Any, pages: list[Any], project: Path) -> None:
    """A link names a file that is there and, after ``#``, a heading that is in it."""
    by_path = {other.path: other for other in pages}
    offences = []
    for path, fragment in targets(page):
        if not path.exists():
            offences.append(f"{path} does not exist")
        elif project not in path.parents:
            offences.append(f"{path} is outside of the project")
        elif fragment and path in by_path and fragment not in anchors(by_path[path]):
            offences.append(f"{path} has no heading #{fragment}")
    assert offences == []


def test_every_page_and_picture_is_linked(pages: list[Any], project: Path) -> None:
    """From the README one reaches every file under docs, link by link."""
    by_path = {page.path: page for page in pages}
    reached: set[Path] = set()
    pending = [project / "README.md"]
    while pending:
        path = pending.pop()
        if path not in reached:
            reached.add(path)
            if path in by_path:
                pending += [target for target, _ in targets(by_path[path])]
    documentation = {path for path in (project / "docs").rglob("*") if path.is_file()}
    documentation = {path for path in documentation if path.suffix != ".py"}
    assert {
        str(path) for path in documentation - reached if "__pycache__" not in str(path)
    } == set()


def is_there(named: str, page: Any, project: Path) -> bool:
    """Tells whether a path leads somewhere from the project or the page; a bare name anywhere."""
    if "/" not in named:
        parts = ("searchlib", "tests", "benchmarks", "docs")
        if any(found for part in parts for found in (project / part).rglob(named)):
            return True
    return (project / named).exists() or (page.path.parent / named).exists()


def test_every_path_named_in_code_exists(page: Any, project: Path) -> None:
    """A path within backticks is one of this project, and is still there.

    The changelog is exempt: it tells of files that were.
    """
    named = [token.content for token in page.inline("code_inline")]
    offences = [
        path
        for path in named
        if PATH_IN_CODE.fullmatch(path)
        and not MADE_LATER.match(path)
        and not is_there(path, page, project)
    ]
    assert page.name == "CHANGELOG.md" or offences == []


def test_anchors_are_those_of_markdown_hosts() -> None:
    """A heading's anchor is in lower case, with hyphens for spaces and without punctuation."""
    assert anchor("What it isn't, yet") == "what-it-isnt-yet"
