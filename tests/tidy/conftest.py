"""What the tidy tests read: the project's own files, and the package's modules as syntax trees."""

import ast
import os
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path

import attrs
import pytest

PROJECT = Path(__file__).parents[2]


@attrs.frozen
class Module:
    """A module of the package: its dotted name, file, text and syntax tree."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        """Whether it is the ``__init__`` of a package."""
        return self.path.name == "__init__.py"


def _ignored_names() -> list[str]:
    """The patterns of .gitignore that concern names wherever they are."""
    lines = (PROJECT / ".gitignore").read_text("utf-8").splitlines()
    names = [line.rstrip("/") for line in lines if not line.startswith("!")]
    return [".git", *(name for name in names if name and "/" not in name)]


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the project."""
    return PROJECT


@pytest.fixture(scope="session")
def project_files() -> list[Path]:
    """Every file of the project that git does not ignore, without built indexes."""
    ignored = _ignored_names()
    found: list[Path] = []
    for folder, folders, files in os.walk(PROJECT):
        here = Path(folder)
        folders[:] = sorted(
            name for name in folders if not any(fnmatch(name, pattern) for pattern in ignored)
        )
        if here == PROJECT / "indexes":
            folders[:] = [name for name in folders if name == "golden"]
        found += [
            here / name
            for name in sorted(files)
            if not any(fnmatch(name, pattern) for pattern in ignored)
        ]
    return found


@pytest.fixture(scope="session")
def python_files(project_files: list[Path]) -> Mapping[Path, ast.Module]:
    """The syntax tree of every Python file, tests and benchmarks too."""
    paths = [
        path for path in project_files if path.suffix in (".py", ".pyi") or path.name == "check"
    ]
    return {path: ast.parse(path.read_text("utf-8"), str(path)) for path in paths}


@pytest.fixture(scope="session")
def modules(python_files: Mapping[Path, ast.Module]) -> Mapping[str, Module]:
    """The modules of the package by dotted name."""
    found: dict[str, Module] = {}
    for path, tree in python_files.items():
        parts = path.relative_to(PROJECT).with_suffix("").parts
        if parts[0] == "searchlib":
            name = ".".join(parts).removesuffix(".__init__")
            found[name] = Module(name, path, path.read_text("utf-8"), tree)
    return found
