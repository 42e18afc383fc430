# SPDX-License-Identifier: MIT
"""Lines and positions of a source."""

from __future__ import annotations

import pytest

from munition.source import Position, Source


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n", b"\n\r"])
def test_every_line_end_of_lua_ends_a_line(end: bytes) -> None:
    source = Source("x.lua", b"one" + end + end + b"three")
    at = source.text.index(b"three")
    assert source.position(at) == Position(3, 1)
    assert [source.line_text(line) for line in (1, 2, 3)] == ["one", "", "three"]


def test_mixed_line_ends() -> None:
    source = Source("x.lua", b"a\n\n\rb\r\r\nc\n")
    assert [source.line_text(i + 1) for i in range(len(source.line_starts))] == ["a", "", "b", "", "c", ""]
