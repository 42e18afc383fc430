# SPDX-License-Identifier: MIT
"""The kinds a command can end as, and the exit code of each. They correspond one to one and never change meaning."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Exit:
    """One way to end.

    Attributes:
        kind: the name of it, as `--json` and outcomes use it.
        code: the exit code of the process.
        summary: what it means, in one line.
        remedy: what to do about it.
    """

    kind: str
    code: int
    summary: str
    remedy: str


_EXITS: Final = (
    Exit("ok", 0, "it did what was asked", "Nothing."),
    Exit(
        "guest_error",
        1,
        "the guest failed by its own doing: an uncaught error, a trap, or `os.exit` with another code than 0",
        "Read the message and the line it names: the fault is in the program that was fired.",
    ),
    Exit(
        "usage",
        2,
        "the command or the call is wrong: an unknown option or capability, a file that cannot be read",
        "The message names the option or the value; `munition COMMAND --help` lists what it takes.",
    ),
    Exit(
        "denied",
        3,
        "the program needs a capability that was not declared or not granted",
        "The message names the capability and the flag that gives it (`--caps NAME`). Give it only if the program should"
        " have that power.",
    ),
    Exit(
        "invalid",
        4,
        "the source has errors, the language feature is not supported, or the bytes are not a usable module",
        "Source: see the lines marked in the message. Module: the message gives the byte offset and what is wrong there.",
    ),
    Exit(
        "fuel",
        5,
        "the fuel was used up: the program ran longer than it may",
        "Look for an endless loop; if the work is honest, raise the limit with `--fuel N`. The message shows what was used.",
    ),
    Exit(
        "timeout",
        6,
        "the time was used up, while running, compiling, or inside a host function",
        "Raise it with `--timeout SECONDS`, or find out what waits.",
    ),
    Exit(
        "limit",
        7,
        "another limit was reached: memory, table, source, output, result, handles, host calls, pool",
        "The reason says which; the message shows the flag that raises it where there is one.",
    ),
    Exit(
        "missing_tool",
        8,
        "something this command needs is not installed",
        "The message says what to install.",
    ),
    Exit(
        "host_fault",
        9,
        "the host failed, not the guest: a host function, a worker, an output that cannot be written, or munition itself",
        "If the message says that this is a bug in munition, please report it; MUNITION_DEBUG=1 shows the traceback.",
    ),
    Exit("differs", 10, "two modules or two runs differ (`munition diff` only)", "Read the differences."),
    Exit("interrupted", 130, "it was interrupted (Ctrl-C)", "Nothing."),
)

EXITS: Final[Mapping[str, Exit]] = MappingProxyType({entry.kind: entry for entry in _EXITS})
