# SPDX-License-Identifier: MIT
"""The frame of a function on the shadow stack: where it ends, how cells beyond it are read, how it is given back."""

from __future__ import annotations

from munition.codegen.operands import Emitter
from munition.ir.nodes import Register
from munition.ir.types import Type
from munition.runtime import layout


def push_top(e: Emitter) -> None:
    """Address of the first cell above the frame."""
    e.get(e.frame.header)
    if e.frame.size:
        e.i32(e.frame.size)
        e.op("i32.add")


def push_argument_count(e: Emitter) -> None:
    """Number of arguments that the function was called with."""
    e.get(e.frame.call)
    e.op("i32.wrap_i64")


def check_room(e: Emitter) -> None:
    """With the address of the first cell above what is wanted on the stack: "stack overflow" if that is too much."""
    e.load_state(layout.STATE_STACK_LIMIT)
    e.op("i32.gt_u")
    e.if_()
    e.push_caller()
    e.call("rt_stack_overflow")
    e.branch(e.handler)
    e.end()


def load_if_more(e: Emitter, dst: Register, base: int, offset: int) -> None:
    """With (count, i) on the stack: `dst` = the cell if count > i, else nil."""
    e.op("i32.gt_u")
    if e.frame.function.registers[dst] is not Type.VALUE:  # it is known to be there
        e.op("drop")
        e.load_value(dst, base, offset)
        e.root(dst)
        return
    e.if_()
    e.load_value(dst, base, offset)
    e.else_()
    e.i32(layout.NIL)
    e.set(e.frame.first[dst])
    e.i64(0)
    e.set(e.frame.second[dst])
    e.end()
    e.root(dst)


def leave_frame(e: Emitter) -> None:
    """Give the shadow-stack frame back, if it was opened."""
    if e.frame.size and e.is_open:
        e.i32(0)
        e.get(e.frame.base)
        e.store32(e.context.state + layout.STATE_SP)
