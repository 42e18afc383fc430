# SPDX-License-Identifier: MIT
"""Calls in place of the caller: any number of them takes constant stack."""

from __future__ import annotations

from typing import Final

from munition.codegen.arguments import Arguments, push_parameters, static_symbol
from munition.codegen.calls import emit_dynamic_call
from munition.codegen.frame import GENERIC
from munition.codegen.operands import Emitter
from munition.codegen.shadow_frame import leave_frame
from munition.codegen.versions import choice_symbol
from munition.ir.facts import Known
from munition.ir.nodes import TailCall
from munition.ir.types import Type
from munition.runtime import layout

TAIL_CALL: Final = "call_value"
"""Symbol of the generated function that calls any value in place of its caller."""


def emit_tail_call(e: Emitter, node: TailCall) -> None:
    """Leave the frame and call in its place: constant stack for any number of them."""
    if node.stays:
        _emit_call_and_return(e, node)
        return
    base = e.frame.base
    target = e.known(node)
    if target is not None and not target.library:
        _emit_direct_tail_call(e, node, target)
        return
    known = e.type_of(node.callee) is Type.FUNCTION
    if not known:
        _check_callable(e, node)
    arguments = Arguments(e, node.args, node.open, node.site)
    arguments.prepare(base, 0, spread=True)
    symbol = static_symbol(node.callee)
    leave_frame(e)
    if symbol is not None:
        e.i32(e.context.closures[symbol])
        arguments.push_tail_word(None)
        arguments.push_registers(base, 0)
        e.return_call(e.context.general(symbol))
        return
    closure = e.frame.scratch32[0]
    if not known:
        e.push_tag(node.callee)
        e.i32(layout.FUNCTION)
        e.op("i32.eq")
        e.if_()
    e.push_word(node.callee)
    e.tee(closure)
    arguments.push_tail_word(closure)
    arguments.push_registers(base, 0)
    e.get(closure)
    e.load32(layout.CLOSURE_SLOT)
    e.call_indirect(GENERIC, tail=True)
    if not known:
        e.end()
        e.push_value(node.callee)
        arguments.push_call_word()
        arguments.push_registers(base, 0)
        e.return_call(TAIL_CALL)


def _emit_direct_tail_call(e: Emitter, node: TailCall, target: Known) -> None:
    """Go on in the entry of a function, which was called where this one was."""
    door = e.context.doors[target.symbol]
    if door.entry.captures:
        e.push_word(node.callee)
    if door.site:
        e.push_caller()
        e.i32(layout.CALL_TAIL)
        e.op("i32.or")
    push_parameters(e, node, door)
    leave_frame(e)
    e.return_call(choice_symbol(target.symbol) if target.by_type else target.symbol)


def _emit_call_and_return(e: Emitter, node: TailCall) -> None:
    """Call from here; the results go down to where this function's belong."""
    base, header, top = e.frame.base, e.frame.header, e.frame.size
    arguments = Arguments(e, node.args, node.open, node.site)
    arguments.prepare(header, top, spread=False)
    emit_dynamic_call(e, node.callee, arguments, header, top)
    tag, payload = e.frame.scratch32[1], e.frame.scratch64[0]
    e.set(payload)
    e.set(tag)
    e.check_pending()
    count = e.frame.scratch32[0]
    e.load_state(layout.STATE_RESULT_COUNT)
    e.tee(count)
    e.i32(1)
    e.op("i32.gt_u")
    e.if_()
    for local, offset in ((base, 0), (header, top)):
        e.get(local)
        e.i32(offset + layout.CELL_SIZE)
        e.op("i32.add")
    e.get(count)
    e.i32(4)
    e.op("i32.shl")
    e.i32(layout.CELL_SIZE)
    e.op("i32.sub")
    e.copy_memory()
    e.end()
    leave_frame(e)
    e.get(tag)
    e.get(payload)
    e.op("return")


def _check_callable(e: Emitter, node: TailCall) -> None:
    """Raise the error of calling what cannot be called while this function is still there to be seen."""
    e.push_tag(node.callee)
    e.i32(layout.FUNCTION)
    e.op("i32.ne")
    e.if_()
    e.push_value(node.callee)
    e.i32(e.site(node.site))
    e.call("rt_check_callable")
    e.check_pending()
    e.end()
