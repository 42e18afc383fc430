# SPDX-License-Identifier: MIT
"""One IR function to one WebAssembly function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from munition.codegen.arithmetic import emit_arith
from munition.codegen.calls import emit_call, emit_call_runtime, finish_call, forget
from munition.codegen.comparison import emit_compare, emit_not, finish_compare
from munition.codegen.context import Context
from munition.codegen.early import early_part
from munition.codegen.frame import GENERIC, Frame
from munition.codegen.lengths import emit_length
from munition.codegen.numeric_loops import emit_for_prepare
from munition.codegen.operands import Emitter
from munition.codegen.prologue import emit_prologue, open_frame
from munition.codegen.resume import (
    ResumePoints,
    emit_resumable_body,
    emit_resume_point,
    emit_save,
    push_condition,
)
from munition.codegen.returns import emit_return, emit_save_results
from munition.codegen.shadow_frame import leave_frame
from munition.codegen.tables import emit_append, emit_index, emit_new_table, emit_set_index
from munition.codegen.tail_calls import emit_tail_call
from munition.codegen.varargs import emit_vararg
from munition.ir import nodes as n
from munition.ir.types import Type
from munition.ir.uses import subregions, writes
from munition.runtime import layout
from munition.wasm.link_unit import GeneratedFunction, Relocation


class Plan(Struct, frozen=True):
    """What is decided about a function before any is emitted: where it can be resumed, and where its registers live."""

    points: ResumePoints
    frame: Frame


def plan_function(function: n.Function, suspendable: frozenset[str], *, metatables: frozenset[Type]) -> Plan:
    """Plan `function`."""
    points = ResumePoints(function, suspendable, metatables=metatables)
    return Plan(points, Frame(function, points.nodes))


def generate_function(function: n.Function, plan: Plan, context: Context) -> GeneratedFunction:
    """Emit `function`."""
    points, frame = plan.points, plan.frame
    e = Emitter(frame, context)
    e.points = points
    e.suspendable = bool(points.numbers)
    e.returns_in_memory = _returns_in_memory(function.body)
    e.compact = _is_huge(function.body)
    e.handler = e.outermost = e.block()
    e.line(function.line)
    early = 0 if e.suspendable or not context.switches.early else early_part(function, frame)
    emit_prologue(e, open_=not early)
    if early:
        e.is_open = False
        _emit_body(e, function.body[:early])
        e.is_open = True
        open_frame(e)
    _emit_body(e, function.body[early:])
    e.line(function.last_line)
    door = context.doors.get(function.symbol)
    single = None if door is None else door.entry.result
    if single is None:
        emit_return(e, n.Return(()))
    else:
        e.op("unreachable")  # such a function returns before
    e.end()
    if e.suspendable:
        emit_save(e)
    leave_frame(e)
    e.push_nothing(single or Type.VALUE)
    e.op("end")
    head = frame.declarations()
    return GeneratedFunction(
        function.symbol,
        GENERIC if door is None else door.signature,
        head + bytes(e.buffer),
        tuple(_moved(r, len(head)) for r in e.relocations),
        tuple((offset + len(head), line) for offset, line in e.lines),
    )


def _moved(relocation: Relocation, by: int) -> Relocation:
    """The relocation after `by` bytes were put in front of the code."""
    return replace(relocation, offset=relocation.offset + by)


_HUGE: Final = 8000
"""Nodes from which on a function is emitted compactly: it is data or generated text more than a hot loop, and the engine
takes more than linear time and memory for what stands in one function."""


def _is_huge(body: tuple[n.Node, ...]) -> bool:
    pending: list[tuple[n.Node, ...]] = [body]
    count = 0
    while pending:
        part = pending.pop()
        count += len(part)
        for node in part:
            pending.extend(subregions(node))
    return count > _HUGE


def _returns_in_memory(body: tuple[n.Node, ...]) -> bool:
    """Whether some return needs the caller's stack top: more than one result, or arguments of a tail call."""
    pending: list[n.Node] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, n.Return) and (len(node.values) > 1 or node.open is not None):
            return True
        for inner in subregions(node):
            pending.extend(inner)
    return False


def _emit_body(e: Emitter, body: tuple[n.Node, ...]) -> None:
    if e.suspendable:
        emit_resumable_body(e, body, e.points, _emit_node)
        return
    for node in body:
        _EMIT[type(node)](e, node)
        if e.context.switches.check:
            _check_written(e, node)


def _check_written(e: Emitter, node: n.Node) -> None:
    for register in writes(node):
        e.check_register(register)


def _emit_node(e: Emitter, node: n.Node) -> None:
    number = e.points.numbers.get(id(node))
    emit = _EMIT[type(node)]
    if number is None:
        emit(e, node)
    else:
        emit_resume_point(e, node, number, emit, _FINISH[type(node)])


