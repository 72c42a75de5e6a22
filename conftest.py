"""Options and fixtures of every test: the slow ones, hypothesis, and where examples may write."""

import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import settings

# A busy machine must not fail a law, hence no deadline; a failure prints what replays it.
settings.register_profile("searchlib", deadline=None, print_blob=True)
settings.load_profile("searchlib")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds --slow."""
    parser.addoption("--slow", action="store_true", help="run the tests marked slow as well")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sets the slow tests aside unless they are asked for."""
    if config.getoption("--slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow") is not None]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


@pytest.fixture(scope="session", autouse=True)
def _temporary_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Sends what ``tempfile`` makes to pytest's folder, which it keeps small by itself."""
    before, tempfile.tempdir = tempfile.tempdir, str(tmp_path_factory.mktemp("tempfile"))
    yield
    tempfile.tempdir = before


@pytest.fixture(autouse=True)
def _examples_in_an_empty_folder(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Runs each doctest where it finds nothing and may leave anything."""
    if isinstance(request.node, pytest.DoctestItem):
        monkeypatch.chdir(tmp_path_factory.mktemp("example"))
