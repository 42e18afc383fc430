# SPDX-License-Identifier: MIT
"""The one table of Lua 5.4's standard names: what works, under which capability, or why not.

(Reference manual, section 6.) The capability check, code generation and the documentation read this table. A name that
is not available reads as nil; only its calls are refused, and only those that can be seen in the source.
"""

from __future__ import annotations

import enum
import re
from typing import Final

from msgspec import Struct

from munition.capability.names import USER


class Status(enum.Enum):
    """What becomes of a standard name."""

    SUPPORTED = "supported"
    UNGRANTABLE = (
        "ungrantable"  # a power that no host gives: reads as nil, a visible call is refused (exit 3)
    )
    LEFT_OUT = (
        "left out"  # cannot be had in a compiled module: reads as nil, a visible call is refused (exit 4)
    )


class Sort(enum.Enum):
    """What kind of value a standard name holds."""

    FUNCTION = "function"
    VALUE = "value"  # a constant, or an object such as io.stderr
    TABLE = "table"  # a library, or the globals themselves


class Entry(Struct, frozen=True, eq=False):
    """One standard name.

    Attributes:
        name: in full, such as `string.format`.
        capability: what it needs: grantable if the status is `SUPPORTED`, not if `UNGRANTABLE`.
        symbol: the function of the guest runtime that implements it; None for values, tables and what is missing.
        reason: why it is not available, as part of a sentence.
        implies: other names whose values a program can get from this one.
    """

    name: str
    status: Status
    sort: Sort
    capability: str | None = None
    symbol: str | None = None
    reason: str | None = None
    implies: tuple[str, ...] = ()


GLOBALS: Final = "_G"
LIBRARIES: Final = ("string", "table", "math", "utf8", "coroutine", "os", "io", "package", "debug")
MODULES: Final = ("munition.fs", "munition.http", "munition.log")
"""Modules of munition's own that only `require` gives."""

_SUPPORTED: Final = {
    "base": "assert collectgarbage error getmetatable ipairs next pairs pcall print rawequal rawget rawlen rawset require "
    "select setmetatable tonumber tostring type warn xpcall",
    "string": "byte char find format gmatch gsub len lower match pack packsize rep reverse sub unpack upper",
    "table": "concat insert move pack remove sort unpack",
    "math": "abs acos asin atan ceil cos deg exp floor fmod log max min modf rad random randomseed sin sqrt tan "
    "tointeger type ult",
    "utf8": "char codepoint codes len offset",
    "coroutine": "close create isyieldable resume running status wrap yield",
    "os": "clock date difftime exit time",
    "io": "close flush lines open type write",
    "debug": "getinfo traceback",
}
_VALUES: Final = (
    "_VERSION io.stderr io.stdout math.huge math.maxinteger math.mininteger math.pi package.config package.cpath package.loaded "
    "package.path package.preload utf8.charpattern"
)
_MODULES: Final = {
    "munition.fs": ("filesystem_read", "list size"),
    "munition.http": ("http", "get request"),
    "munition.log": ("log", "debug error info warn"),
}
"""Their functions, and the capability these need."""

_CAPABILITIES: Final = {
    "print": "log", "warn": "log", "io.write": "log", "io.flush": "log", "io.stderr": "log", "io.stdout": "log",
    "os.time": "time", "os.clock": "time", "os.date": "time",
    "io.open": "filesystem_read", "io.lines": "filesystem_read",
    **{f"{module}.{name}": power for module, (power, names) in _MODULES.items() for name in names.split()},
}  # fmt: skip
_IMPLIES: Final = {"pairs": ("next",)}

_NO_TEXT: Final = (
    "code cannot be loaded while the module runs: everything it can do is decided when it is compiled"
)
_NO_SEARCH: Final = "modules are found when the script is compiled, in the folders given with --path"
_NO_FILES: Final = "a script cannot change files"
_NO_FRAMES: Final = "a script cannot look into, or change, the functions that run"
_LEFT_OUT: Final = {
    "load": _NO_TEXT, "loadstring": _NO_TEXT, "loadfile": _NO_TEXT, "dofile": _NO_TEXT,
    "string.dump": "there is no bytecode: functions are compiled to WebAssembly",
    "os.setlocale": "there is one locale, 'C'",
    "package.searchers": _NO_SEARCH, "package.searchpath": _NO_SEARCH,
    "debug.debug": "there is no console to debug from",
    **dict.fromkeys(
        (
            "debug.gethook", "debug.getlocal", "debug.getmetatable", "debug.getregistry", "debug.getupvalue",
            "debug.getuservalue", "debug.setcstacklimit", "debug.sethook", "debug.setlocal", "debug.setmetatable",
            "debug.setupvalue", "debug.setuservalue", "debug.upvalueid", "debug.upvaluejoin",
        ),
        _NO_FRAMES,
    ),
}  # fmt: skip
_UNGRANTABLE: Final = {
    "os.execute": ("process", "a script cannot start programs"),
    "io.popen": ("process", "a script cannot start programs"),
    "os.getenv": ("environment", "a script cannot read the environment of the host"),
    "os.remove": ("filesystem_write", _NO_FILES),
    "os.rename": ("filesystem_write", _NO_FILES),
    "os.tmpname": ("filesystem_write", _NO_FILES),
    "io.tmpfile": ("filesystem_write", _NO_FILES),
    "io.output": ("filesystem_write", _NO_FILES),
    "io.input": ("stdin", "a script gets its input as arguments (... and arg)"),
    "io.read": ("stdin", "a script gets its input as arguments (... and arg)"),
    "io.stdin": ("stdin", "a script gets its input as arguments (... and arg)"),
    "package.loadlib": ("opaque", "a script cannot load native code"),
}


