# SPDX-License-Identifier: MIT
"""What the bytes of a module say, read by our own decoder before the engine sees them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from munition.capability.imports import Imported, required
from munition.capability.manifest import SECTION, Manifest, read
from munition.engine.features import refused_features
from munition.wasm.module import Kind, Module
from munition.wasm.reader import read_module
from munition.wasm.types import FuncType, MemoryType, NumType, TableType, ValType

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS: Final = {
    Kind.FUNCTION: "func",
    Kind.TABLE: "table",
    Kind.MEMORY: "memory",
    Kind.GLOBAL: "global",
    Kind.TAG: "tag",
}


@dataclass(frozen=True, slots=True)
class Signature:
    """Parameter and result types by name (`i32`, `f64`, `v128`, `ref`, ...)."""

    params: tuple[str, ...]
    results: tuple[str, ...]

    def __str__(self) -> str:
        """As messages show it."""
        return f"({', '.join(self.params)}) -> ({', '.join(self.results)})"


@dataclass(frozen=True, slots=True)
class Facts:
    """What matters of a module before it runs.

    Attributes:
        sha256: hash of the bytes, in hexadecimal.
        imports: what it imports, in order.
        signatures: the type of each imported function, in the order of `imports`; None for other kinds.
        functions: exported functions by name.
        memory: name of an exported memory; None when there is none.
        pages: least number of pages of its memories together (those of 64 bits apart, which the engine refuses).
        fixed: whether its memory can never grow, as far as a glance at the code tells.
        table: least number of elements of its largest table.
        manifest: what it claims of itself.
        required: capability names its imports need.
        off: features it declares that no preset admits.
    """

    sha256: str
    imports: tuple[Imported, ...]
    signatures: tuple[Signature | None, ...]
    functions: Mapping[str, Signature]
    memory: str | None
    pages: int
    fixed: bool
    table: int
    manifest: Manifest | None
    required: frozenset[str]
    off: tuple[str, ...] = ()


def imports_of(module: Module) -> tuple[Imported, ...]:
    """The imports as capability rules see them."""
    return tuple(Imported(item.module, item.name, _KINDS[item.kind]) for item in module.imports)


def read_facts(wasm: bytes) -> Facts:
    """Decode a module.

    Raises:
        InvalidModuleError: it is no usable module, or its manifest is none.
    """
    module = read_module(wasm)
    imports = imports_of(module)
    types = module.function_types()
    section = module.custom(SECTION)
    return Facts(
        sha256=hashlib.sha256(wasm).hexdigest(),
        imports=imports,
        signatures=tuple(
            _signature(module, item.type) if isinstance(item.type, int) else None for item in module.imports
        ),
        functions={
            e.name: _signature(module, types[e.index]) for e in module.exports if e.kind is Kind.FUNCTION
        },
        memory=next((e.name for e in module.exports if e.kind is Kind.MEMORY), None),
        pages=sum(m.bounds.minimum for m in _memories(module) if not m.bounds.is_64),
        fixed=not any(_may_grow(body.content) for body in module.code),
        table=max((t.bounds.minimum for t in _tables(module) if not t.bounds.is_64), default=0),
        manifest=read(section.content) if section else None,
        required=required(imports),
        off=refused_features(module),
    )


def _signature(module: Module, index: int) -> Signature:
    composite = module.types[index].composite
    if not isinstance(composite, FuncType):
        return Signature(("?",), ("?",))
    return Signature(tuple(map(_type_name, composite.params)), tuple(map(_type_name, composite.results)))


def _type_name(type_: ValType) -> str:
    return type_.name if isinstance(type_, NumType) else "ref"


def _memories(module: Module) -> list[MemoryType]:
    return [*(i.type for i in module.imports if isinstance(i.type, MemoryType)), *module.memories]


def _tables(module: Module) -> list[TableType]:
    return [
        *(i.type for i in module.imports if isinstance(i.type, TableType)),
        *(t.type for t in module.tables),
    ]


def _may_grow(body: bytes) -> bool:
    """Whether the bytes of `memory.grow` occur: 40, and a memory index in its short or a longer form.

    They occur by accident too; a module that can grow its memory has them for certain.
    """
    return b"\x40\x00" in body or b"\x40\x80" in body
