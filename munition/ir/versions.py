# SPDX-License-Identifier: MIT
"""Second versions of functions, for arguments that are integers.

What a function is called with is often known only when it runs: its arguments come from the host, or from a table. Then
everything in it is unknown, and in whatever it calls with that, itself first of all. So functions that compute with their
parameters get a version in which these are integers. Calls go to it whose arguments are known to be integers, and all
others through a test of the tags (`codegen/versions.py`). The inference sees two functions; one that nothing calls costs
nothing.

Both have the same nodes: what is found about a node is kept for each function, so they need no copies.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from munition.ir import nodes as n
from munition.ir.control_flow import all_nodes
from munition.ir.facts import Version
from munition.ir.nodes import Function, Register
from munition.ir.program import Program
from munition.ir.yields import suspendable_functions

MAX_PARAMETERS: Final = 12
"""Parameters a function with an entry may have."""

_SMALL: Final = 40
"""Nodes up to which a function is worth a version though it neither repeats anything nor calls."""

_LARGE: Final = 400
"""Nodes from which on it is not, whatever it does."""

_SHARE: Final = 4
_ROOM: Final = 1000
"""All versions together may have so many nodes, and one for every `_SHARE` nodes of the program."""


def add_versions(program: Program) -> Program:
    """The program with versions of the functions that are worth one."""
    suspendable = suspendable_functions(program)
    sizes = [sum(1 for _ in all_nodes(f.body)) for f in program.functions]
    room = _ROOM + sum(sizes) // _SHARE
    general: list[Function] = []
    versions: list[Function] = []
    for function, size in zip(program.functions, sizes, strict=True):
        integers = () if function.symbol in suspendable or size > room else _integers(function, size)
        if not integers:
            general.append(function)
            continue
        room -= size
        version = replace(function, symbol=f"{function.symbol} of integers", general=function.symbol)
        general.append(replace(function, version=Version(version.symbol, integers)))
        versions.append(version)
    return replace(program, functions=(*general, *versions))


def _integers(function: Function, size: int) -> tuple[Register, ...]:
    """The parameters that a version is worth having for."""
    if function.vararg or function.is_chunk or size > _LARGE or not 0 < function.parameters <= MAX_PARAMETERS:
        return ()
    computed: set[Register] = set()
    other: set[Register] = set()
    lasts = size <= _SMALL
    for node in all_nodes(function.body):
        match node:
            case n.Arith(left=left, right=right) | n.Compare(op="lt" | "le", left=left, right=right):
                computed.update(o for o in (left, right) if isinstance(o, int))
            case n.ForPrepare(start=start, limit=limit, step=step):
                computed.update(o for o in (start, limit, step) if isinstance(o, int))
            case n.Index(object=int() as register) | n.SetIndex(object=int() as register):
                other.add(register)
            case n.Call(callee=callee) | n.TailCall(callee=callee):
                lasts = True
                if isinstance(callee, int):
                    other.add(callee)
            case n.Loop():
                lasts = True
            case _:
                pass
    return tuple(p for p in range(function.parameters) if p in computed - other) if lasts else ()
