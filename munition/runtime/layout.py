# SPDX-License-Identifier: MIT
"""Constants shared by the guest runtime (C), the code generator and the engine. See docs/guest-abi.md.

The C header `layout.h` is generated from this module, so there is one place where a number can change.
"""

from __future__ import annotations

from typing import Final

# Tags of values and kinds of objects.
NIL: Final = 0
FALSE: Final = 1
TRUE: Final = 2
INTEGER: Final = 3
FLOAT: Final = 4
STRING: Final = 5
TABLE: Final = 6
FUNCTION: Final = 7
COROUTINE: Final = 8
USERDATA: Final = 9
BOX: Final = 0x20
FRAME: Final = 0x40

# A value in memory.
CELL_SIZE: Final = 16
CELL_TAG: Final = 8
CELL_AUX: Final = 12

# Objects.
STRING_LENGTH: Final = 4
STRING_HASH: Final = 8
STRING_NEXT: Final = 12
STRING_BYTES: Final = 16
STRING_INTERNED: Final = 1
SHORT_STRING: Final = 40

# Words that are read together lie together, so that one load of 64 bits gets both: ARRAY and ARRAY_LENGTH, METATABLE and
# ENTRY_COUNT (both are 0 in a table that is only a list), ENTRY_COUNT and ENTRIES.
TABLE_ARRAY_CAPACITY: Final = 4
TABLE_ARRAY: Final = 8
TABLE_ARRAY_LENGTH: Final = 12
TABLE_METATABLE: Final = 16
TABLE_ENTRY_COUNT: Final = 20
TABLE_ENTRIES: Final = 24
TABLE_ENTRY_CAPACITY: Final = 28
TABLE_INDEX: Final = 32
TABLE_INDEX_MASK: Final = 36
TABLE_ABSENT: Final = 40
TABLE_NAMES: Final = 48
TABLE_SIZE: Final = 56
ENTRY_SIZE: Final = 32
ENTRY_KEY_STRING: Final = 12
ENTRY_VALUE: Final = 16
ENTRY_VALUE_TAG: Final = 24
LINEAR_ENTRIES: Final = 8

# What a method call remembers: a guess at an entry, the metatable it was asked through, where the method is, the next one.
METHOD_GUESS: Final = 0
METHOD_META: Final = 4
METHOD_CELL: Final = 8
METHOD_NEXT: Final = 12
METHOD_SIZE: Final = 16
METHOD_NONE: Final = 1  # no address of a metatable

CLOSURE_SLOT: Final = 4
CLOSURE_INFO: Final = 8
CLOSURE_UPVALUE_COUNT: Final = 12
CLOSURE_UPVALUES: Final = 16

BOX_VALUE: Final = 8
BOX_TAG: Final = 16
BOX_SIZE: Final = 24

USERDATA_METATABLE: Final = 4

# rt_state.
STATE_SP: Final = 0
STATE_PENDING: Final = 4
STATE_STACK_LIMIT: Final = 8
STATE_RESULT_COUNT: Final = 12
STATE_ERROR: Final = 16
STATE_HEAP_START: Final = 32
STATE_STACK_BASE: Final = 36

# A bit in the high half of a call word: the call took the place of its caller, and the site is that caller's own.
CALL_TAIL: Final = 1
# A bit in the low half of the call word in a frame header: an error has left the function, which only closes variables.
FRAME_LEFT: Final = 0x40000000

PENDING_NONE: Final = 0
PENDING_ERROR: Final = 1
PENDING_EXIT: Final = 2
PENDING_YIELD: Final = 3
PENDING_CLOSE: Final = 4

# rt_config: field names in order, u32 each.
CONFIG_FIELDS: Final = (
    "globals",
    "string_meta",
    "static_tables",
    "static_table_count",
    "shadow_bytes",
    "intern_buckets",
    "intern_mask",
    "intern_count",
    "main",
    "flags",
    "loaded",
    "chunk_name",
    "preload",
    "modules",
)
CONFIG_GC_STRESS: Final = 1
CONFIG_ENTROPY: Final = 2

# Site and FunctionInfo records.
SITE_SIZE: Final = 20
SITE_KINDS: Final = ("none", "global", "local", "method", "field", "upvalue", "constant", "for iterator")
INFO_SIZE: Final = 24
INFO_VARARG: Final = 1
INFO_MAIN: Final = 2

# Operators of rt_arith, in order.
ARITH: Final = (
    "add", "sub", "mul", "mod", "pow", "div", "idiv", "band", "bor", "bxor", "shl", "shr", "unm", "bnot",
)  # fmt: skip

# Strings the runtime itself needs; `rt_names` holds their addresses in this order.
RUNTIME_NAMES: Final = (
    "__index", "__newindex", "__call", "__add", "__sub", "__mul", "__mod", "__pow", "__div", "__idiv",
    "__band", "__bor", "__bxor", "__shl", "__shr", "__unm", "__bnot", "__concat", "__len", "__eq", "__lt", "__le",
    "__close", "__gc", "__mode", "__name", "__tostring", "__pairs", "__metatable",
    "nil", "boolean", "number", "string", "table", "function", "thread", "userdata", "integer", "float",
    "true", "false", "n", "arg", "not enough memory", "stack overflow", "inf", "-inf", "nan", "-nan", "?", "",
)  # fmt: skip


def string_size(length: int) -> int:
    """Bytes a string object of `length` bytes takes: header, bytes, NUL, rounded up to 8.

    The strings of RUNTIME_NAMES lie one after the other, each of this size, in the data symbol `rt_name_strings`.
    """
    return (STRING_BYTES + length + 1 + 7) // 8 * 8


def name_bits(data: bytes) -> int:
    """The two bits of a table's `names` that a short string sets when it becomes a key (a Bloom filter: Bloom, 1970)."""
    hash_ = string_hash(data)
    return 1 << (hash_ & 63) | 1 << (hash_ >> 6 & 63)


REGISTER_ARGUMENTS: Final = 3
"""Arguments that travel in parameters; the others lie on the shadow stack."""


_HASH_LENGTH: Final = 0x9E3779B97F4A7C15
_HASH_WORD: Final = 0xD6E8FEB86659FD93
_HASH_END: Final = 0xFF51AFD7ED558CCD


def string_hash(data: bytes) -> int:
    """Hash of a string as the runtime computes it: eight bytes at a time (docs/guest-abi.md, section 3), 32 bits of it."""
    mask = (1 << 64) - 1
    h = len(data) * _HASH_LENGTH & mask
    for i in range(0, len(data) - 7, 8):
        h = (h ^ int.from_bytes(data[i : i + 8], "little")) * _HASH_WORD & mask
        h ^= h >> 32
    if len(data) & 7:
        h = (h ^ _hash_tail(data)) * _HASH_WORD & mask
        h ^= h >> 32
    h = h * _HASH_END & mask
    return (h ^ h >> 32) & 0xFFFFFFFF


def _hash_tail(data: bytes) -> int:
    """The bytes behind the last eight, with some that were there before where that saves reading them one by one."""
    n = len(data)
    if n >= 8:
        return int.from_bytes(data[-8:], "little")
    if n >= 4:
        return int.from_bytes(data[:4] + data[-4:], "little")
    return data[0] | data[n >> 1] << 8 | data[n - 1] << 16
