# SPDX-License-Identifier: MIT
"""`munition setup`: bring what a language needs beyond this package. The one command that uses the network."""

from __future__ import annotations

from pathlib import Path

import click

from munition.cli.terminal import put_line


@click.command("setup")
@click.argument("language", type=click.Choice(["assemblyscript"]))
@click.option(
    "--from",
    "archives",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with the packages' archives; they are fetched with npm unless given.",
)
def command(language: str, archives: Path | None) -> None:
    """Install the compiler of LANGUAGE into the user's data folder, by pinned hashes. Compiling needs no network."""
    from munition.attenuators.assemblyscript.install import install
    from munition.attenuators.assemblyscript.pinned import VERSION

    folder = install(archives)
    put_line(f"{language} {VERSION} is installed in {folder.parent}")
