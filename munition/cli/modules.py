# SPDX-License-Identifier: MIT
"""What the bytes of a module say about what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from munition.capability.imports import Imported, required
from munition.wasm.module import Kind
from munition.wasm.reader import read_module

if TYPE_CHECKING:
    from munition.wasm.module import Module

_KINDS: Final = {
    Kind.FUNCTION: "func",
    Kind.TABLE: "table",
    Kind.MEMORY: "memory",
    Kind.GLOBAL: "global",
    Kind.TAG: "tag",
}


def imported(module: Module) -> tuple[Imported, ...]:
    """The imports of a decoded module as far as capabilities go, in order."""
    return tuple(Imported(item.module, item.name, _KINDS[item.kind]) for item in module.imports)


def needs_of(data: bytes) -> list[str]:
    """The names of the capabilities a module needs, sorted.

    Raises:
        InvalidModuleError: it is no usable module.
    """
    return sorted(required(imported(read_module(data))))
