# SPDX-License-Identifier: MIT
"""One call graph for all core instances of a component.

Nodes are, in this order: functions of the world, defined functions of core instances, and behind them what only leads elsewhere
(lifted and lowered functions, imports of core modules) and pools. The host reaches nothing but what is exported: tables and
references stay inside. Instances that share a table, or can pass references to functions, share what it can hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from munition.analysis.callgraph import ANYWHERE, CallGraph, Root
from munition.analysis.model import Entry
from munition.analysis.slots import exact_tables, trampolines
from munition.wasm.types import FuncType, RefType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from munition.analysis.linking import Linked, Made
    from munition.analysis.single import ModuleAnalysis
    from munition.wasm.module import Module

TypeKey: TypeAlias = object
"""A function type in a form that two modules agree on; None for one that could be any."""


@dataclass(frozen=True, slots=True)
class ComponentGraph:
    """The graph, and where the nodes of each core instance are.

    Attributes:
        graph: as for a module; its `bodies`, `sites` and `scanner` are empty, since each instance has its own.
        made: core instances by the number of their first function.
        nodes: for each of them, its local node -> node.
    """

    graph: CallGraph
    made: tuple[Made, ...]
    nodes: tuple[tuple[int, ...], ...]


def build_component(linked: Linked, asked: int, analyses: Mapping[int, ModuleAnalysis]) -> ComponentGraph:
    """The graph of a component that was linked without anything left open.

    Args:
        linked: the component, put together.
        asked: how many things it imports: nodes below that are these.
        analyses: start in the file -> analysis, each with a graph.
    """
    return _Builder(linked, asked, analyses).build()


class _Builder:
    """Collects nodes and edges."""

    def __init__(self, linked: Linked, asked: int, analyses: Mapping[int, ModuleAnalysis]) -> None:
        self.linked = linked
        self.asked = asked
        self.analyses = analyses
        self.direct: list[tuple[int, ...]] = [()] * linked.functions
        self.indirect: dict[int, tuple[int, ...]] = {}
        self.keys: dict[int, dict[int, TypeKey]] = {}
        self.groups = _Groups()
        self.held: dict[int, dict[TypeKey, list[int]]] = {}
        self.shared: dict[tuple[int, TypeKey], int] = {}

    def build(self) -> ComponentGraph:
        """Everything put together."""
        functions = self.linked.functions
        self.direct.extend(tuple(map(self.node, targets)) for targets in self.linked.ways)
        nodes = tuple(self.instance(made) for made in self.linked.made)
        for made, local in zip(self.linked.made, nodes, strict=True):
            self.group(made)
            self.hold(made, local)
        for made, local in zip(self.linked.made, nodes, strict=True):
            self.open_pools(made, local)
        self.resolve_trampolines(nodes)
        for number, table in self.linked.tables:
            everything = self.pool(self.groups.find(table), None)
            node = self.node(number)
            self.direct[node] = (*self.direct[node], everything)
        graph = CallGraph(
            functions=functions,
            imported=self.asked,
            direct=self.direct,
            indirect=self.indirect,
            callbacks={},
            roots=self.roots(),
            visible=False,
            called=frozenset(),
            bodies=(),
            sites={},
            scanner=None,
            pools={},
            numbers=None,
            shared=frozenset(),
        )
        return ComponentGraph(graph, tuple(self.linked.made), nodes)

    def node(self, number: int) -> int:
        """The node of a number given while linking."""
        return number if number >= 0 else self.linked.functions - 1 - number

    def roots(self) -> tuple[Root, ...]:
        """Exports, what runs while it is instantiated, and destructors, which the host can cause to be called."""
        linked = self.linked
        return (
            *(Root(self.node(e.node), Entry.EXPORT, e.name) for e in linked.exported),
            *(Root(self.node(number), Entry.START) for number in linked.started),
            *(Root(self.node(number), Entry.REFERENCE) for number in linked.dropped),
        )

    def instance(self, made: Made) -> tuple[int, ...]:
        """Copy the graph of a module for one of its instances."""
        graph = self.analyses[made.module].graph
        assert graph is not None
        pools = len(graph.direct) - graph.functions
        local = (
            *map(self.node, made.functions),
            *range(made.first, made.first + graph.functions - graph.imported),
            *range(len(self.direct), len(self.direct) + pools),
        )
        at = local.__getitem__
        first = made.first
        for offset, targets in enumerate(graph.direct[graph.imported : graph.functions]):
            self.direct[first + offset] = tuple(map(at, targets))
        self.direct.extend(tuple(map(at, targets)) for targets in graph.direct[graph.functions :])
        for caller, targets in graph.indirect.items():
            self.indirect[at(caller)] = tuple(map(at, targets))
        return local

    def resolve_trampolines(self, nodes: tuple[tuple[int, ...], ...]) -> None:
        """Functions that only call one known element of a table lead there and nowhere else."""
        made = self.linked.made
        exact = exact_tables(made, nodes, self.analyses)
        found: dict[int, tuple[tuple[int, int, int], ...]] = {}
        for instance, local in zip(made, nodes, strict=True):
            if exact.keys().isdisjoint(instance.tables):
                continue
            if instance.module not in found:
                found[instance.module] = tuple(trampolines(self.analyses[instance.module]))
            for function, table, element in found[instance.module]:
                elements = exact.get(instance.tables[table])
                if elements is not None:
                    self.indirect[local[function]] = elements.get(element, ())

    def group(self, made: Made) -> None:
        """Tables that one instance shares with others have everything in common."""
        graph = self.analyses[made.module].graph
        assert graph is not None
        tables = [ANYWHERE if table == ANYWHERE else made.tables[table] for table in graph.shared]
        for table in tables[1:]:
            self.groups.join(tables[0], table)

    def of(self, made: Made) -> int | None:
        """The group of the tables an instance shares; None if it shares none."""
        graph = self.analyses[made.module].graph
        assert graph is not None
        table = next(iter(graph.shared), None)
        return (
            None if table is None else self.groups.find(ANYWHERE if table == ANYWHERE else made.tables[table])
        )

    def hold(self, made: Made, local: tuple[int, ...]) -> None:
        """Note which functions of an instance others can call through tables and references."""
        group = self.of(made)
        graph = self.analyses[made.module].graph
        if group is None or graph is None:
            return
        module = self.analyses[made.module].module
        types = module.function_types()
        into = self.held.setdefault(group, {})
        for root in graph.roots:
            if root.entry in {Entry.TABLE, Entry.REFERENCE}:
                key = self.key(made.module, module, types[root.function])
                into.setdefault(key, []).append(local[root.function])

    def open_pools(self, made: Made, local: tuple[int, ...]) -> None:
        """Indirect calls of an instance also reach what other instances put into what they share."""
        group = self.of(made)
        graph = self.analyses[made.module].graph
        if group is None or graph is None or graph.numbers is None:
            return
        module = self.analyses[made.module].module
        representative = {number: index for index, number in reversed(list(enumerate(graph.numbers.of)))}
        for (table, number), pool in graph.pools.items():
            if table == ANYWHERE:
                key = self.key(made.module, module, representative[number])
                node = local[pool]
                self.direct[node] = (*self.direct[node], self.pool(group, key))

    def pool(self, group: int, key: TypeKey) -> int:
        """The node for all functions of a type that are held in a group; for every function if the type is not known."""
        known = self.shared.get((group, key))
        if known is not None:
            return known
        node = self.shared[group, key] = len(self.direct)
        held = self.held.get(group, {})
        if key is None:
            members = [function for functions in held.values() for function in functions]
        else:
            members = [*held.get(key, ()), *held.get(None, ())]
        self.direct.append(tuple(dict.fromkeys(members)))
        return node

    def key(self, start: int, module: Module, index: int) -> TypeKey:
        """A function type of a module in a form that modules agree on."""
        known = self.keys.setdefault(start, {})
        if index not in known:
            known[index] = _key(module, index)
        return known[index]


def _key(module: Module, index: int) -> TypeKey:
    """Parameters and results of a plain function type; None for one that refers to other types or has subtypes."""
    type_ = module.types[index]
    composite = type_.composite
    if not isinstance(composite, FuncType) or type_.supertypes or not type_.final or module.rec_groups:
        return None
    parts = composite.params + composite.results
    if any(isinstance(part, RefType) and part.heap >= 0 for part in parts):
        return None
    return (composite.params, composite.results)


class _Groups:
    """Tables joined into groups (union by the smaller name, with path halving)."""

    def __init__(self) -> None:
        self.above: dict[int, int] = {}

    def find(self, table: int) -> int:
        """The name of the group of a table."""
        above = self.above
        while above.get(table, table) != table:
            above[table] = above.get(above[table], above[table])
            table = above[table]
        return table

    def join(self, one: int, other: int) -> None:
        """Make two tables members of one group."""
        low, high = sorted((self.find(one), self.find(other)))
        self.above[high] = low
