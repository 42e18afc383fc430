# SPDX-License-Identifier: MIT
"""Which functions pay for coroutines: only those a `coroutine.yield` can be reached from."""

from __future__ import annotations

import pytest

from munition.ir import nodes as n
from munition.ir.nodes import Const, Function, Node, Site
from munition.ir.program import LibraryEntry, LibraryItem, Program
from munition.ir.types import Type
from munition.ir.yields import suspendable_functions

SITE = Site(1)
YIELD = LibraryEntry(("coroutine", "yield"), "lua_coroutine_yield")
METATABLES = LibraryEntry(("setmetatable",), "lua_base_setmetatable")
VALUE, TABLE, I64, STRING = range(4)
TYPES = (Type.VALUE, Type.TABLE, Type.I64, Type.STRING)


def program_of(bodies: dict[str, tuple[Node, ...]], *library: LibraryItem, main: str = "chunk") -> Program:
    functions = tuple(
        Function(name, None, 0, False, TYPES, body, 1, 1, b"t") for name, body in bodies.items()
    )
    return Program(b"t", functions, main, 0, (), (), library)


def call(symbol: str) -> Node:
    return n.Call((), Const(Type.FUNCTION, symbol), (), SITE)


UNKNOWN_CALL = n.Call((), VALUE, (), SITE)


def test_without_yield_nothing_is_suspendable() -> None:
    assert suspendable_functions(program_of({"main": (UNKNOWN_CALL,)})) == frozenset()


def test_an_unknown_call_may_lead_to_yield() -> None:
    assert suspendable_functions(program_of({"main": (UNKNOWN_CALL,)}, YIELD)) == {"main"}


def test_the_main_chunk_is_only_if_it_can_be_had_as_a_value() -> None:
    bodies: dict[str, tuple[Node, ...]] = {"main": (UNKNOWN_CALL, call("f")), "f": (UNKNOWN_CALL,)}
    assert suspendable_functions(program_of(bodies, YIELD, main="main")) == {"f"}
    look = LibraryEntry(("debug", "getinfo"), "lua_debug_getinfo")
    assert suspendable_functions(program_of(bodies, YIELD, look, main="main")) == {"main", "f"}


def test_callers_of_suspendable_functions_are_suspendable_and_callees_are_not() -> None:
    bodies: dict[str, tuple[Node, ...]] = {
        "main": (n.Loop(1, (n.If(VALUE, (), (call("middle"),)),)),),
        "middle": (n.Try(1, (call("leaf"), call("pure"))),),
        "leaf": (UNKNOWN_CALL,),
        "pure": (n.Arith(I64, "add", I64, I64, SITE),),
    }
    assert suspendable_functions(program_of(bodies, YIELD)) == {"main", "middle", "leaf"}


def test_recursion_that_never_yields_is_free() -> None:
    bodies: dict[str, tuple[Node, ...]] = {"main": (call("other"),), "other": (call("main"),)}
    assert suspendable_functions(program_of(bodies, YIELD)) == frozenset()


OPERATORS: list[Node] = [
    n.Arith(VALUE, "add", VALUE, I64, SITE),
    n.Compare(VALUE, "lt", TABLE, TABLE, SITE),
    n.Concat(VALUE, (STRING, VALUE), SITE),
    n.Length(VALUE, TABLE, SITE),
    n.Index(VALUE, TABLE, VALUE, SITE),
    n.SetIndex(VALUE, STRING, I64, SITE),
]


@pytest.mark.parametrize("node", OPERATORS, ids=repr)
def test_operators_count_where_there_are_metatables(node: Node) -> None:
    assert suspendable_functions(program_of({"main": (node,)}, YIELD)) == frozenset()
    assert suspendable_functions(program_of({"main": (node,)}, YIELD, METATABLES)) == {"main"}


@pytest.mark.parametrize(
    "node",
    [
        n.Arith(I64, "add", I64, I64, SITE),
        n.Concat(VALUE, (STRING, I64), SITE),
        n.Length(VALUE, STRING, SITE),
        n.Index(VALUE, STRING, STRING, SITE),
    ],
    ids=repr,
)
def test_operators_on_numbers_and_strings_never_count(node: Node) -> None:
    assert suspendable_functions(program_of({"main": (node,)}, YIELD, METATABLES)) == frozenset()


def test_closing_a_variable_calls_what_it_holds() -> None:
    node = n.CallRuntime(None, "rt_close", (VALUE, VALUE), SITE)
    assert suspendable_functions(program_of({"main": (node,)}, YIELD)) == {"main"}


def test_a_tail_call_counts_as_a_call() -> None:
    bodies: dict[str, tuple[Node, ...]] = {
        "main": (n.TailCall(Const(Type.FUNCTION, "leaf"), (), SITE),),
        "leaf": (UNKNOWN_CALL,),
    }
    assert suspendable_functions(program_of(bodies, YIELD)) == {"main", "leaf"}
