# SPDX-License-Identifier: MIT
"""The command line: one file per command, each of which parses its options, calls one function and shows the result.

Only this package reads the terminal, the environment and the arguments. Compilers and the engine are imported inside
the commands, so that `--help`, completion and a mistyped option cost nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    from munition.cli.entry import run

    sys.exit(run(sys.argv[1:] if arguments is None else arguments))
