# SPDX-License-Identifier: MIT
"""Calls of library functions that are a few instructions: `string.byte` of one position, `string.len`, `type`.

Each emits the usual case in line and leaves the rest to the call.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

from munition.codegen.operands import Emitter
from munition.ir.facts import Known
from munition.ir.nodes import Call, Const, Operand
from munition.ir.types import Type
from munition.runtime import layout

_TYPE_NAMES: Final = (
    b"nil", b"boolean", b"boolean", b"number", b"number", b"string", b"table", b"function", b"thread", b"userdata",
)  # fmt: skip
"""What `type` gives, by tag."""


def emit_whole_call(e: Emitter, node: Call, known: Known) -> bool:
    """Emit a call of a library function that can be done without calling it; False: nothing was emitted."""
    if known.symbol != "lua_base_type" or len(node.args) != 1 or not _is_worth_it(e, node, known):
        return False
    image = e.context.image
    names = image.row(struct.pack(f"<{len(_TYPE_NAMES)}I", *map(image.string, _TYPE_NAMES)))
    e.push_tag(node.args[0])
    e.i32(2)
    e.op("i32.shl")
    e.load32(names)
    e.set_typed(node.dsts[0], Type.STRING)
    e.root(node.dsts[0])
    return True


def emit_usual_case(e: Emitter, node: Call, known: Known) -> int | None:
    """Emit the usual case of a call of a library function.

    Returns:
        the depth of a block that is left when that was the case, to be closed behind the call itself; None if the function
        has no such case, and nothing was emitted.
    """
    emit = _IN_LINE.get(known.symbol)
    return emit(e, node) if emit is not None and _is_worth_it(e, node, known) else None


def _is_worth_it(e: Emitter, node: Call, known: Known) -> bool:
    if not known.certain or e.compact or not e.context.switches.texts:
        return False
    return node.open is None and node.count is None and len(node.dsts) == 1


def _emit_byte(e: Emitter, node: Call) -> int | None:
    """`text:byte(i)`: in line for a string and a position that is in it, counted from the start."""
    args = list(node.args)
    if len(args) not in (1, 2):
        return None
    position = args[1] if len(args) > 1 else Const(Type.VALUE, 1)
    if e.type_of(position) not in (Type.VALUE, Type.I64) or _is_nil(position):
        return None
    if e.type_of(args[0]) not in (Type.VALUE, Type.STRING):
        return None
    text, index = e.frame.scratch32[0], e.frame.scratch64[0]
    done = e.block()
    _push_is_string(e, args[0])
    if e.type_of(position) is Type.VALUE:
        e.push_tag(position)
        e.i32(layout.INTEGER)
        e.op("i32.eq", "i32.and")
    e.if_()
    e.push_word(args[0])
    e.set(text)
    e.push_payload(position)
    e.i64(1)
    e.op("i64.sub")
    e.tee(index)
    e.get(text)
    e.load32(layout.STRING_LENGTH)
    e.op("i64.extend_i32_u")
    e.op("i64.lt_u")
    e.if_()
    e.get(text)
    e.get(index)
    e.op("i32.wrap_i64", "i32.add")
    e.memory("i32.load8_u", layout.STRING_BYTES, 0)
    e.op("i64.extend_i32_u")
    e.set_typed(node.dsts[0], Type.I64)
    e.branch(done)
    e.end()
    e.end()
    return done


def _emit_length(e: Emitter, node: Call) -> int | None:
    """`text:len()`."""
    if len(node.args) != 1 or e.type_of(node.args[0]) not in (Type.VALUE, Type.STRING):
        return None
    done = e.block()
    _push_is_string(e, node.args[0])
    e.if_()
    e.push_word(node.args[0])
    e.load32(layout.STRING_LENGTH)
    e.op("i64.extend_i32_u")
    e.set_typed(node.dsts[0], Type.I64)
    e.branch(done)
    e.end()
    return done


def _push_is_string(e: Emitter, operand: Operand) -> None:
    e.push_tag(operand)
    e.i32(layout.STRING)
    e.op("i32.eq")


def _is_nil(operand: Operand) -> bool:
    return isinstance(operand, Const) and operand.value is None


_IN_LINE: Final[dict[str, Callable[[Emitter, Call], int | None]]] = {
    "lua_string_byte": _emit_byte,
    "lua_string_len": _emit_length,
}
