# SPDX-License-Identifier: MIT
"""Extra arguments, which lie below the frame."""

from __future__ import annotations

from munition.codegen.operands import Emitter
from munition.codegen.shadow_frame import check_room, load_if_more, push_argument_count, push_top
from munition.ir.nodes import Vararg
from munition.runtime import layout


def emit_vararg(e: Emitter, node: Vararg) -> None:
    """Read the extra arguments, which lie below the frame."""
    base, fixed = e.frame.base, e.frame.function.parameters
    if node.count is None:
        for i, dst in enumerate(node.dsts):
            push_argument_count(e)
            e.i32(fixed + i)
            load_if_more(e, dst, base, (fixed + i) * layout.CELL_SIZE)
        return
    count = e.frame.first[node.count]
    _push_extra_count(e, fixed)
    e.set(count)
    push_top(e)
    e.get(count)
    e.i32(4)
    e.op("i32.shl", "i32.add")
    check_room(e)
    push_top(e)
    e.get(base)
    e.i32(fixed * layout.CELL_SIZE)
    e.op("i32.add")
    e.get(count)
    e.i32(4)
    e.op("i32.shl")
    e.copy_memory()


def _push_extra_count(e: Emitter, fixed: int) -> None:
    """max(0, arguments - fixed)."""
    if not fixed:
        push_argument_count(e)
        return
    push_argument_count(e)
    e.i32(fixed)
    e.op("i32.sub")
    e.i32(0)
    push_argument_count(e)
    e.i32(fixed)
    e.op("i32.gt_u", "select")