def _emit_if(e: Emitter, node: n.If) -> None:
    if e.suspendable and id(node) in e.points.ranges:
        push_condition(e, node, e.points)
    else:
        if _is_always_true(e, node):
            _emit_body(e, node.then)
            return
        e.push_truth(node.condition)
        if _emit_jump_if(e, node):
            return
    e.if_()
    _emit_body(e, node.then)
    if node.otherwise:
        e.else_()
        _emit_body(e, node.otherwise)
    e.end()


def _is_always_true(e: Emitter, node: n.If) -> bool:
    facts = e.frame.function.facts
    return facts is not None and node.condition in facts.always


def _emit_jump_if(e: Emitter, node: n.If) -> bool:
    """With the condition on the stack: a conditional branch, if a jump is all there is."""
    jump = node.then or node.otherwise
    if len(jump) != 1 or (node.then and node.otherwise) or not isinstance(jump[0], n.Jump):
        return False
    if not node.then:
        e.op("i32.eqz")
    e.branch(e.labels[jump[0].label], conditional=True)
    return True


def _emit_block(e: Emitter, node: n.Block | n.Loop) -> None:
    if isinstance(node, n.Loop):
        _forget_before(e, node)
    e.labels[node.label] = e.block("loop" if isinstance(node, n.Loop) else "block")
    _emit_body(e, node.body)
    e.end()


def _forget_before(e: Emitter, loop: n.Loop) -> None:
    """Let go of what the loop has no use for; not on the way to a place inside it, where registers are restored already."""
    is_passed = e.suspendable and id(loop) in e.points.ranges
    if is_passed:
        e.get(e.frame.resume)
        e.op("i32.eqz")
        e.if_()
    forget(e, loop)
    if is_passed:
        e.end()


def _emit_try(e: Emitter, node: n.Try) -> None:
    outer = e.handler
    e.handler = e.labels[node.label] = e.block()
    _emit_body(e, node.body)
    e.end()
    e.handler = outer


def _emit_switch(e: Emitter, node: n.Switch) -> None:
    e.push_word(node.index)
    e.branch_table([e.labels[label] for label in node.labels], e.labels[node.default])


def _emit_move(e: Emitter, node: n.Move) -> None:
    target = e.frame.function.registers[node.dst]
    if target is Type.VALUE:
        e.push_value(node.src)
        e.set_value(node.dst)
        return
    e.push_as(node.src, target)
    e.set(e.frame.first[node.dst])
    e.root(node.dst)


def _emit_load_upvalue(e: Emitter, node: n.LoadUpvalue) -> None:
    offset = layout.CLOSURE_UPVALUES + node.index * layout.CELL_SIZE
    e.load_value(node.dst, e.frame.closure, offset)
    e.root(node.dst)


def _emit_load_static(e: Emitter, node: n.LoadStatic) -> None:
    at = e.context.statics + node.index * layout.CELL_SIZE
    type_ = e.frame.function.registers[node.dst]
    if type_ is Type.VALUE or type_ is Type.BOOL:
        e.i32(0)
        e.load32(at + layout.CELL_TAG)
        e.i32(0)
        e.load64(at)
        e.set_value(node.dst)
        return
    e.i32(0)
    if type_ in (Type.I64, Type.F64):
        e.memory("i64.load" if type_ is Type.I64 else "f64.load", at, 3)
    else:
        e.load32(at)
    e.set(e.frame.first[node.dst])
    e.root(node.dst)


def _emit_store_static(e: Emitter, node: n.StoreStatic) -> None:
    at = e.context.statics + node.index * layout.CELL_SIZE
    e.i32(0)
    e.push_payload(node.src)
    e.store64(at)
    e.i32(0)
    e.push_tag(node.src)
    e.store32(at + layout.CELL_TAG)


def _emit_new_box(e: Emitter, node: n.NewBox) -> None:
    e.push_value(node.src)
    e.call("rt_box_new")
    e.set(e.frame.first[node.dst])
    e.root(node.dst)
    e.check_pending()


def _emit_box_get(e: Emitter, node: n.BoxGet) -> None:
    box = e.frame.first[node.box]
    e.get(box)
    e.load32(layout.BOX_TAG)
    e.get(box)
    e.load64(layout.BOX_VALUE)
    e.set_value(node.dst)


def _emit_box_set(e: Emitter, node: n.BoxSet) -> None:
    box = e.frame.first[node.box]
    e.get(box)
    e.push_payload(node.src)
    e.store64(layout.BOX_VALUE)
    e.get(box)
    e.push_tag(node.src)
    e.store32(layout.BOX_TAG)


def _emit_make_closure(e: Emitter, node: n.MakeClosure) -> None:
    e.i32(e.context.slots[node.symbol])
    e.i32(e.context.infos[node.symbol])
    e.i32(len(node.captures))
    e.call("rt_closure_new")
    closure = e.frame.scratch32[0]
    e.tee(closure)
    e.set_typed(node.dst, Type.FUNCTION)
    e.root(node.dst)
    e.check_pending()
    # The register is set first, so that a closure can capture itself.
    for i, capture in enumerate(node.captures):
        e.store_value(closure, layout.CLOSURE_UPVALUES + i * layout.CELL_SIZE, capture)


