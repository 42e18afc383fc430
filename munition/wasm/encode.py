# SPDX-License-Identifier: MIT
"""Types and instructions of constant expressions to bytes: the inverse of `decode_types` and a little more."""

from __future__ import annotations

from typing import assert_never

from munition.wasm.leb import signed, unsigned
from munition.wasm.types import (
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


def val_type(type_: ValType) -> bytes:
    """A value type; nullable references to abstract heap types in their one-byte form."""
    if not isinstance(type_, RefType):
        return bytes((type_.code,))
    if type_.nullable and type_.heap < 0:
        return bytes((type_.heap + 128,))
    return (b"\x63" if type_.nullable else b"\x64") + signed(type_.heap)


def val_types(types: tuple[ValType, ...]) -> bytes:
    """A vector of value types."""
    return unsigned(len(types)) + b"".join([val_type(t) for t in types])


def func_type(type_: FuncType) -> bytes:
    """A function type."""
    return b"\x60" + val_types(type_.params) + val_types(type_.results)


def _field_type(field: FieldType) -> bytes:
    storage = field.storage
    raw = val_type(storage) if isinstance(storage, RefType) else bytes((storage.code,))
    return raw + bytes((field.mutable,))


def _composite_type(type_: CompositeType) -> bytes:
    match type_:
        case FuncType():
            return func_type(type_)
        case StructType(fields):
            return b"\x5f" + unsigned(len(fields)) + b"".join([_field_type(f) for f in fields])
        case ArrayType(field):
            return b"\x5e" + _field_type(field)
        case ContType(function):
            return b"\x5d" + signed(function)
        case _:
            assert_never(type_)


def sub_type(type_: SubType) -> bytes:
    """One entry of a recursion group, in the short form where that says the same."""
    composite = _composite_type(type_.composite)
    if type_.final and not type_.supertypes:
        return composite
    supertypes = unsigned(len(type_.supertypes)) + b"".join([unsigned(s) for s in type_.supertypes])
    return (b"\x4f" if type_.final else b"\x50") + supertypes + composite


def _bounds(bounds: Bounds, flags: int = 0) -> bytes:
    flags |= (bounds.maximum is not None) | bounds.shared << 1 | bounds.is_64 << 2
    maximum = b"" if bounds.maximum is None else unsigned(bounds.maximum)
    return bytes((flags,)) + unsigned(bounds.minimum) + maximum


def memory_type(type_: MemoryType) -> bytes:
    """The type of a memory."""
    if type_.page_size_log2 == 16:
        return _bounds(type_.bounds)
    return _bounds(type_.bounds, 8) + unsigned(type_.page_size_log2)


def table_type(type_: TableType) -> bytes:
    """The type of a table."""
    return val_type(type_.element) + _bounds(type_.bounds)


def global_type(type_: GlobalType) -> bytes:
    """The type of a global."""
    return val_type(type_.value) + bytes((type_.mutable,))


def int_const(value: int, bits: int) -> bytes:
    """A constant expression for a number of 32 or 64 bits, given signed or unsigned."""
    half = 1 << bits - 1
    return (b"\x41" if bits == 32 else b"\x42") + signed((value + half) % (2 * half) - half) + b"\x0b"


def i32_const(value: int) -> bytes:
    """A constant expression for an address or a table slot."""
    return int_const(value, 32)


def float_const(bits: int, size: int) -> bytes:
    """A constant expression for a float of 4 or 8 bytes, given by its bits."""
    return (b"\x43" if size == 4 else b"\x44") + bits.to_bytes(size, "little") + b"\x0b"
