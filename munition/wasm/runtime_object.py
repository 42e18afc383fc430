# SPDX-License-Identifier: MIT
"""The prebuilt guest runtime as the linker sees it: a module, its symbols, and where indices and addresses stand in it."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from munition.wasm.cursor import Cursor
from munition.wasm.faults import LinkError, invalid
from munition.wasm.module import Kind, Mode, Section, SectionId
from munition.wasm.reader import read_module, read_sections
from munition.wasm.relocations import (
    ABSOLUTE,
    LOCAL,
    UNDEFINED,
    WEAK,
    RawRelocation,
    RelocationType,
    Symbol,
    SymbolKind,
    read_relocations,
    read_symbols,
)
from munition.wasm.runtime_index import Tables, decode_index, encode_index
from munition.wasm.types import FuncType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from munition.wasm.module import Import, Module

LINK_MODULE: Final = "link"
"""Import module of functions that generated code provides: the linker resolves them, no host ever sees them."""

HEAP_BASE: Final = "__heap_base"
HEAP_END: Final = "__heap_end"

_FUNCTION, _DATA, _GLOBAL, _TABLE = SymbolKind.FUNCTION, SymbolKind.DATA, SymbolKind.GLOBAL, SymbolKind.TABLE
_SYMBOL_OF: Final = {
    RelocationType.FUNCTION_INDEX_LEB: _FUNCTION,
    RelocationType.TABLE_INDEX_SLEB: _FUNCTION,
    RelocationType.TABLE_INDEX_I32: _FUNCTION,
    RelocationType.MEMORY_ADDR_LEB: _DATA,
    RelocationType.MEMORY_ADDR_SLEB: _DATA,
    RelocationType.MEMORY_ADDR_I32: _DATA,
    RelocationType.GLOBAL_INDEX_LEB: _GLOBAL,
    RelocationType.TABLE_NUMBER_LEB: _TABLE,
}
_WORDS: Final = frozenset({RelocationType.TABLE_INDEX_I32.value, RelocationType.MEMORY_ADDR_I32.value})


class DataSymbol(Struct, frozen=True):
    """A data symbol of the runtime: its address in linear memory and its size in bytes."""

    address: int
    size: int


class RuntimeObject(Struct, frozen=True):
    """A runtime that can be linked any number of times.

    Attributes:
        module: the artefact, decoded.
        imports: its imported functions.
        function_types: type index of each function, imported ones first.
        symbols: the symbol table; relocations name its positions.
        functions: name -> function index, static functions left out.
        data: name -> place, static data left out.
        globals: name -> global index.
        heap_base: the address behind its data, where the program's data may begin.
        table_base: the first table slot behind its own.
        slots: table slot -> function index.
        segments: (address, bytes) of its data; data symbols name its positions.
        code_relocations: for each defined function, the relocations in its body, with offsets from the start of the
            artefact, as `Body.at`.
        data_relocations: relocations in the data, by address.
    """

    module: Module
    imports: tuple[Import, ...]
    function_types: tuple[int, ...]
    symbols: tuple[Symbol, ...]
    functions: Mapping[str, int]
    data: Mapping[str, DataSymbol]
    globals: Mapping[str, int]
    heap_base: int
    table_base: int
    slots: Mapping[int, int]
    segments: tuple[tuple[int, bytes], ...]
    code_relocations: tuple[tuple[RawRelocation, ...], ...]
    data_relocations: tuple[RawRelocation, ...]

    def function_type(self, symbol: str) -> FuncType:
        """The signature of a function of the runtime.

        Raises:
            LinkError: there is no such function.
        """
        if symbol not in self.functions:
            raise LinkError(f"the runtime has no function {symbol!r}")
        return func_type_at(self.module, self.function_types[self.functions[symbol]])

    def address(self, symbol: str) -> int:
        """The address of a data symbol. Name the symbol in `LinkUnit.keep` if the address is used unrelocated.

        Raises:
            LinkError: there is no such data.
        """
        return self._data(symbol).address

    def read(self, symbol: str) -> bytes:
        """The initial bytes of a data symbol.

        Raises:
            LinkError: there is no such data.
        """
        found = self._data(symbol)
        return self.read_bytes(found.address, found.size)

    def read_bytes(self, address: int, size: int) -> bytes:
        """`size` initial bytes at `address`; what no segment covers is zero."""
        out = bytearray(size)
        for start, content in self.segments:
            first, last = max(start, address), min(start + len(content), address + size)
            if first < last:
                out[first - address : last - address] = content[first - start : last - start]
        return bytes(out)

    def _data(self, symbol: str) -> DataSymbol:
        if symbol not in self.data:
            raise LinkError(f"the runtime has no data symbol {symbol!r}")
        return self.data[symbol]


def func_type_at(module: Module, index: int) -> FuncType:
    """The function type at a type index of a runtime, whose types are all plain."""
    composite = module.types[index].composite
    if not isinstance(composite, FuncType):
        raise invalid("E250", f"type {index} of the runtime is not a function type")
    return composite


def read_runtime(data: bytes, index: bytes | None = None) -> RuntimeObject:
    """Decode a guest runtime linked with `wasm-ld --no-entry --emit-relocs`.

    Args:
        data: the artefact.
        index: what `runtime_index` made of it, which spares decoding its relocations.

    Raises:
        InvalidModuleError: not a module, or E250: not built that way, or using what the linker does not support, or
            `index` belongs to another artefact.
    """
    module = read_module(data)
    _check_supported(module)
    segments = tuple((_constant(d.offset), d.content) for d in module.data)
    symbols, functions, words = (
        _tables(data, module, segments) if index is None else decode_index(data, index)
    )
    slots = _slots(module)
    return RuntimeObject(
        module=module,
        imports=module.imported(Kind.FUNCTION),
        function_types=module.function_types(),
        symbols=symbols,
        functions=_named(symbols, SymbolKind.FUNCTION),
        data=_data_symbols(symbols, segments),
        globals=_named(symbols, SymbolKind.GLOBAL),
        heap_base=_heap_base(symbols, segments, module),
        table_base=max(slots, default=0) + 1,
        slots=slots,
        segments=segments,
        code_relocations=functions,
        data_relocations=words,
    )


def runtime_index(data: bytes) -> bytes:
    """The index of a runtime, to be kept beside it; made when the runtime is built.

    Raises:
        InvalidModuleError: as `read_runtime`.
    """
    runtime = read_runtime(data)
    return encode_index(data, (runtime.symbols, runtime.code_relocations, runtime.data_relocations))


def _tables(data: bytes, module: Module, segments: tuple[tuple[int, bytes], ...]) -> Tables:
    """Symbols and relocations, decoded from the artefact's own sections."""
    sections = read_sections(data)
    linking = next((s for s in sections if s.name == "linking"), None)
    if linking is None:
        raise invalid("E250", "no linking section: was the runtime built with --emit-relocs?")
    symbols = read_symbols(data, linking.start, linking.end, module.imported(Kind.FUNCTION))
    _check_symbols(symbols, module, len(segments))
    found = _relocations(data, sections)
    code, words = found[SectionId.CODE], found[SectionId.DATA]
    _check_targets([*code, *words], symbols, len(module.types))
    return symbols, _by_function(data, module, code), _by_address(module, segments, words)


