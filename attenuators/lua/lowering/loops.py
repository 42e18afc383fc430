# SPDX-License-Identifier: MIT
"""The four loops."""

from __future__ import annotations

from collections.abc import Callable

from munition.attenuators.lua import syntax as s
from munition.attenuators.lua.lowering.assignments import lower_values
from munition.attenuators.lua.lowering.builder import Builder, Target, i32, value
from munition.attenuators.lua.lowering.conditions import jump_if, jump_unless
from munition.attenuators.lua.lowering.expressions import is_multiple, lower_expression
from munition.attenuators.lua.lowering.placement import InRegister
from munition.attenuators.lua.lowering.scopes import close_scope
from munition.attenuators.lua.lowering.variables import declare_variable
from munition.attenuators.lua.resolved import GlobalUse
from munition.ir import nodes as n
from munition.ir.nodes import NIL, Const, Operand, Register
from munition.ir.types import Type

LowerBlock = Callable[[Builder, s.Block], None]


def lower_while(b: Builder, node: s.While, lower_block: LowerBlock) -> None:
    """`while condition do ... end`."""

    def turn(exit_: int) -> None:
        jump_unless(b, node.condition, exit_)
        lower_block(b, node.body)

    _loop(b, turn)


def _loop(b: Builder, turn: Callable[[int], None]) -> None:
    """An endless loop around `turn(exit label)`, which `break` leaves."""
    exit_, head = b.label(), b.label()
    b.break_targets.append(Target(exit_, len(b.closing)))
    with b.nested() as outer:
        with b.nested() as body:
            turn(exit_)
            b.emit(n.Jump(head))
        b.emit(n.Loop(head, tuple(body)))
    b.emit(n.Block(exit_, tuple(outer)))
    b.break_targets.pop()


def lower_repeat(
    b: Builder, node: s.Repeat, lower_scope: Callable[[Builder, s.Block, Callable[[], None]], None]
) -> None:
    """`repeat ... until condition`: the condition is lowered inside the scope of the body."""

    def turn(exit_: int) -> None:
        done = Target(exit_, len(b.closing))

        def test() -> None:
            if len(b.closing) == done.closing_depth:
                jump_if(b, node.condition, exit_)
                return
            again = b.label()
            with b.nested() as body:
                jump_unless(b, node.condition, again)
                b.jump(done)
            b.emit(n.Block(again, tuple(body)))

        lower_scope(b, node.body, test)

    _loop(b, turn)


def lower_numeric_for(b: Builder, node: s.NumericFor, lower_block: LowerBlock) -> None:
    """`for i = first, limit, step do ... end`.

    With integer start and step the loop counts a precomputed number of turns (which cannot overflow); with other
    known types likewise in floats; otherwise the runtime decides once, before the first turn.
    """
    first = _frozen(b, lower_expression(b, node.first))
    limit = _frozen(b, lower_expression(b, node.limit))
    step = _frozen(b, lower_expression(b, node.step)) if node.step is not None else value(1)
    b.at(node.start)
    if b.type_of(first) is Type.I64 and b.type_of(step) is Type.I64:
        _integer_for(b, node, (first, limit, step), lower_block)
    else:
        _general_for(b, node, (first, limit, step), lower_block)


def _frozen(b: Builder, operand: Operand) -> Operand:
    """A copy of an operand that the loop's body might change."""
    if isinstance(operand, Const):
        return operand
    copy = b.new(b.registers[operand])
    b.emit(n.Move(copy, operand))
    return copy


def _prepare(b: Builder, node: s.NumericFor, bounds: tuple[Operand, ...], loop: n.ForRegisters) -> None:
    # As in the reference implementation, faulty bounds are faults of the line where the head of the loop ends.
    b.emit(n.ForPrepare(loop, bounds[0], bounds[1], bounds[2], b.site(node.at)))


def _integer_for(
    b: Builder, node: s.NumericFor, bounds: tuple[Operand, ...], lower_block: LowerBlock
) -> None:
    loop = _new_registers(b)
    _prepare(b, node, bounds, loop)
    done = b.label()
    step: Operand = bounds[2] if isinstance(bounds[2], Const) else loop.step
    with b.nested() as outer:
        b.emit(n.If(loop.kind, (), (n.Jump(done),)))

        def turn(exit_: int) -> None:
            _declare_counter(b, node, loop.counter)
            lower_block(b, node.body)
            _next_integer(b, loop, step, exit_)

        _loop(b, turn)
    b.emit(n.Block(done, tuple(outer)))


def _next_integer(b: Builder, loop: n.ForRegisters, step: Operand, exit_: int) -> None:
    more = b.new(Type.BOOL)
    b.emit(n.Numeric(more, "i64.eqz", (loop.turns,)))
    b.emit(n.If(more, (n.Jump(exit_),)))
    b.emit(n.Numeric(loop.turns, "i64.sub", (loop.turns, Const(Type.I64, 1))))
    b.emit(n.Numeric(loop.counter, "i64.add", (loop.counter, _raw(step))))


