# SPDX-License-Identifier: MIT
"""The emitter of one function: operands onto the stack, results into registers, errors to their handler."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, assert_never

from munition.codegen.context import Context
from munition.codegen.encode import Code
from munition.codegen.entries import check_tag
from munition.codegen.frame import REFERENCE_TAGS, Frame
from munition.codegen.image import NIL, StaticValue, number
from munition.ir.facts import Known
from munition.ir.lattice import Mask, mask_of_constant, mask_of_type
from munition.ir.nodes import Const, Node, Operand, Register, Site
from munition.ir.types import NUMERIC, REFERENCES, Type
from munition.runtime import layout

if TYPE_CHECKING:
    from munition.codegen.resume import ResumePoints


_TAGS: Final = {Type.I64: layout.INTEGER, Type.F64: layout.FLOAT, **REFERENCE_TAGS}

NOTHING: Final = Const(Type.VALUE, None)


class Emitter(Code):
    """Instructions of one function, with its registers.

    Attributes:
        frame: where registers live.
        context: what the program shares.
        compact: whether to call the runtime instead of handling the usual cases in line.
        handler: depth of the block an error under way branches to.
        labels: IR label -> depth of its block.
        points: the places the function can be resumed at.
        outermost: the handler that leaves the function.
        suspendable: whether the function may be suspended in the middle.
        is_open: whether the frame is set up.
        returns_in_memory: whether results go through the caller's part of the shadow stack.
    """

    __slots__ = (
        "compact",
        "context",
        "frame",
        "handler",
        "info",
        "is_open",
        "labels",
        "outermost",
        "points",
        "returns_in_memory",
        "suspendable",
    )

    def __init__(self, frame: Frame, context: Context) -> None:
        """Start the code of `frame.function`."""
        super().__init__()
        self.frame = frame
        self.context = context
        self.compact = False
        self.handler = 0
        self.labels: dict[int, int] = {}
        self.outermost = 0
        self.is_open = True
        self.returns_in_memory = False
        self.suspendable = False
        self.points: ResumePoints
        self.info = context.infos[frame.function.symbol]

    # ---- operands

    def type_of(self, operand: Operand) -> Type:
        """The most precise type known: a constant `VALUE` has the type of its content, nil is `VALUE`."""
        if not isinstance(operand, Const):
            return self.frame.function.registers[operand]
        if operand.type is not Type.VALUE:
            return operand.type
        match operand.value:
            case None:
                return Type.VALUE
            case bool():
                return Type.BOOL
            case int():
                return Type.I64
            case float():
                return Type.F64
            case bytes():
                return Type.STRING
            case str():
                return Type.FUNCTION
            case _:
                assert_never(operand.value)

    def constant(self, const: Const) -> StaticValue:
        """The cell content of a constant."""
        value = const.value
        match value:
            case None:
                return NIL
            case bool():
                return StaticValue(layout.TRUE if value else layout.FALSE, 0)
            case int() | float():
                return number(value)
            case bytes():
                return StaticValue(layout.STRING, self.context.image.string(value))
            case str():
                if const.type is Type.TABLE:
                    return StaticValue(layout.TABLE, self.context.globals)
                return StaticValue(layout.FUNCTION, self.context.closures[value])
            case _:
                assert_never(value)

    def push_tag(self, operand: Operand) -> None:
        """The tag of an operand as i32."""
        if isinstance(operand, Const):
            self.i32(self.constant(operand).tag)
            return
        type_ = self.frame.function.registers[operand]
        if type_ is Type.VALUE:
            self.get(self.frame.first[operand])
        elif type_ is Type.BOOL:
            self.get(self.frame.first[operand])
            self.i32(1)
            self.op("i32.add")
        elif type_ is Type.I64:
            self.i32(layout.INTEGER)
        elif type_ is Type.F64:
            self.i32(layout.FLOAT)
        else:
            self.i32(REFERENCE_TAGS[type_])

    def push_payload(self, operand: Operand) -> None:
        """The payload of an operand as i64."""
        if isinstance(operand, Const):
            self.i64(self.constant(operand).payload)
            return
        type_ = self.frame.function.registers[operand]
        if type_ is Type.VALUE:
            self.get(self.frame.second[operand])
        elif type_ is Type.BOOL:
            self.i64(0)
        else:
            self.get(self.frame.first[operand])
            if type_ is Type.F64:
                self.op("i64.reinterpret_f64")
            elif type_ is not Type.I64:
                self.op("i64.extend_i32_u")

    def push_value(self, operand: Operand) -> None:
        """Tag and payload."""
        self.push_tag(operand)
        self.push_payload(operand)

    def push_number(self, operand: Operand) -> None:
        """An operand of a number type as i64 or f64."""
        if isinstance(operand, Const):
            if isinstance(operand.value, float):
                self.f64_bits(struct.pack("<d", operand.value))
            else:
                assert isinstance(operand.value, int)
                self.i64(operand.value)
        else:
            self.get(self.frame.first[operand])

    def push_float(self, operand: Operand) -> None:
        """An operand of a number type as f64, converted if it is an integer."""
        if isinstance(operand, Const) and not isinstance(operand.value, float):
            assert isinstance(operand.value, int)
            self.f64_bits(struct.pack("<d", float(operand.value)))
            return
        self.push_number(operand)
        if self.type_of(operand) is Type.I64:
            self.op("f64.convert_i64_s")

    def push_word(self, operand: Operand) -> None:
        """An operand of a reference type, `BOOL` or `I32` as i32; of a `VALUE` the low half of the payload."""
        if isinstance(operand, Const):
            if operand.type in (Type.I32, Type.BOOL):
                assert isinstance(operand.value, int)
                self.i32(int(operand.value))
            else:
                self.i32(self.constant(operand).payload & 0xFFFFFFFF)
        elif self.frame.function.registers[operand] is Type.VALUE:
            self.get(self.frame.second[operand])
            self.op("i32.wrap_i64")
        elif self.frame.function.registers[operand] in NUMERIC:
            self.i32(0)  # no address; a test of the tag comes before
        else:
            self.get(self.frame.first[operand])

    def push_as(self, operand: Operand, type_: Type) -> None:
        """An operand that is known to be of a type, as a register of that type holds it."""
        source = self.type_of(operand)
        if type_ is Type.VALUE:
            self.push_value(operand)
        elif source is type_ or source is not Type.VALUE:
            if source is not type_:
                self.op("unreachable")  # code that the inference found cannot be reached
            elif type_ in NUMERIC:
                self.push_number(operand)
            elif type_ is Type.BOOL:
                self.push_truth(operand)
            else:
                self.push_word(operand)
        elif type_ is Type.BOOL:
            self.push_tag(operand)
            self.i32(layout.TRUE)
            self.op("i32.eq")
        else:
            self.push_payload(operand)
            if type_ is Type.F64:
                self.op("f64.reinterpret_i64")
            elif type_ is not Type.I64:
                self.op("i32.wrap_i64")

    def mask_of(self, operand: Operand) -> Mask:
        """What the inference knows of an operand; everything, if it did not run."""
        if isinstance(operand, Const):
            return (
                mask_of_type(self.type_of(operand))
                if isinstance(operand.value, str)
                else mask_of_constant(operand.value)
            )
        facts = self.frame.function.facts
        return mask_of_type(self.frame.function.registers[operand]) if facts is None else facts.masks[operand]

    def known(self, node: Node) -> Known | None:
        """What a call is known to call."""
        facts = self.frame.function.facts
        return None if facts is None else facts.calls.get(id(node))

    def push_closure(self) -> None:
        """The running closure."""
        if self.frame.closure >= 0:
            self.get(self.frame.closure)
        else:
            self.i32(self.context.closures[self.frame.function.symbol])

    def push_call(self) -> None:
        """The call word of the running call."""
        frame = self.frame
        if frame.call >= 0:
            self.get(frame.call)
        else:
            self.get(frame.caller)
            self.op("i64.extend_i32_u")
            self.i64(32)
            self.op("i64.shl")
            self.i64(frame.function.parameters)
            self.op("i64.or")

    def push_caller(self) -> None:
        """The site of the running call."""
        if self.frame.caller >= 0:
            self.get(self.frame.caller)
        else:
            self.get(self.frame.call)
            self.i64(32)
            self.op("i64.shr_u", "i32.wrap_i64")

    def push_truth(self, operand: Operand) -> None:
        """1 if the operand is neither nil nor false."""
        type_ = self.type_of(operand)
        if isinstance(operand, Const):
            self.i32(int(self.constant(operand).tag > layout.FALSE))
        elif type_ in (Type.BOOL, Type.I32):
            self.get(self.frame.first[operand])
        elif type_ is Type.VALUE:
            self.get(self.frame.first[operand])
            self.i32(layout.FALSE)
            self.op("i32.gt_u")
        else:
            self.i32(1)

    def push_nothing(self, type_: Type) -> None:
        """Some value of a type, where none is meant."""
        if type_ is Type.VALUE:
            self.push_value(NOTHING)
        elif type_ is Type.I64:
            self.i64(0)
        elif type_ is Type.F64:
            self.f64_bits(bytes(8))
        else:
            self.i32(0)

    # ---- results

    def root(self, register: Register) -> None:
        """Write a register that was just defined to its slot, if it has one."""
        offset = self.frame.slots.get(register)
        if offset is None:
            return
        header = self.frame.header
        self.get(header)
        self.push_tag(register)
        self.store32(offset + layout.CELL_TAG)
        self.get(header)
        self.push_payload(register)
        self.store64(offset)

    def set_value(self, register: Register) -> None:
        """Take (tag, payload) from the stack into a register and root it; a typed register drops the tag."""
        type_ = self.frame.function.registers[register]
        if self.context.switches.check and type_ is not Type.VALUE:
            self._check_top(type_)
        if type_ is Type.VALUE:
            self.set(self.frame.second[register])
        elif type_ is Type.BOOL:
            self.op("drop")
            self.i32(layout.TRUE)
            self.op("i32.eq")
        else:
            if type_ is Type.F64:
                self.op("f64.reinterpret_i64")
            elif type_ is not Type.I64:
                self.op("i32.wrap_i64")
            self.set(self.frame.first[register])
            self.op("drop")
            self.root(register)
            return
        self.set(self.frame.first[register])
        self.root(register)

    def _check_top(self, type_: Type) -> None:
        """Trap unless the (tag, payload) on the stack are of the type; they stay there."""
        tag, payload = self.frame.scratch32[5], self.frame.scratch64[2]
        self.set(payload)
        self.set(tag)
        self.load_state(layout.STATE_PENDING)
        self.op("i32.eqz")
        self.if_()  # an error under way comes with any result
        check_tag(self, tag, mask_of_type(type_))
        self.end()
        self.get(tag)
        self.get(payload)

    def check_register(self, register: Register) -> None:
        """Trap unless a `VALUE` register holds what was inferred."""
        facts = self.frame.function.facts
        if facts is not None and self.frame.function.registers[register] is Type.VALUE:
            check_tag(self, self.frame.first[register], facts.masks[register])

    def set_typed(self, register: Register, type_: Type) -> None:
        """Take an unboxed value of `type_` from the stack into a register of that type, or box it into a `VALUE`.

        Does not root: numbers and booleans need none, and callers with references call `root`.
        """
        own = self.frame.function.registers[register]
        if own is not Type.VALUE:
            if own is not type_:
                self.op("unreachable")  # as in `push_as`
            self.set(self.frame.first[register])
            return
        if type_ is Type.BOOL:
            self.i32(1)
            self.op("i32.add")
            self.set(self.frame.first[register])
            self.i64(0)
            self.set(self.frame.second[register])
            return
        if type_ is Type.F64:
            self.op("i64.reinterpret_f64")
            tag = layout.FLOAT
        elif type_ is Type.I64:
            tag = layout.INTEGER
        else:
            self.op("i64.extend_i32_u")
            tag = REFERENCE_TAGS[type_]
        self.set(self.frame.second[register])
        self.i32(tag)
        self.set(self.frame.first[register])

    def box(self, type_: Type, tag: int, payload: int) -> None:
        """Take an unboxed value from the stack into two locals."""
        if type_ is Type.BOOL:
            self.i32(1)
            self.op("i32.add")
            self.set(tag)
            self.i64(0)
            self.set(payload)
            return
        if type_ is Type.F64:
            self.op("i64.reinterpret_f64")
        elif type_ is not Type.I64:
            self.op("i64.extend_i32_u")
        self.set(payload)
        self.i32(_TAGS[type_])
        self.set(tag)

    def load_value(self, register: Register, local: int, offset: int) -> None:
        """Load the cell at `local + offset` into a register (not rooted)."""
        type_ = self.frame.function.registers[register]
        if self.context.switches.check and type_ not in (Type.VALUE, Type.BOX):
            self.get(local)
            self.load32(offset + layout.CELL_TAG)
            self.set(self.frame.scratch32[5])
            check_tag(self, self.frame.scratch32[5], mask_of_type(type_))
        self.get(local)
        if type_ in (Type.I64, Type.F64):
            self.memory("i64.load" if type_ is Type.I64 else "f64.load", offset, 3)
            self.set(self.frame.first[register])
            return
        if type_ in REFERENCES:
            self.load32(offset)
            self.set(self.frame.first[register])
            return
        self.load32(offset + layout.CELL_TAG)
        if type_ is Type.BOOL:
            self.i32(layout.TRUE)
            self.op("i32.eq")
            self.set(self.frame.first[register])
            return
        self.set(self.frame.first[register])
        self.get(local)
        self.load64(offset)
        self.set(self.frame.second[register])

    def store_value(self, local: int, offset: int, operand: Operand) -> None:
        """Store an operand into the cell at `local + offset`."""
        self.get(local)
        self.push_payload(operand)
        self.store64(offset)
        self.get(local)
        self.push_tag(operand)
        self.store32(offset + layout.CELL_TAG)

    # ---- state, sites, errors

    def load_state(self, field: int) -> None:
        """A 32-bit field of `rt_state`."""
        self.i32(0)
        self.load32(self.context.state + field)

    def store_state(self, field: int, value: int) -> None:
        """Write a constant to a field of `rt_state`."""
        self.i32(0)
        self.i32(value)
        self.store32(self.context.state + field)

    def site(self, site: Site) -> int:
        """Address of a site record of this function."""
        return self.context.image.site(site, self.info)

    def check_pending(self) -> None:
        """Leave for the handler if an error is under way. A suspension passes by the handlers of errors."""
        if self.handler != self.outermost and self.suspendable:
            self.load_state(layout.STATE_PENDING)
            self.i32(layout.PENDING_YIELD)
            self.op("i32.eq")
            self.branch(self.outermost, conditional=True)
        self.load_state(layout.STATE_PENDING)
        self.branch(self.handler, conditional=True)
