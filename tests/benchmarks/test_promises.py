"""What searchlib promises of itself is measured on any index of it, here a small one."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import promises
from benchmarks.corpora import generate
from benchmarks.engines import load_engine
from benchmarks.engines.base import Settings
from benchmarks.promises import keep_promises
from benchmarks.queries import make_queries


def test_each_promise_has_a_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times take longer than nothing, and no thread does more than twice what it does alone."""
    monkeypatch.setattr(promises, "_REPEAT", 1)
    documents = list(generate(300))
    folder = tmp_path / "index"
    folder.mkdir()
    load_engine("searchlib-whoosh").build(documents, folder, Settings())
    queries = make_queries(documents, per_type=60, seed=1)
    imported, opened, snippets, beside, crowd = keep_promises(folder, queries)
    assert (imported.unit, opened.unit, snippets.unit) == ("ms", "ms", "ms")
    assert min(imported.value, opened.value, snippets.value) > 0
    assert 0 < beside.value < 2
    assert 0 < crowd.value < 3
    assert (opened.at_most, crowd.at_most) == (True, False)
