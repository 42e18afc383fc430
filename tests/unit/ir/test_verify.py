# SPDX-License-Identifier: MIT
"""What the verifier of the IR refuses: every rule is broken once."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from munition.ir import nodes as n
from munition.ir import uses, verify
from munition.ir.nodes import Const, ForRegisters, Function, Node, Site
from munition.ir.program import Program
from munition.ir.types import Type
from munition.ir.verify import MalformedProgramError, verify_program

SITE = Site(1)
# One register of each type, in the order of the types' numbers: register i has type i. Two extra of I64 and F64.
TYPES = (*Type, Type.I64, Type.I64, Type.F64, Type.F64)
VALUE, I64, F64, BOOL, STRING, TABLE, FUNCTION, BOX, I32 = range(9)
LOOP = ForRegisters(I32, I64, 9, 10, F64, 11, 12)
ONE = Const(Type.VALUE, 1)


def program_of(
    *body: Node, vararg: bool = False, parameters: int = 0, types: tuple[Type, ...] = TYPES
) -> Program:
    """A program of one function `main` with `body` and two program variables."""
    main = Function("main", None, parameters, vararg, types, body, 1, 1, b"test", is_chunk=True)
    return Program(b"test", (main,), "main", 2, (), (), ())


WELL_FORMED: list[Node] = [
    n.Move(VALUE, I64),
    n.Move(VALUE, n.NIL),
    n.LoadUpvalue(BOX, 0),
    n.LoadStatic(VALUE, 1),
    n.StoreStatic(0, STRING),
    n.NewBox(BOX, VALUE),
    n.BoxGet(VALUE, BOX),
    n.BoxSet(BOX, F64),
    n.MakeClosure(FUNCTION, "main", (BOX, VALUE)),
    n.Numeric(I64, "i64.add", (I64, Const(Type.I64, 1))),
    n.Arith(F64, "div", I64, F64, SITE),
    n.Compare(BOOL, "lt", I64, VALUE, SITE),
    n.Not(BOOL, VALUE),
    n.Concat(VALUE, (STRING, ONE), SITE),
    n.Length(VALUE, TABLE, SITE),
    n.NewTable(TABLE, 0, 3),
    n.Index(VALUE, TABLE, STRING, SITE),
    n.SetIndex(TABLE, ONE, BOOL, SITE),
    n.Append(TABLE, 1, (VALUE,), I32),
    n.Call((VALUE,), Const(Type.FUNCTION, "main"), (I64,), SITE),
    n.Call((), VALUE, (), SITE, open=I32, count=I32),
    n.CallRuntime(VALUE, "rt_anything", ()),
    n.Return((VALUE, I64)),
    n.TailCall(FUNCTION, (), SITE),
    n.SaveResults(TABLE, (VALUE,)),
    n.ForPrepare(LOOP, ONE, VALUE, ONE, SITE),
    n.If(BOOL, (n.Line(2),), (n.Line(3),)),
    n.If(I32, ()),
    n.Block(1, (n.Loop(2, (n.Jump(1), n.Jump(2))),)),
    n.Block(1, (n.Switch(I32, (1,), 1),)),
    n.Try(1, (n.Jump(1),)),
    n.Pending(BOOL),
    n.TakeError(VALUE, I32),
    n.Reraise(VALUE, I32),
]


@pytest.mark.parametrize("node", WELL_FORMED, ids=repr)
def test_well_formed_nodes_pass(node: Node) -> None:
    verify_program(program_of(node))


MALFORMED: list[tuple[Node, str]] = [
    (n.Move(99, ONE), "no register 99"),
    (n.Move(VALUE, -1), "no register -1"),
    (n.Move(I64, VALUE), "cannot move VALUE to I64"),
    (n.Move(I64, F64), "cannot move F64 to I64"),
    (n.Move(VALUE, I32), "cannot move I32 to VALUE"),
    (n.Move(VALUE, BOX), "cannot move BOX to VALUE"),
    (n.LoadUpvalue(I64, 0), "register 1 is I64"),
    (n.LoadUpvalue(VALUE, -1), "no such captured cell"),
    (n.LoadStatic(VALUE, 2), "no such program variable"),
    (n.LoadStatic(I64, 0), "register 1 is I64"),
    (n.StoreStatic(-1, VALUE), "no such program variable"),
    (n.StoreStatic(0, I32), "not a value"),
    (n.NewBox(VALUE, VALUE), "register 0 is VALUE"),
    (n.NewBox(BOX, BOX), "not a value"),
    (n.BoxGet(VALUE, VALUE), "register 0 is VALUE"),
    (n.BoxGet(I64, BOX), "register 1 is I64"),
    (n.BoxSet(TABLE, VALUE), "register 5 is TABLE"),
    (n.BoxSet(BOX, I32), "not a value"),
    (n.MakeClosure(FUNCTION, "absent", ()), "no such function"),
    (n.MakeClosure(I64, "main", ()), "register 1 is I64"),
    (n.MakeClosure(FUNCTION, "main", (I32,)), "cannot be captured"),
    (n.Numeric(I64, "i64.shl", (I64, I64)), "unknown operation"),
    (n.Numeric(I64, "i64.add", (I64, F64)), "wrong operand types"),
    (n.Numeric(I64, "i64.add", (I64,)), "wrong operand types"),
    (n.Numeric(F64, "i64.add", (I64, I64)), "register 2 is F64"),
    (n.Arith(VALUE, "power", I64, I64, SITE), "unknown operator"),
    (n.Arith(I64, "div", I64, I64, SITE), "result is F64"),
    (n.Arith(I64, "add", VALUE, I64, SITE), "result is VALUE"),
    (n.Arith(VALUE, "add", I32, I64, SITE), "not a value"),
    (n.Compare(BOOL, "gt", I64, I64, SITE), "unknown comparison"),
    (n.Compare(I64, "lt", I64, I64, SITE), "register 1 is I64"),
    (n.Compare(BOOL, "lt", BOX, I64, SITE), "not a value"),
    (n.Not(I64, VALUE), "register 1 is I64"),
    (n.Not(BOOL, I32), "not a value"),
    (n.Concat(VALUE, (STRING,), SITE), "needs two operands"),
    (n.Concat(VALUE, (STRING, BOX), SITE), "not a value"),
    (n.Concat(I64, (STRING, STRING), SITE), "register 1 is I64"),
    (n.Length(I64, TABLE, SITE), "register 1 is I64"),
    (n.Length(VALUE, I32, SITE), "not a value"),
    (n.NewTable(TABLE, -1, 0), "negative size"),
    (n.NewTable(I64, 0, 0), "register 1 is I64"),
    (n.Index(I64, TABLE, STRING, SITE), "register 1 is I64"),
    (n.Index(VALUE, I32, STRING, SITE), "not a value"),
    (n.SetIndex(TABLE, STRING, I32, SITE), "not a value"),
    (n.Append(VALUE, 1, ()), "register 0 is VALUE"),
    (n.Append(TABLE, 0, ()), "lists begin at 1"),
    (n.Append(TABLE, 1, (BOX,)), "not a value"),
    (n.Append(TABLE, 1, (), VALUE), "register 0 is VALUE"),
    (n.Call((), Const(Type.FUNCTION, "absent"), (), SITE), "no such function"),
    (n.Call((I64,), VALUE, (), SITE), "register 1 is I64"),
    (n.Call((), I32, (), SITE), "not a value"),
    (n.Call((), VALUE, (I32,), SITE), "not a value"),
    (n.Call((), VALUE, (), SITE, open=VALUE), "register 0 is VALUE"),
    (n.Call((), VALUE, (), SITE, count=I64), "register 1 is I64"),
    (n.CallRuntime(99, "rt_anything", ()), "no register 99"),
    (n.Vararg((), I32), "not a vararg function"),
    (n.Return((BOX,)), "not a value"),
    (n.Return((), VALUE), "register 0 is VALUE"),
    (n.TailCall(Const(Type.FUNCTION, "absent"), (), SITE), "no such function"),
    (n.SaveResults(TABLE, (I32,)), "not a value"),
    (n.ForPrepare(replace(LOOP, kind=I64), ONE, ONE, ONE, SITE), "register 1 is I64"),
    (n.ForPrepare(replace(LOOP, turns=VALUE), ONE, ONE, ONE, SITE), "register 0 is VALUE"),
    (n.ForPrepare(replace(LOOP, float_limit=I64), ONE, ONE, ONE, SITE), "register 1 is I64"),
    (n.ForPrepare(LOOP, BOX, ONE, ONE, SITE), "not a value"),
    (n.If(BOX, ()), "not a condition"),
    (n.If(BOOL, (n.Jump(1),)), "not open"),
    (n.Jump(1), "not open"),
    (n.Block(1, (n.Block(1, ()),)), "already open"),
    (n.Loop(1, (n.Try(1, ()),)), "already open"),
    (n.Switch(I32, (), 1), "not open"),
    (n.Block(1, (n.Switch(I32, (2,), 1),)), "not open"),
    (n.Block(1, (n.Switch(I64, (1,), 1),)), "register 1 is I64"),
    (n.Pending(VALUE), "register 0 is VALUE"),
    (n.TakeError(BOOL, I32), "register 3 is BOOL"),
    (n.TakeError(VALUE, I64), "register 1 is I64"),
    (n.Reraise(I64, I32), "register 1 is I64"),
    (n.Reraise(VALUE, VALUE), "register 0 is VALUE"),
]


@pytest.mark.parametrize(("node", "complaint"), MALFORMED, ids=repr)
def test_malformed_nodes_are_found_where_they_stand(node: Node, complaint: str) -> None:
    with pytest.raises(MalformedProgramError, match=complaint):
        verify_program(program_of(node))


@pytest.mark.parametrize(("node", "complaint"), MALFORMED, ids=repr)
def test_nesting_hides_nothing(node: Node, complaint: str) -> None:
    nested = n.Loop(70, (n.If(BOOL, (), (n.Try(71, (n.Block(72, (node,)),)),)),))
    with pytest.raises(MalformedProgramError, match=complaint):
        verify_program(program_of(nested))


def test_a_label_is_closed_after_its_region() -> None:
    with pytest.raises(MalformedProgramError, match="not open"):
        verify_program(program_of(n.Block(1, ()), n.Jump(1)))


def test_labels_may_be_used_again_side_by_side() -> None:
    verify_program(program_of(n.Block(1, (n.Jump(1),)), n.Loop(1, (n.Jump(1),))))


def test_a_hundred_thousand_nested_regions_need_no_stack() -> None:
    node: Node = n.Jump(0)
    for _ in range(100_000):
        node = n.If(BOOL, (node,))
    with pytest.raises(MalformedProgramError, match="not open"):
        verify_program(program_of(node))


def test_extra_arguments_need_a_function_that_takes_them() -> None:
    verify_program(program_of(n.Vararg((VALUE,), None), vararg=True))
    with pytest.raises(MalformedProgramError, match="register 1 is I64"):
        verify_program(program_of(n.Vararg((I64,), None), vararg=True))


@pytest.mark.parametrize("types", [(), (Type.VALUE,), (Type.VALUE, Type.I64)])
def test_parameters_are_the_first_registers(types: tuple[Type, ...]) -> None:
    with pytest.raises(MalformedProgramError, match="parameters"):
        verify_program(program_of(parameters=2, types=types))


def test_symbols_are_unique_and_main_exists() -> None:
    program = program_of()
    with pytest.raises(MalformedProgramError, match="symbols"):
        verify_program(replace(program, functions=program.functions * 2))
    with pytest.raises(MalformedProgramError, match="symbols"):
        verify_program(replace(program, main="other"))


def test_every_kind_of_node_has_its_rule_or_is_named_as_free() -> None:
    ruled = frozenset(verify._CHECKS)  # pyright: ignore[reportPrivateUsage]
    assert ruled.isdisjoint(verify.UNCHECKED)
    assert ruled | verify.UNCHECKED == frozenset(uses.ALL_NODES)
    broken = {type(node) for node, _ in MALFORMED}
    assert ruled - broken == set()
