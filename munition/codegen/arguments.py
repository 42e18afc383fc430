# SPDX-License-Identifier: MIT
"""The arguments of a call, by the convention of docs/guest-abi.md section 4: the call word, registers, memory."""

from __future__ import annotations

from munition.codegen.entries import Door
from munition.codegen.operands import Emitter
from munition.codegen.shadow_frame import push_top
from munition.ir.nodes import NIL, Call, Const, Operand, Register, Site, TailCall
from munition.ir.types import Type
from munition.runtime import layout


def static_symbol(callee: Operand) -> str | None:
    """The function of the program that a callee is in any case."""
    if isinstance(callee, Const) and callee.type is Type.FUNCTION:
        assert isinstance(callee.value, str)
        return callee.value
    return None


class Arguments:
    """The arguments of one call: how to push the call word and the ones that travel in registers."""

    def __init__(self, e: Emitter, args: tuple[Operand, ...], open_: Register | None, site: Site) -> None:
        self.e, self.args, self.open, self.site = e, args, open_, e.site(site)

    def prepare(self, base: int, offset: int, *, spread: bool) -> None:
        """Put memory arguments at `base + offset`; `spread`: the open list is elsewhere (at the frame's top)."""
        e, args = self.e, self.args
        if self.open is None:
            for i in range(layout.REGISTER_ARGUMENTS, len(args)):
                e.store_value(base, offset + i * layout.CELL_SIZE, args[i])
            return
        self._place_open(base, offset, spread=spread)
        for i, arg in enumerate(args):
            if i >= layout.REGISTER_ARGUMENTS:
                e.store_value(base, offset + i * layout.CELL_SIZE, arg)
        self._blank(base, offset)

    def _place_open(self, base: int, offset: int, *, spread: bool) -> None:
        e, prefix = self.e, len(self.args)
        assert self.open is not None
        if spread:
            e.get(base)
            e.i32(offset + prefix * layout.CELL_SIZE)
            e.op("i32.add")
            push_top(e)
            e.get(e.frame.first[self.open])
            e.i32(4)
            e.op("i32.shl")
            e.copy_memory()
        elif prefix:
            e.i32(prefix)
            e.get(e.frame.first[self.open])
            e.call("rt_shift")

    def _blank(self, base: int, offset: int) -> None:
        """Make the cells after the last argument nil as far as registers may be loaded from them."""
        e, prefix = self.e, len(self.args)
        assert self.open is not None
        for i in range(max(0, layout.REGISTER_ARGUMENTS - prefix)):
            e.get(base)
            e.get(e.frame.first[self.open])
            e.i32(4)
            e.op("i32.shl", "i32.add")
            e.i32(layout.NIL)
            e.store32(offset + (prefix + i) * layout.CELL_SIZE + layout.CELL_TAG)

    def push_call_word(self) -> None:
        """Where the call is, and the number of its arguments."""
        e = self.e
        if self.open is None:
            e.i64(self.site << 32 | len(self.args))
            return
        e.get(e.frame.first[self.open])
        e.i32(len(self.args))
        e.op("i32.add", "i64.extend_i32_u")
        e.i64(self.site << 32)
        e.op("i64.or")

    def push_tail_word(self, closure: int | None) -> None:
        """The call word for what takes this function's place: it was called where this function was.

        Only a function of Lua takes it: for one of the runtime (`closure`: the local to ask) the position is here.
        """
        e = self.e
        e.push_call()
        e.i64(-1 << 32)
        e.op("i64.and")
        e.i64(layout.CALL_TAIL << 32)
        e.op("i64.or")
        if closure is not None:
            e.i64(self.site << 32)
            e.get(closure)
            e.load32(layout.CLOSURE_INFO)
            e.op("select")
        if self.open is not None:
            e.get(e.frame.first[self.open])
            e.op("i64.extend_i32_u", "i64.or")
        e.i64(len(self.args))
        e.op("i64.add")

    def push_registers(self, base: int, offset: int) -> None:
        """The arguments that travel in registers; of an open list they are in memory at `base + offset`."""
        e = self.e
        for i in range(layout.REGISTER_ARGUMENTS):
            if i < len(self.args):
                e.push_value(self.args[i])
            elif self.open is None:
                e.push_value(NIL)
            else:
                at = offset + i * layout.CELL_SIZE
                e.get(base)
                e.load32(at + layout.CELL_TAG)
                e.get(base)
                e.load64(at)


def push_parameters(e: Emitter, node: Call | TailCall, door: Door) -> None:
    """The arguments as an entry takes them: as many as it has parameters, of their types."""
    for i, type_ in enumerate(door.entry.parameters):
        e.push_as(node.args[i] if i < len(node.args) else NIL, type_)