def _check_supported(module: Module) -> None:
    if len(module.imports) != len(module.imported(Kind.FUNCTION)):
        raise invalid("E250", "the runtime may import functions only")
    if len(module.tables) > 1 or len(module.memories) != 1 or module.tags or module.rec_groups:
        raise invalid("E250", "the runtime must have one memory, at most one table, no tags and plain types")
    if module.start is not None:
        raise invalid("E250", "the runtime must not have a start function")
    if any(e.mode is not Mode.ACTIVE or e.expressions is not None for e in module.elements):
        raise invalid("E250", "the runtime may have active element segments of functions only")
    if any(d.offset is None for d in module.data):
        raise invalid("E250", "the runtime may have active data segments only")


def _check_symbols(symbols: tuple[Symbol, ...], module: Module, segments: int) -> None:
    bounds = {
        SymbolKind.FUNCTION: len(module.function_types()),
        SymbolKind.DATA: max(segments, 1),
        SymbolKind.GLOBAL: len(module.globals),
        SymbolKind.TABLE: len(module.tables),
    }
    for symbol in symbols:
        if symbol.index >= bounds.get(symbol.kind, 1 << 32):
            raise invalid("E250", f"the symbol {symbol.name!r} names something that does not exist")


def _constant(offset: bytes | None) -> int:
    if offset is None or offset[0] != 0x41:
        raise invalid("E250", "the runtime may place its segments at constant addresses only")
    return Cursor(offset, 1, len(offset)).signed(32) % (1 << 32)


def _named(symbols: tuple[Symbol, ...], kind: SymbolKind) -> dict[str, int]:
    """The symbols of a kind that may be named from outside; a strong one wins over a weak one."""
    found: dict[str, int] = {}
    for symbol in sorted(symbols, key=lambda s: not s.flags & WEAK):
        if symbol.kind is kind and not symbol.flags & LOCAL:
            found[symbol.name] = symbol.index
    return found


