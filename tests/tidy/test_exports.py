"""The exported names: each module says what is public, and says it right."""

import ast
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import searchlib


def exported(tree: ast.Module) -> list[str] | None:
    """The names in a module's ``__all__``, or None where it has none."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__all__":
            names = ast.literal_eval(statement.value)
            assert isinstance(names, list)
            return names
    return None


def bound(tree: ast.Module) -> Iterator[str]:
    """Yields the names that a module has after it was imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def defined_in_public(tree: ast.Module) -> set[str]:
    """The classes and functions of a module whose name is without an underscore."""
    return {
        statement.name
        for statement in tree.body
        if isinstance(statement, ast.FunctionDef | ast.ClassDef)
        and not statement.name.startswith("_")
    }


def public(modules: Mapping[str, Any]) -> list[Any]:
    """The modules without an underscore in their name."""
    return [module for name, module in modules.items() if "._" not in name]


def test_every_public_module_says_what_it_exports(modules: Mapping[str, Any]) -> None:
    """Each public module has an ``__all__``."""
    assert [module.name for module in public(modules) if exported(module.tree) is None] == []


def test_what_a_module_exports_it_has(modules: Mapping[str, Any]) -> None:
    """Each name in an ``__all__`` is bound in its module, once."""
    offences = {
        module.name: sorted(missing)
        for module in public(modules)
        if (missing := set(exported(module.tree) or ()) - set(bound(module.tree)))
    }
    assert offences == {}
    repeated = [
        module.name
        for module in public(modules)
        if len(set(names := exported(module.tree) or [])) != len(names)
    ]
    assert repeated == []


def test_what_a_module_defines_in_public_it_exports(modules: Mapping[str, Any]) -> None:
    """A class or function is either exported or has an underscore."""
    offences = {
        module.name: sorted(missing)
        for module in public(modules)
        if (missing := defined_in_public(module.tree) - set(exported(module.tree) or ()))
    }
    assert offences == {}


def test_the_public_names_are_those_of_the_package() -> None:
    """``searchlib.__all__`` is sorted, and holds every public name that is not a module."""
    names = searchlib.__all__
    assert names == sorted(names)
    means = {"TYPE_CHECKING", "deferred"}
    visible = {
        name
        for name in dir(searchlib)
        if not name.startswith("_") and not inspect.ismodule(getattr(searchlib, name))
    }
    assert set(names) == visible - means | {"__version__"}


@pytest.mark.parametrize("name", [name for name in searchlib.__all__ if name != "__version__"])
def test_a_public_name_is_documented_with_an_example(name: str) -> None:
    """The docstring of a public class or function is a sentence and an example that runs."""
    documentation = inspect.getdoc(getattr(searchlib, name)) or ""
    assert documentation.split("\n\n")[0].endswith((".", "?"))
    assert ">>> " in documentation
