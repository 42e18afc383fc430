# SPDX-License-Identifier: MIT
"""Text of a guest or of the engine, made fit for a message."""

from __future__ import annotations

from typing import Final

_MAX_TEXT: Final = 500


def tidy(text: str) -> str:
    """Text that may hold names a guest chose: one line, printable, of bounded length."""
    one_line = " ".join(text.split())
    cut = one_line if len(one_line) <= _MAX_TEXT else one_line[:_MAX_TEXT] + "..."
    return (
        cut
        if cut.isascii() and cut.isprintable()
        else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut)
    )


def shown(text: str) -> str:
    """Text of the guest for a message: as it is when it is plain, else in one printable line."""
    plain = all(c.isprintable() or c in "\n\t" for c in text) and len(text) <= _MAX_SHOWN
    return text if plain else tidy(text)


_MAX_SHOWN: Final = 4000
