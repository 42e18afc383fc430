# SPDX-License-Identifier: MIT
"""Returns, and results that are kept while a scope is closed."""

from __future__ import annotations

from munition.codegen.frame import VALUE_RESULT
from munition.codegen.operands import Emitter
from munition.codegen.shadow_frame import leave_frame, push_top
from munition.codegen.tables import emit_append
from munition.ir.nodes import NIL, Append, Register, Return, SaveResults
from munition.runtime import layout


def emit_return(e: Emitter, node: Return) -> None:
    """Results: the first in registers, the others from `base + 16`, their number in the state."""
    base = e.frame.base
    if node.open is not None:
        _emit_open_return(e, node, node.open)
        return
    door = e.context.doors.get(e.frame.function.symbol)
    if door is not None and door.entry.result is not None:
        e.push_as(node.values[0], door.entry.result)
        leave_frame(e)
        e.op("return")
        return
    for i, value in enumerate(node.values[1:], 1):
        e.store_value(base, i * layout.CELL_SIZE, value)
    e.store_state(layout.STATE_RESULT_COUNT, len(node.values))
    leave_frame(e)
    e.push_value(node.values[0] if node.values else NIL)
    e.op("return")


def _emit_open_return(e: Emitter, node: Return, open_: Register) -> None:
    base, prefix = e.frame.base, len(node.values)
    count = e.frame.first[open_]
    e.get(base)
    if prefix:
        e.i32(prefix * layout.CELL_SIZE)
        e.op("i32.add")
    push_top(e)
    e.get(count)
    e.i32(4)
    e.op("i32.shl")
    e.copy_memory()
    for i, value in enumerate(node.values[1:], 1):
        e.store_value(base, i * layout.CELL_SIZE, value)
    e.i32(0)
    e.get(count)
    if prefix:
        e.i32(prefix)
        e.op("i32.add")
    e.store32(e.context.state + layout.STATE_RESULT_COUNT)
    leave_frame(e)
    if prefix:
        e.push_value(node.values[0])
        e.op("return")
        return
    e.get(count)
    e.if_(VALUE_RESULT)
    e.get(base)
    e.load32(layout.CELL_TAG)
    e.get(base)
    e.load64()
    e.else_()
    e.push_value(NIL)
    e.end()
    e.op("return")


def emit_save_results(e: Emitter, node: SaveResults) -> None:
    """A table of the results; an open list is protected while the table is made."""
    if node.open is not None:
        e.i32(0)
        push_top(e)
        e.get(e.frame.first[node.open])
        e.i32(4)
        e.op("i32.shl", "i32.add")
        e.store32(e.context.state + layout.STATE_SP)
    e.i32(len(node.values))
    if node.open is not None:
        e.get(e.frame.first[node.open])
        e.op("i32.add")
    e.i32(0)
    e.call("rt_table_new")
    e.set(e.frame.first[node.dst])
    e.root(node.dst)
    if node.open is not None:
        e.i32(0)
        push_top(e)
        e.store32(e.context.state + layout.STATE_SP)
    e.check_pending()
    emit_append(e, Append(node.dst, 1, node.values, node.open))
