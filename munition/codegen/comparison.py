# SPDX-License-Identifier: MIT
"""Comparisons and tests of truth."""

from __future__ import annotations

from typing import Final

from munition.codegen.operands import Emitter
from munition.ir.effects import comparison_type
from munition.ir.lattice import mask_of_type
from munition.ir.nodes import Compare, Const, Not, Operand
from munition.ir.types import NUMERIC, REFERENCES, Type
from munition.runtime import layout

_INTEGER: Final = {"eq": "i64.eq", "ne": "i64.ne", "lt": "i64.lt_s", "le": "i64.le_s"}
_FLOAT: Final = {"eq": "f64.eq", "ne": "f64.ne", "lt": "f64.lt", "le": "f64.le"}
_ORDER_CALL: Final = {"lt": "rt_less", "le": "rt_less_equal"}


def emit_compare(e: Emitter, node: Compare) -> None:
    """`dst (BOOL) = left op right`."""
    left, right = e.type_of(node.left), e.type_of(node.right)
    if (type_ := comparison_type(node, left, right)) is not None:
        for operand in (node.left, node.right):
            if type_ is Type.F64:
                e.push_float(operand)
            else:
                e.push_number(operand)
        e.op((_INTEGER if type_ is Type.I64 else _FLOAT)[node.op])
        e.set_typed(node.dst, Type.BOOL)
    elif node.op in _ORDER_CALL:
        _emit_order(e, node, left, right)
    else:
        _emit_equality(e, node)


def _emit_order(e: Emitter, node: Compare, left: Type, right: Type) -> None:
    done = e.block()
    for type_, tag in ((Type.I64, layout.INTEGER), (Type.F64, layout.FLOAT)):
        unknown = [o for o in (node.left, node.right) if e.type_of(o) is Type.VALUE]
        if e.compact or not unknown or not {left, right} <= {type_, Type.VALUE}:
            continue
        if not all(e.mask_of(o) & mask_of_type(type_) for o in (node.left, node.right)):
            continue
        for i, operand in enumerate(unknown):
            e.push_tag(operand)
            e.i32(tag)
            e.op("i32.eq")
            if i:
                e.op("i32.and")
        e.if_()
        for operand in (node.left, node.right):
            _push_as(e, operand, type_)
        e.op((_INTEGER if type_ is Type.I64 else _FLOAT)[node.op])
        e.set_typed(node.dst, Type.BOOL)
        e.branch(done)
        e.end()
    e.push_value(node.left)
    e.push_value(node.right)
    e.i32(e.site(node.site))
    e.call(_ORDER_CALL[node.op])
    e.set_typed(node.dst, Type.BOOL)
    e.check_pending()
    e.end()


def _push_as(e: Emitter, operand: Operand, type_: Type) -> None:
    if e.type_of(operand) is Type.VALUE:
        e.push_payload(operand)
        if type_ is Type.F64:
            e.op("f64.reinterpret_i64")
    else:
        e.push_number(operand)


def _emit_equality(e: Emitter, node: Compare) -> None:
    left, right = node.left, node.right
    if isinstance(left, Const):
        left, right = right, left
    if isinstance(right, Const) and _emit_constant_equality(e, left, right):
        pass
    else:
        _emit_general_equality(e, left, right, e.site(node.site))
    if node.op == "ne":
        e.op("i32.eqz")
    e.set_typed(node.dst, Type.BOOL)


def _emit_constant_equality(e: Emitter, left: Operand, right: Const) -> bool:
    """Leave `left == constant` where that needs no call; False otherwise."""
    value = right.value
    if value is None or isinstance(value, bool):
        e.push_tag(left)
        e.i32(e.constant(right).tag)
        e.op("i32.eq")
        return True
    if isinstance(value, bytes) and len(value) <= layout.SHORT_STRING:
        # short strings are interned, so equality is identity
        e.push_tag(left)
        e.i32(layout.STRING)
        e.op("i32.eq")
        e.push_payload(left)
        e.i64(e.constant(right).payload)
        e.op("i64.eq", "i32.and")
        return True
    return False


def _emit_general_equality(e: Emitter, left: Operand, right: Operand, site: int) -> None:
    """Leave the result: identical pairs that are no floats are equal, different kinds mostly are not, else call."""
    result = e.frame.scratch32[0]
    done = e.block()
    e.push_tag(left)
    e.push_tag(right)
    e.op("i32.eq")
    e.if_()
    e.push_payload(left)
    e.push_payload(right)
    e.op("i64.eq")
    e.push_tag(left)
    e.i32(layout.FLOAT)
    e.op("i32.ne", "i32.and")
    e.if_()
    _leave(e, result, 1, done)
    e.end()
    # integers (and nil, false, true, whose payloads are equal) with the same tag and other payloads differ
    e.push_tag(left)
    e.i32(layout.INTEGER)
    e.op("i32.le_u")
    e.if_()
    _leave(e, result, 0, done)
    e.end()
    e.else_()
    # other tags: equal only as integer and float, and then both are above TRUE and below STRING
    e.push_tag(left)
    e.push_tag(right)
    e.op("i32.add")
    e.i32(layout.INTEGER + layout.FLOAT)
    e.op("i32.ne")
    e.if_()
    _leave(e, result, 0, done)
    e.end()
    e.end()
    e.push_value(left)
    e.push_value(right)
    e.i32(site)
    e.call("rt_equal")
    e.set(result)
    e.check_pending()
    e.end()
    e.get(result)


def _leave(e: Emitter, local: int, value: int, target: int) -> None:
    e.i32(value)
    e.set(local)
    e.branch(target)


def finish_compare(e: Emitter, node: Compare) -> None:
    """Take the value a metamethod returned as the result: it counts as true or false."""
    e.op("drop")
    e.i32(layout.FALSE)
    e.op("i32.gt_u")
    if node.op == "ne":
        e.op("i32.eqz")
    e.set_typed(node.dst, Type.BOOL)
    e.check_pending()


def emit_not(e: Emitter, node: Not) -> None:
    """`dst (BOOL) = src is nil or false`."""
    if e.type_of(node.src) in REFERENCES | NUMERIC:
        e.i32(0)
    else:
        e.push_truth(node.src)
        e.op("i32.eqz")
    e.set_typed(node.dst, Type.BOOL)
