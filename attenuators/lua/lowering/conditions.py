# SPDX-License-Identifier: MIT
"""Conditions: jumps instead of values."""

from __future__ import annotations

from munition.attenuators.lua import syntax as s
from munition.attenuators.lua.lowering.builder import Builder
from munition.attenuators.lua.lowering.expressions import lower_expression
from munition.ir import nodes as n


def jump_unless(b: Builder, condition: s.Expression, label: int) -> None:
    """Jump to `label` if the condition is false."""
    _jump(b, condition, label, when=False)


def jump_if(b: Builder, condition: s.Expression, label: int) -> None:
    """Jump to `label` if the condition is true."""
    _jump(b, condition, label, when=True)


def _jump(b: Builder, condition: s.Expression, label: int, *, when: bool) -> None:
    condition, when = _plain(condition, when)
    if isinstance(condition, s.Logical):
        _jump_logical(b, condition, label, when=when)
        return
    operand = lower_expression(b, condition)
    jump = (n.Jump(label),)
    b.emit(n.If(operand, jump) if when else n.If(operand, (), jump))


def _plain(condition: s.Expression, when: bool) -> tuple[s.Expression, bool]:
    """Strip parentheses and `not`."""
    while True:
        if isinstance(condition, s.Paren):
            condition = condition.inner
        elif isinstance(condition, s.Unary) and condition.op == "not":
            condition, when = condition.operand, not when
        else:
            return condition, when


def _jump_logical(b: Builder, condition: s.Logical, label: int, *, when: bool) -> None:
    """`or` jumps when any operand is true, `and` when any is false; the other way round all must be."""
    operands = _operands(condition)
    if (condition.op == "or") == when:
        for operand in operands:
            _jump(b, operand, label, when=when)
        return
    past = b.label()
    with b.nested() as body:
        for operand in operands[:-1]:
            _jump(b, operand, past, when=not when)
        _jump(b, operands[-1], label, when=when)
    b.emit(n.Block(past, tuple(body)))


def _operands(condition: s.Logical) -> list[s.Expression]:
    """The operands of a chain of one operator, in order."""
    out: list[s.Expression] = []
    node: s.Expression = condition
    while isinstance(node, s.Logical) and node.op == condition.op:
        out.append(node.right)
        node = node.left
    out.append(node)
    out.reverse()
    return out
