# SPDX-License-Identifier: MIT
"""The length operator: of strings and of tables without a metatable in line."""

from __future__ import annotations

from munition.codegen.operands import Emitter
from munition.ir import nodes as n
from munition.ir.lattice import STRING, UNKNOWN
from munition.ir.types import Type
from munition.runtime import layout


def emit_length(e: Emitter, node: n.Length) -> None:
    """`dst = #src`."""
    type_ = e.type_of(node.src)
    if type_ is Type.STRING:
        e.push_word(node.src)
        _push_length(e, layout.STRING_LENGTH)
        e.set_typed(node.dst, Type.I64)
        return
    done = e.block()
    if e.context.switches.texts and not e.compact and type_ in (Type.VALUE, Type.TABLE):
        _emit_plain_length(e, node, done)
    e.push_value(node.src)
    e.i32(e.site(node.site))
    e.call("rt_length")
    e.set_value(node.dst)
    e.check_pending()
    e.end()


def _push_length(e: Emitter, offset: int) -> None:
    e.load32(offset)
    e.op("i64.extend_i32_u")


def _emit_plain_length(e: Emitter, node: n.Length, done: int) -> None:
    """The length of a table without metatable, and of a string."""
    table = e.frame.scratch32[0]
    if e.type_of(node.src) is Type.VALUE:
        if e.mask_of(node.src) & (STRING | UNKNOWN):
            e.push_tag(node.src)
            e.i32(layout.STRING)
            e.op("i32.eq")
            e.if_()
            e.push_word(node.src)
            _push_length(e, layout.STRING_LENGTH)
            e.set_typed(node.dst, Type.I64)
            e.branch(done)
            e.end()
        e.push_tag(node.src)
        e.i32(layout.TABLE)
        e.op("i32.eq")
    else:
        e.i32(1)
    e.if_()
    e.push_word(node.src)
    e.tee(table)
    e.load32(layout.TABLE_METATABLE)
    e.op("i32.eqz")
    e.if_()
    e.get(table)
    _push_length(e, layout.TABLE_ARRAY_LENGTH)
    e.set_typed(node.dst, Type.I64)
    e.branch(done)
    e.end()
    e.end()
