# SPDX-License-Identifier: MIT
"""Function bodies decoded on demand: local declarations, then one instruction after the other.

Driven by the table in `munition.wasm.opcodes`; no recursion, whatever the nesting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from munition.wasm.cursor import Cursor
from munition.wasm.decode_types import SHORT_TYPES, heap_type, val_type
from munition.wasm.faults import invalid
from munition.wasm.limits import DEFAULT_LIMITS, Limits
from munition.wasm.opcodes import OPCODES, PREFIXES, Immediate, Opcode
from munition.wasm.types import ValType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_ANY_TYPE: Final = 1 << 32
"""Type indices are not bounded here: a body is decoded without its module."""


class MemArg(Struct, frozen=True):
    """The operand of a load or store: alignment as a power of two, byte offset, memory index."""

    align: int
    offset: int
    memory: int = 0


class BlockType(Struct, frozen=True):
    """The type of a block: a type index, or at most one result."""

    index: int | None = None
    result: ValType | None = None


class Heap(Struct, frozen=True):
    """A heap type operand: type index or abstract heap type (negative)."""

    heap: int
    nullable: bool


class Clause(Struct, frozen=True):
    """One clause of `try_table` (kind 0 to 3: catch, catch_ref, catch_all, catch_all_ref) or one handler of `resume`."""

    kind: int
    tag: int | None
    label: int | None


Operand: TypeAlias = (
    int | bytes | MemArg | BlockType | Heap | tuple[int, ...] | tuple[ValType, ...] | tuple[Clause, ...]
)


class Instruction(Struct, frozen=True):
    """One instruction: where it starts in the file, which it is, and its operands (floats as their bytes)."""

    offset: int
    opcode: Opcode
    operands: tuple[Operand, ...]


class Locals(Struct, frozen=True):
    """`count` local variables of one type."""

    count: int
    type: ValType


def read_locals(cursor: Cursor, limits: Limits = DEFAULT_LIMITS) -> tuple[Locals, ...]:
    """The local declarations at the start of a body, which `cursor` moves past.

    Raises:
        InvalidModuleError: E217 for more locals than `limits` allow, or what is wrong with the encoding.
    """
    groups: list[Locals] = []
    total = 0
    for _ in range(cursor.count("local declarations", limits.locals, smallest=2)):
        start = cursor.pos
        count = cursor.u32()
        total += count
        if total > limits.locals:
            raise invalid("E217", f"{total} local variables, more than the limit of {limits.locals}", start)
        groups.append(Locals(count, val_type(cursor, _ANY_TYPE)))
    return tuple(groups)


def instructions(
    data: bytes, start: int = 0, end: int | None = None, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Instruction]:
    """The instructions of the body `data[start:end]`, its final `end` included. Blocks must nest and end with the body.

    Args:
        data: the file, or just the content of a body. Offsets of instructions and errors are positions in it.
        start: where the body (its local declarations) starts: `Body.at` when `data` is the file.
        end: where the body ends; None for the end of `data`.
        limits: see `read_locals`.

    Raises:
        InvalidModuleError: while the iterator advances: E231 for an unknown opcode, E232 for blocks that do not match,
            E233 for a malformed operand, or what is wrong with the encoding.
    """
    cursor = Cursor(data, start, len(data) if end is None else end)
    read_locals(cursor, limits)
    nesting = Nesting()
    while nesting.depth:
        instruction = read_instruction(cursor)
        nesting.step(instruction)
        yield instruction
    if cursor.pos != cursor.end:
        raise invalid("E232", "instructions behind the final `end` of a function", cursor.pos)


def read_instruction(cursor: Cursor) -> Instruction:
    """The instruction at the cursor.

    Raises:
        InvalidModuleError: E231, E233, or what is wrong with the encoding.
    """
    offset = cursor.pos
    key = cursor.byte()
    if key in PREFIXES:
        key = key << 12 | min(cursor.u32(), 0xFFF)
    opcode = OPCODES.get(key)
    if opcode is None:
        raise invalid("E231", f"unknown instruction {cursor.data[offset : cursor.pos].hex(' ')}", offset)
    if not opcode.immediates:
        return Instruction(offset, opcode, ())
    return Instruction(offset, opcode, tuple([_READ[i](cursor) for i in opcode.immediates]))


class Nesting:
    """Follows how the blocks of a body open and close; `depth` is 0 behind the body's final `end`."""

    __slots__ = ("open",)

    def __init__(self) -> None:
        self.open = ["function"]

    @property
    def depth(self) -> int:
        """How many blocks are open, the function's own included."""
        return len(self.open)

    def step(self, instruction: Instruction) -> None:
        """Take one instruction into account.

        Raises:
            InvalidModuleError: E232: it may not stand where it does.
        """
        name = instruction.opcode.name
        if name in _OPENS:
            self.open.append(name)
        elif name == "end":
            self.open.pop()
        elif name in _CONTINUES:
            allowed, becomes = _CONTINUES[name]
            if self.open[-1] not in allowed:
                raise invalid("E232", f"`{name}` inside `{self.open[-1]}`", instruction.offset)
            self.open.pop()
            if becomes is not None:
                self.open.append(becomes)


