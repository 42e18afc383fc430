# SPDX-License-Identifier: MIT
"""The short way for encoded values: as `sprint`, for modules without host functions that speak the value ABI.

Arguments are copied in and the result block is copied out through addresses that were checked against the memory's size
and are used before guest code runs again.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from munition.engine.calls import no_room, take_answer, worth_more
from munition.engine.ending import stopped
from munition.engine.guest import INPUT, ValueCall
from munition.engine.outcome import Draft, Outcome
from munition.engine.traps import take_stop
from munition.host.values import decode_finished

if TYPE_CHECKING:
    from munition.engine.shot import Shot
    from munition.host.values import Value

Relay: TypeAlias = Callable[[Sequence[object], ctypes.c_uint64, bool, float], Outcome | None]
"""As `sprint.Sprint`."""


def relay(shot: Shot, call: ValueCall, free: list[Relay]) -> Relay:  # noqa: PLR0915 - flat, so that it is fast
    """A function that fires `call` on `shot`, again and again, and puts itself into `free` each time."""
    quick, loaded = shot.quick, shot.loaded
    store_new, store_context, store_delete = quick.store_new, quick.store_context, quick.store_delete
    limiter, set_fuel, get_fuel = quick.store_limiter, quick.context_set_fuel, quick.context_get_fuel
    set_deadline, instantiate = quick.context_set_epoch_deadline, quick.instance_pre_instantiate
    memory_size, memory_at = quick.memory_data_size, shot.memory_at
    engine, pre, fuel, raw = shot.engine, shot.pre, shot.fuel, shot.raw
    trap: Any = shot.trap  # a null pointer is false
    instance_at, trap_at, fuel_at, fuel_cell = shot.instance_at, shot.trap_at, shot.fuel_at, shot.fuel_cell
    bounds = shot.bounds if loaded.bounded else None
    to_wire, run, answer = call.encode, _runner(shot, call), _reader(shot, call)
    fuel_limit, fired = loaded.plan.limits.fuel, loaded.plan.fired
    ticker = loaded.ticker
    enter, leave = ticker.inflight.add, ticker.inflight.discard

    def fire(args: Sequence[object], ticks: ctypes.c_uint64, retry: bool, started: float) -> Outcome | None:
        store: Any = None
        try:
            encoded = to_wire(args)
            raw[0] = raw[2] = 0
            enter(shot)
            if ticker.asleep:
                ticker.wake()
            store = store_new(engine, None, None)
            pointer = store_context(store)
            if bounds is not None:
                limiter(store, *bounds)
            set_fuel(pointer, fuel)
            set_deadline(pointer, ticks)
            error = instantiate(pre, pointer, instance_at, trap_at)
            running = not (error or trap)
            if running:
                error = run(pointer, encoded)
            if not (error or trap):
                peak = memory_size(pointer, memory_at)
                values = answer(pointer, peak)
                if values is not None:
                    get_fuel(pointer, fuel_at)
                    used = fuel_limit - fuel_cell.value
                    made: Any = Draft(
                        "ok", values, used, True, perf_counter() - started, peak, (), fired, None
                    )
                    made.__class__ = Outcome  # as `outcome` does, without the call
                    return made  # type: ignore[no-any-return]
            elif retry and worth_more(shot):
                return None
            shot.take_over(store, pointer)
            store = None
            return _other_end(shot, call, error or 0, started, running=running)
        finally:
            if store is not None:
                if trap:
                    take_stop(shot, 0)
                store_delete(store)
            leave(shot)
            free.append(fire)

    return fire


def _runner(shot: Shot, call: ValueCall) -> Callable[[Any, bytes], Any]:
    """Calls the entry of an instance with encoded arguments; returns what the engine says, or `_NO_ROOM`."""
    quick, raw = shot.quick, shot.raw
    export_get, call_function = quick.instance_export_get, quick.func_call_unchecked
    memory_size, memory_data, memmove = quick.memory_data_size, quick.memory_data, ctypes.memmove
    trap: Any = shot.trap
    instance_at, extern_at, function_at = shot.instance_at, shot.extern_at, shot.function_at
    raw_at, trap_at = shot.raw_at, shot.trap_at
    memory_extern_at, memory_at = shot.memory_extern_at, shot.memory_at
    name, name_size = call.export, ctypes.c_size_t(len(call.export))
    input_name, input_size = INPUT, ctypes.c_size_t(len(INPUT))
    memory_name = shot.loaded.memory_name
    memory_name_size = ctypes.c_size_t(len(memory_name or b""))
    one, two = ctypes.c_size_t(1), ctypes.c_size_t(2)

    def run(pointer: Any, encoded: bytes) -> Any:
        export_get(pointer, instance_at, memory_name, memory_name_size, memory_extern_at)
        if encoded:
            length = len(encoded)
            raw[0] = length
            export_get(pointer, instance_at, input_name, input_size, extern_at)
            error = call_function(pointer, function_at, raw_at, one, trap_at)
            if error or trap:
                return error
            address = raw[0] & 0xFFFFFFFF
            if not address or address + length > memory_size(pointer, memory_at):
                return _NO_ROOM
            memmove(memory_data(pointer, memory_at) + address, encoded, length)
            raw[0], raw[2] = address, length
        export_get(pointer, instance_at, name, name_size, extern_at)
        return call_function(pointer, function_at, raw_at, two, trap_at)

    return run


def _reader(shot: Shot, call: ValueCall) -> Callable[[Any, int], tuple[Value, ...] | None]:
    """Reads the values after a call, if all is well with the result block; takes the size of the memory."""
    raw, memory_data, memory_at = shot.raw, shot.quick.memory_data, shot.memory_at
    to_values: Callable[[bytes], tuple[Value, ...] | None] = _block if call.raw else decode_finished
    result_limit, string_at = shot.loaded.plan.limits.result, ctypes.string_at

    def answer(pointer: Any, peak: int) -> tuple[Value, ...] | None:
        packed = raw[0]
        address, length = packed & 0xFFFFFFFF, packed >> 32
        if length > result_limit or address + length > peak:
            return None
        return to_values(string_at(memory_data(pointer, memory_at) + address, length))

    return answer


def _other_end(shot: Shot, call: ValueCall, error: int, started: float, *, running: bool) -> Outcome:
    """The outcome of a fire that did not simply end well, whose store the shot has taken over."""
    if error == _NO_ROOM:
        return no_room(shot, started)
    if error or shot.trap.value:
        return stopped(shot, error, started, running=running)
    return take_answer(shot, shot.raw[0] & 0xFFFFFFFF, shot.raw[0] >> 32, started, raw=call.raw)


def _block(block: bytes) -> tuple[Value, ...] | None:
    """As `decode_finished`, for a caller that decodes it elsewhere."""
    return None if block[:1] != b"\0" else (block,)


_NO_ROOM: Final = -1
"""No address of an error."""
