"""Writes the golden index of an engine: ``python indexes/golden/make.py native v1``, once.

The folder it writes is never written again: every later searchlib has to read it. The documents
come in two commits, with one replaced and one deleted, so that there are several segments, and
deletions in them.
"""

import json
import sys
from pathlib import Path

import searchlib

GOLDEN = Path(__file__).resolve().parent

SCHEMA = searchlib.Schema(
    id=searchlib.key(),
    titolo=searchlib.text(weight=2.0, optional=True),
    testo=searchlib.text(),
    fonte=searchlib.keyword(facet=True, optional=True),
    temi=searchlib.keyword(multiple=True, optional=True),
    anno=searchlib.integer(optional=True),
    prezzo=searchlib.number(optional=True),
    data=searchlib.date(optional=True),
    gratis=searchlib.boolean(optional=True),
    note=searchlib.stored(optional=True),
)


def make(engine: str, version: str) -> None:
    """Writes the index of one engine into the folder of a version of the format."""
    lines = (GOLDEN / "documents.jsonl").read_text(encoding="utf-8").splitlines()
    documents = [json.loads(line) for line in lines]
    index = searchlib.create(GOLDEN / version / engine, SCHEMA, engine=engine)
    with index.writer() as writer:
        for document in documents[:4]:
            writer.add(document)
    with index.writer() as writer:
        for document in documents[4:5]:
            writer.add(document)
    with index.writer() as writer:
        writer.add(documents[5])
        writer.delete("5")


if __name__ == "__main__":
    make(*sys.argv[1:])
