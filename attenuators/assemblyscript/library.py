# SPDX-License-Identifier: MIT
"""What munition puts in the place of the compiler's own library: the ways to the outside, each by one capability."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from munition.attenuator import Options

_FOLDER: Final = Path(__file__).parent / "lib"

# Library file, what stands in it, what stands there instead. The worker refuses to go on when it does not.
PATCHES: Final = (
    # A memory that cannot grow is a limit that was reached, and said so; not just an unreachable instruction.
    ("rt/tlsf", "< 0) unreachable();", "< 0) munition$memory();"),
)


_DECLARED: Final = re.compile(
    r'@external\("munition:(?P<capability>\w+)", "\w+"\)\s*(?P<export>export )?declare function (?P<signature>\w+\([^)]*\): \w+);'
)


def library_for(options: Options) -> dict[str, str]:
    """The library files that are added or replaced, by the names the compiler knows them.

    Where uses that were not declared become errors at run time, the functions behind them are no imports but raise.
    """
    found = dict(_texts())
    if options.denied == "compile":
        return found
    declared = options.declared.names

    def define(match: re.Match[str]) -> str:
        if match["capability"] in declared:
            return match[0]
        return (
            f"{match['export'] or ''}function {match['signature']}"
            f' {{ munition$denied("{match["capability"]}"); return unreachable(); }}'
        )

    return {name: _DECLARED.sub(define, text) for name, text in found.items()}


@functools.cache
def _texts() -> tuple[tuple[str, str], ...]:
    return tuple(
        (path.relative_to(_FOLDER).with_suffix("").as_posix(), path.read_text("utf-8"))
        for path in sorted(_FOLDER.rglob("*.ts"))
    )
