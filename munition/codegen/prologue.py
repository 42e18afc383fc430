# SPDX-License-Identifier: MIT
"""What a function begins with: arguments are picked up from memory and the frame is set up."""

from __future__ import annotations

from munition.codegen.operands import Emitter
from munition.codegen.resume import emit_restore, emit_take_record
from munition.codegen.shadow_frame import check_room, push_argument_count, push_top
from munition.runtime import layout


def emit_prologue(e: Emitter, *, open_: bool = True) -> None:
    """Arguments in memory are picked up; unless that is left for later, the frame is set up and its size checked."""
    frame, function = e.frame, e.frame.function
    if not _needs_base(e):
        return
    e.load_state(layout.STATE_SP)
    e.set(frame.base)
    if function.vararg:
        _spill_arguments(e)
    if e.suspendable:
        emit_take_record(e)
    e.get(frame.base)
    if function.vararg:
        push_argument_count(e)
        e.i32(4)
        e.op("i32.shl", "i32.add")
    e.set(frame.header)
    if function.parameters > frame.placed:
        _load_memory_parameters(e)
    if frame.size and open_:
        open_frame(e)
    if e.suspendable:
        emit_restore(e)


def _needs_base(e: Emitter) -> bool:
    function = e.frame.function
    return bool(
        e.frame.size or function.vararg or function.parameters > e.frame.placed or e.returns_in_memory
    )


def _load_memory_parameters(e: Emitter) -> None:
    """Parameters beyond those in registers; a resumed function gets them from its record instead."""
    if e.suspendable:
        e.get(e.frame.resume)
        e.op("i32.eqz")
        e.if_()
    for i in range(layout.REGISTER_ARGUMENTS, e.frame.function.parameters):
        push_argument_count(e)
        e.i32(i)
        _load_without_root(e, i)
    if e.suspendable:
        e.end()


def _load_without_root(e: Emitter, parameter: int) -> None:
    e.op("i32.gt_u")
    e.if_()
    e.load_value(parameter, e.frame.base, parameter * layout.CELL_SIZE)
    e.end()


def _spill_arguments(e: Emitter) -> None:
    """Put the register arguments below the others, so that the extra ones lie in a row."""
    base = e.frame.base
    for i in range(layout.REGISTER_ARGUMENTS):
        e.get(base)
        e.get(2 + 2 * i)
        e.store32(i * layout.CELL_SIZE + layout.CELL_TAG)
        e.get(base)
        e.get(3 + 2 * i)
        e.store64(i * layout.CELL_SIZE)


def open_frame(e: Emitter) -> None:
    """Check that there is room for the frame, and fill it."""
    frame, function = e.frame, e.frame.function
    header = frame.header
    top = e.frame.scratch32[0]
    push_top(e)
    e.tee(top)
    check_room(e)
    e.get(header)
    e.push_call()
    e.store64()
    e.get(header)
    e.i64(layout.FRAME)
    e.push_closure()
    e.op("i64.extend_i32_u")
    e.i64(32)
    e.op("i64.shl", "i64.or")
    e.store64(layout.CELL_TAG)
    for register, offset in frame.slots.items():
        if register < function.parameters:
            e.root(register)
        else:
            e.get(header)
            e.i32(layout.NIL)
            e.store32(offset + layout.CELL_TAG)
    _blank_padding(e)
    e.i32(0)
    e.get(top)
    e.store32(e.context.state + layout.STATE_SP)


def _blank_padding(e: Emitter) -> None:
    """Cells that only stand for room on the engine's stack must still be readable by the collector."""
    used = (1 + len(e.frame.slots)) * layout.CELL_SIZE
    for offset in range(used, e.frame.size, layout.CELL_SIZE):
        e.get(e.frame.header)
        e.i32(layout.NIL)
        e.store32(offset + layout.CELL_TAG)
