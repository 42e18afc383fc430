# SPDX-License-Identifier: MIT
"""Expressions: each becomes an operand that holds its value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from munition.attenuators.lua import syntax as s
from munition.attenuators.lua.lowering.builder import Builder, value
from munition.attenuators.lua.lowering.single_results import gives_one
from munition.attenuators.lua.lowering.variables import capture, describe, literal, read_name
from munition.attenuators.lua.resolved import LocalUse
from munition.attenuators.lua.walks import spine
from munition.ir import nodes as n
from munition.ir.nodes import Const, Operand, Register
from munition.ir.types import Type, arith_result

ARITHMETIC: Final = {
    "+": "add", "-": "sub", "*": "mul", "%": "mod", "^": "pow", "/": "div", "//": "idiv",
    "&": "band", "|": "bor", "~": "bxor", "<<": "shl", ">>": "shr",
}  # fmt: skip
# Operator of the IR, and whether the operands change places.
COMPARISON: Final = {
    "==": ("eq", False), "~=": ("ne", False), "<": ("lt", False), "<=": ("le", False), ">": ("lt", True), ">=": ("le", True),
}  # fmt: skip
_ROW = 50  # values of a table constructor that are stored at a time
_CONCAT_ROW = 50


def lower_expression(b: Builder, expression: s.Expression, into: Register | None = None) -> Operand:
    """The value of an expression (its first, of several).

    `into`: a fresh `VALUE` register that the result should be in if it has to be computed. Left-deep chains are
    lowered from the inside out, without recursion.
    """
    chain = spine(expression)
    if len(chain) == 1:
        return _lower_node(b, expression, None, into)
    result: Operand = _lower_node(b, chain[-1], None, None)
    node = chain[-1]
    for outer in reversed(chain[:-1]):
        before, inner, node = result, node, outer
        result = _lower_node(b, node, before, into if node is expression else None)
        _spend(b, inner, before)
    return result


def _spend(b: Builder, expression: s.Expression, operand: Operand) -> None:
    """Give back the register of an operand that was just used, unless it is where a variable lives."""
    while isinstance(expression, s.Paren):
        expression = expression.inner
    if isinstance(operand, int) and not isinstance(expression, s.Name):
        b.release(operand)


def _lower_node(b: Builder, node: s.Expression, left: Operand | None, into: Register | None) -> Operand:
    constant = literal(node)
    if constant is not None:
        return constant
    return _LOWER[type(node)](b, node, left, into)


def lower_to_register(b: Builder, expression: s.Expression) -> Register:
    """The value of an expression in a register that belongs to nobody else."""
    register = b.new()
    result = lower_expression(b, expression, register)
    if result != register:
        b.emit(n.Move(register, result))
    return register


def _target(b: Builder, into: Register | None) -> Register:
    return b.new() if into is None else into


def _name(b: Builder, node: s.Name, left: Operand | None, into: Register | None) -> Operand:
    return read_name(b, node)


def _paren(b: Builder, node: s.Paren, left: Operand | None, into: Register | None) -> Operand:
    return lower_expression(b, node.inner, into)


def _index(b: Builder, node: s.Index, left: Operand | None, into: Register | None) -> Operand:
    assert left is not None
    key = lower_expression(b, node.key)
    left = read_again(b, node.object, left, node.key)
    out = _target(b, into)
    b.emit(n.Index(out, left, key, b.site(node.at, describe(b, node.object))))
    return out


def _binary(b: Builder, node: s.Binary, left: Operand | None, into: Register | None) -> Operand:
    assert left is not None
    right = lower_expression(b, node.right)
    left = read_again(b, node.left, left, node.right)
    names = describe(b, node.left), describe(b, node.right)
    if node.op in COMPARISON:
        op, swapped = COMPARISON[node.op]
        out = b.new(Type.BOOL)
        first, second = (right, left) if swapped else (left, right)
        # The reference implementation has the line of what it read last, but for arithmetic that of the operator.
        b.emit(n.Compare(out, op, first, second, b.site(node.right.end - 1)))
        _spend(b, node.right, right)
        return out
    op = ARITHMETIC[node.op]
    type_ = arith_result(op, b.type_of(left), b.type_of(right))
    out = _target(b, into) if type_ is Type.VALUE else b.new(type_)
    b.emit(n.Arith(out, op, left, right, b.site(node.at, *names)))
    _spend(b, node.right, right)
    return out


def read_again(b: Builder, expression: s.Expression, operand: Operand, *others: s.Expression) -> Operand:
    """The operand as it is after `others` were evaluated.

    The manual leaves the order open. The reference implementation reads a local variable of the function itself when the
    operator runs, so what a call in another operand assigns to the variable is seen.
    """
    while isinstance(expression, s.Paren):
        expression = expression.inner
    if not isinstance(expression, s.Name):
        return operand
    if all(isinstance(other, s.Name) or literal(other) is not None for other in others):
        return operand
    use = b.unit.resolved.uses[expression.index]
    if not isinstance(use, LocalUse) or not b.unit.resolved.variables[use.variable].is_reassigned:
        return operand
    return read_name(b, expression)


def _unary(b: Builder, node: s.Unary, left: Operand | None, into: Register | None) -> Operand:
    if node.op == "-" and (folded := _negated(node.operand)) is not None:
        return folded
    operand = lower_expression(b, node.operand)
    if node.op == "not":
        out = b.new(Type.BOOL)
        b.emit(n.Not(out, operand))
        return out
    site = b.site(node.at, describe(b, node.operand))
    if node.op == "#":
        out = _target(b, into)
        b.emit(n.Length(out, operand, site))
        return out
    op = "unm" if node.op == "-" else "bnot"
    type_ = arith_result(op, b.type_of(operand), b.type_of(operand))
    out = _target(b, into) if type_ is Type.VALUE else b.new(type_)
    b.emit(n.Arith(out, op, operand, operand, site))
    return out


def _negated(operand: s.Expression) -> Const | None:
    """A negated numeral is a constant (a negative step of a loop is then known)."""
    if isinstance(operand, s.Integer):
        return value((-operand.value + (1 << 63)) % (1 << 64) - (1 << 63))
    if isinstance(operand, s.Float):
        return value(-operand.value)
    return None


def _logical(b: Builder, node: s.Logical, left: Operand | None, into: Register | None) -> Operand:
    assert left is not None
    out = b.new()
    with b.nested() as body:
        right = lower_expression(b, node.right, None)
        b.emit(n.Move(out, right))
        _spend(b, node.right, right)
    other: tuple[n.Node, ...] = tuple(body)
    # The test is of the operand itself, so that what is moved is known to be true, or false.
    kept = (n.Move(out, left),)
    b.emit(n.If(left, other, kept) if node.op == "and" else n.If(left, kept, other))
    return out


def _concat(b: Builder, node: s.Concat, left: Operand | None, into: Register | None) -> Operand:
    operands = [lower_expression(b, operand) for operand in node.operands]
    names = [describe(b, operand) for operand in node.operands]
    # From the right, a row at a time: the operator is right associative.
    while len(operands) > 1:
        first = max(0, len(operands) - _CONCAT_ROW)
        row = tuple(operands[first:])
        out = _target(b, into) if first == 0 else b.new()
        site = b.site(node.ats[-1], *names[first:])
        b.emit(n.Concat(out, row, site))
        operands[first:] = [out]
        names[first:] = [None]
    return operands[0]


def _function(b: Builder, node: s.Function, left: Operand | None, into: Register | None) -> Operand:
    symbol = b.unit.symbols[node.index]
    if node.index in b.unit.placement.static_functions:
        return Const(Type.FUNCTION, symbol)
    out = b.new(Type.FUNCTION)
    captures = tuple(capture(b, variable) for variable in b.unit.placement.captures[node.index])
    b.emit(n.MakeClosure(out, symbol, captures))
    return out


def _vararg(b: Builder, node: s.Vararg, left: Operand | None, into: Register | None) -> Operand:
    out = _target(b, into)
    b.emit(n.Vararg((out,)))
    return out


def _call(b: Builder, node: s.Call, left: Operand | None, into: Register | None) -> Operand:
    assert left is not None
    _refuse(b, node)
    out = _target(b, into)
    args, open_ = lower_list(b, node.args)
    b.emit(n.Call((out,), left, args, call_site(b, node), open_))
    return out


def _method_call(b: Builder, node: s.MethodCall, left: Operand | None, into: Register | None) -> Operand:
    assert left is not None
    _refuse(b, node)
    out = _target(b, into)
    method, args, open_ = lower_method(b, node, left)
    b.emit(n.Call((out,), method, args, call_site(b, node), open_))
    b.release(method)
    return out


def _refuse(b: Builder, node: s.Call | s.MethodCall) -> None:
    """Under `--denied=runtime` a refused call raises an error that names the power."""
    message = b.unit.denied_calls.get(node.at)
    if message is not None:
        b.runtime("rt_throw_site", Const(Type.STRING, message.encode()), site=b.site(node.at))


def call_site(b: Builder, node: s.Call | s.MethodCall) -> n.Site:
    """The site of a call: the callee by its name in the source."""
    if isinstance(node, s.MethodCall):
        return b.site(node.at, ("method", node.name.value))
    return b.site(node.at, describe(b, node.callee))


def lower_method(
    b: Builder, node: s.MethodCall, object_: Operand
) -> tuple[Register, tuple[Operand, ...], Register | None]:
    """Method and arguments (the object first) of a method call."""
    method = b.new()
    key = value(node.name.value)
    b.emit(n.Index(method, object_, key, b.site(node.at, describe(b, node.object)), method=True))
    args, open_ = lower_list(b, node.args)
    return method, (object_, *args), open_


def lower_list(
    b: Builder, expressions: tuple[s.Expression, ...]
) -> tuple[tuple[Operand, ...], Register | None]:
    """An expression list: operands, and the open list of the last one if that has any number of values."""
    if not expressions:
        return (), None
    if not _is_open(b, expressions[-1]):
        return tuple(_steady(b, e, expressions[i + 1 :]) for i, e in enumerate(expressions)), None
    operands = tuple(_steady(b, e, expressions[i + 1 :]) for i, e in enumerate(expressions[:-1]))
    return operands, lower_open(b, expressions[-1])


def _steady(b: Builder, expression: s.Expression, rest: tuple[s.Expression, ...]) -> Operand:
    """An operand that what is evaluated after it cannot change.

    Only an assignment in this function changes a register, and expressions contain none.
    """
    return lower_expression(b, expression)


def is_multiple(expression: s.Expression) -> bool:
    """Whether an expression at the end of a list contributes any number of values."""
    return isinstance(expression, s.Call | s.MethodCall | s.Vararg)


def _is_open(b: Builder, expression: s.Expression) -> bool:
    """Whether the values of an expression at the end of a list have to be counted when it runs."""
    return is_multiple(expression) and not gives_one(b, expression)


def lower_open(b: Builder, expression: s.Expression) -> Register:
    """All values of a call or `...` as an open list; returns the register of its length."""
    count = b.new(Type.I32)
    if isinstance(expression, s.Vararg):
        b.emit(n.Vararg((), count))
        return count
    callee, args, open_, site = lower_callee(b, expression)
    b.emit(n.Call((), callee, args, site, open_, count))
    return count


def lower_callee(
    b: Builder, expression: s.Expression
) -> tuple[Operand, tuple[Operand, ...], Register | None, n.Site]:
    """What a call calls, and with what: (callee, arguments, open list, site)."""
    assert isinstance(expression, s.Call | s.MethodCall)
    _refuse(b, expression)
    if isinstance(expression, s.MethodCall):
        object_ = lower_expression(b, expression.object)
        method, args, open_ = lower_method(b, expression, object_)
        return method, args, open_, call_site(b, expression)
    callee = lower_expression(b, expression.callee)
    args, open_ = lower_list(b, expression.args)
    return callee, args, open_, call_site(b, expression)


def lower_multiple(b: Builder, expression: s.Expression, wanted: int) -> list[Register]:
    """The first `wanted` (at least one) values of a call or `...`."""
    dsts = tuple(b.new() for _ in range(wanted))
    if isinstance(expression, s.Vararg):
        b.emit(n.Vararg(dsts))
    else:
        callee, args, open_, site = lower_callee(b, expression)
        b.emit(n.Call(dsts, callee, args, site, open_))
    return list(dsts)


def _table(b: Builder, node: s.Table, left: Operand | None, into: Register | None) -> Operand:
    positional = sum(isinstance(f, s.Positional) for f in node.fields)
    out = b.new(Type.TABLE)
    b.emit(n.NewTable(out, positional, len(node.fields) - positional))
    row: list[Operand] = []
    stored = 0
    last = node.fields[-1] if node.fields else None
    for field in node.fields:
        if not isinstance(field, s.Positional):
            _set_field(b, out, field)
        elif field is last and _is_open(b, field.value):
            open_ = lower_open(b, field.value)
            b.emit(n.Append(out, stored + 1, tuple(row), open_))
            return out
        else:
            row.append(lower_expression(b, field.value))
            if len(row) == _ROW:
                b.emit(n.Append(out, stored + 1, tuple(row)))
                stored += len(row)
                row.clear()
    if row:
        b.emit(n.Append(out, stored + 1, tuple(row)))
    return out


def _set_field(b: Builder, table: Register, field: s.Named | s.Keyed) -> None:
    key = value(field.key.value) if isinstance(field, s.Named) else lower_expression(b, field.key)
    content = lower_expression(b, field.value)
    b.emit(n.SetIndex(table, key, content, b.site(field.value.end - 1)))


_LOWER: Final[dict[type, Callable[[Builder, Any, Operand | None, Register | None], Operand]]] = {
    s.Name: _name,
    s.Paren: _paren,
    s.Index: _index,
    s.Call: _call,
    s.MethodCall: _method_call,
    s.Binary: _binary,
    s.Logical: _logical,
    s.Unary: _unary,
    s.Concat: _concat,
    s.Function: _function,
    s.Vararg: _vararg,
    s.Table: _table,
}
