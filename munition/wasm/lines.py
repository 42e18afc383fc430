# SPDX-License-Identifier: MIT
"""The `munition:lines` custom section: from an offset in a module to a line of the source it was compiled from.

Format, all numbers LEB128: version (1); number of functions; then per function, by ascending function index: index minus
the previous one's (the first: minus 0); number of entries; per entry: offset in the body minus the previous entry's (the
first: minus 0), unsigned; line minus the previous entry's (the first: minus the last line of the function before, or 0),
signed. Offsets count from the start of the body (behind its size). A line holds from its offset to the next entry, the
last one to the end of the body.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from munition.wasm.cursor import Cursor
from munition.wasm.faults import invalid
from munition.wasm.leb import signed, unsigned
from munition.wasm.module import Kind
from munition.wasm.reader import read_module

if TYPE_CHECKING:
    from collections.abc import Mapping

    from munition.wasm.module import Module

SECTION: Final = "munition:lines"

_VERSION: Final = 1

Lines = tuple[tuple[int, int], ...]
"""Pairs (offset in a body, line), offsets ascending."""


@dataclass(frozen=True, slots=True)
class LineTable:
    """Where the lines of a module's functions lie.

    Attributes:
        starts: offset in the file of each body, ascending.
        ends: offset behind each body.
        lines: for each body, its entries; empty if nothing is known.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    lines: tuple[Lines, ...]

    def line_at(self, module_offset: int) -> int | None:
        """The source line of the instruction at an offset in the file, if it is known."""
        position = bisect_right(self.starts, module_offset) - 1
        if position < 0 or module_offset >= self.ends[position]:
            return None
        lines = self.lines[position]
        entry = bisect_right(lines, (module_offset - self.starts[position], 1 << 63)) - 1
        return lines[entry][1] if entry >= 0 else None


def encode_lines(lines: Mapping[int, Lines]) -> bytes:
    """The content of the section for function index -> entries."""
    out = [unsigned(_VERSION), unsigned(len(lines))]
    last_index = last_line = 0
    for index in sorted(lines):
        out += [unsigned(index - last_index), unsigned(len(lines[index]))]
        last_index = index
        last_offset = 0
        for offset, line in lines[index]:
            out += [unsigned(offset - last_offset), signed(line - last_line)]
            last_offset, last_line = offset, line
    return b"".join(out)


def decode_lines(content: bytes) -> dict[int, Lines]:
    """The inverse of `encode_lines`.

    Raises:
        InvalidModuleError: E240 or a more precise code.
    """
    cursor = Cursor(content, 0, len(content))
    version = cursor.u32()
    if version != _VERSION:
        raise invalid("E240", f"version {version} of the line table is not known", 0)
    found: dict[int, Lines] = {}
    index = line = 0
    for _ in range(cursor.count("functions with lines", 1_000_000, smallest=2)):
        index += cursor.u32()
        offset = 0
        entries: list[tuple[int, int]] = []
        for _ in range(cursor.count("line entries", 10_000_000, smallest=2)):
            offset += cursor.u32()
            line += cursor.signed(33)
            entries.append((offset, line))
        found[index] = tuple(entries)
    if cursor.pos != cursor.end:
        raise invalid("E240", "bytes left over in the line table", cursor.pos)
    return found


def read_line_table(data: bytes) -> LineTable | None:
    """The line table of the module in `data`; None if it has none.

    Raises:
        InvalidModuleError: `data` is no module, or the table does not follow its format.
    """
    return line_table(read_module(data))


def line_table(module: Module) -> LineTable | None:
    """The line table of a module that was read; None if it has none.

    Raises:
        InvalidModuleError: E240 or a more precise code, as the section is malformed.
    """
    section = module.custom(SECTION)
    if section is None:
        return None
    lines = decode_lines(section.content)
    imported = len(module.imported(Kind.FUNCTION))
    return LineTable(
        tuple(body.at for body in module.code),
        tuple(body.at + len(body.content) for body in module.code),
        tuple(lines.get(imported + position, ()) for position in range(len(module.code))),
    )
