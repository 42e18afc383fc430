# SPDX-License-Identifier: MIT
"""Calls and their results, by the convention of docs/guest-abi.md section 4."""

from __future__ import annotations

from munition.codegen.arguments import Arguments, push_parameters, static_symbol
from munition.codegen.entries import Door
from munition.codegen.frame import GENERIC, VALUE_RESULT
from munition.codegen.library_calls import emit_usual_case, emit_whole_call
from munition.codegen.list_loops import emit_next_item, is_next_item
from munition.codegen.operands import Emitter
from munition.codegen.shadow_frame import load_if_more
from munition.codegen.versions import choice_symbol
from munition.ir.facts import Known
from munition.ir.nodes import NIL, Call, CallRuntime, Const, Loop, Operand, Register, TailCall
from munition.ir.types import Type
from munition.runtime import layout


def emit_call(e: Emitter, node: Call) -> None:
    """Call, then distribute the results."""
    forget(e, node)
    known = e.known(node)
    if known is not None and is_next_item(e, node, known):
        emit_next_item(e, node, lambda: _emit_known(e, node, known))
    else:
        _emit_known(e, node, known)


def _emit_known(e: Emitter, node: Call, known: Known | None) -> None:
    """Call what the callee is known to be, if anything."""
    if known is not None and known.certain:
        emit_known_call(e, node, known)
        return
    if known is not None:
        e.push_tag(node.callee)
        e.i32(layout.FUNCTION)
        e.op("i32.eq")
        e.if_()
        emit_known_call(e, node, known)
        e.else_()
        _emit_general_call(e, node, never=True)
        e.end()
        return
    _emit_general_call(e, node)


def emit_known_call(e: Emitter, node: Call, known: Known) -> None:
    """Call the function that the callee is known to be."""
    door = None if known.library else e.context.doors[known.symbol]
    if door is not None:
        _push_direct(e, node, door)
        e.call(choice_symbol(known.symbol) if known.by_type else known.symbol)
        finish_direct_call(e, node, door, known)
        return
    if known.library and emit_whole_call(e, node, known):
        return
    usual = emit_usual_case(e, node, known) if known.library else None
    base, offset = e.frame.header, e.frame.size
    arguments = Arguments(e, node.args, node.open, node.site)
    arguments.prepare(base, offset, spread=False)
    e.push_word(node.callee)
    arguments.push_call_word()
    arguments.push_registers(base, offset)
    e.call(known.symbol)
    finish_call(e, node)
    if usual is not None:
        e.end()


def _push_direct(e: Emitter, node: Call | TailCall, door: Door) -> None:
    """Closure, site and arguments as an entry takes them."""
    if door.entry.captures:
        e.push_word(node.callee)
    if door.site:
        e.i32(e.site(node.site))
    push_parameters(e, node, door)


def finish_direct_call(e: Emitter, node: Call, door: Door, known: Known) -> None:
    """Distribute the results of a call of an entry: the only one, or the first, is on the stack."""
    result = door.entry.result
    if result is None:
        finish_call(e, node)
        return
    if node.count is not None:
        _collect_single_result(e, node.count, result)
    elif not node.dsts:
        e.op(*["drop"] * (2 if result is Type.VALUE else 1))
    elif result is Type.VALUE:
        e.set_value(node.dsts[0])
    else:
        e.set_typed(node.dsts[0], result)
        e.root(node.dsts[0])
    if not known.harmless:
        e.check_pending()
    for dst in node.dsts[1:]:
        e.push_value(NIL)
        e.set_value(dst)


def _collect_single_result(e: Emitter, count: Register, result: Type) -> None:
    """One result becomes an open list of one."""
    header, top, payload = e.frame.header, e.frame.size, e.frame.scratch64[0]
    tag = e.frame.scratch32[1]
    if result is Type.VALUE:
        e.set(payload)
        e.set(tag)
    else:
        e.box(result, tag, payload)
    e.get(header)
    e.get(payload)
    e.store64(top)
    e.get(header)
    e.get(tag)
    e.store32(top + layout.CELL_TAG)
    e.i32(1)
    e.set(e.frame.first[count])


