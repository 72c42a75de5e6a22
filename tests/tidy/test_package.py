"""The package as users get it: its files, its licences, and the commands of the README."""

import re
import runpy
import subprocess
import sys
from pathlib import Path
from shutil import copy2

import pytest

import searchlib

CACHED = ("__pycache__", ".pyc", "_native.abi3.so")


def command_ending_with(project: Path, end: str) -> str:
    """The one command of the README that ends so."""
    lines = (project / "README.md").read_text("utf-8").splitlines()
    (command,) = [line for line in lines if line.startswith("python3 -m venv") and end in line]
    return command


@pytest.fixture
def fresh_copy(project: Path, project_files: list[Path], tmp_path: Path) -> Path:
    """The project as a newcomer has it, with nothing that using it leaves behind."""
    for path in project_files:
        copy = tmp_path / path.relative_to(project)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy2(path, copy)
    return tmp_path


@pytest.mark.slow
def test_the_first_command_of_the_readme_answers_on_a_fresh_copy(
    project: Path, fresh_copy: Path
) -> None:
    """It installs the package whole, its tables and its type marker too, and finds the report."""
    command = command_ending_with(project, "query")
    done = subprocess.run(
        ["sh", "-c", command], cwd=fresh_copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "000_fcade4cba2916e83" in done.stdout
    (installed,) = (fresh_copy / ".venv").rglob("site-packages/searchlib")
    assert files_of(installed) == files_of(project / "searchlib")


def files_of(package: Path) -> set[str]:
    """The files of a package by their path within it."""
    paths = (path for path in package.rglob("*") if path.is_file())
    names = {path.relative_to(package).as_posix() for path in paths}
    return {name for name in names if not any(word in name for word in CACHED)}


def test_ci_runs_the_second_command_of_the_readme(project: Path) -> None:
    """CI takes its command from the README, which the guide for contributors repeats."""
    command = command_ending_with(project, "check")
    script = (project / ".ci" / "run").read_text("utf-8")
    taken = re.search(r"grep -m 1 '([^']+)' README\.md", script)
    assert taken is not None
    done = subprocess.run(
        ["grep", taken[1], "README.md"], cwd=project, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [command]
    assert command in (project / "CONTRIBUTING.md").read_text("utf-8").splitlines()


def test_check_refuses_what_it_does_not_know(project: Path) -> None:
    """An argument that ``check`` does not know is refused, so that nothing is left unchecked."""
    done = subprocess.run(
        [sys.executable, "check", "--everything"], cwd=project, capture_output=True, check=False
    )
    assert done.returncode == 2


NATIVE_CHECKS = ["native build", "native format", "native lint", "native tests"]


@pytest.mark.parametrize(
    ("failing", "status"), [((), 0), (("lint",), 1), (("native lint",), 1), (("tests",), 1)]
)
def test_check_fails_where_one_of_its_checks_does(
    project: Path, monkeypatch: pytest.MonkeyPatch, failing: tuple[str, ...], status: int
) -> None:
    """The status of ``check`` is 1 as soon as one check fails, and all the others run as well."""
    run: list[str] = []

    def passes(name: str, _: list[str], *, folder: Path = project) -> bool:
        assert folder.is_dir()
        run.append(name)
        return name not in failing

    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/cargo")
    main = runpy.run_path(str(project / "check"))["main"]
    main.__globals__["passes"] = passes
    assert main([]) == status
    assert run == ["format", "lint", "types", *NATIVE_CHECKS, "tests"]


def test_check_says_what_it_passes_over(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where cargo is not installed the native checks are left out aloud, and nothing else is."""
    run: list[str] = []

    def passes(name: str, _: list[str]) -> bool:
        run.append(name)
        return True

    monkeypatch.setattr("shutil.which", lambda _: None)
    main = runpy.run_path(str(project / "check"))["main"]
    main.__globals__["passes"] = passes
    assert main([]) == 0
    assert run == ["format", "lint", "types", "tests"]
    assert "passed over, cargo is not installed" in capsys.readouterr().out


def test_a_check_that_cannot_run_has_not_passed(project: Path) -> None:
    """A tool that is not installed is a failed check, not a forgotten one."""
    assert not runpy.run_path(str(project / "check"))["passes"](
        "none", [sys.executable, "-m", "no_such_tool"]
    )


def test_the_package_is_typed() -> None:
    """Type checkers read the annotations, for the marker is beside the modules."""
    assert (Path(searchlib.__file__).parent / "py.typed").is_file()


def test_the_licences_are_those_of_the_installation(project: Path) -> None:
    """The licence files that pip installs are there; LICENSE names them and says the same."""
    declaration = (project / "pyproject.toml").read_text("utf-8")
    declared = re.search(r"license-files = \[(.*)\]", declaration)
    expression = re.search('license = "(.*)"', declaration)
    assert declared is not None
    assert expression is not None
    names = re.findall(r'"([^"]+)"', declared[1])
    assert all((project / name).is_file() for name in names)
    explained = (project / "LICENSE").read_text("utf-8")
    assert all(name in explained for name in names if name != "LICENSE")
    assert f"SPDX-License-Identifier: {expression[1]}\n" in explained
    assert f'license = "{expression[1]}"\n' in (project / "rust" / "Cargo.toml").read_text("utf-8")
