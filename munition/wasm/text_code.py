# SPDX-License-Identifier: MIT
"""Instructions in the text format, flat: one line each, indented by nesting."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from munition.errors import InvalidModuleError
from munition.wasm import text
from munition.wasm.cursor import Cursor
from munition.wasm.instructions import (
    BlockType,
    Clause,
    Heap,
    Instruction,
    MemArg,
    Operand,
    instructions,
    read_instruction,
)
from munition.wasm.opcodes import Immediate
from munition.wasm.types import NumType, RefType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from munition.wasm.lines import LineTable
    from munition.wasm.module import Body

# Deeper blocks are not indented further, so that the text stays linear in the size of the code.
_DEEPEST: Final = 40

_OPENS: Final = frozenset({"block", "loop", "if", "try", "try_table", "else", "catch", "catch_all"})
_CLOSES: Final = frozenset({"end", "else", "catch", "catch_all", "delegate"})
_CATCHES: Final = ("catch", "catch_ref", "catch_all", "catch_all_ref")
_WIDTH: Final = re.compile(r"\.(?:atomic\.)?(?:load|store|rmw|wait)(\d+)?(x\d)?")
_TYPE_BYTES: Final = {"i32": 4, "f32": 4, "i64": 8, "f64": 8, "v128": 16}

_REVERSED: Final = frozenset({"call_indirect", "return_call_indirect", "memory.init", "table.init"})
"""Instructions whose operands the text format puts the other way round."""

_OPTIONAL_ZERO: Final = frozenset({Immediate.TABLE, Immediate.MEMORY})
"""Operands left out when all of them are 0."""


class Spaces(Struct, frozen=True):
    """Identifiers by index space; an index without one is shown as a number."""

    types: Mapping[int, str]
    functions: Mapping[int, str]
    tables: Mapping[int, str]
    memories: Mapping[int, str]
    globals: Mapping[int, str]
    tags: Mapping[int, str]
    elements: Mapping[int, str]
    data: Mapping[int, str]

    def of(self, immediate: Immediate) -> Mapping[int, str]:
        """The index space an operand of this kind refers to."""
        match immediate:
            case Immediate.TYPE:
                return self.types
            case Immediate.FUNCTION:
                return self.functions
            case Immediate.TABLE:
                return self.tables
            case Immediate.MEMORY:
                return self.memories
            case Immediate.GLOBAL:
                return self.globals
            case Immediate.TAG:
                return self.tags
            case Immediate.ELEMENT:
                return self.elements
            case Immediate.DATA:
                return self.data
            case _:
                return {}


def constant(expression: bytes, spaces: Spaces) -> str:
    """A constant expression, folded into one line of parentheses."""
    cursor = Cursor(expression, 0, len(expression) - 1)
    parts: list[str] = []
    while cursor.pos < cursor.end:
        parts.append(instruction_text(read_instruction(cursor), spaces))
    return f"({parts[0]})" if len(parts) == 1 else "(" + ") (".join(parts) + ")"


def body_lines(body: Body, spaces: Spaces, lines: LineTable | None = None) -> Iterator[str]:
    """The instructions of a body without its final `end`, indented by two and more; a comment where a line starts.

    What cannot be decoded is said in a comment instead.
    """
    depth = 0
    shown: int | None = None
    found = instructions(body.content)
    while True:
        try:
            instruction = next(found, None)
        except InvalidModuleError as error:
            yield f"  ;; cannot be decoded: {error.code} {error}"
            return
        if instruction is None:
            return
        if lines is not None and (line := lines.line_at(body.at + instruction.offset)) != shown:
            shown = line
            yield f"  ;; line {line}"
        name = instruction.opcode.name
        depth -= name in _CLOSES
        if depth < 0:
            return
        yield "  " * (1 + min(depth, _DEEPEST)) + instruction_text(instruction, spaces)
        depth += name in _OPENS


def instruction_text(instruction: Instruction, spaces: Spaces) -> str:
    """One instruction."""
    opcode = instruction.opcode
    pairs = tuple(zip(opcode.immediates, instruction.operands, strict=True))
    if opcode.name in _REVERSED:
        pairs = pairs[::-1]
    hidden = all(operand == 0 for kind, operand in pairs if kind in _OPTIONAL_ZERO)
    words = [
        _operand(kind, operand, opcode.name, spaces)
        for kind, operand in pairs
        if not (hidden and kind in _OPTIONAL_ZERO)
    ]
    return " ".join([opcode.name, *filter(None, words)])


def _operand(kind: Immediate, operand: Operand, name: str, spaces: Spaces) -> str:
    match operand:
        case int():
            word = spaces.of(kind).get(operand, str(operand))
            return f"(type {word})" if "call_indirect" in name and kind is Immediate.TYPE else word
        case bytes():
            return text.float_text(operand) if len(operand) < 16 else _vector(operand)
        case MemArg():
            return _mem_arg(operand, name, spaces)
        case BlockType(index, result):
            if index is not None:
                return f"(type {spaces.types.get(index, str(index))})"
            return "" if result is None else f"(result {text.val_type(result, spaces.types)})"
        case Heap(heap, nullable):
            if name == "ref.null":
                return text.heap(heap, spaces.types)
            return f"(ref {'null ' if nullable else ''}{text.heap(heap, spaces.types)})"
        case tuple():
            return _tuple(kind, operand, spaces)


def _tuple(kind: Immediate, operand: tuple[object, ...], spaces: Spaces) -> str:
    if kind is Immediate.CAST:
        flags, label, source, target = (o for o in operand if isinstance(o, int))
        first, second = RefType(source, bool(flags & 1)), RefType(target, bool(flags & 2))
        return f"{label} {text.val_type(first, spaces.types)} {text.val_type(second, spaces.types)}"
    words: list[str] = []
    for item in operand:
        if isinstance(item, Clause):
            words.append(_clause(kind, item, spaces))
        elif isinstance(item, NumType | RefType):
            words.append(f"(result {text.val_type(item, spaces.types)})")
        else:
            words.append(str(item))
    return " ".join(words)


def _clause(kind: Immediate, clause: Clause, spaces: Spaces) -> str:
    tag = "" if clause.tag is None else f" {spaces.tags.get(clause.tag, str(clause.tag))}"
    if kind is Immediate.HANDLERS:
        return f"(on{tag} {'switch' if clause.label is None else clause.label})"
    return f"({_CATCHES[clause.kind]}{tag} {clause.label})"


def _vector(raw: bytes) -> str:
    return "i32x4 " + " ".join(f"0x{int.from_bytes(raw[i : i + 4], 'little'):08x}" for i in range(0, 16, 4))


def _mem_arg(operand: MemArg, name: str, spaces: Spaces) -> str:
    words = [spaces.memories.get(operand.memory, str(operand.memory))] if operand.memory else []
    if operand.offset:
        words.append(f"offset={operand.offset}")
    if 1 << operand.align != _natural_bytes(name):
        words.append(f"align={1 << operand.align}")
    return " ".join(words)


def _natural_bytes(name: str) -> int:
    """How many bytes an access touches, which is the alignment the text format assumes."""
    found = _WIDTH.search(name)
    if found is None:
        return 4
    if found[1] is None:
        return _TYPE_BYTES[name.partition(".")[0]]
    return 8 if found[2] else int(found[1]) // 8
