# SPDX-License-Identifier: MIT
"""Questions about the structure of a function's body."""

from __future__ import annotations

from collections.abc import Iterable

from munition.ir import nodes as n
from munition.ir.nodes import Const, Node
from munition.ir.uses import subregions


def all_nodes(body: tuple[Node, ...]) -> Iterable[Node]:
    """Every node of a body, in no particular order."""
    pending = list(body)
    while pending:
        node = pending.pop()
        yield node
        for inner in subregions(node):
            pending.extend(inner)


def numeric_loops(body: tuple[Node, ...]) -> list[n.ForPrepare]:
    """The heads of all numeric loops in a body."""
    return [node for node in all_nodes(body) if isinstance(node, n.ForPrepare)]


def falls_off(body: tuple[Node, ...]) -> bool:
    """Whether control may come to the end of a body."""
    if not body:
        return True
    last = body[-1]
    match last:
        case n.Return() | n.TailCall() | n.Jump() | n.Switch():
            return False
        case n.If():
            return falls_off(last.then) or falls_off(last.otherwise)
        case n.Loop():
            return falls_off(last.body)
        case n.Block():
            return falls_off(last.body) or _jumps_to(last.body, last.label)
        case _:
            return True


def _jumps_to(body: tuple[Node, ...], label: int) -> bool:
    pending = list(body)
    while pending:
        node = pending.pop()
        if (isinstance(node, n.Jump) and node.label == label) or (
            isinstance(node, n.Switch) and label in (*node.labels, node.default)
        ):
            return True
        if isinstance(node, n.If) and isinstance(node.condition, Const):
            taken = node.condition.value is not None and node.condition.value is not False
            pending.extend(node.then if taken else node.otherwise)
            continue
        for inner in subregions(node):
            pending.extend(inner)
    return False
