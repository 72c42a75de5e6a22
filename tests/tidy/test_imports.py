"""What has to be imported before anything happens: as little as the task at hand needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import searchlib

LATE = {"asyncio", "decimal", "hashlib", "html", "importlib.metadata", "shutil"}
"""Slow modules of the standard library, which a user of a few functions only needs."""

TABLES_AND_GRAMMARS = {
    f"searchlib.{name}"
    for name in (
        *("analysis.chunks", "analysis.lexicon", "analysis.tables", "highlight", "likeness"),
        *("query.construction", "query.parser", "query.patterns", "query.values", "suggest"),
    )
}
"""What is read or compiled when it is first of use."""

MODULES_AFTER = """
import sys
before = set(sys.modules)
try:
    {statement}
finally:
    print(*sorted(set(sys.modules) - before), file=sys.stderr)
"""

QUERY = "from searchlib.cli import main; main(['query', '--index', {index!r}, 'missile'])"


def modules_after(statement: str, project: Path) -> set[str]:
    """The modules that a statement imports in a new interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", MODULES_AFTER.format(statement=statement)],
        env={**os.environ, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.split())


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """An index of one document about missiles."""
    schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
    place = tmp_path / "indice"
    with searchlib.create(place, schema, engine="whoosh") as made, made.writer() as writer:
        writer.add({"id": "1", "testo": "I missili nordcoreani"})
    return place


def test_importing_the_library_imports_no_third_party_package_but_attrs(project: Path) -> None:
    """Engines, the stemmer and the lock are imported where an index is opened or written."""
    roots = {name.partition(".")[0] for name in modules_after("import searchlib", project)}
    assert roots - sys.stdlib_module_names == {"searchlib", "attr", "attrs"}


def test_importing_the_library_imports_what_it_needs_of_itself(project: Path) -> None:
    """The command line, the sources and the engines wait, as does what is slow and seldom used."""
    modules = modules_after("import searchlib", project)
    assert {"searchlib.index", "searchlib.query.rewrite"} <= modules
    assert modules & (LATE | TABLES_AND_GRAMMARS) == set()
    assert modules & {"searchlib.cli", "searchlib.sources", "searchlib.engines.whoosh"} == set()


def test_stemming_imports_the_italian_stemmer_alone(project: Path) -> None:
    """The other languages of snowballstemmer are not imported."""
    modules = modules_after("from searchlib.analysis.stemming import stem; stem('a')", project)
    assert not [name for name in modules if "stemmer" in name and "german" in name]
    assert [name for name in modules if name.endswith(".italian_stemmer")]


@pytest.mark.parametrize("package", ["searchlib", "searchlib.analysis", "searchlib.query"])
def test_every_name_of_a_package_is_there_when_asked_for(package: str, project: Path) -> None:
    """In a new interpreter each exported name is listed and is found; any other is not."""
    program = (
        f"import {package} as it; assert set(it.__all__) <= set(dir(it)); "
        "assert all(getattr(it, name) is getattr(it, name) for name in it.__all__); "
        "assert not hasattr(it, 'niente')"
    )
    assert f"{package}" in modules_after(program, project)


def test_a_query_imports_nothing_that_reads_files_or_writes_an_index(
    project: Path, index: Path
) -> None:
    """On an index that is there, the command needs its engine and no other command."""
    modules = modules_after(QUERY.format(index=str(index)), project)
    assert {"searchlib.cli.query_command", "searchlib.engines.whoosh.snapshot"} <= modules
    assert modules & {"bs4", "charset_normalizer", "filelock", "markdown_it", "rich"} == set()
    writing = {"cli.building", "cli.index_command", "engines.whoosh.writer", "sources"}
    assert modules & {f"searchlib.{name}" for name in writing} == set()