def _raw(operand: Operand) -> Operand:
    return Const(Type.I64, operand.value) if isinstance(operand, Const) else operand


def _new_registers(b: Builder) -> n.ForRegisters:
    return n.ForRegisters(
        kind=b.new(Type.I32),
        counter=b.new(Type.I64),
        step=b.new(Type.I64),
        turns=b.new(Type.I64),
        float_counter=b.new(Type.F64),
        float_step=b.new(Type.F64),
        float_limit=b.new(Type.F64),
    )


def _declare_counter(b: Builder, node: s.NumericFor, counter: Register) -> None:
    """The loop's variable: the counter itself where the body can neither change nor share it."""
    index = node.variable.index
    variable = b.unit.resolved.variables[index]
    if isinstance(b.unit.placement.variables[index], InRegister) and not variable.is_reassigned:
        b.place(index, counter)
    else:
        declare_variable(b, index, counter)


def _general_for(
    b: Builder, node: s.NumericFor, bounds: tuple[Operand, ...], lower_block: LowerBlock
) -> None:
    loop = _new_registers(b)
    _prepare(b, node, bounds, loop)
    integer = b.new(Type.BOOL)
    current = b.new()
    done = b.label()
    with b.nested() as outer:
        b.emit(n.If(loop.kind, (), (n.Jump(done),)))
        b.emit(n.Numeric(integer, "i32.eq", (loop.kind, i32(1))))

        def turn(exit_: int) -> None:
            b.emit(n.If(integer, (n.Move(current, loop.counter),), (n.Move(current, loop.float_counter),)))
            declare_variable(b, node.variable.index, current)
            lower_block(b, node.body)
            with b.nested() as whole:
                _next_integer(b, loop, loop.step, exit_)
            with b.nested() as real:
                _next_float(b, loop, exit_)
            b.emit(n.If(integer, tuple(whole), tuple(real)))

        _loop(b, turn)
    b.emit(n.Block(done, tuple(outer)))


def _next_float(b: Builder, loop: n.ForRegisters, exit_: int) -> None:
    """Add the step; go on while the limit is not passed (in the direction of the step)."""
    inside, upwards = b.new(Type.BOOL), b.new(Type.BOOL)
    counter, limit = loop.float_counter, loop.float_limit
    b.emit(n.Numeric(counter, "f64.add", (counter, loop.float_step)))
    b.emit(n.Numeric(upwards, "f64.lt", (Const(Type.F64, 0.0), loop.float_step)))
    b.emit(
        n.If(
            upwards,
            (n.Numeric(inside, "f64.le", (counter, limit)),),
            (n.Numeric(inside, "f64.ge", (counter, limit)),),
        )
    )
    b.emit(n.If(inside, (), (n.Jump(exit_),)))


def lower_generic_for(b: Builder, node: s.GenericFor, lower_block: LowerBlock) -> None:
    """`for names in iterator, state, control, closing do ... end`."""
    wanted = 4 if _may_close(b, node.values) else 3
    hidden = [_frozen_value(b, v) for v in lower_values(b, node.values, wanted)]
    if wanted == 3:
        _iterate(b, node, hidden, lower_block)
    else:
        site = b.site(node.values[-1].end - 1)
        b.runtime("rt_check_closable", hidden[3], Const(Type.STRING, b"(for state)"), site=site)
        close_scope(b, hidden[3], lambda: _iterate(b, node, hidden, lower_block), node.start)


def _frozen_value(b: Builder, operand: Operand) -> Register:
    register = b.new()
    b.emit(n.Move(register, operand))
    return register


def _iterate(b: Builder, node: s.GenericFor, hidden: list[Register], lower_block: LowerBlock) -> None:
    iterator, state, control = hidden[:3]

    def turn(exit_: int) -> None:
        results = tuple(b.new() for _ in node.names)
        site = b.site(node.values[0].start, ("for iterator", b"for iterator"))
        b.emit(n.Call(results, iterator, (state, control), site))
        ended = b.new(Type.BOOL)
        b.emit(n.Compare(ended, "eq", results[0], NIL, site))
        b.emit(n.If(ended, (n.Jump(exit_),)))
        b.emit(n.Move(control, results[0]))
        for binding, result in zip(node.names, results, strict=True):
            declare_variable(b, binding.index, result)
        lower_block(b, node.body)

    _loop(b, turn)


# These give at most three values, so a loop over them has nothing to close.
_PLAIN_ITERATORS = frozenset({"pairs", "ipairs", "next"})


def _may_close(b: Builder, values: tuple[s.Expression, ...]) -> bool:
    """Whether the list can have a fourth value that is not nil."""
    if len(values) > 3:
        return True
    call = values[len(values) - 1]
    if not is_multiple(call):
        return False
    if len(values) == 1 and isinstance(call, s.Call) and isinstance(call.callee, s.Name):
        use = b.unit.resolved.uses[call.callee.index]
        if isinstance(use, GlobalUse) and use.name in b.unit.steady_builtins:
            return use.name not in _PLAIN_ITERATORS
    return True
