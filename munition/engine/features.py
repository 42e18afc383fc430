# SPDX-License-Identifier: MIT
"""Which features a module declares that no preset admits, found by our own reader before the engine sees a byte.

Sections tell all that changes what a host has to deal with: types, memories, tables, tags. Instructions of features that
are off (SIMD, atomics, exceptions) are refused by the engine's own validation, in a worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from munition.wasm.types import EXTERNREF, FUNCREF, FuncType, GlobalType, MemoryType, NumType, TableType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from munition.wasm.module import Module
    from munition.wasm.types import CompositeType, ValType


def refused_features(module: Module) -> tuple[str, ...]:
    """Names of the features a module declares that are off, without repetition."""
    return tuple(dict.fromkeys(_features(module)))


def _features(module: Module) -> Iterator[str]:
    for sub in module.types:
        yield from _of_type(sub.composite)
    memories = [*(i.type for i in module.imports if isinstance(i.type, MemoryType)), *module.memories]
    for memory in memories:
        if memory.bounds.shared:
            yield "shared memory"
        if memory.bounds.is_64:
            yield "64-bit memory"
        if memory.page_size_log2 != _PAGE_LOG2:
            yield "custom page sizes"
    if len(memories) > 1:
        yield "several memories"
    tables = [
        *(i.type for i in module.imports if isinstance(i.type, TableType)),
        *(t.type for t in module.tables),
    ]
    for table in tables:
        if table.bounds.is_64 or table.bounds.shared:
            yield "64-bit or shared tables"
        yield from _of_value(table.element)
    imported = (i.type for i in module.imports if isinstance(i.type, GlobalType))
    for type_ in (*imported, *(item.type for item in module.globals)):
        yield from _of_value(type_.value)
    if module.tags:
        yield "exceptions"


_PAGE_LOG2: Final = 16


def _of_type(composite: CompositeType) -> Iterator[str]:
    if not isinstance(composite, FuncType):
        yield "garbage collection or stack switching"
        return
    for type_ in (*composite.params, *composite.results):
        yield from _of_value(type_)


def _of_value(type_: ValType) -> Iterator[str]:
    if isinstance(type_, NumType):
        if type_.name == "v128":
            yield "SIMD"
    elif type_ == EXTERNREF:
        yield "external references"
    elif type_ != FUNCREF:
        yield "typed references"
