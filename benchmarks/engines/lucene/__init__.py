"""Owns Lucene: a Java process beside this one, asked through a pipe; see Driver.java.

Its times and its memory are those of the Java process: what Python and the pipe add is not counted,
which favours it. The virtual machine warms up by several passes over the queries before any counts.
Number and score of a hit come back; keys are read from the stored documents, after the stopwatch.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from struct import pack

from benchmarks.corpora import Document
from benchmarks.engines.base import Answer, Built, PythonEngine, Settings
from benchmarks.errors import EngineError
from benchmarks.gauges import peak_memory_bytes
from benchmarks.queries import Query

__all__ = ["Lucene", "LuceneItalian"]

_FOLDER = Path(__file__).parent
_JARS = _FOLDER / "target" / "dependency"
_OLDEST_JAVA = 21
_OPTIONS = (
    "--add-modules=jdk.incubator.vector",  # without it Lucene decodes and scores without SIMD
    "--enable-native-access=ALL-UNNAMED",
    "-Xms2g",
    "-Xmx4g",
    "-XX:+UseParallelGC",
)
# Few enough to weigh nothing in the heap, enough that two threads rarely wait for each other.
_BATCH_DOCUMENTS = 20_000


class Lucene(PythonEngine):
    """Lucene with runs of letters and digits, lower case and its Italian Snowball stemmer."""

    name = "lucene"
    indexing_threads = 2
    searching_threads = 2
    warm_passes = 6
    words: tuple[str, ...] = ()
    """What the driver is told of the words to make of texts."""

    def __init__(self) -> None:
        if not any(_JARS.glob("lucene-core-*.jar")):
            problem = f"not installed: run `mvn dependency:copy-dependencies` in {_FOLDER.name}/"
            raise EngineError(self.name, problem=problem)
        if (found := _java_version()) < _OLDEST_JAVA:
            problem = (
                f"not installed: wants Java {_OLDEST_JAVA} by JAVA_HOME or PATH, found {found}"
            )
            raise EngineError(self.name, problem=problem)

    def version(self) -> str:
        """The version of the Lucene that the driver runs on."""
        (core,) = _JARS.glob("lucene-core-*.jar")
        return f"Lucene {core.stem.removeprefix('lucene-core-')}"

    def build(self, documents: Iterable[Document], folder: Path, settings: Settings) -> Built:
        """Index with one writer and one commit; merges run in the threads that index."""
        driver = _Driver(self.words)
        before_bytes = peak_memory_bytes(driver.process)
        driver.send("build", str(folder), str(settings.threads), str(settings.memory_mb))
        stream = iter(documents)
        while batch := list(islice(stream, _BATCH_DOCUMENTS)):
            driver.ask(
                *(text for one in batch for text in (one["id"], one["titolo"], one["testo"]))
            )
        return driver.end(before_bytes, driver.ask().split())

    def optimize(self, folder: Path, settings: Settings) -> Built:
        """Merge into one segment, in one thread."""
        driver = _Driver(self.words)
        before_bytes = peak_memory_bytes(driver.process)
        answer = driver.ask("optimize", str(folder), str(settings.memory_mb))
        return driver.end(before_bytes, answer.split())

    def open(self, folder: Path) -> _LuceneSearcher:
        """The driver, with a reader open."""
        return _LuceneSearcher(folder, self.words)


class LuceneItalian(Lucene):
    """Lucene with its ItalianAnalyzer: elisions and stop words left out, the light stemmer."""

    name = "lucene-italian"
    words = ("italian-analyzer",)


class _LuceneSearcher:
    def __init__(self, folder: Path, words: Sequence[str]) -> None:
        self._driver = _Driver(words)
        self.process: int | None = self._driver.process
        self.open_s: float | None = float(self._driver.ask("open", str(folder)).split()[0])

    def search(self, query: Query, *, limit: int, counted: bool) -> Answer:
        """The answer, with the time that the driver measured."""
        wanted = "counted" if counted or limit == 0 else "best"
        line = self._driver.ask("search", query.type, query.text, str(limit), wanted)
        seconds, total, *hits = line.split(" ")
        best = [(float(score), number) for score, number in zip(hits[::2], hits[1::2], strict=True)]
        return Answer(best, int(total) if int(total) >= 0 else None, float(seconds))

    def ids(self, answer: Answer) -> tuple[str, ...]:
        return tuple(self._driver.ask("ids", *(number for _, number in answer.hits)).split())

    def search_all(self, queries: Sequence[Query], *, limit: int, threads: int) -> float:
        """Seconds by the driver's watch, its threads sharing one searcher."""
        asked = (text for query in queries for text in (query.type, query.text))
        return float(self._driver.ask("all", str(limit), str(threads), *asked).split()[0])

    def close(self) -> None:
        self._driver.close()


class _Driver:
    """The Java process: requests of strings, answers of one line."""

    def __init__(self, words: Sequence[str]) -> None:
        program = [_java(), *_OPTIONS, "--class-path", f"{_JARS}/*", str(_FOLDER / "Driver.java")]
        self._process = subprocess.Popen(
            [*program, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.process = self._process.pid
        self._answer()

    def send(self, *strings: str) -> None:
        """Send a request; no answer is waited for."""
        assert self._process.stdin is not None
        encoded = [text.encode() for text in strings]
        parts = [pack(">i", len(encoded))]
        parts += [pack(">i", len(text)) + text for text in encoded]
        self._process.stdin.write(b"".join(parts))
        self._process.stdin.flush()

    def ask(self, *strings: str) -> str:
        """The answer to a request."""
        self.send(*strings)
        return self._answer()

    def end(self, before_bytes: int, times: Sequence[str]) -> Built:
        """What a job took, by the driver's watch and the system's gauge of memory."""
        peak_bytes = peak_memory_bytes(self.process) - before_bytes
        self.close()
        return Built(float(times[0]), float(times[1]), peak_bytes)

    def close(self) -> None:
        """End the process and wait for it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode()
        if not line:
            raise EngineError("lucene", problem="the Java process ended; run Driver.java by hand")
        return line.rstrip("\n")


def _java() -> str:
    """The Java to run: that of JAVA_HOME, else the first on the path."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else "java"


def _java_version() -> int:
    """The feature release of that Java; 0 where there is none."""
    if shutil.which(_java()) is None:
        return 0
    done = subprocess.run([_java(), "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+", done.stdout)
    return int(found[0]) if found else 0
