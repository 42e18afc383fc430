# SPDX-License-Identifier: MIT
"""Types of registers and constants, and how one is turned into another."""

from __future__ import annotations

import enum
from typing import Final


class Type(enum.IntEnum):
    """What a register holds.

    `VALUE` is any dynamic value, a (tag, payload) pair. The others are unboxed: `I64` and `F64` are integers and
    floats, `BOOL` is 0 or 1, and the reference types are addresses whose tag is known. `I32` is a raw machine word
    (a count), never a value of the language.
    """

    VALUE = 0
    I64 = 1
    F64 = 2
    BOOL = 3
    STRING = 4
    TABLE = 5
    FUNCTION = 6
    BOX = 7
    I32 = 8


REFERENCES: Final = frozenset({Type.STRING, Type.TABLE, Type.FUNCTION, Type.BOX})
"""Types whose registers hold an address the collector must know."""

ROOTABLE: Final = REFERENCES | {Type.VALUE}
"""Types whose registers may hold a reference."""

BOXABLE: Final = frozenset(
    {Type.VALUE, Type.I64, Type.F64, Type.BOOL, Type.STRING, Type.TABLE, Type.FUNCTION}
)
"""Types that may stand where a `VALUE` is expected."""

NUMERIC: Final = frozenset({Type.I64, Type.F64})


def assignable(source: Type, target: Type) -> bool:
    """Whether a `source` may be moved into a `target` register (equal, or boxed on the way)."""
    return source == target or (target is Type.VALUE and source in BOXABLE)


_INTEGER_OPERATORS: Final = frozenset({"band", "bor", "bxor", "shl", "shr"})
_FLOAT_OPERATORS: Final = frozenset({"div", "pow"})


def arith_result(op: str, left: Type, right: Type) -> Type:
    """The type of `left op right`: unboxed when both operands are known to be numbers.

    For unary operators both operand types are the same. Bitwise operators on floats may raise, so they stay `VALUE`.
    """
    if left not in NUMERIC or right not in NUMERIC:
        return Type.VALUE
    if op in _FLOAT_OPERATORS:
        return Type.F64
    if op in _INTEGER_OPERATORS or op == "bnot":
        return Type.I64 if left is Type.I64 and right is Type.I64 else Type.VALUE
    return Type.I64 if left is Type.I64 and right is Type.I64 else Type.F64
