# SPDX-License-Identifier: MIT
"""What each exported function can lead to, under both assumptions about tables the host can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from munition.analysis.model import Entry, ExportReport
from munition.analysis.reach import reached_imports
from munition.capability.taxonomy_labels import by_risk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from munition.analysis.callgraph import CallGraph


def export_reports(
    graph: CallGraph, labels: Sequence[tuple[str, ...]], functions: Sequence[int]
) -> tuple[ExportReport, ...]:
    """One report per exported function.

    What the start function reaches counts for each of them: no export can be called before it has run.

    Args:
        graph: the call graph.
        labels: of each import.
        functions: import index of each imported function.
    """
    if graph.imported * len(graph.direct) > _MAX_BITS:
        return _unrefined(graph, labels)
    masks = reached_imports(graph)
    always = elements = 0
    for root in graph.roots:
        if root.entry is Entry.START:
            always |= masks[root.function]
        elif root.entry in {Entry.TABLE, Entry.REFERENCE}:
            elements |= masks[root.function]
    known: dict[int, tuple[tuple[str, ...], tuple[int, ...]]] = {}

    def settled(mask: int) -> tuple[tuple[str, ...], tuple[int, ...]]:
        if mask not in known:
            imports = tuple(functions[f] for f in bits_of(mask))
            known[mask] = (by_risk(label for i in imports for label in labels[i]), imports)
        return known[mask]

    found: list[ExportReport] = []
    listed = 0
    for root in graph.roots:
        if root.export is not None:
            listed += 2 * masks[root.function].bit_count()
            if listed > _MAX_LISTED:
                return _unrefined(graph, labels)
            private, _ = settled(masks[root.function] | always)
            sound, imports = settled(masks[root.function] | always | elements)
            found.append(ExportReport(root.export, root.function, sound, private, imports))
    return tuple(found)


def _unrefined(graph: CallGraph, labels: Sequence[tuple[str, ...]]) -> tuple[ExportReport, ...]:
    """When there is too much to tell exports apart, each has what the module has; its imports are not listed."""
    everything = by_risk({label for own in labels for label in own})
    return tuple(
        ExportReport(root.export, root.function, everything, everything, ())
        for root in graph.roots
        if root.export is not None
    )


_MAX_BITS: Final = 200_000_000
_MAX_LISTED: Final = 200_000


def bits_of(mask: int) -> list[int]:
    """The positions of the bits that are set."""
    found: list[int] = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
