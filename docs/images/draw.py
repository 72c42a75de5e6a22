"""Draws ``query.svg``, the picture in the README, from what the command line really prints.

Run it with the interpreter of an environment that has searchlib: ``python docs/images/draw.py``.
"""

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).with_name("query.svg")
SEEDS = Path(__file__).parents[2] / "seeds"
COLUMNS = 96
"""As wide as a terminal beside an editor; the letters stay legible in a README."""

ARGUMENTS = ["query", "missili nordcoreani", "--limit", "3", "--color"]


def printed(arguments: list[str]) -> str:
    """Gives what a command prints on a terminal, colours included, in a folder with the seeds."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "seeds").symlink_to(SEEDS)
        command = [str(Path(sys.executable).with_name("searchlib")), *arguments]
        environment = {**os.environ, "COLUMNS": str(COLUMNS)}
        # Twice: the first run also tells that it makes the index.
        for _ in range(2):
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True, check=True
            )
    return done.stdout


def main() -> None:
    """Writes the picture."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text(f'$ searchlib query "{ARGUMENTS[1]}" --limit 3', style="dim"))
    console.print(Text.from_ansi(printed(ARGUMENTS).rstrip()))
    # Rich's frame asks another site for its typeface; any monospaced one that is at hand will do.
    frame = re.sub(r"@font-face \{\{.*?\}\}\n", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    console.save_svg(str(PICTURE), title="searchlib", code_format=frame, unique_id="searchlib")


if __name__ == "__main__":
    main()
