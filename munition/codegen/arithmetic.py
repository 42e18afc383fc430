# SPDX-License-Identifier: MIT
"""Arithmetic: machine instructions where the types allow, a call of `rt_arith` for the rest."""

from __future__ import annotations

from typing import Final

from munition.codegen.operands import Emitter
from munition.ir.effects import constant_integer, has_float_code, has_integer_code
from munition.ir.lattice import FLOAT, INTEGER, NUMBER
from munition.ir.nodes import Arith, Const, Operand
from munition.ir.types import NUMERIC, Type
from munition.runtime import layout

_INTEGER: Final = {
    "add": "i64.add", "sub": "i64.sub", "mul": "i64.mul", "band": "i64.and", "bor": "i64.or", "bxor": "i64.xor",
}  # fmt: skip
_FLOAT: Final = {"add": "f64.add", "sub": "f64.sub", "mul": "f64.mul", "div": "f64.div"}
_OPERATOR_NUMBER: Final = {name: i for i, name in enumerate(layout.ARITH)}


def emit_arith(e: Emitter, node: Arith) -> None:
    """`dst = left op right`."""
    left, right = e.type_of(node.left), e.type_of(node.right)
    if left in NUMERIC and right in NUMERIC:
        _emit_typed(e, node, left, right)
    elif not e.compact and _may_be_number(e, node.left) and _may_be_number(e, node.right):
        _emit_guarded(e, node, left, right)
    else:
        _emit_slow(e, node)


def _may_be_number(e: Emitter, operand: Operand) -> bool:
    return bool(e.mask_of(operand) & NUMBER)


def _emit_typed(e: Emitter, node: Arith, left: Type, right: Type) -> None:
    """Both operands are known to be numbers."""
    if left is Type.I64 and right is Type.I64 and _integer_code(e, node):
        e.set_typed(node.dst, Type.I64)
    elif (left is Type.F64 or right is Type.F64 or node.op == "div") and _float_code(e, node):
        e.set_typed(node.dst, Type.F64)
    else:
        _emit_slow(e, node)


def _integer_code(e: Emitter, node: Arith) -> bool:
    """Leave the integer result of two operands known to be integers; False if there is no code for it."""
    op, right = node.op, node.right
    if op in _INTEGER:
        _push_integer(e, node.left)
        _push_integer(e, right)
        e.op(_INTEGER[op])
    elif op == "unm":
        e.i64(0)
        _push_integer(e, node.left)
        e.op("i64.sub")
    elif op == "bnot":
        _push_integer(e, node.left)
        e.i64(-1)
        e.op("i64.xor")
    elif op in ("idiv", "mod") and (divisor := _positive_constant(right)):
        _floor_division(e, node.left, divisor, remainder=op == "mod")
    elif op in ("shl", "shr") and (distance := constant_integer(right)) is not None:
        _shift(e, node.left, distance if op == "shl" else -distance)
    else:
        return False
    return True


def _push_integer(e: Emitter, operand: Operand) -> None:
    if isinstance(operand, Const):
        e.push_number(operand)
    else:
        e.push_payload(operand)


def _positive_constant(operand: Operand) -> int | None:
    value = constant_integer(operand)
    return value if value is not None and value > 0 else None


def _floor_division(e: Emitter, left: Operand, divisor: int, *, remainder: bool) -> None:
    """Floor division by a positive constant: a negative remainder means the quotient was rounded up."""
    if divisor & (divisor - 1) == 0:
        _push_integer(e, left)
        e.i64(divisor - 1 if remainder else divisor.bit_length() - 1)
        e.op("i64.and" if remainder else "i64.shr_s")
        return
    scratch = e.frame.scratch64[0]
    _push_integer(e, left)
    e.i64(divisor)
    e.op("i64.rem_s")
    e.set(scratch)
    if remainder:
        e.get(scratch)
    else:
        _push_integer(e, left)
        e.i64(divisor)
        e.op("i64.div_s")
    # the sign of the remainder as 0 or -1: added to the quotient, or masking the divisor added to the remainder
    e.get(scratch)
    e.i64(63)
    e.op("i64.shr_s")
    if remainder:
        e.i64(divisor)
        e.op("i64.and")
    e.op("i64.add")


