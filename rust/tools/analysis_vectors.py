"""Writes what the Python analysis gives for the chunks of `italian_chunks.tsv` beside them.

Run it as `python rust/tools/analysis_vectors.py` where searchlib can be imported, with the Python
whose Unicode version the two analyses agree on, whenever the Python analysis or its data change.
"""

from pathlib import Path

from searchlib.analysis import shared_analyzer

TABLE = Path(__file__).parents[1] / "core/tests/data/italian_chunks.tsv"

HEADER = """\
# Chunks and their words, by the Python analysis of searchlib (Unicode 14): chunks of Italian texts,
# and rows of characters and pieces of words drawn at random.
# Columns: chunk; form, term, position, positions, start and end (in characters) of each word; then
# positions and overlong. Rebuilt by rust/tools/analysis_vectors.py.
"""


def row(written: str) -> str:
    """Returns the line of a chunk."""
    chunk = shared_analyzer.chunk(written)
    facts = [str(fact) for token in chunk.tokens for fact in token]
    return "\t".join([written, *facts, str(chunk.positions), str(chunk.overlong)])


if __name__ == "__main__":
    lines = TABLE.read_text(encoding="utf-8").split("\n")
    chunks = [line.split("\t")[0] for line in lines if line and not line.startswith("#")]
    TABLE.write_text(HEADER + "\n".join(map(row, chunks)) + "\n", encoding="utf-8")
