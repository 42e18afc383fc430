# SPDX-License-Identifier: MIT
"""Words of the text format: strings, identifiers, types, numbers. What a module calls things is never shown unescaped."""

from __future__ import annotations

import math
import re
import struct
from typing import TYPE_CHECKING, Final, assert_never

from munition.wasm.types import (
    ABSTRACT_HEAP_TYPES,
    ArrayType,
    Bounds,
    CompositeType,
    ContType,
    FieldType,
    FuncType,
    GlobalType,
    MemoryType,
    RefType,
    StructType,
    SubType,
    TableType,
    ValType,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PLAIN_ID: Final = re.compile(r"[A-Za-z0-9!#$%&'*+\-./:<=>?@\\^_`|~]+")
_BYTES: Final = {i: chr(i) if 32 <= i < 127 and i not in {34, 92} else f"\\{i:02x}" for i in range(256)}


def string(raw: bytes) -> str:
    """A string literal; everything but printable ASCII is escaped byte by byte."""
    return '"' + raw.decode("latin-1").translate(_BYTES) + '"'


def quoted(name: str) -> str:
    """A name as a string literal. Characters beyond ASCII are escaped: they can be invisible or look like others."""
    out = [_BYTES[ord(c)] if ord(c) < 128 else f"\\u{{{ord(c):x}}}" for c in name]
    return '"' + "".join(out) + '"'


def identifier(name: str) -> str:
    """A name as an identifier, quoted where it has characters that identifiers do not have."""
    return f"${name}" if _PLAIN_ID.fullmatch(name) else f"${quoted(name)}"


def identifiers(names: Mapping[int, str]) -> dict[int, str]:
    """Index -> identifier; a name used twice gets its index appended."""
    seen: set[str] = set()
    found: dict[int, str] = {}
    for index, name in names.items():
        unique = name if name and name not in seen else f"{name}#{index}"
        if unique not in seen:
            seen.add(unique)
            found[index] = identifier(unique)
    return found


def heap(heap_: int, types: Mapping[int, str]) -> str:
    """A heap type."""
    return ABSTRACT_HEAP_TYPES[heap_] if heap_ < 0 else types.get(heap_, str(heap_))


def val_type(type_: ValType, types: Mapping[int, str]) -> str:
    """A value type; `types` gives names to type indices."""
    if not isinstance(type_, RefType):
        return type_.name
    name = heap(type_.heap, types)
    if type_.nullable and type_.heap < 0:
        return _SHORT.get(name, f"{name}ref")
    return f"(ref null {name})" if type_.nullable else f"(ref {name})"


_SHORT: Final = {
    "none": "nullref",
    "noextern": "nullexternref",
    "nofunc": "nullfuncref",
    "noexn": "nullexnref",
    "nocont": "nullcontref",
}


def val_types(word: str, found: Iterable[ValType], types: Mapping[int, str]) -> str:
    """` (word type type)`, or nothing for no types."""
    text = "".join(f" {val_type(t, types)}" for t in found)
    return f" ({word}{text})" if text else ""


def signature(type_: FuncType, types: Mapping[int, str]) -> str:
    """Parameters and results."""
    return val_types("param", type_.params, types) + val_types("result", type_.results, types)


def _field(field: FieldType, types: Mapping[int, str]) -> str:
    storage = field.storage
    name = val_type(storage, types) if isinstance(storage, RefType) else storage.name
    return f"(mut {name})" if field.mutable else name


def _composite(type_: CompositeType, types: Mapping[int, str]) -> str:
    match type_:
        case FuncType():
            return f"(func{signature(type_, types)})"
        case StructType(fields):
            return "(struct" + "".join(f" (field {_field(f, types)})" for f in fields) + ")"
        case ArrayType(field):
            return f"(array {_field(field, types)})"
        case ContType(function):
            return f"(cont {heap(function, types)})"
        case _:
            assert_never(type_)


def sub_type(type_: SubType, types: Mapping[int, str]) -> str:
    """What stands behind `(type $name`."""
    text = _composite(type_.composite, types)
    if type_.final and not type_.supertypes:
        return text
    above = "".join(f" {types.get(s, str(s))}" for s in type_.supertypes)
    return f"(sub{' final' if type_.final else ''}{above} {text})"


def _bounds(bounds: Bounds) -> str:
    maximum = "" if bounds.maximum is None else f" {bounds.maximum}"
    shared = " shared" if bounds.shared else ""
    return f"{'i64 ' if bounds.is_64 else ''}{bounds.minimum}{maximum}{shared}"


def memory_type(type_: MemoryType) -> str:
    """Limits of a memory."""
    page = "" if type_.page_size_log2 == 16 else f" (pagesize {1 << type_.page_size_log2})"
    return _bounds(type_.bounds) + page


def table_type(type_: TableType, types: Mapping[int, str]) -> str:
    """Limits and element type of a table."""
    return f"{_bounds(type_.bounds)} {val_type(type_.element, types)}"


def global_type(type_: GlobalType, types: Mapping[int, str]) -> str:
    """The type of a global."""
    name = val_type(type_.value, types)
    return f"(mut {name})" if type_.mutable else name


def float_text(raw: bytes) -> str:
    """A float of 4 or 8 bytes so that reading it gives the same bits."""
    single = len(raw) == 4
    (value,) = struct.unpack("<f" if single else "<d", raw)
    if math.isnan(value):
        bits = int.from_bytes(raw, "little")
        payload = bits & ((1 << (23 if single else 52)) - 1)
        sign = "-" if bits >> (31 if single else 63) else ""
        return f"{sign}nan:{payload:#x}"
    return repr(value)
