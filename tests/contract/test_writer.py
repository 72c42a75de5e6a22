"""What a writer takes: batches that fit in part, document classes, bounds of memory and threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import searchlib

Make = Callable[..., searchlib.Index]


class Parola(str):
    """A str of a class of its own, as parsers of HTML give them."""

    __slots__ = ()


def test_a_batch_keeps_the_order_of_its_documents(make: Make) -> None:
    """Plain documents and those that need a judgement come in as given; the last of a key stays."""
    index = make(())
    given: list[object] = [
        {"id": "a", "testo": "uno"},
        {"id": Parola("b"), "testo": Parola("due"), "etichette": "mare"},
        {"id": "c", "anno": "tre"},
        {"id": "a", "testo": "quattro", "data": "2022-09-06", "prezzo": 2},
        {"id": "d", "ignoto": 1},
        {"id": "e", "testo": None, "etichette": ["x", "x", "y"], "origine": {"a": [1, None]}},
        {"id": ""},
    ]
    with index.writer() as writer:
        batch = writer.add_many(given)
    assert batch.added == 4
    assert [error.field for error in batch.refused] == ["anno", "ignoto", "id"]
    assert [hit.id for hit in index.search("*", sort="id")] == ["a", "b", "e"]
    assert index.get("a") == {
        "id": "a", "testo": "quattro", "data": date(2022, 9, 6), "prezzo": 2.0,
    }  # fmt: skip
    assert index.get("b") == {"id": "b", "testo": "due", "etichette": ("mare",)}
    assert index.get("e") == {"id": "e", "etichette": ("x", "y"), "origine": {"a": [1, None]}}


def test_what_came_before_a_failing_source_is_added(make: Make) -> None:
    """The error of the iterable reaches the caller, after the documents before it were taken."""
    index = make(())

    def source() -> Iterator[dict[str, Any]]:
        yield {"id": "1"}
        yield {"id": "2"}
        raise LookupError("the source is gone")

    with index.writer() as writer:
        with pytest.raises(LookupError):
            writer.add_many(source())
        assert writer.commit().added == 2


@pytest.mark.parametrize("options", [{"memory_mb": 1}, {"threads": 2}, {"memory_mb": 64}], ids=str)
def test_memory_and_threads_change_no_answer(
    tmp_path: Path, engine: str, options: dict[str, int]
) -> None:
    """Whatever a writer may use, the documents and their order are those that were added."""
    schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
    index = searchlib.create(tmp_path / "indice", schema, engine=engine)
    with index.writer(**options) as writer:
        writer.add_many({"id": f"{n:04}", "testo": f"comune parola{n % 7}"} for n in range(500))
    found = index.search("comune", limit=500)
    assert [hit.id for hit in found] == [f"{n:04}" for n in range(500)]
    assert index.search("parola3").total == 71


@pytest.mark.parametrize("options", [{"memory_mb": 0}, {"threads": 0}, {"threads": True}], ids=str)
def test_bounds_out_of_range_are_refused(make: Make, options: dict[str, Any]) -> None:
    """The error names the option; the index is not left locked."""
    index = make(())
    with pytest.raises(searchlib.ArgumentError, match=next(iter(options))):
        index.writer(**options)
    index.writer(timeout_s=0).close()
