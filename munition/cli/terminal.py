# SPDX-License-Identifier: MIT
"""Where the output of a command goes: bytes of a guest to a pipe as they are, to a terminal made harmless."""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import re
import sys
from typing import IO, Final, TextIO

# Everything that can move a cursor, recolour, ring, or reorder what a person reads. Newline and tab are left.
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """`text` with control characters other than newline and tab written as escapes."""
    return _CONTROL.sub(lambda found: _escaped(ord(found.group())), text)


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


class OutputError(Exception):
    """The host's own output could not be written; the run has no reader any more.

    Attributes:
        quiet: the reader closed its end, as `head` does: nothing needs to be said.
    """

    def __init__(self, error: OSError) -> None:
        """Keep why, and whether anyone needs to be told."""
        super().__init__(error.strerror or str(error))
        self.quiet = error.errno in {errno.EPIPE, errno.ESHUTDOWN}


class ByteSink:
    """Writes a guest's bytes to one standard stream: unchanged to a pipe or file, harmless to a terminal.

    `write` may be called from the thread a guest runs on, where an exception would be lost; so a failed write is kept
    and raised by `finish`.
    """

    def __init__(self, stream: TextIO | None, *, raw: bool = False) -> None:
        """`raw` passes control characters to a terminal too; no stream (`>&-`) is one that cannot be written."""
        self._stream = stream
        self._terminal = is_terminal(stream)
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._escape = self._terminal and not raw
        self._error: OSError | None = None

    @property
    def failed(self) -> bool:
        """Whether a write has failed; later ones are dropped."""
        return self._error is not None

    def write(self, data: bytes) -> None:
        """Pass on `data`; a character that is cut in two is held back until its rest comes."""
        self._put(self._decoded(data, final=False) if self._escape else data)

    def settle(self) -> None:
        """Write what was held back and flush; a failure is kept."""
        if self._escape:
            self._put(self._decoded(b"", final=True))
        self._attempt(b"", flush=True)

    def finish(self) -> None:
        """Write what was held back and flush.

        Raises:
            OutputError: something could not be written.
        """
        self.settle()
        if self._error is not None:
            raise OutputError(self._error)

    def _decoded(self, data: bytes, *, final: bool) -> bytes:
        return harmless(self._decoder.decode(data, final)).encode("utf-8", "backslashreplace")

    def _put(self, data: bytes) -> None:
        if data:
            self._attempt(data, flush=self._terminal)

    def _attempt(self, data: bytes, *, flush: bool) -> None:
        if self._error is not None or (self._stream is None and not data):
            return
        try:
            out: IO[bytes] = self._stream.buffer  # type: ignore[union-attr]
            out.write(data)
            if flush:
                out.flush()
        except OSError as error:
            self._error = error
        except (ValueError, AttributeError):  # closed, or never there
            self._error = OSError(errno.EBADF, "standard output is closed")


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person is looking at `stream`, which is None when it was closed from the start."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def coloured(stream: TextIO | None) -> bool:
    """Whether colours may be used: on a terminal that has them, unless NO_COLOR is set (to anything but nothing)."""
    return (
        is_terminal(stream)
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "") not in {"", "dumb"}
    )


def put_line(text: str) -> None:
    """Write one line to standard output.

    Raises:
        OutputError: it cannot be written.
    """
    put_bytes(text.encode("utf-8", "backslashreplace") + b"\n")


def put_bytes(data: bytes) -> None:
    """Write bytes to standard output, unchanged.

    Raises:
        OutputError: they cannot be written.
    """
    sink = ByteSink(sys.stdout, raw=True)
    sink.write(data)
    sink.finish()


def note(text: str) -> None:
    """Write one line to standard error; a standard error that is gone stays silent."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


_STYLES: Final = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "note": "\x1b[1;36m"}
_HEAD: Final = re.compile(r"(error|warning|note)(\[[A-Z]\d+\])?(?=: )")
_MARKS: Final = re.compile(r"^(\s*)(-->|\|(?=\s*\^)|= help:)")
_RESET: Final = "\x1b[0m"
_BLUE: Final = "\x1b[1;34m"


def complain(text: str) -> None:
    """Show a diagnostic or message on standard error, made harmless, coloured where that helps."""
    safe = harmless(text)
    note("\n".join(map(_paint, safe.split("\n"))) if coloured(sys.stderr) else safe)


def _paint(line: str) -> str:
    head = _HEAD.match(line)
    if head:
        return f"{_STYLES[head.group(1)]}{head.group()}{_RESET}\x1b[1m{line[head.end() :]}{_RESET}"
    return _MARKS.sub(lambda found: f"{found.group(1)}{_BLUE}{found.group(2)}{_RESET}", line)
