# SPDX-License-Identifier: MIT
"""Source text and positions in it, shared by every front end.

A `Source` is the text of one file as bytes (Lua strings are bytes, so offsets are byte offsets); a `Span` is a
half-open byte range of it. Line and column numbers are computed only when something is shown to a person.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import Final

_LINE_END: Final = re.compile(rb"\r\n|\n\r|\n|\r")


def shown_name(name: str) -> str:
    r"""The name of a file as text: a byte of it that is not UTF-8 becomes an escape such as `\\udcff`."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range `[start, end)` of byte offsets in a source."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Position:
    """A place as a person counts it: line and column start at 1; columns count characters."""

    line: int
    column: int


@dataclass(frozen=True)
class Source:
    """The text of one file and the name it is shown under (never an absolute path)."""

    name: str
    text: bytes

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Byte offset of the first byte of each line. A line ends as in Lua: LF, CR, or both in either order."""
        starts = [0]
        if b"\r" in self.text:
            starts.extend(match.end() for match in _LINE_END.finditer(self.text))
            return tuple(starts)
        find = self.text.find
        at = find(b"\n")
        while at >= 0:
            starts.append(at + 1)
            at = find(b"\n", at + 1)
        return tuple(starts)

    def line_of(self, offset: int) -> int:
        """The 1-based line that holds the byte at `offset`."""
        return bisect_right(self.line_starts, offset)

    def position(self, offset: int) -> Position:
        """The place of the byte at `offset`; undecodable bytes count as one character each."""
        line = self.line_of(offset)
        prefix = self.text[self.line_starts[line - 1] : offset]
        return Position(line, len(prefix.decode("utf-8", "replace")) + 1)

    def line_bytes(self, line: int) -> bytes:
        """The bytes of 1-based `line` without its line end."""
        start = self.line_starts[line - 1]
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip(b"\r\n")

    def line_text(self, line: int) -> str:
        """The text of 1-based `line` without its line end; undecodable bytes are replaced."""
        return self.line_bytes(line).decode("utf-8", "replace")
