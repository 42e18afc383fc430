# SPDX-License-Identifier: MIT
"""The labels an analysis gives to imports of foreign modules: finer than the catalogue, each standing for one name of it.

Sorted by risk, lowest first. `host:NAMESPACE.NAME` is a family of labels: functions of one application's own interface, whose
name says whom to ask. A label that stands for no name of the catalogue is harmless by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from munition.capability.names import Risk

if TYPE_CHECKING:
    from collections.abc import Mapping

HOST_PREFIX: Final = "host:"


@dataclass(frozen=True, slots=True)
class Label:
    """One label.

    Attributes:
        name: the exact spelling; a part before a dot is the family it belongs to.
        risk: its place in the order of harm.
        catalogue: the name of the catalogue it stands for; None for none.
        summary: what the module can do, in plain words.
        hostile: what a hostile module would do with it.
    """

    name: str
    risk: Risk
    catalogue: str | None
    summary: str
    hostile: str


_ALL: Final = (
    Label(
        "proc.exit",
        Risk.OUTPUT,
        None,
        "end itself, with an exit code",
        "Stop before its work is done, and pretend success by the exit code.",
    ),
    Label(
        "log",
        Risk.OUTPUT,
        "log",
        "write messages to the host's log or console",
        "Fill the log, and put misleading lines in front of whoever reads it.",
    ),
    Label(
        "stdio.out",
        Risk.OUTPUT,
        "log",
        "write to standard output or standard error",
        "Forge what looks like output of the host, and send escape sequences to a terminal.",
    ),
    Label(
        "time",
        Risk.OBSERVE,
        "time",
        "read clocks and the time zone",
        "Act only on a chosen day, measure other work on the machine, and recognise a test environment.",
    ),
    Label(
        "time.sleep",
        Risk.OBSERVE,
        "time",
        "wait, or ask to be called later",
        "Block the host's thread, or wait until nobody is looking.",
    ),
    Label(
        "random",
        Risk.OBSERVE,
        "random",
        "draw random bytes",
        "Make runs that cannot be repeated, and so hide a behaviour from whoever replays them.",
    ),
    Label(
        "env.ids",
        Risk.OBSERVE,
        "environment",
        "read identities of the process: user, process number, locale, number of cores",
        "Fingerprint the machine and act only on the one it wants.",
    ),
    Label(
        "env.args",
        Risk.READ,
        "environment",
        "read the program's arguments",
        "Read secrets and paths that were passed on the command line.",
    ),
    Label(
        "stdio.in",
        Risk.READ,
        "stdin",
        "read standard input",
        "Read what a person types or another program pipes in.",
    ),
    Label(
        "env.vars",
        Risk.READ,
        "environment",
        "read environment variables",
        "Collect tokens and passwords that are kept in environment variables.",
    ),
    Label(
        "fs.preopen",
        Risk.READ,
        "filesystem_read",
        "list the directories it was given",
        "Learn paths and names of the machine.",
    ),
    Label(
        "fs.read",
        Risk.READ,
        "filesystem_read",
        "read files and list directories, within what the host opens for it",
        "Read every file within its reach, and pass it on through any output it has.",
    ),
    Label(
        "fs.write",
        Risk.CHANGE,
        "filesystem_write",
        "create, change, rename or delete files, within what the host opens for it",
        "Destroy data, plant programs that run later, and fill the disk.",
    ),
    Label(
        "storage",
        Risk.CHANGE,
        "filesystem_write",
        "keep data in a store of the host: a database, browser storage, a contract's state",
        "Corrupt or delete what others stored, and remember across runs.",
    ),
    Label(
        "thread",
        Risk.CHANGE,
        "opaque",
        "start threads or workers",
        "Use up processors, outlive the call that started it, and build a precise clock from a counting thread.",
    ),
    Label(
        "gpu",
        Risk.CHANGE,
        "opaque",
        "use the graphics processor",
        "Mine, fingerprint the machine, and reach large and often fragile drivers.",
    ),
    Label(
        "dom",
        Risk.CONTROL,
        "js",
        "read and change the page it runs in",
        "Show a false page, read what is typed into it, and load further code by adding elements.",
    ),
    Label(
        "host.memory",
        Risk.UNKNOWN,
        "opaque",
        "use a memory that the host, or another module, reads and writes as well",
        "Change data of other modules that share the memory while they use it.",
    ),
    Label(
        "host.global",
        Risk.UNKNOWN,
        "opaque",
        "read, and change if it is mutable, a variable of the host or another module",
        "Move another module's stack pointer, or whatever else the variable steers.",
    ),
    Label(
        "host.tag",
        Risk.UNKNOWN,
        "opaque",
        "throw and catch exceptions of the host or another module",
        "Divert another module's control flow, and read what its exceptions carry.",
    ),
    Label(
        "host.table",
        Risk.UNKNOWN,
        "opaque",
        "call whatever functions the host, or another module, puts into a table",
        "Call any of them with any arguments that fit their type.",
    ),
    Label(
        "host",
        Risk.UNKNOWN,
        "opaque",
        "call a function of the application it was made for",
        "Whatever that function allows: read the application's documentation.",
    ),
    Label(
        "net.http",
        Risk.REACH,
        "http",
        "make HTTP requests",
        "Send out what it has seen, fetch instructions, and reach services that trust this machine.",
    ),
    Label(
        "net.socket",
        Risk.REACH,
        "network",
        "open, accept or use network connections, or look up names",
        "Reach services inside the network, scan it, and send data anywhere.",
    ),
    Label(
        "net",
        Risk.REACH,
        "network",
        "exchange data over the network by means of the host",
        "Send data anywhere the host's service reaches.",
    ),
    Label(
        "proc.signal",
        Risk.CONTROL,
        "process",
        "send signals to processes",
        "End or disturb other programs of the same user.",
    ),
    Label(
        "proc.exec",
        Risk.CONTROL,
        "process",
        "start other programs",
        "Do anything the user who runs the host can do.",
    ),
    Label(
        "dyn.link",
        Risk.UNKNOWN,
        "opaque",
        "be linked with, or load, other modules while running",
        "Bring in code that nobody has looked at.",
    ),
    Label(
        "js.any",
        Risk.CONTROL,
        "js",
        "call any function and read any object of the JavaScript around it",
        "Do whatever a script there can: pages, requests, storage, and with Node.js files and programs.",
    ),
    Label(
        "payload",
        Risk.UNKNOWN,
        "opaque",
        "carry code for another module to run",
        "Whatever the module that loads it allows.",
    ),
    Label(
        "opaque",
        Risk.UNKNOWN,
        "opaque",
        "call something nobody has described",
        "Unknown, so assume anything.",
    ),
)

LABELS: Final[Mapping[str, Label]] = MappingProxyType({label.name: label for label in _ALL})
"""Every label but those of applications, in order of rising weight."""

_ORDER: Final = {label.name: position for position, label in enumerate(_ALL)}

IMPLY_ALL: Final = frozenset({"js.any", "opaque"})
"""Labels that nothing but themselves bounds: what they reach may include every other."""


@cache
def label_of(name: str) -> Label:
    """The label called `name`, also for `host:...`.

    Raises:
        KeyError: there is none.
    """
    if name.startswith(HOST_PREFIX) and len(name) > len(HOST_PREFIX):
        host = LABELS["host"]
        return Label(name, host.risk, host.catalogue, host.summary, host.hostile)
    return LABELS[name]


def by_risk(names: Iterable[str]) -> tuple[str, ...]:
    """Labels without duplicates, lowest risk first, then by name."""
    return tuple(sorted(set(names), key=_weight))


def _weight(name: str) -> tuple[int, int, str]:
    label = label_of(name)
    return (label.risk, _ORDER["host" if name.startswith(HOST_PREFIX) else name], name)


def catalogue_names(labels: Iterable[str]) -> frozenset[str]:
    """The names of the catalogue that labels stand for."""
    return frozenset(name for label in labels if (name := label_of(label).catalogue) is not None)
