"""Runs the command line: ``python -m searchlib``."""

from searchlib.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main(prog_name="searchlib")
