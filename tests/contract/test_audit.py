"""The audit of an index: every form once, under the term by which it is found."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import searchlib
from searchlib.analysis import analyze

SCHEMA = searchlib.Schema(
    id=searchlib.key(), titolo=searchlib.text(optional=True), testo=searchlib.text()
)
TEXTS = st.lists(
    st.lists(st.sampled_from(["anno", "anni", "l'anno", "è", "Sono", "casa", "e-mail"]), min_size=1)
    .map(" ".join),
    max_size=5,
)  # fmt: skip


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=TEXTS)
def test_an_audit_counts_every_form_under_its_term(
    engine: str, tmp_path: Path, texts: list[str]
) -> None:
    """Forms and their documents are those that counting the texts one by one gives."""
    expected: dict[str, dict[str, int]] = {}
    with searchlib.create(tmp_path / "indice", SCHEMA, engine=engine, overwrite=True) as index:
        with index.writer() as writer:
            for number, text in enumerate(texts):
                writer.add({"id": str(number), "testo": text})
                for form, term in {(token.form, token.term) for token in analyze(text)}:
                    forms = expected.setdefault(term, {})
                    forms[form] = forms.get(form, 0) + 1
        found = index.audit(least_forms=1)
        assert {each.term: dict(each.forms) for each in found} == expected
        frequencies = [each.frequency for each in found]
        assert frequencies == sorted(frequencies, reverse=True)
        assert index.audit() == [each for each in found if len(each.forms) > 1]


def test_an_audit_can_be_narrowed(tmp_path: Path, engine: str) -> None:
    """By words, in any of their forms, and by fields; deleted documents are not counted."""
    with searchlib.create(tmp_path / "indice", SCHEMA, engine=engine) as index:
        with index.writer() as writer:
            writer.add({"id": "1", "titolo": "gli anni", "testo": "un anno, una casa, due case"})
            writer.add({"id": "2", "testo": "anno"})
        assert [dict(each.forms) for each in index.audit("anni")] == [{"anno": 2, "anni": 1}]
        assert [each.term for each in index.audit("anni", fields=["titolo"])] == []
        with index.writer() as writer:
            writer.delete("2")
        assert [dict(each.forms) for each in index.audit("anni")] == [{"anni": 1, "anno": 1}]
