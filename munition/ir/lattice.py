# SPDX-License-Identifier: MIT
"""What is known of a value: a set of types, and for tables, functions and boxes which ones, as one Python integer.

The low bits stand for types. Each higher bit stands for one object of the program text: a place that makes tables, a function,
a function of the library, a place that makes boxes. `UNKNOWN` says that the value may also be a table or function that is
not accounted for. A table without `UNKNOWN` is one of those whose bits are set.
"""

from __future__ import annotations

from typing import Final

from munition.ir.types import Type

Mask = int

NIL: Final = 1
FALSE: Final = 2
TRUE: Final = 4
INTEGER: Final = 8
FLOAT: Final = 16
STRING: Final = 32
TABLE: Final = 64
FUNCTION: Final = 128
OTHER: Final = 256
UNKNOWN: Final = 512

BOOLEAN: Final = FALSE | TRUE
NUMBER: Final = INTEGER | FLOAT
FALSY: Final = NIL | FALSE
REFERENCES: Final = STRING | TABLE | FUNCTION | OTHER
"""Types whose values are addresses of objects."""
TYPES: Final = 511
"""All types: what a run-time tag can tell."""
ANY: Final = 1023
FIRST_OBJECT: Final = 10
"""Number of the first bit that stands for an object."""

_UNBOXED: Final = {
    INTEGER: Type.I64,
    FLOAT: Type.F64,
    FALSE: Type.BOOL,
    TRUE: Type.BOOL,
    BOOLEAN: Type.BOOL,
    STRING: Type.STRING,
    TABLE: Type.TABLE,
    FUNCTION: Type.FUNCTION,
}
_MASKS: Final = {
    Type.VALUE: ANY,
    Type.I64: INTEGER,
    Type.F64: FLOAT,
    Type.BOOL: BOOLEAN,
    Type.STRING: STRING,
    Type.TABLE: TABLE | UNKNOWN,
    Type.FUNCTION: FUNCTION | UNKNOWN,
    Type.BOX: 0,
    Type.I32: 0,
}


def unboxed_type(mask: Mask) -> Type:
    """The type of a register that holds such values: `VALUE` unless one tag is enough for all of them."""
    return _UNBOXED.get(mask & TYPES, Type.VALUE)


def mask_of_type(type_: Type) -> Mask:
    """All values a register of this type can hold."""
    return _MASKS[type_]


def mask_of_constant(value: bool | int | float | bytes | None) -> Mask:
    """The type of a constant."""
    match value:
        case None:
            return NIL
        case bool():
            return TRUE if value else FALSE
        case int():
            return INTEGER
        case float():
            return FLOAT
        case bytes():
            return STRING


def objects_of(mask: Mask) -> list[int]:
    """The numbers of the objects in a mask, counted from 0."""
    out: list[int] = []
    rest = mask >> FIRST_OBJECT
    while rest:
        low = rest & -rest
        out.append(low.bit_length() - 1)
        rest ^= low
    return out


_STAYS_INTEGER: Final = frozenset({"add", "sub", "mul", "mod", "idiv", "unm"})
_BITWISE: Final = frozenset({"band", "bor", "bxor", "shl", "shr", "bnot"})


def arithmetic(op: str, left: Mask, right: Mask) -> Mask:
    """The numbers `left op right` can give where no metamethod is involved; a string counts as either kind of number.

    Operands of other types raise an error, so they contribute nothing.
    """
    if left & STRING:
        left |= NUMBER
    if right & STRING:
        right |= NUMBER
    left &= NUMBER
    right &= NUMBER
    if not left or not right:
        return 0
    if op in _BITWISE:
        return INTEGER
    if op not in _STAYS_INTEGER:
        return FLOAT
    out = FLOAT if (left | right) & FLOAT else 0
    return out | INTEGER if left & right & INTEGER else out
