# SPDX-License-Identifier: MIT
"""From what the engine says of a failure to a `Crash`: code, message, frames with names and source lines."""

from __future__ import annotations

import ctypes
from ctypes import addressof
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from munition.engine.capi import ByteVec, PointerVec
from munition.engine.outcome import Frame
from munition.engine.text import tidy

if TYPE_CHECKING:
    from munition.engine.capi import Api
    from munition.engine.shot import Shot

CODES: Final = (
    "stack_overflow",
    "memory_out_of_bounds",
    "heap_misaligned",
    "table_out_of_bounds",
    "indirect_call_to_null",
    "bad_signature",
    "integer_overflow",
    "integer_division_by_zero",
    "bad_conversion_to_integer",
    "unreachable",
    "interrupt",
    "out_of_fuel",
)
MEANINGS: Final = {
    "stack_overflow": "the call stack is used up",
    "memory_out_of_bounds": "it accessed memory outside its bounds",
    "table_out_of_bounds": "it accessed a table outside its bounds",
    "indirect_call_to_null": "it called an empty table element",
    "bad_signature": "it called a function with the wrong type",
    "integer_overflow": "an integer overflowed",
    "integer_division_by_zero": "it divided an integer by zero",
    "bad_conversion_to_integer": "it converted a number that fits no integer",
    "unreachable": "it reached an instruction that must not be reached",
}
_NO_OFFSET: Final = (1 << 64) - 1
_MAX_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Stop:
    """How the engine says a call ended.

    Attributes:
        code: one of `CODES`; None for an error that is no trap.
        message: the engine's text, safe to print.
        frames: WebAssembly frames, innermost first.
    """

    code: str | None
    message: str
    frames: tuple[Frame, ...]


def take_stop(shot: Shot, error: int) -> Stop:
    """Read and free the trap or error a call left behind."""
    api, trap = shot.api, shot.trap.value
    if trap:
        shot.trap.value = None
        code = _code(api, trap)
        stop = Stop(code, tidy(api.trap_text(trap)), _frames(api, api.wasm_trap_trace, trap))
        api.wasm_trap_delete(trap)
        if error:
            api.error_delete(error)
        return stop
    frames = _frames(api, api.error_wasm_trace, error)
    return Stop(None, tidy(api.take_message(error)), frames)


def peek_code(shot: Shot) -> str | None:
    """The code of the trap that is there, without taking it."""
    return _code(shot.api, shot.trap.value) if shot.trap.value else None


def _code(api: Api, trap: int) -> str | None:
    out = ctypes.c_uint8()
    known = api.trap_code(trap, addressof(out)) and out.value < len(CODES)
    return CODES[out.value] if known else None


def _frames(api: Api, trace: object, handle: int) -> tuple[Frame, ...]:
    assert callable(trace)
    out = PointerVec()
    trace(handle, addressof(out))
    frames = tuple(_frame(api, out.data[i]) for i in range(out.size))
    api.wasm_frame_vec_delete(addressof(out))
    return frames


def _frame(api: Api, handle: int) -> Frame:
    offset = api.wasm_frame_module_offset(handle)
    name = None
    at = api.frame_func_name(handle)
    if at:
        vector = ByteVec.from_address(at)
        raw = ctypes.string_at(vector.data, min(vector.size, _MAX_NAME)) if vector.size else b""
        name = tidy(raw.decode("utf-8", "replace"))
    return Frame(api.wasm_frame_func_index(handle), name, None if offset == _NO_OFFSET else offset, None)
