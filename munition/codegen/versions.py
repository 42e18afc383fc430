# SPDX-License-Identifier: MIT
"""Calls whose arguments decide between a function and its version (`ir.versions`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from munition.codegen.encode import Code, uleb
from munition.codegen.entries import Door, box_result, narrow_payload, push_unboxed
from munition.ir.facts import Version
from munition.ir.nodes import Function
from munition.ir.types import Type
from munition.runtime import layout
from munition.wasm.link_unit import GeneratedFunction

_POSSIBLE: Final = frozenset({Type.VALUE, Type.I64})


def choice_symbol(symbol: str) -> str:
    """The generated function that chooses; it is called as the entry of the function is."""
    return f"{symbol} by type"


def generate_choice(
    function: Function, version: Version, doors: Mapping[str, Door], state: int
) -> GeneratedFunction:
    """The function that goes on in the version if all arguments it asks for are integers, else in the function."""
    own, other = doors[function.symbol], doors[version.symbol]
    code = Code()
    code.buffer += uleb(1) + uleb(1) + b"\x7e"
    params = own.signature.params
    locals_: list[int] = []
    local = own.entry.captures + own.site
    for type_ in own.entry.parameters:
        locals_.append(local)
        local += 2 if type_ is Type.VALUE else 1
    if all(own.entry.parameters[i] in _POSSIBLE for i in version.integers):
        unknown = [i for i in version.integers if own.entry.parameters[i] is Type.VALUE]
        for turn, i in enumerate(unknown):
            code.get(locals_[i])
            code.i32(layout.INTEGER)
            code.op("i32.eq")
            if turn:
                code.op("i32.and")
        if not unknown:
            code.i32(1)
        code.if_()
        _go_on(code, version.symbol, own, other, locals_, state)
        code.end()
    for i in range(len(params)):
        code.get(i)
    code.return_call(function.symbol)
    code.op("end")
    return GeneratedFunction(
        choice_symbol(function.symbol), own.signature, bytes(code.buffer), tuple(code.relocations)
    )


def _go_on(code: Code, symbol: str, own: Door, other: Door, locals_: list[int], state: int) -> None:
    """Call the version with the arguments of the function, and return what it returns."""
    if other.entry.captures:
        code.get(0)
    if other.site:
        if own.site:
            code.get(int(own.entry.captures))
        else:
            code.i32(0)
    for i, (have, want) in enumerate(zip(own.entry.parameters, other.entry.parameters, strict=True)):
        _push(code, locals_[i], have, want, len(own.signature.params))
    result, wanted = other.entry.result, own.entry.result
    if result is wanted or (result is None and wanted is Type.VALUE):
        code.return_call(symbol)  # tail calls must not pile up
        return
    code.call(symbol)
    spare = len(own.signature.params)
    if wanted is None or wanted is Type.VALUE:
        if result is not None:
            box_result(code, result, spare)
    elif result is None or result is Type.VALUE:
        _unbox(code, wanted, spare)
    else:
        code.op("unreachable")  # such results never come
    if wanted is None:
        code.i32(0)
        code.i32(1)
        code.store32(state + layout.STATE_RESULT_COUNT)
    code.op("return")


def _push(code: Code, local: int, have: Type, want: Type, spare: int) -> None:
    """An argument as the version takes it: whatever its callers have in common, the function's may have more so."""
    if have is Type.VALUE:
        push_unboxed(code, local, want)
        return
    code.get(local)
    if want is Type.VALUE:
        box_result(code, have, spare)
    elif have is not want:
        code.op("unreachable")  # what decides goes to both, so neither knows another type of it


def _unbox(code: Code, type_: Type, spare: int) -> None:
    """From tag and payload to a result of the type."""
    code.set(spare)
    if type_ is Type.BOOL:
        code.i32(layout.TRUE)
        code.op("i32.eq")
    else:
        code.op("drop")
        code.get(spare)
        narrow_payload(code, type_)
