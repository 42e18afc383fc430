# SPDX-License-Identifier: MIT
"""The table of instructions: opcode -> name and operands (core specification, section 5.4, and proposals named below).

An instruction is one byte, or a prefix byte and a number. `key` folds both into one integer: the byte itself, or
`prefix << 12 | number`.
"""

from __future__ import annotations

import enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from munition.wasm.opcodes_vector import VECTOR_FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PREFIXES: Final = frozenset({0xFB, 0xFC, 0xFD, 0xFE})


class Immediate(enum.Enum):
    """The kinds of operand an instruction can carry; the value is the name used in the tables below."""

    BLOCK = "block"  # block type: empty, one value type, or a type index
    LABEL = "label"
    LABELS = "labels"  # br_table: labels and a default
    FUNCTION = "func"
    TYPE = "type"
    LOCAL = "local"
    GLOBAL = "global"
    TABLE = "table"
    MEMORY = "memory"
    DATA = "data"
    ELEMENT = "elem"
    TAG = "tag"
    FIELD = "field"
    COUNT = "count"
    I32 = "i32"
    I64 = "i64"
    F32 = "f32"
    F64 = "f64"
    V128 = "v128"
    SHUFFLE = "shuffle"  # sixteen lane numbers
    LANE = "lane"
    MEMARG = "memarg"
    VALTYPES = "valtypes"
    HEAP = "heap"  # heap type, not null
    HEAP_NULL = "heapnull"  # heap type, nullable
    CAST = "cast"  # br_on_cast: flags, label, two heap types
    CATCHES = "catches"  # try_table
    HANDLERS = "handlers"  # resume
    ZERO = "zero"  # a byte that must be 0


class Opcode(Struct, frozen=True):
    """One instruction of the table.

    Attributes:
        key: the opcode byte, or `prefix << 12 | number`.
        name: its name in the text format.
        immediates: kinds of its operands, in order.
        feature: the extension of WebAssembly it came with (`mvp` for the first version).
    """

    key: int
    name: str
    immediates: tuple[Immediate, ...]
    feature: str


_I_COMPARE: Final = "eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"
_I_ARITH: Final = "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr"
_F_COMPARE: Final = "eq ne lt gt le ge"
_F_ARITH: Final = "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign"


def _each(prefix: str, names: str, suffix: str = "") -> str:
    return " ".join(prefix + name + suffix for name in names.split())


