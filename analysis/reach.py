# SPDX-License-Identifier: MIT
"""What the roots lead to: shortest ways to everything, and which imports each function reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from munition.analysis.model import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from munition.analysis.callgraph import CallGraph, Root

INDIRECT_COST: Final = 5
_ENTRY_COST: Final = {Entry.EXPORT: 0, Entry.START: 0, Entry.TABLE: 10, Entry.REFERENCE: 10}


@dataclass(frozen=True, slots=True)
class Ways:
    """The shortest way to every node that some root leads to.

    Attributes:
        parent: node -> the node before it; -1 for a root; absent for what is not reached.
        root: first node -> the root it stands for.
    """

    parent: dict[int, int]
    root: dict[int, Root]

    def way(self, node: int) -> list[int]:
        """The nodes from a root to `node`, pools included."""
        found = [node]
        while (node := self.parent[node]) >= 0:
            found.append(node)
        return found[::-1]


def shortest_ways(graph: CallGraph, roots: Iterable[Root]) -> Ways:
    """Shortest ways from `roots` to all they reach, direct calls costing 1 and indirect ones 5 (Dial's algorithm).

    Of equal ways the one found first wins, in an order given by the file alone.
    """
    parent: dict[int, int] = {}
    starts: dict[int, Root] = {}
    buckets: list[list[tuple[int, int]]] = [[] for _ in range(max(_ENTRY_COST.values()) + 1)]
    for root in roots:
        if root.function not in starts:
            starts[root.function] = root
            buckets[_ENTRY_COST[root.entry]].append((root.function, -1))
    cost = 0
    direct, indirect, callbacks, functions = graph.direct, graph.indirect, graph.callbacks, graph.functions
    while cost < len(buckets):
        while len(buckets) <= cost + INDIRECT_COST:
            buckets.append([])
        here, near, far = buckets[cost], buckets[cost + 1], buckets[cost + INDIRECT_COST]
        for node, before in here:  # grows while pools are opened: their members cost nothing more
            if node in parent:
                continue
            parent[node] = before
            (near if node < functions else here).extend([(n, node) for n in direct[node] if n not in parent])
            if node in indirect:
                far.extend([(n, node) for n in indirect[node] if n not in parent])
            elif node in callbacks:
                far.append((callbacks[node], node))
        buckets[cost] = []
        cost += 1
        if not any(buckets[cost:]):
            break
    return Ways(parent, starts)


def reached_imports(graph: CallGraph) -> list[int]:
    """For every node, the imported functions it reaches, as a bit set (bit `i` = function `i`).

    Strongly connected components are found with Tarjan's algorithm, iteratively; they come out in reverse topological order, so
    one pass suffices.
    """
    count = len(graph.direct)
    masks = [0] * count
    order = [0] * count  # 0 = not seen; afterwards the index of discovery
    low = [0] * count
    closed = bytearray(count)
    stack: list[int] = []
    clock = 0
    for first in range(count):
        if order[first]:
            continue
        clock += 1
        order[first] = low[first] = clock
        stack.append(first)
        work = [(first, iter(successors(graph, first)))]
        while work:
            node, rest = work[-1]
            for child in rest:
                if not order[child]:
                    clock += 1
                    order[child] = low[child] = clock
                    stack.append(child)
                    work.append((child, iter(successors(graph, child))))
                    break
                if not closed[child]:
                    low[node] = min(low[node], order[child])
                masks[node] |= masks[child]
            else:
                work.pop()
                _close(graph, node, low, order, closed, stack, masks)
                if work:
                    above = work[-1][0]
                    low[above] = min(low[above], low[node])
                    masks[above] |= masks[node]
    return masks


def _close(
    graph: CallGraph,
    node: int,
    low: list[int],
    order: list[int],
    closed: bytearray,
    stack: list[int],
    masks: list[int],
) -> None:
    """Finish a node; if it heads a component, give all of it the same set."""
    if node < graph.imported:
        masks[node] |= 1 << node
    if low[node] != order[node]:
        return
    members: list[int] = []
    mask = 0
    while True:
        member = stack.pop()
        members.append(member)
        mask |= masks[member]
        if member == node:
            break
    for member in members:
        closed[member] = 1
        masks[member] = mask


def successors(graph: CallGraph, node: int) -> tuple[int, ...]:
    """All nodes one step further."""
    more = graph.indirect.get(node, ())
    if node in graph.callbacks:
        more = (*more, graph.callbacks[node])
    return graph.direct[node] + more if more else graph.direct[node]
