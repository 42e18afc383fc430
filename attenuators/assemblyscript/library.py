# SPDX-License-Identifier: MIT
"""What munition puts in the place of the compiler's own library: the ways to the outside, each by one capability."""

from __future__ import annotations

import functools
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


def library_for(options: Options) -> dict[str, str]:
    """The library files that are added or replaced, by the names the compiler knows them."""
    return dict(_texts())


@functools.cache
def _texts() -> tuple[tuple[str, str], ...]:
    return tuple(
        (path.relative_to(_FOLDER).with_suffix("").as_posix(), path.read_text("utf-8"))
        for path in sorted(_FOLDER.rglob("*.ts"))
    )
