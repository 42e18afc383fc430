# SPDX-License-Identifier: MIT
"""Which registers an instruction reads and writes, and what it may do: one table for all passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, cast

from munition.ir import nodes as n
from munition.ir.nodes import Node, Operand, Register


def _registers(operands: Iterable[Operand | None]) -> tuple[Register, ...]:
    return tuple(o for o in operands if type(o) is int)


# For each instruction: the operands it reads (constants and None are filtered out).
_READS: Final[dict[type, Callable[[Any], tuple[Register, ...]]]] = {
    n.Move: lambda i: _registers((i.src,)),
    n.LoadUpvalue: lambda i: (),
    n.LoadStatic: lambda i: (),
    n.StoreStatic: lambda i: _registers((i.src,)),
    n.NewBox: lambda i: _registers((i.src,)),
    n.BoxGet: lambda i: (i.box,),
    n.BoxSet: lambda i: _registers((i.box, i.src)),
    n.MakeClosure: lambda i: _registers(i.captures),
    n.Numeric: lambda i: _registers(i.args),
    n.Arith: lambda i: _registers((i.left, i.right)),
    n.Compare: lambda i: _registers((i.left, i.right)),
    n.Not: lambda i: _registers((i.src,)),
    n.Concat: lambda i: _registers(i.operands),
    n.Length: lambda i: _registers((i.src,)),
    n.NewTable: lambda i: (),
    n.Index: lambda i: _registers((i.object, i.key)),
    n.SetIndex: lambda i: _registers((i.object, i.key, i.value)),
    n.Append: lambda i: _registers((i.table, *i.values, i.open)),
    n.Call: lambda i: _registers((i.callee, *i.args, i.open)),
    n.CallRuntime: lambda i: _registers(i.args),
    n.Vararg: lambda i: (),
    n.Return: lambda i: _registers((*i.values, i.open)),
    n.TailCall: lambda i: _registers((i.callee, *i.args, i.open)),
    n.SaveResults: lambda i: _registers((*i.values, i.open)),
    n.ForPrepare: lambda i: _registers((i.start, i.limit, i.step)),
    n.Jump: lambda i: (),
    n.Switch: lambda i: (i.index,),
    n.Pending: lambda i: (),
    n.TakeError: lambda i: (),
    n.Reraise: lambda i: (i.error, i.kind),
    n.Line: lambda i: (),
    n.If: lambda i: _registers((i.condition,)),
    n.Block: lambda i: (),
    n.Loop: lambda i: (),
    n.Try: lambda i: (),
}

_WRITES: Final[dict[type, Callable[[Any], tuple[Register, ...]]]] = {
    n.StoreStatic: lambda i: (),
    n.BoxSet: lambda i: (),
    n.SetIndex: lambda i: (),
    n.Append: lambda i: (),
    n.Call: lambda i: i.dsts if i.count is None else (i.count,),
    n.CallRuntime: lambda i: () if i.dst is None else (i.dst,),
    n.Vararg: lambda i: i.dsts if i.count is None else (i.count,),
    n.TakeError: lambda i: (i.dst, i.kind),
    n.ForPrepare: lambda i: (
        i.loop.kind,
        i.loop.counter,
        i.loop.step,
        i.loop.turns,
        i.loop.float_counter,
        i.loop.float_step,
        i.loop.float_limit,
    ),
    **dict.fromkeys(
        (n.Return, n.TailCall, n.Jump, n.Switch, n.Reraise, n.Line, n.If, n.Block, n.Loop, n.Try),
        lambda i: (),
    ),
}

_COLLECTING: Final = frozenset(
    {
        n.NewBox,
        n.MakeClosure,
        n.Arith,
        n.Compare,
        n.Concat,
        n.Length,
        n.NewTable,
        n.Index,
        n.SetIndex,
        n.Append,
        n.Call,
        n.CallRuntime,
        n.Vararg,
        n.TailCall,
        n.SaveResults,
        n.ForPrepare,
    }
)

KEEPS_ARGUMENTS: Final = frozenset(
    {
        n.Call,
        n.TailCall,
        n.Arith,
        n.Compare,
        n.Concat,
        n.Length,
        n.Index,
        n.SetIndex,
        n.NewBox,
        n.ForPrepare,
    }
)
"""Instructions whose callee itself keeps its arguments alive for as long as it needs them: calls, and what the runtime
does (docs/guest-abi.md, section 6). Where generated code uses an argument after the call, it has to be kept here."""


def reads(node: Node) -> tuple[Register, ...]:
    """The registers the node itself reads (of a region: its condition)."""
    return _READS[type(node)](node)


def _one_destination(node: Any) -> tuple[Register, ...]:
    return (cast("Register", node.dst),)


def writes(node: Node) -> tuple[Register, ...]:
    """The registers the node itself writes."""
    return _WRITES.get(type(node), _one_destination)(node)


def may_collect(node: Node) -> bool:
    """Whether the node may run the collector or raise an error."""
    return type(node) in _COLLECTING


def constants(node: Node) -> list[n.Const]:
    """The constants among the operands of a node itself."""
    found: list[n.Const] = []
    for name in node.__struct_fields__:
        field = getattr(node, name)
        if isinstance(field, n.Const):
            found.append(field)
        elif isinstance(field, tuple):
            found += [item for item in cast("tuple[object, ...]", field) if isinstance(item, n.Const)]
    return found


def subregions(node: Node) -> tuple[tuple[Node, ...], ...]:
    """The bodies of a region; () for an instruction."""
    kind = type(node)
    if kind is n.If:
        assert isinstance(node, n.If)
        return (node.then, node.otherwise)
    if kind is n.Block or kind is n.Loop or kind is n.Try:
        assert isinstance(node, n.Block | n.Loop | n.Try)
        return (node.body,)
    return ()


ALL_NODES: Final = tuple(_READS)
"""Every node type, for passes that must cover them all."""
