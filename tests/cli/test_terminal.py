# SPDX-License-Identifier: MIT
from __future__ import annotations

import errno
import io
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from munition.cli.compiling import waiting
from munition.cli.terminal import ByteSink, OutputError, coloured, harmless
from munition.source import Source


class Screen(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Full(io.RawIOBase):
    """A stream that cannot be written."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        raise OSError(self.number, "no")


def sent(chunks: list[bytes], *, terminal: bool, raw: bool = False) -> bytes:
    buffer = io.BytesIO()
    stream = (Screen if terminal else io.TextIOWrapper)(buffer, encoding="utf-8")
    sink = ByteSink(stream, raw=raw)
    for chunk in chunks:
        sink.write(chunk)
    sink.finish()
    return buffer.getvalue()


@given(st.lists(st.binary()))
def test_a_pipe_gets_exactly_the_bytes(chunks: list[bytes]) -> None:
    assert sent(chunks, terminal=False) == b"".join(chunks)


@given(st.lists(st.binary()))
def test_raw_gives_a_terminal_exactly_the_bytes(chunks: list[bytes]) -> None:
    assert sent(chunks, terminal=True, raw=True) == b"".join(chunks)


@given(st.binary(), st.integers(0, 100))
def test_a_terminal_gets_no_control_character_wherever_the_text_is_cut(data: bytes, cut: int) -> None:
    shown = sent([data[:cut], data[cut:]], terminal=True).decode("utf-8")
    assert not any(ord(char) < 0x20 and char not in "\n\t" for char in shown)
    assert not any(0x7F <= ord(char) < 0xA0 for char in shown)
    assert shown == sent([data], terminal=True).decode("utf-8")


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"])))
def test_a_terminal_gets_honest_text_as_it_is(text: str) -> None:
    data = text.encode()
    assert sent([data[i : i + 1] for i in range(len(data))], terminal=True) == data


def test_what_a_hostile_line_looks_like() -> None:
    assert harmless("a\x1b[31mb\r\x07\n\tc\u202ed\x9b") == "a\\x1b[31mb\\x0d\\x07\n\tc\\u202ed\\x9b"


@pytest.mark.parametrize(("number", "quiet"), [(errno.EPIPE, True), (errno.ENOSPC, False)])
def test_a_failed_write_is_kept_until_the_end(number: int, quiet: bool) -> None:
    sink = ByteSink(io.TextIOWrapper(io.BufferedWriter(Full(number), 1)))
    sink.write(b"some text")
    sink.write(b"more")
    assert sink.failed
    with pytest.raises(OutputError) as caught:
        sink.finish()
    assert caught.value.quiet is quiet


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({}, False),
    ],
)
def test_when_a_terminal_is_coloured(
    environment: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert coloured(Screen(io.BytesIO())) is expected
    assert not coloured(io.TextIOWrapper(io.BytesIO()))


@pytest.mark.parametrize(
    ("size", "terminal", "quiet", "shown"),
    [
        (200_000, True, False, True),
        (200_000, True, True, False),
        (200_000, False, False, False),
        (1_000, True, False, False),
    ],
)
def test_a_long_compilation_shows_that_it_is_under_way(
    monkeypatch: pytest.MonkeyPatch, size: int, terminal: bool, quiet: bool, shown: bool
) -> None:
    buffer = io.BytesIO()
    stream = (Screen if terminal else io.TextIOWrapper)(buffer, encoding="utf-8")
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    with waiting(Source("[red]\x07.lua", b" " * size), quiet=quiet):
        pass
    stream.flush()
    text = buffer.getvalue()
    assert (b"[red]\\x07.lua" in text) == shown
    assert b"\x07" not in text
    assert bool(text) == shown
