# SPDX-License-Identifier: MIT
"""IR as text, for `--emit ir`, tests and people. Iterative: regions nest as deeply as the source does."""

from __future__ import annotations

from typing import cast

from munition.ir import nodes as n
from munition.ir.nodes import Const, Function, Node, Site
from munition.ir.program import LibraryItem, LibraryTable, Program
from munition.ir.types import Type


def pretty_program(program: Program) -> str:
    """Every function of a program."""
    head = [
        f"program {program.source_name.decode('utf-8', 'replace')!r} main {program.main!r} statics {program.statics}"
    ]
    head += [f"library {_library_name(item)}" for item in program.library]
    head += [f"export {item.export!r} = {item.name!r}" for item in program.exports]
    return "\n".join([*head, *(pretty_function(f) for f in program.functions)]) + "\n"


def _library_name(item: LibraryItem) -> str:
    return item.name if isinstance(item, LibraryTable) else ".".join(item.path)


def pretty_function(function: Function) -> str:
    """One function: a header, its typed registers, and one line an instruction."""
    registers = " ".join(f"r{i}:{t.name.lower()}" for i, t in enumerate(function.registers))
    vararg = " ..." if function.vararg else ""
    out = [
        f"\nfunction {function.symbol!r} parameters {function.parameters}{vararg}",
        f"  registers {registers}",
    ]
    pending: list[tuple[int, Node | str]] = [(1, node) for node in reversed(function.body)]
    while pending:
        depth, item = pending.pop()
        if isinstance(item, str):
            out.append("  " * depth + item)
        else:
            pending.extend(reversed(_lines(depth, item)))
    return "\n".join(out)


def _lines(depth: int, node: Node) -> list[tuple[int, Node | str]]:
    """The text of a node: a line, and for regions their bodies one level deeper."""
    match node:
        case n.If():
            out: list[tuple[int, Node | str]] = [(depth, f"if {_operand(node.condition)}")]
            out += [(depth + 1, inner) for inner in node.then]
            if node.otherwise:
                out.append((depth, "else"))
                out += [(depth + 1, inner) for inner in node.otherwise]
            return out
        case n.Block() | n.Loop() | n.Try():
            name = type(node).__name__.lower()
            return [(depth, f"{name} L{node.label}"), *((depth + 1, inner) for inner in node.body)]
        case _:
            return [(depth, _instruction(node))]


def _instruction(node: Node) -> str:
    parts: list[str] = []
    target = ""
    for field in node.__struct_fields__:
        content = getattr(node, field)
        if field == "dst":
            target = "" if content is None else f"r{content} = "
        elif field == "dsts":
            target = ", ".join(f"r{d}" for d in content) + " = " if content else ""
        elif content is not None and content != () and content is not False:
            parts.append(_part(field, content))
    return f"{target}{type(node).__name__.lower()} {' '.join(parts)}".rstrip()


def _part(name: str, content: object) -> str:
    match content:
        case Site():
            names = "".join(f" {kind} {text.decode('utf-8', 'replace')!r}" for kind, text in _named(content))
            return f"@{content.line}{names}"
        case Const():
            return _operand(content)
        case Type():
            return content.name.lower()
        case tuple():
            return "(" + ", ".join(_operand(item) for item in cast("tuple[object, ...]", content)) + ")"
        case bool() | str():
            return f"{name}" if content is True else str(content)
        case n.ForRegisters():
            return f"counter r{content.counter} kind r{content.kind}"
        case int():
            return _int_part(name, content)
        case _:
            return repr(content)


def _named(site: Site) -> list[tuple[str, bytes]]:
    return [name for name in (site.name1, site.name2) if name is not None]


_NUMBER_FIELDS = frozenset({"array", "fields", "first", "line"})


def _int_part(name: str, content: int) -> str:
    if name in ("label", "default"):
        return f"L{content}"
    if name in _NUMBER_FIELDS:
        return f"{name}={content}"
    return f"open r{content}" if name in ("open", "count") else f"r{content}"


def _operand(operand: object) -> str:
    if isinstance(operand, Const):
        if operand.type is Type.VALUE or isinstance(operand.value, bytes):
            return "nil" if operand.value is None else repr(operand.value)
        return f"{operand.type.name.lower()} {operand.value!r}"
    return f"r{operand}"
