"""No byte of an index is ever code."""

from __future__ import annotations

import ast
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import searchlib.engines.whoosh as package
from searchlib.engines import storage
from searchlib.engines.whoosh import WhooshEngine

FORBIDDEN = {"pickle", "marshal", "shelve", "dill", "eval", "exec", "compile", "__import__"}

on_whoosh = pytest.mark.parametrize("engine_kind", ["whoosh"], indirect=True)
"""Marks what looks inside that engine."""

WATCHED = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from searchlib.analysis import shared_analyzer
from searchlib.engines.whoosh import ENGINE
from searchlib.errors import SearchlibError
from searchlib.query import plan as p
import searchlib.schema as fields
schema = fields.Schema.from_json(__import__("json").loads(sys.argv[2]))
shared_analyzer.analyze("i missili")
seen = []
def watch(event, args):
    if event in ("pickle.find_class", "exec", "compile", "import", "marshal.loads", "os.system",
                 "subprocess.Popen", "socket.connect", "ctypes.dlopen"):
        seen.append((event, str(args)[:80]))
sys.addaudithook(watch)
try:
    engine = ENGINE.open(Path(sys.argv[1]), schema, shared_analyzer)
    list(engine.verify())
    snapshot = engine.snapshot()
    snapshot.search(p.Term("testo", "missile"), limit=9, facets=["fonte"])
    snapshot.stored(0)
    snapshot.statistics()
except SearchlibError as error:
    print("refused", type(error).__name__)
print(seen)
"""


class _Bomb:
    def __reduce__(self) -> Any:
        return (print, ("BOMBA",))


def _sources() -> list[Path]:
    folder = Path(package.__path__[0])
    return [*sorted(folder.glob("*.py")), Path(storage.__file__)]


@pytest.mark.parametrize("source", _sources(), ids=lambda path: path.name)
def test_the_source_names_nothing_that_runs_data(source: Path) -> None:
    """No module of the engine imports or calls pickle, marshal, eval, exec or their like."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            named |= {alias.name.split(".")[0] for alias in node.names}
            named.add((getattr(node, "module", None) or "").split(".")[0])
    assert named.isdisjoint(FORBIDDEN)


@on_whoosh
@pytest.mark.parametrize("kind", ["sound", "manifest", "segment"])
def test_opening_an_index_runs_nothing(engine: WhooshEngine, kind: str, schema_json: str) -> None:
    """Neither a sound index nor one stuffed with pickles fires an event of running code."""
    bomb = pickle.dumps(_Bomb())
    for file in list(engine.path.iterdir()):
        if kind == "manifest" and file.suffix == ".json":
            file.write_bytes(bomb)
        if kind == "segment" and file.suffix == ".seg":
            file.write_bytes(bomb + file.read_bytes()[len(bomb) :])
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(engine.path), schema_json, *sys.path],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert lines[-1] == "[]", done.stdout
    assert "BOMBA" not in done.stdout
    assert (lines[0] == "refused CorruptIndexError") == (kind != "sound")
