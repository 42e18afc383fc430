# SPDX-License-Identifier: MIT
"""The `linking` and `reloc.*` custom sections of a binary linked with `--emit-relocs`.

Source: WebAssembly tool conventions, "WebAssembly Object File Linking", version 2.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from munition.wasm.cursor import Cursor
from munition.wasm.faults import invalid
from munition.wasm.leb import read_signed, read_unsigned

if TYPE_CHECKING:
    from munition.wasm.module import Import

_VERSION: Final = 2
_SYMBOL_TABLE: Final = 8
_NAME_BYTES: Final = 100_000

LOCAL: Final = 0x02
UNDEFINED: Final = 0x10
EXPLICIT_NAME: Final = 0x40
ABSOLUTE: Final = 0x200
WEAK: Final = 0x01


class SymbolKind(enum.IntEnum):
    """What a symbol names."""

    FUNCTION = 0
    DATA = 1
    GLOBAL = 2
    SECTION = 3
    TAG = 4
    TABLE = 5


class RelocationType(enum.IntEnum):
    """The relocations the linker understands."""

    FUNCTION_INDEX_LEB = 0
    TABLE_INDEX_SLEB = 1
    TABLE_INDEX_I32 = 2
    MEMORY_ADDR_LEB = 3
    MEMORY_ADDR_SLEB = 4
    MEMORY_ADDR_I32 = 5
    TYPE_INDEX_LEB = 6
    GLOBAL_INDEX_LEB = 7
    TABLE_NUMBER_LEB = 20


_KINDS: Final = tuple(SymbolKind)
_ADDRESSES: Final = frozenset({3, 4, 5})
_KNOWN: Final = frozenset(t.value for t in RelocationType)


class Symbol(Struct, frozen=True):
    """One entry of the symbol table.

    Attributes:
        kind: what it names.
        flags: as encoded.
        name: its name; for an undefined function without one, that of its import; empty for a section.
        index: function, global, tag or table index; segment of a defined data symbol.
        offset: of a data symbol in its segment, or its address if it is absolute.
        size: of a data symbol.
    """

    kind: SymbolKind
    flags: int
    name: str
    index: int = 0
    offset: int = 0
    size: int = 0


RawRelocation = tuple[int, int, int, int]
"""(type, where, index of a symbol or type, addend)"""


def read_symbols(data: bytes, start: int, end: int, functions: tuple[Import, ...]) -> tuple[Symbol, ...]:
    """The symbol table of the `linking` section whose content is `data[start:end]`.

    `functions` are the imported functions, which give undefined symbols their names.

    Raises:
        InvalidModuleError: E250 for another version or no symbol table, E210 to E240 for malformed content.
    """
    cursor = Cursor(data, start, end)
    version = cursor.u32()
    if version != _VERSION:
        raise invalid("E250", f"version {version} of the linking section is not supported", start)
    while cursor.pos < end:
        kind = cursor.byte()
        size = cursor.u32()
        inner_end = cursor.pos + size
        if inner_end > end:
            raise invalid("E240", "a part of the linking section passes its end", cursor.pos)
        if kind == _SYMBOL_TABLE:
            inner = Cursor(data, cursor.pos, inner_end)
            count = inner.count("symbols", 10_000_000, smallest=3)
            return tuple([_symbol(inner, functions) for _ in range(count)])
        cursor.pos = inner_end
    raise invalid("E250", "the linking section has no symbol table", start)


def _symbol(cursor: Cursor, functions: tuple[Import, ...]) -> Symbol:
    at = cursor.pos
    code = cursor.byte()
    if code >= len(_KINDS):
        raise invalid("E240", f"unknown kind of symbol {code}", at)
    flags = cursor.u32()
    if code == SymbolKind.DATA:
        name = cursor.name(_NAME_BYTES)
        if flags & UNDEFINED:
            return Symbol(SymbolKind.DATA, flags, name)
        return Symbol(SymbolKind.DATA, flags, name, cursor.u32(), cursor.u32(), cursor.u32())
    index = cursor.u32()
    if code == SymbolKind.SECTION:
        return Symbol(SymbolKind.SECTION, flags, "", index)
    if not flags & UNDEFINED or flags & EXPLICIT_NAME:
        return Symbol(_KINDS[code], flags, cursor.name(_NAME_BYTES), index)
    name = functions[index].name if code == SymbolKind.FUNCTION and index < len(functions) else ""
    return Symbol(_KINDS[code], flags, name, index)


def read_relocations(data: bytes, start: int, end: int, base: int = 0) -> list[RawRelocation]:
    """The entries of a `reloc.*` section behind its section index, in `data[start:end]`; `base` is added to offsets.

    Raises:
        InvalidModuleError: E250 for a relocation that is not supported, E210 to E240 for malformed content.
    """
    cursor = Cursor(data, start, end)
    count = cursor.count("relocations", 10_000_000, smallest=3)
    found: list[RawRelocation] = []
    at, last = cursor.pos, 0
    for _ in range(count):
        kind = data[at] if at < end else -1
        if kind not in _KNOWN:
            raise invalid("E250", f"relocation type {kind} is not supported", at)
        offset, at = read_unsigned(data, at + 1, end, 32)
        index, at = read_unsigned(data, at, end, 32)
        if offset < last:
            raise invalid("E240", "relocations are not sorted by offset", at)
        last = offset
        addend = 0
        if kind in _ADDRESSES:
            addend, at = read_signed(data, at, end, 32)
        found.append((kind, base + offset, index, addend))
    if at != end:
        raise invalid("E240", "bytes left over in a relocation section", at)
    return found
