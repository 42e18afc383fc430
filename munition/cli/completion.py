# SPDX-License-Identifier: MIT
"""`munition completion`: the script that teaches a shell the commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from munition.cli.terminal import put_bytes


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script for SHELL.

    For bash: `munition completion bash > ~/.local/share/bash-completion/completions/munition`.
    """
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"no completion for {shell}")
    script = found(ctx.find_root().command, {}, "munition", "_MUNITION_COMPLETE")
    # Not `source()`: it runs the user's shell to learn its version, which printing a text does not need.
    put_bytes((script.source_template % script.source_vars()).encode())
