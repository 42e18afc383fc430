# SPDX-License-Identifier: MIT
"""Every capability name munition knows: what it means, what it risks, whether it can be granted.

Names that cannot be granted have no host function behind them; they exist so that a denial and an analysis can say what a
module asked for.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from munition.capability.parameter import Parameter, parse_directory, parse_host


class Risk(enum.IntEnum):
    """How much a capability can hurt, from least to most. Only the order matters."""

    OUTPUT = 1
    OBSERVE = 2
    READ = 3
    CHANGE = 4
    REACH = 5
    CONTROL = 6
    UNKNOWN = 7


@dataclass(frozen=True, slots=True)
class Name:
    """One capability name.

    Attributes:
        name: the exact spelling.
        risk: its place in the order of harm.
        summary: what a holder can do, in one line.
        implications: what a hostile holder would do with it.
        grantable: whether a host function stands behind it.
        parameter: reads the text after the colon; `None` when the name takes no parameter.
        form: how the parameter is written, for messages.
    """

    name: str
    risk: Risk
    summary: str
    implications: str
    grantable: bool = False
    parameter: Callable[[str], Parameter] | None = None
    form: str = ""


_ALL: Final = (
    Name(
        "log",
        Risk.OUTPUT,
        "write text and structured records to the host's log",
        "Fill logs up to the caps, and put misleading text in front of whoever reads them. Nothing comes back in.",
        grantable=True,
    ),
    Name(
        "time",
        Risk.OBSERVE,
        "read the wall clock and a monotonic clock, coarsened to one millisecond",
        "Behave differently on a chosen day, fingerprint the host, and time other work to within a millisecond.",
        grantable=True,
    ),
    Name(
        "random",
        Risk.OBSERVE,
        "draw unpredictable bytes",
        "Make runs that cannot be repeated, and so hide a behaviour from whoever replays them.",
        grantable=True,
    ),
    Name(
        "filesystem_read",
        Risk.READ,
        "read files and list directories beneath a directory",
        "Read every file beneath the directory, hard links included, and pass it on through any output it has.",
        grantable=True,
        parameter=parse_directory,
        form="[NAME=]DIR",
    ),
    Name(
        "http",
        Risk.REACH,
        "make HTTP requests to a listed host",
        "Send anything it has seen to that host, use up a quota there, and fetch instructions from it.",
        grantable=True,
        parameter=parse_host,
        form="[METHOD+METHOD@][http://]HOST[:PORT]",
    ),
    Name(
        "stdin",
        Risk.READ,
        "read the host's standard input",
        "Read what a person types or another program pipes in.",
    ),
    Name(
        "environment",
        Risk.READ,
        "read environment variables and program arguments",
        "Collect tokens and passwords that are kept in environment variables.",
    ),
    Name(
        "filesystem_write",
        Risk.CHANGE,
        "create, change, rename or delete files",
        "Destroy data, plant programs that run later, and fill the disk.",
    ),
    Name(
        "network",
        Risk.REACH,
        "open sockets of any kind to any address",
        "Reach services inside the network, scan it, and send data anywhere.",
    ),
    Name(
        "process",
        Risk.CONTROL,
        "start, signal or replace processes of the host",
        "Do anything the user who runs the host can do.",
    ),
    Name(
        "js",
        Risk.CONTROL,
        "call into a JavaScript host, its objects or its page",
        "Reach whatever the JavaScript around it can: pages, requests, storage, other code.",
    ),
    Name(
        "opaque",
        Risk.UNKNOWN,
        "call something munition does not know",
        "Unknown, so assume all of the above.",
    ),
)

NAMES: Final[dict[str, Name]] = {entry.name: entry for entry in _ALL}
GRANTABLE: Final = frozenset(entry.name for entry in _ALL if entry.grantable)

USER: Final = re.compile(r"host\.[a-z][a-z0-9_]{0,40}")
"""Names of capabilities that a caller of munition defines: `host.kv` for its functions in the import module
`munition:host.kv`."""


def name_of(name: str) -> Name | None:
    """What is known of a capability name; None when there is no such name."""
    found = NAMES.get(name)
    if found is None and USER.fullmatch(name):
        return Name(
            name,
            Risk.UNKNOWN,
            "call functions of the program that embeds munition",
            "Whatever these functions can be made to do.",
            grantable=True,
        )
    return found


def is_grantable(name: str) -> bool:
    """Whether a host function can stand behind the name."""
    return name in GRANTABLE or USER.fullmatch(name) is not None
