# SPDX-License-Identifier: MIT
"""Calls, returns and extra arguments, by the convention of docs/guest-abi.md section 4."""

from __future__ import annotations

from typing import Final

from munition.codegen.entries import Door
from munition.codegen.frame import GENERIC, VALUE_RESULT
from munition.codegen.operands import Emitter
from munition.codegen.resume import emit_restore, emit_take_record
from munition.codegen.tables import emit_append
from munition.ir.effects import constant_integer, is_plain_loop
from munition.ir.nodes import (
    NIL,
    Append,
    Call,
    CallRuntime,
    Const,
    ForPrepare,
    Known,
    Loop,
    Operand,
    Register,
    Return,
    SaveResults,
    Site,
    TailCall,
    Vararg,
)
from munition.ir.types import Type
from munition.runtime import layout

TAIL_CALL: Final = "call_value"
"""Symbol of the generated function that calls any value in place of its caller."""

_WORDS: Final = layout.REGISTER_ARGUMENTS


def _static_symbol(callee: Operand) -> str | None:
    if isinstance(callee, Const) and callee.type is Type.FUNCTION:
        assert isinstance(callee.value, str)
        return callee.value
    return None


class _Arguments:
    """The arguments of one call: how to push the call word and the ones that travel in registers."""

    def __init__(self, e: Emitter, args: tuple[Operand, ...], open_: Register | None, site: Site) -> None:
        self.e, self.args, self.open, self.site = e, args, open_, e.site(site)

    def prepare(self, base: int, offset: int, *, spread: bool) -> None:
        """Put memory arguments at `base + offset`; `spread`: the open list is elsewhere (at the frame's top)."""
        e, args = self.e, self.args
        if self.open is None:
            for i in range(_WORDS, len(args)):
                e.store_value(base, offset + i * layout.CELL_SIZE, args[i])
            return
        self._place_open(base, offset, spread=spread)
        for i, arg in enumerate(args):
            if i >= _WORDS:
                e.store_value(base, offset + i * layout.CELL_SIZE, arg)
        self._blank(base, offset)

    def _place_open(self, base: int, offset: int, *, spread: bool) -> None:
        e, prefix = self.e, len(self.args)
        assert self.open is not None
        if spread:
            e.get(base)
            e.i32(offset + prefix * layout.CELL_SIZE)
            e.op("i32.add")
            _push_top(e)
            e.get(e.frame.first[self.open])
            e.i32(4)
            e.op("i32.shl")
            e.copy_memory()
        elif prefix:
            e.i32(prefix)
            e.get(e.frame.first[self.open])
            e.call("rt_shift")

    def _blank(self, base: int, offset: int) -> None:
        """Make the cells after the last argument nil as far as registers may be loaded from them."""
        e, prefix = self.e, len(self.args)
        assert self.open is not None
        for i in range(max(0, _WORDS - prefix)):
            e.get(base)
            e.get(e.frame.first[self.open])
            e.i32(4)
            e.op("i32.shl", "i32.add")
            e.i32(layout.NIL)
            e.store32(offset + (prefix + i) * layout.CELL_SIZE + layout.CELL_TAG)

    def push_call_word(self) -> None:
        e = self.e
        if self.open is None:
            e.i64(self.site << 32 | len(self.args))
            return
        e.get(e.frame.first[self.open])
        e.i32(len(self.args))
        e.op("i32.add", "i64.extend_i32_u")
        e.i64(self.site << 32)
        e.op("i64.or")

    def push_tail_word(self, closure: int | None) -> None:
        """The call word for what takes this function's place: it was called where this function was.

        Only a function of Lua takes it: for one of the runtime (`closure`: the local to ask) the position is here.
        """
        e = self.e
        e.push_call()
        e.i64(-1 << 32)
        e.op("i64.and")
        e.i64(layout.CALL_TAIL << 32)
        e.op("i64.or")
        if closure is not None:
            e.i64(self.site << 32)
            e.get(closure)
            e.load32(layout.CLOSURE_INFO)
            e.op("select")
        if self.open is not None:
            e.get(e.frame.first[self.open])
            e.op("i64.extend_i32_u", "i64.or")
        e.i64(len(self.args))
        e.op("i64.add")

    def push_registers(self, base: int, offset: int) -> None:
        e = self.e
        for i in range(_WORDS):
            if i < len(self.args):
                e.push_value(self.args[i])
            elif self.open is None:
                e.push_value(NIL)
            else:
                at = offset + i * layout.CELL_SIZE
                e.get(base)
                e.load32(at + layout.CELL_TAG)
                e.get(base)
                e.load64(at)


def _push_top(e: Emitter) -> None:
    """Address of the first cell above the frame."""
    e.get(e.frame.header)
    if e.frame.size:
        e.i32(e.frame.size)
        e.op("i32.add")


def emit_call(e: Emitter, node: Call) -> None:
    """Call, then distribute the results."""
    forget(e, node)
    known = e.known(node)
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
        e.call(known.symbol)
        finish_direct_call(e, node, door, known)
        return
    base, offset = e.frame.header, e.frame.size
    arguments = _Arguments(e, node.args, node.open, node.site)
    arguments.prepare(base, offset, spread=False)
    e.push_word(node.callee)
    arguments.push_call_word()
    arguments.push_registers(base, offset)
    e.call(known.symbol)
    finish_call(e, node)


def _push_direct(e: Emitter, node: Call | TailCall, door: Door) -> None:
    """Closure, site and arguments as an entry takes them."""
    if door.entry.captures:
        e.push_word(node.callee)
    if door.site:
        e.i32(e.site(node.site))
    _push_parameters(e, node, door)


