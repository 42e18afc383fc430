# SPDX-License-Identifier: MIT
"""What a program does with the host, as far as its text tells: it decides what the linker leaves out of the runtime."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from munition.ir import nodes as n
from munition.ir.nodes import Const, Function, Node, Operand, Program
from munition.ir.types import Type
from munition.ir.uses import reads, subregions
from munition.runtime.gates import BROUGHT, NEEDED, Need
from munition.wasm.link_unit import Gate

# Names through which every global can be reached.
_ALL_GLOBALS: Final = frozenset({b"_G"})
_ARG: Final = b"arg"


def find_gates(program: Program) -> tuple[Gate, ...]:
    """The gates of the runtime, without those that the program itself opens."""
    needs = find_needs(program)
    closed = [Gate(functions) for need, functions in NEEDED.items() if need not in needs]
    return (*closed, *(Gate(functions, openers) for functions, openers in BROUGHT))


def find_needs(program: Program) -> frozenset[Need]:
    """What the program may do, of what `gates.NEEDED` lists."""
    main = next(f for f in program.functions if f.symbol == program.main)
    nodes = tuple(all_nodes(main))
    found: set[Need] = set()
    if program.exports:
        found |= {Need.ARGUMENTS, Need.RESULTS}
    if any(isinstance(node, n.Vararg) for node in nodes):
        found.add(Need.ARGUMENTS)
    if any(_gives_values(node) for node in nodes):
        found.add(Need.RESULTS)
    if _ARG in program.globals or _may_read_any_global(program):
        found |= {Need.ARG, Need.ARGUMENTS}
    return frozenset(found)


def all_nodes(function: Function) -> Iterator[Node]:
    """Every node of the function, in no order that means anything."""
    pending: list[Node] = list(function.body)
    while pending:
        node = pending.pop()
        yield node
        for inner in subregions(node):
            pending.extend(inner)


def _gives_values(node: Node) -> bool:
    if isinstance(node, n.Return):
        return bool(node.values) or node.open is not None
    return isinstance(node, n.TailCall)


def _may_read_any_global(program: Program) -> bool:
    """Whether the globals may be read by names that are not known: `_G`, `_ENV` as a value, `require`."""
    if _ALL_GLOBALS & set(program.globals) or any(isinstance(i, n.RuntimeTable) for i in program.library):
        return True
    entries = {i.symbol for i in program.library if isinstance(i, n.LibraryEntry)}
    return "lua_base_require" in entries or any(_lets_globals_out(f) for f in program.functions)


def _lets_globals_out(function: Function) -> bool:
    """Whether the table of globals is more than the object of an access by a constant name, or unused."""
    moved: set[int] = set()
    read: set[int] = set()
    for node in all_nodes(function):
        read.update(reads(node))
        match node:
            case n.Move(dst=dst, src=src) if _is_globals(src):
                moved.add(dst)
            case n.Index(key=key) | n.SetIndex(key=key) if _is_name(key):
                if isinstance(node, n.SetIndex) and _is_globals(node.value):
                    return True
            case _:
                if any(_is_globals(o) for o in _operands(node)):
                    return True
    return bool(moved & read)


def _is_globals(operand: object) -> bool:
    return isinstance(operand, Const) and operand.type is Type.TABLE


def _is_name(key: Operand) -> bool:
    return isinstance(key, Const) and isinstance(key.value, bytes)


def _operands(node: Node) -> Iterator[object]:
    """What stands in the fields of a node, rows of operands taken apart."""
    for field in getattr(node, "__slots__", ()):
        content = getattr(node, field)
        if isinstance(content, tuple):
            yield from content
        else:
            yield content
