# SPDX-License-Identifier: MIT
"""What a program does with the host, as far as its text tells: it decides what the linker leaves out of the runtime."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from munition.codegen.steady import find_steadiness
from munition.ir import nodes as n
from munition.ir.control_flow import all_nodes
from munition.ir.nodes import Const, Function, Node, Operand
from munition.ir.program import (
    LibraryConstant,
    LibraryEntry,
    LibraryObject,
    LibraryTable,
    Program,
    RuntimeTable,
)
from munition.ir.types import Type
from munition.ir.uses import reads
from munition.runtime.gates import PARTS, Need
from munition.wasm.link_unit import Gate

# Names through which every global can be reached.
_ALL_GLOBALS: Final = frozenset({b"_G"})
_ARG: Final = b"arg"

_PRINT: Final = frozenset({"lua_base_print"})

# Functions of the library that give no float unless they were given one.
_WITHOUT_FLOATS: Final = frozenset(
    f"lua_base_{name}"
    for name in (
        "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "print", "rawequal", "rawget", "rawlen", "rawset",
        "select", "setmetatable", "tostring", "type", "xpcall",
    )
) | frozenset(
    f"lua_string_{name}"
    for name in ("byte", "char", "find", "format", "gsub", "len", "lower", "match", "rep", "reverse", "sub", "upper")
)  # fmt: skip
_RUNTIME_WITHOUT_FLOATS: Final = frozenset({"rt_close", "rt_check_closable", "rt_spread", "rt_throw_site"})


def find_gates(program: Program) -> tuple[Gate, ...]:
    """The gates of the runtime, without those that the program itself opens."""
    needs = find_needs(program)
    return tuple(Gate(part.functions, part.openers) for part in PARTS if not part.needs & needs)


def find_needs(program: Program) -> frozenset[Need]:
    """What the program may do, of what matters to the parts of the runtime."""
    found = _needs_of_entry(program) | _needs_of_library(program)
    any_global = _may_read_any_global(program)
    if any_global or _ARG in program.globals:
        found |= {Need.ARG, Need.ARGUMENTS, Need.TABLES}
    found |= _needs_of_calls(program, globals_are_known=not any_global)
    for function in program.functions:
        if Type.F64 in function.registers:
            found.add(Need.FLOATS)
        for node in all_nodes(function.body):
            found |= _needs_of_node(node)
    return frozenset(found)


def _needs_of_entry(program: Program) -> set[Need]:
    main = next(f for f in program.functions if f.symbol == program.main)
    found: set[Need] = set()
    if program.exports:
        found |= {Need.ARGUMENTS, Need.RESULTS}
    for node in all_nodes(main.body):
        if isinstance(node, n.Vararg):
            found.add(Need.ARGUMENTS)
        if isinstance(node, n.TailCall) or (
            isinstance(node, n.Return) and (node.values or node.open is not None)
        ):
            found.add(Need.RESULTS)
    return found


def _needs_of_calls(program: Program, *, globals_are_known: bool) -> set[Need]:
    found: set[Need] = set()
    steady = find_steadiness(program, globals_are_known=globals_are_known)
    if program.exports or len(program.functions) > 1 or not steady.calls:
        found |= {Need.DEPTH, Need.CALLS}
    if not steady.finds:
        found.add(Need.FIELDS)
    if steady.called is None or not steady.called <= _PRINT or not steady.texts:
        found.add(Need.TEXTS)
    return found


def _needs_of_library(program: Program) -> set[Need]:
    found: set[Need] = set()
    for item in program.library:
        table = item.name if isinstance(item, LibraryTable) else "".join(item.path[:-1])
        if table or isinstance(item, RuntimeTable):
            found.add(Need.TABLES)
        if table == "string":
            found.add(Need.STRING_METHODS)
        if isinstance(item, LibraryEntry) and item.symbol not in _WITHOUT_FLOATS:
            found.add(Need.FLOATS)
        if isinstance(item, LibraryConstant) and isinstance(item.value, float):
            found.add(Need.FLOATS)
    if program.object_types or any(isinstance(i, LibraryObject) for i in program.library):
        found |= {Need.METATABLES, Need.TABLES, Need.FLOATS}
    return found


def _needs_of_node(node: Node) -> set[Need]:
    found: set[Need] = set()
    for operand in _operands(node):
        if isinstance(operand, Const) and isinstance(operand.value, float):
            found.add(Need.FLOATS)
    match node:
        case n.Arith(op="pow"):
            found |= {Need.POWER, Need.FLOATS}
        case n.Arith(op="mod"):
            found.add(Need.REMAINDER)
        case n.Arith(op="div"):
            found.add(Need.FLOATS)
        case n.CallRuntime(symbol=symbol):
            if symbol not in _RUNTIME_WITHOUT_FLOATS:
                found |= {Need.FLOATS, Need.POWER, Need.REMAINDER}
        case _:
            pass
    return found


def _may_read_any_global(program: Program) -> bool:
    """Whether the globals may be read by names that are not known: `_G`, `_ENV` as a value, `require`."""
    if _ALL_GLOBALS & set(program.globals) or any(isinstance(i, RuntimeTable) for i in program.library):
        return True
    entries = {i.symbol for i in program.library if isinstance(i, LibraryEntry)}
    return "lua_base_require" in entries or any(_lets_globals_out(f) for f in program.functions)


def _lets_globals_out(function: Function) -> bool:
    """Whether the table of globals is more than the object of an access by a constant name, or unused."""
    moved: set[int] = set()
    read: set[int] = set()
    for node in all_nodes(function.body):
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
    for field in node.__struct_fields__:
        content = getattr(node, field)
        if isinstance(content, tuple):
            yield from content
        else:
            yield content