_OPENS: Final = frozenset({"block", "loop", "if", "try", "try_table"})
_CONTINUES: Final[Mapping[str, tuple[frozenset[str], str | None]]] = {
    "else": (frozenset({"if"}), "else"),
    "catch": (frozenset({"try", "catch"}), "catch"),
    "catch_all": (frozenset({"try", "catch"}), "catch_all"),
    "delegate": (frozenset({"try"}), None),
}
"""Instructions that end one part of a block: the parts they may end, and the part they begin."""


def _mem_arg(cursor: Cursor) -> MemArg:
    start = cursor.pos
    flags = cursor.u32()
    if flags > 0x7F:
        raise invalid("E233", f"unknown alignment or flags {flags} of a memory access", start)
    memory = cursor.u32() if flags & 0x40 else 0
    return MemArg(flags & 0x3F, cursor.u64(), memory)


def _block_type(cursor: Cursor) -> BlockType:
    code = cursor.peek()
    if code == 0x40:
        cursor.byte()
        return BlockType()
    if code in SHORT_TYPES or code in {0x63, 0x64}:
        return BlockType(result=val_type(cursor, _ANY_TYPE))
    start = cursor.pos
    index = cursor.signed(33)
    if index < 0:
        raise invalid("E233", "unknown block type", start)
    return BlockType(index)


def _labels(cursor: Cursor) -> tuple[int, ...]:
    """Targets of `br_table`, the default last."""
    count = cursor.count("branch targets", _ANY_TYPE)
    raw = cursor.data[cursor.pos : min(cursor.pos + count + 1, cursor.end)]
    if len(raw) == count + 1 and raw.isascii():  # each of one byte
        cursor.pos += count + 1
        return tuple(raw)
    return tuple([cursor.u32() for _ in range(count + 1)])


def _val_types(cursor: Cursor) -> tuple[ValType, ...]:
    return tuple([val_type(cursor, _ANY_TYPE) for _ in range(cursor.count("types", 1000))])


def _cast(cursor: Cursor) -> tuple[int, ...]:
    """Flags, label, source and target heap type of `br_on_cast`."""
    start = cursor.pos
    flags = cursor.byte()
    if flags > 3:
        raise invalid("E233", f"unknown cast flags {flags}", start)
    return (flags, cursor.u32(), heap_type(cursor, _ANY_TYPE), heap_type(cursor, _ANY_TYPE))


def _catch(cursor: Cursor) -> Clause:
    start = cursor.pos
    kind = cursor.byte()
    if kind > 3:
        raise invalid("E233", f"unknown kind of catch clause {kind}", start)
    return Clause(kind, cursor.u32() if kind < 2 else None, cursor.u32())


def _catches(cursor: Cursor) -> tuple[Clause, ...]:
    return tuple([_catch(cursor) for _ in range(cursor.count("catch clauses", _ANY_TYPE, smallest=2))])


def _handler(cursor: Cursor) -> Clause:
    start = cursor.pos
    kind = cursor.byte()
    if kind > 1:
        raise invalid("E233", f"unknown kind of handler {kind}", start)
    return Clause(kind, cursor.u32(), cursor.u32() if kind == 0 else None)


def _handlers(cursor: Cursor) -> tuple[Clause, ...]:
    return tuple([_handler(cursor) for _ in range(cursor.count("handlers", _ANY_TYPE, smallest=2))])


def _lanes(cursor: Cursor) -> tuple[int, ...]:
    lanes = cursor.take(16)
    if max(lanes) > 31:
        raise invalid("E233", "a lane number above 31", cursor.pos - 16)
    return tuple(lanes)


def _zero(cursor: Cursor) -> int:
    start = cursor.pos
    if cursor.byte():
        raise invalid("E233", "a byte that must be zero is not", start)
    return 0


_READ: Final[Mapping[Immediate, Callable[[Cursor], Operand]]] = {
    **dict.fromkeys(
        (
            Immediate.LABEL,
            Immediate.FUNCTION,
            Immediate.TYPE,
            Immediate.LOCAL,
            Immediate.GLOBAL,
            Immediate.TABLE,
            Immediate.MEMORY,
            Immediate.DATA,
            Immediate.ELEMENT,
            Immediate.TAG,
            Immediate.FIELD,
            Immediate.COUNT,
        ),
        Cursor.u32,
    ),
    Immediate.BLOCK: _block_type,
    Immediate.LABELS: _labels,
    Immediate.I32: lambda c: c.signed(32),
    Immediate.I64: lambda c: c.signed(64),
    Immediate.F32: lambda c: c.take(4),
    Immediate.F64: lambda c: c.take(8),
    Immediate.V128: lambda c: c.take(16),
    Immediate.SHUFFLE: _lanes,
    Immediate.LANE: Cursor.byte,
    Immediate.MEMARG: _mem_arg,
    Immediate.VALTYPES: _val_types,
    Immediate.HEAP: lambda c: Heap(heap_type(c, _ANY_TYPE), nullable=False),
    Immediate.HEAP_NULL: lambda c: Heap(heap_type(c, _ANY_TYPE), nullable=True),
    Immediate.CAST: _cast,
    Immediate.CATCHES: _catches,
    Immediate.HANDLERS: _handlers,
    Immediate.ZERO: _zero,
}
