"""Whether the native engine is built with the package: SEARCHLIB_NATIVE, with and without Rust."""

import os
import runpy
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from shutil import copy2
from typing import Any

import pytest

Options = Callable[[str], dict[str, Any]]


@pytest.fixture
def native_options(project: Path) -> Options:
    """What setup.py makes of a choice."""
    options: Options = runpy.run_path(str(project / "setup.py"))["native_options"]
    return options


# What it advises instead is read by a wheel's build only: a build in place had another file name,
# and the stale module of the other name would be imported.
@pytest.mark.filterwarnings("ignore:.*py_limited_api.*:DeprecationWarning")
@pytest.mark.parametrize(("choice", "is_optional"), [("auto", True), ("require", False)])
def test_the_choice_says_whether_a_failure_to_build_is_one(
    native_options: Options, choice: str, is_optional: bool
) -> None:
    """By default an engine that cannot be built is left out, with ``require`` it is an error."""
    pytest.importorskip("setuptools_rust")
    options = native_options(choice)
    (extension,) = options["rust_extensions"]
    assert extension.optional is is_optional
    assert extension.name == "searchlib._native"
    assert options["options"] == {"bdist_wheel": {"py_limited_api": "cp310"}}


def test_off_leaves_the_engine_out(native_options: Options) -> None:
    """With ``off`` nothing of Rust is asked for, not even the tool that builds it."""
    assert native_options("off") == {}


def test_an_unknown_choice_is_refused(native_options: Options) -> None:
    """A slip of the pen does not pass for a choice; the message names those there are."""
    with pytest.raises(SystemExit, match="one of auto, require, off, found 'on'"):
        native_options("on")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("choice", "succeeds"), [("auto", True), ("off", True), ("require", False)]
)
def test_without_rust_the_package_installs_unless_the_engine_is_required(
    project_files: list[Path], project: Path, tmp_path: Path, choice: str, succeeds: bool
) -> None:
    """A wheel is built where there is no cargo, without the compiled module, and says why."""
    pytest.importorskip("setuptools_rust")
    source = tmp_path / "source"
    for path in project_files:
        place = path.relative_to(project)
        if place.parts[0] in ("searchlib", "rust") or len(place.parts) == 1:
            (source / place).parent.mkdir(parents=True, exist_ok=True)
            copy2(path, source / place)
    command = [sys.executable, "-m", "pip", "wheel", "-v", "--no-deps", "--no-build-isolation"]
    bare = {name: value for name, value in os.environ.items() if name != "CARGO"}
    done = subprocess.run(
        [*command, "-w", str(tmp_path / "wheels"), str(source)],
        env=bare | {"PATH": "/usr/bin:/bin", "SEARCHLIB_NATIVE": choice},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) is succeeds, done.stderr
    if choice != "off":
        assert "can't find Rust compiler" in done.stdout + done.stderr
    if succeeds:
        (wheel,) = (tmp_path / "wheels").glob("*.whl")
        names = zipfile.ZipFile(wheel).namelist()
        assert "searchlib/_native.pyi" in names
        assert not [name for name in names if name.endswith((".so", ".pyd"))]
