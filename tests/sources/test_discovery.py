"""Which files the paths of a command line lead to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from searchlib.sources import Limits, SourceKind, discover


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder, empty, for names relative to it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, *names: str) -> None:
    """Small files of these names, with their folders."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Prova.", "utf-8")


def test_a_folder_gives_its_files_and_those_below_in_sorted_order(folder: Path) -> None:
    """Order does not depend on the file system, so that indexing twice gives the same index."""
    write(folder, "b/z.txt", "b/a.md", "c.html", "a.csv", "b/d/e.jsonl", "x.HTM")
    assert [source.name for source in discover(["."]).sources] == [
        "a.csv",
        "b/a.md",
        "b/d/e.jsonl",
        "b/z.txt",
        "c.html",
        "x.HTM",
    ]


def test_each_suffix_has_its_kind(folder: Path) -> None:
    """The kind is told by the suffix alone, whatever its case."""
    write(folder, "a.txt", "b.MD", "c.html", "d.htm", "e.jsonl", "f.csv")
    assert [source.kind for source in discover(["."]).sources] == [
        SourceKind.TEXT,
        SourceKind.MARKDOWN,
        SourceKind.HTML,
        SourceKind.HTML,
        SourceKind.JSON_LINES,
        SourceKind.CSV,
    ]


def test_what_a_folder_holds_besides_documents_is_skipped_with_a_reason(folder: Path) -> None:
    """Hidden files and folders, READMEs and files of other kinds are counted, not read."""
    write(folder, "a.txt", ".b.txt", ".git/c.txt", "README.md", "readme.it.txt", "d.pdf", "e")
    found = discover(["."])
    assert [source.name for source in found.sources] == ["a.txt"]
    assert {str(skipped.path): skipped.reason for skipped in found.skipped} == {
        ".b.txt": "hidden",
        ".git": "hidden",
        "README.md": "README",
        "readme.it.txt": "README",
        "d.pdf": "other kind (.pdf)",
        "e": "other kind (no suffix)",
    }
    assert found.errors == ()


def test_a_named_file_is_never_skipped(folder: Path) -> None:
    """What is passed over in a folder is read when it is named, or refused when it cannot be."""
    write(folder, ".b.txt", "README.md", "d.pdf")
    found = discover([".b.txt", "README.md", "d.pdf"])
    assert [source.name for source in found.sources] == [".b.txt", "README.md"]
    assert found.skipped == ()
    assert [str(error) for error in found.errors] == [
        "d.pdf: expected a file of kind txt, md, html, htm, jsonl, csv by its suffix, found '.pdf'"
    ]


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("manca.txt", "no such file or folder"),
        ("manca/*.txt", "no file matches the pattern"),
        ("", "expected a path, found an empty one"),
    ],
)
def test_a_path_that_leads_nowhere_is_an_error(folder: Path, path: str, problem: str) -> None:
    """The other paths are read all the same."""
    write(folder, "a.txt")
    found = discover([path, "a.txt"])
    assert [error.problem for error in found.errors] == [problem]
    assert [source.name for source in found.sources] == ["a.txt"]


def test_a_path_with_a_nul_character_is_an_error(folder: Path) -> None:
    """The system refuses such a name with an error of another kind."""
    assert len(discover(["a\0.txt"]).errors) == 1


def test_a_pattern_matches_as_in_a_shell(folder: Path) -> None:
    """One star stays in its folder, two go below; skipping is as in folders."""
    write(folder, "l/a.txt", "l/b/c.txt", "l/README.txt", "l/d.md")
    assert [source.name for source in discover(["l/*.txt"]).sources] == ["l/a.txt"]
    assert [source.name for source in discover(["l/**/*.txt"]).sources] == ["l/a.txt", "l/b/c.txt"]


def test_a_file_whose_name_looks_like_a_pattern_is_itself(folder: Path) -> None:
    """A name that exists is not a pattern."""
    write(folder, "a[1].txt", "a1.txt")
    assert [source.name for source in discover(["a[1].txt"]).sources] == ["a[1].txt"]


