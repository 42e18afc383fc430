# SPDX-License-Identifier: MIT
"""Who can call whom: direct calls, calls by type through tables and references, and calls back from imports.

Nodes are functions (imported ones first) and, behind them, pools: one for each (table, type) that is called through, so that
indirect calls need no edge for every pair. The graph errs on the side of too many edges: a table whose elements change while
running, or that the host can reach, may hold any function whose reference is taken or that is exported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from munition.analysis.callscan import BodyScanner, Bounds, Calls
from munition.analysis.model import Entry
from munition.analysis.subtypes import TypeNumbers, number_types
from munition.analysis.visibility import Tables, read_tables, reference_tables, references_leave
from munition.wasm.module import Kind

if TYPE_CHECKING:
    from munition.wasm.limits import Limits
    from munition.wasm.module import Module

ANYWHERE: Final = -1
"""In place of a table: anywhere a reference can be."""
_MANY_TABLES: Final = 16
_MANY_SUBTYPES: Final = 5_000


@dataclass(frozen=True, slots=True)
class Root:
    """A function that is called from outside."""

    function: int
    entry: Entry
    export: str | None = None


@dataclass(frozen=True, slots=True)
class CallGraph:
    """The call graph of a module.

    Attributes:
        functions: how many functions there are; nodes from there on are pools.
        imported: how many of them are imported.
        direct: node -> nodes it calls directly; for a pool, the functions and pools in it.
        indirect: function -> pools it calls into.
        callbacks: imported function -> pool of what the host may call back; these count as indirect.
        roots: in order of preference as evidence: exports, start, table elements, references.
        visible: whether the host can reach table elements or references.
        called: functions that occur as the target of something other than a direct call, so that their parameters are unknown.
        bodies: what each defined function leads to.
        sites: (type, table) of an indirect call, or (type, -1) of a call by reference -> its pool.
        scanner: finds the places of calls in bodies; None for a graph of several modules.
        pools: (table, number of a type) -> pool; table -1 stands for anywhere a reference can be.
        numbers: the function types up to equality; None for a graph of several modules.
        shared: tables that code outside the module can reach; -1 among them if references can pass in other ways.
    """

    functions: int
    imported: int
    direct: list[tuple[int, ...]]
    indirect: dict[int, tuple[int, ...]]
    callbacks: dict[int, int]
    roots: tuple[Root, ...]
    visible: bool
    called: frozenset[int]
    bodies: tuple[Calls, ...]
    sites: dict[tuple[int, int], int]
    scanner: BodyScanner | None
    pools: dict[tuple[int, int], int]
    numbers: TypeNumbers | None
    shared: frozenset[int]


def build(data: bytes, module: Module, callbacks: frozenset[int], limits: Limits) -> CallGraph:
    """The call graph of the module in `data`.

    Args:
        data: the file.
        module: the same, decoded.
        callbacks: imported functions that call back into tables.
        limits: for bodies.

    Raises:
        InvalidModuleError: a body cannot be decoded; E231 when it holds an unknown instruction.
    """
    tables = read_tables(module)
    types = module.function_types()
    scanner = BodyScanner(data, Bounds(len(types), len(module.types), tables.count), limits)
    bodies = tuple([scanner.scan(body.at, body.at + len(body.content)) for body in module.code])
    return _Builder(module, types, tables, bodies).graph(callbacks, scanner)


class _Builder:
    """Turns the calls of all bodies into a graph."""

    def __init__(
        self, module: Module, types: tuple[int, ...], tables: Tables, bodies: tuple[Calls, ...]
    ) -> None:
        self.module = module
        self.count = len(types)
        self.imported = len(types) - len(module.functions)
        self.bodies = bodies
        self.tables = tables
        self.numbers = number_types(module.types, module.rec_groups)
        self.type_of = [self.numbers.of[t] for t in types]
        self.exported: frozenset[int] = frozenset(e.index for e in module.exports if e.kind is Kind.FUNCTION)
        taken = set(tables.taken)
        changed: set[int] = set()
        for body in bodies:
            taken.update(body.references)
            changed.update(body.changed)
        self.taken: frozenset[int] = frozenset(f for f in taken if f < self.count)
        self.visible_tables = tables.visible & reference_tables(module)
        self.leave = references_leave(module)
        self.unknown = self.visible_tables | changed
        self.changed = changed
        self.pool_of_any = self.taken | self.exported if self.leave or self.visible_tables else self.taken
        self.one_pool = tables.count > _MANY_TABLES or _subtypes(self.numbers) > _MANY_SUBTYPES
        self.direct: list[tuple[int, ...]] = [()] * self.imported + [body.direct for body in bodies]
        self.pools: dict[tuple[int, int], int] = {}
        self.by_type: dict[int, dict[int, list[int]]] = {}
        self.sites: dict[tuple[int, int], int] = {}

    def graph(self, callbacks: frozenset[int], scanner: BodyScanner) -> CallGraph:
        """Everything put together."""
        indirect: dict[int, tuple[int, ...]] = {}
        known: dict[tuple[object, object], tuple[int, ...]] = {}
        for function, body in enumerate(self.bodies, self.imported):
            if body.indirect or body.by_reference:
                key = (body.indirect, body.by_reference)
                if key not in known:
                    known[key] = self.called_pools(body)
                indirect[function] = known[key]
        back: dict[int, int] = {}
        if callbacks:
            everything = len(self.direct)
            self.direct.append(tuple(sorted(self.pool_of_any)))
            back = dict.fromkeys(sorted(callbacks), everything)
        visible = bool(self.visible_tables) or self.leave
        return CallGraph(
            self.count,
            self.imported,
            self.direct,
            indirect,
            back,
            self.roots(),
            visible,
            self.taken | self.exported | frozenset(() if self.module.start is None else (self.module.start,)),
            self.bodies,
            self.sites,
            scanner,
            self.pools,
            self.numbers,
            self.visible_tables | frozenset((ANYWHERE,) if self.leave else ()),
        )

    def roots(self) -> tuple[Root, ...]:
        """Every function that is called from outside."""
        exports = [
            Root(e.index, Entry.EXPORT, e.name) for e in self.module.exports if e.kind is Kind.FUNCTION
        ]
        start = [] if self.module.start is None else [Root(self.module.start, Entry.START)]
        held: set[int] = set()
        for table in self.visible_tables:
            held |= self.taken if table in self.changed else self.tables.held.get(table, frozenset())
        elements = [Root(f, Entry.TABLE) for f in sorted(held) if f < self.count]
        references = [Root(f, Entry.REFERENCE) for f in sorted(self.taken - held)] if self.leave else []
        return tuple(exports + start + elements + references)

    def called_pools(self, body: Calls) -> tuple[int, ...]:
        """The pools that the indirect calls of a body go to."""
        for type_, table in body.indirect:
            if (type_, table) not in self.sites:
                self.sites[type_, table] = self.pool(table, self.numbers.of[type_])
        for type_ in body.by_reference:
            if (type_, ANYWHERE) not in self.sites:
                self.sites[type_, ANYWHERE] = self.pool(ANYWHERE, self.numbers.function[type_])
        keys = [*body.indirect, *((type_, ANYWHERE) for type_ in body.by_reference)]
        return tuple(sorted({self.sites[key] for key in keys}))

    def pool(self, table: int, number: int) -> int:
        """The node that stands for the functions of a type, or of a type below it, in a table."""
        table = ANYWHERE if self.one_pool or table in self.unknown else table
        known = self.pools.get((table, number))
        if known is not None:
            return known
        first = self.new_pool(table, number)
        todo = [number]
        while todo:
            at = todo.pop()
            node = self.pools[table, at]
            below: list[int] = []
            for child in self.numbers.below.get(at, ()):
                if (table, child) not in self.pools:
                    self.new_pool(table, child)
                    todo.append(child)
                below.append(self.pools[table, child])
            self.direct[node] = (*self.members(table).get(at, ()), *below)
        return first

    def new_pool(self, table: int, number: int) -> int:
        """An empty pool."""
        node = self.pools[table, number] = len(self.direct)
        self.direct.append(())
        return node

    def members(self, table: int) -> dict[int, list[int]]:
        """The functions a table can hold, by the number of their type."""
        found = self.by_type.get(table)
        if found is None:
            held = self.pool_of_any if table == ANYWHERE else self.tables.held.get(table, frozenset())
            found = self.by_type[table] = {}
            for function in sorted(held):
                if function < self.count:
                    found.setdefault(self.type_of[function], []).append(function)
        return found


def _subtypes(numbers: TypeNumbers) -> int:
    return sum(map(len, numbers.below.values()))