def _emit_general_call(e: Emitter, node: Call, *, never: bool = False) -> None:
    """Call by the general convention; `never`: the callee is known to be no function."""
    base, offset = e.frame.header, e.frame.size
    arguments = Arguments(e, node.args, node.open, node.site)
    arguments.prepare(base, offset, spread=False)
    symbol = static_symbol(node.callee)
    if symbol is not None:
        e.i32(e.context.closures[symbol])
        arguments.push_call_word()
        arguments.push_registers(base, offset)
        e.call(e.context.general(symbol))
    elif never:
        e.push_value(node.callee)
        arguments.push_call_word()
        arguments.push_registers(base, offset)
        e.call("rt_call")
    else:
        emit_dynamic_call(e, node.callee, arguments, base, offset)
    finish_call(e, node)


def forget(e: Emitter, node: Call | Loop) -> None:
    """Let go of what the frame refers to without need, before something that may last."""
    dead = e.frame.roots.dead.get(id(node), 0)
    for register, offset in e.frame.slots.items():
        if dead >> register & 1:
            e.get(e.frame.header)
            e.i32(layout.NIL)
            e.store32(offset + layout.CELL_TAG)


def emit_dynamic_call(e: Emitter, callee: Operand, arguments: Arguments, base: int, offset: int) -> None:
    """Call whatever the callee is; the first result is left on the stack."""
    known = e.type_of(callee) is Type.FUNCTION
    closure = e.frame.scratch32[0]
    if e.compact and not known:
        e.push_value(callee)
        arguments.push_call_word()
        arguments.push_registers(base, offset)
        e.call("rt_call")
        return
    if not known:
        e.push_tag(callee)
        e.i32(layout.FUNCTION)
        e.op("i32.eq")
        e.if_(VALUE_RESULT)
    e.push_word(callee)
    e.tee(closure)
    arguments.push_call_word()
    arguments.push_registers(base, offset)
    e.get(closure)
    e.load32(layout.CLOSURE_SLOT)
    e.call_indirect(GENERIC)
    if not known:
        e.else_()
        e.push_value(callee)
        arguments.push_call_word()
        arguments.push_registers(base, offset)
        e.call("rt_call")
        e.end()


def finish_call(e: Emitter, node: Call) -> None:
    """Distribute the results: the first is on the stack."""
    if node.count is not None:
        _collect_open_results(e, node.count)
        return
    if not node.dsts:
        e.op("drop", "drop")
        e.check_pending()
        return
    e.set_value(node.dsts[0])
    e.check_pending()
    for i, dst in enumerate(node.dsts[1:], 1):
        e.load_state(layout.STATE_RESULT_COUNT)
        e.i32(i)
        load_if_more(e, dst, e.frame.header, e.frame.size + i * layout.CELL_SIZE)


def _collect_open_results(e: Emitter, count: Register) -> None:
    """The first result joins the others at the frame's top; the count goes to its register."""
    tag, payload = e.frame.scratch32[1], e.frame.scratch64[0]
    e.set(payload)
    e.set(tag)
    e.check_pending()
    header, top = e.frame.header, e.frame.size
    e.get(header)
    e.get(payload)
    e.store64(top)
    e.get(header)
    e.get(tag)
    e.store32(top + layout.CELL_TAG)
    e.load_state(layout.STATE_RESULT_COUNT)
    e.set(e.frame.first[count])


def emit_call_runtime(e: Emitter, node: CallRuntime) -> None:
    """Call a runtime function: `VALUE`-like operands as pairs, constants of raw types as they are."""
    for operand in node.args:
        type_ = operand.type if isinstance(operand, Const) else e.frame.function.registers[operand]
        if type_ is Type.I32:
            e.push_word(operand)
        elif isinstance(operand, Const) and type_ is Type.STRING:
            e.i32(e.constant(operand).payload)
        else:
            e.push_value(operand)
    if node.site is not None:
        e.i32(e.site(node.site))
    e.call(node.symbol)
    if node.dst is not None:
        if e.frame.function.registers[node.dst] is Type.VALUE:
            e.set_value(node.dst)
        else:
            e.set(e.frame.first[node.dst])
            e.root(node.dst)
    e.check_pending()
