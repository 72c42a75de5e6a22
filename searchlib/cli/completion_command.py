"""The command ``completion``: the script by which a shell completes commands and options."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

from searchlib.cli.application import examples

__all__ = ["completion"]


@click.command(
    epilog=examples(
        "searchlib completion bash >> ~/.bashrc",
    )
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for SHELL."""
    kind = get_completion_class(shell)
    program = click.get_current_context().find_root().command
    assert kind is not None  # click knows these three
    script = kind(program, {}, "searchlib", "_SEARCHLIB_COMPLETE")
    click.echo(ShellComplete.source(script))  # the subclass's own would ask bash its version
