# SPDX-License-Identifier: MIT
"""Hints about imports that would otherwise be opaque: from the JavaScript beside a module, and from its name section."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from munition.analysis.glue import hint_of, read_glue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from munition.analysis.model import Hint
    from munition.capability.taxonomy import Signature

_MAX_HINTED: Final = 20_000


def import_hints(
    signatures: Sequence[Signature],
    labels: Sequence[tuple[str, ...]],
    functions: Sequence[int],
    names: Mapping[int, str],
    glue: str,
) -> dict[int, tuple[Hint, ...]]:
    """Import index -> hints, for opaque functions only.

    Args:
        signatures: the imports.
        labels: of each of them.
        functions: import index of each imported function.
        names: function index -> name, of the name section.
        glue: text of JavaScript, or nothing.
    """
    found: dict[int, list[Hint]] = defaultdict(list)
    opaque = [(f, i) for f, i in enumerate(functions) if "opaque" in labels[i]][:_MAX_HINTED]
    for module in dict.fromkeys(signatures[i].item.module for _, i in opaque) if glue else ():
        here = {i: signatures[i].item.name for _, i in opaque if signatures[i].item.module == module}
        texts = read_glue(glue, here.values())
        for index, name in here.items():
            if name in texts:
                found[index].append(hint_of("glue", texts[name]))
    for function, index in opaque:
        claim = names.get(function)
        if claim and claim != signatures[index].item.name:
            found[index].append(hint_of("names", claim))
    return {index: tuple(hints) for index, hints in found.items()}
