# SPDX-License-Identifier: MIT
"""From what the check says a program can reach to what its module holds."""

from __future__ import annotations

import math
from typing import Final

from munition.attenuators.lua.check import Checked
from munition.attenuators.lua.library import (
    FILE_METAMETHODS,
    FILE_METHODS,
    FILE_TYPE,
    GLOBALS,
    LIBRARIES,
    MODULES,
    OPENERS,
    READER_METHODS,
    Sort,
    entry_of,
    host_capability,
    library_of,
    standard_name,
)
from munition.ir.program import (
    LibraryConstant,
    LibraryEntry,
    LibraryItem,
    LibraryObject,
    LibraryTable,
    ObjectType,
    RuntimeTable,
)

_CONSTANTS: Final[dict[str, int | float | bytes]] = {
    "_VERSION": b"Lua 5.4",
    "math.huge": math.inf,
    "math.pi": math.pi,
    "math.maxinteger": (1 << 63) - 1,
    "math.mininteger": -(1 << 63),
    "utf8.charpattern": b"[\x00-\x7f\xc2-\xfd][\x80-\xbf]*",
    "package.config": b"/\n;\n?\n!\n-\n",
    "package.cpath": b"",
    "package.path": b"./?.lua;./?/init.lua",
}
_RUNTIME_TABLES: Final = {"package.loaded": "loaded", "package.preload": "preload"}
_OBJECTS: Final = {"io.stdout": "lua_io_stdout", "io.stderr": "lua_io_stderr"}
_READER: Final = "lua_io_reader"


def select_library(checked: Checked, declared: frozenset[str]) -> tuple[LibraryItem, ...]:
    """The library of a module, sorted by name: functions, constants, and the tables that are mentioned or assigned to."""
    every = GLOBALS in checked.uses.whole or "package.loaded" in checked.reached
    mentioned = {m.name for m in checked.uses.mentions}
    mentioned |= {library_of(standard_name(name)) for name in mentioned} | checked.uses.whole
    tables = set(LIBRARIES) if every else mentioned & set(LIBRARIES)
    tables |= {library_of(name) for name in checked.uses.assigned} & set(LIBRARIES)
    named = {library_of(name) for name in checked.reached} | mentioned
    tables |= {name for name in named if name in MODULES or host_capability(name) is not None}
    items: list[LibraryItem] = [LibraryTable(name) for name in sorted(tables)]
    for name in sorted(checked.reached):
        items += _item(name, declared)
    return tuple(items)


def _host_imports(library: str, function: str) -> tuple[tuple[str, str], ...]:
    """What a function of whoever embeds munition imports: itself in its form for values, and what gives its results."""
    capability = host_capability(library)
    if capability is None:
        return ()
    return ((f"munition:{capability}", f"values:{function}"), (f"munition:{capability}", "take"))


def _item(name: str, declared: frozenset[str]) -> list[LibraryItem]:
    entry = entry_of(name)
    assert entry is not None  # what is reached is known
    library = library_of(name)
    path = (library, name.removeprefix(f"{library}.")) if library else (name,)
    if entry.sort is Sort.FUNCTION and entry.symbol is not None:
        return [LibraryEntry(path, _symbol(entry.symbol, declared), _host_imports(library, path[-1]))]
    if name in _CONSTANTS:
        return [LibraryConstant(path, _CONSTANTS[name])]
    if name in _RUNTIME_TABLES:
        return [RuntimeTable(path, _RUNTIME_TABLES[name])]
    return [LibraryObject(path, _OBJECTS[name])] if name in _OBJECTS else []


def object_types(checked: Checked) -> tuple[ObjectType, ...]:
    """The types of the library's objects that the program can get hold of: files, so far."""
    reached = checked.reached
    streams = bool(reached & _OBJECTS.keys() or ("io.write" in reached and checked.uses.keeps_file))
    opens = bool(reached & OPENERS)
    if not streams and not opens:
        return ()
    names = (*FILE_METHODS, *READER_METHODS) if opens else FILE_METHODS
    methods = {name: f"lua_io_file_{name}" for name in names}
    if not streams:
        methods["write"] = "lua_io_reader_write"  # the other one needs the host function of the log
    objects = (*(_OBJECTS.values() if streams else ()), *((_READER,) if opens else ()))
    return (ObjectType(FILE_TYPE, objects, tuple(methods.items()), FILE_METAMETHODS),)


# With the `random` capability the generator starts from entropy; without it, from a fixed seed.
_WITH_ENTROPY: Final = {
    "lua_math_random": "lua_math_random_entropy",
    "lua_math_randomseed": "lua_math_randomseed_entropy",
}


def _symbol(symbol: str, declared: frozenset[str]) -> str:
    return _WITH_ENTROPY.get(symbol, symbol) if "random" in declared else symbol


def steady_builtins(checked: Checked) -> frozenset[str]:
    """Global names of library functions that nothing in the program can have replaced."""
    if GLOBALS in checked.uses.whole or GLOBALS in checked.uses.assigned:
        return frozenset()
    return frozenset(name for name in checked.reached if "." not in name) - checked.uses.assigned
