"""``suggest``, ``analyze``, ``info``, ``verify``, ``completion``."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import searchlib

Run = Callable[..., Result]


def test_suggestions_are_lines_or_a_json_list(folder: Path, run: Run) -> None:
    """Words before the last are kept; nothing to suggest is exit code 1."""
    run("index", "seeds", "--into", "indice")
    assert run("suggest", "gra", "--index", "indice").stdout == "grano\n"
    assert run("suggest", "prezzo", "gra", "--index", "indice").stdout == "prezzo grano\n"
    assert json.loads(run("suggest", "gra", "--index", "indice", "--json").stdout) == ["grano"]
    nothing = run("suggest", "zzz", "--index", "indice")
    assert (nothing.exit_code, nothing.stdout) == (1, "")


def test_analysis_is_a_table_or_json(run: Run) -> None:
    """The values are those of ``searchlib.analyze``; an elided article is a word of its own."""
    lines = run("analyze", "dell'università", "perche'").stdout.splitlines()
    assert lines[0].split() == ["text", "form", "rule", "term", "kin", "position", "start", "end"]
    assert [line.split()[0] for line in lines[1:]] == ["dell'", "università", "perche'"]
    assert [line.split()[1] for line in lines[1:]] == ["dell'", "università", "perché"]
    tokens = json.loads(run("analyze", "dell'università", "--json").stdout)
    assert [(token["text"], token["start"], token["end"]) for token in tokens] == [
        ("dell'", 0, 5),
        ("università", 5, 15),
    ]


@pytest.mark.parametrize(
    ("word", "rule", "term"),
    [
        ("dell'", "elision", "del"),
        ("po'", "truncation", "po"),
        ("1992", "as written", "1992"),
        ("della", "table", "del"),
        ("andremo", "lexicon", "andare"),
        ("freschissime", "grammar", "fresco"),
        ("Zelensky", "name", "zelensky"),
        ("droni", "stemmer", "dron"),
    ],
)
def test_analysis_names_the_rule_that_gave_a_term(
    run: Run, word: str, rule: str, term: str
) -> None:
    """Each step of the analysis that decides a term is told by its name."""
    (token,) = json.loads(run("analyze", word, "--json").stdout)
    assert (token["rule"], token["term"]) == (rule, term)


def test_analysis_takes_corrections(folder: Path, run: Run) -> None:
    """A corrected term is said to be one; a broken file is an error that names its line."""
    (folder / "nostre.txt").write_text("protect: stati\n", "utf-8")
    done = run("analyze", "stati", "anni", "--corrections", "nostre.txt", "--json")
    assert [token["rule"] for token in json.loads(done.stdout)] == ["correction", "lexicon"]
    (folder / "nostre.txt").write_text("protect: stati\nmerge: solo\n", "utf-8")
    broken = run("analyze", "stati", "--corrections", "nostre.txt")
    assert broken.exit_code == 3
    assert "nostre.txt, line 2" in broken.stderr


def test_an_audit_lists_what_is_found_together(folder: Path, run: Run) -> None:
    """Terms with their forms, the most frequent first; filters and JSON; no match is code 1."""
    run("index", "seeds", "--into", "indice")
    lines = run("audit", "--index", "indice").stdout.splitlines()
    assert lines[0].split() == ["term", "documents", "forms"]
    assert lines[1].split()[0] == "il"
    done = run("audit", "--index", "indice", "--json", "--limit", "2", "--least-forms", "1")
    listed = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(listed) == 2
    assert listed[0]["frequency"] == sum(listed[0]["forms"].values()) >= listed[1]["frequency"]
    (word,) = run("audit", "missile", "--index", "indice", "--json").stdout.splitlines()
    assert json.loads(word) == {"term": "missile", "frequency": 1, "forms": {"missili": 1}}
    nothing = run("audit", "balena", "--index", "indice")
    assert (nothing.exit_code, nothing.stdout) == (1, "")


def test_an_index_is_made_with_corrections(folder: Path, run: Run) -> None:
    """What an audit shows is corrected by a file; another one asks for a new index."""
    (folder / "nostre.txt").write_text("merge: grano farina\n", "utf-8")
    made = ("index", "seeds", "--into", "indice", "--corrections", "nostre.txt")
    assert run(*made).exit_code == 0
    assert run(*made).exit_code == 0
    (word,) = run("audit", "farina", "--index", "indice", "--json").stdout.splitlines()
    assert json.loads(word)["forms"] == {"farina": 1, "grano": 1}
    (folder / "nostre.txt").write_text("protect: grano\n", "utf-8")
    other = run(*made)
    assert other.exit_code == 3
    assert "other corrections" in other.stderr
    (folder / "nostre.txt").write_text("unisci: grano\n", "utf-8")
    assert "nostre.txt, line 1" in run(*made, "--overwrite").stderr
    assert run("query", "farina", "--index", "indice").exit_code == 0


def test_the_columns_of_a_table_are_aligned(run: Run) -> None:
    """Words to the left, numbers to the right."""
    header, first, second = run("analyze", "o", "lentamente").stdout.splitlines()
    assert first.index("o  ", 1) == second.index("lentamente ", 1) == header.index("form")
    assert len(header) == len(first) == len(second)


def test_analysis_of_no_word_is_a_header(run: Run) -> None:
    """A text without words is no mistake."""
    result = run("analyze", "...")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].split()[:4] == ["text", "form", "rule", "term"]


def test_info_describes_the_installation_and_the_index(folder: Path, run: Run) -> None:
    """Without an index, the installation alone."""
    alone = run("info").stdout
    assert alone.startswith(f"searchlib {searchlib.__version__}, engines: ")
    assert "no index in indexes/seeds" in alone
    run("index", "seeds", "--into", "indexes/seeds")
    for result in (run("info"), run("info", "indexes/seeds")):
        assert result.exit_code == 0
        facts = dict(line.split(":", 1) for line in result.stdout.splitlines() if ": " in line)
        assert facts["documents"].strip() == "5"
        assert facts["engine"].strip() in ("whoosh", "native")
        assert "\ntitolo    text     weight 2 " in result.stdout
    assert run("info", "manca").exit_code == 3


def test_verify_tells_sound_from_damaged(folder: Path, run: Run) -> None:
    """Each file of the index is damaged in turn: exit code 4, and a line names the file."""
    run("index", "seeds", "--into", "indice")
    sound = run("verify", "indice")
    assert (sound.exit_code, sound.stdout) == (0, "indice: sound\n")
    files = [path for path in Path("indice").rglob("*") if path.is_file() and path.stat().st_size]
    damaged = [path for path in files if "lock" not in path.name]
    assert damaged
    for path in damaged:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        result = run("verify", "indice")
        path.write_bytes(content)
        assert result.exit_code == 4, path
        assert path.name in result.stdout
        assert result.stderr.startswith("searchlib: indice is damaged: ")
    assert run("verify", "indice").exit_code == 0


def test_verify_without_an_index_is_no_damage(folder: Path, run: Run) -> None:
    """A folder that is no index is a wrong folder: exit code 3."""
    assert run("verify", "seeds").exit_code == 3
    assert run("verify").exit_code == 3


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_call_the_program(run: Run, shell: str) -> None:
    """By the variable through which the program answers them."""
    script = run("completion", shell).stdout
    assert f"_SEARCHLIB_COMPLETE={shell}_complete" in script


def test_the_module_runs_as_the_command(folder: Path) -> None:
    """``python -m searchlib`` is ``searchlib``."""
    run = subprocess.run(
        [sys.executable, "-m", "searchlib", "--version"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == f"searchlib {searchlib.__version__}\n"


def test_a_query_does_not_import_what_only_indexing_needs(folder: Path) -> None:
    """Rich, BeautifulSoup and markdown-it would double the time of a query."""
    code = (
        "import sys\n"
        "from searchlib.cli import main\n"
        "main(['query', 'acqua', '--index', sys.argv[1]], standalone_mode=False)\n"
        "print([name for name in ('rich', 'bs4', 'markdown_it') if name in sys.modules])"
    )
    index = folder / "indice"
    schema = searchlib.Schema(id=searchlib.key(), testo=searchlib.text())
    with searchlib.create(index, schema) as made, made.writer() as writer:
        writer.add({"id": "1", "testo": "acqua"})
    run = subprocess.run(
        [sys.executable, "-c", code, str(index)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines()[-1] == "[]"
