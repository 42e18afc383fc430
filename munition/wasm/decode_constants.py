# SPDX-License-Identifier: MIT
"""Constant expressions: found, checked for their alphabet, and kept as bytes (core specification, section 3.4.13)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from munition.wasm.decode_types import heap_type
from munition.wasm.faults import invalid

if TYPE_CHECKING:
    from munition.wasm.cursor import Cursor
    from munition.wasm.spaces import Spaces

# Opcode -> operands: u = unsigned 32, i/l = signed 32/64, t = type index, h = heap type, f = function index,
# g = global index, a digit = that many bytes.
_PLAIN: Final = {
    0x23: "g",
    0x41: "i",
    0x42: "l",
    0x43: "4",
    0x44: "8",
    0x6A: "",
    0x6B: "",
    0x6C: "",
    0x7C: "",
    0x7D: "",
    0x7E: "",
    0xD0: "h",
    0xD2: "f",
}
_GC: Final = {0: "t", 1: "t", 6: "t", 7: "t", 8: "tu", 26: "", 27: "", 28: ""}
_VECTOR: Final = {12: "16"}
_PREFIXED: Final = {0xFB: _GC, 0xFD: _VECTOR}
# What nearly all of them are: `i32.const`, `end`.
_I32_CONST: Final = re.compile(
    rb"\x41(?:[\x80-\xff]{0,3}+[\x00-\x7f]|[\x80-\xff]{4}[\x00-\x07\x78-\x7f])\x0b"
)
_SIZES: Final = {"4": 4, "8": 8, "16": 16}


def const_expr(cursor: Cursor, spaces: Spaces) -> bytes:
    """The bytes of a constant expression, its `end` included.

    Whether the operands fit the operators is not checked.

    Raises:
        InvalidModuleError: E224 for an instruction that is not constant, E222 for an index out of bounds.
    """
    start = cursor.pos
    plain = _I32_CONST.match(cursor.data, start, cursor.end)
    if plain is not None:
        cursor.pos = plain.end()
        return plain[0]
    while True:
        at = cursor.pos
        opcode = cursor.byte()
        if opcode == 0x0B:
            break
        operands = _PREFIXED[opcode].get(cursor.u32()) if opcode in _PREFIXED else _PLAIN.get(opcode)
        if operands is None:
            raise invalid("E224", "an instruction that is not constant", at)
        _operands(cursor, operands, spaces)
    if cursor.pos == start + 1:
        raise invalid("E224", "an empty constant expression", start)
    return cursor.data[start : cursor.pos]


def _operands(cursor: Cursor, operands: str, spaces: Spaces) -> None:
    if operands in _SIZES:
        cursor.take(_SIZES[operands])
        return
    for operand in operands:
        start = cursor.pos
        if operand == "i":
            cursor.signed(32)
        elif operand == "l":
            cursor.signed(64)
        elif operand == "h":
            heap_type(cursor, spaces.types)
        else:
            index = cursor.u32()
            if index >= _bound(operand, spaces):
                raise invalid("E222", f"index {index} in a constant expression, out of bounds", start)


def _bound(operand: str, spaces: Spaces) -> int:
    match operand:
        case "t":
            return spaces.types
        case "f":
            return spaces.functions
        case "g":
            return spaces.globals
        case _:
            return 1 << 32
