# SPDX-License-Identifier: MIT
"""A position in bytes nobody trusts: every step checks the end first."""

from __future__ import annotations

from munition.wasm.faults import invalid
from munition.wasm.leb import read_signed, read_unsigned


class Cursor:
    """Reads primitive values from `data[pos:end]` and moves `pos` past them.

    Every method raises `InvalidModuleError` (E210 to E217) rather than read at or beyond `end`.
    """

    __slots__ = ("data", "end", "pos")

    def __init__(self, data: bytes, pos: int, end: int) -> None:
        self.data = data
        self.pos = pos
        self.end = end

    def byte(self) -> int:
        """One byte."""
        pos = self.pos
        if pos >= self.end:
            raise invalid("E210", "unexpected end", pos)
        self.pos = pos + 1
        return self.data[pos]

    def peek(self) -> int:
        """The next byte, without moving."""
        if self.pos >= self.end:
            raise invalid("E210", "unexpected end", self.pos)
        return self.data[self.pos]

    def u32(self) -> int:
        """An unsigned 32-bit number."""
        pos = self.pos
        if pos < self.end and (byte := self.data[pos]) < 128:
            self.pos = pos + 1
            return byte
        value, self.pos = read_unsigned(self.data, pos, self.end, 32)
        return value

    def u64(self) -> int:
        """An unsigned 64-bit number."""
        value, self.pos = read_unsigned(self.data, self.pos, self.end, 64)
        return value

    def signed(self, bits: int) -> int:
        """A signed number of at most `bits` bits."""
        value, self.pos = read_signed(self.data, self.pos, self.end, bits)
        return value

    def count(self, what: str, limit: int, smallest: int = 1) -> int:
        """The length of a vector of `what` whose entries take at least `smallest` bytes each.

        The count is checked against the bytes that are left and against `limit`, so it may size an allocation.
        """
        start = self.pos
        count = self.u32()
        if count > limit:
            raise invalid("E217", f"{count} {what}, more than the limit of {limit}", start)
        if count * smallest > self.end - self.pos:
            raise invalid("E216", f"{count} {what} do not fit the {self.end - self.pos} bytes left", start)
        return count

    def take(self, size: int) -> bytes:
        """The next `size` bytes, copied."""
        pos = self.pos
        if size > self.end - pos:
            raise invalid("E210", f"unexpected end: {size} bytes wanted, {self.end - pos} left", pos)
        self.pos = pos + size
        return self.data[pos : pos + size]

    def inner(self, size: int) -> Cursor:
        """A cursor over the next `size` bytes, which this one moves past."""
        pos = self.pos
        if size > self.end - pos:
            raise invalid("E210", f"unexpected end: {size} bytes wanted, {self.end - pos} left", pos)
        self.pos = pos + size
        return Cursor(self.data, pos, pos + size)

    def name(self, limit: int) -> str:
        """A name of at most `limit` bytes of UTF-8."""
        start = self.pos
        size = self.u32()
        if size > limit:
            raise invalid("E217", f"a name of {size} bytes, more than the limit of {limit}", start)
        raw = self.take(size)
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise invalid("E212", "malformed UTF-8 in a name", self.pos - size + error.start) from None