def _full(library: str, name: str) -> str:
    return name if library == "base" else f"{library}.{name}"


def _function(library: str, name: str) -> Entry:
    full = _full(library, name)
    symbol = f"lua_{library}_{name}"
    implied = _IMPLIES.get(full, ())
    return Entry(full, Status.SUPPORTED, Sort.FUNCTION, _CAPABILITIES.get(full), symbol, None, implied)


def _entries() -> tuple[Entry, ...]:
    functions = [_function(library, name) for library, names in _SUPPORTED.items() for name in names.split()]
    functions += [
        Entry(
            full,
            Status.SUPPORTED,
            Sort.FUNCTION,
            _CAPABILITIES[full],
            f"lua_{module.partition('.')[2]}_{name}",
        )
        for module, (_, names) in _MODULES.items()
        for name in names.split()
        for full in (f"{module}.{name}",)
    ]
    values = [Entry(name, Status.SUPPORTED, Sort.VALUE, _CAPABILITIES.get(name)) for name in _VALUES.split()]
    refused = [
        Entry(name, Status.LEFT_OUT, Sort.FUNCTION, reason=reason) for name, reason in _LEFT_OUT.items()
    ]
    ungrantable = [
        Entry(name, Status.UNGRANTABLE, Sort.FUNCTION, capability, reason=reason)
        for name, (capability, reason) in _UNGRANTABLE.items()
    ]
    tables = [Entry(name, Status.SUPPORTED, Sort.TABLE) for name in (GLOBALS, *LIBRARIES, *MODULES)]
    every = (*functions, *values, *refused, *ungrantable, *tables)
    return tuple(sorted(every, key=lambda entry: entry.name))


def library_of(name: str) -> str:
    """The table that holds a name in full: `string` for `string.rep`, nothing for a global."""
    return name.rpartition(".")[0]


ENTRIES: Final[dict[str, Entry]] = {entry.name: entry for entry in _entries()}
MEMBERS: Final[dict[str, tuple[str, ...]]] = {
    library: tuple(name for name in ENTRIES if library_of(name) == library)
    for library in (*LIBRARIES, *MODULES)
} | {GLOBALS: tuple(name for name in ENTRIES if "." not in name)}
"""The full names of what each library table holds; of the globals table, the names without a dot."""

FILE_TYPE: Final = "FILE*"
FILE_METHODS: Final = ("close", "flush", "seek", "setvbuf", "write")
"""Methods of files, which are there when `io.stdout`, `io.stderr`, or a function that opens a file can be reached."""

READER_METHODS: Final = ("lines", "read")
"""Methods of files that are there besides when a function that opens a file can be reached."""

FILE_METAMETHODS: Final = (
    ("__tostring", "lua_io_file_tostring"),
    ("__gc", "lua_io_file_release"),
    ("__close", "lua_io_file_release"),
)
OPENERS: Final = frozenset(("io.open", "io.lines"))
"""The functions that open files."""

_FOR_WRITING: Final = " for writing"
WRITES: Final = frozenset(mode + b for mode in (b"w", b"a", b"r+", b"w+", b"a+") for b in (b"", b"b"))
"""Modes of `io.open` that a file could be changed with."""

REQUIRABLE: Final = frozenset((GLOBALS, *LIBRARIES, *MODULES))
"""What `require` finds in every program."""

STRING_METHODS: Final = frozenset(name.partition(".")[2] for name in MEMBERS["string"])

HOST_MODULE: Final = "munition."
_HOST_CALL: Final = "lua_host_call"


VARIANTS: Final = {
    name: Entry(name, Status.UNGRANTABLE, Sort.FUNCTION, "filesystem_write", reason=_NO_FILES)
    for name in ("io.open" + _FOR_WRITING,)
}
"""Uses of a name that need another power than the name does."""


def for_writing(name: str) -> str | None:
    """What a use of the function for changing files is noted as (`io.open for writing`); None if it is none of its uses."""
    variant = name + _FOR_WRITING
    return variant if variant in VARIANTS else None


def standard_name(noted: str) -> str:
    """The standard name in what a use was noted as: `io.stderr` in `io.stderr:write`, `io.open` in `io.open for writing`."""
    return noted.partition(":")[0].removesuffix(_FOR_WRITING)


def host_capability(name: str) -> str | None:
    """The capability (`host.kv`) whose functions the module of that name (`munition.host.kv`) has, if it is such a one."""
    capability = name.removeprefix(HOST_MODULE)
    return capability if name.startswith(HOST_MODULE) and USER.fullmatch(capability) else None


def entry_of(name: str) -> Entry | None:
    """What is known of a name in full: a standard one, a use of one that is judged apart, or one of a module of whoever embeds munition."""
    found = ENTRIES.get(name) or VARIANTS.get(name)
    if found is not None:
        return found
    if host_capability(name) is not None:
        return Entry(name, Status.SUPPORTED, Sort.TABLE)
    module, dot, function = name.rpartition(".")
    capability = host_capability(module)
    if capability is None or not dot or not _FUNCTION_NAME.fullmatch(function):
        return None
    return Entry(name, Status.SUPPORTED, Sort.FUNCTION, capability, _HOST_CALL)


_FUNCTION_NAME: Final = re.compile(r"[a-z_][a-zA-Z0-9_]{0,60}")


def is_available(entry: Entry, declared: frozenset[str]) -> bool:
    """Whether the name has its value in a module compiled with these capabilities; otherwise it is nil."""
    return entry.status is Status.SUPPORTED and (entry.capability is None or entry.capability in declared)
