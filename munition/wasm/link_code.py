# SPDX-License-Identifier: MIT
"""Function bodies of a link: copied, with every index and address replaced by the final one."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from munition.wasm.faults import LinkError
from munition.wasm.leb import padded, read_signed, signed, unsigned
from munition.wasm.link_unit import (
    DATA_PLACEHOLDER,
    INDEX_PLACEHOLDER,
    CallRelocation,
    DataRelocation,
    GeneratedFunction,
    GlobalRelocation,
    Relocation,
    TypeRelocation,
)
from munition.wasm.relocations import RelocationType, SymbolKind
from munition.wasm.runtime_object import func_type_at

if TYPE_CHECKING:
    from munition.wasm.link_plan import LinkPlan
    from munition.wasm.module import Module
    from munition.wasm.relocations import RawRelocation
    from munition.wasm.types import FuncType

_CALL = RelocationType.FUNCTION_INDEX_LEB.value
_TYPE = RelocationType.TYPE_INDEX_LEB.value
_SIGNED = frozenset({RelocationType.TABLE_INDEX_SLEB.value, RelocationType.MEMORY_ADDR_SLEB.value})
_ADDRESSES = frozenset({RelocationType.MEMORY_ADDR_LEB.value, RelocationType.MEMORY_ADDR_SLEB.value})


class TypeTable:
    """The type section of the result, filled in the order of first use."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.index: dict[FuncType, int] = {}
        self.by_identity: dict[int, int] = {}
        self.by_old: dict[int, int] = {}

    def of(self, type_: FuncType) -> int:
        """The index of `type_`. The caller's records outlive the table, so their identity saves comparing them."""
        known = self.by_identity.get(id(type_))
        if known is None:
            known = self.index.setdefault(type_, len(self.index))
            self.by_identity[id(type_)] = known
        return known

    def of_old(self, index: int) -> int:
        """The index of what was type `index` of the runtime."""
        known = self.by_old.get(index)
        if known is None:
            known = self.by_old[index] = self.of(func_type_at(self.module, index))
        return known


def runtime_bodies(plan: LinkPlan, types: TypeTable) -> list[bytes]:
    """The runtime's functions that are kept, each relocated number in its shortest form.

    Nothing refers to places inside these functions (branches count blocks), so their code may move.
    """
    runtime = plan.runtime
    imported = len(runtime.imports)
    numbers = _Numbers(plan, types)
    found: list[bytes] = []
    for function in plan.own:
        body = runtime.module.code[function - imported]
        content, at = body.content, 0
        parts: list[bytes] = []
        for relocation in runtime.code_relocations[function - imported]:
            offset = relocation[1] - body.at
            parts += (content[at:offset], numbers.encoded(relocation, content, offset))
            at = offset + 5
        parts.append(content[at:])
        found.append(b"".join(parts))
    return found


class _Numbers:
    """What stands in the result where the runtime has a relocated number."""

    def __init__(self, plan: LinkPlan, types: TypeTable) -> None:
        self.final = plan.final
        self.types = types
        self.addresses = moved_symbols(plan)
        self.targets = [s.index if s.kind is SymbolKind.FUNCTION else -1 for s in plan.runtime.symbols]
        self.calls: dict[int, bytes] = {}

    def encoded(self, relocation: RawRelocation, content: bytes, offset: int) -> bytes:
        """The bytes for the five at `offset` of a body."""
        kind, _, index, addend = relocation
        if kind == _CALL:
            raw = self.calls.get(index)
            if raw is None:
                raw = self.calls[index] = unsigned(self.final[self.targets[index]])
            return raw
        if kind == _TYPE:
            return signed(self.types.of_old(index))  # signed: it may be a block type
        if index in self.addresses and kind in _ADDRESSES:
            value = self.addresses[index] + addend
        else:
            value = read_signed(content, offset, offset + 5, 33)[0]
        return signed(value) if kind in _SIGNED else unsigned(value)


def moved_symbols(plan: LinkPlan) -> dict[int, int]:
    """Position in the symbol table -> new address, for the symbols whose address changes."""
    symbols = plan.runtime.symbols
    return {
        i: plan.moved[s.name]
        for i, s in enumerate(symbols)
        if s.kind is SymbolKind.DATA and s.name in plan.moved
    }


def generated_bodies(plan: LinkPlan, types: TypeTable) -> list[bytes]:
    """The generated functions.

    Raises:
        LinkError: a relocation is not on a placeholder, or what it stands for is missing or out of range.
    """
    return [_patched(function, plan, types) for function in plan.unit.functions]


def _patched(function: GeneratedFunction, plan: LinkPlan, types: TypeTable) -> bytes:
    if not function.relocations:
        return function.body
    content = bytearray(function.body)
    for relocation in function.relocations:
        placeholder = DATA_PLACEHOLDER if isinstance(relocation, DataRelocation) else INDEX_PLACEHOLDER
        end = relocation.offset + len(placeholder)
        if bytes(content[relocation.offset : end]) != placeholder:
            raise LinkError(f"no placeholder in {function.symbol!r} for {relocation}")
        content[relocation.offset : end] = padded(_value(relocation, plan, types), len(placeholder))
    return bytes(content)


def _value(relocation: Relocation, plan: LinkPlan, types: TypeTable) -> int:
    match relocation:
        case CallRelocation(_, symbol):
            return plan.function(symbol)
        case TypeRelocation(_, type_):
            return types.of(type_)
        case DataRelocation(_, symbol, addend):
            return plan.address(symbol) + addend
        case GlobalRelocation(_, symbol):
            index = plan.symbols.global_index(symbol)
            if index is None:
                raise LinkError(f"there is no global {symbol!r}")
            return index
        case _:
            assert_never(relocation)
