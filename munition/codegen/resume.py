# SPDX-License-Identifier: MIT
"""Functions that may be suspended in the middle, and go on later.

When a callee reports a suspension (pending is PENDING_YIELD), the function saves its registers and the number of the
place it is at in a record, and returns; so does every function below it, down to the coroutine's base. To go on, the
base calls the outermost function again. It finds that it is being resumed, restores its registers, skips all code up to
the place it was at, and there resumes the function that was called (`rt_rewind`) instead of calling it anew.

Skipping follows the structure of the code: straight-line code is passed over, regions are entered, and in an `if` the
arm is taken that holds the place. (The idea is that of Binaryen's Asyncify; here it is done on the IR, with types and
liveness at hand, and only where `ir.yields` says that a suspension can happen.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from munition.codegen.operands import Emitter
from munition.ir import nodes as n
from munition.ir.nodes import Function, Node
from munition.ir.types import Type
from munition.ir.uses import subregions
from munition.ir.yields import may_suspend
from munition.runtime import layout

EmitNode = Callable[[Emitter, Any], None]


class ResumePoints:
    """The places a function can be resumed at, numbered from 1 in the order of the code.

    Attributes:
        numbers: identity of a node -> its number.
        ranges: identity of a node -> (first, last) number at or inside it.
    """

    def __init__(
        self, function: Function, suspendable: frozenset[str], *, metatables: frozenset[Type]
    ) -> None:
        """Number the places of `function`."""
        self.numbers: dict[int, int] = {}
        self.ranges: dict[int, tuple[int, int]] = {}
        if function.symbol in suspendable:
            self._walk(function.body, function, suspendable, metatables)

    def _walk(
        self,
        body: tuple[Node, ...],
        function: Function,
        suspendable: frozenset[str],
        metatables: frozenset[Type],
    ) -> None:
        for node in body:
            first = len(self.numbers) + 1
            if may_suspend(node, function, suspendable, metatables=metatables):
                self.numbers[id(node)] = first
            for inner in subregions(node):
                self._walk(inner, function, suspendable, metatables)
            if len(self.numbers) >= first:
                self.ranges[id(node)] = (first, len(self.numbers))

    def range_of(self, body: tuple[Node, ...]) -> tuple[int, int] | None:
        """(first, last) number inside a body, or None."""
        inside = [self.ranges[id(node)] for node in body if id(node) in self.ranges]
        return (inside[0][0], inside[-1][1]) if inside else None

    @property
    def nodes(self) -> frozenset[int]:
        """Identities of the nodes that are such places."""
        return frozenset(self.numbers)


def emit_resumable_body(e: Emitter, body: tuple[Node, ...], points: ResumePoints, emit: EmitNode) -> None:
    """Emit a body so that it can be entered at any of its places: `emit` emits one node."""
    run: list[Node] = []
    for node in body:
        if id(node) not in points.ranges:
            run.append(node)
            continue
        _emit_skippable(e, run, emit)
        run = []
        emit(e, node)
    _emit_skippable(e, run, emit)


def _emit_skippable(e: Emitter, run: list[Node], emit: EmitNode) -> None:
    """Straight-line code, passed over on the way to a place to resume at."""
    if not run:
        return
    e.get(e.frame.resume)
    e.op("i32.eqz")
    e.if_()
    for node in run:
        emit(e, node)
    e.end()


def push_condition(e: Emitter, node: n.If, points: ResumePoints) -> None:
    """The condition of an `if` with places inside: when resuming, whether the place is in the first arm."""
    inside = points.range_of(node.then)
    result = e.frame.scratch32[0]
    e.get(e.frame.resume)
    e.if_()
    if inside is None:
        e.i32(0)
    else:
        e.get(e.frame.resume)
        e.i32(inside[0])
        e.op("i32.sub")
        e.i32(inside[1] - inside[0])
        e.op("i32.le_u")
    e.set(result)
    e.else_()
    e.push_truth(node.condition)
    e.set(result)
    e.end()
    e.get(result)


def emit_resume_point(e: Emitter, node: Node, number: int, emit: EmitNode, finish: EmitNode) -> None:
    """A node a suspension may happen in: resume what it called, or do it the first time.

    `finish` takes the first result of what was resumed from the stack.
    """
    resume, site = e.frame.resume, e.frame.site
    past = e.block()
    e.get(resume)
    e.if_()
    e.get(resume)
    e.i32(number)
    e.op("i32.ne")
    e.branch(past, conditional=True)
    e.i32(0)
    e.set(resume)
    e.i32(number)
    e.set(site)
    e.call("rt_rewind")
    finish(e, node)
    e.branch(past)
    e.end()
    e.i32(number)
    e.set(site)
    emit(e, node)
    e.end()


_FIRST = layout.CELL_SIZE  # a record begins with a cell that holds the number of the place


def emit_save(e: Emitter) -> None:
    """On the way out: if this is a suspension, make the record that going on reads."""
    record = e.frame.scratch32[0]
    e.load_state(layout.STATE_PENDING)
    e.i32(layout.PENDING_YIELD)
    e.op("i32.eq")
    e.if_()
    e.i32(len(e.frame.roots.saved))
    if e.frame.function.vararg:
        e.get(e.frame.call)
        e.op("i32.wrap_i64", "i32.add")
    e.push_closure()
    e.get(e.frame.call)
    e.get(e.frame.site)
    e.call("rt_save")
    e.tee(record)
    e.if_()
    for i, register in enumerate(e.frame.roots.saved):
        _save_register(e, record, _FIRST + i * layout.CELL_SIZE, register)
    if e.frame.function.vararg:
        _push_extra(e, record)
        e.get(e.frame.base)
        _push_argument_bytes(e)
        e.copy_memory()
    e.end()
    e.end()


def _save_register(e: Emitter, record: int, offset: int, register: int) -> None:
    """Keep a reference as the slot has it, anything else as the register has it.

    A slot that was emptied is one whose register no longer counts, and the object the register points to may be gone.
    But a number may be in the register alone: the slot still has what was there before.
    """
    type_ = e.frame.function.registers[register]
    slot = e.frame.slots.get(register)
    if slot is not None and type_ is Type.VALUE:
        e.store_value(record, offset, register)
        e.get(e.frame.first[register])
        e.i32(layout.STRING)
        e.op("i32.ge_u")
        e.if_()
        _copy_cell(e, record, offset, e.frame.header, slot)
        e.end()
    elif slot is not None:
        _copy_cell(e, record, offset, e.frame.header, slot)
    elif type_ is Type.BOOL or type_ is Type.I32:
        e.get(record)
        e.get(e.frame.first[register])
        e.op("i64.extend_i32_u")
        e.store64(offset)
        e.get(record)
        e.i32(layout.INTEGER)
        e.store32(offset + layout.CELL_TAG)
    else:
        e.store_value(record, offset, register)


def _copy_cell(e: Emitter, to: int, to_offset: int, source: int, offset: int) -> None:
    e.get(to)
    e.get(source)
    e.load64(offset)
    e.store64(to_offset)
    e.get(to)
    e.get(source)
    e.load32(offset + layout.CELL_TAG)
    e.store32(to_offset + layout.CELL_TAG)


def _push_extra(e: Emitter, record: int) -> None:
    """Address of the copies of the arguments in a record."""
    e.get(record)
    e.i32(_FIRST + len(e.frame.roots.saved) * layout.CELL_SIZE)
    e.op("i32.add")


def _push_argument_bytes(e: Emitter) -> None:
    e.get(e.frame.call)
    e.op("i32.wrap_i64")
    e.i32(4)
    e.op("i32.shl")


def emit_take_record(e: Emitter) -> None:
    """Before the frame is set up: the record to go on from into scratch 1 (0 = begin), the place into `resume`.

    A vararg function also gets its arguments back below its frame.
    """
    record = e.frame.scratch32[1]
    e.i32(0)
    e.load32(e.context.resuming)
    e.tee(record)
    e.if_()
    e.i32(0)
    e.i32(0)
    e.store32(e.context.resuming)
    e.get(record)
    e.load32()
    e.set(e.frame.resume)
    if e.frame.function.vararg:
        e.get(e.frame.base)
        _push_extra(e, record)
        _push_argument_bytes(e)
        e.copy_memory()
    e.end()


def emit_restore(e: Emitter) -> None:
    """After the frame is set up: the registers, if there is a record."""
    record = e.frame.scratch32[1]
    e.get(record)
    e.if_()
    for i, register in enumerate(e.frame.roots.saved):
        _restore_register(e, record, _FIRST + i * layout.CELL_SIZE, register)
    e.end()


def _restore_register(e: Emitter, record: int, offset: int, register: int) -> None:
    type_ = e.frame.function.registers[register]
    first = e.frame.first[register]
    if type_ is Type.VALUE:
        e.load_value(register, record, offset)
    elif type_ is Type.I64:
        e.get(record)
        e.load64(offset)
        e.set(first)
    elif type_ is Type.F64:
        e.get(record)
        e.memory("f64.load", offset, 3)
        e.set(first)
    else:
        e.get(record)
        e.load32(offset)
        e.set(first)
    slot = e.frame.slots.get(register)
    if slot is not None:
        _copy_cell(e, e.frame.header, slot, record, offset)
