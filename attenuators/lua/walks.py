# SPDX-License-Identifier: MIT
"""Questions about syntax trees."""

from __future__ import annotations

from munition.attenuators.lua.syntax import Binary, Call, Expression, Index, Logical, MethodCall, Node
from munition.source import Span


def span_of(node: Node) -> Span:
    """The bytes that `node` covers."""
    return Span(node.start, node.end)


def spine(expression: Expression) -> list[Expression]:
    """The left spine of an expression, outermost node first, without recursion.

    The left child of `Binary` and `Logical` is `left`, of `Index` and `MethodCall` is `object`, of `Call` is `callee`;
    every other node ends the spine. `reversed(spine(e))` is the order of evaluation: the innermost object first, then
    for each node up the spine its remaining children.
    """
    nodes = [expression]
    append = nodes.append
    while True:
        if isinstance(expression, Binary | Logical):
            expression = expression.left
        elif isinstance(expression, Index | MethodCall):
            expression = expression.object
        elif isinstance(expression, Call):
            expression = expression.callee
        else:
            return nodes
        append(expression)
