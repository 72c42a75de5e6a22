r"""Owns files on their way in: from paths on a command line to documents of one schema.

``discover`` finds the files and says which it passed over and why; ``read`` gives the documents of
one of them. What is wrong with a file, or with one line of it, is a ``SourceError`` among the
documents, so that the rest goes on. The documents go to a writer; nothing here knows an index.

>>> import pathlib, tempfile
>>> folder = pathlib.Path(tempfile.mkdtemp())
>>> _ = (folder / "avviso.txt").write_text("Avviso\nL'acqua manca fino alle 18.", "utf-8")
>>> found = discover([str(folder)])
>>> [document.values["titolo"] for source in found.sources for document in read(source)]
['Avviso']
"""

from searchlib.sources.discovery import Discovery, Skipped, discover
from searchlib.sources.reading import read
from searchlib.sources.records import COLUMNS
from searchlib.sources.values import DOCUMENTS, Document, Limits, Source, SourceKind

__all__ = [
    "COLUMNS",
    "DOCUMENTS",
    "Discovery",
    "Document",
    "Limits",
    "Skipped",
    "Source",
    "SourceKind",
    "discover",
    "read",
]
