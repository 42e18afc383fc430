# SPDX-License-Identifier: MIT
"""Functions that return early need no frame until they know that they do not.

What a function begins with (a test of its parameters, and a return) often calls nothing. That part is emitted before the
frame is opened: half of all calls of a recursive function end there.
"""

from __future__ import annotations

from munition.codegen.frame import Frame
from munition.ir import nodes as n
from munition.ir.control_flow import all_nodes
from munition.ir.effects import calls_out
from munition.ir.nodes import Function, Node
from munition.ir.uses import writes


def early_part(function: Function, frame: Frame) -> int:
    """How many nodes of the body can run without the frame and end with one in which the function may return."""
    if not frame.size or function.vararg:
        return 0
    count = 0
    for i, node in enumerate(function.body):
        inside = list(all_nodes((node,)))
        if not all(_needs_no_frame(one, function, frame) for one in inside):
            break
        if any(isinstance(one, n.Return) and one.open is None for one in inside):
            count = i + 1
    return count


def _needs_no_frame(node: Node, function: Function, frame: Frame) -> bool:
    """Whether the code of a node neither calls, nor raises, nor writes to a slot of the frame."""
    if isinstance(node, n.Call | n.TailCall | n.Loop | n.Try | n.SaveResults | n.Append | n.ForPrepare):
        return False
    if isinstance(node, n.Return) and node.open is not None:
        return False
    return not calls_out(node, function) and not any(r in frame.slots for r in writes(node))
