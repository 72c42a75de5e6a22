"""Any sequence of changes leaves an index that equals a dictionary."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import searchlib

KEYS = st.sampled_from("abcdefgh")
WORDS = ("missili", "droni", "pane", "amico", "città")
TEXTS = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


class IndexMachine(RuleBasedStateMachine):
    """Add, replace, delete, commit, rollback, reopen, optimise, beside a dictionary."""

    engine = ""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
        path = Path(self._folder.name) / "indice"
        self.index = searchlib.create(path, schema, engine=self.engine)
        self.writer: Any = None
        self.committed: dict[str, str] = {}
        self.pending: dict[str, str] = {}

    def _writing(self) -> Any:
        if self.writer is None:
            self.writer = self.index.writer()
        return self.writer

    @rule(key=KEYS, text=TEXTS)
    def add(self, key: str, text: str) -> None:
        """Adds or replaces."""
        self._writing().add({"id": key, "testo": text})
        self.pending[key] = text

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        """Deletes by key."""
        assert self._writing().delete(key) == (key in self.pending)
        self.pending.pop(key, None)

    @rule(word=st.sampled_from(WORDS))
    def delete_by_query(self, word: str) -> None:
        """Deletes by a word."""
        doomed = [key for key, text in self.pending.items() if word in text.split()]
        assert self._writing().delete_by_query(f"={word}") == len(doomed)
        for key in doomed:
            del self.pending[key]

    @rule(key=KEYS)
    def refuse(self, key: str) -> None:
        """A wrong document changes nothing."""
        with pytest.raises(searchlib.DocumentError):
            self._writing().add({"id": key, "testo": 3})

    @rule()
    def commit(self) -> None:
        """Commits."""
        self._writing().commit()
        self.committed = dict(self.pending)

    @rule()
    def rollback(self) -> None:
        """Rolls back."""
        self._writing().rollback()
        self.pending = dict(self.committed)

    @rule()
    def reopen(self) -> None:
        """Closes everything, losing what was not committed."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None
        path = self.index.path
        self.index.close()
        self.index = searchlib.open(path)
        self.pending = dict(self.committed)

    @precondition(lambda self: self.writer is None)
    @rule()
    def optimize(self) -> None:
        """Merges."""
        self.index.optimize()
        assert self.index.stats().deleted == 0

    @invariant()
    def equals_the_dictionary(self) -> None:
        """What is found and given back is what was committed, and nothing else."""
        results = self.index.search("*", limit=100)
        assert {hit.id: hit["testo"] for hit in results} == self.committed
        assert results.total == len(self.index) == len(self.committed)
        for word in WORDS:
            expected = {key for key, text in self.committed.items() if word in text.split()}
            assert {hit.id for hit in self.index.search(f"={word}", limit=100)} == expected

    def teardown(self) -> None:
        """Closes and checks the files."""
        if self.writer is not None:
            self.writer.close()
        assert self.index.verify() == ()
        self.index.close()
        self._folder.cleanup()


def test_an_index_is_a_dictionary(engine: str) -> None:
    """Add, replace, delete, commit, rollback, reopen and optimise agree with a dict."""
    machine = type("Machine", (IndexMachine,), {"engine": engine})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=25, stateful_step_count=25, deadline=None)
    )
