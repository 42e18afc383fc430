# SPDX-License-Identifier: MIT
"""Table elements that can be told exactly: what adapters between the modules of a component are made of.

Such an adapter is a module of trampolines, each of which calls one element of a table by a constant number; another module fills
the table once, with active segments at constant places. Where nothing else can change the table, a trampoline calls what its
element holds and nothing else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from munition.wasm.leb import read_signed, read_unsigned
from munition.wasm.module import Kind, Mode
from munition.wasm.scan import U32

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from munition.analysis.linking import Made
    from munition.analysis.single import ModuleAnalysis

_TRAMPOLINE: Final = re.compile(
    rb"\x00(?:\x20" + U32 + rb")*+\x41([\x80-\xff]{0,4}+[\x00-\x7f])\x11" + U32 + rb"(" + U32 + rb")\x0b",
    re.DOTALL,
)
_LONGEST: Final = 400
_MOST_ELEMENTS: Final = 200_000


def trampolines(analysis: ModuleAnalysis) -> Iterator[tuple[int, int, int]]:
    """Function, table and element of each function that does nothing but call that element with its own arguments."""
    graph = analysis.graph
    if graph is None:
        return
    for offset, (body, calls) in enumerate(zip(analysis.module.code, graph.bodies, strict=True)):
        if len(calls.indirect) == 1 and not calls.direct and len(body.content) <= _LONGEST:
            match = _TRAMPOLINE.fullmatch(body.content)
            if match is not None:
                element, _ = read_signed(match[1], 0, len(match[1]), 32)
                table, _ = read_unsigned(match[2], 0, len(match[2]), 32)
                yield graph.imported + offset, table, element & 0xFFFFFFFF


def exact_tables(
    made: Sequence[Made], nodes: Sequence[Sequence[int]], analyses: Mapping[int, ModuleAnalysis]
) -> dict[int, dict[int, tuple[int, ...]]]:
    """Identity of a table -> element -> nodes it can hold; only for tables whose every element is known."""
    found: dict[int, dict[int, list[int]]] = {}
    unknown: set[int] = set()
    left = _MOST_ELEMENTS
    for instance, local in zip(made, nodes, strict=True):
        analysis = analyses[instance.module]
        graph, module = analysis.graph, analysis.module
        assert graph is not None
        unknown |= {instance.tables[t] for body in graph.bodies for t in body.changed}
        first_own = len(module.imported(Kind.TABLE))
        unknown |= {
            instance.tables[first_own + n]
            for n, table in enumerate(module.tables)
            if table.initial is not None
        }
        for element in module.elements:
            if element.mode is not Mode.ACTIVE:
                continue
            table = instance.tables[element.table]
            place = _constant(element.offset)
            left -= len(element.functions)
            if place is None or element.expressions is not None or left < 0:
                unknown.add(table)
                continue
            into = found.setdefault(table, {})
            for position, function in enumerate(element.functions, place):
                into.setdefault(position, []).append(local[function])
    return {
        table: {element: tuple(dict.fromkeys(held)) for element, held in by.items()}
        for table, by in found.items()
        if table not in unknown
    }


def _constant(expression: bytes | None) -> int | None:
    """The value of `i32.const N`; None for any other expression."""
    if expression is None or expression[0] != 0x41:
        return None
    value, end = read_signed(expression, 1, len(expression), 32)
    return value & 0xFFFFFFFF if expression[end:] == b"\x0b" else None
