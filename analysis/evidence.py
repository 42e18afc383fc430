# SPDX-License-Identifier: MIT
"""Shortest ways through the call graph as evidence: function by function, with names and the places of the calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from munition.analysis.model import Edge, Path, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from munition.analysis.callgraph import CallGraph
    from munition.analysis.reach import Ways
    from munition.wasm.module import Module

_MAX_STEPS: Final = 60
_MAX_TOTAL_NODES: Final = 500_000
_MAX_SEARCHED: Final = 1 << 19


class Witness:
    """Makes paths for one module; the places of calls are looked up while the budget for that lasts."""

    def __init__(self, module: Module, graph: CallGraph, ways: Ways, names: Mapping[int, str]) -> None:
        """`names` are what functions are called: claims."""
        self._graph = graph
        self._ways = ways
        self._names = names
        self._places = Places(module, graph)
        self._nodes_left = _MAX_TOTAL_NODES

    def path(self, function: int) -> Path | None:
        """The shortest way to `function`; None if no root leads there or too much was asked for.

        Of a very long way the first and the last steps are kept; a step with function -1 stands for the others.
        """
        if function not in self._ways.parent or self._nodes_left < 0:
            return None
        way = self._ways.way(function)
        self._nodes_left -= len(way)
        root = self._ways.root[way[0]]
        if len(way) > 2 * _MAX_STEPS:
            left_out = len(way) - 2 * _MAX_STEPS
            gap = Step(-1, f"{left_out} more steps", Edge.DIRECT)
            steps = (*self._steps(way[:_MAX_STEPS]), gap, *self._steps(way[-_MAX_STEPS:])[1:])
        else:
            steps = self._steps(way)
        return Path(root.entry, root.export, steps)

    def _steps(self, way: list[int]) -> tuple[Step, ...]:
        graph = self._graph
        found: list[Step] = []
        caller, edge, through = -1, Edge.ROOT, -1
        for node in way:
            if node >= graph.functions:  # a pool: the next function is reached through it
                if through < 0:
                    edge = Edge.CALLBACK if caller in graph.callbacks else Edge.INDIRECT
                    through = node
                continue
            offset = self._places.of(caller, node if through < 0 else through) if caller >= 0 else None
            found.append(Step(node, self._names.get(node), edge, offset))
            caller, edge, through = node, Edge.DIRECT, -1
        return tuple(found)


class Places:
    """Where the calls are, looked up in bodies one after the other while the budget for that lasts."""

    def __init__(self, module: Module, graph: CallGraph) -> None:
        """For one module."""
        self._module = module
        self._graph = graph
        self._places: dict[int, dict[int, int]] = {}
        self._bytes_left = _MAX_SEARCHED

    def of(self, caller: int, target: int) -> int | None:
        """Where `caller` first calls the function or pool `target`; None if that is not known."""
        graph = self._graph
        if caller < graph.imported or graph.scanner is None:
            return None
        places = self._places.get(caller)
        if places is None:
            body = self._module.code[caller - graph.imported]
            size = len(body.content)
            if size > self._bytes_left:
                return None
            self._bytes_left -= size
            places = self._places[caller] = {}
            for offset, (field, index, table) in graph.scanner.sites(body.at, body.at + size):
                if field == "direct":
                    places.setdefault(index, offset)
                elif field in {"indirect", "by_reference"}:
                    key = (index, table if field == "indirect" else -1)
                    places.setdefault(graph.sites.get(key, -1), offset)
        return places.get(target)
