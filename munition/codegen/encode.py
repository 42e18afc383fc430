# SPDX-License-Identifier: MIT
"""A buffer that WebAssembly instructions are written into, with relocations, lines and branch depths."""

from __future__ import annotations

from functools import cache
from typing import Final

from munition.wasm.link_unit import INDEX_PLACEHOLDER, CallRelocation, Relocation, TypeRelocation
from munition.wasm.types import FuncType


@cache
def uleb(value: int) -> bytes:
    """`value` as unsigned LEB128."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


@cache
def sleb(value: int) -> bytes:
    """`value` as signed LEB128."""
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value & 0x7F)
    return bytes(out)


VOID: Final = 0x40

# Opcodes by name, for the instructions the generator uses.
OPCODES: Final = {
    "unreachable": 0x00, "block": 0x02, "loop": 0x03, "if": 0x04, "else": 0x05, "end": 0x0B,
    "br": 0x0C, "br_if": 0x0D, "br_table": 0x0E, "return": 0x0F, "call": 0x10, "call_indirect": 0x11,
    "return_call": 0x12, "return_call_indirect": 0x13, "drop": 0x1A, "select": 0x1B,
    "local.get": 0x20, "local.set": 0x21, "local.tee": 0x22,
    "i32.load": 0x28, "i64.load": 0x29, "f64.load": 0x2B, "i32.load8_u": 0x2D,
    "i32.store": 0x36, "i64.store": 0x37, "f64.store": 0x39,
    "i32.const": 0x41, "i64.const": 0x42, "f64.const": 0x44,
    "i32.eqz": 0x45, "i32.eq": 0x46, "i32.ne": 0x47, "i32.lt_s": 0x48, "i32.lt_u": 0x49, "i32.gt_s": 0x4A,
    "i32.gt_u": 0x4B, "i32.le_s": 0x4C, "i32.le_u": 0x4D, "i32.ge_s": 0x4E, "i32.ge_u": 0x4F,
    "i64.eqz": 0x50, "i64.eq": 0x51, "i64.ne": 0x52, "i64.lt_s": 0x53, "i64.lt_u": 0x54, "i64.gt_s": 0x55,
    "i64.gt_u": 0x56, "i64.le_s": 0x57, "i64.le_u": 0x58, "i64.ge_s": 0x59, "i64.ge_u": 0x5A,
    "f64.eq": 0x61, "f64.ne": 0x62, "f64.lt": 0x63, "f64.gt": 0x64, "f64.le": 0x65, "f64.ge": 0x66,
    "i32.add": 0x6A, "i32.sub": 0x6B, "i32.mul": 0x6C, "i32.and": 0x71, "i32.or": 0x72, "i32.xor": 0x73,
    "i32.shl": 0x74, "i32.shr_u": 0x76,
    "i64.add": 0x7C, "i64.sub": 0x7D, "i64.mul": 0x7E, "i64.div_s": 0x7F, "i64.div_u": 0x80, "i64.rem_s": 0x81,
    "i64.and": 0x83, "i64.or": 0x84, "i64.xor": 0x85, "i64.shl": 0x86, "i64.shr_s": 0x87, "i64.shr_u": 0x88,
    "f64.abs": 0x99, "f64.neg": 0x9A, "f64.ceil": 0x9B, "f64.floor": 0x9C, "f64.trunc": 0x9D, "f64.sqrt": 0x9F,
    "f64.add": 0xA0, "f64.sub": 0xA1, "f64.mul": 0xA2, "f64.div": 0xA3, "f64.min": 0xA4, "f64.max": 0xA5,
    "i32.wrap_i64": 0xA7, "i64.extend_i32_s": 0xAC, "i64.extend_i32_u": 0xAD, "f64.convert_i64_s": 0xB9,
    "i64.reinterpret_f64": 0xBD, "f64.reinterpret_i64": 0xBF,
}  # fmt: skip


class Code:
    """Instructions of one function, in the order they are written.

    Attributes:
        buffer: the bytes so far (without local declarations).
        relocations: offsets count from the start of `buffer`.
        lines: (offset, line) pairs.
        depth: number of open blocks.
    """

    __slots__ = ("buffer", "depth", "lines", "relocations")

    def __init__(self) -> None:
        """Start empty."""
        self.buffer = bytearray()
        self.relocations: list[Relocation] = []
        self.lines: list[tuple[int, int]] = []
        self.depth = 0

    def op(self, *names: str) -> None:
        """Instructions without immediates."""
        for name in names:
            self.buffer.append(OPCODES[name])

    def get(self, local: int) -> None:
        """local.get."""
        self.buffer.append(0x20)
        self.buffer += uleb(local)

    def set(self, local: int) -> None:
        """local.set."""
        self.buffer.append(0x21)
        self.buffer += uleb(local)

    def tee(self, local: int) -> None:
        """local.tee."""
        self.buffer.append(0x22)
        self.buffer += uleb(local)

    def i32(self, value: int) -> None:
        """i32.const; `value` may be given signed or unsigned."""
        self.buffer.append(0x41)
        self.buffer += sleb(value - (1 << 32) if value >= 1 << 31 else value)

    def i64(self, value: int) -> None:
        """i64.const."""
        self.buffer.append(0x42)
        self.buffer += sleb(value - (1 << 64) if value >= 1 << 63 else value)

    def f64_bits(self, bits: bytes) -> None:
        """f64.const, from its 8 bytes."""
        self.buffer.append(0x44)
        self.buffer += bits

    def memory(self, name: str, offset: int, align: int) -> None:
        """A load or store."""
        self.buffer.append(OPCODES[name])
        self.buffer.append(align)
        self.buffer += uleb(offset)

    def load32(self, offset: int = 0) -> None:
        """i32.load."""
        self.memory("i32.load", offset, 2)

    def load64(self, offset: int = 0) -> None:
        """i64.load."""
        self.memory("i64.load", offset, 3)

    def store32(self, offset: int = 0) -> None:
        """i32.store."""
        self.memory("i32.store", offset, 2)

    def store64(self, offset: int = 0) -> None:
        """i64.store."""
        self.memory("i64.store", offset, 3)

    def copy_memory(self) -> None:
        """memory.copy (destination, source, length on the stack)."""
        self.buffer += b"\xfc\x0a\x00\x00"

    def fill_memory(self) -> None:
        """memory.fill (destination, byte, length on the stack)."""
        self.buffer += b"\xfc\x0b\x00"

    def call(self, symbol: str) -> None:
        """Call a function by symbol."""
        self._call("call", symbol)

    def return_call(self, symbol: str) -> None:
        """Tail-call a function by symbol."""
        self._call("return_call", symbol)

    def _call(self, name: str, symbol: str) -> None:
        self.buffer.append(OPCODES[name])
        self.relocations.append(CallRelocation(len(self.buffer), symbol))
        self.buffer += INDEX_PLACEHOLDER

    def call_indirect(self, signature: FuncType, *, tail: bool = False) -> None:
        """Call through the table (slot on the stack)."""
        self.buffer.append(OPCODES["return_call_indirect" if tail else "call_indirect"])
        self.relocations.append(TypeRelocation(len(self.buffer), signature))
        self.buffer += INDEX_PLACEHOLDER
        self.buffer.append(0)

    def block(self, kind: str = "block", signature: FuncType | None = None) -> int:
        """Open a block, loop or if; returns its depth, for `branch`."""
        self.buffer.append(OPCODES[kind])
        if signature is None:
            self.buffer.append(VOID)
        else:
            self.relocations.append(TypeRelocation(len(self.buffer), signature))
            self.buffer += INDEX_PLACEHOLDER
        self.depth += 1
        return self.depth

    def if_(self, signature: FuncType | None = None) -> int:
        """Open an if (condition on the stack)."""
        return self.block("if", signature)

    def else_(self) -> None:
        """The other arm of an if."""
        self.buffer.append(0x05)

    def end(self) -> None:
        """Close the innermost block."""
        self.buffer.append(0x0B)
        self.depth -= 1

    def branch(self, target: int, *, conditional: bool = False) -> None:
        """Branch to the block opened at depth `target`."""
        self.buffer.append(0x0D if conditional else 0x0C)
        self.buffer += uleb(self.depth - target)

    def branch_table(self, targets: list[int], default: int) -> None:
        """br_table over blocks by depth."""
        self.buffer.append(OPCODES["br_table"])
        self.buffer += uleb(len(targets))
        for target in [*targets, default]:
            self.buffer += uleb(self.depth - target)

    def line(self, line: int) -> None:
        """What follows comes from this source line."""
        if not self.lines or self.lines[-1][1] != line:
            self.lines.append((len(self.buffer), line))
