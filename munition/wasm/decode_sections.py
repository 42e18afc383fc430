# SPDX-License-Identifier: MIT
"""The content of each section (core specification, section 5.5) to records.

Each function reads one section from a cursor that ends where the section ends. `Spaces` tells the sizes of the index
spaces it must stay within; sections are read in file order, and the caller enlarges the spaces as it goes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from munition.wasm.decode_constants import const_expr
from munition.wasm.decode_types import global_type, memory_type, ref_type, table_type
from munition.wasm.faults import invalid
from munition.wasm.module import (
    Body,
    Data,
    Element,
    Export,
    Global,
    Import,
    ImportType,
    Kind,
    Mode,
    Table,
    TagType,
)
from munition.wasm.types import FUNCREF, MemoryType, RefType

if TYPE_CHECKING:
    from munition.wasm.cursor import Cursor
    from munition.wasm.limits import Limits
    from munition.wasm.spaces import Spaces

KINDS: Final = tuple(Kind)
_KIND_NAMES: Final = tuple(kind.name.lower() for kind in Kind)

_FUNC_REF_NON_NULL: Final = RefType(FUNCREF.heap, nullable=False)
_COMPACT_TYPED, _COMPACT_SAME = 0x7F, 0x7E


def index(cursor: Cursor, bound: int, what: str) -> int:
    """An index below `bound`."""
    start = cursor.pos
    found = cursor.u32()
    if found >= bound:
        raise invalid("E222", f"{what} index {found} out of bounds: there are {bound}", start)
    return found


def indices(cursor: Cursor, count: int, bound: int, what: str) -> tuple[int, ...]:
    """`count` indices below `bound`. Runs of one-byte indices are taken at once."""
    start = cursor.pos
    raw = cursor.data[start : min(start + count, cursor.end)]
    if count and len(raw) == count and raw.isascii():
        if max(raw) >= bound:
            raise invalid("E222", f"{what} index {max(raw)} out of bounds: there are {bound}", start)
        cursor.pos = start + count
        return tuple(raw)
    return tuple([index(cursor, bound, what) for _ in range(count)])


def import_section(cursor: Cursor, spaces: Spaces, limits: Limits) -> tuple[Import, ...]:
    """The imports, those of the compact encoding (one module name for many imports) spread out."""
    types = spaces.types
    found: list[Import] = []
    for _ in range(cursor.count("imports", limits.imports, smallest=4)):
        module = cursor.name(limits.name_bytes)
        name = cursor.name(limits.name_bytes)
        code = cursor.peek()
        if code >= _COMPACT_SAME and not name:
            found.extend(_compact_imports(cursor, module, types, limits, len(found)))
        else:
            found.append(Import(module, name, *extern_type(cursor, types)))
    if len(found) > limits.imports:
        raise invalid("E217", f"{len(found)} imports, more than the limit of {limits.imports}", cursor.pos)
    return tuple(found)


def _compact_imports(cursor: Cursor, module: str, types: int, limits: Limits, so_far: int) -> list[Import]:
    form = cursor.byte()
    room = limits.imports - so_far
    if form == _COMPACT_SAME:
        kind, type_ = extern_type(cursor, types)
        count = cursor.count("imports", room)
        return [Import(module, cursor.name(limits.name_bytes), kind, type_) for _ in range(count)]
    if form != _COMPACT_TYPED:
        raise invalid("E221", f"unknown kind of import {form:#04x}", cursor.pos - 1)
    count = cursor.count("imports", room, smallest=3)
    return [Import(module, cursor.name(limits.name_bytes), *extern_type(cursor, types)) for _ in range(count)]


def extern_type(cursor: Cursor, types: int) -> tuple[Kind, ImportType]:
    """What an import is: its kind, and its type, which may refer to the first `types` types."""
    code = cursor.byte()
    if code == 0:
        return Kind.FUNCTION, index(cursor, types, "type")
    if code == 1:
        return Kind.TABLE, table_type(cursor, types)
    if code == 2:
        return Kind.MEMORY, memory_type(cursor)
    if code == 3:
        return Kind.GLOBAL, global_type(cursor, types)
    if code == 4:
        return Kind.TAG, TagType(_tag(cursor, types))
    raise invalid("E221", f"unknown kind of import {code:#04x}", cursor.pos - 1)


def _tag(cursor: Cursor, types: int) -> int:
    start = cursor.pos
    attribute = cursor.byte()
    if attribute:
        raise invalid("E220", f"unknown tag attribute {attribute}", start)
    return index(cursor, types, "type")


def function_section(cursor: Cursor, spaces: Spaces, limits: Limits) -> tuple[int, ...]:
    """The type index of each defined function."""
    count = cursor.count("functions", limits.functions - spaces.functions)
    return indices(cursor, count, spaces.types, "type")


def table_section(cursor: Cursor, spaces: Spaces, limits: Limits) -> tuple[Table, ...]:
    """The defined tables. Initial values may use imported globals."""
    count = cursor.count("tables", limits.tables - spaces.tables, smallest=3)
    return tuple([_table(cursor, spaces) for _ in range(count)])


def _table(cursor: Cursor, spaces: Spaces) -> Table:
    if cursor.peek() != 0x40:
        return Table(table_type(cursor, spaces.types))
    start = cursor.pos
    cursor.byte()
    if cursor.byte():
        raise invalid("E223", "malformed table with an initial value", start)
    type_ = table_type(cursor, spaces.types)
    return Table(type_, const_expr(cursor, spaces))


def memory_section(cursor: Cursor, spaces: Spaces, limits: Limits) -> tuple[MemoryType, ...]:
    """The defined memories."""
    count = cursor.count("memories", limits.memories - spaces.memories, smallest=2)
    return tuple([memory_type(cursor) for _ in range(count)])


def tag_section(cursor: Cursor, spaces: Spaces, limits: Limits) -> tuple[int, ...]:
    """The type index of each defined tag."""
    count = cursor.count("tags", limits.tags - spaces.tags, smallest=2)
    return tuple([_tag(cursor, spaces.types) for _ in range(count)])


def global_section(cursor: Cursor, spaces: Spaces, limits: Limits) -> tuple[Global, ...]:
    """The defined globals. An initial value may use the globals before its own, so `spaces` grows on the way."""
    found: list[Global] = []
    for _ in range(cursor.count("globals", limits.globals - spaces.globals, smallest=4)):
        type_ = global_type(cursor, spaces.types)
        found.append(Global(type_, const_expr(cursor, spaces)))
        spaces.sizes[Kind.GLOBAL] += 1
    return tuple(found)


def export_section(cursor: Cursor, spaces: Spaces, limits: Limits) -> tuple[Export, ...]:
    """The exports."""
    found: list[Export] = []
    names: set[str] = set()
    for _ in range(cursor.count("exports", limits.exports, smallest=3)):
        start = cursor.pos
        name = cursor.name(limits.name_bytes)
        if name in names:
            raise invalid("E225", f"two exports are called {name[:80]!r}", start)
        names.add(name)
        code = cursor.byte()
        if code >= len(KINDS):
            raise invalid("E221", f"unknown kind of export {code:#04x}", cursor.pos - 1)
        found.append(Export(name, KINDS[code], index(cursor, spaces.sizes[code], _KIND_NAMES[code])))
    return tuple(found)


def start_section(cursor: Cursor, spaces: Spaces, limits: Limits) -> int:
    """The index of the start function."""
    del limits
    return index(cursor, spaces.functions, "function")


def element_section(cursor: Cursor, spaces: Spaces, limits: Limits) -> tuple[Element, ...]:
    """The element segments."""
    count = cursor.count("element segments", limits.element_segments, smallest=2)
    return tuple([_element(cursor, spaces, limits) for _ in range(count)])


def _element(cursor: Cursor, spaces: Spaces, limits: Limits) -> Element:
    """One segment. Bit 0 of its flags: not active; bit 1: explicit table, or declarative; bit 2: expressions."""
    start = cursor.pos
    flags = cursor.u32()
    if flags > 7:
        raise invalid("E228", f"unknown element segment flags {flags}", start)
    mode = Mode.ACTIVE if not flags & 1 else Mode.DECLARATIVE if flags & 2 else Mode.PASSIVE
    table, offset = 0, None
    if mode is Mode.ACTIVE:
        table = cursor.u32() if flags & 2 else 0
        if table >= spaces.tables:
            raise invalid("E222", f"element segment for table {table}: there are {spaces.tables}", start)
        offset = const_expr(cursor, spaces)
    if flags & 4:
        type_ = ref_type(cursor, spaces.types) if flags & 3 else FUNCREF
        count = cursor.count("elements", limits.table_elements, smallest=2)
        return Element(
            mode, type_, (), tuple([const_expr(cursor, spaces) for _ in range(count)]), table, offset
        )
    if flags & 3 and cursor.byte():
        raise invalid("E228", "unknown kind of element", cursor.pos - 1)
    count = cursor.count("elements", limits.table_elements)
    functions = indices(cursor, count, spaces.functions, "function")
    return Element(mode, _FUNC_REF_NON_NULL, functions, None, table, offset)


def data_count_section(cursor: Cursor, spaces: Spaces, limits: Limits) -> int:
    """How many data segments will follow."""
    del spaces
    start = cursor.pos
    count = cursor.u32()
    if count > limits.data_segments:
        raise invalid("E217", f"{count} data segments, more than the limit of {limits.data_segments}", start)
    return count


def code_section(cursor: Cursor, spaces: Spaces, limits: Limits) -> tuple[Body, ...]:
    """The function bodies, unread."""
    del spaces
    found: list[Body] = []
    data, end, most = cursor.data, cursor.end, limits.body_bytes
    for _ in range(cursor.count("function bodies", limits.functions, smallest=3)):
        at = cursor.pos
        size = cursor.u32()
        if size > most:
            raise invalid("E217", f"a function body of {size} bytes, more than {most}", at)
        start = cursor.pos
        stop = start + size
        if size < 2 or stop > end or data[stop - 1] != 0x0B:
            if stop > end:
                raise invalid("E210", f"unexpected end: {size} bytes wanted, {end - start} left", start)
            raise invalid("E232", "a function body without its final `end`", stop)
        cursor.pos = stop
        found.append(Body(data[start:stop], start))
    return tuple(found)


def data_section(cursor: Cursor, spaces: Spaces, limits: Limits) -> tuple[Data, ...]:
    """The data segments."""
    count = cursor.count("data segments", limits.data_segments, smallest=2)
    return tuple([_data(cursor, spaces) for _ in range(count)])


def skip_data_section(cursor: Cursor, spaces: Spaces, limits: Limits) -> int:
    """Check the data segments as `data_section` does, and say how many there are."""
    count = cursor.count("data segments", limits.data_segments, smallest=2)
    data, end, match = cursor.data, cursor.end, _USUAL_DATA.match if spaces.memories else None
    for _ in range(count):
        usual = match(data, cursor.pos, end) if match else None
        if usual is None:
            _data(cursor, spaces)
            continue
        cursor.pos = usual.end()
        size = cursor.u32()
        if size > end - cursor.pos:
            raise invalid("E210", f"unexpected end: {size} bytes wanted, {end - cursor.pos} left", cursor.pos)
        cursor.pos += size
    return count


_USUAL_DATA: Final = re.compile(rb"\x00(\x41[\x80-\xff]{0,3}+[\x00-\x7f]\x0b)", re.DOTALL)
"""An active segment of memory 0 at a constant place."""


def _data(cursor: Cursor, spaces: Spaces) -> Data:
    start = cursor.pos
    usual = _USUAL_DATA.match(cursor.data, start, cursor.end) if spaces.memories else None
    if usual is not None:  # some compilers write a hundred thousand of these
        cursor.pos = usual.end()
        content = cursor.take(cursor.u32())
        return Data(content, 0, usual.group(1), cursor.pos - len(content))
    flags = cursor.u32()
    if flags > 2:
        raise invalid("E229", f"unknown data segment flags {flags}", start)
    if flags == 1:
        content = cursor.take(cursor.u32())
        return Data(content, at=cursor.pos - len(content))
    memory = cursor.u32() if flags else 0
    if memory >= spaces.memories:
        raise invalid("E222", f"data segment for memory {memory}: there are {spaces.memories}", start)
    offset = const_expr(cursor, spaces)
    content = cursor.take(cursor.u32())
    return Data(content, memory, offset, cursor.pos - len(content))
