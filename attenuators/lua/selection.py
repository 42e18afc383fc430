# SPDX-License-Identifier: MIT
"""From what the check says a program can reach to what its module holds."""

from __future__ import annotations

import math
from typing import Final

from munition.attenuators.lua.check import Checked
from munition.attenuators.lua.library import ENTRIES, GLOBALS, LIBRARIES, Sort
from munition.ir.nodes import LibraryConstant, LibraryEntry, LibraryItem, LibraryTable

_CONSTANTS: Final[dict[str, int | float | bytes]] = {
    "_VERSION": b"Lua 5.4",
    "math.huge": math.inf,
    "math.pi": math.pi,
    "math.maxinteger": (1 << 63) - 1,
    "math.mininteger": -(1 << 63),
    "utf8.charpattern": b"[\x00-\x7f\xc2-\xfd][\x80-\xbf]*",
}


def select_library(checked: Checked, declared: frozenset[str]) -> tuple[LibraryItem, ...]:
    """The library of a module, sorted by name: functions, constants, and the tables that are mentioned."""
    tables = {name for name in LIBRARIES if GLOBALS in checked.uses.whole or name in checked.uses.whole}
    tables |= {m.name.partition(".")[0] for m in checked.uses.mentions} & set(LIBRARIES)
    items: list[LibraryItem] = [LibraryTable(name) for name in sorted(tables)]
    for name in sorted(checked.reached):
        entry = ENTRIES[name]
        path = tuple(name.split("."))
        if entry.sort is Sort.FUNCTION and entry.symbol is not None:
            items.append(LibraryEntry(path, _symbol(entry.symbol, declared)))
        elif name in _CONSTANTS:
            items.append(LibraryConstant(path, _CONSTANTS[name]))
    return tuple(items)


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
