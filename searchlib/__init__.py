"""Full-text search for Italian, embedded in Python.

>>> import searchlib, tempfile
>>> schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
>>> with tempfile.TemporaryDirectory() as folder:
...     with searchlib.create(folder, schema) as index:
...         with index.writer() as writer:
...             writer.add({"id": "1", "testo": "I missili nordcoreani dell’esercito"})
...         for hit in index.search("missile esercito"):
...             print(hit.id, hit.snippet("testo").markdown())
1 I **missili** nordcoreani dell’**esercito**
"""

from typing import TYPE_CHECKING

from searchlib._version import __version__
from searchlib.analysis import Corrections, Token, analyze
from searchlib.deferred import deferred
from searchlib.errors import (
    AnalyzerMismatchError,
    ArgumentError,
    ClosedError,
    CorruptIndexError,
    CorruptLexiconError,
    DocumentError,
    EncodingError,
    EngineUnavailableError,
    FormatTooNewError,
    IndexExistsError,
    IndexLockedError,
    IndexNotFoundError,
    QueryError,
    QueryLimitError,
    SchemaError,
    SearchlibError,
    SourceError,
    StorageError,
    WordFileError,
)
from searchlib.index import Index, create, open, verify
from searchlib.query import Diagnostic
from searchlib.results import Explanation, Hit, Mark, Results, Snippet
from searchlib.schema import (
    Schema,
    boolean,
    date,
    document,
    integer,
    key,
    keyword,
    number,
    stored,
    text,
)

if TYPE_CHECKING:
    from searchlib.synonyms import Synonyms
    from searchlib.writer import Batch, Writer

__all__ = [
    "AnalyzerMismatchError",
    "ArgumentError",
    "Batch",
    "ClosedError",
    "Corrections",
    "CorruptIndexError",
    "CorruptLexiconError",
    "Diagnostic",
    "DocumentError",
    "EncodingError",
    "EngineUnavailableError",
    "Explanation",
    "FormatTooNewError",
    "Hit",
    "Index",
    "IndexExistsError",
    "IndexLockedError",
    "IndexNotFoundError",
    "Mark",
    "QueryError",
    "QueryLimitError",
    "Results",
    "Schema",
    "SchemaError",
    "SearchlibError",
    "Snippet",
    "SourceError",
    "StorageError",
    "Synonyms",
    "Token",
    "WordFileError",
    "Writer",
    "__version__",
    "analyze",
    "boolean",
    "create",
    "date",
    "document",
    "integer",
    "key",
    "keyword",
    "number",
    "open",
    "stored",
    "text",
    "verify",
]

__getattr__, __dir__ = deferred(
    __name__,
    {
        "Batch": "searchlib.writer",
        "Synonyms": "searchlib.synonyms",
        "Writer": "searchlib.writer",
    },
)
