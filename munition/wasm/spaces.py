# SPDX-License-Identifier: MIT
"""How large the index spaces of a module are while it is read."""

from __future__ import annotations

from munition.wasm.module import Kind


class Spaces:
    """Sizes of the index spaces, growing as sections are read; `sizes` is indexed by `Kind`."""

    __slots__ = ("sizes", "types")

    def __init__(self) -> None:
        self.types = 0
        self.sizes = [0] * len(Kind)

    @property
    def functions(self) -> int:
        """Functions, imported ones included."""
        return self.sizes[Kind.FUNCTION]

    @property
    def tables(self) -> int:
        """Tables, imported ones included."""
        return self.sizes[Kind.TABLE]

    @property
    def memories(self) -> int:
        """Memories, imported ones included."""
        return self.sizes[Kind.MEMORY]

    @property
    def globals(self) -> int:
        """Globals, imported ones included, as far as they have been read."""
        return self.sizes[Kind.GLOBAL]

    @property
    def tags(self) -> int:
        """Tags, imported ones included."""
        return self.sizes[Kind.TAG]
