# SPDX-License-Identifier: MIT
"""Which instructions are plain machine code once the types of their operands are known.

The code generator emits no call for these, so they can neither collect garbage nor raise an error: both it and the analyses
that run before it ask here.
"""

from __future__ import annotations

from typing import Final

from munition.ir import nodes as n
from munition.ir.nodes import Const, Function, Node, Operand
from munition.ir.types import NUMERIC, Type
from munition.ir.uses import may_collect
from munition.runtime import layout

INTEGER_OPERATIONS: Final = {
    "add": "i64.add", "sub": "i64.sub", "mul": "i64.mul", "band": "i64.and", "bor": "i64.or", "bxor": "i64.xor",
}  # fmt: skip
FLOAT_OPERATIONS: Final = {"add": "f64.add", "sub": "f64.sub", "mul": "f64.mul", "div": "f64.div"}


def type_of(operand: Operand, function: Function) -> Type:
    """The most precise type of an operand: a constant `VALUE` has the type of its content, nil is `VALUE`."""
    if not isinstance(operand, Const):
        return function.registers[operand]
    if operand.type is not Type.VALUE:
        return operand.type
    return _BY_CLASS.get(type(operand.value), Type.VALUE)


_BY_CLASS: Final[dict[type, Type]] = {
    bool: Type.BOOL, int: Type.I64, float: Type.F64, bytes: Type.STRING, str: Type.FUNCTION,
}  # fmt: skip


def constant_integer(operand: Operand) -> int | None:
    """The integer an operand always is."""
    if isinstance(operand, Const) and isinstance(operand.value, int) and not isinstance(operand.value, bool):
        return operand.value
    return None


def has_integer_code(node: n.Arith) -> bool:
    """Whether the operator on two integers is machine code."""
    if node.op in ("idiv", "mod"):
        divisor = constant_integer(node.right)
        return divisor is not None and divisor > 0
    if node.op in ("shl", "shr"):
        return constant_integer(node.right) is not None
    return node.op in INTEGER_OPERATIONS or node.op in ("unm", "bnot")


def has_float_code(node: n.Arith) -> bool:
    """Whether the operator on two floats is machine code."""
    return node.op in FLOAT_OPERATIONS or node.op == "unm"


def is_plain_arithmetic(node: n.Arith, left: Type, right: Type) -> bool:
    """Whether the operator on operands of these types is machine code."""
    if left not in NUMERIC or right not in NUMERIC:
        return False
    if left is Type.I64 and right is Type.I64 and node.op != "div":
        return has_integer_code(node)
    return has_float_code(node)


def comparison_type(node: n.Compare, left: Type, right: Type) -> Type | None:
    """The number type in which two numbers can be compared by one instruction; None if there is none."""
    if left not in NUMERIC or right not in NUMERIC:
        return None
    if left is right:
        return left
    whole = node.left if left is Type.I64 else node.right
    constant = constant_integer(whole)
    return Type.F64 if constant is not None and abs(constant) <= 1 << 53 else None


def is_plain_comparison(node: n.Compare, function: Function) -> bool:
    """Whether a comparison is machine code."""
    left, right = type_of(node.left, function), type_of(node.right, function)
    if comparison_type(node, left, right) is not None:
        return True
    return node.op in ("eq", "ne") and (is_plain_constant(node.left) or is_plain_constant(node.right))


def is_plain_constant(operand: Operand) -> bool:
    """Whether a value equals this constant only if it is the same tag and payload."""
    if not isinstance(operand, Const):
        return False
    value = operand.value
    if isinstance(value, bytes):
        return len(value) <= layout.SHORT_STRING
    return value is None or isinstance(value, bool)


def calls_out(node: Node, function: Function) -> bool:
    """Whether the code of an instruction may collect garbage or raise an error: `uses.may_collect`, but knowing types."""
    match node:
        case n.Arith():
            left, right = type_of(node.left, function), type_of(node.right, function)
            return not is_plain_arithmetic(node, left, right)
        case n.Compare():
            return not is_plain_comparison(node, function)
        case n.Call() if function.facts is not None:
            known = function.facts.calls.get(id(node))
            return known is None or not known.harmless
        case n.Index() if function.facts is not None:
            return id(node) not in function.facts.constants
        case n.Length():
            return type_of(node.src, function) is not Type.STRING
        case n.ForPrepare():
            return not is_plain_loop(node, function)
        case _:
            return may_collect(node)


def is_plain_loop(node: n.ForPrepare, function: Function) -> bool:
    """Whether the bounds of a numeric loop are integers whose number of turns is easily told."""
    step = constant_integer(node.step)
    return (
        step is not None
        and step != 0
        and type_of(node.start, function) is Type.I64
        and type_of(node.limit, function) is Type.I64
    )
