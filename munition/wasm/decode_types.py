# SPDX-License-Identifier: MIT
"""Types in the binary format (core specification, section 5.3) to records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from munition.wasm.faults import invalid
from munition.wasm.types import (
    ABSTRACT_HEAP_TYPES,
    NUM_TYPES,
    PACKED_TYPES,
    ArrayType,
    Bounds,
    CompositeType,
    ContType,
    FieldType,
    FuncType,
    GlobalType,
    MemoryType,
    PackedType,
    RecGroup,
    RefType,
    StructType,
    SubType,
    TableType,
    ValType,
)

if TYPE_CHECKING:
    from munition.wasm.cursor import Cursor
    from munition.wasm.limits import Limits

SHORT_TYPES: Final[dict[int, ValType]] = {
    **NUM_TYPES,
    **{heap + 128: RefType(heap) for heap in ABSTRACT_HEAP_TYPES},
}
"""Value types of one byte."""

_REF, _REF_NULL = 0x64, 0x63
_FUNC, _STRUCT, _ARRAY, _CONT = 0x60, 0x5F, 0x5E, 0x5D
_SUB, _SUB_FINAL, _REC = 0x50, 0x4F, 0x4E

_MEMORY_PAGES: Final = {False: 1 << 16, True: 1 << 48}
_TABLE_ELEMENTS: Final = {False: (1 << 32) - 1, True: (1 << 64) - 1}


def heap_type(cursor: Cursor, types: int) -> int:
    """A heap type: an index below `types`, or the negative number of an abstract one."""
    start = cursor.pos
    heap = cursor.signed(33)
    if heap >= types:
        raise invalid("E222", f"type index {heap}, but there are {types} types", start)
    if heap < 0 and heap not in ABSTRACT_HEAP_TYPES:
        raise invalid("E220", "unknown heap type", start)
    return heap


def val_type(cursor: Cursor, types: int) -> ValType:
    """A value type that may refer to the first `types` types."""
    start = cursor.pos
    code = cursor.byte()
    short = SHORT_TYPES.get(code)
    if short is not None:
        return short
    if code in {_REF, _REF_NULL}:
        return RefType(heap_type(cursor, types), code == _REF_NULL)
    raise invalid("E220", f"unknown value type {code:#04x}", start)


def ref_type(cursor: Cursor, types: int) -> RefType:
    """A reference type that may refer to the first `types` types."""
    start = cursor.pos
    found = val_type(cursor, types)
    if isinstance(found, RefType):
        return found
    raise invalid("E220", f"a reference type is needed here, not {found.name}", start)


def _val_types(cursor: Cursor, types: int, what: str, limit: int) -> tuple[ValType, ...]:
    count = cursor.count(what, limit)
    start = cursor.pos
    try:
        found = tuple([SHORT_TYPES[code] for code in cursor.data[start : start + count]])
    except KeyError:
        return tuple([val_type(cursor, types) for _ in range(count)])
    cursor.pos = start + count
    return found


def _field_type(cursor: Cursor, types: int) -> FieldType:
    packed = PACKED_TYPES.get(cursor.peek())
    storage: ValType | PackedType
    if packed is None:
        storage = val_type(cursor, types)
    else:
        storage = packed
        cursor.byte()
    return FieldType(storage, _mutability(cursor))


def _mutability(cursor: Cursor) -> bool:
    start = cursor.pos
    flag = cursor.byte()
    if flag > 1:
        raise invalid("E220", f"mutability must be 0 or 1, not {flag}", start)
    return flag == 1


def _composite_type(cursor: Cursor, types: int, limits: Limits) -> CompositeType:
    start = cursor.pos
    code = cursor.byte()
    if code == _FUNC:
        params = _val_types(cursor, types, "parameters", limits.parameters)
        return FuncType(params, _val_types(cursor, types, "results", limits.results))
    if code == _STRUCT:
        count = cursor.count("fields", limits.struct_fields, smallest=2)
        return StructType(tuple([_field_type(cursor, types) for _ in range(count)]))
    if code == _ARRAY:
        return ArrayType(_field_type(cursor, types))
    if code == _CONT:
        return ContType(heap_type(cursor, types))
    raise invalid("E220", f"unknown form of type {code:#04x}", start)


def _sub_type(cursor: Cursor, types: int, limits: Limits) -> SubType:
    code = cursor.peek()
    if code not in {_SUB, _SUB_FINAL}:
        return SubType(_composite_type(cursor, types, limits))
    cursor.byte()
    start = cursor.pos
    count = cursor.count("supertypes", 1)
    supertypes = tuple([cursor.u32() for _ in range(count)])
    if any(index >= types for index in supertypes):
        raise invalid("E222", f"supertype index out of bounds: there are {types} types", start)
    return SubType(_composite_type(cursor, types, limits), code == _SUB_FINAL, supertypes)


def type_section(cursor: Cursor, limits: Limits) -> tuple[tuple[SubType, ...], tuple[RecGroup, ...]]:
    """All types, flattened, and where the explicit recursion groups lie."""
    types: list[SubType] = []
    groups: list[RecGroup] = []
    known: dict[bytes, SubType] = {}
    for _ in range(cursor.count("types", limits.types)):
        start = cursor.pos
        if cursor.peek() != _REC:
            types.append(_plain_type(cursor, len(types) + 1, limits, known))
            continue
        cursor.byte()
        size = cursor.count("types of a recursion group", limits.types, smallest=2)
        groups.append(RecGroup(len(types), size))
        visible = len(types) + size
        if visible > limits.types:
            raise invalid("E217", f"more than {limits.types} types", start)
        types.extend([_sub_type(cursor, visible, limits) for _ in range(size)])
    return tuple(types), tuple(groups)


def group_of_types(cursor: Cursor, before: int, limits: Limits) -> int:
    """How many types the next definition adds to `before` types; it may be a recursion group."""
    if cursor.peek() != _REC:
        _sub_type(cursor, before + 1, limits)
        return 1
    cursor.byte()
    size = cursor.count("types of a recursion group", limits.types - before, smallest=2)
    for _ in range(size):
        _sub_type(cursor, before + size, limits)
    return size


def _plain_type(cursor: Cursor, visible: int, limits: Limits, known: dict[bytes, SubType]) -> SubType:
    """A type outside recursion groups. Types often repeat: those seen before are found by their bytes.

    The guess at where the bytes end holds if all their types take one byte; a type is remembered only if it held.
    """
    data, start = cursor.data, cursor.pos
    params = start + 2 + data[start + 1] if start + 1 < cursor.end else cursor.end
    end = params + 1 + data[params] if params < cursor.end else cursor.end
    raw = data[start : min(end, cursor.end)]
    found = known.get(raw)
    if found is not None:
        cursor.pos = start + len(raw)
        return found
    found = _sub_type(cursor, visible, limits)
    if cursor.pos == start + len(raw):
        known[raw] = found
    return found


def _bounds(cursor: Cursor, flags: int, what: str, allowed: dict[bool, int], start: int) -> Bounds:
    is_64, shared = bool(flags & 4), bool(flags & 2)
    number = cursor.u64 if is_64 else cursor.u32
    minimum = number()
    maximum = number() if flags & 1 else None
    if shared and maximum is None:
        raise invalid("E223", f"a shared {what} needs a maximum", start)
    if max(minimum, maximum or 0) > allowed[is_64]:
        raise invalid("E223", f"the size of a {what} is out of range", start)
    if maximum is not None and maximum < minimum:
        raise invalid("E223", f"the maximum of a {what} is below its minimum", start)
    return Bounds(minimum, maximum, is_64, shared)


def memory_type(cursor: Cursor) -> MemoryType:
    """The type of a memory, with the flags of threads (2), memory64 (4) and custom page sizes (8)."""
    start = cursor.pos
    flags = cursor.byte()
    if flags > 15:
        raise invalid("E223", f"unknown memory flags {flags:#04x}", start)
    if not flags & 8:
        return MemoryType(_bounds(cursor, flags, "memory", _MEMORY_PAGES, start))
    bounds = _bounds(cursor, flags, "memory", {False: 1 << 32, True: (1 << 64) - 1}, start)
    page_size_log2 = cursor.u32()
    if page_size_log2 not in {0, 16}:
        raise invalid("E223", f"a page size of 2 to the {page_size_log2} is not allowed", start)
    return MemoryType(bounds, page_size_log2)


def table_type(cursor: Cursor, types: int) -> TableType:
    """The type of a table."""
    element = ref_type(cursor, types)
    start = cursor.pos
    flags = cursor.byte()
    if flags not in {0, 1, 4, 5}:
        raise invalid("E223", f"unknown table flags {flags:#04x}", start)
    return TableType(element, _bounds(cursor, flags, "table", _TABLE_ELEMENTS, start))


def global_type(cursor: Cursor, types: int) -> GlobalType:
    """The type of a global."""
    value = val_type(cursor, types)
    return GlobalType(value, _mutability(cursor))