def test_a_pattern_for_folders_restricts_what_they_give(folder: Path) -> None:
    """Without a slash it is compared with the name, with one to the path below the folder."""
    write(folder, "l/a.txt", "l/b/c.txt", "l/b/d.md", "e.md")
    by_name = discover(["l", "e.md"], pattern="*.txt")
    assert [source.name for source in by_name.sources] == ["l/a.txt", "l/b/c.txt", "e.md"]
    assert [skipped.reason for skipped in by_name.skipped] == ["does not match --glob"]
    by_path = discover(["l"], pattern="b/*")
    assert [source.name for source in by_path.sources] == ["l/b/c.txt", "l/b/d.md"]


def test_a_file_reached_twice_is_read_once(folder: Path) -> None:
    """By its folder and its name, by a relative and an absolute path, by a link."""
    write(folder, "l/a.txt")
    (folder / "l/b.txt").symlink_to("a.txt")
    found = discover(["l", "l/a.txt", str(folder / "l/a.txt")])
    assert [source.name for source in found.sources] == ["l/a.txt"]


def test_a_name_is_relative_to_the_current_folder_however_it_was_reached(folder: Path) -> None:
    """So indexing a folder by its absolute path replaces what its relative path added."""
    write(folder, "l/a.txt", "m/b.txt")
    assert [source.name for source in discover([str(folder / "l")]).sources] == ["l/a.txt"]
    assert [source.name for source in discover(["m/../l"]).sources] == ["l/a.txt"]


def test_a_file_outside_the_current_folder_has_its_absolute_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name with ``..`` would mean another file from another folder."""
    write(folder, "l/a.txt", "m/b.txt")
    monkeypatch.chdir(folder / "m")
    (source,) = discover(["../l"]).sources
    assert source.name == (folder / "l/a.txt").as_posix()


def test_a_loop_of_links_is_entered_once(folder: Path) -> None:
    """A link to a folder above, and one to itself, end the descent and are told."""
    write(folder, "l/a.txt")
    (folder / "l/su").symlink_to(folder / "l", target_is_directory=True)
    (folder / "l/sé.txt").symlink_to("sé.txt")
    found = discover(["l"])
    assert [source.name for source in found.sources] == ["l/a.txt"]
    assert [skipped.reason for skipped in found.skipped] == ["folder already read"]
    assert [error.path.name for error in found.errors] == ["sé.txt"]


def test_a_link_to_nothing_is_an_error(folder: Path) -> None:
    """It names a document that someone expects to be there."""
    write(folder, "a.txt")
    (folder / "b.txt").symlink_to("manca.txt")
    assert [error.problem for error in discover(["."]).errors] == ["a link to nothing"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_never_opened(folder: Path) -> None:
    """Reading one would wait for ever: skipped in a folder, refused by name."""
    os.mkfifo(folder / "tubo.txt")
    assert [skipped.reason for skipped in discover(["."]).skipped] == ["not a file"]
    (error,) = discover(["tubo.txt"]).errors
    assert error.problem.startswith("not a file; to read from a pipe")


def test_folders_too_deep_and_files_too_many_are_told(folder: Path) -> None:
    """Both limits leave what was found before them."""
    write(folder, "a.txt", "b.txt", "u/c.txt", "u/v/d.txt", "z.txt")
    deep = discover(["."], limits=Limits(depth=1))
    assert [source.name for source in deep.sources] == ["a.txt", "b.txt", "u/c.txt", "z.txt"]
    assert [str(error) for error in deep.errors] == ["u/v: more than 1 folders within one another"]
    many = discover(["."], limits=Limits(files=2))
    assert [source.name for source in many.sources] == ["a.txt", "b.txt"]
    (error,) = many.errors
    assert error.path == Path("u/c.txt")
    assert "more than 2 files" in error.problem


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything"
)
def test_a_folder_that_cannot_be_read_is_an_error(folder: Path) -> None:
    """The folders beside it are read."""
    write(folder, "a/b.txt", "c/d.txt")
    (folder / "a").chmod(0)
    try:
        found = discover(["."])
    finally:
        (folder / "a").chmod(0o700)
    assert [source.name for source in found.sources] == ["c/d.txt"]
    assert [error.path.name for error in found.errors] == ["a"]


def test_standard_input_is_json_lines() -> None:
    """A dash is no file name."""
    (source,) = discover(["-"]).sources
    assert (source.kind, source.name) == (SourceKind.JSON_LINES, "-")
