# SPDX-License-Identifier: MIT
"""The `munition:lines` custom section: from an offset in a module to a line of the source it was compiled from.

Format, all numbers LEB128: version (2); number of functions; then per function, by ascending function index: index minus
the previous one's (the first: minus 0); number of entries; per entry: offset in the body minus the previous entry's (the
first: minus 0), unsigned; line minus the previous entry's (the first: minus the last line of the function before, or 0),
signed. Offsets count from the start of the body (behind its size). A line holds from its offset to the next entry, the
last one to the end of the body. Then, for programs of several files: number of files besides the main one; per file,
sorted by name: length of its name in bytes, the name in UTF-8, number of its functions, and per function, ascending, its
index minus the previous one's (the first: minus 0). Functions that no file lists are of the main one.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from munition.wasm.cursor import Cursor
from munition.wasm.faults import invalid
from munition.wasm.leb import signed, unsigned
from munition.wasm.module import Kind
from munition.wasm.reader import read_module

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from munition.wasm.module import Module

SECTION: Final = "munition:lines"

_VERSION: Final = 2
_MAX_NAME: Final = 4096

Lines = tuple[tuple[int, int], ...]
"""Pairs (offset in a body, line), offsets ascending."""


class LineTable(Struct, frozen=True):
    """Where the lines of a module's functions lie.

    Attributes:
        starts: offset in the file of each body, ascending.
        ends: offset behind each body.
        lines: for each body, its entries; empty if nothing is known.
        files: for each body, the file its lines are of; None for the main one.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    lines: tuple[Lines, ...]
    files: tuple[str | None, ...]

    def file_at(self, module_offset: int) -> str | None:
        """The source file of the instruction at an offset in the module; None for the main one, or if it is not known."""
        position = self._body_at(module_offset)
        return None if position is None else self.files[position]

    def line_at(self, module_offset: int) -> int | None:
        """The source line of the instruction at an offset in the module, if it is known."""
        position = self._body_at(module_offset)
        if position is None:
            return None
        lines = self.lines[position]
        entry = bisect_right(lines, (module_offset - self.starts[position], 1 << 63)) - 1
        return lines[entry][1] if entry >= 0 else None

    def _body_at(self, module_offset: int) -> int | None:
        position = bisect_right(self.starts, module_offset) - 1
        return None if position < 0 or module_offset >= self.ends[position] else position


def encode_lines(lines: Mapping[int, Lines], files: Mapping[str, Sequence[int]] | None = None) -> bytes:
    """The content of the section for function index -> entries, and file -> function indices, ascending."""
    out = [unsigned(_VERSION), unsigned(len(lines))]
    last_index = last_line = 0
    for index in sorted(lines):
        out += [unsigned(index - last_index), unsigned(len(lines[index]))]
        last_index = index
        last_offset = 0
        for offset, line in lines[index]:
            out += [unsigned(offset - last_offset), signed(line - last_line)]
            last_offset, last_line = offset, line
    files = files or {}
    out.append(unsigned(len(files)))
    for name in sorted(files):
        text = name.encode()
        out += [unsigned(len(text)), text, unsigned(len(files[name]))]
        out += (unsigned(index - last) for last, index in pairwise((0, *files[name])))
    return b"".join(out)


def decode_lines(content: bytes) -> tuple[dict[int, Lines], dict[int, str]]:
    """The inverse of `encode_lines`: entries and file by function index.

    Raises:
        InvalidModuleError: E240 or a more precise code.
    """
    cursor = Cursor(content, 0, len(content))
    version = cursor.u32()
    if version != _VERSION:
        raise invalid("E240", f"version {version} of the line table is not known", 0)
    found = _decode_functions(cursor)
    files: dict[int, str] = {}
    for _ in range(cursor.count("files with lines", 100_000, smallest=2)):
        name = _decode_name(cursor)
        index = 0
        for _ in range(cursor.count("functions of a file", 1_000_000, smallest=1)):
            index += cursor.u32()
            files[index] = name
    if cursor.pos != cursor.end:
        raise invalid("E240", "bytes left over in the line table", cursor.pos)
    return found, files


def _decode_functions(cursor: Cursor) -> dict[int, Lines]:
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
    return found


def _decode_name(cursor: Cursor) -> str:
    at = cursor.pos
    text = cursor.take(cursor.count("bytes of a file's name", _MAX_NAME, smallest=1))
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        raise invalid("E240", "the name of a file in the line table is not UTF-8", at) from None


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
    lines, files = decode_lines(section.content)
    imported = len(module.imported(Kind.FUNCTION))
    return LineTable(
        tuple(body.at for body in module.code),
        tuple(body.at + len(body.content) for body in module.code),
        tuple(lines.get(imported + position, ()) for position in range(len(module.code))),
        tuple(files.get(imported + position) for position in range(len(module.code))),
    )
