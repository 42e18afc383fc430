# SPDX-License-Identifier: MIT
"""The step of a loop over `ipairs`: the next item of a list in line, everything else by the library's iterator."""

from __future__ import annotations

from collections.abc import Callable

from munition.codegen.list_items import close, find_item, open_table
from munition.codegen.operands import Emitter
from munition.ir.facts import Known
from munition.ir.infer_library import IPAIRS_NEXT
from munition.ir.nodes import NIL, Call, Const
from munition.ir.types import Type
from munition.runtime import layout

_MOST_RESULTS = 4


def is_next_item(e: Emitter, node: Call, known: Known) -> bool:
    """Whether a call is a step of such a loop: of what `ipairs` gives, with a list and a number."""
    if not e.context.switches.loops or e.compact or known.symbol != IPAIRS_NEXT or not known.library:
        return False
    if len(node.args) != 2 or node.open is not None or node.count is not None:
        return False
    state, control = map(e.type_of, node.args)
    lists = state in (Type.TABLE, Type.VALUE) and not isinstance(node.args[1], Const)
    lists = lists and control in (Type.I64, Type.VALUE)
    return known.certain and lists and 1 <= len(node.dsts) <= _MOST_RESULTS


def emit_next_item(e: Emitter, node: Call, call: Callable[[], None]) -> None:
    """Give the number and the item if there is one in the list; `call` emits the call for all other cases."""
    state, control = node.args
    done = e.block()
    open_table(e, state, control)
    find_item(e, control, after=True)
    cell, tag = e.frame.scratch32[2:4]
    e.get(cell)
    e.load32(layout.CELL_TAG)
    e.tee(tag)
    e.if_()
    number, *items = node.dsts
    if items:
        e.get(tag)
        e.get(cell)
        e.load64(0)
        e.set_value(items[0])
    e.get(e.frame.scratch64[0])
    e.i64(1)
    e.op("i64.add")
    e.set_typed(number, Type.I64)
    e.root(number)
    for dst in items[1:]:
        e.push_value(NIL)
        e.set_value(dst)
    e.branch(done)
    close(e, done)
    call()
    e.end()