# (feature, prefix byte or 0, first opcode, names in order). A name may carry operands: `name:operand,operand`.
_FAMILIES: Final = (
    ("mvp", 0, 0x00, "unreachable nop block:block loop:block if:block else"),
    ("legacy_exceptions", 0, 0x06, "try:block catch:tag"),
    ("exceptions", 0, 0x08, "throw:tag"),
    ("legacy_exceptions", 0, 0x09, "rethrow:label"),
    ("exceptions", 0, 0x0A, "throw_ref"),
    ("mvp", 0, 0x0B, "end br:label br_if:label br_table:labels return call:func call_indirect:type,table"),
    ("tail_call", 0, 0x12, "return_call:func return_call_indirect:type,table"),
    ("function_references", 0, 0x14, "call_ref:type return_call_ref:type"),
    ("legacy_exceptions", 0, 0x18, "delegate:label catch_all"),
    ("mvp", 0, 0x1A, "drop select"),
    ("reference_types", 0, 0x1C, "select:valtypes"),
    ("exceptions", 0, 0x1F, "try_table:block,catches"),
    ("mvp", 0, 0x20, "local.get:local local.set:local local.tee:local global.get:global global.set:global"),
    ("reference_types", 0, 0x25, "table.get:table table.set:table"),
    ("mvp", 0, 0x28, _each("", "i32.load i64.load f32.load f64.load", ":memarg")),
    ("mvp", 0, 0x2C, _each("i32.load", "8_s 8_u 16_s 16_u", ":memarg")),
    ("mvp", 0, 0x30, _each("i64.load", "8_s 8_u 16_s 16_u 32_s 32_u", ":memarg")),
    ("mvp", 0, 0x36, _each("", "i32.store i64.store f32.store f64.store i32.store8 i32.store16", ":memarg")),
    ("mvp", 0, 0x3C, _each("i64.store", "8 16 32", ":memarg")),
    ("mvp", 0, 0x3F, "memory.size:memory memory.grow:memory"),
    ("mvp", 0, 0x41, "i32.const:i32 i64.const:i64 f32.const:f32 f64.const:f64"),
    ("mvp", 0, 0x45, _each("i32.", _I_COMPARE)),
    ("mvp", 0, 0x50, _each("i64.", _I_COMPARE)),
    ("mvp", 0, 0x5B, _each("f32.", _F_COMPARE)),
    ("mvp", 0, 0x61, _each("f64.", _F_COMPARE)),
    ("mvp", 0, 0x67, _each("i32.", _I_ARITH)),
    ("mvp", 0, 0x79, _each("i64.", _I_ARITH)),
    ("mvp", 0, 0x8B, _each("f32.", _F_ARITH)),
    ("mvp", 0, 0x99, _each("f64.", _F_ARITH)),
    ("mvp", 0, 0xA7, "i32.wrap_i64 " + _each("i32.trunc_", "f32_s f32_u f64_s f64_u")),
    ("mvp", 0, 0xAC, "i64.extend_i32_s i64.extend_i32_u " + _each("i64.trunc_", "f32_s f32_u f64_s f64_u")),
    ("mvp", 0, 0xB2, _each("f32.convert_", "i32_s i32_u i64_s i64_u") + " f32.demote_f64"),
    ("mvp", 0, 0xB7, _each("f64.convert_", "i32_s i32_u i64_s i64_u") + " f64.promote_f32"),
    ("mvp", 0, 0xBC, "i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64"),
    ("sign_extension", 0, 0xC0, "i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s"),
    ("reference_types", 0, 0xD0, "ref.null:heap ref.is_null ref.func:func"),
    ("gc", 0, 0xD3, "ref.eq"),
    ("function_references", 0, 0xD4, "ref.as_non_null br_on_null:label br_on_non_null:label"),
    ("stack_switching", 0, 0xE0, "cont.new:type cont.bind:type,type suspend:tag resume:type,handlers"),
    (
        "stack_switching",
        0,
        0xE4,
        "resume_throw:type,tag,handlers resume_throw_ref:type,handlers switch:type,tag",
    ),
    ("gc", 0xFB, 0, "struct.new:type struct.new_default:type"),
    ("gc", 0xFB, 2, _each("struct.", "get get_s get_u set", ":type,field")),
    ("gc", 0xFB, 6, "array.new:type array.new_default:type array.new_fixed:type,count"),
    ("gc", 0xFB, 9, "array.new_data:type,data array.new_elem:type,elem"),
    ("gc", 0xFB, 11, _each("array.", "get get_s get_u set", ":type") + " array.len array.fill:type"),
    ("gc", 0xFB, 17, "array.copy:type,type array.init_data:type,data array.init_elem:type,elem"),
    ("gc", 0xFB, 20, "ref.test:heap ref.test:heapnull ref.cast:heap ref.cast:heapnull"),
    ("gc", 0xFB, 24, "br_on_cast:cast br_on_cast_fail:cast any.convert_extern extern.convert_any"),
    ("gc", 0xFB, 28, "ref.i31 i31.get_s i31.get_u"),
    ("saturating_conversion", 0xFC, 0, _each("i32.trunc_sat_", "f32_s f32_u f64_s f64_u")),
    ("saturating_conversion", 0xFC, 4, _each("i64.trunc_sat_", "f32_s f32_u f64_s f64_u")),
    (
        "bulk_memory",
        0xFC,
        8,
        "memory.init:data,memory data.drop:data memory.copy:memory,memory memory.fill:memory",
    ),
    ("bulk_memory", 0xFC, 12, "table.init:elem,table elem.drop:elem table.copy:table,table"),
    ("reference_types", 0xFC, 15, "table.grow:table table.size:table table.fill:table"),
    ("wide_arithmetic", 0xFC, 19, "i64.add128 i64.sub128 i64.mul_wide_s i64.mul_wide_u"),
    (
        "threads",
        0xFE,
        0,
        "memory.atomic.notify:memarg memory.atomic.wait32:memarg memory.atomic.wait64:memarg",
    ),
    ("threads", 0xFE, 3, "atomic.fence:zero"),
    ("threads", 0xFE, 16, _each("", "i32.atomic.load i64.atomic.load", ":memarg")),
    ("threads", 0xFE, 18, _each("i32.atomic.load", "8_u 16_u", ":memarg")),
    ("threads", 0xFE, 20, _each("i64.atomic.load", "8_u 16_u 32_u", ":memarg")),
    ("threads", 0xFE, 23, _each("", "i32.atomic.store i64.atomic.store", ":memarg")),
    ("threads", 0xFE, 25, _each("i32.atomic.store", "8 16", ":memarg")),
    ("threads", 0xFE, 27, _each("i64.atomic.store", "8 16 32", ":memarg")),
    *(
        (
            "threads",
            0xFE,
            30 + 7 * i,
            f"i32.atomic.rmw.{op}:memarg i64.atomic.rmw.{op}:memarg "
            + _each("i32.atomic.rmw", "8 16", f".{op}_u:memarg")
            + " "
            + _each("i64.atomic.rmw", "8 16 32", f".{op}_u:memarg"),
        )
        for i, op in enumerate(("add", "sub", "and", "or", "xor", "xchg", "cmpxchg"))
    ),
    *VECTOR_FAMILIES,
)


def _opcodes() -> Iterator[Opcode]:
    for feature, prefix, first, names in _FAMILIES:
        for position, entry in enumerate(names.split()):
            name, _, operands = entry.partition(":")
            immediates = tuple(Immediate(o) for o in operands.split(",") if o)
            yield Opcode(prefix << 12 | first + position, name, immediates, feature)


OPCODES: Final[Mapping[int, Opcode]] = MappingProxyType({o.key: o for o in _opcodes()})
"""Every instruction known, by `key`."""
