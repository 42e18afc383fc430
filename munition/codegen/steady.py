# SPDX-License-Identifier: MIT
"""Library functions in globals that a program never changes: reads find what the library put there, calls call that."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from munition.ir import nodes as n
from munition.ir.control_flow import all_nodes
from munition.ir.nodes import Const, Function, Node, Operand, Register
from munition.ir.program import LibraryEntry, Program
from munition.ir.types import Type
from munition.ir.uses import reads, writes


class Steadiness(Struct, frozen=True):
    """What is certain about a program.

    Attributes:
        finds: every read of a field or an item is one of a global that the library put there.
        calls: every call calls such a function, or one of the program by name.
        called: the library functions that are called so; None if they may also be called in another way.
        texts: every argument of these calls is a string.
    """

    finds: bool
    calls: bool
    called: frozenset[str] | None
    texts: bool


NOTHING_CERTAIN = Steadiness(finds=False, calls=False, called=None, texts=False)


def find_steadiness(program: Program, *, globals_are_known: bool) -> Steadiness:
    """Look at all functions; `globals_are_known`: nothing reaches the globals but by names in the program's text."""
    library = {
        i.path[0].encode(): i.symbol
        for i in program.library
        if isinstance(i, LibraryEntry) and len(i.path) == 1
    }
    if not globals_are_known:
        return NOTHING_CERTAIN
    for function in program.functions:
        if any(isinstance(node, n.SetIndex | n.Append | n.CallRuntime) for node in all_nodes(function.body)):
            return NOTHING_CERTAIN
    found = [_look(function, library) for function in program.functions]
    called: frozenset[str] | None = frozenset()
    for one in found:
        called = None if called is None or one.called is None else called | one.called
    return Steadiness(
        finds=all(f.finds for f in found),
        calls=all(f.calls for f in found),
        called=called,
        texts=all(f.texts for f in found),
    )


def _look(function: Function, library: Mapping[bytes, str]) -> Steadiness:
    names = _steady_registers(function, library)
    finds = calls = texts = True
    called: set[str] = set()
    elsewhere: set[Register] = set()
    for node in all_nodes(function.body):
        read = list(reads(node))
        match node:
            case n.Index():
                finds &= _library_name(node, library) is not None
            case n.Call(callee=callee, args=args) | n.TailCall(callee=callee, args=args):
                texts &= node.open is None and all(_is_string(o, function) for o in args)
                if isinstance(callee, Const):
                    called.add(str(callee.value))
                else:
                    read.remove(callee)
                    calls &= callee in names
                    called.update(names.get(callee, ()))
            case _:
                pass
        elsewhere.update(read)
    return Steadiness(finds, calls, None if elsewhere & names.keys() else frozenset(called), texts)


def _steady_registers(function: Function, library: Mapping[bytes, str]) -> dict[Register, set[str]]:
    """Registers that never hold anything but functions of the library -> their symbols."""
    found: dict[Register, set[str]] = {}
    other = set(range(function.parameters))
    for node in all_nodes(function.body):
        symbol = _library_name(node, library)
        for register in writes(node):
            if symbol is None:
                other.add(register)
            else:
                found.setdefault(register, set()).add(symbol)
    return {register: symbols for register, symbols in found.items() if register not in other}


def _library_name(node: Node, library: Mapping[bytes, str]) -> str | None:
    match node:
        case n.Index(object=Const(type=Type.TABLE), key=Const(value=bytes() as name)):
            return library.get(name)
        case _:
            return None


def _is_string(operand: Operand, function: Function) -> bool:
    if isinstance(operand, Const):
        return isinstance(operand.value, bytes)
    return function.registers[operand] is Type.STRING