def _emit_numeric(e: Emitter, node: n.Numeric) -> None:
    for operand in node.args:
        type_ = operand.type if isinstance(operand, n.Const) else e.frame.function.registers[operand]
        if type_ in (Type.I64, Type.F64):
            e.push_number(operand)
        else:
            e.push_word(operand)
    e.op(node.op)
    e.set(e.frame.first[node.dst])


def _emit_concat(e: Emitter, node: n.Concat) -> None:
    for i, operand in enumerate(node.operands):
        e.store_value(e.frame.header, e.frame.size + i * layout.CELL_SIZE, operand)
    e.i32(len(node.operands))
    e.i32(e.site(node.site))
    e.call("rt_concat")
    e.set_value(node.dst)
    e.check_pending()


def _emit_jump(e: Emitter, node: n.Jump) -> None:
    e.branch(e.labels[node.label])


def _emit_pending(e: Emitter, node: n.Pending) -> None:
    e.load_state(layout.STATE_PENDING)
    e.i32(0)
    e.op("i32.ne")
    e.set_typed(node.dst, Type.BOOL)


def _emit_take_error(e: Emitter, node: n.TakeError) -> None:
    e.load_state(layout.STATE_PENDING)
    e.set(e.frame.first[node.kind])
    e.load_state(layout.STATE_ERROR + layout.CELL_TAG)
    e.i32(0)
    e.load64(e.context.state + layout.STATE_ERROR)
    e.set_value(node.dst)
    e.store_state(layout.STATE_PENDING, layout.PENDING_NONE)
    # What runs now may be left suspended; others must not find the error.
    e.store_state(layout.STATE_ERROR + layout.CELL_TAG, layout.NIL)


def _emit_reraise(e: Emitter, node: n.Reraise) -> None:
    e.get(e.frame.first[node.kind])
    e.if_()
    e.i32(0)
    e.push_payload(node.error)
    e.store64(e.context.state + layout.STATE_ERROR)
    e.i32(0)
    e.push_tag(node.error)
    e.store32(e.context.state + layout.STATE_ERROR + layout.CELL_TAG)
    e.i32(0)
    e.get(e.frame.first[node.kind])
    e.store32(e.context.state + layout.STATE_PENDING)
    e.branch(e.handler)
    e.end()


def _emit_line(e: Emitter, node: n.Line) -> None:
    e.line(node.line)


_EMIT: Final[dict[type, Callable[[Emitter, Any], None]]] = {
    n.Move: _emit_move,
    n.LoadUpvalue: _emit_load_upvalue,
    n.LoadStatic: _emit_load_static,
    n.StoreStatic: _emit_store_static,
    n.NewBox: _emit_new_box,
    n.BoxGet: _emit_box_get,
    n.BoxSet: _emit_box_set,
    n.MakeClosure: _emit_make_closure,
    n.Numeric: _emit_numeric,
    n.Arith: emit_arith,
    n.Compare: emit_compare,
    n.Not: emit_not,
    n.Concat: _emit_concat,
    n.Length: emit_length,
    n.NewTable: emit_new_table,
    n.Index: emit_index,
    n.SetIndex: emit_set_index,
    n.Append: emit_append,
    n.Call: emit_call,
    n.CallRuntime: emit_call_runtime,
    n.Vararg: emit_vararg,
    n.Return: emit_return,
    n.TailCall: emit_tail_call,
    n.SaveResults: emit_save_results,
    n.ForPrepare: emit_for_prepare,
    n.If: _emit_if,
    n.Block: _emit_block,
    n.Loop: _emit_block,
    n.Try: _emit_try,
    n.Jump: _emit_jump,
    n.Switch: _emit_switch,
    n.Pending: _emit_pending,
    n.TakeError: _emit_take_error,
    n.Reraise: _emit_reraise,
    n.Line: _emit_line,
}


def _finish_value(e: Emitter, node: n.Arith | n.Index | n.Concat | n.Length) -> None:
    e.set_value(node.dst)
    e.check_pending()


def _finish_nothing(e: Emitter, _node: n.Node) -> None:
    e.op("drop", "drop")
    e.check_pending()


# What becomes of the first result of a function that was suspended, for each kind of node that may have called it.
_FINISH: Final[dict[type, Callable[[Emitter, Any], None]]] = {
    n.Call: finish_call,
    n.Arith: _finish_value,
    n.Index: _finish_value,
    n.Concat: _finish_value,
    n.Length: _finish_value,
    n.Compare: finish_compare,
    n.SetIndex: _finish_nothing,
    n.CallRuntime: _finish_nothing,
}
