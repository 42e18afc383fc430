# SPDX-License-Identifier: MIT
"""Types and imports of a module in words, for readers and for the taxonomy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from munition.capability.imports import Imported
from munition.capability.taxonomy import Signature
from munition.wasm.module import Kind, TagType
from munition.wasm.types import (
    ABSTRACT_HEAP_TYPES,
    FuncType,
    GlobalType,
    MemoryType,
    NumType,
    RefType,
    TableType,
)

if TYPE_CHECKING:
    from munition.wasm.module import ImportType, Module
    from munition.wasm.types import Bounds, SubType

KINDS: Final = {
    Kind.FUNCTION: "func",
    Kind.TABLE: "table",
    Kind.MEMORY: "memory",
    Kind.GLOBAL: "global",
    Kind.TAG: "tag",
}
_MAX_SHOWN_TYPES: Final = 32


def signatures(module: Module) -> tuple[Signature, ...]:
    """The imports of a module with their types in text form, in order."""
    known: dict[int, str] = {}
    found: list[Signature] = []
    for item in module.imports:
        index = item.type.type if isinstance(item.type, TagType) else item.type
        if isinstance(index, int):
            if index not in known:
                known[index] = function_text(module.types[index])
            text = known[index]
        else:
            text = type_text(item.type)
        found.append(Signature(Imported(item.module, item.name, KINDS[item.kind]), text))
    return tuple(found)


def function_text(type_: SubType) -> str:
    """A function type as `(i32, i64) -> ()`."""
    composite = type_.composite
    if not isinstance(composite, FuncType):
        return "?"
    return f"({_values(composite.params)}) -> ({_values(composite.results)})"


def _values(types: tuple[NumType | RefType, ...]) -> str:
    more = ", ..." if len(types) > _MAX_SHOWN_TYPES else ""
    return ", ".join(value_text(t) for t in types[:_MAX_SHOWN_TYPES]) + more


def value_text(type_: NumType | RefType) -> str:
    """A value type as the text format writes it."""
    if isinstance(type_, NumType):
        return type_.name
    heap = ABSTRACT_HEAP_TYPES.get(type_.heap, str(type_.heap))
    return f"(ref {'null ' if type_.nullable else ''}{heap})"


def type_text(type_: ImportType) -> str:
    """The type of a table, memory or global."""
    match type_:
        case TableType(element=element, bounds=bounds):
            return f"table {_bounds(bounds)} {value_text(element)}"
        case MemoryType(bounds=bounds):
            return f"memory {_bounds(bounds)}"
        case GlobalType(value=value, mutable=mutable):
            return f"global {'mut ' if mutable else ''}{value_text(value)}"
        case _:
            return ""


def _bounds(bounds: Bounds) -> str:
    most = "" if bounds.maximum is None else f"..{bounds.maximum}"
    return f"{bounds.minimum}{most}{' shared' if bounds.shared else ''}{' (64-bit)' if bounds.is_64 else ''}"
