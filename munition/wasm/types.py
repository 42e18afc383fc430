# SPDX-License-Identifier: MIT
"""The types of a WebAssembly 3.0 module as records (core specification, sections 2.3 and 5.3)."""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec import Struct


class NumType(Struct, frozen=True):
    """A number or vector type: its byte in the binary format and its name in the text format."""

    code: int
    name: str


I32: Final = NumType(0x7F, "i32")
I64: Final = NumType(0x7E, "i64")
F32: Final = NumType(0x7D, "f32")
F64: Final = NumType(0x7C, "f64")
V128: Final = NumType(0x7B, "v128")

NUM_TYPES: Final = {t.code: t for t in (I32, I64, F32, F64, V128)}

ABSTRACT_HEAP_TYPES: Final = {
    0x68 - 128: "cont",
    0x69 - 128: "exn",
    0x6A - 128: "array",
    0x6B - 128: "struct",
    0x6C - 128: "i31",
    0x6D - 128: "eq",
    0x6E - 128: "any",
    0x6F - 128: "extern",
    0x70 - 128: "func",
    0x71 - 128: "none",
    0x72 - 128: "noextern",
    0x73 - 128: "nofunc",
    0x74 - 128: "noexn",
    0x75 - 128: "nocont",
}
"""Heap types that are not a type index, keyed as the negative number their byte is as a signed LEB128."""


class RefType(Struct, frozen=True):
    """A reference type.

    Attributes:
        heap: a type index (0 or more) or a key of `ABSTRACT_HEAP_TYPES` (negative).
        nullable: whether `ref.null` is one of its values.
    """

    heap: int
    nullable: bool = True


FUNCREF: Final = RefType(0x70 - 128)
EXTERNREF: Final = RefType(0x6F - 128)
EXNREF: Final = RefType(0x69 - 128)

ValType: TypeAlias = NumType | RefType


class FuncType(Struct, frozen=True):
    """The parameters and results of a function, block or tag."""

    params: tuple[ValType, ...] = ()
    results: tuple[ValType, ...] = ()


class PackedType(Struct, frozen=True):
    """A storage type narrower than a value: `i8` or `i16`."""

    code: int
    name: str


I8: Final = PackedType(0x78, "i8")
I16: Final = PackedType(0x77, "i16")

PACKED_TYPES: Final = {t.code: t for t in (I8, I16)}


class FieldType(Struct, frozen=True):
    """One field of a struct, or the elements of an array."""

    storage: ValType | PackedType
    mutable: bool


class StructType(Struct, frozen=True):
    """A garbage-collected structure."""

    fields: tuple[FieldType, ...]


class ArrayType(Struct, frozen=True):
    """A garbage-collected array."""

    field: FieldType


class ContType(Struct, frozen=True):
    """A continuation type (stack switching): the index of its function type."""

    function: int


CompositeType: TypeAlias = FuncType | StructType | ArrayType | ContType


class SubType(Struct, frozen=True):
    """One entry of the type index space.

    Attributes:
        composite: what it is made of.
        final: whether nothing may be declared below it. A plain function type is final and has no supertypes.
        supertypes: the type indices it is declared below (at most one in WebAssembly 3.0).
    """

    composite: CompositeType
    final: bool = True
    supertypes: tuple[int, ...] = ()


class RecGroup(Struct, frozen=True):
    """Types `first` .. `first + count - 1` were written as one explicit recursion group (which may be empty)."""

    first: int
    count: int


class Bounds(Struct, frozen=True):
    """The limits of a memory (in pages) or a table (in elements)."""

    minimum: int
    maximum: int | None = None
    is_64: bool = False
    shared: bool = False


class TableType(Struct, frozen=True):
    """The type of a table."""

    element: RefType
    bounds: Bounds


class MemoryType(Struct, frozen=True):
    """The type of a memory; `page_size_log2` is 16 but for modules that use custom page sizes."""

    bounds: Bounds
    page_size_log2: int = 16


class GlobalType(Struct, frozen=True):
    """The type of a global."""

    value: ValType
    mutable: bool = False
