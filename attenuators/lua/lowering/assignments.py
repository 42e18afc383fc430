# SPDX-License-Identifier: MIT
"""Declarations and assignments."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from munition.attenuators.lua import syntax as s
from munition.attenuators.lua.lowering.builder import Builder
from munition.attenuators.lua.lowering.expressions import (
    is_multiple,
    lower_expression,
    lower_multiple,
    read_again,
)
from munition.attenuators.lua.lowering.placement import InRegister, IsFunction
from munition.attenuators.lua.lowering.single_results import note_single_result
from munition.attenuators.lua.lowering.standard import note_alias
from munition.attenuators.lua.lowering.variables import (
    capture,
    declare_variable,
    describe,
    write_name,
    write_variable,
)
from munition.ir import nodes as n
from munition.ir.nodes import NIL, Operand
from munition.ir.types import Type


def lower_local(b: Builder, node: s.Local) -> None:
    """`local a, b = ...`: all values first, then the variables (which their own values do not see)."""
    for binding, value in zip(node.names, node.values, strict=False):
        note_alias(b, binding, value)
        if isinstance(value, s.Function):
            note_single_result(b, binding.index, value)
    if len(node.names) == 1 and len(node.values) == 1:
        _declare_single(b, node.names[0].index, node.values[0])
        return
    values = lower_values(b, node.values, len(node.names))
    for binding, source in zip(node.names, values, strict=True):
        declare_variable(b, binding.index, source)


def _declare_single(b: Builder, index: int, expression: s.Expression) -> None:
    """The usual case: the value is computed straight into the variable's register."""
    place = b.unit.placement.variables[index]
    if isinstance(place, InRegister):
        b.place(index, _own_register(b, index, expression))
    elif not isinstance(place, IsFunction):
        declare_variable(b, index, lower_expression(b, expression))


def _own_register(b: Builder, index: int, expression: s.Expression) -> int:
    """A register with the value: typed if the type is known and the variable never gets another value."""
    before = len(b.registers)
    register = b.new()
    result = lower_expression(b, expression, register)
    steady = not b.unit.resolved.variables[index].is_reassigned
    if isinstance(result, int) and result >= before and (steady or b.registers[result] is Type.VALUE):
        return result
    b.emit(n.Move(register, result))
    return register


def lower_values(b: Builder, expressions: tuple[s.Expression, ...], wanted: int) -> list[Operand]:
    """Exactly `wanted` values of an expression list; all expressions are evaluated.

    Values of variables are copied, because the caller is about to assign.
    """
    out: list[Operand] = []
    for i, expression in enumerate(expressions):
        last = i == len(expressions) - 1
        missing = wanted - i
        if last and is_multiple(expression) and missing > 1:
            out.extend(lower_multiple(b, expression, missing))
        elif missing <= 0:
            lower_expression(b, expression)
        else:
            out.append(_copied(b, expression))
    return [*out, *[NIL] * (wanted - len(out))]


def _copied(b: Builder, expression: s.Expression) -> Operand:
    """The value, not in a register that an assignment may change."""
    before = len(b.registers)
    operand = lower_expression(b, expression)
    if not isinstance(operand, int) or operand >= before:
        return operand
    copy = b.new(b.registers[operand])
    b.emit(n.Move(copy, operand))
    return copy


class _Element(Struct, frozen=True):
    """A table element about to be assigned."""

    object: Operand
    key: Operand
    node: s.Index


_Goal: TypeAlias = "s.Name | _Element"


def lower_assign(b: Builder, node: s.Assign) -> None:
    """`a, b.c = ...`: the parts of the targets, then all values, then the assignments from the right."""
    if len(node.targets) == 1 and len(node.values) == 1:
        _assign_single(b, node.targets[0], node.values[0], node.end - 1)
        return
    goals = [_prepare(b, target) for target in node.targets]
    values = lower_values(b, node.values, len(node.targets))
    for goal, source in zip(reversed(goals), reversed(values), strict=True):
        _store(b, goal, source, node.end - 1)


def _assign_single(b: Builder, target: s.Name | s.Index, expression: s.Expression, at: int) -> None:
    """Assign; faults of the assignment itself lie at offset `at`."""
    if isinstance(target, s.Index):
        object_ = lower_expression(b, target.object)
        key = lower_expression(b, target.key)
        source = lower_expression(b, expression)
        object_ = read_again(b, target.object, object_, target.key, expression)
        key = read_again(b, target.key, key, expression)
        b.emit(n.SetIndex(object_, key, source, b.site(at, describe(b, target.object))))
        return
    write_name(b, target, lower_expression(b, expression), at)


def _prepare(b: Builder, target: s.Name | s.Index) -> _Goal:
    if isinstance(target, s.Name):
        return target
    return _Element(_copied(b, target.object), _copied(b, target.key), target)


def _store(b: Builder, goal: _Goal, source: Operand, at: int) -> None:
    if isinstance(goal, _Element):
        site = b.site(at, describe(b, goal.node.object))
        b.emit(n.SetIndex(goal.object, goal.key, source, site))
    else:
        write_name(b, goal, source, at)


def lower_function_statement(b: Builder, node: s.FunctionStatement) -> None:
    """`function a.b:c() ... end`."""
    _assign_single(b, node.target, node.function, node.start)


def lower_local_function(b: Builder, node: s.LocalFunction) -> None:
    """`local function f() ... end`: the variable exists before the function is made, which may capture it."""
    index = node.name.index
    place = b.unit.placement.variables[index]
    note_single_result(b, index, node.function)
    if isinstance(place, IsFunction):
        return
    if isinstance(place, InRegister):
        register = b.new(Type.FUNCTION) if not b.unit.resolved.variables[index].is_reassigned else b.new()
        b.place(index, register)
        _make_into(b, node, register)
    else:
        declare_variable(b, index, NIL)
        write_variable(b, index, lower_expression(b, node.function))


def _make_into(b: Builder, node: s.LocalFunction, register: int) -> None:
    """Make the closure in the variable's own register, so that it can hold itself."""
    if (
        b.registers[register] is Type.FUNCTION
        and node.function.index not in b.unit.placement.static_functions
    ):
        captures = tuple(capture(b, v) for v in b.unit.placement.captures[node.function.index])
        b.emit(n.MakeClosure(register, b.unit.symbols[node.function.index], captures))
    else:
        b.emit(n.Move(register, lower_expression(b, node.function)))
