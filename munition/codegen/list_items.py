# SPDX-License-Identifier: MIT
"""Where the item of a list lies."""

from __future__ import annotations

from munition.codegen.operands import Emitter
from munition.ir.nodes import Const, Operand
from munition.ir.types import Type
from munition.runtime import layout


def open_table(e: Emitter, object_: Operand, key: Operand | None = None) -> None:
    """Put the address of a table into scratch 0; opens an if, unless the operand is one for certain and the key an integer."""
    tests = 0
    if e.type_of(object_) is not Type.TABLE:
        e.push_tag(object_)
        e.i32(layout.TABLE)
        e.op("i32.eq")
        tests += 1
    if key is not None and e.type_of(key) is Type.VALUE:
        e.push_tag(key)
        e.i32(layout.INTEGER)
        e.op("i32.eq")
        tests += 1
    if tests == 2:
        e.op("i32.and")
    if tests:
        e.if_()
    e.push_word(object_)
    e.set(e.frame.scratch32[0])


def close(e: Emitter, depth: int) -> None:
    """Close what was opened since the code was at this depth."""
    while e.depth > depth:
        e.end()


def find_item(e: Emitter, key: Operand, *, after: bool = False) -> None:
    """Opens an if; inside it scratch 2 is the address of the list item `key`, or the one after it, of table scratch 0.

    The number of the item, less 1, is in the first long scratch, the address and the length of the list in the second, in
    any case.
    """
    table, _, item = e.frame.scratch32[:3]
    place, parts = e.frame.scratch64[:2]
    if isinstance(key, Const):
        assert isinstance(key.value, int)
        position = key.value if after else key.value - 1
        e.i64(position if position >= -(1 << 63) else (1 << 63) - 1)
    else:
        e.push_payload(key)
        if not after:
            e.i64(1)
            e.op("i64.sub")
    e.tee(place)
    e.get(table)
    e.load64(layout.TABLE_ARRAY)  # and ARRAY_LENGTH
    e.tee(parts)
    e.i64(32)
    e.op("i64.shr_u", "i64.lt_u")
    e.if_()
    e.get(parts)
    e.op("i32.wrap_i64")
    e.get(place)
    e.op("i32.wrap_i64")
    e.i32(4)
    e.op("i32.shl", "i32.add")
    e.set(item)
