# SPDX-License-Identifier: MIT
"""Which functions may be suspended: those from which a `yield` can be reached.

Only they pay for it. A call of a value that is not known may lead anywhere; an operator on values that may have a
metatable may call a metamethod. Everything else leads where its symbol says.
"""

from __future__ import annotations

from typing import Final

from munition.ir import nodes as n
from munition.ir.nodes import Const, Function, Node, Operand
from munition.ir.program import LibraryEntry, Program
from munition.ir.types import Type
from munition.ir.uses import subregions


def suspendable_functions(program: Program) -> frozenset[str]:
    """Symbols of the functions that may be suspended; none if the program has no `coroutine.yield`."""
    entries = {item.symbol for item in program.library if isinstance(item, LibraryEntry)}
    if "lua_coroutine_yield" not in entries:
        return frozenset()
    metatables = types_with_metatables(program)
    calls = {f.symbol: _Reach(f, metatables) for f in program.functions}
    found = {symbol for symbol, reach in calls.items() if reach.unknown}
    changed = True
    while changed:
        more = {symbol for symbol, reach in calls.items() if symbol not in found and reach.known & found}
        found |= more
        changed = bool(more)
    if "lua_debug_getinfo" not in entries:
        found.discard(program.main)  # the host calls it, and nothing can get hold of it
    return frozenset(found)


def types_with_metatables(program: Program) -> frozenset[Type]:
    """The types of registers that can hold something with a metatable of the program's."""
    entries = {item.symbol for item in program.library if isinstance(item, LibraryEntry)}
    if "lua_base_getmetatable" in entries:  # that of strings is there from the beginning
        return frozenset({Type.VALUE, Type.TABLE, Type.STRING})
    return frozenset({Type.VALUE, Type.TABLE} if "lua_base_setmetatable" in entries else ())


class _Reach:
    """What a function calls: anything at all (`unknown`), or these symbols."""

    def __init__(self, function: Function, metatables: frozenset[Type]) -> None:
        self.known: set[str] = set()
        self.unknown = False
        pending: list[Node] = list(function.body)
        while pending and not self.unknown:
            node = pending.pop()
            callee = called_symbol(node)
            if callee is not None:
                self.known.add(callee)
            elif may_call_unknown(node, function, metatables=metatables):
                self.unknown = True
            for inner in subregions(node):
                pending.extend(inner)


def called_symbol(node: Node) -> str | None:
    """The function a call always calls, if that is known."""
    if isinstance(node, n.Call | n.TailCall) and isinstance(node.callee, Const):
        return node.callee.value if isinstance(node.callee.value, str) else None
    return None


def may_call_unknown(node: Node, function: Function, *, metatables: frozenset[Type]) -> bool:
    """Whether a node may call something that is not known by symbol."""
    match node:
        case n.Call() | n.TailCall():
            return called_symbol(node) is None
        case n.CallRuntime(symbol="rt_close"):
            return True
        case n.Arith() | n.Compare():
            return any(_type(o, function) in metatables for o in (node.left, node.right))
        case n.Concat():
            types = {_type(o, function) for o in node.operands}
            return bool(types & metatables) and not types <= _JOINED
        case n.Length():
            return _type(node.src, function) in metatables
        case n.Index() | n.SetIndex():
            return _type(node.object, function) in metatables
        case _:
            return False


_JOINED: Final = frozenset({Type.STRING, Type.I64, Type.F64})


def _type(operand: Operand, function: Function) -> Type:
    if not isinstance(operand, Const):
        return function.registers[operand]
    if isinstance(operand.value, bytes):
        return Type.STRING
    is_number = isinstance(operand.value, int | float) and not isinstance(operand.value, bool)
    return Type.TABLE if operand.type is Type.TABLE else Type.I64 if is_number else Type.BOOL


def may_suspend(
    node: Node, function: Function, suspendable: frozenset[str], *, metatables: frozenset[Type]
) -> bool:
    """Whether control may come back to this very node after a suspension: it is a place to resume at.

    A tail call is none: its function is gone by then.
    """
    if isinstance(node, n.TailCall):
        return False
    callee = called_symbol(node)
    if callee is not None:
        return callee in suspendable
    return may_call_unknown(node, function, metatables=metatables)
