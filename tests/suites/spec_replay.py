# SPDX-License-Identifier: MIT
"""A module with one more export, which makes a sequence of calls with constants and returns the bits of the last results.

A fire has a fresh instance, but asserts of the specification's tests may build on calls made before: here they are made
inside one fire. Also bits that a float of Python cannot hold (a signalling NaN of f32) cross as integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from munition.wasm.leb import signed, unsigned, vector
from munition.wasm.module import Body, Export, Kind, Module
from munition.wasm.types import F32, F64, I32, I64, FuncType, NumType, SubType, ValType
from munition.wasm.writer import write_module

EXPORT: Final = "replay"
NUMBERS: Final = {"i32": 32, "i64": 64, "f32": 32, "f64": 64}
"""Types of values that cross, and their width in bits."""

_REINTERPRET: Final = {F32: (I32, b"\xbc"), F64: (I64, b"\xbd")}
_DROP: Final = b"\x1a"
_END: Final = b"\x0b"


@dataclass(frozen=True, slots=True)
class Constant:
    """A number by its type and bits."""

    type: str
    bits: int


@dataclass(frozen=True, slots=True)
class Action:
    """What a script does to an instance: it calls an export, or reads an exported global (`kind` is `get`)."""

    kind: str
    name: str
    arguments: tuple[Constant, ...]


def with_replay(module: Module, before: list[Action], last: Action, *, results: bool) -> bytes:
    """The module with the export, which does `before` and `last`.

    Args:
        module: it has no export of that name.
        before: done first; what they return is dropped.
        last: done in the end.
        results: whether the bits of its results are returned.

    Raises:
        KeyError: the module has no such export.
    """
    code = b"".join(_do(module, action) + _DROP * len(_results(module, action)) for action in before)
    code += _do(module, last)
    types = _results(module, last)
    returned: list[ValType] = []
    if not results:
        code += _DROP * len(types)
        types = ()
    for index in reversed(range(len(types))):
        code += b"\x21" + unsigned(index)
    for index, type_ in enumerate(types):
        to, how = _REINTERPRET.get(type_, (type_, b"")) if isinstance(type_, NumType) else (type_, b"")
        returned.append(to)
        code += b"\x20" + unsigned(index) + how
    locals_ = vector([unsigned(1) + bytes([t.code]) for t in types if isinstance(t, NumType)])
    return write_module(
        replace(
            module,
            types=(*module.types, SubType(FuncType((), tuple(returned)))),
            functions=(*module.functions, len(module.types)),
            code=(*module.code, Body(locals_ + code + _END)),
            exports=(*module.exports, Export(EXPORT, Kind.FUNCTION, len(module.function_types()))),
        )
    )


def _exported(module: Module, action: Action) -> int:
    kind = Kind.GLOBAL if action.kind == "get" else Kind.FUNCTION
    return {e.name: e.index for e in module.exports if e.kind is kind}[action.name]


def _results(module: Module, action: Action) -> tuple[ValType, ...]:
    index = _exported(module, action)
    if action.kind == "get":
        return (module.globals[index - len(module.imported(Kind.GLOBAL))].type.value,)
    composite = module.types[module.function_types()[index]].composite
    assert isinstance(composite, FuncType)
    return composite.results


def _do(module: Module, action: Action) -> bytes:
    index = unsigned(_exported(module, action))
    if action.kind == "get":
        return b"\x23" + index
    return b"".join(map(_constant, action.arguments)) + b"\x10" + index


def _constant(value: Constant) -> bytes:
    width = NUMBERS[value.type]
    if value.type[0] == "f":
        return (b"\x43" if width == 32 else b"\x44") + value.bits.to_bytes(width // 8, "little")
    number = value.bits - (1 << width) if value.bits >> (width - 1) else value.bits
    return (b"\x41" if width == 32 else b"\x42") + signed(number)
