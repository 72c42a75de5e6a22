"""The index beside a dictionary, through any sequence of its operations."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import searchlib.schema as fields
from searchlib.analysis import shared_analyzer
from searchlib.engines.base import EngineKind
from searchlib.query import plan as p
from searchlib.schema import Schema

SCHEMA = Schema(id=fields.key(), testo=fields.text(), fonte=fields.keyword(optional=True))
KEYS = st.sampled_from([f"k{number}" for number in range(8)])
WORDS = ("acqua", "fuoco", "terra", "l'aria")
TEXTS = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)


class IndexMachine(RuleBasedStateMachine):
    """``committed`` is what readers see, ``pending`` what the writer sees."""

    def __init__(self, kind: EngineKind) -> None:
        super().__init__()
        self.kind = kind
        self.folder = Path(tempfile.mkdtemp())
        self.engine = self.kind.create(self.folder, SCHEMA, shared_analyzer)
        self.writer = self.engine.writer(timeout_s=0)
        self.committed: dict[str, dict[str, Any]] = {}
        self.pending: dict[str, dict[str, Any]] = {}
        self.generation = 0

    @rule(key=KEYS, text=TEXTS, source=st.none() | st.sampled_from("AB"))
    def add(self, key: str, text: str, source: str | None) -> None:
        """An added document replaces the one of its key and goes to the end."""
        document = SCHEMA.validate({"id": key, "testo": text, "fonte": source})
        self.writer.add(document)
        self.pending.pop(key, None)
        self.pending[key] = document

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        """Deleting tells whether there was one."""
        assert self.writer.delete(key) == (self.pending.pop(key, None) is not None)

    @rule(word=st.sampled_from(["acqua", "fuoco"]))
    def delete_matching(self, word: str) -> None:
        """A query deletes what it matches, uncommitted documents too."""
        gone = [key for key, document in self.pending.items() if word in document["testo"]]
        assert self.writer.delete_matching(lambda _: p.Form("testo", word)) == len(gone)
        for key in gone:
            del self.pending[key]

    @rule()
    def commit(self) -> None:
        """A commit shows everything, under a higher generation if anything changed."""
        report = self.writer.commit()
        assert report.generation >= self.generation
        self.generation = report.generation
        self.committed = dict(self.pending)

    @rule()
    def rollback(self) -> None:
        """A rollback forgets what was not committed."""
        self.writer.rollback()
        self.pending = dict(self.committed)

    @rule()
    def reopen(self) -> None:
        """Closing forgets what was not committed; the folder alone holds the index."""
        self.writer.close()
        self.engine = self.kind.open(self.folder, SCHEMA, shared_analyzer)
        self.writer = self.engine.writer(timeout_s=0)
        self.pending = dict(self.committed)

    @rule()
    def optimize(self) -> None:
        """Optimising commits and leaves no deleted documents and at most one segment."""
        self.writer.optimize()
        self.committed = dict(self.pending)
        snapshot = self.engine.snapshot()
        statistics = snapshot.statistics()
        assert statistics.deleted == 0
        assert statistics.segments <= 1
        self.generation = snapshot.generation
        snapshot.close()

    @precondition(lambda self: self.generation % 3 == 1)
    @rule()
    def verify(self) -> None:
        """A healthy index has no problems, and no file that its manifest does not name."""
        assert list(self.engine.verify()) == []

    @invariant()
    def readers_see_the_last_commit(self) -> None:
        """Documents, their order and their words are those of the last commit."""
        snapshot = self.engine.snapshot()
        found = snapshot.search(p.AllDocuments(), limit=100)
        keys = [snapshot.key_of(hit.number) for hit in found.hits]
        assert keys == list(self.committed)
        assert [snapshot.stored(hit.number) for hit in found.hits] == list(self.committed.values())
        for word in ("acqua", "aria"):
            matched = snapshot.search(p.Form("testo", word), limit=100).hits
            assert {snapshot.key_of(hit.number) for hit in matched} == {
                key for key, document in self.committed.items() if word in document["testo"]
            }
        snapshot.close()

    def teardown(self) -> None:
        """Closes the writer and removes the folder."""
        self.writer.close()
        shutil.rmtree(self.folder)


def test_an_index_is_its_model(engine_kind: EngineKind) -> None:
    """Whatever the order of operations, readers see the last commit and nothing else."""
    run_state_machine_as_test(
        lambda: IndexMachine(engine_kind),  # type: ignore[arg-type]
        settings=settings(max_examples=40, stateful_step_count=25, deadline=None),
    )
