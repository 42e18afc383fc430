# SPDX-License-Identifier: MIT
"""Which parts of the runtime a program needs: the closure of its roots over relocations."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from msgspec import Struct

from munition.wasm.relocations import ABSOLUTE, UNDEFINED, RelocationType
from munition.wasm.runtime_object import DataSymbol, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from munition.wasm.relocations import RawRelocation
    from munition.wasm.runtime_object import RuntimeObject

_CALL = RelocationType.FUNCTION_INDEX_LEB.value
_POINTERS = frozenset({RelocationType.TABLE_INDEX_SLEB.value, RelocationType.TABLE_INDEX_I32.value})
_ADDRESSES = frozenset(
    {
        RelocationType.MEMORY_ADDR_LEB.value,
        RelocationType.MEMORY_ADDR_SLEB.value,
        RelocationType.MEMORY_ADDR_I32.value,
    }
)


class Reached(Struct, frozen=True):
    """What is needed of a runtime.

    Attributes:
        functions: function indices, imported ones included.
        pointed: those of them that are reached by their address, and so need their table slot.
        data: half-open address ranges of the data.
        absent: functions behind closed gates that something names -> what stands in for them, None for a trap.
    """

    functions: frozenset[int]
    pointed: frozenset[int]
    data: frozenset[tuple[int, int]]
    absent: Mapping[int, int | None]


class Closed(Struct, frozen=True):
    """A gate as the walk knows it: functions behind it -> stand-ins, and the functions that open it."""

    functions: Mapping[int, int | None]
    openers: frozenset[int]


def reach(
    runtime: RuntimeObject,
    functions: Iterable[int],
    data: Iterable[tuple[int, int]],
    gates: Iterable[Closed] = (),
) -> Reached:
    """Follow relocations from the given functions and address ranges to everything they can name.

    A function whose address lies in data that is reached counts as reached, and so does all that it reaches: the answer
    errs only on the side of too much. What lies behind a gate waits until one of its openers is reached.
    """
    walk = _Walk(runtime, gates)
    for function in functions:
        walk.reach_function(function)
    for start, end in data:
        walk.reach_range(start, end)
    walk.run()
    absent = {f: gate.functions[f] for f, gate in walk.waiting.items()}
    return Reached(frozenset(walk.functions), frozenset(walk.pointed), frozenset(walk.ranges), absent)


class _Walk:
    """The work list of one `reach`."""

    def __init__(self, runtime: RuntimeObject, gates: Iterable[Closed]) -> None:
        self.runtime = runtime
        self.closed: dict[int, Closed] = {}
        self.opened_by: dict[int, list[Closed]] = {}
        for gate in gates:
            self.closed.update(dict.fromkeys(gate.functions, gate))
            for opener in gate.openers:
                self.opened_by.setdefault(opener, []).append(gate)
        self.waiting: dict[int, Closed] = {}
        self.imported = len(runtime.imports)
        self.addresses = [r[1] for r in runtime.data_relocations]
        self.functions: set[int] = set()
        self.pointed: set[int] = set()
        self.ranges: set[tuple[int, int]] = set()
        self.symbols: set[int] = set()
        self.todo: list[tuple[RawRelocation, ...]] = []

    def reach_function(self, function: int) -> None:
        if function in self.closed:
            self.waiting[function] = self.closed[function]
        elif function not in self.functions:
            self.functions.add(function)
            for gate in self.opened_by.pop(function, ()):
                self.open(gate)
            if function >= self.imported:
                self.todo.append(self.runtime.code_relocations[function - self.imported])

    def open(self, gate: Closed) -> None:
        for function in gate.functions:
            self.closed.pop(function, None)
            if self.waiting.pop(function, None) is not None:
                self.reach_function(function)

    def run(self) -> None:
        while self.todo:
            self.follow(self.todo.pop())
            if not self.todo:  # nothing opens a gate any more but what the stand-ins need
                for function, gate in list(self.waiting.items()):
                    other = gate.functions[function]
                    if other is not None:
                        self.reach_function(other)

    def follow(self, relocations: Iterable[RawRelocation]) -> None:
        symbols = self.runtime.symbols
        for type_, _, index, _ in relocations:
            if type_ == _CALL:
                self.reach_function(symbols[index].index)
            elif type_ in _POINTERS:
                self.pointed.add(symbols[index].index)
                self.reach_function(symbols[index].index)
            elif type_ in _ADDRESSES and index not in self.symbols:
                self.symbols.add(index)
                self.reach_symbol(index)

    def reach_symbol(self, index: int) -> None:
        symbol = self.runtime.symbols[index]
        if symbol.flags & (ABSOLUTE | UNDEFINED):
            return
        found = extent(self.runtime, place(symbol, self.runtime.segments))
        self.reach_range(found.address, found.address + found.size)

    def reach_range(self, start: int, end: int) -> None:
        if (start, end) not in self.ranges:
            self.ranges.add((start, end))
            first = bisect_left(self.addresses, start - 3)
            last = bisect_left(self.addresses, end)
            self.todo.append(self.runtime.data_relocations[first:last])


def extent(runtime: RuntimeObject, found: DataSymbol) -> DataSymbol:
    """`found`, or if its size is unknown (0) all of its segment from there on."""
    if found.size:
        return found
    for start, content in runtime.segments:
        if start <= found.address < start + len(content):
            return DataSymbol(found.address, start + len(content) - found.address)
    return found
