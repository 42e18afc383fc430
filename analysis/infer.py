# SPDX-License-Identifier: MIT
"""Which capabilities a module needs: the short form of a report."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from munition.analysis.analyze import Options, analyze
from munition.capability.imports import Imported

if TYPE_CHECKING:
    from munition.capability.manifest import Manifest

_BARE: Final = Options(exports=False)


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
    """Read what the module or component in `data` needs.

    Raises:
        InvalidModuleError: it is neither.
    """
    report = analyze(data, _BARE)
    needs = tuple(Need(Imported(i.module, i.name, i.kind), i.names) for i in report.imports)
    return Inference(report.required, needs, report.manifest)


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
    return analyze(module, _BARE).required
