# SPDX-License-Identifier: MIT
"""Direct calls: functions with parameters and results of their own types, and the way to them for everybody else.

A function with an entry (`ir.facts.Entry`) has the WebAssembly signature

    ([closure i32], [site i32], parameters...) -> its one result, or (i32, i64) as in docs/guest-abi.md section 4

where the closure is there if the function captures something, and the site (of the call, for tracebacks) if it has a frame.
When the function can be called as a value, too, its table slot holds a small function that takes the arguments of the general
convention apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from munition.codegen.encode import Code, uleb
from munition.codegen.frame import GENERIC, REFERENCE_TAGS, VALUE_RESULT, Frame
from munition.ir.facts import Entry
from munition.ir.lattice import OTHER, TYPES, Mask, mask_of_type
from munition.ir.nodes import Function
from munition.ir.types import Type
from munition.runtime import layout
from munition.wasm.link_unit import GeneratedFunction
from munition.wasm.types import F64, I32, I64, FuncType, ValType

if TYPE_CHECKING:
    from collections.abc import Mapping

_WASM: Final[dict[Type, tuple[ValType, ...]]] = {
    Type.VALUE: (I32, I64),
    Type.I64: (I64,),
    Type.F64: (F64,),
    Type.BOOL: (I32,),
    Type.STRING: (I32,),
    Type.TABLE: (I32,),
    Type.FUNCTION: (I32,),
}


class Door(Struct, frozen=True):
    """The entry of a function as generated code sees it.

    Attributes:
        entry: its types.
        site: whether the site of the call is passed.
    """

    entry: Entry
    site: bool

    @property
    def signature(self) -> FuncType:
        """The WebAssembly type."""
        params: tuple[ValType, ...] = (I32,) * self.entry.captures + (I32,) * self.site
        for type_ in self.entry.parameters:
            params += _WASM[type_]
        return FuncType(params, _WASM[self.entry.result or Type.VALUE])


def doors_of(functions: tuple[Function, ...], frames: Mapping[str, Frame]) -> dict[str, Door]:
    """The doors of all functions that have an entry."""
    return {
        f.symbol: Door(f.facts.entry, frames[f.symbol].size > 0)
        for f in functions
        if f.facts is not None and f.facts.entry is not None
    }


def value_symbol(function: Function) -> str:
    """The function that stands in the table slot."""
    return f"{function.symbol} as a value" if has_value_function(function) else function.symbol


def has_value_function(function: Function) -> bool:
    """Whether the function in the table slot is one of its own: the code has an entry, or there is a version of it."""
    has_entry = function.facts is not None and function.facts.entry is not None
    return has_entry or function.version is not None


def is_listed(function: Function) -> bool:
    """Whether the function needs a table slot."""
    return function.facts is None or function.facts.listed


def check_tag(code: Code, tag: int, mask: Mask) -> None:
    """Trap unless values of the mask can have the tag in a local."""
    allowed = mask & TYPES | (3 * OTHER if mask & OTHER else 0)
    code.i32(allowed)
    code.get(tag)
    code.op("i32.shr_u")
    code.i32(1)
    code.op("i32.and", "i32.eqz")
    code.if_()
    code.op("unreachable")
    code.end()


_SPARE32, _SPARE64 = 8, 9


def generate_value_function(
    function: Function, doors: Mapping[str, Door], state: int, *, check: bool
) -> GeneratedFunction:
    """The function for the table slot: from the general convention to the entry, or that of the version, and back."""
    code = Code()
    code.buffer += uleb(2) + uleb(1) + b"\x7f" + uleb(1) + b"\x7e"
    version = function.version
    if version is not None:
        for turn, i in enumerate(version.integers):
            if i < layout.REGISTER_ARGUMENTS:
                code.get(2 + 2 * i)
            else:
                _push_memory(code, i, Type.VALUE, state)
                code.op("drop")
            code.i32(layout.INTEGER)
            code.op("i32.eq")
            if turn:
                code.op("i32.and")
        code.if_()
        _enter(code, version.symbol, doors[version.symbol], state, check=check)
        code.op("return")
        code.end()
    door = doors.get(function.symbol)
    if function.facts is not None and not function.facts.called:
        code.op("unreachable")
    elif door is not None:
        _enter(code, function.symbol, door, state, check=check)
    else:
        for local in range(2 + 2 * layout.REGISTER_ARGUMENTS):
            code.get(local)
        code.return_call(function.symbol)
    code.op("end")
    return GeneratedFunction(value_symbol(function), GENERIC, bytes(code.buffer), tuple(code.relocations))


def _enter(code: Code, symbol: str, door: Door, state: int, *, check: bool) -> None:
    """Go on in an entry with the arguments of the general convention; its results are left by that, too."""
    if door.entry.captures:
        code.get(0)
    if door.site:
        code.get(1)
        code.i64(32)
        code.op("i64.shr_u", "i32.wrap_i64")
    for i, type_ in enumerate(door.entry.parameters):
        if check and i < layout.REGISTER_ARGUMENTS and type_ is not Type.VALUE:
            check_tag(code, 2 + 2 * i, mask_of_type(type_))
        if i < layout.REGISTER_ARGUMENTS:
            push_unboxed(code, 2 + 2 * i, type_)
        else:
            _push_memory(code, i, type_, state)
    if door.entry.result is None:
        code.return_call(symbol)  # tail calls through values must not pile up
        return
    code.call(symbol)
    box_result(code, door.entry.result, _SPARE64)
    code.i32(0)
    code.i32(1)
    code.store32(state + layout.STATE_RESULT_COUNT)


def push_unboxed(code: Code, tag: int, type_: Type) -> None:
    """The value in the locals `tag` and `tag` + 1 as one of the type."""
    if type_ is Type.VALUE:
        code.get(tag)
        code.get(tag + 1)
    elif type_ is Type.BOOL:
        code.get(tag)
        code.i32(layout.TRUE)
        code.op("i32.eq")
    else:
        code.get(tag + 1)
        narrow_payload(code, type_)


def _push_memory(code: Code, i: int, type_: Type, state: int) -> None:
    """An argument in memory; one that was not passed is nil, and then its type is `VALUE`."""
    code.get(1)
    code.op("i32.wrap_i64")
    code.i32(i)
    code.op("i32.gt_u")
    code.if_(VALUE_RESULT)
    code.i32(0)
    code.load32(state + layout.STATE_SP)
    code.load32(i * layout.CELL_SIZE + layout.CELL_TAG)
    code.i32(0)
    code.load32(state + layout.STATE_SP)
    code.load64(i * layout.CELL_SIZE)
    code.else_()
    code.i32(layout.NIL)
    code.i64(0)
    code.end()
    if type_ is Type.VALUE:
        return
    code.set(_SPARE64)
    code.set(_SPARE32)
    _push_spare(code, type_)


def _push_spare(code: Code, type_: Type) -> None:
    if type_ is Type.BOOL:
        code.get(_SPARE32)
        code.i32(layout.TRUE)
        code.op("i32.eq")
        return
    code.get(_SPARE64)
    narrow_payload(code, type_)


def narrow_payload(code: Code, type_: Type) -> None:
    """From a payload to an unboxed value of a type that is no `BOOL`."""
    if type_ is Type.F64:
        code.op("f64.reinterpret_i64")
    elif type_ is not Type.I64:
        code.op("i32.wrap_i64")


def box_result(code: Code, type_: Type, spare: int) -> None:
    """From an unboxed result to tag and payload; `spare` is an i64 local."""
    match type_:
        case Type.VALUE:
            return
        case Type.BOOL:
            code.i32(1)
            code.op("i32.add")
            code.i64(0)
            return
        case Type.I64:
            tag = layout.INTEGER
        case Type.F64:
            code.op("i64.reinterpret_f64")
            tag = layout.FLOAT
        case _:
            code.op("i64.extend_i32_u")
            tag = REFERENCE_TAGS[type_]
    code.set(spare)
    code.i32(tag)
    code.get(spare)
