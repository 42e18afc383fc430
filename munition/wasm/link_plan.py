# SPDX-License-Identifier: MIT
"""The decisions of a link, made before a byte is copied: what is kept, and which index everything gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from msgspec import Struct

from munition.wasm.faults import LinkError
from munition.wasm.link_unit import (
    CallRelocation,
    DataRelocation,
    Gate,
    GlobalRelocation,
    LinkUnit,
    TypeRelocation,
)
from munition.wasm.reach import Closed, Reached, extent, reach
from munition.wasm.runtime_object import HEAP_BASE, HEAP_END, LINK_MODULE, RuntimeObject
from munition.wasm.static_data import Chunk, patched_ranges

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE: Final = 65_536

_INDEX_LIMIT: Final = 1 << 20
"""Indices in generated bodies stay below it: a three-byte block type is signed."""


class LinkPlan(Struct, frozen=True):
    """What a link will do.

    Attributes:
        runtime: the runtime that is linked.
        unit: what is linked with it.
        symbols: finds functions and globals by symbol.
        patches: (address, bytes) written over the runtime's data.
        reached: what is needed of the runtime.
        host: the imported functions that are kept, as the runtime numbers them, ascending.
        own: the runtime's defined functions that are kept, ascending.
        final: function number (the runtime's, then generated ones) -> index in the result.
        first: index in the result of the first generated function.
        traps: type index (of the runtime) of each generated function that only traps, behind all others.
        moved: symbol -> address, for the addresses the link changes.
        heap_base: new value of `__heap_base`.
        pages: minimum size of the memory.
    """

    runtime: RuntimeObject
    unit: LinkUnit
    symbols: Symbols
    patches: tuple[Chunk, ...]
    reached: Reached
    host: tuple[int, ...]
    own: tuple[int, ...]
    final: Mapping[int, int]
    first: int
    traps: tuple[int, ...]
    moved: Mapping[str, int]
    heap_base: int
    pages: int

    def function(self, symbol: str) -> int:
        """The index in the result of the function called `symbol`."""
        return self.final[self.symbols.function(symbol)]

    def address(self, symbol: str) -> int:
        """The address in the result of a data symbol of the runtime."""
        return self.moved[symbol] if symbol in self.moved else self.runtime.address(symbol)


def plan_link(runtime: RuntimeObject, unit: LinkUnit) -> LinkPlan:
    """Resolve all symbols, follow all relocations, number what is kept.

    Raises:
        LinkError: a symbol is unknown, missing or defined twice, or sizes do not fit.
    """
    symbols = Symbols(runtime, unit)
    patches = tuple(patched_ranges(runtime, unit))
    reached = _reach(runtime, unit, symbols, patches)
    kept = sorted(reached.functions)
    imported = len(runtime.imports)
    host = tuple(f for f in kept if f < imported and symbols.provided(f) == f)
    own = tuple(f for f in kept if f >= imported)
    heap_base, pages = _memory(runtime, unit)
    final, traps = _number(host, own, unit, symbols, reached)
    return LinkPlan(
        runtime=runtime,
        unit=unit,
        symbols=symbols,
        patches=patches,
        reached=reached,
        host=host,
        own=own,
        final=final,
        first=len(host) + len(unit.imports) + len(own),
        traps=traps,
        moved={HEAP_BASE: heap_base, HEAP_END: pages * PAGE},
        heap_base=heap_base,
        pages=pages,
    )


class Symbols:
    """Finds functions by symbol. Functions are numbered as in the runtime, generated ones behind the runtime's."""

    def __init__(self, runtime: RuntimeObject, unit: LinkUnit) -> None:
        self.runtime = runtime
        self.first_generated = len(runtime.imports) + len(runtime.module.functions)
        self.generated = {f.symbol: self.first_generated + i for i, f in enumerate(unit.functions)}
        first_added = self.first_generated + len(unit.functions)
        self.added = {entry.symbol: first_added + i for i, entry in enumerate(unit.imports)}
        if len(self.generated | self.added) != len(unit.functions) + len(unit.imports):
            raise LinkError("two generated functions have the same symbol")
        self.host = {f"{i.module}.{i.name}": index for index, i in enumerate(runtime.imports)}
        first_global = len(runtime.module.globals)
        self._globals = {
            **runtime.globals,
            **{g.symbol: first_global + i for i, g in enumerate(unit.globals)},
        }

    def function(self, symbol: str) -> int:
        """The function called `symbol`; what the runtime asks of module `link` is answered by a generated one."""
        for space in (self.generated, self.added, self.runtime.functions, self.host):
            found = space.get(symbol)
            if found is not None:
                return self.provided(found)
        raise LinkError(f"there is no function {symbol!r}")

    def provided(self, function: int) -> int:
        """`function`, or if it is an import of module `link` the generated function of that name."""
        if function >= len(self.runtime.imports):
            return function
        entry = self.runtime.imports[function]
        if entry.module != LINK_MODULE:
            return function
        if entry.name not in self.generated:
            raise LinkError(f"the runtime needs a generated function {entry.name!r}, which is missing")
        return self.generated[entry.name]

    def signature(self, function: int) -> int:
        """The type index of a function of the runtime."""
        if function >= self.first_generated:
            raise LinkError("what lies behind a gate must be a function of the runtime")
        return self.runtime.function_types[function]

    def global_index(self, symbol: str) -> int | None:
        """The index of the global called `symbol`, if there is one."""
        return self._globals.get(symbol)


def _reach(runtime: RuntimeObject, unit: LinkUnit, symbols: Symbols, patches: tuple[Chunk, ...]) -> Reached:
    """What is needed of the runtime, starting at everything the unit names."""
    functions: dict[int, None] = {}
    ranges = [(address, address + len(content)) for address, content in patches]
    ranges += [_data_range(runtime, symbol) for symbol in unit.data_words]
    names = list(unit.table) + [s for _, s in unit.exports if symbols.global_index(s) is None]
    for symbol in unit.keep:
        if symbol in runtime.data:
            ranges.append(_data_range(runtime, symbol))
        else:
            names.append(symbol)
    for generated in unit.functions:
        for relocation in generated.relocations:
            match relocation:
                case CallRelocation(_, symbol):
                    names.append(symbol)
                case DataRelocation(_, symbol):
                    ranges.append(_data_range(runtime, symbol))
                case TypeRelocation() | GlobalRelocation():
                    pass
                case _:
                    assert_never(relocation)
    for symbol in dict.fromkeys(names):
        function = symbols.function(symbol)
        if function < symbols.first_generated:
            functions[function] = None
    return reach(runtime, functions, dict.fromkeys(ranges), [_closed(symbols, gate) for gate in unit.gates])


def _closed(symbols: Symbols, gate: Gate) -> Closed:
    functions = {
        symbols.function(name): None if other is None else symbols.function(other)
        for name, other in gate.functions.items()
    }
    for function, other in functions.items():
        if other is not None and symbols.signature(function) != symbols.signature(other):
            raise LinkError(f"a stand-in has another type than what it stands for: {gate.functions}")
    return Closed(functions, frozenset(symbols.function(name) for name in gate.openers))


def _data_range(runtime: RuntimeObject, symbol: str) -> tuple[int, int]:
    place = runtime.data.get(symbol)
    if place is None:
        raise LinkError(f"the runtime has no data symbol {symbol!r}")
    place = extent(runtime, place)
    return place.address, place.address + place.size


def _number(
    host: tuple[int, ...], own: tuple[int, ...], unit: LinkUnit, symbols: Symbols, reached: Reached
) -> tuple[dict[int, int], tuple[int, ...]]:
    """Host imports, the runtime's functions, generated ones, then a trap for each type that needs one."""
    generated = range(symbols.first_generated, symbols.first_generated + len(unit.functions))
    order = (*host, *symbols.added.values(), *own, *generated)
    final = {old: new for new, old in enumerate(order)}
    final.update({f: final[symbols.provided(f)] for f in reached.functions})
    first = len(order)
    traps: dict[int, int] = {}
    for function, other in sorted(reached.absent.items()):
        if other is not None:
            final[function] = final[other]
        else:
            final[function] = traps.setdefault(symbols.signature(function), first + len(traps))
    if first + len(traps) > _INDEX_LIMIT:
        raise LinkError(f"more than {_INDEX_LIMIT} functions")
    return final, tuple(traps)


def _memory(runtime: RuntimeObject, unit: LinkUnit) -> tuple[int, int]:
    """The new heap base and the number of pages."""
    heap_base = unit.heap_end or runtime.heap_base
    if heap_base < runtime.heap_base:
        raise LinkError(f"heap_end {unit.heap_end} is below the runtime's own {runtime.heap_base}")
    pages = max(unit.memory_pages, -(-heap_base // PAGE))
    if pages > (unit.memory_max_pages or PAGE):
        raise LinkError(f"{pages} pages of memory are needed, {unit.memory_max_pages or PAGE} are allowed")
    return heap_base, pages
