# SPDX-License-Identifier: MIT
"""IR as text: what people read with `--emit ir`."""

from __future__ import annotations

from munition.ir import nodes as n
from munition.ir.nodes import Const, Function, Node, Site
from munition.ir.pretty import pretty_function
from munition.ir.types import Type

_BODY: tuple[Node, ...] = (
    n.NewTable(1, 2, 0),
    n.Append(1, 1, (0, Const(Type.VALUE, b"x"))),
    n.If(2, (n.Index(0, 1, Const(Type.VALUE, 1), Site(4, ("local", b"t"))),), (n.Line(5),)),
    n.Loop(3, (n.Call((0,), 0, (1,), Site(6)), n.Jump(3))),
    n.Return((0, n.NIL)),
)


def test_a_function_is_printed_line_by_line() -> None:
    function = Function(
        "f", b"f", 1, True, (Type.VALUE, Type.TABLE, Type.BOOL), _BODY, 1, 9, b"test", is_chunk=False
    )
    assert pretty_function(function).splitlines() == [
        "",
        "function 'f' parameters 1 ...",
        "  registers r0:value r1:table r2:bool",
        "  r1 = newtable array=2 fields=0",
        "  append r1 first=1 (r0, b'x')",
        "  if r2",
        "    r0 = index r1 1 @4 local 't'",
        "  else",
        "    line line=5",
        "  loop L3",
        "    r0 = call r0 (r1) @6",
        "    jump L3",
        "  return (r0, nil)",
    ]


def test_deep_nesting_needs_no_stack() -> None:
    node: Node = n.Line(1)
    for label in range(5_000):
        node = n.Block(label, (node,))
    function = Function("f", None, 0, False, (), (node,), 1, 1, b"test")
    assert pretty_function(function).count("block L") == 5_000
