# SPDX-License-Identifier: MIT
"""What a fire may use. Every value is checked where it is given, and the message names it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from munition.errors import UsageError, UsageTypeError
from munition.host.budget import Budget

PAGE: Final = 65536
MAX_FUEL: Final = (1 << 63) - 1
MAX_MEMORY: Final = 1 << 32
MAX_TIMEOUT: Final = 1_000_000.0
MAX_TABLE: Final = 10_000_000
MAX_BYTES: Final = 1 << 30
MAX_READ: Final = 1 << 40
MAX_HANDLES: Final = 1000
MAX_ENTRIES: Final = 1_000_000
MAX_COMPILE: Final = 100_000
MIN_STACK: Final = 64 << 10
MAX_STACK: Final = 16 << 20
_HOST: Final = Budget()


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one fire. All are on, always.

    Attributes:
        fuel: units of fuel; the engine charges about one per instruction, host functions what the catalogue says.
        memory: bytes of linear memory; rounded down to whole pages of 64 KiB.
        timeout: seconds of wall time for everything, compiling by the engine included.
        table: elements of each table.
        output: bytes of text, log messages and fields.
        records: log records.
        result: bytes of encoded results.
        read: bytes read from files.
        handles: files and directories open at once.
        entries: entries of a directory that can be listed.
        random: random bytes drawn.
        requests: HTTP requests, redirects included.
        sent: bytes sent by HTTP.
        received: bytes of HTTP answers, on the wire or decoded, whichever is more.
        body: decoded bytes of the body of one HTTP answer.
        compile: seconds of processor time the engine may take to compile the module.
        stack: bytes of native stack for the guest's calls; the preset's own unless given, and never more than that.

    Raises:
        UsageTypeError: a value that is no number (True is none).
        UsageError: zero, negative, not finite, or beyond the range.
    """

    fuel: int = 30_000_000_000
    memory: int = 64 << 20
    timeout: float = 10.0
    table: int = 100_000
    output: int = 16 << 20
    records: int = 100_000
    result: int = 16 << 20
    read: int = _HOST.read
    handles: int = _HOST.handles
    entries: int = _HOST.entries
    random: int = _HOST.random
    requests: int = _HOST.requests
    sent: int = _HOST.sent
    received: int = _HOST.received
    body: int = _HOST.body
    compile: int = 60
    stack: int = 16 << 20

    def __post_init__(self) -> None:
        """Check every value."""
        for name, low, high in _RANGES:
            _check_whole(name, getattr(self, name), low, high)
        _check_timeout(self.timeout)

    def budget(self) -> Budget:
        """The part that host functions keep."""
        return Budget(
            read=self.read,
            handles=self.handles,
            entries=self.entries,
            random=self.random,
            requests=self.requests,
            sent=self.sent,
            received=self.received,
            body=self.body,
        )


_RANGES: Final = (
    ("fuel", 1, MAX_FUEL),
    ("memory", PAGE, MAX_MEMORY),
    ("table", 1, MAX_TABLE),
    ("output", 0, MAX_BYTES),
    ("records", 0, MAX_TABLE),
    ("result", 64, MAX_BYTES),
    ("read", 0, MAX_READ),
    ("handles", 1, MAX_HANDLES),
    ("entries", 0, MAX_ENTRIES),
    ("random", 0, MAX_READ),
    ("requests", 0, MAX_TABLE),
    ("sent", 0, MAX_READ),
    ("received", 0, MAX_READ),
    ("body", 0, MAX_BYTES),
    ("compile", 1, MAX_COMPILE),
    ("stack", MIN_STACK, MAX_STACK),
)


def _check_whole(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageTypeError(f"{name} must be a whole number, not {type(value).__name__}")
    if not low <= value <= high:
        raise UsageError(
            f"{name} must be from {low} to {high}, not {value if abs(value) < 1 << 80 else 'that'}"
        )


def _check_timeout(value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UsageTypeError(f"timeout must be a number of seconds, not {type(value).__name__}")
    # NaN fails every comparison, and a huge integer is compared without becoming a float.
    if not 0 < value <= MAX_TIMEOUT:
        shown = value if isinstance(value, float) or value < 1 << 80 else "that"
        raise UsageError(f"timeout must be above 0 and at most {MAX_TIMEOUT:g} seconds, not {shown}")
    if isinstance(value, float) and math.isnan(value):
        raise UsageError("timeout must be a number, not NaN")


DEFAULT: Final = Limits()


def limits_of(
    limits: Limits | None,
    fuel: int | None,
    memory: int | None,
    memory_pages: int | None,
    timeout: float | None,
) -> Limits:
    """The limits a caller means: `limits` or the defaults, with single values replaced.

    Raises:
        UsageError: `memory` and `memory_pages` both given, or see `Limits`.
        UsageTypeError: see `Limits`.
    """
    if limits is not None and not isinstance(limits, Limits):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageTypeError(f"limits must be Limits, not {type(limits).__name__}")
    base = DEFAULT if limits is None else limits
    if fuel is None and memory is None and memory_pages is None and timeout is None:
        return base
    if memory_pages is not None:
        if memory is not None:
            raise UsageError("memory and memory_pages say the same thing: give one of them")
        _check_whole("memory_pages", memory_pages, 1, MAX_MEMORY // PAGE)
        memory = memory_pages * PAGE
    return replace(
        base,
        fuel=base.fuel if fuel is None else fuel,
        memory=base.memory if memory is None else memory,
        timeout=base.timeout if timeout is None else timeout,
    )
