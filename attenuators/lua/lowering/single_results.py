# SPDX-License-Identifier: MIT
"""Which local functions always return exactly one value, as the text tells.

Calls of others at the end of a list contribute any number of values, which lie in memory; of these, one, as if the call stood in
parentheses. That is decided from the syntax alone: the variable is never assigned, every `return` in the function has one
expression, and the function cannot end without one. `return f(x)` counts if `f` is such a function itself, which the
function under consideration is taken to be: if it returns at all, it returns what the others do.
"""

from __future__ import annotations

from collections.abc import Iterator

from munition.attenuators.lua import syntax as s
from munition.attenuators.lua.lowering.builder import Builder
from munition.attenuators.lua.resolved import LocalUse, UpvalueUse


def note_single_result(b: Builder, variable: int, function: s.Function) -> None:
    """Remember that a variable holds a function with one result, if it does."""
    singles = b.unit.singles
    if b.unit.resolved.variables[variable].is_reassigned or not _always_returns(function.body):
        return
    singles.add(variable)
    if not all(_is_one(b, node.values) for node in _returns(function.body)):
        singles.discard(variable)


def gives_one(b: Builder, expression: s.Expression) -> bool:
    """Whether an expression that could have any number of values has exactly one."""
    if not isinstance(expression, s.Call) or not isinstance(expression.callee, s.Name):
        return False
    use = b.unit.resolved.uses[expression.callee.index]
    return isinstance(use, LocalUse | UpvalueUse) and use.variable in b.unit.singles


def _is_one(b: Builder, values: tuple[s.Expression, ...]) -> bool:
    if len(values) != 1:
        return False
    is_open = isinstance(values[0], s.Call | s.MethodCall | s.Vararg)
    return not is_open or gives_one(b, values[0])


def _always_returns(block: s.Block) -> bool:
    """Whether the end of a block is never come to. A label there would be its last statement, so nothing jumps to it."""
    last = block.statements[-1] if block.statements else None
    match last:
        case s.Return():
            return True
        case s.Do():
            return _always_returns(last.body)
        case s.If(otherwise=s.Block() as otherwise):
            return _always_returns(otherwise) and all(_always_returns(arm.body) for arm in last.arms)
        case _:
            return False


def _returns(block: s.Block) -> Iterator[s.Return]:
    """The `return` statements of a function, without those of functions in it."""
    pending = [block]
    while pending:
        for statement in pending.pop().statements:
            match statement:
                case s.Return():
                    yield statement
                case s.If():
                    pending += [arm.body for arm in statement.arms]
                    if statement.otherwise is not None:
                        pending.append(statement.otherwise)
                case s.Do() | s.While() | s.Repeat() | s.NumericFor() | s.GenericFor():
                    pending.append(statement.body)
                case _:
                    pass
