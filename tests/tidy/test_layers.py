"""The layers: who may import whom, as the tables of docs/architecture.md say and nothing else."""

import ast
import graphlib
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

PACKAGE = "searchlib"
ANYWHERE = "anywhere"

FORBIDDEN_MODULES = {"marshal", "pickle", "shelve", "dill"}
FORBIDDEN_CALLS = {"eval", "exec", "__import__"}

Table = dict[str, tuple[str, ...]]


def table_rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table after a heading, without its two head lines."""
    _, found, after = page.partition(f"\n## {heading}\n")
    assert found, f"docs/architecture.md has no heading {heading!r}"
    lines = after.partition("\n## ")[0].splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def names_in(cell: str) -> tuple[str, ...]:
    """The names in backticks in a cell of a table."""
    return tuple(re.findall(r"`([^`]+)`", cell))


@pytest.fixture(scope="module")
def architecture(project: Path) -> str:
    """The text of the architecture page."""
    return (project / "docs" / "architecture.md").read_text("utf-8")


@pytest.fixture(scope="module")
def layers(architecture: str) -> Table:
    """What each layer may import, in the order of the page."""
    rows = table_rows(architecture, "The layers")
    return {names_in(row[0])[0]: names_in(row[-1]) for row in rows}


@pytest.fixture(scope="module")
def services(architecture: str) -> Table:
    """Which layers import each third-party package, by the name it is imported under."""
    rows = table_rows(architecture, "Third-party packages")
    return {names_in(row[1])[0]: names_in(row[2]) or (ANYWHERE,) for row in rows}


def imports_of(tree: ast.AST, known: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yields every module that a tree imports, with the line.

    A name imported from a package is a module where there is one of that name. The name of a
    module in a string counts too: that is how a module is imported by name.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import; write {PACKAGE}..."
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner if inner in known else str(node.module)), node.lineno
        elif isinstance(node, ast.Constant) and "." in str(node.value) and node.value in known:
            yield str(node.value), node.lineno


def layer_of(module: str, layers: Table) -> str:
    """The layer of a module: the row of the table with the longest name that it lies in."""
    inner = module.removeprefix(PACKAGE).removeprefix(".")
    if not inner:
        return PACKAGE
    holding = [name for name in layers if inner == name or inner.startswith(f"{name}.")]
    assert holding, f"{module} is in no layer of docs/architecture.md"
    return max(holding, key=len)


def edges(modules: Mapping[str, Any], layers: Table) -> dict[tuple[str, str], list[str]]:
    """Every import from one layer into another, with the places where it is written."""
    found: dict[tuple[str, str], list[str]] = {}
    for module in modules.values():
        importer = layer_of(module.name, layers)
        for imported, line in imports_of(module.tree, modules):
            if imported.split(".")[0] != PACKAGE:
                continue
            layer = layer_of(imported, layers)
            if layer != importer:
                found.setdefault((importer, layer), []).append(f"{module.name}:{line}")
    return found


def test_every_layer_has_a_module_and_every_module_a_layer(
    modules: Mapping[str, Any], layers: Table
) -> None:
    """The table names the layers that exist, all of them and no other."""
    assert {layer_of(name, layers) for name in modules} == set(layers)


def test_a_layer_imports_only_what_the_table_allows(
    modules: Mapping[str, Any], layers: Table
) -> None:
    """No module imports a layer that its own may not import."""
    offences = [
        f"{importer} imports {imported}: {', '.join(places)}"
        for (importer, imported), places in edges(modules, layers).items()
        if imported not in layers[importer]
    ]
    assert not offences, "\n".join(offences)


def test_the_table_allows_nothing_that_no_module_does(
    modules: Mapping[str, Any], layers: Table
) -> None:
    """Each import that the table allows is somewhere in the code, so that it tells the truth."""
    allowed = {(name, other) for name, others in layers.items() for other in others}
    assert allowed - set(edges(modules, layers)) == set()


def test_layers_import_only_layers_above_them(layers: Table) -> None:
    """The table is in order: a row imports rows above it only, so there is no circle."""
    order = list(layers)
    offences = [
        f"{name} imports {other}"
        for name, others in layers.items()
        for other in others
        if other not in order[: order.index(name)]
    ]
    assert offences == []


def import_time_statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yields the statements that run when the module is imported, type checking aside."""
    pending: list[ast.stmt] = list(tree.body)
    while pending:
        statement = pending.pop()
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            pending += statement.orelse
        elif isinstance(statement, ast.If | ast.Try | ast.With):
            nodes = ast.iter_child_nodes(statement)
            pending += [node for node in nodes if isinstance(node, ast.stmt)]
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            yield statement


