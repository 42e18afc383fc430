# SPDX-License-Identifier: MIT
"""Which capabilities a module needs, from its import section."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from munition.analysis.analyze import COMPONENT_HEADER, analyze, bytes_of
from munition.analysis.claims import manifest_of
from munition.analysis.textual import signatures
from munition.capability.imports import Imported
from munition.capability.taxonomy import classify, labels_of
from munition.capability.taxonomy_labels import catalogue_names
from munition.wasm.reader import read_module

if TYPE_CHECKING:
    from munition.capability.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Need:
    """One import and the capability names it may stand for.

    Attributes:
        item: the import.
        names: sorted names; empty when it needs nothing.
    """

    item: Imported
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inference:
    """What a module needs.

    Attributes:
        required: capability names without parameters; never too few.
        needs: each import with the names it contributes to `required`, in import order.
        manifest: what the module says of itself; None when it says nothing that can be read.
    """

    required: frozenset[str]
    needs: tuple[Need, ...]
    manifest: Manifest | None


def infer(data: bytes) -> Inference:
    """Read what the module in `data` needs.

    Raises:
        InvalidModuleError: it is no core module.
    """
    module = read_module(data)
    imports = signatures(module)
    labels = labels_of(classify(imports, [custom.name for custom in module.customs]))
    needs = tuple(
        Need(entry.item, tuple(sorted(catalogue_names(own))))
        for entry, own in zip(imports, labels, strict=True)
    )
    names = frozenset(name for need in needs for name in need.names)
    return Inference(names, needs, manifest_of(module))


def infer_capabilities(module: bytes | str | os.PathLike[str]) -> frozenset[str]:
    """The names of the capabilities a module or component needs, without parameters.

    Every import counts, whether anything leads to it or not, and what is not known is `opaque`. The labels of an analysis stand
    for these names as `munition.capability.taxonomy_labels` says.

    Args:
        module: the bytes of the module, or the path of a file that holds them.

    Raises:
        InvalidModuleError: it is neither.
        UsageTypeError: neither bytes nor a path.
        OSError: the file cannot be read.
    """
    data = bytes_of(module)
    if data.startswith(COMPONENT_HEADER):
        return analyze(data).required
    return infer(data).required
