# SPDX-License-Identifier: MIT
"""Check that a program is well formed: run between passes, so that a fault is found where it was made.

What it finds is a bug of ours, never of the source, so it raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from munition.ir import nodes as n
from munition.ir.nodes import Const, Function, Node, Operand, Register
from munition.ir.program import Program
from munition.ir.types import BOXABLE, REFERENCES, Type, arith_result, assignable
from munition.ir.uses import reads, writes
from munition.runtime import layout

COMPARISONS: Final = frozenset({"eq", "ne", "lt", "le"})

# Raw operations: parameter types and result type.
_I64, _F64, _BOOL, _I32 = Type.I64, Type.F64, Type.BOOL, Type.I32
NUMERIC_OPERATIONS: Final[dict[str, tuple[tuple[Type, ...], Type]]] = {
    "i64.eqz": ((_I64,), _BOOL),
    "i64.add": ((_I64, _I64), _I64),
    "i64.sub": ((_I64, _I64), _I64),
    "f64.add": ((_F64, _F64), _F64),
    "f64.lt": ((_F64, _F64), _BOOL),
    "f64.le": ((_F64, _F64), _BOOL),
    "f64.ge": ((_F64, _F64), _BOOL),
    "i32.eq": ((_I32, _I32), _BOOL),
    "i32.add": ((_I32, _I32), _I32),
}


class MalformedProgramError(Exception):
    """A pass made IR that breaks a rule: a bug in munition."""


def verify_program(program: Program) -> None:
    """Check every function, and that what they name exists.

    Raises:
        MalformedProgramError: with the function and the node.
    """
    symbols = {f.symbol for f in program.functions}
    if len(symbols) != len(program.functions) or program.main not in symbols:
        raise MalformedProgramError("symbols are not unique, or main is missing")
    for function in program.functions:
        _Verifier(function, program.statics, symbols).run()


class _Verifier:
    def __init__(self, function: Function, statics: int, symbols: set[str]) -> None:
        self.function = function
        self.types = function.registers
        self.statics = statics
        self.symbols = symbols

    def run(self) -> None:
        """Check the header, then walk all nodes with the labels that enclose them."""
        head = self.types[: self.function.parameters]
        if head != (Type.VALUE,) * self.function.parameters:
            raise MalformedProgramError(f"{self.function.symbol}: parameters are not the first registers")
        pending: list[tuple[Node, frozenset[int]]] = [(node, frozenset()) for node in self.function.body]
        while pending:
            node, labels = pending.pop()
            self._registers(node)
            _CHECKS.get(type(node), _nothing)(self, node)
            match node:
                case n.If():
                    pending.extend((inner, labels) for inner in (*node.then, *node.otherwise))
                case n.Block() | n.Loop() | n.Try():
                    self.require(node, node.label not in labels, "label is already open")
                    pending.extend((inner, labels | {node.label}) for inner in node.body)
                case n.Jump():
                    self.require(node, node.label in labels, "jump to a label that is not open")
                case n.Switch():
                    self.require(node, labels.issuperset((*node.labels, node.default)), "label is not open")
                case _:
                    pass

    def require(self, node: Node, holds: bool, what: str) -> None:
        """Raise unless `holds`."""
        if not holds:
            raise MalformedProgramError(f"{self.function.symbol}: {what}: {node}")

    def _registers(self, node: Node) -> None:
        for register in (*reads(node), *writes(node)):
            self.require(node, 0 <= register < len(self.types), f"no register {register}")

    def type_of(self, operand: Operand) -> Type:
        """Type of an operand, precise for constants."""
        if not isinstance(operand, Const):
            return self.types[operand]
        if operand.type is not Type.VALUE or operand.value is None:
            return operand.type
        by_class = {bool: Type.BOOL, int: Type.I64, float: Type.F64, bytes: Type.STRING, str: Type.FUNCTION}
        return by_class[type(operand.value)]

    def values(self, node: Node, operands: Iterable[Operand]) -> None:
        """All operands can stand for a `VALUE`."""
        for operand in operands:
            self.require(node, self.type_of(operand) in BOXABLE, "not a value")

    def is_type(self, node: Node, register: Register, *types: Type) -> None:
        """The register has one of the types."""
        self.require(
            node, self.types[register] in types, f"register {register} is {self.types[register].name}"
        )


def _nothing(v: _Verifier, node: Node) -> None:
    """Nothing to check beyond the registers."""


def _move(v: _Verifier, node: n.Move) -> None:
    source, target = v.type_of(node.src), v.types[node.dst]
    v.require(node, assignable(source, target), f"cannot move {source.name} to {target.name}")


def _arith(v: _Verifier, node: n.Arith) -> None:
    v.values(node, (node.left, node.right))
    v.require(node, node.op in layout.ARITH, "unknown operator")
    result = arith_result(node.op, v.type_of(node.left), v.type_of(node.right))
    v.require(node, assignable(result, v.types[node.dst]), f"result is {result.name}")


def _compare(v: _Verifier, node: n.Compare) -> None:
    v.values(node, (node.left, node.right))
    v.require(node, node.op in COMPARISONS, "unknown comparison")
    v.is_type(node, node.dst, Type.BOOL, Type.VALUE)


def _numeric(v: _Verifier, node: n.Numeric) -> None:
    v.require(node, node.op in NUMERIC_OPERATIONS, "unknown operation")
    params, result = NUMERIC_OPERATIONS[node.op]
    v.require(node, tuple(v.type_of(a) for a in node.args) == params, "wrong operand types")
    v.is_type(node, node.dst, result)


def _closure(v: _Verifier, node: n.MakeClosure) -> None:
    v.require(node, node.symbol in v.symbols, "no such function")
    v.is_type(node, node.dst, Type.FUNCTION, Type.VALUE)
    for capture in node.captures:
        v.require(node, v.type_of(capture) in BOXABLE | REFERENCES, "cannot be captured")


def _call(v: _Verifier, node: n.Call | n.TailCall) -> None:
    v.values(node, (node.callee, *node.args))
    if isinstance(node.callee, Const) and node.callee.type is Type.FUNCTION:
        v.require(node, node.callee.value in v.symbols, "no such function")
    _open(v, node, node.open)
    if isinstance(node, n.Call):
        _open(v, node, node.count)
        for dst in node.dsts:
            v.is_type(node, dst, Type.VALUE)


def _open(v: _Verifier, node: Node, register: Register | None) -> None:
    if register is not None:
        v.is_type(node, register, Type.I32)


def _return(v: _Verifier, node: n.Return | n.SaveResults) -> None:
    v.values(node, node.values)
    _open(v, node, node.open)


def _vararg(v: _Verifier, node: n.Vararg) -> None:
    v.require(node, v.function.vararg, "not a vararg function")
    _open(v, node, node.count)
    for dst in node.dsts:
        v.is_type(node, dst, Type.VALUE)


def _static(v: _Verifier, node: n.LoadStatic | n.StoreStatic) -> None:
    v.require(node, 0 <= node.index < v.statics, "no such program variable")
    if isinstance(node, n.LoadStatic):
        v.is_type(node, node.dst, Type.VALUE)
    else:
        v.values(node, (node.src,))


def _upvalue(v: _Verifier, node: n.LoadUpvalue) -> None:
    v.require(node, node.index >= 0, "no such captured cell")
    v.is_type(node, node.dst, Type.VALUE, Type.BOX)


def _not(v: _Verifier, node: n.Not) -> None:
    v.values(node, (node.src,))
    v.is_type(node, node.dst, Type.BOOL, Type.VALUE)


def _concat(v: _Verifier, node: n.Concat) -> None:
    v.require(node, len(node.operands) > 1, "needs two operands")
    v.values(node, node.operands)
    v.is_type(node, node.dst, Type.VALUE)


def _length(v: _Verifier, node: n.Length) -> None:
    v.values(node, (node.src,))
    v.is_type(node, node.dst, Type.VALUE)


def _new_table(v: _Verifier, node: n.NewTable) -> None:
    v.require(node, node.array >= 0 and node.fields >= 0, "negative size")
    v.is_type(node, node.dst, Type.TABLE, Type.VALUE)


def _append(v: _Verifier, node: n.Append) -> None:
    v.is_type(node, node.table, Type.TABLE)
    v.require(node, node.first >= 1, "lists begin at 1")
    v.values(node, node.values)
    _open(v, node, node.open)


def _for_prepare(v: _Verifier, node: n.ForPrepare) -> None:
    v.values(node, (node.start, node.limit, node.step))
    loop = node.loop
    v.is_type(node, loop.kind, Type.I32)
    for register in (loop.counter, loop.step, loop.turns):
        v.is_type(node, register, Type.I64)
    for register in (loop.float_counter, loop.float_step, loop.float_limit):
        v.is_type(node, register, Type.F64)


def _if(v: _Verifier, node: n.If) -> None:
    v.require(node, v.type_of(node.condition) in BOXABLE | {Type.I32}, "not a condition")


def _switch(v: _Verifier, node: n.Switch) -> None:
    v.is_type(node, node.index, Type.I32)


def _pending(v: _Verifier, node: n.Pending) -> None:
    v.is_type(node, node.dst, Type.BOOL)


def _take_error(v: _Verifier, node: n.TakeError) -> None:
    v.is_type(node, node.dst, Type.VALUE)
    v.is_type(node, node.kind, Type.I32)


def _reraise(v: _Verifier, node: n.Reraise) -> None:
    v.is_type(node, node.error, Type.VALUE)
    v.is_type(node, node.kind, Type.I32)


def _index(v: _Verifier, node: n.Index | n.SetIndex) -> None:
    v.values(node, (node.object, node.key))
    if isinstance(node, n.SetIndex):
        v.values(node, (node.value,))
    else:
        v.is_type(node, node.dst, Type.VALUE)


def _box(v: _Verifier, node: n.BoxGet | n.BoxSet) -> None:
    v.is_type(node, node.box, Type.BOX)
    if isinstance(node, n.BoxGet):
        v.is_type(node, node.dst, Type.VALUE)
    else:
        v.values(node, (node.src,))


def _new_box(v: _Verifier, node: n.NewBox) -> None:
    v.values(node, (node.src,))
    v.is_type(node, node.dst, Type.BOX)


_CHECKS: Final[dict[type, Callable[[_Verifier, Any], None]]] = {
    n.Move: _move,
    n.Arith: _arith,
    n.Compare: _compare,
    n.Numeric: _numeric,
    n.MakeClosure: _closure,
    n.Call: _call,
    n.TailCall: _call,
    n.Return: _return,
    n.SaveResults: _return,
    n.Vararg: _vararg,
    n.LoadStatic: _static,
    n.StoreStatic: _static,
    n.Index: _index,
    n.SetIndex: _index,
    n.BoxGet: _box,
    n.BoxSet: _box,
    n.NewBox: _new_box,
    n.LoadUpvalue: _upvalue,
    n.Not: _not,
    n.Concat: _concat,
    n.Length: _length,
    n.NewTable: _new_table,
    n.Append: _append,
    n.ForPrepare: _for_prepare,
    n.If: _if,
    n.Switch: _switch,
    n.Pending: _pending,
    n.TakeError: _take_error,
    n.Reraise: _reraise,
}

UNCHECKED: Final = frozenset({n.CallRuntime, n.Jump, n.Line, n.Block, n.Loop, n.Try})
"""Nodes with no rule of their own beyond their registers and labels."""