def place(symbol: Symbol, segments: tuple[tuple[int, bytes], ...]) -> DataSymbol:
    """Where a data symbol lies; an undefined weak one is at 0."""
    if symbol.flags & UNDEFINED:
        return DataSymbol(0, 0)
    base = 0 if symbol.flags & ABSOLUTE else segments[symbol.index][0]
    return DataSymbol(base + symbol.offset, symbol.size)


def _data_symbols(
    symbols: tuple[Symbol, ...], segments: tuple[tuple[int, bytes], ...]
) -> dict[str, DataSymbol]:
    return {
        s.name: place(s, segments)
        for s in symbols
        if s.kind is SymbolKind.DATA and not s.flags & (LOCAL | UNDEFINED)
    }


def _heap_base(symbols: tuple[Symbol, ...], segments: tuple[tuple[int, bytes], ...], module: Module) -> int:
    """`__heap_base`; where nothing refers to it the linker left it out: then behind the data and the stack."""
    for symbol in symbols:
        if symbol.kind is SymbolKind.DATA and symbol.name == HEAP_BASE:
            return symbol.offset
    ends = [address + len(content) for address, content in segments]
    ends += [_constant(g.initial) for g in module.globals if g.initial[0] == 0x41]
    return max(ends, default=0) + 15 & ~15


def _slots(module: Module) -> dict[int, int]:
    slots: dict[int, int] = {}
    for segment in module.elements:
        first = _constant(segment.offset)
        slots.update({first + i: f for i, f in enumerate(segment.functions)})
    return slots


def _relocations(data: bytes, sections: tuple[Section, ...]) -> dict[int, list[RawRelocation]]:
    """Relocations by the section they are in, with offsets from the start of the file."""
    found: dict[int, list[RawRelocation]] = {SectionId.CODE: [], SectionId.DATA: []}
    for section in sections:
        if section.name is None or not section.name.startswith("reloc."):
            continue
        cursor = Cursor(data, section.start, section.end)
        position = cursor.u32()
        if position >= len(sections) or sections[position].id not in found:
            raise invalid(
                "E250", f"{section.name!r} relocates something else than code or data", section.start
            )
        target = sections[position]
        found[target.id] = read_relocations(data, cursor.pos, section.end, target.start)
    return found


def _check_targets(entries: list[RawRelocation], symbols: tuple[Symbol, ...], types: int) -> None:
    """Every relocation names a symbol of the kind it needs, or a type."""
    allowed = {
        t.value: frozenset(i for i, s in enumerate(symbols) if s.kind is k) for t, k in _SYMBOL_OF.items()
    }
    allowed[RelocationType.TYPE_INDEX_LEB.value] = frozenset(range(types))
    for type_, offset, index, _ in entries:
        if index not in allowed[type_]:
            raise invalid(
                "E250", f"a relocation names symbol or type {index}, which is not of its kind", offset
            )


def _by_function(
    data: bytes, module: Module, entries: list[RawRelocation]
) -> tuple[tuple[RawRelocation, ...], ...]:
    """The relocations of each body."""
    for type_, offset, _, _ in entries:
        if (
            type_ in _WORDS
            or data[offset + 3 : offset + 4] < b"\x80"
            or data[offset + 4 : offset + 5] >= b"\x80"
        ):
            raise invalid("E250", "a relocation is not on a number padded to five bytes", offset)
    whole = tuple(entries)
    offsets = [e[1] for e in entries]
    found: list[tuple[RawRelocation, ...]] = []
    first = 0
    for body in module.code:
        end = body.at + len(body.content)
        last = bisect_left(offsets, end, first)
        if last > first and not body.at <= offsets[first] <= offsets[last - 1] <= end - 5:
            raise invalid("E250", "a relocation lies outside every function body", offsets[first])
        found.append(whole[first:last])
        first = last
    if first != len(entries):
        raise invalid("E250", "a relocation lies behind the last function body", offsets[first])
    return tuple(found)


def _by_address(
    module: Module, segments: tuple[tuple[int, bytes], ...], entries: list[RawRelocation]
) -> tuple[RawRelocation, ...]:
    """Relocations in data, with addresses in linear memory for offsets in the file."""
    spans = [
        (d.at, d.at + len(d.content), address - d.at)
        for d, (address, _) in zip(module.data, segments, strict=True)
    ]
    found: list[RawRelocation] = []
    for type_, offset, index, addend in entries:
        shift = next((shift for start, end, shift in spans if start <= offset <= end - 4), None)
        if shift is None or type_ not in _WORDS:
            raise invalid("E250", "a relocation lies outside every data segment, or is none for data", offset)
        found.append((type_, offset + shift, index, addend))
    return tuple(sorted(found, key=lambda r: r[1]))
