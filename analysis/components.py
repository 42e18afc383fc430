# SPDX-License-Identifier: MIT
"""The analysis of a component: its world's imports by interface, and the ways that lead to them through the modules inside.

What the world is asked for counts as required, whatever happens inside; what components inside answer for one another is not
asked of the world and does not count.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from munition.analysis.claims import features, toolchain
from munition.analysis.component_evidence import ComponentWitness
from munition.analysis.component_graph import ComponentGraph, build_component
from munition.analysis.exports import bits_of, export_reports
from munition.analysis.linking import Linked, link
from munition.analysis.model import (
    Embedded,
    ExportReport,
    Form,
    ImportReport,
    Report,
    Shape,
)
from munition.analysis.notes import notes_on_component
from munition.analysis.reach import reached_imports, shortest_ways
from munition.analysis.single import ModuleAnalysis, Options
from munition.analysis.world import World, world_of, world_reports
from munition.capability.taxonomy_labels import by_risk, catalogue_names
from munition.wasm.component import Component, CoreModule, Export, Nested, Sort
from munition.wasm.component_reader import read_component

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CARRIES: Final = "payload"
_INSIDE: Final = "component-internal"
_MOST_BITS: Final = 200_000_000
_MOST_LOOKED_AT: Final = 5_000_000
# Notes on an embedded module that make no sense there: what they say of the host is true of the component around it.
_NOT_INSIDE: Final = frozenset({"N03", "N04", "N07", "N08", "N12", "N13"})


@dataclass(frozen=True, slots=True)
class _Part:
    """An embedded core module: how it is called in reports, where it is, and what it is."""

    name: str
    start: int
    analysis: ModuleAnalysis


def analyze_component(data: bytes, options: Options) -> Report:
    """The report on a component.

    Raises:
        InvalidModuleError: it, or a module in it, cannot be decoded.
    """
    component = read_component(data, options.limits)
    world = world_of(component)
    parts = tuple(
        _Part(
            name,
            at.start,
            ModuleAnalysis(data[at.start : at.end], replace(options, exports=False), embedded=True),
        )
        for name, at in _modules(component)
    )
    linked = link(component, world, {part.start: part.analysis.module for part in parts})
    unread = next((part.name for part in parts if part.analysis.graph is None), None)
    why = linked.inexact or (f"the code of {unread} could not be read" if unread else "")
    found = _Found(data, options, component, world, parts, linked)
    return found.outline(why) if why else found.with_evidence()


def _modules(component: Component) -> Iterator[tuple[str, CoreModule]]:
    """All core modules with their names, those of nested components too, in the order of the file."""
    todo: list[tuple[str, Component]] = [("", component)]
    while todo:
        prefix, at = todo.pop()
        modules = nested = 0
        inner: list[tuple[str, Component]] = []
        for item in at.definitions:
            if isinstance(item, CoreModule):
                yield f"{prefix}module {modules}", item
                modules += 1
            elif isinstance(item, Nested):
                inner.append((f"{prefix}component {nested} / ", item.component))
                nested += 1
        todo.extend(reversed(inner))


@dataclass(frozen=True, slots=True)
class _Found:
    """Everything that is known of a component."""

    data: bytes
    options: Options
    component: Component
    world: World
    parts: tuple[_Part, ...]
    linked: Linked

    def outline(self, why: str) -> Report:
        """The report when what happens inside cannot be followed: every import counts as reachable, from every export."""
        imports = world_reports(self.world, self.options.own)
        everything = by_risk({label for item in imports for label in item.labels})
        names = [
            e.name
            for e in self.component.definitions
            if isinstance(e, Export) and e.sort in {Sort.FUNC, Sort.INSTANCE}
        ]
        exports = tuple(ExportReport(name, -1, everything, everything, ()) for name in names)
        count = sum(len(part.analysis.module.functions) for part in self.parts)
        shape = Shape(count, count, features=self.features(), bodies_read=False)
        inside = {p.start: dict.fromkeys(range(len(p.analysis.functions)), everything) for p in self.parts}
        return self.report(imports, exports, tuple(names), shape, inside, why)

    def with_evidence(self) -> Report:
        """The report when everything inside could be followed."""
        found = build_component(
            self.linked, len(self.world.asked), {part.start: part.analysis for part in self.parts}
        )
        graph = found.graph
        ways = shortest_ways(graph, graph.roots)
        names = {part.start: part.name for part in self.parts}
        witness = ComponentWitness(found, ways, self.world, {p.start: p.analysis for p in self.parts}, names)
        imports = tuple(
            replace(item, reachable=item.index in ways.parent, path=witness.path(item.index))
            if item.kind == "func"
            else item
            for item in world_reports(self.world, self.options.own)
        )
        labels = [item.labels for item in imports]
        exports = export_reports(graph, labels, range(len(imports))) if self.options.exports else ()
        exports = tuple(replace(export, function=-1) for export in exports)
        reached = self.reached(found, ways.parent)
        count = sum(len(part.analysis.module.functions) for part in self.parts)
        shape = Shape(count, reached, features=self.features())
        names_of_exports = tuple(e.name for e in self.linked.exported)
        return self.report(imports, exports, names_of_exports, shape, self.inside(found, labels), "")

    def reached(self, found: ComponentGraph, parent: dict[int, int]) -> int:
        """How many functions of the modules some root leads to, in any of their instances."""
        seen: set[tuple[int, int]] = set()
        sizes = {part.start: len(part.analysis.module.functions) for part in self.parts}
        for made in found.made:
            count = sizes[made.module]
            seen.update((made.module, n) for n in range(count) if made.first + n in parent)
        return len(seen)

    def inside(
        self, found: ComponentGraph, labels: Sequence[tuple[str, ...]]
    ) -> dict[int, dict[int, tuple[str, ...]]]:
        """Start of a module -> its imported function -> what that leads to in the world."""
        graph = found.graph
        everything = by_risk({label for own in labels for label in own})
        if graph.imported * len(graph.direct) > _MOST_BITS:
            return {p.start: dict.fromkeys(range(len(p.analysis.functions)), everything) for p in self.parts}
        masks = reached_imports(graph)
        result: dict[int, dict[int, set[str]]] = {}
        known: dict[int, frozenset[str]] = {}
        for made, nodes in zip(found.made, found.nodes, strict=True):
            into = result.setdefault(made.module, {})
            for function in range(len(made.functions)):
                mask = masks[nodes[function]]
                if mask not in known:
                    many = (len(known) + 1) * graph.imported > _MOST_LOOKED_AT
                    some = everything if many else (x for i in bits_of(mask) for x in labels[i])
                    known[mask] = frozenset(some if mask else ())
                into.setdefault(function, set()).update(known[mask])
        return {start: {f: by_risk(own) for f, own in by.items()} for start, by in result.items()}

    def report(
        self,
        imports: tuple[ImportReport, ...],
        exports: tuple[ExportReport, ...],
        names: tuple[str, ...],
        shape: Shape,
        inside: dict[int, dict[int, tuple[str, ...]]],
        why: str,
    ) -> Report:
        """Everything put together."""
        embedded = tuple(Embedded(p.name, _embedded(p, inside.get(p.start))) for p in self.parts)
        payloads = tuple(dict.fromkeys(payload for e in embedded for payload in e.report.payloads))
        carried = any(payload.kind == "container" for payload in payloads) or _carries(self.component)
        extra = {"payload"} if carried else set[str]()
        labels = by_risk({label for item in imports for label in item.labels} | extra)
        largest = max(self.parts, key=lambda p: len(p.analysis.data), default=None)
        customs = (*(largest.analysis.module.customs if largest else ()), *self.component.customs)
        return Report(
            form=Form.COMPONENT,
            size=len(self.data),
            sha256=hashlib.sha256(self.data).hexdigest(),
            labels=labels,
            labels_reachable=by_risk({x for item in imports if item.reachable for x in item.labels} | extra),
            required=catalogue_names(labels),
            imports=imports,
            exports=exports,
            export_names=names,
            payloads=payloads,
            notes=notes_on_component(imports, payloads, why, carries=_carries(self.component)),
            shape=shape,
            toolchain=toolchain(customs, imports),
            embedded=embedded,
        )

    def features(self) -> tuple[str, ...]:
        """Extensions that any module inside shows."""
        return tuple(sorted({name for part in self.parts for name in features(part.analysis.module)}))


def _carries(component: Component) -> bool:
    """Whether it hands out modules or components, which others can instantiate."""
    return any(
        isinstance(item, Export) and item.sort in {Sort.COMPONENT, Sort.CORE_MODULE}
        for item in component.definitions
    )


def _embedded(part: _Part, inside: dict[int, tuple[str, ...]] | None) -> Report:
    """The report on a module inside: its imports mean what they lead to in the world.

    Args:
        part: the module.
        inside: imported function -> labels; None for a module that is never instantiated.
    """
    report = part.analysis.report()
    by_import = {part.analysis.functions[f]: labels for f, labels in (inside or {}).items()}
    note = (
        "answered inside the component"
        if inside is not None
        else "the component never instantiates this module"
    )
    imports = tuple(
        replace(
            item,
            labels=by_import.get(item.index, ()),
            names=tuple(sorted(catalogue_names(by_import.get(item.index, ())))),
            family=_INSIDE,
            flags=(),
            note=note,
        )
        for item in report.imports
    )
    extra = set(report.labels) & {_CARRIES}
    labels = by_risk({label for item in imports for label in item.labels} | extra)
    return replace(
        report,
        imports=imports,
        labels=labels,
        labels_reachable=by_risk({x for item in imports if item.reachable for x in item.labels} | extra),
        required=catalogue_names(labels),
        notes=tuple(note for note in report.notes if note.code not in _NOT_INSIDE),
    )
