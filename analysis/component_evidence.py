# SPDX-License-Identifier: MIT
"""Ways through the modules of a component, written as steps: which module, which function, and where the call is."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from munition.analysis.evidence import Places
from munition.analysis.model import Edge, Path, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from munition.analysis.component_graph import ComponentGraph
    from munition.analysis.linking import Made
    from munition.analysis.reach import Ways
    from munition.analysis.single import ModuleAnalysis
    from munition.analysis.world import World

_MAX_STEPS: Final = 60
_MAX_TOTAL_NODES: Final = 500_000


class ComponentWitness:
    """Makes paths for one component."""

    def __init__(
        self,
        found: ComponentGraph,
        ways: Ways,
        world: World,
        analyses: Mapping[int, ModuleAnalysis],
        titles: Mapping[int, str],
    ) -> None:
        """`titles` is what each embedded module is called, by its start in the file."""
        self._found = found
        self._ways = ways
        self._world = world
        self._analyses = analyses
        self._titles = titles
        self._firsts = [made.first for made in found.made]
        self._places: dict[int, Places] = {}
        self._nodes_left = _MAX_TOTAL_NODES

    def path(self, node: int) -> Path | None:
        """The shortest way to a function of the world; None if no root leads there or too much was asked for."""
        if node not in self._ways.parent or self._nodes_left < 0:
            return None
        way = self._ways.way(node)
        self._nodes_left -= len(way)
        root = self._ways.root[way[0]]
        steps = self._steps(way)
        if len(steps) > 2 * _MAX_STEPS:
            gap = Step(-1, f"{len(steps) - 2 * _MAX_STEPS} more steps", Edge.DIRECT)
            steps = [*steps[:_MAX_STEPS], gap, *steps[-_MAX_STEPS:]]
        return Path(root.entry, root.export, tuple(steps))

    def _steps(self, way: list[int]) -> list[Step]:
        """One step per function; what only leads elsewhere is left out."""
        graph = self._found.graph
        found: list[Step] = []
        caller = -1
        between: list[int] = []
        for node in way:
            if node >= graph.functions:
                between.append(node)
                continue
            first = between[0] if between else node
            pooled = first in graph.indirect.get(caller, ())
            edge = Edge.ROOT if caller < 0 else Edge.INDIRECT if pooled else Edge.DIRECT
            offset = None if caller < 0 else self._place(caller, first)
            found.append(Step(*self._named(node), edge, offset))
            caller, between = node, []
        return found

    def _made(self, node: int) -> tuple[int, Made]:
        """The instance a defined function belongs to."""
        position = bisect_right(self._firsts, node) - 1
        return position, self._found.made[position]

    def _named(self, node: int) -> tuple[int, str]:
        """A function's index in its module, and what to call it."""
        if node < self._found.graph.imported:
            asked = self._world.asked[node]
            return node, f"{asked.interface}.{asked.name}"
        _, made = self._made(node)
        index = node - made.first + len(made.functions)
        name = self._analyses[made.module].names.functions.get(index)
        return index, f"{self._titles[made.module]}: {name or f'f{index}'}"

    def _place(self, caller: int, target: int) -> int | None:
        """Where in the file `caller` first calls a function, or what leads to one."""
        if caller < self._found.graph.imported:
            return None
        position, made = self._made(caller)
        analysis = self._analyses[made.module]
        if analysis.graph is None:
            return None
        if made.module not in self._places:
            self._places[made.module] = Places(analysis.module, analysis.graph)
        local = self._found.nodes[position]
        function = caller - made.first + len(made.functions)
        options = [n for n in _called(analysis, function) if local[n] == target]
        if not options:  # a trampoline: its one indirect call was found to go there
            options = list(analysis.graph.indirect.get(function, ()))
        places = (self._places[made.module].of(function, n) for n in options)
        return next((made.module + at for at in places if at is not None), None)


def _called(analysis: ModuleAnalysis, function: int) -> tuple[int, ...]:
    graph = analysis.graph
    return () if graph is None else graph.direct[function] + graph.indirect.get(function, ())