def _push_parameters(e: Emitter, node: Call | TailCall, door: Door) -> None:
    for i, type_ in enumerate(door.entry.parameters):
        e.push_as(node.args[i] if i < len(node.args) else NIL, type_)


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
    arguments = _Arguments(e, node.args, node.open, node.site)
    arguments.prepare(base, offset, spread=False)
    symbol = _static_symbol(node.callee)
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
        _emit_dynamic(e, node.callee, arguments, base, offset)
    finish_call(e, node)


def forget(e: Emitter, node: Call | Loop) -> None:
    """Let go of what the frame refers to without need, before something that may last."""
    dead = e.frame.roots.dead.get(id(node), 0)
    for register, offset in e.frame.slots.items():
        if dead >> register & 1:
            e.get(e.frame.header)
            e.i32(layout.NIL)
            e.store32(offset + layout.CELL_TAG)


def _emit_dynamic(e: Emitter, callee: Operand, arguments: _Arguments, base: int, offset: int) -> None:
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
        _load_if_more(e, dst, e.frame.header, e.frame.size + i * layout.CELL_SIZE)


def _load_if_more(e: Emitter, dst: Register, base: int, offset: int) -> None:
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
    arguments = _Arguments(e, node.args, node.open, node.site)
    arguments.prepare(base, 0, spread=True)
    symbol = _static_symbol(node.callee)
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
    _push_parameters(e, node, door)
    leave_frame(e)
    e.return_call(target.symbol)


def _emit_call_and_return(e: Emitter, node: TailCall) -> None:
    """Call from here; the results go down to where this function's belong."""
    base, header, top = e.frame.base, e.frame.header, e.frame.size
    arguments = _Arguments(e, node.args, node.open, node.site)
    arguments.prepare(header, top, spread=False)
    _emit_dynamic(e, node.callee, arguments, header, top)
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


def leave_frame(e: Emitter) -> None:
    """Give the shadow-stack frame back."""
    if e.frame.size:
        e.i32(0)
        e.get(e.frame.base)
        e.store32(e.context.state + layout.STATE_SP)


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
    _push_top(e)
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


def emit_vararg(e: Emitter, node: Vararg) -> None:
    """Read the extra arguments, which lie below the frame."""
    base, fixed = e.frame.base, e.frame.function.parameters
    if node.count is None:
        for i, dst in enumerate(node.dsts):
            _push_argument_count(e)
            e.i32(fixed + i)
            _load_if_more(e, dst, base, (fixed + i) * layout.CELL_SIZE)
        return
    count = e.frame.first[node.count]
    _push_extra_count(e, fixed)
    e.set(count)
    _check_room(e, count)
    _push_top(e)
    e.get(base)
    e.i32(fixed * layout.CELL_SIZE)
    e.op("i32.add")
    e.get(count)
    e.i32(4)
    e.op("i32.shl")
    e.copy_memory()


def _push_argument_count(e: Emitter) -> None:
    e.get(e.frame.call)
    e.op("i32.wrap_i64")


def _push_extra_count(e: Emitter, fixed: int) -> None:
    """max(0, arguments - fixed)."""
    if not fixed:
        _push_argument_count(e)
        return
    _push_argument_count(e)
    e.i32(fixed)
    e.op("i32.sub")
    e.i32(0)
    _push_argument_count(e)
    e.i32(fixed)
    e.op("i32.gt_u", "select")


def _check_room(e: Emitter, count: int) -> None:
    _push_top(e)
    e.get(count)
    e.i32(4)
    e.op("i32.shl", "i32.add")
    e.load_state(layout.STATE_STACK_LIMIT)
    e.op("i32.gt_u")
    e.if_()
    e.push_caller()
    e.call("rt_stack_overflow")
    e.branch(e.handler)
    e.end()


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


def emit_save_results(e: Emitter, node: SaveResults) -> None:
    """A table of the results; an open list is protected while the table is made."""
    if node.open is not None:
        e.i32(0)
        _push_top(e)
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
        _push_top(e)
        e.store32(e.context.state + layout.STATE_SP)
    e.check_pending()
    emit_append(e, Append(node.dst, 1, node.values, node.open))


def emit_for_prepare(e: Emitter, node: ForPrepare) -> None:
    """The runtime checks the bounds and leaves three words at the frame's top."""
    if is_plain_loop(node, e.frame.function):
        _emit_plain_loop(e, node)
        return
    loop, header, top = node.loop, e.frame.header, e.frame.size
    for operand in (node.start, node.limit, node.step):
        e.push_value(operand)
    _push_top(e)
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


def emit_prologue(e: Emitter) -> None:
    """Arguments in memory are picked up, the frame is set up and its size checked."""
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
        _push_argument_count(e)
        e.i32(4)
        e.op("i32.shl", "i32.add")
    e.set(frame.header)
    if function.parameters > frame.placed:
        _load_memory_parameters(e)
    if frame.size:
        _open_frame(e)
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
    for i in range(_WORDS, e.frame.function.parameters):
        _push_argument_count(e)
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
    for i in range(_WORDS):
        e.get(base)
        e.get(2 + 2 * i)
        e.store32(i * layout.CELL_SIZE + layout.CELL_TAG)
        e.get(base)
        e.get(3 + 2 * i)
        e.store64(i * layout.CELL_SIZE)


def _open_frame(e: Emitter) -> None:
    frame, function = e.frame, e.frame.function
    header = frame.header
    top = e.frame.scratch32[0]
    _push_top(e)
    e.tee(top)
    e.load_state(layout.STATE_STACK_LIMIT)
    e.op("i32.gt_u")
    e.if_()
    e.push_caller()
    e.call("rt_stack_overflow")
    e.branch(e.handler)
    e.end()
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
