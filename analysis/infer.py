# SPDX-License-Identifier: MIT
"""Which capabilities a module needs, from its import section."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from munition.capability.imports import Imported, required, rule_of
from munition.capability.manifest import SECTION, Manifest, read
from munition.errors import InvalidModuleError, UsageTypeError
from munition.wasm.limits import DEFAULT_LIMITS
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


@dataclass(frozen=True, slots=True)
class Need:
    """One import and the capability names it may stand for.

    Attributes:
        item: the import.
        names: sorted names; empty when it needs nothing.
    """

    item: Imported
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inference:
    """What a module needs.

    Attributes:
        required: capability names without parameters; never too few.
        needs: each import with the names it contributes to `required`, in import order.
        manifest: what the module says of itself; None when it says nothing that can be read.
    """

    required: frozenset[str]
    needs: tuple[Need, ...]
    manifest: Manifest | None


def infer(data: bytes) -> Inference:
    """Read what the module in `data` needs.

    Raises:
        InvalidModuleError: it is no core module.
    """
    module = read_module(data)
    imports = _imports(module)
    names = required(imports)
    needs = tuple(Need(item, _names(item, names)) for item in imports)
    return Inference(names, needs, _claim(module))


def infer_capabilities(module: bytes | str | os.PathLike[str]) -> frozenset[str]:
    """The names of the capabilities a module needs, without parameters.

    Args:
        module: the bytes of the module, or the path of a file that holds them.

    Raises:
        InvalidModuleError: it is no core module.
        UsageTypeError: neither bytes nor a path.
        OSError: the file cannot be read.
    """
    if isinstance(module, (bytes, bytearray, memoryview)):
        return infer(bytes(module)).required
    if not isinstance(module, (str, os.PathLike)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageTypeError(f"a module is bytes or a path, not {type(module).__name__}")
    with Path(module).open("rb") as file:
        data = file.read(DEFAULT_LIMITS.module_bytes + 1)
    return infer(data).required


def _imports(module: Module) -> tuple[Imported, ...]:
    return tuple(Imported(item.module, item.name, _KINDS[item.kind]) for item in module.imports)


def _names(item: Imported, names: frozenset[str]) -> tuple[str, ...]:
    """What one import contributes: files count only where something in the module can open them."""
    rule = rule_of(item)
    return tuple(sorted((rule.always | rule.opened) & names))


def _claim(module: Module) -> Manifest | None:
    section = module.custom(SECTION)
    if section is None:
        return None
    try:
        return read(section.content)
    except (
        InvalidModuleError
    ):  # a claim that cannot be read says nothing; the engine refuses to run such a module
        return None
