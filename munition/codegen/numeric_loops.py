# SPDX-License-Identifier: MIT
"""The heads of numeric loops."""

from __future__ import annotations

from munition.codegen.operands import Emitter
from munition.codegen.shadow_frame import push_top
from munition.ir.effects import constant_integer, is_plain_loop
from munition.ir.nodes import ForPrepare
from munition.ir.types import Type


def emit_for_prepare(e: Emitter, node: ForPrepare) -> None:
    """The runtime checks the bounds and leaves three words at the frame's top."""
    if is_plain_loop(node, e.frame.function):
        _emit_plain_loop(e, node)
        return
    loop, header, top = node.loop, e.frame.header, e.frame.size
    for operand in (node.start, node.limit, node.step):
        e.push_value(operand)
    push_top(e)
    e.i32(e.site(node.site))
    e.call("rt_for_prepare")
    e.set(e.frame.first[loop.kind])
    e.check_pending()
    for i, register in enumerate((loop.counter, loop.step, loop.turns)):
        e.get(header)
        e.load64(top + 8 * i)
        e.set(e.frame.first[register])
    if e.type_of(node.start) is Type.I64 and e.type_of(node.step) is Type.I64:
        return
    for i, register in enumerate((loop.float_counter, loop.float_step, loop.float_limit)):
        e.get(header)
        e.memory("f64.load", top + 8 * i, 3)
        e.set(e.frame.first[register])


def _emit_plain_loop(e: Emitter, node: ForPrepare) -> None:
    """Integer bounds and a constant step: the number of turns by a subtraction and perhaps a division."""
    loop, step = node.loop, constant_integer(node.step)
    assert step is not None
    first, last = (node.start, node.limit) if step > 0 else (node.limit, node.start)
    e.push_number(first)
    e.push_number(last)
    e.op("i64.le_s")
    e.set(e.frame.first[loop.kind])
    e.push_number(last)
    e.push_number(first)
    e.op("i64.sub")
    if abs(step) != 1:
        e.i64(abs(step))
        e.op("i64.div_u")
    e.set(e.frame.first[loop.turns])
    e.push_number(node.start)
    e.set(e.frame.first[loop.counter])
    e.i64(step)
    e.set(e.frame.first[loop.step])
