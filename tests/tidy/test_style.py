"""The rules of style that a machine can hold: sizes, names, leftovers, what tests must say."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

MAX_FUNCTION_LINES = 70
MAX_FILE_LINES = 800

NAMELESS = {"common", "helper", "helpers", "misc", "util", "utils"}
"""Names of modules that say nothing; the code in them has an owner elsewhere."""

UNNUMBERED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))")

MACHINE_PATH = re.compile(r"(?<![\w.:/~-])/(?:home|Users|root|work|tmp|srv|mnt)/\w")
PACKAGE_INDEX = re.compile(r"(?:index[-]url|https?://[\w.-]*(?:pypi|artifactory|registry|nexus))")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Function]:
    """Yields every function of a tree, methods and inner ones too."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def length(function: Function) -> int:
    """The lines of a function without its docstring and its decorators."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


def each_test(files: Mapping[Path, ast.Module]) -> Iterator[tuple[Path, Function]]:
    """Yields every test function with its file."""
    for path, tree in files.items():
        if path.name.startswith("test_"):
            for function in functions(tree):
                if function.name.startswith("test_"):
                    yield path, function


def test_functions_are_short(python_files: Mapping[Path, ast.Module]) -> None:
    """No function is longer than 70 lines, its docstring not counted."""
    offences = {
        f"{path.name}:{function.lineno} {function.name}": length(function)
        for path, tree in python_files.items()
        for function in functions(tree)
        if length(function) > MAX_FUNCTION_LINES
    }
    assert offences == {}


def test_files_are_short(python_files: Mapping[Path, ast.Module]) -> None:
    """No file is longer than 800 lines, tests included."""
    sizes = {path: len(path.read_text("utf-8").splitlines()) for path in python_files}
    assert {str(path): size for path, size in sizes.items() if size > MAX_FILE_LINES} == {}


def test_module_names_say_something(python_files: Mapping[Path, ast.Module]) -> None:
    """No module is named after having no owner."""
    assert [str(path) for path in python_files if NAMELESS & {path.stem, path.parent.name}] == []


def test_every_module_is_used(modules: Mapping[str, Any]) -> None:
    """Each module of the package is named by another one, or is where the program starts."""
    entries = {"searchlib", "searchlib.__main__", "searchlib.cli"}
    text = {name: ast.unparse(module.tree) for name, module in modules.items()}
    unused = []
    for name in modules.keys() - entries:
        parent, _, own = name.rpartition(".")
        spellings = re.compile(
            rf"\b{re.escape(name)}\b|from {re.escape(parent)} import [^\n]*\b{own}\b"
        )
        if not any(spellings.search(text[other]) for other in modules if other != name):
            unused.append(name)
    assert sorted(unused) == []


def test_open_work_has_an_issue_number(project: Path, project_files: list[Path]) -> None:
    """A reminder in a comment names its issue: ``TODO(#12)``."""
    offences = [
        f"{path.relative_to(project)}: {match[0]}"
        for path in project_files
        if path.suffix == ".py" and path != Path(__file__)
        for match in UNNUMBERED.finditer(path.read_text("utf-8"))
    ]
    assert offences == []


def prints(tree: ast.AST) -> list[int]:
    """The lines that print."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]


def test_the_library_prints_nothing(modules: Mapping[str, Any]) -> None:
    """Printing is the command line's, and it has its own console."""
    assert {
        name: prints(module.tree) for name, module in modules.items() if prints(module.tree)
    } == {}


def test_a_print_is_seen() -> None:
    """The rule above sees a forgotten print."""
    assert prints(ast.parse("def f():\n    print('qui')")) == [2]


def test_every_test_says_what_it_holds(python_files: Mapping[Path, ast.Module]) -> None:
    """The docstring of each test is a sentence."""
    offences = [
        f"{path.name}:{function.lineno} {function.name}"
        for path, function in each_test(python_files)
        if not re.search(r"[.?!]\Z", (ast.get_docstring(function) or "").partition("\n\n")[0])
    ]
    assert offences == []


def unexplained_skips(tree: ast.AST) -> list[int]:
    """The lines that set a test aside without a reason."""
    explained = {
        id(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            any(keyword.arg == "reason" for keyword in node.keywords)
            or (node.args and ast.unparse(node.func) == "pytest.skip")
        )
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and re.fullmatch(r"pytest\.(mark\.)?(skip|skipif|xfail)", ast.unparse(node))
        and id(node) not in explained
    ]


def test_a_test_that_is_set_aside_says_why(python_files: Mapping[Path, ast.Module]) -> None:
    """Every skip and every expected failure has a reason."""
    assert {
        path.name: unexplained_skips(tree)
        for path, tree in python_files.items()
        if unexplained_skips(tree)
    } == {}


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("@pytest.mark.skip\ndef f(): ...", [1]),
        ("@pytest.mark.xfail()\ndef f(): ...", [1]),
        ("@pytest.mark.skipif(True, reason='senza rete')\ndef f(): ...", []),
        ("pytest.skip('senza rete')", []),
    ],
)
def test_an_unexplained_skip_is_seen(source: str, lines: list[int]) -> None:
    """The rule above tells a skip with a reason from one without."""
    assert unexplained_skips(ast.parse(source)) == lines


def test_no_file_knows_the_machine_it_was_written_on(
    project: Path, project_files: list[Path]
) -> None:
    """No absolute path of somebody's machine and no package index is written anywhere.

    The sample documents are exempt: they are as they were given.
    """
    offences = []
    for path in project_files:
        if project / "seeds" in path.parents or path.suffix in {".png", ".json"}:
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for rule in (MACHINE_PATH, PACKAGE_INDEX):
            offences += [
                f"{path.relative_to(project)}: {found[0]}" for found in rule.finditer(text)
            ]
    assert offences == []


@pytest.mark.parametrize(
    ("text", "is_seen"),
    [
        ("in /" + "home/anna/indici", True),
        ("open('/" + "tmp/prova')", True),
        ("docs/home/indice.md", False),
        ("https://example.org/home/indice", False),
    ],
)
def test_a_path_of_a_machine_is_seen(text: str, is_seen: bool) -> None:
    """The rule above tells absolute paths from relative ones and from addresses."""
    assert bool(MACHINE_PATH.search(text)) is is_seen
