# SPDX-License-Identifier: MIT
"""From imports to capabilities: which names an import needs, and which grants let it be linked.

Two questions with two answers. *Required* is what a careful reader must assume of an import (`fd_write` may change files
once something can open them); the *gate* is what munition's own host asks for before it links the function (`fd_write`
under `log` reaches standard output and standard error, and nothing else). For `munition:` imports both are the same name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from munition.capability.catalogue import BY_IMPORT
from munition.capability.names import NAMES, USER, is_grantable

WASI: Final = "wasi_snapshot_preview1"
OWN: Final = "munition:"


@dataclass(frozen=True, slots=True)
class Imported:
    """An import as far as capabilities go.

    Attributes:
        module: the import module.
        name: the import name.
        kind: `func`, `table`, `memory`, `global` or `tag`.
    """

    module: str
    name: str
    kind: str = "func"


@dataclass(frozen=True, slots=True)
class Rule:
    """What one import means.

    Attributes:
        always: names it needs in any module.
        opened: names it needs besides once the module can open files (or imports something unknown).
        gate: it may be linked under a grant of any one of these; `None` means it is linked always.
        opener: whether it can open a file or a socket.
    """

    always: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()
    gate: frozenset[str] | None = None
    opener: bool = False


def _rule(always: str = "", opened: str = "", gate: str | None = None, *, opener: bool = False) -> Rule:
    split = frozenset(gate.split()) if gate is not None else None
    return Rule(frozenset(always.split()), frozenset(opened.split()), split, opener)


_OUTPUT: Final = _rule("log", "filesystem_write", "log filesystem_read")
_INPUT: Final = _rule("stdin", "filesystem_read", "filesystem_read")
_HANDLE: Final = _rule("", "filesystem_read")
_READ: Final = _rule("filesystem_read", "", "filesystem_read")
_WRITE: Final = _rule("filesystem_write", "", "filesystem_write")
_SOCKET: Final = _rule("network", "", "network")
_AMBIENT: Final = _rule("environment")

_WASI_FAMILIES: Final = (
    (_OUTPUT, "fd_write fd_pwrite"),
    (_INPUT, "fd_read fd_pread"),
    (
        _HANDLE,
        "fd_close fd_seek fd_fdstat_get fd_fdstat_set_flags fd_fdstat_set_rights fd_prestat_get fd_prestat_dir_name",
    ),
    (_rule("", "filesystem_read", "log filesystem_read"), "fd_tell fd_advise fd_renumber fd_filestat_get"),
    (_READ, "fd_readdir path_filestat_get path_readlink"),
    (_rule("filesystem_read filesystem_write", "", "filesystem_read", opener=True), "path_open"),
    (
        _WRITE,
        "fd_allocate fd_datasync fd_sync fd_filestat_set_size fd_filestat_set_times path_create_directory path_link",
    ),
    (_WRITE, "path_filestat_set_times path_remove_directory path_rename path_symlink path_unlink_file"),
    (_rule("time", "", "time"), "clock_time_get clock_res_get poll_oneoff"),
    (_rule("random", "", "random"), "random_get"),
    (_AMBIENT, "args_get args_sizes_get environ_get environ_sizes_get"),
    (_rule(), "proc_exit sched_yield"),
    (_rule("process", "", "process"), "proc_raise"),
    (_SOCKET, "sock_recv sock_send sock_shutdown"),
    (_rule("network", "", "network", opener=True), "sock_accept"),
)

WASI_RULES: Final[dict[str, Rule]] = {name: rule for rule, names in _WASI_FAMILIES for name in names.split()}

_OPAQUE: Final = Rule(frozenset({"opaque"}), gate=frozenset({"opaque"}), opener=True)


def rule_of(item: Imported) -> Rule:
    """What `item` means; whatever is not in a table is opaque. Names are compared exactly."""
    if item.kind != "func":
        return _OPAQUE
    if item.module == WASI:
        return WASI_RULES.get(item.name, _OPAQUE)
    if item.module.startswith(OWN) and item.module[len(OWN) :] in NAMES:
        return _rule(item.module[len(OWN) :], "", item.module[len(OWN) :])
    if item.module.startswith(OWN) and USER.fullmatch(item.module[len(OWN) :]):
        return _rule(item.module[len(OWN) :], "", item.module[len(OWN) :])
    return _OPAQUE


def required(imports: Iterable[Imported]) -> frozenset[str]:
    """The capability names a module with these imports needs, without parameters; never too few.

    Needing nothing gives the empty set. `fd_*` functions count as file access only where something can open a file:
    munition's host starts a module with nothing open but its granted directories and the standard streams.
    """
    rules = [rule_of(item) for item in imports]
    names = frozenset[str]().union(*(rule.always for rule in rules))
    if any(rule.opener for rule in rules):
        names = names.union(*(rule.opened for rule in rules))
    return names


@dataclass(frozen=True, slots=True)
class Denial:
    """An import that may not be linked.

    Attributes:
        item: the import.
        capabilities: names of which any one would let it be linked, sorted; empty when nothing would.
        reason: one sentence that names the import, the capability, and what to do about it.
    """

    item: Imported
    capabilities: tuple[str, ...]
    reason: str


def denied(imports: Iterable[Imported], names: frozenset[str]) -> tuple[Denial, ...]:
    """The imports that a grant of `names` does not cover, in import order."""
    found: list[Denial] = []
    for item in imports:
        denial = _denial(item, names)
        if denial is not None:
            found.append(denial)
    return tuple(found)


def _denial(item: Imported, names: frozenset[str]) -> Denial | None:
    name = f"{shown(item.module)}.{shown(item.name)}"
    if item.kind != "func":
        return Denial(item, (), f"the module imports a {item.kind}, {name}; no capability gives one")
    gate = rule_of(item).gate
    if gate is None:
        return None
    grantable = tuple(sorted(filter(is_grantable, gate)))
    if not grantable:
        needed = " or ".join(sorted(gate))
        return Denial(item, (), f"the module imports {name}, which needs {needed}; that cannot be granted")
    user = USER.fullmatch(item.module[len(OWN) :]) is not None
    if item.module != WASI and not user and (item.module, item.name) not in BY_IMPORT:
        return Denial(item, (), f"the module imports {name}, but there is no such function in {item.module}")
    if gate & names:
        return None
    if user:
        return Denial(
            item, grantable, f"the module imports {name}, which needs {grantable[0]}; pass its HostCapability"
        )
    flags = " or ".join(f"--caps {needs}{_PARAMETER.get(needs, '')}" for needs in grantable)
    needed = " or ".join(grantable)
    return Denial(item, grantable, f"the module imports {name}, which needs {needed}; grant it with {flags}")


_PARAMETER: Final = {name: f":{entry.form}" for name, entry in NAMES.items() if entry.form}
_MAX_SHOWN: Final = 80


def shown(text: str) -> str:
    """A name chosen by a module's author, safe to print and of bounded length."""
    cut = text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "..."
    return cut if cut.isascii() and cut.isprintable() else ascii(cut)[1:-1]