def test_no_modules_import_one_another_in_a_circle(modules: Mapping[str, Any]) -> None:
    """Within a layer, too, there is an order in which modules can be read."""
    graph = {
        module.name: {
            imported
            for statement in import_time_statements(module.tree)
            for imported, _ in imports_of(statement, modules)
            if imported in modules
        }
        for module in modules.values()
    }
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError with the circle


def test_third_party_packages_are_imported_where_the_table_says(
    modules: Mapping[str, Any], layers: Table, services: Table
) -> None:
    """Each third-party package has its importers, so that it can be exchanged in one place."""
    found: dict[str, set[str]] = {}
    for module in modules.values():
        for imported, _ in imports_of(module.tree, modules):
            root = imported.split(".")[0]
            if root not in sys.stdlib_module_names and root not in (PACKAGE, "typing_extensions"):
                found.setdefault(root, set()).add(layer_of(module.name, layers))
    for name, importers in services.items():
        if importers == (ANYWHERE,):
            assert found.pop(name, set()), f"{name} is imported nowhere"
    assert found == {
        name: set(importers) for name, importers in services.items() if importers != (ANYWHERE,)
    }


def test_the_table_of_packages_is_that_of_the_installation(
    project: Path, architecture: str
) -> None:
    """What pip installs is what the page explains, package by package."""
    text = (project / "pyproject.toml").read_text("utf-8")
    declared = re.search(r"\ndependencies = \[([^]]*)\]", text)
    assert declared is not None
    installed = re.findall(r'"([\w-]+)', declared[1])
    explained = [names_in(row[0])[0] for row in table_rows(architecture, "Third-party packages")]
    assert sorted(explained) == sorted(installed)


def dangers(tree: ast.AST) -> list[str]:
    """The places of a tree that could run what a file or a query says."""
    found = [
        f"line {line}: {name}"
        for name, line in imports_of(tree, {})
        if name.split(".")[0] in FORBIDDEN_MODULES
    ]
    found += [
        f"line {node.lineno}: {ast.unparse(node.func)}()"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in FORBIDDEN_CALLS
    ]
    return found


def test_the_package_never_runs_what_it_reads(modules: Mapping[str, Any]) -> None:
    """No module unpickles or evaluates anything: an index or a query is data, never code."""
    assert {
        name: dangers(module.tree) for name, module in modules.items() if dangers(module.tree)
    } == {}


@pytest.mark.parametrize(
    "source", ["import pickle", "from marshal import loads", "eval('1')", "__import__('os')"]
)
def test_dangers_are_seen(source: str) -> None:
    """The rule above sees each way of running data."""
    assert len(dangers(ast.parse(source))) == 1


def test_imports_are_seen_in_every_spelling() -> None:
    """Imports count at any depth, of modules and of names, and by a module's name in a string."""
    known = {"searchlib.query", "searchlib.query.plan", "searchlib.engines.whoosh"}
    source = (
        "from searchlib.query import plan, parse\n"
        "def late():\n    import whoosh.fields\n"
        "ENGINE = 'searchlib.engines.whoosh'\n"
    )
    assert sorted(name for name, _ in imports_of(ast.parse(source), dict.fromkeys(known))) == [
        "searchlib.engines.whoosh",
        "searchlib.query",
        "searchlib.query.plan",
        "whoosh.fields",
    ]
