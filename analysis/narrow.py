# SPDX-License-Identifier: MIT
"""Where constant arguments prove that an import is used for less than it could be: descriptors 1 and 2 are no files.

This holds only while no other descriptor can take those numbers: nothing renumbers, and nothing but other descriptors is closed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from munition.capability.taxonomy_labels import catalogue_names

if TYPE_CHECKING:
    from munition.analysis.model import ImportReport

_STANDARD: Final = frozenset({0, 1, 2})
_USES: Final = {
    "fd_write": (frozenset({1, 2}), "fs.write"),
    "fd_read": (frozenset({0}), "fs.read"),
}


def narrowed(imports: tuple[ImportReport, ...]) -> tuple[ImportReport, ...]:
    """The imports, without the file labels of those whose descriptor is proved to be a standard stream."""
    wasi = [item for item in imports if item.family == "wasi-preview1"]
    if any(item.name == "fd_renumber" for item in wasi) or any(
        item.name == "fd_close" and not _spares_standard(item) for item in wasi
    ):
        return imports
    return tuple(_narrowed(item) for item in imports)


def _spares_standard(item: ImportReport) -> bool:
    values = item.arguments[0].values if item.arguments else None
    return values is not None and _STANDARD.isdisjoint(values)


def _narrowed(item: ImportReport) -> ImportReport:
    if item.family != "wasi-preview1" or item.name not in _USES or not item.arguments:
        return item
    streams, label = _USES[item.name]
    values = item.arguments[0].values
    if not values or not streams.issuperset(values) or label not in item.labels:
        return item
    labels = tuple(own for own in item.labels if own != label)
    note = "every call passes the descriptor of a standard stream"
    return replace(item, labels=labels, names=tuple(sorted(catalogue_names(labels))), note=note)