def _shift(e: Emitter, left: Operand, distance: int) -> None:
    """Logical shift left by a constant (right if negative); 64 or more gives 0."""
    if abs(distance) >= 64:
        e.i64(0)
        return
    _push_integer(e, left)
    e.i64(abs(distance))
    e.op("i64.shl" if distance >= 0 else "i64.shr_u")


def _float_code(e: Emitter, node: Arith) -> bool:
    """Leave the float result of two operands known to be numbers; False if there is no code for it."""
    if node.op in _FLOAT:
        e.push_float(node.left)
        e.push_float(node.right)
        e.op(_FLOAT[node.op])
        return True
    if node.op == "unm":
        e.push_float(node.left)
        e.op("f64.neg")
        return True
    return False


def _emit_guarded(e: Emitter, node: Arith, left: Type, right: Type) -> None:
    """At least one operand is a `VALUE`: test for two integers, then for two floats, else call."""
    done = e.block()
    masks = e.mask_of(node.left), e.mask_of(node.right)
    if masks[0] & masks[1] & INTEGER and has_integer_code(node):
        _test_tags(e, node, layout.INTEGER)
        e.if_()
        _integer_code(e, node)
        e.set_typed(node.dst, Type.I64)
        e.branch(done)
        e.end()
    if all(_may_be_float(e, o) for o in (node.left, node.right)) and has_float_code(node):
        _test_floats(e, node, left, right)
        e.if_()
        _guarded_float_code(e, node)
        e.set_typed(node.dst, Type.F64)
        e.branch(done)
        e.end()
    _emit_slow(e, node)
    e.end()


def _may_be_float(e: Emitter, operand: Operand) -> bool:
    """Whether an operand can be used as a float: its own kind, or converted if it is known to be an integer."""
    type_ = e.type_of(operand)
    return bool(e.mask_of(operand) & FLOAT) if type_ is Type.VALUE else type_ in NUMERIC


def _tested(e: Emitter, node: Arith) -> list[Operand]:
    operands = [o for o in (node.left, node.right) if e.type_of(o) is Type.VALUE]
    return operands[:1] if node.left == node.right else operands


def _test_tags(e: Emitter, node: Arith, tag: int) -> None:
    """Whether every operand of unknown type has the tag."""
    for i, operand in enumerate(_tested(e, node)):
        e.push_tag(operand)
        e.i32(tag)
        e.op("i32.eq")
        if i:
            e.op("i32.and")


def _test_floats(e: Emitter, node: Arith, left: Type, right: Type) -> None:
    """Whether float arithmetic is right: every unknown operand is a float (an integer constant beside it converts)."""
    _test_tags(e, node, layout.FLOAT)


def _guarded_float_code(e: Emitter, node: Arith) -> None:
    """Float code where operands of type `VALUE` were just found to be floats."""
    operands = (node.left,) if node.op == "unm" else (node.left, node.right)
    for operand in operands:
        if e.type_of(operand) is Type.VALUE:
            e.push_payload(operand)
            e.op("f64.reinterpret_i64")
        else:
            e.push_float(operand)
    e.op("f64.neg" if node.op == "unm" else _FLOAT[node.op])


def _emit_slow(e: Emitter, node: Arith) -> None:
    """Call the runtime: coercions, metamethods, errors."""
    e.i32(_OPERATOR_NUMBER[node.op])
    e.push_value(node.left)
    e.push_value(node.right)
    e.i32(e.site(node.site))
    e.call("rt_arith")
    _store_slow_result(e, node)
    e.check_pending()


def _store_slow_result(e: Emitter, node: Arith) -> None:
    e.set_value(node.dst)
